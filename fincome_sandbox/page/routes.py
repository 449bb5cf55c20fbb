"""The page's routes: each finds what it shows in the books, the store and the log, and hands it to a template."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, TypeAlias
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from fincome_sandbox.contract import Contract
from fincome_sandbox.figures import parts_of
from fincome_sandbox.page import customers, overview, quality, requests, revenue_view
from fincome_sandbox.page.books import Books
from fincome_sandbox.page.log import OUTCOMES, Choice
from fincome_sandbox.page.quality import money
from fincome_sandbox.page.reports import Reports
from fincome_sandbox.page.static import static_file
from fincome_sandbox.request_log import CONTROL_PATH
from fincome_sandbox.store import Store

PAGE_PATH = CONTROL_PATH + "/page"
Text: TypeAlias = Annotated[str, Query(max_length=1000)]
Page: TypeAlias = Annotated[int, Query(ge=1, le=10**6)]

_HEADERS = {
    # Nothing but this page's own files, no inline script: what a record holds can't become one.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page_routes(contract: Contract, store: Store) -> APIRouter:
    """The router of the page. Its handlers are coroutines: they share the store's one thread."""
    router = APIRouter(prefix=PAGE_PATH)
    books = Books.of(contract, store)
    reports = Reports(books)
    show = _Renderer(books)

    @router.get("")
    async def overview_page() -> Response:
        return show("overview.html", "overview", overview.content(contract, books, reports))

    @router.get("/revenue")
    async def revenue_page(currency: Text = "", end: Text = "") -> Response:
        return show("revenue.html", "revenue", revenue_view.content(reports.revenue, currency, end))

    @router.get("/customers")
    async def customers_page(search: Text = "", page: Page = 1) -> Response:
        return show("customers.html", "customers", customers.all_of(books, reports, search, page))

    @router.get("/customers/one")
    async def customer_page(id: Text, page: Page = 1, requests_page: Page = 1) -> Response:
        content = customers.one(contract, store, books, reports, id, page, requests_page)
        if content is None:
            return show("missing.html", "customers", {"what": "customer", "id": id}, 404)
        return show("customer.html", "customers", content)

    @router.get("/requests")
    async def requests_page(outcome: Text = "", entity: Text = "", id: Text = "", page: Page = 1) -> Response:
        if outcome not in OUTCOMES or (entity and entity not in contract.entities):
            raise HTTPException(422, "Unknown outcome or entity")
        choice = Choice(outcome, entity, id)  # type: ignore[arg-type]
        return show("requests.html", "requests", requests.some(contract, store, choice, page))

    @router.get("/requests/{number:int}")
    async def request_page(number: int) -> Response:
        content = requests.one(store, books, number)
        if content is None:
            return show("missing.html", "requests", {"what": "request", "id": number}, 404)
        return show("request.html", "requests", content)

    @router.get("/quality")
    async def quality_page(check: Text = "", page: Page = 1) -> Response:
        if check and check not in {one.name for one in quality.CHECKS}:
            raise HTTPException(422, "Unknown check")
        return show("quality.html", "quality", reports.quality_content(check, page))

    @router.get("/revision")
    async def revision() -> dict[str, int]:
        return {"revision": books.seen}

    @router.get("/static/{name}")
    async def static(request: Request, name: str) -> Response:
        return static_file(name, request.headers.get("if-none-match"))

    return router


class _Renderer:
    """Templates with what all pages share. Everything that is shown is escaped."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._templates = Environment(
            loader=PackageLoader("fincome_sandbox.page"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {"money": money, "amount": amount, "words": words}
        self._templates.filters |= {"number": "{:,}".format, "counted": overview.counted}
        self._templates.globals |= {"root": PAGE_PATH, "link": link}

    def __call__(self, template: str, section: str, content: Mapping[str, object], status: int = 200) -> Response:
        shared = {"section": section, "revision": self._books.seen}
        text = self._templates.get_template(template).render({**content, **shared})
        return HTMLResponse(text, status, headers=_HEADERS)


def link(path: str, parameters: Mapping[str, Any] | None = None, **more: object) -> str:
    """An address within the page; empty parameters are left out."""
    given = {name: value for name, value in {**(parameters or {}), **more}.items() if value not in ("", None)}
    return PAGE_PATH + path + (f"?{urlencode(given)}" if given else "")


def amount(value: Decimal | int, currency: str) -> str:
    """An amount of an object, as money."""
    return money(parts_of(value), currency)


def words(name: str) -> str:
    """An entity's or a field's name for people: credit_notes are credit notes."""
    return name.replace("_", " ")
