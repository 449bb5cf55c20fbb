"""A CRM's attributes: which property is the key, which are brought, and what is told while the settings don't say."""

from __future__ import annotations

from typing import Any

import pytest

from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.enrichment import ENOUGH_RECORDS, CrmSettings
from destination_fincome.mapping.own import OwnMapping, read_mapping
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import Plan, PlanOptions, make_plan
from unit_tests.mapping.payloads import Stream, payloads

ACCOUNT = frozenset(["Id", "IsDeleted", "SystemModstamp", "CreatedById", "Industry", "Rating", "Billing_Id__c"])
COMPANY = frozenset(["id", "properties", "archived", "properties_hs_object_id", "properties_createdate"])
OWN = """
version: 1
streams:
  companies:
    emits:
      - entity: customers
        let: {_size: properties.employees}
        custom_properties: {sector: properties.industry, staff: _size}
"""


def plan(*streams: Stream, crm: CrmSettings | None = None, own: OwnMapping | None = None, source: str = "auto") -> Plan:
    return make_plan(streams, load_presets(), load_contract(), PlanOptions(source, own=own, crm=crm or CrmSettings()))


def told(stream: Stream, *records: dict[str, Any]) -> str:
    """What is said of a stream whose key isn't set, after some records."""
    (planned,) = plan(stream).streams
    assert planned.mapper is None
    assert planned.candidates is not None
    for record in records:
        planned.candidates.note(record)
    return planned.candidates.failure().message


def companies(**properties: list[Any]) -> list[dict[str, Any]]:
    rows = zip(*properties.values(), strict=True)
    return [
        {"id": str(n), "archived": False, "properties": dict(zip(properties, row, strict=True))}
        for n, row in enumerate(rows)
    ]


def test_candidates_are_told_with_what_is_filled_and_unique_the_likeliest_first() -> None:
    message = told(
        Stream("companies", COMPANY),
        *companies(
            hs_object_id=[1, 2, 3, 4],
            domain=["a.example", "b.example", "c.example", "d.example"],
            client_number=["7", "7", "8", None],
            industry=["x", "x", None, ""],
            stripe=["cus_1", None, "cus_2", None],
            some_code=["A", "B", "C", "D"],
            is_customer_id_known=[True, False, True, True],
        ),
    )
    told_ones = (
        "stripe (50 % filled, 100 % unique); client_number (75 % filled, 66 % unique); some_code (100 % filled, "
    )
    assert f"In its first 4 records these may be it: {told_ones}100 % unique)." in message
    assert "property of the stream companies must hold the billing customer's id: name it in `crm_key`" in message
    assert "cus_1" not in message


def test_given_no_property_that_looks_like_a_key_then_that_is_said() -> None:
    message = told(Stream("companies", COMPANY), *companies(industry=["x", "y"]))
    assert "None of the properties of its first 2 records looks like one." in message


@pytest.mark.parametrize(
    ("stream", "record", "name"),
    [
        (Stream("Account", ACCOUNT), {"Id": "001", "OwnerId": "005", "Billing_Id__c": "17"}, "Billing_Id__c"),
        (Stream("Account", ACCOUNT), {"Id": "001", "StripeCustomerID__c": "17"}, "StripeCustomerID__c"),
        (Stream("companies", COMPANY), {"id": "1", "properties_netsuite_id": 17}, "netsuite_id"),
        (
            Stream("customers", frozenset(["chartmogul-url", "billing-system-url", "external_id"])),
            {"id": 1, "uuid": "cus_x", "external_id": "17", "attributes": {"custom": {}}},
            "external_id",
        ),
        (
            Stream("customers", frozenset(["chartmogul-url", "billing-system-url", "external_id"])),
            {"id": 1, "uuid": "cus_x", "attributes": {"custom": {"client_ref": "17"}}},
            "client_ref",
        ),
    ],
)
def test_properties_are_found_where_each_crm_has_them(stream: Stream, record: dict[str, Any], name: str) -> None:
    assert f"these may be it: {name} (100 % filled, 100 % unique)." in told(stream, record)


def test_after_some_records_there_are_enough() -> None:
    (planned,) = plan(Stream("companies", COMPANY)).streams
    assert planned.candidates is not None
    for _ in range(ENOUGH_RECORDS):
        assert not planned.candidates.has_enough
        planned.candidates.note({"properties": {"client_id": "1"}})
    assert planned.candidates.has_enough


def test_given_a_key_that_is_no_property_then_its_name_is_told_and_similar_ones() -> None:
    crm = CrmSettings("Biling_Id__c", ("Industry",))
    with pytest.raises(ConfigFailure, match=r"no such property; did you mean Billing_Id__c\?$"):
        plan(Stream("Account", ACCOUNT), crm=crm)


def test_given_a_property_that_does_not_exist_then_a_note_says_so_and_the_others_are_brought() -> None:
    found = plan(Stream("Account", ACCOUNT), crm=CrmSettings("billing_id__c", ("Industri", "Rating")))
    (note,) = found.notes
    assert note.endswith("`crm_properties` names Industri, and the stream Account has no such property; did you mean "
                         "Industry?")  # fmt: skip
    assert found.streams[0].mapper is not None
    sent = payloads(found.streams[0].mapper, {"Id": "1", "Billing_Id__c": "17", "Rating": "Hot", "IsDeleted": False})
    assert sent.only("customers") == {"id": "17", "custom_properties": {"Rating": "Hot"}}


def test_given_no_properties_then_nothing_would_be_brought_and_some_are_named() -> None:
    with pytest.raises(ConfigFailure, match=r"`crm_properties` is empty.*there are Billing_Id__c, CreatedById"):
        plan(Stream("Account", ACCOUNT), crm=CrmSettings("Billing_Id__c"))


def test_a_mapping_of_the_users_own_says_what_is_brought_of_each_record() -> None:
    crm = CrmSettings("key", ("city",))
    (planned,) = plan(Stream("companies"), crm=crm, own=read_mapping(OWN), source="hubspot").streams
    assert planned.mapper is not None
    properties = {"key": "cus_1,cus_2", "industry": "BANKING", "employees": 12, "city": "Lyon"}
    sent = payloads(planned.mapper, {"id": "1", "properties": properties}).sent
    brought = {"city": "Lyon", "sector": "BANKING", "staff": 12}
    assert sent == {"customers": [{"id": one, "custom_properties": brought} for one in ("cus_1", "cus_2")]}


def test_a_stream_that_the_users_own_mapping_replaces_needs_no_key() -> None:
    text = OWN.replace("    emits:", "    replace_preset: true\n    emits:").replace(
        "        let", "        operation: update_only\n        fields: {id: properties.key}\n        let"
    )
    (planned,) = plan(Stream("companies"), own=read_mapping(text), source="hubspot").streams
    assert planned.mapper is not None
    assert planned.candidates is None


def test_a_mapping_of_the_users_own_that_says_who_is_meant_needs_no_key_and_stands_alone() -> None:
    text = OWN.replace(
        "        let", "        operation: update_only\n        fields: {id: properties.key}\n        let"
    )
    (planned,) = plan(Stream("companies", COMPANY), own=read_mapping(text)).streams
    assert planned.mapper is not None
    record = {"id": "1", "updatedAt": 7, "properties": {"key": "cus_1", "industry": "BANKING", "employees": 12}}
    brought = payloads(planned.mapper, record)
    assert brought.only("customers") == {"id": "cus_1", "custom_properties": {"sector": "BANKING", "staff": 12}}
    assert planned.mapper.policies == {"customers": "update_only"}


def test_names_are_found_whatever_their_case() -> None:
    columns = COMPANY | {"properties_stripe_id", "properties_industry"}
    found = plan(Stream("companies", columns), crm=CrmSettings("Stripe_ID", ("Industry",)))
    assert found.notes == ()
    assert found.streams[0].mapper is not None
    record = {"id": "1", "archived": False, "properties": {"stripe_id": "cus_1", "industry": "BANKING"}}
    sent = payloads(found.streams[0].mapper, record)
    assert sent.only("customers") == {"id": "cus_1", "custom_properties": {"Industry": "BANKING"}}


@pytest.mark.parametrize(
    ("source", "stream"), [("hubspot", "deals"), ("salesforce", "Opportunity"), ("salesforce", "Contract")]
)
def test_deals_alone_bring_nothing_and_the_reason_is_told(source: str, stream: str) -> None:
    with pytest.raises(ConfigFailure, match="bookings aren't invoices"):
        plan(Stream(stream), source=source)


STRIPE = Stream("customers", frozenset(["id", "object", "livemode", "delinquent", "invoice_settings", "tax_exempt"]))


def test_given_a_billing_sources_stream_beside_a_crms_then_the_billing_source_is_recognised() -> None:
    streams = [Stream("companies", COMPANY), Stream("contacts", COMPANY), STRIPE]
    found = plan(*streams, crm=CrmSettings("stripe_id", ("industry",)))
    assert found.preset.title == "Stripe"
    assert [one.mapper is not None for one in found.streams] == [False, False, True]
    assert any("`crm_key` counts only for CRMs, and these streams are read as Stripe" in note for note in found.notes)
