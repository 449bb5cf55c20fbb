"""An OpenAPI document against the contract: each difference is found, named with its place, and nothing else is."""

from __future__ import annotations

import contextlib
import copy
import itertools
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from destination_fincome.fincome.contract import Contract, corrected_contract, load_contract
from destination_fincome.fincome.overlay import read_overlay
from fincome_tools.contract.comparison import Comparison, NotFincome, compare
from fincome_tools.contract.correction_text import folded, text_of
from fincome_tools.contract.findings import Finding, Result, load_facts
from fincome_tools.contract.openapi import Document, DocumentError
from fincome_tools.contract.show import confirmed_facts
from unit_tests.tools.documents import document

Change = Callable[[dict[str, Any]], object]


def compared(content: dict[str, Any], contract: Contract | None = None) -> Comparison:
    return compare(contract or load_contract(), load_facts(), Document(content))


def differences(content: dict[str, Any], contract: Contract | None = None) -> list[Finding]:
    return [one for one in compared(content, contract).findings if one.result is Result.DIFFERS]


def result_of(content: dict[str, Any], place: str, subject: str = "") -> list[tuple[Result, str]]:
    found = [one for one in compared(content).findings if one.fact.place == place and subject in one.subject]
    return [(one.result, one.found) for one in found]


def schema(content: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = content["components"]["schemas"][name]
    return found


def renamed(content: dict[str, Any], old: str, new: str) -> None:
    content["paths"] = {path.replace(old, new, 1): item for path, item in content["paths"].items()}


# --- the places in the contract


def test_a_fact_has_its_line_and_its_tag() -> None:
    facts = load_facts()
    text = (Path(__file__).parents[2] / "destination_fincome/fincome/contract.yaml").read_text().splitlines()
    path = facts.at("entities.customers.path")
    assert (path.tag, text[path.line - 1].strip().partition(":")[0]) == ("D", "path")
    country = facts.at("entities.customers.fields.country")
    assert (country.tag, "country:" in text[country.line - 1]) == ("I", True)
    line = facts.at("entities.credit_notes.fields.lines.fields.invoice_line_id")
    assert (line.tag, "invoice_line_id:" in text[line.line - 1]) == ("I", True)


def test_a_place_that_is_not_there_is_the_one_above_it() -> None:
    assert load_facts().at("entities.customers.fields.shoe_size").place == "entities.customers.fields"


# --- agreement


def test_a_document_that_is_as_the_contract_says_agrees_in_everything() -> None:
    results = {one.result for one in compared(document()).findings}
    assert results == {Result.AGREES}


def test_what_is_confirmed_is_told_with_its_tag() -> None:
    findings = compared(document()).findings
    assert {one.fact.tag for one in findings if one.confirms} == {"I", "A"}
    (header,) = [one for one in findings if one.fact.place == "access.api_key_header"]
    assert header.settles == f"confirms access.api_key_header, line {header.fact.line} [A]"


def test_an_assumption_is_confirmed_only_if_nothing_speaks_against_it() -> None:
    assert "operations.update" in {fact.place for fact in confirmed_facts(compared(document()).findings)}
    content = document()
    put_for_patch(content)
    schema(content, "SubscriptionCreate")["properties"]["status"] = {"type": "string"}
    places = {fact.place for fact in confirmed_facts(compared(content).findings)}
    assert places.isdisjoint({"operations.update", "entities.subscriptions.fields.status"})
    assert "access.api_key_header" in places


def prefix_in_the_paths() -> dict[str, Any]:
    return document(servers=("https://api2.fincome.co",), prefix="/product")


def openapi_3_0() -> dict[str, Any]:
    """The same in the words of 3.0: nullable, a reference inside of allOf, and oneOf."""
    made = document()
    made["openapi"] = "3.0.3"

    def rewritten(node: Any) -> Any:
        if isinstance(node, list):
            return [rewritten(one) for one in node]
        if not isinstance(node, dict):
            return node
        variants = node.get("anyOf")
        if variants and variants[-1] == {"type": "null"}:
            return {"allOf": [rewritten(variants[0])], "nullable": True}
        return {("oneOf" if key == "anyOf" else key): rewritten(value) for key, value in node.items()}

    return {key: rewritten(value) for key, value in made.items()}


def without_components() -> dict[str, Any]:
    """All schemas in their places; the key is a header parameter."""
    made = document()
    schemas = made.pop("components")["schemas"]

    def inlined(node: Any) -> Any:
        if isinstance(node, list):
            return [inlined(one) for one in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return inlined(copy.deepcopy(schemas[node["$ref"].rpartition("/")[2]]))
        return {key: inlined(value) for key, value in node.items()}

    made["paths"] = inlined(made["paths"])
    for item in made["paths"].values():
        item.setdefault("parameters", []).append({"name": "x-api-key", "in": "header", "required": True})
    return made


def split_in_parts() -> dict[str, Any]:
    """A base with the id, and the rest, by allOf."""
    made = document()
    for name, one in list(made["components"]["schemas"].items()):
        if name.endswith("Create"):
            base = {"type": "object", "properties": {"id": one["properties"].pop("id")}, "required": ["id"]}
            one["required"].remove("id")
            made["components"]["schemas"][name] = {"allOf": [base, one]}
    return made


def lists_of_types() -> dict[str, Any]:
    made = document()
    schema(made, "CustomerCreate")["properties"]["email"] = {"type": ["string", "null"], "format": "email"}
    return made


def other_names_of_parameters() -> dict[str, Any]:
    made = document()
    made["paths"] = {path.replace("_id}", "Identifier}"): item for path, item in made["paths"].items()}
    return made


def several_servers() -> dict[str, Any]:
    made = document(servers=("https://sandbox.example.com/product", "https://{host}/product/"))
    made["servers"][1]["variables"] = {"host": {"default": "api2.fincome.co"}}
    return made


def relative_server() -> dict[str, Any]:
    return document(servers=("/product",))


def also_oauth() -> dict[str, Any]:
    made = document()
    made["components"]["securitySchemes"]["Login"] = {"type": "oauth2", "flows": {}}
    made["security"] = [{"Login": []}, {"APIKey": []}]
    return made


@pytest.mark.parametrize(
    "variant",
    [
        prefix_in_the_paths, openapi_3_0, without_components, split_in_parts, lists_of_types,
        other_names_of_parameters, several_servers, relative_server, also_oauth,
    ],
)  # fmt: skip
def test_the_same_api_written_otherwise_agrees(variant: Callable[[], dict[str, Any]]) -> None:
    assert {one.result for one in compared(variant()).findings} == {Result.AGREES}


# --- differences: change one thing, and exactly that is found


def with_bearer(content: dict[str, Any]) -> None:
    content["components"]["securitySchemes"] = {"APIKey": {"type": "http", "scheme": "bearer"}}


def with_header(name: str) -> Change:
    return lambda content: content["components"]["securitySchemes"]["APIKey"].update(name=name)


def to_customers(content: dict[str, Any]) -> None:
    renamed(content, "/clients", "/customers")


def invoice_lines_dashed(content: dict[str, Any]) -> None:
    renamed(content, "/invoice_lines", "/invoice-lines")


def put_for_patch(content: dict[str, Any]) -> None:
    item = content["paths"]["/clients/{customer_id}"]
    item["put"] = item.pop("patch")


def no_get_of_plans(content: dict[str, Any]) -> None:
    del content["paths"]["/plans/{plan_id}"]["get"]


def update_needs_name(content: dict[str, Any]) -> None:
    schema(content, "CustomerUpdate")["required"] = ["id", "name"]


def post_updates_invoices(content: dict[str, Any]) -> None:
    content["paths"]["/invoices"]["post"]["summary"] = "Create or update an invoice"


def post_updates_by_its_name(content: dict[str, Any]) -> None:
    post = content["paths"]["/invoices"]["post"]
    del post["summary"]
    post["operationId"] = "create_or_update_invoice_invoices_post"


def conflict_of_plans(content: dict[str, Any]) -> None:
    post = content["paths"]["/plans"]["post"]
    post["summary"] = "Create a plan"
    post["responses"]["409"] = {}


def slash_at_the_end(content: dict[str, Any]) -> None:
    content["paths"]["/plans/"] = content["paths"].pop("/plans")


def odd_success(content: dict[str, Any]) -> None:
    content["paths"]["/plans"]["post"]["responses"]["207"] = {}


def wrapped_body(content: dict[str, Any]) -> None:
    whole = content["components"]["schemas"]["ProductCreate"]
    content["components"]["schemas"]["ProductCreate"] = {"properties": {"product": whole}, "required": ["product"]}


def list_body(content: dict[str, Any]) -> None:
    body = content["paths"]["/products"]["post"]["requestBody"]["content"]["application/json"]
    body["schema"] = {"type": "array", "items": body["schema"]}


def field(name: str, field_name: str, value: dict[str, Any] | None) -> Change:
    """Replace a field's schema, or remove it."""

    def change(content: dict[str, Any]) -> None:
        properties = schema(content, name)["properties"]
        if value is None:
            del properties[field_name]
        else:
            properties[field_name] = value

    return change


def required(name: str, field_name: str) -> Change:
    return lambda content: schema(content, name)["required"].append(field_name)


def optional(name: str, field_name: str) -> Change:
    return lambda content: schema(content, name)["required"].remove(field_name)


NUMBER_AS_TEXT = {"type": "string"}
UNIX = {"type": "integer"}
DATE = {"type": "string", "format": "date"}

CASES: list[tuple[Change, str, str, str]] = [
    # change, place, what is found, what to do
    (with_bearer, "access.api_key_header", "Authorization", 'set `api_key_header` to "Authorization"'),
    (with_header("X-Fincome-Key"), "access.api_key_header", "X-Fincome-Key", '`api_key_header` to "X-Fincome-Key"'),
    (to_customers, "entities.customers.path", "/customers", 'set `paths.customers` to "/customers"'),
    (invoice_lines_dashed, "entities.invoice_lines.path", "/invoice-lines", 'to "/invoice-lines"'),
    (put_for_patch, "operations.update", "PUT /clients/{id}", "verb: PUT"),
    (no_get_of_plans, "entities.plans.retrievable", "no such route", "value: false"),
    (update_needs_name, "operations.update", "name", "not partial"),
    (post_updates_invoices, "entities.invoices.post_updates", "Create or update", "value: true"),
    (post_updates_by_its_name, "entities.invoices.post_updates", "create or update", "value: true"),
    (conflict_of_plans, "entities.plans.post_updates", "409", "value: false"),
    (slash_at_the_end, "operations.create", "a slash", 'path: "{path}/"'),
    (odd_success, "answers.success.statuses", "207", "edit contract.yaml"),
    (wrapped_body, "operations.create", "inside of `product`", "edit contract.yaml"),
    (list_body, "operations.create", "a list", "edit contract.yaml"),
    (field("CustomerCreate", "zip_code", None), "entities.customers.fields.zip_code", "no such field", "remove"),
    (field("CustomerCreate", "vat", {"type": "string"}), "entities.customers.fields", "string", "add vat"),
    (field("InvoiceCreate", "amount", NUMBER_AS_TEXT), "entities.invoices.fields.amount", "string", "edit"),
    (field("InvoiceCreate", "date", UNIX), "entities.invoices.fields.date", "integer", "edit"),
    (field("InvoiceCreate", "date", DATE), "entities.invoices.fields.date", "string (date)", "edit"),
    (field("CustomerCreate", "id", {"type": "integer"}), "entities.customers.fields.id", "integer", "edit"),
    (field("CustomerCreate", "country", {"type": "string", "minLength": 3, "maxLength": 3}),
     "entities.customers.fields.country", "3 to 3 characters", "edit"),
    (field("InvoiceCreate", "currency", {"type": "string", "enum": ["eur", "usd"]}),
     "entities.invoices.fields.currency", "eur", "edit"),
    (field("InvoiceCreate", "status", {"type": "string", "enum": ["open", "paid"]}),
     "entities.invoices.fields.status", "open, paid", "enum: [open, paid]"),
    (field("InvoiceCreate", "number", {"type": "string", "enum": ["a"]}),
     "entities.invoices.fields.number", "a", "enum: [a]"),
    (field("PlanCreate", "interval_count", {"type": "integer", "minimum": 0}),
     "entities.plans.fields.interval_count", "0", "edit"),
    (required("SubscriptionCreate", "plan_id"), "entities.subscriptions.fields.plan_id", "required", "required: true"),
    (optional("CustomerCreate", "name"), "entities.customers.fields.name", "optional", "required: false"),
    (field("CreditNoteLine", "amount", None), "entities.credit_notes.fields.lines.fields.amount", "no such", "remove"),
    (field("PlanCreate", "custom_properties", None), "custom_properties", "no such field", "edit"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "place", "found", "remedy"), CASES, ids=[f"{c[1]}-{c[2]}" for c in CASES])
def test_a_difference_is_found_with_its_place_and_what_to_do(
    change: Change, place: str, found: str, remedy: str
) -> None:
    content = document()
    change(content)
    first, *others = differences(content)
    assert first.fact.place == place
    assert found in first.found
    assert remedy in first.remedy
    assert first.settles == f"contradicts {first.fact}"
    # A bearer token differs in two facts: the header and the prefix.
    assert [one.fact.place for one in others] == (["access.api_key_prefix"] if change is with_bearer else [])


def test_another_address_is_a_setting() -> None:
    (address,) = differences(document(servers=("https://api.fincome.example/v3",)))
    assert (address.fact.place, address.found) == ("access.base_url", "https://api.fincome.example/v3")
    assert 'set `base_url` to "https://api.fincome.example/v3"' in address.remedy
    (address,) = differences(document(servers=("/v3",)))
    assert 'set `base_url` to "https://api2.fincome.co/v3"' in address.remedy


def test_a_missing_object_is_one_difference() -> None:
    content = document()
    del content["paths"]["/credit_notes"], content["paths"]["/credit_notes/{credit_note_id}"]
    (only,) = differences(content)
    assert (only.fact.place, only.found) == ("entities.credit_notes.path", "no such path")
    assert only.corrections == {("entities", "credit_notes", "absent"): True}


def test_given_objects_that_can_not_be_created_when_compared_then_that_is_the_difference() -> None:
    content = document()
    del content["paths"]["/clients"]
    (only,) = differences(content)
    assert (only.fact.place, only.subject, only.found) == ("operations.create", "customers: create", "no such route")
    assert only.corrections == {("entities", "customers", "operations", "create", "absent"): True}


# What an API does otherwise, as the text that says so: a document of that API has to lead back to the text.
TEXTS = [
    "access: {api_key_header: X-Key}",
    "operations: {update: {verb: PUT}}",
    "amounts: cents",
    "dates: date",
    "dates: date-time",
    "custom_properties: {name: metadata}",
    "custom_properties: {name: customProperties}",
    "entities: {customers: {path: /customers/}}",
    "entities: {customers: {path: /customers}, plans: {retrievable: false}}",
    "entities: {invoices: {post_updates: true}, plans: {post_updates: false}}",
    "entities: {plans: {absent: true}}",
    "entities: {customers: {operations: {create: {absent: true}}}}",
    "entities: {customers: {fields: {zip_code: {name: zipCode}, name: {required: false}}}}",
    "entities: {credit_notes: {fields: {lines: {fields: {invoice_line_id: {name: invoiceLineId}}}}}}",
    "entities: {invoices: {fields: {status: {enum: {open: OPEN, paid: PAID, unpaid: UNPAID}}}}}",
    "entities: {subscriptions: {fields: {status: {enum: {canceled: cancelled}}}}}",
    "entities: {plans: {amounts: cents, fields: {amount: {name: amountCents}}}}",
    "operations: {list: {pages: number, parameter: page, first: 1, size_parameter: limit, size: 100}}",
    "operations: {list: {pages: number, parameter: p, first: 0, size_parameter: none, size: 100, items: data}}",
    "operations: {list: {pages: offset, parameter: skip, size_parameter: take, size: 500, items: result.rows}}",
    "operations: {list: {pages: cursor, parameter: after, next: meta.next_cursor, size_parameter: limit, size: 50,"
    " items: data}}",
    "entities: {invoices: {operations: {list: {pages: last_id, parameter: starting_after, size_parameter: limit,"
    " size: 100, items: data, more: has_more}}}}",
    "operations: {list: {pages: link, size_parameter: per_page, size: 100}}",
    "operations: {list: {pages: link, next: links.next, size_parameter: per_page, size: 100, items: items}}",
]


@pytest.mark.parametrize("text", TEXTS)
def test_given_the_document_of_an_api_that_differs_when_compared_then_its_text_comes_back(text: str) -> None:
    contract = corrected_contract(read_overlay(f"version: 1\n{text}\n"))
    content = document(contract=contract)
    comparison = compared(content)
    assert {one.result for one in comparison.findings} >= {Result.AGREES, Result.DIFFERS}
    printed = text_of(folded(comparison.corrections, load_contract()))
    assert yaml.load(printed, Loader=yaml.BaseLoader) == yaml.load(f"version: 1\n{text}", Loader=yaml.BaseLoader)
    # With it, nothing is left to say.
    said = read_overlay(printed)
    again = compare(corrected_contract(said), load_facts(), Document(content), said)
    assert [one for one in again.findings if one.result is Result.DIFFERS] == []


@pytest.mark.parametrize(
    ("schema_of_more", "correction"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "format": "date"}, "instant"),
        ({"type": "integer"}, "integer"),
        ({"type": "number"}, "decimal"),
        ({"type": "array", "items": {"type": "object"}}, None),
    ],
)
def test_given_a_field_that_every_object_needs_when_nobody_sends_it_then_that_is_said(
    schema_of_more: dict[str, Any], correction: str | None
) -> None:
    content = document()
    schema(content, "CustomerCreate")["properties"]["source_id"] = schema_of_more
    schema(content, "CustomerCreate")["required"].append("source_id")
    (only,) = differences(content)
    assert "required" in only.found
    assert "source_id is needed: a mapping has to fill it, or give it a `constant`" in only.remedy
    place = ("entities", "customers", "fields", "source_id")
    expected = {(*place, "type"): correction, (*place, "required"): True} if correction else {}
    assert only.corrections == expected


def test_given_a_body_that_takes_nothing_else_when_a_field_is_not_in_it_then_it_must_not_be_sent() -> None:
    content = document()
    del schema(content, "CustomerCreate")["properties"]["zip_code"]
    schema(content, "CustomerCreate")["additionalProperties"] = False
    (only,) = differences(content)
    assert only.corrections == {("entities", "customers", "fields", "zip_code", "absent"): True}


def test_the_settings_of_a_user_count() -> None:
    content = document()
    to_customers(content)
    contract = load_contract().with_overrides(paths={"customers": "/customers"})
    assert differences(content, contract) == []
    (path,) = [one for one in compared(content, contract).findings if one.fact.place == "entities.customers.path"]
    assert path.settles.startswith("confirms the config, which corrects entities.customers.path")
    assert not path.confirms
    (path,) = differences(document(), contract)
    assert path.settles.startswith("doesn't confirm the config")


# --- what a document leaves out


def test_what_a_document_does_not_say_is_neither_agreed_nor_different() -> None:
    content = document(servers=())
    del content["components"]["securitySchemes"]
    content["paths"]["/plans"]["post"] = {"responses": {"default": {}}}
    schema(content, "CustomerCreate")["properties"]["zip_code"] = {}
    schema(content, "InvoiceCreate")["properties"]["status"] = {"type": "string"}
    untold = {one.fact.place for one in compared(content).findings if one.result is Result.UNKNOWN}
    assert untold == {
        "access.base_url", "access.api_key_header", "entities.plans.post_updates", "entities.plans.fields",
        "entities.customers.fields.zip_code", "entities.invoices.fields.status",
    }  # fmt: skip
    assert differences(content) == []


def test_before_a_key_in_authorization_anything_may_stand() -> None:
    content = document()
    with_header("Authorization")(content)
    assert result_of(content, "access.api_key_prefix") == [(Result.UNKNOWN, "not said")]
    content["components"]["securitySchemes"]["APIKey"]["description"] = "Send `Bearer <key>`"
    assert result_of(content, "access.api_key_prefix") == [(Result.DIFFERS, "'Bearer '")]


def test_a_key_that_is_no_header_cannot_be_sent() -> None:
    content = document()
    content["components"]["securitySchemes"]["APIKey"] = {"type": "apiKey", "in": "query", "name": "key"}
    (only,) = differences(content)
    assert (only.found, "headers only" in only.remedy) == ("apiKey query", True)


def test_routes_that_are_not_used_are_noted() -> None:
    content = document()
    content["paths"]["/clients/{customer_id}"]["delete"] = {"responses": {}}
    content["paths"]["/clients"]["get"] = {"responses": {}}
    content["paths"]["/webhooks"] = {"post": {"responses": {}}}
    assert compared(content).notes == [
        "GET /clients (a list: what is there could be read many at a time)",
        "DELETE /clients/{customer_id} (the contract: no delete)",
        "of other objects: /webhooks",
    ]  # fmt: skip


def listed(**answer: object) -> dict[str, Any]:
    content = document()
    content["paths"]["/clients"]["get"] = {
        "parameters": [{"name": "page", "in": "query"}],
        "responses": {"200": answer},
    }
    return content


def lists(content: dict[str, Any]) -> list[tuple[str, str]]:
    findings = compared(content).findings
    return [(one.believed, one.found) for one in findings if one.subject == "customers: list"]


def test_given_lists_that_cannot_be_read_page_by_page_when_compared_then_they_are_none_of_use() -> None:
    array = {"content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}}
    assert lists(listed(**array)) == [("none", "GET /clients, pages by number, of 100")]
    without_ids = {"type": "array", "items": {"type": "object", "properties": {"name": {}}}}
    assert lists(listed(content={"application/json": {"schema": without_ids}})) == []
    assert lists(listed(content={"application/json": {"schema": {"type": "object"}}})) == []
    unpaged = listed(**array)
    unpaged["paths"]["/clients"]["get"]["parameters"] = []
    assert lists(unpaged) == []


def test_given_a_list_that_the_contract_names_and_the_document_does_not_when_compared_then_there_is_none() -> None:
    said = read_overlay("version: 1\noperations: {list: {pages: number}}\n")
    comparison = compare(corrected_contract(said), load_facts(), Document(document()), said)
    found = [one for one in comparison.findings if one.subject == "customers: list"]
    assert [(one.believed, one.found) for one in found] == [("pages by number, of 100", "no such route")]
    assert "list: {pages: none}" in text_of(folded({**said, **comparison.corrections}, load_contract()))


def test_given_routes_that_take_many_objects_when_compared_then_they_are_named_as_such() -> None:
    content = document()
    many = {"content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}}
    content["paths"]["/clients/all"] = {"post": {"requestBody": many, "responses": {}}}
    content["paths"]["/invoices/bulk"] = {"post": {"responses": {}}}
    assert compared(content).notes == [
        "POST /clients/all (in bulk: many objects in one request)",
        "POST /invoices/bulk (in bulk: many objects in one request)",
    ]


# --- odd documents


def test_references_that_lead_nowhere_or_in_a_circle_say_nothing() -> None:
    content = document()
    properties = schema(content, "CustomerCreate")["properties"]
    properties["email"] = {"$ref": "#/components/schemas/Gone"}
    properties["zip_code"] = {"$ref": "https://example.com/schema.json"}
    content["components"]["schemas"]["Loop"] = {"$ref": "#/components/schemas/Loop"}
    properties["name"] = {"$ref": "#/components/schemas/Loop"}
    tree = {
        "properties": {"left": {"$ref": "#/components/schemas/Tree"}, "right": {"$ref": "#/components/schemas/Tree"}}
    }
    content["components"]["schemas"]["Tree"] = tree
    properties["custom_properties"] = {"$ref": "#/components/schemas/Tree"}
    assert differences(content) == []
    untold = {one.fact.place for one in compared(content).findings if one.result is Result.UNKNOWN}
    assert untold == {f"entities.customers.fields.{name}" for name in ("email", "zip_code", "name")}


def test_nonsense_in_the_document_is_passed_over() -> None:
    content = document()
    content["paths"]["/clients"].update(parameters="none", get=None, summary=3)
    content["paths"]["/odd"] = []
    content["servers"].append("nonsense")
    content["security"] = {"APIKey": []}
    schema(content, "ProductCreate")["properties"]["name"] = {"type": "string", "minLength": "one", "allOf": None}
    content["paths"]["/plans"]["post"]["responses"] = {"default": {}, 200: {}, "2XX": {}}
    assert differences(content) == []


def nodes(node: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place of a document: what holds it, and its key there."""
    for key, inner in node.items() if isinstance(node, dict) else enumerate(node):
        yield node, key
        if isinstance(inner, dict | list):
            yield from nodes(inner)


@pytest.mark.parametrize("junk", [None, 3, "x", [], {}, [[]], {"$ref": 1}, True], ids=repr)
def test_junk_anywhere_is_no_crash(junk: object) -> None:
    chance = random.Random(repr(junk))
    whole = json.dumps(document())
    places = len(list(nodes(json.loads(whole))))
    for number in chance.sample(range(places), 60):
        content = json.loads(whole)
        holder, key = next(itertools.islice(nodes(content), number, None))
        holder[key] = junk
        with contextlib.suppress(DocumentError, NotFincome):
            assert compared(content).findings


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "no object"),
        ({"swagger": "2.0", "paths": {"/a": {}}}, "Swagger 2.0"),
        ({"openapi": "4.0.0", "paths": {"/a": {}}}, "OpenAPI 3"),
        ({"info": {}}, "OpenAPI 3"),
        ({"openapi": "3.1.0", "paths": {}}, "no `paths`"),
    ],
)
def test_what_is_no_openapi_document_is_said(content: object, words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        Document(content)


def test_the_document_of_another_api_is_not_compared() -> None:
    with pytest.raises(NotFincome):
        compared({"openapi": "3.1.0", "paths": {"/pets": {"post": {"responses": {}}}}})


def test_files_may_be_json_or_yaml(tmp_path: Path) -> None:
    content = document()
    as_json, as_yaml, nonsense = tmp_path / "a.json", tmp_path / "a.yaml", tmp_path / "b.yaml"
    as_json.write_text(json.dumps(content))
    as_yaml.write_text(yaml.safe_dump(content, sort_keys=False))
    nonsense.write_text("a: [")
    assert Document.read(as_json).routes == Document.read(as_yaml).routes
    with pytest.raises(DocumentError, match="neither JSON nor YAML"):
        Document.read(nonsense)
    with pytest.raises(DocumentError, match="can't be read"):
        Document.read(tmp_path / "gone.json")


def test_yaml_cannot_make_objects_of_python(tmp_path: Path) -> None:
    file = tmp_path / "evil.yaml"
    file.write_text(f"openapi: !!python/object/apply:os.mkdir [{tmp_path / 'made'}]")
    with pytest.raises(DocumentError):
        Document.read(file)
    assert not (tmp_path / "made").exists()
