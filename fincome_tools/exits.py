"""How people's commands end: the one place of their exit codes (docs/commands.md has the table).

`destination-fincome` isn't one of them: its exit codes are the platform's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from destination_fincome.failure import ConnectorFailure


class Exit(IntEnum):
    """All exit codes of `fincome`."""

    DONE = 0  # and nothing was rejected, nothing differs
    DIFFERENT = 1  # done, and something was rejected, differs, or was refused again
    NOT_DONE = 2  # it could not be done: usage, settings, mapping, key, files
    PASSING = 3  # passing trouble of the network or of Fincome: the same command may succeed later


def exit_of(failure: ConnectorFailure) -> Exit:
    """Return how a command ends on a failure of the connector's list."""
    from destination_fincome.failure import TransientFailure

    return Exit.PASSING if isinstance(failure, TransientFailure) else Exit.NOT_DONE


def fail(message: str, code: Exit = Exit.NOT_DONE) -> NoReturn:
    """End the command with words on stderr."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


@contextmanager
def failures_told() -> Iterator[None]:
    """End the command with a failure's own words, if one of the connector's list is raised in the block."""
    from destination_fincome.failure import ConnectorFailure

    try:
        yield
    except ConnectorFailure as failure:
        fail(failure.message, exit_of(failure))
