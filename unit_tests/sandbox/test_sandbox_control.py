"""The control routes: what they say after a known series of requests."""

import re

import pytest
import requests

from unit_tests.sandbox.processes import Sandbox

INVOICE = {"customer_id": "c1", "date": "2026-02-01", "status": "paid", "currency": "EUR", "amount": 30}
LINE = {
    "id": "l1",
    "invoice_id": "i1",
    "type": "subscription",
    "currency": "EUR",
    "amount_excluding_tax_after_discount": 31,
    "tax_amount": 6.2,
    "period_start": "2026-01-01",
    "period_end": "2026-02-01",
}
SERIES = [
    # verb, path, body, status, entity and id in the log
    ("POST", "/clients", {"id": "c2", "name": "Bob"}, 201, "customers", "c2"),
    ("POST", "/clients", {"id": "c1", "name": "Ada"}, 201, "customers", "c1"),
    ("POST", "/clients", {"id": "c1", "name": "Ada"}, 202, "customers", "c1"),
    ("PATCH", "/clients/c1", {"name": "Eve"}, 202, "customers", "c1"),
    ("PATCH", "/clients/c1", {"custom_properties": {"n": 1}}, 202, "customers", "c1"),
    ("PATCH", "/clients/c1", {"custom_properties": {"n": 1.0}}, 202, "customers", "c1"),
    ("PATCH", "/clients/c1", {"custom_properties": {"n": True}}, 202, "customers", "c1"),
    ("POST", "/invoices", {"id": "i1", **INVOICE}, 201, "invoices", "i1"),
    ("POST", "/invoices", {"id": "i1", **INVOICE}, 409, "invoices", "i1"),
    ("POST", "/invoices", {"id": "i2", **INVOICE, "customer_id": "x"}, 422, "invoices", "i2"),
    ("POST", "/invoices", {"id": "i3", **INVOICE, "customer_id": "y"}, 422, "invoices", "i3"),
    ("POST", "/invoices", {**INVOICE, "id": 5}, 422, "invoices", None),
    ("POST", "/invoice_lines", LINE, 201, "invoice_lines", "l1"),
    ("GET", "/clients/nobody", None, 404, "customers", "nobody"),
    ("GET", "/nowhere?api_key=QUERY", None, 404, None, None),
    ("PUT", "/clients/c1", None, 405, None, None),
]


@pytest.fixture(scope="module")
def used(fresh: Sandbox) -> Sandbox:
    for verb, path, body, status, _, _ in SERIES:
        assert fresh.call(verb, path, body).status_code == status
    assert fresh.call("GET", "/clients/c1", headers={}).status_code == 401
    return fresh


def counts(**named: int) -> dict[str, int]:
    entities = (
        "products",
        "plans",
        "customers",
        "subscriptions",
        "invoices",
        "invoice_lines",
        "credit_notes",
    )
    return {**dict.fromkeys(entities, 0), **named}


def test_the_summary_counts_what_happened(used: Sandbox) -> None:
    assert used.control("summary") == {
        "objects": counts(customers=2, invoices=1, invoice_lines=1),
        "requests": {
            "total": 17,
            "by_status": {"201": 4, "202": 5, "401": 1, "404": 2, "405": 1, "409": 1, "422": 3},
        },
        "created": counts(customers=2, invoices=1, invoice_lines=1),
        "updated": counts(customers=5),
        # Of five updates, the repeated body and 1.0 for 1 changed nothing.
        "changed": counts(customers=3),
        "refused": [
            refusal("invoices", 422, "customer_id: Customer not found", 2, "i2"),
            refusal("invoices", 409, "Invoice with this id already exists", 1, "i1"),
            refusal("invoices", 422, "id: Input should be a valid string", 1, None),
            refusal("customers", 404, "Customer not found", 1, "nobody"),
            refusal(None, 404, "Not Found", 1, None),
            refusal(None, 405, "Method Not Allowed", 1, None),
            refusal("customers", 401, "Invalid API key", 1, None),
        ],
        "orphans": 0,
        "faults": {},
    }


def refusal(entity: str | None, status: int, reason: str, count: int, example: str | None) -> dict[str, object]:
    return {"entity": entity, "status": status, "reason": reason, "count": count, "example_id": example}


def test_the_log_has_every_request_in_order(used: Sandbox) -> None:
    log = used.control("requests")
    assert [(one["verb"], one["path"], one["status"], one["entity"], one["id"]) for one in log[:-1]] == [
        (verb, f"/product{path.partition('?')[0]}", status, entity, id_)
        for verb, path, _, status, entity, id_ in SERIES
    ]
    assert [one["number"] for one in log] == list(range(1, 18))
    for one in log:
        assert set(one) == {"number", "time", "verb", "path", "entity", "id", "status", "ms"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one["time"])
        assert 0 < one["ms"] < 10_000
    assert [one["number"] for one in used.control("requests?offset=3&limit=2")] == [4, 5]


def test_objects_come_by_id_and_in_pages(used: Sandbox) -> None:
    ada = {"id": "c1", "name": "Eve", "custom_properties": {"n": True}}
    bob = {"id": "c2", "name": "Bob"}
    assert used.control("objects/customers") == {"total": 2, "objects": [ada, bob]}
    assert used.control("objects/customers?offset=1&limit=1") == {"total": 2, "objects": [bob]}
    assert used.control("objects/customers?limit=1") == {"total": 2, "objects": [ada]}
    assert used.control("objects/plans") == {"total": 0, "objects": []}


def test_figures_are_those_of_the_month(used: Sandbox) -> None:
    euro = {
        "invoiced_net": "30.00",
        "line_net": "31.00",
        "line_tax": "6.20",
        "credited": "0.00",
        "mrr": "31.00",
        "invoices_by_status": {"paid": 1},
    }
    rest = {"subscriptions": {"active": 0, "trialing": 0}}
    assert used.control("figures") == {"month": "2026-01", "currencies": {"EUR": euro}, **rest}
    february = {"month": "2026-02", "currencies": {"EUR": {**euro, "mrr": "0.00"}}, **rest}
    assert used.control("figures?month=2026-02") == february


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("objects/nothing", 404),
        ("objects/customers?limit=0", 422),
        ("objects/customers?offset=-1", 422),
        ("requests?limit=x", 422),
        ("figures?month=2026-13", 422),
        ("figures?month=", 422),
    ],
)
def test_a_control_request_that_makes_no_sense_is_refused(used: Sandbox, path: str, status: int) -> None:
    answer = requests.get(f"{used.root}/_sandbox/{path}", timeout=10)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
