"""What needn't go ends where it arrives, without a row: all is as it would be with one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec import structs

from destination_fincome.engine.arrivals import Arrival, Ref
from destination_fincome.engine.memory.memory import Memory, Name
from destination_fincome.engine.memory.recall import Recall
from destination_fincome.engine.memory.shelf import Shelf
from destination_fincome.engine.settlements import settlement
from destination_fincome.engine.spool import spool as spool_module
from destination_fincome.engine.spool import unchanged as unchanged_module
from destination_fincome.fincome.delivery import Request
from destination_fincome.outcomes import Outcome, Reason
from destination_fincome.reporting.facts import Factbook, LineFacts
from destination_fincome.reporting.storage import LocalFolder, Place
from unit_tests.engine.test_objects import (
    ACCEPTED,
    CUSTOMERS,
    ENTITIES,
    INVOICES,
    LINES,
    MISSING,
    REFUSED,
    UNKNOWN,
    Desk,
    ref,
)

REASON = Reason("void", "it is void")
OWNERS = {CUSTOMERS: None, INVOICES: ("customer_id", CUSTOMERS), LINES: ("invoice_id", INVOICES)}


class Comes(NamedTuple):
    """One of few objects, with one of few contents; `how` it comes."""

    entity: int
    number: int
    name: str = "a"
    version: int | None = None
    how: str = "as it is"

    @property
    def id(self) -> str:
        return f"{ENTITIES[self.entity].singular}-{self.number}"

    @property
    def refs(self) -> tuple[Ref, ...]:
        owner = OWNERS[self.entity]
        return (ref(owner[0], owner[1], f"{ENTITIES[owner[1]].singular}-{self.number}"),) if owner else ()

    @property
    def body(self) -> bytes:
        return orjson.dumps({"id": self.id, **{one.field: one.id for one in self.refs}, "name": self.name})


def remembering(known: list[Comes]) -> Recall:
    """Return a memory that has had some contents confirmed."""
    recall = Recall(Shelf(LocalFolder(Place("file", "/nowhere")), "a"), b"k" * 32, 30)
    recall._memory = Memory(b"k" * 32, int(recall.now()) // 86_400, 30)
    for one in known:
        recall.remember(Name(ENTITIES[one.entity].name, one.id), one.body, "upsert")
    return recall


class Account(Desk):
    """The objects of a sync with a memory, before a Fincome that has some of them."""

    def __init__(self, known: list[Comes], lost: frozenset[str], *, in_rows: bool = False):
        self.facts = Factbook([spec.name for spec in ENTITIES])
        self.recall = remembering(known)
        super().__init__(recall=self.recall, facts=self.facts)
        if in_rows:
            self.objects._unchanged = None
        self.there = {one.id for one in known} - lost
        self.sent: list[tuple[str, bytes]] = []

    def comes(self, token: int, one: Comes) -> None:
        """Let an object come, and all go that can."""
        if one.how == "is void" and one.entity == INVOICES:
            content = settlement(ENTITIES[INVOICES], one.id, ())
            void = Arrival(INVOICES, one.id, version=one.version, digest=1, stream=1, content=content, skip=REASON)
            self.objects.arrive(void, (token, 0))
            self.spool.trim()
        else:
            more: dict[str, Any] = {"is refused": {"fault": REASON}, "is skipped": {"skip": REASON}}.get(one.how, {})
            facts = LineFacts(token, "EUR", None, None, False, one.refs[0].id, None, None) if one.refs else None
            body = {"name": one.name}
            self.arrive(
                token, one.entity, one.id, one.refs, one.version, body=body, stream=one.entity,
                facts=facts if one.entity == LINES else None, **more,
            )  # fmt: skip
        while requests := self.go():
            for request in requests:
                self.sent.append((request.id, request.body))
                self.answer(request, self.verdict(request))

    def verdict(self, request: Request):
        if request.look_up:
            return ACCEPTED if request.id in self.there else MISSING
        if b'"refused"' in request.body:
            return REFUSED
        owner = next((v for k, v in orjson.loads(request.body).items() if k in ("customer_id", "invoice_id")), None)
        if owner is not None and owner not in self.there:
            return structs.replace(UNKNOWN, field="customer_id" if b"customer_id" in request.body else "invoice_id")
        self.there.add(request.id)
        return ACCEPTED

    def ends_as(self) -> list[Any]:
        """Return all that can be seen of it from outside."""
        database = self.facts.ask()
        counted = [database.execute(f"SELECT * FROM all_{spec.name} ORDER BY key").fetchall() for spec in ENTITIES]
        return [self.ends, self.notes, self.sent, counted]

    def close(self) -> None:
        self.spool.close()
        self.facts.close()
        self.recall._memory.close()


@pytest.fixture
def account() -> Iterator[Any]:
    opened = []

    def open_one(known: list[Comes], lost: frozenset[str] = frozenset()) -> Account:
        opened.append(Account(known, lost))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


CUSTOMER, INVOICE, LINE = (Comes(entity, 1) for entity in (CUSTOMERS, INVOICES, LINES))


def test_given_what_an_earlier_sync_had_confirmed_when_it_comes_parents_first_then_it_ends_without_a_row(account):
    here = account([CUSTOMER, INVOICE, LINE])
    for token, one in enumerate([CUSTOMER, INVOICE, LINE], 1):
        here.comes(token, one)
    assert here.outcomes() == dict.fromkeys([1, 2, 3], Outcome.UNCHANGED)
    assert here.sent == []
    assert not here.spool._rows


def test_given_a_parent_without_a_row_when_fincome_has_lost_it_then_it_goes_again_and_its_child_after_it(account):
    here = account([CUSTOMER], frozenset([CUSTOMER.id]))
    here.comes(1, CUSTOMER)
    here.comes(2, INVOICE)
    sent = [identity for identity, _ in [*here.sent, *((one.id, one.body) for one in here.run(here.verdict))]]
    assert sent[-2:] == [CUSTOMER.id, INVOICE.id]
    assert [here.outcomes()[token] for token in (1, 2)] == [Outcome.UNCHANGED, Outcome.SENT]


def test_given_a_document_that_becomes_void_when_its_part_has_ended_without_a_row_then_both_are_settled(account):
    here = account([CUSTOMER, INVOICE, LINE])
    for token, one in enumerate([CUSTOMER, INVOICE, LINE, INVOICE._replace(how="is void", version=2)], 1):
        here.comes(token, one)
    assert {request.id for request in here.run(here.verdict)} == {INVOICE.id, LINE.id}
    assert here.outcomes()[4] is Outcome.SETTLED


COMES = st.builds(
    Comes,
    st.sampled_from(list(OWNERS)),
    st.sampled_from([1, 1, 1, 2]),
    st.sampled_from(["a", "a", "a", "b", "refused"]),
    st.sampled_from([None, None, 1, 2]),
    st.sampled_from(["as it is"] * 5 + ["is refused", "is skipped", "is void"]),
)
KNOWN = st.builds(Comes, st.sampled_from(list(OWNERS)), st.sampled_from([1, 1, 2]), st.sampled_from(["a", "a", "b"]))
ALL = [CUSTOMER, INVOICE, LINE]


@example([CUSTOMER._replace(version=2), CUSTOMER._replace(name="b", version=1)], ALL, frozenset(), True)
@example([CUSTOMER._replace(name="b", version=2), CUSTOMER._replace(version=1)], ALL, frozenset(), False)
@example([CUSTOMER, CUSTOMER._replace(name="b"), CUSTOMER], ALL, frozenset(), True)
@example([CUSTOMER, INVOICE, INVOICE._replace(how="is void", version=1), LINE], ALL, frozenset(), True)
@example([*ALL, *ALL], ALL, frozenset(), True)
@example([*reversed(ALL)], ALL, frozenset(), False)
@example([*ALL, INVOICE._replace(how="is void", version=1)], ALL, frozenset(), True)
@example([CUSTOMER, INVOICE._replace(name="b"), LINE], ALL, frozenset([CUSTOMER.id]), True)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(COMES, max_size=8),
    st.lists(KNOWN, max_size=5),
    st.frozensets(st.sampled_from([one.id for one in ALL]), max_size=2),
    st.booleans(),
)
def test_whatever_comes_all_ends_as_it_would_with_rows(comes, known, lost, in_file):
    with pytest.MonkeyPatch.context() as patched:
        if in_file:
            patched.setattr(spool_module, "ROWS_KEPT", 0)
            patched.setattr(unchanged_module, "ABOUT_KEPT", 0)
            patched.setattr(unchanged_module, "_FIRST_SIZE", 1)
        found = []
        for in_rows in (False, True):
            here = Account(known, lost, in_rows=in_rows)
            for token, one in enumerate(comes, 1):
                here.comes(token, one)
            here.sent += [(request.id, request.body) for request in here.run(here.verdict)]
            found.append(here.ends_as())
            here.close()
    assert found[0] == found[1]
