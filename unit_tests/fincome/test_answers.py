"""What an answer means, by table: status x body x operation."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from destination_fincome.codes import Code
from destination_fincome.fincome.answers import Interpreter, Kind, Verdict, read_detail, retry_after, safe_words
from destination_fincome.fincome.contract import load_contract

CONTRACT = load_contract()
INTERPRETER = Interpreter(CONTRACT)
HTML = b"<!DOCTYPE html><html><body>It works</body></html>"
NOT_FOUND = b'{"detail":"Not Found"}'
OPERATIONS = ["create", "update", "retrieve"]


def detail(text: str) -> bytes:
    return json.dumps({"detail": text}).encode()


def items(*faults: tuple[list[Any], str]) -> bytes:
    return json.dumps({"detail": [{"loc": loc, "msg": msg, "type": "value_error"} for loc, msg in faults]}).encode()


def read(
    operation: str,
    status: int,
    content: bytes = b"",
    entity: str = "invoices",
    sent: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Verdict:
    return INTERPRETER.read(
        getattr(CONTRACT, operation), CONTRACT.entities[entity], status, headers or {}, content, sent
    )


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("status", "content"),
    [(200, b'{"id":"x"}'), (201, b'{"id":"x"}'), (202, b""), (202, b"null"), (204, b""), (200, b"  []")],
)
def test_success(operation: str, status: int, content: bytes) -> None:
    assert read(operation, status, content).kind is Kind.ACCEPTED


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("content", [HTML, b"\n <html>", b"OK"])
def test_a_page_that_says_200_is_no_success(operation: str, content: bytes) -> None:
    verdict = read(operation, 200, content)
    assert verdict == Verdict(Kind.RETRY, problem="answered 200 with something that isn't JSON")


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("content", [b'{"detail":"Invalid API key"}', HTML, b""])
def test_a_refused_key_stops(operation: str, status: int, content: bytes) -> None:
    verdict = read(operation, status, content)
    assert verdict.kind is Kind.STOP
    assert f"refused the API key ({status})" in verdict.problem
    assert "Settings > Developers" in verdict.problem


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_stops(operation: str, status: int) -> None:
    verdict = read(operation, status, headers={"Location": "https://elsewhere.test/"})
    assert verdict.kind is Kind.STOP
    assert f"redirect ({status})" in verdict.problem
    assert "`base_url`" in verdict.problem
    assert "elsewhere" not in verdict.problem


@pytest.mark.parametrize(("operation", "verb"), [("create", "POST"), ("update", "PATCH"), ("retrieve", "GET")])
def test_a_verb_that_is_not_allowed_stops(operation: str, verb: str) -> None:
    verdict = read(operation, 405, b'{"detail":"Method Not Allowed"}')
    assert verdict.kind is Kind.STOP
    assert f"doesn't accept {verb} on /invoices" in verdict.problem
    assert "`paths.invoices`" in verdict.problem


@pytest.mark.parametrize(
    ("status", "content", "throttled"),
    [
        (408, b"", False),
        (425, b"", False),
        (429, b'{"detail":"Too Many Requests"}', True),
        (500, HTML, False),
        (500, b'{"detail":"Customer not found"}', False),
        (501, b"", False),
        (502, HTML, False),
        (503, b"", False),
        (504, b"", False),
        (520, HTML, False),
    ],
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_passing_trouble_is_tried_again(operation: str, status: int, content: bytes, throttled: bool) -> None:
    assert read(operation, status, content) == Verdict(Kind.RETRY, problem=f"answered {status}", throttled=throttled)


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("soon", None)])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_read_on_any_passing_trouble(status: int, header: str, seconds: float | None) -> None:
    assert read("create", status, headers={"Retry-After": header}).retry_after == seconds


@pytest.mark.parametrize(
    ("operation", "content", "kind"),
    [
        # No such route ...
        ("create", NOT_FOUND, Kind.STOP),
        ("create", HTML, Kind.STOP),
        ("create", b"", Kind.STOP),
        # ... or, where the path holds an id, no such object: the same words.
        ("update", NOT_FOUND, Kind.MISSING),
        ("retrieve", NOT_FOUND, Kind.MISSING),
        ("update", HTML, Kind.MISSING),
        ("update", b'{"detail":"Invoice in_1 not found"}', Kind.MISSING),
        ("retrieve", b'{"detail":"Invoice in_1 not found"}', Kind.MISSING),
        ("retrieve", b'{"detail":"Customer cus_1 not found"}', Kind.MISSING),
        # A parent that isn't there.
        ("create", b'{"detail":"Customer cus_1 not found"}', Kind.UNKNOWN_REFERENCE),
        ("update", b'{"detail":"Customer cus_1 not found"}', Kind.UNKNOWN_REFERENCE),
        # Words that say neither: the object as it is can't be made.
        ("create", b'{"detail":"Nothing here"}', Kind.REFUSED),
    ],
)
def test_404_has_several_meanings(operation: str, content: bytes, kind: Kind) -> None:
    assert read(operation, 404, content).kind is kind


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [400, 404, 409, 410, 418, 422])
@pytest.mark.parametrize("content", [b"", HTML, NOT_FOUND, detail("Oh no"), detail("in_1 already exists"), b"{"])
def test_every_answer_means_something_that_the_client_knows(operation: str, status: int, content: bytes) -> None:
    allowed = {
        "create": {Kind.EXISTS, Kind.REFUSED, Kind.UNKNOWN_REFERENCE, Kind.STOP},
        "update": {Kind.MISSING, Kind.REFUSED, Kind.UNKNOWN_REFERENCE},
        "retrieve": {Kind.MISSING, Kind.REFUSED},
    }
    assert read(operation, status, content).kind in allowed[operation]


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (409, b""),
        (409, HTML),
        (409, detail("Invoice already exists")),
        (409, detail("Duplicate id")),
        (409, detail("Conflict")),
        (422, detail("An invoice with this id already exists.")),
        (400, detail("id is already taken")),
        (422, items((["body", "id"], "id must be unique"))),
        (422, items((["body"], "object already exists"))),
        (400, b'{"message":"has already been created"}'),
    ],
)
def test_an_id_that_is_taken_exists(status: int, content: bytes) -> None:
    assert read("create", status, content).kind is Kind.EXISTS
    assert read("update", status, content).kind is not Kind.EXISTS


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (items((["body", "number"], "number already exists")), "number"),
        (items((["body", "custom_properties", "code"], "must be unique")), "custom_properties.code"),
    ],
)
def test_another_field_that_is_taken_is_a_refusal(content: bytes, field: str) -> None:
    verdict = read("create", 422, content)
    assert (verdict.kind, verdict.field) == (Kind.REFUSED, field)


@pytest.mark.parametrize(
    ("entity", "status", "content", "field"),
    [
        ("invoices", 422, items((["body", "customer_id"], "Customer not found")), "customer_id"),
        ("invoices", 422, items((["body", "subscription_id"], "does not exist")), "subscription_id"),
        (
            "credit_notes",
            422,
            items((["body", "lines", 0, "invoice_line_id"], "unknown id")),
            "lines.0.invoice_line_id",
        ),
        ("invoices", 404, detail("Customer cus_1 not found"), "customer_id"),
        ("invoices", 400, detail("Unknown customer"), "customer_id"),
        ("invoices", 409, detail("The customer doesn't exist"), "customer_id"),
        ("invoices", 422, detail("No such subscription"), "subscription_id"),
        ("plans", 404, detail("Product prod_1 could not be found"), "product_id"),
        ("subscriptions", 400, detail("unknown plan"), "plan_id"),
        ("invoice_lines", 404, detail("Invoice in_1 not found"), "invoice_id"),
        ("customers", 404, detail("Parent customer not found"), "root_parent_id"),
    ],
)
def test_a_parent_that_the_api_does_not_know(entity: str, status: int, content: bytes, field: str) -> None:
    assert read("create", status, content, entity) == Verdict(
        Kind.UNKNOWN_REFERENCE, "missing_reference", field, "refers to an object that Fincome doesn't know"
    )


@pytest.mark.parametrize(
    ("entity", "content"),
    [
        ("customers", detail("Customer cus_1 not found")),
        ("subscriptions", detail("Subscription sub_1 not found")),
        ("invoices", detail("Invoice in_1 does not exist")),
        ("invoice_lines", detail("Invoice line il_1 not found")),
        ("credit_notes", detail("Credit note cn_1 not found")),
    ],
)
def test_an_update_of_what_is_not_there_is_about_the_object_itself(entity: str, content: bytes) -> None:
    assert read("update", 404, content, entity).kind is Kind.MISSING


def test_a_field_that_refers_to_nothing_is_no_reference() -> None:
    verdict = read("create", 422, items((["body", "status"], "unknown value")))
    assert (verdict.kind, verdict.code, verdict.field) == (Kind.REFUSED, "refused_by_api", "status")


@pytest.mark.parametrize(
    ("status", "content", "field", "problem"),
    [
        (
            422,
            items((["body", "amount"], "must be positive")),
            "amount",
            "was refused by Fincome (422: must be positive)",
        ),
        (422, items((["body", "a"], "one"), (["body", "b"], "two")), "a", "was refused by Fincome (422: one; two)"),
        (422, detail("Bad currency"), None, "was refused by Fincome (422: Bad currency)"),
        (422, b'{"detail": [{"loc": ["bo', None, "was refused by Fincome (422)"),
        (422, HTML, None, "was refused by Fincome (422)"),
        (422, b"[]", None, "was refused by Fincome (422)"),
        (400, b'{"error": "Bad request"}', None, "was refused by Fincome (400: Bad request)"),
        (413, b"", None, "was refused by Fincome (413)"),
        (
            400,
            detail("Locked by hand"),
            None,
            "was refused by Fincome (400: Locked by hand)",
        ),
    ],
)
def test_a_refusal_names_the_field_and_the_reason(status: int, content: bytes, field: str | None, problem: str) -> None:
    assert read("create", status, content) == Verdict(Kind.REFUSED, Code.REFUSED_BY_API, field, problem)


@pytest.mark.parametrize(
    ("type_", "of_form"),
    [
        ("missing", True),
        ("extra_forbidden", True),
        ("string_type", True),
        ("value_error.missing", True),
        ("value_error.extra", True),
        ("type_error.integer", True),
        ("value_error", False),
        ("enum", False),
        ("greater_than_equal", False),
        ("date_from_datetime_inexact", False),
        ("", False),
        (None, False),
    ],
)
def test_a_refusal_of_form_is_told_from_one_of_a_value(type_: object, of_form: bool) -> None:
    fault = {"loc": ["body", "amount"], "msg": "no", "type": type_}
    for content in (json.dumps({"detail": [fault]}).encode(), json.dumps({"detail": fault}).encode()):
        assert read("create", 422, content).of_form is of_form


def test_422_to_a_look_up_means_that_there_is_no_such_object() -> None:
    assert read("retrieve", 422, items((["path", "id"], "bad id"))).kind is Kind.MISSING


def test_a_refusal_quotes_no_value_of_the_object() -> None:
    sent = json.dumps({"id": "in_1", "name": "O'Brien & Sons", "email": "jane@roe.test", "amount": 1234.5}).encode()
    said = detail("Value \"O'Brien & Sons\" of JANE@ROE.TEST for in_1 over 1234.5: 'too long' or «bad»")
    assert read("create", 422, said, sent=sent).problem == (
        "was refused by Fincome (422: Value … of … for … over …: … or …)"
    )


@pytest.mark.parametrize(
    ("text", "sent", "expected"),
    [
        ("all is well", {}, "all is well"),
        ('got "Jane\nRoe" here', {}, "got … here"),
        ("got 'Jane Roe' and `x` and “y” and ‘z’", {}, "got … and … and … and …"),
        ("Jane Roe is not 12", {"name": "Jane Roe", "n": 12}, "… is not 12"),
        ("tag Acme too", {"custom_properties": {"tag": "acme"}}, "tag … too"),
        ("line 987654 bad", {"lines": [{"amount": 987654}]}, "line … bad"),
        ("true is not valid", {"flag": True}, "true is not valid"),
        ("Acme and Acme Holding", {"a": "Acme", "b": "Acme Holding"}, "… and …"),
        ("a.c or abc", {"id": "a.c"}, "… or abc"),
        ("many   blanks\n here", {}, "many blanks here"),
        ("x" * 200, {}, "x" * 159 + "…"),
    ],
)
def test_words_of_an_answer_are_freed_of_values(text: str, sent: dict[str, Any], expected: str) -> None:
    assert safe_words(text, json.dumps(sent).encode()) == expected


def test_words_without_a_body_that_was_sent() -> None:
    assert safe_words("no such id", b"") == "no such id"


@pytest.mark.parametrize(
    ("content", "text", "field"),
    [
        (b'{"detail":[{"loc":["body","lines",0,"amount"],"msg":"bad"}]}', "bad", "lines.0.amount"),
        (b'{"detail":[{"loc":["amount"],"msg":"bad"}]}', "bad", "amount"),
        (b'{"detail":[{"loc":["body"],"msg":"bad"}]}', "bad", None),
        (b'{"detail":[{"msg":"bad"}]}', "bad", None),
        (b'{"detail":[]}', "", None),
        (b'{"detail":["bad"]}', "", None),
        (b'{"detail":{"msg":"bad","loc":["body","id"]}}', "bad", "id"),
        (b'{"detail":7}', "", None),
        (b"null", "", None),
        (b"\xff", "", None),
    ],
)
def test_the_detail_of_an_answer(content: bytes, text: str, field: str | None) -> None:
    fault = read_detail(content)
    assert (fault.text, fault.field) == (text, field)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        ("120", 120.0),
        ("1.5", 1.5),
        ("-3", 0.0),
        ("inf", None),
        ("nan", None),
        ("later", None),
        ("12 parsecs", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 99 Oct 2015 07:28:00 GMT", None),
        ("Wed, 21 Oct 2015 07:28:99999999999999999 GMT", None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert retry_after(header) == seconds


@pytest.mark.parametrize("usegmt", [True, False])
def test_retry_after_as_a_date(usegmt: bool) -> None:
    when = datetime.now(UTC) + timedelta(seconds=90)
    found = retry_after(format_datetime(when, usegmt=usegmt))
    assert found is not None
    assert 85 < found <= 90
