"""What headings of real programs say, in their languages: the role that a draft may give them, content permitting."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from fincome_tools.draft.columns.names import concepts_of
from fincome_tools.draft.columns.roles import ROLES

HEADINGS = {
    role: [heading.strip() for heading in listed.split("|")]
    for role, listed in yaml.safe_load(Path(__file__).with_name("headings.yaml").read_text(encoding="utf-8")).items()
}


def said(heading: str) -> set[str]:
    """Return the roles that a heading says."""
    concepts = concepts_of(heading)
    return {
        role.name for role in ROLES if any(says <= concepts and concepts - says <= role.besides for says in role.says)
    }


@pytest.mark.parametrize("role", HEADINGS)
def test_given_what_programs_call_a_column_when_read_then_its_heading_says_the_role(role: str) -> None:
    assert not [heading for heading in HEADINGS[role] if role not in said(heading)]


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("Montant TTC", "net"),
        ("Total s/ IVA", "tax"),
        ("Importe c/ IVA", "tax"),
        ("Importe c/ IVA", "net"),
        ("Betrag m. MwSt.", "tax"),
        ("Inc-Tax Total", "net"),
        ("Net TTC", "net"),
        ("Prix TTC", "unit_price"),
        ("VAT Registration No.", "tax"),
        ("Tax ID", "invoice_id"),
        ("UID-Nummer", "customer_id"),
        ("Post Code", "invoice_id"),
        ("Due Date", "invoice_date"),
        ("Date limite de règlement", "status"),
        ("Payment to", "period_end"),
        ("Applied to", "period_end"),
        ("Taxa IVA", "tax"),
        ("Libellé article", "product_id"),
        ("Abo-Nr.", "product_id"),
    ],
)
def test_given_a_heading_that_says_something_else_when_read_then_it_does_not_say_the_role(
    heading: str, role: str
) -> None:
    assert role not in said(heading)
