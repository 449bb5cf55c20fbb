"""Amounts before discounts: taken less the discount where a total or a tax proves it, never as they are."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from unit_tests.draft.drafting import Rows, asked, drafted, read

NET = "invoice_lines.amount_excluding_tax_after_discount"


def lines(*, discounted: int = 6, below_zero: bool = False, **headings: str) -> Rows:
    """Return lines of which every fourth one has a discount, as many as are said; empty where there is none.

    Args:
        headings: of the figures that there are: `before`, `discount`, `tax`, `gross`, `net`.
    """
    rows = []
    for n in range(1, 41):
        before = Decimal(100 + 7 * n)
        discount = Decimal(5 + n) if n % 4 == 0 and n // 4 <= discounted else Decimal(0)
        net = before - discount
        tax = (net * (Decimal("0.2") if n % 3 else Decimal("0.1"))).quantize(Decimal("0.01"))
        figures = {"before": before, "net": net, "tax": tax, "gross": net + tax}
        figures["discount"] = -discount if below_zero else discount
        row = {"Invoice": f"I-{n}", "Customer code": f"C-{n % 5}", "Date": f"2025-{n % 12 + 1:02d}-{n % 28 + 1:02d}"}
        row |= {
            headings[name]: f"{figure:.2f}" if figure else "" for name, figure in figures.items() if name in headings
        }
        rows.append(row)
    return rows


@pytest.mark.parametrize(
    "headings",
    [
        {"before": "subtotal", "discount": "discount_amount", "tax": "tax_amount", "gross": "total_amount"},
        {"before": "Imponibile", "discount": "Sconto", "tax": "IVA"},
        {"before": "Montant", "discount": "Remise", "tax": "TVA", "gross": "Total TTC"},
        {"before": "Zwischensumme", "discount": "Rabatt", "tax": "MwSt", "gross": "Brutto"},
        {"before": "Importe", "discount": "Descuento", "tax": "IVA", "gross": "Total"},
    ],
)
def test_given_an_amount_before_discounts_when_a_sum_or_a_rate_proves_it_then_the_discount_is_taken_off(
    tmp_path: Path, headings: dict[str, str]
) -> None:
    found = drafted(tmp_path, sales=lines(**headings))
    assert read(found, NET) == f"subtract({headings['before']}, coalesce({headings['discount']}, `0`))"
    assert read(found, "invoices.amount") == read(found, NET)
    assert read(found, "invoice_lines.discount_amount") == headings["discount"]
    assert "sales.net" not in asked(found)


def test_given_discounts_below_zero_when_drafted_then_they_are_added(tmp_path: Path) -> None:
    rows = lines(below_zero=True, before="Subtotal", discount="Discount", tax="Tax", gross="Total")
    assert read(drafted(tmp_path, sales=rows), NET) == "add(Subtotal, coalesce(Discount, `0`))"


def test_given_a_column_of_what_a_discount_leaves_when_drafted_then_that_is_the_amount(tmp_path: Path) -> None:
    rows = lines(before="Subtotal", discount="Discount", net="Net amount", tax="Tax", gross="Total")
    assert read(drafted(tmp_path, sales=rows), NET) == "Net amount"


def test_given_discounts_that_are_taken_off_already_when_drafted_then_they_are_not_taken_off_again(
    tmp_path: Path,
) -> None:
    rows = lines(net="Subtotal", discount="Discount", tax="Tax", gross="Total")
    assert read(drafted(tmp_path, sales=rows), NET) == "Subtotal"


def test_given_two_discounts_only_when_drafted_then_nothing_is_proved_by_them(tmp_path: Path) -> None:
    rows = lines(discounted=2, before="Subtotal", discount="Discount", tax="Tax", gross="Total")
    found = drafted(tmp_path, sales=rows)
    assert "coalesce" not in str(read(found, NET))


def test_given_discounts_in_percent_when_drafted_then_they_are_no_amounts_to_be_taken_off(tmp_path: Path) -> None:
    rows = lines(before="Subtotal", discount="Discount %", tax="Tax", gross="Total")
    assert "coalesce" not in str(read(drafted(tmp_path, sales=rows), NET))
