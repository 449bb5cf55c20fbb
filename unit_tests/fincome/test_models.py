"""The entity models against the contract's types and rules."""

from __future__ import annotations

import copy
from dataclasses import replace
from decimal import Decimal
from importlib import resources
from typing import Any

import pytest
import yaml

from destination_fincome.fincome import contract as contract_module
from destination_fincome.fincome.contract import Contract, load_contract
from destination_fincome.fincome.models import EntityModel, InvalidObject, build_models, encode
from destination_fincome.fincome.value_types import plain

MODELS = build_models(load_contract())
SECRET = "Jane-Roe"

LINE: dict[str, Any] = {
    "id": "l_1",
    "invoice_id": "i_1",
    "type": "subscription",
    "currency": "EUR",
    "amount_excluding_tax_after_discount": Decimal("45.5"),
    "period_start": "2024-02-01",
    "period_end": "2024-03-01",
}


@pytest.mark.parametrize(
    ("entity", "field", "given", "expected"),
    [
        ("customers", "id", 12, "12"),
        ("customers", "id", 12.0, "12"),
        ("customers", "id", " c_1 ", "c_1"),
        ("customers", "id", "0012", "0012"),
        ("customers", "id", 2**60, "1152921504606846976"),
        ("customers", "name", 42, "42"),
        ("customers", "name", 1.5, "1.5"),
        ("customers", "zip_code", "01000", "01000"),
        ("customers", "country", "fr", "FR"),
        ("customers", "country", "Allemagne", "DE"),
        ("plans", "amount", 0.1, Decimal("0.1")),
        ("plans", "amount", "12.50", Decimal("12.50")),
        ("plans", "amount", -3, Decimal(-3)),
        ("plans", "interval", "week", "week"),
        ("plans", "interval_count", 3.0, 3),
        ("plans", "interval_count", "3", 3),
        ("plans", "currency", "eur", "EUR"),
        ("plans", "currency", "HRK", "HRK"),
        ("plans", "currency", "BGN", "BGN"),
        ("subscriptions", "start_date", "2024-02-29", "2024-02-29"),
        ("subscriptions", "start_date", "2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"),
        ("subscriptions", "start_date", "2024-02-29T23:59:59+01:00", "2024-02-29T22:59:59Z"),
        ("subscriptions", "start_date", 1704067200, "2024-01-01T00:00:00Z"),
        ("subscriptions", "start_date", "2024-02-29T23:59:59.123456Z", "2024-02-29T23:59:59.123456Z"),
        ("invoices", "status", "unpaid", "unpaid"),
        ("invoices", "status", " Paid ", "paid"),
        ("subscriptions", "status", "PAST DUE", "past_due"),
        ("invoice_lines", "type", "One-off", "one_off"),
        ("credit_notes", "amount", 0, Decimal(0)),
    ],
)
def test_a_value_of_the_fields_type_is_taken(entity: str, field: str, given: Any, expected: Any) -> None:
    values = MODELS[entity].validate({"id": "x", field: given}).values
    assert values[field] == expected
    assert type(values[field]) is type(expected)


@pytest.mark.parametrize(
    ("entity", "field", "given", "problem"),
    [
        ("customers", "id", "  ", "is missing"),
        ("customers", "id", 1.5, "must be text or a whole number"),
        ("customers", "id", True, "must be text or a whole number"),
        ("customers", "id", {"id": SECRET}, "must be text or a whole number"),
        ("customers", "name", [SECRET], "must be text"),
        ("customers", "name", float("nan"), "must be text"),
        ("plans", "amount", SECRET, "is not a number"),
        ("plans", "amount", True, "is not a number"),
        ("plans", "amount", "NaN", "is not a finite number"),
        ("plans", "amount", float("inf"), "is not a finite number"),
        ("plans", "amount", Decimal("-Infinity"), "is not a finite number"),
        ("plans", "amount", "1e31", "is out of any sensible range"),
        ("plans", "amount", "1e-31", "is out of any sensible range"),
        ("plans", "interval", "quarter", "must be one of day, week, month, year"),
        ("plans", "interval_count", 1.5, "must be a whole number"),
        ("plans", "interval_count", 0, "must be at least 1"),
        ("plans", "interval_count", "1e30", "is out of any sensible range"),
        ("plans", "currency", "EURO", "must be an ISO 4217 currency code such as EUR"),
        ("plans", "currency", "ZZZ", "must be an ISO 4217 currency code such as EUR"),
        ("subscriptions", "start_date", "2024-02-30", "is not a date or date-time (ISO 8601 or epoch seconds)"),
        ("subscriptions", "start_date", "soon", "is not a date or date-time (ISO 8601 or epoch seconds)"),
        ("subscriptions", "status", "incomplete", "must be one of future, trialing, active, past_due"),
        ("invoices", "status", "draft", "must be one of open, paid, unpaid"),
        ("credit_notes", "amount", -1, "must be at least 0"),
        ("credit_notes", "lines", SECRET, "must be a list"),
        ("customers", "phone", SECRET, "is no field of this entity"),
        ("customers", "custom_properties", SECRET, "must be an object"),
        ("customers", "custom_properties", {"a": [SECRET]}, "must hold only text, numbers and booleans"),
        ("customers", "custom_properties", {"a": float("nan")}, "must hold finite numbers only"),
        ("customers", "custom_properties", {"a": float("inf")}, "must hold finite numbers only"),
    ],
)
def test_a_value_of_another_kind_is_refused_without_being_quoted(
    entity: str, field: str, given: Any, problem: str
) -> None:
    with pytest.raises(InvalidObject) as error:
        MODELS[entity].validate({"id": "x", field: given})
    assert error.value.field == field
    assert error.value.problem.startswith(problem)
    assert SECRET not in str(error.value)
    assert error.value.__cause__ is None


@pytest.mark.parametrize("identity", [{}, {"id": None}])
def test_nothing_is_usable_without_an_id(identity: dict[str, Any]) -> None:
    for model in MODELS.values():
        with pytest.raises(InvalidObject, match="id is missing"):
            model.validate({"name": "Acme", **identity} if model.spec.name == "customers" else identity)


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"period_end": "2024-02-01"}, "period_end", "must be later than period_start"),
        ({"period_end": "2024-01-31"}, "period_end", "must be later than period_start"),
        ({"period_end": "2024-02-01T00:00:00Z"}, "period_end", "must be later than period_start"),
        ({"type": "one_off"}, "period_start", "must be absent when type is one_off"),
        ({"period_end": None}, "period_end", "is missing; it is needed when type is subscription"),
        ({"period_start": None}, "period_start", "is missing; it is needed when type is subscription"),
    ],
)
def test_rules_over_several_fields(changes: dict[str, Any], field: str, problem: str) -> None:
    with pytest.raises(InvalidObject) as error:
        MODELS["invoice_lines"].validate({**LINE, **changes})
    assert (error.value.field, error.value.problem) == (field, problem)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"period_end": "2024-02-01T00:00:00.000001Z"},
        {"type": "one_off", "period_start": None, "period_end": None},
        {"type": None, "period_end": None},
    ],
)
def test_rules_hold_for_objects_that_carry_the_fields_only(changes: dict[str, Any]) -> None:
    assert MODELS["invoice_lines"].validate({**LINE, **changes}).values["id"] == "l_1"


@pytest.mark.parametrize(
    ("line", "field", "problem"),
    [
        ({"amount": 1}, "lines.1.id", "is missing"),
        ({"id": None, "amount": 1}, "lines.1.id", "is missing"),
        ({"id": "n"}, "lines.1.amount", "is missing"),
        ({"id": "n", "amount": None}, "lines.1.amount", "is missing"),
        ({"id": "n", "amount": "much"}, "lines.1.amount", "is not a number"),
        ({"id": "n", "amount": 1, "note": SECRET}, "lines.1.note", "is no field of this entity"),
    ],
)
def test_nested_lines_are_checked_one_by_one(line: dict[str, Any], field: str, problem: str) -> None:
    good = {"id": "n_0", "amount": "10.00", "discount_amount": None}
    with pytest.raises(InvalidObject) as error:
        MODELS["credit_notes"].validate({"id": "c", "lines": [good, line]})
    assert (error.value.field, error.value.problem) == (field, problem)


def test_nested_lines_are_written_without_what_is_absent() -> None:
    line = {"id": 5, "amount": "10.00", "discount_amount": None, "invoice_line_id": None}
    values = MODELS["credit_notes"].validate({"id": "c", "lines": [line]}).values
    assert encode(values) == b'{"id":"c","lines":[{"id":"5","amount":10}]}'


REQUIRED: dict[str, dict[str, Any]] = {
    "products": {"id": "x", "name": "n"},
    "plans": {"id": "x", "product_id": "p", "name": "n"},
    "customers": {"id": "x", "name": "n"},
    "subscriptions": {"id": "x", "customer_id": "c", "status": "active", "start_date": "2024-01-01"},
    "invoices": {
        "id": "x",
        "customer_id": "c",
        "date": "2024-01-01",
        "status": "open",
        "currency": "EUR",
        "amount": Decimal(1),
    },
    "invoice_lines": {
        "id": "x",
        "invoice_id": "i",
        "type": "one_off",
        "currency": "EUR",
        "amount_excluding_tax_after_discount": Decimal(1),
    },
    "credit_notes": {"id": "x", "invoice_id": "i", "date": "2024-01-01", "currency": "EUR", "amount": Decimal(1)},
}


@pytest.mark.parametrize("entity", REQUIRED)
def test_an_object_is_complete_with_just_what_is_needed_to_create_it(entity: str) -> None:
    whole = REQUIRED[entity]
    assert MODELS[entity].validate(whole).complete
    for field in whole.keys() - {"id"}:
        for partial in ({**whole, field: None}, {name: whole[name] for name in whole if name != field}):
            checked = MODELS[entity].validate(partial)
            assert not checked.complete
            assert field not in checked.values


def test_a_missing_currency_is_told_with_the_setting_that_gives_one() -> None:
    values = {name: value for name, value in REQUIRED["credit_notes"].items() if name != "currency"}
    with pytest.raises(InvalidObject, match=r"currency is missing; .* set default_currency"):
        MODELS["credit_notes"].validate(values, whole=True)


@pytest.mark.parametrize("properties", [None, {}, {"a": None}])
def test_custom_properties_are_never_empty(properties: Any) -> None:
    assert MODELS["customers"].validate({"id": "x", "custom_properties": properties}).values == {"id": "x"}


def test_custom_properties_are_text_numbers_and_booleans() -> None:
    properties = {"t": "x", "i": 1, "f": 0.5, "d": Decimal("1.10"), "b": False, "z": 0, "e": "", "n": None}
    body = encode(MODELS["customers"].validate({"id": "x", "custom_properties": properties}).values)
    assert body == b'{"id":"x","custom_properties":{"t":"x","i":1,"f":0.5,"d":1.1,"b":false,"z":0,"e":""}}'


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("12.50", "12.5"),
        ("12.00", "12"),
        ("1200", "1200"),
        ("1E+3", "1000"),
        ("1E-7", "0.0000001"),
        ("0.00", "0"),
        ("-0.10", "-0.1"),
        ("123456789012345678901234.56", "123456789012345678901234.56"),
    ],
)
def test_amounts_are_written_with_exactly_their_digits(number: str, written: str) -> None:
    assert plain(Decimal(number)) == written


# --- the contract


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Loads a contract whose document was changed by a function."""
    text = resources.files("destination_fincome.fincome").joinpath("contract.yaml").read_text(encoding="utf-8")

    def load(change: Any) -> Contract:
        document = copy.deepcopy(yaml.safe_load(text))
        change(document)
        with monkeypatch.context() as patch:
            patch.setattr(contract_module, "_document", lambda: document)
            return load_contract.__wrapped__()

    return load


def test_a_field_added_to_the_contract_is_a_field_of_the_model(changed: Any) -> None:
    def add(document: dict[str, Any]) -> None:
        document["entities"]["customers"]["fields"]["vat_number"] = {"type": "text", "required": True, "tag": "A"}

    model = EntityModel(changed(add).entities["customers"])
    checked = model.validate({"id": "c", "name": "A", "vat_number": "FR1"})
    assert (checked.values["vat_number"], checked.complete) == ("FR1", True)
    assert not model.validate({"id": "c", "name": "A"}).complete


def test_a_rule_and_an_enum_changed_in_the_contract_are_the_models(changed: Any) -> None:
    def change(document: dict[str, Any]) -> None:
        document["entities"]["invoice_lines"]["rules"] = []
        document["entities"]["invoices"]["fields"]["status"]["enum"].append("pending")

    entities = changed(change).entities
    assert EntityModel(entities["invoice_lines"]).validate({**LINE, "period_end": "2024-01-01"}).complete
    assert EntityModel(entities["invoices"]).validate({"id": "i", "status": "pending"}).values["status"] == "pending"


def test_overrides_are_the_users_corrections() -> None:
    base = load_contract()
    mine = base.with_overrides("http://localhost:1/x", "Authorization", "Bearer ", {"customers": "/customers"})
    assert (mine.base_url, mine.api_key_header, mine.api_key_prefix) == (
        "http://localhost:1/x",
        "Authorization",
        "Bearer ",
    )
    assert {name: spec.path for name, spec in mine.entities.items()} == {
        **{name: spec.path for name, spec in base.entities.items()},
        "customers": "/customers",
    }
    assert base.with_overrides() == base
    assert base.with_overrides(None, None, None, {}) == base
    assert replace(base, api_key_prefix="X ").with_overrides(prefix="").api_key_prefix == ""


def test_what_the_documents_say_of_the_api_is_what_the_contract_says() -> None:
    contract = load_contract()
    assert (contract.base_url, contract.api_key_header, contract.api_key_prefix) == (
        "https://api2.fincome.co/product",
        "X-API-KEY",
        "",
    )
    assert {name: spec.path for name, spec in contract.entities.items()} == {
        "products": "/products",
        "plans": "/plans",
        "customers": "/clients",
        "subscriptions": "/subscriptions",
        "invoices": "/invoices",
        "invoice_lines": "/invoice_lines",
        "credit_notes": "/credit_notes",
    }
    assert contract.entities["customers"].alternatives == ("/customers",)
    assert (contract.create.verb, contract.update.verb, contract.retrieve.verb) == ("POST", "PATCH", "GET")


def test_an_entity_refers_only_to_itself_and_to_those_above_it() -> None:
    seen: list[str] = []
    for name, spec in load_contract().entities.items():
        seen.append(name)
        assert {reference.entity for reference in spec.references} <= set(seen)
    nested = load_contract().entities["credit_notes"].references
    assert [(r.field, r.entity, r.required) for r in nested] == [
        ("invoice_id", "invoices", True),
        ("customer_id", "customers", False),
        ("lines.invoice_line_id", "invoice_lines", False),
    ]


def test_nulls_are_kept_where_they_can_clear_something() -> None:
    given = {
        "id": "c_1",
        "name": None,
        "email": None,
        "country": "FR",
        "custom_properties": {"nps": None, "segment": "smb"},
    }
    assert MODELS["customers"].validate(given).values == {
        "id": "c_1",
        "country": "FR",
        "custom_properties": {"segment": "smb"},
    }
    cleared = MODELS["customers"].validate(given, keep_nulls=True)
    # A required field is never null; without it, the object can't be created.
    assert not cleared.complete
    assert cleared.values == {
        "id": "c_1",
        "email": None,
        "country": "FR",
        "custom_properties": {"nps": None, "segment": "smb"},
    }


def test_properties_that_are_all_null_are_cleared_one_by_one() -> None:
    given = {"id": "c_1", "custom_properties": {"nps": None}}
    assert MODELS["customers"].validate(given).values == {"id": "c_1"}
    assert MODELS["customers"].validate(given, keep_nulls=True).values == given


def test_a_field_that_must_be_absent_can_be_cleared() -> None:
    """A line that became a one-off charge has lost its period."""
    given = {**LINE, "type": "one_off", "period_start": None, "period_end": None, "description": None}
    values = MODELS["invoice_lines"].validate(given, keep_nulls=True).values
    assert (values["period_start"], values["period_end"], values["description"]) == (None, None, None)


@pytest.mark.parametrize("empty", ["", " ", "\t\n"])
def test_an_empty_text_is_no_value_whatever_the_type(empty: str) -> None:
    given = {"id": "c_1", "name": "n", "root_parent_id": empty, "email": empty, "country": empty}
    assert MODELS["customers"].validate(given).values == {"id": "c_1", "name": "n"}
    assert MODELS["customers"].validate({"id": "c_1", "name": empty}).values == {"id": "c_1"}


@pytest.mark.parametrize("none", ["0001-01-01T00:00:00Z", "1900-01-01", "00000000", 0])
def test_a_day_that_stands_for_none_is_none_where_an_object_can_do_without(none: Any) -> None:
    given = {"id": "s_1", "status": "active", "start_date": "2026-01-05", "end_date": none}
    assert MODELS["subscriptions"].validate(given, keep_nulls=True).values == {**given, "end_date": None}
    with pytest.raises(InvalidObject, match=r"start_date is what systems write for no day"):
        MODELS["subscriptions"].validate({**given, "start_date": none})
