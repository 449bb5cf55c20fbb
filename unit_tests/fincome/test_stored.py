"""What counts as stored as it was sent, and how a difference is told: in words without a value."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.fincome.contract import EntitySpec, corrected_contract, load_contract
from destination_fincome.fincome.models import encode
from destination_fincome.fincome.overlay import read_overlay
from destination_fincome.fincome.stored import compared, differences, object_in, relation, would_change

INVOICE = {"id": "in_1", "customer_id": "cus_1", "date": "2026-01-31", "status": "paid", "amount": Decimal("12.5")}
LINE = {"id": "cnl_1", "invoice_line_id": "il_1", "amount": Decimal(3)}


def spec(entity: str = "invoices") -> EntitySpec:
    return load_contract().entities[entity]


def told(sent: dict, shown: dict, entity: str = "invoices") -> dict[str, str]:
    return {one.path: one.relation for one in differences(spec(entity), sent, shown)}


@pytest.mark.parametrize(
    ("sent", "there"),
    [
        (Decimal("12.50"), 12.5),
        (Decimal("12.5"), "12.500"),
        (Decimal("0.1"), 0.1),
        (0, Decimal("-0.0")),
        ("EUR", "eur"),
        ("Straße", "STRASSE"),
        ("cus_1", {"id": "cus_1", "name": "Ada"}),
        ("17", 17),
        (True, True),
        (None, None),
    ],
)
def test_equal_are_values_that_only_look_different(sent, there):
    assert relation(sent, there) == "same"


@pytest.mark.parametrize(
    "there", ["2026-01-31", "2026-01-31T00:00:00Z", "2026-01-31 01:00:00+01:00", 1769817600, 1769817600000]
)
@pytest.mark.parametrize("sent", ["2026-01-31", "2026-01-31T00:00:00Z"])
def test_equal_are_midnight_in_utc_and_its_day_alike(sent, there):
    assert relation(sent, there, is_instant=True) == "same"


@pytest.mark.parametrize("there", ["2026-01-31T00:00:00+01:00", "2026-01-31 00:00-05:00", "2026-01-31T00:00:00"])
def test_equal_are_a_day_and_its_midnight_by_another_clock(there):
    assert relation("2026-01-31", there, is_instant=True) == "same"
    assert relation("2026-01-30", there, is_instant=True) != "same"


@pytest.mark.parametrize(
    ("sent", "there", "words"),
    [
        (Decimal("12.5"), 12, "without its decimals"),
        (Decimal("-0.5"), 0, "without its decimals"),
        (Decimal("12.345"), Decimal("12.35"), "rounded"),
        (Decimal("12.5"), Decimal("0.125"), "a hundredth"),
        (Decimal("12.5"), 1250, "a hundred times"),
        (Decimal("12.5"), "-12.50", "opposite sign"),
        (Decimal("12.5"), 99, "another value"),
        (Decimal("12.5"), "NaN", "another value"),
        (Decimal("12.5"), "Infinity", "another value"),
        (Decimal("12.5"), [12.5], "another value"),
        (0, 5, "another value"),
        ("A long description", "A long", "only its beginning"),
        ("A long description", "", "another value"),
        ("paid", "open", "another value"),
        (None, "ada@example.com", "not cleared"),
        (None, 0, "not cleared"),
        ("paid", None, "not shown"),
    ],
)
def test_a_difference_is_told_by_its_relation(sent, there, words):
    assert relation(sent, there) == words


@pytest.mark.parametrize(
    ("sent", "there", "words"),
    [
        ("2026-01-31T15:00:00Z", "2026-01-31", "its day only"),
        ("2026-01-31T15:00:00Z", "2026-01-31T00:00:00Z", "its day only"),
        ("2026-01-31", "2026-01-30", "a day earlier"),
        ("2026-01-31T15:00:00Z", "2026-01-30", "a day earlier"),
        ("2026-01-31", "2026-02-01", "a day later"),
        ("2026-01-31T15:00:00Z", "2026-02-01T15:00:00Z", "a day later"),
        ("2026-01-31", "2026-01-30T23:00:00Z", "hours earlier"),
        ("2026-01-31T15:00:00Z", "2026-01-31T20:30:00Z", "hours later"),
        ("2026-01-31", "2025-01-31", "another value"),
        ("2026-01-31T15:00:00Z", "2026-01-31T15:00:07Z", "another value"),
        ("2026-01-31", "31 January", "another value"),
    ],
)
def test_a_difference_of_times_is_told_by_its_relation(sent, there, words):
    assert relation(sent, there, is_instant=True) == words


def test_given_fields_that_were_not_sent_then_they_say_nothing():
    assert told({"id": "in_1", "status": "paid"}, {**INVOICE, "status": "open", "extra": 1}) == {
        "status": "another value"
    }


def test_given_a_reference_that_is_shown_as_the_object_then_it_is_no_difference():
    shown = {**INVOICE, "customer_id": None, "customer": {"id": "cus_1"}}
    assert told(INVOICE, shown) == {}
    shown["customer"] = {"id": "cus_2"}
    assert told(INVOICE, shown) == {"customer_id": "another value"}


def test_given_lines_then_each_is_held_against_the_one_with_its_id():
    sent = {"id": "cn_1", "lines": [LINE, {**LINE, "id": "cnl_2", "amount": Decimal(4)}]}
    shown = {"id": "cn_1", "lines": [{**LINE, "id": "cnl_2", "amount": -4}, {**LINE, "amount": 3}]}
    assert told(sent, shown, "credit_notes") == {"lines.amount": "opposite sign"}
    shown["lines"].pop(0)
    assert set(told(sent, shown, "credit_notes").values()) == {"not shown"}
    assert told(sent, {"id": "cn_1"}, "credit_notes") == {"lines": "not shown"}
    only = {"id": "cn_1", "lines": [LINE]}
    assert told(only, {"id": "cn_1", "lines": [{**LINE, "id": 7}]}, "credit_notes") == {"lines.id": "another value"}


def test_given_custom_properties_then_they_are_one_field_and_others_are_not_missed():
    sent = {"id": "cus_1", "custom_properties": {"tier": "Gold", "seats": 3, "old": None}}
    shown = {"custom_properties": {"tier": "gold", "seats": "3", "region": "EU"}, "id": "cus_1"}
    assert told(sent, shown, "customers") == {}
    shown["custom_properties"]["old"] = "x"
    assert told(sent, shown, "customers") == {"custom_properties": "not cleared"}
    assert told(sent, {"id": "cus_1"}, "customers") == {"custom_properties": "not shown"}


def test_given_another_form_on_the_wire_then_what_that_form_can_not_hold_is_no_difference():
    text = "version: 1\namounts: cents\ndates: date\n"
    invoices = corrected_contract(read_overlay(text)).entities["invoices"]
    sent = {**INVOICE, "currency": "EUR", "date": "2026-01-31T15:00:00Z", "amount": Decimal("12.345")}
    shown = {**sent, "date": "2026-01-31", "amount": Decimal("12.35")}
    assert differences(invoices, sent, shown) == []
    assert told(sent, shown) == {"date": "its day only", "amount": "rounded"}


def test_an_object_is_found_by_its_id_by_itself_or_in_an_envelope():
    assert object_in({"id": 7}, "7") == {"id": 7}
    assert object_in({"data": {"id": "in_1"}, "meta": {}}, "in_1") == {"id": "in_1"}
    assert object_in([{"id": "in_1"}], "in_1") == {"id": "in_1"}
    assert object_in({"results": [{"id": "in_2"}, {"id": "in_1"}], "count": 2}, "in_1") == {"id": "in_1"}
    assert object_in({"data": {"id": "in_2"}}, "in_1") is None
    assert object_in({"uuid": "x", "lines": [{"id": "in_1"}]}, "in_1") is None
    assert object_in(["in_1"], "in_1") is None


VALUES = st.none() | st.booleans() | st.integers() | st.decimals() | st.text() | st.lists(st.integers())


@given(sent=VALUES, there=VALUES, is_instant=st.booleans())
def test_whatever_is_shown_there_is_a_relation(sent, there, is_instant):
    sent = "2026-01-31T15:00:00Z" if is_instant and sent is not None else sent
    assert relation(sent, there, is_instant=is_instant)


@given(st.sampled_from(sorted(INVOICE)))
def test_what_is_shown_as_it_was_sent_never_differs(dropped):
    assert {one.relation for one in compared(spec(), INVOICE, INVOICE)} == {"same"}
    shown = {name: value for name, value in INVOICE.items() if name != dropped}
    assert told(INVOICE, shown) == {dropped: "not shown"}


# --- what a list proves


def changes(sent: dict, shown: dict, entity: str = "customers", *, omits_empty: bool = False) -> bool:
    return would_change(spec(entity), encode(sent), shown, omits_empty=omits_empty)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"name": "Ada", "country": "FR"}, {"name": "Ada", "country": "fr", "more": 1}),
        ({"root_parent_id": "c2"}, {"root_parent": {"id": "c2"}}),
        ({"email": None}, {"email": None}),
        ({"custom_properties": {"a": "1", "b": 2}}, {"custom_properties": {"a": "1", "b": "2.0", "c": 3}}),
        ({"custom_properties": {"a": None}}, {"custom_properties": {"a": None}}),
    ],
)
def test_given_all_that_would_be_sent_in_a_list_when_compared_then_nothing_would_change(sent, shown):
    assert not changes({"id": "c1", **sent}, {"id": "c1", **shown})


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"name": "Ada"}, {}),
        ({"name": "Ada"}, {"name": "ADA"}),
        ({"name": "Ada"}, {"name": None}),
        ({"root_parent_id": "c2"}, {"root_parent": {"id": "C2"}}),
        ({"email": None}, {}),
        ({"email": None}, {"email": "a@example.com"}),
        ({"custom_properties": {"a": "1"}}, {"custom_properties": {}}),
        ({"custom_properties": {"a": "x"}}, {"custom_properties": {"a": "X"}}),
        ({"custom_properties": {"a": None}}, {"custom_properties": {}}),
        ({"custom_properties": {}}, {}),
    ],
)
def test_given_something_else_in_a_list_or_nothing_when_compared_then_it_would_change(sent, shown):
    assert changes({"id": "c1", **sent}, {"id": "c1", **shown})


def test_given_a_list_that_omits_what_is_empty_when_a_null_is_not_shown_then_nothing_would_change():
    assert not changes({"id": "c1", "email": None}, {"id": "c1"}, omits_empty=True)
    assert not changes({"id": "c1", "custom_properties": {"a": None}}, {"id": "c1"}, omits_empty=True)
    assert changes({"id": "c1", "email": None}, {"id": "c1", "email": "x"}, omits_empty=True)
    assert changes({"id": "c1", "name": "Ada"}, {"id": "c1"}, omits_empty=True)


@pytest.mark.parametrize(
    ("lines", "would"),
    [
        ([{"id": "cnl_1", "invoice_line_id": "il_1", "amount": 3}], False),
        ([{"id": "cnl_1", "invoice_line_id": "il_1", "amount": "3.00"}], False),
        ([{"id": "cnl_1", "invoice_line_id": "il_1", "amount": 4}], True),
        ([{"id": "cnl_9", "invoice_line_id": "il_1", "amount": 3}], True),
        ([{"id": "cnl_1", "invoice_line_id": "il_1", "amount": 3}, {"id": "cnl_2"}], True),
        ([], True),
        (None, True),
    ],
)
def test_given_lines_in_a_list_when_compared_then_they_have_to_be_just_these(lines, would):
    assert changes({"id": "n1", "lines": [LINE]}, {"id": "n1", "lines": lines}, "credit_notes") is would


def test_given_an_object_that_can_t_be_written_when_compared_then_it_goes_as_ever():
    cents = corrected_contract(read_overlay("version: 1\namounts: cents\n")).entities["invoices"]
    assert would_change(cents, b'{"id":"in_1","amount":12.5}', {"id": "in_1", "amount": 12.5}, omits_empty=False)
    sent = b'{"id":"in_1","amount":12.5,"currency":"EUR"}'
    assert not would_change(cents, sent, {"id": "in_1", "amount": 12.5, "currency": "EUR"}, omits_empty=False)
