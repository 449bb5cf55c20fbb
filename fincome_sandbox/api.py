"""The API's routes, made from the contract's paths and verbs. HTTP only: what happens is the account's."""

import hmac
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import ClientDisconnect

from fincome_sandbox.account import Account, Answer
from fincome_sandbox.active_faults import ActiveFaults
from fincome_sandbox.contract import Contract, Entity
from fincome_sandbox.exact_json import NotJsonError, parse, write
from fincome_sandbox.fault_gate import page_of
from fincome_sandbox.request_log import Note, is_control, note_of


class _IdConvertor(StringConvertor):
    """An id in a decoded path: it may hold any letter, also a slash (sent as %2F), but isn't empty."""

    regex = "(?s:.+)"


register_url_convertor("fincome_id", _IdConvertor())


class KeyCheck:
    """Whether a request carries the account's key, in the header and with the prefix of the contract."""

    def __init__(self, contract: Contract, api_key: str, active: ActiveFaults) -> None:
        self._active = active
        self._header = contract.key_header
        self._expected = (contract.key_prefix + api_key).encode()

    def __call__(self, request: Request, note: Note) -> None:
        """Let the request pass.

        Raises:
            HTTPException: 401, if the key is missing or wrong, or what a fault says.
        """
        form = self._active.faults.key_form
        given = request.headers.get(self._header, "")
        if form == "query":
            self._active.counts["key_form"] += 1
            given = request.query_params.get("api_key", "")
        if form == "422" and not given:
            self._active.counts["key_form"] += 1
            loc = ["header", self._header.lower()]
            raise HTTPException(422, [{"type": "missing", "loc": loc, "msg": "Field required", "input": None}])
        if not hmac.compare_digest(given.encode("latin-1"), self._expected):
            note.reason = "Invalid API key"
            if form == "403":
                self._active.counts["key_form"] += 1
                raise HTTPException(HTTPStatus.FORBIDDEN, note.reason)
            raise HTTPException(HTTPStatus.UNAUTHORIZED, note.reason)


def add_routes(app: FastAPI, account: Account, api_key: str) -> None:
    """Add every route that the contract gives the API, and no other."""
    contract = account.contract
    check_key = KeyCheck(contract, api_key, account.active)
    if contract.error_key != "detail":
        app.add_exception_handler(StarletteHTTPException, _errors_under(contract.error_key))
    app.add_exception_handler(ClientDisconnect, _nobody_reads)
    for entity in contract.entities.values():
        if entity.listing is not None:
            # Before the route that creates, which answers 405 to every other verb.
            path = contract.base_path + entity.listing.path_of(entity.path)
            route = _list_route(account, entity, check_key)
            app.add_api_route(path, route, methods=["GET"], response_model=None, name=f"list {entity.name}")
        for name, answer in (
            ("create", account.create),
            ("update", account.update),
            ("retrieve", account.retrieve),
        ):
            operation = entity.operations.get(name)
            if operation is None or (name == "retrieve" and not entity.retrievable):
                continue
            template = contract.base_path + operation.path_of(entity.path)
            habits = _Habits(account.active, entity, name, operation.verb, template)
            for path in (template, *habits.other_paths):
                app.add_api_route(
                    path.replace("{id}", "{id:fincome_id}"),
                    _route(account, entity, habits, path, check_key, answer),
                    methods=habits.verbs,
                    response_model=None,
                    name=f"{name} {entity.name}",
                )


def _errors_under(key: str) -> Callable[[Request, Exception], Response]:
    """What answers to a refusal that is no account's: with the contract's key for errors."""

    def answer(request: Request, error: Exception) -> Response:
        assert isinstance(error, StarletteHTTPException)
        name = "detail" if is_control(request.url.path) else key
        return JSONResponse({name: error.detail}, error.status_code, error.headers)

    return answer


def _nobody_reads(_request: Request, _error: Exception) -> Response:
    """Answer a client that was gone before it had sent all."""
    return Response(status_code=HTTPStatus.BAD_REQUEST)


class _Habits:
    """How an operation is reached: as the contract says, or as a fault that is set says."""

    def __init__(self, active: ActiveFaults, entity: Entity, name: str, verb: str, template: str) -> None:
        self._active = active
        self._entity = entity
        self._name = name
        self._verb = verb
        self._slash = template.endswith("/")
        self.other_paths = [template + "/"] if name == "create" and not self._slash else []
        self.verbs = {"create": [verb, "GET"], "update": sorted({verb, "PATCH", "PUT"})}.get(name, [verb])

    def check(self, request: Request) -> None:
        """Let a request pass that finds this operation.

        Raises:
            HTTPException: 307 to the other path, 404 or 405.
        """
        faults = self._active.faults
        if self._name == "create" and not self._slash:
            self._check_slash(request, redirects=faults.slash_form == "redirect")
        if faults.id_routing == "plain" and "/" in request.path_params.get("id", ""):
            self._refuse("id_routing", HTTPStatus.NOT_FOUND)
        if self._name == "retrieve" and self._active.strikes("unreadable", self._entity.name):
            headers = {"Allow": "PATCH"} if faults.unreadable_form == "405" else None
            raise HTTPException(int(faults.unreadable_form), headers=headers)
        verb = self._verb if self._name != "update" or faults.update_verb == "contract" else faults.update_verb
        if self._name == "create" and self._active.strikes("uncreatable", self._entity.name):
            verb = "none"
        if request.method != verb:
            if faults.verb_form == "404" and self._name == "update":
                self._refuse("verb_form", HTTPStatus.NOT_FOUND)
            raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET" if verb == "none" else verb})

    def _check_slash(self, request: Request, *, redirects: bool) -> None:
        path = request.url.path
        if path.endswith("/") == redirects:
            return
        if not redirects:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        self._active.counts["slash_form"] += 1
        target = str(request.url.replace(path=f"{path}/"))
        raise HTTPException(HTTPStatus.TEMPORARY_REDIRECT, headers={"Location": target})

    def _refuse(self, fault: str, status: HTTPStatus) -> None:
        self._active.counts[fault] += 1
        raise HTTPException(status)


def _route(
    account: Account,
    entity: Entity,
    habits: _Habits,
    template: str,
    check_key: KeyCheck,
    answer: Callable[..., Answer],
) -> Callable[[Request], Awaitable[Response]]:
    own_path = re.compile(re.escape(template).replace(r"\{id\}", "(?P<id>[^/]+)"))

    async def route(request: Request) -> Response:
        found = own_path.fullmatch(request.scope["raw_path"].decode("ascii", "replace"))
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        habits.check(request)
        note = note_of(request.scope)
        note.entity = entity.name
        check_key(request, note)
        arguments: list[object] = [request.path_params["id"]] if found.groupdict() else []
        if request.method not in {"GET", "HEAD"}:
            note.body = await request.body()
            arguments.append(note.body)
        if (spoiled := _spoiled(account.active, entity, arguments, note)) is not None:
            return spoiled
        # From here to the answer nothing awaits: to read, judge and write is one step for all clients.
        note.answer = answer(entity, *arguments)
        if note.answer.is_bare:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if note.answer.status == HTTPStatus.NO_CONTENT:
            return Response(status_code=HTTPStatus.NO_CONTENT)
        if note.answer.status >= HTTPStatus.BAD_REQUEST:
            said = note.answer.content.replace('"detail"', f'"{account.contract.error_key}"', 1)
            return _json(said, note.answer.status)
        return _answered(account.active, note.answer, writes=note.body is not None)

    return route


def _list_route(account: Account, entity: Entity, check_key: KeyCheck) -> Callable[[Request], Awaitable[Response]]:
    async def route(request: Request) -> Response:
        note = note_of(request.scope)
        note.entity = entity.name
        check_key(request, note)
        note.answer = account.list_page(entity, request.query_params, str(request.url.replace(query="")))
        answer = _json(note.answer.content, note.answer.status)
        if note.answer.link is not None:
            answer.headers["Link"] = f'<{note.answer.link}>; rel="next"'
        return answer

    return route


def _spoiled(active: ActiveFaults, entity: Entity, arguments: list[object], note: Note) -> Response | None:
    """What a fault answers in the account's place."""
    faults = active.faults
    if faults.poison_id is not None and faults.poison_id == _id_in(entity, arguments[0]):
        active.counts["poison_id"] += 1
        note.reason = "Poisonous object"
        if faults.poison_form == "403":
            return page_of(HTTPStatus.FORBIDDEN)
        if faults.poison_form == "403-detail":
            raise HTTPException(HTTPStatus.FORBIDDEN, "Not enough permissions")
        raise HTTPException(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error")
    if faults.answer_form == "error" and note.body is not None:
        active.counts["answer_form"] += 1
        return _json('{"success": false, "message": "Quota exceeded, nothing was saved"}', HTTPStatus.OK)
    return None


def _id_in(entity: Entity, argument: object) -> object:
    """The id of a request: that of its path, or of its body."""
    if not isinstance(argument, bytes):
        return argument
    try:
        body = parse(argument)
    except NotJsonError:
        return None
    name = "id" if entity.forms is None else entity.forms["id"].name
    return body.get(name) if isinstance(body, dict) else None


def _answered(active: ActiveFaults, answer: Answer, *, writes: bool) -> Response:
    """The answer, in the form that a fault gives to those to a write."""
    form = active.faults.answer_form
    if not writes or answer.effect is None or form in ("object", "error"):
        return _json(answer.content, answer.status)
    active.counts["answer_form"] += 1
    if form == "empty":
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return _json(f'{{"data": {answer.content}}}' if form == "envelope" else write({"id": answer.id}), answer.status)


def _json(content: str, status: int) -> Response:
    return Response(content, status, media_type="application/json")
