"""One object's life in its particulars: the reasons that people read, and what a row forgets when it changes.

unit_tests/engine/test_lifecycle.py has the table; these are the cells whose content people see or a later event needs.
"""

from __future__ import annotations

import pytest
from msgspec import structs

from destination_fincome.codes import Code
from destination_fincome.engine import lifecycle
from destination_fincome.engine.arrivals import AFTER, COMPLETION, Entity, Ref
from destination_fincome.engine.lifecycle import (
    DEFAULT,
    SUPERSEDED,
    Answered,
    Became,
    CycleFound,
    End,
    EndFollowers,
    LeftOut,
    LookedUp,
    MayBeUndone,
    ParentGone,
    ParentVoid,
    Recalled,
    Simple,
    TryAt,
    ValueChanged,
    Warn,
    step,
)
from destination_fincome.engine.spool.rows import Presence, Row, Status
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.outcomes import Outcome, Reason
from unit_tests.engine.test_lifecycle import CUSTOMER, INVOICES, NOW, SUBSCRIPTION, VERDICTS, arrived, content, row_at

VOID = Reason(Code.VOID, "void")
BEFORE = Ref(AFTER, INVOICES, "in_0", required=False)


def the_end(effects: list) -> End:
    (end,) = [one for one in effects if isinstance(one, End)]
    return end


def gone(status: Status, ref: Ref, singular: str, **values: object) -> ParentGone:
    parent = Row(2, ref.entity, ref.id, status=status, reason=Reason(Code.DRAFT, "a draft"))
    for name, value in values.items():
        setattr(parent, name, value)
    return ParentGone(parent, singular, NOW)


# --- it arrives


@pytest.mark.parametrize("status", [Status.READY, Status.SENT])
def test_a_fault_rejects_the_record_that_has_it_for_that_reason(status):
    fault = Reason(Code.INVALID_FIELD, "must be text", "name")
    row = row_at(status)
    assert step(row, arrived(fault=fault)) == (row, [End((9, 0), Outcome.REJECTED, fault)])


@pytest.mark.parametrize("stream", [7, -1])
def test_one_id_with_two_contents_of_one_version_is_told_if_they_come_from_two_streams(stream):
    _, effects = step(row_at(Status.SENT), arrived(content(name="b"), version=1, stream=stream))
    text = "one id comes from two streams with different contents, of which the newest counts as a whole"
    told = [Warn(Code.DIFFERING_STREAMS, text, "")] if stream == 7 else []
    assert [one for one in effects if isinstance(one, Warn)] == told


# --- it is answered


def test_only_a_refusal_that_may_pass_counts_as_a_try():
    vague = Verdict(Kind.REFUSED, Code.REFUSED_BY_API, "name", "words", vague=True)
    refused, _ = step(row_at(Status.SENDING), Answered(vague, (5, 0), NOW, NOW, is_early=True))
    assert (refused.status, refused.attempts) == (Status.LATER, 1)
    troubled, _ = step(row_at(Status.SENDING), Answered(VERDICTS[Kind.RETRY], (5, 0), NOW, NOW))
    assert (troubled.status, troubled.attempts) == (Status.LATER, 0)


@pytest.mark.parametrize("left_out", [(("subscription_id", "sub_1"),), ()])
def test_what_was_sent_without_a_reference_is_told_with_its_field(left_out):
    row = row_at(Status.SENDING, content(SUBSCRIPTION), given_up=True, left_out=left_out)
    _, effects = step(row, Answered(VERDICTS[Kind.ACCEPTED], (5, 0), NOW, NOW))
    reason = Reason(Code.INCOMPLETE, "sent without subscription_id, which leads nowhere", "subscription_id")
    assert [one for one in effects if isinstance(one, LeftOut)] == ([LeftOut((5, 0), reason)] if left_out else [])


def test_what_was_only_left_out_for_now_follows_and_is_not_told():
    row = row_at(Status.SENDING, content(SUBSCRIPTION), left_out=(("subscription_id", "sub_1"),))
    new, effects = step(row, Answered(VERDICTS[Kind.ACCEPTED], (5, 0), NOW, NOW))
    assert (new.left_out, effects[-1]) == ((), lifecycle.WaitFor((SUBSCRIPTION,)))
    assert not [one for one in effects if isinstance(one, LeftOut)]


def test_an_end_forgets_what_the_content_was_sent_without():
    left = row_at(Status.SENDING, given_up=True, left_out=(("subscription_id", "sub_1"),), followed=True)
    row, _ = step(left, Answered(VERDICTS[Kind.REFUSED], (5, 0), NOW, NOW))
    assert (row.content, row.left_out, row.given_up, row.followed) == (None, (), False, False)


@pytest.mark.parametrize("required", [True, False])
def test_a_reference_that_fincome_never_knows_is_told_as_fincome_said_it(required):
    ref = structs.replace(SUBSCRIPTION, required=required)
    verdict = Verdict(Kind.UNKNOWN_REFERENCE, Code.MISSING_REFERENCE, ref.field, "words", whole="all words")
    row = row_at(Status.SENDING, content(ref), attempts=DEFAULT.reference_tries, last_try=True, revision=3)
    new, effects = step(row, Answered(verdict, (5, 0), NOW, NOW))
    if required:
        assert the_end(effects).reason == Reason(verdict.code, "words", ref.field, whole="all words")
    else:
        why = "Fincome keeps saying that it doesn't know the object it names"
        told = f"sent without subscription_id, because {why}"
        assert effects[0] == Warn(Code.REFERENCE_LEFT_OUT, told, "")
        assert (new.revision, new.attempts, new.last_try, new.given_up) == (4, 0, False, True)


def test_what_has_no_content_names_no_reference():
    assert lifecycle.reference(row_at(Status.SENT), VERDICTS[Kind.UNKNOWN_REFERENCE]) is None


def test_a_value_of_a_parent_that_changed_lets_it_go_again_whole_and_as_nobodys_record():
    row = row_at(Status.SENT, left_out=(("plan_id", "p"),), given_up=True, followed=True, attempts=3, last_try=True)
    new, effects = step(row, ValueChanged(content()))
    assert (new.status, new.token, effects) == (Status.READY, COMPLETION, [Simple.SEND])
    assert (new.left_out, new.given_up, new.followed, new.attempts, new.last_try) == ((), False, False, 0, False)


def test_what_an_older_write_may_undo_goes_once_more_later_and_as_nobodys_record():
    new, effects = step(row_at(Status.SENT), MayBeUndone(content(), NOW + 30))
    assert (new.status, new.due, new.token, new.content) == (Status.LATER, NOW + 30, COMPLETION, content())
    assert effects == [TryAt(NOW + 30)]


# --- settlements


def settling(**values: object) -> Row:
    return row_at(Status.SETTLING, content(settles=True), reason=VOID, **values)


@pytest.mark.parametrize("presence", [Presence.UNKNOWN, Presence.THERE])
def test_what_an_earlier_sync_has_settled_ends_unchanged_and_stays_void(presence):
    row, effects = step(settling(presence=presence, followed=True), Recalled((), NOW, kept=True))
    assert effects == [
        End((5, 0), Outcome.UNCHANGED, None),
        Became(Outcome.UNCHANGED),
        EndFollowers(Outcome.UNCHANGED, None),
    ]
    assert (row.status, row.reason, row.presence) == (Status.SKIPPED, VOID, max(presence, Presence.ASSUMED))


def test_a_settlement_that_nobody_can_look_at_is_assumed_to_be_needed():
    row, effects = step(settling(presence=Presence.ASKED), LookedUp(VERDICTS[Kind.UNTOLD], NOW, NOW))
    assert (row.status, row.presence, effects) == (Status.SETTLING, Presence.ASSUMED, [])


def test_a_part_is_settled_with_the_reason_and_forgets_its_own_tries():
    void = ParentVoid(content(settles=True), VOID, NOW)
    left = {"left_out": (("plan_id", "p"),), "given_up": True, "attempts": 3, "last_try": True}
    row, _ = step(row_at(Status.SENT, followed=True, **left), void)
    assert (row.content, row.reason, row.token, row.followed) == (void.settlement, VOID, COMPLETION, False)
    assert (row.revision, row.attempts, row.last_try, row.left_out, row.given_up) == (2, 0, False, (), False)


@pytest.mark.parametrize("status", [Status.SENDING, Status.OVERTAKEN])
@pytest.mark.parametrize("followed", [True, False])
def test_a_part_under_way_is_settled_later_and_what_had_overtaken_it_is_superseded(status, followed):
    row, effects = step(row_at(status, followed=followed), ParentVoid(content(settles=True), VOID, NOW))
    followers = [EndFollowers(Outcome.SKIPPED, SUPERSEDED)] if followed else []
    own = [End((5, 0), Outcome.SKIPPED, SUPERSEDED)] if status is Status.OVERTAKEN else []
    assert effects == [*followers, *own]
    assert (row.status, row.reason, row.token) == (Status.OVERTAKEN, VOID, COMPLETION)
    assert (row.followed, row.revision) == (False, 2)


# --- a parent is lost


@pytest.mark.parametrize(
    ("ref", "status", "reason"),
    [
        (
            CUSTOMER,
            Status.SKIPPED,
            Reason(Code.PARENT_SKIPPED, "the customer it belongs to is skipped (draft)", "customer_id"),
        ),
        (
            CUSTOMER,
            Status.REJECTED,
            Reason(
                Code.PARENT_REJECTED,
                "the customer it refers to was itself rejected",
                "customer_id",
                "customer cus_1",
            ),
        ),
        (
            CUSTOMER,
            Status.ABSENT,
            Reason(
                Code.MISSING_REFERENCE,
                "the customer it refers to is neither in this sync nor in Fincome",
                "customer_id",
                "customer cus_1",
            ),
        ),
        (
            structs.replace(CUSTOMER, field="id"),
            Status.SKIPPED,
            Reason(Code.OBJECT_SKIPPED, "the customer itself is skipped (draft)"),
        ),
        (
            structs.replace(CUSTOMER, field="id"),
            Status.REJECTED,
            Reason(Code.OBJECT_REJECTED, "the customer itself was rejected, and Fincome doesn't have it"),
        ),
    ],
)
def test_who_ends_with_its_parent_says_of_which_and_why(ref, status, reason):
    _, effects = step(row_at(Status.WAITING, content(ref)), gone(status, ref, "customer"))
    assert the_end(effects).reason == reason


def test_a_parent_that_is_skipped_without_a_reason_is_skipped():
    for ref, words in (
        (CUSTOMER, "the customer it belongs to"),
        (structs.replace(CUSTOMER, field="id"), "the customer itself"),
    ):
        _, effects = step(row_at(Status.WAITING, content(ref)), gone(Status.SKIPPED, ref, "customer", reason=None))
        assert the_end(effects).reason.text == f"{words} is skipped (skipped)"


@pytest.mark.parametrize("status", [Status.SKIPPED, Status.ABSENT])
def test_a_document_changes_alone_if_what_should_have_gone_before_does_not_count(status):
    row, effects = step(row_at(Status.WAITING, content(BEFORE), revision=3), gone(status, BEFORE, "credit note"))
    assert (row.status, row.revision, row.given_up, row.left_out) == (Status.READY, 4, True, ((AFTER, "in_0"),))
    assert effects == [Simple.SEND]


def test_a_document_stays_as_it_is_if_what_should_have_gone_before_was_rejected():
    row, effects = step(row_at(Status.WAITING, content(BEFORE)), gone(Status.REJECTED, BEFORE, "credit note"))
    text = "the credit note that has its amount now was itself rejected, so it stays as it is"
    reason = Reason(Code.PARENT_REJECTED, text, "amount", "credit note in_0")
    assert (row.status, row.reason) == (Status.REJECTED, reason)
    assert effects == [End((5, 0), Outcome.REJECTED, reason), Became(Outcome.REJECTED)]


def test_what_refers_to_itself_without_a_way_out_says_so():
    _, effects = step(row_at(Status.WAITING, content(CUSTOMER)), CycleFound((), NOW))
    reason = Reason(Code.CIRCULAR_REFERENCE, "it refers to itself through other objects", "customer_id")
    assert the_end(effects).reason == reason
    row, _ = step(row_at(Status.WAITING, content(SUBSCRIPTION), revision=3), CycleFound((SUBSCRIPTION,), NOW))
    assert row.revision == 4


def test_a_parent_of_another_name_changes_nothing():
    row = row_at(Status.WAITING, content(CUSTOMER))
    other = structs.replace(CUSTOMER, id="cus_2", entity=Entity(2))
    assert step(row, gone(Status.REJECTED, other, "customer")) == (row, [])
