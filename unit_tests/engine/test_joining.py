"""Records that are completed with rows of other streams: whatever the order in which they come."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import orjson
import pytest

from destination_fincome.engine.arrivals import ArrivedRecord, ArrivedState, CreditArrival, HeldByReader
from destination_fincome.engine.joining import LINES_KEPT
from destination_fincome.engine.object_maker import Targets
from destination_fincome.engine.reader import Intake, IntakeOptions, Streams
from destination_fincome.failure import ConfigFailure, SystemFailure
from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.models import build_models
from destination_fincome.mapping.credits import Known
from destination_fincome.mapping.own import read_mapping
from destination_fincome.mapping.preset import read_preset
from destination_fincome.mapping.recognition import PlanOptions, make_plan
from destination_fincome.mapping.results import Draft
from destination_fincome.protocol.catalog import StreamKey
from unit_tests.mapping.payloads import Stream

CONTRACT = load_contract()
PRESET = """
name: shop
title: Shop
streams:
  bills:
    joins:
      _money: {stream: currencies, of: currency, by: id}
      _rows: {stream: rows, of: no, by: bill, every: true, unique: id, order: place, when: "dropped != `true`"}
    emits:
      - entity: invoices
        when: kind == 'bill'
        fields: {id: no, customer_id: client, date: day, status: "'paid'", currency: _money.code,
          amount: "sum(_rows[].net)"}
      - entity: invoice_lines
        when: kind == 'bill'
        for_each: _rows
        fields: {id: id, invoice_id: _record.no, type: "'one_off'", description: what,
          currency: _record._money.code, amount_excluding_tax_after_discount: net}
    credits:
      - when: kind == 'credit'
        fields: {id: no, customer_id: client, date: day, currency: _money.code, amount: "sum(_rows[].net)"}
  rows: {ignored: they go with their bills}
  currencies: {ignored: they go with the bills}
  clients:
    emits: [{entity: customers, fields: {id: id, name: name}}]
"""
BILL = {"no": 7, "kind": "bill", "client": "c", "day": "2026-01-05", "currency": 3}
EUR = ("currencies", {"ID": 3, "CODE": "EUR"})


def intake(*names: str, preset: str = PRESET) -> Intake:
    shop = read_preset(preset)
    plan = make_plan([Stream(name) for name in names], {"shop": shop}, CONTRACT, PlanOptions("shop"))
    streams = [
        (StreamKey(None, name), planned.mapper or planned.ignored or "")
        for name, planned in zip(names, plan.streams, strict=True)
    ]
    sources = {name: StreamKey(None, name) for name in names}
    targets = Targets(list(CONTRACT.entities.values()), build_models(CONTRACT), plan.fed)
    return Intake(Streams(streams, sources=sources), targets, IntakeOptions())


def row(number: Any, net: Any, place: int = 1, bill: Any = 7, **others: Any) -> tuple[str, dict[str, Any]]:
    return "rows", {"id": number, "bill": bill, "net": net, "place": place, "what": f"row {number}", **others}


def state(stream: str | None, data: int) -> dict[str, Any]:
    if stream is None:
        return {"type": "STATE", "state": {"type": "GLOBAL", "global": {"stream_states": []}, "data": data}}
    inner = {"stream_descriptor": {"name": stream}, "stream_state": {"at": data}}
    return {"type": "STATE", "state": {"type": "STREAM", "stream": inner}}


def arrived(reader: Intake, told: Iterable[tuple[str, dict[str, Any]] | dict[str, Any]]) -> list[Any]:
    lines = [
        orjson.dumps(one if isinstance(one, dict) else {"type": "RECORD", "record": {"stream": one[0], "data": one[1]}})
        for one in told
    ]
    pieces = [b"\n".join(lines)]
    return given(reader, pieces)


def given(reader: Intake, pieces: list[bytes]) -> list[Any]:
    """Return what a reader gives of the input, without the words of how much it holds."""
    batches = reader.batches(lambda _: pieces.pop() if pieces else b"")
    return [one for batch in batches for one in batch if not isinstance(one, HeldByReader)]


def bodies(found: list[Any]) -> list[dict[str, Any]]:
    contents = [one.content for record in found if isinstance(record, ArrivedRecord) for one in record.objects]
    return [json.loads(content.body) for content in contents if content]


ALL = ("bills", "rows", "currencies", "clients")


@pytest.mark.parametrize(
    "told",
    [
        [EUR, row(1, 10), row(2, 5, 2), ("bills", BILL)],
        [("bills", BILL), row(2, 5, 2), row(1, 10), EUR],
        [row(2, 5, 2), ("bills", BILL), EUR, row(1, 10)],
        [row("1", "10", bill="7"), row("2", "5", 2, bill=7.0), ("bills", {**BILL, "no": "7", "currency": "3"}), EUR],
        [EUR, ("bills", {name.upper(): value for name, value in BILL.items()}), row(1, 10), row(2, 5, 2)],
    ],
)
def test_a_record_has_its_rows_whenever_they_come(told: list[tuple[str, dict[str, Any]]]) -> None:
    bill, *lines = bodies(arrived(intake(*ALL), told))
    assert (bill["id"], bill["amount"], bill["currency"]) == ("7", 15, "EUR")
    assert [(line["id"], line["amount_excluding_tax_after_discount"]) for line in lines] == [("1", 10), ("2", 5)]


def test_a_row_that_comes_twice_counts_once_and_as_it_was_last() -> None:
    told = [row(1, 10), row(1, 12), EUR, ("bills", BILL)]
    bill, *lines = bodies(arrived(intake(*ALL), told))
    assert (bill["amount"], len(lines)) == (12, 1)


def test_rows_of_others_and_rows_that_do_not_count_stay_out() -> None:
    told = [row(1, 10), row(2, 90, dropped=True), row(3, 70, bill=8), EUR, ("bills", BILL)]
    assert bodies(arrived(intake(*ALL), told))[0]["amount"] == 10


def test_amounts_keep_all_their_digits() -> None:
    told = '{"type": "RECORD", "record": {"stream": "rows", "data": {"id": 1, "bill": 7, "net": 0.12345678901234567}}}'
    lines = [orjson.dumps({"type": "RECORD", "record": {"stream": name, "data": data}}) for name, data in (
        EUR, ("bills", BILL))]  # fmt: skip
    pieces = [b"\n".join([told.encode(), *lines])]
    found = given(intake(*ALL), pieces)
    (bill, _) = [one.content.body for record in found for one in record.objects]
    assert b'"amount":0.12345678901234567' in bill


def test_a_state_follows_what_it_counts_and_others_do_not_wait() -> None:
    client = ("clients", {"id": "c", "name": "Acme"})
    told = [("bills", BILL), state("bills", 1), client, state("clients", 1), row(1, 10), state("rows", 1), EUR,
            state(None, 1), state("strange", 1)]  # fmt: skip
    found = arrived(intake(*ALL), told)
    kinds = [(type(one).__name__, one.stream) for one in found]
    assert kinds == [
        ("ArrivedRecord", 3), ("ArrivedState", 3),
        ("ArrivedRecord", 0), ("ArrivedState", 0), ("ArrivedRecord", 1), ("ArrivedState", 1), ("ArrivedRecord", 2),
        ("ArrivedState", None), ("ArrivedState", 4),
    ]  # fmt: skip


def test_a_state_before_anything_is_held_leaves_at_once() -> None:
    found = arrived(intake(*ALL), [state("rows", 1), ("bills", BILL)])
    assert [type(one) for one in found] == [ArrivedState, ArrivedRecord]


def test_without_a_stream_its_rows_are_unknown_and_not_none() -> None:
    found = arrived(intake("bills", "currencies"), [EUR, ("bills", BILL)])
    (bill,) = [one for record in found if isinstance(record, ArrivedRecord) for one in record.objects]
    assert bill.fault is not None
    assert bill.fault.field == "amount"


def test_a_bill_without_rows_has_an_empty_list() -> None:
    assert bodies(arrived(intake(*ALL), [EUR, ("bills", BILL)]))[0]["amount"] == 0


def test_a_credit_keeps_its_rows_until_its_objects_are_made() -> None:
    reader = intake(*ALL)
    found = arrived(reader, [row(1, 10), EUR, ("bills", {**BILL, "kind": "credit"})])
    (credit,) = [one.credit for one in found if isinstance(one, ArrivedRecord) and one.credit]
    assert isinstance(credit, CreditArrival)
    made = reader.credited(credit, Known(), [])
    assert [(body["amount"], body["currency"]) for body in bodies([made])] == [(-10, "EUR")]


def test_a_record_that_is_sent_again_brings_its_rows_along() -> None:
    whole = {**BILL, "_rows": [{"id": 1, "net": 10}], "_money": {"code": "EUR"}}
    assert bodies(arrived(intake(*ALL), [("bills", whole)]))[0]["amount"] == 10


def test_more_than_memory_keeps_is_completed_from_the_file() -> None:
    many = LINES_KEPT * 2 + 10
    told = [row(number, 1, number, bill=number % 50) for number in range(many)]
    told += [("bills", {**BILL, "no": number}) for number in range(50)]
    found = [body for body in bodies(arrived(intake(*ALL), [*told, EUR])) if "amount" in body]
    assert sum(body["amount"] for body in found) == many
    assert {body["currency"] for body in found} == {"EUR"}


def test_what_was_held_is_dropped_where_the_input_breaks_off() -> None:
    pieces = [orjson.dumps({"type": "RECORD", "record": {"stream": "bills", "data": BILL}}) + b"\nno message"]
    batches = intake(*ALL).batches(lambda _: pieces.pop() if pieces else b"")
    found: list[Any] = []
    with pytest.raises(SystemFailure):
        found.extend(one for batch in batches for one in batch)
    assert [one for one in found if not isinstance(one, HeldByReader)] == []


def test_what_is_held_is_weighed_until_it_is_handed_over() -> None:
    told = [*(row(number, 10, number) for number in range(1, 1201)), EUR, ("bills", BILL)]
    reader = intake(*ALL)
    lines = [orjson.dumps({"type": "RECORD", "record": {"stream": name, "data": data}}) for name, data in told]
    pieces = [b"\n".join(lines)]
    batches = reader.batches(lambda _: pieces.pop() if pieces else b"")
    held = [one.completed for batch in batches for one in batch if isinstance(one, HeldByReader)]
    size = sum(map(len, lines)) + 1200 * 40  # of each row, what leads to it
    assert 0.75 < max(held) / size < 1.25
    handed_over = held[held.index(max(held)) :]
    assert handed_over == sorted(handed_over, reverse=True)
    assert (len(handed_over) > 2, held[-1]) == (True, 0)


def test_the_user_is_told_of_a_stream_that_is_not_selected() -> None:
    plan = make_plan([Stream("bills"), Stream("rows")], {"shop": read_preset(PRESET)}, CONTRACT, PlanOptions("shop"))
    assert [note for note in plan.notes if "currencies" in note] == [
        "stream bills comes without currencies, whose rows its records are completed with: select it too, or what only "
        "these rows tell is missing"
    ]


def test_a_mapping_of_ones_own_may_read_the_rows() -> None:
    own = read_mapping(
        """
version: 1
streams:
  bills:
    emits:
      - entity: invoice_lines
        operation: update_only
        for_each: "_rows[?seats]"
        fields: {id: id}
        custom_properties: {seats: seats}
"""
    )
    columns = frozenset({"no", "kind", "client", "day", "currency"})
    streams = [Stream("bills", columns), Stream("rows"), Stream("currencies")]
    plan = make_plan(streams, {"shop": read_preset(PRESET)}, CONTRACT, PlanOptions("shop", own=own))
    assert plan.notes == ()
    mapper = plan.streams[0].mapper
    assert mapper is not None
    made = mapper.map({**BILL, "_rows": [{"id": 1, "net": 10, "seats": 4}]}).objects
    (seats,) = [one for one in made if isinstance(one, Draft) and "custom_properties" in one.values]
    assert seats.values == {"id": 1, "custom_properties": {"seats": 4}}


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ("more: {stream: currencies, of: currency, by: id}", "starts with an underscore"),
        ("_more: {stream: rows, of: no, by: bill, every: true}", "`unique` tells it from the others"),
        ("_more: {stream: rows, of: 'no(', by: bill}", "streams.bills.joins._more.of"),
    ],
)
def test_a_join_that_can_not_be_is_a_mistake_that_names_its_place(wrong: str, problem: str) -> None:
    preset = PRESET.replace("    joins:\n", f"    joins:\n      {wrong}\n")
    with pytest.raises(ConfigFailure, match=re.escape(problem)):
        intake(*ALL, preset=preset)
