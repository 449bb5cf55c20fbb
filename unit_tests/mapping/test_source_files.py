"""The files in sources/ mean what they say: a slip in one is an error, and no difference goes unseen."""

from __future__ import annotations

import json
from typing import Any

import pytest

from destination_fincome.mapping.language.yaml_text import YamlError
from unit_tests.mapping.record_results import differences, differing
from unit_tests.mapping.source_files import cases, parse

FILE = """
ties: last
parts:
  line: {id: 1, net: 5.0, tags: [a]}
records:
  invoice:
    stream: invoices
    record: {id: i, state: open, day: 2024-04-02, country: NO, lines: [{$line: {}}, {$line: {id: 2, tags.1: b}}]}
    becomes:
      invoices: [{id: i, status: open, amount: 10.5}]
      invoice_lines: [{id: "1", quantity: 2}, {id: "2", quantity: 2}]
      version: 7
      stubs: {customers: [{id: c}]}
    cases:
      A sentence: CASE
"""
INVOICE: dict[str, Any] = {
    "invoices": [{"id": "i", "status": "open", "amount": 10.5}],
    "invoice_lines": [{"id": "1", "quantity": 2}, {"id": "2", "quantity": 2}],
    "version": 7,
    "stubs": {"customers": [{"id": "c"}]},
}


def case(told: str) -> Any:
    return list(cases("harvest", parse(FILE.replace("CASE", told))))[1]


def test_a_record_is_the_shared_one_with_its_parts_and_what_differs() -> None:
    found = case("{with: {state: paid, lines.1.net: 6.5}, without: [country, lines.0.tags], then: {}}")
    assert json.dumps(found.record) == json.dumps(
        {
            "id": "i",
            "state": "paid",
            "day": "2024-04-02",
            "lines": [{"id": 1, "net": 5.0}, {"id": 2, "net": 6.5, "tags": ["a", "b"]}],
        }
    )
    assert differences(found.result, found_from(INVOICE)) == []


def test_a_table_is_a_case_for_each_value() -> None:
    file = parse(FILE.replace("CASE", "{of: state, is: status, each: {sent: open, paid: paid}}"))
    first, second = list(cases("harvest", file))[1:]
    assert (first.name, second.name) == (
        'invoice: A sentence [state: "sent"]',
        'invoice: A sentence [state: "paid"]',
    )
    assert (second.record["state"], second.result["invoices"][0]["status"]) == ("paid", "paid")


@pytest.mark.parametrize(
    ("told", "error", "says"),
    [
        ("{wiht: {state: paid}, then: {}}", ValueError, "wiht"),
        ("{with: {state: paid}}", ValueError, "what it `becomes`"),
        ("{then: {}, becomes: {}}", ValueError, "what it `becomes`"),
        ("{becomes: {invoice: []}}", ValueError, "no part of a result: invoice"),
        ("{without: [stat], then: {}}", ValueError, "A sentence: KeyError.'stat'"),
        ("{with: {line.0.net: 1}, then: {}}", ValueError, "A sentence: KeyError.'line'"),
        ("{with: {lines.2.net: 1}, then: {}}", ValueError, "IndexError"),
        ("{with: {lines.0: {$lime: {}}}, then: {}}", ValueError, "A sentence: KeyError.'lime'"),
        ("{then: {due_date: null}}", ValueError, "not there anyway: due_date"),
        ("{then: {customers: {name: x}}}", ValueError, "there is no object that could differ"),
        ("{then: {status: open, status: paid}}", YamlError, "status is there twice"),
    ],
)
def test_a_slip_is_an_error_that_says_where(told: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        case(told)


@pytest.mark.parametrize(
    ("then", "changes"),
    [
        ({}, {}),
        ({"status": "paid"}, {"invoices": [{"id": "i", "status": "paid", "amount": 10.5}]}),
        ({"amount": None}, {"invoices": [{"id": "i", "status": "open"}]}),
        (
            {"invoice_lines": {"quantity": 3}},
            {"invoice_lines": [{"id": "1", "quantity": 3}, {"id": "2", "quantity": 3}]},
        ),
        (
            {"invoice_lines": {"1": {"quantity": 3}}},
            {"invoice_lines": [{"id": "1", "quantity": 2}, {"id": "2", "quantity": 3}]},
        ),
        ({"invoice_lines": {"0": None}}, {"invoice_lines": [{"id": "2", "quantity": 2}]}),
        (
            {"invoice_lines": {"2": {"id": "3"}}},
            {"invoice_lines": [*INVOICE["invoice_lines"], {"id": "3", "quantity": 2}]},
        ),
        ({"invoice_lines": []}, {"invoice_lines": []}),
        ({"stubs": []}, {"stubs": {}}),
        ({"stubs": {"customers": {"name": "n"}}}, {"stubs": {"customers": [{"id": "c", "name": "n"}]}}),
        ({"skipped": "void"}, {"invoices": [{"id": "i", "skipped": "void"}], "invoice_lines": [], "stubs": {}}),
        (
            {"skipped": "deleted", "stub": True},
            {
                "invoices": [{"id": "i", "skipped": "deleted"}],
                "invoice_lines": [],
                "stubs": {"customers": [{"id": "c"}], "invoices": INVOICE["invoices"]},
            },
        ),
        ({"fault": {"status": "unknown_value"}}, {"invoices": [{"id": "i", "fault": {"status": "unknown_value"}}]}),
        ({"version": 8}, {"version": 8}),
    ],
)
def test_what_is_then_different_is_all_that_differs(then: dict[str, Any], changes: dict[str, Any]) -> None:
    stated = differing(INVOICE, then)
    assert differences(stated, found_from({**INVOICE, **changes})) == []
    assert bool(differences(stated, found_from(INVOICE))) == bool(then)


def found_from(stated: dict[str, Any]) -> dict[str, Any]:
    """What mapping would have to find: each object with its version."""
    found = {part: value for part, value in stated.items() if part != "version"}
    for entity in ("invoices", "invoice_lines"):
        found[entity] = [
            one if "fault" in one else {**one, "version": stated["version"]} for one in stated.get(entity, [])
        ]
    return found


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("status", "paid"),
        ("note", "a field too many"),
        ("amount", "10.5"),
        ("amount", 10.51),
        ("amount", None),
        ("version", None),
        ("status", {}),
    ],
)
def test_no_difference_goes_unseen(path: str, value: Any) -> None:
    found = found_from(INVOICE)
    found["invoices"] = [{**found["invoices"][0], path: value}]
    assert [line[0] for line in differences(INVOICE, found) if line[0] in "+-"]


def test_what_is_said_of_a_skip_may_be_given_in_part() -> None:
    found = {"invoices": [{"id": "i", "skipped": "void", "says": "voided; remove it by hand", "version": 7}]}
    stated: dict[str, Any] = {"invoices": [{"id": "i", "skipped": "void"}], "version": 7}
    assert differences(stated, json.loads(json.dumps(found))) == []
    stated["invoices"][0]["says"] = "by hand"
    assert differences(stated, json.loads(json.dumps(found))) == []
    stated["invoices"][0]["says"] = "by foot"
    assert differences(stated, json.loads(json.dumps(found))) != []
