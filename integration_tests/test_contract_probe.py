"""`fincome contract probe`, and what comes of pasting the text that it prints: the difference is worked with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from destination_fincome.fincome.contract import load_contract
from integration_tests.accounts import Account
from integration_tests.orchestrator import Platform
from integration_tests.test_contract_setting import DIFFERENCES, OBJECTS, SETTING, Apis, is_as_sent, synced
from integration_tests.test_contract_tools import Fincome, Told, at_a_terminal, written
from unit_tests.fork_server import ForkServer

# The connection test names these by settings of their own, before anything is written.
TOLD_BY_CHECK = {"the key elsewhere", "other paths", "a slash at the end of collections"}
# No answer shows what these are.
SECRET = {"other words", "names that nobody can guess", "another path for updates", "errors under another key"}


@pytest.fixture
def apis(fincome_command: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apis]:
    with ExitStack() as stack:
        yield Apis(stack, fincome_command, tmp_path_factory.mktemp)


@pytest.fixture(scope="session")
def fincome(fincome_command: ForkServer) -> Fincome:
    return Fincome(fincome_command)


@pytest.mark.parametrize("difference", sorted(set(DIFFERENCES) - TOLD_BY_CHECK - SECRET))
def test_given_an_api_that_differs_when_the_probes_text_is_pasted_then_all_is_there_as_it_was_sent(
    platform: Platform, apis: Apis, fincome: Fincome, tmp_path: Path, difference: str
) -> None:
    account = apis.start(difference)
    told = fincome.probed(tmp_path, account.config(), "--wait", 0.3)
    assert (told.code, {one["entity"] for one in told.document["stays"]}) == (1, set(OBJECTS))
    account = apis.start(difference)
    config = account.config(**SETTING, contract=told.document["contract"])
    for seen in synced(platform, config):
        assert (seen.exit_code, seen.errors) == (0, [])
    assert is_as_sent(account, difference)


def probed(fincome: Fincome, tmp_path: Path, apis: Apis, **faults: object) -> tuple[Told, Account]:
    """What a probe of a sandbox with some faults tells."""
    account = apis.start("")
    account.misbehave(**faults)
    return fincome.probed(tmp_path, account.config(), "--wait", 0.3), account


def test_given_the_contracts_own_api_when_probed_then_every_field_is_written_and_read_back(
    apis: Apis, fincome: Fincome, tmp_path: Path
) -> None:
    told, _ = probed(fincome, tmp_path, apis)
    assert (told.code, told.document["contract"]) == (0, "version: 1\n")
    contract = load_contract()
    for spec in contract.entities.values():
        for field in spec.fields:
            names = [f"{field.name}.{inner.name}" for inner in field.fields] or [field.name]
            for name in names:
                assert told.of(f"{spec.name}.{name}: stored") == ("agrees", "as sent")
        assert told.of(f"{spec.name}.custom_properties: stored") == ("agrees", "as sent")


def test_given_a_probe_when_it_has_ended_then_what_stays_counts_for_nothing_and_says_what_it_is(
    apis: Apis, fincome: Fincome, tmp_path: Path
) -> None:
    _, account = probed(fincome, tmp_path, apis)
    prefix = f"destination-fincome-probe-{datetime.now(UTC):%Y%m%d}-"
    for name, spec in load_contract().entities.items():
        for identity, body in account.objects(name).items():
            assert identity.startswith(prefix)
            assert [body[field.name] for field in spec.fields if field.money and field.name in body] == [
                0 for field in spec.fields if field.money and field.name in body
            ]
            assert {body[called] for called in ("name", "number", "description") if called in body} <= {"probe, ignore"}
            assert [(line["amount"], line["discount_amount"]) for line in body.get("lines", [])] in ([], [(0, 0)])
    assert account.objects("customers").popitem()[1]["name"] == "probe, ignore"


@pytest.mark.parametrize(
    ("faults", "subject", "words"),
    [
        ({"dropped_fields": "plans.amount"}, "plans.amount: stored", "accepted, and not shown"),
        ({"dropped_fields": "plans.amount"}, "plans.currency: stored", "as sent"),
        ({"ignored_updates": "invoices"}, "invoices: PATCH of several fields", "changes nothing"),
        ({"ignored_posts": "plans"}, "plans: POST on an existing id", "changes nothing"),
        ({"update_verb": "PUT"}, "plans: PATCH of one field", "PUT is taken"),
        ({"update_verb": "none"}, "plans: PATCH of one field", "there is no update by id"),
        ({"unreadable": "plans,invoices"}, "plans: GET after POST", "doesn't find it"),
        ({"unreadable": "plans", "unreadable_form": "404"}, "plans: GET after POST", "doesn't find it"),
        ({"exists_form": "500"}, "invoices: POST on an existing id", "not as an id that is taken (500"),
        ({"exists_form": "unknown"}, "invoices: POST on an existing id", "not as an id that is taken (422"),
        ({"id_in_updates": "refused"}, "plans: the id in an update", "is refused"),
        ({"answer_form": "empty"}, "plans.amount: stored", "as sent"),
        ({"unknown_reference_form": "unknown"}, "invoices: create with an unknown customer", "not recognised"),
    ],
)
def test_given_an_api_with_habits_of_its_own_when_probed_then_they_are_told_and_the_rest_is_tried(
    apis: Apis, fincome: Fincome, tmp_path: Path, faults: dict[str, object], subject: str, words: str
) -> None:
    told, _ = probed(fincome, tmp_path, apis, **faults)
    assert words in told.of(subject)[1]
    assert {one["entity"] for one in told.document["stays"]} == set(OBJECTS)
    assert told.of("credit_notes.date: stored")[0] == "agrees"


@pytest.mark.parametrize(
    ("faults", "text"),
    [
        ({"update_verb": "PUT"}, "operations:\n  update: {verb: PUT}\n"),
        ({"unreadable": "plans"}, "entities:\n  plans: {retrievable: false}\n"),
        ({"ignored_posts": "plans"}, "entities:\n  plans: {post_updates: ignores}\n"),
        (
            {"exists_form": "unknown"},
            "answers:\n  already_exists:\n    words: [identifier is not available]\n    statuses: [400, 409, 422]\n",
        ),
    ],
)
def test_given_something_that_differs_when_probed_then_the_text_says_it_in_few_words(
    apis: Apis, fincome: Fincome, tmp_path: Path, faults: dict[str, object], text: str
) -> None:
    told, account = probed(fincome, tmp_path, apis, **faults)
    assert told.document["contract"] == f"version: 1\n{text}"
    # With it, there is nothing more to correct; what was said stays said.
    config = account.config(contract=told.document["contract"])
    again = fincome.probed(tmp_path, config, "--wait", 0.3)
    assert (again.code, again.document["contract"]) == (0, told.document["contract"])


def test_given_a_probe_at_a_terminal_when_it_asks_then_account_objects_and_the_way_without_are_named(
    apis: Apis, fincome: Fincome, tmp_path: Path
) -> None:
    account = apis.start("")
    config = written(tmp_path / "config.json", account.config())
    done = at_a_terminal(fincome, config, b"n\n")
    assert f"into the account behind {account.base_url}" in done.stdout
    for name in ("product", "plan", "customer", "subscription", "invoice", "invoice-line", "credit-note"):
        assert f"-{name}\n" in done.stdout
    assert 'called "probe, ignore"' in " ".join(done.stdout.split())
    assert account.summary()["created"] == dict.fromkeys(OBJECTS, 0)
    refused = fincome("probe", "--config", config)
    assert (refused.returncode, "`fincome contract check` writes nothing" in refused.stderr) == (2, True)


def test_given_a_difference_when_probed_then_the_text_stands_alone_at_the_end(
    apis: Apis, fincome: Fincome, tmp_path: Path
) -> None:
    account = apis.start("")
    account.misbehave(update_verb="PUT")
    done = fincome("probe", "--config", written(tmp_path / "c.json", account.config()), "--yes", "--wait", 0)
    assert done.stdout.endswith(
        "Paste this text into the connector's setting `contract`, in place of what it holds:\n\n"
        "version: 1\noperations:\n  update: {verb: PUT}\n\n"
    )
