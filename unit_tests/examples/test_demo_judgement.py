"""The demo's judgement: what it objects to, told by runs that a connector could have made."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from fincome_tools.demo import processes, run_demo
from fincome_tools.demo.account import differences, expected_rows, told_rows
from fincome_tools.demo.processes import DemoError, running_sandbox
from fincome_tools.demo.reconciliation import show_reconciliation
from fincome_tools.demo.rules import Message, Seen, broken_rules
from fincome_tools.demo.summary import PREFIX, Summary


def state(number: int, stream: str = "invoices") -> Message:
    descriptor = {"stream_descriptor": {"name": stream}, "stream_state": {"updated": "9"}}
    return {"type": "STATE", "state": {"id": number, "type": "STREAM", "stream": descriptor}}


def echo(number: int, records: float, rejected: float = 0.0, stream: str = "invoices") -> Message:
    stats = {"recordCount": records, "rejectedRecordCount": rejected}
    return {"type": "STATE", "state": {**state(number, stream)["state"], "destinationStats": stats}}


def summary(**changes: int) -> str:
    counts = {"received": 5, "sent": 3, "unchanged": 0, "skipped": 1, "rejected": 1, **changes}
    content = {
        "streams": [{"stream": "invoices", **counts}],
        "entities": [{"entity": "invoices", **counts}],
        "reasons": [{"outcome": "skipped", "code": "draft", "where": "invoices", "count": 1, "text": "A draft"}],
        "requests": 4,
        "seconds": 0.5,
    }
    return PREFIX + json.dumps(content)


def error(failure_type: str = "config_error", message: str = "no key") -> dict[str, str]:
    return {"failure_type": failure_type, "message": message}


def good_sync() -> Seen:
    seen = Seen("the-key", ("PRIVATE",))
    for count, number in ((3, 1), (2, 2)):
        for _ in range(count):
            seen.give(record("invoices"))
        seen.give(state(number))
    for message in (echo(1, 3.0), echo(2, 1.0, rejected=1.0)):
        seen.take(json.dumps(message).encode())
    seen.take(log(summary()))
    seen.exit_code = 0
    return seen


def log(text: str) -> bytes:
    return json.dumps({"type": "LOG", "log": {"level": "INFO", "message": text}}).encode()


def failed_sync(*errors: dict[str, str]) -> Seen:
    """One whose second state didn't come back, because it failed."""
    seen = good_sync()
    seen.states.pop()
    seen.exit_code = 1
    seen.errors.extend(errors)
    return seen


def _lose_the_id(seen: Seen) -> None:
    del seen.states[1]["state"]["id"]


def _change_the_state(seen: Seen) -> None:
    seen.states[0]["state"]["stream"]["stream_state"] = {}


def _count_in_whole_numbers(seen: Seen) -> None:
    seen.states[0]["state"]["destinationStats"] = {"recordCount": 3, "rejectedRecordCount": 0}


BAD: list[tuple[str, Callable[[Seen], object], str]] = [
    ("a state is lost", lambda seen: seen.states.pop(), "of invoices the states [1, 2] were sent, [1] came back"),
    ("an id is lost", _lose_the_id, "a state came back that was not sent, or not like this"),
    ("the order changes", lambda seen: seen.states.reverse(), "[2, 1] came back"),
    ("a state comes twice", lambda seen: seen.states.append(echo(2, 2.0)), "[1, 2, 2] came back"),
    ("a state is changed", _change_the_state, "not like this"),
    (
        "a record is not counted",
        lambda seen: seen.states.__setitem__(0, echo(1, 2.0)),
        "records before state 1: 3; it counts",
    ),
    ("a count is no float", _count_in_whole_numbers, "records before state 1: 3; it counts"),
    ("an unknown state", lambda seen: seen.states.append(echo(9, 0.0, stream="x")), "was not sent"),
    ("something prints", lambda seen: seen.take(b"hello"), "a line that is no message: b'hello'"),
    ("a message that none sends", lambda seen: seen.take(b'{"type": "RECORD"}'), "no message"),
    ("something is on stderr", lambda seen: setattr(seen, "stderr", "Traceback"), "on stderr is: Traceback"),
    ("no summary", lambda seen: seen.logs.clear(), "0 summaries"),
    ("two summaries", lambda seen: seen.logs.append(summary()), "2 summaries"),
    ("a record is forgotten", lambda seen: seen.logs.__setitem__(0, summary(sent=2)), "4 ended in an outcome"),
    ("a stream is forgotten", lambda seen: seen.records.update({(None, "plans"): 1}), "records: 6 sent, 5 counted"),
    (
        "a stream is counted wrong",
        lambda seen: seen.logs.__setitem__(0, summary(received=6, sent=4)),
        "records of invoices: 5 sent, 6 counted",
    ),
    (
        "a state has more rejected than the summary",
        lambda seen: seen.logs.__setitem__(0, summary(sent=4, rejected=0)),
        "the states count 1 rejected records, the summary 0",
    ),
    ("it fails without a word", lambda seen: setattr(seen, "exit_code", 1), "exit code 1 and these errors: []"),
    ("an error and success", lambda seen: seen.errors.append(error()), "exit code 0 and these errors"),
    ("the key is shown", lambda seen: seen.take(log("with the-key")), "a line holds 'the-key'"),
    (
        "a word is shown that escapes hide",
        lambda seen: seen.take(log("PRIVATE").replace(b"A", rb"\u0041")),
        "a line holds 'PRIVATE'",
    ),
    ("something is left behind", lambda seen: seen.left_behind.append("spool"), "it left spool"),
]


def test_a_good_sync_breaks_no_rule() -> None:
    assert broken_rules(good_sync()) == []


def test_a_sync_that_failed_with_one_error_breaks_no_rule() -> None:
    assert broken_rules(failed_sync(error())) == []


@pytest.mark.parametrize("errors", [(), (error(), error()), (error("panic"),), (error(message=""),)])
def test_a_failure_has_exactly_one_error_of_a_known_type_with_a_message(errors: tuple[dict[str, str], ...]) -> None:
    assert any("exit code 1" in broken for broken in broken_rules(failed_sync(*errors)))


def test_a_sync_that_failed_has_its_first_states_only() -> None:
    seen = failed_sync(error())
    seen.states[0] = echo(2, 2.0)
    assert broken_rules(seen) == ["of invoices the states [1, 2] were sent, [2] came back"]


@pytest.mark.parametrize(("spoil", "words"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_the_platform_would_object_to(spoil: Callable[[Seen], object], words: str) -> None:
    seen = good_sync()

    spoil(seen)

    assert any(words in broken for broken in broken_rules(seen)), broken_rules(seen)


def test_states_of_all_streams_count_the_records_of_all_and_each_stream_counts_its_own() -> None:
    seen = Seen("the-key")
    shared: Message = {"type": "STATE", "state": {"type": "GLOBAL", "global": {}}}
    for message in (record("a"), record("b"), shared, record("a"), state(0, "a"), shared, state(0, "b")):
        seen.give(message)
    assert [(one.message["state"]["id"], one.records) for one in seen.sent] == [(1, 2), (2, 2), (3, 1), (4, 1)]


def record(stream: str) -> Message:
    return {"type": "RECORD", "record": {"stream": stream, "data": {}}}


def test_another_log_message_is_no_summary() -> None:
    assert Summary.from_log("Summary of the day") is None


def test_expected_figures_are_compared_as_numbers(tmp_path: Path) -> None:
    expected: dict[str, Any] = {
        "mrr_month": "2025-12",
        "objects": {"invoices": 2},
        "currencies": {"EUR": {"invoiced_net": "10.50", "mrr": "3"}},
        "invoices_by_status": {"open": 0, "paid": 2},
        "active_subscriptions": 1,
    }
    (tmp_path / "expected.json").write_text(json.dumps(expected))

    rows, month = expected_rows(tmp_path)

    assert month == "2025-12"
    same = {**rows, "EUR invoiced (net)": Decimal("10.5")}
    del same["invoices, open"]
    assert differences(rows, same) == []
    assert differences(rows, {**same, "EUR MRR of 2025-12": Decimal(4)}) == ["EUR MRR of 2025-12: expected 3, found 4"]


def test_a_reconciliation_is_shown_by_currency_and_what_differs_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    sides = {"files": {"count": 1, "amount": "10.50"}, "fincome": {"count": 1, "amount": "10.50"}}
    rows = [{"entity": "invoices", "currency": "EUR", "month": month, **sides} for month in ("2026-01", "2026-02")]
    found = {"equal": 2, "differing": [], "missing": [], "figures": rows}
    assert show_reconciliation(Console(width=120), found) == []
    words = capsys.readouterr().out.replace("│", " ").split()
    assert " ".join(words).count("invoices EUR 2 21.00 2 21.00") == 1
    found |= {"differing": [{"entity": "invoices", "id": "in_1"}], "missing": [{"entity": "plans", "id": "p_1"}]}
    problems = show_reconciliation(Console(width=120), found)
    assert problems == ["invoices in_1 differs from its record", "plans p_1 isn't in Fincome"]


def test_a_folder_without_input_is_said_to_have_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_demo(tmp_path) == 2
    assert "has no catalog.json and no messages.jsonl" in " ".join(capsys.readouterr().out.split())


def test_the_sandbox_ends_with_its_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    children: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            children.append(self)

    monkeypatch.setattr(processes.subprocess, "Popen", Noted)
    with pytest.raises(ZeroDivisionError), running_sandbox(tmp_path):
        _ = 1 // 0

    assert [child.poll() is None for child in children] == [False]


def test_a_sandbox_that_cannot_start_is_an_error_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python"
    broken.write_text(f"#!{sys.executable}\nimport sys\nsys.exit('no such module')\n")
    broken.chmod(0o700)
    monkeypatch.setattr(processes.sys, "executable", str(broken))

    with pytest.raises(DemoError, match="no such module"), running_sandbox(tmp_path):
        pass


def test_control_totals_are_told_as_the_account_tells_its_figures() -> None:
    cells = [
        ("invoices", "EUR", "sent", "10.50"), ("invoices", "EUR", "sent", "2"), ("invoices", "EUR", "rejected", "99"),
        ("invoice_lines", "EUR", "sent", "-4"), ("credit_notes", "USD", "sent", "3"),
        ("subscriptions", "USD", "sent", "7"), ("customers", None, "sent", None),
    ]  # fmt: skip
    totals = [dict(zip(("entity", "currency", "outcome", "amount"), cell, strict=True)) for cell in cells]
    months = [
        {"month": "2026-01", "currency": "EUR", "lines": "5"},
        {"month": "2026-02", "currency": "EUR", "lines": "6"},
        {"month": "2026-02", "currency": "USD", "lines": None},
    ]
    text = summary().removeprefix(PREFIX)
    found = Summary.from_log(PREFIX + json.dumps({**json.loads(text), "totals": totals, "mrr": {"months": months}}))
    assert found
    assert told_rows(found.currencies("2026-02"), "2026-02") == {
        "EUR invoiced (net)": Decimal("12.50"),
        "EUR invoice lines (net)": Decimal(-4),
        "EUR MRR of 2026-02": Decimal(6),
        "USD credited (net)": Decimal(3),
    }
