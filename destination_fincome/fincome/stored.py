"""What Fincome shows of an object, held against what was sent, field by field: the one place that says what is equal.

Equal are numbers of one value, points in time of one instant (midnight in UTC and its day alike), words without regard
to case, a reference and an object with that id, null and absent. How a difference looks is told in words that hold no
value: a hundredth, the opposite sign, a day earlier.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any, Literal, NamedTuple

from destination_fincome.fincome.contract import CUSTOM_PROPERTIES, EntitySpec, FieldSpec
from destination_fincome.fincome.instants import NotAnInstant, parse_instant
from destination_fincome.fincome.models import encode, moment
from destination_fincome.fincome.value_types import ID, INSTANT, LINES, TEXT
from destination_fincome.fincome.wire import NotWritable, wire_of

Relation = Literal[
    "same",
    "not shown",
    "not cleared",
    "a hundredth",
    "a hundred times",
    "opposite sign",
    "without its decimals",
    "rounded",
    "its day only",
    "a day earlier",
    "a day later",
    "hours earlier",
    "hours later",
    "only its beginning",
    "another value",
]
"""How what is shown stands to what was sent; the last says that nothing is known but that it is another one."""

# Where an envelope may hold the object, or a list with it; other lists are those of the object's own parts.
ENVELOPES = ("data", "items", "object", "objects", "result", "results")
_DAY = timedelta(days=1)
# From here on, numbers of points in time are milliseconds.
_FIRST_MILLISECONDS = 10**11
_DATE = len("2026-01-31")
# The farthest that two places on Earth are apart by their clocks.
_ZONES = timedelta(hours=14)


class Shown(NamedTuple):
    """What became of one field.

    Attributes:
        path: its name, `lines.amount` for a field of the objects in a list; custom properties are one field.
        relation: how what is shown stands to what was sent.
        there: what is shown.
    """

    path: str
    relation: Relation
    there: Any = None

    @property
    def is_same(self) -> bool:
        """Whether it is as it was sent."""
        return self.relation == "same"

    @property
    def is_another(self) -> bool:
        """Whether another value is shown; not to be shown at all is none."""
        return self.relation not in ("same", "not shown")


def parsed(content: bytes) -> Any:
    """Read an answer's JSON, numbers as Decimal; None if it is none."""
    try:
        return json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None


def object_in(content: object, identity: str) -> dict[str, Any] | None:
    """Find an object by its id in a parsed answer, by itself, in a list, or in an envelope such as {"data": {...}}."""
    places: list[Iterable[Any]] = [content] if isinstance(content, list) else []
    if isinstance(content, dict):
        places = [[content], content.values()]
        places += [content[name] for name in ENVELOPES if isinstance(content.get(name), list)]
    for one in chain.from_iterable(places):
        if isinstance(one, dict) and str(one.get("id")) == identity:
            return one
    return None


def as_stored(spec: EntitySpec, body: Mapping[str, Any] | bytes) -> dict[str, Any]:
    """Return what an API in the contract's form would show of an object that it stored whole.

    Args:
        body: as the connector writes it.

    Raises:
        NotWritable: the object can't be written in that form at all.
    """
    content = body if isinstance(body, bytes) else encode(body)
    content = wire_of(spec.form).as_stored(content) if spec.form else content
    found: dict[str, Any] = json.loads(content, parse_float=Decimal)
    return found


def differences(spec: EntitySpec, sent: Mapping[str, Any] | bytes, shown: Mapping[str, Any]) -> list[Shown]:
    """Return the fields of an object that aren't shown as they were sent; those that weren't sent say nothing.

    Args:
        spec: what the object is.
        sent: as the connector writes it.
        shown: as the API shows it, in the connector's form (`fincome.wire`); numbers as they are, or as Decimal.
    """
    return [one for one in compared(spec, sent, shown) if not one.is_same]


def compared(spec: EntitySpec, sent: Mapping[str, Any] | bytes, shown: Mapping[str, Any]) -> list[Shown]:
    """Hold each field that was sent against what is shown; see `differences`. Those of lines are held by line's id."""
    return list(_fields({field.name: field for field in spec.fields}, as_stored(spec, sent), shown))


def would_change(spec: EntitySpec, sent: bytes, shown: Mapping[str, Any], *, omits_empty: bool) -> bool:
    """Tell whether it could change an object to send it: so it is, unless all of it is shown as it would be stored.

    What isn't shown proves nothing. A text in another case is another one, and so is a list with more lines.

    Args:
        spec, sent, shown: see `differences`.
        omits_empty: a field that isn't shown has no value; else a null is one only where it is shown.
    """
    try:
        body = as_stored(spec, sent)
    except NotWritable:
        return True
    kinds = {field.name: field for field in spec.fields}
    are_same = all(one.is_same for one in _fields(kinds, body, shown))
    return not (are_same and _is_exact(kinds, body, shown, omits_empty=omits_empty))


def _is_exact(
    kinds: Mapping[str, FieldSpec], sent: Mapping[str, Any], shown: Mapping[str, Any], *, omits_empty: bool
) -> bool:
    """Tell whether what counts as equal is shown, and is equal to the letter where letters matter."""
    for name, value in sent.items():
        kind, there = kinds.get(name), shown.get(name)
        if value is None:
            exact = omits_empty or name in shown
        elif kind is not None and kind.type is LINES:
            exact = _has_exactly(kind, value, there, omits_empty=omits_empty)
        elif name == CUSTOM_PROPERTIES:
            properties = {} if there is None and omits_empty else there
            exact = isinstance(properties, Mapping) and _is_exact({}, value, properties, omits_empty=omits_empty)
        elif isinstance(value, str) and (kind is None or (kind.type in (ID, TEXT) and not kind.enum)):
            exact = _identity(shown.get(name.removesuffix("_id")) if there is None else there) == value
        else:
            exact = True
        if not exact:
            return False
    return True


def _has_exactly(kind: FieldSpec, sent: Sequence[Mapping[str, Any]], there: object, *, omits_empty: bool) -> bool:
    if not isinstance(there, list) or len(there) != len(sent) or not all(isinstance(one, dict) for one in there):
        return False
    by_id = {str(line.get("id")): line for line in there}
    kinds = {field.name: field for field in kind.fields}
    return all(_is_exact(kinds, line, by_id.get(str(line["id"]), {}), omits_empty=omits_empty) for line in sent)


def _fields(kinds: Mapping[str, FieldSpec], sent: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[Shown]:
    for name, value in sent.items():
        kind, there = kinds.get(name), shown.get(name)
        if kind is not None and kind.type is LINES:
            yield from _lines(kind, value, there)
        elif name == CUSTOM_PROPERTIES:
            yield _properties(value, there)
        else:
            if there is None and kind is not None and name.endswith("_id"):
                # A reference may be shown as the object that it names.
                there = shown.get(name.removesuffix("_id"))
            is_instant = kind is not None and kind.type is INSTANT
            yield Shown(name, relation(value, there, is_instant=is_instant), there)


def _lines(kind: FieldSpec, sent: list[dict[str, Any]] | None, there: object) -> Iterator[Shown]:
    if sent is None or not isinstance(there, list) or not all(isinstance(one, dict) for one in there):
        yield Shown(kind.name, "same" if not sent and not there else "not shown")
        return
    by_id = {str(line.get("id")): line for line in there}
    kinds = {field.name: field for field in kind.fields}
    for line in sent:
        shown: Mapping[str, Any] = by_id.get(str(line["id"])) or (there[0] if len(there) == len(sent) == 1 else {})
        yield from (one._replace(path=f"{kind.name}.{one.path}") for one in _fields(kinds, line, shown))


def _properties(sent: Mapping[str, Any] | None, there: object) -> Shown:
    shown = there if isinstance(there, Mapping) else {}
    found = [Shown("", relation(value, shown.get(name))) for name, value in (sent or {}).items()]
    worst = [one for one in found if one.is_another] or [one for one in found if not one.is_same] or [Shown("", "same")]
    return Shown(CUSTOM_PROPERTIES, worst[0].relation, there)


def relation(sent: Any, there: Any, *, is_instant: bool = False) -> Relation:
    """Tell how what is shown stands to what was sent, however a server writes numbers, times and words."""
    if there is None or sent is None:
        return "same" if there is sent else "not shown" if there is None else "not cleared"
    if is_instant:
        return _instants(str(sent), there)
    if isinstance(sent, bool) or not isinstance(sent, int | float | Decimal):
        return _words(str(sent).casefold(), _identity(there).casefold())
    try:
        return _numbers(Decimal(str(sent)), Decimal(str(there)))
    except (InvalidOperation, OverflowError, ValueError):
        return "another value"


def _identity(there: Any) -> str:
    """Return a value as a text; of an object that stands in for a reference, its id."""
    return str(there.get("id")) if isinstance(there, dict) else str(there)


def _words(sent: str, there: str) -> Relation:
    if sent == there:
        return "same"
    return "only its beginning" if there and sent.startswith(there) else "another value"


def _numbers(sent: Decimal, there: Decimal) -> Relation:
    if sent == there:
        return "same"
    if sent == -there:
        return "opposite sign"
    if sent == there * 100:
        return "a hundredth"
    if sent * 100 == there:
        return "a hundred times"
    if there == int(sent):
        return "without its decimals"
    places = -int(there.as_tuple().exponent) if there.is_finite() else 0
    is_near = abs(sent - there) <= Decimal(1).scaleb(-places) / 2
    return "rounded" if is_near else "another value"


def _instants(sent: str, there: Any) -> Relation:
    try:
        is_long = isinstance(there, int | float | Decimal) and there >= _FIRST_MILLISECONDS
        shown = parse_instant(there / 1000 if is_long else there)
    except (NotAnInstant, InvalidOperation, OverflowError):
        return "another value"
    if len(sent) == _DATE and str(there)[:_DATE] == sent and str(there)[_DATE + 1 :].startswith("00:00"):
        # The midnight that some other clock has that day is that day.
        return "same"
    instant = moment(sent)
    is_day = not isinstance(shown, datetime)
    when = _midnight(shown) if not isinstance(shown, datetime) else shown
    if when == instant:
        return "same"
    if when == _midnight(instant.date()):
        return "its day only"
    if is_day or abs(when - instant) == _DAY:
        apart = when.date() - instant.date()
        return "a day earlier" if apart == -_DAY else "a day later" if apart == _DAY else "another value"
    if abs(when - instant) <= _ZONES and not (when - instant) % timedelta(minutes=15):
        return "hours earlier" if when < instant else "hours later"
    return "another value"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
