"""Whatever is in a record, mapping says what it becomes; it never fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from destination_fincome.fincome.models import InvalidObject, encode
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.mapping.results import Draft, Stub
from unit_tests.mapping.record_results import MODELS, copied
from unit_tests.mapping.source_files import SOURCES, mapper_of, shared_cases, source_file

STRANGE = [None, {}, [], "x", 0, True, [None, 1, {}], {"data": None, "totals": None, "type": None}, "1e999999"]
# Moments that no zone and no day more or less may push out of the calendar.
STRANGE += ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]


def become(mapper: StreamMapper, record: dict[str, Any]) -> None:
    mapped = mapper.map(record)
    for one in [*mapped.objects, *mapped.stubs]:
        if isinstance(one, (Draft, Stub)):
            with suppress(InvalidObject):
                encode(MODELS[one.entity].validate(one.values).values)


@pytest.mark.parametrize("source", SOURCES)
def test_no_record_is_too_strange(source: str) -> None:
    shared = shared_cases(source, source_file(source)).values()
    names = {name for case in shared for name in case.record}
    for setting in {case.setting for case in shared}:
        mapper = mapper_of(setting)
        own = {name for case in shared if case.setting == setting for name in case.record}
        for value in STRANGE:
            for case in shared:
                # Of a record of another stream, the columns that this one reads too.
                for name in names if case.setting == setting else own & case.record.keys():
                    become(mapper, {**case.record, name: value})
            for name in own:
                become(mapper, {"id": "x_1", name: value})
            become(mapper, dict.fromkeys(names, value))


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inner:
        yield (*above, name)
        yield from places(part, (*above, name))


def changed(record: dict[str, Any], place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    found = copied(record)
    holder = found
    for name in place[:-1]:
        holder = holder[name]
    holder[place[-1]] = value
    return found


@pytest.mark.parametrize("source", SOURCES)
def test_no_part_of_a_record_is_too_strange(source: str) -> None:
    for case in shared_cases(source, source_file(source)).values():
        mapper = mapper_of(case.setting)
        for place in places(case.record):
            for value in (None, {}):
                become(mapper, changed(case.record, place, value))
