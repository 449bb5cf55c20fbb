"""The names that a sandbox is reached by, and what becomes of a request that came by another one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from http import HTTPStatus

from fastapi import HTTPException, Request

# This machine's, and that by which containers know it: only their engine gives it.
OWN_NAMES = ("localhost", "127.0.0.1", "::1", "host.docker.internal")


def only_by(names: Collection[str]) -> Callable[[Request], Awaitable[None]]:
    """Return what refuses a browser that came here by another name.

    A page of the internet may let its own name lead to 127.0.0.1, and read what has no key, or write with the key that
    everybody knows (DNS rebinding).
    """
    lowered = {name.lower() for name in names}

    async def refuse_foreign_names(request: Request) -> None:
        if (request.url.hostname or "").lower() not in lowered:
            raise HTTPException(HTTPStatus.FORBIDDEN, "The sandbox is only shown to this machine: use localhost")

    return refuse_foreign_names
