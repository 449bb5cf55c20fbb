"""Lists: a first sync into a filled account reads what is there, page by page, and sends only what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from integration_tests.accounts import ACCEPTED, Account, Answer, Call, Scripted
from integration_tests.messages import CUSTOMERS, INVOICES, Message, catalog, customer, invoice, record, stream
from integration_tests.orchestrator import Platform, Seen
from integration_tests.sandboxes import running_sandbox
from integration_tests.test_contract_tools import Fincome
from unit_tests.fork_server import ForkServer

LISTS = "version: 1\noperations: {list: {pages: number, size: 20}}\n"
Sync = Callable[..., Seen]


@pytest.fixture
def account(fincome_command: ForkServer, tmp_path: Path) -> Iterator[Account]:
    """An account whose API lists 20 objects a page."""
    file = tmp_path / "lists.yaml"
    file.write_text(LISTS)
    with running_sandbox(fincome_command, tmp_path, "--contract", file) as access:
        yield Account(access)


@pytest.fixture
def sync(platform: Platform, account: Account, tmp_path: Path) -> Sync:
    """Syncs customers and invoices with lists, and with a memory that `folder` names."""

    def run(*messages: Message, folder: str = "memory", **settings: object) -> Seen:
        config = account.config(memory_url=str(tmp_path / folder), contract=LISTS, **settings)
        return platform.sync(config, catalog(CUSTOMERS, INVOICES), *messages)

    return run


def year(count: int = 60, changed: int = 0) -> list[Message]:
    """Return so many customers with an invoice each, of which the first ones have changed."""
    customers = [customer(f"c-{n:03}", **({"name": "PRIVATE new"} if n < changed else {})) for n in range(count)]
    return customers + [invoice(f"in-{n:03}", f"c-{n:03}") for n in range(count)]


def outcomes(run: Seen, outcome: str) -> int:
    return sum(row[outcome] for row in run.summary["entities"])


def verbs(account: Account, since: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in account.requests(since):
        verb = "LIST" if one["verb"] == "GET" and one["id"] is None else one["verb"]
        found[verb] = found.get(verb, 0) + 1
    return found


def test_given_a_filled_account_when_synced_first_then_lists_are_read_and_nothing_is_sent(sync, account):
    assert sync(*year()).good
    before = len(account.requests())
    first = sync(*year(), folder="another")
    assert first.good
    assert verbs(account, before) == {"LIST": 6}
    assert (outcomes(first, "unchanged"), outcomes(first, "sent")) == (120, 0)


def test_given_what_lists_have_shown_when_synced_again_then_the_memory_knows_it_and_no_list_is_read(sync, account):
    sync(*year())
    sync(*year(), folder="another")
    before = len(account.requests())
    again = sync(*year(changed=12), folder="another")
    assert verbs(account, before) == {"PATCH": 12}
    assert outcomes(again, "unchanged") == 108


def test_given_changed_and_new_objects_when_synced_first_then_each_costs_one_request_beside_the_pages(sync, account):
    sync(*year())
    before = len(account.requests())
    first = sync(*year(61, changed=2), folder="another")
    assert first.good
    assert verbs(account, before) == {"LIST": 8, "PATCH": 2, "POST": 2}
    assert account.get("customers", "c-001")["name"] == "PRIVATE new"
    assert "in-060" in account.objects("invoices")


def test_given_an_empty_account_when_synced_first_then_one_page_of_each_kind_says_so(sync, account):
    assert sync(*year()).good
    assert verbs(account, 0) == {"LIST": 2, "POST": 120}


def test_given_few_objects_when_synced_first_then_no_list_is_read(sync, account):
    sync(*year())
    before = len(account.requests())
    assert sync(*year(9), folder="another").good
    assert "LIST" not in verbs(account, before)


def test_given_an_account_that_is_much_larger_when_few_objects_come_then_lists_are_given_up_early(sync, account):
    sync(*(customer(f"a-{n:03}") for n in range(400)))
    before = len(account.requests())
    # They come at the list's end.
    run = sync(*(customer(f"c-{n:03}") for n in range(25)), folder="another")
    assert run.good
    assert verbs(account, before) == {"LIST": 2, "POST": 25}


def test_given_an_id_that_comes_several_times_when_an_older_version_is_shown_then_the_newest_one_counts(sync, account):
    sync(*year(30))
    first = sync(*year(30), customer("c-007", name="PRIVATE x"), folder="b")
    assert account.get("customers", "c-007")["name"] == "PRIVATE x"
    assert outcomes(first, "sent") == 1
    # There and back in one sync, while the list still shows what it was first.
    back = [customer("c-008", name="PRIVATE y"), *year(30)]
    assert sync(*year(30), *back, folder="c").good
    assert account.get("customers", "c-008")["name"] == "PRIVATE name of c-008"
    assert account.get("customers", "c-007")["name"] == "PRIVATE name of c-007"


def test_given_a_list_that_refuses_too_many_requests_when_synced_then_it_is_read_all_the_same(sync, account):
    sync(*year())
    before = len(account.requests())
    account.misbehave(rate_limit=4)
    run = sync(*year(), folder="another")
    assert run.good
    assert outcomes(run, "unchanged") == 120
    assert set(verbs(account, before)) == {"LIST"}
    assert 429 in {one["status"] for one in account.requests(before)}


def test_given_kinds_that_a_sync_does_not_bring_when_synced_then_they_are_not_listed(sync, account):
    sync(*year())
    before = len(account.requests())
    sync(*(customer(f"c-{n:03}") for n in range(60)), folder="another")
    assert {one["entity"] for one in account.requests(before)} == {"customers"}


def test_given_a_dry_run_when_there_is_no_memory_yet_then_lists_tell_what_would_be_sent(sync, account):
    sync(*year())
    before = len(account.requests())
    run = sync(*year(changed=2), folder="another", dry_run=True)
    assert verbs(account, before) == {"LIST": 6, "GET": 2}
    foretold = run.summary["foretold"]
    assert (foretold["customers"]["changed"], foretold["customers"]["unchanged"]) == (2, 58)


def test_given_a_list_without_a_memory_when_synced_then_it_is_not_read(platform, account):
    platform.sync(account.config(contract=LISTS), catalog(CUSTOMERS), *year(20)[:20])
    assert "LIST" not in verbs(account, 0)


# --- lists that can't be believed, or not be read


class Listed:
    """A scripted Fincome that lists customers in pages as a test says, and answers all else as the contract does."""

    def __init__(self, fincome: Scripted, tmp_path: Path, platform: Platform) -> None:
        self.fincome = fincome
        self.pages: Callable[[int], Answer] = lambda number: Answer(200, [])
        self.asked: list[int] = []
        self._run = lambda messages, **settings: platform.sync(
            fincome.config(memory_url=str(tmp_path / "memory"), contract=LISTS, **settings),
            catalog(CUSTOMERS),
            *messages,
        )
        fincome.default = self._answer

    def sync(self, *messages: Message, **settings: object) -> Seen:
        """Sync, without a look at what was written, as it shows nothing of that, unless `stored_check` says it."""
        return self._run(messages, **{"stored_check": "off", **settings})

    def sent(self) -> set[str]:
        return set(self.fincome.written())

    def _answer(self, call: Call) -> Answer:
        if call.verb != "GET":
            return ACCEPTED
        if not call.path.endswith("/clients"):
            return Answer(404, {"detail": "Customer not found"})
        number = int(parse_qs(call.query)["page"][0])
        self.asked.append(number)
        return self.pages(number)


@pytest.fixture
def listed(fincome: Scripted, tmp_path: Path, quick_platform: Platform) -> Listed:
    return Listed(fincome, tmp_path, quick_platform)


IDS = [f"c-{n:03}" for n in range(60)]
SOURCE = [customer(identity) for identity in IDS]


def shown(*ids: str, **fields: object) -> list[dict[str, object]]:
    nothing = dict.fromkeys(("email", "country", "root_parent_id", "zip_code", "siren", "custom_properties"))
    return [{**nothing, "id": one, "name": f"PRIVATE name of {one}", **fields} for one in ids]


def paged(objects: list[dict[str, object]], size: int = 20) -> Callable[[int], Answer]:
    return lambda number: Answer(200, objects[(number - 1) * size : number * size])


def told(run: Seen) -> list[str]:
    return [one["text"] for one in run.summary["warnings"] if one["code"] == "list_not_read"]


def test_given_a_list_of_all_when_synced_then_nothing_is_sent(listed):
    listed.pages = paged(shown(*IDS))
    run = listed.sync(*SOURCE)
    assert (run.good, listed.sent(), listed.asked, told(run)) == (True, set(), [1, 2, 3], [])


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(500, {"detail": "down"}), "answered 500"),
        (Answer(404, {"detail": "Not Found"}), "isn't there"),
        (Answer(405, {"detail": "Method Not Allowed"}), "doesn't accept GET on /clients"),
        (Answer(401, {"detail": "Invalid API key"}), "refused the API key"),
        (Answer(403, {"detail": "Not enough permissions"}), "403"),
        (Answer(422, {"detail": [{"loc": ["query", "page"], "msg": "no", "type": "x"}]}), "422"),
        (Answer(302, "", {"Location": "https://elsewhere.example/"}), "redirect"),
        (Answer(0), "broke the connection"),
        (Answer(200, "<html>", content_type="text/html"), "isn't JSON"),
        (Answer(200, {"total": 60}), "is answered with something else than a list"),
        (Answer(200, [{"name": "A"}]), "shows objects without ids"),
    ],
)
def test_given_a_list_that_can_t_be_read_when_synced_then_all_is_sent_and_a_warning_says_why(listed, answer, problem):
    listed.pages = lambda _: answer
    run = listed.sync(*SOURCE)
    assert run.good
    assert listed.sent() == set(IDS)
    assert len(listed.asked) <= 3
    (warning,) = told(run)
    assert problem in warning


def test_given_a_list_that_fails_in_its_middle_when_synced_then_what_it_had_shown_counts(listed):
    pages = paged(shown(*IDS))
    listed.pages = lambda number: pages(number) if number < 3 else Answer(500, {"detail": "down"})
    run = listed.sync(*SOURCE)
    assert listed.sent() == set(IDS[40:])
    assert len(told(run)) == 1


def test_given_a_list_that_ignores_pages_when_synced_then_it_is_read_no_further(listed):
    listed.pages = lambda _: Answer(200, shown(*IDS[:20]))
    run = listed.sync(*SOURCE)
    assert listed.asked == [1, 2]
    assert listed.sent() == set(IDS[20:])
    assert "shows the same page again" in told(run)[0]


def test_given_passing_trouble_when_a_page_is_asked_for_then_it_is_asked_for_again(listed):
    pages, failed = paged(shown(*IDS)), []

    def answer(number: int) -> Answer:
        if number == 2 and len(failed) < 2:
            failed.append(number)
            return Answer(503, {"detail": "busy"})
        return pages(number)

    listed.pages = answer
    assert listed.sync(*SOURCE).good
    assert listed.asked == [1, 2, 2, 2, 3]
    assert listed.sent() == set()


def test_given_pages_that_move_while_they_are_read_when_synced_then_what_was_missed_is_sent(listed):
    moved = [*shown(*IDS[:20]), *shown(*IDS[19:39]), *shown(*IDS[45:])]
    listed.pages = paged(moved)
    run = listed.sync(*SOURCE)
    assert listed.sent() == set(IDS[39:45])
    assert told(run) == []


@pytest.mark.parametrize("first", [True, False])
def test_given_an_id_that_is_shown_with_two_contents_when_synced_then_neither_is_believed(listed, first):
    other = shown("c-003", name="PRIVATE other")
    listed.pages = paged([*(other if first else []), *shown(*IDS), *([] if first else other)], size=61)
    listed.sync(*SOURCE)
    assert listed.sent() == {"c-003"}


@pytest.mark.parametrize(
    ("fields", "source"),
    [
        ({"name": "PRIVATE NAME OF c-000"}, {}),
        ({"email": "PRIVATE-b@example.com"}, {"email": "PRIVATE-a@example.com"}),
        ({"email": None}, {"email": "PRIVATE-a@example.com"}),
    ],
)
def test_given_an_object_that_is_shown_otherwise_when_synced_then_it_is_sent(listed, fields, source):
    listed.pages = paged([*shown("c-000", **fields), *shown(*IDS[1:])])
    listed.sync(customer("c-000", **source), *SOURCE[1:])
    assert listed.sent() == {"c-000"}


def test_given_a_field_that_is_not_shown_when_synced_then_that_proves_nothing(listed):
    listed.pages = paged([{"id": "c-000"}, *shown(*IDS[1:])])
    listed.sync(*SOURCE)
    assert listed.sent() == {"c-000"}


def test_given_nulls_that_are_not_shown_when_synced_then_they_are_sent_unless_the_list_omits_what_is_empty(
    listed, quick_platform, tmp_path
):
    listed.pages = paged([{name: value for name, value in one.items() if value is not None} for one in shown(*IDS)])
    cleared = [customer(identity, email=None) for identity in IDS]
    listed.sync(*cleared, null_handling="clear", dry_run=True)
    config = listed.fincome.config(null_handling="clear", memory_url=str(tmp_path / "a"))
    quick_platform.sync({**config, "contract": LISTS}, catalog(CUSTOMERS), *cleared)
    assert listed.sent() == set(IDS)
    listed.fincome.calls.clear()
    omits = LISTS.replace("size: 20", "size: 20, omits_empty: true")
    quick_platform.sync({**config, "contract": omits, "memory_url": str(tmp_path / "b")}, catalog(CUSTOMERS), *cleared)
    assert listed.sent() == set()


def test_given_what_a_stream_adds_when_lists_show_it_then_it_is_sent_only_with_the_object_itself(
    platform, account, tmp_path
):
    mapping = """
version: 1
streams:
  crm:
    emits:
      - entity: customers
        operation: update_only
        fields: {id: id, email: email}
"""
    streams = catalog(CUSTOMERS, stream("crm", "id", "email"))
    added = [record("crm", {"id": identity, "email": "PRIVATE@example.com"}) for identity in IDS]

    def sync(folder: str, *customers: Message) -> dict[str, int]:
        memory = str(tmp_path / folder)
        config = account.config(memory_url=memory, source="fincome", mapping=mapping, contract=LISTS)
        before = len(account.requests())
        assert platform.sync(config, streams, *customers, *added).good
        return verbs(account, before)

    sync("a", *SOURCE)
    assert sync("b", *SOURCE) == {"LIST": 3}
    # What is sent may change back what a stream has added.
    changed = [customer("c-000", name="PRIVATE new"), *SOURCE[1:]]
    found = sync("c", *changed)
    assert (found["LIST"], found["PATCH"]) == (3, 2)
    assert sync("c", *changed) == {}


def test_given_a_kind_that_is_stored_otherwise_when_synced_then_nothing_that_its_list_has_shown_is_kept(sync, account):
    sync(*year())
    account.misbehave(altered_fields="invoices.amount")
    changed = [invoice(f"in-{n:03}", f"c-{n:03}", amount="99") for n in range(10)]
    run = sync(*year()[:60], *changed, *year()[70:], folder="another", stored_check="warn")
    assert "stored_differently" in {one["code"] for one in run.summary["warnings"]}
    account.misbehave()
    before = len(account.requests())
    again = sync(*year(), folder="another")
    # Of invoices nothing is known, so that their list is read again; customers are remembered.
    assert {one["entity"] for one in account.requests(before)} == {"invoices"}
    assert verbs(account, before)["LIST"] == 3
    assert outcomes(again, "sent") == 10


# --- the connection test, and what people's commands find out of lists


def test_given_lists_that_work_when_the_connection_is_tested_then_nothing_is_said(platform, account):
    (status,) = platform.check(account.config(contract=LISTS)).statuses
    assert (status["status"], "list" in status.get("message", "")) == ("SUCCEEDED", False)


def test_given_a_list_that_is_not_there_when_the_connection_is_tested_then_that_is_said(platform, account):
    said = LISTS + "entities: {customers: {operations: {list: {path: '{path}/all'}}}}\n"
    (status,) = platform.check(account.config(contract=said)).statuses
    assert status["status"] == "SUCCEEDED"
    assert "The list of customers isn't there, so a first sync sends all of them" in status["message"]


@pytest.mark.parametrize(
    "said",
    [
        "pages: number, size: 30",
        "pages: number, first: 0, size_parameter: per_page",
        "pages: offset, items: data",
        "pages: offset, parameter: skip, size_parameter: page_size, items: result.rows",
        "pages: last_id, more: has_more",
        "pages: cursor, next: meta.next_cursor",
        "pages: link, size_parameter: per_page",
        "pages: link, next: links.next",
    ],
)
def test_given_an_api_that_lists_when_probed_then_the_text_that_is_printed_reads_its_lists(
    fincome_command, platform, tmp_path, said
):
    file = tmp_path / "lists.yaml"
    file.write_text(f"version: 1\noperations: {{list: {{{said}}}}}\n")
    with running_sandbox(fincome_command, tmp_path, "--contract", file) as access:
        account = Account(access)
        platform.sync(account.config(), catalog(CUSTOMERS), *SOURCE)
        told = Fincome(fincome_command).probed(tmp_path, account.config(), "--wait", 0.1)
        # Of the others there is one object, which proves nothing.
        text = told.document["contract"]
        assert told.of("products: list")[0] == "not told"
        config = account.config(memory_url=str(tmp_path / "memory"), contract=text)
        before = len(account.requests())
        assert platform.sync(config, catalog(CUSTOMERS), *SOURCE).good
        assert set(verbs(account, before)) == {"LIST"}
