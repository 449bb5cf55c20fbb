"""What a memory knows, in which form it lies between syncs, and who may use it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.engine.memory.memory import HEAD, Damaged, Memory, Name
from destination_fincome.engine.memory.recall import Recall
from destination_fincome.engine.memory.shelf import Shelf
from destination_fincome.failure import SystemFailure
from destination_fincome.reporting.storage import LocalFolder, Place

AnyFolder = TypeVar("AnyFolder", bound=LocalFolder)

KEY = b"k" * 32
C1 = Name("customers", "c1")


def memory(today: int = 100, days: int = 30, key: bytes = KEY) -> Memory:
    return Memory(key, today, days)


def dumped(known: Memory) -> bytes:
    return b"".join(known.dump())


def loaded(known: Memory, content: bytes) -> int:
    return known.load(BytesIO(content))


def test_given_a_confirmed_object_when_asked_then_only_just_that_content_and_policy_is_known():
    known = memory()
    known.remember(C1, b'{"id":"c1"}', "upsert")
    assert known.knows(C1, b'{"id":"c1"}', "upsert")
    assert not known.knows(C1, b'{"id":"c1","name":"A"}', "upsert")
    assert not known.knows(C1, b'{"id":"c1"}', "update_only")
    assert not known.knows(Name("customers", "c1", "crm"), b'{"id":"c1"}', "upsert")
    assert not known.knows(Name("products", "c1"), b'{"id":"c1"}', "upsert")


def test_given_an_object_that_is_forgotten_when_it_is_as_before_then_nothing_is_known_of_what_streams_added_to_it():
    known, facets = memory(), [Name("customers", "c1", stream) for stream in ("crm", "erp")]
    known.remember(C1, b"a", "upsert")
    other = Name("customers", "c2", "crm")
    for facet in (*facets, other):
        known.remember(facet, b"x", "update_only")
    known.forget(facets[1])
    assert known.knows(C1, b"a", "upsert")
    assert [known.knows(facet, b"x", "update_only") for facet in (*facets, other)] == [True, False, True]
    again = memory()
    loaded(again, dumped(known))
    again.forget(C1)
    again.remember(C1, b"a", "upsert")
    assert [again.knows(facet, b"x", "update_only") for facet in (*facets, other)] == [False, False, True]


def test_given_an_object_that_is_about_to_go_when_forgotten_then_nothing_of_it_is_known():
    known = memory()
    known.remember(C1, b"a", "upsert")
    known.forget(C1)
    assert not known.knows(C1, b"a", "upsert")
    assert not known.has(C1)


def test_given_what_was_dumped_when_loaded_then_the_same_is_known():
    first = memory()
    names = [Name("invoices", f"in-{number}") for number in range(3000)]
    for name in names:
        first.remember(name, name.id.encode(), "upsert")
    first.forget(names[7])
    second = memory()
    assert loaded(second, dumped(first)) == 2999
    assert [second.knows(name, name.id.encode(), "upsert") for name in names].count(False) == 1
    content = dumped(second)
    third = memory()
    assert loaded(third, content) == 2999
    # What is sealed differs each time.
    assert len(dumped(third)) == len(content)


def test_given_what_objects_were_sent_when_kept_then_it_is_known_by_object_and_forgotten_with_it():
    first = memory()
    first.remember(C1, b"a", "upsert", frozenset({"email", "custom_properties.vat"}))
    first.remember(Name("customers", "c2"), b"a", "upsert", frozenset({"email"}))
    second = memory()
    loaded(second, dumped(first))
    assert second.sent(C1) == {"email", "custom_properties.vat"}
    assert second.sent(Name("customers", "c2")) == {"email"}
    second.forget(C1)
    assert second.sent(C1) == frozenset()


def test_given_more_combinations_than_are_told_apart_when_kept_then_nothing_is_known_of_the_others(monkeypatch):
    monkeypatch.setattr("destination_fincome.engine.memory.memory.MOST_SHAPES", 2)
    known = memory()
    for number in range(4):
        known.remember(Name("customers", str(number)), b"a", "upsert", frozenset({f"field {number}"}))
    assert [len(known.sent(Name("customers", str(number)))) for number in range(4)] == [1, 1, 0, 0]


def test_given_another_account_or_contract_when_loaded_then_it_is_refused():
    first = memory()
    first.remember(C1, b"a", "upsert")
    with pytest.raises(Damaged):
        loaded(memory(key=b"x" * 32), dumped(first))


def test_given_a_file_of_an_older_version_when_loaded_then_it_is_refused():
    first = memory()
    first.remember(C1, b"a", "upsert")
    content = dumped(first)
    assert content.startswith(HEAD)
    with pytest.raises(Damaged):
        loaded(memory(), b"fincome-memory 4\n" + content[len(HEAD) :])


@given(place=st.integers(0, 200), byte=st.integers(1, 255))
def test_given_any_byte_that_changed_when_loaded_then_it_is_refused(place, byte):
    with closing(memory()) as first, closing(memory()) as again:
        for number in range(5):
            first.remember(Name("customers", str(number)), b"a", "upsert")
        content = bytearray(dumped(first))
        content[place % len(content)] ^= byte
        with pytest.raises(Damaged):
            loaded(again, bytes(content))


@given(cut=st.integers(0, 190))
def test_given_a_half_written_file_when_loaded_then_it_is_refused(cut):
    with closing(memory()) as first, closing(memory()) as again:
        for number in range(5):
            first.remember(Name("customers", str(number)), b"a", "upsert")
        with pytest.raises(Damaged):
            loaded(again, dumped(first)[:cut])


def test_given_days_that_pass_when_asked_then_objects_are_sent_again_spread_over_the_second_half():
    first = memory(today=100)
    names = [Name("invoices", str(number)) for number in range(300)]
    for name in names:
        first.remember(name, b"a", "upsert")
    content = dumped(first)

    def known(today: int) -> int:
        later = memory(today=today)
        loaded(later, content)
        return sum(later.knows(name, b"a", "upsert") for name in names)

    assert known(114) == 300
    assert 0 < known(122) < 300
    assert known(130) == 0
    # A clock that went back proves nothing.
    assert known(99) == 0


def test_given_ids_and_contents_when_dumped_then_none_of_them_can_be_read():
    first = memory()
    first.remember(Name("customers", "ada@example.com"), b"Ada Example", "upsert")
    assert b"ada" not in dumped(first).lower()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["remember", "forget"]), st.binary(max_size=3))))
def test_given_any_history_when_asked_then_the_last_word_on_each_object_counts(history):
    last = dict[str, bytes | None]()
    with closing(memory()) as known, closing(memory()) as again:
        for identity, what, body in history:
            if what == "remember":
                known.remember(Name("plans", identity), body, "upsert")
            else:
                known.forget(Name("plans", identity))
            last[identity] = body if what == "remember" else None
        loaded(again, dumped(known))
        for identity, body in last.items():
            assert again.has(Name("plans", identity)) == (body is not None)
            assert body is None or again.knows(Name("plans", identity), body, "upsert")


def test_given_a_database_that_fails_when_used_then_the_sync_goes_on_without_and_the_memory_is_set_aside(
    tmp_path, caplog
):
    place = LocalFolder(Place("file", str(tmp_path / "memory")))
    first = Recall(Shelf(place, "a"), KEY, 30)
    first.begin()
    first.remember(C1, b"a", "upsert")
    first.end(["customers"], right=["customers"], wrong=())
    second = Recall(Shelf(place, "a"), KEY, 30)
    second.begin()
    assert second.knows(C1, b"a", "upsert")
    second._memory.brought.close()
    second.brought(lambda brought: brought.seen_again(), None)
    assert not second.knows(C1, b"a", "upsert")
    second.remember(C1, b"b", "upsert")
    second.end(["customers"], right=["customers"], wrong=())
    assert "can't be used any more" in caplog.text
    assert place.names() == ["memory-a.newest"]


def test_given_a_database_that_fails_when_the_memory_is_kept_then_nothing_half_is_and_the_memory_is_set_aside(
    tmp_path, caplog
):
    store = place(tmp_path)
    kept(store, C1)
    second = Recall(Shelf(store, "a"), KEY, 30)
    second.begin()
    second._memory.brought.close()
    second.end(["customers"], right=["customers"], wrong=())
    assert "can't be used any more" in caplog.text
    assert store.names() == ["memory-a.newest"]


def test_given_pieces_that_fail_when_stored_then_what_was_there_stays(tmp_path):
    store = place(tmp_path)
    store.put("memory-a", b"whole")

    def pieces():
        yield b"half"
        raise ValueError

    with pytest.raises(ValueError):
        store.put_pieces("memory-a", pieces())
    assert store.get("memory-a") == b"whole"
    assert store.names() == ["memory-a"]


# --- who may use it


class Interfered(LocalFolder):
    """A folder in which something happens just before a file is removed."""

    before_removal: Callable[[], object] = staticmethod(lambda: None)

    def remove(self, name: str) -> None:
        if name.endswith(".lease"):
            self.before_removal()
        super().remove(name)


class Failing(LocalFolder):
    """A folder that can't be listed for a while."""

    fails = True

    def names(self) -> list[str]:
        if self.fails:
            raise SystemFailure("no")
        return super().names()


def place(tmp_path: Path, kind: type[AnyFolder] = LocalFolder) -> AnyFolder:
    return kind(Place("file", str(tmp_path / "memory")))


def kept(store: LocalFolder, *names: Name) -> None:
    """Leave a memory that knows some objects."""
    recall = Recall(Shelf(store, "a"), KEY, 30)
    recall.begin()
    for name in names:
        recall.remember(name, b"a", "upsert")
    entities = [name.entity for name in names]
    recall.end(entities, right=entities, wrong=())


P1 = Name("products", "p1")


def broken_off(store: LocalFolder, *, touches: object) -> None:
    said = {"token": "x", "at": 0, "ended": False, "touches": touches}
    store.put("memory-a.lease", json.dumps(said).encode())


@pytest.mark.parametrize(("touches", "known"), [(["customers"], [False, True]), (None, [False, False])])
def test_given_a_sync_that_was_broken_off_when_it_said_what_it_may_send_then_only_that_is_forgotten(
    tmp_path, touches, known
):
    store = place(tmp_path)
    kept(store, C1, P1)
    broken_off(store, touches=touches)
    later = Recall(Shelf(store, "a", touches=["invoices"]), KEY, 30)
    later.begin()
    assert [later.knows(name, b"a", "upsert") for name in (C1, P1)] == known


def test_given_a_sync_that_dies_after_it_took_over_when_another_comes_then_it_doubts_what_the_first_may_have_sent(
    tmp_path,
):
    store = place(tmp_path)
    kept(store, C1, P1)
    broken_off(store, touches=["customers"])
    long_ago = Recall(Shelf(store, "a", now=lambda: 0.0, touches=["invoices"]), KEY, 30)
    long_ago.begin()
    later = Recall(Shelf(store, "a", touches=[]), KEY, 30)
    later.begin()
    assert [later.knows(name, b"a", "upsert") for name in (C1, P1)] == [False, True]


def test_given_two_syncs_that_find_a_dead_one_when_the_slower_removes_its_lease_then_the_faster_doubts_it_too(tmp_path):
    store = place(tmp_path, Interfered)
    kept(store, C1, P1)
    broken_off(store, touches=["customers"])
    faster = Recall(Shelf(place(tmp_path), "a", touches=[]), KEY, 30)

    def happens() -> None:
        store.before_removal = lambda: None
        place(tmp_path).remove("memory-a.lease")
        faster.begin()

    store.before_removal = happens
    with closing(Shelf(store, "a", touches=[]).begin()):
        pass
    assert [faster.knows(name, b"a", "upsert") for name in (C1, P1)] == [False, True]


def test_given_an_object_of_another_kind_than_it_said_when_it_goes_then_nothing_is_believed_if_the_sync_dies(tmp_path):
    store = place(tmp_path)
    kept(store, C1, P1)
    dies = Recall(Shelf(store, "a", now=lambda: 0.0, touches=["invoices"]), KEY, 30)
    dies.begin()
    dies.forget(C1)
    later = Recall(Shelf(store, "a", touches=[]), KEY, 30)
    later.begin()
    assert [later.knows(name, b"a", "upsert") for name in (C1, P1)] == [False, False]


def test_given_a_place_that_fails_at_the_beginning_when_it_works_at_the_end_then_the_next_sync_doubts_what_was_sent(
    tmp_path,
):
    kept(place(tmp_path), C1, P1)
    store = place(tmp_path, Failing)
    sends = Recall(Shelf(store, "a", touches=["customers"]), KEY, 30)
    sends.begin()
    store.fails = False
    sends.end(["customers"], right=["customers"], wrong=())
    later = Recall(Shelf(store, "a", touches=[]), KEY, 30)
    later.begin()
    assert [later.knows(name, b"a", "upsert") for name in (C1, P1)] == [False, True]


def test_given_an_older_copy_that_is_put_back_when_used_then_nothing_of_it_is_believed(tmp_path, monkeypatch, caplog):
    store, now = place(tmp_path), time.time()
    with monkeypatch.context() as earlier:
        earlier.setattr(time, "time", lambda: now - 3600)
        kept(store, C1)
    file = tmp_path / "memory" / "memory-a"
    os.utime(file, (now - 3600, now - 3600))
    later = Recall(Shelf(store, "a"), KEY, 30)
    later.begin()
    assert not later.knows(C1, b"a", "upsert")
    assert "is a copy" in caplog.text


def test_given_a_copy_made_a_moment_ago_when_it_is_put_back_after_another_sync_then_nothing_of_it_is_believed(
    tmp_path, monkeypatch, caplog
):
    store, now = place(tmp_path), time.time()
    file = tmp_path / "memory" / "memory-a"
    with monkeypatch.context() as earlier:
        earlier.setattr(time, "time", lambda: now - 60)
        kept(store, C1)
    copy = file.read_bytes()
    kept(store, P1)
    file.write_bytes(copy)
    later = Recall(Shelf(store, "a"), KEY, 30)
    later.begin()
    assert not later.knows(C1, b"a", "upsert")
    assert "is a copy" in caplog.text


def test_given_a_copy_of_a_memory_that_was_set_aside_when_it_is_put_back_then_nothing_of_it_is_believed(tmp_path):
    store = place(tmp_path)
    file = tmp_path / "memory" / "memory-a"
    kept(store, C1)
    copy = file.read_bytes()
    sets_aside = Shelf(store, "a")
    with closing(sets_aside.begin()):
        sets_aside.end(None)
    assert not file.exists()
    file.write_bytes(copy)
    later = Recall(Shelf(store, "a"), KEY, 30)
    later.begin()
    assert not later.knows(C1, b"a", "upsert")


def test_given_what_a_list_has_shown_when_no_sample_proves_a_kind_right_then_it_stays_known():
    known = memory()
    assert not known.has_any("customers")
    known.remember(C1, b"a", "upsert", shown=True)
    known.remember(Name("customers", "c2"), b"a", "upsert")
    assert known.has_any("customers")
    assert not known.has_any("invoices")
    known.forget_kind("customers", new_only=True)
    assert known.knows(C1, b"a", "upsert")
    assert not known.has(Name("customers", "c2"))
    known.remember(C1, b"b", "upsert")
    known.forget_kind("customers", new_only=True)
    assert not known.has_any("customers")
