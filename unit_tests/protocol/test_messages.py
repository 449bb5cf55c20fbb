"""Lines of input, as they come in, and what is made of each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.failure import SystemFailure
from destination_fincome.protocol.catalog import StreamKey
from destination_fincome.protocol.messages import (
    LINES_AT_ONCE,
    Record,
    State,
    Unreadable,
    completed_stream,
    data_of,
    parse_line,
    read_lines,
)

CUSTOMERS = StreamKey(None, "customers")


def source(*pieces: bytes) -> Callable[[int], bytes]:
    """Give pieces one by one, then the end."""
    left = iter(pieces)
    return lambda _: next(left, b"")


# --- lines


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        ([], []),
        ([b"a\n"], [[b"a"]]),
        ([b"a\nb\n"], [[b"a", b"b"]]),
        ([b"a"], [[b"a"]]),
        ([b"a\nb"], [[b"a"], [b"b"]]),
        ([b"a", b"b", b"\n"], [[b"ab"]]),
        ([b"a\nb", b"c\nd\n"], [[b"a"], [b"bc", b"d"]]),
        ([b"a\r\n", b"\n", b"\n"], [[b"a\r"], [b""], [b""]]),
        ([b"a", b"\nb"], [[b"a"], [b"b"]]),
    ],
)
def test_each_piece_gives_the_lines_that_it_ends(pieces: list[bytes], lines: list[list[bytes]]) -> None:
    assert list(read_lines(source(*pieces))) == lines


@given(st.lists(st.binary(min_size=1, max_size=8)))
def test_however_input_is_cut_its_lines_are_those_of_the_whole(pieces: list[bytes]) -> None:
    whole = b"".join(pieces).split(b"\n")
    found = [line for lines in read_lines(source(*pieces)) for line in lines]
    assert found == (whole if whole[-1] else whole[:-1])


def test_given_many_short_lines_when_read_at_once_then_few_are_handed_on_at_a_time():
    lines = [b"%d" % number for number in range(2 * LINES_AT_ONCE + 1)]
    found = list(read_lines(source(b"\n".join(lines) + b"\n")))
    assert [len(some) for some in found] == [LINES_AT_ONCE, LINES_AT_ONCE, 1]
    assert [line for some in found for line in some] == lines


def test_a_line_that_has_come_is_given_before_more_is_asked_for() -> None:
    asked = 0

    def read(_: int) -> bytes:
        nonlocal asked
        asked += 1
        return b"a\nb"

    assert next(read_lines(read)) == [b"a"]
    assert asked == 1


def test_a_line_of_a_hundred_megabytes_is_put_together_in_time_that_grows_with_its_length() -> None:
    piece = b"x" * (1 << 16)
    began = time.process_time()
    (lines,) = read_lines(source(*[piece] * 1600, b"\n"))
    assert len(lines[0]) == 1600 << 16
    assert time.process_time() - began < 5


# --- records


def line(data: str, stream: str = '"customers"', more: str = "") -> bytes:
    return f'{{"type":"RECORD","record":{{"stream":{stream},"data":{data},"emitted_at":1{more}}}}}'.encode()


def record(data: str, **options: str) -> dict[str, Any]:
    found = parse_line(line(data, **options), 7)
    assert isinstance(found, Record)
    assert found.number == 7
    return found.data


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("", CUSTOMERS),
        (',"namespace":null', CUSTOMERS),
        (',"namespace":""', CUSTOMERS),
        (',"namespace":"crm"', StreamKey("crm", "customers")),
        (',"meta":{"changes":[{"change":"UNHEARD_OF"}]},"unheard_of":1', CUSTOMERS),
    ],
)
def test_a_record_is_known_by_namespace_and_name(more: str, key: StreamKey) -> None:
    found = parse_line(line("{}", more=more), 1)
    assert isinstance(found, Record)
    assert found.stream == key


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        ('{"id":1,"_airbyte_raw_id":"x","_airbyte_meta":{"a":1},"_airbyte_any":1}', {"id": 1}),
        (r'{"id":1,"\u005fairbyte_raw_id":"x"}', {"id": 1}),
        ('{"id":1,"of":{"_airbyte_raw_id":"x"}}', {"id": 1, "of": {"_airbyte_raw_id": "x"}}),
        ('{"id":"_airbyte_","my_airbyte_id":1}', {"id": "_airbyte_", "my_airbyte_id": 1}),
        ('{"_airbyte_raw_id":"x"}', {}),
    ],
)
def test_columns_that_airbyte_adds_are_left_out_and_no_others(data: str, kept: dict[str, Any]) -> None:
    assert record(data) == kept


@pytest.mark.parametrize(
    ("number", "read"),
    [
        ("9007199254740993", 9007199254740993),
        ("-9223372036854775808", -(2**63)),
        ("18446744073709551617", 2**64 + 1),
        ("-18446744073709551617", -(2**64) - 1),
        ("12345678901234.567891", Decimal("12345678901234.567891")),
        ("-0.12345678901234567891", Decimal("-0.12345678901234567891")),
        ("0.30000000000000004", 0.30000000000000004),
        ("100000000000000000.00", 1e17),
        ("1e400", Decimal("1e400")),
        ("12.50", 12.5),
    ],
)
@pytest.mark.parametrize(
    "place", ['{{"n":{}}}', '{{"n": {}}}', '{{"n":[{}]}}', '{{"n":[0,{}]}}', '{{"n":{{"m":\n{}}}}}']
)
def test_numbers_have_all_their_digits(number: str, read: object, place: str) -> None:
    found = record(place.format(number))["n"]
    value = found["m"] if isinstance(found, dict) else found[-1] if isinstance(found, list) else found
    assert value == read
    assert type(value) is type(read)


@given(st.integers(min_value=-(10**60), max_value=10**60) | st.decimals(allow_nan=False, allow_infinity=False))
def test_whatever_the_number_reading_it_changes_nothing(number: int | Decimal) -> None:
    value = record(f'{{"n":{number}}}')["n"]
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    # Of what no float tells from nothing only the digits make a difference.
    assert exact == Decimal(number) or (abs(number) < Decimal("1e-300") and exact == 0)


def test_an_integer_of_more_digits_than_python_reads_is_a_decimal() -> None:
    assert record(f'{{"n":{"7" * 9000}}}')["n"] == Decimal("7" * 9000)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ('{"n":NaN}', "has NaN or Infinity"),
        ('{"n":[-Infinity]}', "has NaN or Infinity"),
        (r'{"n":"\ud83d"}', "has half a character"),
        (r'{"\ude00":1}', "has half a character"),
        ('{"n":' + "[" * 2000 + "]" * 2000 + "}", "is nested too deeply"),
        ('{"n":nothing}', "is not JSON"),
        ('{"n":1,}', "is not JSON"),
        ('{"n":"\t"}', "is not JSON"),
        ("null", "has no object in `data`"),
        ("7", "has no object in `data`"),
        ('"{}"', "has no object in `data`"),
    ],
)
@pytest.mark.parametrize("namespace", [None, "crm"])
def test_a_record_that_cannot_be_read_is_known_by_its_stream(data: str, problem: str, namespace: str | None) -> None:
    text = line(data, more=f',"namespace":{json.dumps(namespace)}')
    found = parse_line(text, 7)
    assert isinstance(found, Unreadable)
    assert (found.stream, found.number, found.line) == (StreamKey(namespace, "customers"), 7, text)
    assert problem in found.problem


def test_a_record_that_is_not_utf_8_is_known_by_its_stream() -> None:
    found = parse_line(line('{"n":"caf?"}').replace(b"?", b"\xe9"), 1)
    assert isinstance(found, Unreadable)
    assert found.problem == "is not UTF-8"


def test_a_mark_of_utf_8_is_passed_over() -> None:
    found = parse_line(b"\xef\xbb\xbf" + line('{"id":1}'), 1)
    assert isinstance(found, Record)
    assert found.data == {"id": 1}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"  \t ",
        b"\r",
        b'{"type":"LOG","log":{"level":"INFO","message":"words"}}',
        rb'{"type":"LOG","log":{"level":"INFO","message":"\ud83d"}}',
        b'{"type":"LOG","log":{"n":NaN}}',
        b'{"type":"TRACE","trace":{"type":"STREAM_STATUS"}}',
        b'{"type":"CONTROL","record":null,"state":null}',
        b'{"type":"UNHEARD_OF","unheard_of":{}}',
    ],
)
def test_blank_lines_and_other_messages_are_nothing(text: bytes) -> None:
    assert parse_line(text, 1) is None


@pytest.mark.parametrize(
    "text",
    [
        b"PRIVATE",
        b"[]",
        b"7",
        b"null",
        b"{}",
        b'{"type":null}',
        b'{"record":{"stream":"customers","data":{}}}',
        b'{"type":"RECORD"}',
        b'{"type":"RECORD","record":null}',
        b'{"type":"RECORD","record":[]}',
        b'{"type":"RECORD","record":{"data":{}}}',
        b'{"type":"RECORD","record":{"stream":["PRIVATE"],"data":{}}}',
        b'{"type":"RECORD","record":{"stream":"customers","namespace":7,"data":{}}}',
        b'{"type":"RECORD","record":{"stream":"customers","data":{"PRIVATE":1',
        b'{"type":"RECORD","record":{"stream":"customers","data":{"id":"PRIVATE',
        b'{"type":"RECORD","record":{"stream":"customers","data":{}}}PRIVATE',
        b'{"type":"RECORD","record":{"stream":"customers","data":{"n":NaN}}} {}',
        b'{"type":"RECORD","record":{"stream":NaN,"data":{}}}',
        b'{"type":"STATE"}',
        b'{"type":"STATE","state":null}',
        b'{"type":"STATE","state":{"stream":{"stream_descriptor":{"name":null}}}}',
        b'{"type":"STATE","state":{"stream":{"stream_descriptor":["PRIVATE"]}}}',
        b'{"type":"STATE","state":{"data":{"n":NaN}}}',
        b'{"type":"STATE","state":{"data":{"n":"\xe9"}}}',
        b'{"type":"STATE","state":{"data":PRIVATE}}',
    ],
)
def test_what_is_no_message_is_named_by_line_and_length_only(text: bytes) -> None:
    with pytest.raises(SystemFailure) as caught:
        parse_line(text, 12)
    length = "1 byte" if len(text) == 1 else f"{len(text)} bytes"
    assert caught.value.message.startswith(f"Line 12 of the input ({length}) is not an Airbyte message.")
    assert "PRIVATE" not in caught.value.message
    assert caught.value.__cause__ is None


# --- states


def state(text: str) -> State:
    found = parse_line(text.encode(), 1)
    assert isinstance(found, State)
    return found


@pytest.mark.parametrize(
    ("inner", "key"),
    [
        ('"type":"STREAM","stream":{"stream_descriptor":{"name":"customers"}}', CUSTOMERS),
        ('"type":"STREAM","stream":{"stream_descriptor":{"name":"customers","namespace":null}}', CUSTOMERS),
        ('"type":"STREAM","stream":{"stream_descriptor":{"namespace":"crm","name":"a"}}', StreamKey("crm", "a")),
        ('"stream":{"stream_descriptor":{"name":"customers"}}', CUSTOMERS),
        ('"type":"GLOBAL","global":{"stream_states":[]}', None),
        ('"type":"GLOBAL","global":{},"stream":{"stream_descriptor":{"name":"customers"}}', None),
        ('"type":"LEGACY","data":{}', None),
        ('"data":{},"stream":null', None),
        ('"data":{}', None),
        ('"stream":{}', None),
    ],
)
def test_a_state_is_known_by_the_stream_that_it_covers(inner: str, key: StreamKey | None) -> None:
    assert state(f'{{"type":"STATE","state":{{{inner}}}}}').stream == key


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"STATE","state":{"type":"LEGACY","id":7,"data":{"n":1.10,"m":123456789012345678901234567890}}}',
        '{"type":"STATE","beside":null,"state":{"data":{"n":[1e400,{"a":"\\"}]"}]},"global_":null},"after":[1.0]}',
        '{"state":{"data":{"n":"' + r"\ud83d\u00e9" + '"}},"type":"STATE"}',
        '{"type":"STATE","state":{"data":' + "[" * 1500 + "]" * 1500 + "}}",
        '{"type":"STATE","state":{}}',
    ],
)
def test_a_state_is_written_as_it_came(text: str) -> None:
    assert orjson.dumps(state(text).message).decode() == text


def test_a_states_own_members_can_be_added_to() -> None:
    message = state('{"type":"STATE","state":{"id":7,"data":{"n":1.10}}}').message
    message["state"]["destinationStats"] = {"recordCount": 1.0}
    expected = b'{"type":"STATE","state":{"id":7,"data":{"n":1.10},"destinationStats":{"recordCount":1.0}}}'
    assert orjson.dumps(message) == expected


def test_a_carriage_return_between_tokens_ends_no_line() -> None:
    found = parse_line(b'{"type":"STATE",\r"state":{"data":{"n":\r1}}}\r', 1)
    assert isinstance(found, State)
    assert b"\r" not in orjson.dumps(found.message)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(JSON, st.dictionaries(st.text(), JSON, max_size=3), st.booleans())
def test_whatever_a_state_holds_it_comes_back_the_same(value: object, beside: dict[str, object], ascii_only: bool):
    message = {**beside, "type": "STATE", "state": {**beside, "type": "LEGACY", "data": value}}
    found = state(json.dumps(message, ensure_ascii=ascii_only))
    assert json.loads(orjson.dumps(found.message)) == message


# --- what is stored of a rejected record


@pytest.mark.parametrize(
    ("data", "stored"),
    [
        ('{"id": 1.10, "n":123456789012345678901234567890}', '{"id": 1.10, "n":123456789012345678901234567890}'),
        ('{"_airbyte_raw_id":"}", "id": 1.10 , "_airbyte_meta":{"a":[1,2]}}', '{"id":1.10}'),
        (r'{"\u005fairbyte_raw_id":"x","id":"\u00e9"}', r'{"id":"\u00e9"}'),
        ('{"of":{"_airbyte_raw_id":1}}', '{"of":{"_airbyte_raw_id":1}}'),
        ('{"n":NaN}', r'"{\"n\":NaN}"'),
        (r'{"n":"\ud83d"}', r'"{\"n\":\"\\ud83d\"}"'),
        ("[1, 2]", "[1, 2]"),
        ("null", "null"),
    ],
)
def test_of_a_record_its_own_bytes_are_stored_or_their_text(data: str, stored: str) -> None:
    assert data_of(line(data)).decode() == stored


def test_of_a_record_that_is_not_utf_8_the_text_is_stored() -> None:
    assert data_of(line('{"n":"caf?"}').replace(b"?", b"\xe9")) == '"{\\"n\\":\\"caf\ufffd\\"}"'.encode()


def test_of_a_record_without_data_null_is_stored() -> None:
    assert data_of(b'{"type":"RECORD","record":{"stream":"customers"}}') == b"null"


def status(value: object, kind: str = "STREAM_STATUS") -> bytes:
    said = {"stream_descriptor": {"name": "invoices", "namespace": "shop"}, "status": value}
    return orjson.dumps({"type": "TRACE", "trace": {"type": kind, "stream_status": said}})


def test_given_a_status_complete_when_read_then_its_stream_is_known() -> None:
    assert completed_stream(status("COMPLETE")) == StreamKey("shop", "invoices")


@pytest.mark.parametrize(
    "line",
    [status("INCOMPLETE"), status("RUNNING"), status(None), b'{"STREAM_STATUS":1}', b"STREAM_STATUS", b"", b"{}"],
)
def test_given_anything_else_when_read_then_no_stream_is_complete(line: bytes) -> None:
    assert completed_stream(line) is None
