"""Lists of the sandbox: none by default, and otherwise page by page as the contract says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fincome_sandbox.contract import ContractError, load_contract
from unit_tests.sandbox.processes import Sandbox

IDS = [f"c-{number}" for number in range(7)]


@pytest.fixture
def listing(start: Callable[..., Any], tmp_path: Path) -> Callable[[str], Any]:
    """Starts a sandbox with seven customers and a contract that says how they are listed."""

    def run(said: str) -> Any:
        file = tmp_path / "contract.yaml"
        file.write_text(f"version: 1\n{said}")
        return start("--contract", file)

    return run


def fill(sandbox: Sandbox) -> None:
    for identity in reversed(IDS):
        assert sandbox.post("/clients", {"id": identity, "name": identity}).status_code == 201


def ids(objects: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in objects]


def test_given_no_word_of_lists_when_one_is_asked_for_then_there_is_none(sandbox: Sandbox) -> None:
    assert sandbox.get("/clients").status_code == 405


@pytest.mark.parametrize(
    ("said", "place", "queries"),
    [
        ("pages: number, size: 3", None, ["", "?page=2", "?limit=3&page=3", "?page=4"]),
        ("pages: number, size: 3, first: 0, parameter: p, items: a.b", "a.b", ["?p=0", "?p=1", "?p=2", "?p=3"]),
        ("pages: offset, size: 100", None, ["?limit=3", "?limit=3&offset=3", "?limit=3&offset=6", "?limit=3&offset=9"]),
        ("pages: last_id, size: 3, more: has_more", "data", ["", "?starting_after=c-2", "?starting_after=c-5"]),
    ],
)
def test_given_a_way_of_paging_when_pages_are_asked_for_then_all_is_shown_once(
    listing: Any, said: str, place: str | None, queries: list[str]
) -> None:
    with listing(f"operations: {{list: {{{said}}}}}") as sandbox:
        fill(sandbox)
        found = []
        for query in queries:
            page = sandbox.get(f"/clients{query}").json()
            for name in place.split(".") if place else ():
                page = page[name]
            found += ids(page)
        assert found == IDS


def test_given_a_word_for_more_when_pages_are_asked_for_then_all_but_the_last_have_more(listing: Any) -> None:
    with listing("operations: {list: {pages: number, size: 4, more: meta.more}}") as sandbox:
        fill(sandbox)
        assert [sandbox.get(f"/clients?page={number}").json()["meta"] for number in (1, 2)] == [
            {"more": True},
            {"more": False},
        ]


def test_given_cursors_when_each_is_followed_then_all_is_shown_once(listing: Any) -> None:
    with listing("operations: {list: {pages: cursor, size: 3, next: meta.after, parameter: after}}") as sandbox:
        fill(sandbox)
        found, query = [], ""
        for _ in range(3):
            page = sandbox.get(f"/clients{query}").json()
            found += ids(page["data"])
            query = f"?after={page['meta']['after']}"
        assert (found, page["meta"]) == (IDS, {"after": None})


@pytest.mark.parametrize("said", ["pages: link, size: 3", "pages: link, size: 3, next: links.next"])
def test_given_links_when_each_is_followed_then_all_is_shown_once(listing: Any, said: str) -> None:
    with listing(f"operations: {{list: {{{said}}}}}") as sandbox:
        fill(sandbox)
        found, path = [], "/clients"
        while path:
            answer = sandbox.get(path)
            page = answer.json()
            found += ids(page["data"] if isinstance(page, dict) else page)
            link = page["links"]["next"] if isinstance(page, dict) else answer.links.get("next", {}).get("url")
            path = link.removeprefix(sandbox.base_url) if link else ""
        assert found == IDS


@pytest.mark.parametrize("query", ["?page=0", "?page=x", "?limit=0", "?limit=many"])
def test_given_a_page_that_can_t_be_when_asked_for_then_it_is_refused(listing: Any, query: str) -> None:
    with listing("operations: {list: {pages: number}}") as sandbox:
        answer = sandbox.get(f"/clients{query}")
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["query", query[1:].partition("=")[0]]


def test_given_more_than_a_page_has_when_asked_for_then_it_has_no_more(listing: Any) -> None:
    with listing("operations: {list: {pages: number, size: 2}}") as sandbox:
        fill(sandbox)
        assert len(sandbox.get("/clients?limit=50").json()) == 2


def test_given_a_list_of_one_kind_when_others_are_asked_for_then_they_have_none(listing: Any) -> None:
    with listing("entities: {customers: {operations: {list: {pages: number, path: '{path}/all'}}}}") as sandbox:
        fill(sandbox)
        assert len(sandbox.get("/clients/all").json()) == 7
        assert sandbox.get("/clients").status_code == 405
        assert sandbox.get("/plans").status_code == 405


def test_given_a_wrong_key_when_a_list_is_asked_for_then_it_is_refused(listing: Any) -> None:
    with listing("operations: {list: {pages: number}}") as sandbox:
        assert sandbox.call("GET", "/clients", headers={"X-API-KEY": "wrong"}).status_code == 401


def test_given_another_form_when_listed_then_objects_have_it(listing: Any) -> None:
    said = "amounts: cents\noperations: {list: {pages: number}}\nentities: {products: {fields: {name: {name: title}}}}"
    with listing(said) as sandbox:
        assert sandbox.post("/products", {"id": "p", "title": "Suite"}).status_code == 201
        assert sandbox.get("/products").json() == [{"id": "p", "title": "Suite"}]


def test_given_objects_that_can_t_be_seen_yet_when_listed_then_they_are_not_shown(listing: Any) -> None:
    with listing("operations: {list: {pages: number}}") as sandbox:
        put = sandbox.session.put(f"{sandbox.root}/_sandbox/faults", json={"visibility_lag_ms": 60_000}, timeout=10)
        assert put.status_code == 200
        fill(sandbox)
        assert sandbox.get("/clients").json() == []


def test_given_a_way_of_paging_that_there_is_not_when_read_then_the_contract_is_refused() -> None:
    with pytest.raises(ContractError, match=r"operations\.list\.pages: it has to be one of number, offset"):
        load_contract(overlay="version: 1\noperations: {list: {pages: sideways}}")
