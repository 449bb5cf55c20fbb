"""The project's commands as processes, started without importing everything anew.

Importing Airbyte's CDK takes more than a second of CPU, and the tests start hundreds of commands. So one process
imports, reads the presets, the contract and the names of countries, which take as long as a small sync or longer, and
forks for each command. The child has arguments, environment, folder and pipes of its own, runs its module as
`python -m` does, and ends as an interpreter ends, but doesn't clear its memory. That a cold start is no different:
test_cold_start.py.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import re
import runpy
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NoReturn, Protocol

REPOSITORY = Path(__file__).parents[1]
CONNECTOR = "destination_fincome.run"
FINCOME = "fincome_tools.cli"
# What the commands import when they run. Not their modules themselves: those must be run, not be there already.
IMPORTS = {
    CONNECTOR: (
        "destination_fincome.destination",
        "destination_fincome.connection.activation",
        "destination_fincome.connection.assembly",
    ),
    FINCOME: (
        "destination_fincome.connection.assembly",
        "fincome_sandbox.server",
        "fincome_tools.contract.command",
        "fincome_tools.contract.experiment",
        "fincome_tools.draft.objects",
        "fincome_tools.draft.report",
        "fincome_tools.files.messages",
        "fincome_tools.files.reading",
        "fincome_tools.load.command",
        "fincome_tools.map.command",
        "fincome_tools.preview.command",
        "fincome_tools.preview.page",
        "fincome_tools.preview.rehearsal",
        "fincome_tools.preview.terminal",
        "fincome_tools.reconcile.command",
        "fincome_tools.resend.command",
        "fincome_tools.studio.server",
        # FastAPI imports it when the first route is added.
        "pydantic.v1",
    ),
}
# Of the last what the sandbox needs, less than half of it.
SANDBOX = ("fincome_sandbox.server", "pydantic.v1")
# What the package's own code reads once in a process, by the function that asks for it, and what that is given. Of code
# that isn't imported nothing is read.
READ_ONCE = (
    ("destination_fincome.fincome.contract", "load_contract"),
    ("destination_fincome.mapping.preset", "load_presets"),
    # A name that no language has, so that all of them are read.
    ("destination_fincome.fincome.country_names", "find_by_name", "Atlantis"),
)
NUMBER = struct.Struct("!i")
"""How the server tells a process and, when it has ended, its exit code."""


def environment(**more: str) -> dict[str, str]:
    """This process's environment, without what would make a test prove less or depend on the machine."""
    hidden = re.compile(r"PYTHONUNBUFFERED|.*_proxy", re.IGNORECASE)
    return {**{name: value for name, value in os.environ.items() if not hidden.fullmatch(name)}, **more}


class Process:
    """A command that was started: the part of `subprocess.Popen` that tests use.

    Attributes:
        stdin: a pipe into it.
        stdout: a pipe from it.
        stderr: a pipe from it, None if it was told to write elsewhere.
        pid: its process.
        returncode: how it ended: its exit code, or a signal's number below zero; None before.
    """

    def __init__(self, pipes: tuple[IO[bytes], IO[bytes], IO[bytes] | None], line: socket.socket) -> None:
        self.stdin, self.stdout, self.stderr = pipes
        self.returncode: int | None = None
        self._line = line
        self.pid = self._number()

    def _number(self) -> int:
        number: int = NUMBER.unpack(self._line.recv(NUMBER.size, socket.MSG_WAITALL))[0]
        return number

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        """Close its pipes, and wait for its end."""
        for pipe in (self.stdin, self.stdout, self.stderr):
            with suppress(BrokenPipeError):
                if pipe is not None:
                    pipe.close()
        self.wait()

    def poll(self) -> int | None:
        """Return its exit code if it has ended."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: it goes on.
        """
        if self.returncode is None:
            self._line.settimeout(timeout)
            try:
                self.returncode = self._number()
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0) from None
            self._line.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, given: bytes = b"", timeout: float = 60) -> tuple[bytes, bytes]:
        """Write its whole input, and return all that it writes on stdout and stderr once it has ended.

        Raises:
            subprocess.TimeoutExpired: it goes on.
        """
        deadline = time.monotonic() + timeout
        said: dict[IO[bytes], bytes] = {}
        readers = [
            threading.Thread(target=lambda pipe=pipe: said.update({pipe: pipe.read()}), daemon=True)
            for pipe in (self.stdout, self.stderr)
            if pipe is not None
        ]
        for reader in readers:
            reader.start()
        with suppress(BrokenPipeError):
            self.stdin.write(given)
        with suppress(BrokenPipeError):
            self.stdin.close()
        self.wait(timeout)
        for reader in readers:
            reader.join(max(0, deadline - time.monotonic()))
        return said[self.stdout], said[self.stderr] if self.stderr is not None else b""

    def close(self) -> None:
        """End it, whatever it does."""
        self.kill()
        with self:
            pass


class Start(Protocol):
    """Starts a command: with arguments, more environment variables, and a file to write its stderr to."""

    def __call__(
        self, *arguments: object, env: Mapping[str, str] | None = None, stderr: IO[bytes] | None = None
    ) -> Process: ...


class ForkServer:
    """Starts one of the project's commands, from a process that has imported what it needs.

    Args:
        module: the command's.
        imports: what it needs, if that isn't all of IMPORTS.
    """

    def __init__(self, module: str, imports: Sequence[str] = ()) -> None:
        self._module = module
        self._control, theirs = socket.socketpair()
        self._asking = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "unit_tests.fork_server", str(theirs.fileno()), *(imports or IMPORTS[module])],
            cwd=REPOSITORY,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()

    def start(
        self,
        *arguments: object,
        module: str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path = REPOSITORY,
        stdin: int | None = None,
        stderr: IO[bytes] | None = None,
    ) -> Process:
        """Start the command.

        Args:
            arguments: those of its command line.
            module: another one that needs the same imports.
            env: more environment variables.
            cwd: the folder that it runs in.
            stdin: a descriptor to read its input from, in place of the pipe.
            stderr: a file to write its stderr to; without it there is a pipe.
        """
        pipes = [os.pipe(), os.pipe(), os.pipe()]
        (theirs_in, ours_in), (ours_out, theirs_out), (ours_err, theirs_err) = pipes
        ours, theirs = socket.socketpair()
        request = {
            "module": module or self._module,
            "arguments": [str(argument) for argument in arguments],
            "env": environment(**(env or {})),
            "cwd": str(cwd),
        }
        with theirs, self._asking:
            streams = [theirs_in if stdin is None else stdin, theirs_out, stderr.fileno() if stderr else theirs_err]
            socket.send_fds(self._control, [b"1"], [*streams, theirs.fileno()])
        for descriptor in (theirs_in, theirs_out, theirs_err):
            os.close(descriptor)
        ours.sendall(json.dumps(request).encode() + b"\n")
        if stderr:
            os.close(ours_err)
        errors = None if stderr else os.fdopen(ours_err, "rb")
        return Process((os.fdopen(ours_in, "wb"), os.fdopen(ours_out, "rb"), errors), ours)

    def run(self, *arguments: object, given: bytes = b"", **options: Any) -> subprocess.CompletedProcess[bytes]:
        """Run the command to its end; options are those of `start`."""
        process = self.start(*arguments, **options)
        try:
            out, err = process.communicate(given)
        finally:
            process.close()
        assert process.returncode is not None
        return subprocess.CompletedProcess([self._module, *map(str, arguments)], process.returncode, out, err)

    def close(self) -> None:
        """End the server; the commands that it started go on."""
        self._control.close()
        self._process.terminate()
        self._process.wait()


@contextmanager
def fork_server(module: str, imports: Sequence[str] = ()) -> Iterator[ForkServer]:
    """A fork server while the block runs."""
    server = ForkServer(module, imports)
    try:
        yield server
    finally:
        server.close()


# --- in the server's process


def serve(control: socket.socket, modules: Sequence[str]) -> None:
    """Fork for each request, and tell of each child how it ended, until nobody can ask any more.

    In a child, return once it has to run.
    """
    for module in modules:
        importlib.import_module(module)
    for module, function, *given in READ_ONCE:
        if module in sys.modules:
            getattr(sys.modules[module], function)(*given)
    gc.collect()
    gc.freeze()
    lines: dict[int, socket.socket] = {}
    signal.signal(signal.SIGCHLD, lambda *_: tell_ends(lines))
    while True:
        asked, descriptors, _, _ = socket.recv_fds(control, 1, 4)
        if not asked:
            return
        *streams, wire = descriptors
        line = socket.socket(fileno=wire)
        # A child that ends at once must be known by then.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        child = os.fork()
        if not child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
            for unneeded in (control, *lines.values()):
                unneeded.close()
            become(streams, line)
        lines[child] = line
        for stream in streams:
            os.close(stream)
        with suppress(BrokenPipeError):
            line.sendall(NUMBER.pack(child))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])


def tell_ends(lines: dict[int, socket.socket]) -> None:
    """Tell of the children that have ended how they did."""
    with suppress(ChildProcessError):
        while True:
            child, status = os.waitpid(-1, os.WNOHANG)
            if not child:
                return
            with suppress(BrokenPipeError), lines.pop(child) as line:
                line.sendall(NUMBER.pack(os.waitstatus_to_exitcode(status)))


def become(streams: Sequence[int], line: socket.socket) -> NoReturn:
    """Run what is asked for: a module, with arguments, in an environment and a folder."""
    with line, line.makefile("rb") as text:
        request = json.loads(text.readline())
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    tempfile.tempdir = None
    sys.argv[1:] = request["arguments"]
    code: object = None
    try:
        runpy.run_module(request["module"], run_name="__main__", alter_sys=True)
    except SystemExit as asked:
        code = asked.code
    end(code)


def end(code: object) -> NoReturn:
    """End as an interpreter ends, but for clearing a memory that is freed anyway: it costs as much as a small sync."""
    if isinstance(code, int | None):
        threading._shutdown()
        atexit._run_exitfuncs()
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit((code or 0) & 0xFF)
    sys.exit(code)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
