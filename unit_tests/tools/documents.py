"""Invented OpenAPI documents: what the contract's own API would publish, in FastAPI's manner, for tests to change."""

from __future__ import annotations

from typing import Any

from destination_fincome.fincome.contract import EntitySpec, FieldSpec, load_contract
from destination_fincome.fincome.value_types import COUNTRY, CURRENCY, DECIMAL, INSTANT, INTEGER, LINES

Document = dict[str, Any]


def document(servers: tuple[str, ...] = ("https://api2.fincome.co/product",), prefix: str = "") -> Document:
    """An API that is as the contract says it is.

    Args:
        servers: the addresses that it names.
        prefix: what stands before every path.
    """
    contract = load_contract()
    made: Document = {
        "openapi": "3.1.0",
        "info": {"title": "Invented API", "version": "1.0"},
        "servers": [{"url": url} for url in servers],
        "paths": {},
        "components": {
            "schemas": {},
            "securitySchemes": {"APIKey": {"type": "apiKey", "in": "header", "name": "X-API-KEY"}},
        },
    }
    for spec in contract.entities.values():
        _add(made, spec, prefix)
    return made


def _add(made: Document, spec: EntitySpec, prefix: str) -> None:
    schemas = made["components"]["schemas"]
    name = "".join(word.capitalize() for word in spec.singular.split())
    schemas[f"{name}Create"] = _object(schemas, name, spec.fields, creates=True)
    schemas[f"{name}Update"] = _object(schemas, name, spec.fields, creates=False)
    verbs = "Create or update" if spec.post_updates else "Create a new"
    parameter = {"name": f"{spec.singular.replace(' ', '_')}_id", "in": "path", "required": True}
    made["paths"][prefix + spec.path] = {
        "post": {
            "summary": f"{verbs} {spec.singular}",
            "security": [{"APIKey": []}],
            "requestBody": _body(f"{name}Create"),
            "responses": _responses(201, 202, 401, 422, 429, *([] if spec.post_updates else [409])),
        }
    }
    made["paths"][f"{prefix}{spec.path}/{{{parameter['name']}}}"] = {
        "parameters": [parameter],
        "get": {"security": [{"APIKey": []}], "responses": _responses(200, 404, 422)},
        "patch": {
            "security": [{"APIKey": []}],
            "requestBody": _body(f"{name}Update"),
            "responses": _responses(202, 404, 422),
        },
    }


def _body(schema: str) -> Document:
    return {"required": True, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _responses(*statuses: int) -> Document:
    return {str(status): {"description": "…"} for status in statuses}


def _object(schemas: Document, name: str, fields: tuple[FieldSpec, ...], creates: bool) -> Document:
    properties = {field.name: _field(schemas, name, field, creates) for field in fields}
    properties["custom_properties"] = _nullable({"type": "object", "additionalProperties": True})
    made: Document = {"type": "object", "properties": properties}
    if creates:
        made["required"] = [field.name for field in fields if field.required]
    return made


def _nullable(schema: Document) -> Document:
    return {"anyOf": [schema, {"type": "null"}]}


def _field(schemas: Document, name: str, field: FieldSpec, creates: bool) -> Document:
    schema = _value(schemas, name, field)
    return schema if field.required and creates else _nullable(schema)


def _value(schemas: Document, name: str, field: FieldSpec) -> Document:
    if field.type is LINES:
        line = f"{name}Line"
        schemas[line] = _object(schemas, line, field.fields, creates=True)
        return {"type": "array", "items": {"$ref": f"#/components/schemas/{line}"}}
    if field.enum:
        enum = f"{name}{field.name.capitalize()}"
        schemas[enum] = {"type": "string", "enum": list(field.enum)}
        return {"$ref": f"#/components/schemas/{enum}"}
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
