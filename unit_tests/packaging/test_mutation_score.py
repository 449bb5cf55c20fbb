"""`make mutants` says how many changes the tests saw, and fails if they are too few."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unit_tests.mutation_score import GOAL, main


@pytest.mark.parametrize(("unseen", "code"), [(100 - GOAL, 0), (100 - GOAL + 1, 1)])
def test_given_changes_that_no_test_saw_when_they_are_too_many_then_it_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], unseen: int, code: int
) -> None:
    codes = {f"engine.step_{number}": 0 if number < unseen else 1 for number in range(100)}
    (tmp_path / "engine.py.meta").write_text(json.dumps({"exit_code_by_key": {**codes, "never tried": None}}))
    assert main(tmp_path) == code
    said = capsys.readouterr().out
    assert f"engine.py: {100 - unseen} of 100" in said
    assert said.count("not seen: engine.step_") == unseen
    assert "never tried" not in said


def test_given_nothing_that_was_tried_then_it_fails(tmp_path: Path) -> None:
    assert main(tmp_path) == 1
