"""What somebody has written about a customer names nobody, whatever its heading says beside that."""

from __future__ import annotations

from pathlib import Path

import pytest

from fincome_tools.draft.columns.names import concepts_of
from fincome_tools.draft.text import text_of
from unit_tests.draft.drafting import Rows, drafted

REMARKS = """
    Commentaire client | Customer note | Kundenkommentar | Customer notes | Client comments | Note client
    | Remarque client | Observations client | Kundenbemerkung | Anmerkung Kunde | Comentario cliente | Notas del cliente
    | Commento cliente | Note cliente | Opmerking klant | Klantnotitie | Comentário do cliente | Observações do cliente
    | Customer memo
"""
SAID = ("Cut off soon", "Pays late", "Friend of the boss", "New since spring")


def rows(heading: str, *, codes: bool) -> Rows:
    return [
        {
            "Invoice no": f"F{n}",
            "Invoice date": f"2025-01-{n:02d}",
            **({"Customer no": f"C{n % 4}"} if codes else {}),
            heading: SAID[n % 4],
            "Net amount": f"{n}.50",
            "Currency": "EUR",
        }
        for n in range(13, 25)
    ]


@pytest.mark.parametrize("codes", [True, False])
@pytest.mark.parametrize("heading", [heading.strip() for heading in REMARKS.split("|")])
def test_given_a_remark_about_a_customer_when_drafted_then_it_is_nobodys_name(
    tmp_path: Path, heading: str, codes: bool
) -> None:
    text = text_of(drafted(tmp_path, sales=rows(heading, codes=codes)))
    assert f"name: {heading}" not in text
    assert f'name: "{heading}"' not in text
    assert f"customer_id: {heading}" not in text


@pytest.mark.parametrize("heading", ["Intitulé client", "Client", "Libellé client", "Customer"])
def test_given_a_heading_that_says_a_customer_when_drafted_then_it_is_a_name_still(
    tmp_path: Path, heading: str
) -> None:
    assert f"name: {heading}" in text_of(drafted(tmp_path, sales=rows(heading, codes=True)))


@pytest.mark.parametrize("heading", ["Nota de crédito", "Credit note", "Customer credit note"])
def test_given_a_credit_note_when_its_heading_is_read_then_it_is_no_remark(heading: str) -> None:
    assert "credit" in concepts_of(heading)
    assert "?remark" not in concepts_of(heading)
