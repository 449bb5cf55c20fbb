"""Input that is odd: numbers of any length, lines that are hardly messages, pipes that behave otherwise.

What must be compared byte by byte is read from stdout as it is; the rest goes under the platform's rules.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from integration_tests.accounts import ACCEPTED, Account, Answer, Call, Scripted
from integration_tests.messages import CUSTOMERS, INVOICES, catalog, customer, global_state, state, stream
from integration_tests.orchestrator import COMMAND, Platform, Seen
from unit_tests.fork_server import ForkServer, environment

BOTH = catalog(CUSTOMERS, INVOICES)
ONLY_CUSTOMERS = catalog(CUSTOMERS)
HUGE = 123456789012345678901234567890


def nested(levels: int) -> str:
    return "[" * levels + "1" + "]" * levels


def line_of(stream_name: str, data: str) -> bytes:
    """A RECORD whose data is written as it stands."""
    return f'{{"type": "RECORD", "record": {{"stream": "{stream_name}", "data": {data}, "emitted_at": 1}}}}\n'.encode()


class Files:
    """A run's config and catalog, as arguments."""

    def __init__(self, folder: Path, config: object, of: object = ONLY_CUSTOMERS) -> None:
        self._config, self._catalog = folder / "config.json", folder / "catalog.json"
        self._config.write_text(json.dumps(config))
        self._catalog.write_text(json.dumps(of))

    @property
    def write(self) -> tuple[str, ...]:
        return ("write", "--config", str(self._config), "--catalog", str(self._catalog))


def seen_of(done: subprocess.CompletedProcess[bytes]) -> Seen:
    seen = Seen("")
    for line in done.stdout.splitlines(keepends=True):
        seen.take(line)
    seen.exit_code, seen.stderr = done.returncode, done.stderr.decode()
    return seen


# --- numbers


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(f'{HUGE}, "back": -{HUGE}', id="integers beyond 64 bits"),
        pytest.param("1.10", id="a zero at the end"),
        pytest.param("12345678901234.567891", id="more digits than a float has"),
        pytest.param("1e400", id="more than a float can be"),
        pytest.param("1" * 5000, id="thousands of digits"),
        pytest.param(nested(500), id="500 levels"),
        pytest.param(nested(3000), id="3000 levels"),
        pytest.param(r'"\ud83d \u00e9"', id="half a character"),
        pytest.param('"caf\u00e9 \\"]}"', id="brackets in a text"),
        pytest.param('1, "at":2, "destinationStats": {"recordCount": 99}', id="counts within its value"),
    ],
)
@pytest.mark.parametrize("form", ["STREAM", "GLOBAL", "LEGACY"])
def test_given_any_value_in_a_state_when_it_comes_back_then_its_bytes_are_the_same(
    connector: ForkServer, tmp_path: Path, account: Account, form: str, value: str
) -> None:
    inner = {
        "STREAM": f'"stream": {{"stream_descriptor": {{"name": "customers"}}, "stream_state": {{"at": {value}}}}}',
        "GLOBAL": f'"global": {{"shared_state": {{"at":{value}}}, "stream_states": []}}, "sourceStats": {{"x": 2.0}}',
        "LEGACY": f'"data": {{"at": {value}}}',
    }[form]
    text = f'{{"type":"STATE","state":{{"type":"{form}","id":7,{inner}}}, "beside": [1.0]}}'
    done = connector.run(*Files(tmp_path, account.config()).write, given=text.encode())
    assert done.returncode == 0, done.stdout
    (back,) = [line for line in done.stdout.decode().splitlines() if '"STATE"' in line]
    stats = '"destinationStats":{"recordCount":0.0,"rejectedRecordCount":0.0}'
    assert back.count(stats) == 1
    assert inner.replace(": ", ":").replace(", ", ",") in back.replace(": ", ":").replace(", ", ",")
    assert back.replace(f",{stats}", "").replace(" ", "") == text.replace(" ", "")


def test_given_numbers_of_any_length_when_synced_then_fincome_has_all_their_digits(
    connector: ForkServer, tmp_path: Path, account: Account
) -> None:
    properties = (
        f'{{"score": {HUGE}, "short": 12.50, "long": 0.12345678901234567890123, "longest": {"9" * 300}, '
        f'"of": [{{"n": {HUGE}, "d": 0.12345678901234567891}}]}}'
    )
    lines = (
        line_of("customers", f'{{"id": 18446744073709551617, "name": {HUGE}, "custom_properties": {properties}}}'),
        line_of(
            "invoices",
            '{"id": "odd-long", "customer_id": 18446744073709551617, "number": 12345678901234567890123, '
            '"date": "2026-01-31", "status": "paid", "currency": "EUR", "amount": 12345678901234.567891}',
        ),
    )
    done = connector.run(*Files(tmp_path, account.config(), BOTH).write, given=b"".join(lines))
    assert done.returncode == 0, done.stdout
    found, invoice = account.get("customers", "18446744073709551617"), account.get("invoices", "odd-long")
    assert found is not None
    assert invoice is not None
    assert found["name"] == str(HUGE)
    assert found["custom_properties"] == {
        "score": HUGE,
        "short": Decimal("12.5"),
        "long": Decimal("0.12345678901234567890123"),
        "longest": int("9" * 300),
        "of": f'[{{"n":{HUGE},"d":0.12345678901234567891}}]',
    }
    assert invoice["customer_id"] == "18446744073709551617"
    assert invoice["number"] == "12345678901234567890123"
    assert invoice["amount"] == Decimal("12345678901234.567891")


def stored(folder: Path) -> list[bytes]:
    return [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_bytes().splitlines()]


def test_given_a_rejected_record_when_it_is_stored_then_its_bytes_are_its_own(
    connector: ForkServer, tmp_path: Path, account: Account
) -> None:
    data = f'{{"id": 18446744073709551618, "name": ["no"], "score": {HUGE}, "rate": 1.10, "of": {nested(300)}}}'
    with_own_columns = f'{{"_airbyte_meta": {{"a": [1, "}}"]}}, {data[1:-1]}, "_airbyte_raw_id": "x"}}'
    place = tmp_path / "rejected"
    place.mkdir()
    files = Files(tmp_path, account.config(rejected_records_url=place.as_uri()))
    lines = line_of("customers", data) + line_of("customers", with_own_columns)
    seen = seen_of(connector.run(*files.write, given=lines))
    assert seen.outcomes("customers") == {"rejected": 2}
    first, second = stored(place)
    assert first.endswith(b'"record":' + data.encode() + b"}")
    assert b"_airbyte_" not in second
    assert f'"score":{HUGE},"rate":1.10,"of":{nested(300)}'.encode() in second


# --- records that can't be read

UNREADABLE: dict[str, tuple[bytes, str]] = {
    "NaN": (b'{"id": "x", "score": NaN}', "has NaN or Infinity, which are no numbers in JSON"),
    "an infinity": (b'{"id": "x", "score": -Infinity}', "has NaN or Infinity"),
    "half a character": (rb'{"id": "x", "name": "PRIVATE \ud83d"}', r"has half a character (a lone surrogate"),
    "a byte of another encoding": (b'{"id": "x", "name": "PRIVATE \xe9"}', "is not UTF-8"),
    "2000 levels": (b'{"id": "x", "of": %s}' % nested(2000).encode(), "is nested too deeply"),
    "300 levels": (b'{"id": "x", "custom_properties": {"of": %s}}' % nested(300).encode(), "is nested too deeply"),
    "a word that is none": (b'{"id": "x", "score": PRIVATE}', "is not JSON"),
    "no data": (b"null", "has no object in `data`"),
    "a list of data": (b'["PRIVATE"]', "has no object in `data`"),
}

JSON_ALL_THE_SAME = {"300 levels", "no data", "a list of data"}


@pytest.mark.parametrize("case", UNREADABLE)
def test_given_a_record_that_cannot_be_read_when_synced_then_it_alone_is_rejected(
    platform: Platform, account: Account, tmp_path: Path, case: str
) -> None:
    data, problem = UNREADABLE[case]
    me = case.replace(" ", "-")
    line = b'{"type":"RECORD","record":{"emitted_at":1,"data":%s,"stream":"customers","namespace":null}}\n' % data
    place = tmp_path / "rejected"
    place.mkdir()
    with platform.started(account.config(rejected_records_url=place.as_uri()), BOTH) as live:
        live.send(customer(f"{me}-before"), line)
        live.seen.records[None, "customers"] += 1
        live.send(customer(f"{me}-after"), state("customers", {"cursor": 1}))
        live.end_input()
        seen = live.finish()
    assert seen.good
    assert seen.outcomes("customers") == {"sent": 2, "rejected": 1}
    assert seen.counts() == [(2.0, 1.0)]
    ((code, text),) = seen.reasons("rejected")
    assert code == "unreadable_record"
    assert problem in text
    assert any("line 2 of the input of stream customers" in one for one in seen.warnings)
    assert account.get("customers", f"{me}-after") is not None
    (rejected,) = map(json.loads, stored(place))
    assert (rejected["entity"], rejected["code"]) == ("customers", "unreadable_record")
    text_of_data = data.decode(errors="replace")
    assert rejected["record"] == (json.loads(data) if case in JSON_ALL_THE_SAME else text_of_data)


def test_given_a_mark_of_utf_8_before_the_first_line_when_synced_then_it_is_passed_over(
    platform: Platform, account: Account
) -> None:
    with platform.started(account.config(), ONLY_CUSTOMERS) as live:
        live.send(b"\xef\xbb\xbf", customer("odd-mark"), state("customers", 1))
        live.end_input()
        seen = live.finish()
    assert seen.good
    assert seen.outcomes("customers") == {"sent": 1}


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"RECORD","record":{"stream":["PRIVATE"],"data":{"id":"x"}}}',
        b'{"type":"RECORD","record":{"stream":null,"data":{"id":"x"}}}',
        b'{"type":"RECORD","record":{"stream":"customers","namespace":{"PRIVATE":1},"data":{"id":"x"}}}',
        b'{"type":"RECORD","record":{"stream":["PRIVATE"],"data":{"id":NaN}}}',
        b'{"type":"RECORD","record":{"stream":"customers","data":{"id":"PRIVATE}}}',
        b'{"type":"RECORD","record":{"stream":"customers","data":{"id":"PRIVATE"}}} PRIVATE',
        b'{"type":"RECORD","record":"PRIVATE"}',
        b'{"type":"STATE","state":{"stream":{"stream_descriptor":{"name":["PRIVATE"]}}}}',
        b'{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"x"},"stream_state":NaN}}}',
        b'{"type":"STATE","state":["PRIVATE"]}',
    ],
)
def test_given_a_message_of_which_nobody_can_tell_whose_it_is_when_synced_then_its_line_is_named(
    platform: Platform, account: Account, line: bytes
) -> None:
    seen = platform.sync(account.config(), BOTH, customer("odd-line"), state("customers", 1), line + b"\n")
    kind, message = seen.failure
    assert kind == "system_error"
    assert f"Line 3 of the input ({len(line)} bytes) is not an Airbyte message" in message
    assert seen.returned_ids() == [1]


# --- states


def test_given_a_state_with_another_namespace_than_its_records_when_synced_then_it_waits_for_them(
    platform: Platform, fincome: Scripted
) -> None:
    back_at_answer: list[int] = []
    of_public = catalog(stream("customers", "id", "name", namespace="public"))
    record = {**customer("ada")["record"], "namespace": "public"}
    with platform.started(fincome.config(max_concurrency=1), of_public) as live:

        def answer(_: Call) -> Answer:
            live.wait_until(lambda seen: len(seen.sent) == 3)
            back_at_answer.append(len(live.seen.states))
            return ACCEPTED

        fincome.default = answer
        live.send({"type": "RECORD", "record": record}, state("customers", {"cursor": 1}))
        live.send({"type": "RECORD", "record": {**record, "data": {"id": "bob", "name": "PRIVATE"}}})
        live.send(state("customers", {"cursor": 2}, namespace="public"), state("customers", {"cursor": 3}))
        live.wait_until(lambda seen: len(seen.states) == 3)
        live.end_input()
        seen = live.finish()
    assert back_at_answer[0] == 0
    assert sorted(zip(seen.returned_ids(), seen.counts(), strict=True)) == [
        (1, (0.0, 0.0)),
        (2, (2.0, 0.0)),
        (3, (0.0, 0.0)),
    ]


def test_given_global_states_and_strange_ones_when_synced_then_each_counts_its_own(
    platform: Platform, account: Account
) -> None:
    seen = platform.sync(
        account.config(),
        BOTH,
        customer("odd-global-1"),
        state("nobody knows it", 1),
        customer("odd-global-2"),
        global_state({"lsn": 1}),
        state("nobody knows it", 2),
    )
    assert sorted(zip(seen.returned_ids(), seen.counts(), strict=True)) == [
        (1, (0.0, 0.0)),
        (2, (2.0, 0.0)),
        (3, (0.0, 0.0)),
    ]


# --- stdin, stdout, the catalog, memory


def test_given_a_stdin_that_does_not_block_when_nothing_is_there_then_it_waits(
    connector: ForkServer, tmp_path: Path, account: Account
) -> None:
    theirs, ours = os.pipe()
    os.set_blocking(theirs, False)
    process = connector.start(*Files(tmp_path, account.config()).write, stdin=theirs)
    os.close(theirs)
    try:
        with os.fdopen(ours, "wb") as stdin:
            for number in (1, 2):
                for message in (customer(f"odd-{number}"), state("customers", number)):
                    stdin.write(json.dumps(message).encode() + b"\n")
                stdin.flush()
                # It is back before more is written: until then there is nothing to read, and no end.
                while b'"STATE"' not in (line := process.stdout.readline()):
                    assert line, "it ended"
        assert process.wait(30) == 0
    finally:
        process.close()


def shell(redirection: str, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the connector as a shell does with a redirection."""
    script = f'exec "$@" {redirection}'
    command = ["sh", "-c", script, "sh", *COMMAND, *arguments]
    return subprocess.run(command, input=given, capture_output=True, env=environment(), timeout=60, check=False)


def test_given_no_stdin_when_synced_then_it_says_so(tmp_path: Path, account: Account) -> None:
    seen = seen_of(shell("<&-", *Files(tmp_path, account.config()).write))
    assert seen.failure[0] == "system_error"
    assert "Standard input is closed" in seen.failure[1]
    assert seen.stderr == ""


@pytest.mark.parametrize(
    ("command", "redirection", "why"),
    [
        ("spec", ">&-", "it is closed"),
        ("spec", ">/dev/full", "No space left on device"),
        ("write", ">/dev/full", "No space left on device"),
    ],
)
def test_given_a_stdout_that_cannot_be_written_when_run_then_stderr_says_so_in_one_line(
    tmp_path: Path, account: Account, command: str, redirection: str, why: str
) -> None:
    arguments = Files(tmp_path, account.config()).write if command == "write" else (command,)
    messages = json.dumps(customer("odd-full")), json.dumps(state("customers", 1))
    done = shell(redirection, *arguments, given="\n".join(messages).encode())
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == (
        f"destination-fincome: standard output can't be written ({why}), where Airbyte's messages go.\n"
    )


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (lambda one: one["stream"].update(name=None), "`streams[1].stream.name` must be a text"),
        (lambda one: one["stream"].update(name=["PRIVATE"]), "`streams[1].stream.name` must be a text"),
        (lambda one: one["stream"].update(namespace=7), "`streams[1].stream.namespace` must be a text"),
        (lambda one: one["stream"].update(json_schema=[]), "`streams[1].stream.json_schema` must be an object"),
        (lambda one: one.update(cursor_field="at"), "`streams[1].cursor_field` must be a list"),
        (lambda one: one.update(stream=None), "`streams[1].stream` must be an object"),
    ],
)
def test_given_a_catalog_that_is_none_when_synced_then_its_place_is_named(
    platform: Platform, account: Account, spoil: Callable[[dict[str, object]], object], place: str
) -> None:
    document = json.loads(json.dumps(BOTH))
    spoil(document["streams"][1])
    seen = platform.sync(account.config(), document, customer("odd-catalog"))
    kind, message = seen.failure
    assert kind == "system_error"
    assert place in message


def test_given_a_record_for_which_memory_is_short_when_synced_then_it_is_said(
    platform: Platform, account: Account
) -> None:
    with platform.started(account.config(), ONLY_CUSTOMERS) as live:
        live.send(customer("odd-memory"), state("customers", 1))
        live.wait_until(lambda seen: len(seen.states) == 1)
        used = int(Path(f"/proc/{live.process.pid}/statm").read_text().split()[0]) * resource.getpagesize()
        resource.prlimit(live.process.pid, resource.RLIMIT_AS, (used + (60 << 20), resource.RLIM_INFINITY))
        live.send(line_of("customers", f'{{"id": "x", "name": "{"PRIVATE" * (8 << 20)}"}}'))
        seen = live.finish()
    kind, message = seen.failure
    assert kind == "system_error"
    assert "not enough memory to read line 3 of the input" in message


def test_given_a_line_of_a_hundred_megabytes_when_synced_then_it_is_read_in_seconds(
    connector: ForkServer, tmp_path: Path, account: Account
) -> None:
    """The promise is a time: what grows with the square of the length takes minutes."""
    log = b'{"type": "LOG", "log": {"level": "INFO", "message": "%s"}}\n' % (b"PRIVATE " * (100 << 17))
    ended = connector.run(
        *Files(tmp_path, account.config()).write, given=log + json.dumps(state("customers", 1)).encode()
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b'"STATE"' in ended.stdout
