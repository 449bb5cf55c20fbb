"""How entities stand: what counts, which states wait, and how a sync ends. A state follows each object."""

from __future__ import annotations

import pytest

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import NO_TOKEN, Entity
from destination_fincome.engine.bookkeeping import Bookkeeping, Books
from destination_fincome.engine.spool.spool import Spool
from destination_fincome.engine.standing import MOST_REFUSED, Standing
from destination_fincome.engine.states import Ledger
from destination_fincome.engine.stored_check import StoredCheck
from destination_fincome.outcomes import ALREADY_EXISTS, Outcome, Reason
from destination_fincome.reporting.report import Report

CUSTOMERS, INVOICES = Entity(0), Entity(1)
VALUE = Reason(Code.REFUSED_BY_API, "was refused", "country")
OTHER = Reason(Code.REFUSED_BY_API, "was told off", "country")
FORM = Reason(Code.REFUSED_BY_API, "was refused", "name", of_form=True)
INVALID = Reason(Code.INVALID_FIELD, "must be text", "name")
CHILD = Reason(Code.PARENT_REJECTED, "its parent was rejected", "customer_id")


class Sync:
    """Objects that end, each with a state after it."""

    def __init__(self, most_percent: float = 50) -> None:
        self.ledger = Ledger()
        self.report = Report(["s"], ["customers", "invoices"])
        self.standing = Standing(self.ledger, self.report, most_percent)
        self.left = 0
        self._number = 0

    def end(self, outcome: Outcome, reason: Reason | None = None, number: int = 1, entity: Entity = CUSTOMERS) -> None:
        for _ in range(number):
            self._number += 1
            segment = self.ledger.open_record(0)
            if reason:
                self.report.reason(outcome, self.report.entities[entity], reason, f"id-{self._number}")
            self.standing.ended(entity, outcome, f"id-{self._number}", segment, reason)
            self.ledger.close_record(segment, outcome)
            self.ledger.add_state({"type": "STATE", "state": {}}, 0)

    def states(self) -> int:
        """How many states have left."""
        self.left += len(list(self.ledger.release()))
        return self.left


SENT, REJECTED, SKIPPED = Outcome.SENT, Outcome.REJECTED, Outcome.SKIPPED


@pytest.mark.parametrize(
    ("ends", "leave", "words"),
    [
        # A share: of at least twenty, more than half.
        ([(SENT, None, 9), (REJECTED, INVALID, 11)], 9, "11 of 20 customers were rejected"),
        ([(SENT, None, 10), (REJECTED, INVALID, 10)], 20, ""),
        ([(SENT, None, 1), (REJECTED, INVALID, 18)], 19, ""),
        ([(Outcome.UNCHANGED, None, 5), (Outcome.SETTLED, None, 5), (REJECTED, INVALID, 10)], 20, ""),
        ([(SKIPPED, Reason(Code.DRAFT, "a draft"), 90), (SENT, None, 9), (REJECTED, INVALID, 11)], 99, "11 of 20"),
        ([(SENT, None, 10), (REJECTED, CHILD, 90)], 100, ""),
        # A form: all that Fincome was asked for, for one reason.
        ([(REJECTED, VALUE, 2)], 0, "refused all customers so far (2)"),
        ([(REJECTED, FORM, 1)], 0, "refused all customers so far (1)"),
        ([(REJECTED, VALUE, 1)], 1, "Nothing of this sync came through"),
        ([(REJECTED, VALUE, 1), (REJECTED, OTHER, 1)], 2, "Nothing of this sync came through"),
        ([(REJECTED, VALUE, 2), (REJECTED, INVALID, 1)], 0, "refused all customers so far (2)"),
        ([(REJECTED, FORM, 5), (SENT, None, 1)], 6, ""),
        ([(SENT, None, 1), (REJECTED, FORM, 5)], 6, ""),
        # That something exists already shows that objects are taken as they are.
        ([(SKIPPED, ALREADY_EXISTS, 1), (REJECTED, VALUE, 2)], 3, "Nothing of this sync came through"),
        # Nothing.
        ([(REJECTED, INVALID, 3)], 3, "Nothing of this sync came through"),
        ([(SKIPPED, Reason(Code.DRAFT, "a draft"), 3)], 3, ""),
        ([], 0, ""),
    ],
)
def test_what_leaves_and_how_it_ends(ends: list, leave: int, words: str) -> None:
    sync = Sync()
    for outcome, reason, number in ends:
        sync.end(outcome, reason, number)
        sync.states()
    verdict = sync.standing.conclude()
    assert sync.states() == leave
    assert verdict is None if not words else words in str(verdict)


def test_all_is_tolerated_if_the_user_says_so() -> None:
    sync = Sync(100)
    sync.end(REJECTED, FORM, 100)
    assert (sync.states(), sync.standing.failure) == (100, None)
    assert "Nothing of this sync came through" in str(sync.standing.conclude())


@pytest.mark.parametrize(("percent", "fails"), [(0, True), (4.9, True), (5, False)])
def test_the_share_is_the_users(percent: float, fails: bool) -> None:
    sync = Sync(percent)
    sync.end(SENT, None, 19)
    sync.end(REJECTED, INVALID)
    assert (sync.standing.conclude() is not None) is fails


def test_twenty_refusals_for_one_reason_stop_at_once_and_one_accepted_prevents_it() -> None:
    sync = Sync()
    sync.end(REJECTED, VALUE, MOST_REFUSED - 1)
    assert sync.standing.failure is None
    sync.end(REJECTED, VALUE)
    assert "refused all customers so far (20 or more)" in str(sync.standing.failure)

    sync = Sync()
    sync.end(REJECTED, VALUE, MOST_REFUSED - 1)
    sync.standing.accepted(CUSTOMERS)  # a parent that was created from what its children say
    sync.end(REJECTED, VALUE)
    assert sync.standing.failure is None


def test_what_is_created_from_what_its_children_say_shows_that_fincome_takes_objects() -> None:
    sync, spool = Sync(), Spool()
    stored = StoredCheck([], sync.ledger, sync.report.warn)
    book = Bookkeeping(Books(sync.ledger, sync.report, sync.standing, stored), spool.groups)
    sync.end(REJECTED, FORM)
    assert sync.states() == 0
    book.end(NO_TOKEN, SENT, CUSTOMERS, "made-up", None)
    assert sync.states() == 1
    spool.close()


def test_one_object_that_comes_twenty_times_is_one_refusal() -> None:
    sync = Sync()
    segment = sync.ledger.open_record(0)
    for _ in range(MOST_REFUSED):
        sync.standing.ended(CUSTOMERS, REJECTED, "same", segment, VALUE)
    assert sync.standing.failure is None


def test_states_wait_for_their_own_entity_only_and_people_are_told_why() -> None:
    sync = Sync()
    sync.end(SENT, None, 1, INVOICES)
    sync.end(REJECTED, FORM, 1, CUSTOMERS)
    assert sync.states() == 1
    assert list(sync.standing.waits()) == ["Fincome has refused customers and accepted none yet"]
    sync.end(REJECTED, INVALID, 20, CUSTOMERS)
    assert list(sync.standing.waits()) == ["21 of 21 customers are rejected (`max_rejected_percent`)"]
    sync.end(SENT, None, 30, CUSTOMERS)
    assert list(sync.standing.waits()) == []
    assert sync.states() == 52
