"""The sandbox's page in a real browser, after a real sync."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from fincome_tools.demo.platform import sync
from integration_tests.page.browser import NARROW, SCREENSHOTS, SECTIONS, WIDE, opened
from integration_tests.page.conftest import Sandbox

AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser) as shown:
        yield shown


def number(text: str) -> Decimal:
    """The number that a cell begins with."""
    found = re.match(r"\s*(−?)([\d,]+(?:\.\d+)?)", text)
    assert found, text
    value = Decimal(found[2].replace(",", ""))
    return -value if found[1] else value


def figures(page: Page, key: str) -> dict[str, list[Decimal]]:
    """The table beside a chart: numbers by month. It is opened, as somebody would."""
    details = page.locator(f"#{key}-table")
    details.locator("summary").click()
    rows = details.locator("tbody tr").all()
    return {
        row.locator("th").inner_text(): [number(one) for one in row.locator("td").all_inner_texts()] for row in rows
    }


def texts(rows: Locator) -> list[str]:
    return [one.strip() for one in rows.all_inner_texts()]


def test_the_overview_has_the_stores_numbers(page: Page, synced: Sandbox) -> None:
    summary = synced.control("summary")
    page.goto(synced.page())
    for entity, count in summary["objects"].items():
        row = page.get_by_role("row").filter(has=page.locator(f'[data-count="{entity}"]'))
        cells = [number(one) for one in row.locator("td").all_inner_texts()[:4]]
        changed, updated = summary["changed"][entity], summary["updated"][entity]
        assert cells == [count, summary["created"][entity], changed, updated - changed]
    assert f"{summary['requests']['total']:,} requests" in page.locator("#live-sub").inner_text()
    assert summary["orphans"] == 0
    expect(page.get_by_text("everything is linked")).to_be_visible()


def test_revenue_is_that_of_the_control_route_and_adds_up(page: Page, synced: Sandbox) -> None:
    account = synced.control("figures")
    assert len(account["currencies"]) > 1
    for currency, expected in account["currencies"].items():
        page.goto(synced.page(f"/revenue?currency={currency}"))
        assert number(page.locator('[data-figure="mrr"]').inner_text()) == Decimal(expected["mrr"])
        of_month = figures(page, "mrr")
        assert next(iter(of_month.values())) == [Decimal(expected["mrr"])]
        documents = figures(page, "invoiced").values()
        assert sum(row[0] for row in documents) == Decimal(expected["invoiced_net"])
        assert sum(row[1] for row in documents) == Decimal(expected["credited"])


def test_months_are_those_of_the_control_route_and_movements_explain_them(page: Page, synced: Sandbox) -> None:
    page.goto(synced.page("/revenue?currency=EUR"))
    months = list(reversed(figures(page, "movements").items()))
    assert len(months) == 12
    before = Decimal(0)
    for place, (name, (*kinds, net, mrr)) in enumerate(months):
        told = synced.control(f"figures?month=2025-{place + 1:02d}")["currencies"]["EUR"]["mrr"]
        assert (name.endswith(" 2025"), mrr) == (True, Decimal(told))
        # Each number is rounded to a cent by itself.
        assert abs(sum(kinds) - net) <= Decimal("0.03")
        assert abs(net - (mrr - before)) <= Decimal("0.01")
        before = mrr
    totals = [sum(kinds) for kinds in zip(*(row[:5] for _, row in months), strict=True)]
    assert all(total > 0 for total in totals[:2])
    assert all(total < 0 for total in totals[4:])


def test_search_finds_and_a_customer_is_shown_whole(page: Page, synced: Sandbox) -> None:
    invoices = synced.control("objects/invoices?limit=100000")["objects"]
    wanted = max(synced.control("objects/customers")["objects"], key=lambda one: len(owned(invoices, one["id"])))
    page.goto(synced.page("/customers"))
    page.get_by_label("Name, e-mail address or id").fill(wanted["name"].upper())
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name=wanted["name"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(wanted["name"])
    own = owned(invoices, wanted["id"])
    lines = synced.control("objects/invoice_lines?limit=100000")["objects"]
    of_them = [line for line in lines if line["invoice_id"] in {one["id"] for one in own}]
    assert card(page, "Invoices") == f"{len(own)} {len(of_them)} lines"
    shown = {number(one) for one in page.locator(".invoices .of td.n").all_inner_texts()}
    assert shown <= {Decimal(one["amount"]) for one in own}
    assert len(page.locator(".invoices .of").all()) == min(20, len(own))
    paths = texts(page.locator("table.log tbody td:nth-child(4)"))
    assert paths[0] == "/product/clients"
    assert set(paths) >= {"/product/clients", "/product/invoices", "/product/invoice_lines"}
    numbers = [number(one) for one in page.locator("table.log tbody td:first-child").all_inner_texts()]
    assert numbers == sorted(numbers)

    page.goto(synced.page("/customers?search=nobody%20at%20all"))
    expect(page.get_by_text("No customer has “nobody at all”")).to_be_visible()


def owned(invoices: list[dict[str, object]], customer: str) -> list[dict[str, object]]:
    return [one for one in invoices if one["customer_id"] == customer]


def card(page: Page, title: str) -> str:
    shown = page.locator(".cards > div").filter(has=page.get_by_text(title, exact=True))
    return " ".join(shown.locator("dd").all_inner_texts())


def test_filters_filter_and_bodies_are_shown_on_demand(page: Page, empty: Sandbox) -> None:
    assert empty.call("POST", "/clients", {"id": "ada", "name": "Ada"}) == 201
    assert empty.call("POST", "/clients", {"id": "bob", "email": "bob@example.com"}) == 422
    assert empty.call("POST", "/products", {"id": "p", "name": "P"}) == 201
    assert empty.call("POST", "/plans", {"id": "x", "name": "X", "product_id": "gone"}) == 422
    page.goto(empty.page("/requests"))
    expect(page.locator("table.log tbody tr")).to_have_count(4)
    page.get_by_label("Outcome").select_option("Refused")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("table.log caption")).to_have_text("2 requests, the newest first")
    assert texts(page.locator("table.log tbody td:nth-child(5)")) == ["x", "bob"]
    page.get_by_label("Kind").select_option("Customers")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("table.log tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Body of request 2").click()
    expect(page.locator("pre").first).to_have_text('{\n  "id": "bob",\n  "email": "bob@example.com"\n}')
    expect(page.locator("pre").last).to_contain_text('"Field required"')
    page.goto(empty.page())
    refusals = page.locator("#live-refusals tbody tr")
    assert sorted(texts(refusals.locator("td:nth-child(3)"))) == [
        "Customers: name: Field required",
        "Plans: product_id: Product not found",
    ]
    page.get_by_role("link", name="Look at them").first.click()
    expect(page.locator("table.log tbody tr")).to_have_count(2)


def test_quality_names_what_looks_wrong(page: Page, empty: Sandbox) -> None:
    for verb, path, body in (
        ("POST", "/clients", {"id": "ada", "name": "Ada", "email": "a@example.com"}),
        ("POST", "/clients", {"id": "eve", "name": "Eve", "email": "A@example.com"}),
        ("PATCH", "/clients/eve", {"name": "Eva"}),
        ("POST", "/invoices", invoice("bare", 10)),
        ("POST", "/invoices", invoice("apart", 10)),
        ("POST", "/invoice_lines", one_off("l1", "apart", 7)),
    ):
        assert empty.call(verb, path, body) in (201, 202)
    page.goto(empty.page("/quality"))
    checks = texts(page.locator(".checks a"))
    found = {re.sub(r"^[\d,]+\s*", "", one): number(one) for one in checks}
    assert found == {
        "References that lead nowhere": 0,
        "Periods billed twice": 0,
        "Invoices without lines": 1,
        "Sums that differ": 1,
        "Same id, other attributes": 1,
        "Customers that may be one": 1,
    }
    page.get_by_role("link", name="Sums that differ").click()
    expect(page.locator("tbody tr")).to_contain_text("amount 10.00, its lines 7.00 EUR: −3.00 apart")
    page.get_by_role("link", name="Customer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada")


def invoice(id_: str, amount: int) -> dict[str, object]:
    rest = {"date": "2026-01-05", "status": "paid", "currency": "EUR", "amount": amount}
    return {"id": id_, "customer_id": "ada", **rest}


def one_off(id_: str, of: str, amount: int) -> dict[str, object]:
    rest = {"type": "one_off", "currency": "EUR", "amount_excluding_tax_after_discount": amount}
    return {"id": id_, "invoice_id": of, **rest}


def test_it_follows_a_sync(page: Page, empty: Sandbox, example: Path, tmp_path: Path) -> None:
    page.goto(empty.page())
    count = page.locator('[data-count="invoices"]')
    expect(count).to_have_text("0")
    page.evaluate("window.notReloaded = true")
    exits: list[int | None] = []
    running = threading.Thread(target=lambda: exits.append(sync(example, empty.access, tmp_path).seen.exit_code))
    running.start()
    try:
        expect(count).not_to_have_text("0", timeout=60_000)
        meanwhile = number(count.inner_text())
    finally:
        running.join()
    total = empty.control("summary")["objects"]["invoices"]
    assert exits == [0]
    expect(count).to_have_text(f"{total:,}")
    assert 0 < meanwhile <= total
    assert page.evaluate("window.notReloaded")
    expect(page.get_by_role("status")).to_have_text("The figures on this page were updated.")


HOSTILE = [
    "<script>window.hacked = 1</script>",
    '"><img src=x onerror="window.hacked = 1">',
    "</title></svg></pre><svg onload='window.hacked = 1'>",
    "{{ 7 * 7 }}{% raw %}&lt;b&gt; ${7 * 7}",
    "../../a/b?c=d#e&f=%2e%2e",
]


def test_hostile_names_are_only_text(page: Page, empty: Sandbox) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for name in HOSTILE:
        customer = {"id": name, "name": name, "email": name, "zip_code": name, "custom_properties": {name: name}}
        bill = {**invoice(name, 1), "customer_id": name, "number": name}
        assert empty.call("POST", "/clients", customer) == 201
        assert empty.call("POST", "/invoices", bill) == 201
        assert empty.call("POST", "/invoice_lines", {**one_off(name, name, 2), "description": name}) == 201
        assert empty.call("POST", "/clients", {"id": "x", name: name}) == 422
    numbered = [f"/requests/{number}" for number in range(1, 4 * len(HOSTILE) + 1)]
    for path in (*SECTIONS.values(), "/quality?check=sums", *numbered):
        answer = page.goto(empty.page(path))
        assert answer is not None
        assert answer.ok
        assert (page.locator("img").count(), page.locator("script").count()) == (1, 1)
    for name in HOSTILE:
        page.goto(empty.page("/customers"))
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name, use_inner_text=True)
        expect(page.locator("dl.facts").last).to_contain_text(name)
        assert (page.locator("img").count(), page.locator("script").count()) == (1, 1)
    assert page.evaluate("window.hacked") is None
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_everybody_can_read_it(browser: Browser, synced: Sandbox, scheme: str, width: int) -> None:
    folder = SCREENSHOTS / f"{'wide' if width == WIDE else 'narrow'}-{scheme}"
    with opened(browser, width=width, scheme=scheme) as page:
        hosts: set[str] = set()
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        for name, path in {**SECTIONS, "customer": "/customers", "request": "/requests/1"}.items():
            page.goto(synced.page(path))
            if name == "customer":
                page.locator("tbody a").first.click()
                expect(page.locator("#made")).to_be_visible()
            expect(page.get_by_role("note")).to_contain_text("This is not Fincome.")
            page.screenshot(path=folder / f"{name}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert page.evaluate(AUDIT) == [], name
        light = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(246, 247, 249)"
        assert light is (scheme == "light")
        assert hosts == {urlsplit(synced.page()).netloc}


def test_the_keyboard_reaches_the_content_first(page: Page, synced: Sandbox) -> None:
    page.goto(synced.page("/revenue"))
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="All, in EUR")).to_be_focused()
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(outline) == "solid"


def test_it_works_without_script(browser: Browser, synced: Sandbox) -> None:
    with opened(browser, script=False) as page:
        page.goto(synced.page("/customers"))
        page.get_by_role("button", name="Search").click()
        expect(page.locator("tbody tr").first).to_be_visible()
