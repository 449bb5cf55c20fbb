"""Which amount is without tax: what proves it, what only says it, what is asked."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from fincome_tools.draft.columns.names import says_without_tax
from unit_tests.draft.drafting import Rows, asked, drafted, made, read

NET = "invoice_lines.amount_excluding_tax_after_discount"
SOLD = [(n, date(2025, 1, 3) + timedelta(days=9 * n), Decimal(100 + 7 * n)) for n in range(1, 25)]


def invoices(**figures: object) -> Rows:
    """Return invoices with figures, each a share of the net amount or a text."""
    rows = []
    for n, day, net in SOLD:
        row = {"Invoice": f"I-{n}", "Customer code": f"C-{n % 5}", "Date": str(day)}
        for name, figure in figures.items():
            row[name.replace("_", " ")] = figure if isinstance(figure, str) else f"{net * Decimal(str(figure)):.2f}"
        rows.append(row)
    return rows


@pytest.mark.parametrize(
    ("heading", "says"),
    [
        ("Montant HT", True),
        ("Netto", True),
        ("net_amount", True),
        ("Base imponible", True),
        ("Amount excl. VAT", True),
        ("Montant net de ligne", True),
        ("Subtotal", False),
        ("Sous-total", False),
        ("Zwischensumme", False),
        ("Montant net", False),
        ("Amount", False),
    ],
)
def test_given_a_heading_when_read_then_it_says_that_tax_is_not_in_it_or_leaves_it_open(
    heading: str, *, says: bool
) -> None:
    assert says_without_tax(heading) == says


def test_given_a_subtotal_that_nothing_proves_when_drafted_then_it_is_asked(tmp_path: Path) -> None:
    found = drafted(tmp_path, sales=invoices(Subtotal=1))
    assert read(found, NET) is None
    assert "sales.net" in asked(found)


@pytest.mark.parametrize(
    "figures",
    [
        {"Subtotal": 1, "Tax": 0.2},
        {"Subtotal": 1, "Tax": 0.2, "Total": 1.2},
        {"Subtotal": 1, "Gross": 1.2},
        {"Subtotal": 1, "Tax": 0.1725, "Tax_rate": "17.25"},
        {"Subtotal": 1, "Tax_1": 0.05, "Tax_2": 0.0997, "Total": 1.1497},
        {"Subtotal": 1, "Tax_1": 0.05, "Tax_2": 0.0997, "Credit": 0.1, "Total": 1.0497},
    ],
)
def test_given_a_subtotal_when_rates_or_sums_prove_it_then_it_is_the_amount(
    tmp_path: Path, figures: dict[str, object]
) -> None:
    found = drafted(tmp_path, sales=invoices(**figures))
    assert read(found, NET) == "Subtotal"


def test_given_a_subtotal_before_a_discount_when_the_tax_is_of_less_then_it_is_asked(tmp_path: Path) -> None:
    found = drafted(tmp_path, sales=invoices(Subtotal=1, Tax=0.18, Total=1.08))
    assert read(found, NET) is None
    assert "sales.net" in asked(found)


def test_given_credits_with_the_headings_of_invoices_that_have_taxes_when_drafted_then_what_is_proved_holds_for_them(
    tmp_path: Path,
) -> None:
    bills = [row | {"Number": row.pop("Invoice")} for row in invoices(Subtotal=1, Gross=1.2)]
    notes = [
        {"Credit note": f"CN-{n}", "Invoice": f"I-{n}", "Date": "2025-12-13", "Subtotal": "9.00", "Gross": "9.00"}
        for n in range(1, 5)
    ]
    found = drafted(tmp_path, invoices=bills, credit_notes=notes)
    assert "as Subtotal of invoices" in made(found, "credit_notes").fields["amount"].reason


def test_given_a_documents_tax_on_each_of_its_lines_when_drafted_then_it_is_no_lines(tmp_path: Path) -> None:
    rows = [
        {**row, "Tax": f"{net / 4:.2f}", "Line": f"L{n}-{part}", "Net amount": f"{net if part else net / 4:.2f}"}
        for (n, _, net), row in zip(SOLD, invoices(), strict=True)
        for part in (0, 1)
    ]
    found = drafted(tmp_path, sales=rows)
    assert read(found, NET) == "Net amount"
    assert "tax_amount" not in made(found, "invoice_lines").fields


def test_given_bases_at_several_rates_beside_a_total_when_drafted_then_the_total_is_the_amount(tmp_path: Path) -> None:
    rows = invoices(Base_HT_1=1, TVA_1=0.2, Base_HT_2=0, TVA_2=0, Total_net_HT=1, Total_TVA=0.2, Total_TTC=1.2)
    for row in rows[::4]:  # Without tax: in the other base.
        row |= {"Base HT 2": row["Base HT 1"], "Base HT 1": "0.00", "TVA 1": "0.00", "Total TVA": "0.00"}
        row["Total TTC"] = row["Total net HT"]
    found = drafted(tmp_path, sales=rows)
    assert read(found, NET) == "Total net HT"


def test_given_only_the_base_at_one_rate_when_some_rows_have_none_then_it_is_asked(tmp_path: Path) -> None:
    rows = invoices(Base=1, TVA=0.2, Total_TTC=1.2)
    for row in rows[::4]:
        row |= {"Base": "0.00", "TVA": "0.00"}
    found = drafted(tmp_path, sales=rows)
    assert read(found, NET) is None


def test_given_a_code_and_a_flag_whose_quotient_is_a_rate_when_drafted_then_they_are_no_amounts(tmp_path: Path) -> None:
    found = drafted(tmp_path, sales=invoices(PICO="4", TVAART="1", Montant_HT=1))
    assert read(found, NET) == "Montant HT"
    assert "tax_amount" not in made(found, "invoice_lines").fields


def test_given_rates_that_are_all_zero_when_the_amount_is_gross_then_it_is_the_amount(tmp_path: Path) -> None:
    found = drafted(tmp_path, sales=invoices(Gross_amount=1, Tax_rate="0"))
    assert read(found, NET) == "Gross amount"


def test_given_a_list_of_prices_with_whose_company_it_is_when_drafted_then_nothing_is_invoiced(tmp_path: Path) -> None:
    prices = [{"id": str(n), "company_id": str(n % 3), "currency": "EUR", "price": f"{n * 9}.00"} for n in range(1, 25)]
    found = drafted(tmp_path, pricings=prices)
    assert [stream.kind for stream in found.streams] == ["unknown"]


@pytest.mark.parametrize("tax", ["Tax", "Steuer", "IVA", "TVA"])
@pytest.mark.parametrize(("share", "taken"), [(0.2, "subtract"), (-0.2, "add")])
def test_given_an_amount_whose_tax_is_in_it_when_its_rate_proves_it_then_the_tax_is_taken_off_whatever_its_sign(
    tmp_path: Path, tax: str, share: float, taken: str
) -> None:
    found = drafted(tmp_path, sales=invoices(Amount=1.2, **{tax: share}))
    assert read(found, NET) == f"{taken}(Amount, {tax})"
    assert ("tax_amount" in made(found, "invoice_lines").fields) == (taken == "subtract")


def test_given_rates_beside_an_amount_when_the_tax_is_in_it_at_just_these_then_it_is_taken_off(tmp_path: Path) -> None:
    rows = invoices(Amount=1.07, Tax=0.07, Rate="7")
    assert read(drafted(tmp_path, sales=rows), NET) == "subtract(Amount, Tax)"


def test_given_small_amounts_whose_tax_may_be_on_them_or_in_them_to_the_cent_when_drafted_then_it_is_asked(
    tmp_path: Path,
) -> None:
    rows = [row | {"Amount": "29.00", "Tax": "1.38"} for row in invoices()]  # 4.75 % of it, 5 % of the rest.
    found = drafted(tmp_path, sales=rows)
    assert read(found, NET) is None
    assert "sales.net" in asked(found)


def test_given_taxes_with_either_sign_in_an_amount_when_drafted_then_they_are_not_taken_off(tmp_path: Path) -> None:
    rows = invoices(Gross_amount=1.2, Tax=0.2)
    for row in rows[::3]:
        row["Tax"] = f"-{row['Tax']}"
    found = drafted(tmp_path, sales=rows)
    assert read(found, NET) is None
    assert "tax_amount" not in made(found, "invoice_lines").fields


def test_given_dashes_for_zero_as_spreadsheets_write_it_when_drafted_then_the_columns_are_numbers(
    tmp_path: Path,
) -> None:
    rows = invoices(Net_amount=1, Discount=" -   € ", VAT=0.2)
    rows[3] |= {"Net amount": " -   € ", "VAT": " -   € "}
    rows[5] |= {"Net amount": "132.00", "Discount": " 10.00 € ", "VAT": "26.40"}
    found = drafted(tmp_path, sales=rows)
    assert read(found, NET) == "number(\"Net amount\", '.')"
    assert read(found, "invoice_lines.discount_amount") == "number(Discount, '.')"
