"""What holds for all tests of the engine."""

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO

import pytest


@pytest.fixture(autouse=True)
def memories_of_broken_off_syncs_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close what a process that dies would leave to the operating system: many tests are about such syncs."""
    made: list[IO[bytes]] = []

    def private_file() -> IO[bytes]:
        made.append(TemporaryFile())  # noqa: SIM115 - see below
        return made[-1]

    monkeypatch.setattr("destination_fincome.engine.memory.digests._private_file", private_file)
    yield
    for file in made:
        file.close()
