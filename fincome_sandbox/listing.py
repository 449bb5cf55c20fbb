"""Lists of an entity's objects, page by page, in the way that a contract says. There is none by default.

Objects come in the order of their ids.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fincome_sandbox.exact_json import write

PAGES = ("number", "offset", "cursor", "last_id", "link")
NONE = "none"
# What answers of these ways hold beside the list, if the contract doesn't say where it is.
_ENVELOPE = "data"
_PARAMETERS = {
    "number": "page",
    "offset": "offset",
    "cursor": "cursor",
    "last_id": "starting_after",
    "link": "page",
}


class NoSuchPage(ValueError):
    """A query parameter has a value that no page has."""

    def __init__(self, parameter: str) -> None:
        super().__init__(parameter)
        self.parameter = parameter


@dataclass(frozen=True)
class Part:
    """Which objects a page has: those after an id, or after so many; one more is fetched, to know if there are more."""

    after: str | None
    offset: int
    size: int


@dataclass(frozen=True)
class Listing:
    """The list of one entity; see docs/contract.md, "Lists"."""

    pages: str
    path: str
    parameter: str
    first: int
    size: int
    size_parameter: str | None
    items: str | None
    next: str | None
    more: str | None
    omits_empty: bool

    def path_of(self, entity_path: str) -> str:
        """The template with the entity's path filled in."""
        return self.path.replace("{path}/", entity_path.rstrip("/") + "/").replace("{path}", entity_path)

    def part(self, query: Mapping[str, str]) -> Part:
        """What a query asks for; a page has no more objects than the contract says.

        Raises:
            NoSuchPage: it asks for what can't be.
        """
        size = self.size
        if self.size_parameter is not None and self.size_parameter in query:
            size = min(size, _whole(query, self.size_parameter, 1))
        place = query.get(self.parameter)
        if place is None:
            return Part(None, 0, size)
        if self.pages in ("number", "link"):
            return Part(None, (_whole(query, self.parameter, self.first) - self.first) * size, size)
        if self.pages == "offset":
            return Part(None, _whole(query, self.parameter, 0), size)
        return Part(place if self.pages == "last_id" else _opened(place, self.parameter), 0, size)

    def answer(self, part: Part, ids: list[str], objects: list[str], address: str) -> tuple[str, str | None]:
        """The JSON text of a page, and the header `Link`, if there is to be one.

        Args:
            ids: of the objects that were fetched.
            objects: those of them that are shown, as JSON text.
            address: of the list, without a query.
        """
        more = len(ids) > part.size
        link = self._link(part, address) if self.pages == "link" and more else None
        envelope: dict[str, Any] = {}
        if self.more is not None:
            _put(envelope, self.more, more)
        if self.pages == "cursor" or (self.pages == "link" and self.next is not None):
            cursor = base64.urlsafe_b64encode(ids[part.size - 1].encode()).decode() if more else None
            _put(envelope, self.next or "next_cursor", cursor if self.pages == "cursor" else link)
        listed = f"[{', '.join(objects)}]"
        if self.items is None and not envelope:
            return listed, link
        _put(envelope, self.items or _ENVELOPE, _MARK)
        return write(envelope).replace(f'"{_MARK}"', listed, 1), link if self.next is None else None

    def _link(self, part: Part, address: str) -> str:
        query = {self.parameter: self.first + part.offset // part.size + 1}
        sized = {self.size_parameter: part.size} if self.size_parameter else {}
        return f"{address}?{urlencode({**sized, **query})}"


# Stands in an envelope for the list.
_MARK = "the list itself"


def listing_of(facts: Mapping[str, Any]) -> Listing | None:
    """The list that a contract's facts describe; None if there is none."""
    pages = facts.get("pages", NONE)
    if pages == NONE:
        return None
    size_parameter = facts.get("size_parameter", NONE)
    return Listing(
        pages=pages,
        path=facts["path"],
        parameter=facts.get("parameter", _PARAMETERS[pages]),
        first=facts.get("first", 1),
        size=facts.get("size", 100),
        size_parameter=None if size_parameter == NONE else size_parameter,
        items=facts.get("items"),
        next=facts.get("next"),
        more=facts.get("more"),
        omits_empty=facts.get("omits_empty", False),
    )


def _whole(query: Mapping[str, str], name: str, least: int) -> int:
    try:
        number = int(query[name])
    except ValueError:
        raise NoSuchPage(name) from None
    if number < least:
        raise NoSuchPage(name)
    return number


def _opened(cursor: str, parameter: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor).decode()
    except (binascii.Error, ValueError):
        raise NoSuchPage(parameter) from None


def _put(envelope: dict[str, Any], place: str, value: Any) -> None:
    *above, last = place.split(".")
    for name in above:
        envelope = envelope.setdefault(name, {})
    envelope[last] = value
