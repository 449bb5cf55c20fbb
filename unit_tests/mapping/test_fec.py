"""What the rows of a French accounting file become together: sales to customers, checked by their balance."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from destination_fincome.codes import Code
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.mapping.merging import Parts, joined
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import PlanOptions, make_plan
from destination_fincome.mapping.results import Draft, Fault, Skip
from unit_tests.mapping.payloads import Stream

Row = tuple[str, str, str]
"""Account (and auxiliary account behind a colon), debit, credit."""


def mapper() -> StreamMapper:
    found = make_plan([Stream("fec")], load_presets(), load_contract(), PlanOptions("fec")).streams[0].mapper
    assert found
    return found


def document(*rows: Row, journal: str = "VE", entity: str = "invoices") -> list[Draft | Skip | Fault]:
    """What the rows of one document become."""
    maps, parts = mapper(), dict[str, Parts]()
    for account, debit, credit in rows:
        number, _, auxiliary = account.partition(":")
        values: dict[str, Any] = {
            "JournalCode": journal, "EcritureNum": "1", "EcritureDate": "20260305", "PieceRef": "F1",
            "CompteNum": number, "CompAuxNum": auxiliary, "Debit": debit, "Credit": credit,
        }  # fmt: skip
        for item in maps.map(values).objects:
            if item.entity == entity:
                assert isinstance(item, Draft)
                name = str(item.values["id"])
                parts[name] = joined(parts.get(name), item)
    return [maps.judged(one.draft) for one in parts.values()]


SALE: list[Row] = [("411000:CA", "1200", ""), ("706000", "", "900"), ("707000", "", "100"), ("445710", "", "200")]


def test_given_an_invoice_then_its_amount_is_its_revenue_without_tax() -> None:
    (found,) = document(*SALE)
    assert isinstance(found, Draft)
    assert (found.values["customer_id"], found.values["amount"]) == ("CA", 1000)
    assert found.values["custom_properties"] == {"tax": 200}


def test_given_several_rows_of_one_account_then_they_are_one_line() -> None:
    more: Row = ("706000", "", "50")
    lines = document(*SALE, more, entity="invoice_lines")
    amounts = [one.values["amount_excluding_tax_after_discount"] for one in lines if isinstance(one, Draft)]
    assert amounts == [950, 100]


def test_given_a_credit_then_it_is_a_negative_invoice() -> None:
    (found,) = document(("411000:CA", "", "120.00"), ("709000", "100.00", ""), ("445710", "20.00", ""))
    assert isinstance(found, Draft)
    assert found.values["amount"] == Decimal(-100)


@pytest.mark.parametrize(
    ("journal", "rows", "reason"),
    [
        ("BQ", [("411000:CA", "", "1200"), ("512000", "1200", "")], Code.NOT_REVENUE),
        ("HA", [("401000:F", "", "60"), ("607000", "50", ""), ("445660", "10", "")], Code.NOT_REVENUE),
        ("OD", [("706000", "400", ""), ("487000", "", "400")], Code.INCOMPLETE),
        ("VE", [*SALE[:3]], Code.INVALID_VALUE),
        ("VE", [*SALE, ("411000:CB", "10", ""), ("706000", "", "10")], Code.INVALID_VALUE),
    ],
)
def test_given_entries_that_are_no_customers_sale_then_they_are_left_out_with_their_reason(
    journal: str, rows: list[Row], reason: Code
) -> None:
    (found,) = document(*rows, journal=journal)
    assert not isinstance(found, Draft)
    assert (found.code if isinstance(found, Fault) else found.reason) is reason
