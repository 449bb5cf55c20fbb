"""Lets faults strike, between the log and the application. Knows requests and answers, and no entities."""

import asyncio
import math
import time
from email.utils import formatdate
from functools import partial
from http import HTTPStatus

from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fincome_sandbox.active_faults import ActiveFaults, Fate
from fincome_sandbox.connections import Connection, connection_of
from fincome_sandbox.faults import RetryAfterForm
from fincome_sandbox.request_log import NO_ANSWER, is_control, note_of

_INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
_DRIP_SECONDS = 1.0
_REFUSALS = {
    "burst_seconds": (HTTPStatus.TOO_MANY_REQUESTS, "Too many requests"),
    "rate_limit": (HTTPStatus.TOO_MANY_REQUESTS, "Too many requests"),
    "unavailable_rate": (HTTPStatus.SERVICE_UNAVAILABLE, "Service unavailable"),
    "dead_key_after": (HTTPStatus.UNAUTHORIZED, "Invalid API key"),
    "error_rate": (HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error"),
    "gateway_rate": (0, "Gateway"),
}
# Of a content network.
_STATUS_WORDS = {520: "Web server is returning an unknown error", 524: "A timeout occurred", 527: "Railgun error"}
_CAN_BE_CUT = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED})
# A timer is no finer than this; asked for less, it would fire in a loop.
_TIMER_SECONDS = 0.001


class FaultGate:
    """ASGI middleware. Requests to the control routes pass, and without faults all do."""

    def __init__(self, app: ASGIApp, active: ActiveFaults) -> None:
        self.app = app
        self.active = active
        self._ended = False
        self._sleeping: set[asyncio.Future[None]] = set()
        self._hanging: set[Connection] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the request its fate."""
        plan = self.active.plan
        if plan is None or scope["type"] != "http" or is_control(scope["path"]):
            await self.app(scope, receive, send)
            return
        arrived = time.perf_counter()
        fate = plan.next_fate(time.monotonic())
        if fate.fault == "reset_rate":
            await self._reset(fate.fault, scope, receive, send)
        elif fate.fault == "hang_rate":
            await self._hang(scope, receive, send)
        else:
            await self._answer(fate, arrived, scope, receive, send)

    def end(self) -> None:
        """Let the sandbox end: who waits for a latency is answered, who hangs is cut off."""
        self._ended = True
        for sleeping in self._sleeping:
            _wake(sleeping)
        for connection in self._hanging:
            connection.reset()

    async def _answer(self, fate: Fate, arrived: float, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the answer first, then let it leave in time: while it waits, what it tells has happened."""
        answer = _Held()
        refused = fate.fault in _REFUSALS
        await (_refusal(fate, scope) if refused else self.app)(scope, receive, answer.take)
        if fate.delay:
            self._count_latency(fate)
            if not await self._sleep_until(arrived + fate.delay, connection_of(scope)):
                await send({"type": NO_ANSWER})
                return
        if fate.fault == "lost_answer_rate":
            await self._reset(fate.fault, scope, receive, send)
        elif fate.fault == "truncate_rate" and answer.status in _CAN_BE_CUT and answer.body:
            self.active.counts[fate.fault] += 1
            await answer.cut(send)
            connection_of(scope).close()
            await _until_gone(receive)
        elif fate.fault == "drip_rate" and answer.body:
            await self._drip(answer, scope, send)
        else:
            if fate.fault == "interim_rate":
                self.active.counts[fate.fault] += 1
                connection_of(scope).transport.write(_INTERIM)
            if refused:
                self.active.counts[str(fate.fault)] += 1
            await answer.leave(send)

    async def _drip(self, answer: "_Held", scope: Scope, send: Send) -> None:
        """Send the answer's body, one byte a second."""
        self.active.counts["drip_rate"] += 1
        await answer.begin(send)
        for position in range(len(answer.body)):
            here = time.perf_counter() + _DRIP_SECONDS
            if not await self._sleep_until(here, connection_of(scope)):
                return
            await answer.go_on(send, position)

    async def _reset(self, fault: str, scope: Scope, receive: Receive, send: Send) -> None:
        self.active.counts[fault] += 1
        await send({"type": NO_ANSWER})
        connection_of(scope).reset()
        await _until_gone(receive)

    async def _hang(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive())["type"] == "http.request" and message["more_body"]:
            pass
        self.active.counts["hang_rate"] += 1
        await send({"type": NO_ANSWER})
        connection = connection_of(scope)
        if self._ended:
            connection.reset()
        self._hanging.add(connection)
        await _until_gone(receive)
        self._hanging.discard(connection)

    async def _sleep_until(self, end: float, connection: Connection) -> bool:
        """Sleep at least until then (timers may fire early), or until the sandbox ends.

        False at once when the client gives up.
        """
        loop = asyncio.get_running_loop()
        while (left := end - time.perf_counter()) > 0 and not self._ended and not connection.lost.done():
            sleeping: asyncio.Future[None] = loop.create_future()
            self._sleeping.add(sleeping)
            wake = partial(_wake, sleeping)
            timer = loop.call_later(max(left, _TIMER_SECONDS), wake)
            connection.lost.add_done_callback(wake)
            try:
                await sleeping
            finally:
                timer.cancel()
                connection.lost.remove_done_callback(wake)
                self._sleeping.discard(sleeping)
        return not connection.lost.done()

    def _count_latency(self, fate: Fate) -> None:
        for name in ("latency_ms", "latency_jitter_ms"):
            if getattr(fate.faults, name):
                self.active.counts[name] += 1


class _Held:
    """An answer that the application gave and the client hasn't got."""

    def __init__(self) -> None:
        self._start: Message = {}
        self.body = b""

    @property
    def status(self) -> int:
        return int(self._start["status"])

    async def take(self, message: Message) -> None:
        """Stand in for the server's send."""
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self.body += message.get("body", b"")

    async def leave(self, send: Send) -> None:
        """Send it."""
        await send(self._start)
        await send({"type": "http.response.body", "body": self.body})

    async def begin(self, send: Send) -> None:
        """Send its head."""
        await send(self._start)

    async def go_on(self, send: Send, position: int) -> None:
        """Send the byte at a position of its body."""
        more = position + 1 < len(self.body)
        await send({"type": "http.response.body", "body": self.body[position : position + 1], "more_body": more})

    async def cut(self, send: Send) -> None:
        """Send the first half of the body, under the Content-Length of the whole."""
        await send(self._start)
        await send({"type": "http.response.body", "body": self.body[: len(self.body) // 2], "more_body": True})


def _refusal(fate: Fate, scope: Scope) -> Response:
    """The answer of a fault that keeps the request from being done."""
    status, detail = _REFUSALS[str(fate.fault)]
    note_of(scope).reason = detail
    if fate.fault == "error_rate":
        return page_of(status)
    if fate.fault == "gateway_rate":
        code, _, form = fate.faults.gateway_form.partition("-")
        if form == "text":
            return PlainTextResponse(f"{code} page not found\n", int(code))
        if not form:
            return page_of(int(code))
        said = {"detail": "Locked: another import is running"} if form == "detail" else {"message": "Forbidden"}
        return JSONResponse(said, int(code))
    headers = {}
    if fate.fault in ("burst_seconds", "rate_limit"):
        headers = _retry_after(fate.wait, fate.faults.retry_after_form)
    elif fate.fault == "unavailable_rate":
        headers = {"Retry-After": "1"}
    return JSONResponse({"detail": detail}, status, headers)


def page_of(status: int) -> Response:
    """A page of HTML, as what stands before an application answers with."""
    words = f"{status} {_STATUS_WORDS.get(status) or HTTPStatus(status).phrase}"
    head = f"<!DOCTYPE html>\n<html><head><title>{words}</title></head>"
    return HTMLResponse(f"{head}<body><h1>{words}</h1></body></html>\n", status)


def _retry_after(wait: float, form: RetryAfterForm) -> dict[str, str]:
    """When to come back: in whole seconds and never too early (RFC 9110, 10.2.3), or what servers can get wrong."""
    if form == "none":
        return {}
    if form in ("date", "past"):
        when = time.time() + wait if form == "date" else 0.0
        return {"Retry-After": formatdate(math.ceil(when), usegmt=True)}
    return {"Retry-After": _ODD.get(form) or str(math.ceil(wait))}


_ODD = {"zero": "0", "negative": "-5", "nan": "nan", "centuries": "99999999999"}


async def _until_gone(receive: Receive) -> None:
    """Wait for the connection's end: to return earlier without an answer would be an error of the server."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _wake(sleeping: "asyncio.Future[None]", *_: object) -> None:
    if not sleeping.done():
        sleeping.set_result(None)
