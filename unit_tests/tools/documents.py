"""Invented OpenAPI documents: what the contract's own API would publish, in FastAPI's manner, for tests to change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from destination_fincome.fincome.contract import Contract, EntitySpec, FieldSpec, load_contract
from destination_fincome.fincome.forms import FieldForm
from destination_fincome.fincome.listing import Listing
from destination_fincome.fincome.value_types import COUNTRY, CURRENCY, DECIMAL, INSTANT, INTEGER, LINES

Document = dict[str, Any]


def document(
    servers: tuple[str, ...] = ("https://api2.fincome.co/product",), prefix: str = "", contract: Contract | None = None
) -> Document:
    """An API that is as the contract says it is.

    Args:
        servers: the addresses that it names.
        prefix: what stands before every path.
        contract: another one than the connector's.
    """
    contract = contract or load_contract()
    made: Document = {
        "openapi": "3.1.0",
        "info": {"title": "Invented API", "version": "1.0"},
        "servers": [{"url": url} for url in servers],
        "paths": {},
        "components": {
            "schemas": {},
            "securitySchemes": {"APIKey": {"type": "apiKey", "in": "header", "name": contract.api_key_header}},
        },
    }
    for spec in contract.entities.values():
        if not spec.absent:
            _add(made, spec, prefix)
    return made


def _add(made: Document, spec: EntitySpec, prefix: str) -> None:
    schemas = made["components"]["schemas"]
    name = "".join(word.capitalize() for word in spec.singular.split())
    forms = spec.form.fields if spec.form else {}
    for creates, kind in ((True, "Create"), (False, "Update")):
        whole = _object(schemas, name, spec.fields, forms, creates)
        for constant in spec.form.constants if spec.form else ():
            whole["properties"][constant] = {"type": "string"}
            whole.setdefault("required", []).extend([constant] if creates else [])
        schemas[f"{name}{kind}"] = whole
    verbs = "Create or update" if spec.post_updates else "Create a new"
    parameter = {"name": f"{spec.singular.replace(' ', '_')}_id", "in": "path", "required": True}
    if spec.create:
        made["paths"].setdefault(prefix + spec.create.path_of(spec, ""), {})[spec.create.verb.lower()] = {
            "summary": f"{verbs} {spec.singular}",
            "security": [{"APIKey": []}],
            "requestBody": _body(f"{name}Create"),
            "responses": _responses(201, 202, 401, 422, 429, *([] if spec.post_updates else [409])),
        }
    whole_path = f"{{{parameter['name']}}}"
    if spec.retrievable:
        item = made["paths"].setdefault(prefix + spec.retrieve.path_of(spec, whole_path), {"parameters": [parameter]})
        item["get"] = {"security": [{"APIKey": []}], "responses": _responses(200, 404, 422)}
    if spec.listing:
        path = prefix + spec.listing.path.replace("{path}", spec.path)
        made["paths"].setdefault(path, {})["get"] = _list(spec.listing, f"{name}Update")
    if spec.update:
        item = made["paths"].setdefault(prefix + spec.update.path_of(spec, whole_path), {"parameters": [parameter]})
        item[spec.update.verb.lower()] = {
            "security": [{"APIKey": []}],
            "requestBody": _body(f"{name}Update"),
            "responses": _responses(202, 404, 422),
        }


def _list(listing: Listing, schema: str) -> Document:
    """What a document says of a list; of links by header only the header."""
    sized = {"name": listing.size_parameter, "in": "query", "schema": {"type": "integer", "maximum": listing.size}}
    which = {"name": listing.parameter, "in": "query", "schema": {"type": "integer", "minimum": listing.first}}
    answer: Document = {"type": "object", "properties": {}}
    for place, kind in ((listing.next, "string"), (listing.more, "boolean")):
        _put(answer, place, {"anyOf": [{"type": kind}, {"type": "null"}]})
    items: Document = {"type": "array", "items": {"$ref": f"#/components/schemas/{schema}"}}
    _put(answer, listing.items, items)
    header = (
        {"headers": {"Link": {"schema": {"type": "string"}}}} if listing.pages == "link" and not listing.next else {}
    )
    content = {"application/json": {"schema": answer if listing.items else items}}
    return {
        "security": [{"APIKey": []}],
        "parameters": [one for one in (sized, which) if one["name"]],
        "responses": {"200": {"description": "…", "content": content, **header}},
    }


def _put(answer: Document, place: str | None, schema: Document) -> None:
    if place:
        *above, last = place.split(".")
        for name in above:
            answer = answer["properties"].setdefault(name, {"type": "object", "properties": {}})
        answer["properties"][last] = schema


def _body(schema: str) -> Document:
    return {"required": True, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _responses(*statuses: int) -> Document:
    return {str(status): {"description": "…"} for status in statuses}


def _object(
    schemas: Document, name: str, fields: tuple[FieldSpec, ...], forms: Mapping[str, FieldForm], creates: bool
) -> Document:
    written = {field.name: forms.get(field.name, FieldForm(field.name)) for field in fields}
    sent = [field for field in fields if written[field.name].sent]
    properties = {written[f.name].name: _field(schemas, name, f, written[f.name], creates) for f in sent}
    attributes = forms.get("custom_properties", FieldForm("custom_properties"))
    properties[attributes.name] = _nullable({"type": "object", "additionalProperties": True})
    made: Document = {"type": "object", "properties": properties}
    if creates:
        made["required"] = [written[field.name].name for field in sent if field.required]
    return made


def _nullable(schema: Document) -> Document:
    return {"anyOf": [schema, {"type": "null"}]}


def _field(schemas: Document, name: str, field: FieldSpec, form: FieldForm, creates: bool) -> Document:
    schema = _value(schemas, name, field, form)
    return schema if field.required and creates else _nullable(schema)


def _value(schemas: Document, name: str, field: FieldSpec, form: FieldForm) -> Document:
    if field.type is LINES:
        line = f"{name}Line"
        schemas[line] = _object(schemas, line, field.fields, form.fields or {}, creates=True)
        return {"type": "array", "items": {"$ref": f"#/components/schemas/{line}"}}
    if field.enum:
        enum = f"{name}{field.name.capitalize()}"
        schemas[enum] = {"type": "string", "enum": [(form.words or {}).get(word, word) for word in field.enum]}
        return {"$ref": f"#/components/schemas/{enum}"}
    if form.unit in ("cents", "hundredths"):
        return {"type": "integer"} | ({} if field.minimum is None else {"minimum": field.minimum})
    if field.type is INSTANT and form.dates in ("date", "date-time"):
        return {"type": "string", "format": form.dates}
    if field.type is DECIMAL:
        number: Document = {"type": "number"} | ({} if field.minimum is None else {"minimum": field.minimum})
        return {"anyOf": [number, {"type": "string"}]}
    if field.type is INTEGER:
        return {"type": "integer"} | ({} if field.minimum is None else {"minimum": field.minimum})
    if field.type is INSTANT:
        return {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
    if field.type in (COUNTRY, CURRENCY):
        length = 2 if field.type is COUNTRY else 3
        return {"type": "string", "minLength": length, "maxLength": length}
    return {"type": "string"}
