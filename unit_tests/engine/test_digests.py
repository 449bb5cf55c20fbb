"""The sorted table of what was confirmed: whatever happens to it, it knows what a plain dictionary would know."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.engine.memory import digests
from destination_fincome.engine.memory.digests import (
    DIGEST_BYTES,
    FACET_BYTES,
    HEAD_BYTES,
    KIND_BYTES,
    NAME_BYTES,
    Digests,
    Known,
)


def name(kind: int, head: int, rest: int, facet: int) -> bytes:
    """Return one of few names: some share their head, and not their object."""
    start = kind.to_bytes(KIND_BYTES) + head.to_bytes(HEAD_BYTES - KIND_BYTES)
    return start + rest.to_bytes(NAME_BYTES - HEAD_BYTES - FACET_BYTES) + facet.to_bytes(FACET_BYTES)


NAMES = st.builds(
    name, st.sampled_from([0, 1, 0xFFFF]), st.sampled_from([0, 5, 2**48 - 1]), st.integers(0, 1), st.integers(0, 2)
)
KNOWN = st.builds(Known, st.binary(min_size=DIGEST_BYTES, max_size=DIGEST_BYTES), st.integers(0, 3), st.integers(0, 3))
STEPS = st.one_of(
    st.tuples(st.just("put"), NAMES, KNOWN),
    st.tuples(st.just("forget"), NAMES, st.booleans()),
    st.tuples(st.just("forget kind"), NAMES, st.booleans()),
    st.tuples(st.just("another sync"), st.none(), st.none()),
)


@given(st.lists(STEPS, max_size=40))
def test_whatever_is_put_and_forgotten_the_table_knows_what_a_dictionary_knows(steps):
    table, known, new = Digests(), dict[bytes, Known](), set[bytes]()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(digests, "_MOST_ADDED", 3)
        for step, called, how in steps:
            if step == "put":
                table.put(called, how)
                known[called] = how
                new.add(called)
            elif step == "forget":
                table.forget(called, with_facets=how)
                gone = [one for one in known if one == called or (how and one[:-FACET_BYTES] == called[:-FACET_BYTES])]
                known = {one: value for one, value in known.items() if one not in gone}
            elif step == "forget kind":
                table.forget_kind(called[:KIND_BYTES], new_only=how)
                stays = [one for one in known if one[:KIND_BYTES] != called[:KIND_BYTES] or (how and one not in new)]
                known = {one: known[one] for one in stays}
            else:
                table = loaded(table, len(known))
                new = set()
            assert {one: table.find(one) for one in known} == known
            assert called is None or table.find(called) == known.get(called)
    table = loaded(table, len(known))
    assert {one: table.find(one) for one in known} == known
    table.close()


def loaded(table: Digests, count: int) -> Digests:
    assert table.count() == count
    found = Digests()
    found.load(BytesIO(b"".join(table.dump())), count)
    table.close()
    return found
