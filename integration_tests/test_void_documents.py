"""Documents that are void after they were sent: Fincome has no delete, so they are taken out of its figures."""

from __future__ import annotations

from integration_tests.accounts import Account
from integration_tests.messages import Message, catalog, record, state, stream
from integration_tests.orchestrator import Platform

STRIPE = catalog(
    stream("customers", "id", "object", "livemode", "invoice_prefix", "invoice_settings", "tax_exempt", "name"),
    stream("invoices", "id", "object", "livemode", "lines", "status_transitions", "amount_due", "billing_reason"),
)


def stripe_invoice(identity: str, status: str, updated: int, **fields: object) -> Message:
    line = {"id": f"{identity}-l", "object": "line_item", "amount": 1000, "currency": "eur", "type": "invoiceitem",
            "discount_amounts": [{"amount": 100, "discount": "d"}]}  # fmt: skip
    values = {"id": identity, "object": "invoice", "customer": f"{identity}-c", "status": status, "currency": "eur",
              "total": 900, "total_excluding_tax": 900, "created": 1_750_000_000, "updated": updated,
              "lines": {"data": [line], "has_more": False}}  # fmt: skip
    return record("invoices", {**values, **fields})


def stripe_customer(identity: str) -> Message:
    return record("customers", {"id": f"{identity}-c", "object": "customer", "name": "PRIVATE", "updated": 1})


def figures(account: Account, identity: str) -> tuple[object, ...]:
    invoice, line = account.get("invoices", identity), account.get("invoice_lines", f"{identity}-l")
    assert invoice is not None
    assert line is not None
    return invoice["amount"], line["amount_excluding_tax_after_discount"], line["discount_amount"], invoice["status"]


def test_given_an_invoice_that_was_sent_when_it_is_void_then_it_and_its_lines_come_to_nothing(
    platform: Platform, account: Account
) -> None:
    first = platform.sync(account.config(), STRIPE, stripe_customer("void"), stripe_invoice("void", "open", 1))
    assert first.good
    assert figures(account, "void") == (9, 9, 1, "open")
    seen = platform.sync(account.config(), STRIPE, stripe_invoice("void", "void", 2), state("invoices", 1))
    assert seen.good
    assert seen.outcomes("invoices") == {"settled": 1}
    assert seen.counts() == [(1.0, 0.0)]
    assert figures(account, "void") == (0, 0, 0, "open")


def test_given_a_void_invoice_that_was_never_sent_then_nothing_is_made_of_it(
    platform: Platform, account: Account
) -> None:
    seen = platform.sync(account.config(), STRIPE, stripe_customer("never"), stripe_invoice("never", "void", 2))
    assert seen.outcomes("invoices") == {"skipped": 1}
    assert account.get("invoices", "never") is None
    assert account.requests_about("never-l") == []


def test_given_the_setting_on_report_when_an_invoice_is_void_then_it_stays_and_people_are_told(
    platform: Platform, account: Account
) -> None:
    config = account.config(gone_documents="report")
    platform.sync(config, STRIPE, stripe_customer("told"), stripe_invoice("told", "open", 1))
    seen = platform.sync(config, STRIPE, stripe_invoice("told", "void", 2))
    assert figures(account, "told") == (9, 9, 1, "open")
    assert "gone_document" in {one["code"] for one in seen.summary["warnings"]}


def test_given_a_flood_of_void_invoices_when_fincome_counts_them_then_none_is_changed_and_the_sync_fails(
    platform: Platform, account: Account
) -> None:
    names = [f"flood-{number}" for number in range(25)]
    sent = [message for name in names for message in (stripe_customer(name), stripe_invoice(name, "open", 1))]
    assert platform.sync(account.config(), STRIPE, *sent).good
    void = [stripe_invoice(name, "void", 2) for name in names]
    seen = platform.sync(account.config(), STRIPE, *void, state("invoices", 1))
    assert seen.failure[0] == "config_error"
    assert "`max_settled_percent`" in seen.failure[1]
    assert seen.states == []
    assert figures(account, names[0]) == (9, 9, 1, "open")
    seen = platform.sync(account.config(max_settled_percent=100), STRIPE, *void, state("invoices", 1))
    assert seen.outcomes("invoices") == {"settled": 25}
    assert figures(account, names[-1]) == (0, 0, 0, "open")
    again = platform.sync(account.config(), STRIPE, *void, state("invoices", 1))
    assert again.good, "what is settled already is no flood"


ZUORA = catalog(
    stream("account", "id", "name", "accountnumber", "billtoid", "soldtoid", "billcycleday", "crmid"),
    stream("invoice", "id", "accountid", "invoicenumber", "invoicedate", "amountwithouttax", "targetdate", "balance",
           "status", "currency", "updateddate", "_fivetran_deleted"),
    stream("invoiceitem", "id", "invoiceid", "chargeamount", "chargename", "processingtype", "servicestartdate",
           "taxamount", "updateddate", "_fivetran_deleted"),
)  # fmt: skip


def zuora_invoice(identity: str, *, deleted: bool) -> Message:
    return record("invoice", {"id": identity, "accountid": "zu-c", "invoicenumber": identity, "status": "Posted",
                              "invoicedate": "2026-01-05", "balance": 0, "amountwithouttax": 70, "currency": "EUR",
                              "updateddate": "2026-01-05T00:00:00Z", "_fivetran_deleted": deleted})  # fmt: skip


def zuora_line(invoice: str, *, deleted: bool) -> Message:
    return record("invoiceitem", {"id": f"{invoice}-l", "invoiceid": invoice, "chargeamount": 70, "chargename": "Pro",
                                  "processingtype": 0, "taxamount": 0, "updateddate": "2026-01-05T00:00:00Z",
                                  "_fivetran_deleted": deleted})  # fmt: skip


def test_given_deleted_rows_of_an_invoice_and_its_lines_then_each_comes_to_nothing_whether_the_other_comes_or_not(
    platform: Platform, account: Account
) -> None:
    config = account.config(source="zuora")
    names = ("zu-both", "zu-line")
    sent = [one(name, deleted=False) for name in names for one in (zuora_invoice, zuora_line)]
    assert platform.sync(config, ZUORA, record("account", {"id": "zu-c", "name": "PRIVATE"}), *sent).good
    gone = [zuora_invoice("zu-both", deleted=True), zuora_line("zu-both", deleted=True)]
    seen = platform.sync(config, ZUORA, *gone, zuora_line("zu-line", deleted=True))
    assert seen.good
    assert figures(account, "zu-both")[:2] == (0, 0)
    assert figures(account, "zu-line")[:2] == (70, 0)
