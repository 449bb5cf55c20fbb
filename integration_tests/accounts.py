"""The accounts that tests sync into: an embedded Fincome, and one whose answers are scripted."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import requests
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from fincome_tools.demo.processes import Access

PAGE = 1000
POLL_SECONDS = 0.005
PATHS = {"customers": "clients"}


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until something can be seen that nobody tells of, such as a request that has arrived."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"what the test waits for did not come in {seconds} s"
        time.sleep(POLL_SECONDS)


class Account:
    """An account in the sandbox, seen through its control routes and filled through its API."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._session = requests.Session()
        self._session.trust_env = False
        self.api_key = access.api_key
        self.base_url = access.base_url

    def config(self, **settings: object) -> dict[str, object]:
        """A config that leads here."""
        return {"api_key": self.api_key, "base_url": self.base_url, **settings}

    def given(self, entity: str, *bodies: dict[str, object]) -> None:
        """Create objects."""
        for body in bodies:
            answer = self._session.post(
                f"{self.base_url}/{PATHS.get(entity, entity)}",
                json=body,
                headers={"X-API-KEY": self.api_key},
                timeout=10,
            )
            assert answer.status_code == 201, answer.text

    def misbehave(self, **faults: object) -> None:
        """Set the sandbox's faults and limits; without any, it is well-behaved again."""
        answer = self._session.put(f"{self.access.control_url}/faults", json=faults, timeout=10)
        assert answer.status_code == 200, answer.text

    def objects(self, entity: str) -> dict[str, dict[str, Any]]:
        """All objects of an entity by id, numbers with decimals as Decimal."""
        found: dict[str, dict[str, Any]] = {}
        while True:
            page = self._control(f"objects/{entity}?limit={PAGE}&offset={len(found)}")
            found |= {body["id"]: body for body in page["objects"]}
            if len(found) == page["total"]:
                return found

    def get(self, entity: str, identity: str) -> dict[str, Any] | None:
        """One object, or None."""
        return self.objects(entity).get(identity)

    def texts(self, entity: str) -> str:
        """All objects of an entity, as the sandbox writes them, byte by byte."""
        return self._session.get(f"{self.access.control_url}/objects/{entity}?limit=100000", timeout=30).text

    def summary(self) -> dict[str, Any]:
        return self._control("summary")

    def figures(self, month: str) -> dict[str, Any]:
        """The sandbox's figures, with the recurring revenue of a month."""
        found: dict[str, Any] = self._control(f"figures?month={month}")
        return found

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """The log of requests, from a number on."""
        found: list[dict[str, Any]] = self._control(f"requests?limit=100000&offset={since}")
        return found

    def requests_about(self, identity: str) -> list[tuple[str, int]]:
        """Verb and status of all requests that named an object."""
        return [(one["verb"], one["status"]) for one in self.requests() if one["id"] == identity]

    def _control(self, what: str) -> Any:
        answer = self._session.get(f"{self.access.control_url}/{what}", timeout=30)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.text, parse_float=Decimal)


@dataclass(frozen=True)
class Answer:
    """One scripted answer. A status of 0 breaks the connection off instead."""

    status: int
    body: object = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


ACCEPTED = Answer(201)
BROKEN_OFF = Answer(0)


@dataclass(frozen=True)
class Call:
    """One request that arrived."""

    verb: str
    path: str
    id: str | None
    key: str | None
    authorization: str | None
    at: float
    query: str = ""


class Scripted:
    """A server that answers as a test says: by object, by default, or by a function of the call."""

    api_key = "scripted-key-0123"

    def __init__(self, server: HTTPServer) -> None:
        self.base_url = server.url_for("/product")
        self.calls: list[Call] = []
        self.default: Answer | Callable[[Call], Answer] = ACCEPTED
        self._scripts: dict[str, list[Answer]] = {}
        server.expect_request(re.compile("/.*")).respond_with_handler(self._handle)

    def config(self, **settings: object) -> dict[str, object]:
        """A config that leads here, with retries as short as tests want them."""
        return {"api_key": self.api_key, "base_url": self.base_url, "request_timeout_seconds": 5, **settings}

    def script(self, identity: str, *answers: Answer) -> None:
        """Say what the next requests about an object get."""
        self._scripts[identity] = list(answers)

    def written(self) -> list[str]:
        """The ids of all objects that were posted or patched, in order."""
        return [call.id or "" for call in self.calls if call.verb in ("POST", "PATCH")]

    def _handle(self, request: Request) -> Response:
        body = request.get_data()
        identity = json.loads(body)["id"] if body else request.path.rpartition("/")[2]
        headers = request.headers
        call = Call(
            request.method,
            request.path,
            identity,
            headers.get("X-API-KEY"),
            headers.get("Authorization"),
            time.monotonic(),
            request.query_string.decode(),
        )
        self.calls.append(call)
        scripted = self._scripts.get(identity)
        if scripted:
            answer = scripted.pop(0)
        else:
            answer = self.default if isinstance(self.default, Answer) else self.default(call)
        if answer.status == 0:
            request.environ["werkzeug.socket"].shutdown(2)
            return Response()
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        return Response(text, answer.status, answer.headers, content_type=answer.content_type)


def invalid(field_name: str, message: str) -> Answer:
    """FastAPI's refusal of one field."""
    return Answer(422, {"detail": [{"loc": ["body", field_name], "msg": message, "type": "value_error"}]})
