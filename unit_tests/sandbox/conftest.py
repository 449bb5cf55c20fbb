"""Sandboxes to talk to: a shared one, a fresh one, and one to start with arguments of one's own."""

from collections.abc import Callable, Iterator

import pytest

from unit_tests.sandbox.processes import COMMAND, Sandbox, running


@pytest.fixture
def start() -> Callable[..., object]:
    """Starts a sandbox of one's own, with more arguments."""
    return lambda *arguments, **options: running(*COMMAND, *arguments, **options)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for all tests that choose ids of their own."""
    with running(*COMMAND) as started:
        yield started


@pytest.fixture(scope="module")
def fresh() -> Iterator[Sandbox]:
    """A sandbox that only this module's tests use."""
    with running(*COMMAND) as started:
        yield started
