"""The studio's work behind the page: what has changed since ends it, and the same files are read once."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from fincome_tools.draft.columns.kept import KeptTable
from fincome_tools.files.table import Table
from fincome_tools.studio import session as studio
from fincome_tools.studio.page import render
from fincome_tools.studio.session import Session

FILE = "Invoice;Customer code;Customer;Date;Net amount;Status\n" + "".join(
    f"I-{n:05};C-{n % 9};Client {n % 9};2025-{n % 12 + 1:02}-10;{n}.50;paid\n" for n in range(300)
)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A studio to which a few hundred rows are many."""
    monkeypatch.setattr(studio, "SAMPLE_ROWS", 200)
    monkeypatch.setattr(studio, "_ROWS_AT_ONCE", 50)
    made = Session()
    yield made
    made.close()


def await_whole(session: Session) -> None:
    """Wait until all rows are in what is shown."""
    seen = threading.Event()
    for _ in range(600):
        if session.view.is_whole:
            return
        seen.wait(0.05)
    raise AssertionError("all rows were never shown")


def test_given_an_answer_when_all_rows_are_drafted_again_then_their_columns_are_not_read_again(
    session, monkeypatch
) -> None:
    read: list[str] = []

    def counted(table: Table) -> Table:
        read.append(table.name)
        return prepared(table)

    prepared = studio.prepared
    monkeypatch.setattr(studio, "prepared", counted)
    session.add("sales.csv", FILE.encode())
    await_whole(session)
    session.answer("currency", "EUR")
    await_whole(session)
    assert read == ["sales"]
    session.add("others.csv", FILE.replace("I-", "J-").encode())
    await_whole(session)
    assert read == ["sales", "others"]


def test_given_a_change_while_all_rows_are_drafted_when_it_is_shown_then_the_older_work_has_ended(
    session, monkeypatch
) -> None:
    finished: list[Mapping[str, str]] = []
    draft = studio.draft

    def watched(tables: Sequence[Table], answers: Mapping[str, str]) -> Any:
        is_whole = any(isinstance(table, KeptTable) for table in tables)
        if is_whole and not answers:
            session.answer("currency", "USD")
        found = draft(tables, answers)
        if is_whole:
            finished.append(dict(answers))
        return found

    monkeypatch.setattr(studio, "draft", watched)
    session.add("sales.csv", FILE.encode())
    await_whole(session)
    assert finished == [{"currency": "USD"}]
    assert session.view.answers == {"currency": "USD"}


def test_given_a_word_that_is_no_answer_when_answered_then_it_is_told_and_the_question_stays(session) -> None:
    session.add("sales.csv", FILE.encode())
    session.answer("currency", "EURO")
    assert (session.view.refused, session.view.answers) == ({"currency": "EURO"}, {})
    await_whole(session)
    assert session.view.refused == {"currency": "EURO"}
    session.answer("currency", "EUR")
    assert (session.view.refused, session.view.answers) == ({}, {"currency": "EUR"})


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Repère is filled on the first row of each document only"),
        ("fr", "Repère n&#39;est rempli que sur la première ligne de chaque document"),
    ],
)
def test_given_a_table_whose_documents_are_told_by_their_first_row_only_when_shown_then_the_page_says_what_to_do(
    session, language: str, said: str
) -> None:
    rows = ["Repère;Date;Client;Désignation;Total HT"]
    for number in range(12):
        rows += [f"F{number};28/{number + 1:02d}/2025;Client {number % 4};Pro;100,50", ";;;Support;40,00"]
    session.add("sales.csv", "\n".join(rows).encode())
    assert said in render(session.view, language)
    session.add("sales.csv", FILE.encode())
    assert said not in render(session.view, language)
