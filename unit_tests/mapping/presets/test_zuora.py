"""The Zuora preset, best effort: own records in the shape of Data Query's tables (sources.md, section 5)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.own import OwnStream
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import make_plan
from unit_tests.mapping.payloads import Stream, mapper_for, payloads

ACCOUNTS = mapper_for("account", source="zuora")
CONTACTS = mapper_for("contact", source="zuora")
PRODUCTS = mapper_for("product", source="zuora")
PLANS = mapper_for("productrateplan", source="zuora")
CHARGES = mapper_for("productrateplancharge", source="zuora")
SUBSCRIPTIONS = mapper_for("subscription", source="zuora")
INVOICES = mapper_for("invoice", source="zuora")
ITEMS = mapper_for("invoiceitem", source="zuora")
ITEMS_BESIDE_ALL = mapper_for("invoiceitem", "subscription", "productrateplan", source="zuora")
MEMOS = mapper_for("creditmemo", source="zuora")

PAST, FUTURE = "2001-06-30", "2199-06-30"
UPDATED, UPDATED_EPOCH = "2024-04-02T02:00:00-07:00", 1712048400


def account(**changes: Any) -> dict[str, Any]:
    return {
        "id": "2c92acc1",
        "name": "Acme Inc.",
        "accountnumber": "A00000007",
        "parentid": "2c92acc0",
        "crmid": "001E1",
        "status": "Active",
        "currency": "USD",
        "batch": "Batch1",
        "billtoid": "2c92con1",
        "updateddate": UPDATED,
        "createddate": "2023-01-01T00:00:00-08:00",
        **changes,
    }


def contact(**changes: Any) -> dict[str, Any]:
    return {
        "id": "2c92con1",
        "accountid": "2c92acc1",
        "workemail": "ap@acme.test",
        "personalemail": "ada@home.test",
        "country": "United States",
        "postalcode": "02108",
        "updateddate": UPDATED,
        **changes,
    }


def charge(**changes: Any) -> dict[str, Any]:
    return {
        "id": "2c92prc1",
        "productrateplanid": "2c92prp1",
        "chargetype": "Recurring",
        "billingperiod": "Month",
        "updateddate": UPDATED,
        **changes,
    }


def subscription(**changes: Any) -> dict[str, Any]:
    return {
        "id": "2c92sub3",
        "originalid": "2c92sub1",
        "previoussubscriptionid": "2c92sub2",
        "name": "A-S00000011",
        "version": 3,
        "accountid": "2c92acc1",
        "status": "Active",
        "subscriptionstartdate": "2023-05-01",
        "subscriptionenddate": FUTURE,
        "contracteffectivedate": "2023-04-20",
        "termtype": "TERMED",
        "autorenew": True,
        "currency": "USD",
        "updateddate": UPDATED,
        **changes,
    }


def invoice(**changes: Any) -> dict[str, Any]:
    return {
        "id": "2c92inv1",
        "invoicenumber": "INV00000042",
        "accountid": "2c92acc1",
        "invoicedate": "2024-04-01",
        "duedate": FUTURE,
        "amount": 120.0,
        "amountwithouttax": 100.0,
        "taxamount": 20.0,
        "balance": 120.0,
        "status": "Posted",
        "reversed": False,
        "currency": "USD",
        "updateddate": UPDATED,
        **changes,
    }


def item(**changes: Any) -> dict[str, Any]:
    return {
        "id": "2c92iti1",
        "invoiceid": "2c92inv1",
        "subscriptionid": "2c92sub3",
        "subscriptionnumber": "A-S00000011",
        "productrateplanid": "2c92prp1",
        "productrateplanchargeid": "2c92prc1",
        "chargename": "Pro, monthly",
        "chargeamount": "110.5",
        "taxamount": 20.0,
        "quantity": 2,
        "sku": "PRO",
        "processingtype": 0,
        "servicestartdate": "2024-04-01",
        "serviceenddate": "2024-04-30",
        "currency": "USD",
        "updateddate": UPDATED,
        **changes,
    }


def memo(**changes: Any) -> dict[str, Any]:
    return {
        "id": "2c92mem1",
        "memonumber": "CM00000005",
        "accountid": "2c92acc1",
        "referredinvoiceid": "2c92inv1",
        "memodate": "2024-04-15",
        "totalamount": 24.0,
        "totalamountwithouttax": 20.0,
        "taxamount": 4.0,
        "reasoncode": "Chargeback",
        "status": "Posted",
        "currency": "USD",
        "updateddate": UPDATED,
        **changes,
    }


ACCOUNT_BODY = {
    "id": "2c92acc1",
    "root_parent_id": "2c92acc0",
    "name": "Acme Inc.",
    "custom_properties": {
        "account_number": "A00000007",
        "crm_id": "001E1",
        "status": "Active",
        "currency": "USD",
        "batch": "Batch1",
    },
}
SUBSCRIPTION_BODY = {
    "id": "A-S00000011",
    "customer_id": "2c92acc1",
    "status": "active",
    "start_date": "2023-05-01",
    "currency": "USD",
    "custom_properties": {"term_type": "TERMED"},
}
INVOICE_BODY = {
    "id": "2c92inv1",
    "customer_id": "2c92acc1",
    "number": "INV00000042",
    "date": "2024-04-01",
    "due_date": FUTURE,
    "status": "open",
    "currency": "USD",
    "amount": 100,
}
LINE_BODY = {
    "id": "2c92iti1",
    "invoice_id": "2c92inv1",
    "subscription_id": "A-S00000011",
    "price_id": "2c92prp1",
    "type": "subscription",
    "description": "Pro, monthly",
    "currency": "USD",
    "amount_excluding_tax_after_discount": 110.5,
    "tax_amount": 20,
    "quantity": 2,
    "period_start": "2024-04-01",
    "period_end": "2024-05-01",
    "custom_properties": {"sku": "PRO", "processing": "charge"},
}
ONE_OFF_BODY = {
    name: value
    for name, value in {**LINE_BODY, "type": "one_off"}.items()
    if name not in ("subscription_id", "price_id", "period_start", "period_end")
}
MEMO_BODY = {
    "id": "2c92mem1",
    "invoice_id": "2c92inv1",
    "customer_id": "2c92acc1",
    "date": "2024-04-15",
    "status": "issued",
    "currency": "USD",
    "amount": 20,
    "custom_properties": {"number": "CM00000005", "reason": "Chargeback"},
}


def test_an_account_becomes_a_customer() -> None:
    found = payloads(ACCOUNTS, account())
    assert found.only("customers") == ACCOUNT_BODY
    assert found.versions == [UPDATED_EPOCH]


def test_an_account_without_parent_or_name() -> None:
    body = payloads(ACCOUNTS, account(parentid="", name=None, updateddate=None)).only("customers")
    assert "root_parent_id" not in body
    assert body["name"] == "A00000007"
    assert payloads(ACCOUNTS, account(updateddate=None)).versions == [1672560000]


def test_a_deleted_account_is_kept_for_its_invoices() -> None:
    found = payloads(ACCOUNTS, account(deleted=True))
    assert found.skipped == [("customers", "2c92acc1", "deleted")]
    assert found.skips[0].children == "lookup"
    assert found.stubs == {"customers": [ACCOUNT_BODY]}


def test_a_contact_brings_its_place_onto_the_account() -> None:
    found = payloads(CONTACTS, contact())
    assert found.only("customers") == {
        "id": "2c92acc1",
        "email": "ap@acme.test",
        "country": "US",
        "zip_code": "02108",
    }
    assert found.versions == [UPDATED_EPOCH]
    assert [draft.policy for draft in CONTACTS.map(contact()).objects] == ["update_only"]
    assert payloads(CONTACTS, contact(workemail="")).only("customers")["email"] == "ada@home.test"


@pytest.mark.parametrize("changes", [{"accountid": None}, {"deleted": True}])
def test_contacts_that_bring_nothing(changes: dict[str, Any]) -> None:
    assert payloads(CONTACTS, contact(**changes)).reason == "not_mapped"


def test_a_product_and_a_rate_plan() -> None:
    record = {"id": "2c92pro1", "name": "Pro", "sku": "PRO", "category": "Base Products", "updateddate": UPDATED}
    found = payloads(PRODUCTS, record)
    assert found.only("products") == {
        "id": "2c92pro1",
        "name": "Pro",
        "custom_properties": {"sku": "PRO", "category": "Base Products"},
    }
    plan = {"id": "2c92prp1", "productid": "2c92pro1", "name": "Pro, monthly", "updateddate": UPDATED}
    planned = payloads(PLANS, plan)
    assert planned.only("plans") == {"id": "2c92prp1", "product_id": "2c92pro1", "name": "Pro, monthly"}
    assert found.versions == planned.versions == [UPDATED_EPOCH]
    assert payloads(PRODUCTS, {**record, "deleted": True}).skipped == [("products", "2c92pro1", "deleted")]
    assert payloads(PLANS, {**plan, "deleted": True}).skipped == [("plans", "2c92prp1", "deleted")]


@pytest.mark.parametrize(
    ("period", "interval", "count"),
    [
        ("Week", "week", 1),
        ("Month", "month", 1),
        ("Quarter", "month", 3),
        ("Semi_Annual", "month", 6),
        ("Semi-Annual", "month", 6),
        ("Semi Annual", "month", 6),
        ("Annual", "year", 1),
        ("Eighteen_Months", "month", 18),
        ("Two_Years", "year", 2),
        ("Three_Years", "year", 3),
        ("Five_Years", "year", 5),
    ],
)
def test_a_charges_period_is_its_plans_interval(period: str, interval: str, count: int) -> None:
    found = payloads(CHARGES, charge(billingperiod=period))
    assert found.only("plans") == {"id": "2c92prp1", "interval": interval, "interval_count": count}
    assert found.versions == [UPDATED_EPOCH]
    assert [draft.policy for draft in CHARGES.map(charge()).objects] == ["update_only"]


@pytest.mark.parametrize(
    "changes",
    [
        {"billingperiod": "Specific_Months"},
        {"billingperiod": None},
        {"chargetype": "OneTime"},
        {"productrateplanid": None},
        {"deleted": True},
    ],
)
def test_charges_that_bring_nothing(changes: dict[str, Any]) -> None:
    found = payloads(CHARGES, charge(**changes))
    assert (found.sent, found.faults, found.reason) == ({}, [], "not_mapped")


def test_a_subscription_is_known_by_its_number_and_its_version() -> None:
    found = payloads(SUBSCRIPTIONS, subscription())
    assert found.only("subscriptions") == SUBSCRIPTION_BODY
    assert found.versions == [3]


def test_versions_are_ordered_as_numbers() -> None:
    ninth, tenth = (payloads(SUBSCRIPTIONS, subscription(version=n)).versions[0] for n in ("9", "10"))
    assert ninth < tenth


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Pending Activation", "future"),
        ("PendingActivation", "future"),
        ("Pending Acceptance", "future"),
        ("Active", "active"),
        ("Suspended", "paused"),
        ("Cancelled", "canceled"),
        ("OutOfTerm", "canceled"),
    ],
)
def test_subscription_statuses(status: str, expected: str) -> None:
    assert payloads(SUBSCRIPTIONS, subscription(status=status)).only("subscriptions")["status"] == expected


def test_an_unknown_subscription_status_is_rejected() -> None:
    found = payloads(SUBSCRIPTIONS, subscription(status="Hibernating"))
    assert found.faults == [("subscriptions", "A-S00000011", "status", "unknown_value")]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "Expired"},
        {"status": "Expired", "subscriptionenddate": None},
        {"status": "Active", "islatestversion": False},
    ],
)
def test_a_replaced_version_is_no_subscription(changes: dict[str, Any]) -> None:
    found = payloads(SUBSCRIPTIONS, subscription(**changes))
    assert (found.sent, found.skipped, found.reason) == ({}, [], "not_mapped")
    assert found.text == "it is a version of a subscription that an amendment has replaced"


@pytest.mark.parametrize(
    ("changes", "status", "end", "canceled"),
    [
        ({}, "active", None, None),
        ({"autorenew": False}, "active", FUTURE, None),
        ({"status": "Cancelled", "cancelleddate": "2024-02-01"}, "canceled", "2024-02-01", "2024-02-01"),
        ({"status": "Expired", "subscriptionenddate": PAST}, "canceled", PAST, None),
        ({"status": "Expired", "subscriptionenddate": None, "termenddate": PAST}, "canceled", None, None),
    ],
)
def test_a_subscriptions_end(changes: dict[str, Any], status: str, end: str | None, canceled: str | None) -> None:
    body = payloads(SUBSCRIPTIONS, subscription(**changes)).only("subscriptions")
    assert (body["status"], body.get("end_date"), body.get("canceled_at")) == (status, end, canceled)


def test_a_subscriptions_start_and_id_without_the_usual_columns() -> None:
    body = payloads(SUBSCRIPTIONS, subscription(subscriptionstartdate=None, name=None)).only("subscriptions")
    assert (body["id"], body["start_date"]) == ("2c92sub1", "2023-04-20")


@pytest.mark.parametrize(("changes", "reason"), [({"status": "Draft"}, "draft"), ({"deleted": True}, "deleted")])
def test_subscriptions_that_are_skipped(changes: dict[str, Any], reason: str) -> None:
    found = payloads(SUBSCRIPTIONS, subscription(**changes))
    assert found.skipped == [("subscriptions", "A-S00000011", reason)]


def test_an_invoice() -> None:
    found = payloads(INVOICES, invoice())
    assert found.only("invoices") == INVOICE_BODY
    assert found.versions == [UPDATED_EPOCH]


@pytest.mark.parametrize(
    ("balance", "due", "expected"),
    [
        (120, FUTURE, "open"),
        ("0.01", PAST, "unpaid"),
        (0.0, PAST, "paid"),
        ("0.00", FUTURE, "paid"),
        (0, None, "paid"),
        (5, None, "open"),
        (None, FUTURE, None),
    ],
)
def test_the_balance_tells_whether_an_invoice_is_paid(balance: Any, due: str | None, expected: str | None) -> None:
    body = payloads(INVOICES, invoice(balance=balance, duedate=due)).only("invoices")
    assert body.get("status") == expected


@pytest.mark.parametrize(
    ("changes", "amount"),
    [
        ({"amountwithouttax": None}, 100),
        ({"amountwithouttax": None, "taxamount": 0}, 120),
        ({"amountwithouttax": None, "taxamount": None}, None),
        ({"amountwithouttax": "-30.25"}, -30.25),
    ],
)
def test_an_invoices_net_amount(changes: dict[str, Any], amount: float | None) -> None:
    assert payloads(INVOICES, invoice(**changes)).only("invoices").get("amount") == amount


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "Draft"}, "draft"),
        ({"status": "Generating"}, "draft"),
        ({"status": "Canceled"}, "void"),
        ({"status": "Reversed"}, "void"),
        ({"status": "Posted", "reversed": True}, "void"),
        ({"status": "Error"}, "incomplete"),
        ({"deleted": True}, "deleted"),
    ],
)
def test_invoices_that_are_skipped(changes: dict[str, Any], reason: str) -> None:
    assert payloads(INVOICES, invoice(**changes)).skipped == [("invoices", "2c92inv1", reason)]


def test_an_unknown_invoice_status_is_rejected() -> None:
    found = payloads(INVOICES, invoice(status="Disputed"))
    assert found.faults == [("invoices", "2c92inv1", "status", "unknown_value")]


def test_an_invoice_item_becomes_a_line() -> None:
    found = payloads(ITEMS_BESIDE_ALL, item())
    assert found.only("invoice_lines") == LINE_BODY
    assert found.versions == [UPDATED_EPOCH]


def test_references_are_left_out_where_nothing_brings_the_parents() -> None:
    body = payloads(ITEMS, item()).only("invoice_lines")
    assert body == {name: value for name, value in LINE_BODY.items() if name not in ("subscription_id", "price_id")}
    unlinked = payloads(ITEMS_BESIDE_ALL, item(subscriptionnumber=None, productrateplanid="")).only("invoice_lines")
    assert unlinked == body


@pytest.mark.parametrize(
    "changes",
    [
        {"chargetype": "OneTime"},
        {"serviceenddate": "2024-04-01"},
        {"serviceenddate": None},
        {"subscriptionid": None},
    ],
)
def test_what_has_no_period_is_one_off(changes: dict[str, Any]) -> None:
    assert payloads(ITEMS_BESIDE_ALL, item(**changes)).only("invoice_lines") == ONE_OFF_BODY


def test_a_discount_is_a_line_of_its_own_and_a_tax_is_none() -> None:
    items = [item(), item(id="2c92iti2", chargeamount=-10.5, taxamount=0, processingtype="1")]
    bodies = [payloads(ITEMS, record).only("invoice_lines") for record in items]
    amounts = [body["amount_excluding_tax_after_discount"] for body in bodies]
    assert amounts == [110.5, -10.5]
    assert sum(amounts) == payloads(INVOICES, invoice()).only("invoices")["amount"]
    assert bodies[1]["custom_properties"]["processing"] == "discount"
    assert payloads(ITEMS, item(processingtype=3)).skipped == [("invoice_lines", "2c92iti1", "not_revenue")]
    assert payloads(ITEMS, item(deleted=True)).skipped == [("invoice_lines", "2c92iti1", "deleted")]


def test_a_credit_memo_becomes_a_credit_note() -> None:
    found = payloads(MEMOS, memo())
    assert found.only("credit_notes") == MEMO_BODY
    assert found.versions == [UPDATED_EPOCH]


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"referredinvoiceid": None, "invoiceid": "i2"}, "invoice_id", "i2"),
        ({"referredinvoiceid": None, "sourcetype": "Invoice", "sourceid": "i3"}, "invoice_id", "i3"),
        ({"totalamountwithouttax": None}, "amount", 20),
        ({"memodate": None, "creditmemodate": "2024-04-16"}, "date", "2024-04-16"),
    ],
)
def test_a_credit_memos_fields(changes: dict[str, Any], field: str, value: Any) -> None:
    assert payloads(MEMOS, memo(**changes)).only("credit_notes")[field] == value


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "Draft"}, "draft"),
        ({"status": "Generating"}, "draft"),
        ({"status": "PendingForTax"}, "draft"),
        ({"status": "Error"}, "draft"),
        ({"status": "Canceled"}, "void"),
        ({"deleted": True}, "deleted"),
        ({"referredinvoiceid": None}, "incomplete"),
        ({"referredinvoiceid": None, "sourcetype": "Standalone", "sourceid": "x"}, "incomplete"),
    ],
)
def test_credit_memos_that_are_skipped(changes: dict[str, Any], reason: str) -> None:
    assert payloads(MEMOS, memo(**changes)).skipped == [("credit_notes", "2c92mem1", reason)]


def test_an_unknown_memo_status_is_rejected() -> None:
    found = payloads(MEMOS, memo(status="Frozen"))
    assert found.faults == [("credit_notes", "2c92mem1", "status", "unknown_value")]


@pytest.mark.parametrize(
    ("mapper", "record", "field"),
    [
        (INVOICES, invoice(invoicedate=None), "date"),
        (INVOICES, invoice(currency=None), "currency"),
        (INVOICES, invoice(accountid=None), "customer_id"),
        (ITEMS, item(chargeamount=None), "amount_excluding_tax_after_discount"),
        (ITEMS, item(currency=None), "currency"),
        (SUBSCRIPTIONS, subscription(status=None), "status"),
    ],
)
def test_a_deselected_column_leaves_its_field_out(mapper: Any, record: dict[str, Any], field: str) -> None:
    found = payloads(mapper, record)
    assert not found.faults, found.problems
    (bodies,) = found.sent.values()
    assert field not in bodies[0]


def test_an_amount_that_is_no_number_is_a_fault_without_its_value() -> None:
    found = payloads(ITEMS, item(chargeamount="abc"))
    assert found.faults == [("invoice_lines", "2c92iti1", "amount_excluding_tax_after_discount", "invalid_value")]
    assert "abc" not in "".join(found.problems)


def test_the_mapping_that_the_docs_page_gives_names_the_currency() -> None:
    page = (Path(__file__).parents[3] / "docs" / "sources" / "zuora.md").read_text(encoding="utf-8")
    settings = json.loads(page.split("```json\n")[1].split("```")[0])
    own = [OwnStream.model_validate(entry) for entry in settings["streams"]]
    streams = [Stream(name) for name in ("invoice", "invoiceitem", "creditmemo")]
    plan = make_plan(streams, load_presets(), load_contract(), "zuora", own=own)
    for planned, record in zip(plan.streams, [invoice(), item(), memo()], strict=True):
        assert planned.mapper is not None
        (bodies,) = payloads(planned.mapper, {**record, "currency": None}).sent.values()
        assert [body["currency"] for body in bodies] == ["USD"]
