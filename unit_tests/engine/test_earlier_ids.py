"""Under which ids an account was filled: what is asked, what waits for it, and what counts as an answer."""

from __future__ import annotations

import pytest

from destination_fincome.engine import earlier_ids
from destination_fincome.engine.earlier_ids import FIRST_ID_KEY, EarlierIds, HeldBack, Inquiry, Kept, TwoIds
from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.answers import ACCEPTED, MISSING, UNTOLD, Kind, Verdict
from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.delivery import Request
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import PlanOptions, make_plan
from destination_fincome.protocol.catalog import StreamKey
from destination_fincome.protocol.messages import Record, State
from unit_tests.mapping.payloads import Stream

CUSTOMERS = StreamKey("customers", None)


def mappers() -> tuple[StreamMapper, Kept]:
    plan = make_plan([Stream("customers")], load_presets(), load_contract(), PlanOptions("pennylane_v2"))
    own, other = plan.streams[0].mapper, plan.kept[0].mapper
    assert own
    assert other
    return own, Kept("pennylane_v2", "Version 1", {CUSTOMERS: other})


def customer(number: int, reference: str | None) -> Record:
    return Record(CUSTOMERS, {"id": number, "name": "A", "external_reference": reference}, b"{}", number)


class Asked:
    """Takes look-ups, and answers them."""

    def __init__(self, *names: TwoIds) -> None:
        self.requests: list[Request] = []
        self.ids = EarlierIds(self)
        self.inquiry = Inquiry(Kept("pennylane_v2", "Version 1", {}), names)
        self.ids.begin(self.inquiry)

    def ask(self, request: Request, due: float | None = None) -> None:
        self.requests.append(request)

    def answer(self, *verdicts: Verdict) -> None:
        taken, self.requests = self.requests[: len(verdicts)], self.requests[len(verdicts) :]
        for request, verdict in zip(taken, verdicts, strict=True):
            self.ids.answered(request, verdict, 0)

    @property
    def names(self) -> list[str]:
        return [request.id for request in self.requests]


ONE, TWO = TwoIds("customers", "7", "v1-7"), TwoIds("customers", "8", "v1-8")


def test_given_one_object_under_its_earlier_id_when_asked_then_all_keep_theirs() -> None:
    asked = Asked(ONE, TWO)
    assert asked.names == ["v1-7", "v1-8"]
    assert all(request.look_up and request.key >= FIRST_ID_KEY for request in asked.requests)
    asked.answer(MISSING, ACCEPTED)
    assert asked.inquiry.wait() is True


def test_given_passing_trouble_when_asked_then_it_is_no_answer() -> None:
    asked = Asked(ONE)
    for trouble in (Verdict(Kind.RETRY), Verdict(Kind.UNTOLD, retry_after=1)):
        asked.answer(trouble)
        assert asked.names == ["v1-7"]
    asked.answer(MISSING)
    assert asked.inquiry.wait() is False


def test_given_nothing_that_proves_anything_when_asked_then_the_object_is_asked_for_by_its_own_id() -> None:
    asked = Asked(ONE)
    asked.answer(UNTOLD)
    assert asked.names == ["7"]
    asked.answer(ACCEPTED)
    assert asked.inquiry.wait() is False


def test_given_no_proof_at_all_when_asked_then_nobody_goes_on() -> None:
    asked = Asked(ONE)
    asked.answer(UNTOLD)
    asked.answer(UNTOLD)
    with pytest.raises(ConfigFailure, match=r"Version 1 may have filled this account .* `source` to pennylane_v2"):
        asked.inquiry.wait()


def test_given_objects_without_an_earlier_id_then_nothing_waits_until_one_has_it() -> None:
    own, kept = mappers()
    held = HeldBack(kept)
    assert not held.holds(customer(1, None), own)
    assert not held.holds(State({}, CUSTOMERS), "")
    assert held.holds(customer(2, "v1-2"), own)
    assert held.holds(State({}, CUSTOMERS), "")
    assert (len(held.messages), held.names) == (2, [TwoIds("customers", "2", "v1-2")])


def test_given_many_objects_then_the_first_and_the_last_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(earlier_ids, "MOST_HELD", 100)
    own, kept = mappers()
    held = HeldBack(kept)
    for number in range(100):
        assert not held.is_enough
        assert held.holds(customer(number, f"v1-{number}"), own)
    assert held.is_enough
    assert [int(one.own) for one in held.names] == [*range(20), *range(95, 100)]
