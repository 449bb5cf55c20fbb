"""The page's parts without a browser: quality, charts, bodies in the log, who may look."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import requests

from fincome_sandbox.contract import load_contract
from fincome_sandbox.exact_json import write
from fincome_sandbox.figures import PARTS
from fincome_sandbox.page.books import Books
from fincome_sandbox.page.charts import Values, grouped, short, stacked
from fincome_sandbox.page.paging import Paging
from fincome_sandbox.page.quality import CHECKS, money
from fincome_sandbox.page.requests import pretty
from fincome_sandbox.store import LONGEST_BODY, Request, Store
from unit_tests.sandbox.processes import Sandbox

CONTRACT = load_contract()


def findings(books: Books, name: str) -> list[tuple[str, str, str]]:
    check = next(one for one in CHECKS if one.name == name)
    return [(one.entity, one.id, one.customer) for one in check.find(books)]


def books(*objects: tuple[str, dict[str, object]]) -> Books:
    kept = Books(CONTRACT)
    for entity, body in objects:
        kept.written(entity, str(body["id"]), write(body))
    return kept


def period(
    id_: str, start: str, end: str, amount: int = 30, price: str = "p", invoice: str = ""
) -> tuple[str, dict[str, object]]:
    return "invoice_lines", {
        "id": id_,
        "invoice_id": invoice or f"i-{id_}",
        "subscription_id": "s",
        "price_id": price,
        "type": "subscription",
        "currency": "EUR",
        "amount_excluding_tax_after_discount": amount,
        "period_start": start,
        "period_end": end,
    }


FIRST = period("a", "2026-01-01", "2026-02-01")
SECOND = period("b", "2026-01-20", "2026-02-20")


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([FIRST, SECOND], ["b"]),
        ([FIRST, period("b", "2026-02-01", "2026-03-01")], []),
        ([FIRST, period("b", "2026-01-20", "2026-02-20", price="other")], []),
        ([FIRST, period("b", "2026-01-20", "2026-02-20", invoice="i-a")], []),  # two of it on one invoice
        ([FIRST, SECOND, period("c", "2026-01-20", "2026-02-01", amount=-12)], []),  # given back
        ([FIRST, SECOND, period("c", "2026-01-25", "2026-02-01", amount=-7)], ["b"]),  # not all of it
        ([FIRST, period("b", "2026-01-20", "2026-02-20", amount=0)], []),
        # The first is longer than the two that lie within it.
        ([period("y", "2026-01-01", "2027-01-01", 360), period("m", "2026-03-01", "2026-04-01"),
          period("n", "2026-05-01", "2026-06-01")], ["m", "n"]),
    ],
)  # fmt: skip
def test_periods_billed_twice(lines: list[tuple[str, dict[str, object]]], found: list[str]) -> None:
    owner = ("subscriptions", {"id": "s", "customer_id": "ada"})
    assert findings(books(owner, *lines), "overlaps") == [("invoice_lines", one, "ada") for one in found]


def test_references_that_lead_nowhere_are_found_in_lines_too() -> None:
    kept = books(
        ("invoices", {"id": "i", "customer_id": "gone"}),
        ("credit_notes", {"id": "n", "invoice_id": "i", "lines": [{"invoice_line_id": "gone"}]}),
    )
    assert [one[:2] for one in findings(kept, "orphans")] == [("invoices", "i"), ("credit_notes", "n")]
    kept.written("customers", "gone", '{"id": "gone"}')
    assert [one[:2] for one in findings(kept, "orphans")] == [("credit_notes", "n")]


@pytest.mark.parametrize(
    ("amount", "lines", "differs"), [(10, [4, 6], False), (10, [4], True), (10, [], False), (-3, [-3], False)]
)
def test_sums_that_differ(amount: int, lines: list[int], differs: bool) -> None:
    kept = books(("invoices", {"id": "i", "customer_id": "ada", "currency": "EUR", "amount": amount}))
    for number, one in enumerate(lines):
        kept.written("invoice_lines", str(number), write(period(str(number), "", "", one, invoice="i")[1]))
    assert findings(kept, "sums") == ([("invoices", "i", "ada")] if differs else [])
    assert findings(kept, "without-lines") == ([] if lines else [("invoices", "i", "ada")])


def test_a_credit_notes_lines_are_less_their_discounts() -> None:
    note = {"id": "n", "currency": "EUR", "amount": 75, "lines": [{"amount": 100, "discount_amount": 25}]}
    assert findings(books(("credit_notes", note)), "sums") == []
    assert findings(books(("credit_notes", {**note, "amount": 100})), "sums") == [("credit_notes", "n", "")]


@pytest.mark.parametrize(
    ("parts", "currency", "text"),
    [
        (123456789 * PARTS, "EUR", "123,456,789.00"),
        (-PARTS // 2, "EUR", "−0.50"),
        (-PARTS // 1000, "EUR", "0.00"),
        (1234 * PARTS, "JPY", "1,234"),
        (0, "KWD", "0.000"),
    ],
)
def test_money_is_written_for_people(parts: int, currency: str, text: str) -> None:
    assert money(parts, currency) == text


def test_stacked_bars_stand_on_each_other_and_losses_hang_below_zero() -> None:
    values = [Values("gained", "a", [30, 0]), Values("more", "b", [10, 5]), Values("lost", "c", [-20, 0])]
    chart = stacked("T", ["Jan", "Feb"], values, "D", "EUR")
    gained, more, lost, february = chart.bars
    assert [one.title for one in chart.bars] == ["Jan: gained 30 EUR", "Jan: more 10 EUR", "Jan: lost -20 EUR",
                                                 "Feb: more 5 EUR"]  # fmt: skip
    assert gained.y + gained.height == pytest.approx(chart.zero, abs=0.02)
    assert more.y + more.height == pytest.approx(gained.y, abs=0.02)
    assert lost.y == chart.zero
    assert gained.height == pytest.approx(3 * more.height, abs=0.05)
    assert february.x > gained.x
    assert [one.text for one in chart.grid] == ["-20", "0", "20", "40"]


def test_grouped_bars_stand_beside_each_other() -> None:
    chart = grouped("T", ["Jan"], [Values("one", "a", [4]), Values("two", "b", [2])], "D")
    one, two = chart.bars
    assert one.x + one.width <= two.x
    assert one.height == pytest.approx(2 * two.height, abs=0.02)


@pytest.mark.parametrize("numbers", [[0.0], [1e-9], [-5.0], [1e18, -1e18]])
def test_a_chart_of_any_numbers_stays_in_its_frame(numbers: list[float]) -> None:
    chart = stacked("T", [str(at) for at in range(len(numbers))], [Values("n", "a", numbers)], "D")
    assert all(0 <= bar.y <= bar.y + bar.height <= chart.height for bar in chart.bars)
    assert all(0 <= line.y <= chart.height for line in chart.grid)


@pytest.mark.parametrize(
    ("number", "text"), [(2500, "2.5k"), (0, "0"), (-40_000, "-40k"), (1.2e9, "1.2bn"), (0.5, "0.5")]
)
def test_numbers_of_an_axis_are_short(number: float, text: str) -> None:
    assert short(number) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            '{"a": 12.50, "b": [1E+400, {}], "é": null}',
            '{\n  "a": 12.50,\n  "b": [\n    1E+400,\n    {}\n  ],\n  "é": null\n}',
        ),
        ("not JSON", "not JSON"),
        ("[" * 5000 + "]" * 5000, "[" * 5000 + "]" * 5000),
    ],
)
def test_a_body_is_shown_with_its_own_digits(text: str, shown: str) -> None:
    assert pretty(text) == shown


def test_pages_of_a_list() -> None:
    last = Paging(page=3, size=50, total=101)
    assert (last.pages, last.offset, last.first, last.last) == (3, 100, 101, 101)
    beyond = Paging(page=4, size=50, total=101)
    assert (beyond.first, Paging(1, 50, 0).pages, Paging(1, 50, 0).first) == (0, 1, 0)


def test_books_are_the_same_when_they_are_read_from_the_file(tmp_path: Path) -> None:
    store = Store(tmp_path / "store", durable=False)
    live = Books.of(CONTRACT, store)
    store.put("customers", "ada", '{"id": "ada", "name": "Ada"}')
    for at, (effect, status) in enumerate([("created", 201), ("changed", 202), (None, 422)]):
        body = b"x" * (LONGEST_BODY + 1)
        time = f"2026-01-01T00:00:0{at}.000Z"
        store.log(Request(time, "POST", "/p", "customers", "ada", status, 1.0, effect, None, body, "{}"))
    read = Books.of(CONTRACT, store)
    assert (read.customers, read.effects, read.rewritten) == (live.customers, live.effects, live.rewritten)
    assert (read.refusals, read.seconds, read.seen) == (live.refusals, live.seconds, live.seen)
    kept = store.body(1)
    assert kept is not None
    assert len(kept[0]) == LONGEST_BODY
    store.close()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("", 200),
        ("/revenue?currency=XXX&end=2026-99", 200),
        ("/customers?page=999999", 200),
        ("/customers?page=0", 422),
        ("/customers/one?id=nobody", 404),
        ("/requests?outcome=other", 422),
        ("/requests/99999999999999999999", 404),
        ("/quality?check=other", 422),
        ("/static/page.css", 200),
        ("/static/..%2Froutes.py", 404),
        ("/elsewhere", 404),
    ],
)
def test_every_address_has_an_answer(sandbox: Sandbox, path: str, status: int) -> None:
    answer = requests.get(f"{sandbox.root}/_sandbox/page{path}", timeout=10)
    assert answer.status_code == status
    if answer.headers["content-type"].startswith("text/html"):
        assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["page", "page/revenue", "summary", "objects/customers"])
@pytest.mark.parametrize(
    ("host", "status"), [("localhost:1", 200), ("127.0.0.1", 200), ("[::1]:80", 200), ("evil.example", 403)]
)
def test_only_this_machines_names_are_answered(sandbox: Sandbox, path: str, host: str, status: int) -> None:
    answer = requests.get(f"{sandbox.root}/_sandbox/{path}", headers={"Host": host}, timeout=10)
    assert answer.status_code == status


@pytest.mark.parametrize(("host", "status"), [("host.docker.internal:8321", 201), ("evil.example", 403)])
def test_the_api_answers_only_to_this_machines_names(sandbox: Sandbox, host: str, status: int) -> None:
    headers = {**sandbox.headers, "Host": host}
    answer = sandbox.call("POST", "/clients", {"id": f"from {host}", "name": "Roe"}, headers=headers)
    assert answer.status_code == status


def test_no_template_switches_escaping_off() -> None:
    folder = Path(__file__).parents[2] / "fincome_sandbox" / "page"
    templates = sorted((folder / "templates").glob("*.html"))
    assert len(templates) > 5
    for template in templates:
        text = template.read_text(encoding="utf-8")
        assert "|safe" not in text.replace(" ", "")
        assert "autoescape" not in text
        assert "http://" not in text
        assert "https://" not in text
    for module in folder.glob("*.py"):
        names = {
            node.id for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, ast.Name)
        }
        assert "Markup" not in names
