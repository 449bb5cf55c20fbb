"""An object is read once: whatever a source may send, what was read is read again as it is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from destination_fincome.fincome.contract import FieldSpec, load_contract
from destination_fincome.fincome.models import EntityModel, InvalidObject, build_models, encode
from destination_fincome.fincome.value_types import LINES

MODELS = build_models(load_contract())
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(),
    st.text(max_size=8),
    st.decimals(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.one_of(st.none(), st.floats(), st.text(max_size=3)), max_size=2),
)
INSTANTS = st.sampled_from(["2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z", "2026-02-30"])
AMOUNTS = st.one_of(
    st.decimals(-5, 5, places=2), st.sampled_from([0, -0.0, 0.1, "12.50", " 3 ", "1E+3", Decimal("-0")])
)
USUAL: dict[str, st.SearchStrategy[Any]] = {
    "id": st.sampled_from(["x_1", " x_1", 7, 7.0, ""]),
    "text": st.sampled_from(["Acme", "", 7, 1.5]),
    "decimal": AMOUNTS,
    "integer": st.sampled_from([1, 3.0, "12", 0, 1.5]),
    "country": st.sampled_from(["FR", "fr", " de ", "ZZ"]),
    "currency": st.sampled_from(["EUR", "eur", "HRK", "ZZZ"]),
    "instant": INSTANTS,
}


def _value(field: FieldSpec) -> st.SearchStrategy[Any]:
    if field.type is LINES:
        return st.one_of(st.lists(_object(field.fields, {"strange": ANYTHING}), max_size=2), ANYTHING)
    usual = st.one_of(USUAL[field.type.name], st.sampled_from(field.enum)) if field.enum else USUAL[field.type.name]
    return st.one_of(usual, usual, usual, ANYTHING)


def _object(fields: tuple[FieldSpec, ...], others: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional={**{field.name: _value(field) for field in fields}, **others})


@st.composite
def cases(draw: st.DrawFn) -> tuple[EntityModel, dict[str, Any]]:
    model = MODELS[draw(st.sampled_from(sorted(MODELS)))]
    properties = st.dictionaries(st.text(max_size=3), ANYTHING, max_size=2)
    return model, draw(_object(model.spec.fields, {"custom_properties": properties, "strange": st.none() | ANYTHING}))


def described(values: dict[str, Any]) -> Any:
    return [(name, type(value)) for name, value in values.items()], encode(values)


@given(cases())
@example((MODELS["credit_notes"], {"id": "c", "lines": [{"id": 5, "amount": "10.00", "invoice_line_id": None}]}))
@example((MODELS["subscriptions"], {"id": "s", "canceled_at": Decimal("sNaN")}))
@example((MODELS["customers"], {"strange": None, "id": "c", "custom_properties": {"a": None}}))
def test_whatever_comes_an_object_is_refused_or_read_for_good(
    case: tuple[EntityModel, dict[str, Any]],
) -> None:
    model, values = case
    try:
        checked = model.validate(values)
    except InvalidObject:
        return
    assert None not in checked.values.values()
    again = model.validate(checked.values)
    assert described(again.values) == described(checked.values)
    assert again.complete is checked.complete


@pytest.mark.parametrize("zero", [Decimal("-0"), Decimal("-0.00"), Decimal("0E+3"), Decimal("0.0")])
def test_zero_is_written_without_sign_and_digits(zero: Decimal) -> None:
    assert encode({"amount": zero}) == b'{"amount":0}'
