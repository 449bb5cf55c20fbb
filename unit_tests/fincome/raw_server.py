"""A server on a raw socket: it answers each request with bytes, as they are."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answer = bytes | tuple[bytes, float]
"""What is answered; with a pause, it comes byte by byte, and each byte after a pause of so many seconds."""

Answers = Answer | Callable[[bytes, int], Answer]
"""The same for all requests, or by the request and its number, from 0."""


@dataclass
class RawServer:
    """What such a server is asked, and where it is."""

    base_url: str
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0


@contextmanager
def raw_server(answers: Answers) -> Iterator[RawServer]:
    """Serve until the end."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = RawServer(f"http://127.0.0.1:{listener.getsockname()[1]}/product")
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as incoming:
            while not over.is_set() and (request := _read_request(incoming)):
                answer = answers(request, len(server.requests)) if callable(answers) else answers
                server.requests.append(request)
                content, pause = answer if isinstance(answer, tuple) else (answer, 0.0)
                for piece in [content] if not pause else [bytes([one]) for one in content]:
                    connection.sendall(piece)
                    if pause and over.wait(pause):
                        return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _read_request(incoming: object) -> bytes:
    length, head = 0, b""
    while line := incoming.readline():  # type: ignore[attr-defined]  # a socket's file
        head += line
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
        if not line.strip():
            return head + incoming.read(length)  # type: ignore[attr-defined]
    return head


def http_answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """Write one whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
