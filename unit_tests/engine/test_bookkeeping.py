"""The books: when a record has ended, what is told of its end, and when the sync must stop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import COMPLETION, NO_TOKEN, Arrival, ArrivedRecord, Entity, Token
from destination_fincome.engine.bookkeeping import Bookkeeping, Books
from destination_fincome.engine.spool.spool import Spool
from destination_fincome.engine.standing import Standing
from destination_fincome.engine.states import Ledger
from destination_fincome.engine.stored_check import StoredCheck, StoredDoubt
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.results import Warned
from destination_fincome.outcomes import Outcome, Reason
from destination_fincome.reporting.rejected_records import Rejection
from destination_fincome.reporting.report import Report

ENTITIES = list(load_contract().entities.values())
NAMES = [spec.name for spec in ENTITIES]
CUSTOMERS, INVOICES = (Entity(NAMES.index(name)) for name in ("customers", "invoices"))
LINE = b'{"type":"RECORD","record":{"stream":"bills","data":{"id":"c1"},"emitted_at":1}}'
INVALID = Reason(Code.INVALID_FIELD, "must be text", "name", about="customer c0", whole="all that was said")


class Desk:
    """Bookkeeping with real books; `kept` are the rejected records that were."""

    def __init__(self, most_rejected: int | None = None, *, keeps: bool = True) -> None:
        self.ledger = Ledger()
        self.spool = Spool()
        self.report = Report(["people", "bills"], NAMES)
        self.standing = Standing(self.ledger, self.report, 50)
        self.stored = StoredCheck(ENTITIES, self.ledger, self.report.warn)
        self.kept: list[Rejection] = []
        store = self if keeps else None
        books = Books(self.ledger, self.report, self.standing, self.stored, store)  # type: ignore[arg-type]  # a list
        self.book = Bookkeeping(books, self.spool.groups, most_rejected)

    def add(self, rejection: Rejection) -> None:
        self.kept.append(rejection)

    def open(self, objects: int = 1, **fields: Any) -> Token:
        arrivals = [Arrival(CUSTOMERS, f"c{number}") for number in range(objects)]
        return self.book.open(ArrivedRecord(1, arrivals, **fields))

    def end(self, token: Token, outcome: Outcome, reason: Reason | None = None, **more: Any) -> None:
        self.book.end(token, outcome, CUSTOMERS, "c1", reason, **more)

    @property
    def ended(self) -> dict[tuple[int, Outcome], int]:
        """How many records have ended, by stream and outcome."""
        return dict(self.report.records)

    def states(self) -> int:
        """How many states leave."""
        return len(list(self.ledger.release()))


@pytest.fixture
def books() -> Iterator[Books]:
    made = Desk()
    yield made
    made.spool.close()


def reasons(books: Desk) -> list[tuple[str, str, str, str | None, int]]:
    return [
        (one["outcome"], one["code"], one["example"], one["field"], one["count"])
        for one in books.report.document(0, 0)["reasons"]
    ]


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.REJECTED])
def test_given_a_record_of_one_object_when_that_ends_then_the_record_does(books: Desk, outcome: Outcome) -> None:
    token = books.open()
    books.ledger.add_state({"state": {}}, 1)
    assert (books.report.received[1], books.ended, books.states()) == (1, {}, 0)
    books.end(token, outcome)
    assert (books.ended, dict(books.report.objects)) == ({(1, outcome): 1}, {(CUSTOMERS, outcome): 1})
    assert books.states() == 1


def test_given_a_record_of_several_objects_when_the_last_ends_then_it_ends_as_the_worst(books: Desk) -> None:
    token = books.open(3)
    books.end(token, Outcome.UNCHANGED)
    books.end(token, Outcome.REJECTED, INVALID)
    assert books.ended == {}
    books.end(token, Outcome.SENT)
    assert books.ended == {(1, Outcome.REJECTED): 1}


def test_given_a_rejected_record_when_its_state_leaves_then_it_counts_as_rejected(books: Desk) -> None:
    books.end(books.open(), Outcome.REJECTED, INVALID)
    books.ledger.add_state({"state": {}}, 1)
    (state,) = books.ledger.release()
    assert state["state"]["destinationStats"] == {"recordCount": 0.0, "rejectedRecordCount": 1.0}


def test_given_a_credit_when_it_has_become_more_objects_then_its_record_waits_for_all(books: Desk) -> None:
    token = books.open(2)
    books.book.make(token, 3)  # one of the two is the credit itself
    for number in range(4):
        assert books.ended == {}, f"after {number}"
        books.end(token, Outcome.SENT)
    assert books.ended == {(1, Outcome.SENT): 1}


def test_given_a_record_of_which_nothing_is_made_then_it_is_skipped_at_once_with_its_reason(books: Desk) -> None:
    books.book.open(ArrivedRecord(1, reason=Reason(Code.DRAFT, "a draft")))
    books.book.open(ArrivedRecord(0))
    assert books.ended == {(1, Outcome.SKIPPED): 1, (0, Outcome.SKIPPED): 1}
    found = books.report.document(0, 0)["reasons"]
    assert sorted((one["code"], one["text"], one["example"]) for one in found) == [
        ("draft", "a draft", ""),
        ("not_mapped", "the mapping makes nothing of it", ""),
    ]
    assert sorted(one["where"] for one in found) == ["bills", "people"]


def test_given_warnings_of_a_record_then_each_is_counted_with_its_id(books: Desk) -> None:
    books.open(warnings=[Warned(Code.INCOMPLETE_LINES, "lines are missing", 7)])
    books.book.warn(Code.INCOMPLETE_LINES, "lines are missing", "8")
    books.book.warn(Code.DIFFERING_STREAMS, "two contents", "9")
    first, second = books.report.warnings.values()
    assert (first.count, first.example) == (2, "7")
    assert (second.count, second.example) == (1, "9")


def test_given_a_reason_when_an_object_ends_with_it_then_object_stream_and_the_other_object_are_named(
    books: Desk,
) -> None:
    books.end(books.open(), Outcome.REJECTED, INVALID)
    assert reasons(books) == [("rejected", "invalid_field", "c1 of stream bills, customer c0", "name", 1)]
    assert (books.report.document(0, 0)["reasons"][0]["where"], books.book.failure) == ("customers", None)


# --- what ends without a record


def test_given_what_was_made_up_when_it_is_sent_then_it_is_a_stub_and_no_record(books: Desk) -> None:
    books.end(NO_TOKEN, Outcome.SENT)
    books.end(NO_TOKEN, Outcome.SKIPPED, INVALID)
    assert (dict(books.report.stubs), books.ended, dict(books.report.objects)) == ({CUSTOMERS: 1}, {}, {})
    assert reasons(books) == []


def test_given_a_completion_when_it_ends_then_nothing_is_booked(books: Desk) -> None:
    books.end(COMPLETION, Outcome.REJECTED, INVALID)
    assert (dict(books.report.stubs), books.ended, reasons(books), books.kept) == ({}, {}, [], [])


# --- kept records


def test_given_a_place_for_rejected_records_when_an_object_is_rejected_then_its_record_is_kept_whole(
    books: Desk,
) -> None:
    token = books.open(content=LINE)
    books.end(token, Outcome.REJECTED, INVALID, version=5.0)
    kept = Rejection(
        "bills", "c1", "customers", Code.INVALID_FIELD, "name", "all that was said", b'{"id":"c1"}', version=5.0
    )
    assert books.kept == [kept]
    assert books.ended == {(1, Outcome.REJECTED): 1}


def test_given_a_record_whose_content_is_not_kept_when_rejected_then_the_reason_is_kept_in_full(books: Desk) -> None:
    reason = Reason(Code.PARENT_REJECTED, "its parent was rejected", "customer_id", about="customer c0")
    books.end(books.open(), Outcome.REJECTED, reason)
    (kept,) = books.kept
    assert (kept.record, kept.message, kept.version) == (None, "its parent was rejected: customer c0", None)


@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.SENT])
def test_given_what_is_not_rejected_when_it_has_a_reason_then_its_record_is_not_kept(
    books: Desk, outcome: Outcome
) -> None:
    books.end(books.open(content=LINE), outcome, INVALID)
    assert books.kept == []


def test_given_an_object_sent_without_a_reference_then_its_record_is_kept_to_complete_it(books: Desk) -> None:
    token = books.open(content=LINE)
    books.book.left_out(token, CUSTOMERS, "c1", INVALID, 2.0)
    for without in (COMPLETION, NO_TOKEN):
        books.book.left_out(without, CUSTOMERS, "c1", INVALID, 2.0)
    assert [(one.id, one.record, one.version) for one in books.kept] == [("c1", b'{"id":"c1"}', 2.0)]


def test_given_no_place_for_rejected_records_then_none_is_kept() -> None:
    books = Desk(keeps=False)
    token = books.open()
    books.book.left_out(token, CUSTOMERS, "c1", INVALID, None)
    books.end(token, Outcome.REJECTED, INVALID)
    assert (books.kept, books.ended) == ([], {(1, Outcome.REJECTED): 1})
    books.spool.close()


# --- too many


def test_given_so_many_rejected_records_are_tolerated_when_one_more_is_then_the_sync_stops_and_its_state_stays() -> (
    None
):
    books = Desk(most_rejected=1)
    for number in range(2):
        assert books.book.failure is None
        books.end(books.open(), Outcome.REJECTED, INVALID)
        books.ledger.add_state({"state": {"id": number}}, 1)
    assert str(books.book.failure) == (
        "The sync was stopped after 2 rejected records, as the settings under 'Rejected records' ask. "
        "The last one: customers c1: name: must be text: customer c0."
    )
    assert [one["state"]["id"] for one in books.ledger.release()] == [0]
    assert books.ended == {(1, Outcome.REJECTED): 2}
    first = books.book.failure
    books.end(books.open(), Outcome.REJECTED, Reason(Code.DRAFT, "another"))
    assert books.book.failure is first
    books.spool.close()


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (None, "customers c1: an object of it was rejected."),
        (Reason(Code.PARENT_REJECTED, "its parent was rejected"), "customers c1: its parent was rejected."),
    ],
)
def test_given_no_rejected_record_is_tolerated_when_one_is_then_the_sync_says_why(
    reason: Reason | None, words: str
) -> None:
    books = Desk(most_rejected=0)
    books.end(books.open(), Outcome.REJECTED, reason)
    assert str(books.book.failure).endswith(f"The last one: {words}")
    books.spool.close()


# --- others that watch


@pytest.mark.parametrize(("outcome", "leave"), [(Outcome.SENT, 0), (Outcome.SETTLED, 0), (Outcome.UNCHANGED, 1)])
def test_given_a_doubt_about_what_is_stored_when_an_object_was_written_then_its_state_waits(
    books: Desk, outcome: Outcome, leave: int
) -> None:
    books.ledger.doubts.add(StoredDoubt(CUSTOMERS))
    books.end(books.open(), outcome)
    books.ledger.add_state({"state": {}}, 1)
    assert books.states() == leave


def test_given_objects_that_are_refused_for_their_form_then_their_standing_hears_of_it(books: Desk) -> None:
    form = Reason(Code.REFUSED_BY_API, "was refused", "name", of_form=True)
    for number in range(20):
        books.book.end(books.open(), Outcome.REJECTED, CUSTOMERS, f"c{number}", form)
    assert "refused all customers so far" in str(books.standing.failure)
