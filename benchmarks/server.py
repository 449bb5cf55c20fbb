"""A server that is never the slow one: `python -m benchmarks.server` answers every request with 201 after a latency.

One thread, one epoll, no framework: what it costs must be small beside what is measured. Latencies are kept in a
queue (they are all alike, so the oldest is due first) and waited for with `select`, which counts microseconds where
`epoll` and asyncio round up to whole milliseconds: at 20 ms that would be a mistake of up to 5 %.

Control path, on the same port: `PUT /_bench/<latency in ms>` starts a measurement, `GET /_bench` ends it and returns
`Measured` as JSON. After `PUT /_bench/<latency in ms>/keep` what is posted is kept, and shown to a GET by id only.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass

_HEAD = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_BODY = b'{"id":"accepted"}'
_ANSWER = _HEAD % len(_BODY) + _BODY
# An answer that shows nothing of the object.
_EMPTY = _HEAD % 2 + b"{}"
_RECEIVE_BYTES = 1 << 16
CONTROL = b"/_bench"


@dataclass
class Measured:
    """What the server saw since a measurement began; times are the machine's monotonic clock.

    Attributes:
        requests: how many requests came whole.
        first: when the first one had come.
        last: when the last answer was given.
        body_bytes: of all requests.
        connections: how many connections sent requests.
    """

    requests: int = 0
    first: float = 0.0
    last: float = 0.0
    body_bytes: int = 0
    connections: int = 0

    @property
    def seconds(self) -> float:
        """From the first request to the last answer."""
        return self.last - self.first


class Connection:
    """What has come of the next request."""

    __slots__ = ("buffer", "measurement", "socket")

    def __init__(self, accepted: socket.socket) -> None:
        self.socket = accepted
        self.buffer = b""
        self.measurement = 0


class Server:
    """Answers for ever."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._epoll = select.epoll()
        self._epoll.register(listener.fileno(), select.EPOLLIN)
        self._connections: dict[int, Connection] = {}
        self._due: deque[tuple[float, Connection, bytes]] = deque()
        self._kept: dict[bytes, bytes] | None = None
        self._latency = 0.0
        self._measured = Measured()
        self._measurement = 0

    def serve(self) -> None:
        """Never returns: whoever started the process ends it."""
        waiter = [self._epoll.fileno()]
        while True:
            if self._due:
                select.select(waiter, (), (), max(0.0, self._due[0][0] - time.monotonic()))
                self._answer_what_is_due()
                events = self._epoll.poll(0)
            else:
                events = self._epoll.poll()
            for file, _ in events:
                if file == self._listener.fileno():
                    self._accept()
                else:
                    self._receive(self._connections[file])

    def _accept(self) -> None:
        accepted, _ = self._listener.accept()
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connections[accepted.fileno()] = Connection(accepted)
        self._epoll.register(accepted.fileno(), select.EPOLLIN)

    def _receive(self, connection: Connection) -> None:
        try:
            piece = connection.socket.recv(_RECEIVE_BYTES)
        except ConnectionError:
            piece = b""
        if not piece:
            self._forget(connection)
            return
        connection.buffer += piece
        while request := take_request(connection.buffer):
            size, body_bytes = request
            head, connection.buffer = connection.buffer[:size], connection.buffer[size:]
            self._handle(connection, head, body_bytes)

    def _forget(self, connection: Connection) -> None:
        del self._connections[connection.socket.fileno()]
        connection.socket.close()

    def _handle(self, connection: Connection, request: bytes, body_bytes: int) -> None:
        verb, path, _ = request.split(b" ", 2)
        if path.startswith(CONTROL):
            self._control(connection, verb, path)
            return
        now = time.monotonic()
        measured = self._measured
        measured.requests += 1
        measured.body_bytes += body_bytes
        measured.first = measured.first or now
        if connection.measurement != self._measurement:
            connection.measurement = self._measurement
            measured.connections += 1
        answer = _ANSWER if self._kept is None else self._keep(self._kept, verb, path, request, body_bytes)
        if self._latency:
            self._due.append((now + self._latency, connection, answer))
        else:
            self._answer(connection, answer)

    def _keep(self, kept: dict[bytes, bytes], verb: bytes, path: bytes, request: bytes, body_bytes: int) -> bytes:
        if verb == b"GET":
            body = kept.get(path.rpartition(b"/")[2], b"null")
            return _HEAD % len(body) + body
        body = request[len(request) - body_bytes :]
        kept[json.loads(body)["id"].encode()] = body
        return _EMPTY

    def _answer_what_is_due(self) -> None:
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            self._answer(*self._due.popleft()[1:])

    def _answer(self, connection: Connection, answer: bytes) -> None:
        # The time is taken before: once it is sent, the client may have the core.
        self._measured.last = time.monotonic()
        _send(connection, answer)

    def _control(self, connection: Connection, verb: bytes, path: bytes) -> None:
        if verb == b"PUT":
            latency, _, keeps = path.removeprefix(CONTROL + b"/").partition(b"/")
            self._latency, self._kept = float(latency) / 1000, {} if keeps else None
            self._measured = Measured()
            self._measurement += 1
        body = json.dumps(asdict(self._measured)).encode()
        _send(connection, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def take_request(buffer: bytes) -> tuple[int, int] | None:
    """Return the size of the first whole request in the buffer, and that of its body; None if it isn't whole."""
    head = buffer.find(b"\r\n\r\n")
    if head < 0:
        return None
    at = buffer[:head].lower().find(b"\r\ncontent-length:")
    body_bytes = int(buffer[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    size = head + 4 + body_bytes
    return (size, body_bytes) if len(buffer) >= size else None


def _send(connection: Connection, answer: bytes) -> None:
    # Answers are far smaller than a socket's buffer: this never blocks.
    try:
        connection.socket.sendall(answer)
    except OSError:
        return


def main() -> None:
    """Listen on a free port, and say on stdout which."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    print(listener.getsockname()[1])
    sys.stdout.flush()
    Server(listener).serve()


if __name__ == "__main__":
    main()
