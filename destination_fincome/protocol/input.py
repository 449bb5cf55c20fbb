"""Standard input, read as it comes."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable

from destination_fincome.failure import SystemFailure


def standard_input() -> Callable[[int], bytes]:
    """Return what reads stdin: at most so many bytes, waiting only when nothing is there; b"" at its end.

    It raises SystemFailure when stdin can't be read. It doesn't go through `sys.stdin.buffer`: a thread may still wait
    there, with the buffer's lock, when the process ends, and Python would abort over that lock.

    Raises:
        SystemFailure: there is no stdin.
    """
    if sys.stdin is None:  # so Python says that the descriptor is closed
        raise SystemFailure("Standard input is closed. The connector reads Airbyte's messages from it.")
    descriptor = sys.stdin.fileno()

    def read(limit: int) -> bytes:
        while True:
            try:
                return os.read(descriptor, limit)
            except BlockingIOError:  # it was left non-blocking by whoever had it before
                select.select([descriptor], [], [])
            except OSError as error:
                raise SystemFailure(
                    f"Standard input can't be read ({error.strerror}). The connector reads Airbyte's messages from it."
                ) from error

    return read
