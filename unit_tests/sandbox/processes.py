"""Sandboxes as processes, talked to over loopback."""

from __future__ import annotations

import os
import re
import selectors
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import requests

from unit_tests.fork_server import ForkServer, Process

READY = re.compile(r"Sandbox ready: base_url=(https?://\S+) api_key=(\S+)\n")
COMMAND = ("sandbox", "--port", "0")
START_SECONDS = 20
END_SECONDS = 10


@dataclass
class Sandbox:
    process: Process
    base_url: str
    api_key: str
    headers: dict[str, str] = field(default_factory=dict)
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def root(self) -> str:
        return "/".join(self.base_url.split("/")[:3])

    def call(self, verb: str, path: str, body: object = None, **options: object) -> requests.Response:
        return self.session.request(
            verb, self.base_url + path, json=body, timeout=10, **{"headers": self.headers, **options}
        )

    def post(self, path: str, body: object) -> requests.Response:
        return self.call("POST", path, body)

    def patch(self, path: str, body: object) -> requests.Response:
        return self.call("PATCH", path, body)

    def get(self, path: str) -> requests.Response:
        return self.call("GET", path)

    def given(self, *objects: tuple[str, dict[str, object]]) -> None:
        for path, body in objects:
            answer = self.post(path, body)
            assert answer.status_code in (201, 202), answer.text

    def control(self, path: str) -> object:
        answer = self.session.get(f"{self.root}/_sandbox/{path}", timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()


def first_line(process: Process) -> str:
    """The first line of stdout, in bounded time."""
    line, end = b"", time.monotonic() + START_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not line.endswith(b"\n") and selector.select(end - time.monotonic()):
            letter = os.read(process.stdout.fileno(), 1)
            if not letter:
                break
            line += letter
    return line.decode()


@contextmanager
def running(
    fincome: ForkServer, *arguments: object, module: str | None = None, env: dict[str, str] | None = None
) -> Iterator[Sandbox]:
    """A sandbox while the block runs: of `fincome`, or of a module that starts one otherwise."""
    process = fincome.start(*arguments, module=module, env=env)
    try:
        line = first_line(process)
        found = READY.fullmatch(line)
        if found is None:
            process.kill()
            pytest.fail(f"not ready: {line!r} {process.communicate()[1].decode()}")
        sandbox = Sandbox(process, found[1], found[2], {"X-API-KEY": found[2]})
        with sandbox.session:
            yield sandbox
        process.terminate()
        process.wait(END_SECONDS)
    finally:
        process.close()
