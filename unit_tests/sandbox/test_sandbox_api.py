"""The API over HTTP, as the contract describes it."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from unit_tests.sandbox.processes import Sandbox

NO_ROUTE = '{"detail":"Not Found"}'
ENTITIES = {
    # path: (singular, a minimal good body; `{}` stands for the test's own id)
    "/products": ("Product", {"name": "Suite"}),
    "/plans": ("Plan", {"name": "Pro", "product_id": "base"}),
    "/clients": ("Customer", {"name": "Ada"}),
    "/subscriptions": (
        "Subscription",
        {"customer_id": "base", "status": "active", "start_date": "2026-01-01"},
    ),
    "/invoices": (
        "Invoice",
        {"customer_id": "base", "date": "2026-01-01", "status": "paid", "currency": "EUR", "amount": 1},
    ),
    "/invoice_lines": (
        "Invoice line",
        {
            "invoice_id": "base",
            "type": "one_off",
            "currency": "EUR",
            "amount_excluding_tax_after_discount": 1,
        },
    ),
    "/credit_notes": (
        "Credit note",
        {"invoice_id": "base", "date": "2026-01-01", "currency": "EUR", "amount": 1},
    ),
}
UPDATED_BY_POST = ["/products", "/plans", "/clients", "/subscriptions"]
CREATED_BY_POST = ["/invoices", "/invoice_lines", "/credit_notes"]


@pytest.fixture(scope="module", autouse=True)
def _base(sandbox: Sandbox) -> None:
    """One object `base` of each entity, for others to refer to."""
    sandbox.given(*((path, {"id": "base", **body}) for path, (_, body) in ENTITIES.items()))


@pytest.mark.parametrize("path", ENTITIES)
def test_an_object_is_created_and_can_be_retrieved(sandbox: Sandbox, path: str) -> None:
    body = {"id": "created", **ENTITIES[path][1], "custom_properties": {"tier": "gold"}}
    created = sandbox.post(path, body)
    assert (created.status_code, created.json()) == (201, body)
    assert created.headers["content-type"] == "application/json"
    retrieved = sandbox.get(f"{path}/created")
    assert (retrieved.status_code, retrieved.json()) == (200, body)


@pytest.mark.parametrize("path", ENTITIES)
def test_an_object_that_isnt_there_is_not_found_by_name(sandbox: Sandbox, path: str) -> None:
    expected = {"detail": f"{ENTITIES[path][0]} not found"}
    for answer in (sandbox.get(f"{path}/nobody"), sandbox.patch(f"{path}/nobody", {})):
        assert (answer.status_code, answer.json()) == (404, expected)


@pytest.mark.parametrize("path", UPDATED_BY_POST)
def test_post_on_an_existing_id_updates_partially(sandbox: Sandbox, path: str) -> None:
    body = {"id": "again", **ENTITIES[path][1], "custom_properties": {"a": 1, "b": 2}}
    sandbox.given((path, body))
    answer = sandbox.post(path, {"id": "again", "custom_properties": {"b": 3}})
    expected = {**body, "custom_properties": {"a": 1, "b": 3}}
    assert (answer.status_code, answer.json()) == (202, expected)
    assert sandbox.get(f"{path}/again").json() == expected


@pytest.mark.parametrize("path", CREATED_BY_POST)
def test_post_on_an_existing_id_is_refused(sandbox: Sandbox, path: str) -> None:
    body = {"id": "again", **ENTITIES[path][1]}
    sandbox.given((path, body))
    answer = sandbox.post(path, {**body, "currency": "USD"})
    assert answer.status_code == 409
    assert answer.json() == {"detail": f"{ENTITIES[path][0]} with this id already exists"}
    assert sandbox.get(f"{path}/again").json() == body


def test_patch_merges_and_null_clears(sandbox: Sandbox) -> None:
    sandbox.given(("/clients", {"id": "pa", "name": "Ada", "email": "a@b.c", "custom_properties": {"x": 1}}))
    answer = sandbox.patch("/clients/pa", {"zip_code": "75001", "email": None, "custom_properties": {"y": True}})
    expected = {"id": "pa", "name": "Ada", "zip_code": "75001", "custom_properties": {"x": 1, "y": True}}
    assert (answer.status_code, answer.json()) == (202, expected)
    assert sandbox.get("/clients/pa").json() == expected


def test_patch_may_repeat_the_id_but_not_change_it(sandbox: Sandbox) -> None:
    sandbox.given(("/clients", {"id": "same", "name": "Ada"}), ("/clients", {"id": "other", "name": "Bob"}))
    assert sandbox.patch("/clients/same", {"id": "same", "name": "Eve"}).status_code == 202
    answer = sandbox.patch("/clients/same", {"id": "other", "name": "Mallory"})
    assert answer.status_code == 422
    assert [(one["loc"], one["type"]) for one in answer.json()["detail"]] == [(["body", "id"], "id_mismatch")]
    assert sandbox.get("/clients/same").json()["name"] == "Eve"
    assert sandbox.get("/clients/other").json()["name"] == "Bob"


def test_a_refused_patch_changes_nothing(sandbox: Sandbox) -> None:
    line = {
        **ENTITIES["/invoice_lines"][1],
        "id": "period",
        "type": "subscription",
        "period_start": "2026-01-01",
        "period_end": "2026-02-01",
    }
    sandbox.given(("/invoice_lines", line))
    answer = sandbox.patch("/invoice_lines/period", {"description": "x", "period_end": "2025-01-01"})
    assert answer.status_code == 422
    assert [(one["loc"], one["type"]) for one in answer.json()["detail"]] == [(["body", "period_start"], "not_before")]
    assert sandbox.get("/invoice_lines/period").json() == line


def test_all_problems_of_a_body_come_at_once(sandbox: Sandbox) -> None:
    answer = sandbox.post(
        "/invoices",
        {"id": 1, "customer_id": "nobody", "date": "2026-01-01", "status": "x", "amount": "1", "more": 1},
    )
    assert answer.status_code == 422
    assert answer.json() == {
        "detail": [
            {"loc": ["body", "id"], "msg": "Input should be a valid string", "type": "string_type"},
            {"loc": ["body", "status"], "msg": "Input should be one of: open, paid, unpaid", "type": "enum"},
            {"loc": ["body", "currency"], "msg": "Field required", "type": "missing"},
            {"loc": ["body", "amount"], "msg": "Input should be a JSON number", "type": "decimal_type"},
            {"loc": ["body", "more"], "msg": "Extra inputs are not permitted", "type": "extra_forbidden"},
            {"loc": ["body", "customer_id"], "msg": "Customer not found", "type": "reference_not_found"},
        ]
    }


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "json_invalid"),
        (b"{", "json_invalid"),
        (b'{"id": NaN}', "json_invalid"),
        (b'{"id": Infinity}', "json_invalid"),
        (b"\xff\xfe{\x00}\x00", "json_invalid"),
        (b'{"id": 1e99999999999999999999}', "json_invalid"),
        (b'{"id": ' + b"9" * 5000 + b"}", "json_invalid"),
        (b'{"id": ' + b"[" * 100_000, "json_invalid"),
        (b"[]", "dict_type"),
        (b'"text"', "dict_type"),
        (b"null", "dict_type"),
    ],
)
def test_a_body_that_is_no_object_is_refused(sandbox: Sandbox, body: bytes, problem: str) -> None:
    for verb, path in (("POST", "/clients"), ("PATCH", "/clients/base")):
        answer = sandbox.call(verb, path, data=body)
        assert answer.status_code == 422
        assert [(one["loc"], one["type"]) for one in answer.json()["detail"]] == [(["body"], problem)]


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-API-KEY": ""}, {"X-API-KEY": "sandbox-ke"}, {"X-API-KEY": "Bearer sandbox-key"},
     {"Authorization": "sandbox-key"}, {"X-API-KEY": "schlüssel"}],
)  # fmt: skip
@pytest.mark.parametrize(("verb", "path"), [("POST", "/clients"), ("PATCH", "/clients/base"), ("GET", "/clients/base")])
def test_without_the_key_nothing_is_looked_at(sandbox: Sandbox, headers: dict[str, str], verb: str, path: str) -> None:
    answer = sandbox.call(verb, path, data=b"{not json", headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid API key"})


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("POST", "/customers"),
        ("GET", "/"),
        ("GET", "/clients/a/b"),
        ("POST", "/clients/"),
        ("GET", "/clients/"),
        ("GET", "/docs"),
        ("GET", "/../clients"),
        ("GET", "/../openapi.json"),
        ("GET", "/../_sandbox/nothing"),
    ],
)
@pytest.mark.parametrize("key", ["sandbox-key", "wrong"])
def test_a_path_that_the_api_lacks_is_not_found(sandbox: Sandbox, verb: str, path: str, key: str) -> None:
    answer = sandbox.call(verb, path, headers={"X-API-KEY": key})
    assert (answer.status_code, answer.text) == (404, NO_ROUTE)


@pytest.mark.parametrize(
    ("verb", "path"),
    [("GET", "/clients"), ("PUT", "/clients/base"), ("DELETE", "/clients/base"), ("PATCH", "/invoices")],
)
def test_another_verb_is_not_allowed(sandbox: Sandbox, verb: str, path: str) -> None:
    answer = sandbox.call(verb, path)
    assert (answer.status_code, answer.json()) == (405, {"detail": "Method Not Allowed"})


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/plans", "product_id"),
        ("/clients", "root_parent_id"),
        ("/subscriptions", "customer_id"),
        ("/subscriptions", "plan_id"),
        ("/invoices", "customer_id"),
        ("/invoices", "subscription_id"),
        ("/invoice_lines", "invoice_id"),
        ("/invoice_lines", "subscription_id"),
        ("/invoice_lines", "price_id"),
        ("/credit_notes", "invoice_id"),
        ("/credit_notes", "customer_id"),
    ],
)
def test_a_referenced_object_must_exist(sandbox: Sandbox, path: str, field: str) -> None:
    own = f"ref-{field}"
    body = {"id": own, **ENTITIES[path][1]}
    for answer in (
        sandbox.post(path, {**body, field: "nobody"}),
        sandbox.patch(f"{path}/base", {field: "nobody"}),
    ):
        assert answer.status_code == 422
        (problem,) = answer.json()["detail"]
        assert (problem["loc"], problem["type"]) == (["body", field], "reference_not_found")
        assert problem["msg"].endswith(" not found")
    assert sandbox.get(f"{path}/{own}").status_code == 404
    assert sandbox.post(path, {**body, field: "base"}).status_code == 201


def test_a_referenced_line_must_exist(sandbox: Sandbox) -> None:
    lines = [{"id": "a", "amount": 1, "invoice_line_id": one} for one in ("base", "nobody")]
    answer = sandbox.post("/credit_notes", {"id": "cn", **ENTITIES["/credit_notes"][1], "lines": lines})
    assert answer.status_code == 422
    assert answer.json()["detail"] == [
        {
            "loc": ["body", "lines", 1, "invoice_line_id"],
            "msg": "Invoice line not found",
            "type": "reference_not_found",
        }
    ]


def test_a_customer_can_be_its_own_parent_only_once_it_exists(sandbox: Sandbox) -> None:
    body = {"id": "own", "name": "Ada", "root_parent_id": "own"}
    assert sandbox.post("/clients", body).status_code == 422
    assert sandbox.post("/clients", {"id": "own", "name": "Ada"}).status_code == 201
    assert sandbox.post("/clients", body).status_code == 202
    assert sandbox.get("/clients/own").json() == body


@pytest.mark.parametrize(
    "number", ["12.50", "0.1", "12345678901234567890.123456789012345678901", "100000000000000000001", "-0.00"]
)
def test_an_amount_keeps_its_digits(sandbox: Sandbox, number: str) -> None:
    body = f'{{"id": "exact{number}", "name": "P", "product_id": "base", "amount": {number}}}'
    created = sandbox.call("POST", "/plans", data=body.encode())
    assert created.status_code == 201
    for answer in (created, sandbox.get(f"/plans/exact{number}")):
        assert f'"amount": {number}}}' in answer.text


@pytest.mark.parametrize("id_", ["a/b", "a b", "a?b", "a#b", "a%2Fb", "été", "日本", "x" * 500, "a+b", "'\"<b>"])
def test_an_id_may_be_any_text(sandbox: Sandbox, id_: str) -> None:
    path = "/clients/" + quote(id_, safe="")
    assert sandbox.post("/clients", {"id": id_, "name": "Ada"}).json()["id"] == id_
    assert sandbox.patch(path, {"name": "Eve"}).status_code == 202
    assert sandbox.get(path).json() == {"id": id_, "name": "Eve"}


def test_ids_of_different_entities_are_different(sandbox: Sandbox) -> None:
    sandbox.given(("/products", {"id": "only-product", "name": "P"}))
    assert sandbox.get("/clients/only-product").status_code == 404


def test_one_of_many_clients_at_once_creates_an_object(sandbox: Sandbox) -> None:
    body = {"id": "race", **ENTITIES["/invoices"][1]}
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: sandbox.post("/invoices", body).status_code, range(40)))
    assert sorted(statuses) == [201] + [409] * 39
