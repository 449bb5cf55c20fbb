"""PyAirbyte, Airbyte's source-faker and the connector, each installed in an environment of its own.

Only for `make clients-test`, which installs them: that takes minutes and gigabytes.
"""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest

from fincome_tools.demo.processes import read_lines, started
from unit_tests.fork_server import REPOSITORY

collect_ignore = [] if os.environ.get("CLIENT_TESTS") else ["test_pyairbyte.py"]

ENVIRONMENTS = REPOSITORY / "build" / "clients"
ANSWER_SECONDS = 240
REPORT = pytest.StashKey[list[str]]()


@dataclass(frozen=True)
class Run:
    """One run of a connector, as PyAirbyte ran it."""

    folder: Path

    @property
    def received(self) -> list[dict[str, Any]]:
        """The messages that went into it."""
        return _messages(self.folder / "stdin")

    @property
    def emitted(self) -> list[dict[str, Any]]:
        """The messages that came out of it."""
        return _messages(self.folder / "stdout")

    @property
    def catalog(self) -> dict[str, Any]:
        catalog: dict[str, Any] = json.loads((self.folder / "catalog.json").read_text(encoding="utf-8"))
        return catalog


def _messages(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@dataclass(frozen=True)
class Tapped:
    """An installed connector, and what went in and out of it."""

    executable: Path
    _folder: Path

    def runs(self, command: str) -> list[Run]:
        """All runs of a command, in the order of time."""
        return [Run(path) for path in sorted(self._folder.glob(f"*-{command}-*"))]


def tapped(folder: Path, connector: Path) -> Tapped:
    assert connector.is_file(), f"{connector} is not installed: make clients-test"
    executable, kept = folder / connector.name, folder / f"{connector.name}.kept"
    kept.mkdir()
    tap = [str(Path(__file__).with_name("tap.sh")), str(kept), str(connector)]
    executable.write_text(f'#!/bin/sh\nexec {shlex.join(tap)} "$@"\n', encoding="utf-8")
    executable.chmod(0o700)
    return Tapped(executable, kept)


class PyAirbyte:
    """A user's program with PyAirbyte: drive.py says what it can do."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log
        self._answers: Queue[bytes | None] = Queue()
        assert process.stdout is not None
        read_lines(process.stdout, self._answers.put, at_end=lambda: self._answers.put(None))

    def ask(self, do: str, **arguments: object) -> dict[str, Any]:
        """Have something done, and wait for the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        self._process.stdin.flush()
        try:
            line = self._answers.get(timeout=ANSWER_SECONDS)
        except Empty:
            pytest.fail(f"no answer to {do} in {ANSWER_SECONDS} s:\n{self.told()[-4000:]}")
        assert line is not None, f"PyAirbyte ended:\n{self.told()[-4000:]}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def told(self) -> str:
        """What its user has seen so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="session")
def report(pytestconfig: pytest.Config) -> list[str]:
    """Lines that are shown at the end: what was run in which version, and how long it took."""
    lines = pytestconfig.stash.setdefault(REPORT, [])
    of = [_version("pyairbyte", "airbyte"), _version("source-faker", "airbyte-source-faker")]
    lines.append(
        ", ".join([*of, _version("destination", "airbyte-destination-fincome"), f"Python {sys.version.split()[0]}"])
    )
    return lines


def _version(environment: str, package: str) -> str:
    script = f"import importlib.metadata as m; print(m.version({package!r}))"
    python = ENVIRONMENTS / environment / "bin" / "python"
    return f"{package} {subprocess.check_output([python, '-c', script], text=True, timeout=60).strip()}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(REPORT, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def outside() -> Iterator[socket.socket]:
    """All that isn't this machine: whoever asks for it comes to this socket, which answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        yield listener


@pytest.fixture(scope="session")
def pyairbyte(
    tmp_path_factory: pytest.TempPathFactory, outside: socket.socket, report: list[str]
) -> Iterator[PyAirbyte]:
    folder = tmp_path_factory.mktemp("pyairbyte")
    proxy = f"http://127.0.0.1:{outside.getsockname()[1]}"
    settings = [f"{name}={proxy}" for name in ("http_proxy", "https_proxy", "all_proxy")]
    # Far enough from UTC for a time that was taken for a local one to be seen.
    settings += ["no_proxy=127.0.0.1,localhost", f"TMPDIR={folder}", "TZ=Asia/Tokyo"]
    python = ENVIRONMENTS / "pyairbyte" / "bin" / "python"
    # Google's libraries, which PyAirbyte brings, warn about the end of life of this Python.
    drive = [str(python), "-W", "ignore::FutureWarning", str(Path(__file__).with_name("drive.py")), str(folder)]
    log = folder / "stderr"
    with started(["env", "-u", "CI", *settings, *drive], errors_to=log) as process:
        yield PyAirbyte(process, log)


@pytest.fixture
def destination(tmp_path: Path) -> Tapped:
    return tapped(tmp_path, ENVIRONMENTS / "destination" / "bin" / "destination-fincome")


@pytest.fixture
def source(tmp_path: Path) -> Tapped:
    return tapped(tmp_path, ENVIRONMENTS / "source-faker" / "bin" / "source-faker")


@contextmanager
def timed(report: list[str], what: str) -> Iterator[None]:
    """Measure a block, for the report."""
    begun = time.monotonic()
    yield
    report.append(f"{what}: {time.monotonic() - begun:.1f} s")
