"""The engine end to end, with tables in Fincome's own shape: order, parents, versions, enrichment."""

from __future__ import annotations

from integration_tests.accounts import Account
from integration_tests.messages import (
    CUSTOMERS,
    INVOICES,
    LINES,
    catalog,
    customer,
    invoice,
    invoice_body,
    line,
    record,
    state,
    stream,
)
from integration_tests.orchestrator import Platform

ALL = catalog(
    CUSTOMERS,
    INVOICES,
    LINES,
    stream("products", "id", "name"),
    stream("plans", "id", "product_id", "name"),
    stream("subscriptions", "id", "customer_id", "plan_id", "status", "start_date"),
    stream("credit_notes", "id", "invoice_id", "date", "currency", "amount", "lines"),
)


def created(account: Account, *ids: str) -> list[str]:
    """These objects in the order in which they were created."""
    return [one["id"] for one in account.requests() if one["id"] in ids and one["status"] == 201]


def test_given_children_first_when_synced_then_each_goes_after_its_parents(
    platform: Platform, account: Account
) -> None:
    period = {"type": "subscription", "period_start": "2026-01-01", "period_end": "2026-02-01"}
    credit = {"id": "o-cn", "invoice_id": "o-in", "date": "2026-02-01", "currency": "EUR", "amount": 1}
    seen = platform.sync(
        account.config(),
        ALL,
        record("credit_notes", {**credit, "lines": [{"id": "o-cl", "invoice_line_id": "o-il", "amount": 1}]}),
        state("credit_notes", {"cursor": 1}),
        line("o-il", "o-in", subscription_id="o-sub", price_id="o-plan", **period),
        invoice("o-in", "o-child", subscription_id="o-sub"),
        state("invoices", {"cursor": 1}),
        record(
            "subscriptions",
            {
                "id": "o-sub",
                "customer_id": "o-child",
                "plan_id": "o-plan",
                "status": "active",
                "start_date": "2026-01-01",
            },
        ),
        customer("o-child", root_parent_id="o-root"),
        customer("o-root"),
        record("plans", {"id": "o-plan", "product_id": "o-prod", "name": "PRIVATE"}),
        record("products", {"id": "o-prod", "name": "PRIVATE"}),
    )
    assert seen.good
    order = created(account, "o-prod", "o-plan", "o-root", "o-child", "o-sub", "o-in", "o-il", "o-cn")
    for parent, child in [
        ("o-prod", "o-plan"),
        ("o-root", "o-child"),
        ("o-child", "o-sub"),
        ("o-plan", "o-sub"),
        ("o-sub", "o-in"),
        ("o-in", "o-il"),
        ("o-il", "o-cn"),
    ]:
        assert order.index(parent) < order.index(child)
    assert len(order) == 8
    assert {name: row["sent"] for row in seen.summary["streams"] if row["received"] for name in [row["stream"]]} == {
        "customers": 2,
        "invoices": 1,
        "invoice_lines": 1,
        "products": 1,
        "plans": 1,
        "subscriptions": 1,
        "credit_notes": 1,
    }


def test_given_a_customer_that_only_fincome_has_when_its_invoice_comes_then_it_is_sent(
    platform: Platform, account: Account
) -> None:
    account.given("customers", {"id": "old-ada", "name": "Ada"})
    seen = platform.sync(
        account.config(), ALL, invoice("old-1", "old-ada"), invoice("old-2", "old-ada"), state("invoices", None)
    )
    assert seen.outcomes("invoices") == {"sent": 2}
    assert account.requests_about("old-ada").count(("GET", 200)) == 1
    assert account.requests_about("old-1") == [("POST", 201)]


def test_given_a_parent_that_comes_late_when_patience_is_short_then_it_is_looked_up_while_the_source_goes_on(
    platform: Platform, account: Account
) -> None:
    account.given("customers", {"id": "late-ada", "name": "Ada"})
    with platform.started(account.config(parent_wait_seconds=0), ALL) as live:
        live.send(invoice("late-1", "late-ada"), state("invoices", {"cursor": 1}))
        live.wait_until(lambda seen: len(seen.states) == 1)
        live.send(invoice("late-2", "late-bob"), state("invoices", {"cursor": 2}), customer("late-bob"))
        live.wait_until(lambda seen: len(seen.states) == 2)
        live.end_input()
        seen = live.finish()
    assert seen.outcomes("invoices") == {"sent": 2}


def test_given_a_customer_that_exists_nowhere_when_synced_then_the_reason_names_it(
    platform: Platform, account: Account
) -> None:
    seen = platform.sync(
        account.config(),
        ALL,
        line("lost-il", "lost-1"),
        invoice("lost-1", "lost-cus"),
        customer("lost-ada"),
        state("invoices", {"cursor": 1}),
    )
    assert seen.good
    assert seen.outcomes("invoices") == {"rejected": 1}
    assert seen.outcomes("invoice_lines") == {"rejected": 1}
    assert seen.outcomes("customers") == {"sent": 1}
    assert seen.counts() == [(0.0, 1.0)]
    assert set(seen.reasons("rejected")) == {
        ("missing_reference", "the customer it refers to is neither in this sync nor in Fincome"),
        ("parent_rejected", "the invoice it refers to was itself rejected"),
    }
    examples = {reason["example"] for reason in seen.summary["reasons"]}
    assert examples == {
        "lost-1 of stream invoices, customer lost-cus",
        "lost-il of stream invoice_lines, invoice lost-1",
    }
    # It might have been there before, so its line asks for it; it is never sent itself.
    assert account.requests_about("lost-1") == [("GET", 404)]


def test_given_no_stream_of_customers_when_fincome_doesnt_know_one_then_its_refusal_is_the_reason(
    platform: Platform, account: Account
) -> None:
    account.given("customers", {"id": "alone-ada", "name": "Ada"})
    seen = platform.sync(
        account.config(),
        catalog(INVOICES),
        invoice("alone-1", "alone-ada"),
        invoice("alone-2", "alone-nobody"),
        state("invoices", {"cursor": 1}),
    )
    assert seen.outcomes("invoices") == {"sent": 1, "rejected": 1}
    ((code, _),) = seen.reasons("rejected")
    assert code == "missing_reference"
    assert len(account.requests_about("alone-2")) <= 6


def test_given_customers_that_refer_to_each_other_when_synced_then_all_references_are_set(
    platform: Platform, account: Account
) -> None:
    seen = platform.sync(
        account.config(),
        ALL,
        customer("ring-a", root_parent_id="ring-b"),
        customer("ring-b", root_parent_id="ring-a"),
        customer("ring-own", root_parent_id="ring-own"),
        customer("ring-leaf", root_parent_id="ring-own"),
        invoice("ring-1", "ring-a"),
        state("customers", {"cursor": 1}),
        state("invoices", {"cursor": 1}),
    )
    assert seen.good
    assert seen.outcomes("customers") == {"sent": 4}
    assert seen.outcomes("invoices") == {"sent": 1}
    customers = account.objects("customers")
    assert {name: customers[f"ring-{name}"].get("root_parent_id") for name in ("a", "b", "own", "leaf")} == {
        "a": "ring-b",
        "b": "ring-a",
        "own": None,
        "leaf": "ring-own",
    }
    assert account.summary()["orphans"] == 0


def test_given_an_older_version_after_a_newer_one_when_synced_then_the_newer_one_stays(
    platform: Platform, account: Account
) -> None:
    by_cursor = catalog({**CUSTOMERS, "cursor_field": ["updated_at"]}, INVOICES)
    with platform.started(account.config(unmapped_fields="ignore"), by_cursor) as live:
        live.send(
            customer("v-ada", country="FR", updated_at="2026-03-01T00:00:00Z"),
            customer("v-ada", country="DE", updated_at="2026-01-01T00:00:00+00:00"),
            state("customers", {"cursor": 1}),
        )
        live.wait_until(lambda seen: len(seen.states) == 1)
        # It comes late: what is newer was delivered long ago.
        live.send(
            customer("v-ada", country="IT", updated_at="2026-02-28T23:59:59Z"),
            customer("v-bob", country="IT", updated_at="2026-01-01T00:00:00Z"),
            customer("v-bob", country="ES", updated_at="2026-01-02T00:00:00Z"),
            state("customers", {"cursor": 2}),
        )
        live.end_input()
        seen = live.finish()
    assert [account.objects("customers")[name]["country"] for name in ("v-ada", "v-bob")] == ["FR", "ES"]
    assert seen.outcomes("customers")["skipped"] >= 2
    assert seen.counts() == [(2.0, 0.0), (3.0, 0.0)]
    assert {code for code, _ in seen.reasons("skipped")} == {"superseded"}


def test_given_the_same_record_again_when_synced_then_it_is_unchanged_and_not_sent_twice(
    platform: Platform, account: Account
) -> None:
    with platform.started(account.config(), ALL) as live:
        live.send(customer("twice-ada"), customer("twice-ada"), state("customers", {"cursor": 1}))
        live.wait_until(lambda seen: len(seen.states) == 1)
        live.send(customer("twice-ada"), state("customers", {"cursor": 2}))
        live.end_input()
        seen = live.finish()
    assert seen.outcomes("customers") == {"sent": 1, "unchanged": 2}
    assert account.requests_about("twice-ada") == [("POST", 201)]


def test_given_attributes_alone_when_synced_then_they_are_added_and_nothing_else_changes(
    platform: Platform, account: Account
) -> None:
    """Enrichment of what a native connector loads: other fields stay."""
    account.given(
        "customers",
        {"id": "rich-ada", "name": "Ada", "email": "ada@example.com", "custom_properties": {"a": 1, "b": "x"}},
        {"id": "rich-bob", "name": "Bob", "email": "bob@example.com"},
    )
    seen = platform.sync(
        account.config(source="fincome"),
        catalog(stream("customers", "id", "segment", "b")),
        record("customers", {"id": "rich-ada", "segment": "PRIVATE gold", "b": "y"}),
        record("customers", {"id": "rich-bob", "segment": "PRIVATE tin"}),
        record("customers", {"id": "rich-nobody", "segment": "PRIVATE tin"}),
        state("customers", {"cursor": 1}),
    )
    assert seen.outcomes("customers") == {"sent": 2, "rejected": 1}
    customers = account.objects("customers")
    assert customers["rich-ada"] == {
        "id": "rich-ada",
        "name": "Ada",
        "email": "ada@example.com",
        "custom_properties": {"a": 1, "b": "y", "segment": "PRIVATE gold"},
    }
    assert customers["rich-bob"] == {
        "id": "rich-bob",
        "name": "Bob",
        "email": "bob@example.com",
        "custom_properties": {"segment": "PRIVATE tin"},
    }
    assert "rich-nobody" not in customers
    ((code, text),) = seen.reasons("rejected")
    assert code == "missing_object"
    assert "customer" in text


def test_given_an_invoice_that_became_paid_when_synced_again_then_it_is_updated(
    platform: Platform, account: Account
) -> None:
    account.given("customers", {"id": "paid-ada", "name": "Ada"})
    account.given("invoices", {**invoice_body("paid-1", "paid-ada", status="open"), "amount": 12.5})
    seen = platform.sync(account.config(), ALL, invoice("paid-1", "paid-ada", status="paid"), state("invoices", None))
    assert seen.outcomes("invoices") == {"sent": 1}
    assert account.requests_about("paid-1") == [("POST", 201), ("POST", 409), ("PATCH", 202)]
    assert account.objects("invoices")["paid-1"]["status"] == "paid"
