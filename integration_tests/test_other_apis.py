"""APIs that differ from the contract in one thing: none of them ends green, wrong and silent.

The rows are in other_apis.yaml; docs/contract.md shows them. Each is played by a sandbox, through the command line,
with the connector's default settings: two syncs, of which the second changes what the first brought, and brings more
of it. All rows are run at once, a few at a time; the tests look at what has become of them. Where the API shows all at
once, the connector waits a fifth as long for what might show late.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from integration_tests.accounts import Account
from integration_tests.conftest import NewAccount
from integration_tests.messages import Message, catalog, record, state, stream
from integration_tests.orchestrator import Platform, Seen
from integration_tests.sandboxes import running_sandbox
from integration_tests.test_contract_setting import OBJECTS, in_one_form, text_of
from integration_tests.test_contract_tools import Fincome
from unit_tests.fork_server import ForkServer

ROWS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("other_apis.yaml").read_text(encoding="utf-8"))
NAMES = {f"{number} {row['says']}": row for number, row in enumerate(ROWS)}
AT_A_TIME = 6
CATALOG = catalog(*(stream(name, *body, "custom_properties") for name, body in OBJECTS.items()))
# As short as tests want them: the rows that need more say so.
SETTINGS: dict[str, object] = {"source": "fincome", "create_missing_parents": "off", "retry_minutes": 0.2}
REFERENCES = ("product_id", "plan_id", "price_id", "customer_id", "subscription_id", "invoice_id", "invoice_line_id")

Objects = dict[str, list[dict[str, Any]]]


def of(group: str, **changes: dict[str, Any]) -> Objects:
    """One object of each kind that belong together, with ids of their own."""
    return {name: [{**renamed(body, group), **changes.get(name, {})}] for name, body in OBJECTS.items()}


def renamed(body: dict[str, Any], group: str) -> dict[str, Any]:
    own = {name: f"{value}-{group}" if name in ("id", *REFERENCES) else value for name, value in body.items()}
    if "lines" in own:
        own["lines"] = [renamed(line, group) for line in own["lines"]]
    return own


CHANGES: dict[str, dict[str, Any]] = {
    "plans": {"amount": 15.75},
    "customers": {"zip_code": "69001"},
    "invoices": {"status": "paid", "amount": 14.5},
    "invoice_lines": {"description": "February"},
    "credit_notes": {"amount": 3.5},
}
# Two of each kind at first, of which one comes again, changed, with a new one. Of the other only new children come.
WHOLE: dict[str, dict[str, Any]] = {
    "plans": {"amount": 12},
    "subscriptions": {"monthly_value": 12},
    "invoices": {"amount": 12},
    "invoice_lines": {"amount_excluding_tax_after_discount": 12, "tax_amount": 2},
}
FIRST = [of("old", **WHOLE), of("a")]
LATE: Objects = {
    "subscriptions": [{**renamed(OBJECTS["subscriptions"], "late"), "customer_id": "cus-old", "plan_id": "plan-old"}],
    "invoice_lines": [
        {
            **renamed(OBJECTS["invoice_lines"], "late"),
            "invoice_id": "inv-old",
            "subscription_id": "sub-old",
            "price_id": "plan-old",
        }
    ],
}
SECOND = [of("a", **CHANGES), of("b"), LATE]


def bodies(groups: list[Objects]) -> Objects:
    return {name: [body for group in groups for body in group.get(name, [])] for name in OBJECTS}


def messages(groups: list[Objects]) -> list[Message]:
    found = [record(name, body) for name, several in bodies(groups).items() for body in several]
    return [*found, *(state(name) for name in OBJECTS)]


def with_slashes(groups: list[Objects]) -> list[Objects]:
    """The same with ids of invoices that hold slashes."""
    renamed_: list[Objects] = json.loads(json.dumps(groups).replace('"inv-', '"FA/2026/'))
    return renamed_


def with_fields(groups: list[Objects], added: dict[str, dict[str, Any]]) -> list[Objects]:
    """The same with more fields of all objects of some kinds."""
    return [
        {name: [body | added.get(name, {}) for body in several] for name, several in group.items()} for group in groups
    ]


def expected(groups: list[Objects]) -> Objects:
    """What is in the account when all is well."""
    return {
        name: sorted({body["id"]: body for body in several}.values(), key=lambda body: body["id"])
        for name, several in bodies(groups).items()
    }


@dataclass
class Run:
    """What has become of one API: two syncs, and what is in the account."""

    check: list[dict[str, str]]
    syncs: list[Seen]
    held: Objects
    expected: Objects

    @property
    def wrong(self) -> list[str]:
        """What is in the account otherwise than it was sent: kinds of objects, and ids."""
        wrong = []
        for name, bodies_ in self.expected.items():
            there = [{key: value for key, value in body.items() if key != "source"} for body in self.held[name]]
            sent = in_one_form(bodies_)
            wrong += [f"{name} {body['id']}" for body in sent if there.count(body) != 1]
            wrong += [f"{name} {body['id']} too much" for body in there if body not in sent]
        return wrong

    @property
    def said(self) -> str:
        """All that people are told: failures, warnings, and what was learned."""
        failures = [error["message"] for seen in self.syncs for error in seen.errors]
        reasons = [text for seen in self.syncs for _, text in seen.reasons("rejected")]
        learned = [text for seen in self.syncs for text in seen.logs if text.startswith("Learned")]
        return "\n".join([*failures, *reasons, *learned, *(text for seen in self.syncs for text in seen.warnings)])

    @property
    def is_green(self) -> bool:
        return all(seen.exit_code == 0 and not seen.errors for seen in self.syncs)

    @property
    def rejected(self) -> int:
        return sum(row["rejected"] for seen in self.syncs for row in seen.summary["streams"])


class World:
    """Plays rows, a few at a time, each once.

    Args:
        names: of the rows.
        quick: for those whose API shows all at once.
        folder: makes a folder of a name.
    """

    def __init__(
        self,
        names: list[str],
        platform: Platform,
        quick: Platform,
        command: ForkServer,
        folder: Callable[[str], Path],
    ) -> None:
        self._patient = platform
        self._quick = quick
        self._command = command
        self._folder = folder
        self._pool = ThreadPoolExecutor(AT_A_TIME)
        self._runs: dict[str, Future[Run]] = {name: self._pool.submit(self._run, NAMES[name]) for name in names}
        self._pasted: dict[str, Future[Run]] = {
            name: self._pool.submit(self._paste, NAMES[name]) for name in names if NAMES[name].get("pasted")
        }

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def run(self, name: str) -> Run:
        return self._runs[name].result()

    def pasted(self, name: str) -> Run:
        return self._pasted[name].result()

    @contextmanager
    def _api(self, row: dict[str, Any]) -> Iterator[Account]:
        folder = self._folder("api")
        file = folder / "contract.yaml"
        file.write_text(text_of(row.get("contract", "")), encoding="utf-8")
        faults = [text for name, value in row.get("plays", {}).items() for text in (option(name), value)]
        with running_sandbox(self._command, folder, "--contract", file, *faults) as access:
            yield Account(access)

    def _run(self, row: dict[str, Any], contract: str = "") -> Run:
        groups = [with_slashes(FIRST), with_slashes(SECOND)] if row.get("slash") else [FIRST, SECOND]
        groups = [with_fields(group, row.get("adds", {})) for group in groups]
        platform = self._patient if "visibility_lag_ms" in row.get("plays", {}) else self._quick
        with self._api(row) as account:
            config = account.config(**{**SETTINGS, **row.get("settings", {}), "contract": contract})
            check = platform.check(config).statuses if row.get("check") else []
            syncs = [platform.sync(config, CATALOG, *messages(each)) for each in groups]
            wanted = expected([*groups[0], *groups[1]])
            for name, fields in row.get("shown", {}).items():
                wanted[name] = [{**body, **fields} for body in wanted[name]] if fields else []
            return Run(check, syncs, held(account), wanted)

    def _paste(self, row: dict[str, Any]) -> Run:
        """Sync into another account of that kind, with the text that the probe of the first printed."""
        with self._api(row) as account:
            told = Fincome(self._command).probed(self._folder("probe"), account.config(), "--wait", 0.3)
        return self._run(row, told.document["contract"])


def option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def held(account: Account) -> Objects:
    # By the page: there may be two of one id.
    return {name: in_one_form(json.loads(account.texts(name)).get("objects", [])) for name in OBJECTS}


@pytest.fixture(scope="module")
def world(
    request: pytest.FixtureRequest,
    platform: Platform,
    quick_platform: Platform,
    fincome_command: ForkServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    chosen = {item.name for item in request.session.items}
    names = [name for name in NAMES if any(f"[{name}]" in one for one in chosen)]
    started = World(names, platform, quick_platform, fincome_command, tmp_path_factory.mktemp)
    yield started
    started.close()


def rows(field: str = "") -> list[Any]:
    """The rows that have a field, by their names."""
    chosen = [name for name, row in NAMES.items() if not field or row.get(field)]
    return [pytest.param(name, marks=[pytest.mark.long] if NAMES[name].get("long") else []) for name in chosen]


@pytest.mark.parametrize("name", rows())
def test_given_an_api_that_differs_in_one_thing_when_synced_then_it_works_or_it_is_told(
    world: World, name: str
) -> None:
    row, run = NAMES[name], world.run(name)
    if words := row.get("words"):
        assert re.search(words, run.said, re.DOTALL), run.said
    if row["ends"] == "works":
        assert (run.is_green, run.rejected, run.wrong) == (True, 0, []), run.said
    elif row["ends"] == "warns":
        assert run.is_green, run.said
        assert run.wrong
    else:
        assert not run.is_green
        stopped = next(seen for seen in run.syncs if seen.errors)
        assert len(stopped.states) < len(OBJECTS)


@pytest.mark.parametrize("name", rows("check"))
def test_given_an_api_that_differs_when_the_connection_is_tested_then_it_is_told(world: World, name: str) -> None:
    assert re.search(NAMES[name]["check"], world.run(name).check[0]["message"])


@pytest.mark.parametrize("name", rows("pasted"))
def test_given_an_api_that_differs_when_the_probes_text_is_pasted_then_all_works(world: World, name: str) -> None:
    run = world.pasted(name)
    assert (run.is_green, run.rejected, run.wrong) == (True, 0, []), run.said


def test_given_many_objects_when_several_workers_learn_at_once_then_each_object_is_changed(
    platform: Platform, new_account: NewAccount
) -> None:
    def sync(zip_code: str) -> Seen:
        bodies_ = [{"id": f"c{number}", "name": "Ada", "zip_code": zip_code} for number in range(60)]
        bodies_ += [{"id": f"new{number}-{zip_code}", "name": "Ada", "zip_code": zip_code} for number in range(10)]
        only = catalog(stream("customers", *bodies_[0]))
        return platform.sync(account.config(**SETTINGS), only, *(record("customers", one) for one in bodies_))

    with new_account() as account:
        account.misbehave(update_verb="PUT", id_in_updates="refused", ignored_posts="customers")
        assert sync("75001").outcomes("customers") == {"sent": 70}
        assert sync("69001").outcomes("customers") == {"sent": 70}
        assert Counter(one["zip_code"] for one in account.objects("customers").values()) == {"75001": 10, "69001": 70}
