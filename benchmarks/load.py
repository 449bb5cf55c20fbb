"""Proof that the server isn't the slow one: `python -m benchmarks.load PORT CONNECTIONS SECONDS`.

Raw sockets and bytes that were made before: what a client costs is left out as far as it can be.
"""

from __future__ import annotations

import select
import socket
import sys
import time

_BODY = b"x" * 487
_REQUEST = b"POST /product/clients HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(_BODY) + _BODY


def load(port: int, connections: int, seconds: float) -> float:
    """Return requests per second, each sent when its connection's one before it was answered."""
    epoll = select.epoll()
    sockets = {}
    for _ in range(connections):
        connected = socket.create_connection(("127.0.0.1", port))
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sockets[connected.fileno()] = connected
        epoll.register(connected.fileno(), select.EPOLLIN)
    started = time.monotonic()
    for connected in sockets.values():
        connected.sendall(_REQUEST)
    answered = 0
    while (now := time.monotonic()) - started < seconds:
        for file, _ in epoll.poll():
            sockets[file].recv(4096)
            sockets[file].sendall(_REQUEST)
            answered += 1
    for connected in sockets.values():
        connected.close()
    return answered / (now - started)


if __name__ == "__main__":
    print(load(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
