"""How the objects of an entity are listed, page by page, in whichever of the usual ways (docs/contract.md, "Lists")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args
from urllib.parse import quote, urlencode

Pages = Literal["number", "offset", "cursor", "last_id", "link"]
"""How the next page is asked for: by its number; by how many objects were shown before it; by a text that the page
before it holds (`cursor`); by the last id of that page; by a link that it holds."""

NO_PAGES = "none"
PARAMETERS: Mapping[Pages, str] = {
    "number": "page",
    "offset": "offset",
    "cursor": "cursor",
    "last_id": "starting_after",
    "link": "",
}
"""What the query parameter is called by default that says which page."""


class Page(NamedTuple):
    """One page of a list.

    Attributes:
        number: how many pages there are before it.
        offset: how many objects they had.
        after: the cursor, the last id, or the query of the link that leads to it; empty for the first page.
        width: how many objects the first page had.
    """

    number: int = 0
    offset: int = 0
    after: str = ""
    width: int = 0


FIRST_PAGE = Page()


@dataclass(frozen=True)
class Listing:
    """The list of an entity.

    Attributes:
        path: `{path}` is the entity's path.
        parameter: name of the query parameter that says which page.
        first: the number of the first page.
        size: how many objects a page has.
        size_parameter: name of the query parameter that says so; None if there is none.
        items: where the answer has the list; None for itself, or an envelope of the usual kind.
        next: where the answer has the next page's cursor or link; None of a link for the header `Link`.
        more: where the answer says whether there is another page.
        query: further query parameters, as they stand in an address.
        omits_empty: a field that isn't shown has no value; else that proves nothing.
    """

    pages: Pages
    path: str = "{path}"
    parameter: str = ""
    first: int = 1
    size: int = 100
    size_parameter: str | None = None
    items: str | None = None
    next: str | None = None
    more: str | None = None
    query: str = ""
    omits_empty: bool = False

    def query_of(self, page: Page) -> str:
        """Return the query that asks for a page."""
        if self.pages == "link" and page.after:
            return page.after
        parameters = [(self.size_parameter, str(self.size))] if self.size_parameter else []
        place = {"number": str(self.first + page.number), "offset": str(page.offset)}.get(self.pages, page.after)
        if place and self.pages != "link":
            parameters.append((self.parameter, place))
        return "&".join(part for part in (self.query, urlencode(parameters, quote_via=quote)) if part)


def listing_of(facts: Mapping[str, Any]) -> Listing | None:
    """Make a listing of what a contract says of it; None if it has none."""
    pages = facts.get("pages", NO_PAGES)
    if pages not in get_args(Pages):
        return None
    size_parameter = facts.get("size_parameter", NO_PAGES)
    return Listing(
        pages=pages,
        path=facts.get("path", "{path}"),
        parameter=facts.get("parameter", PARAMETERS[pages]),
        first=facts.get("first", 1),
        size=facts.get("size", 100),
        size_parameter=None if size_parameter == NO_PAGES else size_parameter,
        items=facts.get("items"),
        next=facts.get("next"),
        more=facts.get("more"),
        query=facts.get("query", ""),
        omits_empty=facts.get("omits_empty", False),
    )
