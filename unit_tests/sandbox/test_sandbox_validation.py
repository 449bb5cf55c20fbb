"""Bodies and what is wrong with them, by table. The facts are those of the contract, written out."""

import pytest

from fincome_sandbox.contract import load_contract
from fincome_sandbox.exact_json import parse
from fincome_sandbox.formats import parse_instant
from fincome_sandbox.validation import merged, problems_of

CONTRACT = load_contract()
KNOWN = {
    ("products", "prod_1"),
    ("plans", "plan_1"),
    ("customers", "cus_1"),
    ("subscriptions", "sub_1"),
    ("invoices", "in_1"),
    ("invoice_lines", "il_1"),
}
GOOD = {
    "products": '{"id": "p", "name": "Suite"}',
    "plans": '{"id": "p", "product_id": "prod_1", "name": "Pro", "interval": "month", "interval_count": 1,'
    ' "amount": 12.50, "currency": "EUR"}',
    "customers": '{"id": "c", "root_parent_id": "cus_1", "name": "Ada", "email": "a@example.com",'
    ' "country": "FR", "zip_code": "75001", "custom_properties": {"t": "x", "n": 1.5, "b": false}}',
    "subscriptions": '{"id": "s", "customer_id": "cus_1", "plan_id": "plan_1", "status": "active",'
    ' "start_date": "2026-01-31", "end_date": "2026-12-31T23:59:59Z", "trial_start": "2026-01-01",'
    ' "trial_end": "2026-01-31", "canceled_at": null, "monthly_value": 10, "currency": "USD"}',
    "invoices": '{"id": "i", "customer_id": "cus_1", "subscription_id": "sub_1", "number": "F-1",'
    ' "date": "2026-01-31T12:00:00.5Z", "due_date": "2026-02-28", "status": "open", "currency": "EUR",'
    ' "amount": -12.5}',
    "invoice_lines": '{"id": "l", "invoice_id": "in_1", "subscription_id": "sub_1", "price_id": "plan_1",'
    ' "type": "subscription", "description": "", "currency": "EUR",'
    ' "amount_excluding_tax_after_discount": 10.00, "tax_amount": 2, "discount_amount": 0, "quantity": 1.5,'
    ' "period_start": "2026-01-01", "period_end": "2026-02-01"}',
    "credit_notes": '{"id": "n", "invoice_id": "in_1", "customer_id": "cus_1", "date": "2026-01-31",'
    ' "status": "issued", "currency": "EUR", "amount": 0, "lines": [{"id": "nl", "invoice_line_id": "il_1",'
    ' "amount": 1.0, "discount_amount": 0}]}',
}
REQUIRED = {
    "products": ["id", "name"],
    "plans": ["id", "product_id", "name"],
    "customers": ["id", "name"],
    "subscriptions": ["id", "customer_id", "status", "start_date"],
    "invoices": ["id", "customer_id", "date", "status", "currency", "amount"],
    "invoice_lines": ["id", "invoice_id", "type", "currency", "amount_excluding_tax_after_discount"],
    "credit_notes": ["id", "invoice_id", "date", "currency", "amount"],
}


def found(entity: str, body: object, stored: object = None) -> list[tuple[list[str | int], str]]:
    problems = problems_of(CONTRACT, CONTRACT.entities[entity], body, stored, lambda *reference: reference in KNOWN)
    return [(list(problem.loc), problem.type) for problem in problems]


def changed(entity: str, **fields: str) -> object:
    """The good body with some fields set to other JSON text, or left out with an empty one."""
    body = parse(GOOD[entity])
    for name, text in fields.items():
        body.pop(name, None)
        if text:
            body[name] = parse(text)
    return body


@pytest.mark.parametrize("entity", GOOD)
def test_a_good_body_has_no_problems(entity: str) -> None:
    assert found(entity, parse(GOOD[entity])) == []


@pytest.mark.parametrize("entity", GOOD)
def test_a_body_with_nothing_lacks_exactly_the_required_fields(entity: str) -> None:
    assert found(entity, {}) == [(["body", name], "missing") for name in REQUIRED[entity]]


@pytest.mark.parametrize("entity", GOOD)
def test_an_update_lacks_nothing(entity: str) -> None:
    assert found(entity, {}, stored=parse(GOOD[entity])) == []


VALUES = [
    # entity, field, JSON text, type of the problem (None: accepted)
    ("customers", "id", "1", "string_type"),
    ("customers", "id", "null", "string_type"),
    ("customers", "id", '""', "string_too_short"),
    ("customers", "id", '"\\ud800"', "string_unicode"),
    ("customers", "id", '"a\\u0000"', "string_unicode"),
    ("customers", "id", '"été/1"', None),
    ("customers", "name", "5", "string_type"),
    ("customers", "name", "true", "string_type"),
    ("customers", "name", "null", "string_type"),
    ("customers", "name", '""', None),
    ("customers", "email", "null", None),
    ("customers", "email", "[]", "string_type"),
    ("customers", "zip_code", "75001", "string_type"),
    ("customers", "country", '"fr"', "country_code"),
    ("customers", "country", '"FRA"', "country_code"),
    ("customers", "country", '"XX"', "country_code"),
    ("customers", "country", '"DE"', None),
    ("customers", "country", "{}", "string_type"),
    ("customers", "root_parent_id", '"cus_9"', "reference_not_found"),
    ("customers", "root_parent_id", '"c"', "reference_not_found"),
    ("customers", "root_parent_id", "7", "string_type"),
    ("customers", "created", '"2026-01-01"', "extra_forbidden"),
    ("plans", "interval", '"fortnight"', "enum"),
    ("plans", "interval", '"year"', None),
    ("plans", "interval", "1", "string_type"),
    ("plans", "interval_count", "0", "greater_than_equal"),
    ("plans", "interval_count", "1.0", "int_type"),
    ("plans", "interval_count", '"1"', "int_type"),
    ("plans", "interval_count", "true", "int_type"),
    ("plans", "interval_count", "12", None),
    ("plans", "amount", '"12.50"', "decimal_type"),
    ("plans", "amount", "true", "decimal_type"),
    ("plans", "amount", "1e309", "finite_number"),
    ("plans", "amount", "1e-401", "finite_number"),
    ("plans", "amount", "-1.25e2", None),
    ("plans", "currency", '"eur"', "currency_code"),
    ("plans", "currency", '"EURO"', "currency_code"),
    ("plans", "currency", '"ABC"', "currency_code"),
    ("plans", "currency", '"JPY"', None),
    ("plans", "product_id", '"prod_9"', "reference_not_found"),
    ("subscriptions", "status", '"ended"', "enum"),
    ("subscriptions", "status", '"past_due"', None),
    ("subscriptions", "plan_id", '"plan_9"', "reference_not_found"),
    ("subscriptions", "customer_id", '"cus_9"', "reference_not_found"),
    ("invoices", "customer_id", '"cus_9"', "reference_not_found"),
    ("invoices", "subscription_id", '"sub_9"', "reference_not_found"),
    ("invoices", "status", '"pending"', "enum"),
    ("invoices", "status", '"void"', "enum"),
    ("invoices", "amount", "null", "decimal_type"),
    ("invoices", "date", '"2026-01-31T12:00:00"', "datetime_from_date_parsing"),
    ("invoices", "date", '"2026-01-31T12:00:00+02:00"', "datetime_from_date_parsing"),
    ("invoices", "date", '"2026-02-30"', "datetime_from_date_parsing"),
    ("invoices", "date", '"2026-01-31T24:00:00Z"', "datetime_from_date_parsing"),
    ("invoices", "date", '"31/01/2026"', "datetime_from_date_parsing"),
    ("invoices", "date", '"2026-01-31 12:00:00Z"', "datetime_from_date_parsing"),
    ("invoices", "date", '"2026-01-31\\n"', "datetime_from_date_parsing"),
    ("invoices", "date", "1767225600", "string_type"),
    ("invoices", "date", '"2024-02-29"', None),
    ("invoices", "date", '"2026-01-31T12:00:00Z"', None),
    ("invoice_lines", "invoice_id", '"in_9"', "reference_not_found"),
    ("invoice_lines", "subscription_id", '"sub_9"', "reference_not_found"),
    ("invoice_lines", "price_id", '"plan_9"', "reference_not_found"),
    ("invoice_lines", "type", '"usage"', "enum"),
    ("invoice_lines", "period_start", '"2026-02-01"', "not_before"),
    ("invoice_lines", "period_start", '"2026-02-01T00:00:00Z"', "not_before"),
    ("invoice_lines", "period_start", '"2026-01-31T23:59:59.999999Z"', None),
    ("invoice_lines", "period_start", "", "missing"),
    ("invoice_lines", "period_end", "null", "missing"),
    ("credit_notes", "invoice_id", '"in_9"', "reference_not_found"),
    ("credit_notes", "customer_id", '"cus_9"', "reference_not_found"),
    ("credit_notes", "status", '"draft"', "enum"),
    ("credit_notes", "amount", "-0.01", "greater_than_equal"),
    ("credit_notes", "lines", "{}", "list_type"),
    ("credit_notes", "lines", "[]", None),
    ("customers", "custom_properties", "{}", "too_short"),
    ("customers", "custom_properties", "[1]", "dict_type"),
    ("customers", "custom_properties", '"x"', "dict_type"),
    ("customers", "custom_properties", "null", None),
]


@pytest.mark.parametrize(("entity", "field", "text", "problem"), VALUES)
def test_a_value_is_accepted_or_refused_at_its_place(entity: str, field: str, text: str, problem: str | None) -> None:
    expected = [] if problem is None else [(["body", field], problem)]
    assert found(entity, changed(entity, **{field: text})) == expected
    if text:
        update = {field: parse(text)}
        assert found(entity, update, stored=parse(GOOD[entity])) == expected


def test_a_one_off_line_has_no_period() -> None:
    assert found("invoice_lines", changed("invoice_lines", type='"one_off"')) == [
        (["body", "period_start"], "must_be_absent"),
        (["body", "period_end"], "must_be_absent"),
    ]
    without = changed("invoice_lines", type='"one_off"', period_start="", period_end="null")
    assert found("invoice_lines", without) == []


def test_an_update_is_judged_together_with_what_is_stored() -> None:
    stored = parse(GOOD["invoice_lines"])
    assert found("invoice_lines", {"period_end": "2025-12-31"}, stored) == [(["body", "period_start"], "not_before")]
    assert found("invoice_lines", {"type": "one_off"}, stored) == [
        (["body", "period_start"], "must_be_absent"),
        (["body", "period_end"], "must_be_absent"),
    ]
    assert found("invoice_lines", {"type": "one_off", "period_start": None, "period_end": None}, stored) == []
    assert found("invoice_lines", {"period_start": None}, stored) == [(["body", "period_start"], "missing")]


@pytest.mark.parametrize(
    ("line", "loc", "problem"),
    [
        ('{"id": "a", "amount": "1"}', ["amount"], "decimal_type"),
        ('{"id": "a"}', ["amount"], "missing"),
        ('{"amount": 1}', ["id"], "missing"),
        ('{"id": "a", "amount": null}', ["amount"], "decimal_type"),
        ('{"id": "a", "amount": 1, "invoice_line_id": "il_9"}', ["invoice_line_id"], "reference_not_found"),
        ('{"id": "a", "amount": 1, "note": "x"}', ["note"], "extra_forbidden"),
        ("5", [], "dict_type"),
        ("null", [], "dict_type"),
    ],
)
def test_a_bad_line_is_named_with_its_position(line: str, loc: list[str], problem: str) -> None:
    body = changed("credit_notes", lines=f'[{{"id": "ok", "amount": 1}}, {line}]')
    assert found("credit_notes", body) == [(["body", "lines", 1, *loc], problem)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("null", None),
        ("[]", "custom_property_type"),
        ('{"a": 1}', "custom_property_type"),
        ("1e999", "finite_number"),
        ('"\\ud800"', "string_unicode"),
        ('"text"', None),
        ("-1.5", None),
        ("true", None),
    ],
)
def test_a_custom_property_is_text_number_or_boolean(text: str, problem: str | None) -> None:
    body = changed("products", custom_properties=f'{{"good": 1, "plan tier": {text}}}')
    expected = [] if problem is None else [(["body", "custom_properties", "plan tier"], problem)]
    assert found("products", body) == expected


def test_a_custom_propertys_name_must_be_storable() -> None:
    body = changed("products", custom_properties='{"a\\u0000": 1, "b": 2}')
    assert found("products", body) == [(["body", "custom_properties", "a\0"], "string_unicode")]


def test_all_problems_are_listed() -> None:
    body = changed("invoices", customer_id='"cus_9"', date="5", status='"x"', amount="", extra="1")
    assert sorted(found("invoices", body)) == [
        (["body", "amount"], "missing"),
        (["body", "customer_id"], "reference_not_found"),
        (["body", "date"], "string_type"),
        (["body", "extra"], "extra_forbidden"),
        (["body", "status"], "enum"),
    ]


def test_no_message_quotes_a_value() -> None:
    secret = "SECRET-VALUE"
    body = dict.fromkeys(CONTRACT.entities["invoice_lines"].fields, secret) | {"lines": secret}
    body |= {"custom_properties": {"a": [secret]}}
    problems = problems_of(CONTRACT, CONTRACT.entities["invoice_lines"], body, None, lambda *_: False)
    assert len(problems) > 10
    assert not [problem for problem in problems if secret in problem.msg]


@pytest.mark.parametrize(
    ("stored", "body", "after"),
    [
        ({"id": "a", "name": "x"}, {"email": "e"}, {"id": "a", "name": "x", "email": "e"}),
        ({"id": "a", "email": "e"}, {"email": None}, {"id": "a"}),
        ({}, {"id": "a", "email": None}, {"id": "a"}),
        (
            {"custom_properties": {"a": 1, "b": 2}},
            {"custom_properties": {"b": 3, "c": 4}},
            {"custom_properties": {"a": 1, "b": 3, "c": 4}},
        ),
        ({"custom_properties": {"a": 1}}, {"name": "x"}, {"custom_properties": {"a": 1}, "name": "x"}),
        ({"custom_properties": {"a": 1}}, {"custom_properties": None}, {}),
        ({"lines": [{"id": "a"}]}, {"lines": [{"id": "b", "x": None}]}, {"lines": [{"id": "b"}]}),
    ],
)
def test_an_update_is_merged(stored: object, body: object, after: object) -> None:
    assert merged(stored, body) == after


def test_an_instant_is_a_moment_in_utc() -> None:
    assert parse_instant("2026-01-31").isoformat() == "2026-01-31T00:00:00+00:00"
    assert parse_instant("2026-01-31T12:30:05.25Z").isoformat() == "2026-01-31T12:30:05.250000+00:00"
