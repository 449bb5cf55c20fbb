"""Which trouble is a single object's own, and which is everybody's: by scripted answers, in virtual time."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.codes import Code
from destination_fincome.engine.pace.kept_failing import ENOUGH_ACCEPTED, MOST_FAILING, KeptFailing, Next
from destination_fincome.engine.pace.pace import Pace
from destination_fincome.engine.pace.retries import Retries
from destination_fincome.failure import TransientFailure
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.fincome.delivery import Request
from destination_fincome.retry_policy import RetryPolicy

ACCEPTED = Verdict(Kind.ACCEPTED)
REFUSED = Verdict(Kind.REFUSED)
ERROR = Verdict(Kind.RETRY, problem="answered 500")
THROTTLED = Verdict(Kind.RETRY, problem="answered 429", throttled=True)
PATIENCE = 600.0
# What a request takes.
A_MOMENT = 1e-6
POISON = 1


class Desk:
    """Objects in trouble, and a clock."""

    def __init__(self, *, gives_up: bool = True) -> None:
        self.now = 0.0
        policy = RetryPolicy(patience=PATIENCE)
        self.pace = Pace(8, None, policy, clock=lambda: self.now)
        self.trouble = KeptFailing(Retries(self.pace, policy), policy, gives_up=gives_up)
        self.at_end = False

    def out(self, *keys: int, entity: str = "customers") -> list[Request]:
        return [Request(entity, f"c{key}", b"{}", key=key, at_end=self.at_end) for key in keys]

    def accept(self, *keys: int, entity: str = "customers", verdict: Verdict = ACCEPTED) -> None:
        for request in self.out(*keys, entity=entity):
            self.now += A_MOMENT
            self.trouble.good(request, verdict, self.now)

    def fail(self, key: int = POISON, verdict: Verdict = ERROR) -> Next:
        (request,) = self.out(key)
        sent = self.now
        self.now += A_MOMENT
        return self.trouble.again(request, verdict, self.now, sent)

    def set_aside(self, *keys: int) -> None:
        """Let objects fail as often as it takes; a good answer each time, so that nobody pauses."""
        for key in keys:
            for _ in range(3):
                found = self.fail(key)
                self.accept(9999, entity="products")
            assert found.aside

    def end(self, after: float = PATIENCE) -> None:
        self.at_end = True
        self.now += after


def test_given_the_third_failure_then_it_is_set_aside_and_not_before():
    desk = Desk()
    assert [desk.fail().aside for _ in range(5)] == [False, False, True, True, True]


def test_given_it_is_set_aside_when_it_fails_on_then_the_pauses_grow():
    desk = Desk()
    desk.accept(9999, entity="products")
    pauses = []
    for _ in range(9):
        found = desk.fail()
        pauses.append(found.due - desk.now)
        desk.now = found.due
    assert all(later >= earlier for earlier, later in pairwise(pauses))
    assert pauses[-1] > 30, "beyond those of trouble that may be everybody's"


def test_given_others_go_well_when_it_fails_for_ever_then_it_ends_with_the_end_of_the_input_and_of_patience():
    desk = Desk()
    desk.set_aside(POISON)
    desk.accept(*range(10, 10 + ENOUGH_ACCEPTED))
    desk.now += 2 * PATIENCE
    assert desk.fail().aside, "more input may bring proof that it is an outage"
    desk.at_end = True
    verdict = desk.fail().verdict
    assert (verdict.kind, verdict.code) == (Kind.REFUSED, Code.KEPT_FAILING)
    assert "Fincome answered 500" in verdict.problem


def test_while_an_object_is_set_aside_people_are_told_what_states_wait_for():
    desk = Desk()
    desk.fail()
    assert list(desk.trouble.waits()) == []
    desk.set_aside(POISON, 2)
    assert list(desk.trouble.waits()) == ["2 customers keep failing and are tried again (`retry_minutes`)"]
    desk.accept(POISON, 2)
    assert list(desk.trouble.waits()) == []


def test_given_the_input_has_ended_when_patience_has_not_then_the_last_try_is_when_it_ends():
    desk = Desk()
    desk.set_aside(POISON)
    desk.accept(2)
    desk.end(after=PATIENCE - 1)
    found = desk.fail()
    assert (found.verdict, found.aside, found.due) == (ERROR, False, pytest.approx(PATIENCE, abs=1e-4))


@pytest.mark.parametrize("others", [1, ENOUGH_ACCEPTED - 1])
def test_given_few_others_when_all_are_accepted_then_it_ends(others):
    desk = Desk()
    desk.set_aside(POISON)
    desk.accept(*range(10, 10 + others))
    desk.end()
    assert desk.fail().verdict.code is Code.KEPT_FAILING


def test_given_few_others_when_they_were_accepted_while_it_was_under_way_then_they_count():
    desk = Desk()
    (poison,) = desk.out(POISON)
    sent = desk.now
    desk.accept(2)
    desk.trouble.again(poison, ERROR, desk.now, sent)
    desk.fail()
    desk.fail()
    desk.end()
    assert desk.fail().verdict.code is Code.KEPT_FAILING


def test_given_others_that_were_accepted_while_it_lay_ready_only_then_it_is_an_outage():
    desk = Desk()
    desk.at_end = True
    (poison,) = desk.out(POISON)
    desk.accept(*range(10, 50))
    for _ in range(3):
        desk.trouble.again(poison, ERROR, desk.now, sent=desk.now)
        desk.out(POISON)
    desk.now += PATIENCE
    assert "answered 500" in outage(desk)


def outage(desk: Desk, key: int = POISON) -> str:
    with pytest.raises(TransientFailure) as failure:
        desk.fail(key)
    return failure.value.message


def test_given_others_that_were_accepted_before_only_then_it_is_an_outage_that_names_it():
    desk = Desk()
    desk.accept(*range(10, 50))
    for _ in range(3):
        desk.fail()
    desk.now += PATIENCE
    message = outage(desk)
    assert "Fincome answered 500, for 600 s of trying again (`retry_minutes`)" in message
    assert message.endswith("The last one tried: customers c1.")


def test_given_a_silent_source_when_nothing_came_after_the_failure_then_it_is_an_outage():
    desk = Desk()
    (poison,) = desk.out(POISON)
    sent = desk.now
    desk.accept(2)
    desk.trouble.again(poison, ERROR, desk.now, sent)
    desk.fail()
    desk.now += PATIENCE
    outage(desk)


@pytest.mark.parametrize("verdict", [ACCEPTED, REFUSED])
def test_given_only_other_entities_were_answered_when_the_input_ends_then_it_is_an_outage(verdict):
    desk = Desk()
    desk.set_aside(POISON)
    desk.accept(*range(100, 150), entity="invoices", verdict=verdict)
    desk.accept(7, verdict=REFUSED)
    desk.end()
    assert "answered 500" in outage(desk)


def test_given_two_failing_objects_when_few_others_were_accepted_then_it_is_an_outage():
    desk = Desk()
    desk.set_aside(1, 2)
    desk.accept(*range(10, 10 + ENOUGH_ACCEPTED - 1))
    desk.end()
    outage(desk)


def test_given_two_failing_objects_when_enough_others_were_accepted_then_both_end():
    desk = Desk()
    desk.set_aside(1, 2)
    desk.accept(*range(10, 10 + ENOUGH_ACCEPTED))
    desk.end()
    assert [desk.fail(key).verdict.code for key in (1, 2)] == [Code.KEPT_FAILING] * 2


@pytest.mark.parametrize(("tried", "failing", "is_outage"), [
    (100, MOST_FAILING, False),
    (100, MOST_FAILING + 1, True),
    (25_000, MOST_FAILING + 5, False),
    (25_000, MOST_FAILING + 6, True),
])  # fmt: skip
def test_given_more_failing_objects_than_a_few_when_patience_ends_then_it_is_an_outage(tried, failing, is_outage):
    desk = Desk()
    desk.set_aside(*range(failing))
    desk.accept(*range(failing, tried + failing))
    desk.now += PATIENCE
    if is_outage:
        assert f"{failing} customers fail, which is more than a few odd ones" in outage(desk)
    else:
        desk.at_end = True
        assert all(desk.fail(key).verdict.code is Code.KEPT_FAILING for key in range(failing))


def test_given_those_given_up_before_when_others_follow_then_they_count_together():
    desk = Desk()
    desk.set_aside(*range(MOST_FAILING))
    desk.accept(*range(100, 200))
    desk.end()
    for key in range(MOST_FAILING):
        assert desk.fail(key).verdict.code is Code.KEPT_FAILING
    desk.at_end = False
    desk.set_aside(77)
    desk.accept(*range(200, 300))
    desk.end()
    outage(desk, 77)


def test_given_it_is_accepted_at_last_then_nothing_of_its_trouble_is_left():
    desk = Desk()
    desk.set_aside(POISON)
    desk.accept(POISON)
    desk.now += PATIENCE
    assert [desk.fail().aside for _ in range(3)] == [False, False, True]


def test_given_nothing_but_failures_then_everybody_pauses_though_all_are_set_aside():
    desk = Desk()
    desk.set_aside(*range(8))
    assert desk.pace.paused() == 0
    for key in range(8):
        desk.fail(key)
    assert 0 < desk.pace.paused() <= 30


def test_given_429s_then_they_are_never_an_objects_own_trouble():
    desk = Desk()
    assert [desk.fail(verdict=THROTTLED).aside for _ in range(6)] == [False] * 6
    assert [desk.fail().aside for _ in range(2)] == [False] * 2


def test_given_a_dry_run_then_nothing_is_set_aside_or_given_up():
    desk = Desk(gives_up=False)
    assert [desk.fail().aside for _ in range(4)] == [False] * 4
    desk.accept(*range(10, 50))
    desk.end()
    outage(desk)


def test_given_the_look_up_of_an_object_then_its_trouble_is_everybodys():
    desk = Desk()
    look_up = Request("customers", "c1", b"", key=1, look_up=True)
    for _ in range(5):
        assert not desk.trouble.again(look_up, ERROR, desk.now, desk.now).aside
    desk.accept(*range(10, 50))
    desk.now += PATIENCE
    with pytest.raises(TransientFailure):
        desk.trouble.again(look_up, ERROR, desk.now, desk.now)


EVENTS = st.lists(st.tuples(st.sampled_from(["accept", "fail", "pass"]), st.integers(0, 30)), max_size=120)


@given(EVENTS)
def test_whatever_fails_nothing_is_given_up_while_fincome_may_be_out_of_order(events):
    """An object ends only after its patience, at the end, with an acceptance since it was sent first."""
    desk = Desk()
    first: dict[int, float] = {}
    accepted_since: dict[int, int] = {}
    for what, number in events:
        desk.at_end = desk.at_end or (what == "pass" and number > 25)
        if what == "pass":
            desk.now += number * 10
        elif what == "accept":
            desk.accept(number)
            first.pop(number, None)
            accepted_since = {key: count + 1 for key, count in accepted_since.items() if key != number}
        else:
            try:
                found = desk.fail(number)
            except TransientFailure:
                return
            first.setdefault(number, desk.now)
            accepted_since.setdefault(number, 0)
            if found.verdict.code is Code.KEPT_FAILING:
                assert desk.at_end
                assert desk.now - first.pop(number) >= PATIENCE
                assert accepted_since.pop(number) >= 1
            else:
                assert found.due > desk.now
