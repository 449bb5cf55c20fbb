"""Whatever is in a record, mapping says what it becomes; it never fails."""

from __future__ import annotations

from typing import Any

import pytest

from unit_tests.mapping.record_results import found_result
from unit_tests.mapping.source_files import SOURCES, mapper_of, shared_cases, source_file

STRANGE = [None, {}, [], "x", 0, True, [None], [1, {}], {"data": None}, {"totals": None}, {"type": None}, "1e999999"]


@pytest.mark.parametrize("value", STRANGE, ids=repr)
@pytest.mark.parametrize("source", SOURCES)
def test_no_record_is_too_strange(source: str, value: Any) -> None:
    shared = shared_cases(source, source_file(source)).values()
    names = sorted({name for case in shared for name in case.record})
    for setting in {case.setting for case in shared}:
        mapper = mapper_of(setting)
        for case in shared:
            # A record of another stream: its own columns will do.
            for name in names if case.setting == setting else case.record:
                found_result(mapper, {**case.record, name: value})
        for name in names:
            found_result(mapper, {"id": "x_1", name: value})
        found_result(mapper, dict.fromkeys(names, value))
