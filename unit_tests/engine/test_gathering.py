"""Parts of objects until the input has ended: the same whether they stay in memory or go to the file."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from destination_fincome.codes import Code
from destination_fincome.engine import gathering
from destination_fincome.engine.arrivals import Entity
from destination_fincome.engine.gathering import Gathered, Gathering
from destination_fincome.engine.spool.spool import Spool
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.language.parents import OfParent
from destination_fincome.mapping.merging import merge_of
from destination_fincome.mapping.results import Draft, Fault, Skip

MERGE = merge_of(load_contract().entities["invoices"], {"amount": "sum"})


def draft(identity: str, version: float | None = None, **values: Any) -> Draft:
    asked = (("currency", OfParent("customer_id", "currency")),)
    return Draft("invoices", {"id": identity, **values}, version, tie_first=False, merge=MERGE, asked=asked)


def take(gathered: Gathering) -> dict[str, Gathered]:
    return {one.name[2]: one for one in gathered.take()}


@given(st.lists(st.tuples(st.sampled_from("abc"), st.decimals(-(10**6), 10**6, places=2)), max_size=30))
def test_given_any_rows_when_they_go_to_the_file_then_the_objects_are_those_of_memory(
    rows: list[tuple[str, Decimal]],
) -> None:
    found = []
    for kept in (1000, 1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gathering, "OBJECTS_KEPT", kept)
            gathered = Gathering()
            for number, (identity, amount) in enumerate(rows):
                attributes = {"custom_properties": {"n": number, "x": amount}}
                gathered.add(("invoices", 0, identity), 3, draft(identity, number, amount=amount, **attributes))
            found.append(take(gathered))
    for identity in found[0].keys() | found[1].keys():
        in_memory, stored = found[0][identity].item, found[1][identity].item
        assert isinstance(in_memory, Draft)
        assert isinstance(stored, Draft)
        assert (in_memory.values, in_memory.version, in_memory.asked) == (stored.values, stored.version, stored.asked)
        assert stored.values["amount"] == sum(amount for one, amount in rows if one == identity)


@pytest.mark.parametrize("kept", [1000, 0])
def test_given_a_row_that_is_skipped_or_faulty_when_gathered_then_the_whole_object_is(
    kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "OBJECTS_KEPT", kept)
    gathered = Gathering()
    skip = Skip("invoices", "b", 1, False, Code.VOID, "void", "skip", merges=True)
    fault = Fault("invoices", "c", "amount", Code.INVALID_VALUE, "is not a number", merges=True)
    for identity in "abc":
        gathered.add(("invoices", 0, identity), 0, draft(identity, amount=1))
    gathered.add(("invoices", 0, "b"), 0, skip)
    gathered.add(("invoices", 0, "c"), 0, fault)
    gathered.add(("invoices", 0, "c"), 0, skip)
    for identity in "abc":
        gathered.add(("invoices", 0, identity), 0, draft(identity, amount=1))
    gathered.add(("invoices", 0, "a"), 0, draft("a", amount="1,5"))
    found = {name: one.item for name, one in take(gathered).items()}
    assert isinstance(found["b"], Skip)
    assert (found["b"].reason, found["b"].text) == (Code.VOID, "void")
    assert isinstance(found["c"], Fault)
    assert (found["c"].field, found["c"].problem) == ("amount", "is not a number")
    assert isinstance(found["a"], Fault)


@pytest.mark.parametrize("kept", [1000, 0])
@pytest.mark.parametrize("is_first", [True, False])
def test_given_an_object_that_another_stream_brings_when_gathered_then_only_what_is_not_newer_there_is_left(
    kept: int, *, is_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "OBJECTS_KEPT", kept)
    gathered = Gathering()
    mine = [
        draft("a", 1, number="old", amount=1, custom_properties={"x": "old"}),
        draft("a", 3, custom_properties={"x": "new"}),
        structs.replace(draft("b", 1, number="old"), asked=()),
        draft("d", 1, number="old"),
    ]
    theirs = [
        Draft("invoices", {"id": "a", "number": "older"}, 1, tie_first=False),
        Draft("invoices", {"id": "a", "number": "theirs", "custom_properties": {"x": "theirs"}}, 2, tie_first=False),
        Draft("invoices", {"id": "a", "amount": 5}, 1, tie_first=True),
        Draft("invoices", {"id": "b", "number": "theirs"}, 2, tie_first=False),
        Draft("invoices", {"id": "c", "number": "theirs"}, 2, tie_first=False),
    ]
    for part in mine if is_first else []:
        gathered.add(("invoices", 0, part.values["id"]), 1, part)
    for whole in theirs:
        gathered.goes_itself(("invoices", 0, whole.values["id"]), 0, whole)
    for part in [] if is_first else mine:
        gathered.add(("invoices", 0, part.values["id"]), 1, part)
    found = take(gathered)
    a, b, d = (found[name].item for name in "abd")
    assert isinstance(a, Draft)
    assert (a.values, a.policy) == ({"id": "a", "amount": 1, "custom_properties": {"x": "new"}}, "update_only")
    assert isinstance(b, Skip)
    assert b.reason is Code.SUPERSEDED
    assert isinstance(d, Draft)
    assert d.policy == "upsert"
    assert found.keys() == set("abd")


def test_given_records_that_answer_for_an_object_when_taken_then_they_are_all_there_in_their_order() -> None:
    answering = Spool().answering
    for number in range(3):
        answering.keep(Entity(4), 0, "F1", (number, number + 1))
    answering.keep(Entity(4), 0, "F2", (9, 0))
    assert answering.take(Entity(4), 0, "F1") == [(0, 1), (1, 2), (2, 3)]
    assert answering.take(Entity(4), 1, "F1") == []


@pytest.mark.parametrize("kept", [10_000, 100])
def test_what_waits_is_weighed_within_a_quarter_and_gets_less_as_it_is_taken(
    kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "OBJECTS_KEPT", kept)
    gathered = Gathering()
    assert gathered.bytes_held == 0
    for number in range(2000):
        gathered.add(("invoices", 0, f"in_{number:06}"), 0, draft(f"in_{number:06}", note="x" * 1000))
    assert 0.75 < gathered.bytes_held / (2000 * 1150) < 1.25
    taken = [(gathered.bytes_held, one) for one in gathered.take()]
    sizes = [held for held, _ in taken]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[1500] < 0.5 * sizes[0]
    assert (len(taken), gathered.bytes_held) == (2000, 0)


def test_the_records_that_answer_for_merged_objects_count_as_room_that_is_used() -> None:
    spool = Spool()
    before = spool.bytes_held()
    for number in range(20_000):
        spool.answering.keep(Entity(1), 0, f"in_{number % 10}", (1, number))
        spool.trim()
    assert spool.bytes_held() - before > 20_000 * 15
    assert len(spool.answering.take(Entity(1), 0, "in_3")) == 2000
