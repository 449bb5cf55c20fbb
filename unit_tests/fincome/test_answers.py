"""What an answer means, by table: status x body x operation."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from destination_fincome.codes import Code
from destination_fincome.fincome.answers import Experience, Interpreter, Kind, Verdict, retry_after
from destination_fincome.fincome.contract import load_contract
from destination_fincome.outcomes import Reason

CONTRACT = load_contract()
HTML = b"<!DOCTYPE html><html><body>It works</body></html>"
PLAIN = b"404 page not found"
GATEWAY = b'{"message":"Forbidden"}'
NOT_FOUND = b'{"detail":"Not Found"}'
OPERATIONS = ["create", "update", "retrieve"]
# What Fincome can't have said itself.
FOREIGN = [HTML, PLAIN, GATEWAY, b'{"error":"Locked"}', b"[]", b"{"]


def detail(text: str) -> bytes:
    return json.dumps({"detail": text}).encode()


def items(*faults: tuple[list[Any], str]) -> bytes:
    return json.dumps({"detail": [{"loc": loc, "msg": msg, "type": "value_error"} for loc, msg in faults]}).encode()


def read(
    operation: str,
    status: int,
    content: bytes = b"",
    entity: str = "invoices",
    headers: dict[str, str] | None = None,
    after: Experience | None = None,
) -> Verdict:
    spec = CONTRACT.entities[entity]
    return Interpreter(CONTRACT, after).read(getattr(CONTRACT, operation), spec, status, headers or {}, content)


def good_answers(*operations: str, entity: str = "invoices") -> Experience:
    """What is known after these operations were accepted."""
    experience = Experience()
    for operation in operations:
        assert read(operation, 200, b'{"id":"x"}', entity, after=experience).kind is Kind.ACCEPTED
    return experience


@pytest.mark.parametrize("operation", ["create", "update"])
@pytest.mark.parametrize(
    ("status", "content"),
    [(200, b'{"id":"x"}'), (201, b'{"id":"x"}'), (202, b""), (202, b"null"), (204, b""), (200, b"  []"),
     (200, b'{"success":true,"data":{"id":"x"},"error":null}'), (200, b'{"message":"created"}')],
)  # fmt: skip
def test_success(operation: str, status: int, content: bytes) -> None:
    assert read(operation, status, content).kind is Kind.ACCEPTED


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        (200, b'{"id":"x"}', Kind.ACCEPTED),
        (200, b'{"data":{"id":"x"}}', Kind.ACCEPTED),
        (200, b"null", Kind.MISSING),
        (200, b"[]", Kind.MISSING),
        (200, b'{"data":null}', Kind.MISSING),
        (200, b'{"success":true,"data":{},"error":null}', Kind.MISSING),
        (200, b'{"count":0,"items":[]}', Kind.MISSING),
        (200, b'{"id":"x","items":[]}', Kind.ACCEPTED),
        (200, b'{"object":"customer","id":"x"}', Kind.ACCEPTED),
        (204, b"", Kind.MISSING),
    ],
)
def test_a_look_up_that_is_answered_without_an_object_finds_none(status: int, content: bytes, kind: Kind) -> None:
    assert read("retrieve", status, content).kind is kind


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "answered 200 with nothing"),
        (b" \n", "answered 200 with nothing"),
        (b'"ok"', "answered 200 with something that is no object"),
        (b"false", "answered 200 with something that is no object"),
        (b"0", "answered 200 with something that is no object"),
    ],
)
def test_a_look_up_that_is_answered_without_a_word_of_an_object_says_nothing(content: bytes, problem: str) -> None:
    assert read("retrieve", 200, content) == Verdict(Kind.RETRY, problem=problem)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("content", [HTML, b"\n <html>", b"OK", b'{"id":"x"'])
def test_a_page_that_says_200_is_no_success(operation: str, content: bytes) -> None:
    verdict = read(operation, 200, content)
    assert verdict == Verdict(Kind.RETRY, problem="answered 200 with something that isn't JSON")


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    "content",
    [
        b'{"detail":"Internal quota exceeded, nothing was saved"}',
        b'{"success":false,"message":"PRIVATE"}',
        b'{"ok":false}',
        b'{"id":"x","error":"PRIVATE"}',
        b'{"errors":[{"PRIVATE":1}]}',
        b'{"status":"Error","message":"PRIVATE"}',
        b'{"success":"false"}',
        b'{"result":"failed","data":null}',
        b'{"code":500,"message":"PRIVATE"}',
        b'{"statusCode":400,"body":"PRIVATE"}',
        b'{"status":422}',
        b'{"errorMessage":"Task timed out"}',
        b'{"success":0}',
    ],
)
def test_an_error_inside_of_a_success_is_no_success(operation: str, content: bytes) -> None:
    assert read(operation, 200, content) == Verdict(Kind.RETRY, problem="answered 200 with an error inside")


@pytest.mark.parametrize("operation", ["create", "update"])
def test_an_error_in_a_list_of_results_is_no_success(operation: str) -> None:
    failed = b'[{"status":"error","message":"PRIVATE"}]'
    assert read(operation, 200, failed) == Verdict(Kind.RETRY, problem="answered 200 with an error inside")
    assert read(operation, 200, b'[{"id":"x","status":"open"}]').kind is Kind.ACCEPTED


@pytest.mark.parametrize(
    "content",
    [b'{"code":200}', b'{"code":0}', b'{"code":"500"}', b'{"id":"x","code":500}', b'{"code":1000}', b'{"success":1}'],
)
def test_a_code_that_is_no_http_error_or_the_objects_own_is_none(content: bytes) -> None:
    assert read("create", 200, content).kind is Kind.ACCEPTED


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [203, 206, 207, 226])
def test_a_success_that_the_contract_does_not_know_is_asked_for_again(operation: str, status: int) -> None:
    assert read(operation, status, b'{"id":"x"}').kind is Kind.RETRY


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_stops(operation: str, status: int) -> None:
    verdict = read(operation, status, b'{"detail":"Invalid API key"}')
    assert verdict.kind is Kind.STOP
    assert f"refused the API key ({status})" in verdict.problem
    assert "Settings > Developers" in verdict.problem
    assert "`api_key_header`" in verdict.problem


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_403_after_good_answers_is_about_the_object(operation: str) -> None:
    verdict = read(operation, 403, detail("Not enough permissions"), after=good_answers("update"))
    problem = "was refused by Fincome (403: Not enough permissions)"
    assert (verdict.kind, verdict.problem, verdict.doubtful) == (Kind.REFUSED, problem, False)
    assert read(operation, 401, detail("Not enough permissions"), after=good_answers("update")).kind is Kind.STOP


@pytest.mark.parametrize(
    ("status", "kind"), [(201, Kind.REFUSED), (409, Kind.REFUSED), (422, Kind.STOP), (500, Kind.STOP)]
)
def test_only_answers_about_an_object_prove_the_key(status: int, kind: Kind) -> None:
    experience = Experience()
    read("create", status, b'{"detail":"busy"}' if status > 299 else b"", after=experience)
    assert read("create", 403, detail("no"), after=experience).kind is kind


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
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


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("status", "content"),
    [(302, b""), (404, NOT_FOUND), (404, HTML), (404, b""), (405, b'{"detail":"Method Not Allowed"}')],
)
def test_an_operation_that_was_accepted_once_is_there_whatever_is_said_later(
    operation: str, status: int, content: bytes
) -> None:
    verdict = read(operation, status, content, after=good_answers(operation))
    bare = content == NOT_FOUND and operation != "create"
    assert verdict.kind is (Kind.MISSING if bare else Kind.RETRY)


def test_a_path_that_has_answered_anything_well_is_no_missing_route() -> None:
    for operation in ("update", "retrieve"):
        assert read("create", 404, NOT_FOUND, after=good_answers(operation)).kind is Kind.RETRY


def test_what_is_there_for_one_entity_is_not_for_another() -> None:
    assert read("create", 404, NOT_FOUND, after=good_answers("create", entity="plans")).kind is Kind.STOP


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("content", FOREIGN)
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 406, 410, 413, 414, 418, 422, 431, 451])
def test_what_fincome_can_not_have_said_is_passing_trouble(operation: str, content: bytes, status: int) -> None:
    verdict = read(operation, status, content)
    assert verdict.kind is Kind.RETRY
    assert verdict.problem.startswith(f"answered {status} in a form that isn't Fincome's (")
    assert "message" not in verdict.problem


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [400, 403, 404, 410, 422])
def test_an_error_without_a_word_is_passing_trouble(operation: str, status: int) -> None:
    assert read(operation, status).problem.startswith(f"answered {status} with nothing")


@pytest.mark.parametrize(("status", "setting"), [(401, "`api_key`"), (403, "`api_key`"), (404, "`base_url`")])
def test_a_foreign_answer_names_the_setting_only_as_long_as_nothing_speaks_for_it(status: int, setting: str) -> None:
    assert read("create", status, GATEWAY).problem.endswith(f"; if it stays so, check {setting}")
    assert read("create", status, GATEWAY, after=good_answers("update")).problem.endswith("(another JSON)")


@pytest.mark.parametrize(
    ("status", "content", "throttled"),
    [
        (408, b"", False),
        (421, b"", False),
        (423, b'{"detail":"Locked: another import is running, retry later"}', False),
        (425, b"", False),
        (429, b'{"detail":"Too Many Requests"}', True),
        (500, HTML, False),
        (500, b'{"detail":"Customer not found"}', False),
        (501, b"", False),
        (502, HTML, False),
        (503, b"", False),
        (504, b"", False),
        (520, HTML, False),
        (527, HTML, False),
        (599, b"", False),
    ],
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_passing_trouble_is_tried_again(operation: str, status: int, content: bytes, throttled: bool) -> None:
    assert read(operation, status, content) == Verdict(
        Kind.RETRY,
        problem=f"answered {status}",
        throttled=throttled,
        overloaded=status in (502, 503, 504),
        unanswered=status == 504 and operation in ("create", "update"),
    )


@pytest.mark.parametrize(
    ("status", "content", "barred"),
    [(403, HTML, True), (406, HTML, True), (403, b"", False), (403, b"{}", False), (404, HTML, False)],
)
def test_a_firewalls_page_is_told_from_other_trouble(status: int, content: bytes, barred: bool) -> None:
    assert read("create", status, content).barred is barred


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("soon", None)])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_read_on_any_passing_trouble(status: int, header: str, seconds: float | None) -> None:
    assert read("create", status, headers={"Retry-After": header}).retry_after == seconds


@pytest.mark.parametrize(
    ("operation", "content", "kind"),
    [
        # No such route ...
        ("create", NOT_FOUND, Kind.STOP),
        # ... or, where the path holds an id, no such object: the same words.
        ("update", NOT_FOUND, Kind.MISSING),
        ("retrieve", NOT_FOUND, Kind.MISSING),
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
    verdict = read(operation, 404, content)
    assert (verdict.kind, verdict.bare) == (kind, content == NOT_FOUND)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [400, 404, 409, 410, 418, 422])
@pytest.mark.parametrize("content", [b"", HTML, NOT_FOUND, detail("Oh no"), detail("in_1 already exists"), b"{"])
def test_every_answer_means_something_that_the_client_knows(operation: str, status: int, content: bytes) -> None:
    allowed = {
        "create": {Kind.EXISTS, Kind.REFUSED, Kind.UNKNOWN_REFERENCE, Kind.STOP, Kind.RETRY},
        "update": {Kind.MISSING, Kind.REFUSED, Kind.UNKNOWN_REFERENCE, Kind.RETRY},
        "retrieve": {Kind.MISSING, Kind.REFUSED, Kind.RETRY},
    }
    assert read(operation, status, content).kind in allowed[operation]


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (409, b""),
        (409, b"{}"),
        (409, detail("Invoice already exists")),
        (409, detail("Duplicate id")),
        (409, detail("Conflict")),
        (422, detail("An invoice with this id already exists.")),
        (400, detail("id is already taken")),
        (422, items((["body", "id"], "id must be unique"))),
        (422, items((["body"], "object already exists"))),
        (400, detail("has already been created")),
        (400, detail("duplicate key value violates unique constraint")),
        (400, detail("Cet identifiant existe déjà")),
        (422, detail("L'identifiant est déjà utilisé")),
        (422, detail("Facture en double")),
        (422, detail("l'id doit être unique")),
    ],
)
def test_an_id_that_is_taken_exists(status: int, content: bytes) -> None:
    assert read("create", status, content).kind is Kind.EXISTS
    assert read("update", status, content).kind is not Kind.EXISTS


def test_a_page_is_no_word_of_fincomes_on_a_taken_id_either() -> None:
    assert read("create", 409, HTML).kind is Kind.RETRY


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (items((["body", "number"], "number already exists")), "number"),
        (items((["body", "custom_properties", "code"], "must be unique")), "custom_properties.<name>"),
    ],
)
def test_another_field_that_is_taken_is_a_refusal(content: bytes, field: str) -> None:
    verdict = read("create", 422, content)
    assert (verdict.kind, verdict.field, verdict.doubtful) == (Kind.REFUSED, field, False)


@pytest.mark.parametrize(
    ("operation", "status", "content", "doubtful"),
    [
        ("create", 400, detail("Integrity error"), True),
        ("create", 422, detail("identifier is not available"), True),
        ("create", 422, items((["body", "id"], "is not available")), True),
        ("create", 422, items((["body", "name"], "is not available")), False),
        ("create", 402, detail("Payment required"), False),
        ("update", 422, detail("identifier is not available"), False),
    ],
)
def test_a_refusal_that_names_no_field_may_be_about_an_id_that_is_taken(
    operation: str, status: int, content: bytes, doubtful: bool
) -> None:
    verdict = read(operation, status, content)
    assert (verdict.kind, verdict.doubtful) == (Kind.REFUSED, doubtful)


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
        ("invoices", 404, detail("Client cus_1 not found"), "customer_id"),
        ("invoices", 400, detail("Unknown customer"), "customer_id"),
        ("invoices", 409, detail("The customer doesn't exist"), "customer_id"),
        ("invoices", 422, detail("No such subscription"), "subscription_id"),
        ("plans", 404, detail("Product prod_1 could not be found"), "product_id"),
        ("subscriptions", 400, detail("unknown plan"), "plan_id"),
        ("invoice_lines", 400, detail("Price price_1 not found"), "price_id"),
        ("invoice_lines", 404, detail("Invoice in_1 not found"), "invoice_id"),
        ("invoice_lines", 404, detail("The invoice of this invoice line does not exist"), "invoice_id"),
        ("credit_notes", 404, detail("invoice_line il_1 not found"), "lines.invoice_line_id"),
        ("credit_notes", 404, detail("InvoiceLine il_1 not found"), "lines.invoice_line_id"),
        ("customers", 404, detail("Parent customer not found"), "root_parent_id"),
        ("invoices", 404, detail("Client introuvable"), "customer_id"),
        ("invoices", 422, detail("Le client cus_1 n'existe pas"), "customer_id"),
        ("invoices", 400, detail("Abonnement inconnu"), "subscription_id"),
        ("invoice_lines", 404, detail("La facture n'a pas été trouvée"), "invoice_id"),
        ("invoices", 409, detail("insert or update violates foreign key constraint"), None),
        ("invoices", 400, detail("Invalid reference"), None),
        ("invoices", 422, detail("Référence invalide"), None),
    ],
)
def test_a_parent_that_the_api_does_not_know(entity: str, status: int, content: bytes, field: str | None) -> None:
    verdict = read("create", status, content, entity)
    assert (verdict.kind, verdict.code, verdict.field) == (Kind.UNKNOWN_REFERENCE, Code.MISSING_REFERENCE, field)
    assert not verdict.of_form, "its form is right, whatever its parent is"
    assert verdict.problem.startswith(f"was refused by Fincome ({status}")


@pytest.mark.parametrize(
    "words",
    [
        "Unknown tax code for this customer",
        "No such tax rate for that client",
        "Code TVA inconnu pour ce client",
        "The coupon does not exist in this subscription",
    ],
)
def test_what_is_unknown_of_a_parent_is_no_unknown_parent(words: str) -> None:
    content = json.dumps({"detail": words}).encode()
    assert read("create", 422, content, "invoices").kind is Kind.REFUSED
    assert read("update", 404, content, "invoices").kind is Kind.MISSING


@pytest.mark.parametrize(
    ("entity", "content"),
    [
        ("customers", detail("Customer cus_1 not found")),
        ("customers", detail("Client cus_1 introuvable")),
        ("subscriptions", detail("Subscription sub_1 not found")),
        ("invoices", detail("Invoice in_1 does not exist")),
        ("invoices", detail("Invoice in_1 of customer cus_1 does not exist")),
        ("invoice_lines", detail("Invoice line il_1 not found")),
        ("invoice_lines", detail("invoice_line not found")),
        ("invoice_lines", detail("invoice-lines il_1 not found")),
        ("invoice_lines", detail("InvoiceLine not found")),
        ("invoice_lines", detail("invoiceline not found")),
        ("invoice_lines", detail("Ligne de facture introuvable")),
        ("credit_notes", detail("Credit note cn_1 not found")),
        ("credit_notes", detail("CreditNote not found")),
    ],
)
def test_an_update_of_what_is_not_there_is_about_the_object_itself(entity: str, content: bytes) -> None:
    assert read("update", 404, content, entity).kind is Kind.MISSING


@pytest.mark.parametrize("text", ["invoice_line il_1 not found", "InvoiceLine not found"])
def test_a_line_that_is_not_found_is_never_its_invoice(text: str) -> None:
    assert read("create", 404, detail(text), "invoice_lines").kind is Kind.REFUSED


def test_a_field_that_refers_to_nothing_is_no_reference() -> None:
    verdict = read("create", 422, items((["body", "status"], "unknown value")))
    assert (verdict.kind, verdict.code, verdict.field) == (Kind.REFUSED, "refused_by_api", "status")


@pytest.mark.parametrize(
    ("status", "content", "field", "problem", "whole"),
    [
        (
            422,
            items((["body", "amount"], "must be positive")),
            "amount",
            "was refused by Fincome (422: must be positive [value_error])",
            "was refused by Fincome (422: body.amount: must be positive)",
        ),
        (
            422,
            items((["body", "vat"], "FR12 is taken by Acme"), (["body", "date"], "is wrong")),
            "<name>",
            "was refused by Fincome (422: … is taken by … [value_error]; date: is wrong [value_error])",
            "was refused by Fincome (422: body.vat: FR12 is taken by Acme; body.date: is wrong)",
        ),
        (413, b'{"detail":""}', None, "was refused by Fincome (413)", None),
        (
            402,
            detail("Locked by Jane Roe"),
            None,
            "was refused by Fincome (402: Locked by …)",
            "was refused by Fincome (402: Locked by Jane Roe)",
        ),
    ],
)
def test_a_refusal_names_the_field_and_the_reason(
    status: int, content: bytes, field: str | None, problem: str, whole: str | None
) -> None:
    verdict = read("create", status, content)
    assert verdict == Verdict(Kind.REFUSED, Code.REFUSED_BY_API, field, problem, whole)
    assert verdict.reason == Reason(Code.REFUSED_BY_API, problem, field, whole=whole)


@pytest.mark.parametrize(("entity", "loc"), [("invoices", ["amount"]), ("credit_notes", ["lines", 0, "amount"])])
def test_an_amount_that_must_be_a_whole_number_stops_before_whole_ones_are_taken_for_cents(
    entity: str, loc: list[object]
) -> None:
    fault = {"loc": ["body", *loc], "msg": "Input should be a valid integer", "type": "int_from_float"}
    verdict = read("create", 422, json.dumps({"detail": [fault]}).encode(), entity)
    assert verdict.kind is Kind.STOP
    assert "`contract`: amounts: cents" in verdict.problem
    assert "`fincome contract check FILE`" in verdict.problem


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
    fault = {"loc": ["body", "number"], "msg": "no", "type": type_}
    for content in (json.dumps({"detail": [fault]}).encode(), json.dumps({"detail": fault}).encode()):
        assert read("create", 422, content).of_form is of_form


def test_422_to_a_look_up_means_that_there_is_no_such_object() -> None:
    assert read("retrieve", 422, items((["path", "id"], "bad id"))).kind is Kind.MISSING


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("loc", "named"),
    [(["header", "x-fincome-key"], "in header x-fincome-key"), (["header"], "in another header"),
     (["header", "evil name\n"], "in another header")],
)  # fmt: skip
def test_a_header_that_is_missed_is_where_the_key_should_be(operation: str, loc: list[str], named: str) -> None:
    verdict = read(operation, 422, items((loc, "Field required")))
    assert verdict.kind is Kind.STOP
    assert verdict.problem.startswith(f"Fincome expects the key {named}: set `api_key_header`")


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


@pytest.mark.parametrize("wrong_by", [timedelta(hours=3), -timedelta(hours=3), timedelta(0)])
def test_retry_after_as_a_date_counts_by_the_servers_clock(wrong_by: timedelta) -> None:
    sent = datetime.now(UTC) + wrong_by
    headers = {"Retry-After": format_datetime(sent + timedelta(seconds=20), usegmt=True)}
    headers["Date"] = format_datetime(sent, usegmt=True)
    assert read("create", 429, b'{"detail":"slow"}', headers=headers).retry_after == 20.0
    assert retry_after(headers["Retry-After"], headers["Date"]) == 20.0


@pytest.mark.parametrize("sent", ["", "yesterday", None])
def test_retry_after_as_a_date_without_one_to_count_from_counts_by_this_machines_clock(sent: str | None) -> None:
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 85 < (retry_after(when, sent) or 0) <= 90


@pytest.mark.parametrize(
    ("status", "content", "vague"),
    [
        (412, b'{"detail":"no client"}', True),
        (424, b'{"detail":"Failed dependency"}', True),
        (
            422,
            b'{"detail":[{"loc":["body","customer_id"],"msg":"Value error, ung\xc3\xbcltig","type":"value_error"}]}',
            True,
        ),
        (422, b'{"detail":[{"loc":["body","amount"],"msg":"Value error, too much","type":"value_error"}]}', False),
        (422, b'{"detail":[{"loc":["body"],"msg":"Value error, too much","type":"value_error"}]}', False),
        (422, b'{"detail":[{"loc":["body","customer_id"],"msg":"Field required","type":"missing"}]}', False),
        (422, b'{"detail":[{"loc":["body","id"],"msg":"client inactif","type":"rule_17"}]}', True),
        (422, b'{"detail":[{"loc":["body","amount"],"msg":"client inactif","type":"rule_17"}]}', False),
    ],
)
def test_a_refusal_in_words_of_the_apis_own_may_be_about_a_parent(status: int, content: bytes, *, vague: bool) -> None:
    verdict = read("create", status, content, "invoices")
    assert (verdict.kind, verdict.vague) == (Kind.REFUSED, vague)


@pytest.mark.parametrize("operation", ["create", "update"])
@pytest.mark.parametrize(
    ("text", "field"),
    [("Unknown product", None), ("Unknown product of customer", "customer_id"), ("Unknown customer", "customer_id")],
)
def test_only_what_an_object_can_refer_to_is_taken_for_its_unknown_parent(
    operation: str, text: str, field: str | None
) -> None:
    """An invoice names no product."""
    verdict = read(operation, 422, json.dumps({"detail": text}).encode(), "invoices")
    assert (verdict.kind, verdict.field) == (Kind.UNKNOWN_REFERENCE if field else Kind.REFUSED, field)


@pytest.mark.parametrize(
    "words",
    [
        "The customer is being merged, try again later",
        "Another import is in progress",
        "Concurrent modification",
        "Un import est en cours, réessayez",
    ],
)
def test_an_update_that_comes_while_something_else_is_done_is_passing_trouble(words: str) -> None:
    assert read("update", 409, detail(words)).kind is Kind.RETRY
    assert read("create", 409, detail(words)).kind is Kind.EXISTS


@pytest.mark.parametrize("words", ["The period is locked", "Email already taken", "This status can't be left", ""])
def test_another_conflict_of_an_update_is_a_refusal(words: str) -> None:
    assert read("update", 409, detail(words)).kind is Kind.REFUSED
