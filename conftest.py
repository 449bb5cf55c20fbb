"""What Airbyte's standard tests need: an account that `check` can reach, where the committed configs lead to.

`airbyte-cdk connector test` writes its own test file, so nothing nearer to the tests than this file can start it. It
needs no package beyond the connector's own: the command brings its own pytest.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import pytest

CONFIG = json.loads((Path(__file__).parent / "integration_tests" / "configs" / "config.json").read_text("utf-8"))
# Container images like to set it. As in the Makefile: the tests' processes would all compile all that they import.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# A shell lets what it starts in the background ignore SIGINT, and that is inherited: no test could end a command by it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# Ours, and the file that Airbyte's command writes.
STANDARD_TESTS = {"test_standard.py", "test_airbyte_standards.py"}


def pytest_configure(config: pytest.Config) -> None:
    """Let the pytest of Airbyte's command import its file: up to 7.4, importlib's way fails below a folder `.tmp`."""
    if any(Path(argument.partition("::")[0]).name == "test_airbyte_standards.py" for argument in config.args):
        config.option.importmode = "prepend"


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """Keep the garbage collector from looking at all modules and tests again and again while they are collected."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Let it look from here on at what comes and goes only."""
    gc.freeze()
    gc.enable()


class _Answers(BaseHTTPRequestHandler):
    """Fincome's answers to what a connection test asks: about an object that isn't there, and about routes."""

    def do_GET(self) -> None:
        """Refuse another key; know no object; let collections only be posted to."""
        path = self.path.removeprefix(urlsplit(CONFIG["base_url"]).path)
        if self.headers.get("X-API-KEY") != CONFIG["api_key"]:
            self._answer(401, "Invalid API key")
        elif path.count("/") > 1:
            self._answer(404, "Customer not found")
        else:
            self._answer(405, "Method Not Allowed")

    def _answer(self, status: int, detail: str) -> None:
        body = json.dumps({"detail": detail}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing of requests."""


class _Server(ThreadingHTTPServer):
    """On the one port that the configs name: several runs on one machine share it, and all answer the same."""

    daemon_threads: ClassVar[bool] = True

    def server_bind(self) -> None:
        if hasattr(socket, "SO_REUSEPORT"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        super().server_bind()


@pytest.fixture(scope="session", autouse=True)
def standard_account(request: pytest.FixtureRequest) -> Iterator[None]:
    """Serve the account of `integration_tests/configs` while standard tests are among those that run."""
    if not STANDARD_TESTS & {item.path.name for item in request.session.items}:
        yield
        return
    with _Server(("localhost", urlsplit(CONFIG["base_url"]).port or 80), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield
        server.shutdown()
        thread.join()
