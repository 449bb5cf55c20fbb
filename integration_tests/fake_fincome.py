"""A Fincome that behaves as a test says, in ways that the sandbox can't: it obeys no contract."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

KEY = "fake-fincome-key-0123"


@dataclass
class FakeFincome:
    """The defaults are the contract's behaviour; each switch is another one."""

    server: HTTPServer
    customers: str = "/clients"
    header: str = "X-API-KEY"
    prefix: str = ""
    post_on_existing: int = 409
    """200: updates; 204: accepted, and nothing changes; others: refused."""
    patch_replaces: bool = False
    patch_creates: bool = False
    patch_verb: str = "PATCH"
    checks_references: bool = True
    reference_words: str = "Customer not found"
    needs_name: bool = True
    null_clears: bool = True
    replaces_properties: bool = False
    empty_wipes: bool = False
    envelope: bool = False
    readable: bool = True
    reads_until_visible: int = 0
    dies_after: int | None = None
    """After so many writes every answer is 503."""
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    _hidden: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.server.expect_request(re.compile("/.*")).respond_with_handler(self._handle)

    def config(self, **settings: object) -> dict[str, object]:
        return {"api_key": KEY, "base_url": self.server.url_for("/product"), **settings}

    def written(self) -> list[tuple[str, str]]:
        return [(verb, path) for verb, path in self.calls if verb != "GET"]

    def _handle(self, request: Request) -> Response:
        self.calls.append((request.method, request.path))
        if request.headers.get(self.header) != self.prefix + KEY:
            return answer(401, {"detail": "Invalid API key"})
        if self.dies_after is not None and len(self.written()) > self.dies_after:
            return answer(503, {"detail": "down"})
        entity, _, identity = request.path.removeprefix("/product/").partition("/")
        known = {self.customers.lstrip("/"), "products", "plans", "subscriptions", "invoices", "invoice_lines",
                 "credit_notes"}  # fmt: skip
        if entity not in known:
            return answer(404, {"detail": "Not Found"})
        if request.method == "GET":
            return self._get(identity) if identity else answer(405, {"detail": "Method Not Allowed"})
        body = json.loads(request.get_data())
        self.bodies.append(body)
        if request.method == "POST" and not identity:
            return self._post(entity, body)
        if request.method == self.patch_verb and identity:
            return self._patch(identity, body)
        return answer(405, {"detail": "Method Not Allowed"})

    def _get(self, identity: str) -> Response:
        found = self.objects.get(identity)
        self._hidden[identity] = self._hidden.get(identity, 0) - 1
        if found is None or not self.readable or self._hidden[identity] >= 0:
            return answer(404, {"detail": "Object not found"})
        return answer(200, {"data": found} if self.envelope else found)

    def _post(self, entity: str, body: dict[str, Any]) -> Response:
        if f"/{entity}" == self.customers and self.needs_name and "name" not in body:
            return answer(422, {"detail": [{"loc": ["body", "name"], "msg": "Field required", "type": "missing"}]})
        customer = body.get("customer_id")
        if self.checks_references and customer is not None and customer not in self.objects:
            return answer(422, {"detail": self.reference_words})
        if body["id"] in self.objects:
            if self.post_on_existing == 200:
                self.objects[body["id"]] |= body
            if self.post_on_existing in (200, 204):
                return answer(200, {"ok": True})
            return answer(self.post_on_existing, {"detail": "This id already exists"})
        self.objects[body["id"]] = body
        self._hidden[body["id"]] = self.reads_until_visible
        return answer(201, {"id": body["id"]})

    def _patch(self, identity: str, body: dict[str, Any]) -> Response:
        if identity not in self.objects and not self.patch_creates:
            return answer(404, {"detail": "Object not found"})
        before = {} if self.patch_replaces else self.objects.get(identity, {})
        after = {**before, **{name: value for name, value in body.items() if value is not None}}
        if self.null_clears:
            after = {name: value for name, value in after.items() if body.get(name, "") is not None}
        if "custom_properties" in body and not self.replaces_properties:
            kept = before.get("custom_properties", {}) if body["custom_properties"] or not self.empty_wipes else {}
            after["custom_properties"] = {**kept, **body["custom_properties"]}
        self.objects[identity] = after
        return answer(202, {"id": identity})


def answer(status: int, body: object) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")
