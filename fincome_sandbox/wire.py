"""What the API calls and counts otherwise than the account keeps it: names, cents, days, words.

The account keeps objects as contract.yaml writes them, whatever an overlay makes of the wire: so the page, the figures
and the control routes say the same of every account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from fincome_sandbox.exact_json import Json, JsonObject

# The currencies whose smallest unit isn't a hundredth (ISO 4217).
_PLACES = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"), 0),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


@dataclass(frozen=True)
class Form:
    """One field on the wire. `sent` is false if the API doesn't have it; `words` are the API's by ours."""

    name: str
    sent: bool = True
    unit: str = "major"
    sign: int = 1
    dates: str = "any"
    words: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Form] = field(default_factory=dict)

    def is_own(self, name: str) -> bool:
        """Whether the field is written as it is kept."""
        as_kept = self == Form(name, words=self.words, fields=self.fields)
        same_words = all(ours == theirs for ours, theirs in self.words.items())
        return as_kept and same_words and all(form.is_own(inner) for inner, form in self.fields.items())


Forms = Mapping[str, Form]


def kept(forms: Forms, body: JsonObject, currency: Json = None) -> JsonObject:
    """A body as the account keeps it. What can't be understood stays as it is: it has been refused already."""
    ours = {form.name: name for name, form in forms.items() if form.sent}
    code = body.get(forms["currency"].name) if "currency" in forms else currency
    found: JsonObject = {}
    for wire_name, value in body.items():
        name = ours.get(wire_name, wire_name)
        found[name] = _kept(forms[name], value, code) if wire_name in ours else value
    return found


def shown(forms: Forms, kept_object: JsonObject, currency: Json = None) -> JsonObject:
    """An object as the API writes it."""
    code = kept_object.get("currency", currency)
    found: JsonObject = {}
    for name, value in kept_object.items():
        form = forms.get(name)
        if form is None:
            found[name] = value
        elif form.sent:
            found[form.name] = _shown(form, value, code)
    return found


def place_on_wire(forms: Forms, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The path of a fault with the API's names."""
    found: list[str | int] = []
    inner: Forms = forms
    for part in loc:
        form = inner.get(part) if isinstance(part, str) else None
        found.append(form.name if form else part)
        inner = form.fields if form else inner
    return tuple(found)


def _kept(form: Form, value: Any, currency: Json) -> Json:
    if form.fields and isinstance(value, list):
        return [kept(form.fields, item, currency) if isinstance(item, dict) else item for item in value]
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return form.sign * (value if form.unit == "major" else Decimal(value).scaleb(-_places(form, currency)))
    return next((ours for ours, theirs in form.words.items() if theirs == value), value)


def _shown(form: Form, value: Any, currency: Json) -> Json:
    if form.fields and isinstance(value, list):
        return [shown(form.fields, item, currency) if isinstance(item, dict) else item for item in value]
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        amount = form.sign * (value if form.unit == "major" else Decimal(value).scaleb(_places(form, currency)))
        return int(amount) if form.unit != "major" else amount
    if form.dates == "date-time" and isinstance(value, str) and len(value) == len("2026-01-31"):
        return f"{value}T00:00:00Z"
    return form.words.get(value, value) if isinstance(value, str) else value


def _places(form: Form, currency: Json) -> int:
    return _PLACES.get(str(currency), 2) if form.unit == "cents" else 2
