"""The sandbox as a process: a socket, the application on it, and an orderly end."""

from __future__ import annotations

import ipaddress
import signal
import socket
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from fastapi import Depends, FastAPI

from fincome_sandbox.account import Account
from fincome_sandbox.active_faults import ActiveFaults
from fincome_sandbox.api import add_routes
from fincome_sandbox.connections import ClosableProtocol
from fincome_sandbox.contract import Contract, load_contract
from fincome_sandbox.control import control_routes
from fincome_sandbox.fault_gate import FaultGate
from fincome_sandbox.faults import Faults
from fincome_sandbox.own_names import OWN_NAMES, only_by
from fincome_sandbox.page.routes import PAGE_PATH, page_routes
from fincome_sandbox.request_log import RequestLog
from fincome_sandbox.store import Store

if TYPE_CHECKING:  # its packages take a while to import, and few need them
    from fincome_sandbox.certificate import Certificate


@dataclass(frozen=True)
class Ready:
    """Where a sandbox accepts requests."""

    base_url: str
    is_loopback: bool
    page_url: str


def application(
    contract: Contract, store: Store, api_key: str, active: ActiveFaults, *, names: Collection[str] | None
) -> FaultGate:
    """The API, the control routes and the page, behind the gate where faults strike.

    Args:
        names: the hosts by which it answers; None: by any.
    """
    # No slash is added or removed by redirects, and no pages are served that the API doesn't have.
    local = [] if names is None else [Depends(only_by(names))]
    app = FastAPI(title="Fincome sandbox", openapi_url=None, redirect_slashes=False, dependencies=local)
    add_routes(app, Account(contract, store, active), api_key)
    app.include_router(control_routes(contract, store, active))
    app.include_router(page_routes(contract, store))
    return FaultGate(app, active)


def serve(
    host: str,
    port: int,
    data: Path | None,
    api_key: str,
    *,
    ready: Callable[[Ready], None],
    contract_file: Path | None = None,
    overlay: str | None = None,
    faults: Faults | None = None,
    tls: Certificate | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then return.

    Port 0 picks a free one. Without `data` everything is gone at the end. `ready` is called once connections
    are accepted. `contract_file` stands in for the packaged contract, to try a correction; `overlay` is a text that is
    laid over it. `faults` are those it starts with. With `tls` it speaks https only.

    Raises:
        OSError: if the address can't be bound.
        StoreError: if `data` can't be used.
        ContractError: if the contract can't be obeyed.
    """
    contract = load_contract(contract_file, overlay)
    with _listening(host, port) as listener, _store(data) as store:
        address = _address("https" if tls else "http", host, listener, contract)
        active = ActiveFaults(faults or Faults())
        own = tls.names if tls else OWN_NAMES
        gate = application(contract, store, api_key, active, names=own if address.is_loopback else None)
        config = uvicorn.Config(
            RequestLog(gate, store),
            http=ClosableProtocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="warning",
            timeout_graceful_shutdown=3,
            ssl_certfile=tls.file if tls else None,
            ssl_keyfile=tls.key if tls else None,
        )
        server = _Server(config, lambda: ready(address), gate.end)
        with _ended_by_signals(server):
            server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it accepts connections, and when it is about to wait for the last requests."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._ending = ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending()
        await super().shutdown(sockets)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=2048) as listener:
        # Connections take it over. asyncio sets it only where a socket says that its protocol is TCP, which this one
        # doesn't; without it each answer's body waits 40 ms until its head is acknowledged.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


@contextmanager
def _store(data: Path | None) -> Iterator[Store]:
    if data is not None:
        with closing(Store(data, durable=True)) as store:
            yield store
        return
    with (
        tempfile.TemporaryDirectory(prefix="fincome-sandbox-") as folder,
        closing(Store(Path(folder, "sandbox.sqlite"), durable=False)) as store,
    ):
        yield store


@contextmanager
def _ended_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """A signal ends the server in order.

    uvicorn handles signals while it runs, and raises them again when it is done: by then they have had their
    effect, so these handlers, unlike the default ones, only note that the server is to end.
    """

    def end(*_: object) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _address(scheme: str, host: str, listener: socket.socket, contract: Contract) -> Ready:
    bound, port = listener.getsockname()[:2]
    wildcards = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - recognised, not bound
    name = wildcards.get(bound, host)
    shown = f"[{name}]" if ":" in name else name
    root = f"{scheme}://{shown}:{port}"
    return Ready(root + contract.base_path, ipaddress.ip_address(bound).is_loopback, root + PAGE_PATH)
