"""What a draft takes of columns by their values: amounts by arithmetic, rates, periods, ids, names, currencies."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fincome_tools.draft.objects import Drafted
from fincome_tools.files.reading import read_files
from unit_tests.draft.drafting import drafted


def invoices(count: int = 24, **more: str) -> list[dict[str, str]]:
    """Return one row an invoice; the further columns' values may name `{n}`, `{net}`, `{tax}` and `{gross}`."""
    rows = []
    for n in range(count):
        net = 100 + 7 * n
        numbers = {"n": n, "net": f"{net}.00", "tax": f"{net * 0.2:.2f}", "gross": f"{net * 1.2:.2f}"}
        day = date(2025, 1, 15) + timedelta(days=11 * n)
        row = {"Invoice number": f"I-{n:03}", "Invoice date": day.isoformat(), "Customer code": f"C-{n % 5}"}
        rows.append(row | {name: value.format(**numbers) for name, value in more.items()})
    return rows


def expression(found: Drafted, entity: str, name: str) -> object:
    (made,) = [one for stream in found.streams for one in stream.emissions if one.entity == entity]
    return made.fields[name].expression if name in made.fields else None


def asked(found: Drafted) -> list[str]:
    return [question.id.partition(".")[2] or question.id for question in found.questions.open]


def test_given_headings_that_nobody_knows_when_net_and_tax_make_the_gross_amount_then_nothing_is_asked(tmp_path):
    found = drafted(tmp_path, sales=invoices(Price="{n}.99", Foo="{net}", Bar="{tax}", Baz="{gross}"))
    assert expression(found, "invoices", "amount") == "Foo"
    assert expression(found, "invoice_lines", "tax_amount") == "Bar"
    assert "net" not in asked(found)


def test_given_two_columns_that_may_be_net_when_neither_adds_up_then_it_is_asked(tmp_path):
    rows = invoices(Amount="{net}", Bar="{n}.13", Baz="{gross}")
    assert "net" in asked(drafted(tmp_path, sales=rows))


def test_given_totals_of_the_invoice_on_each_line_when_drafted_then_the_lines_amount_is_taken(tmp_path):
    rows = []
    for one in invoices():
        totals = {"Total": f"{(100 + int(one['Invoice number'][2:])) * 3}.00"}
        rows += [
            one | totals | {"Item": f"item {n}", "Net amount": f"{n * 50 + int(one['Invoice number'][2:])}.00"}
            for n in (1, 2)
        ]
    found = drafted(tmp_path, sales=rows)
    assert expression(found, "invoice_lines", "amount_excluding_tax_after_discount") == "Net amount"
    assert "Total" not in str([one.fields for stream in found.streams for one in stream.emissions])


@pytest.mark.parametrize("rate", ["20,00 %", "20", "5.5"])
def test_given_a_column_of_tax_that_holds_rates_when_drafted_then_it_is_no_amount(tmp_path, rate):
    rows = invoices(**{"Net amount": "{net}", "VAT": rate, "Gross amount": "{gross}"})
    found = drafted(tmp_path, sales=rows)
    assert expression(found, "invoices", "amount") == '"Net amount"'.strip('"')
    assert expression(found, "invoice_lines", "tax_amount") is None
    assert "net" not in asked(found)


def test_given_a_tax_of_twenty_on_each_invoice_when_the_sums_say_so_then_it_is_an_amount(tmp_path):
    rows = [row | {"Net amount": "100.00", "VAT": "20", "Gross amount": "120.00"} for row in invoices()]
    assert expression(drafted(tmp_path, sales=rows), "invoice_lines", "tax_amount") == "VAT"


def test_given_two_dates_that_are_whole_months_apart_when_drafted_then_they_are_the_period(tmp_path):
    rows = [
        row
        | {
            "Net amount": "10.00",
            "Du": date(2025, n % 12 + 1, 1).isoformat(),
            "Au": ((date(2025, n % 12 + 1, 1) + timedelta(32)).replace(day=1) - timedelta(1)).isoformat(),
        }
        for n, row in enumerate(invoices())
    ]
    found = drafted(tmp_path, sales=rows)
    assert expression(found, "invoice_lines", "period_end") == "when(Du, add_days(Au, `1`))"
    assert "period" not in asked(found)


@pytest.mark.parametrize(("starts", "is_asked"), [("", False), ("2025-03-01", True)])
def test_given_unknown_kinds_of_lines_when_some_have_no_period_then_the_period_tells_and_nothing_is_asked(
    tmp_path, starts, is_asked
):
    rows = [
        row
        | {"Net amount": "10.00", "Line type": "G/L" if n % 4 else "Res", "Period start": starts, "Period end": ""}
        | ({"Period start": "2025-02-01", "Period end": "2025-02-28"} if n % 4 else {})
        | ({"Period end": "2025-03-31"} if starts and not n % 4 else {})
        for n, row in enumerate(invoices())
    ]
    assert ("type.Res" in asked(drafted(tmp_path, sales=rows))) is is_asked


def test_given_an_invoice_date_and_a_due_date_a_month_apart_when_drafted_then_they_are_no_period(tmp_path):
    rows = [row | {"Net amount": "10.00", "Due date": row["Invoice date"].replace("-15", "-14")} for row in invoices()]
    assert "period" in asked(drafted(tmp_path, sales=rows))


def test_given_a_register_number_beside_a_customers_code_when_drafted_then_the_code_is_the_id(tmp_path):
    rows = [{("CD_CLI" if k == "Customer code" else k): v for k, v in row.items()} for row in invoices()]
    rows = [row | {"SIRET": f"0569807900{row['CD_CLI'][2:]}028", "Net amount": "10.00"} for row in rows]
    assert expression(drafted(tmp_path, sales=rows), "customers", "id") == "CD_CLI"


def test_given_a_text_that_each_customer_has_when_nothing_is_called_a_name_then_it_is_the_name(tmp_path):
    rows = [row | {"Zzz": f"Company {row['Customer code']}", "Net amount": "10.00"} for row in invoices()]
    assert expression(drafted(tmp_path, sales=rows), "customers", "name") == "Zzz"


def test_given_ids_that_are_not_unique_when_there_are_names_then_the_table_is_not_taken_for_customers(tmp_path):
    rows = [{"Num": f"{n // 2}", "Customer": f"Company {n}", "Amount": f"{n}.00"} for n in range(8)]
    assert [stream.kind for stream in drafted(tmp_path, sales=rows).streams] == ["lines"]


def test_given_two_ids_that_go_together_when_drafted_then_neither_is_asked_about(tmp_path):
    rows = [{"Invoice ID": f"9000{n}"} | row | {"Net amount": "10.00"} for n, row in enumerate(invoices())]
    found = drafted(tmp_path, sales=rows)
    assert expression(found, "invoices", "id") == "Invoice ID"
    assert "invoice_id" not in asked(found)


def test_given_a_currencys_code_beside_its_name_when_drafted_then_the_code_is_looked_up(tmp_path):
    found = drafted(tmp_path, sales=invoices(**{"Net amount": "{net}", "Currency": "United States Dollar - USD"}))
    assert expression(found, "invoices", "currency") == {
        "lookup": "Currency",
        "in": {"United States Dollar - USD": "USD"},
    }
    assert "currency" not in asked(found)


def test_given_codes_of_currencies_under_an_unknown_heading_when_drafted_then_they_are_the_currency(tmp_path):
    assert expression(drafted(tmp_path, sales=invoices(Net="{net}", Qqq="EUR")), "invoices", "currency") == "Qqq"


def test_given_paid_with_yes_and_no_when_drafted_then_no_is_an_open_invoice(tmp_path):
    rows = [row | {"Net": "10.00", "Payée": "Oui" if n % 3 else "Non"} for n, row in enumerate(invoices())]
    assert expression(drafted(tmp_path, sales=rows), "invoices", "status") == {
        "lookup": "Payée",
        "in": {"Oui": "paid", "Non": "open"},
    }


def test_given_credit_notes_in_a_table_of_their_own_when_drafted_then_they_name_their_invoice(tmp_path):
    notes = [
        {"Credit note number": f"CN-{n}", "Reference": f"I-00{n}", "Date": f"2025-06-1{n}", "Net amount": f"{n}.50"}
        for n in range(1, 5)
    ]
    sales = invoices(**{"Net amount": "{net}", "Currency": "EUR", "Status": "paid"})
    found = drafted(tmp_path, sales=sales, credit_notes=notes)
    assert [stream.kind for stream in found.streams] == ["invoices", "credits"]
    assert expression(found, "credit_notes", "id") == "Credit note number"
    assert expression(found, "credit_notes", "invoice_id") == "Reference"
    assert expression(found, "credit_notes", "currency") == "of_parent('invoice_id', 'currency')"
    assert expression(found, "credit_notes", "amount") == 'abs("Net amount")'


def test_given_a_row_of_totals_over_amounts_in_parentheses_when_read_then_it_is_left_out(tmp_path):
    (tmp_path / "sales.csv").write_text("Date,Num,Amount\nA,1,100.00\nB,2,(30.00)\nC,3,5.00-\nTOTAL,,65.00\n")
    (table,) = read_files([tmp_path / "sales.csv"]).tables
    assert [row.values[0] for row in table.read()] == ["A", "B", "C"]


def lines_of(sales: list[dict[str, str]], share: str = "0.5") -> list[dict[str, str]]:
    """Return two lines of each invoice, which together make its net amount if the shares are halves."""
    return [
        {"Invoice number": one["Invoice number"], "Line no": str(n), "Amount": f"{float(one['Net amount']) * part:.2f}"}
        for one in sales
        for n, part in enumerate((0.5, float(share)))
    ]


@pytest.mark.parametrize(("share", "is_asked"), [("0.5", False), ("0.7", True)])
def test_given_lines_that_make_their_invoices_net_amount_when_drafted_then_they_are_net(tmp_path, share, is_asked):
    sales = invoices(**{"Net amount": "{net}", "Status": "payment due", "Currency": "EUR"})
    found = drafted(tmp_path, sales=sales, parts=lines_of(sales, share))
    assert asked(found) == (["net", "period"] if is_asked else ["period"])


def test_given_a_description_that_each_customer_has_when_nothing_else_is_a_name_then_it_is_the_name(tmp_path):
    rows = [{"Customer code": f"C-{n}", "Description": f"Company {n}", "E-mail": f"a@c{n}.example"} for n in range(9)]
    assert expression(drafted(tmp_path, clients=rows), "customers", "name") == "Description"


@pytest.mark.parametrize(
    ("rates", "net"),
    [
        (("0.2", "0"), 'round_money(net_of("Gross amount", multiply("VAT rate", `100`)), `null`)'),
        (("20", "0"), 'round_money(net_of("Gross amount", "VAT rate"), `null`)'),
    ],
)
def test_given_rates_that_are_shares_when_the_amount_holds_tax_then_they_are_made_percents(tmp_path, rates, net):
    rows = [row | {"VAT rate": rates[n % 2]} for n, row in enumerate(invoices(**{"Gross amount": "{gross}"}))]
    assert expression(drafted(tmp_path, sales=rows), "invoices", "amount") == net


def test_given_invoices_that_wait_for_an_answer_when_drafted_then_their_lines_wait_too(tmp_path):
    rows = invoices(**{"Net amount": "{net}", "Currency": "EUR", "Payment date": ""})
    found = drafted(tmp_path, sales=rows)
    assert asked(found) == ["status", "period"]
    (lines,) = [one for one in found.streams[0].emissions if one.entity == "invoice_lines"]
    assert lines.missing["invoices.status"] == "sales.status"


def test_given_amounts_that_add_up_in_two_currencies_when_drafted_then_which_one_counts_is_asked(tmp_path):
    rows = invoices(Amount="{net}", Bar="{tax}", Baz="{gross}")
    twice = {"Amount": "Here", "Bar": "There", "Baz": "Where"}
    rows = [row | {new: f"{float(row[old]) * 2:.2f}" for old, new in twice.items()} for row in rows]
    assert "net" in asked(drafted(tmp_path, sales=rows))


def test_given_lines_whose_period_ends_when_it_begins_when_drafted_then_they_are_sold_once(tmp_path):
    rows = [
        row | {"Net": "10.00", "Period start": f"2025-0{1 + n % 6}-01", "Period end": f"2025-0{1 + n % 6 + (n > 2)}-01"}
        for n, row in enumerate(invoices())
    ]
    found = drafted(tmp_path, sales=rows)
    assert expression(found, "invoice_lines", "type") == (
        'when("Period start" && before("Period start", "Period end"), \'subscription\', \'one_off\')'
    )
    assert expression(found, "invoice_lines", "period_end") == (
        'when("Period start" && before("Period start", "Period end"), "Period end")'
    )
