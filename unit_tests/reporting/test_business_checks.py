"""Business checks: what they find, what they must not find, and that only the newest versions count."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from destination_fincome.codes import Code
from destination_fincome.fincome.contract import load_contract
from destination_fincome.outcomes import Outcome
from destination_fincome.reporting.business_checks import Checks, Finding
from unit_tests.reporting.brought import Brought, One

ALL = frozenset(load_contract().entities)
_NUMBER = count(1)


def invoice(identity: str = "in", **fields: Any) -> One:
    body = {"id": identity, "customer_id": "c", "date": "2026-01-01", "status": "paid", "currency": "EUR", "amount": 10}
    return One("invoices", {**body, **fields})


def one_off(invoice_id: str = "in", **fields: Any) -> One:
    body = {"id": f"il-{next(_NUMBER)}", "invoice_id": invoice_id, "type": "one_off", "currency": "EUR",
            "amount_excluding_tax_after_discount": 10}  # fmt: skip
    return One("invoice_lines", {**body, **fields})


def charge(starts: str, ends: str, amount: Any = 10, **fields: Any) -> One:
    """A line of a subscription; its invoice is one of its own."""
    body = {"type": "subscription", "subscription_id": "sub", "price_id": "p", "period_start": starts,
            "period_end": ends, "amount_excluding_tax_after_discount": amount}  # fmt: skip
    return one_off(**{"invoice_id": f"in-{next(_NUMBER)}", **body, **fields})


@pytest.fixture
def brought(tmp_path: Any) -> Iterator[Brought]:
    found = Brought(str(tmp_path))
    yield found
    found.close()


def found_in(brought: Brought, fed: frozenset[str] = ALL) -> list[Finding]:
    return list(Checks(brought.book, fed).findings())


def findings(brought: Brought, *ones: One, fed: frozenset[str] = ALL) -> dict[str, tuple[int, str]]:
    for one in ones:
        brought.see(one)
    return {finding.code: (finding.count, finding.example) for finding in found_in(brought, fed)}


def overlaps(brought: Brought, *ones: One) -> int:
    return findings(brought, *ones).get("overlapping_periods", (0, ""))[0]


def test_good_invoices_give_no_finding(brought: Brought) -> None:
    assert findings(
        brought,
        invoice("a", amount="12.50"), one_off("a", amount_excluding_tax_after_discount="15"),
        one_off("a", amount_excluding_tax_after_discount="-2.5"),
        invoice("b", amount=0),
        invoice("c"), charge("2026-01-01", "2026-02-01", invoice_id="c"),
    ) == {}  # fmt: skip


def test_an_invoice_without_lines(brought: Brought) -> None:
    assert findings(brought, invoice("a"), invoice("b"), one_off("a"), invoice("c", amount=0)) == {
        "invoice_without_lines": (1, "invoice b")
    }


@pytest.mark.parametrize("fed", [ALL - {"invoice_lines"}, ALL - {"invoices"}])
def test_nothing_is_missed_that_the_connection_does_not_bring(brought: Brought, fed: frozenset[str]) -> None:
    assert findings(brought, invoice("a"), invoice("b", amount=3), one_off("b"), fed=fed) == {}


@pytest.mark.parametrize(
    ("amount", "lines", "differs"),
    [
        ("10", ["10"], False),
        ("10", ["9.99"], True),
        ("10", ["3.3333", "3.3333", "3.3334"], False),
        ("10", ["9.998"], False),
        ("-5", ["5", "-10"], False),
        ("-5", ["5"], True),
        ("123456789012.34", ["123456789012.34"], False),
        ("0", ["10"], True),
        # Beyond all sense: not judged.
        ("1" + "0" * 20, ["10"], False),
        ("10", ["1" + "0" * 20], False),
    ],
)
def test_lines_that_add_up_to_another_amount(brought: Brought, amount: str, lines: list[str], differs: bool) -> None:
    facts = [one_off("a", amount_excluding_tax_after_discount=line) for line in lines]
    assert ("lines_differ_from_invoice" in findings(brought, invoice("a", amount=amount), *facts)) is differs


@pytest.mark.parametrize(("amount", "lines", "differs"), [
    ("15", [{"amount": "10"}], True),
    ("15", [{"amount": "10"}, {"amount": "8", "discount_amount": "3"}], False),
    ("15", [{"amount": "15.004"}], False),
    ("15", [], False),
    ("15", None, False),
])  # fmt: skip
def test_a_credit_note_whose_lines_add_up_to_another_amount(
    brought: Brought, amount: str, lines: list[dict[str, str]] | None, differs: bool
) -> None:
    own = None if lines is None else [{"id": f"l{number}", **line} for number, line in enumerate(lines)]
    body = {"id": "cn", "invoice_id": "in", "date": "2026-01-01", "currency": "EUR", "amount": amount, "lines": own}
    found = findings(brought, One("credit_notes", body))
    assert found == ({"lines_differ_from_invoice": (1, "credit note cn")} if differs else {})


def credit(identity: str, invoice_id: str = "in", **fields: Any) -> One:
    body = {"id": identity, "invoice_id": invoice_id, "date": "2026-01-01", "currency": "EUR", "amount": 6}
    return One("credit_notes", {**body, **fields})


@pytest.mark.parametrize(
    ("amounts", "told"), [((6, 4), 0), ((6, Decimal("4.05")), 0), ((6, Decimal("4.06")), 1), ((11,), 1)]
)
def test_credits_of_more_than_their_invoice(brought: Brought, amounts: tuple[Any, ...], told: int) -> None:
    credits = [credit(f"cn-{place}", amount=amount) for place, amount in enumerate(amounts)]
    found = findings(brought, invoice(), one_off(), invoice("other"), *credits, credit("x", "elsewhere", amount=99))
    assert found.get("credits_exceed_invoice") == ((1, "invoice in") if told else None)


def test_a_credit_note_in_another_currency_than_its_invoice(brought: Brought) -> None:
    found = findings(
        brought, invoice(), credit("cn-1", currency="USD"), credit("cn-2"), credit("x", "else", currency="USD")
    )
    assert found["currency_differs"] == (1, "credit note cn-1")


def test_a_line_in_another_currency_than_its_invoice(brought: Brought) -> None:
    found = findings(brought, invoice("a"), one_off("a", id="x", currency="USD"), one_off("elsewhere", currency="USD"))
    assert found["currency_differs"] == (1, "invoice line x")


def test_a_subscription_line_that_names_no_subscription(brought: Brought) -> None:
    found = findings(brought, charge("2026-01-01", "2026-02-01", subscription_id=None, id="x"))
    assert found["line_without_subscription"] == (1, "invoice line x")


# --- overlapping periods


def test_periods_that_follow_each_other_do_not_overlap(brought: Brought) -> None:
    assert overlaps(brought, charge("2026-01-01", "2026-02-01"), charge("2026-02-01", "2026-03-01")) == 0


def test_a_gap_is_no_overlap(brought: Brought) -> None:
    assert overlaps(brought, charge("2026-01-01", "2026-02-01"), charge("2026-04-01", "2026-05-01")) == 0


def test_two_charges_of_one_price_for_the_same_time_overlap_and_the_later_one_is_named(brought: Brought) -> None:
    found = findings(
        brought, charge("2026-01-15", "2026-02-15", id="late"), charge("2026-01-01", "2026-02-01", id="early")
    )
    assert found["overlapping_periods"] == (1, "invoice line late")


@pytest.mark.parametrize("fields", [{"price_id": "other"}, {"subscription_id": "other"}, {"price_id": None}])
def test_other_prices_and_subscriptions_may_run_at_the_same_time(brought: Brought, fields: dict[str, Any]) -> None:
    assert overlaps(brought, charge("2026-01-01", "2026-02-01"), charge("2026-01-01", "2026-02-01", **fields)) == 0


@pytest.mark.parametrize(("credit", "rest"), [("in-a", "in-a"), ("in-a", "in-b")])
def test_a_change_in_mid_period_with_its_credit_does_not_overlap(brought: Brought, credit: str, rest: str) -> None:
    assert overlaps(
        brought,
        charge("2026-01-01", "2026-02-01", 10),
        charge("2026-01-15", "2026-02-01", -5, invoice_id=credit),
        charge("2026-01-15", "2026-02-01", 15, invoice_id=rest),
        charge("2026-02-01", "2026-03-01", 30, invoice_id=rest),
    ) == 0  # fmt: skip


def test_tiers_of_one_invoice_are_one_charge(brought: Brought) -> None:
    same = {"invoice_id": "in"}
    tiers = charge("2026-01-01", "2026-02-01", 5, **same), charge("2026-01-01", "2026-02-01", 3, **same)
    assert overlaps(brought, *tiers) == 0


def test_the_same_period_billed_by_two_invoices_overlaps(brought: Brought) -> None:
    assert overlaps(brought, charge("2026-01-01", "2026-02-01"), charge("2026-01-01", "2026-02-01")) == 1


def test_free_periods_do_not_overlap(brought: Brought) -> None:
    assert overlaps(brought, charge("2026-01-01", "2026-03-01", 0), charge("2026-02-01", "2026-03-01")) == 0


def test_each_subscription_counts_once(brought: Brought) -> None:
    lines = [charge("2026-01-01", "2027-01-01", subscription_id=name) for name in "abc" for _ in range(5)]
    assert overlaps(brought, *lines) == 3


def charges_at(lines: list[tuple[int, int]], moment: int) -> int:
    return sum(starts <= moment < ends for starts, ends in lines)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 20), st.integers(1, 9)).map(lambda x: (x[0], x[0] + x[1])), max_size=8))
def test_overlaps_are_found_exactly_where_two_charges_run_at_some_time(lines: list[tuple[int, int]]) -> None:
    brought = Brought()
    try:
        given_lines = [charge(f"2026-01-{a:02}", f"2026-01-{b:02}") for a, b in lines]
        expected = any(charges_at(lines, moment) > 1 for moment in range(32))
        assert bool(overlaps(brought, *given_lines)) is expected
    finally:
        brought.close()


# --- versions


@pytest.mark.parametrize("between", [0, 3000])
def test_only_the_newest_version_counts(brought: Brought, between: int) -> None:
    brought.see(invoice("a", amount=99))
    brought.see(one_off("a", id="x", currency="USD"))
    for _ in range(between):
        brought.see(one_off("elsewhere"))
    assert findings(brought, invoice("a"), one_off("a", id="x")) == {}


@pytest.mark.parametrize("between", [0, 3000])
def test_what_is_not_sent_after_all_does_not_count(brought: Brought, between: int) -> None:
    brought.see(invoice("a"))
    brought.see(invoice("b"))
    brought.see(one_off("b", id="x", currency="USD"))
    for _ in range(between):
        brought.see(one_off("elsewhere"))
    brought.end("invoices", "a", Outcome.REJECTED)
    brought.end("invoices", "b", Outcome.SKIPPED)
    brought.end("invoice_lines", "x", Outcome.SKIPPED)
    assert found_in(brought) == []


def test_many_are_counted(brought: Brought) -> None:
    for number in range(5000):
        brought.see(invoice(f"in-{number}", amount=Decimal(number)))
        if number % 10:
            brought.see(one_off(f"in-{number}", amount_excluding_tax_after_discount=number))
    (finding,) = found_in(brought)
    assert (finding.code, finding.count, finding.example) == (Code.INVOICE_WITHOUT_LINES, 499, "invoice in-10")


def test_nothing_is_left_in_the_folder(tmp_path: Any) -> None:
    brought = Brought(str(tmp_path))
    brought.see(invoice())
    assert list(tmp_path.iterdir()) == []
    brought.close()


def test_dates_and_date_times_are_compared(brought: Brought) -> None:
    first = charge("2026-01-01", "2026-02-01")
    assert overlaps(brought, first, charge("2026-02-01T00:00:00Z", "2026-03-01")) == 0
    assert overlaps(brought, first, charge("2026-01-31T23:59:59Z", "2026-03-01")) == 1


def inclusive(brought: Brought, *ones: One) -> tuple[int, str] | None:
    return findings(brought, *ones).get("inclusive_ends")


@pytest.mark.parametrize(
    "periods",
    [
        [("2026-01-01", "2026-01-31"), ("2026-02-01", "2026-02-28"), ("2026-03-01", "2026-03-31")],
        [("2026-01-15", "2026-02-14"), ("2026-02-15", "2026-03-14"), ("2026-03-15", "2026-04-14")],
        [("2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z")],
        [("2025-12-31T23:00:00Z", "2026-01-30T23:00:00Z"), ("2026-01-31T23:00:00Z", "2026-02-27T23:00:00Z")],
        [("2026-01-05", "2026-02-04T23:59:59Z"), ("2026-02-05", "2026-03-04T23:59:59.999Z")],
        [("2026-01-01", "2026-12-31T23:59:00Z")],
    ],
)
def test_given_periods_that_end_on_their_last_day_then_that_is_told(brought: Brought, periods: list[Any]) -> None:
    found = inclusive(brought, *(charge(starts, ends) for starts, ends in periods))
    assert found is not None
    assert found[1].startswith("invoice line il-")


@pytest.mark.parametrize(
    "periods",
    [
        [("2026-01-01", "2026-02-01"), ("2026-02-01", "2026-03-01"), ("2026-03-01", "2026-04-01")],
        [("2026-01-15", "2026-02-15"), ("2026-02-15", "2026-03-15")],
        # A change on the last of a month, and a day without service, among others.
        [("2026-01-01", "2026-01-31"), ("2026-01-31", "2026-02-28"), ("2026-02-28", "2026-03-28")],
        [("2026-01-05", "2026-02-05"), ("2026-02-06", "2026-03-06"), ("2026-03-06", "2026-04-06")],
        [("2026-01-05", "2026-02-05"), ("2026-02-05", "2026-03-05"), ("2026-05-05", "2026-06-05")],
    ],
)
def test_given_other_periods_then_nothing_is_told(brought: Brought, periods: list[Any]) -> None:
    assert inclusive(brought, *(charge(starts, ends) for starts, ends in periods)) is None


@pytest.mark.parametrize(
    "ends", ["9999-12-31", "9999-12-31T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999Z", "2046-12-31"]
)
def test_given_a_line_without_a_real_end_then_that_is_told_and_nothing_of_its_last_day(
    brought: Brought, ends: str
) -> None:
    following = [charge("2026-02-01", "2026-03-01"), charge("2026-03-01", "2026-04-01")]
    found = findings(brought, charge("2025-01-01", ends), *following)
    assert found["endless_period"][0] == 1
    assert "inclusive_ends" not in found


def test_given_a_line_that_is_prepaid_for_many_years_then_it_is_no_endless_one(brought: Brought) -> None:
    assert "endless_period" not in findings(brought, charge("2026-01-01", "2046-01-01"))


def test_given_subscriptions_side_by_side_then_their_periods_are_not_taken_for_one_anothers(brought: Brought) -> None:
    ones = [charge("2026-01-05", "2026-02-05", subscription_id="a"), charge("2026-02-06", "2026-03-06")]
    assert inclusive(brought, *ones) is None


def test_given_a_line_in_another_currency_than_its_subscription_then_that_is_told(brought: Brought) -> None:
    body = {"id": "sub", "customer_id": "c", "status": "active", "start_date": "2026-01-01", "currency": "USD"}
    line = charge("2026-01-01", "2026-02-01", id="il-x")
    assert findings(brought, One("subscriptions", body), line)["currency_differs"] == (1, "invoice line il-x")


def test_given_many_lines_of_subscriptions_of_which_none_recurs_then_that_is_told(brought: Brought) -> None:
    lines = [one_off(subscription_id=f"sub-{number}") for number in range(20)]
    assert findings(brought, *lines)["nothing_recurs"][0] == 20


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(charge("2026-01-01", "2026-02-01"), id="one_recurs"),
        pytest.param(one_off(), id="one_names_no_subscription"),
        pytest.param(one_off(subscription_id="sub", amount_excluding_tax_after_discount=0), id="one_is_free"),
    ],
)
def test_given_few_one_off_lines_of_subscriptions_or_one_that_recurs_then_nothing_is_told(
    brought: Brought, other: One
) -> None:
    lines = [one_off(subscription_id=f"sub-{number}") for number in range(19)]
    assert "nothing_recurs" not in findings(brought, *lines, other)


def test_given_one_id_for_lines_of_several_invoices_when_seen_then_they_are_told(brought: Brought) -> None:
    ones = [one_off("a", id="1"), one_off("a", id="2"), one_off("a", id="2", amount_excluding_tax_after_discount=7)]
    assert "line_of_several_invoices" not in findings(brought, *ones)
    found = findings(brought, one_off("b", id="1"), one_off("c", id="1"))
    assert found["line_of_several_invoices"] == (1, "invoice line 1")
