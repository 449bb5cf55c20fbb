"""The mapping language's functions, by table; expectations are literals."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.fincome.models import encode
from destination_fincome.mapping.language import functions
from destination_fincome.mapping.language.functions import EXPONENT_TABLES, ValueFault, bound

STRIPE = bound(EXPONENT_TABLES["stripe"], frozenset({"invoices"}))
ISO = bound(EXPONENT_TABLES["iso4217"], frozenset())
HUGE = "1e999999"


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        (1250, "eur", "12.50"),
        (1250, "EUR", "12.50"),
        (1250, " usd ", "12.50"),
        (1250, "jpy", "1250"),
        (12345, "kwd", "12.345"),
        (-1999, "eur", "-19.99"),
        (0, "eur", "0.00"),
        (12600.0, "usd", "126.000"),
        ("12600", "usd", "126.00"),
        ("0.5", "usd", "0.005"),
        ("0.0005", "eur", "0.000005"),
        (" 100 ", "eur", "1.00"),
        (Decimal("99"), "gbp", "0.99"),
    ],
)
def test_money_turns_minor_units_into_major_ones(amount: Any, currency: str, expected: str) -> None:
    assert STRIPE["money"](amount, currency) == Decimal(expected)
    assert ISO["money"](amount, currency) == Decimal(expected)


@pytest.mark.parametrize(
    ("currency", "by_stripe", "by_iso"),
    [
        ("isk", "50", "5000"),
        ("ugx", "50", "5000"),
        ("mga", "5000", "50"),
        ("clp", "5000", "5000"),
        ("tnd", "5", "5"),
        ("iqd", "50", "5"),
        ("lyd", "50", "5"),
        ("huf", "50", "50"),
    ],
)
def test_money_knows_where_stripe_differs_from_iso4217(currency: str, by_stripe: str, by_iso: str) -> None:
    assert STRIPE["money"](5000, currency) == Decimal(by_stripe)
    assert ISO["money"](5000, currency) == Decimal(by_iso)


@pytest.mark.parametrize("amount", [None, ""])
def test_money_of_nothing_is_nothing_even_without_a_currency(amount: Any) -> None:
    assert STRIPE["money"](amount, None) is None


@pytest.mark.parametrize("currency", [None, ""])
def test_money_without_a_currency_is_a_fault(currency: Any) -> None:
    with pytest.raises(ValueFault, match="currency that the record doesn't name"):
        STRIPE["money"](1250, currency)


@given(st.integers(min_value=-(10**30), max_value=10**30), st.sampled_from(["EUR", "JPY", "KWD", "ISK", "XAF", "BHD"]))
def test_money_is_exact_for_any_whole_amount(amount: int, currency: str) -> None:
    places = {"EUR": 2, "JPY": 0, "KWD": 3, "ISK": 2, "XAF": 0, "BHD": 3}[currency]
    money = STRIPE["money"](amount, currency)
    assert int(str(money).replace(".", "")) == amount
    assert -money.as_tuple().exponent == places
    assert STRIPE["money"](str(amount), currency) == money


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_encode_keeps_every_digit(number: Decimal) -> None:
    body = encode({"amount": number})
    assert json.loads(body, parse_float=Decimal, parse_int=Decimal)["amount"] == number
    assert b"E" not in body


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, "7"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        ("8400", "8400"),
        ("8400.50", "8400.50"),
        (Decimal("1.10"), "1.10"),
        (None, None),
        ("", None),
        (0, "0"),
    ],
)
def test_decimal_reads_numbers_of_any_kind(value: Any, expected: str | None) -> None:
    assert functions.decimal(value) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize("value", [True, [], {}, "twelve", "12,50", "NaN", "Infinity", "-inf", float("nan"), HUGE])
def test_decimal_refuses_what_is_no_amount_and_does_not_quote_it(value: Any) -> None:
    with pytest.raises(ValueFault) as fault:
        functions.decimal(value)
    assert str(fault.value) in ("is not a number", "is not a finite number", "is out of any sensible range")
    assert fault.value.code == "invalid_value"


@pytest.mark.parametrize(
    "call",
    [
        lambda: STRIPE["money"](HUGE, "eur"),
        lambda: STRIPE["round_money"](HUGE, "eur"),
        lambda: STRIPE["round_money"](functions.multiply("9e30", "9e30"), "eur"),
        lambda: functions.subtract(HUGE, "-" + HUGE),
        lambda: functions.total([HUGE, HUGE]),
        lambda: functions.monthly(1, {}, 1),
        lambda: functions.monthly(1, ["month"], 1),
        lambda: functions.months_between("garbage", "2024-01-01"),
        lambda: functions.before("garbage", "2024-01-01"),
        lambda: functions.currency(978),
        lambda: functions.total("12"),
        lambda: functions.lookup("x", "x"),
    ],
)
def test_whatever_a_record_holds_a_function_fails_with_a_fault_only(call: Callable[[], Any]) -> None:
    with pytest.raises(ValueFault):
        call()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("FR", "FR"),
        ("fr", "FR"),
        ("USA", "US"),
        ("deu", "DE"),
        ("840", "US"),
        (840, "US"),
        ("4", "AF"),
        ("United States", "US"),
        ("united kingdom", "GB"),
        ("Germany", "DE"),
        (" Spain ", "ES"),
        ("ZZ", None),
        ("Atlantis", None),
        ("", None),
        ("  ", None),
        (None, None),
        ({"iso": "FR"}, None),
        (True, None),
    ],
)
def test_country_is_alpha_2_or_nothing(value: Any, expected: str | None) -> None:
    assert functions.country(value) == expected


@pytest.mark.parametrize(("value", "expected"), [("eur", "EUR"), (" Usd ", "USD"), (None, None), ("", None)])
def test_currency_is_upper_case(value: Any, expected: str | None) -> None:
    assert functions.currency(value) == expected


def test_lookup_translates_and_an_unknown_word_is_a_fault_that_does_not_quote_it() -> None:
    table = {"open": "open", "uncollectible": "unpaid", "2": "sent"}
    assert functions.lookup("uncollectible", table) == "unpaid"
    assert functions.lookup(2, table) == "sent"
    assert functions.lookup(None, table) is None
    assert functions.lookup(None, table, "open") == "open"
    assert functions.lookup("strange", table, "open") == "open"
    with pytest.raises(ValueFault) as fault:
        functions.lookup("secretly_new", table)
    assert fault.value.code == "unknown_value"
    assert "secretly_new" not in str(fault.value)


@pytest.mark.parametrize(
    ("values", "expected"),
    [((None, "", "a", "b"), "a"), ((0, 5), 0), ((False, True), False), ((None, None), None), ((), None), (([], 1), [])],
)
def test_coalesce_takes_the_first_that_is_neither_null_nor_empty_text(values: tuple[Any, ...], expected: Any) -> None:
    assert functions.coalesce(*values) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, "2.5", 0.25], "3.75"),
        ([], "0"),
        (None, None),
        ([1, None], None),
        ([1, ""], None),
        ([10**29, 1], "100000000000000000000000000001"),
    ],
)
def test_sum_is_unknown_as_soon_as_one_part_is(values: Any, expected: str | None) -> None:
    assert STRIPE["sum"](values) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((100, 30, "20.5"), "49.5"),
        ((100, None, ""), "100"),
        ((100,), "100"),
        ((None, 5), None),
        ((10**29, 1), "99999999999999999999999999999"),
    ],
)
def test_subtract_counts_unknown_parts_as_zero(arguments: tuple[Any, ...], expected: str | None) -> None:
    assert functions.subtract(*arguments) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("multiply", ("2.5", 4), "10"),
        ("multiply", (None, 4), None),
        ("multiply", (4, None), None),
        ("percent", (200, 12.5), "25"),
        ("percent", (200, None), None),
        ("percent", (None, 10), None),
        ("discounted", ([{"value": 100}], [{"percent": "33.33"}]), "66.67"),
        ("discounted", ([{"value": 100}, {"value": 50}], [{"amount": 30}]), "120"),
        # Of two parts by their shares, so that what comes after takes as much of each.
        (
            "discounted",
            ([{"value": 100, "of": "a"}, {"value": 50}], [{"amount": 30}, {"percent": 50, "of": ["a"]}]),
            "80",
        ),
        ("discounted", ([{"value": 100}], [{"amount": 120}]), "0"),
        ("discounted", ([{"value": 100}], [{"percent": 120}]), "0"),
        ("discounted", ([{"value": 0}], [{"amount": 10}]), "0"),
        ("discounted", ([{"value": 100}], [{"amount": 120}], "0.5"), "40"),
        ("discounted", ([{"value": 100}], [{"amount": 120}], None), None),
        ("discounted", ([{"value": 100}], [{"percent": 20}], None), "80"),
        ("discounted", ([{"value": 100, "of": "a"}], [{"percent": 20, "of": ["b"]}]), "100"),
        ("discounted", ([{"value": 100}], None), "100"),
        ("discounted", ([{"value": 100}], [{}]), None),
        ("discounted", ([], []), "0"),
        ("at_least", (-5, 0), "0"),
        ("at_least", (5, 0), "5"),
        ("at_least", (None, 0), None),
        ("abs", (-3,), "3"),
        ("abs", (None,), None),
        ("monthly", (120, "year", 1), "10"),
        ("monthly", (30, "month", 3), "10"),
        ("monthly", (30, "month", None), "30"),
        ("monthly", (12, "week", 1), "52"),
        ("monthly", (24, "week", 2), "52"),
        ("monthly", (12, "day", 1), "365"),
        ("monthly", ("0.18", "day", 1), "5.475"),
        ("monthly", (None, "month", 1), None),
        ("monthly", (10, None, 1), None),
        ("round_money", ("10.005", "eur"), "10.00"),
        ("round_money", ("10.015", "eur"), "10.02"),
        ("round_money", ("10.5", "jpy"), "10"),
        ("round_money", ("1.23456", "kwd"), "1.235"),
        ("round_money", (None, "eur"), None),
        ("months_between", ("2024-01-31", "2024-02-29"), "1"),
        ("months_between", ("2024-01-15", "2025-01-15"), "12"),
        ("months_between", ("2024-02-01", "2024-02-15T12:00:00Z"), "0.5"),
        ("months_between", (1704067200, 1706745600), "1"),
        ("months_between", (None, "2024-02-01"), None),
        ("months_between", ("2024-02-01", None), None),
    ],
)
def test_arithmetic(name: str, arguments: tuple[Any, ...], expected: str | None) -> None:
    assert STRIPE[name](*arguments) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(("interval", "count"), [("quarter", 1), ("month", 0), ("month", -1)])
def test_monthly_refuses_an_interval_it_does_not_know(interval: str, count: int) -> None:
    with pytest.raises(ValueFault):
        functions.monthly(10, interval, count)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (1704067201, 1704067202, True),
        (1704067202, 1704067202, False),
        (1704067203, 1704067202, False),
        ("2024-01-01", "2024-01-01T00:00:01Z", True),
        ("2024-01-01T01:00:00+02:00", "2024-01-01", True),
        ("1704067200", 1704067200.0, False),
        (None, 2, None),
        (1, None, None),
    ],
)
def test_before_compares_points_in_time_of_any_form(first: Any, second: Any, expected: bool | None) -> None:
    assert functions.before(first, second) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [(True, 1), (0, 1), ("no", 1), ([0], 1), (False, 2), (None, 2), ("", 2), ([], 2), ({}, 2)],
)
def test_when_follows_jmespaths_idea_of_truth(condition: Any, expected: int) -> None:
    assert functions.when(condition, 1, 2) == expected
    assert functions.when(condition, 1) == (1 if expected == 1 else None)


def test_ref_takes_an_id_or_an_expanded_object() -> None:
    assert functions.ref("cus_1") == "cus_1"
    assert functions.ref({"id": "cus_1", "name": "x"}) == "cus_1"
    assert functions.ref({"name": "x"}) is None
    assert functions.ref(None) is None


@pytest.mark.parametrize(
    ("value", "prefixes", "expected"),
    [
        ("il_tmp_1", ["il_tmp"], True),
        ("il_1", ["il_tmp", "ii_"], False),
        ("ii_1", ["il_tmp", "ii_"], True),
        ("invoice", "il_tmp", False),
        ("il_tmp1", "il_tmp", True),
        (None, ["a"], False),
        (12, ["1"], False),
        ("a", None, False),
    ],
)
def test_starts_with_any(value: Any, prefixes: Any, expected: bool) -> None:
    assert functions.starts_with_any(value, prefixes) is expected


def test_stream_selected_asks_for_the_presets_name_of_a_stream() -> None:
    assert STRIPE["stream_selected"]("invoices") is True
    assert STRIPE["stream_selected"]("invoice_line_items") is False


def test_a_body_is_json_for_any_reader() -> None:
    body = encode({"id": "p_1", "amount": Decimal("12.50"), "count": 3, "name": "Größe"})
    assert orjson.loads(body) == {"id": "p_1", "amount": 12.5, "count": 3, "name": "Größe"}
    assert body == '{"id":"p_1","amount":12.5,"count":3,"name":"Größe"}'.encode()
