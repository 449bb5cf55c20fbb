"""The platform, and the accounts that it syncs into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from pytest_httpserver import HTTPServer

from integration_tests.accounts import Account, Scripted
from integration_tests.fork_server import CONNECTOR, FINCOME, REPOSITORY, ForkServer, fork_server
from integration_tests.orchestrator import Platform
from integration_tests.sandboxes import running_sandbox

# Recorded from a real source; too large for the repository, and beside it only where it is developed.
STRIPE_RECORDS = REPOSITORY.parent / "shared" / "data" / "stripe"
collect_ignore = [] if STRIPE_RECORDS.is_dir() else ["test_stripe.py"]

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
