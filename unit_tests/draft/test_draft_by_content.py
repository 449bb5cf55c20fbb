"""What a draft makes of periods within texts, of journals, and of columns whose headings nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from destination_fincome.mapping.language.written_periods import MONTHS_OF, period_in
from fincome_tools.draft.objects import Drafted, draft
from fincome_tools.draft.text import text_of
from fincome_tools.draft.texts.durations import lasting
from fincome_tools.files.reading import read_files
from fincome_tools.studio.results import result_of
from unit_tests.draft.drafting import drafted_file, made, mrr_of, run

HEADING = ("Invoice no", "Invoice date", "Customer no", "Item", "Net amount", "Status", "Currency")


def written(folder: Path, heading: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    path = folder / "export.csv"
    path.write_text("\n".join(";".join(row) for row in (heading, *rows)) + "\n", encoding="utf-8")
    return path


def invoices(text: str) -> list[list[str]]:
    """Return an invoice a month, whose item has the month's period as a text has it."""
    rows = []
    for month in range(1, 13):
        start = date(2025, month, 1)
        end = (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        item = text.format(start=start, end=end, quarter=(month + 2) // 3)
        rows.append([f"I-{month:03}", f"{start:%Y-%m}-20", f"C-{month % 3}", item, "60.00", "paid", "EUR"])
    return rows


TEXTS = {
    "dates": "Pro du {start:%d/%m/%Y} au {end:%d/%m/%Y}",
    "bracketed": "Pro ({start:%d.%m.%Y} - {end:%d.%m.%Y})",
    "named": "Pro from {start:%d %B %Y} to {end:%d %B %Y}",
    "the year once": "Pro ({start:%b %d} - {end:%b %d, %Y})",
    "the year once, the day first": "Pro {start:%d %B} to {end:%d %B %Y}",
    "a month": "Abo {start:%m/%Y}",
    "a month by its name": "Abonnement {start:%B %Y}",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_given_a_period_in_a_text_when_answered_that_it_counts_then_each_month_has_its_mrr(tmp_path, text):
    path = written(tmp_path, HEADING, [*invoices(text), ["I-900", "2025-03-20", "C-1", "Setup", "9.00", "paid", "EUR"]])
    (question,) = [one for one in drafted_file(path).questions.open if one.id == "export.period"]
    assert question.columns == ("Item",)
    assert mrr_of(path, period="text of Item", ends="last") == {f"2025-{month:02}": "60.00" for month in range(1, 13)}


DURATIONS = {
    "before the day": ("Pro - 1 mois à compter du {:%d/%m/%Y}", "Licence - 12 mois à compter du {:%d/%m/%Y}"),
    "one and several": ("Pro, 1 month from {:%Y-%m-%d}", "Licence, 12 months from {:%Y-%m-%d}"),
    "a year": ("Pro (1-month term from {:%m/%d/%Y})", "Licence (1-year term from {:%m/%d/%Y})"),
    "after the day": ("Pro ab {:%d.%m.%Y} (1 Monat)", "Lizenz ab {:%d.%m.%Y} (1 Jahr)"),
    "quarters": ("Pro desde {:%d/%m/%Y}, 1 mes", "Licencia desde {:%d/%m/%Y}, 4 trimestres"),
}


@pytest.mark.parametrize("texts", DURATIONS.values(), ids=DURATIONS)
def test_given_texts_that_say_a_day_and_how_long_when_answered_that_they_count_then_each_lasts_so_long(tmp_path, texts):
    month, year = texts
    rows = [[*row[:3], month.format(date(2025, n, 15)), *row[4:]] for n, row in enumerate(invoices(""), 1)]
    # Lines of one invoice that begin on one day are two, if they last differently.
    rows += [["I-001", "2025-01-20", "C-1", year.format(date(2025, 1, 15)), "120.00", "paid", "EUR"]]
    rows += [["I-900", "2025-03-20", "C-1", "Setup of 3 units", "9.00", "paid", "EUR"]]
    path = written(tmp_path, HEADING, rows)
    (question,) = [one for one in drafted_file(path).questions.open if one.id == "export.period"]
    assert question.columns == ("Item",)
    assert mrr_of(path, period="text of Item") == {f"2025-{month:02}": "70.00" for month in range(1, 13)}


@pytest.mark.parametrize(("unit", "months"), MONTHS_OF.items())
def test_given_a_unit_of_time_when_a_text_has_it_then_drafts_and_mappings_read_the_same_months(unit, months):
    text = f"1 {unit}: 01/01/2025"
    told, period = lasting(text), period_in(text, "dmy")
    assert told is not None
    assert told.months == months
    assert period == (date(2025, 1, 1), date(2025 + months // 12, months % 12 + 1, 1) - timedelta(days=1))


def test_given_texts_with_two_days_and_durations_when_drafted_then_none_of_them_is_taken(tmp_path):
    twice = "Pro 1 month from {start:%Y-%m-%d}, then 2 months from {end:%Y-%m-%d}"
    (question,) = drafted_file(written(tmp_path, HEADING, invoices(twice))).questions.open
    assert "text of Item" not in question.answers


def test_given_a_period_that_spans_new_year_when_its_year_stands_once_then_it_starts_in_the_year_before(tmp_path):
    rows = [[*row[:3], "Pro", *row[4:]] for row in invoices("")]
    for row in rows:
        month = int(row[0][2:])
        following = date(2025 + month // 12, month % 12 + 1, 14)
        row.append(f"{date(2025, month, 15):%b %d} - {following:%b %d, %Y}")
    path = written(tmp_path, (*HEADING, "Service period"), rows)
    months = mrr_of(path, subscription="none")
    assert months["2025-12"] == "60.00"
    assert min(months) == "2025-01"


def test_given_a_column_of_nothing_but_periods_when_drafted_then_they_are_the_lines_and_nothing_is_asked(tmp_path):
    rows = [[*row[:3], f"Pro {n % 2}", *row[4:], row[3]] for n, row in enumerate(invoices("{start} / {end}"))]
    found = drafted_file(written(tmp_path, (*HEADING, "Abgerechnet"), rows), subscription="none")
    assert not found.questions.open
    lines = made(found, "invoice_lines").fields
    assert lines["period_start"].columns == lines["period_end"].columns == ("Abgerechnet",)


def test_given_quarters_when_drafted_then_a_line_is_for_three_months(tmp_path):
    rows = [[*row[:3], "Pro", *row[4:], row[3]] for row in invoices("Q{quarter} {start:%Y}")[::3]]
    path = written(tmp_path, (*HEADING, "Service period"), rows)
    # Months are told up to that of the last invoice.
    assert mrr_of(path, subscription="none") == {f"2025-{month:02}": "20.00" for month in range(1, 11)}


def test_given_no_ids_of_subscriptions_when_answered_then_there_is_one_for_each_customer_and_product(tmp_path):
    rows = [[*row[:3], "Pro", *row[4:], row[3]] for row in invoices("{start} / {end}")]
    path = written(tmp_path, (*HEADING, "Service period"), rows)
    assert [one.id for one in drafted_file(path).questions.open] == ["export.subscription"]
    found = drafted_file(path, subscription="both")
    assert made(found, "subscriptions").fields["id"].columns == ("Customer no", "Item")
    (counts,) = [row for row in run(found, tmp_path).entities if row["entity"] == "subscriptions"]
    assert counts["sent"] == 3


def test_given_headings_that_nobody_knows_when_drafted_then_content_tells_all_but_the_date_which_is_asked(tmp_path):
    rows = []
    for n in range(40):
        net = 100 + n
        cells = [f"I{n // 2:03}", f"2025-{1 + n // 4:02}-1{n // 2 % 2}", f"K{n // 2 % 4:02}", f"Company {n // 2 % 4}"]
        rows.append([*cells, f"{net}.00", f"{net * 0.2:.2f}", f"{net * 1.2:.2f}", "EUR", ("paid", "sent")[n // 2 % 2]])
    found = drafted_file(written(tmp_path, [f"col_{letter}" for letter in "abcdefghi"], rows))
    assert {one.id for one in found.questions.open} == {"export.invoice_date", "export.period"}
    fields = made(found, "invoices").fields
    assert {name: fields[name].columns for name in ("id", "customer_id", "amount", "currency", "status")} == {
        "id": ("col_a",),
        "customer_id": ("col_c",),
        "amount": ("col_e",),
        "currency": ("col_h",),
        "status": ("col_i",),
    }


JOURNAL = ["Journal", "Compte", "CompteAux", "Tiers", "Piece", "Date", "Libelle", "Debit", "Credit"]


def entries() -> list[list[str]]:
    """Return two sales, a payment of one, and a credit."""
    rows = []
    for number, net, journal in (("F1", "100,00", "VE"), ("F2", "50,00", "VE"), ("A1", "-20,00", "VE")):
        sides = ("", net.strip("-")) if net[0] != "-" else (net.strip("-"), "")
        tax = ("", "0,00")
        rows += [
            [journal, "411000", "CLI1", "Client Un", number, "15/03/2025", "Pro", sides[1], sides[0]],
            [journal, "706000", "", "", number, "15/03/2025", "Pro", *sides],
            [journal, "445710", "", "", number, "15/03/2025", "Pro", *tax],
        ]
    rows.append(["BQ", "411000", "CLI1", "Client Un", "P1", "20/03/2025", "Virement", "", "100,00"])
    rows.append(["BQ", "512000", "", "", "P1", "20/03/2025", "Virement", "100,00", ""])
    return rows


def test_given_a_journal_when_drafted_then_revenue_makes_the_documents_and_payments_make_none(tmp_path):
    path = written(tmp_path, JOURNAL, entries())
    found = drafted_file(path, status="paid", period="one_off")
    assert made(found, "invoices").fields["customer_id"].columns == ("CompteAux",)
    text = text_of(draft(read_files([path]).tables, {**dict(found.questions.answered), "currency": "EUR"}))
    result = result_of(text, read_files([path]))
    assert {row["entity"]: row["sent"] for row in result.entities} == {
        "customers": 1,
        "invoices": 3,
        "invoice_lines": 3,
    }
    assert [row[3] for row in result.totals if row[0] == "invoices"] == ["130.00"]


def test_given_a_table_that_is_too_large_to_keep_when_drafted_then_the_draft_is_the_same(tmp_path, monkeypatch):
    path = written(tmp_path, HEADING, invoices("Pro du {start:%d/%m/%Y} au {end:%d/%m/%Y}"))
    answers = {"period": "text of Item", "ends": "last", "subscription": "both"}
    whole = text_of(drafted_file(path, **answers))
    monkeypatch.setattr("fincome_tools.draft.columns.kept.MOST_CELLS", 20)
    assert text_of(drafted_file(path, **answers)) == whole


def test_given_codes_that_only_documents_below_zero_have_when_drafted_then_they_tell_the_credits(tmp_path):
    rows = [[*row[:3], "Pro", *row[4:], "0"] for row in invoices("") + invoices("")]
    rows = [[f"I-{n:03}", *row[1:]] for n, row in enumerate(rows)]
    rows += [[f"I-9{n}", "2025-06-20", "C-1", "Pro", "-60.00", "paid", "EUR", "2"] for n in range(3)]
    found = drafted_file(written(tmp_path, (*HEADING, "Nature"), rows), period="one_off")
    assert made(found, "invoice_lines").fields["amount_excluding_tax_after_discount"].columns == ("Net amount",)
    assert not [one.id for one in found.questions.open]


def test_given_a_column_of_one_rate_that_is_called_tax_when_drafted_then_it_is_no_amount_of_tax(tmp_path):
    rows = [[*row[:3], "Pro", *row[4:], "20.00"] for row in invoices("")]
    found = drafted_file(written(tmp_path, (*HEADING, "TVA"), rows), period="one_off")
    assert "tax_amount" not in made(found, "invoice_lines").fields


def test_given_payments_and_customers_beside_invoices_when_drafted_then_their_figures_are_no_invoices(tmp_path):
    rows = [[*row[:3], "Pro", *row[4:]] for row in invoices("")]
    written(tmp_path, HEADING, rows).rename(tmp_path / "invoices.csv")
    paid = [[f"P{n}", row[0], row[1], row[4]] for n, row in enumerate(rows)]
    written(tmp_path, ("Id", "Invoice no", "Date", "Amount"), paid).rename(tmp_path / "payments.csv")
    customers = [[f"C-{n}", f"Company {n}", "2024-01-31", f"{n}12.50"] for n in range(3)]
    heading = ("Id", "Name", "Created at", "Amount invoiced")
    written(tmp_path, heading, customers).rename(tmp_path / "customers.csv")
    found = draft(read_files([tmp_path]).tables, {})
    assert {stream.table.table.name: stream.kind for stream in found.streams} == {
        "invoices": "invoices",
        "payments": "unknown",
        "customers": "customers",
    }


def test_given_a_heading_only_when_drafted_then_nothing_is_made_of_it(tmp_path):
    found = drafted_file(written(tmp_path, HEADING, []))
    assert not [one for stream in found.streams for one in stream.emissions if not one.missing]


def test_given_dates_of_payment_and_no_status_when_answered_by_them_then_what_has_one_is_paid(tmp_path):
    heading = (*HEADING[:5], "Currency", "Payment date")
    rows = [[*row[:3], "Pro", row[4], "EUR", "2025-12-24" if n % 2 else ""] for n, row in enumerate(invoices(""))]
    found = drafted_file(written(tmp_path, heading, rows), period="one_off", status="by Payment date")
    assert made(found, "invoices").fields["status"].expression == "when(\"Payment date\", 'paid', 'open')"


def test_given_the_own_company_and_a_salesman_beside_customers_when_drafted_then_they_are_no_customers(tmp_path):
    heading = (*HEADING, "Company", "Nom du commercial", "Bill to")
    rows = [[*row[:3], "Pro", *row[4:], "Own Ltd", "A. Seller", f"Buyer {row[2]}"] for row in invoices("") * 2]
    rows = [[f"I-{n:03}", *row[1:]] for n, row in enumerate(rows)]
    found = drafted_file(written(tmp_path, heading, rows), period="one_off")
    assert made(found, "customers").fields["name"].columns == ("Bill to",)


def related(folder: Path) -> Drafted:
    """Draft documents and credits with counters as keys, and their lines."""
    documents = [
        [str(n), f"R{n}", *row[1:3], "EUR", "120.00", "paid", "NY"[n == 3]] for n, row in enumerate(invoices(""))
    ]
    heading = ("DocEntry", "DocNum", "DocDate", "CardCode", "DocCur", "Net amount", "Status", "Canceled")
    written(folder, heading, documents).rename(folder / "AAA.csv")
    lines = [[str(n), str(line), "Pro", "60.00"] for n in range(12) for line in range(2)]
    written(folder, ("DocEntry", "LineNum", "Item", "Net amount"), lines).rename(folder / "BBB.csv")
    credits = [[str(n), f"G{n}", f"2025-07-2{n}", f"C-{n}", "EUR", "60.00"] for n in range(3)]
    written(folder, heading[:6], credits).rename(folder / "CCC.csv")
    return draft(read_files([folder]).tables, {})


def test_given_lines_that_name_a_counter_of_documents_when_drafted_then_it_is_the_key_and_the_number_stays(tmp_path):
    streams = {stream.table.table.name: stream for stream in related(tmp_path).streams}
    documents, lines = streams["AAA"], streams["BBB"]
    (document,) = [one for one in documents.emissions if one.entity == "invoices"]
    assert (document.fields["id"].columns, document.fields["number"].columns) == (("DocEntry",), ("DocNum",))
    (line,) = [one for one in lines.emissions if one.entity == "invoice_lines"]
    assert line.fields["invoice_id"].columns == ("DocEntry",)


def test_given_a_yes_to_cancelled_when_drafted_then_those_documents_are_left_out(tmp_path):
    streams = {stream.table.table.name: stream for stream in related(tmp_path).streams}
    (document,) = [one for one in streams["AAA"].emissions if one.entity == "invoices"]
    assert document.skip == {"void": 'lookup(Canceled, `{"Y": true}`, `false`)'}


def test_given_cancelled_rows_when_subscriptions_are_made_of_lines_then_the_others_still_make_them(tmp_path):
    rows = [[*row[:3], "Pro", *row[4:], row[3]] for row in invoices("{start} / {end}")]
    rows[0][5] = "cancelled"
    found = drafted_file(written(tmp_path, (*HEADING, "Service period"), rows), subscription="both")
    subscriptions = made(found, "subscriptions")
    assert not subscriptions.skip
    assert '!lookup(Status, `{"cancelled": true}`, `false`)' in str(subscriptions.when)
    assert "subscription" in str(made(found, "invoice_lines").fields["subscription_id"].expression)


def test_given_credits_with_the_counters_of_invoices_when_answered_then_their_ids_are_marked(tmp_path):
    related(tmp_path)
    found = draft(read_files([tmp_path]).tables, {"CCC.kind": "credits", "CCC.credits": "subtract"})
    (document,) = [
        one
        for stream in found.streams
        for one in stream.emissions
        if one.entity == "invoices" and stream.table.table.name == "CCC"
    ]
    assert document.fields["id"].expression == "concat('-', 'CCC', DocNum)"
    assert "subtract(`0`" in str(document.fields["amount"].expression)
