"""Writes that got no answer, and may be carried out over a newer content."""

from __future__ import annotations

from destination_fincome.engine.arrivals import Content, Entity
from destination_fincome.engine.spool.rows import Row, Status
from destination_fincome.engine.unanswered import MANY, UnansweredWrites
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.retry_policy import DEFAULT

LOST = Verdict(Kind.RETRY, overloaded=True, unanswered=True)
DOWN = Verdict(Kind.RETRY, overloaded=True)
OVER = 100.0 + DEFAULT.longest_lag


def row(revision: int, status: Status = Status.SENDING, key: int = 1) -> Row:
    return Row(key, Entity(0), "c1", status=status, revision=revision, content=Content(b"{}"))


def test_a_newer_content_that_is_accepted_may_be_undone_until_the_older_write_is_over() -> None:
    writes = UnansweredWrites()
    writes.note(row(1), LOST, 100.0)
    assert writes.writes
    assert writes.may_undo(row(1), 101.0) is None, "the same content, sent once more"
    assert writes.may_undo(row(2), 101.0) == OVER
    assert writes.may_undo(row(3), OVER - 1) == OVER
    assert writes.may_undo(row(3), OVER) is None
    assert not writes.writes


def test_what_was_overtaken_is_older_than_what_follows() -> None:
    writes = UnansweredWrites()
    writes.note(row(2, Status.OVERTAKEN), LOST, 100.0)
    assert writes.may_undo(row(2), 101.0) == OVER


def test_of_two_writes_without_an_answer_the_older_one_counts() -> None:
    writes = UnansweredWrites()
    writes.note(row(1), LOST, 95.0)
    writes.note(row(2), LOST, 100.0)
    assert writes.may_undo(row(2), 101.0) == OVER


def test_what_was_answered_may_undo_nothing() -> None:
    writes = UnansweredWrites()
    writes.note(row(1), DOWN, 100.0)
    writes.note(row(1), Verdict(Kind.ACCEPTED), 100.0)
    assert not writes.writes


def test_those_that_are_over_are_dropped_when_they_are_many() -> None:
    writes = UnansweredWrites()
    for key in range(MANY):
        writes.note(row(1, key=key), LOST, 100.0)
    writes.note(row(1, key=MANY), LOST, OVER)
    assert writes.may_undo(row(2, key=0), 101.0) is None
    assert writes.may_undo(row(2, key=MANY), 101.0) == OVER + DEFAULT.longest_lag
