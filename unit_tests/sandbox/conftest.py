"""Sandboxes to talk to: a shared one, a fresh one, and one to start with arguments of one's own."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from unit_tests.fork_server import FINCOME, SANDBOX, ForkServer, fork_server
from unit_tests.sandbox.processes import COMMAND, Sandbox, running


@pytest.fixture(scope="session")
def fincome_command() -> Iterator[ForkServer]:
    with fork_server(FINCOME, SANDBOX) as server:
        yield server


@pytest.fixture(scope="session")
def start(fincome_command: ForkServer) -> Callable[..., object]:
    """Starts a sandbox of one's own, with more arguments."""
    return partial(running, fincome_command, *COMMAND)


@pytest.fixture(scope="session")
def sandbox(fincome_command: ForkServer) -> Iterator[Sandbox]:
    """One sandbox for all tests that choose ids of their own."""
    with running(fincome_command, *COMMAND) as started:
        yield started


@pytest.fixture(scope="module")
def fresh(fincome_command: ForkServer) -> Iterator[Sandbox]:
    """A sandbox that only this module's tests use."""
    with running(fincome_command, *COMMAND) as started:
        yield started
