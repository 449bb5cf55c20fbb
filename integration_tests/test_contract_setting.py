"""The setting `contract`: an API that differs from the contract is worked with once it says so, object by object."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from integration_tests.accounts import Account
from integration_tests.messages import Message, catalog, record, state, stream
from integration_tests.orchestrator import Platform, Seen
from integration_tests.sandboxes import running_sandbox
from unit_tests.fork_server import ForkServer

# One object of each kind, in Fincome's shape.
OBJECTS: dict[str, dict[str, Any]] = {
    "products": {"id": "prod", "name": "Suite"},
    "plans": {
        "id": "plan",
        "product_id": "prod",
        "name": "Suite, monthly",
        "interval": "month",
        "interval_count": 1,
        "amount": 12.5,
        "currency": "EUR",
    },
    "customers": {"id": "cus", "name": "Ada", "email": "ada@example.com", "country": "FR", "zip_code": "75001"},
    "subscriptions": {
        "id": "sub",
        "customer_id": "cus",
        "plan_id": "plan",
        "status": "active",
        "start_date": "2026-01-01T10:30:00Z",
        "monthly_value": 12.5,
        "currency": "EUR",
    },
    "invoices": {
        "id": "inv",
        "customer_id": "cus",
        "subscription_id": "sub",
        "number": "F-1",
        "date": "2026-01-01",
        "due_date": "2026-01-31",
        "status": "open",
        "currency": "EUR",
        "amount": 12.5,
    },
    "invoice_lines": {
        "id": "line",
        "invoice_id": "inv",
        "subscription_id": "sub",
        "price_id": "plan",
        "type": "subscription",
        "description": "January",
        "currency": "EUR",
        "amount_excluding_tax_after_discount": 12.5,
        "tax_amount": 2.5,
        "quantity": 1.5,
        "period_start": "2026-01-01",
        "period_end": "2026-02-01",
    },
    "credit_notes": {
        "id": "note",
        "invoice_id": "inv",
        "customer_id": "cus",
        "date": "2026-02-01",
        "currency": "EUR",
        "amount": 2.25,
        "lines": [{"id": "note-line", "invoice_line_id": "line", "amount": 2.25}],
    },
}
CHANGES: dict[str, dict[str, Any]] = {
    "plans": {"amount": 15.75},
    "customers": {"zip_code": "69001"},
    "invoices": {"status": "paid"},
    "credit_notes": {"amount": 3.5},
}
CATALOG = catalog(*(stream(name, *body) for name, body in OBJECTS.items()))
SETTING = {"source": "fincome", "create_missing_parents": "off"}

# What an API does otherwise, as the text that says so.
DIFFERENCES = {
    "updates by PUT": "operations: {update: {verb: PUT}}",
    "another path for updates": "operations: {update: {path: '{path}/{id}/edit'}}",
    "a slash at the end of collections": "entities: {customers: {path: /clients/}, invoices: {path: /invoices/}}",
    "other paths": "entities: {customers: {path: /customers}, credit_notes: {path: /v2/credit-notes}}",
    "updates by PUT for invoices only": "entities: {invoices: {operations: {update: {verb: PUT}}}}",
    "amounts in cents": "amounts: cents",
    "amounts of plans in hundredths": "entities: {plans: {amounts: hundredths}}",
    "negative credit notes": "entities: {credit_notes: {fields: {amount: {sign: negative}}}}",
    "days only": "dates: date",
    "times only": "dates: date-time",
    "other names": """
        custom_properties: {name: customProperties}
        entities:
          customers: {fields: {id: {name: externalId}, zip_code: {name: zipCode}}}
          invoices: {fields: {customer_id: {name: customerId}, due_date: {name: dueDate}}}
          credit_notes: {fields: {lines: {fields: {invoice_line_id: {name: invoiceLineId}}}}}
    """,
    "names that nobody can guess": """
        entities:
          customers: {fields: {name: {name: legalEntity}}}
          credit_notes: {fields: {lines: {name: items}}}
    """,
    "other spellings": """
        entities:
          plans: {fields: {interval: {enum: {month: monthly, year: yearly}}}}
          subscriptions: {fields: {status: {enum: {canceled: cancelled, active: ACTIVE}}}}
          invoices: {fields: {status: {enum: {open: OPEN, paid: PAID, unpaid: UNPAID}}}}
    """,
    "other words": """
        entities:
          invoices: {fields: {status: {enum: {open: no, paid: yes, unpaid: off}}}}
    """,
    "a field that every object needs": "entities: {customers: {fields: {source: {constant: airbyte}}}}",
    "the key elsewhere": "access: {api_key_header: Authorization, api_key_prefix: Token}",
    "an id that is taken in other words": "answers: {already_exists: {statuses: [422], words: [is not available]}}",
    "errors under another key": """
        errors: {key: error}
        entities: {invoices: {post_updates: false}}
    """,
    "a POST that ignores what exists": "entities: {invoices: {post_updates: ignores}}",
    "a POST that doubles what exists": "entities: {credit_notes: {post_updates: doubles}}",
}


class Apis:
    """Sandboxes that differ, each started when it is first asked for."""

    def __init__(self, stack: ExitStack, command: ForkServer, folder: Callable[[str], Path]) -> None:
        self._stack = stack
        self._command = command
        self._folder = folder

    def start(self, difference: str) -> Account:
        folder = self._folder("api")
        file = folder / "contract.yaml"
        file.write_text(text_of(difference), encoding="utf-8")
        return Account(self._stack.enter_context(running_sandbox(self._command, folder, "--contract", file)))


@pytest.fixture
def apis(fincome_command: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apis]:
    with ExitStack() as stack:
        yield Apis(stack, fincome_command, tmp_path_factory.mktemp)


def text_of(difference: str) -> str:
    lines = DIFFERENCES.get(difference, difference).strip("\n").splitlines()
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(["version: 1", *(line[indent:] for line in lines)]) + "\n"


def messages(changes: dict[str, dict[str, Any]]) -> list[Message]:
    records = [record(name, {**body, **changes.get(name, {})}) for name, body in OBJECTS.items()]
    return [*records, *(state(name) for name in OBJECTS)]


def synced(platform: Platform, config: dict[str, object]) -> tuple[Seen, Seen]:
    """Sync all objects, and then all of them again, some of them changed."""
    first = platform.sync(config, CATALOG, *messages({}))
    return first, platform.sync(config, CATALOG, *messages(CHANGES))


def expected(entity: str) -> dict[str, Any]:
    return {**OBJECTS[entity], **CHANGES.get(entity, {})}


def in_one_form(value: Any) -> Any:
    """A value, however it is written: amounts as numbers, midnights as days."""
    if isinstance(value, dict):
        return {name: in_one_form(item) for name, item in value.items()}
    if isinstance(value, list):
        return [in_one_form(item) for item in value]
    if isinstance(value, int | float | Decimal):
        return Decimal(str(value))
    return value.removesuffix("T00:00:00Z") if isinstance(value, str) else value


def held(account: Account) -> dict[str, list[Any]]:
    # By the page: there may be two of one id.
    return {name: in_one_form(json.loads(account.texts(name))["objects"]) for name in OBJECTS}


def is_as_sent(account: Account, difference: str) -> bool:
    there = held(account)
    for bodies in there.values():
        for body in bodies:
            body.pop("source", None)
    sent = {name: [in_one_form(expected(name))] for name in OBJECTS}
    if difference == "days only":
        sent["subscriptions"][0]["start_date"] = "2026-01-01"
    return there == sent


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_given_an_api_that_differs_when_the_setting_says_so_then_all_is_there_as_it_was_sent(
    platform: Platform, apis: Apis, difference: str
) -> None:
    account = apis.start(difference)
    config = account.config(**SETTING, contract=text_of(difference))
    assert platform.check(config).statuses == [{"status": "SUCCEEDED"}]
    for seen in synced(platform, config):
        assert (seen.exit_code, seen.errors) == (0, [])
        assert [seen.outcomes(name) for name in OBJECTS] == [{"sent": 1}] * len(OBJECTS)
        assert len(seen.states) == len(OBJECTS)
    assert is_as_sent(account, difference)


# Verbs, slashes and refusals can be learned from answers; how values are written can't.
UNLEARNABLE = [
    "amounts in cents",
    "amounts of plans in hundredths",
    "negative credit notes",
    "days only",
    "times only",
    "other names",
    "other words",
    "a field that every object needs",
    "the key elsewhere",
]


@pytest.mark.parametrize("difference", UNLEARNABLE)
def test_given_an_api_that_differs_when_nothing_says_so_then_it_shows(
    platform: Platform, apis: Apis, difference: str
) -> None:
    account = apis.start(difference)
    synced(platform, account.config(**SETTING))
    assert not is_as_sent(account, difference)


def test_given_amounts_in_cents_when_sent_then_they_are_whole_on_the_wire(platform: Platform, apis: Apis) -> None:
    account = apis.start("amounts in cents")
    yen = record("plans", {**OBJECTS["plans"], "id": "yen", "currency": "JPY", "amount": 500})
    exact = record("plans", {**OBJECTS["plans"], "id": "exact", "amount": "8.335"})
    config = account.config(**SETTING, contract=text_of("amounts in cents"))
    seen = platform.sync(config, CATALOG, *messages({}), yen, exact)
    assert (seen.exit_code, seen.errors) == (0, [])
    headers = {"X-API-KEY": account.api_key}
    shown = {
        plan: requests.get(f"{account.base_url}/plans/{plan}", headers=headers, timeout=10).json()["amount"]
        for plan in ("plan", "yen", "exact")
    }
    assert shown == {"plan": 1250, "yen": 500, "exact": 834}
    # What was rounded is told, once.
    (warning,) = [text for text in seen.warnings if "rounded" in text]
    assert "plans.amount" in warning


def test_given_kinds_of_objects_that_do_not_exist_when_synced_then_they_are_skipped_and_nothing_is_asked(
    platform: Platform, apis: Apis
) -> None:
    absent = "entities: {plans: {absent: true}, credit_notes: {absent: true}}"
    account = apis.start(absent)
    config = account.config(**SETTING, contract=text_of(absent))
    assert platform.check(config).statuses == [{"status": "SUCCEEDED"}]
    seen = platform.sync(config, CATALOG, *messages({}))
    assert (seen.exit_code, seen.errors, len(seen.states)) == (0, [], len(OBJECTS))
    for name in OBJECTS:
        assert seen.outcomes(name) == {"skipped" if name in ("plans", "credit_notes") else "sent": 1}
    assert sorted(seen.reasons("skipped")) == [
        ("entity_absent", "Fincome has no credit notes, as the setting `contract` says"),
        ("entity_absent", "Fincome has no plans, as the setting `contract` says"),
    ]
    paths = {one["path"] for one in account.requests()}
    assert not [path for path in paths if "plans" in path or "credit_notes" in path]


def test_given_an_entity_without_create_or_update_when_synced_then_what_needs_it_is_rejected(
    platform: Platform, apis: Apis
) -> None:
    there = """
        entities:
          customers: {operations: {create: {absent: true}}}
          invoices: {operations: {update: {absent: true}}}
    """
    account = apis.start("entities: {invoices: {operations: {update: {absent: true}}}}")
    account.given("customers", OBJECTS["customers"])
    config = account.config(**SETTING, contract=text_of(there))
    messages_ = [record("customers", {**OBJECTS["customers"], "id": "nobody"}), *messages(CHANGES)]
    seen = platform.sync(config, CATALOG, *messages_)
    assert account.objects("customers")["cus"]["zip_code"] == "69001"
    assert "nobody" not in account.objects("customers")
    assert seen.outcomes("customers") == {"sent": 1, "rejected": 1}
    again = platform.sync(config, CATALOG, *messages({}))
    assert again.outcomes("invoices") == {"rejected": 1}
    assert ("refused_by_api", "exists already, and Fincome's API can't change it") in again.reasons("rejected")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"contract": "version: 1\nentities:\n  clients: {}\n"}, "`contract` line 3, column 3: `entities.clients`"),
        ({"contract": "version: 1\naccess: {base_url: 'https://x.test'}"}, "`contract` line 2, column 10: "),
        ({"contract": "amounts: cents"}, "`version: 1` is missing"),
        (
            {"paths": {"customers": "/customers"}, "contract": "version: 1\nentities: {customers: {path: /c}}"},
            "`paths.customers` and `contract` (entities.customers.path) say two things",
        ),
        (
            {"api_key_header": "X-API-KEY", "contract": "version: 1\naccess: {api_key_header: Authorization}"},
            "`api_key_header` and `contract` (access.api_key_header) say two things",
        ),
        (
            {"api_key_prefix": "Token", "contract": "version: 1\naccess: {api_key_prefix: Bearer}"},
            "`api_key_prefix` and `contract` (access.api_key_prefix) say two things",
        ),
    ],
)
def test_given_a_text_that_can_not_be_used_when_checked_or_synced_then_its_place_is_told(
    platform: Platform, settings: dict[str, object], words: str
) -> None:
    config: dict[str, object] = {"api_key": "a-key-of-the-test", **settings}
    (status,) = platform.check(config).statuses
    assert status["status"] == "FAILED"
    assert words in status["message"]
    seen = platform.sync(config, CATALOG, *messages({}))
    kind, message = seen.failure
    assert (kind, words in message) == ("config_error", True)
    assert seen.states == []


def test_given_settings_that_say_the_same_as_the_text_when_checked_then_that_is_no_contradiction(
    platform: Platform, apis: Apis
) -> None:
    account = apis.start("the key elsewhere")
    said = text_of("the key elsewhere")
    for settings in ({}, {"api_key_header": "authorization", "api_key_prefix": "Token"}):
        config = account.config(contract=said, **settings)
        assert platform.check(config).statuses == [{"status": "SUCCEEDED"}]
    short = account.config(api_key_header="Authorization", contract="version: 1\naccess: {api_key_prefix: Token}")
    assert platform.check(short).statuses == [{"status": "SUCCEEDED"}]


@pytest.mark.parametrize("text", ["amounts: cents", "version: 1\nentitties: {}", "version: 1\namounts: pence", ": ["])
def test_given_a_text_that_can_not_be_obeyed_when_the_sandbox_starts_then_it_says_so(
    fincome_command: ForkServer, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "contract.yaml"
    file.write_text(text, encoding="utf-8")
    done = fincome_command.run("sandbox", "--port", "0", "--contract", file)
    assert done.returncode != 0
    assert b"The sandbox can't start: The text that corrects the contract can't be obeyed" in done.stderr
