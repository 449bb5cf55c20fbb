"""What becomes of a record, in the words of the files in sources/: stated, found, and how the two differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from difflib import ndiff
from itertools import zip_longest
from typing import Any

from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.models import InvalidObject, build_models, encode
from destination_fincome.fincome.value_types import plain
from destination_fincome.mapping.language.parents import OfParent
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.mapping.results import Draft, Fault, Skip, Version

MODELS = build_models(load_contract())
ENTITIES = tuple(MODELS)
PARTS = (*ENTITIES, "stubs", "warnings", "version", "nothing")

Result = dict[str, Any]
"""Objects by entity: each its fields, or `skipped`, or `fault`. And `stubs`, `warnings`, `version`, `nothing`."""


# --- stated in a file


def copied(value: Any) -> Any:
    """Copy what YAML makes, in a fraction of the time that `deepcopy` takes."""
    if value.__class__ is dict:
        return {name: copied(inner) for name, inner in value.items()}
    return [copied(inner) for inner in value] if value.__class__ is list else value


def differing(base: Result, then: Result) -> Result:
    """Return what a record becomes that differs in `then` from a shared one, which becomes `base`.

    Fields that stand alone are those of the record's main object, the first that it becomes; if that is skipped,
    nothing else is sent.
    """
    main = next((part for part in base if part in ENTITIES and base[part]), "")
    changes = {part: change for part, change in then.items() if part in PARTS}
    if own := {name: value for name, value in then.items() if name not in PARTS}:
        changes[main] = own
    result = {part: copied(value) for part, value in base.items() if part == main or "skipped" not in own}
    kept: dict[str, list[Result]] = {}
    for entity in changes.keys() & set(ENTITIES):
        there = result.get(entity, [])
        result[entity] = _objects(there, changes.pop(entity))
        kept[entity] = [one for one, now in zip(there, result[entity], strict=False) if now.pop("stub", False)]
    stubs = _stubs(base.get("stubs", {}), kept, changes.pop("stubs", {}))
    result |= {"version": base.get("version"), **changes}
    if _knows_others(result) or any(kept.values()) or "stubs" in then:
        return {**result, "stubs": stubs}
    return {part: value for part, value in result.items() if part != "stubs"}


def _stubs(there: Result, kept: dict[str, list[Result]], change: Any) -> Result:
    """Change what is known of other objects; what is skipped itself but kept as a stub comes first."""
    if isinstance(change, list):
        return {}
    stubs = {entity: [*kept.get(entity, []), *there.get(entity, [])] for entity in ENTITIES}
    return stubs | {entity: _objects(stubs[entity], one) for entity, one in change.items()}


def _knows_others(result: Result) -> bool:
    """Tell whether what the record knows of other objects matters: something is sent, and nothing has a fault.

    Else it matters only where it is stated.
    """
    objects = [one for entity in ENTITIES for one in result.get(entity, [])]
    return any("skipped" not in one for one in objects) and not any("fault" in one for one in objects)


def _objects(there: list[Result], change: Any) -> list[Result]:
    """Change objects: a list is all of them; numbers name some, from 0; any other change is that of each.

    Null in the place of an object is none; one more than there are is like the one before it, but for the change.
    """
    if isinstance(change, list):
        return copied(change)
    if not there:
        raise ValueError("there is no object that could differ: list them")
    if not change or not all(key.isdigit() for key in change):
        return [_object(one, change) for one in there]
    objects: list[Result] = []
    for place in range(max(len(there), *(int(key) + 1 for key in change))):
        told = change.get(str(place), {})
        if told is not None:
            objects.append(_object(there[place] if place < len(there) else objects[-1], told))
    return objects


def _object(one: Result, change: Result) -> Result:
    """Change an object's fields; null takes one away. What is skipped or has a fault has none."""
    if "skipped" in change or "fault" in change:
        return {"id": one["id"], **change}
    gone = {name for name, value in change.items() if value is None}
    if not gone <= one.keys():
        raise ValueError(f"not there anyway: {', '.join(sorted(gone - one.keys()))}")
    return {name: value for name, value in {**one, **change}.items() if name not in gone}


# --- found


def found_result(mapper: StreamMapper, record: dict[str, Any]) -> Result:
    """Map a record, and say what it becomes in the words of the files; each object has its version."""
    mapped = mapper.map(record)
    result: Result = {}
    gone = {item.id for item in mapped.objects if isinstance(item, Skip)}
    for item in mapped.objects:
        if isinstance(item, Skip) and item.document in gone:
            continue  # a part of a void document, which may have been sent: test_void_documents.py
        assert not isinstance(item, Draft) or item.policy in ("create_only", mapper.policies[item.entity])
        result.setdefault(item.entity, []).append(_found_object(item))
    for stub in mapped.stubs:
        # A stub that can't be an object is no fault of the record: the sync leaves it out.
        with suppress(InvalidObject):
            result.setdefault("stubs", {}).setdefault(stub.entity, []).append(_body(stub.entity, stub.values))
    if mapped.warnings:
        result["warnings"] = [{warning.code: _id(warning.id)} for warning in mapped.warnings]
    if mapped.reason:
        result["nothing"] = mapped.text
    return result


def _found_object(item: Draft | Skip | Fault) -> Result:
    if isinstance(item, Fault):
        return {"id": _id(item.id), "fault": {item.field: item.code}, "says": item.problem}
    version = _version(item.version)
    if isinstance(item, Skip):
        children = {} if item.children == "skip" else {"children": item.children}
        return {"id": _id(item.id), "skipped": item.reason, **children, "says": item.text, "version": version}
    try:
        return {**_body(item.entity, item.values), **_asks(item), "version": version}
    except InvalidObject as error:
        fault = {error.field: error.code}
        return {"id": _id(item.values.get("id")), "fault": fault, "says": error.problem}


def _asks(item: Draft) -> Result:
    """Say whose values an object takes, and what it is instead."""
    asks = {name: ".".join(parent) for name, parent in item.asked if isinstance(parent, OfParent)}
    found: Result = {"asks": asks} if asks else {}
    if item.variants:
        found["variants"] = [{"if": ".".join(one.of_parent), "is": one.value, **one.changes} for one in item.variants]
    return found


def _id(value: Any) -> str | None:
    return None if value is None else str(value)


def _body(entity: str, values: Mapping[str, Any]) -> Result:
    body: Result = json.loads(encode(MODELS[entity].validate(values).values), parse_float=Decimal)
    return body


def _version(version: Version) -> Any:
    """Write a point in time as such; a counter is a number."""
    if version is None or not 10**9 <= version < 10**10:
        return int(version) if isinstance(version, float) and version.is_integer() else version
    return datetime.fromtimestamp(version, UTC).isoformat().replace("+00:00", "Z")


# --- the difference


def differences(stated: Result, found: Result) -> list[str]:
    """Compare what a record becomes with what is stated: lines of a diff, none if they are the same."""
    expected = _versioned(stated)
    if not _knows_others(expected) and "stubs" not in stated:
        found = {**found, "stubs": _own_stubs(found)}
    for entity in ENTITIES:
        for one, wanted in zip_longest(found.get(entity, []), expected.get(entity, []), fillvalue={}):
            # What is said of a skip or a fault may be given in part, or not at all.
            if wanted.get("says", "") in one.get("says", ""):
                one.pop("says", None)
                wanted.pop("says", None)
    there, wanted = list(_lines(found)), list(_lines(expected))
    return [] if there == wanted else [line for line in ndiff(wanted, there) if not line.startswith("?")]


def _own_stubs(found: Result) -> Result:
    """Return the stubs of objects that are skipped themselves."""
    skipped = {(entity, one["id"]) for entity in ENTITIES for one in found.get(entity, []) if "skipped" in one}
    return {
        entity: [stub for stub in stubs if (entity, stub["id"]) in skipped]
        for entity, stubs in found.get("stubs", {}).items()
    }


def _versioned(stated: Result) -> Result:
    """Return a stated result with each object's version at the object, and without what is empty."""
    result = {part: copied(value) for part, value in stated.items() if part != "version" and value}
    for entity in result.keys() & set(ENTITIES):
        version = stated.get("version")
        version = version.get(entity) if isinstance(version, dict) else version
        for place, one in enumerate(result[entity]):
            if "fault" not in one:
                one["version"] = version[place] if isinstance(version, list) else version
    return result


def _lines(result: Result) -> Iterator[str]:
    """Write a result a line per value, in a fixed order."""
    stubs = {f"stubs.{entity}": objects for entity, objects in result.get("stubs", {}).items()}
    parts = {**result, **stubs}
    for part in (*ENTITIES, *(f"stubs.{entity}" for entity in ENTITIES), "warnings", "nothing"):
        if parts.get(part):
            yield from _values(part, parts[part])


def _values(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, (dict, list)) and value:
        for name, item in sorted(value.items()) if isinstance(value, dict) else enumerate(value):
            yield from _values(f"{path}.{name}", item)
    else:
        yield f"{path}: {_text(value)}"


def _text(value: Any) -> str:
    """Write a value so that a number is no text, and is itself to the last digit."""
    if isinstance(value, float):
        return plain(Decimal(repr(value)))
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False, default=str)
