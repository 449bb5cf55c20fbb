"""What a question takes for an answer."""

from __future__ import annotations

import pytest

from destination_fincome.failure import ConfigFailure
from fincome_tools.draft.objects import draft
from fincome_tools.draft.report import told
from fincome_tools.draft.text import text_of
from fincome_tools.files.reading import read_files

WITHOUT_CURRENCY = "Invoice no;Invoice date;Customer no;Net amount\nF1;2025-01-31;C1;10.50\nF2;2025-02-28;C2;20.25\n"
NET_OR_GROSS = (
    "Invoice no;Invoice date;Customer no;Amount;Currency\nF1;2025-01-31;C1;10.50;EUR\nF2;2025-02-28;C2;9;EUR\n"
)
CREDITS = (
    "Invoice no;Invoice date;Customer no;Net amount;Currency;Type\n"
    "F1;2025-01-31;C1;10.50;EUR;Invoice\nF2;2025-02-28;C2;20.25;EUR;Invoice\nF3;2025-03-28;C2;-5.00;EUR;Credit note\n"
)


@pytest.fixture
def drafted(tmp_path):
    def of(text: str, answers: dict[str, str]):
        (tmp_path / "bills.csv").write_text(text)
        return draft(read_files([tmp_path / "bills.csv"]).tables, answers)

    return of


@pytest.mark.parametrize("answer", ["EURO", "€uro", "12"])
def test_given_a_word_that_is_no_currency_when_answered_then_it_is_refused(drafted, answer: str) -> None:
    with pytest.raises(ConfigFailure, match="must be one of EUR, USD, GBP; or another code, such as CHF"):
        drafted(WITHOUT_CURRENCY, {"currency": answer})


def test_given_a_code_that_is_not_listed_when_answered_then_it_is_taken(drafted) -> None:
    assert "'CHF'" in text_of(drafted(WITHOUT_CURRENCY, {"currency": "chf"}))


@pytest.mark.parametrize("answer", ["brut", "120", "-20", ""])
def test_given_a_word_that_is_no_rate_when_answered_then_it_is_refused(drafted, answer: str) -> None:
    with pytest.raises(ConfigFailure, match="or a rate in percent"):
        drafted(NET_OR_GROSS, {"bills.net": answer})


@pytest.mark.parametrize("answer", ["8,5", "20 %", "5.5"])
def test_given_a_rate_in_one_of_its_forms_when_answered_then_the_amount_is_without_it(drafted, answer: str) -> None:
    assert answer.rstrip(" %").replace(",", ".") in text_of(drafted(NET_OR_GROSS, {"bills.net": answer}))


def test_given_an_answer_to_no_question_when_told_then_it_says_so_and_what_to_do(drafted) -> None:
    said = list(told(drafted(WITHOUT_CURRENCY, {"colour": "red"})))
    assert "The answer to colour isn't used: these files ask no such question. Correct its name, or delete it." in said


def test_given_a_column_that_tells_credits_when_told_then_it_is_not_called_unused(drafted) -> None:
    made = drafted(CREDITS, {})
    assert any(line.startswith("  sure      Type -> ") for line in told(made))
    assert "Not used" not in text_of(made)


def test_given_a_table_without_rows_when_told_then_it_says_so(drafted) -> None:
    heading = WITHOUT_CURRENCY.splitlines()[0] + "\n"
    assert "  no row stands below the heading: export again, without a filter" in told(drafted(heading, {}))
    assert not any("no row" in line for line in told(drafted(WITHOUT_CURRENCY, {})))


@pytest.mark.parametrize("is_filled", [True, False])
def test_given_documents_on_whose_first_row_alone_their_number_stands_when_told_then_it_says_what_to_do(
    drafted, is_filled: bool
) -> None:
    rows = ["Repère;Date;Client;Désignation;Total HT"]
    for number in range(12):
        head = f"F{number};28/{number + 1:02d}/2025;Client {number % 4}"
        rows += [f"{head};Pro;100,50", f"{head if is_filled else ';;'};Support;40,00"]
    said = "\n".join(told(drafted("\n".join(rows) + "\n", {})))
    assert ("Repère is filled on the first row of each document only" in said) is not is_filled


@pytest.mark.parametrize(("remark", "name"), [("", "Customer no"), ("Berg", "Info")])
def test_given_a_text_that_some_customers_have_when_drafted_then_it_is_not_their_name(drafted, remark, name) -> None:
    rows = ["Invoice no;Invoice date;Customer no;Net amount;Currency;Info"]
    texts = {"K1": "Alba", "K2": "Cobalt", "K3": remark}
    for number in range(12):
        code = f"K{number % 3 + 1}"
        rows.append(f"F{number};2025-{number + 1:02d}-28;{code};10.50;EUR;{texts[code] if number < 3 else ''}")
    made = [one for one in drafted("\n".join(rows) + "\n", {}).streams[0].emissions if one.entity == "customers"]
    assert made[0].fields["name"].expression == name
