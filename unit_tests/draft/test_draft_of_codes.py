"""What codes and put-together words tell: kinds of documents that nobody knows, statuses, lines' own keys."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from fincome_tools.draft.columns.names import concepts_of, without_shared
from fincome_tools.draft.columns.statuses import status_of
from fincome_tools.draft.objects import draft
from fincome_tools.draft.text import text_of
from fincome_tools.files.reading import read_files
from unit_tests.draft.drafting import Rows, asked, drafted, made, read

NET = "invoice_lines.amount_excluding_tax_after_discount"
MANY = range(1, 31)


def documents(**columns: object) -> Rows:
    """Return thirty documents of six customers, a tenth of them numbered apart, by their place or the same in all."""
    return [
        {
            "Invoice number": str(25000000 + n if n % 10 else 25900000 + n),
            "Customer code": f"C{n % 6:03}",
            "Date": str(date(2025, 1, 1) + timedelta(days=n)),
            "Net amount": f"{Decimal(90 + 13 * n):.2f}",
            "Paid": "yes",
            **{name: str(value(n)) if callable(value) else str(value) for name, value in columns.items()},
        }
        for n in MANY
    ]


# --- kinds of documents


def test_given_a_code_whose_documents_are_numbered_apart_when_drafted_then_it_is_asked_whether_they_are_credits(
    tmp_path,
):
    rows = documents(OP=lambda n: "C" if n % 10 else "D", ETB="001")
    found = drafted(tmp_path, {"currency": "EUR", "sales.period": "one_off"}, sales=rows)
    assert asked(found) == ["sales.kinds"]
    (question,) = found.questions.open
    assert (question.columns, list(question.answers)) == (("OP",), ["D", "none"])

    told = drafted(tmp_path, {"currency": "EUR", "sales.period": "one_off", "sales.kinds": "D"}, sales=rows)
    assert 'when(lookup(OP, `{"D": true}`, `false`), subtract(`0`' in str(read(told, "invoices.amount"))
    assert "# Credits are told by: OP." in text_of(told)


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("lang", lambda n: "FR" if n % 6 else "EN"),  # The customer's.
        ("flag", lambda n: "0" if n % 10 else "1"),
        ("OP", lambda n: "C" if n % 9 else "D"),  # In one series with the others.
        ("Currency", lambda n: "EUR" if n % 10 else "USD"),
    ],
)
def test_given_another_code_when_drafted_then_nothing_is_asked_of_credits(tmp_path, heading, code):
    found = drafted(tmp_path, {"sales.period": "one_off"}, sales=documents(**{heading: code}))
    assert "sales.kinds" not in asked(found)


def test_given_two_columns_of_kinds_when_drafted_then_both_are_said_to_tell_credits(tmp_path):
    rows = documents(Type=lambda n: "Invoice" if n % 10 else "Credit note", xyz=lambda n: 3 if n % 10 else 4)
    rows = [row | {"Net amount": f"-{row['Net amount']}"} if row["xyz"] == "4" else row for row in rows]
    found = drafted(tmp_path, {"currency": "EUR", "sales.period": "one_off"}, sales=rows)
    assert "# Credits are told by: Type, xyz." in text_of(found)


# --- statuses


@pytest.mark.parametrize(
    ("word", "table", "meaning"),
    [
        ("closed-paid", "invoice_status", "paid"),
        ("open-unpaid", "invoice_status", "open"),
        ("open-overdue", "invoice_status", "unpaid"),
        ("closed-void", "not_final", "void"),
        ("closed-void", "invoice_status", None),
        ("Invoice : Paid In Full", "invoice_status", "paid"),
        ("Invoice : Pending Approval", "not_final", "draft"),
        ("canceled-manual", "subscription_status", "canceled"),
        ("active-current", "subscription_status", "active"),
        ("paid-partial", "invoice_status", None),
        ("partly-paid", "invoice_status", None),
        ("paid - disputed", "invoice_status", None),
        ("paid", "invoice_status", "paid"),
    ],
)
def test_given_words_that_are_put_together_when_read_then_each_part_must_be_known(word, table, meaning):
    assert status_of(word, table) == meaning


def test_given_a_status_as_a_number_and_in_two_words_when_drafted_then_the_words_are_read(tmp_path):
    rows = documents(
        status_id=lambda n: n % 3, status_text=lambda n: ("closed-paid", "open-overdue", "closed-void")[n % 3]
    )
    rows = [{key: value for key, value in row.items() if key != "Paid"} for row in rows]
    found = drafted(tmp_path, {"currency": "EUR", "sales.period": "one_off"}, sales=rows)
    assert read(found, "invoices.status") == {
        "lookup": "status_text",
        "in": {"closed-paid": "paid", "open-overdue": "unpaid"},
    }
    assert "closed-void" in made(found, "invoices").skip["void"]


def test_given_contracts_that_were_canceled_when_drafted_then_that_day_is_their_end_too(tmp_path):
    rows = [
        {
            "Subscription id": f"S{n}",
            "Customer id": f"C{n % 9}",
            "Start date": "2025-01-01",
            "Cancelled at": "2025-06-01" if n % 3 == 0 else "",
            "Status": "cancelled" if n % 3 == 0 else "active",
        }
        for n in MANY
    ]
    found = drafted(tmp_path, subscriptions=rows)
    assert read(found, "subscriptions.end_date") == read(found, "subscriptions.canceled_at") == "Cancelled at"
    assert "currency" not in asked(found)

    running = [row | {"Status": "active"} for row in rows]
    assert read(drafted(tmp_path, subscriptions=running), "subscriptions.end_date") is None


# --- lines


def invoices_with_lines(**more: object) -> tuple[Rows, Rows]:
    """Return invoices with a subtotal, and their lines, of which each has a quantity and a price."""
    lines = [
        {
            "id": f"{n}{k}",
            "invoice_id": str(n),
            "qty": str(k + n % 3),
            "amount": f"{11 * n + k}.00",
            "description": "x y",
        }
        for n in MANY
        for k in (1, 2)
    ]
    sums = {
        str(n): sum(int(one["qty"]) * Decimal(one["amount"]) for one in lines if one["invoice_id"] == str(n))
        for n in MANY
    }
    invoices = [
        {
            "id": str(n),
            "client_id": f"C{n % 7}",
            "date": "2025-01-15",
            "subtotal": f"{sums[str(n)]:.2f}",
            "status": "paid",
        }
        for n in MANY
    ]
    return [one | {name: str(value) for name, value in more.items()} for one in invoices], lines


def test_given_lines_that_make_their_invoices_only_times_a_quantity_when_drafted_then_the_product_is_the_amount(
    tmp_path,
):
    invoices, lines = invoices_with_lines()
    given = {"currency": "EUR", "invoice_lines.period": "one_off"}
    found = drafted(tmp_path, given, invoices=invoices, invoice_lines=lines)
    assert asked(found) == ["invoices.net"]
    assert found.questions.open[0].columns == ("subtotal", "amount", "qty")

    net = drafted(tmp_path, given | {"invoices.net": "net"}, invoices=invoices, invoice_lines=lines)
    assert read(net, NET) == "multiply(qty, amount)"
    taxed = drafted(tmp_path, given | {"invoices.net": "20"}, invoices=invoices, invoice_lines=lines)
    assert "net_of(multiply(qty, amount), `20`)" in str(read(taxed, NET))


def test_given_lines_that_make_an_amount_which_may_hold_tax_when_drafted_then_it_is_asked_once(tmp_path):
    invoices, lines = invoices_with_lines()
    lines = [one | {"amount": f"{int(one['qty']) * Decimal(one['amount']):.2f}", "qty": "1"} for one in lines]
    given = {"currency": "EUR", "invoice_lines.period": "one_off"}
    found = drafted(tmp_path, given, invoices=invoices, invoice_lines=lines)
    assert asked(found) == ["invoices.net"]
    answered = drafted(tmp_path, given | {"invoices.net": "net"}, invoices=invoices, invoice_lines=lines)
    assert (read(answered, NET), read(answered, "invoices.amount")) == ("amount", "subtotal")


def test_given_an_amount_of_which_a_discount_may_be_taken_off_when_drafted_then_that_is_a_possible_answer(tmp_path):
    rows = documents(
        FAQTE=lambda n: f"{1 + n % 4}.000",
        PUB=lambda n: f"{49 + n}.0000",
        MONT=lambda n: f"{(1 + n % 4) * (49 + n)}.00",
        REM_04=lambda n: "4.90" if n % 5 == 0 else "0.00",
    )
    rows = [{key: value for key, value in row.items() if key != "Net amount"} for row in rows]
    found = drafted(tmp_path, {"currency": "EUR"}, sales=rows)
    (question,) = [one for one in found.questions.open if one.id == "sales.net"]
    assert list(question.answers) == ["MONT", "REM_04", "MONT - REM_04", "none"]
    given = {"currency": "EUR", "sales.net": "MONT - REM_04", "sales.period": "one_off"}
    assert read(drafted(tmp_path, given, sales=rows), NET) == "subtract(MONT, coalesce(REM_04, `0`))"


def test_given_elements_that_repeat_the_id_of_their_record_when_drafted_then_their_own_columns_are_read(tmp_path):
    records = [
        {
            "invoice_id": 100 + n,
            "customer_id": n % 5,
            "date": "2025-02-01",
            "total_excl_tax": 30 * n,
            "currency": "EUR",
            "status": "paid",
            "line_items": [
                {
                    "invoice_id": 100 + n,
                    "line_item_id": 10 * n + k,
                    "item_id": k,
                    "item_name": "Pro",
                    "line_net": 10 * n * k,
                }
                for k in (1, 2)
            ],
        }
        for n in MANY
    ]
    (tmp_path / "invoices.json").write_text(json.dumps(records), encoding="utf-8")
    found = draft(read_files([tmp_path / "invoices.json"]).tables, {})
    assert (read(found, "invoice_lines.invoice_id"), read(found, "invoice_lines.id")) == ("invoice_id", "line_item_id")


def test_given_a_heading_that_would_be_another_one_without_a_shared_word_when_read_then_the_word_stays():
    headings = ["line_item_id", "item_id", "line_total", "line_rate", "line_taxes"]
    known = without_shared(headings, "line_items")
    assert concepts_of(known[0]) == {"line", "id"}
    assert concepts_of(known[3]) == {"rate"}


def test_given_periods_with_short_years_in_texts_when_drafted_then_they_may_be_the_lines(tmp_path):
    rows = documents(Description=lambda n: f"Abo Pro du 01/{1 + n % 9:02}/25 au 28/{1 + n % 9:02}/25")
    rows = [row | {"Description": f"Abo {n}"} if n % 5 == 0 else row for n, row in zip(MANY, rows, strict=True)]
    found = drafted(tmp_path, {"currency": "EUR", "sales.credits": "add"}, sales=rows)
    (question,) = found.questions.open
    assert "text of Description" in question.answers


@pytest.mark.parametrize(("word", "is_subscription"), [("service", True), ("Setup", False)])
def test_given_lines_called_services_that_have_periods_when_drafted_then_the_period_tells(
    tmp_path, word, is_subscription
):
    rows = documents(
        Type=lambda n: word if n % 2 else "Licence",
        **{
            "Period start": lambda n: "2025-03-01" if n % 3 else "",
            "Period end": lambda n: "2025-03-31" if n % 3 else "",
        },
    )
    found = drafted(tmp_path, {"currency": "EUR", "sales.subscription": "none"}, sales=rows)
    kind = str(read(found, "invoice_lines.type"))
    assert (word not in kind) == is_subscription


# --- references in texts


def credited(text: object) -> Rows:
    """Return documents of which each tenth credits the one six before it, of the same customer."""
    rows = documents(Type=lambda n: "Invoice" if n % 10 else "Credit note", Made=text)
    return [row | {"Net amount": f"-{row['Net amount']}"} if row["Type"] != "Invoice" else row for row in rows]


@pytest.mark.parametrize(
    ("invoice", "credit", "expression"),
    [
        (
            "Sales Order #SO{}",
            "Invoice #{}",
            "when(Made && contains(Made, 'Invoice #'), split(Made, 'Invoice #')[-1])",
        ),
        ("", "Avoir sur facture {}", "split(Made, 'facture ')[-1]"),
        (
            "Danke",
            "Storno zu {} vom 1.2.",
            "when(Made && contains(Made, 'zu '), split(split(Made, 'zu ')[-1], ' ')[0])",
        ),
    ],
)
def test_given_a_text_with_the_credited_number_when_drafted_then_the_number_is_read_from_it(
    tmp_path, invoice, credit, expression
):
    rows = credited(lambda n: invoice.format(n) if n % 10 else credit.format(25000000 + n - 6))
    found = drafted(tmp_path, {"currency": "EUR", "sales.period": "one_off"}, sales=rows)
    assert read(found, "credit_notes.invoice_id") == expression


@pytest.mark.parametrize("other", [0, 5], ids=["its own number", "another customer's"])
def test_given_a_text_with_a_number_that_is_not_credited_when_drafted_then_it_names_nothing(tmp_path, other):
    rows = credited(lambda n: "" if n % 10 else f"Facture {(25000000 if other else 25900000) + n - other}")
    found = drafted(tmp_path, {"currency": "EUR", "sales.period": "one_off"}, sales=rows)
    assert not [one for stream in found.streams for one in stream.emissions if one.entity == "credit_notes"]


# --- credits in a table of their own, that name no invoice


def test_given_credits_that_name_no_invoice_when_drafted_then_neither_their_period_nor_their_status_is_asked(tmp_path):
    given = {"currency": "EUR", "invoices.period": "one_off", "credits.credits": "subtract", "invoices.credits": "add"}
    credits = [row | {"Invoice number": f"C{n}", "Paid": ""} for n, row in enumerate(documents()[:6])]
    credits = [{("Status" if key == "Paid" else key): value or "Used" for key, value in row.items()} for row in credits]
    found = drafted(tmp_path, given, invoices=documents(), credits=credits)
    assert not asked(found)
    assert read(found, "invoice_lines.type", "credits") == "'one_off'"
    assert "subtract(`0`" in str(read(found, "invoices.amount", "credits"))
    assert read(found, "invoices.id", "credits") == "Invoice number"


def test_given_credits_with_the_numbers_of_invoices_when_drafted_then_their_ids_are_marked(tmp_path):
    credits = [row | {"Invoice number": str(25000000 + 7 * n)} for n, row in enumerate(documents()[:9], 1)]
    found = drafted(tmp_path, {"currency": "EUR"}, invoices=documents(), credits=credits)
    assert read(found, "invoices.id", "credits") == "concat('-', 'credits', \"Invoice number\")"


# --- what isn't asked


def test_given_two_prices_beside_an_amount_when_drafted_then_none_is_asked_about(tmp_path):
    rows = documents(Price=lambda n: f"{n}.10", Prix=lambda n: f"{n}.20")
    assert "sales.unit_price" not in asked(drafted(tmp_path, sales=rows))


def test_given_a_cost_beside_a_price_when_drafted_then_the_price_is_what_was_sold_for(tmp_path):
    rows = documents(UNITCOST=lambda n: f"{n}.10", UNITPRCE=lambda n: f"{n}.20", Qty="2")
    rows = [{key: value for key, value in row.items() if key != "Net amount"} for row in rows]
    found = drafted(tmp_path, sales=rows)
    (question,) = [one for one in found.questions.open if one.id == "sales.product"]
    assert question.columns == ("Qty", "UNITPRCE")


def test_given_a_flag_of_void_documents_when_drafted_then_they_are_left_out_and_the_others_asked_about(tmp_path):
    rows = documents(VOIDSTTS=lambda n: int(n % 7 == 0))
    rows = [{key: value for key, value in row.items() if key != "Paid"} for row in rows]
    found = drafted(tmp_path, {"currency": "EUR", "sales.period": "one_off", "sales.credits": "add"}, sales=rows)
    assert [(one.id, one.columns) for one in found.questions.open] == [("sales.status", ("VOIDSTTS",))]
    assert made(found, "invoices").skip == {"void": 'lookup(VOIDSTTS, `{"1": true}`, `false`)'}


# --- plans


def contracts() -> dict[str, Rows]:
    """Return subscriptions that name rows of a table of prices, and counters that are such rows' by chance."""
    services = [
        {
            "id": str(n),
            "pricing_id": str(n % 4 + 1),
            "module_row_id": "1",
            "client_id": f"C{n % 9}",
            "start_date": "2025-01-01",
            "status": "active",
        }
        for n in MANY
    ]
    prices = [
        {"id": str(n), "name": f"Plan {n}", "period": "month", "price": f"{n}9.00", "currency": "EUR"}
        for n in range(1, 5)
    ]
    return {"subscriptions": services, "pricings": prices}


def test_given_a_table_of_prices_that_subscriptions_name_when_drafted_then_its_rows_are_plans(tmp_path):
    found = drafted(tmp_path, **contracts())
    assert read(found, "subscriptions.plan_id") == "pricing_id"
    assert (read(found, "plans.id"), read(found, "plans.name"), read(found, "plans.amount")) == ("id", "name", "price")
    assert (read(found, "products.id"), read(found, "plans.product_id")) == ("id", "id")


def test_given_a_table_without_prices_when_drafted_then_its_rows_are_no_plans(tmp_path):
    tables = contracts()
    tables["pricings"] = [{key: row[key] for key in ("id", "name")} for row in tables["pricings"]]
    found = drafted(tmp_path, **tables)
    assert read(found, "subscriptions.plan_id") is None


def test_given_the_letters_of_a_table_that_mean_something_when_headings_are_riddles_with_them_then_they_go():
    headings = ["CODFAC", "FECFAC", "ESTFAC", "CLIFAC", "TOTFAC"]
    assert [concepts_of(one) for one in without_shared(headings, "F_FAC")[1:3]] == [{"date", "invoice"}, {"status"}]
