"""Whether the API lists objects, and how pages are asked for: found out by reading, believed only once it is proven.

A page is proven by another one: with one object a page, the second must show one other object than the first. A list
that ignores pages, repeats one, shows no ids or has fewer than two objects proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from destination_fincome.fincome.contract import EntitySpec
from destination_fincome.fincome.listing import FIRST_PAGE, NO_PAGES, Listing, Page, listing_of
from destination_fincome.fincome.looks import page_of
from destination_fincome.fincome.models import encode
from destination_fincome.fincome.pages import Listed, read_page
from fincome_tools.contract.calls import Answered
from fincome_tools.contract.findings import Result
from fincome_tools.contract.listing import differences, in_words
from fincome_tools.contract.session import Session

SIZE_PARAMETERS = ("limit", "per_page", "page_size", "size", "pageSize", "perPage")
WAYS: tuple[Mapping[str, Any], ...] = (
    {"pages": "link"},
    {"pages": "link", "next": "next"},
    {"pages": "link", "next": "links.next"},
    *(
        {"pages": "cursor", "parameter": parameter, "next": place}
        for parameter, place in (
            ("cursor", "next_cursor"),
            ("cursor", "meta.next_cursor"),
            ("cursor", "pagination.next_cursor"),
            ("after", "next_cursor"),
            ("page_token", "next_page_token"),
        )
    ),
    {"pages": "last_id", "parameter": "starting_after"},
    {"pages": "number", "parameter": "page", "first": 1},
    {"pages": "number", "parameter": "page", "first": 0},
    {"pages": "offset", "parameter": "offset"},
    {"pages": "offset", "parameter": "skip"},
)


class ListTrials:
    """The lists of all kinds of objects; what was proven of one is tried first of the others."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._proven: dict[str, Any] | None = None

    def run(self, entity: str) -> None:
        """Find out how one kind of objects is listed, and note it."""
        spec = self._session.spec(entity)
        believed = in_words_of(spec.listing)
        reply = self._reply(spec, spec.listing or Listing("link"), FIRST_PAGE)
        listed = self._read(spec, spec.listing or Listing("link"), FIRST_PAGE, reply)
        if listed is None:
            absent = not reply.accepted
            found = f"none ({reply})" if absent else "is answered with something else than a list"
            self._note(spec, believed, found, {"pages": NO_PAGES} if spec.listing and absent else {})
        elif listed.entries and not listed.objects:
            self._note(spec, believed, "shows objects without ids, which is of no use", {})
        elif (facts := self._facts(spec)) is not None:
            self._proven = facts
            found = f"GET {spec.path}, {in_words(facts)}, seen to work"
            self._note(spec, believed, found, differences(facts, spec.listing), proven=True)
        else:
            self._note(spec, believed, "there, and no way to ask for its pages could be proven", {})

    def _note(
        self, spec: EntitySpec, believed: str, found: str, facts: Mapping[str, Any], *, proven: bool = False
    ) -> None:
        agrees = Result.AGREES if proven or (spec.listing is None and found.startswith("none")) else Result.UNKNOWN
        place: tuple[str, ...] = ("entities", spec.name, "operations", "list")
        corrections = {(*place, name): value for name, value in facts.items()}
        result = Result.DIFFERS if corrections else agrees
        self._session.note("operations.list", f"{spec.name}: list", believed, found, result, corrections=corrections)

    def _facts(self, spec: EntitySpec) -> dict[str, Any] | None:
        for facts in self._candidates(spec):
            listing = listing_of({**facts, "size": 1, "path": spec.listing.path if spec.listing else "{path}"})
            if listing is not None and self._is_proven(spec, listing):
                return facts
        return None

    def _candidates(self, spec: EntitySpec) -> Iterator[dict[str, Any]]:
        """Yield what may be the list's facts: those that are believed, those of another kind, and the usual ones."""
        if spec.listing is not None:
            yield _facts_of(spec.listing)
        if self._proven is not None:
            yield self._proven
        for parameter in SIZE_PARAMETERS:
            if self._takes_size(spec, parameter):
                for way in WAYS:
                    yield {"size": 100, **way, "size_parameter": parameter}
                return

    def _takes_size(self, spec: EntitySpec, parameter: str) -> bool:
        one, two = (Listing("link", size=size, size_parameter=parameter) for size in (1, 2))
        found = [self._page(spec, listing, FIRST_PAGE) for listing in (one, two)]
        return [listed.entries if listed else 0 for listed in found] == [1, 2]

    def _is_proven(self, spec: EntitySpec, listing: Listing) -> bool:
        """Tell whether two pages of one object each show two objects."""
        first = self._page(spec, listing, FIRST_PAGE)
        if first is None or len(first.objects) != 1 or first.entries != 1 or first.next is None:
            return False
        if listing.pages == "number" and listing.first == 1:
            # Where pages are counted from 0, the first one is another than that without a number.
            plain = self._page(spec, replace(listing, pages="link"), FIRST_PAGE)
            if plain is None or _ids(plain) != _ids(first):
                return False
        second = self._page(spec, listing, first.next)
        return second is not None and second.entries == 1 == len(second.objects) and _ids(second) != _ids(first)

    def _page(self, spec: EntitySpec, listing: Listing, page: Page) -> Listed | None:
        return self._read(spec, listing, page, self._reply(spec, listing, page))

    def _reply(self, spec: EntitySpec, listing: Listing, page: Page) -> Answered:
        return self._session.ask(spec.name, page_of(listing, page))

    def _read(self, spec: EntitySpec, listing: Listing, page: Page, reply: Answered) -> Listed | None:
        if not reply.accepted:
            return None
        path = page_of(listing, page).path_of(spec, "")
        return read_page(listing, page, encode(reply.content), reply.headers.get("Link", ""), path, ())


def in_words_of(listing: Listing | None) -> str:
    """Say how objects are believed to be listed."""
    return in_words(_facts_of(listing)) if listing else "none"


def _facts_of(listing: Listing) -> dict[str, Any]:
    facts = {
        "pages": listing.pages,
        "parameter": listing.parameter,
        "first": listing.first,
        "size": listing.size,
        "size_parameter": listing.size_parameter or NO_PAGES,
        **{
            name: getattr(listing, name)
            for name in ("items", "next", "more", "query", "omits_empty")
            if getattr(listing, name)
        },
    }
    return {name: value for name, value in facts.items() if value != ""}


def _ids(listed: Listed) -> list[str]:
    return [identity for identity, _ in listed.objects]
