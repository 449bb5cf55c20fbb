"""Invoices that are written off: revenue that nobody pays, or a way to cancel. The word doesn't say: it is asked."""

from __future__ import annotations

import pytest

from unit_tests.draft.drafting import Rows, asked, drafted, read


def _invoices(word: str) -> Rows:
    return [
        {"Invoice no": f"I-{number}", "Customer no": f"C-{number % 3}", "Date": f"2025-01-{number + 10}",
         "Net amount": f"{100 + number}.00", "Currency": "EUR", "Status": word if number in (3, 5) else "Paid"}
        for number in range(8)
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["Written-off", "written off", "Bad debt"])
def test_given_a_written_off_invoice_when_drafted_then_it_is_asked_whether_it_counts(tmp_path, word):
    assert f"sales.status.{word}" in asked(drafted(tmp_path, sales=_invoices(word)))
    found = drafted(tmp_path, {f"sales.status.{word}": "unpaid"}, sales=_invoices(word))
    assert read(found, "invoices.status")["in"] == {"Paid": "paid", word: "unpaid"}


def test_given_a_written_off_invoice_that_does_not_count_when_answered_then_it_is_left_out(tmp_path):
    found = drafted(tmp_path, {"sales.status.Written-off": "leave_out"}, sales=_invoices("Written-off"))
    (skipped,) = [made.skip for stream in found.streams for made in stream.emissions if made.entity == "invoices"]
    assert "Written-off" in skipped["void"]
    assert read(found, "invoices.status")["in"] == {"Paid": "paid"}


def test_given_an_invoice_that_cannot_be_collected_when_drafted_then_it_is_unpaid(tmp_path):
    found = drafted(tmp_path, sales=_invoices("uncollectible"))
    assert read(found, "invoices.status")["in"] == {"Paid": "paid", "uncollectible": "unpaid"}
