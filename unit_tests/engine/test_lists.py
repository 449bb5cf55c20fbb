"""Lists read by the engine: whatever pages show, and whenever, the account ends as without them, and for little."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.engine import lists as lists_module
from destination_fincome.engine.arrivals import Arrival, Content
from destination_fincome.engine.lists import Keys, Lists
from destination_fincome.engine.memory.recall import Recall
from destination_fincome.engine.objects import Objects, SyncScope
from destination_fincome.engine.spool.spool import Spool
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.delivery import Request
from destination_fincome.fincome.listing import Listing
from destination_fincome.fincome.pages import Listed
from destination_fincome.outcomes import Outcome
from destination_fincome.retry_policy import DEFAULT
from unit_tests.engine.test_objects import Book

LISTING = Listing("number", parameter="page", size=5)
ENTITIES = [replace(spec, listing=LISTING) for spec in load_contract().entities.values()]
CUSTOMERS = [spec.name for spec in ENTITIES].index("customers")
KEY = b"k" * 32


class InMemory(Recall):
    """A memory that knows nothing yet, and lies nowhere."""

    def __init__(self) -> None:
        super().__init__(None, KEY, 30)  # type: ignore[arg-type]  # it has no place
        self._memory = self._new()


class Desk:
    """The objects of a sync with lists, and the account that they go to."""

    def __init__(self, account: dict[str, str], most_bytes: int = 1 << 30) -> None:
        self.account = dict(account)
        self.now = 0.0
        self.book = Book()
        self.ends = self.book.ends
        self.wrong: set[str] = set()
        self.spool = Spool()
        self.recall = recall = InMemory()
        self.lists = Lists(ENTITIES, recall, self.wrong, self.book.warn, most_bytes, clock=lambda: self.now)
        scope = SyncScope(frozenset(["customers"]), recall=recall, lists=self.lists)
        self.objects = Objects(self.spool, ENTITIES, scope, self.book, clock=lambda: self.now)
        self.arrived = self.pages = self.writes = 0
        # What the workers have, each with what Fincome showed or had when it got it.
        self.pending: list[tuple[Request, list[tuple[str, bytes]]]] = []

    def arrive(self, identity: str, name: str) -> None:
        self.arrived += 1
        body = orjson.dumps({"id": identity, "name": name})
        arrival = Arrival(CUSTOMERS, identity, digest=hash(body), content=Content(body))
        self.objects.arrive(arrival, (self.arrived, 0))
        self.spool.trim()

    def go(self, order: list[str] | None = None, *, ended: bool = False) -> list[Request]:
        """Hand out what may go; pages show the account in an order, as it is at that moment."""
        taken = self.objects.take(4, self.now, ended=ended)
        for request in taken:
            page = self._page(request, order or sorted(self.account)) if request.page is not None else []
            self.pending.append((request, page))
        self.spool.trim()
        return taken

    def _page(self, request: Request, order: list[str]) -> list[tuple[str, bytes]]:
        self.pages += 1
        start = request.page.number * LISTING.size
        ids = order[start : start + LISTING.size]
        return [(one, orjson.dumps({"id": one, "name": self.account[one]})) for one in ids]

    def answer(self, number: int = 0) -> None:
        request, page = self.pending.pop(number)
        if request.page is not None:
            after = request.page._replace(number=request.page.number + 1) if len(page) == LISTING.size else None
            self.page_answered(request, Verdict(Kind.ACCEPTED, listed=Listed(tuple(page), len(page), after)))
            return
        self.writes += 1
        existed = request.id in self.account
        self.account[request.id] = orjson.loads(request.body)["name"]
        self.objects.answered(request, Verdict(Kind.ACCEPTED, existed=existed), self.now)
        self.spool.trim()

    def page_answered(self, request: Request, verdict: Verdict, due: float | None = None) -> None:
        self.objects.page_answered(request, verdict, due)
        self.spool.trim()

    def end(self) -> None:
        """Go on to the end of the sync, the input having ended."""
        while True:
            self.go(ended=True)
            while self.pending:
                self.answer()
            if self.objects.at_rest and not self.objects.conclude(self.now):
                return

    def close(self) -> None:
        self.spool.close()
        self.lists.close()
        self.recall._memory.close()

    def outcomes(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for _, outcome, _, _ in self.ends:
            found[outcome.value] = found.get(outcome.value, 0) + 1
        return found


def filled(count: int, name: str = "a") -> dict[str, str]:
    return {f"c{number:03}": name for number in range(count)}


@given(
    st.dictionaries(st.integers(0, 20), st.sampled_from("ab")),
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from("ab")), min_size=25, max_size=80),
    st.randoms(use_true_random=True),
)
def test_whatever_comes_when_and_whatever_pages_show_the_account_ends_as_without_lists(
    there: dict[int, str], source: list[tuple[int, str]], chance: Random
) -> None:
    desk = Desk({f"c{number}": name for number, name in there.items()})
    expected = {**desk.account, **{f"c{number}": name for number, name in source}}
    records: Iterator[tuple[int, str]] = iter(source)
    for step in chance.choices("aaggw", k=4 * len(source)):
        if step == "a" and (record := next(records, None)) is not None:
            desk.arrive(f"c{record[0]}", record[1])
        elif step == "g":
            # The list moves while it is read.
            desk.go(chance.sample(sorted(desk.account), len(desk.account)))
        elif step == "w" and desk.pending:
            desk.answer(chance.randrange(len(desk.pending)))
    for number, name in records:
        desk.arrive(f"c{number}", name)
    desk.end()
    desk.close()
    assert desk.account == expected
    assert len(desk.ends) == desk.arrived
    assert desk.pages + desk.writes <= desk.arrived + desk.arrived // 10


def test_given_all_objects_in_a_list_when_synced_then_only_its_pages_are_asked_for() -> None:
    desk = Desk(filled(40))
    for identity in reversed(desk.account):
        desk.arrive(identity, "a")
    desk.end()
    assert (desk.pages, desk.writes) == (8, 0)
    assert desk.outcomes() == {Outcome.UNCHANGED.value: 40}


def test_given_an_object_there_and_back_when_its_page_is_older_than_what_was_sent_then_the_newest_content_goes() -> (
    None
):
    desk = Desk(filled(20))
    for identity in desk.account:
        desk.arrive(identity, "a")
    desk.arrive("c003", "b")
    desk.end()
    assert desk.account["c003"] == "b"
    desk.arrive("c003", "a")
    desk.end()
    assert (desk.account["c003"], desk.writes) == ("a", 2)


def test_given_fewer_than_ten_objects_when_the_input_goes_on_then_they_wait_for_no_longer_than_that() -> None:
    desk = Desk(filled(100))
    for identity in list(desk.account)[:9]:
        desk.arrive(identity, "a")
    assert desk.go() == []
    assert not desk.objects.at_rest
    desk.now = lists_module.STILL_SECONDS - 1
    assert desk.go() == []
    desk.now = lists_module.STILL_SECONDS
    assert len(desk.go()) == 4
    # They have waited for long enough; what comes later may be listed.
    for identity in list(desk.account)[9:12]:
        desk.arrive(identity, "a")
    while desk.pending:
        desk.answer()
        desk.go()
    assert desk.pages == 1
    desk.end()
    assert desk.writes <= 12


def test_given_a_page_under_way_when_the_source_is_slow_then_objects_wait_for_it() -> None:
    desk = Desk(filled(100))
    for identity in list(desk.account)[:10]:
        desk.arrive(identity, "a")
    (page,) = desk.go()
    assert page.page == (0, 0, "", 0)
    desk.now = 1000.0
    assert desk.go() == []
    desk.answer()
    desk.end()
    # Its five objects have paid for the next page, which shows the other five.
    assert (desk.pages, desk.writes) == (2, 0)


def test_given_more_than_is_kept_when_a_list_goes_on_then_it_is_given_up() -> None:
    desk = Desk(filled(400), most_bytes=1)
    for identity in desk.account:
        desk.arrive(identity, "a")
    desk.end()
    assert (desk.pages, desk.writes) == (0, 400)
    assert [code for code, _, _ in desk.book.notes] == ["list_not_read"]


def test_given_a_kind_that_is_stored_otherwise_when_its_list_shows_it_right_then_it_is_not_believed() -> None:
    desk = Desk(filled(20))
    desk.wrong.add("customers")
    for identity in desk.account:
        desk.arrive(identity, "a")
    desk.end()
    assert desk.writes == 20


@pytest.mark.parametrize("throttled", [False, True])
def test_given_trouble_with_a_page_when_it_goes_on_then_it_is_asked_for_a_few_times_more(throttled: bool) -> None:
    desk = Desk(filled(20))
    for identity in desk.account:
        desk.arrive(identity, "a")
    asked = 0
    while (requests := desk.go()) and requests[0].page is not None and asked < 10:
        asked += 1
        desk.pending.clear()
        desk.page_answered(requests[0], Verdict(Kind.RETRY, problem="answered 503", throttled=throttled), desk.now)
    # Too many requests are everybody's trouble: the pace sees to that.
    assert asked == (10 if throttled else DEFAULT.aside_after)


def test_given_an_object_that_lists_show_otherwise_when_it_goes_then_it_is_known_to_be_there() -> None:
    changed = [f"c{number:03}" for number in range(0, 60, 6)]
    desk = Desk({**filled(60), **dict.fromkeys(changed, "b")})
    for identity in [*desk.account, "new"]:
        desk.arrive(identity, "a")
    found: dict[str, bool] = {}
    while requests := desk.go(ended=True):
        found |= {one.id: one.update_first for one in requests if one.page is None}
        while desk.pending:
            desk.answer()
    assert found == {**dict.fromkeys(changed, True), "new": False}


@given(st.lists(st.tuples(st.sampled_from(["add", "discard", "take"]), st.integers(1, 80))))
def test_keys_are_a_set(steps: list[tuple[str, int]]) -> None:
    keys, expected = Keys(), set[int]()
    for step, key in steps:
        if step == "add":
            assert keys.add(key) is (key not in expected)
            expected.add(key)
        elif step == "discard":
            assert keys.discard(key) is (key in expected)
            expected.discard(key)
        else:
            taken = list(keys.take(key // 20))
            assert taken == sorted(expected)[: key // 20]
            expected.difference_update(taken)
        assert keys.count == len(expected)
        assert all((one in keys) is (one in expected) for one in range(90))


def test_given_a_last_page_that_shows_only_what_has_moved_when_read_then_that_is_the_end_and_no_trouble() -> None:
    desk = Desk(filled(12))
    for identity in desk.account:
        desk.arrive(identity, "a")
    desk.go()
    desk.answer()
    (page,) = desk.go()
    desk.pending.clear()
    desk.page_answered(page, Verdict(Kind.ACCEPTED, listed=Listed((("c000", b"{}"),), 1, None)))
    desk.end()
    assert desk.book.notes == []
    assert desk.writes == 7
