"""The processes of a measurement: the server, the clients, the connector. Each ends with the block that started it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.request import Request, urlopen

import orjson

from benchmarks.server import Measured

ROOT = Path(__file__).parents[1]
CONNECTOR = (sys.executable, "-m", "destination_fincome.run")
END_SECONDS = 20.0


def _environment(folder: Path) -> dict[str, str]:
    """Leave out what would make the connector another one than the platform runs: buffering, proxies."""
    hidden = re.compile(r"PYTHONUNBUFFERED|.*_proxy", re.IGNORECASE)
    return {**{k: v for k, v in os.environ.items() if not hidden.fullmatch(k)}, "TMPDIR": str(folder)}


@contextmanager
def started(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command while the block runs, with pipes for stdin and stdout; what it says on stderr is shown."""
    process = subprocess.Popen(
        command, cwd=ROOT, env=_environment(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(BrokenPipeError):
                if pipe is not None:
                    pipe.close()


@dataclass(frozen=True)
class Target:
    """A running server."""

    port: int

    @property
    def base_url(self) -> str:
        """The address that a config names."""
        return f"http://localhost:{self.port}/product"

    def begin(self, latency: float, *, keeps: bool = False) -> None:
        """Start a measurement with a latency in seconds; `keeps`: objects are kept, and shown when asked for."""
        keep = "/keep" if keeps else ""
        call(Request(f"http://localhost:{self.port}/_bench/{latency * 1000}{keep}", method="PUT"))

    def measured(self) -> Measured:
        """Return what it saw since."""
        return Measured(**call(f"http://localhost:{self.port}/_bench"))


def call(request: Request | str) -> Any:
    """Send a request to a process of ours; returns the JSON that it answers."""
    with urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


@contextmanager
def running_server(folder: Path) -> Iterator[Target]:
    """Run the server while the block runs."""
    with started([sys.executable, "-m", "benchmarks.server"], folder) as process:
        assert process.stdout is not None
        yield Target(int(process.stdout.readline()))


def run_clients(kind: str, target: Target, workers: int, bodies: list[bytes], folder: Path) -> Measured:
    """Have bodies posted by what the connector is compared with; returns what the server saw."""
    file = folder / "bodies.jsonl"
    file.write_bytes(b"\n".join(bodies))
    url = f"{target.base_url}/invoice_lines"
    with started([sys.executable, "-m", "benchmarks.clients", kind, url, str(workers), str(file)], folder) as process:
        assert process.wait(300) == 0, "the comparison failed"
    return target.measured()


class Connector:
    """One running `destination-fincome write`."""

    def __init__(self, process: subprocess.Popen[bytes], on_state: Callable[[Mapping[str, Any]], None]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self.stdin: IO[bytes] = process.stdin
        self.states = 0
        self.logs: list[str] = []
        self._on_state = on_state
        self._reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        self._reader.start()

    def _read(self, stdout: IO[bytes]) -> None:
        for line in stdout:
            message = orjson.loads(line)
            if message["type"] == "STATE":
                self.states += 1
                self._on_state(message)
            else:
                self.logs.append(line.decode())

    def feed(self, lines: Iterator[bytes] | list[bytes]) -> None:
        """Write lines to its stdin, and wait while it doesn't read on."""
        piece: list[bytes] = []
        for line in lines:
            piece.append(line)
            if len(piece) == 100:
                self.stdin.write(b"".join(piece))
                piece.clear()
        self.stdin.write(b"".join(piece))
        self.stdin.flush()

    def finish(self, seconds: float = 300) -> None:
        """End its input and wait for its good end."""
        self.stdin.close()
        self.process.wait(seconds)
        self._reader.join(END_SECONDS)
        assert self.process.returncode == 0, "the connector failed:\n" + "".join(self.logs[-5:])

    def peak_mebibytes(self) -> float:
        """Return its peak resident memory so far; it must run still."""
        return memory_of(self.process.pid, "VmHWM")


def memory_of(pid: int, name: str) -> float:
    """Read one line of /proc/PID/status, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024
    raise LookupError(name)


@contextmanager
def running_connector(
    config: Mapping[str, Any],
    catalog: Mapping[str, Any],
    folder: Path,
    on_state: Callable[[Mapping[str, Any]], None] = lambda _: None,
    command: tuple[str, ...] = CONNECTOR,
) -> Iterator[Connector]:
    """Run `destination-fincome write`, or another destination, while the block runs."""
    files = {"config": folder / "config.json", "catalog": folder / "catalog.json"}
    files["config"].write_bytes(orjson.dumps(config))
    files["catalog"].write_bytes(orjson.dumps(catalog))
    arguments = ["write", "--config", str(files["config"]), "--catalog", str(files["catalog"])]
    with started([*command, *arguments], folder) as process:
        yield Connector(process, on_state)


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Look again and again; tells whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
