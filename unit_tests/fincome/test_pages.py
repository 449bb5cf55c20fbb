"""Pages of lists: how each is asked for, in all the usual ways, and what its answer shows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from destination_fincome.fincome.listing import FIRST_PAGE, Listing, Page, listing_of
from destination_fincome.fincome.pages import Listed, read_page

PATH = "/product/clients"
FIELDS = frozenset({"id", "name", "amount"})


def objects(*ids: str) -> list[dict[str, Any]]:
    return [{"id": identity, "name": f"N {identity}", "internal": 1} for identity in ids]


def read(listing: Listing, document: Any, page: Page = FIRST_PAGE, link: str = "") -> Listed | None:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_page(listing, page, content, link, PATH, FIELDS)


def following(listing: Listing, document: Any, page: Page = FIRST_PAGE, link: str = "") -> str | None:
    """Return the query that asks for the page after one; None if that is the last."""
    listed = read(listing, document, page, link)
    assert listed is not None
    return listing.query_of(listed.next) if listed.next else None


def test_given_a_contract_that_says_nothing_when_read_then_there_is_no_list():
    assert listing_of({"pages": "none", "size": 50}) is None
    assert listing_of({}) is None


@pytest.mark.parametrize(
    ("facts", "first", "second"),
    [
        ({"pages": "number", "size_parameter": "limit"}, "limit=100&page=1", "limit=100&page=2"),
        ({"pages": "number", "first": 0, "parameter": "page[number]"}, "page%5Bnumber%5D=0", "page%5Bnumber%5D=1"),
        ({"pages": "number", "size_parameter": "none"}, "page=1", "page=2"),
        ({"pages": "offset", "size": 20, "size_parameter": "count"}, "count=20&offset=0", "count=20&offset=2"),
        ({"pages": "last_id", "query": "status=all"}, "status=all", "status=all&starting_after=b"),
        ({"pages": "cursor"}, "", "cursor=x%26y"),
        ({"pages": "cursor", "next": "data.after", "parameter": "after"}, "", "after=42"),
        ({"pages": "link", "next": "links.next", "size_parameter": "limit"}, "limit=100", "token=t%3D&limit=3"),
    ],
)  # fmt: skip
def test_given_a_way_of_paging_when_pages_are_asked_for_then_in_that_way(facts, first, second):
    listing = listing_of(facts)
    answer = {
        "list": objects("a", "b"),
        "next_cursor": "x&y",
        "data": {"after": 42},
        "links": {"next": f"https://elsewhere.example{PATH}?token=t%3D&limit=3"},
    }
    assert listing.query_of(FIRST_PAGE) == first
    assert following(listing, answer) == second


def test_given_a_link_header_when_read_then_its_next_link_leads_on():
    listing = listing_of({"pages": "link"})
    header = '<https://x.example/product/clients?page=1>; rel="prev", </clients?page=3>; rel="last next"'
    assert following(listing, objects("a"), link=header) == "page=3"
    assert following(listing, objects("a"), link='</clients?page=1>; rel="prev"') is None


def test_given_a_link_to_another_path_when_read_then_it_is_not_followed():
    listing = listing_of({"pages": "link"})
    assert following(listing, objects("a"), link='<https://x.example/admin?page=3>; rel="next"') is None
    assert following(listing, objects("a"), link='<https://[x?page=3>; rel="next"') is None


@pytest.mark.parametrize(
    "document",
    [
        objects("a", "b"),
        {"data": objects("a", "b"), "included": [1, 2]},
        {"total": 2, "clients": objects("a", "b"), "errors": []},
        {"whatever": objects("a", "b")},
        {"data": {"rows": objects("a", "b"), "total": 2}},
    ],
)
def test_given_an_answer_of_a_usual_form_when_read_then_its_list_is_found(document):
    listed = read(listing_of({"pages": "number"}), document)
    assert listed.objects == (("a", b'{"id":"a","name":"N a"}'), ("b", b'{"id":"b","name":"N b"}'))


def test_given_a_place_when_read_then_the_list_is_there_or_nowhere():
    listing = listing_of({"pages": "number", "items": "result.clients"})
    assert read(listing, {"result": {"clients": objects("a")}, "data": []}).entries == 1
    assert read(listing, {"data": objects("a")}) is None


@pytest.mark.parametrize(
    "document", [b"<html>", b"[" * 100_000, b'[{"id": "a", "amount": NaN}]', {"id": "a"}, {"a": [], "b": []}, "a", None]
)
def test_given_an_answer_without_a_list_when_read_then_nothing_is_shown(document):
    assert read(listing_of({"pages": "number"}), document) is None


def test_given_entries_without_ids_when_read_then_they_count_and_show_nothing():
    listed = read(
        listing_of({"pages": "number"}), [{"name": "A"}, "b", {"id": None}, {"id": True}, {"id": ""}, {"id": 7}]
    )
    assert (listed.entries, listed.objects) == (6, (("7", b'{"id":7}'),))


def test_given_numbers_with_many_digits_when_read_then_all_of_them_are_kept():
    listed = read(listing_of({"pages": "number"}), b'[{"id": "a", "amount": 0.1000000000000000055511151231257827}]')
    assert listed.objects == (("a", b'{"id":"a","amount":0.1000000000000000055511151231257827}'),)


@pytest.mark.parametrize(
    ("facts", "document", "page"),
    [
        ({"pages": "number"}, [], FIRST_PAGE),
        ({"pages": "number"}, objects("a"), Page(1, 2, "", 2)),
        ({"pages": "offset"}, objects("a"), Page(4, 8, "", 2)),
        ({"pages": "number", "more": "has_more"}, {"data": objects("a", "b"), "has_more": False}, FIRST_PAGE),
        ({"pages": "number", "more": "has_more"}, {"data": objects("a", "b")}, FIRST_PAGE),
        ({"pages": "cursor"}, {"data": objects("a"), "next_cursor": None}, FIRST_PAGE),
        ({"pages": "cursor"}, {"data": objects("a"), "next_cursor": {"odd": 1}}, FIRST_PAGE),
        ({"pages": "cursor"}, {"data": objects("a"), "next_cursor": "x"}, Page(1, 2, "x", 2)),
        ({"pages": "last_id"}, [{"id": "a"}, {"name": "B"}], FIRST_PAGE),
        ({"pages": "link"}, objects("a"), FIRST_PAGE),
    ],
)
def test_given_a_last_page_when_read_then_none_follows(facts, document, page):
    assert following(listing_of(facts), document, page) is None


def test_given_a_short_first_page_when_read_then_another_may_follow_as_servers_have_sizes_of_their_own():
    assert following(listing_of({"pages": "number", "size": 100}), objects("a", "b")) == "page=2"
