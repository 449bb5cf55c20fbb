"""The server's connections, made closable from inside the application. ASGI has no message for that."""

import asyncio
import socket
import struct
from dataclasses import dataclass
from typing import cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_CONNECTION = "fincome_sandbox.connection"
_LINGER_ZERO = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Connection:
    """One client's connection. `lost` is done once it is closed, by either side."""

    transport: asyncio.Transport
    lost: "asyncio.Future[None]"

    def close(self) -> None:
        """Close it once all that was written has left."""
        self.transport.close()

    def reset(self) -> None:
        """Close it at once, so that the client sees a reset (RST)."""
        if not self.transport.is_closing():
            plain = cast(socket.socket, self.transport.get_extra_info("socket"))
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
            self.transport.abort()


class ClosableProtocol(HttpToolsProtocol):
    """uvicorn's protocol; what it hands to the application with each request includes the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the connection once, for all of its requests."""
        super().connection_made(transport)
        self._lost: asyncio.Future[None] = self.loop.create_future()
        self.app_state = {**self.app_state, _CONNECTION: Connection(transport, self._lost)}

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell those who wait on the connection."""
        super().connection_lost(exc)
        self._lost.set_result(None)

    def shutdown(self) -> None:
        """Close it once its answer has gone; the client's farewell by TLS, for which asyncio waits, needn't come."""
        super().shutdown()
        if self.scheme == "https" and self.transport.is_closing() and not self.transport.get_write_buffer_size():
            self.transport.abort()


def connection_of(scope: Scope) -> Connection:
    """The connection that a request came by."""
    return cast(Connection, scope["state"][_CONNECTION])
