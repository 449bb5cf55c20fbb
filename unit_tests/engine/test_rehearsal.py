"""What a rehearsal tells of deliveries, against a scripted API: it asks, and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from msgspec import structs
from pytest_httpserver import HTTPServer

from destination_fincome.codes import Code
from destination_fincome.engine.rehearsal import Rehearsal
from destination_fincome.fincome.answers import Kind
from destination_fincome.fincome.client import FincomeClient
from destination_fincome.fincome.contract import Contract, load_contract
from destination_fincome.fincome.delivery import Request
from destination_fincome.fincome.models import encode
from destination_fincome.reporting.foretold import Effect, Foretold

NOWHERE = {"detail": "not found"}


@pytest.fixture
def foretold() -> Iterator[Foretold]:
    made = Foretold()
    yield made
    made.close()


@pytest.fixture
def contract(httpserver: HTTPServer) -> Contract:
    return load_contract().with_overrides(httpserver.url_for("/product"))


@pytest.fixture
def rehearsal(contract: Contract, foretold: Foretold) -> Iterator[Rehearsal]:
    made = Rehearsal(contract, FincomeClient(contract, "sk_test_0123456789", timeout=5), foretold)
    yield made
    made.close()


def has(server: HTTPServer, path: str, body: dict[str, object] | None) -> None:
    """Let the API have an object, or not."""
    status = 404 if body is None else 200
    server.expect_request(f"/product/{path}", method="GET").respond_with_json(body or NOWHERE, status=status)


def asked(server: HTTPServer) -> list[str]:
    """The objects that were asked for; nothing else may have been done."""
    server.check_assertions()
    assert {request.method for request, _ in server.log} <= {"GET"}
    return [request.path.removeprefix("/product/") for request, _ in server.log]


def customer(**fields: object) -> Request:
    return Request("customers", "c_1", encode({"id": "c_1", **fields}), complete="name" in fields)


NEW, CHANGED, SAME = customer(name="New"), customer(name="Old", country="FR"), customer(name="old")


@pytest.mark.parametrize(
    ("wanted", "there", "kind", "effect", "fields"),
    [
        (NEW, False, Kind.ACCEPTED, Effect.CREATED, {}),
        (CHANGED, True, Kind.ACCEPTED, Effect.CHANGED, {"country": 1}),
        (SAME, True, Kind.ACCEPTED, Effect.UNCHANGED, {}),
        (structs.replace(NEW, policy="create_only"), False, Kind.ACCEPTED, Effect.CREATED, {}),
        (structs.replace(NEW, policy="create_only"), True, Kind.EXISTS, None, {}),
        (structs.replace(NEW, policy="update_only"), True, Kind.ACCEPTED, Effect.CHANGED, {"name": 1}),
        (structs.replace(NEW, policy="update_only"), False, Kind.MISSING, None, {}),
        (customer(country="FR"), True, Kind.ACCEPTED, Effect.CHANGED, {"country": 1}),
        (customer(country="FR"), False, Kind.REFUSED, None, {}),
    ],
)
def test_each_policy_ends_as_in_a_sync_by_what_is_there(
    httpserver: HTTPServer,
    rehearsal: Rehearsal,
    foretold: Foretold,
    wanted: Request,
    there: bool,
    kind: Kind,
    effect: Effect | None,
    fields: dict[str, int],
) -> None:
    has(httpserver, "clients/c_1", {"id": "c_1", "name": "Old"} if there else None)
    assert rehearsal.deliver(wanted).kind is kind
    assert asked(httpserver) == ["clients/c_1"]
    told = foretold.by_entity().get("customers")
    assert (dict(told.effects) if told else {}) == ({effect: 1} if effect else {})
    assert (told.fields if told else {}) == fields


@pytest.mark.parametrize(
    ("change", "there", "code"),
    [
        ({"create": None}, False, Code.MISSING_OBJECT),
        ({"update": None}, True, Code.REFUSED_BY_API),
        ({"retrievable": False}, False, None),
    ],
)
def test_what_the_contract_says_that_the_api_can_not_do_counts(
    httpserver: HTTPServer,
    contract: Contract,
    foretold: Foretold,
    change: dict[str, object],
    there: bool,
    code: Code | None,
) -> None:
    has(httpserver, "clients/c_1", {"id": "c_1", "name": "Old"} if there else None)
    spec = replace(contract.entities["customers"], repeated_post="refused", **change)  # type: ignore[arg-type]
    changed = replace(contract, entities={**contract.entities, "customers": spec})
    rehearsal = Rehearsal(changed, FincomeClient(changed, "sk_test_0123456789", timeout=5), foretold)
    verdict = rehearsal.deliver(NEW)
    rehearsal.close()
    if code is None:
        assert (verdict.kind, asked(httpserver)) == (Kind.ACCEPTED, [])
        assert foretold.by_entity()["customers"].effects == {Effect.NOT_ASKED: 1}
    else:
        assert (verdict.kind, verdict.code) == (Kind.REFUSED, code)


def test_what_was_accepted_counts_as_there_and_is_one_object(
    httpserver: HTTPServer, rehearsal: Rehearsal, foretold: Foretold
) -> None:
    has(httpserver, "clients/c_1", None)
    has(httpserver, "invoices/in_1", None)
    invoice = Request("invoices", "in_1", encode({"id": "in_1", "customer_id": "c_1"}))
    assert rehearsal.deliver(NEW).kind is Kind.ACCEPTED
    assert rehearsal.deliver(structs.replace(customer(country="FR"), policy="update_only")).kind is Kind.ACCEPTED
    assert rehearsal.deliver(invoice).kind is Kind.ACCEPTED
    assert asked(httpserver) == ["clients/c_1", "invoices/in_1"]
    assert foretold.by_entity()["customers"].effects == {Effect.CREATED: 1}
    found = rehearsal.look_up("customers", "c_1").found
    assert found == {"id": "c_1", "name": "New", "country": "FR"}


def test_two_deliveries_of_an_object_are_held_against_what_is_there_together(
    httpserver: HTTPServer, rehearsal: Rehearsal, foretold: Foretold
) -> None:
    has(httpserver, "clients/c_1", {"id": "c_1", "name": "Old", "country": "DE", "custom_properties": {"tier": "A"}})
    rehearsal.deliver(customer(name="New", custom_properties={"tier": "A", "size": 1}))
    rehearsal.deliver(customer(name="Old", country="FR", custom_properties={"size": 2}))
    assert foretold.by_entity()["customers"].fields == {"country": 1, "custom_properties": 1}


def test_a_reference_that_leads_nowhere_is_told_as_fincome_would_and_is_asked_for_once(
    httpserver: HTTPServer, rehearsal: Rehearsal
) -> None:
    has(httpserver, "clients/c_1", {"id": "c_1"})
    has(httpserver, "plans/p_1", None)
    for number in (1, 2):
        has(httpserver, f"subscriptions/s_{number}", None)
        body = encode({"id": f"s_{number}", "customer_id": "c_1", "plan_id": "p_1"})
        verdict = rehearsal.deliver(Request("subscriptions", f"s_{number}", body))
        assert (verdict.kind, verdict.field, verdict.certain) == (Kind.UNKNOWN_REFERENCE, "plan_id", True)
    assert rehearsal.look_up("plans", "p_1").kind is Kind.MISSING
    assert asked(httpserver) == ["subscriptions/s_1", "clients/c_1", "plans/p_1", "subscriptions/s_2"]


def test_trouble_is_passed_on_and_nothing_is_foretold(
    httpserver: HTTPServer, rehearsal: Rehearsal, foretold: Foretold
) -> None:
    httpserver.expect_request("/product/clients/c_1").respond_with_json({}, status=503)
    has(httpserver, "invoices/in_1", None)
    assert rehearsal.deliver(NEW).kind is Kind.RETRY
    bill = Request("invoices", "in_1", encode({"id": "in_1", "customer_id": "c_1"}))
    assert rehearsal.deliver(bill).kind is Kind.RETRY
    assert rehearsal.look_up("customers", "c_1").kind is Kind.RETRY
    assert foretold.by_entity() == {}
