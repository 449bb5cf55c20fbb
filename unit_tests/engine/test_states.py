"""The ledger: states leave when everything before them has ended, in order, with counts that add up."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.engine.states import Ledger
from destination_fincome.outcomes import Outcome


def state(name, **extra):
    return {"type": "STATE", "state": {"type": "STREAM", "stream": {"stream_descriptor": {"name": name}}, **extra}}


def stats(message):
    counts = message["state"]["destinationStats"]
    return counts["recordCount"], counts["rejectedRecordCount"]


def test_given_a_pending_record_when_its_state_comes_then_it_waits_for_the_record():
    ledger = Ledger()
    record = ledger.open_record(0)
    ledger.add_state(state("a"), 0)
    assert list(ledger.release()) == []
    ledger.close_record(record, Outcome.SENT)
    assert [stats(s) for s in ledger.release()] == [(1.0, 0.0)]


def test_given_a_state_when_it_leaves_then_it_is_the_same_but_for_destination_stats():
    ledger = Ledger()
    message = state("a", id=17, extra={"kept": None})
    ledger.add_state(message, 0)
    (left,) = ledger.release()
    del left["state"]["destinationStats"]
    assert left == state("a", id=17, extra={"kept": None})
    assert "destinationStats" not in message["state"], "the message that came must not be altered"


def test_given_another_stream_pending_when_a_stream_is_done_then_only_its_state_leaves():
    ledger = Ledger()
    ledger.open_record(0)
    ledger.add_state(state("a"), 0)
    done = ledger.open_record(1)
    ledger.add_state(state("b"), 1)
    ledger.close_record(done, Outcome.UNCHANGED)
    assert [s["state"]["stream"]["stream_descriptor"]["name"] for s in ledger.release()] == ["b"]


def test_given_a_doubt_about_a_segment_when_it_is_open_then_its_state_and_those_after_it_wait():
    ledger = Ledger()
    for number, outcome in enumerate([Outcome.SENT, Outcome.REJECTED, Outcome.SENT], 1):
        record = ledger.open_record(0)
        if outcome is Outcome.REJECTED:
            ledger.doubt(record, "invoices")
            ledger.doubt(record, "lines")
        ledger.close_record(record, outcome)
        ledger.add_state(state("a", id=number), 0)
    ledger.doubts |= {"invoices", "lines", "something else"}
    assert [s["state"]["id"] for s in ledger.release()] == [1]
    ledger.doubts.discard("invoices")
    assert list(ledger.release()) == []
    ledger.doubts.discard("lines")
    assert [s["state"]["id"] for s in ledger.release()] == [2, 3]


def test_given_records_after_a_state_when_they_are_pending_then_the_state_leaves_all_the_same():
    ledger = Ledger()
    ledger.add_state(state("a"), 0)
    ledger.open_record(0)
    assert len(list(ledger.release())) == 1


def test_given_an_earlier_segment_pending_when_a_later_one_is_done_then_neither_state_leaves():
    ledger = Ledger()
    first = ledger.open_record(0)
    ledger.add_state(state("a", id=1), 0)
    second = ledger.open_record(0)
    ledger.add_state(state("a", id=2), 0)
    ledger.close_record(second, Outcome.REJECTED)
    assert list(ledger.release()) == []
    ledger.close_record(first, Outcome.SENT)
    assert [(s["state"]["id"], stats(s)) for s in ledger.release()] == [(1, (1.0, 0.0)), (2, (0.0, 1.0))]


def test_given_a_global_state_when_any_stream_is_pending_then_it_waits_and_counts_all_streams():
    ledger = Ledger()
    first, second = ledger.open_record(0), ledger.open_record(1)
    ledger.add_state({"type": "STATE", "state": {"type": "GLOBAL", "global": {}}}, None)
    ledger.close_record(first, Outcome.SENT)
    assert list(ledger.release()) == []
    ledger.close_record(second, Outcome.REJECTED)
    assert [stats(s) for s in ledger.release()] == [(1.0, 1.0)]


def test_given_two_global_states_when_they_leave_then_each_counts_its_own_records():
    ledger = Ledger()
    for number in (1, 2):
        for stream in (0, 1):
            ledger.close_record(ledger.open_record(stream), Outcome.SKIPPED)
        ledger.add_state({"type": "STATE", "state": {"type": "GLOBAL", "id": number}}, None)
    assert [stats(s) for s in ledger.release()] == [(2.0, 0.0), (2.0, 0.0)]


def of_all(number):
    return {"type": "STATE", "state": {"type": "GLOBAL", "id": number}}


def test_given_a_stream_s_state_that_waits_when_a_global_one_follows_then_it_waits_for_the_same_records():
    ledger = Ledger()
    first = ledger.open_record(0)
    ledger.add_state(state("a", id=1), 0)
    second = ledger.open_record(0)
    ledger.add_state(of_all(2), None)
    ledger.close_record(second, Outcome.SENT)
    assert list(ledger.release()) == []
    ledger.close_record(first, Outcome.REJECTED)
    assert [(s["state"]["id"], stats(s)) for s in ledger.release()] == [(1, (0.0, 1.0)), (2, (1.0, 0.0))]


def test_given_a_global_state_that_waits_when_a_stream_s_later_ones_leave_or_wait_then_it_waits_for_its_own_records():
    ledger = Ledger()
    other = ledger.open_record(1)
    ledger.close_record(ledger.open_record(0), Outcome.SENT)
    ledger.add_state(of_all(1), None)
    ledger.close_record(ledger.open_record(0), Outcome.SENT)
    ledger.add_state(state("a", id=2), 0)
    assert [s["state"]["id"] for s in ledger.release()] == [2]
    ledger.open_record(0)
    ledger.add_state(state("a", id=3), 0)
    ledger.close_record(other, Outcome.SENT)
    assert [(s["state"]["id"], stats(s)) for s in ledger.release()] == [(1, (2.0, 0.0))]


def test_given_a_state_without_records_when_it_comes_then_it_leaves_at_once_with_zero():
    ledger = Ledger()
    ledger.add_state({"type": "STATE", "state": {"data": {}}}, None)
    assert [stats(s) for s in ledger.release()] == [(0.0, 0.0)]


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("record"), st.integers(0, 2)),
        st.tuples(st.just("state"), st.integers(0, 2)),
        st.tuples(st.just("close"), st.integers(0, 50), st.sampled_from([Outcome.SENT, Outcome.REJECTED])),
    ),
    max_size=60,
)


@given(EVENTS)
def test_whatever_the_order_of_ends_no_state_leaves_early_and_all_leave_at_last(events):
    ledger = Ledger()
    before: dict[int, list[int]] = {}  # state id -> records before it in its stream
    pending: dict[int, tuple[int, int]] = {}  # record -> (segment, stream)
    seen: dict[int, list[int]] = defaultdict(list)
    ended: dict[int, Outcome] = {}
    left: list[dict] = []
    records = states = 0
    for event in events:
        if event[0] == "record":
            records += 1
            pending[records] = (ledger.open_record(event[1]), event[1])
            seen[event[1]].append(records)
        elif event[0] == "state":
            states += 1
            before[states] = list(seen[event[1]])
            ledger.add_state(state(str(event[1]), id=states), event[1])
        elif pending:
            record = sorted(pending)[event[1] % len(pending)]
            segment, _ = pending.pop(record)
            ended[record] = event[2]
            ledger.close_record(segment, event[2])
        for message in ledger.release():
            assert all(record in ended for record in before[message["state"]["id"]])
            left.append(message)
    for record, (segment, _) in sorted(pending.items()):
        ended[record] = Outcome.SENT
        ledger.close_record(segment, Outcome.SENT)
    left += list(ledger.release())

    by_stream = defaultdict(list)
    for message in left:
        by_stream[message["state"]["stream"]["stream_descriptor"]["name"]].append(message)
    assert sorted(m["state"]["id"] for m in left) == list(range(1, states + 1))
    for messages in by_stream.values():
        ids = [m["state"]["id"] for m in messages]
        assert ids == sorted(ids)
        covered = before[ids[-1]]
        assert sum(stats(m)[0] for m in messages) == sum(ended[r] is Outcome.SENT for r in covered)
        assert sum(stats(m)[1] for m in messages) == sum(ended[r] is Outcome.REJECTED for r in covered)
