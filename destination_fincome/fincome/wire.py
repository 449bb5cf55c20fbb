"""How objects are written on the wire, where that isn't how the rest of the connector writes them.

Mapping, models and engine know one form: the contract's names, amounts in major units, the contract's words. What the
API calls or counts otherwise is translated here, on the way out (`encode`) and on the way back (`decode`), and nowhere
else. An entity whose form is the connector's own has no `Wire`, and its bodies are passed on as they are.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from destination_fincome.fincome.forms import DateForm, EntityForm, FieldForm
from destination_fincome.fincome.minor_units import HUNDREDTH, ISO_EXPONENTS
from destination_fincome.fincome.models import encode as dump

LOGGER = logging.getLogger("airbyte")

_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_DAY = len("2026-01-31")


class NotWritable(Exception):
    """An object that can't be put into the form that the API takes.

    Attributes:
        field: at fault.
        problem: what is wrong with it, without its value.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field = field
        self.problem = problem


class Wire:
    """Translates one entity's objects."""

    def __init__(self, form: EntityForm) -> None:
        self._entity = form.entity
        self._fields = form.fields
        self._constants = form.constants
        self._rounded: set[str] = set()

    def encode(self, body: bytes) -> bytes:
        """Write an object's JSON as the API takes it.

        Raises:
            NotWritable: an amount whose currency it doesn't name.
        """
        values = json.loads(body, parse_float=Decimal)
        written = self._each(self._fields, values, values.get("currency"), self._written)
        return dump({**self._constants, **written})

    def decode(self, content: bytes) -> bytes:
        """Write an answer as the connector reads it: the objects in it, and the places that its faults name."""
        try:
            return dump(self._answer(json.loads(content, parse_float=Decimal)))
        except (ValueError, TypeError, RecursionError):
            # No JSON, or none that any object of ours could be in.
            return content

    def as_stored(self, body: bytes) -> bytes:
        """Return what an API that stores all it is sent would show of an object: days for times, cents for fractions.

        Raises:
            NotWritable: see encode.
        """
        return self.decode(self.encode(body))

    # --- out

    def _each(
        self,
        fields: Mapping[str, FieldForm],
        values: Mapping[str, Any],
        currency: object,
        write: Callable[[FieldForm, str, Any, object], Any],
    ) -> dict[str, Any]:
        found = {}
        for name, value in values.items():
            form = fields.get(name)
            if form is None:
                found[name] = value
            elif form.sent:
                found[form.name] = None if value is None else write(form, name, value, currency)
        return found

    def _written(self, form: FieldForm, name: str, value: Any, currency: object) -> Any:
        if form.fields is not None:
            return [self._each(form.fields, element, currency, self._written) for element in value]
        if form.unit is not None:
            return self._amount(form, name, Decimal(value), currency)
        if form.dates is not None:
            return _dated(value, form.dates)
        return form.words.get(value, value) if form.words else value

    def _amount(self, form: FieldForm, name: str, amount: Decimal, currency: object) -> Decimal:
        signed = -amount if form.negative and amount else amount
        if form.unit == "major":
            return signed
        if form.unit == "cents" and amount and not isinstance(currency, str):
            raise NotWritable(name, "is sent in the smallest unit of its currency, which the object doesn't name")
        exact = signed.scaleb(_places(form, currency), _EXACT)
        whole = exact.quantize(Decimal(1), context=_EXACT)
        if whole != exact:
            self._tell_rounded(form, name)
        return whole

    def _tell_rounded(self, form: FieldForm, name: str) -> None:
        if name not in self._rounded:
            self._rounded.add(name)
            LOGGER.warning(
                "Fincome takes %s.%s in whole %s: amounts that are finer than that are rounded.",
                self._entity, name, form.unit,
            )  # fmt: skip

    # --- back

    def _answer(self, document: Any) -> Any:
        if isinstance(document, list):
            return [self._answer(item) for item in document]
        if not isinstance(document, dict):
            return document
        if self._fields["id"].name in document:
            return self._read_object(document, self._fields, document.get(self._fields["currency"].name)
                                     if "currency" in self._fields else None)  # fmt: skip
        # The object may be inside of an envelope, such as {"data": {...}}, and so are faults.
        return {name: self._located(self._answer(value)) for name, value in document.items()}

    def _read_object(
        self, document: Mapping[str, Any], fields: Mapping[str, FieldForm], currency: object
    ) -> dict[str, Any]:
        ours = {form.name: name for name, form in fields.items() if form.sent}
        found = {}
        for name, value in document.items():
            if name in ours:
                found[ours[name]] = self._read(fields[ours[name]], value, currency)
            elif name not in fields:
                found[name] = value
        return found

    def _read(self, form: FieldForm, value: Any, currency: object) -> Any:
        if form.fields is not None and isinstance(value, list):
            return [
                self._read_object(item, form.fields, currency) if isinstance(item, dict) else item for item in value
            ]
        if form.unit is not None:
            return _major(form, value, currency)
        if form.words:
            return next((ours for ours, theirs in form.words.items() if theirs == value), value)
        return value

    def _located(self, detail: Any) -> Any:
        if isinstance(detail, list):
            return [self._located(item) for item in detail]
        if isinstance(detail, dict) and isinstance(detail.get("loc"), list):
            return {**detail, "loc": self._place(detail["loc"])}
        return detail

    def _place(self, loc: list[Any]) -> list[Any]:
        """Return the path of a fault with the connector's names."""
        fields: Mapping[str, FieldForm] | None = self._fields
        found = []
        for part in loc:
            name = next((ours for ours, form in (fields or {}).items() if form.name == part and form.sent), None)
            found.append(part if name is None else name)
            if name is not None:
                fields = (fields or {})[name].fields
        return found


def _places(form: FieldForm, currency: object) -> int:
    return ISO_EXPONENTS.get(str(currency), HUNDREDTH) if form.unit == "cents" else HUNDREDTH


def _major(form: FieldForm, value: Any, currency: object) -> Any:
    """Return an amount in major units; what is no amount stays as it is."""
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        return value
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return value
    if not amount.is_finite():
        return value
    places = 0 if form.unit == "major" else _places(form, currency)
    amount = amount.scaleb(-places, _EXACT)
    return -amount if form.negative and amount else amount


def _dated(value: str, form: DateForm) -> str:
    if form == "date":
        return value[:_DAY]
    return f"{value}T00:00:00Z" if form == "date-time" and len(value) == _DAY else value


@lru_cache(maxsize=64)
def wire_of(form: EntityForm) -> Wire:
    """Return what translates to a form; one for all workers, so that each thing is told once."""
    return Wire(form)
