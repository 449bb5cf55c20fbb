"""The seven entities as the contract has them: objects are checked here, and written as the JSON that is sent.

Each value is read by its field's type, which takes the forms that sources have, and is held against what the contract
says of the field and of several fields together. Required fields are *not* enforced: an object that lacks some may
still be an update (enrichment); `Validated.complete` tells whether it can create.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any, NamedTuple

import orjson
from msgspec import Struct

from destination_fincome.codes import Code
from destination_fincome.fincome.contract import Contract, EntitySpec, FieldSpec, Rule
from destination_fincome.fincome.instants import FIRST_DAY
from destination_fincome.fincome.markup import without_markup
from destination_fincome.fincome.value_types import INSTANT, LINES, Read, ValueFault, plain, read_instant, read_text

CUSTOM_PROPERTIES = "custom_properties"
# What people read; some sources give it as HTML.
DESCRIPTION = "description"


class Validated(Struct, frozen=True, gc=False):
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
        field: the first field at fault, e.g. `period_end` or `lines.0.amount`.
        problem: what is wrong with it, without its value; and what is wrong with the others, by their names.
        code: of the reason.
        each: field and problem of every fault.
    """

    def __init__(
        self, field: str, problem: str, code: Code = Code.INVALID_FIELD, others: Sequence[InvalidObject] = ()
    ) -> None:
        super().__init__(f"{field} {problem}")
        self.field: str = field
        self.problem: str = "; ".join([problem, *(f"{other.field} {other.problem}" for other in others)])
        self.code = code
        self.each: tuple[tuple[str, str], ...] = ((field, problem), *(one.each[0] for one in others))


def encode(values: Any) -> bytes:
    """Write a value as the JSON that is sent: numbers with exactly their digits.

    Raises:
        TypeError: it is nested deeper than JSON is written, or holds what JSON doesn't have.
    """
    try:
        return orjson.dumps(values, default=_exact_number)
    except TypeError:
        return orjson.dumps(_with_long_integers(values), default=_exact_number)


def _with_long_integers(value: Any) -> Any:
    """Make Decimals of integers beyond 64 bits, which orjson doesn't write."""
    if isinstance(value, dict):
        return {name: _with_long_integers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_long_integers(inner) for inner in value]
    return Decimal(value) if isinstance(value, int) and not -(2**63) <= value < 2**64 else value


@lru_cache(maxsize=1 << 12)
def _exact_number(value: Any) -> orjson.Fragment:
    """Write a Decimal; equal ones are written alike, and amounts repeat."""
    if isinstance(value, Decimal):
        return orjson.Fragment(plain(value))
    raise TypeError(type(value).__name__)


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


def reader_of(spec: FieldSpec) -> Read:
    """Return what reads one field's values: by its type, and held against what the contract says of the field.

    It raises ValueFault, and of a list's elements InvalidObject.
    """
    if spec.type is LINES:
        return _lines_reader(spec)
    read = spec.type.read
    if spec.name == DESCRIPTION:
        return lambda value: without_markup(read_text(value))
    if spec.type is INSTANT and spec.required:
        return _needed_day
    enum, minimum = frozenset(spec.enum), spec.minimum
    if not enum and minimum is None:
        return read

    def read_and_check(value: Any) -> Any:
        if value.__class__ is str and value in enum:
            return value
        found = read(value)
        if found is None:
            return None
        if enum and found not in enum:
            word = str(found).strip().lower().replace(" ", "_").replace("-", "_")
            if word in enum:
                return word  # Paid, Past due, one-off
            raise ValueFault(f"must be one of {', '.join(spec.enum)}", Code.INVALID_FIELD)
        if minimum is not None and found < minimum:
            raise ValueFault(f"must be at least {minimum}", Code.INVALID_FIELD)
        return found

    return read_and_check


def _needed_day(value: Any) -> str:
    """Read a point in time that no object can do without: nothing is made of one without it."""
    instant = read_instant(value)
    if instant is None:
        raise ValueFault(f"is what systems write for no day, such as one before {FIRST_DAY}")
    return instant


def _lines_reader(spec: FieldSpec) -> Read:
    fields = _Fields(spec.fields)
    required = [field.name for field in spec.fields if field.required]

    def read(value: Any) -> list[dict[str, Any]]:
        found = []
        for number, element in enumerate(LINES.read(value)):
            place = f"{spec.name}.{number}."
            if not isinstance(element, dict):
                raise InvalidObject(place[:-1], "must be an object")
            line = fields.read(element, place)
            for name in required:
                if name not in line:
                    raise InvalidObject(place + name, "is missing")
            found.append(line)
        return found

    return read


def _read_properties(value: Any) -> dict[str, Any] | None:
    """Take an object of text, numbers and booleans; null attributes are left out."""
    if not isinstance(value, dict):
        raise ValueFault("must be an object", Code.INVALID_FIELD)
    for item in value.values():
        if item is not None and not isinstance(item, (str, int, float, Decimal)):
            raise ValueFault("must hold only text, numbers and booleans", Code.INVALID_FIELD)
        finite = item.is_finite() if isinstance(item, Decimal) else not isinstance(item, float) or isfinite(item)
        if not finite:
            raise ValueFault("must hold finite numbers only", Code.INVALID_FIELD)
    return {name: item for name, item in value.items() if item is not None} or None


class _Plan(NamedTuple):
    """How objects with certain names are read: their fields in the contract's order, and what is no field."""

    readers: list[tuple[str, Read]]
    unknown: list[str]


# As many as many mappings have; objects of Fincome's own shape may have any columns.
_PLANS_REMEMBERED = 256


class _Fields:
    """Reads the fields of one kind of objects."""

    def __init__(self, specs: tuple[FieldSpec, ...], **others: Read) -> None:
        self._readers = [*((spec.name, reader_of(spec)) for spec in specs), *others.items()]
        self._known = frozenset(name for name, _ in self._readers)
        self._plans: dict[tuple[str, ...], _Plan] = {}

    def read(self, values: Mapping[str, Any], place: str = "") -> dict[str, Any]:
        """Return what is sent of an object; null and what means nothing are left out.

        Raises:
            InvalidObject: naming all fields at fault, `place` before their names.
        """
        found = {}
        try:
            plan = self._plans[tuple(values)]
        except KeyError:
            plan = self._planned(tuple(values))
        try:
            for name, read in plan.readers:
                value = values[name]
                # An empty text is no value, whatever the type: files and forms can't say it otherwise.
                if value is not None and (value.__class__ is not str or (value and not value.isspace())):
                    value = read(value)
                    if value is not None:
                        found[name] = value
        except (ValueFault, InvalidObject):
            raise self._all_faults(values, place) from None
        for name in plan.unknown:
            if values[name] is not None:
                raise InvalidObject(place + name, "is no field of this entity")
        return found

    def _planned(self, names: tuple[str, ...]) -> _Plan:
        """Work out how objects of these names are read; those of one mapping all have the same."""
        known = [(name, read) for name, read in self._readers if name in names]
        plan = _Plan(known, [name for name in names if name not in self._known])
        if len(self._plans) < _PLANS_REMEMBERED:
            self._plans[names] = plan
        return plan

    def _all_faults(self, values: Mapping[str, Any], place: str) -> InvalidObject:
        """Return all that is wrong with an object: whoever mends it wants to do so once."""
        faults = []
        for name, read in self._readers:
            value = values.get(name)
            if value is None or (type(value) is str and (value == "" or value.isspace())):
                continue
            try:
                read(value)
            except InvalidObject as fault:
                faults.append(fault)
            except ValueFault as fault:
                faults.append(InvalidObject(place + name, str(fault), fault.code))
        first, *others = faults
        return InvalidObject(first.field, first.problem, first.code, others)


class EntityModel:
    """One entity: checks its objects against the contract."""

    def __init__(self, spec: EntitySpec) -> None:
        self.spec = spec
        self._fields = _Fields(spec.fields, custom_properties=_read_properties)
        self._required = spec.required
        # Lists of objects are replaced as a whole: an absent one says nothing.
        self._clearable = frozenset(f.name for f in spec.fields if not f.required and f.type is not LINES)
        self._rules = [(rule, dict(rule.when).items()) for rule in spec.rules]

    def validate(
        self,
        values: Mapping[str, Any],
        *,
        keep_nulls: bool = False,
        whole: bool = False,
        later: Collection[str] = (),
    ) -> Validated:
        """Check one object.

        Args:
            values: fields by name, as sources have them; None counts as absent.
            whole: it is all that is known of the object, so it must have what is needed to create it.
            later: fields that get their values later, so that they aren't missed.
            keep_nulls: None stays None where a null can clear something: in optional fields and custom properties.

        Raises:
            InvalidObject: naming all fields at fault.
        """
        checked = self._fields.read(values)
        if "id" not in checked:
            raise InvalidObject("id", "is missing")
        items = checked.items()
        for rule, condition in self._rules:
            if not condition or condition <= items:
                _apply(rule, checked)
        complete = self._required <= checked.keys() or self._required <= {*checked, *later}
        if whole and not complete:
            missing = self.missing({*checked, *later})
            first, *others = [InvalidObject(name, _MISSING.get(name, "is missing")) for name in missing]
            raise InvalidObject(first.field, first.problem, first.code, others)
        if keep_nulls and (len(checked) < len(values) or CUSTOM_PROPERTIES in checked):
            checked |= self._nulls(values, checked)
        return Validated(checked, complete)

    def missing(self, values: Collection[str]) -> list[str]:
        """Return the fields that are needed to create an object and that it lacks, in the contract's order."""
        return [field.name for field in self.spec.fields if field.required and field.name not in values]

    def _nulls(self, values: Mapping[str, Any], checked: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is to be cleared of an object that passed all checks."""
        found: dict[str, Any] = {n: None for n in self._clearable if n in values and n not in checked}
        properties = values.get(CUSTOM_PROPERTIES) or {}
        if cleared := {name: None for name, value in properties.items() if value is None}:
            found[CUSTOM_PROPERTIES] = checked.get(CUSTOM_PROPERTIES, {}) | cleared
        return found


# A source of one currency often names none.
_MISSING = {"currency": "is missing; if all records that name none have the same, set default_currency"}


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


def build_models(contract: Contract) -> dict[str, EntityModel]:
    """Make the models of all entities."""
    return {name: EntityModel(spec) for name, spec in contract.entities.items()}
