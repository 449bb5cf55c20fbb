"""Amounts before discounts, amounts that hold their tax, and codes that a table of their own explains."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from unit_tests.draft.drafting import Rows, asked, drafted, made, read

NET = "invoice_lines.amount_excluding_tax_after_discount"
MANY = range(1, 31)
CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def sales(rate: str = "0.2", sign: int = 1, **more: object) -> Rows:
    """Return documents with an amount, of some a discount of a tenth, and the tax on what is left of it."""
    rows = []
    for n in MANY:
        whole = Decimal(90 + 13 * n)
        less = whole / 10 if n % 4 == 0 else Decimal(0)
        tax = cents((whole - less) * Decimal(rate))
        figures = {
            "Amount": whole,
            "Discount": less,
            "VAT": sign * tax,
            "Left": whole - less,
            "Whole": whole - less + tax,
        }
        row = {
            "Invoice number": f"F{n}",
            "Customer code": f"C{n % 6}",
            "Date": str(date(2025, 1, 1) + timedelta(days=n)),
            "Paid": "yes",
            **{name: f"{value:.2f}" for name, value in figures.items()},
        }
        rows.append({name: value for name, value in row.items() if name not in ("Left", "Whole")})
        rows[-1] |= {str(heading): row[str(name)] for heading, name in more.items()}
    return rows


GIVEN = {"currency": "EUR", "sales.period": "one_off"}


def test_given_a_tax_of_what_a_discount_leaves_when_drafted_then_the_discount_is_taken_off(tmp_path):
    found = drafted(tmp_path, GIVEN, sales=sales())
    assert not asked(found)
    assert read(found, NET) == "subtract(Amount, coalesce(Discount, `0`))"
    assert read(found, "invoice_lines.discount_amount") == "Discount"


def test_given_a_column_of_what_a_discount_leaves_when_drafted_then_that_one_is_the_amount(tmp_path):
    found = drafted(tmp_path, GIVEN, sales=sales(Net="Left"))
    assert (read(found, NET), asked(found)) == ("Net", [])


def test_given_a_tax_of_the_whole_amount_when_drafted_then_no_discount_is_taken_off(tmp_path):
    rows = [row | {"Discount": "1.00" if n % 4 == 0 else "0.00"} for n, row in enumerate(sales(Net="Left"))]
    rows = [{key: row[key] for key in row if key != "Amount"} for row in rows]
    assert read(drafted(tmp_path, GIVEN, sales=rows), NET) == "Net"


def with_tax_in(sign: int, *, rate: bool) -> Rows:
    rows = [
        {key: row[key] for key in row if key not in ("Amount", "Discount")} for row in sales(sign=sign, Betrag="Whole")
    ]
    return [row | {"VAT %": "20"} for row in rows] if rate else rows


def test_given_a_tax_that_is_in_the_amount_when_drafted_then_it_is_taken_off_without_a_question(tmp_path):
    found = drafted(tmp_path, GIVEN, sales=with_tax_in(1, rate=False))
    assert (read(found, NET), asked(found)) == ("subtract(Betrag, VAT)", [])


def test_given_a_tax_with_the_other_sign_when_drafted_then_it_is_never_taken_off(tmp_path):
    found = drafted(tmp_path, GIVEN, sales=with_tax_in(-1, rate=False))
    assert (read(found, NET), asked(found)) == ("add(Betrag, VAT)", [])
    assert read(found, "invoice_lines.tax_amount") is None

    by_rate = drafted(tmp_path, GIVEN, sales=with_tax_in(-1, rate=True))
    assert (read(by_rate, NET), asked(by_rate)) == ('round_money(net_of(Betrag, "VAT %"), `null`)', [])


# --- tables of codes


def coded() -> tuple[Rows, Rows]:
    """Return documents without amounts, and their lines."""
    documents = [
        {
            "id": str(1800 + n),
            "iddocumenttype": "7" if n % 10 == 0 else "2",
            "idstate": str(n % 4 + 1),
            "customer_id": str(n % 6),
            "data": str(date(2025, 1, 1) + timedelta(days=n)),
            "ref": str(1800 + n - 6) if n % 10 == 0 else "",
        }
        for n in MANY
    ]
    lines = [
        {"id": str(10 * n + k), "iddocument": str(1800 + n), "text": "x y", "net": f"{10 * n + k}.00"}
        for n in MANY
        for k in (1, 2)
    ]
    return documents, lines


KINDS = [{"id": "2", "descrizione": "Fattura immediata"}, {"id": "7", "descrizione": "Nota di credito"}]
STATES = [
    {"id": str(n), "descrizione": word} for n, word in enumerate(["Pagato", "Bozza", "Emessa", "Annullata", "Altro"], 1)
]


def test_given_tables_that_say_what_codes_mean_when_drafted_then_kinds_and_statuses_are_read_by_them(tmp_path):
    documents, lines = coded()
    given = {"currency": "EUR", "righe.period": "one_off"}
    found = drafted(tmp_path, given, documents=documents, righe=lines, documenttypes=KINDS, states=STATES)
    assert not asked(found)
    assert read(found, "invoices.status", "documents") == {"lookup": "idstate", "in": {"1": "paid", "3": "open"}}
    assert made(found, "invoices", "documents").skip == {
        "draft": 'lookup(idstate, `{"2": true}`, `false`)',
        "void": 'lookup(idstate, `{"4": true}`, `false`)',
    }
    assert made(found, "credit_notes", "documents").when == 'lookup(iddocumenttype, `{"7": true}`, `false`)'
    assert read(found, "credit_notes.invoice_id", "documents") == "ref"


@pytest.mark.parametrize(
    "states",
    [
        [{"id": str(n), "descrizione": f"Zona {n}"} for n in range(1, 6)],
        [{"id": str(n), "descrizione": "Pagato"} for n in range(1, 3)],
    ],
    ids=["other words", "not all codes"],
)
def test_given_a_table_that_says_something_else_when_drafted_then_the_codes_are_asked(tmp_path, states):
    documents, lines = coded()
    found = drafted(tmp_path, {"currency": "EUR"}, documents=documents, righe=lines, documenttypes=KINDS, states=states)
    assert {f"documents.status.{n}" for n in range(1, 5)} <= {*asked(found)} or "documents.status" in asked(found)


def test_given_taxes_at_other_rates_where_there_is_a_discount_when_drafted_then_no_amount_is_proved(tmp_path):
    # The tax is on less than what either of the two leaves: of the amount it happens to be 18 %.
    rows = [row | {"Discount": "3.00" if row["Discount"] != "0.00" else "0.00"} for row in sales()]
    assert "sales.net" in asked(drafted(tmp_path, GIVEN, sales=rows))


# --- what documents come to


def test_given_documents_whose_amount_holds_the_tax_of_their_lines_when_drafted_then_the_lines_tell_the_amount(
    tmp_path,
):
    lines = [
        {
            "invoice_number": f"F{n}",
            "item": f"P{k}",
            "total": f"{10 * n + k}.00",
            "tax": f"{cents(Decimal(10 * n + k) / 5)}",
        }
        for n in MANY
        for k in (1, 2)
    ]
    sums = {f"F{n}": Decimal(0) for n in MANY}
    for one in lines:
        sums[one["invoice_number"]] += Decimal(one["total"]) + Decimal(one["tax"])
    invoices = [
        {
            "invoice_number": f"F{n}",
            "contact_name": f"Firm {n % 6}",
            "invoiced_at": str(date(2025, 1, 1) + timedelta(days=n)),
            "amount": str(sums[f"F{n}"]),
            "status": "paid",
        }
        for n in MANY
    ]
    totals = [
        {"invoice_number": f"F{n}", "name": name, "amount": f"{n}.{k}0"}
        for n in MANY
        for k, name in enumerate(("Subtotal", "VAT", "Total"), 1)
    ]
    given = {"currency": "EUR", "lines.period": "one_off", "invoices.customer": "name"}
    found = drafted(tmp_path, given, invoices=invoices, lines=lines, totals=totals)
    assert not asked(found)
    assert read(found, "invoices.amount", "lines") == "total"
    assert read(found, "invoices.amount", "invoices") is None
    assert [stream.kind for stream in found.streams if stream.table.table.name == "totals"] == ["unknown"]
