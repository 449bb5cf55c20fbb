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

from fincome_tools.demo import processes, run_demo
from fincome_tools.demo.account import differences, expected_rows
from fincome_tools.demo.platform import Message, SentState, Sync, complaints
from fincome_tools.demo.processes import DemoError, running_sandbox
from fincome_tools.demo.summary import PREFIX, Summary


def state(number: int, stream: str = "invoices") -> Message:
    descriptor = {"stream_descriptor": {"name": stream}, "stream_state": {"updated": "9"}}
    return {"type": "STATE", "state": {"id": number, "type": "STREAM", "stream": descriptor}}


def echo(number: int, records: float, rejected: float = 0.0, stream: str = "invoices") -> Message:
    stats = {"recordCount": records, "rejectedRecordCount": rejected}
    return {"type": "STATE", "state": {**state(number, stream)["state"], "destinationStats": stats}}


def summary(**changes: int) -> Summary:
    counts = {"received": 5, "sent": 3, "unchanged": 0, "skipped": 1, "rejected": 1, **changes}
    content = {
        "streams": [{"stream": "invoices", **counts}],
        "entities": [{"entity": "invoices", **counts}],
        "reasons": [{"outcome": "skipped", "code": "draft", "where": "invoices", "count": 1, "text": "A draft"}],
        "requests": 4,
        "seconds": 0.5,
    }
    parsed = Summary.from_log(PREFIX + json.dumps(content))
    assert parsed is not None
    return parsed


def good_sync() -> Sync:
    seen = Sync(exit_code=0, summary=summary())
    seen.records[None, "invoices"] = 5
    seen.sent = [SentState(state(1), 3), SentState(state(2), 2)]
    seen.returned = [echo(1, 3.0), echo(2, 1.0, rejected=1.0)]
    return seen


def _lose_the_id(seen: Sync) -> None:
    del seen.returned[1]["state"]["id"]


def _change_the_state(seen: Sync) -> None:
    seen.returned[0]["state"]["stream"]["stream_state"] = {}


BAD: list[tuple[str, Callable[[Sync], object], str]] = [
    ("a state is lost", lambda seen: seen.returned.pop(), "State 2 of invoices did not come back"),
    ("an id is lost", _lose_the_id, "State 2 of invoices did not come back"),
    ("the order changes", lambda seen: seen.returned.reverse(), "another order"),
    ("a state comes twice", lambda seen: seen.returned.append(echo(2, 2.0)), "more than once"),
    ("a state is changed", _change_the_state, "came back changed"),
    ("a record is not counted", lambda seen: seen.returned.__setitem__(0, echo(1, 2.0)), "counts 2 records"),
    ("an unknown state", lambda seen: seen.returned.append(echo(9, 0.0, stream="x")), "never sent: ['9']"),
    ("something prints", lambda seen: setattr(seen, "noise", 2), "2 lines"),
    ("no summary", lambda seen: setattr(seen, "summary", None), "no summary"),
    ("a record is forgotten", lambda seen: setattr(seen, "summary", summary(sent=2)), "4 ended"),
    ("a stream is forgotten", lambda seen: seen.records.update({(None, "plans"): 1}), "plans: 1 records"),
    ("it fails", lambda seen: setattr(seen, "exit_code", 1), "exit code 1"),
    ("two errors", lambda seen: seen.errors.extend(["a", "b"]), "2 errors"),
]


def test_a_good_sync_has_no_complaints() -> None:
    assert complaints(good_sync()) == []


@pytest.mark.parametrize(("spoil", "words"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_the_platform_would_object_to(spoil: Callable[[Sync], object], words: str) -> None:
    seen = good_sync()

    spoil(seen)

    assert any(words in complaint for complaint in complaints(seen)), complaints(seen)


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


def test_a_folder_without_input_is_said_to_have_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_demo(tmp_path) == 1
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
