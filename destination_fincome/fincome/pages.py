"""Pages of lists, as they are answered: the objects that they show, and the way to the page after them.

What isn't shown may be there all the same: a list proves what it shows, and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from destination_fincome.fincome.listing import Listing, Page
from destination_fincome.fincome.models import encode

NEXT_CURSOR = "next_cursor"
# Where an envelope usually has the list.
_ENVELOPES = ("data", "items", "results", "result", "objects", "records", "rows")
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_REL_NEXT = re.compile(r";\s*rel\s*=\s*\"?[^\";,]*\bnext\b", re.IGNORECASE)


class Listed(NamedTuple):
    """What one page shows.

    Attributes:
        objects: its objects by id, each as JSON: the fields that the contract knows, numbers with exactly their digits.
        entries: how many it has, with those that have no id.
        next: the page after it; None if it is the last one.
    """

    objects: tuple[tuple[str, bytes], ...]
    entries: int
    next: Page | None


def read_page(
    listing: Listing, page: Page, content: bytes, link: str, path: str, fields: Collection[str]
) -> Listed | None:
    """Read what was answered; None if there is no list in it.

    Args:
        page: the one that was asked for.
        link: the answer's header `Link`.
        path: the one that was asked; links may lead nowhere else.
        fields: the names that are kept of the objects.
    """
    try:
        document = json.loads(content, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    items = _items(listing, document, path)
    if items is None:
        return None
    objects = [(str(item["id"]), _kept(item, fields)) for item in items if _has_id(item)]
    return Listed(tuple(objects), len(items), _next(listing, page, document, items, link, path))


def _items(listing: Listing, document: Any, path: str) -> list[Any] | None:
    if listing.items is not None:
        found = _at(document, listing.items)
        return found if isinstance(found, list) else None
    if isinstance(document, list):
        return document
    usual = (*_ENVELOPES, path.rstrip("/").rpartition("/")[2])
    inner = (document.get(name) for name in usual) if isinstance(document, dict) else ()
    envelopes = [document, *inner]
    return next((found for one in envelopes if (found := _unpacked(one, usual)) is not None), None)


def _unpacked(envelope: Any, usual: Sequence[str]) -> list[Any] | None:
    """Return the list in an envelope: under a usual name, or the only one."""
    inner = envelope if isinstance(envelope, dict) else {}
    lists = {name: value for name, value in inner.items() if isinstance(value, list)}
    name = next((name for name in usual if name in lists), None)
    if name is None and len(lists) == 1:
        (name,) = lists
    return lists[name] if name is not None else None


def _next(listing: Listing, page: Page, document: Any, items: Sequence[Any], link: str, path: str) -> Page | None:
    if not items or (listing.more is not None and _at(document, listing.more) in (None, False, 0, "", "false")):
        return None
    after = _after(listing, document, items, link, path)
    is_short = page.number > 0 and len(items) < page.width and listing.pages not in ("cursor", "link")
    if after is None or after == page.after != "" or is_short:
        return None
    return Page(page.number + 1, page.offset + len(items), after, page.width or len(items))


def _after(listing: Listing, document: Any, items: Sequence[Any], link: str, path: str) -> str | None:
    """Return what leads to the next page; None if nothing does."""
    if listing.pages in ("number", "offset"):
        return ""
    if listing.pages == "last_id":
        return str(items[-1]["id"]) if _has_id(items[-1]) else None
    if listing.pages == "link" and listing.next is None:
        return _query_of(_next_link(link), path)
    found = _at(document, listing.next or NEXT_CURSOR)
    if not found or isinstance(found, bool) or not isinstance(found, str | int):
        return None
    return _query_of(found, path) if listing.pages == "link" else str(found)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} isn't JSON")


def _has_id(item: Any) -> bool:
    identity = item.get("id") if isinstance(item, dict) else None
    return isinstance(identity, str | int) and not isinstance(identity, bool) and identity != ""


def _kept(item: Mapping[str, Any], fields: Collection[str]) -> bytes:
    """Return what a list shows of an object, as JSON; nothing, if it can't be written."""
    try:
        return encode({name: value for name, value in item.items() if name in fields})
    except (TypeError, ValueError, RecursionError):
        return b"{}"


def _at(document: Any, place: str) -> Any:
    """Return what stands in an answer at a place such as `meta.next`; None if nothing does."""
    for name in place.split("."):
        document = document.get(name) if isinstance(document, dict) else None
    return document


def _next_link(header: str) -> str | None:
    """Return the target of the link that leads to the next page (RFC 8288)."""
    return next((target for target, parameters in _LINK.findall(header) if _REL_NEXT.search(parameters)), None)


def _query_of(link: Any, path: str) -> str | None:
    """Return the query of a link; None of one to another path than was asked for.

    Only the query is used, so that no key goes to another host: behind a proxy links may name one.
    """
    try:
        parts = urlsplit(link) if isinstance(link, str) else None
    except ValueError:
        return None
    if parts is None or not path.rstrip("/").endswith(parts.path.rstrip("/")):
        return None
    return parts.query or None
