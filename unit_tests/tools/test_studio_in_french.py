"""What the studio says in French: nothing that a person reads there stays in English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from destination_fincome.codes import Code
from examples.erp_fr.company import make_year
from examples.erp_fr.exports import write_flat, write_tables
from fincome_tools.draft.objects import draft
from fincome_tools.draft.recognition.kinds import KINDS
from fincome_tools.files.reading import read_files
from fincome_tools.studio.french import MEANINGS, in_french
from fincome_tools.studio.words import WORDS

ANSWERS = {"currency": "EUR", "factures.subscription": "both"}
ENGLISH = re.compile(r"\b(the|of|and|with|without|each|as|in|its|there|rows?|written|separated)\b")


def test_every_code_of_the_summary_has_its_meaning_in_french() -> None:
    assert set(MEANINGS) == set(Code)


@pytest.mark.parametrize("write", [write_flat, write_tables])
def test_given_the_example_when_it_is_drafted_then_every_reason_and_reading_is_said_in_french(write, tmp_path: Path):
    write(make_year(), tmp_path)
    found = draft(read_files(sorted(tmp_path.iterdir())).tables, ANSWERS)
    reasons = {
        part
        for stream in found.streams
        for made in stream.emissions
        for decision in made.fields.values()
        for part in decision.reason.split("; ")
        if part
    }
    readings = {part for stream in found.streams for part in stream.table.table.reading.split(", ")[1:]}
    left_out = {stream.table.table.left_out for stream in found.streams} - {""}
    assert reasons
    assert {text for text in reasons | readings | left_out if ENGLISH.search(in_french(text))} == set()


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "HT + TVA = TTC in 111 of 111 rows; decimal sign ,; what is taken off",
            "HT + TVA = TTC sur 111 des 111 lignes; signe décimal ,; ce qui est repris",
        ),
        (
            "by its name and content; written DD/MM/YYYY, as Date proves",
            "par son nom et son contenu; écrit JJ/MM/AAAA, comme le prouve Date",
        ),
        (
            "written MM/DD/YYYY: the other way Début would come after Fin",
            "écrit MM/JJ/AAAA : sinon Début viendrait après Fin",
        ),
        ("invoice line F-1-Pro of stream factures", "ligne de facture F-1-Pro de factures"),
        ("words that nobody knows", "words that nobody knows"),
    ],
)
def test_a_text_is_said_in_french_part_by_part(english: str, french: str) -> None:
    assert in_french(english) == french


def test_a_reading_is_said_in_french_between_its_commas() -> None:
    reading = "windows-1252, separated by semicolon, heading in line 4"
    assert in_french(reading, ", ") == "windows-1252, séparateur point-virgule, en-tête à la ligne 4"


def test_given_each_kind_of_table_when_it_is_shown_then_the_page_has_a_word_for_it() -> None:
    assert {f"kind_{kind}" for kind in KINDS} <= WORDS.keys()
