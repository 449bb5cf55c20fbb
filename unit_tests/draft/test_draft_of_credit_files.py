"""Credits in a file of their own: what they credit, and what they come to, by the engine that runs the draft."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from fincome_tools.draft.objects import Drafted
from fincome_tools.studio.results import Result
from unit_tests.draft.drafting import Rows, asked, drafted, made, run, totals

CUSTOMERS = 6
MONTHS = 6
ANSWERS = {"currency": "EUR", "factures.status": "paid", "factures.subscription": "none"}


def invoice(n: int) -> str:
    """Return the number of an invoice, which is customer n % CUSTOMERS's."""
    return f"FA-2025-{n + 1:04d}"


def customer(n: int) -> str:
    return f"CL{n % CUSTOMERS:03d}"


def issued(n: int) -> date:
    return date(2025, 1 + n // CUSTOMERS, 16)


def invoices() -> Rows:
    """Return six months of six customers: a subscription of 100 for the month, and a service of 40 each third time."""
    rows = []
    for n in range(MONTHS * CUSTOMERS):
        start = issued(n).replace(day=1)
        end = (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        document = {"N° facture": invoice(n), "Date facture": f"{issued(n):%d/%m/%Y}", "Code client": customer(n)}
        document |= {"Client": f"Société {customer(n)}"}
        days = {"Début": f"{start:%d/%m/%Y}", "Fin": f"{end:%d/%m/%Y}"}
        rows.append({**document, "Désignation": "Pro", **days, "Montant HT": "100,00"})
        if n % 3 == 0:
            rows.append({**document, "Désignation": "Conseil", "Début": "", "Fin": "", "Montant HT": "40,00"})
    return rows


def credit(number: int, of: int, amount: str, more: Mapping[str, str]) -> dict[str, str]:
    """Return a row of a credit, ten days after the invoice."""
    day = f"{issued(of) + timedelta(days=10):%d/%m/%Y}"
    return {"N° avoir": f"AV{number:03d}", "Date": day, "Code client": customer(of), **more, "Montant HT": amount}


def result(folder: Path, answers: Mapping[str, str] | None = None, **tables: Rows) -> tuple[Drafted, Result]:
    """Draft tables, and run the draft."""
    found = drafted(folder, {**ANSWERS, **(answers or {})}, **tables)
    ran = run(found, folder)
    assert ran.problem is None
    assert not [one for one in ran.faults if one["outcome"] == "rejected"]
    return found, ran


LINES = [(1, 0, "50,00"), (1, 0, "20,00"), (2, 7, "100,00"), (3, 12, "100,00"), (3, 12, "40,00")]


@pytest.mark.parametrize("heading", ["Facture d'origine", "N° facture", "Facture", "Réf. facture"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_given_lines_of_credits_when_drafted_then_each_credit_has_the_sum_of_its_lines(
    tmp_path: Path, heading: str, sign: str
) -> None:
    rows = [credit(number, of, sign + amount, {heading: invoice(of)}) for number, of, amount in LINES]
    found, ran = result(tmp_path, factures=invoices(), avoirs=rows)
    assert asked(found) == []
    assert totals(ran)["credit_notes"] == (3, Decimal(310))
    assert totals(ran)["invoices"] == (36, Decimal(4080))
    assert made(found, "credit_notes").fields["invoice_id"].columns == (heading,)


def test_given_a_number_of_each_line_when_drafted_then_it_is_not_taken_for_the_credits_number(tmp_path: Path) -> None:
    rows = [
        {"Id ligne": f"L{place}", **credit(number, of, amount, {"Facture d'origine": invoice(of)})}
        for place, (number, of, amount) in enumerate(LINES)
    ]
    _, ran = result(tmp_path, factures=invoices(), avoirs=rows)
    assert totals(ran)["credit_notes"] == (3, Decimal(310))


def test_given_credits_of_several_invoices_when_drafted_then_there_is_one_on_each_invoice(tmp_path: Path) -> None:
    parts = [(1, 0, "30,00"), (1, 6, "25,00"), (1, 12, "20,00"), (2, 1, "50,00"), (3, 2, "10,00"), (3, 8, "10,00")]
    day = {"Date": "20/06/2025"}
    rows = [credit(number, of, amount, {"Facture": invoice(of)}) | day for number, of, amount in parts]
    found, ran = result(tmp_path, factures=invoices(), avoirs=rows)
    assert totals(ran)["credit_notes"] == (6, Decimal(145))
    assert asked(found) == []


@pytest.mark.parametrize("sign", ["", "-"])
def test_given_credits_of_which_some_name_no_invoice_when_drafted_then_these_are_documents_below_zero(
    tmp_path: Path, sign: str
) -> None:
    named = [credit(n, n, f"{sign}50,00", {"Facture d'origine": invoice(n)}) for n in range(5)]
    others = [credit(n, n, f"{sign}15,00", {"Facture d'origine": ""}) for n in range(5, 7)]
    found, ran = result(tmp_path, factures=invoices(), avoirs=[*named, *others])
    assert totals(ran)["credit_notes"] == (5, Decimal(250))
    assert totals(ran)["invoices"] == (38, Decimal(4050))
    assert {currency for _, currency, _, _ in ran.totals} == {"EUR"}
    assert asked(found) == []
    (tmp_path / "alone").mkdir()
    _, alone = result(tmp_path / "alone", factures=invoices())
    assert ran.mrr == alone.mrr


TEXTS = {
    "at the end": "Avoir sur facture {}",
    "within": "Avoir sur facture {} - trop facturé",
    "after a sign": "Remboursement (réf. {})",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_given_the_invoice_in_a_text_when_drafted_then_credits_are_of_it(tmp_path: Path, text: str) -> None:
    rows = [credit(n, n, "50,00", {"Objet": text.format(invoice(n))}) for n in range(5)]
    rows += [credit(9, 3, "50,00", {"Objet": "Geste commercial"})]
    found, ran = result(tmp_path, factures=invoices(), avoirs=rows)
    assert totals(ran)["credit_notes"] == (5, Decimal(250))
    assert totals(ran)["invoices"] == (37, Decimal(4030))
    assert asked(found) == []


def test_given_texts_that_name_two_invoices_when_drafted_then_no_credit_is_of_the_last_one_only(tmp_path: Path) -> None:
    rows = [credit(n, n, "50,00", {"Objet": f"Avoir sur facture {invoice(n)}"}) for n in range(4)]
    rows += [credit(8, 1, "50,00", {"Objet": f"Avoir sur facture {invoice(1)} et {invoice(7)}"})]
    _, ran = result(tmp_path, {"avoirs.credits": "subtract"}, factures=invoices(), avoirs=rows)
    assert "credit_notes" not in totals(ran)
    assert totals(ran)["invoices"] == (41, Decimal(3830))


def test_given_a_column_of_other_customers_invoices_when_drafted_then_it_is_not_what_is_credited(
    tmp_path: Path,
) -> None:
    rows = [credit(n, n, "50,00", {"Référence": invoice(n + 1)}) for n in range(5)]
    found, _ = result(tmp_path, factures=invoices(), avoirs=rows)
    assert asked(found) == ["avoirs.kind"]
    answers = {"avoirs.kind": "credits", "avoirs.credits": "subtract"}
    _, ran = result(tmp_path, answers, factures=invoices(), avoirs=rows)
    assert "credit_notes" not in totals(ran)
    assert totals(ran)["invoices"] == (41, Decimal(3830))


def heads(*, with_amounts: bool) -> Rows:
    rows = [credit(number, of, "", {"Facture d'origine": invoice(of)}) for number, of in ((1, 0), (2, 7), (3, 12))]
    sums = ("-70,00", "-100,00", "-140,00")
    for row, amount in zip(rows, sums, strict=True):
        del row["Montant HT"]
        row |= {"Total HT": amount} if with_amounts else {}
    return rows


@pytest.mark.parametrize("with_amounts", [True, False], ids=["amounts", "no amounts"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_given_heads_and_lines_of_credits_in_two_files_when_drafted_then_they_count_once(
    tmp_path: Path, sign: str, *, with_amounts: bool
) -> None:
    lines = [
        {"N° avoir": f"AV{number:03d}", "Libellé": f"Article {place}", "Montant HT": sign + amount}
        for place, (number, _, amount) in enumerate(LINES)
    ]
    found, ran = result(tmp_path, factures=invoices(), avoirs=heads(with_amounts=with_amounts), lignes_avoirs=lines)
    assert asked(found) == []
    assert totals(ran)["credit_notes"] == (3, Decimal(310))
    assert totals(ran)["invoices"] == (36, Decimal(4080))
    assert totals(ran)["invoice_lines"] == (48, Decimal(4080))


def booked(count: int, *, first: int, more: Mapping[str, str]) -> Rows:
    """Return documents with an amount in two currencies, and one before a discount of each third."""
    rows = []
    for n in range(first, first + count):
        own, is_foreign = Decimal(100 + 3 * (n % 8)), n % 2 == 1
        less = Decimal(10) if n % 3 == 0 else Decimal(0)
        rows.append(
            {
                "Number": f"D{n:04d}",
                "Customer code": f"C{n % 5}",
                "Date": str(date(2025, 1, 20) + timedelta(days=3 * n)),
                "Currency": "USD" if is_foreign else "EUR",
                "Subtotal": f"{own + less}.00",
                "Discount": f"{less}.00",
                "Tax": f"{own / 5:.2f}",
                "Total": f"{own * 6 / 5:.2f}",
                **more,
            }
        )
    return rows


def test_given_credits_too_few_to_prove_a_discount_when_the_invoices_prove_it_then_it_is_taken_off_credits_too(
    tmp_path: Path,
) -> None:
    of = [{"Invoice": f"D{n:04d}"} for n in range(3)]
    credits = [row | named for row, named in zip(booked(3, first=40, more={}), of, strict=True)]
    for place, row in enumerate(credits):
        row |= {"Number": f"CN{place}", "Customer code": f"C{place % 5}"}
    given = {"invoices.status": "paid", "invoices.period": "one_off"}
    found = drafted(tmp_path, given, invoices=booked(40, first=0, more={}), credits=credits)
    sums = {(entity, currency): Decimal(amount) for entity, currency, _, amount in run(found, tmp_path).totals}
    assert sums["credit_notes", "EUR"] == Decimal(100 + 106)
    assert sums["credit_notes", "USD"] == Decimal(103)


def test_given_documents_without_amounts_when_their_lines_have_them_then_credits_come_to_the_sums_of_theirs(
    tmp_path: Path,
) -> None:
    kinds = {n: "Credit note" if n % 10 == 9 else "Invoice" for n in range(40)}
    heads = [
        {
            "Number": f"D{n:04d}",
            "Type": kind,
            "Credited": f"D{n - 5:04d}" if kind == "Credit note" else "",
            "Customer code": f"C{n % 5}",
            "Date": str(date(2025, 1, 20) + timedelta(days=3 * n)),
            "Status": "paid",
            "Currency": "EUR",
        }
        for n, kind in kinds.items()
    ]
    lines = [
        {"Number": f"D{n:04d}", "Item": item, "Amount without tax": f"{'-' if 'Credit' in kind else ''}{amount}.00"}
        for n, kind in kinds.items()
        for item, amount in (("Pro", 100), ("Support", 20))
    ]
    found = drafted(tmp_path, {"lines.period": "one_off"}, invoices=heads, lines=lines)
    ran = run(found, tmp_path)
    assert totals(ran)["credit_notes"] == (4, Decimal(480))
    assert totals(ran)["invoices"] == (36, Decimal(4320))
    assert totals(ran)["invoice_lines"] == (72, Decimal(4320))


def sales(of: range, *, sign: str, **more: Mapping[int, str]) -> Rows:
    """Return documents of 100 for a month each; every ninth is a credit, whose sign is given."""
    return [
        {
            "Numéro": f"A{n:03d}" if n % 9 == 8 else f"F{n:03d}",
            "Date": f"{date(2025, 1, 1) + timedelta(days=8 * n):%d/%m/%Y}",
            "Code client": f"C{n % 7}",
            "Début": f"{date(2025, 1 + n // 4, 1):%d/%m/%Y}",
            "Fin": f"{date(2025, 2 + n // 4, 1) - timedelta(days=1):%d/%m/%Y}",
            "Montant HT": f"{sign if n % 9 == 8 else ''}100,00",
            **{heading: cells.get(n, "") for heading, cells in more.items()},
        }
        for n in of
    ]


ONE_FILE = {"currency": "EUR", "ventes.status": "paid", "ventes.subscription": "none"}


@pytest.mark.parametrize("reference", ["Facture d'origine", ""])
@pytest.mark.parametrize("listed", ["", "-"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_given_credits_that_stand_among_the_invoices_and_in_a_list_of_their_own_when_drafted_then_they_count_once(
    tmp_path: Path, sign: str, listed: str, reference: str
) -> None:
    rows = sales(range(40), sign=sign)
    credits = [
        {
            "N° avoir": row["Numéro"],
            "Date avoir": row["Date"],
            "Code client": row["Code client"],
            **({reference: f"F{int(row['Numéro'][1:]) - 7:03d}"} if reference else {}),
            "Total HT": f"{listed}100,00",
        }
        for row in rows
        if row["Numéro"].startswith("A")
    ]
    found = drafted(tmp_path, ONE_FILE, ventes=rows, avoirs=credits)
    assert asked(found) == []
    ran = run(found, tmp_path)
    if reference:
        assert totals(ran)["credit_notes"] == (4, Decimal(400))
        assert totals(ran)["invoices"] == (36, Decimal(3600))
    else:
        assert totals(ran)["invoices"] == (40, Decimal(3200))
    assert {Decimal(mrr) for _, _, mrr in ran.mrr} <= {Decimal(300), Decimal(400)}


def test_given_credits_with_the_counters_of_the_invoices_when_they_are_others_then_the_invoices_count_all(
    tmp_path: Path,
) -> None:
    rows = [row | {"Numéro": row["Numéro"][1:]} for row in sales(range(40), sign="")]
    credits = [
        {
            "N° avoir": f"{n:03d}",
            "Date avoir": f"28/{n:02d}/2025",
            "Code client": f"C{(n + 3) % 7}",
            "Total HT": "-10,00",
        }
        for n in range(1, 6)
    ]
    found = drafted(tmp_path, ONE_FILE, ventes=rows, avoirs=credits)
    ran = run(found, tmp_path)
    assert totals(ran)["invoices"] == (45, Decimal(3950))


PARTS = {
    "a column": ("Facture d'origine", "{}"),
    "a text": ("Commentaire", "Avoir sur facture {}"),
}


@pytest.mark.parametrize(("heading", "text"), PARTS.values(), ids=PARTS)
@pytest.mark.parametrize("cut", [12, 20, 30])
def test_given_an_export_in_two_parts_when_credits_name_invoices_of_either_then_they_are_of_these(
    tmp_path: Path, cut: int, heading: str, text: str
) -> None:
    naming = {heading: {n: text.format(f"F{n - 7:03d}") for n in range(8, 40, 9)}}
    answers = {"currency": "EUR"} | {
        f"ventes_{part}.{name}": answer
        for part in (1, 2)
        for name, answer in (("status", "paid"), ("subscription", "none"), ("credits", "subtract"))
    }
    first, second = sales(range(cut), sign="", **naming), sales(range(cut, 40), sign="", **naming)
    found = drafted(tmp_path, answers, ventes_1=first, ventes_2=second)
    assert asked(found) == []
    ran = run(found, tmp_path)
    assert totals(ran)["credit_notes"] == (4, Decimal(400))
    assert totals(ran)["invoices"] == (36, Decimal(3600))


def test_given_credits_whose_only_day_no_heading_explains_when_drafted_then_it_is_theirs(tmp_path: Path) -> None:
    rows = [credit(n, n, "50,00", {"Facture d'origine": invoice(n)}) for n in range(5)]
    rows = [{"Remboursée le" if name == "Date" else name: value for name, value in row.items()} for row in rows]
    found, ran = result(tmp_path, factures=invoices(), avoirs=rows)
    assert asked(found) == []
    assert totals(ran)["credit_notes"] == (5, Decimal(250))


def test_given_credits_of_two_days_that_no_heading_explains_when_drafted_then_the_day_is_asked(tmp_path: Path) -> None:
    rows = [credit(n, n, "50,00", {"Facture d'origine": invoice(n)}) for n in range(5)]
    rows = [{"Remboursée le" if name == "Date" else name: value for name, value in row.items()} for row in rows]
    rows = [row | {"Approuvée le": "28/06/2025"} for row in rows]
    found = drafted(tmp_path, ANSWERS, factures=invoices(), avoirs=rows)
    assert asked(found) == ["avoirs.invoice_date"]


@pytest.mark.parametrize("heading", ["Facture d'origine", "N° facture"])
def test_given_credits_without_a_number_when_they_name_invoices_then_those_of_an_invoice_on_one_day_are_one(
    tmp_path: Path, heading: str
) -> None:
    rows = [credit(0, of, amount, {heading: invoice(of)}) for _, of, amount in LINES]
    for row in rows:
        del row["N° avoir"]
    found, ran = result(tmp_path, factures=invoices(), avoirs=rows)
    assert asked(found) == []
    assert totals(ran)["credit_notes"] == (3, Decimal(310))
    assert totals(ran)["invoices"] == (36, Decimal(4080))
