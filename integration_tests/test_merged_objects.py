"""Objects that several rows or streams bring a part of, through the command line into an account."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from integration_tests.accounts import Account
from integration_tests.messages import Message, catalog, record, state, stream
from integration_tests.orchestrator import Platform

# A flat export: each row is a line of an invoice, and knows a part of its invoice and of its subscription.
MAPPING = """\
version: 1
streams:
  flat:
    emits:
      - entity: customers
        fields: {id: client, name: client}
      - entity: subscriptions
        when: contrat
        fields: {id: contrat, customer_id: client, status: "'active'", start_date: debut}
        merge: {start_date: min}
      - entity: invoices
        fields:
          id: facture
          customer_id: client
          subscription_id: contrat
          date: date
          status: "'paid'"
          currency: "'EUR'"
          amount: number(ht, ',')
        merge: {amount: sum, date: min}
      - entity: invoice_lines
        fields:
          id: concat('-', facture, ligne)
          invoice_id: facture
          type: "'one_off'"
          currency: "'EUR'"
          amount_excluding_tax_after_discount: number(ht, ',')
"""
COLUMNS = ("client", "contrat", "debut", "facture", "ligne", "date", "ht")
FLAT: dict[str, Any] = stream("flat", *COLUMNS, sync_mode="full_refresh")


def row(prefix: str, invoice: str, number: int, amount: str, contract: str | None, start: str | None) -> Message:
    values = (
        f"{prefix}K",
        contract and f"{prefix}{contract}",
        start,
        f"{prefix}{invoice}",
        number,
        "2026-01-05",
        amount,
    )
    return record("flat", dict(zip(COLUMNS, values, strict=True)))


def rows(prefix: str) -> list[Message]:
    return [
        row(prefix, "F1", 1, "1 000,10", "S1", "2026-02-01"),
        row(prefix, "F2", 1, "5,00", "S1", "2026-01-01"),
        row(prefix, "F1", 2, "0,20", None, None),
    ]


def amounts(account: Account, *ids: str) -> list[Decimal]:
    return [Decimal(str(account.objects("invoices")[one]["amount"])) for one in ids]


def test_given_rows_of_one_object_far_apart_when_synced_then_it_is_their_sum_and_states_wait_for_it(
    platform: Platform, account: Account
) -> None:
    between = [row("m-", f"X{i}", 1, "1,00", None, None) for i in range(30)]
    first, second, third = rows("m-")
    messages = [first, state("flat", 1), second, *between, state("flat", 2), third, state("flat", 3)]
    seen = platform.sync(account.config(mapping=MAPPING), catalog(FLAT), *messages)
    assert seen.good
    assert amounts(account, "m-F1", "m-F2") == [Decimal("1000.3"), Decimal(5)]
    assert account.objects("invoices")["m-F1"]["subscription_id"] == "m-S1"
    assert account.objects("subscriptions")["m-S1"]["start_date"] == "2026-01-01"
    assert seen.outcomes("flat") == {"sent": 33}
    assert len(seen.states) == 3
    assert [method for method, _ in account.requests_about("m-F1")].count("POST") == 1


KEY = [["facture"], ["ligne"]]


@pytest.mark.parametrize("defined_by", ["user", "source"])
def test_given_a_row_that_comes_twice_when_its_amounts_are_summed_then_it_counts_once_and_as_it_came_last(
    platform: Platform, account: Account, defined_by: str
) -> None:
    prefix = f"{defined_by}-"
    flat = {**FLAT, "primary_key": KEY}
    if defined_by == "source":
        flat = {**FLAT, "stream": {**FLAT["stream"], "source_defined_primary_key": KEY}, "primary_key": []}
    first, second, third = rows(prefix)
    again, changed = rows(prefix)[0], row(prefix, "F1", 2, "0,30", None, None)
    messages = [first, third, state("flat", 1), again, second, changed, state("flat", 2)]
    seen = platform.sync(account.config(mapping=MAPPING), catalog(flat), *messages)
    assert seen.good
    assert amounts(account, f"{prefix}F1", f"{prefix}F2") == [Decimal("1000.4"), Decimal(5)]
    assert account.objects("invoice_lines")[f"{prefix}F1-2"]["amount_excluding_tax_after_discount"] == Decimal("0.3")
    assert seen.outcomes("flat") == {"sent": 3, "skipped": 2}
    assert [code for code, _ in seen.reasons("skipped")] == ["superseded"]
    assert len(seen.states) == 2


def test_given_rows_without_a_part_of_their_key_when_their_amounts_are_summed_then_each_counts(
    platform: Platform, account: Account
) -> None:
    alike = record("flat", {**row("k-", "F1", 1, "2,00", None, None)["record"]["data"], "ligne": None})
    seen = platform.sync(account.config(mapping=MAPPING), catalog({**FLAT, "primary_key": KEY}), alike, alike)
    assert amounts(account, "k-F1") == [Decimal(4)]
    assert seen.outcomes("flat").get("skipped") is None


def test_given_a_row_that_can_not_be_read_when_synced_then_its_object_is_rejected_whole(
    platform: Platform, account: Account
) -> None:
    first, second, _ = rows("f-")
    broken = row("f-", "F1", 2, "douze", None, None)
    seen = platform.sync(account.config(mapping=MAPPING), catalog(FLAT), first, second, broken)
    assert "f-F1" not in account.objects("invoices")
    assert amounts(account, "f-F2") == [Decimal(5)]
    assert seen.outcomes("flat") == {"sent": 1, "rejected": 2}


def test_given_a_stream_that_breaks_off_when_objects_are_merged_then_none_is_sent_and_no_state_leaves(
    platform: Platform, account: Account
) -> None:
    first, second, _ = rows("b-")
    messages = [first, state("flat", 1), second, b"not a message"]
    seen = platform.sync(account.config(mapping=MAPPING), catalog(FLAT), *messages)
    assert not seen.good
    assert seen.states == []
    assert not [one for one in account.objects("invoices") if one.startswith("b-")]


@pytest.mark.parametrize(("per", "good"), [("", False), ("        complete_per: facture\n", True)])
def test_given_an_incremental_stream_when_its_rows_are_summed_then_they_must_be_known_to_come_together(
    platform: Platform, account: Account, per: str, *, good: bool
) -> None:
    text = MAPPING.replace("        merge: {start_date: min}\n", "").replace("date: min}\n", "date: min}\n" + per)
    flat = {**FLAT, "sync_mode": "incremental"}
    seen = platform.sync(account.config(mapping=text), catalog(flat), *rows("i-"))
    assert seen.good is good
    if not good:
        kind, said = seen.failure
        assert kind == "config_error"
        assert "Stream flat is incremental" in said
        assert "amount: sum" in said
        assert "Full refresh" in said


def test_given_two_streams_with_a_part_each_when_synced_then_both_parts_are_in_one_object(
    platform: Platform, account: Account
) -> None:
    two = """\
version: 1
streams:
  contacts: {version: le, emits: [{entity: customers, fields: {id: client, email: mail, country: pays}}]}
  clients: {version: le, emits: [{entity: customers, fields: {id: no, name: nom, country: pays}}]}
"""
    messages = [
        record("contacts", {"client": "t-1", "mail": "a@example.com", "pays": "FR", "le": 2}),
        record("clients", {"no": "t-1", "nom": "Alpha", "pays": "DE", "le": 1}),
    ]
    streams = catalog(stream("contacts", "client", "mail", "pays", "le"), stream("clients", "no", "nom", "pays", "le"))
    for order in (messages, messages[::-1]):
        seen = platform.sync(account.config(mapping=two), streams, *order)
        assert seen.good
        found = account.objects("customers")["t-1"]
        assert (found["name"], found["email"], found["country"]) == ("Alpha", "a@example.com", "FR")
        assert seen.summary["warnings"] == []
