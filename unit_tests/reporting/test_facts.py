"""What is remembered of objects, for what is told at the end."""

from __future__ import annotations

import pytest

from destination_fincome.outcomes import Outcome
from destination_fincome.reporting import facts as facts_module
from destination_fincome.reporting.facts import Factbook


@pytest.mark.parametrize(("kept", "most_open"), [(1, 0), (1, 1), (1, 9), (2, 0), (2, 9), (9, 9)])
def test_an_object_counts_by_its_end_whether_that_comes_before_it_is_written_or_after(
    monkeypatch: pytest.MonkeyPatch, kept: int, most_open: int
) -> None:
    monkeypatch.setattr(facts_module, "_KEPT", kept)
    monkeypatch.setattr(facts_module, "_OPEN", most_open)
    book = Factbook(["customers", "invoices"])
    for key, identity in enumerate(["sent", "skipped", "open"], 1):
        book.see(key, 0, identity, None, again=False)
        if identity == "sent":
            book.end(key, 0, Outcome.SENT)
    book.end(2, 0, Outcome.SKIPPED)
    assert book.ask().execute("SELECT id FROM customers ORDER BY key").fetchall() == [("sent",), ("open",)]
    book.end(3, 0, Outcome.REJECTED)
    assert book.ask().execute("SELECT id FROM customers").fetchall() == [("sent",)]
    assert book.ask().execute("SELECT id FROM customers").fetchall() == [("sent",)]
    book.close()
