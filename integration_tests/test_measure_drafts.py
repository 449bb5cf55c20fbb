"""The measure of drafts, and what it has to say of each export that may be looked at."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from fincome_tools.draft.decisions.questions import Question, words
from fincome_tools.draft.objects import draft
from fincome_tools.files.reading import read_files
from integration_tests.exports.export import Export
from integration_tests.exports.registry import OPEN, PRACTICE, UNSEEN
from integration_tests.exports.truth import Column, Fact, Truth
from integration_tests.loaded_figures import Loaded, differences, loaded
from integration_tests.measure_drafts import judged
from integration_tests.true_answers import answer_to, answered

NOT_YET: set[str] = set()
"""Open exports of which something is wrong, or the MRR isn't right: what the draft has still to learn."""
SUMS_NOT_YET: set[str] = set()
"""Exports of which what is invoiced or credited isn't right yet."""


def export(name: str) -> Export:
    return next(one for one in OPEN if one.name == name)


@pytest.mark.parametrize("one", OPEN, ids=lambda one: one.name)
def test_given_an_open_export_when_its_questions_are_answered_truly_then_nothing_is_wrong_and_its_mrr_is_right(
    one: Export, tmp_path: Path
) -> None:
    hold(one, tmp_path)


@pytest.mark.parametrize("one", [one for one in PRACTICE if one not in UNSEEN], ids=lambda one: one.name)
def test_given_an_export_for_practice_when_its_questions_are_answered_truly_then_nothing_is_wrong_and_its_mrr_is_right(
    one: Export, tmp_path: Path
) -> None:
    hold(one, tmp_path)


def hold(one: Export, folder: Path) -> None:
    """Hold a draft to what is true, but for what isn't right yet: which has to be told once it is."""
    found = judged(one, folder / one.name)
    assert ((found.wrong, found.is_mrr_right) == ([], True)) == (one.name not in NOT_YET), found
    assert (found.differences == []) == (one.name not in SUMS_NOT_YET), found


def test_what_is_not_right_yet_is_a_quarter_of_the_open_exports_at_most() -> None:
    assert {one.name for one in OPEN} >= NOT_YET
    assert {one.name for one in (*OPEN, *PRACTICE)} >= SUMS_NOT_YET
    assert len(NOT_YET | SUMS_NOT_YET) * 4 <= len(OPEN)


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
    assert loaded(drafted, files).mrr == {month.replace("EUR", "USD"): value for month, value in truth.mrr.items()}


def test_given_no_answers_when_drafted_then_what_waits_gives_no_mrr(tmp_path: Path) -> None:
    truth = export("es_holded").write(tmp_path)
    files = read_files(sorted(tmp_path.iterdir()))
    assert loaded(draft(files.tables, {}), files).mrr == {} != truth.mrr


@pytest.mark.parametrize(
    ("field", "answer"), [("invoice_lines.period_start", "lines"), ("subscriptions.start_date", "contracts")]
)
def test_given_a_start_when_asked_whether_it_is_a_contracts_then_the_columns_own_truth_answers(
    field: str, answer: str, tmp_path: Path
) -> None:
    truth = export("fr_cegid").write(tmp_path)
    column = Column("Effet", (field,), (), "date", "DD/MM/YYYY")
    table = replace(truth.tables[0], columns=(*truth.tables[0].columns, column))
    terms = {"lines": words("?", "?"), "contracts": words("?", "?")}
    question = Question("factures_2025.terms", words("?", "?"), ("Effet",), terms)
    assert answer_to(replace(truth, tables=(table,)), question) == answer


def test_given_lines_with_ids_of_their_own_when_asked_for_the_id_then_it_is_the_lines(tmp_path: Path) -> None:
    truth = export("fr_cegid").write(tmp_path)
    columns = (
        Column("doc", ("invoices.id", "invoice_lines.invoice_id"), (), "text", "text"),
        Column("row", ("invoice_lines.id",), (), "text", "text"),
    )
    asked = {name: words(name, name) for name in ("doc", "row", "none")}
    question = Question("factures_2025.id", words("?", "?"), ("doc", "row"), asked)
    of_lines = replace(truth, tables=(replace(truth.tables[0], columns=columns),))
    assert answer_to(of_lines, question) == "row"
    of_documents = replace(truth, tables=(replace(truth.tables[0], columns=columns[:1]),))
    assert answer_to(of_documents, replace(question, columns=("doc",))) == "doc"


TRUE = Loaded(
    mrr={},
    invoiced={"2025-01 EUR": Decimal("100.00"), "2025-02 EUR": Decimal("50.00")},
    in_lines={"2025-01 EUR": Decimal("150.00")},
    credited={"2025-02 EUR": Decimal("20.00")},
    invoices=3,
    credit_notes=1,
)


@pytest.fixture
def truth_of_sums(tmp_path: Path) -> Truth:
    objects = {"invoices": 3, "credit_notes": 1, "credit_documents": 1}
    invoiced, credited = {"2025-01 EUR": "100.00", "2025-02 EUR": "50.00"}, {"2025-02 EUR": "20.00"}
    written = export("fr_cegid").write(tmp_path)
    return replace(written, invoiced=invoiced, credited=credited, objects=objects)


def test_given_credits_as_credit_notes_or_as_documents_below_zero_then_the_sums_are_right(truth_of_sums: Truth) -> None:
    assert differences(truth_of_sums, TRUE) == []
    net = {"2025-01 EUR": Decimal("100.00"), "2025-02 EUR": Decimal("30.00")}
    below_zero = Loaded({}, net, {"2025-01 EUR": Decimal("130.00")}, {}, 4, 0)
    assert differences(truth_of_sums, below_zero) == []


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            TRUE._replace(invoiced=TRUE.invoiced | {"2025-03 EUR": Decimal("9.00")}, in_lines={" EUR": Decimal("159")}),
            ["invoiced 159.00 EUR, true 150.00 EUR"],
        ),
        (
            TRUE._replace(credited={"2025-01 EUR": Decimal("20.00")}),
            ["credited 20.00 EUR, true 20.00 EUR (in other months)"],
        ),
        (
            TRUE._replace(credited={"2025-02 ": Decimal("20.00")}),
            ["credited 20.00 without currency, true 20.00 EUR"],
        ),
        (
            TRUE._replace(in_lines={"2025-01 EUR": Decimal("130.00")}),
            ["in lines 130.00 EUR, invoiced 150.00 EUR"],
        ),
        (
            TRUE._replace(credited={}, credit_notes=0),
            [
                "invoiced less credited 150.00 EUR, true 130.00 EUR",
                "3 invoices and 0 credit notes, true 3 and 1",
            ],
        ),
    ],
)
def test_given_what_would_be_loaded_when_it_is_not_as_it_truly_is_then_it_is_told(
    found: Loaded, told: list[str], truth_of_sums: Truth
) -> None:
    assert differences(truth_of_sums, found) == told


def test_given_a_credit_of_several_invoices_when_it_is_one_document_or_a_part_of_each_then_the_number_is_right(
    truth_of_sums: Truth,
) -> None:
    truth = replace(truth_of_sums, objects={"invoices": 3, "credit_notes": 2, "credit_documents": 1})
    assert differences(truth, TRUE) == differences(truth, TRUE._replace(credit_notes=2)) == []


def with_fact(truth: Truth, name: str, value: str) -> Truth:
    return replace(truth, facts=tuple(Fact(name, value) if one.name == name else one for one in truth.facts))
