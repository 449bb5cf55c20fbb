"""What a draft makes of columns and keys whose headings say nothing, though others beside them do."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

from fincome_tools.draft.objects import draft
from fincome_tools.files.reading import read_files
from unit_tests.draft.drafting import Rows, asked, drafted, read

NET = "invoice_lines.amount_excluding_tax_after_discount"
MANY = range(1, 31)
GIVEN = {"currency": "EUR"}


def day(n: int) -> str:
    return str(date(2025, 1, 1) + timedelta(days=n))


def documents(**more: object) -> Rows:
    """Return invoices of counters, each with an amount of what its two lines come to."""
    return [
        {
            "id": str(n),
            "number": f"F-{n:03}",
            "client_id": f"C{n % 7}",
            "date": day(n),
            "total_net": f"{30 * n + 3}.00",
            "status": "paid",
            **{name: str(value(n) if callable(value) else value) for name, value in more.items()},
        }
        for n in MANY
    ]


def lines(**more: object) -> Rows:
    return [
        {
            "id": str(10 * n + k),
            "xq": str(n),
            "description": f"Item {k}",
            "net": f"{10 * n * k + k}.00",
            **{name: str(value) for name, value in more.items()},
        }
        for n in MANY
        for k in (1, 2)
    ]


def test_given_lines_with_a_key_that_nobody_knows_when_they_make_the_documents_amounts_then_it_is_their_document(
    tmp_path,
):
    found = drafted(tmp_path, GIVEN, invoices=documents(), positions=lines())
    assert read(found, "invoice_lines.invoice_id") == "xq"
    assert (read(found, "invoices.id"), read(found, "invoices.number")) == ("id", "number")


def test_given_payments_that_make_the_documents_amounts_when_drafted_then_they_are_no_lines(tmp_path):
    paid = [row | {"paid_on": day(40 + n)} for n, row in enumerate(lines())]
    found = drafted(tmp_path, GIVEN, invoices=documents(), payments=paid)
    assert [one.kind for one in found.streams if one.table.table.name == "payments"] == ["unknown"]


def test_given_records_with_lines_and_a_date_that_nobody_knows_when_drafted_then_the_lines_are_theirs(tmp_path):
    records = [
        {
            "id": n,
            "client_id": n % 7,
            "xq": day(n),
            "net_amount": 30 * n + 3,
            "currency": "EUR",
            "status": "paid",
            "lines": [{"description": f"Item {k}", "net": 10 * n * k + k} for k in (1, 2)],
        }
        for n in MANY
    ]
    (tmp_path / "invoices.json").write_text(json.dumps(records), encoding="utf-8")
    found = draft(read_files([tmp_path / "invoices.json"]).tables, {})
    assert read(found, "invoice_lines.invoice_id") == "_record.id"


def test_given_a_companys_currency_beside_another_when_drafted_then_it_is_asked_which_is_the_documents(tmp_path):
    rows = documents(BASECURR="USD", xq=lambda n: "USD" if n % 3 else "EUR")
    assert "invoices.currency" in asked(drafted(tmp_path, invoices=rows))
    same = documents(BASECURR="USD", xq="USD")
    assert "invoices.currency" not in asked(drafted(tmp_path, invoices=same))


def test_given_an_amount_that_nobody_knows_when_the_gross_one_is_it_with_the_rows_rate_then_it_is_the_net(tmp_path):
    rows = documents(rate=lambda n: "21" if n % 3 else "9")
    rows = [
        row
        | {
            "xq": row["total_net"],
            "Totaal incl. btw": f"{Decimal(row['total_net']) * (100 + int(row['rate'])) / 100:.2f}",
        }
        for row in rows
    ]
    rows = [{("Btw-tarief" if key == "rate" else key): row[key] for key in row if key != "total_net"} for row in rows]
    assert read(drafted(tmp_path, GIVEN | {"invoices.period": "one_off"}, invoices=rows), NET) == "xq"


def test_given_credits_whose_counters_are_among_the_invoices_when_drafted_then_these_name_nothing(tmp_path):
    credits = [
        {"id": str(n), "client_id": f"C{n}", "date": day(50 + n), "total_net": f"{n}.00", "status": "paid"}
        for n in range(1, 7)
    ]
    found = drafted(tmp_path, GIVEN, invoices=documents(), credit_notes=credits)
    assert not [one for stream in found.streams for one in stream.emissions if one.entity == "credit_notes"]


def test_given_a_date_that_few_documents_have_when_no_other_is_known_then_it_is_not_theirs(tmp_path):
    rows = documents(**{"Storno-Datum": lambda n: day(90 + n) if n % 9 == 0 else "", "xq": day})
    rows = [{key: row[key] for key in row if key != "date"} for row in rows]
    found = drafted(tmp_path, GIVEN, invoices=rows)
    assert "Storno-Datum" not in str(read(found, "invoices.date"))


def test_given_a_first_base_beside_a_second_one_with_figures_when_drafted_then_it_is_no_documents_amount(tmp_path):
    rows = documents(**{"Base HT 2": lambda n: f"{n}.00" if n % 3 == 0 else "0.00"})
    rows = [{("Base HT 1" if key == "total_net" else key): row[key] for key in row} for row in rows]
    found = drafted(tmp_path, GIVEN, invoices=rows)
    used = [
        name for one in found.streams for e in one.emissions for field in e.fields.values() for name in field.columns
    ]
    assert "Base HT 1" not in used


def test_given_credits_with_two_keys_that_fit_when_drafted_then_the_one_that_says_an_id_is_what_is_credited(tmp_path):
    credits = [
        {"xq": str(n), "id_order": str(n + 11), "date": day(50 + n), "total_net": f"{n}.00", "credit_slip": f"S{n}"}
        for n in range(1, 7)
    ]
    found = drafted(tmp_path, GIVEN, invoices=documents(), credit_slips=credits)
    assert read(found, "credit_notes.invoice_id") == "id_order"
