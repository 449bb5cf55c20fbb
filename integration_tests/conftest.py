"""The platform, and the accounts that it syncs into."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

import pytest
from hypothesis import settings
from pytest_httpserver import HTTPServer

from integration_tests.accounts import Account, Scripted
from integration_tests.orchestrator import Platform
from integration_tests.sandboxes import running_sandbox
from unit_tests.fork_server import CONNECTOR, FINCOME, ForkServer, fork_server

# How long an example takes tells of the machine, not of the code.
settings.register_profile("without deadlines", deadline=None)
settings.load_profile("without deadlines")

# A folder of what source-stripe wrote, for test_stripe.py.
RECORDED_DATA = "RECORDED_DATA"
# For what is only more of the same: tests and rows with the mark `long`.
LONG_TESTS = "LONG_TESTS"
# What asks for tests that take more than a test's time or data that isn't here, and the target that asks.
ASKED_FOR = {
    "IMAGE_TESTS": "make image-test",
    "CLIENT_TESTS": "make clients-test",
    RECORDED_DATA: "make test-recorded",
    LONG_TESTS: "make test-long",
}

NewAccount = Callable[[], AbstractContextManager[Account]]


@pytest.fixture(scope="session")
def connector() -> Iterator[ForkServer]:
    """Starts the connector's command line."""
    with fork_server(CONNECTOR) as server:
        yield server


@pytest.fixture(scope="session")
def fincome_command() -> Iterator[ForkServer]:
    """Starts the command `fincome`."""
    with fork_server(FINCOME) as server:
        yield server


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory, connector: ForkServer) -> Platform:
    return Platform(tmp_path_factory.mktemp("runs"), connector.start)


@pytest.fixture(scope="session")
def quick_platform(tmp_path_factory: pytest.TempPathFactory, connector: ForkServer) -> Platform:
    """Runs a connector that waits a fifth as long for what shows late."""
    start = partial(connector.start, module="integration_tests.quick_to_look")
    return Platform(tmp_path_factory.mktemp("runs"), start)


@pytest.fixture(scope="session")
def new_account(tmp_path_factory: pytest.TempPathFactory, fincome_command: ForkServer) -> NewAccount:
    """Starts a sandbox of a test's own."""

    @contextmanager
    def start() -> Iterator[Account]:
        with running_sandbox(fincome_command, tmp_path_factory.mktemp("sandbox")) as access:
            yield Account(access)

    return start


@pytest.fixture(scope="session")
def account(new_account: NewAccount) -> Iterator[Account]:
    """One account for all tests that choose ids of their own."""
    with new_account() as started:
        yield started


@pytest.fixture
def fincome(httpserver: HTTPServer) -> Scripted:
    """A Fincome whose answers are scripted."""
    return Scripted(httpserver)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is only more of the same to its own target."""
    long = [item for item in items if item.get_closest_marker("long")]
    if long and not os.environ.get(LONG_TESTS):
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in set(long)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not run: no test is left out in silence."""
    missing = [target for variable, target in ASKED_FOR.items() if not os.environ.get(variable)]
    if missing:
        terminalreporter.write_line(f"not run here (docs/testing.md): {', '.join(missing)}")
