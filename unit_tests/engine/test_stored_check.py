"""What is looked at, what is found, and which states wait for it: by scripted answers, in virtual time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
import pytest

from destination_fincome.engine.arrivals import COMPLETION, NO_TOKEN, Entity
from destination_fincome.engine.states import Ledger
from destination_fincome.engine.stored_check import LATE_SECONDS, LONGEST_LOOK, SOON_SECONDS, StoredCheck
from destination_fincome.fincome.answers import MISSING, UNTOLD, Kind, Verdict
from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.delivery import Request
from destination_fincome.fincome.samples import FIRST, ONE_IN, Samples, Written
from destination_fincome.outcomes import Outcome

ENTITIES = list(load_contract().entities.values())
INVOICES = Entity([spec.name for spec in ENTITIES].index("invoices"))
BODY = {"status": "paid", "amount": 12.5, "customer_id": "c1", "number": "7"}
TROUBLE = Verdict(Kind.RETRY, problem="answered 503")


class Desk:
    """Invoices that are accepted, each with a state after it."""

    def __init__(self, *, fails: bool = True) -> None:
        self.now = 0.0
        self.ledger = Ledger()
        self.warnings: list[tuple[str, str, str]] = []
        self.check = StoredCheck(ENTITIES, self.ledger, self._warn, fails=fails)
        self.left = 0

    def _warn(self, code: str, text: str, example: str) -> None:
        self.warnings.append((code, text, example))

    def write(
        self,
        identity: str,
        shown: Mapping[str, Any] | None = None,
        *,
        operation: str = "create",
        look: str = "first",
        late: bool = False,
        once: tuple[str, ...] = (),
        **sent: object,
    ) -> None:
        """Let an invoice be accepted; `shown` is what the answer shows besides its id."""
        body = orjson.dumps({"id": identity, **BODY, **sent})
        shown = None if shown is None else {"id": identity, **shown}
        verdict = Verdict(Kind.ACCEPTED, written=Written(operation, look, late, shown))
        segment = self.ledger.open_record(0)
        self.check.written(Request("invoices", identity, body, key=1, once=once), verdict, self.now)
        self.check.mark(INVOICES, (segment, 0))
        self.ledger.close_record(segment, Outcome.SENT)
        self.ledger.add_state({"state": {}}, 0)

    def states(self) -> int:
        """How many states have left by now."""
        self.left += len(list(self.ledger.release()))
        return self.left

    def taken(self) -> list[str]:
        return [request.id for request in self.ask()]

    def ask(self) -> list[Request]:
        return self.check.take(self.now)

    def show(self, request: Request, **shown: object) -> None:
        found = {"id": request.id, **BODY, **shown}
        self.check.answered(request, Verdict(Kind.ACCEPTED, found=found), self.now)

    def show_all(self, **shown: object) -> None:
        """Show all that is asked for, until nothing is."""
        while requests := self.ask():
            for request in requests:
                self.show(request, **shown)
            self.pass_time()

    def pass_time(self) -> None:
        """Let it be the time when something is to be asked for."""
        if self.check.next_due < math.inf:
            self.now = max(self.now, self.check.next_due)

    def told(self) -> list[tuple[str, str]]:
        return sorted({(str(code), text.partition(": ")[2] or text) for code, text, _ in self.warnings})


# --- what is looked at


def test_the_first_of_each_kind_and_operation_are_picked_then_one_in_many():
    samples = Samples()
    picked = [samples.pick("invoices", "create") for _ in range(2 * ONE_IN + 1)]
    assert picked[:FIRST] == ["first"] * FIRST
    assert [number for number, look in enumerate(picked) if look == "later"] == [ONE_IN, 2 * ONE_IN]
    assert samples.pick("invoices", "update") == samples.pick("plans", "create") == "first"


def test_given_an_answer_that_shows_all_then_nothing_is_asked_for_and_states_go():
    desk = Desk()
    desk.write("in_1", BODY)
    assert (desk.taken(), desk.states(), desk.check.at_rest) == ([], 1, True)


@pytest.mark.parametrize("shown", [None, {"status": "paid"}, {**BODY, "amount": 1250}])
def test_given_an_answer_that_shows_less_or_something_else_then_it_is_asked_for_and_states_wait(shown):
    desk = Desk()
    desk.write("in_1", shown)
    assert (desk.check.at_rest, desk.states()) == (False, 0)
    assert desk.check.next_due == 0.0
    (request,) = desk.ask()
    assert (request.look_up, request.check, request.id) == (True, True, "in_1")
    assert desk.check.next_due == math.inf
    desk.show(request)
    assert (desk.states(), desk.check.at_rest, desk.warnings) == (1, True, [])


def test_given_fields_that_only_a_creation_takes_when_an_update_is_shown_then_they_count_for_nothing():
    desk = Desk()
    for number in range(5):
        desk.write(f"in_{number}", {**BODY, "status": "open"}, operation="update", once=("status",))
    assert (desk.check.at_rest, desk.check.failure, desk.warnings) == (True, None, [])
    desk.write("in_5", {**BODY, "status": "open"}, once=("status",))
    assert not desk.check.at_rest


def test_given_a_later_sample_whose_answer_shows_nothing_then_nothing_is_asked_for():
    desk = Desk()
    desk.write("in_1", look="later")
    assert desk.taken() == []


def test_given_a_later_sample_with_another_value_then_it_is_a_warning_and_no_state_waits():
    desk = Desk()
    for number in range(8):
        desk.write(f"in_{number}", {**BODY, "amount": 1250}, look="later")
    assert desk.states() == 8
    desk.show_all(amount=1250)
    assert desk.told() == [("stored_differently", "a hundred times")]
    assert (desk.check.failure, desk.check.conclude()) == (None, None)


def test_the_first_of_a_kind_goes_alone_as_it_shows_whether_they_can_be_read():
    desk = Desk()
    for number in range(3):
        desk.write(f"in_{number}")
    (first,) = desk.ask()
    assert (desk.ask(), desk.check.next_due) == ([], math.inf)
    desk.show(first)
    assert desk.taken() == ["in_1", "in_2"]


@pytest.mark.parametrize("verdict", [UNTOLD, Verdict(Kind.ACCEPTED), Verdict(Kind.STOP)])
def test_given_a_kind_that_can_not_be_read_then_no_other_is_asked_for(verdict):
    desk = Desk()
    for number in range(3):
        desk.write(f"in_{number}", {"amount": 1250} if number else None)
    (first,) = desk.ask()
    desk.check.answered(first, verdict, desk.now)
    desk.write("in_9")
    assert (desk.taken(), desk.check.at_rest, desk.states()) == ([], True, 4)
    relation = "a hundred times"
    assert ("stored_differently", relation) in desk.told(), "the answer to the write is all that is known"
    assert desk.check.conclude() is None, "it need not be what is stored"


def test_given_an_object_that_goes_once_more_then_what_was_to_be_asked_for_is_forgotten():
    desk = Desk()
    desk.write("in_1")
    (request,) = desk.ask()
    desk.check.overtaken([Request("invoices", "in_1", b"{}")])
    desk.show(request, amount=99)
    assert (desk.check.at_rest, desk.warnings, desk.states()) == (True, [], 1)


def test_given_an_object_that_went_once_more_when_the_older_look_is_answered_then_it_says_nothing():
    desk = Desk()
    desk.write("in_1")
    (older,) = desk.ask()
    desk.check.overtaken([Request("invoices", "in_1", b"{}")])
    desk.write("in_1", amount=99)
    desk.now += SOON_SECONDS
    desk.show(older)
    assert (desk.warnings, desk.check.at_rest) == ([], False)
    desk.show_all(amount=99)
    assert (desk.warnings, desk.check.at_rest) == ([], True)


# --- how long


def test_given_another_value_when_it_is_an_old_one_then_it_is_waited_for():
    desk = Desk()
    desk.write("in_1", late=True)
    (request,) = desk.ask()
    desk.show(request, amount=1)
    desk.now = desk.check.next_due
    assert 0 < desk.now < SOON_SECONDS
    (request,) = desk.ask()
    desk.show(request)
    assert (desk.warnings, desk.check.at_rest) == ([], True)


@pytest.mark.parametrize(("late", "seconds"), [(True, LATE_SECONDS), (False, SOON_SECONDS)])
def test_given_another_value_when_it_stays_then_it_is_believed_in_the_end(late, seconds):
    desk = Desk()
    desk.write("in_1", late=late)
    desk.show_all(amount=1)
    assert seconds <= desk.now <= seconds + 2
    assert desk.told() == [("stored_differently", "another value")]


def test_given_an_object_that_is_not_found_then_it_is_waited_for_and_told():
    desk = Desk()
    desk.write("in_1")
    while requests := desk.ask():
        desk.check.answered(requests[0], MISSING, desk.now)
        desk.pass_time()
    assert LATE_SECONDS <= desk.now <= LATE_SECONDS + 5
    assert desk.told() == [("not_shown", "invoices are accepted, and then not found by their id")]
    assert desk.states() == 1


def test_given_trouble_only_then_states_wait_half_a_minute_and_no_longer():
    desk = Desk()
    desk.write("in_1")
    asked = 0
    while desk.now < LONGEST_LOOK:
        for request in desk.ask():
            asked += 1
            desk.check.answered(request, TROUBLE, desk.now)
        assert desk.states() == 0
        desk.now += 1
    assert (desk.taken(), desk.states(), desk.check.at_rest, desk.warnings) == ([], 1, True, [])
    assert asked <= 6


def test_given_a_sync_that_fails_then_what_nothing_speaks_against_is_saved():
    desk = Desk()
    desk.write("in_1")
    desk.check.give_up()
    assert (desk.states(), desk.check.at_rest) == (1, True)


# --- what is found


@pytest.mark.parametrize("field", ["amount", "date", "due_date", "status", "customer_id", "subscription_id"])
def test_given_more_than_half_of_five_when_they_are_stored_otherwise_then_it_fails(field):
    desk = Desk()
    sent = {"date": "2026-01-31", "due_date": "2026-02-28", "subscription_id": "s1"}
    for number in range(FIRST):
        is_other = number in (0, 2, 4)
        desk.write(f"in_{number}", **sent)
        desk.show_all(**sent | ({field: "2020-01-01" if "date" in field else 99} if is_other else {}))
    assert desk.states() == 0
    assert (
        f"invoices.{field}: another value (3 of 5 looked at after create, such as in_0)" in desk.check.failure.message
    )


def test_given_half_of_them_then_it_does_not_fail_and_states_go():
    desk = Desk()
    for number in range(4):
        desk.write(f"in_{number}")
        desk.show_all(**({} if number % 2 else {"amount": 1}))
    assert (desk.check.failure, desk.states()) == (None, 4)


@pytest.mark.parametrize("field", ["number"])
def test_given_a_field_that_makes_no_figure_then_it_is_a_warning_only(field):
    desk = Desk()
    for number in range(FIRST):
        desk.write(f"in_{number}")
    desk.show_all(**{field: "other"})
    assert (desk.check.failure, desk.check.conclude(), desk.states()) == (None, None, FIRST)
    assert len(desk.warnings) == FIRST


def test_given_few_in_all_then_they_are_judged_at_the_end():
    desk = Desk()
    for number in range(2):
        desk.write(f"in_{number}")
    desk.show_all(amount=Decimal("-12.5"))
    assert (desk.check.failure, desk.states()) == (None, 0)
    assert list(desk.check.waits()) == [
        "Fincome is asked whether invoices are stored as they were sent (`stored_check`)"
    ]
    message = desk.check.conclude().message
    assert "opposite sign (2 of 2" in message
    assert "`sign: negative` of the field" in message
    assert desk.states() == 0


def test_given_one_in_all_then_it_is_no_proof():
    desk = Desk()
    desk.write("in_1")
    desk.show_all(amount=1)
    assert desk.states() == 0
    assert desk.check.conclude() is None
    assert desk.states() == 1


def test_given_updates_that_change_nothing_when_creates_are_stored_then_they_are_judged_alone():
    desk = Desk()
    for number in range(FIRST):
        desk.write(f"in_{number}", BODY)
    assert desk.states() == FIRST
    for number in range(FIRST):
        desk.write(f"in_{number}", {**BODY, "amount": 1}, operation="update")
    desk.show_all(amount=1)
    assert (
        "another value, perhaps unchanged after an update (5 of 5 looked at after update" in desk.check.failure.message
    )
    assert desk.states() == FIRST


def test_given_warnings_are_wanted_then_no_state_waits_and_nothing_fails():
    desk = Desk(fails=False)
    for number in range(FIRST):
        desk.write(f"in_{number}")
    assert desk.states() == FIRST
    desk.show_all(amount=1)
    assert (desk.check.failure, desk.check.conclude(), len(desk.warnings)) == (None, None, FIRST)


def test_given_a_field_that_no_answer_shows_then_it_is_a_warning():
    desk = Desk()
    for number in range(FIRST):
        desk.write(f"in_{number}", {"number": "7"})
    desk.show_all(amount=None, number=None)
    assert desk.told() == [("not_shown", "invoices.amount is accepted, and no answer shows it")]
    assert (desk.check.failure, desk.states()) == (None, FIRST)


def test_given_a_null_that_changes_nothing_then_it_is_a_warning():
    desk = Desk()
    desk.write("in_1", due_date=None)
    desk.show_all(due_date="2026-02-28")
    assert desk.told() == [("not_cleared", "invoices.due_date was sent empty, and Fincome still shows a value")]


def test_given_what_no_record_answers_for_then_no_state_waits_for_it():
    desk = Desk()
    desk.write("in_1")
    for token in (NO_TOKEN, COMPLETION):
        desk.check.mark(INVOICES, token)
