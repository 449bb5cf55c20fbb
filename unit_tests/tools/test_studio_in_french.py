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


READINGS_AND_REASONS = """
    Excel workbook | OpenDocument workbook | a list in each record of bills | an invoice for each month
    | the month of the heading | the whole month | the first month with an amount | what rows of revenue have
    | active while the last month has an amount | on the customers' row | as long as the text says | as the text says
    | a credit's status changes no figure | it names an invoice of the same customer each time
    | it names the rows of tarifs | a credit note on each invoice | Brut without TVA | Prix is Base with Taux
    | written serial | written DD %b YYYY | written YYYY-MM-DD %H:%M:%S UTC
    | q x p: the lines of an invoice make its total in 5 of 5 rows | 2 total rows | 1 total row
    | 1 total row that isn't the sum of the rows above it
    | 2 further rows of documents filled in from the first one (No)
    | 2 total rows that aren't the sums of the rows above them
"""


def test_given_what_drafts_of_many_systems_say_when_shown_in_french_then_no_english_is_left() -> None:
    for text in map(str.strip, " ".join(READINGS_AND_REASONS.split()).split("|")):
        assert in_french(text) != text
        assert not ENGLISH.search(in_french(text)), text
