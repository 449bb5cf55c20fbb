"""What an object takes of the objects that it refers to: what may be written, and what is made of it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from destination_fincome.engine.arrivals import ArrivedRecord, Content, Fill
from destination_fincome.engine.object_maker import Targets
from destination_fincome.engine.reader import Intake, IntakeOptions, Streams
from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.models import build_models
from destination_fincome.mapping.language.expressions import Expressions
from destination_fincome.mapping.language.functions import EXPONENT_TABLES, bound
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.mapping.preset import StreamRule
from destination_fincome.mapping.stream_compiler import Options, PresetError, StreamCompiler
from destination_fincome.protocol.catalog import StreamKey
from destination_fincome.protocol.messages import Record

CONTRACT = load_contract()
STREAM = StreamKey("lines", None)
LINE: dict[str, Any] = {
    "id": "id",
    "invoice_id": "invoice",
    "price_id": "price",
    "type": "type",
    "currency": "coalesce(currency, of_parent('invoice_id', 'currency'))",
    "amount_excluding_tax_after_discount": "amount",
    "period_start": "start",
    "period_end": "end",
}
RECORD = {"id": 1, "invoice": "i1", "price": "p1", "type": "one_off", "amount": 5}
ONCE = {
    "reference": "price_id",
    "field": "custom_properties.kind",
    "value": "once",
    "fields": {"type": "'one_off'", "period_start": "`null`", "period_end": "`null`"},
}


def mapper(fields: dict[str, Any] | str = LINE, default: str | None = None, **emission: Any) -> StreamMapper:
    rule = StreamRule.model_validate({"emits": [{"entity": "invoice_lines", "fields": fields, **emission}]})
    functions = bound(EXPONENT_TABLES["iso4217"], frozenset())
    compiler = StreamCompiler(CONTRACT, Expressions(functions), default)
    return StreamMapper(compiler.compile("lines", rule, Options(tie_first=False, full=True)))


def taken_in(one: StreamMapper, record: dict[str, Any], fed: tuple[str, ...] = ("invoice_lines",)) -> ArrivedRecord:
    targets = Targets(list(CONTRACT.entities.values()), build_models(CONTRACT), frozenset(fed))
    intake = Intake(Streams([(STREAM, one)]), targets, IntakeOptions())
    arrived = intake.arrival(Record(STREAM, record, b"", 1))
    assert isinstance(arrived, ArrivedRecord)
    return arrived


def content(one: StreamMapper, record: dict[str, Any]) -> Content:
    (arrival,) = taken_in(one, record).objects
    assert arrival.content is not None
    return arrival.content


def test_a_value_of_its_own_is_taken_as_it_is() -> None:
    found = content(mapper(), {**RECORD, "currency": "eur"})
    assert orjson.loads(found.body)["currency"] == "EUR"
    assert (found.fills, [ref.asked for ref in found.refs]) == ((), [False, False])


def test_without_one_the_parents_is_needed_and_waited_for() -> None:
    found = content(mapper(), RECORD)
    assert "currency" not in orjson.loads(found.body)
    assert found.fills == (Fill("currency", "invoice_id", "currency", required=True),)
    assert [(ref.field, ref.watched or ref.asked) for ref in found.refs] == [("invoice_id", True), ("price_id", False)]
    assert found.complete


def test_the_default_currency_counts_where_the_parent_has_none() -> None:
    found = content(mapper(default="CHF"), RECORD)
    assert orjson.loads(found.body)["currency"] == "CHF"
    assert found.fills


def test_a_line_in_fincomes_own_shape_takes_its_invoices_currency() -> None:
    row = {"id": "l", "invoice_id": "i", "type": "one_off", "amount_excluding_tax_after_discount": 1}
    assert content(mapper("same_names"), row).fills[0].reference == "invoice_id"
    assert content(mapper("same_names"), {**row, "currency": ""}).fills[0].reference == "invoice_id"
    assert content(mapper("same_names"), {**row, "currency": "usd"}).fills == ()


def test_a_variant_is_the_whole_object_as_it_is_then() -> None:
    record = {**RECORD, "type": "subscription", "currency": "EUR", "start": "2026-01-01", "end": "2026-02-01"}
    found = content(mapper(variants=[ONCE]), record)
    (variant,) = found.variants
    body = orjson.loads(found.body)
    del body["period_start"], body["period_end"]
    assert orjson.loads(variant.body) == {**body, "type": "one_off"}
    assert [ref.field for ref in found.refs if ref.asked] == ["price_id"]


def test_without_the_reference_there_is_no_variant() -> None:
    assert content(mapper(variants=[ONCE]), {**RECORD, "currency": "EUR", "price": None}).variants == ()


def test_a_variant_is_for_the_records_of_its_condition_only() -> None:
    line = {**RECORD, "currency": "EUR"}
    conditional = mapper(variants=[{**ONCE, "when": "kind == 'addon'"}])
    assert content(conditional, line).variants == ()
    assert len(content(conditional, {**line, "kind": "addon"}).variants) == 1


def test_a_variant_that_breaks_the_contract_is_a_fault() -> None:
    broken = {**ONCE, "fields": {"type": "'subscription'"}}
    (arrival,) = taken_in(mapper(variants=[broken]), {**RECORD, "currency": "EUR"}).objects
    assert arrival.fault is not None
    assert arrival.fault.field == "period_start"


@pytest.mark.parametrize(
    "text",
    [
        "of_parent('invoice_id', 'currency')",
        "currency || of_parent('invoice_id', 'currency')",
        "coalesce(currency, of_parent('invoice_id', 'currency'))",
        "when(currency, currency, of_parent('invoice_id', 'currency'))",
        "when(currency, currency, coalesce(other, of_parent('invoice_id', 'currency')))",
    ],
)
def test_a_value_of_a_parent_can_be_a_fields_whole_value(text: str) -> None:
    assert content(mapper({**LINE, "currency": text}), RECORD).fills[0].of_parent == "currency"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"currency": "upper(of_parent('invoice_id', 'currency'))"}, "something else than a field's whole value"),
        ({"currency": "coalesce(of_parent('invoice_id', 'currency'), 'EUR')"}, "a field's whole value"),
        ({"currency": "of_parent(invoice, 'currency')"}, "a field's whole value"),
        ({"currency": "of_parent('invoice', 'currency')"}, "names invoice, which is no reference"),
        ({"currency": "of_parent('type', 'currency')"}, "names type, which is no reference"),
        ({"currency": "of_parent('invoice_id', 'amount')"}, "asks for amount, which is no text that invoices have"),
        ({"currency": "of_parent('invoice_id', 'color')"}, "asks for color, which is no text that invoices have"),
    ],
)
def test_a_mistake_is_told_at_the_start(changes: dict[str, str], said: str) -> None:
    with pytest.raises(PresetError, match=said):
        mapper({**LINE, **changes})


@pytest.mark.parametrize("key", ["let", "custom_properties"])
def test_a_helper_or_an_attribute_cannot_be_a_parents_value(key: str) -> None:
    with pytest.raises(PresetError, match="whole value"):
        mapper(**{key: {"_x": "of_parent('invoice_id', 'currency')"}})


def test_a_variant_names_fields_that_there_are() -> None:
    with pytest.raises(PresetError, match=r"variants\[0\].fields.color: no such field"):
        mapper(variants=[{**ONCE, "fields": {"color": "'red'"}}])


def test_another_id_of_an_object_is_one_that_differs_from_its_own() -> None:
    rule = StreamRule.model_validate(
        {
            "emits": [{"entity": "subscriptions", "when": "newest", "fields": {"id": "name", "status": "status"}}],
            "other_ids": [{"entity": "subscriptions", "id": "version", "of": "name"}],
        }
    )
    compiler = StreamCompiler(CONTRACT, Expressions(bound(EXPONENT_TABLES["iso4217"], frozenset())))
    found = StreamMapper(compiler.compile("subscriptions", rule, Options(tie_first=False)))
    (one,) = taken_in(found, {"name": "S-1", "version": 7}, ("subscriptions",)).other_ids
    assert (one.id, one.content.stands_for, one.content.gives) == ("7", True, (("id", "S-1"),))
    assert [(ref.id, ref.watched or ref.asked) for ref in one.content.refs] == [("S-1", True)]
    for record in [{"name": "S-1", "version": "S-1"}, {"name": "S-1"}, {"version": 7}, {"name": [1], "version": 7}]:
        assert taken_in(found, record).other_ids == []
