"""The server's connections, made closable from inside the application. ASGI has no message for that."""

import asyncio
import socket
import struct
from typing import cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_TRANSPORT = "destination_fincome.sandbox.transport"
_LINGER_ZERO = struct.pack("ii", 1, 0)


class ClosableProtocol(HttpToolsProtocol):
    """uvicorn's protocol; what it hands to the application with each request includes the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the connection once, for all of its requests."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, _TRANSPORT: transport}


def close(scope: Scope) -> None:
    """Close the request's connection once all that was written has left."""
    _transport(scope).close()


def reset(scope: Scope) -> None:
    """Close the request's connection at once, so that the client sees a reset (RST)."""
    transport = _transport(scope)
    if not transport.is_closing():
        connection = cast(socket.socket, transport.get_extra_info("socket"))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        transport.abort()


def _transport(scope: Scope) -> asyncio.Transport:
    return cast(asyncio.Transport, scope["state"][_TRANSPORT])
