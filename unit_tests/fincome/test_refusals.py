"""What is shown of an API's words: standard messages whole, of all others the known words, in linear time."""

from __future__ import annotations

import json
import time
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.refusals import LONGEST_TOLD, LONGEST_WHOLE, Discretion, Fault, Item, read_fault

DISCRETION = Discretion(load_contract())


def told(*faults: dict[str, Any] | str) -> str:
    fault = read_fault(json.dumps({"detail": list(faults)}).encode(), "detail")
    assert fault is not None
    return DISCRETION.told(fault)


class Invoice(BaseModel):
    """What an API might check with."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["open", "paid", "unpaid"]
    amount: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]
    number: Annotated[str, Field(min_length=3, max_length=5, pattern=r"^[A-Z]+$")]
    date: date
    interval_count: int


GOOD = {"status": "open", "amount": 1, "number": "ABC", "date": "2026-01-31", "interval_count": 1}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"status": "Jane Roe"}, "Input should be 'open', 'paid' or 'unpaid' [literal_error]"),
        ({"status": None}, "Input should be 'open', 'paid' or 'unpaid' [literal_error]"),
        ({"amount": -1}, "Input should be greater than or equal to 0 [greater_than_equal]"),
        ({"amount": 101}, "Input should be less than or equal to 100 [less_than_equal]"),
        ({"amount": "1.234"}, "Decimal input should have no more than 2 decimal places [decimal_max_places]"),
        ({"amount": "Jane"}, "Input should be a valid decimal [decimal_parsing]"),
        ({"number": "A"}, "String should have at least 3 characters [string_too_short]"),
        ({"number": "ABCDEF"}, "String should have at most 5 characters [string_too_long]"),
        ({"number": "abc"}, "String should match pattern '^[A-Z]+$' [string_pattern_mismatch]"),
        (
            {"interval_count": 1.5},
            "Input should be a valid integer, got a number with a fractional part [int_from_float]",
        ),
        ({"date": "x"}, "Input should be a valid date or datetime, input is too short [date_from_datetime_parsing]"),
        ({"jane_roe": 1}, "Extra inputs are not permitted [extra_forbidden]"),
    ],
)
def test_given_pydantics_own_messages_when_told_then_they_are_whole_with_limits_and_allowed_values(changes, message):
    with pytest.raises(ValidationError) as error:
        Invoice.model_validate({**GOOD, **changes})
    items = [{"loc": ["body", *one["loc"]], "msg": one["msg"], "type": one["type"]} for one in error.value.errors()]
    assert told(*items) == message


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("value_error.missing", "field required", "field required [value_error.missing]"),
        (
            "type_error.enum",
            "value is not a valid enumeration member; permitted: 'a', 'b'",
            "value is not a valid enumeration member; permitted: 'a', 'b' [type_error.enum]",
        ),
        ("value_error", "Value error, Jane Roe is not valid", "Value error, … is not valid [value_error]"),
        ("string_too_short", "Jane Roe should have more", "… should have more [string_too_short]"),
        ("literal_error", "Input should be Jane Roe", "Input should be … [literal_error]"),
        ("jane_roe", "is wrong", "is wrong"),
    ],
)
def test_given_a_message_of_a_type_when_it_is_not_quite_the_standard_one_then_only_known_words_are_told(
    kind, text, expected
):
    assert told({"loc": ["body", "name"], "msg": text, "type": kind}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Not Found", "Not Found"),
        (
            "VAT number FR12345678901 already belongs to Acme Holding SARL, contact Jane Roe",
            "… number … already … to …",
        ),
        ("email eve@elsewhere.example is used by Eve Elsewhere Ltd", "email … is used by …"),
        ("'Jane Roe' of JANE@ROE.TEST for in_1 over 1234.5", "… of … for …"),
        ("customer_id must be one of open, paid", "customer_id must be one of open, paid"),
        ("Ce client existe déjà", "… client existe déjà"),
        ("many   blanks\n here\x1b[31m", "many …"),
        ("Jane Roe", ""),
        ("4111111111111111", ""),
        ("", ""),
    ],
)
def test_given_words_of_an_apis_own_when_told_then_only_known_ones_are(text, expected):
    assert told(text) == expected


@given(st.text())
def test_whatever_an_answer_says_no_unknown_word_is_told(text):
    secrets = [word for word in text.split() if len(word) > 3 and DISCRETION.told(Fault((Item(text=word),))) == ""]
    shown = told(text)
    assert not [word for word in secrets if word in shown]
    assert len(shown) <= LONGEST_TOLD
    assert "\n" not in shown


@pytest.mark.parametrize(
    ("loc", "field"),
    [
        (["body", "lines", 0, "amount"], "lines.0.amount"),
        (["amount"], "amount"),
        (["body", "Jane Roe", "amount"], "<name>.amount"),
        (["body", "custom_properties", "jane"], "custom_properties.<name>"),
        (["path", "client_id"], "<name>"),
        (["body"], None),
        ([], None),
    ],
)
def test_of_a_place_only_names_of_the_contract_are_told(loc, field):
    fault = read_fault(json.dumps({"detail": [{"loc": loc, "msg": "is wrong"}]}).encode(), "detail")
    assert fault is not None
    assert DISCRETION.field(fault) == field


@pytest.mark.parametrize(
    ("loc", "field"),
    [
        (["body", "source_id"], "source_id"),
        (["body", "lines", 0, "sku"], "lines.0.sku"),
        (["body", "Jane Roe", "sku"], "<name>.<name>"),
        (["body", "Jane Roe"], "<name>"),
    ],
)
def test_the_name_of_a_field_that_is_missing_is_the_apis_and_told(loc, field):
    fault = read_fault(
        json.dumps({"detail": [{"loc": loc, "msg": "Field required", "type": "missing"}]}).encode(), "detail"
    )
    assert fault is not None
    assert DISCRETION.field(fault) == field


def test_places_outside_of_the_body_are_told_and_so_are_those_of_further_items():
    first = {"loc": ["query", "x"], "msg": "Field required", "type": "missing"}
    second = {"loc": ["body", "date"], "msg": "is wrong"}
    assert told(first, second) == "query: Field required [missing]; date: is wrong"


@pytest.mark.parametrize(
    ("content", "text", "field"),
    [
        (b'{"detail":[{"loc":["body","lines",0,"amount"],"msg":"bad"}]}', "bad", "lines.0.amount"),
        (b'{"detail":[{"loc":["amount"],"msg":"bad"}]}', "bad", "amount"),
        (b'{"detail":[{"loc":["body"],"msg":"bad"}]}', "bad", None),
        (b'{"detail":[{"msg":"bad"},{"msg":"worse"}]}', "bad; worse", None),
        (b'{"detail":[]}', "", None),
        (b'{"detail":["bad"]}', "bad", None),
        (b'{"detail":{"msg":"bad","loc":["body","id"]}}', "bad", "id"),
        (b'{"detail":{"message":"bad"}}', "bad", None),
        (b'{"detail":"bad"}', "bad", None),
        (b'{"detail":7}', "", None),
        (b'{"detail":null}', "", None),
    ],
)
def test_the_detail_of_an_answer(content, text, field):
    fault = read_fault(content, "detail")
    assert fault is not None
    assert (fault.text, fault.field) == (text, field)


@pytest.mark.parametrize("content", [b"null", b"\xff", b"", b"[]", b'{"message":"bad"}', b'"detail"', b"<html>"])
def test_what_has_another_form_is_no_fault_of_fincomes(content):
    assert read_fault(content, "detail") is None


@pytest.mark.parametrize("text", ["x" * 200_000, "«" * 200_000, "a@" * 100_000, "' " * 100_000, "x y " * 50_000])
@pytest.mark.parametrize("kind", ["", "value_error", "literal_error", "string_pattern_mismatch"])
def test_a_long_answer_is_told_in_no_time(text, kind):
    content = json.dumps({"detail": [{"loc": ["body", "x" * 200_000], "msg": text, "type": kind}]}).encode()
    DISCRETION.told(Fault((Item(text="warm", type=kind),)))
    begun = time.thread_time()
    fault = read_fault(content, "detail")
    assert fault is not None
    shown, whole = DISCRETION.told(fault), DISCRETION.whole(fault)
    assert time.thread_time() - begun < 0.05
    assert (len(shown) <= LONGEST_TOLD, len(whole) <= LONGEST_WHOLE) == (True, True)
