"""The seven entities as pydantic models, made from the contract, and the bytes that go on the wire.

A model checks types, formats, enums and the rules over several fields. Required fields are *not* enforced here:
an object that lacks some may still be an update (enrichment); `Validated.complete` tells whether it can create.

Millions of objects pass here. So a field's check is one function, which the pydantic model holds as its validator and
which is also called directly: an object whose fields all pass needs no instance of the model. The model itself is asked
about every other object: it alone finds what is at fault and names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from math import isfinite
from typing import Annotated, Any, NamedTuple, cast

import orjson
import pycountry
from pydantic import BaseModel, ConfigDict, PlainValidator, TypeAdapter, ValidationError, create_model
from pydantic.fields import FieldInfo

from destination_fincome.fincome.contract import Contract, EntitySpec, FieldSpec, Rule

CUSTOM_PROPERTIES = "custom_properties"
# Withdrawn from ISO 4217 since 2010: old invoices are in them (the ECB's rates for them stay published).
_WITHDRAWN = frozenset(
    ["ANG", "BGN", "BYR", "CUC", "EEK", "HRK", "LTL", "LVL", "MRO", "SLL", "STD", "VEF", "ZMK", "ZWL"]
)
# No address can hold them.
_NO_IDS = frozenset(["", ".", ".."])
# No amount is larger or finer than this power of ten.
_SENSIBLE = 30
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?\Z")
_NO_INSTANT = "must be a date (2026-01-31) or a date-time in UTC (2026-01-31T12:00:00Z)"


Check = Callable[[Any], Any]
"""Takes a value that isn't null; returns it as Fincome takes it, or raises ValueError."""


class Validated(NamedTuple):
    """An object that the API should accept.

    Attributes:
        values: the fields, as Python values (amounts are Decimal), absent ones left out.
        complete: it has all that is needed to create it.
    """

    values: dict[str, Any]
    complete: bool


class InvalidObject(ValueError):
    """An object that breaks the contract.

    Attributes:
        field: the field at fault, e.g. `period_end` or `lines.0.amount`.
        problem: what is wrong with it, without its value.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field = field
        self.problem = problem


def encode(values: Mapping[str, Any]) -> bytes:
    """Write an object as the JSON that is sent: Decimals as numbers with exactly their digits."""
    return orjson.dumps(values, default=_exact_number)


@lru_cache(maxsize=1 << 12)
def _exact_number(value: Any) -> orjson.Fragment:
    """Write a Decimal; equal ones are written alike, and amounts repeat."""
    if isinstance(value, Decimal):
        return orjson.Fragment(plain(value))
    raise TypeError(type(value).__name__)


def plain(value: Decimal) -> str:
    """Write a Decimal without exponent and without trailing zeros: 12.50 -> "12.5", 1E+3 -> "1000", -0 -> "0"."""
    text = format(value, "f") if value else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- values: each function takes what a source may send and returns what Fincome takes, or says what is wrong


def to_id(value: Any) -> str:
    """Accept text, and whole numbers as text."""
    if isinstance(value, str):
        text = value.strip()
    elif isinstance(value, int) and not isinstance(value, bool):
        text = str(value)
    elif isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        text = str(int(value))
    else:
        raise ValueError("must be text or a whole number")
    if text in _NO_IDS:
        raise ValueError("must not be empty, nor a dot or two, which no address can hold")
    return text


def to_text(value: Any) -> str:
    """Accept text and numbers."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and isfinite(value):
        return plain(Decimal(str(value)))
    raise ValueError("must be text")


def to_decimal(value: Any) -> Decimal:
    """Accept int, float and text; floats by their shortest form, so that 0.1 is 0.1."""
    number = value if isinstance(value, Decimal) else _number(value)
    if not number.is_finite():
        raise ValueError("must be a finite number")
    if not -_SENSIBLE <= number.adjusted() <= _SENSIBLE:
        raise ValueError("is out of any sensible range")
    return number


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError("must be a number")  # noqa: TRY004
    try:
        return Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError("must be a number") from None


def to_integer(value: Any) -> int:
    """Accept whole numbers in any form."""
    number = to_decimal(value)
    if number != number.to_integral_value():
        raise ValueError("must be a whole number")
    if abs(number) >= 2**63:
        raise ValueError("is out of any sensible range")
    return int(number)


@lru_cache(maxsize=512)
def _country(text: str) -> str | None:
    code = text.strip().upper()
    return code if len(code) == 2 and pycountry.countries.get(alpha_2=code) else None


@lru_cache(maxsize=512)
def _currency(text: str) -> str | None:
    code = text.strip().upper()
    known = code in _WITHDRAWN or (len(code) == 3 and pycountry.currencies.get(alpha_3=code))
    return code if known else None


def to_country(value: Any) -> str:
    """Accept ISO 3166-1 alpha-2, in any case."""
    code = _country(value) if isinstance(value, str) else None
    if code is None:
        raise ValueError("must be an ISO 3166-1 alpha-2 country code such as FR")
    return code


def to_currency(value: Any) -> str:
    """Accept ISO 4217, in any case."""
    code = _currency(value) if isinstance(value, str) else None
    if code is None:
        raise ValueError("must be an ISO 4217 currency code such as EUR")
    return code


def to_instant(value: Any) -> str:
    """Accept the two forms of the contract: a date, or a date-time in UTC with Z."""
    if isinstance(value, str):
        problem = _problem_of_instant(value)
        if problem is None:
            return value
        raise ValueError(problem)
    raise ValueError(_NO_INSTANT)


@lru_cache(maxsize=1 << 14)
def _problem_of_instant(text: str) -> str | None:
    if not _INSTANT.match(text):
        return _NO_INSTANT
    try:
        moment(text)
    except ValueError:
        return "must be a date that exists"
    return None


def moment(instant: str) -> datetime:
    """Return the point in time of an instant; a date counts from its midnight, UTC."""
    if len(instant) == 10:
        day = date.fromisoformat(instant)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    head, _, fraction = instant[:-1].partition(".")
    when = datetime.fromisoformat(head).replace(tzinfo=UTC)
    return when.replace(microsecond=int(fraction[:6].ljust(6, "0"))) if fraction else when


def earlier(first: str, second: str) -> bool:
    """Tell whether an instant is strictly before another; those of one form compare as text."""
    if len(first) == len(second):
        return first < second
    return moment(first) < moment(second)


def to_properties(value: Any) -> dict[str, Any]:
    """Accept an object of text, numbers and booleans; null attributes are left out."""
    if not isinstance(value, dict):
        raise ValueError("must be an object")  # noqa: TRY004 (pydantic turns ValueError into a finding)
    for item in value.values():
        if item is not None and not isinstance(item, (str, int, float, Decimal)):
            raise ValueError("must hold only text, numbers and booleans")
        if isinstance(item, (float, Decimal)) and not isfinite(item):
            raise ValueError("must hold finite numbers only")
    return {name: item for name, item in value.items() if item is not None}


_TO_TYPE: Mapping[str, Check] = {
    "id": to_id,
    "text": to_text,
    "decimal": to_decimal,
    "integer": to_integer,
    "country": to_country,
    "currency": to_currency,
    "instant": to_instant,
}


def _check(spec: FieldSpec) -> Check:
    """Return the function that checks one field's value."""
    convert = _TO_TYPE[spec.type]
    enum, minimum = frozenset(spec.enum), spec.minimum
    if not enum and minimum is None:
        return convert

    def check(value: Any) -> Any:
        result = convert(value)
        if enum and result not in enum:
            raise ValueError(f"must be one of {', '.join(spec.enum)}")
        if minimum is not None and result < minimum:
            raise ValueError(f"must be at least {minimum}")
        return result

    return check


def _nullable(check: Check, needed: bool) -> Check:
    """Let null pass a check, or not."""

    def check_or_null(value: Any) -> Any:
        if value is not None:
            return check(value)
        if needed:
            raise ValueError("is missing")
        return None

    return check_or_null


# --- models


class _Object(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


def _whole(spec: EntitySpec) -> type[BaseModel]:
    """Make the model of an entity. Nulls are taken away before it is asked; no field is required."""
    fields: dict[str, Any] = {field.name: (_annotation(spec.name, field), None) for field in spec.fields}
    fields[CUSTOM_PROPERTIES] = (Annotated[Any, PlainValidator(to_properties)], None)
    return create_model(spec.name, __base__=_Object, **fields)


def _annotation(entity: str, field: FieldSpec) -> Any:
    if field.type != "lines":
        return Annotated[Any, PlainValidator(_check(field))]
    inner: dict[str, Any] = {
        one.name: (
            Annotated[Any, PlainValidator(_nullable(_check(one), one.required))],
            ... if one.required else None,
        )
        for one in field.fields
    }
    return list[create_model(f"{entity}_{field.name}", __base__=_Object, **inner)]  # type: ignore[misc]


def _check_of(field: FieldInfo) -> Check:
    """Return the check that a model's field holds; of a list of objects, what pydantic makes of it."""
    for item in field.metadata:
        if isinstance(item, PlainValidator):
            return cast(Check, item.func)
    adapter: TypeAdapter[Any] = TypeAdapter(cast(Any, field.annotation))
    return lambda value: adapter.dump_python(adapter.validate_python(value), exclude_none=True)


class EntityModel:
    """One entity's model: checks an object against the contract."""

    def __init__(self, spec: EntitySpec) -> None:
        self.spec = spec
        self.model = _whole(spec)
        self._checks = [(name, _check_of(field)) for name, field in self.model.model_fields.items()]
        self._known = frozenset(self.model.model_fields)
        self._required = spec.required
        # Lists of objects are replaced as a whole: an absent one says nothing.
        self._clearable = frozenset(f.name for f in spec.fields if not f.required and f.type != "lines")
        self._rules = [(rule, dict(rule.when).items()) for rule in spec.rules]

    def validate(self, values: Mapping[str, Any], keep_nulls: bool = False) -> Validated:
        """Check one object.

        Args:
            values: fields by name; None counts as absent.
            keep_nulls: None stays None where a null can clear something: in optional fields and custom properties.

        Raises:
            InvalidObject: naming the first field at fault.
        """
        checked = {}
        get = values.get
        try:
            for name, check in self._checks:
                value = get(name)
                if value is not None:
                    checked[name] = check(value)
        except ValueError:
            checked = self.judge(values)
        if not values.keys() <= self._known:
            checked = self.judge(values)
        if not checked.get(CUSTOM_PROPERTIES, True):
            del checked[CUSTOM_PROPERTIES]
        if "id" not in checked:
            raise InvalidObject("id", "is missing")
        items = checked.items()
        for rule, condition in self._rules:
            if condition <= items:
                _apply(rule, checked)
        complete = self._required <= checked.keys()
        if keep_nulls:
            checked |= self._nulls(values, checked)
        return Validated(checked, complete)

    def _nulls(self, values: Mapping[str, Any], checked: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is to be cleared of an object that passed all checks."""
        forbidden = {f for rule, condition in self._rules if condition <= checked.items() for f in rule.absent}
        found: dict[str, Any] = {n: None for n in self._clearable - forbidden if n in values and values[n] is None}
        properties = values.get(CUSTOM_PROPERTIES) or {}
        if cleared := {name: None for name, value in properties.items() if value is None}:
            found[CUSTOM_PROPERTIES] = checked.get(CUSTOM_PROPERTIES, {}) | cleared
        return found

    def judge(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Have pydantic check an object's fields: slower, and it finds the words for what is at fault.

        Raises:
            InvalidObject: naming the first field at fault.
        """
        try:
            model = self.model.model_validate({name: value for name, value in values.items() if value is not None})
        except ValidationError as error:
            raise _first_fault(error) from None
        return model.model_dump(exclude_none=True)


def _apply(rule: Rule, values: Mapping[str, Any]) -> None:
    for field in rule.absent:
        if field in values:
            raise InvalidObject(field, f"must be absent when {_condition(rule)}")
    for field in rule.present:
        if field not in values:
            raise InvalidObject(field, f"is missing; it is needed when {_condition(rule)}")
    if rule.before:
        first, second = rule.before
        if first in values and second in values and not earlier(values[first], values[second]):
            raise InvalidObject(second, f"must be later than {first}")


def _condition(rule: Rule) -> str:
    return " and ".join(f"{field} is {value}" for field, value in rule.when)


def _first_fault(error: ValidationError) -> InvalidObject:
    item = error.errors(include_input=False, include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in item["loc"]) or "id"
    if item["type"] == "missing":
        return InvalidObject(field, "is missing")
    if item["type"] == "extra_forbidden":
        return InvalidObject(field, "is no field of this entity")
    message = item["msg"].removeprefix("Value error, ")
    return InvalidObject(field, message if item["type"] == "value_error" else f"is not usable ({item['type']})")


def build_models(contract: Contract) -> dict[str, EntityModel]:
    """Make the models of all entities."""
    return {name: EntityModel(spec) for name, spec in contract.entities.items()}
