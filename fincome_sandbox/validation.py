"""Is this body a good object? All problems at once, in FastAPI's form, from the contract's facts alone.

Pure: what is stored comes in as an argument, and whether a referenced object exists is asked of a function. Values are
held against the form that the API takes; rules and references are looked at as the account keeps them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from fincome_sandbox.contract import CUSTOM, Contract, Entity, Field, Rule
from fincome_sandbox.exact_json import Json, JsonObject
from fincome_sandbox.formats import CHECKS, check_text, kind_of, parse_instant
from fincome_sandbox.wire import kept, place_on_wire

REFERENCE_NOT_FOUND = "reference_not_found"

Loc: TypeAlias = tuple[str | int, ...]
Exists: TypeAlias = Callable[[str, str], bool]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a body. `loc` starts with `body`; neither text quotes a value."""

    loc: Loc
    msg: str
    type: str

    def as_json(self) -> dict[str, object]:
        """The item of FastAPI's `detail` list."""
        return {"loc": list(self.loc), "msg": self.msg, "type": self.type}

    def on_wire(self, entity: Entity) -> "Problem":
        """The same with the names that the API has for the entity's fields."""
        return self if entity.forms is None else replace(self, loc=place_on_wire(entity.forms, self.loc))


def merged(stored: JsonObject, body: JsonObject) -> JsonObject:
    """What an object is after a partial update.

    A field that isn't sent stays, null clears, custom properties are merged key by key, lines are replaced.
    """
    result = {**stored, **body}
    before, sent = stored.get(CUSTOM), body.get(CUSTOM)
    if isinstance(before, dict) and isinstance(sent, dict):
        result[CUSTOM] = {**before, **sent}
    return {name: _without_nulls(value) for name, value in result.items() if value is not None}


def as_kept(contract: Contract, entity: Entity, body: JsonObject) -> JsonObject:
    """A body as the account keeps it: with the contract's names and units, and without nulls that mean nothing."""
    ours = body if entity.forms is None else kept(entity.forms, body)
    return ours if contract.nulls_clear else {name: value for name, value in ours.items() if value is not None}


def problems_of(
    contract: Contract, entity: Entity, body: JsonObject, stored: JsonObject | None, exists: Exists
) -> list[Problem]:
    """All that is wrong with a body that creates an object, or that updates the `stored` one."""
    own = {name: value for name, value in body.items() if name != entity.custom}
    found = list(_check_fields(entity.wire_fields, own, ("body",), partial=stored is not None))
    if entity.custom is not None:
        found += _check_custom(contract, body.get(entity.custom), ("body", entity.custom))
    ours = as_kept(contract, entity, body)
    found += [problem.on_wire(entity) for problem in _problems_of_kept(contract, entity, ours, stored, exists)]
    return found


def _problems_of_kept(
    contract: Contract, entity: Entity, ours: JsonObject, stored: JsonObject | None, exists: Exists
) -> Iterator[Problem]:
    outcome = merged(stored or {}, ours)
    for rule in entity.rules:
        if all(outcome.get(name) == value for name, value in rule.when.items()):
            yield from _check_rule(rule, outcome)
    yield from _check_references(contract, entity.fields, ours, ("body",), exists)


def _check_fields(fields: Mapping[str, Field], values: JsonObject, loc: Loc, *, partial: bool) -> Iterator[Problem]:
    for field in fields.values():
        if field.name in values:
            yield from _check_value(field, values[field.name], (*loc, field.name))
        elif field.required and not partial:
            yield Problem((*loc, field.name), "Field required", "missing")
    for name in values:
        if name not in fields:
            yield Problem((*loc, name), "Extra inputs are not permitted", "extra_forbidden")


def _check_value(field: Field, value: Json, loc: Loc) -> Iterator[Problem]:
    if value is None and not field.required:
        return
    if field.type == "lines":
        yield from _check_lines(field, value, loc)
        return
    if field.type == "constant":
        if (str(value).lower() if isinstance(value, bool) else str(value)) != field.constant:
            yield Problem(loc, f"Input should be '{field.constant}'", "literal_error")
        return
    if fault := CHECKS[field.type](value):
        kind, message = fault
        yield Problem(loc, message, kind)
    elif field.enum is not None and value not in field.enum:
        yield Problem(loc, f"Input should be one of: {', '.join(field.enum)}", "enum")
    elif field.minimum is not None and isinstance(value, int | Decimal) and value < field.minimum:
        yield Problem(loc, f"Input should be greater than or equal to {field.minimum}", "greater_than_equal")
    elif field.maximum is not None and isinstance(value, int | Decimal) and value > field.maximum:
        yield Problem(loc, f"Input should be less than or equal to {field.maximum}", "less_than_equal")


def _check_lines(field: Field, value: Json, loc: Loc) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(loc, "Input should be a valid list", "list_type")
        return
    for position, line in enumerate(value):
        if isinstance(line, dict):
            yield from _check_fields(field.fields, line, (*loc, position), partial=False)
        else:
            yield Problem((*loc, position), "Input should be a valid dictionary", "dict_type")


def _check_custom(contract: Contract, value: Json, loc: Loc) -> Iterator[Problem]:
    if value is None:
        return
    if not isinstance(value, dict):
        yield Problem(loc, "Input should be a valid dictionary", "dict_type")
    elif not value:
        yield Problem(loc, "Dictionary should have at least 1 item", "too_short")
    else:
        kinds = sorted(contract.custom_value_kinds)
        for name, one in value.items():
            if one is None:
                continue  # it clears the property
            if kind_of(one) not in contract.custom_value_kinds:
                yield Problem((*loc, name), f"Input should be one of: {', '.join(kinds)}", "custom_property_type")
            elif fault := check_text(name) or CHECKS["text" if isinstance(one, str) else "decimal"](_number(one)):
                yield Problem((*loc, name), fault[1], fault[0])


def _number(value: Json) -> Json:
    """Booleans are good custom values; 0 and 1 stand for them where a number is looked at."""
    return int(value) if isinstance(value, bool) else value


def _check_rule(rule: Rule, outcome: JsonObject) -> Iterator[Problem]:
    condition = " and ".join(f"{name} is {value}" for name, value in rule.when.items())
    when = f" when {condition}" if condition else ""
    for name in rule.absent:
        if name in outcome:
            yield Problem(("body", name), f"Field must be absent{when}", "must_be_absent")
    for name in rule.present:
        if name not in outcome:
            yield Problem(("body", name), f"Field required{when}", "missing")
    if rule.before:
        first, second = rule.before
        start, end = parse_instant(outcome.get(first)), parse_instant(outcome.get(second))
        if start and end and not start < end:
            yield Problem(("body", first), f"Input should be earlier than {second}{when}", "not_before")


def _check_references(
    contract: Contract, fields: Mapping[str, Field], values: JsonObject, loc: Loc, exists: Exists
) -> Iterator[Problem]:
    for field in fields.values():
        value = values.get(field.name)
        if field.references and isinstance(value, str) and not CHECKS["id"](value):
            if not exists(field.references, value):
                singular = contract.entities[field.references].singular
                yield Problem((*loc, field.name), f"{singular} not found", REFERENCE_NOT_FOUND)
        elif field.type == "lines" and isinstance(value, list):
            for position, line in enumerate(value):
                if isinstance(line, dict):
                    place = (*loc, field.name, position)
                    yield from _check_references(contract, field.fields, line, place, exists)


def _without_nulls(value: Json) -> Json:
    """A null inside a line is a field that isn't there, as it is at the top."""
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if isinstance(value, dict):
        return {name: item for name, item in value.items() if item is not None}
    return value
