"""Gone at the source: what full refreshes don't bring any more is listed, and settled only where all speaks for it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from destination_fincome.connection.assembly import build_sync
from destination_fincome.failure import ConnectorFailure
from destination_fincome.protocol.catalog import parse_catalog
from integration_tests.accounts import Account
from integration_tests.messages import CUSTOMERS, INVOICES, LINES, Message, customer, invoice, line

DAY = 86_400
START = 20_000 * DAY
STREAMS = ("customers", "invoices", "invoice_lines")


class Source:
    """A source that is read in full, again and again, by syncs in this process at times of the test's choice."""

    def __init__(self, account: Account, folder: Path) -> None:
        self.account = account
        self.folder = folder
        self.settings: dict[str, object] = {"gone_documents": "settle_missing"}

    def sync(
        self,
        day: float,
        *messages: Message,
        completed: Collection[str] = STREAMS,
        mode: str = "full_refresh",
        files: bool = False,
        breaks: bool = False,
    ) -> dict[str, Any]:
        """Run one sync, so many days after the first; returns its summary."""
        streams = [{**one, "sync_mode": mode} for one in (CUSTOMERS, INVOICES, LINES)]
        config = self.account.config(memory_url=str(self.folder / "memory"), **self.settings)
        sync = build_sync(config, parse_catalog({"streams": streams}), has_whole_input=files)
        sync._recall.now = lambda: START + day * DAY
        lines = [json.dumps(one).encode() + b"\n" for one in (*messages, *map(complete, completed))]
        pieces = iter([*lines, b"no message\n"] if breaks else lines)
        try:
            for _ in sync.run(lambda _limit: next(pieces, b"")):
                pass
        except ConnectorFailure:
            assert breaks
        return sync.report.document(0, 0)

    def amount(self, identity: str) -> object:
        return self.account.get("invoices", identity)["amount"]


def complete(name: str) -> Message:
    status = {"stream_descriptor": {"name": name}, "status": "COMPLETE"}
    return {"type": "TRACE", "trace": {"type": "STREAM_STATUS", "emitted_at": 1.0, "stream_status": status}}


@pytest.fixture(scope="module")
def shared(new_account) -> Iterator[Account]:
    with new_account() as started:
        yield started


@pytest.fixture
def source(shared: Account, tmp_path: Path) -> Source:
    return Source(shared, tmp_path)


def documents(name: str, count: int = 30, *, without: Collection[int] = ()) -> list[Message]:
    """Return a customer with so many invoices, each with a line; `name` keeps the tests' objects apart."""
    kept = [number for number in range(count) if number not in without]
    return [
        customer(f"{name}-c"),
        *(invoice(f"{name}-{number}", f"{name}-c") for number in kept),
        *(line(f"{name}-{number}-l", f"{name}-{number}") for number in kept),
    ]


def missing(summary: dict[str, Any]) -> list[tuple[str, int]]:
    """Return the words on what is missing, with their counts."""
    return [(one["text"], one["count"]) for one in summary["warnings"] if one["code"] == "missing_at_source"]


def test_given_documents_that_two_whole_refreshes_a_day_apart_do_not_bring_when_asked_for_then_they_are_settled(source):
    source.sync(0, *documents("gone"))
    first = source.sync(1, *documents("gone", without=[7]))
    assert [count for _, count in missing(first)] == [1, 1]
    assert all("not missing yet in two whole refreshes a day apart" in text for text, _ in missing(first))
    assert all(str(day) in text for text, _ in missing(first) for day in ["2024-10-05"])
    assert source.amount("gone-7") != 0
    second = source.sync(2, *documents("gone", without=[7]))
    assert [text.endswith("(settled)") for text, _ in missing(second)] == [True, True]
    assert source.amount("gone-7") == 0
    assert source.account.get("invoice_lines", "gone-7-l")["amount_excluding_tax_after_discount"] == 0
    assert [source.amount(f"gone-{number}") for number in (6, 8)] == [source.amount("gone-0")] * 2 != [0, 0]
    assert missing(source.sync(3, *documents("gone", without=[7]))) == []


def test_given_a_settled_document_that_comes_again_when_synced_then_it_counts_again(source):
    source.sync(0, *documents("back"))
    for day in (1, 2):
        source.sync(day, *documents("back", without=[7]))
    assert source.amount("back-7") == 0
    assert missing(source.sync(3, *documents("back"))) == []
    assert source.amount("back-7") == source.amount("back-0")
    line_back = source.account.get("invoice_lines", "back-7-l")
    assert line_back["amount_excluding_tax_after_discount"] == source.amount("back-0")


@pytest.mark.parametrize("setting", ["settle", "report"])
def test_given_any_other_setting_when_documents_are_missing_then_they_are_only_listed(source, setting):
    source.settings = {"gone_documents": setting}
    source.sync(0, *documents(setting))
    for day in (1, 2, 3):
        told = missing(source.sync(day, *documents(setting, without=[7])))
        assert [count for _, count in told] == [1, 1]
        assert all("isn't settle_missing" in text and "since 2024-10-05" in text for text, _ in told)
    assert source.amount(f"{setting}-7") != 0


@pytest.mark.parametrize(
    ("name", "second", "why"),
    [
        ("soon", {"day": 1.9}, "not missing yet in two whole refreshes a day apart"),
        ("quiet", {"completed": ()}, "hasn't said that all has come"),
        ("many", {"without": (7, 8)}, "too many to be believed"),
        ("fault", {"extra": [invoice("fault-bad", "fault-c", amount="much")]}, "records are rejected"),
    ],
)
def test_given_that_not_all_speaks_for_it_when_documents_are_missing_then_they_are_listed_with_the_reason(
    source, name, second, why
):
    without = second.get("without", (7,))
    source.sync(0, *documents(name))
    source.sync(1, *documents(name, without=without))
    extra, completed = second.get("extra", ()), second.get("completed", STREAMS)
    told = source.sync(second.get("day", 2), *documents(name, without=without), *extra, completed=completed)
    assert any(why in text for text, _ in missing(told))
    assert source.amount(f"{name}-7") != 0


def test_given_an_attempt_that_was_broken_off_when_the_next_one_may_go_on_from_there_then_nothing_is_settled(source):
    source.sync(0, *documents("cut"))
    source.sync(1, *documents("cut", without=[7]))
    source.sync(2, *documents("cut", without=[7]), breaks=True, completed=())
    resumed = source.sync(2.1, *documents("cut", without=[7]))
    assert any("broken off" in text for text, _ in missing(resumed))
    assert source.amount("cut-7") != 0
    source.sync(3, *documents("cut", without=[7]))
    assert source.amount("cut-7") == 0


def test_given_a_document_that_comes_in_between_when_it_is_missing_again_then_it_is_missing_for_the_first_time(source):
    source.sync(0, *documents("blink"))
    source.sync(1, *documents("blink", without=[7]))
    source.sync(2, invoice("blink-7", "blink-c"), line("blink-7-l", "blink-7"), mode="incremental", completed=())
    told = missing(source.sync(3, *documents("blink", without=[7])))
    assert all("since 2024-10-07" in text for text, _ in told)
    assert source.amount("blink-7") != 0


def test_given_two_sources_with_streams_of_one_name_when_each_is_read_then_neither_misses_the_others_objects(source):
    for day in range(4):
        assert missing(source.sync(day, *documents("one", 100))) == []
        assert missing(source.sync(day + 0.5, *documents("two", 3))) == []
    assert source.amount("one-0") == source.amount("two-0") != 0


def test_given_a_source_that_brings_nothing_when_it_brought_something_before_then_all_is_listed_and_nothing_settled(
    source,
):
    source.sync(0, *documents("empty"))
    for day in (1, 2, 3):
        told = missing(source.sync(day))
    assert sorted(count for _, count in told) == [1, 30, 30]
    assert all("too many to be believed" in text for text, _ in told)
    assert source.amount("empty-0") != 0


def test_given_another_mapping_when_it_leaves_documents_out_then_they_are_not_missing(source):
    source.sync(0, *documents("mapped"))
    source.settings["mapping"] = """
version: 1
streams:
  invoices:
    skip:
      - {when: "id == 'mapped-99'", reason: left_out, text: "left out"}
"""
    for day in (1, 2, 3):
        assert missing(source.sync(day, *documents("mapped", without=[7]))) == []
    assert source.amount("mapped-7") != 0


def test_given_whole_files_when_a_document_is_missing_in_two_of_them_then_no_word_of_a_platform_is_needed(source):
    source.sync(0, *documents("file"), completed=(), files=True)
    for day in (1, 2):
        source.sync(day, *documents("file", without=[7]), completed=(), files=True)
    assert source.amount("file-7") == 0


def test_given_customers_that_are_missing_when_documents_are_settled_then_customers_are_only_listed(source):
    extra = [customer(f"people-{number}") for number in range(40)]
    source.sync(0, *documents("people"), *extra)
    for day in (1, 2):
        told = missing(source.sync(day, *documents("people"), *extra[1:]))
        assert [(count, "only documents can be settled" in text) for text, count in told] == [(1, True)]


def test_given_a_place_for_rejected_records_when_something_is_missing_then_all_ids_are_listed_there(source):
    source.settings = {"rejected_records_url": str(source.folder / "rejected")}
    source.sync(0, *documents("store"))
    source.sync(1, *documents("store", without=range(10)))
    lines = [
        json.loads(text)
        for path in (source.folder / "rejected").iterdir()
        if path.name.startswith("missing-")
        for text in path.read_text().splitlines()
    ]
    assert {one["id"] for one in lines if one["entity"] == "invoices"} == {f"store-{n}" for n in range(10)}
    (one,) = [one for one in lines if one["id"] == "store-3-l"]
    assert (one["document"], one["since"], one["stream"]) == ("store-3", "2024-10-05T00:00:00Z", "invoice_lines")
