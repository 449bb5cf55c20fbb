"""What the documents of one subscription say of it together, whatever their order."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import orjson
import pytest

from destination_fincome.engine.arrivals import Content
from destination_fincome.engine.spool.spool import Spool
from destination_fincome.engine.stub_maker import StubMaker
from destination_fincome.mapping.results import Stub


class Maker:
    """Makes of each object just its fields."""

    def number(self, entity: str) -> int:
        return 1 if entity == "subscriptions" else 0

    def to_create(self, entity: str, values: dict[str, Any]) -> tuple[str, Content] | None:
        return values["id"], Content(orjson.dumps(values), ())


ENDED = {"id": "s1", "status": "canceled", "start_date": "2026-01-01", "plan_id": None}
RUNS = {"id": "s1", "status": "active", "start_date": "2026-02-01", "plan_id": None}
NAMED = {"id": "s1", "status": "canceled", "start_date": "2025-12-01", "plan_id": "pro"}


def told(*stubs: dict[str, Any], entity: str = "subscriptions") -> dict[str, Any]:
    """Return what is to be created of what came."""
    made = StubMaker(Maker())  # type: ignore[arg-type]  # what a maker does with fields is tested elsewhere
    kept = Spool().stubs
    for stub in stubs:
        for arrival in made.make([Stub(entity, stub)]):
            kept.keep(arrival)
    found = kept.find(Maker().number(entity), "s1")
    assert found is not None
    fields: dict[str, Any] = orjson.loads(found.content.body)
    return fields


@pytest.mark.parametrize("stubs", list(permutations([ENDED, RUNS, NAMED])))
def test_given_documents_of_a_subscription_in_any_order_then_it_began_with_the_first_and_runs_if_one_does(
    stubs: tuple[dict[str, Any], ...],
) -> None:
    assert told(*stubs) == {"id": "s1", "status": "active", "start_date": "2025-12-01", "plan_id": "pro"}


def test_given_a_day_that_is_none_when_it_is_held_against_another_then_the_first_one_stays() -> None:
    assert told(RUNS, {**ENDED, "start_date": "once"})["start_date"] == "2026-02-01"


def test_given_other_objects_than_subscriptions_then_the_stub_that_says_most_counts_as_it_is() -> None:
    assert told({"id": "s1", "name": "A plan"}, {"id": "s1", "interval": "a"}, entity="plans") == {
        "id": "s1", "name": "A plan",
    }  # fmt: skip
