"""How an OpenAPI document says that objects are listed: by its words for parameters and for what answers hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from destination_fincome.fincome.contract import EntitySpec
from destination_fincome.fincome.listing import NO_PAGES, Listing, listing_of
from destination_fincome.fincome.overlay import LARGEST_PAGE
from fincome_tools.contract.openapi import Parameter, Route, Shape

USUAL_SIZE = 100
# The usual words, in lower case and without punctuation.
SIZES = ("limit", "perpage", "pagesize", "size", "maxresults", "top", "take", "count")
NUMBERS = ("page", "pagenumber", "pageindex", "p")
OFFSETS = ("offset", "skip", "startindex", "start")
CURSORS = ("cursor", "pagetoken", "nexttoken", "pagecursor", "after", "pageafter", "continuationtoken")
LAST_IDS = ("startingafter", "afterid", "sinceid", "lastid")
NEXT_CURSORS = (
    "nextcursor",
    "nextpagetoken",
    "nexttoken",
    "nextpage",
    "endcursor",
    "continuationtoken",
    "after",
    "next",
)
NEXT_LINKS = ("next", "nextlink", "nexturl", "nextpageurl", "nextpage")
MORE = ("hasmore", "hasnext", "hasnextpage", "more")
_DEEPEST = 2


def listing_in(route: Route, spec: EntitySpec) -> Mapping[str, Any] | None:
    """Return the facts of a list as the setting `contract` says them; None if it can't be read page by page."""
    found = _items(route.answer)
    if found is None or not _has_ids(found[1], spec):
        return None
    pages = _pages(route)
    if pages is None:
        return None
    sized = _named(route.queries, SIZES)
    facts = {**pages, "size_parameter": sized.name if sized else NO_PAGES, "size": _size(sized)}
    if found[0]:
        facts["items"] = found[0]
    more = _place(route.answer, MORE)
    return {**facts, **({"more": more} if more and pages["pages"] != "cursor" else {})}


def differences(facts: Mapping[str, Any], believed: Listing | None) -> dict[str, Any]:
    """Return those facts that aren't believed."""
    if believed is None:
        return dict(facts)
    known = asdict(believed)
    found = listing_of({"path": believed.path, **facts})
    assert found is not None
    return {name: facts[name] for name, value in asdict(found).items() if name in facts and known[name] != value}


def in_words(facts: Mapping[str, Any]) -> str:
    """Say how objects are listed: "pages by number, of 100"."""
    return f"pages by {facts['pages'].replace('_', ' ')}, of {facts['size']}"


def _pages(route: Route) -> dict[str, Any] | None:
    """Return how the next page is asked for: what can't miss or repeat anything goes before what can."""
    cursor, cursor_at = _named(route.queries, CURSORS), _place(route.answer, NEXT_CURSORS)
    if cursor and cursor_at:
        return {"pages": "cursor", "parameter": cursor.name, "next": cursor_at}
    if last := _named(route.queries, LAST_IDS):
        return {"pages": "last_id", "parameter": last.name}
    if number := _named(route.queries, NUMBERS):
        return {"pages": "number", "parameter": number.name, "first": 0 if _first(number) == 0 else 1}
    if offset := _named(route.queries, OFFSETS):
        return {"pages": "offset", "parameter": offset.name}
    if link_at := _place(route.answer, NEXT_LINKS):
        return {"pages": "link", "next": link_at}
    return {"pages": "link"} if "link" in (name.lower() for name in route.answer_headers) else None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _named(parameters: Iterable[Parameter], names: tuple[str, ...]) -> Parameter | None:
    """Return the parameter that has the first of some names that one has."""
    by_name = {_plain(one.name): one for one in reversed(list(parameters))}
    return next((by_name[name] for name in names if name in by_name), None)


def _first(number: Parameter) -> int:
    return int(number.default if number.default is not None else number.minimum if number.minimum is not None else 1)


def _size(sized: Parameter | None) -> int:
    """Return the largest page that there is, as far as the document says."""
    if sized is None or (sized.maximum is None and sized.default is None):
        return USUAL_SIZE
    most = sized.maximum if sized.maximum is not None else max(USUAL_SIZE, sized.default or 0)
    return max(1, min(int(most), LARGEST_PAGE))


def _properties(shape: Shape | None, place: str = "", depth: int = 0) -> Iterator[tuple[str, str, Shape]]:
    """Yield place, name and shape of what an answer holds, the outer things first."""
    inner = list(shape.properties.items()) if shape else []
    for name, one in inner:
        yield place + name, name, one
    for name, one in inner if depth < _DEEPEST else ():
        if one.items is None:
            yield from _properties(one, f"{place}{name}.", depth + 1)


def _items(shape: Shape | None) -> tuple[str, Shape] | None:
    """Return where an answer has its list, "" for itself, and the shape of what is in it."""
    if shape is not None and shape.items is not None:
        return "", shape.items
    return next(((place, one.items) for place, _, one in _properties(shape) if one.items is not None), None)


def _has_ids(shape: Shape, spec: EntitySpec) -> bool:
    name = spec.form.fields["id"].name if spec.form and "id" in spec.form.fields else "id"
    return not shape.properties or name in shape.properties


def _place(shape: Shape | None, names: tuple[str, ...]) -> str | None:
    """Return where an answer has the first of some names that it has."""
    found = {_plain(name): place for place, name, one in reversed(list(_properties(shape))) if not one.properties}
    return next((found[name] for name in names if name in found), None)
