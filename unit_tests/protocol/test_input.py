"""Standard input, whatever it is."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from io import FileIO, TextIOWrapper
from pathlib import Path

import pytest

from destination_fincome.failure import SystemFailure
from destination_fincome.protocol.input import standard_input


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileIO]:
    """The end of stdin into which a test writes."""
    theirs, ours = os.pipe()
    with os.fdopen(theirs, "r") as stdin, open(ours, "wb", buffering=0) as given:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield given


def test_it_gives_what_is_there_and_then_the_end(pipe: FileIO) -> None:
    read = standard_input()
    pipe.write(b"some")
    assert read(100) == b"some"
    pipe.write(b"more")
    assert (read(2), read(2)) == (b"mo", b"re")
    pipe.close()
    assert read(100) == b""


def test_it_waits_where_reading_does_not_block(pipe: FileIO) -> None:
    os.set_blocking(sys.stdin.fileno(), False)
    read = standard_input()
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(read(100)), daemon=True)
    reader.start()
    reader.join(0.1)
    assert reader.is_alive()
    pipe.write(b"late")
    reader.join(10)
    assert found == [b"late"]


def test_a_stdin_that_is_closed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(SystemFailure, match="Standard input is closed"):
        standard_input()


def test_a_stdin_that_cannot_be_read_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (tmp_path / "only written").open("wb") as file:
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(file))
        with pytest.raises(SystemFailure, match=r"Standard input can't be read \(Bad file descriptor\)"):
            standard_input()(100)
