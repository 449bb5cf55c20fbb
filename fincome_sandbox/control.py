"""Routes for people and tests, outside the API, without a key: what the account holds and why, and its faults."""

import json
from collections.abc import Iterator
from typing import Annotated, TypeAlias

from fastapi import APIRouter, HTTPException, Query, Request, Response

from fincome_sandbox import figures
from fincome_sandbox.active_faults import ActiveFaults
from fincome_sandbox.contract import Contract
from fincome_sandbox.exact_json import JsonObject, NotJsonError, parse, write
from fincome_sandbox.faults import Faults, FaultsError, faults_of
from fincome_sandbox.request_log import CONTROL_PATH
from fincome_sandbox.store import Store

Offset: TypeAlias = Annotated[int, Query(ge=0, le=2**62)]
Limit: TypeAlias = Annotated[int, Query(ge=1, le=100_000)]


def control_routes(contract: Contract, store: Store, active: ActiveFaults) -> APIRouter:
    """The router of the control routes. Its handlers are coroutines: they share the store's one thread."""
    router = APIRouter(prefix=CONTROL_PATH)

    @router.get("/summary")
    async def summary() -> Response:
        return _json({**summary_of(contract, store), "faults": dict(active.counts)})

    @router.get("/objects/{entity}")
    async def objects(entity: str, offset: Offset = 0, limit: Limit = 1000) -> Response:
        if entity not in contract.entities:
            raise HTTPException(404, "Unknown entity")
        page = ", ".join(store.page(entity, offset, limit))  # as stored: JSON text with its own digits
        return _text(f'{{"total": {store.counts().get(entity, 0)}, "objects": [{page}]}}')

    @router.get("/requests")
    async def requests(offset: Offset = 0, limit: Limit = 1000) -> Response:
        # Milliseconds are floats: shown as they were rounded.
        return _json([{**line, "ms": parse(repr(line["ms"]))} for line in store.requests(offset, limit)])

    @router.get("/figures")
    async def account_figures(month: str | None = None) -> Response:
        try:
            chosen = figures.Month.parse(month) if month is not None else None
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return _json(figures.figures({name: _objects(store, name) for name in contract.entities}, chosen))

    @router.get("/faults")
    async def faults() -> Response:
        return _text(json.dumps(active.faults.as_json()))

    @router.put("/faults")
    async def set_faults(request: Request) -> Response:
        active.set(_faults_in(await request.body()))
        return await faults()

    return router


def summary_of(contract: Contract, store: Store) -> dict[str, object]:
    """Counts of objects, of requests and of what they did; every entity is named, also with nothing."""
    by_status = store.requests_by_status()
    return {
        "objects": _by_entity(contract, store.counts()),
        "requests": {
            "total": sum(by_status.values()),
            "by_status": {str(status): count for status, count in by_status.items()},
        },
        "created": _by_entity(contract, store.effects(["created"])),
        "updated": _by_entity(contract, store.effects(["updated", "changed"])),
        "changed": _by_entity(contract, store.effects(["changed"])),
        "refused": store.refusals(),
        "orphans": store.orphans(contract),
    }


def _faults_in(body: bytes) -> Faults:
    try:
        return faults_of(parse(body))
    except NotJsonError as error:
        raise HTTPException(422, [{"loc": ["body"], "msg": "JSON decode error", "type": "json_invalid"}]) from error
    except FaultsError as error:
        problems = [
            {"loc": ["body", *filter(None, [name])], "msg": problem, "type": "fault"}
            for name, problem in error.problems.items()
        ]
        raise HTTPException(422, problems) from error


def _by_entity(contract: Contract, counts: dict[str, int]) -> dict[str, int]:
    return {name: counts.get(name, 0) for name in contract.entities}


def _objects(store: Store, entity: str) -> Iterator[JsonObject]:
    for body in store.bodies(entity):
        one = parse(body)
        assert isinstance(one, dict)
        yield one


def _json(value: object) -> Response:
    return _text(write(value))


def _text(content: str) -> Response:
    return Response(content, media_type="application/json")
