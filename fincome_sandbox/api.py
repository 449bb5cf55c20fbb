"""The API's routes, made from the contract's paths and verbs. HTTP only: what happens is the account's."""

import hmac
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from fastapi import FastAPI, HTTPException, Request, Response
from starlette.convertors import StringConvertor, register_url_convertor

from fincome_sandbox.account import Account, Answer
from fincome_sandbox.contract import Contract, Entity, Operation
from fincome_sandbox.request_log import Note, note_of


class _IdConvertor(StringConvertor):
    """An id in a decoded path: it may hold any letter, also a slash (sent as %2F), but isn't empty."""

    regex = "(?s:.+)"


register_url_convertor("fincome_id", _IdConvertor())


class KeyCheck:
    """Whether a request carries the account's key, in the header and with the prefix of the contract."""

    def __init__(self, contract: Contract, api_key: str) -> None:
        self._header = contract.key_header
        self._expected = (contract.key_prefix + api_key).encode()

    def __call__(self, request: Request, note: Note) -> None:
        """Let the request pass.

        Raises:
            HTTPException: 401, if the key is missing or wrong.
        """
        given = request.headers.get(self._header, "")
        if not hmac.compare_digest(given.encode("latin-1"), self._expected):
            note.reason = "Invalid API key"
            raise HTTPException(HTTPStatus.UNAUTHORIZED, note.reason)


def add_routes(app: FastAPI, account: Account, api_key: str) -> None:
    """Add every route that the contract gives the API, and no other."""
    contract = account.contract
    check_key = KeyCheck(contract, api_key)
    for entity in contract.entities.values():
        for name, answer in (
            ("create", account.create),
            ("update", account.update),
            ("retrieve", account.retrieve),
        ):
            operation = entity.operations.get(name)
            if operation is None or (name == "retrieve" and not entity.retrievable):
                continue
            template = contract.base_path + operation.path_of(entity.path)
            app.add_api_route(
                template.replace("{id}", "{id:fincome_id}"),
                _route(entity, operation, template, check_key, answer),
                methods=[operation.verb],
                response_model=None,
                name=f"{name} {entity.name}",
            )


def _route(
    entity: Entity,
    operation: Operation,
    template: str,
    check_key: KeyCheck,
    answer: Callable[..., Answer],
) -> Callable[[Request], Awaitable[Response]]:
    own_path = re.compile(re.escape(template).replace(r"\{id\}", "(?P<id>[^/]+)"))
    takes_body = operation.verb not in {"GET", "HEAD"}

    async def route(request: Request) -> Response:
        found = own_path.fullmatch(request.scope["raw_path"].decode("ascii", "replace"))
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        note = note_of(request.scope)
        note.entity = entity.name
        check_key(request, note)
        arguments: list[object] = [request.path_params["id"]] if found.groupdict() else []
        if takes_body:
            note.body = await request.body()
            arguments.append(note.body)
        # From here to the answer nothing awaits: to read, judge and write is one step for all clients.
        note.answer = answer(entity, *arguments)
        return Response(note.answer.content, note.answer.status, media_type="application/json")

    return route
