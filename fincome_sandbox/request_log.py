"""The log of requests, around the whole application: also of those that end at no route.

It keeps what the summary and the page need and no more. Queries and headers are never noted.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fincome_sandbox.account import Answer
from fincome_sandbox.store import Request, Store

CONTROL_PATH = "/_sandbox"
# The message of an application that will not answer. It goes no further than the log, which notes a status of 0.
NO_ANSWER = "fincome_sandbox.no_answer"
_NOTE = "fincome_sandbox.note"


@dataclass
class Note:
    """What a route knows of its request and the log doesn't."""

    entity: str | None = None
    answer: Answer | None = None
    reason: str | None = None
    body: bytes | None = None


def note_of(scope: Scope) -> Note:
    """The note that a route fills in."""
    return cast(Note, scope[_NOTE])


class RequestLog:
    """ASGI middleware that notes every request to the API, and none to the control routes."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self.app = app
        self.store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; note it just before its answer leaves, so that who has it finds it noted."""
        if scope["type"] != "http" or is_control(scope["path"]):
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        note = scope[_NOTE] = Note()

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._write(scope, note, message["status"], (time.perf_counter() - started) * 1000)
            elif message["type"] == NO_ANSWER:
                self._write(scope, note, 0, (time.perf_counter() - started) * 1000)
                return
            await send(message)

        await self.app(scope, receive, send_noted)

    def _write(self, scope: Scope, note: Note, status: int, ms: float) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        answer = note.answer
        reason = (answer.reason if answer else note.reason) or (
            HTTPStatus(status).phrase if status >= HTTPStatus.BAD_REQUEST else None
        )
        self.store.log(
            Request(
                time=now,
                verb=scope["method"],
                path=scope["raw_path"].decode("ascii", "backslashreplace"),
                entity=note.entity,
                id=answer.id if answer else None,
                status=status,
                ms=round(ms, 3),
                effect=answer.effect if answer else None,
                reason=reason,
                body=note.body,
                answer=answer.content if answer and status >= HTTPStatus.BAD_REQUEST else None,
            )
        )


def is_control(path: str) -> bool:
    """Whether the path is one of the control routes, which are no part of the API."""
    return path == CONTROL_PATH or path.startswith(CONTROL_PATH + "/")
