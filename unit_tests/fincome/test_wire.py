"""Bodies and answers in the form that an API has, where it isn't the connector's."""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.fincome.contract import corrected_contract
from destination_fincome.fincome.models import encode
from destination_fincome.fincome.overlay import read_overlay
from destination_fincome.fincome.wire import NotWritable, Wire


def wire(entity: str, text: str) -> Wire:
    form = corrected_contract(read_overlay("version: 1\n" + dedent(text))).entities[entity].form
    assert form is not None
    return Wire(form)


def sent(entity: str, text: str, **values: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(wire(entity, text).encode(encode(values)), parse_float=Decimal)
    return found


def read(entity: str, text: str, answer: object) -> Any:
    return json.loads(wire(entity, text).decode(json.dumps(answer).encode()), parse_float=Decimal)


@pytest.mark.parametrize(
    ("unit", "currency", "amount", "expected"),
    [
        ("cents", "EUR", "12.5", 1250),
        ("cents", "JPY", "500", 500),
        ("cents", "KWD", "1.234", 1234),
        ("hundredths", "JPY", "500", 50000),
        ("cents", "EUR", "-0.01", -1),
        ("cents", "EUR", "83.333333", 8333),
        ("cents", "EUR", "0.125", 13),
        ("cents", "EUR", "123456789012345678901234567.89", 12345678901234567890123456789),
    ],
)
def test_given_amounts_in_whole_units_when_sent_then_they_are_of_the_currency(
    unit: str, currency: str, amount: str, expected: int
) -> None:
    found = sent("invoices", f"amounts: {unit}", id="i", currency=currency, amount=Decimal(amount))
    assert found["amount"] == expected
    assert isinstance(found["amount"], int)


@given(st.decimals(-10_000, 10_000, places=2), st.sampled_from(["EUR", "USD"]))
def test_given_whole_cents_when_sent_and_read_back_then_they_are_the_amount(amount: Decimal, currency: str) -> None:
    body = encode({"id": "i", "currency": currency, "amount": amount})
    back = json.loads(wire("invoices", "amounts: cents").as_stored(body), parse_float=Decimal)
    assert back["amount"] == amount


def test_given_a_quantity_when_amounts_are_in_cents_then_it_is_none() -> None:
    found = sent(
        "invoice_lines", "amounts: cents", id="l", currency="EUR", quantity=Decimal("2.5"), tax_amount=Decimal("2.5")
    )
    assert (found["quantity"], found["tax_amount"]) == (Decimal("2.5"), 250)


def test_given_lines_when_sent_then_they_count_as_their_document_and_have_the_apis_names() -> None:
    text = """
    entities:
      credit_notes:
        amounts: cents
        fields:
          amount: {sign: negative, name: total}
          lines: {name: items, fields: {amount: {name: net}, invoice_line_id: {absent: true}}}
    """
    values = {"id": "n", "currency": "EUR", "amount": 5, "lines": [{"id": "a", "invoice_line_id": "l", "amount": 5}]}
    found = sent("credit_notes", text, **values)
    assert found == {"id": "n", "currency": "EUR", "total": -500, "items": [{"id": "a", "net": 500}]}
    back = read("credit_notes", text, found)
    assert back == {"id": "n", "currency": "EUR", "amount": 5, "lines": [{"id": "a", "amount": 5}]}


def test_given_an_amount_without_its_currency_when_it_is_to_be_sent_in_cents_then_it_is_no_guess() -> None:
    with pytest.raises(NotWritable, match="amount is sent in the smallest unit of its currency"):
        wire("invoices", "amounts: cents").encode(b'{"id": "i", "amount": 5}')
    assert sent("invoices", "amounts: cents", id="i", amount=0)["amount"] == 0
    assert sent("invoices", "amounts: hundredths", id="i", amount=5)["amount"] == 500


def test_given_amounts_that_are_finer_when_sent_then_that_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    translator = wire("subscriptions", "amounts: cents")
    body = encode({"id": "s", "currency": "EUR", "monthly_value": Decimal("8.333")})
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            translator.encode(body)
    assert [record.getMessage() for record in caplog.records] == [
        "Fincome takes subscriptions.monthly_value in whole cents: amounts that are finer than that are rounded."
    ]


@pytest.mark.parametrize(
    ("form", "given_", "expected"),
    [
        ("date", "2026-01-31T23:59:59Z", "2026-01-31"),
        ("date", "2026-01-31", "2026-01-31"),
        ("date-time", "2026-01-31", "2026-01-31T00:00:00Z"),
        ("date-time", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
    ],
)
def test_given_a_form_of_dates_when_sent_then_all_have_it(form: str, given_: str, expected: str) -> None:
    assert sent("invoices", f"dates: {form}", id="i", date=given_)["date"] == expected
    only = f"entities: {{invoices: {{fields: {{due_date: {{form: {form}}}}}}}}}"
    assert sent("invoices", only, id="i", date=given_, due_date=given_) == {
        "id": "i",
        "date": given_,
        "due_date": expected,
    }


def test_given_other_names_and_words_when_sent_and_answered_then_the_connector_sees_its_own() -> None:
    text = """
    custom_properties: {name: metadata}
    entities:
      subscriptions:
        fields:
          id: {name: externalId}
          customer_id: {name: customerId}
          status: {enum: {active: LIVE, canceled: no}}
          plan_id: {absent: true}
          source: {constant: connector}
    """
    values = {"id": "s", "customer_id": "c", "plan_id": "p", "status": "canceled", "custom_properties": {"status": "x"}}
    found = sent("subscriptions", text, **values)
    assert found == {
        "source": "connector",
        "externalId": "s",
        "customerId": "c",
        "status": "no",
        "metadata": {"status": "x"},
    }
    ours = {"source": "connector", **values}
    del ours["plan_id"]
    for envelope in (found, {"data": found}, [found], {"items": [found]}):
        answer = json.dumps(read("subscriptions", text, envelope))
        assert json.dumps(ours) in answer
    fault = {"detail": [{"loc": ["body", "customerId"], "msg": "m"}, {"loc": ["header", "x"]}], "more": 1}
    assert read("subscriptions", text, fault) == {
        "detail": [{"loc": ["body", "customer_id"], "msg": "m"}, {"loc": ["header", "x"]}],
        "more": 1,
    }


def test_given_nulls_when_sent_then_they_keep_the_apis_name() -> None:
    text = "amounts: cents\nentities: {plans: {fields: {amount: {name: price}}}}"
    assert sent("plans", text, id="p", amount=None) == {"id": "p", "price": None}


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"null", b"[]", b"12", b'"x"', b'{"detail": "no"}', b"[" * 5000],
)
def test_given_an_answer_without_an_object_when_it_is_read_then_it_says_what_it_said(content: bytes) -> None:
    back = wire("invoices", "amounts: cents").decode(content)
    assert back.replace(b" ", b"") == content.replace(b" ", b"")


@pytest.mark.parametrize("value", [True, None, "a lot", "NaN", {}, []])
def test_given_an_amount_that_is_none_when_it_is_read_then_it_stays(value: Any) -> None:
    assert read("invoices", "amounts: cents", {"id": "i", "amount": value})["amount"] == value
