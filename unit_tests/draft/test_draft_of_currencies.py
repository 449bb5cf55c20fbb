"""Amounts that stand in a table twice: in the documents' currencies and in the company's; and sums of lines."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from fincome_tools.draft.columns.names import concepts_of
from unit_tests.draft.drafting import Rows, asked, drafted, made, read

NET = "invoice_lines.amount_excluding_tax_after_discount"
SOLD = [(n, date(2025, 1, 3) + timedelta(days=9 * n), Decimal(100 + 7 * n)) for n in range(1, 31)]


def sales(first: str, second: str, *, rate: str = "1.36", taxed: bool = True) -> Rows:
    """Return invoices with an amount in the company's currency, Canadian dollars, and in their own."""
    rows = []
    for n, day, net in SOLD:
        is_foreign = n % 3 == 0
        own = net * Decimal(rate if is_foreign else 1)
        row = {"Invoice": f"I-{n}", "Customer code": f"C-{n % 5}", "Date": str(day)}
        row |= {"Currency": "USD" if is_foreign else "CAD", first: f"{own:.2f}", second: f"{net:.2f}"}
        if taxed:
            row |= {"Tax amount": f"{own / 20:.2f}", "Gross amount": f"{own * Decimal('1.05'):.2f}"}
        rows.append(row)
    return rows


def test_given_amounts_in_two_currencies_when_the_companys_adds_up_then_the_documents_is_taken(tmp_path: Path) -> None:
    found = drafted(tmp_path, sales=sales("Amount", "Amount (Foreign Currency)"))
    assert read(found, NET) == "Amount (Foreign Currency)"
    assert "in the document's currency" in made(found, "invoices").fields["amount"].reason
    assert "tax_amount" not in made(found, "invoice_lines").fields


@pytest.mark.parametrize("headings", [("Net local", "Net"), ("Net", "Net FX"), ("Net in base currency", "Net")])
def test_given_a_heading_that_says_whose_currency_it_is_when_drafted_then_it_is_believed(
    tmp_path: Path, headings: tuple[str, str]
) -> None:
    found = drafted(tmp_path, sales=sales(*headings, taxed=False))
    assert read(found, NET) == headings[1]


def test_given_amounts_in_two_currencies_that_nothing_tells_apart_when_drafted_then_it_is_asked(
    tmp_path: Path,
) -> None:
    found = drafted(tmp_path, sales=sales("Net", "Sum X", taxed=False))
    assert read(found, NET) is None
    (question,) = [one for one in found.questions.open if one.id == "sales.net"]
    assert set(question.columns) == {"Net", "Sum X"}


def test_given_prices_in_the_documents_currency_when_they_make_one_of_two_amounts_then_it_is_the_documents(
    tmp_path: Path,
) -> None:
    rows = sales("Net", "Sum X", taxed=False)
    for row in rows:
        row |= {"Quantity": "2", "Unit price": f"{Decimal(row['Sum X']) / 2:.3f}"}
    assert read(drafted(tmp_path, sales=rows), NET) == "Sum X"


def test_given_an_amount_with_tax_where_foreigners_pay_none_when_drafted_then_it_is_no_other_currency(
    tmp_path: Path,
) -> None:
    rows = sales("Brut", "Net", rate="1", taxed=False)
    for row in rows:
        row["Brut"] = f"{Decimal(row['Net']) * Decimal('1.36' if row['Currency'] == 'CAD' else 1):.2f}"
    assert read(drafted(tmp_path, sales=rows), NET) == "Net"


def test_given_copies_of_an_amount_when_one_is_called_foreign_then_it_is_taken(tmp_path: Path) -> None:
    rows = sales("AmountDC", "AmountFC", rate="1", taxed=False)
    found = drafted(tmp_path, sales=[row | {"VATAmount": f"{Decimal(row['AmountFC']) / 5:.2f}"} for row in rows])
    assert read(found, NET) == "AmountFC"


def test_given_letters_of_an_acronym_before_a_word_when_named_then_they_are_taken_apart() -> None:
    assert concepts_of("AmountFCExclVat") == {"amount", "net", "tax"}
    assert concepts_of("VATAmount") == {"tax", "amount"}
    assert concepts_of("IDfacture") == concepts_of("idfacture")


def test_given_lines_that_make_the_total_less_the_tax_when_drafted_then_they_are_net(tmp_path: Path) -> None:
    heads = [
        {
            "Invoice": f"I-{n}",
            "Customer code": f"C-{n % 5}",
            "Date": str(day),
            "Tax amount": f"{net / 5:.2f}",
            "Total": f"{net * Decimal('1.2'):.2f}",
            "Rounding": f"{n % 4}.00",
        }
        for n, day, net in SOLD
    ]
    lines = [
        {"Invoice": f"I-{n}", "Text": f"Part {part}", "Preco": f"{net - 40 if part else 40:.2f}", "Sum A": f"{n}.50"}
        for n, _, net in SOLD
        for part in (0, 1)
    ]
    found = drafted(tmp_path, heads=heads, lines=lines)
    assert read(found, NET) == "Preco"
    assert "Total less Tax amount" in made(found, "invoice_lines").fields[NET.split(".")[1]].reason
    assert "heads.net" not in asked(found)
