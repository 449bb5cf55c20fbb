"""JSON of companies' own systems: amounts in cents that no heading says, names in parts, statuses in unknown words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unit_tests.draft.drafting import asked, drafted_file, made, read

PRICES = (4900, 12990, 22050, 1490, 35000)


def written(folder: Path, suffix: str, *, times: int = 1) -> Path:
    """Write lines of invoices whose headings stand in parts, and whose amounts end in a suffix."""
    path = folder / "lines.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for n in range(40):
            net = PRICES[n % 5] * times
            row = {
                "doc": {"no": f"I-{n // 2:05}", "dt": f"2025-{n // 4 % 12 + 1:02}-15", "st": "SVO"[n % 4 // 2]},
                "acct": {"id": f"9f78d1cc-4b8c-5649-a420-3e4bc40be1{n // 2 % 7:02}", "nm": f"Meadow {n // 2 % 7}"},
                "ln": {"id": f"ln_{n:06}", f"net{suffix}": net, f"vat{suffix}": net // 5},
                "ccy": "GBP",
            }
            file.write(json.dumps(row) + "\n")
    return path


NET = "invoice_lines.amount_excluding_tax_after_discount"


def test_given_names_in_parts_when_drafted_then_the_first_part_says_whose_they_are(tmp_path: Path) -> None:
    found = drafted_file(written(tmp_path, "_c"))
    fields = {name: read(found, name) for name in ("invoices.id", "invoices.date", "customers.id", "customers.name")}
    assert fields == {
        "invoices.id": "doc.no",
        "invoices.date": "doc.dt",
        "customers.id": "acct.id",
        "customers.name": "acct.nm",
    }
    assert read(found, "invoice_lines.id") == "ln.id"


@pytest.mark.parametrize("suffix", ["_c", ""])
def test_given_whole_amounts_in_json_when_drafted_then_it_is_asked_whether_they_are_cents(
    tmp_path: Path, suffix: str
) -> None:
    path = written(tmp_path, suffix)
    found = drafted_file(path)
    assert "lines.cents" in asked(found)
    assert read(found, NET) is None
    assert "invoice_lines.tax_amount" not in made(found, "invoice_lines").fields
    assert str(read(drafted_file(path, cents="cents"), NET)).startswith("money(")
    assert read(drafted_file(path, cents="units"), NET) == f"ln.net{suffix}"


def test_given_amounts_that_are_whole_hundreds_when_no_heading_is_marked_then_nothing_is_asked(tmp_path: Path) -> None:
    assert "lines.cents" not in asked(drafted_file(written(tmp_path, "", times=100)))


def test_given_a_status_in_letters_when_drafted_then_each_is_asked(tmp_path: Path) -> None:
    found = drafted_file(written(tmp_path, "_cents"))
    assert {"lines.status.S", "lines.status.V"} <= {*asked(found)}
    assert "lines.cents" not in asked(found)


def test_given_few_words_of_documents_under_a_heading_that_nobody_knows_when_no_status_is_known_then_they_may_be_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "lines.csv"
    words = ["opłacona", "nieopłacona", "anulowana"]
    rows = [
        f"I-{n};2025-{n % 12 + 1:02}-15;C{n % 5};Firm {n % 5};{n}.50;{words[n % 3]};{'ab'[n % 2]}1" for n in range(30)
    ]
    heading = "Invoice no;Date;Customer no;Customer name;Net amount;Stan;Row mark"
    path.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    (question,) = [one for one in drafted_file(path).questions.open if one.id == "lines.status"]
    assert [one for one in question.answers if one.startswith("words of")] == ["words of Stan"]
    assert set(asked(drafted_file(path, status="words of Stan"))) >= {f"lines.status.{word}" for word in words}
    given = {"status": "words of Stan", "status.opłacona": "paid", "status.nieopłacona": "unpaid"}
    told = drafted_file(path, **given, **{"status.anulowana": "leave_out"})
    assert read(told, "invoices.status") == {"lookup": "Stan", "in": {"opłacona": "paid", "nieopłacona": "unpaid"}}
    assert "anulowana" in str(made(told, "invoices").skip)
