"""Checking fields one by one and asking the pydantic model are one and the same, for whatever a source may send."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from destination_fincome.fincome.contract import FieldSpec, load_contract
from destination_fincome.fincome.models import EntityModel, InvalidObject, build_models, encode

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
    if field.type == "lines":
        return st.one_of(st.lists(_object(field.fields, {"strange": ANYTHING}), max_size=2), ANYTHING)
    usual = st.one_of(USUAL[field.type], st.sampled_from(field.enum)) if field.enum else USUAL[field.type]
    return st.one_of(usual, usual, usual, ANYTHING)


def _object(fields: tuple[FieldSpec, ...], others: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional={**{field.name: _value(field) for field in fields}, **others})


@st.composite
def cases(draw: st.DrawFn) -> tuple[EntityModel, dict[str, Any]]:
    model = MODELS[draw(st.sampled_from(sorted(MODELS)))]
    properties = st.dictionaries(st.text(max_size=3), ANYTHING, max_size=2)
    return model, draw(_object(model.spec.fields, {"custom_properties": properties, "strange": st.none() | ANYTHING}))


def outcome(model: EntityModel, values: dict[str, Any]) -> Any:
    """Return what checking an object comes to: its values in their order, types and bytes, or the fault."""
    try:
        return described(model.validate(values).values)
    except InvalidObject as fault:
        return fault.field, fault.problem


def judgement(model: EntityModel, values: dict[str, Any]) -> Any:
    """Return the same, of what pydantic says of the fields; rules over several fields are not its own."""
    try:
        judged = model.judge(values)
        model.validate(judged)
    except InvalidObject as fault:
        return fault.field, fault.problem
    return described({name: value for name, value in judged.items() if value != {}})


def described(values: dict[str, Any]) -> Any:
    return [(name, type(value)) for name, value in values.items()], encode(values)


@given(cases())
@example((MODELS["credit_notes"], {"id": "c", "lines": [{"id": 5, "amount": "10.00", "invoice_line_id": None}]}))
@example((MODELS["customers"], {"strange": None, "id": "c", "custom_properties": {"a": None}}))
def test_an_object_checked_field_by_field_is_what_pydantic_makes_of_it(
    case: tuple[EntityModel, dict[str, Any]],
) -> None:
    model, values = case
    assert outcome(model, values) == judgement(model, values)


@pytest.mark.parametrize("name", MODELS)
def test_an_object_of_the_usual_kind_does_without_an_instance(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = {"id": "x", "text": "Acme", "decimal": 1, "integer": 1, "country": "FR", "currency": "EUR"}
    model = EntityModel(load_contract().entities[name])
    values = {
        field.name: field.enum[0] if field.enum else usual[field.type]
        for field in model.spec.fields
        if field.type in usual
    }
    monkeypatch.setattr(model, "judge", None)
    if name == "invoice_lines":
        values["type"] = "one_off"  # which has no period
    assert model.validate(values).values["id"] == "x"


@pytest.mark.parametrize("zero", [Decimal("-0"), Decimal("-0.00"), Decimal("0E+3"), Decimal("0.0")])
def test_zero_is_written_without_sign_and_digits(zero: Decimal) -> None:
    assert encode({"amount": zero}) == b'{"amount":0}'
