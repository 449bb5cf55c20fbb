"""What a draft takes for sure, what it asks, and that neither hangs on the order of rows or columns."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fincome_tools.draft.columns.names import concepts_of
from fincome_tools.draft.columns.numbers import numbers_of
from fincome_tools.draft.objects import Drafted, draft
from fincome_tools.draft.text import text_of
from fincome_tools.files.reading import read_files
from unit_tests.draft.drafting import asked

HEADING = [
    "Invoice no",
    "Invoice date",
    "Due date",
    "Customer no",
    "Customer name",
    "Net amount",
    "VAT",
    "Gross amount",
]
HEADING += ["Start", "End", "Status", "Currency"]


def rows(count: int = 40) -> list[list[str]]:
    """Return invented invoices: whole months, dates with days over 12, 20 % of tax."""
    found = []
    for number in range(count):
        begin = date(2025, 1 + number % 12, 1)
        end = (begin + timedelta(days=31)).replace(day=1)
        net = 1000 + 13 * number
        issued = begin + timedelta(days=number % 20)
        cells = [f"I-{number:03}", f"{issued:%d/%m/%Y}", f"{issued + timedelta(30):%d/%m/%Y}", f"{number % 7:04}"]
        cells += [f"Customer {number % 7}", f"{net}.50", f"{(net + 0.5) * 0.2:.2f}", f"{(net + 0.5) * 1.2:.2f}"]
        found.append([*cells, f"{begin:%d/%m/%Y}", f"{end:%d/%m/%Y}", "paid", "EUR"])
    return found


def drafted(folder: Path, heading: Sequence[str], body: Sequence[Sequence[str]], **answers: str) -> Drafted:
    path = folder / "export.csv"
    path.write_text("\n".join(";".join(row) for row in [heading, *body]) + "\n", encoding="utf-8")
    return draft(read_files([path]).tables, answers)


def fields(found: Drafted, entity: str) -> dict[str, object]:
    (made,) = [one for stream in found.streams for one in stream.emissions if one.entity == entity]
    return {name: decision.expression for name, decision in made.fields.items()}


def test_given_an_export_that_proves_all_when_drafted_then_nothing_is_asked(tmp_path):
    found = drafted(tmp_path, HEADING, rows())
    assert asked(found) == []
    lines = fields(found, "invoice_lines")
    assert lines["amount_excluding_tax_after_discount"] == "Net amount"
    assert lines["period_end"] == "when(Start, parse_time(End, '%d/%m/%Y'))"
    assert fields(found, "invoices")["date"] == "parse_time(\"Invoice date\", '%d/%m/%Y')"


def test_given_ends_that_are_last_days_when_drafted_then_a_day_is_added(tmp_path):
    body = [[*row[:9], last_day(row[9]), *row[10:]] for row in rows()]
    assert fields(drafted(tmp_path, HEADING, body), "invoice_lines")["period_end"] == (
        "when(Start, add_days(parse_time(End, '%d/%m/%Y'), `1`))"
    )


def last_day(written: str) -> str:
    day, month, year = map(int, written.split("/"))
    return f"{date(year, month, day) - timedelta(days=1):%d/%m/%Y}"


def test_given_days_up_to_twelve_only_when_nothing_proves_their_order_then_it_is_asked_and_the_date_waits(tmp_path):
    body = [["I-1", "03/04/2025", "c1", "10.00"], ["I-2", "05/06/2025", "c2", "12.00"]]
    heading = ["Invoice no", "Invoice date", "Customer no", "Net amount"]
    found = drafted(tmp_path, heading, body)
    assert "export.dates" in asked(found)
    assert "date" not in fields(found, "invoices")
    answered = drafted(tmp_path, heading, body, **{"export.dates": "mdy"})
    assert fields(answered, "invoices")["date"] == "parse_time(\"Invoice date\", '%m/%d/%Y')"


def test_given_another_date_column_that_proves_the_order_when_drafted_then_this_one_follows_it(tmp_path):
    body = [["I-1", "03/04/2025", "28/04/2025"], ["I-2", "05/06/2025", "30/06/2025"]]
    found = drafted(tmp_path, ["Invoice no", "Invoice date", "Due date"], [[*row, "1.00"] for row in body][:0] or body)
    assert "export.dates" not in asked(found)


def test_given_thousands_that_may_be_decimals_when_nothing_proves_it_then_the_sign_is_asked(tmp_path):
    body = [[f"I-{n}", f"{n + 13}/04/2025", "c1", f"{n + 1}.{n}34"] for n in range(1, 9)]
    heading = ["Invoice no", "Invoice date", "Customer no", "Net amount"]
    assert "export.decimal" in asked(drafted(tmp_path, heading, body))
    comma = drafted(tmp_path, heading, body, **{"export.decimal": "comma"})
    assert fields(comma, "invoices")["amount"] == "number(\"Net amount\", ',')"


def test_given_an_amount_that_does_not_say_net_when_nothing_proves_it_then_it_is_asked(tmp_path):
    body = [[f"I-{n}", f"{n + 13}/04/2025", "c1", f"{n}00.00"] for n in range(1, 9)]
    heading = ["Invoice no", "Invoice date", "Customer no", "Amount"]
    assert "export.net" in asked(drafted(tmp_path, heading, body))
    at_rate = drafted(tmp_path, heading, body, **{"export.net": "20"})
    assert fields(at_rate, "invoices")["amount"] == "round_money(net_of(Amount, `20`), `null`)"


def test_given_a_net_heading_that_the_sums_contradict_when_drafted_then_it_is_asked(tmp_path):
    body = [[*row[:5], row[7], row[6], row[5], *row[8:]] for row in rows()]
    assert "export.net" in asked(drafted(tmp_path, HEADING, body))


def test_given_an_unknown_status_when_drafted_then_each_word_is_asked_with_its_rows(tmp_path):
    body = [[*row[:10], "paid" if number % 2 else "zzz", row[11]] for number, row in enumerate(rows())]
    found = drafted(tmp_path, HEADING, body)
    (question,) = found.questions.open
    assert question.id == "export.status.zzz"
    assert "20 rows" in question.text["en"]


def test_given_credits_by_number_when_they_name_no_invoice_then_they_stay_negative_invoices(tmp_path):
    body = [*rows(), ["AV-1", *rows()[0][1:5], "-100.00", "-20.00", "-120.00", *rows()[0][8:]]]
    found = drafted(tmp_path, HEADING, body)
    assert asked(found) == []
    assert {one.entity for one in found.streams[0].emissions} == {"customers", "invoices", "invoice_lines"}


def test_given_credits_that_name_their_invoice_when_drafted_then_they_become_credit_notes(tmp_path):
    body = [[*row, ""] for row in rows()]
    body.append(["AV-1", *rows()[0][1:5], "-100.00", "-20.00", "-120.00", *rows()[0][8:], "I-000"])
    found = drafted(tmp_path, [*HEADING, "Original invoice"], body)
    assert fields(found, "credit_notes")["amount"] == 'abs("Net amount")'
    assert fields(found, "credit_notes")["invoice_id"] == "Original invoice"


def test_given_a_negative_document_that_nothing_calls_a_credit_when_drafted_then_it_is_asked(tmp_path):
    body = [*rows(), ["I-900", *rows()[0][1:5], "-100.00", "-20.00", "-120.00", *rows()[0][8:]]]
    assert asked(drafted(tmp_path, HEADING, body)) == ["export.negative"]


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_given_rows_and_columns_in_any_order_when_drafted_then_all_decisions_are_the_same(tmp_path_factory, seed):
    chance = random.Random(seed)
    places = list(range(len(HEADING)))
    body = rows()
    chance.shuffle(places)
    chance.shuffle(body)
    folder = tmp_path_factory.mktemp("shuffled")
    mixed = drafted(folder, [HEADING[place] for place in places], [[row[place] for place in places] for row in body])
    plain = drafted(folder, HEADING, rows())
    for entity in ("customers", "invoices", "invoice_lines"):
        assert fields(mixed, entity) == fields(plain, entity)


@pytest.mark.parametrize(
    ("heading", "concepts"),
    [
        ("N° facture", {"id", "invoice"}),
        ("montantHT", {"amount", "net"}),
        ("MONTANT_TTC", {"amount", "gross"}),
        ("Rechnungsdatum", {"invoice_date"}),
        ("Fecha de vencimiento", {"date", "due"}),
        ("Taux TVA %", {"rate", "tax"}),
    ],
)
def test_given_a_heading_in_any_language_when_read_then_its_concepts_are_known(heading, concepts):
    assert concepts_of(heading) == concepts


@pytest.mark.parametrize(
    ("values", "marks", "whole"),
    [
        (["1 234,56", "7"], (",",), False),
        (["1.234", "5"], (",", "."), False),
        (["1.234", "5.5"], (".",), False),
        (["1,234,567"], (".",), False),
        (["0,123"], (",",), False),
        (["12", "7"], (",", "."), True),
        (["(12,50)", "3,10-"], (",",), False),
    ],
)
def test_given_a_column_when_its_numbers_are_read_then_its_decimal_sign_is_known_or_open(values, marks, whole):
    found = numbers_of(values)
    assert found is not None
    assert (found.marks, found.whole) == (marks, whole)


@pytest.mark.parametrize("values", [["1,5", "1.5"], ["12a"], ["2025-01-01"], []])
def test_given_values_that_are_no_numbers_in_one_way_when_read_then_they_are_none(values):
    assert numbers_of(values) is None


def test_given_a_draft_when_written_then_every_open_question_is_in_it(tmp_path):
    text = text_of(drafted(tmp_path, HEADING[:-1], [row[:-1] for row in rows()]))
    assert "- id: currency" in text
    assert "ignore: true" in text
