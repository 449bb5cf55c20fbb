"""A source that nobody knows, mapped by config alone, through the real command line into a real account."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from integration_tests.accounts import Account
from integration_tests.messages import Message, catalog, record, state, stream
from integration_tests.orchestrator import Platform


def fields(**expressions: str) -> list[dict[str, str]]:
    return [{"field": name, "expression": text} for name, text in expressions.items()]


# Nested ids, cents, words of its own for a status, names of countries, epoch and local dates.
OWN: list[dict[str, Any]] = [
    {
        "stream": "crm_parties",
        "entity": "customers",
        "skip_when": "kind == 'test'",
        "fields": fields(id="ids.external", name="concat(' ', first, last)", country="land", email="mails[0].address"),
        "custom_properties": [{"name": "tags", "expression": "tags"}, {"name": "owner", "expression": "owner.name"}],
    },
    {
        "stream": "crm_catalogue",
        "entity": "products",
        "fields": fields(id="sku", name="title"),
    },
    {
        "stream": "crm_catalogue",
        "entity": "plans",
        "for_each": "prices",
        "fields": fields(
            id="concat(':', _record.sku, code)",
            product_id="_record.sku",
            name="concat(' ', _record.title, code)",
            interval='lookup(every, `{"M": "month", "Y": "year"}`)',
            interval_count="`1`",
            amount="money(cents, 'EUR')",
            currency="'EUR'",
        ),
    },
    {
        "stream": "crm_contracts",
        "entity": "subscriptions",
        "fields": fields(
            id="no",
            customer_id="party.ids.external",
            plan_id="concat(':', sku, price)",
            status='lookup(lower(zustand), `{"läuft": "active", "beendet": "canceled"}`)',
            start_date="parse_time(beginn, '%d.%m.%Y')",
            end_date="ende",
        ),
    },
    {
        "stream": "crm_bills",
        "entity": "invoices",
        "fields": fields(
            id="no",
            customer_id="party",
            date="local_time(issued, 'Europe/Berlin')",
            due_date="add_days(local_time(issued, 'Europe/Berlin'), `30`)",
            status="when(settled, 'paid', 'open')",
            currency="upper(cur)",
            amount="money(sum(rows[].net), cur)",
        ),
    },
    {
        "stream": "crm_bills",
        "entity": "invoice_lines",
        "for_each": "rows",
        "fields": fields(
            id="concat('-', _record.no, _index)",
            invoice_id="_record.no",
            subscription_id="contract",
            price_id="when(contract, concat(':', sku, price))",
            type="when(contract, 'subscription', 'one_off')",
            currency="_record.cur",
            amount_excluding_tax_after_discount="money(net, _record.cur)",
            period_start="from",
            period_end="to",
        ),
    },
    {"stream": "crm_log", "ignore": True},
]

STREAMS = {
    "crm_parties": ["ids", "first", "last", "land", "mails", "tags", "owner", "kind"],
    "crm_catalogue": ["sku", "title", "prices"],
    "crm_contracts": ["no", "party", "sku", "price", "zustand", "beginn", "ende"],
    "crm_bills": ["no", "party", "issued", "settled", "cur", "rows"],
    "crm_log": ["message"],
    "crm_unknown": ["x"],
}
CATALOG = catalog(*(stream(name, *columns) for name, columns in STREAMS.items()))

BILL = {
    "no": "R-1",
    "party": "P-1",
    "issued": "2026-01-01 00:30:00",
    "settled": True,
    "cur": "EUR",
    "rows": [
        {"contract": 7, "sku": "S", "price": "m", "net": 4900, "from": 1767225600, "to": 1769904000},
        {"contract": None, "net": "1050"},
    ],
}
RECORDS: list[Message] = [
    record("crm_bills", BILL),
    record("crm_contracts", {
        "no": 7, "party": {"ids": {"external": "P-1"}}, "sku": "S", "price": "m", "zustand": "Läuft",
        "beginn": "01.12.2025", "ende": None,
    }),
    record("crm_log", {"message": "PRIVATE"}),
    record("crm_catalogue", {"sku": "S", "title": "Suite", "prices": [
        {"code": "m", "every": "M", "cents": 4900}, {"code": "y", "every": "Y", "cents": 49000}]}),
    record("crm_parties", {
        "ids": {"external": "P-1", "internal": 9}, "first": "PRIVATE", "last": "Person", "land": "Deutschland",
        "mails": [{"address": "private@example.com"}], "tags": ["a", "b"], "owner": {"name": "Sam"}, "kind": "real",
    }),
    record("crm_parties", {"ids": {"external": "P-2"}, "first": "PRIVATE", "kind": "test"}),
]  # fmt: skip


def test_given_an_unknown_source_when_mapped_by_config_then_all_of_it_is_in_the_account(
    platform: Platform, account: Account
) -> None:
    states = [state(name, {"cursor": 1}) for name in STREAMS]
    seen = platform.sync(account.config(streams=OWN), CATALOG, *RECORDS, *states)
    assert seen.good
    assert account.get("customers", "P-1") == {
        "id": "P-1", "name": "PRIVATE Person", "country": "DE", "email": "private@example.com",
        "custom_properties": {"tags": '["a","b"]', "owner": "Sam"},
    }  # fmt: skip
    assert account.get("customers", "P-2") is None
    assert account.get("products", "S") == {"id": "S", "name": "Suite"}
    assert account.get("plans", "S:y") == {
        "id": "S:y", "product_id": "S", "name": "Suite y", "interval": "year", "interval_count": 1, "amount": 490,
        "currency": "EUR",
    }  # fmt: skip
    assert account.get("subscriptions", "7") == {
        "id": "7", "customer_id": "P-1", "plan_id": "S:m", "status": "active", "start_date": "2025-12-01",
    }  # fmt: skip
    assert account.get("invoices", "R-1") == {
        "id": "R-1", "customer_id": "P-1", "date": "2025-12-31T23:30:00Z", "due_date": "2026-01-30T23:30:00Z",
        "status": "paid", "currency": "EUR", "amount": Decimal("59.5"),
    }  # fmt: skip
    assert account.get("invoice_lines", "R-1-0") == {
        "id": "R-1-0", "invoice_id": "R-1", "subscription_id": "7", "price_id": "S:m", "type": "subscription",
        "currency": "EUR", "amount_excluding_tax_after_discount": 49, "period_start": "2026-01-01T00:00:00Z",
        "period_end": "2026-02-01T00:00:00Z",
    }  # fmt: skip
    assert account.get("invoice_lines", "R-1-1") == {
        "id": "R-1-1", "invoice_id": "R-1", "type": "one_off", "currency": "EUR",
        "amount_excluding_tax_after_discount": Decimal("10.5"),
    }  # fmt: skip
    assert [code for code, _ in seen.reasons("skipped")] == ["stream_ignored", "left_out"]
    log = "\n".join(seen.logs)
    assert "Stream crm_log is ignored: the mapping in the settings says so." in log
    assert "Stream crm_unknown is ignored: the settings say nothing of it." in log


def test_given_the_same_again_when_mapped_by_config_then_nothing_changes(platform: Platform, account: Account) -> None:
    entities = ("customers", "products", "plans", "subscriptions", "invoices", "invoice_lines")
    before = {entity: account.objects(entity) for entity in entities}
    assert before["invoices"]
    assert platform.sync(account.config(streams=OWN), CATALOG, *RECORDS).good
    assert {entity: account.objects(entity) for entity in entities} == before


def test_given_a_record_that_does_not_fit_when_mapped_by_config_then_it_is_rejected_with_field_and_reason(
    platform: Platform, account: Account
) -> None:
    contract = {"party": {"ids": {"external": "P-1"}}, "zustand": "läuft", "beginn": "01.12.2025"}
    wrong = [
        record("crm_contracts", {**contract, "no": 8, "zustand": "PRIVATE word"}),
        record("crm_contracts", {**contract, "no": 9, "beginn": "2025/12"}),
        record("crm_bills", {**BILL, "no": "R-2", "cur": "PRIVATE"}),
    ]  # fmt: skip
    seen = platform.sync(account.config(streams=OWN), CATALOG, *wrong)
    assert "Nothing of this sync came through" in seen.failure[1]
    said = {(one["code"], one["where"], one["field"], *one["text"].split(" (")) for one in seen.summary["reasons"]}
    assert {
        (
            "unknown_value",
            "subscriptions",
            "status",
            "has a value that the mapping doesn't know",
            "column zustand: a text)",
        ),
        ("invalid_value", "subscriptions", "start_date", "does not fit the format %d.%m.%Y", "column beginn: a text)"),
        (
            "invalid_field",
            "invoices",
            "currency",
            "must be an ISO 4217 currency code such as EUR",
            "column cur: a text)",
        ),
    } <= said


MISTAKE = [OWN[0], {"stream": "crm_bills", "entity": "invoices", "fields": fields(id="no", date="lower(", amount="x")}]


@pytest.mark.parametrize("command", ["check", "write"])
def test_given_a_mistake_in_the_mapping_when_checked_or_synced_then_its_place_is_told_and_nothing_is_sent(
    platform: Platform, account: Account, command: str
) -> None:
    before = len(account.requests())
    config = account.config(streams=MISTAKE)
    if command == "check":
        (status,) = platform.check(config).statuses
        kind, said = status["status"], status["message"]
    else:
        kind, said = platform.sync(config, CATALOG, *RECORDS).failure
    assert kind in ("FAILED", "config_error")
    assert "streams[1].fields[1]: is not a JMESPath expression" in said
    assert account.requests(before) == []


def test_given_columns_that_are_not_there_when_synced_then_the_log_says_so(
    platform: Platform, account: Account
) -> None:
    own = [{"stream": "crm_parties", "entity": "customers", "fields": fields(id="ids.external", name="full_name")}]
    seen = platform.sync(account.config(streams=[*own, {"stream": "elsewhere", "ignore": True}]), CATALOG)
    log = "\n".join(seen.logs)
    assert "streams[0].fields[1]: the catalog has no column full_name in stream crm_parties" in log
    assert "streams[1]: the connection has no stream elsewhere" in log


def test_given_a_mapping_that_never_gives_what_is_required_when_an_object_is_new_then_it_is_only_looked_for(
    platform: Platform, account: Account
) -> None:
    own = {"stream": "bills", "entity": "invoices", "fields": fields(id="no", number="ref")}
    account.given("customers", {"id": "ng-c", "name": "Acme"})
    bill = {"id": "ng-old", "customer_id": "ng-c", "date": "2026-01-01", "status": "open", "currency": "EUR"}
    account.given("invoices", {**bill, "amount": 1})
    bills = [record("bills", {"no": f"ng-{name}", "ref": "R1"}) for name in ("new", "old")]
    seen = platform.sync(account.config(streams=[own]), catalog(stream("bills", "no", "ref")), *bills)
    assert seen.good, [str(one) for one in seen.errors]
    assert seen.outcomes("bills") == {"sent": 1, "rejected": 1}
    ((code, said),) = seen.reasons("rejected")
    assert code == "missing_object"
    assert "customer_id, date, status, currency, amount" in said
    assert account.requests_about("ng-new") == [("GET", 404)]
    assert account.objects("invoices")["ng-old"]["number"] == "R1"
