"""Which ids streams brought: the sets that refreshes are held against, and the form in which they lie between syncs."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.engine.memory.brought import MOST_SETS, Brought, Held, Stream
from destination_fincome.engine.memory.sealed import sealed, unsealed

KEY = b"k" * 32
INVOICES = Stream("invoices", "mapping", is_full_refresh=True)


def brought(content: bytes = b"", *, now: int = 1000, stream: Stream = INVOICES, key: bytes = KEY) -> Brought:
    made = Brought([stream], now)
    made.load(unsealed(BytesIO(content), len(content), key))
    return made


def refreshed(content: bytes, ids: list[str], *, now: int, stream: Stream = INVOICES, whole: bool = True) -> bytes:
    """Return what is kept after a full refresh that brought so many ids."""
    made = brought(content, now=now, stream=stream)
    for identity in ids:
        made.see(0, "invoices", identity, "")
    held = made.held_against(0)
    made.seen_again()
    made.refreshed(0, held, is_whole=whole)
    return b"".join(sealed(made.lines(), KEY))


def missing(content: bytes, ids: list[str], *, now: int = 5000) -> list[tuple[str, int, int]]:
    """Return which ids a refresh that brings some of them would miss: id, since when, since when in whole ones."""
    made = brought(content, now=now)
    for identity in ids:
        made.see(0, "invoices", identity, "")
    absent = made.absent(made.held_against(0), "invoices")
    return [(one.id, one.since, one.whole_since) for one in absent]


IDS = [f"in-{number}" for number in range(10)]


def test_given_ids_that_are_missing_when_kept_then_the_first_refresh_and_the_first_whole_one_without_them_are_known():
    kept = refreshed(refreshed(b"", IDS, now=1), IDS[1:], now=2, whole=False)
    assert missing(kept, IDS[1:]) == [("in-0", 2, 0)]
    kept = refreshed(refreshed(kept, IDS[1:], now=3), IDS[1:], now=4)
    assert missing(kept, IDS[2:]) == [("in-0", 2, 3), ("in-1", 5000, 0)]
    assert missing(refreshed(kept, IDS, now=6), IDS[2:]) == [("in-0", 5000, 0), ("in-1", 5000, 0)]


def test_given_what_another_stream_brings_when_a_refresh_does_not_then_it_is_not_missing():
    made = Brought([INVOICES, Stream("drafts", "mapping", is_full_refresh=False)], 9)
    content = refreshed(b"", IDS, now=1)
    made.load(unsealed(BytesIO(content), len(content), KEY))
    for identity in IDS[1:]:
        made.see(0, "invoices", identity, "")
    made.see(1, "invoices", "in-0", "")
    assert made.held_against(0).missing == 0


@pytest.mark.parametrize(
    "stream",
    [Stream("other", "mapping", is_full_refresh=True), Stream("invoices", "another", is_full_refresh=True)],
)
def test_given_another_stream_or_mapping_when_held_against_then_nothing_is_known(stream):
    made = brought(refreshed(b"", IDS, now=1), stream=stream)
    made.see(0, "invoices", "in-0", "")
    held = made.held_against(0)
    assert (held.number, held.known, held.is_another) == (None, 0, stream.name == "invoices")


def test_given_many_sources_of_one_name_when_kept_then_the_latest_ones_are():
    kept = b""
    for number in range(MOST_SETS + 2):
        kept = refreshed(kept, [f"{number}-{one}" for one in IDS], now=number)
    assert missing(kept, ["0-in-0", "0-in-1", "0-in-2", "0-in-3", "0-in-4"]) == []
    assert len(missing(kept, ["4-in-0", "4-in-1", "4-in-2", "4-in-3", "4-in-4"])) == 5


def test_given_lines_when_kept_then_their_documents_are_and_a_record_that_does_not_tell_changes_nothing():
    made = brought()
    made.see(0, "invoice_lines", "l-1", "in-1")
    made.see(0, "invoice_lines", "l-1", None)
    made.see(0, "invoice_lines", "l-2", None)
    made.refreshed(0, Held(None), is_whole=True)
    later = brought(b"".join(sealed(made.lines(), KEY)))
    assert [(one.document, one.id) for one in later.absent(Held(1), "invoice_lines")] == [("in-1", "l-1")]


def test_given_ids_when_kept_then_nobody_reads_them_without_the_accounts_key():
    kept = refreshed(b"", ["ada@example.com"] * 3, now=1)
    assert b"ada" not in kept
    with pytest.raises(ValueError, match="not sealed"):
        brought(kept, key=b"x" * 32)


@given(st.sets(st.text(min_size=1), min_size=1, max_size=30), st.data())
def test_given_any_ids_when_kept_then_just_those_that_do_not_come_are_missing(ids, data):
    known = sorted(ids)
    comes = data.draw(st.lists(st.sampled_from(known), min_size=(len(known) + 1) // 2, unique=True))
    found = {one for one, _, _ in missing(refreshed(b"", known, now=1), comes)}
    assert found == (set(known) - set(comes) if len(comes) * 2 >= len(known) else set())
