"""The measure of drafts, and what it has to say of each export that may be looked at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fincome_tools.draft.objects import draft
from fincome_tools.draft.questions import Question, words
from fincome_tools.files.reading import read_files
from integration_tests.exports.export import Export
from integration_tests.exports.registry import OPEN, PRACTICE, UNSEEN
from integration_tests.exports.truth import Fact, Truth
from integration_tests.measure_drafts import judged, mrr_of
from integration_tests.true_answers import answer_to, answered

NOT_YET: set[str] = set()
"""Open exports of which something is wrong, or the MRR isn't right: what the draft has still to learn."""


def export(name: str) -> Export:
    return next(one for one in OPEN if one.name == name)


@pytest.mark.parametrize("one", OPEN, ids=lambda one: one.name)
def test_given_an_open_export_when_its_questions_are_answered_truly_then_nothing_is_wrong_and_its_mrr_is_right(
    one: Export, tmp_path: Path
) -> None:
    found = judged(one, tmp_path / one.name)
    if one.name in NOT_YET:
        assert (found.wrong, found.is_mrr_right) != ([], True), "it is right now: take it out of NOT_YET"
    else:
        assert (found.wrong, found.is_mrr_right) == ([], True)


@pytest.mark.parametrize("one", [one for one in PRACTICE if one not in UNSEEN], ids=lambda one: one.name)
def test_given_an_export_for_practice_when_its_questions_are_answered_truly_then_nothing_is_wrong_and_its_mrr_is_right(
    one: Export, tmp_path: Path
) -> None:
    found = judged(one, tmp_path / one.name)
    assert (found.wrong, found.is_mrr_right) == ([], True)


def test_what_is_not_right_yet_is_a_quarter_of_the_open_exports_at_most() -> None:
    assert {one.name for one in OPEN} >= NOT_YET
    assert len(NOT_YET) * 4 <= len(OPEN)


def test_given_a_question_of_which_the_truth_says_nothing_when_answered_then_it_stays_open(tmp_path: Path) -> None:
    truth = export("fr_cegid").write(tmp_path)
    question = Question("factures_2025.colour", words("?", "?"), (), {"red": words("red", "rouge")}, likely="red")
    assert answer_to(truth, question) is None


def test_given_a_truth_with_another_currency_when_answered_by_it_then_the_mrr_is_in_that(
    tmp_path: Path,
) -> None:
    truth = export("es_holded").write(tmp_path)
    files = read_files(sorted(tmp_path.iterdir()))
    other = with_fact(truth, "currency", "USD")
    drafted = answered(other, files.tables)
    assert drafted.questions.answered["currency"] == "USD"
    assert mrr_of(drafted, files) == {month.replace("EUR", "USD"): value for month, value in truth.mrr.items()}


def test_given_no_answers_when_drafted_then_what_waits_gives_no_mrr(tmp_path: Path) -> None:
    truth = export("es_holded").write(tmp_path)
    files = read_files(sorted(tmp_path.iterdir()))
    assert mrr_of(draft(files.tables, {}), files) == {} != truth.mrr


def with_fact(truth: Truth, name: str, value: str) -> Truth:
    return replace(truth, facts=tuple(Fact(name, value) if one.name == name else one for one in truth.facts))
