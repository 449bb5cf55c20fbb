"""What an empty status means: a mark that isn't there, nothing, or what is asked."""

from __future__ import annotations

import pytest

from unit_tests.draft.drafting import Rows, asked, drafted, read


def _invoices(words: list[str], numbers: str = "ABCDEF") -> Rows:
    """Invoices of one line, of which a column says whether they are paid."""
    return [
        {"N° facture": f"F{number}", "Client": f"Client {ord(number) % 3}", "Date": f"{ord(number) % 15 + 13}/01/2025",
         "Montant HT": f"{100 + place},00", "Encaissée": word, "Devise": "EUR"}
        for place, (number, word) in enumerate(zip(numbers, words, strict=True))
    ]  # fmt: skip


@pytest.mark.parametrize("mark", ["x", "oui"])
def test_given_a_mark_on_what_is_paid_when_drafted_then_an_invoice_without_it_is_open(tmp_path, mark):
    found = drafted(tmp_path, ventes=_invoices([mark, "", mark, "", mark, mark]))
    status = read(found, "invoices.status")
    assert status == {
        "lookup": 'when("Encaissée", "Encaissée", \'(empty)\')',
        "in": {mark: "paid", "(empty)": "open"},
    }
    assert [one for one in asked(found) if "status" in one] == []


def test_given_words_for_paid_and_not_paid_when_some_have_none_then_it_is_asked_what_that_means(tmp_path):
    rows = _invoices(["oui", "", "non", "oui", "", "oui"])
    assert "ventes.status.empty" in asked(drafted(tmp_path, ventes=rows))
    found = drafted(tmp_path, {"ventes.status.empty": "unpaid"}, ventes=rows)
    assert read(found, "invoices.status")["in"] == {"oui": "paid", "non": "open", "(empty)": "unpaid"}


def test_given_a_status_on_the_first_row_of_each_invoice_when_drafted_then_the_others_say_nothing(tmp_path):
    found = drafted(tmp_path, ventes=_invoices(["oui", "", "oui", "", "oui", ""], numbers="AABBCC"))
    assert read(found, "invoices.status") == {"lookup": "Encaissée", "in": {"oui": "paid"}}
    assert [one for one in asked(found) if "status" in one] == []
