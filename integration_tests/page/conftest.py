"""A browser, and a year of example data that was really synced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser

from examples.stripe_year import generate
from examples.stripe_year.cast import FEWEST_CUSTOMERS
from fincome_tools.demo.platform import sync
from fincome_tools.demo.processes import Access
from integration_tests.page.browser import chromium
from integration_tests.sandboxes import running_sandbox
from unit_tests.fork_server import ForkServer


@dataclass(frozen=True)
class Sandbox:
    """A sandbox, through its page and its control routes."""

    access: Access

    def page(self, path: str = "") -> str:
        """The address of a page."""
        return self.access.page_url + path

    def control(self, path: str) -> Any:
        """What the sandbox says of itself; decimals stay exact."""
        answer = requests.get(f"{self.access.control_url}/{path}", timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json(parse_float=Decimal)

    def call(self, verb: str, path: str, body: object) -> int:
        """A request to the API."""
        headers = {"X-API-KEY": self.access.api_key}
        return requests.request(verb, self.access.base_url + path, json=body, headers=headers, timeout=10).status_code


# Not of the session: while a browser runs, so does an event loop, and other files' tests start their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example year of few customers, as a folder of messages."""
    folder = tmp_path_factory.mktemp("example")
    generate(folder, seed=7, customers=FEWEST_CUSTOMERS)
    return folder


@pytest.fixture(scope="session")
def synced(example: Path, tmp_path_factory: pytest.TempPathFactory, fincome_command: ForkServer) -> Iterator[Sandbox]:
    """A sandbox into which the example was synced by the connector; tests read only."""
    workspace = tmp_path_factory.mktemp("synced")
    with running_sandbox(fincome_command, workspace) as access:
        run = sync(example, access, workspace)
        assert run.seen.good, run.seen.errors
        yield Sandbox(access)


@pytest.fixture
def empty(tmp_path: Path, fincome_command: ForkServer) -> Iterator[Sandbox]:
    """A sandbox that holds nothing yet."""
    with running_sandbox(fincome_command, tmp_path) as access:
        yield Sandbox(access)
