"""One object's life: the table of lifecycle.py, cell by cell and over any sequence of events."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from destination_fincome.codes import Code
from destination_fincome.engine import lifecycle
from destination_fincome.engine.arrivals import COMPLETION, NO_TOKEN, Arrival, Content, Entity, Ref
from destination_fincome.engine.lifecycle import (
    TABLE,
    Answered,
    Arrived,
    Became,
    Count,
    CycleFound,
    Due,
    End,
    EndFollowers,
    Follow,
    InputEnded,
    LookedUp,
    LookUpDue,
    MayBeUndone,
    Named,
    NotListed,
    Overdue,
    ParentGone,
    ParentsThere,
    ParentVoid,
    Recalled,
    RecallWrong,
    Simple,
    StoodFor,
    Taken,
    Unfilled,
    ValueChanged,
    WaitFor,
    Wanted,
    step,
)
from destination_fincome.engine.spool.rows import BLOCKING, PENDING, Presence, Row, Status, copy_of
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.outcomes import Outcome, Reason

ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"
INVOICES = Entity(4)
CUSTOMER = Ref("customer_id", Entity(2), "cus_1", required=True)
SUBSCRIPTION = Ref("subscription_id", Entity(3), "sub_1", required=False)
NOW = 100.0
VERDICTS = {kind: Verdict(kind, Code.MISSING_REFERENCE, "customer_id", "words") for kind in Kind}


def content(*refs: Ref, policy: str = "upsert", settles: bool = False, name: str = "a") -> Content:
    return Content(f'{{"id":"in_1","name":"{name}"}}'.encode(), refs, True, policy, settles=settles)


def arrived(one: Content | None = None, version: int | None = None, token: int = 9, **facts: object) -> Arrived:
    one = one if one or facts else content()
    if one and one.settles:
        facts.setdefault("skip", Reason(Code.VOID, "void"))
    digest = hash(one.body) if one else 1
    return Arrived(Arrival(INVOICES, "in_1", version=version, digest=digest, content=one, **facts), (token, 0), NOW)


def row_at(status: Status, one: Content | None = None, **values: object) -> Row:
    """A row of a status, with what a row of that status has."""
    one = one or content()
    row = Row(1, INVOICES, "in_1", status=status)
    if status is not Status.ABSENT:
        row.digest, row.version, row.token, row.revision, row.stream = hash(one.body), 1, (5, 0), 1, -1
    if status in PENDING:
        row.content = one
    if status in (Status.REJECTED, Status.SKIPPED):
        row.reason = Reason(Code.DRAFT, "why")
    if status is Status.SENT:
        row.presence = Presence.THERE
    for name, value in values.items():
        setattr(row, name, value)
    return row


def ends(effects: list) -> list[tuple[int, Outcome]]:
    return [(effect.token[0], effect.outcome) for effect in effects if isinstance(effect, End)]


def counted(effects: list) -> list:
    """What the control totals are told."""
    return [effect for effect in effects if isinstance(effect, Count | Became)]


# --- it arrives


def test_a_first_content_without_parents_can_go():
    row, effects = step(row_at(Status.ABSENT), arrived())
    assert (row.status, row.revision, row.token) == (Status.READY, 1, (9, 0))
    assert effects == [Count(None, again=False), Simple.SEND]


def test_a_content_with_parents_waits_for_those_that_this_sync_brings():
    unwatched = structs.replace(SUBSCRIPTION, watched=False)
    row, effects = step(row_at(Status.ABSENT), arrived(content(CUSTOMER, unwatched)))
    assert row.status is Status.WAITING
    assert effects == [Count(None, again=False), WaitFor((CUSTOMER,))]


@pytest.mark.parametrize("status", [Status.WAITING, Status.READY, Status.LATER, Status.PARKED])
def test_a_newer_content_takes_the_place_of_one_that_has_not_gone(status):
    row, effects = step(row_at(status, followed=True), arrived(content(name="b"), 2))
    assert (row.status, row.revision, row.token, row.followed) == (Status.READY, 2, (9, 0), False)
    assert ends(effects) == [(5, Outcome.SKIPPED)]
    assert EndFollowers(Outcome.SKIPPED, lifecycle.SUPERSEDED) in effects


def test_a_newer_content_overtakes_the_one_under_way_which_ends_when_it_is_answered():
    row, effects = step(row_at(Status.SENDING), arrived(content(name="b"), 2))
    assert (row.status, row.token) == (Status.OVERTAKEN, (9, 0))
    assert ends(effects) == []
    row, effects = step(row, arrived(content(name="c"), 3, token=10))
    assert ends(effects) == [(9, Outcome.SKIPPED)], "the one in between will never go"
    row, effects = step(row, Answered(VERDICTS[Kind.ACCEPTED], (5, 0), NOW, NOW))
    assert ends(effects) == [(5, Outcome.SENT)]
    assert (row.status, row.token) == (Status.READY, (10, 0))


@pytest.mark.parametrize(("kind", "outcome"), [(kind, Outcome.SKIPPED) for kind in Kind if kind is not Kind.ACCEPTED])
def test_what_was_overtaken_and_not_accepted_is_superseded(kind, outcome):
    row = row_at(Status.OVERTAKEN, token=(9, 0))
    row, effects = step(row, Answered(VERDICTS[kind], (5, 0), NOW, NOW))
    assert ends(effects) == [(5, outcome)]
    assert row.status is Status.READY


@pytest.mark.parametrize("status", sorted(PENDING))
def test_the_same_content_again_follows_the_one_that_is_pending(status):
    row, effects = step(row_at(status), arrived(version=3))
    assert row.followed
    assert row.version == 3, "it is true for longer"
    assert effects == [Follow((9, 0))]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (Status.SENT, Outcome.UNCHANGED),
        (Status.REJECTED, Outcome.REJECTED),
        (Status.SKIPPED, Outcome.SKIPPED),
    ],
)
def test_the_same_content_again_ends_as_the_last_one_did(status, outcome):
    assert ends(step(row_at(status), arrived())[1]) == [(9, outcome)]


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.ABSENT])
def test_an_older_content_is_superseded_and_changes_nothing(status):
    before = row_at(status)
    row, effects = step(before, arrived(content(name="b"), 0))
    assert row == before
    assert ends(effects) == [(9, Outcome.SKIPPED)]


def test_a_skip_ends_at_once_and_supersedes_what_waits():
    row, effects = step(row_at(Status.WAITING), arrived(None, 2, skip=Reason(Code.VOID, "void")))
    assert (row.status, row.token, row.content) == (Status.SKIPPED, NO_TOKEN, None)
    assert ends(effects) == [(5, Outcome.SKIPPED), (9, Outcome.SKIPPED)]
    assert counted(effects) == [Count(None, again=True), Became(Outcome.SKIPPED)]


def test_a_faulty_content_is_rejected_and_what_is_pending_stays():
    fault = Reason(Code.INVALID_FIELD, "must be text", "name")
    row, effects = step(row_at(Status.ABSENT), arrived(None, fault=fault))
    assert (row.status, row.reason, ends(effects)) == (Status.REJECTED, fault, [(9, Outcome.REJECTED)])
    waiting = row_at(Status.WAITING)
    same, effects = step(waiting, arrived(None, 5, fault=fault))
    assert (same, counted(effects)) == (waiting, [])
    assert step(row, arrived())[0].status is Status.READY, "a good one after a faulty one is the first"


def test_what_is_only_to_be_created_and_is_there_is_skipped_unless_this_sync_made_it():
    new = arrived(content(policy="create_only", name="b"), 2)
    assert step(row_at(Status.SENT), new)[0].status is Status.SKIPPED
    assert step(row_at(Status.SENT, presence=Presence.CREATED), new)[0].status is Status.READY


def test_a_settlement_waits_until_all_else_has_gone_and_ends_as_settled():
    void = Reason(Code.VOID, "void")
    row, effects = step(row_at(Status.ABSENT), arrived(content(settles=True), skip=void))
    assert (row.status, row.reason) == (Status.SETTLING, void)
    assert effects == [
        Count(None, again=False), lifecycle.NOTHING_COUNTS, Simple.SETTLE_PARTS, Simple.LOSE_CHILDREN,
    ]  # fmt: skip
    row, _ = step(row, InputEnded(90.0, NOW, True, None))
    row, _ = step(row, Taken())
    assert ends(step(row, Answered(VERDICTS[Kind.ACCEPTED], (9, 0), NOW, NOW))[1]) == [(9, Outcome.SETTLED)]
    skipped, effects = step(row, Answered(VERDICTS[Kind.MISSING], (9, 0), NOW, NOW))
    assert (ends(effects), skipped.reason) == ([(9, Outcome.SKIPPED)], void)


@pytest.mark.parametrize(
    ("kind", "settled", "expected"),
    [
        (Kind.MISSING, False, [(5, Outcome.SKIPPED)]),
        (Kind.ACCEPTED, True, [(5, Outcome.UNCHANGED)]),
        (Kind.ACCEPTED, False, []),
        (Kind.RETRY, False, []),
    ],
)
def test_a_settlement_that_is_looked_at_first_ends_if_nothing_is_left_to_settle(kind, settled, expected):
    row = row_at(Status.SETTLING, content(settles=True), reason=Reason(Code.VOID, "void"))
    row, effects = step(row, InputEnded(90.0, NOW, True, None, look=True))
    assert (row.presence, effects) == (Presence.ASKED, [Simple.LOOK_UP])
    row, effects = step(row, LookedUp(VERDICTS[kind], NOW, NOW, settled=settled))
    assert ends(effects) == expected
    assert counted(effects) == [Became(outcome) for _, outcome in expected]
    assert (row.status is Status.SETTLING) == (not expected)


def test_a_part_of_a_void_document_counts_no_more_once_it_is_to_be_settled():
    void = ParentVoid(content(settles=True), Reason(Code.VOID, "void"), NOW)
    row, effects = step(row_at(Status.SENT), void)
    assert (row.status, counted(effects)) == (Status.SETTLING, [lifecycle.NOTHING_COUNTS])


@pytest.mark.parametrize("void_first", [True, False])
def test_a_part_that_a_void_document_and_a_stream_of_its_own_bring_is_not_told_as_two_contents(void_first):
    void, line = content(settles=True, name="v"), content(name="l")
    first, second = (void, line) if void_first else (line, void)
    row = row_at(Status.SETTLING if void_first else Status.READY, first, reason=Reason(Code.VOID, "void"))
    assert not [one for one in step(row, arrived(second, version=1, stream=7))[1] if isinstance(one, lifecycle.Warn)]


def test_what_its_document_has_no_longer_is_superseded():
    row, effects = step(row_at(Status.READY, content(CUSTOMER)), NotListed("invoice", NOW))
    assert row.reason == Reason(Code.SUPERSEDED, "the newest version of its invoice doesn't have it")
    assert (row.status, ends(effects)) == (Status.SKIPPED, [(5, Outcome.SKIPPED)])


# --- it is answered


def answered(kind: Kind, **values: object) -> tuple[Row, list]:
    one = values.pop("one", content(CUSTOMER))
    return step(
        row_at(Status.SENDING, one, **values), Answered(VERDICTS[kind], (5, 0), NOW + 1, NOW, parent="customer")
    )


@pytest.mark.parametrize(
    ("kind", "status", "outcome"),
    [
        (Kind.ACCEPTED, Status.SENT, Outcome.SENT),
        (Kind.EXISTS, Status.SKIPPED, Outcome.SKIPPED),
        (Kind.MISSING, Status.SKIPPED, Outcome.SKIPPED),
        (Kind.REFUSED, Status.REJECTED, Outcome.REJECTED),
    ],
)
def test_an_answer_ends_it_and_whoever_follows(kind, status, outcome):
    row, effects = answered(kind, followed=True)
    assert (row.status, row.content, row.followed) == (status, None, False)
    assert ends(effects) == [(5, outcome)]
    assert counted(effects) == [Became(outcome)]
    (followers,) = [effect for effect in effects if isinstance(effect, EndFollowers)]
    assert followers.outcome is (Outcome.UNCHANGED if kind is Kind.ACCEPTED else outcome)


def test_what_a_refused_completion_would_have_changed_counts_as_sent_all_the_same():
    row, effects = answered(Kind.REFUSED, token=COMPLETION)
    assert (row.status, counted(effects)) == (Status.REJECTED, [])


@pytest.mark.parametrize("kind", [Kind.RETRY, Kind.STOP, Kind.UNKNOWN_REFERENCE])
def test_passing_trouble_is_tried_again_when_due_and_nothing_ends(kind):
    row, effects = answered(kind)
    assert (row.status, row.due) == (Status.LATER, NOW + 1)
    assert ends(effects) == []


def test_what_is_set_aside_is_tried_again_when_due_or_when_the_input_ends():
    sending = row_at(Status.SENDING)
    row, effects = step(sending, Answered(VERDICTS[Kind.RETRY], (5, 0), NOW + 1, NOW, aside=True))
    assert (row.status, row.due, effects) == (Status.PARKED, NOW + 1, [lifecycle.SetAside(NOW + 1)])
    for event in (Due(), InputEnded(NOW, NOW, True, None)):
        again, effects = step(row, event)
        assert (again.status, effects) == (Status.READY, [Simple.SEND])


def test_what_kept_failing_is_not_asked_for_without_end_but_its_children_go():
    row = row_at(Status.REJECTED, presence=Presence.ASKED, reason=Reason(Code.KEPT_FAILING, "kept failing"))
    row, effects = step(row, LookedUp(VERDICTS[Kind.RETRY], NOW + 1, NOW))
    assert (row.presence, effects) == (Presence.ASSUMED, [Simple.FREE_CHILDREN])
    throttled = Verdict(Kind.RETRY, throttled=True)
    row = row_at(Status.REJECTED, presence=Presence.ASKED, reason=Reason(Code.KEPT_FAILING, "kept failing"))
    assert step(row, LookedUp(throttled, NOW + 1, NOW))[1] == [lifecycle.LookUpAt(NOW + 1)]


@pytest.mark.parametrize("presence", list(Presence))
@pytest.mark.parametrize("kind", [Kind.ACCEPTED, Kind.EXISTS])
def test_an_answer_that_it_is_there_frees_whoever_waits(kind, presence):
    row, effects = answered(kind, presence=presence)
    assert row.there
    waited = presence in (Presence.WANTED, Presence.ASKED, Presence.NOWHERE)
    assert (Simple.FREE_CHILDREN in effects) == waited


def test_an_unknown_parent_is_looked_for_if_no_stream_brings_it_and_awaited_at_the_end_if_one_does():
    tries = lifecycle.DEFAULT.reference_tries
    lost = content(structs.replace(CUSTOMER, watched=False))
    row, effects = answered(Kind.UNKNOWN_REFERENCE, attempts=tries, one=lost)
    assert (row.status, row.last_try) == (Status.WAITING, True)
    assert effects == [WaitFor((structs.replace(CUSTOMER, watched=False),))]
    row, effects = answered(Kind.UNKNOWN_REFERENCE, attempts=tries)
    assert (row.status, row.last_try, effects) == (Status.PARKED, True, [])
    row, effects = answered(Kind.UNKNOWN_REFERENCE, attempts=tries, last_try=True)
    assert ends(effects) == [(5, Outcome.REJECTED)]
    assert (row.reason.text, row.reason.about) == ("what it refers to is not known to Fincome", "customer")


def test_what_was_left_out_to_break_a_cycle_follows():
    row, effects = answered(Kind.ACCEPTED, left_out=(("customer_id", "cus_1"),))
    assert (row.status, row.left_out) == (Status.WAITING, ())
    assert effects == [WaitFor((CUSTOMER,))]


# --- its children wait for it


@pytest.mark.parametrize("status", sorted(BLOCKING - {Status.SENT}))
def test_an_overdue_parent_is_looked_up_and_passing_trouble_is_no_answer(status):
    row, _ = step(row_at(status), Wanted(NOW))
    assert row.presence is Presence.WANTED
    row = copy_of(row)
    row.children = "lookup"
    row, effects = step(row, Overdue(True, True, NOW))
    assert (row.presence, effects) == (Presence.ASKED, [Simple.LOOK_UP])
    for kind in (Kind.RETRY, Kind.STOP):
        again, effects = step(row, LookedUp(VERDICTS[kind], NOW + 1, NOW))
        assert again.presence is Presence.ASKED
        assert effects == [lifecycle.LookUpAt(NOW + 1)]
        assert step(again, LookUpDue())[1] == [Simple.LOOK_UP]
    assert step(row, LookedUp(VERDICTS[Kind.ACCEPTED], NOW, NOW))[1] == [Simple.FREE_CHILDREN]
    row, effects = step(row, LookedUp(VERDICTS[Kind.MISSING], NOW, NOW))
    assert (row.presence, effects) == (Presence.NOWHERE, [])


def test_a_parent_that_nobody_wants_any_more_is_not_looked_up():
    row, effects = step(row_at(Status.ABSENT, presence=Presence.WANTED), Overdue(False, True, NOW))
    assert (row.presence, effects) == (Presence.UNKNOWN, [])


def test_a_skipped_parent_is_lost_without_a_question():
    row, effects = step(row_at(Status.SKIPPED, presence=Presence.WANTED), Overdue(True, True, NOW))
    assert (row.presence, effects) == (Presence.NOWHERE, [Simple.LOSE_CHILDREN])
    assert step(row, Wanted(NOW))[0].presence is Presence.WANTED, "one more child: it is to be told as well"


def test_what_comes_while_it_is_looked_up_will_show_by_itself():
    row = row_at(Status.READY, presence=Presence.ASKED)
    assert step(row, LookedUp(VERDICTS[Kind.MISSING], NOW, NOW))[0].presence is Presence.WANTED
    assert step(row, LookUpDue())[0].presence is Presence.WANTED


def test_at_the_end_a_parent_is_asked_for_once_more_then_created_from_a_stub_or_lost():
    row = row_at(Status.ABSENT, presence=Presence.NOWHERE, since=80.0)
    asked, effects = step(row, InputEnded(90.0, NOW, True, content()))
    assert (asked.presence, effects) == (Presence.ASKED, [Simple.LOOK_UP])
    missing, _ = step(asked, LookedUp(VERDICTS[Kind.MISSING], NOW, NOW))
    created, effects = step(missing, InputEnded(90.0, NOW, True, content()))
    assert (created.status, created.token, effects) == (Status.READY, NO_TOKEN, [Simple.SEND])
    assert step(missing, InputEnded(90.0, NOW, True, None))[1] == [Simple.LOSE_CHILDREN]
    rejected = row_at(Status.REJECTED, presence=Presence.NOWHERE, since=95.0)
    assert step(rejected, InputEnded(90.0, NOW, True, content()))[1] == [Simple.LOSE_CHILDREN]


# --- a parent is lost


@pytest.mark.parametrize(
    ("ref", "status", "outcome", "code"),
    [
        (CUSTOMER, Status.ABSENT, Outcome.REJECTED, Code.MISSING_REFERENCE),
        (CUSTOMER, Status.REJECTED, Outcome.REJECTED, Code.PARENT_REJECTED),
        (CUSTOMER, Status.SKIPPED, Outcome.SKIPPED, Code.PARENT_SKIPPED),
        (structs.replace(CUSTOMER, field="id"), Status.ABSENT, Outcome.SKIPPED, Code.NOT_IN_FINCOME),
        (structs.replace(CUSTOMER, field="id"), Status.REJECTED, Outcome.SKIPPED, Code.OBJECT_REJECTED),
        (structs.replace(CUSTOMER, field="id"), Status.SKIPPED, Outcome.SKIPPED, Code.OBJECT_SKIPPED),
    ],
)
def test_a_child_ends_with_its_parent_as_the_parent_did(ref, status, outcome, code):
    parent = Row(2, Entity(2), "cus_1", status=status, reason=Reason(Code.DRAFT, "why"))
    row, effects = step(row_at(Status.WAITING, content(ref)), ParentGone(parent, "customer", NOW))
    assert ends(effects) == [(5, outcome)]
    assert row.reason.code is code


@pytest.mark.parametrize("status", [Status.ABSENT, Status.REJECTED, Status.SKIPPED])
def test_a_child_goes_without_an_optional_reference_and_is_completed_if_the_parent_comes_after_all(status):
    parent = Row(2, Entity(3), "sub_1", status=status, reason=Reason(Code.DRAFT, "why"))
    row, effects = step(
        row_at(Status.WAITING, content(CUSTOMER, SUBSCRIPTION)), ParentGone(parent, "subscription", NOW)
    )
    assert row.left_out == (("subscription_id", "sub_1"),)
    assert effects[0].code is Code.REFERENCE_LEFT_OUT
    assert effects[1] == WaitFor((CUSTOMER,))
    row, effects = step(row, ParentsThere())
    row, _ = step(row, Taken())
    row, effects = step(row, Answered(VERDICTS[Kind.ACCEPTED], (5, 0), NOW, NOW))
    assert (row.status, ends(effects)) == (Status.SENT, [(5, Outcome.SENT)])
    assert effects[-1] == WaitFor((SUBSCRIPTION,))
    row, effects = step(row, ParentsThere())
    assert (row.status, row.left_out, row.content.refs) == (Status.READY, (), (CUSTOMER, SUBSCRIPTION))
    row, _ = step(row, Taken())
    row, effects = step(row, Answered(VERDICTS[Kind.ACCEPTED], row.token, NOW, NOW))
    assert ends(effects) == [(0, Outcome.SENT)]
    assert row.content is None


def test_an_optional_reference_that_fincome_keeps_refusing_is_left_out_and_never_on_passing_trouble():
    verdict = Verdict(Kind.UNKNOWN_REFERENCE, Code.MISSING_REFERENCE, "subscription_id", "words")
    row = row_at(Status.SENDING, content(SUBSCRIPTION), attempts=lifecycle.DEFAULT.reference_tries, last_try=True)
    row, effects = step(row, Answered(verdict, (5, 0), NOW, NOW, parent="subscription sub_1"))
    assert (row.status, row.left_out) == (Status.READY, (("subscription_id", "sub_1"),))
    assert ends(effects) == []
    row = row_at(Status.SENDING, content(SUBSCRIPTION), last_try=True)
    assert step(row, Answered(VERDICTS[Kind.RETRY], (5, 0), NOW, NOW))[0].left_out == ()


def test_a_cycle_is_broken_at_an_optional_reference_or_the_object_is_rejected():
    row, effects = step(row_at(Status.WAITING, content(SUBSCRIPTION)), CycleFound((SUBSCRIPTION,), NOW))
    assert (row.status, row.left_out, effects) == (Status.READY, (("subscription_id", "sub_1"),), [Simple.SEND])
    assert ends(step(row_at(Status.WAITING, content(CUSTOMER)), CycleFound((), NOW))[1]) == [(5, Outcome.REJECTED)]


# --- the table

EVENTS = {
    Arrived: st.builds(
        arrived, st.sampled_from([content(), content(CUSTOMER, name="b"), content(settles=True, name="c")]),
        st.sampled_from([None, 1, 2]), st.integers(1, 4)),
    ParentsThere: st.just(ParentsThere()),
    ParentGone: st.sampled_from([Status.ABSENT, Status.REJECTED, Status.SKIPPED]).map(
        lambda status: ParentGone(Row(2, Entity(2), "cus_1", status=status), "customer", NOW)),
    ParentVoid: st.just(ParentVoid(content(settles=True, name="z"), Reason(Code.VOID, "void"), NOW)),
    NotListed: st.just(NotListed("invoice", NOW)),
    CycleFound: st.sampled_from([CycleFound((), NOW), CycleFound((SUBSCRIPTION,), NOW)]),
    Taken: st.just(Taken()),
    Answered: st.tuples(st.sampled_from(list(Kind)), st.booleans()).map(
        lambda one: Answered(VERDICTS[one[0]], (5, 0), NOW, NOW, aside=one[1])
    ),
    Named: st.just(Named(structs.replace(content(CUSTOMER, name="x"), stands_for=True))),
    StoodFor: st.just(StoodFor()),
    Recalled: st.builds(Recalled, st.just(()), st.just(NOW), st.booleans()),
    RecallWrong: st.just(RecallWrong(NOW)),
    Unfilled: st.just(Unfilled(Reason(Code.INVALID_FIELD, "is missing", "currency"), NOW)),
    ValueChanged: st.just(ValueChanged(content(name="y"))),
    MayBeUndone: st.just(MayBeUndone(content(name="y"), NOW)),
    Wanted: st.just(Wanted(NOW)),
    Overdue: st.builds(Overdue, st.booleans(), st.booleans(), st.just(NOW)),
    LookedUp: st.builds(LookedUp, st.sampled_from(list(VERDICTS.values())), st.just(NOW), st.just(NOW), st.booleans(),
                        st.sampled_from([None, content()])),
    LookUpDue: st.just(LookUpDue()),
    Due: st.just(Due()),
    InputEnded: st.builds(InputEnded, st.sampled_from([90.0, 110.0]), st.just(NOW), st.booleans(),
                          st.sampled_from([None, content()]), st.booleans(),
                          st.sampled_from([None, Reason(Code.LINES_UNKNOWN, "unknown")])),
}  # fmt: skip
ANY_EVENT = st.one_of(*EVENTS.values())


def test_given_what_an_earlier_sync_had_confirmed_when_recalled_then_it_ends_unchanged_and_its_children_go():
    row = structs.replace(row_at(Status.READY, content(CUSTOMER)), presence=Presence.WANTED, followed=True)
    new, effects = step(row, Recalled((), NOW, kept=True))
    assert (new.status, new.presence) == (Status.SENT, Presence.ASSUMED)
    assert [effect for effect in effects if isinstance(effect, (End, EndFollowers))] == [
        End(row.token, Outcome.UNCHANGED, None),
        EndFollowers(Outcome.UNCHANGED, None),
    ]
    assert Simple.FREE_CHILDREN in effects
    again, effects = step(new, RecallWrong(NOW))
    assert (again.status, again.presence, effects) == (Status.READY, Presence.WANTED, [Simple.SEND])
    # Its record has ended: it is booked no second time.
    assert again.token == COMPLETION


def test_given_content_that_was_not_kept_when_the_recall_was_wrong_then_nothing_can_go():
    new, _ = step(row_at(Status.READY, content(CUSTOMER)), Recalled((), NOW, kept=False))
    assert step(new, RecallWrong(NOW)) == (new, [])


def test_every_event_has_its_strategy():
    assert set(EVENTS) == set(TABLE)


@given(st.lists(ANY_EVENT, max_size=30))
def test_whatever_happens_rows_are_values_and_what_is_pending_ends_once(events):
    """A token is answered for from its arrival to its one end: by the row, by a worker, or by the followers' list."""
    row, open_tokens, sending = Row(1, INVOICES, "in_1"), [], None
    followers = 0
    for event in events:
        if row.status not in TABLE[type(event)]:
            with pytest.raises(AssertionError):
                step(row, event)
            continue
        if isinstance(event, StoodFor) and not row.content.stands_for:
            continue  # an object of its own is sent
        if isinstance(event, Answered):
            event = structs.replace(event, token=sending)
        before = copy.deepcopy(row)
        new, effects = step(row, event)
        assert row == before, "step changed the row that it was given"
        open_tokens += [event.token] if isinstance(event, Arrived) else []
        if isinstance(event, Taken):
            sending = new.token
        for effect in effects:
            if isinstance(effect, End) and effect.token not in (NO_TOKEN, COMPLETION):
                open_tokens.remove(effect.token)
            if isinstance(effect, Follow):
                open_tokens.remove(effect.token)
                followers += 1
            if isinstance(effect, EndFollowers):
                followers = 0
        held = [new.token] if new.status in PENDING and new.token not in (NO_TOKEN, COMPLETION) else []
        if new.status is Status.OVERTAKEN:
            held += [sending] if sending not in (NO_TOKEN, COMPLETION) else []
        assert sorted(open_tokens) == sorted(held)
        assert new.followed == (followers > 0)
        assert (new.content is not None) or new.status not in PENDING or new.status is Status.OVERTAKEN
        row = new


def cells() -> dict[tuple[str, str], str]:
    """What the table in docs/architecture.md says, by event and status."""
    text = ARCHITECTURE.read_text(encoding="utf-8")
    lines = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    return {
        (event, status): words.strip()
        for event, statuses, words in lines
        for status in re.findall(r"`([A-Z_]+)`", statuses)
    }


def test_the_table_in_the_documentation_is_the_one_in_the_code():
    written = {
        (event.__name__, status.name): (handler.__doc__ or "").partition("\n")[0]
        for event, handlers in TABLE.items()
        for status, handler in handlers.items()
    }
    assert cells() == written
