"""The closed list of reasons: why something was rejected or skipped, or what the user is warned of."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """A stable code, as it stands in summaries, in their JSON and with rejected records.

    Attributes:
        next_step: what the user can do about it, as part of a sentence; empty if there is nothing to do.
    """

    next_step: str

    def __new__(cls, value: str, next_step: str = "") -> Code:
        """Make a member: a text that also knows its next step."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.next_step = next_step
        return member

    # --- rejected: the object isn't in Fincome, or not in its newest version
    UNREADABLE_RECORD = "unreadable_record", "look at the source's log: its record is no proper JSON"
    INVALID_FIELD = "invalid_field", "correct the field in the source"
    INVALID_VALUE = "invalid_value", "correct the value in the source"
    CUT_BY_SOURCE = "cut_by_source", "look at the source's log, which says why it couldn't give the value whole"
    UNKNOWN_VALUE = "unknown_value", "correct the value in the source, or have it added to the mapping"
    MISSING_REFERENCE = (
        "missing_reference",
        "sync the stream that brings the object it refers to, or check that its id is right",
    )
    PARENT_REJECTED = "parent_rejected", "mend the rejected object first; the next full sync brings both"
    CIRCULAR_REFERENCE = "circular_reference", "correct the ids in the source: objects must not refer to each other"
    MISSING_OBJECT = "missing_object", "sync the object itself first, or check that its id is right"
    REFUSED_BY_API = "refused_by_api", "correct the object in the source as Fincome's words say"
    KEPT_FAILING = (
        "kept_failing",
        "look for what is unusual in the object (markup, SQL, very long text), or ask Fincome; then sync it again",
    )

    # --- skipped: left out on purpose
    SUPERSEDED = "superseded"
    STREAM_IGNORED = "stream_ignored"
    NOT_MAPPED = "not_mapped", "if these are many, check `source`: the stream carries something else than it expects"
    DRAFT = "draft"
    VOID = "void"
    DELETED = "deleted"
    INCOMPLETE = "incomplete"
    NO_KEY = (
        "no_key",
        "if it is a customer, fill the property in the CRM; if most are skipped so, `crm_key` names the wrong one",
    )
    NOT_REVENUE = "not_revenue"
    FAILED = "failed"
    LEFT_OUT = "left_out"
    ALREADY_EXISTS = "already_exists"
    NOT_IN_FINCOME = "not_in_fincome", "sync the object itself first, if it should be there"
    ENTITY_ABSENT = "entity_absent"
    OBJECT_SKIPPED = "object_skipped"
    OBJECT_REJECTED = "object_rejected", "mend the rejected object first"
    PARENT_SKIPPED = "parent_skipped"

    # --- warned of: loaded nevertheless
    INCOMPLETE_LINES = "incomplete_lines", "select the stream that brings all lines"
    REFERENCE_LEFT_OUT = "reference_left_out"
    ATTRIBUTE_LEFT_OUT = "attribute_left_out", "correct the column in the source, or the expression in the mapping"
    CUT_VALUE_LEFT_OUT = (
        "cut_value_left_out",
        "look at the source's log, which says why it couldn't give the value whole",
    )
    STUB_SUBSCRIPTION = (
        "stub_subscription",
        "set an earlier start date in the source, if it has one, and read all again",
    )
    GONE_DOCUMENT = "gone_document", "take it out of the figures in Fincome by hand, or set `gone_documents` to settle"
    GONE_SUBSCRIPTION = "gone_subscription", "end it in Fincome by hand, if it still counts there"
    MISSING_AT_SOURCE = (
        "missing_at_source",
        "look in the source whether they are gone; documents that are can be settled (`gone_documents`)",
    )
    LINES_UNKNOWN = (
        "lines_unknown",
        "set net amount and discount of its lines to 0 in Fincome, or sync the stream that brings its lines",
    )
    INVOICE_WITHOUT_LINES = (
        "invoice_without_lines",
        "select the stream that brings the lines; if the lines just did not change, nothing is wrong",
    )
    LINES_DIFFER_FROM_INVOICE = "lines_differ_from_invoice", "compare the invoice and its lines in the source"
    CREDITS_EXCEED_INVOICE = "credits_exceed_invoice", "compare them in the source: a credit may count twice"
    CURRENCY_DIFFERS = "currency_differs", "correct the mapping, or the invoice"
    LINE_WITHOUT_SUBSCRIPTION = (
        "line_without_subscription",
        "correct the mapping, so that each such line names its subscription",
    )
    MONTHLY_VALUE_PARTIAL = "monthly_value_partial", "compare the subscription's monthly value with the source"
    MONTHLY_VALUE_UNKNOWN = "monthly_value_unknown"
    MONTHLY_VALUE_OLD = "monthly_value_old", "read customers and subscriptions in full, so that both come"
    AMOUNT_WITH_TAX = "amount_with_tax"
    UNIT_UNKNOWN = "unit_unknown", "compare the amount of an invoice with what was billed"
    ADVANCE_PAYMENT = "advance_payment", "look at the example: leave out one of the two with a mapping of your own"
    CREDIT_NOT_LOADED = "credit_not_loaded", "enter the credit in Fincome by hand"
    RECURRENCE_UNKNOWN = "recurrence_unknown", "select the stream that tells whether it recurs"
    UNKNOWN_TIME_ZONE = "unknown_time_zone", "correct the time zone in the source"
    UNKNOWN_COUNTRY = "unknown_country", "write the country in the source as ISO 3166-1 or by its usual name"
    INCLUSIVE_ENDS = (
        "inclusive_ends",
        "map `period_end` with add_days(date(…), 1): it is the first day that isn't covered any more",
    )
    NOTHING_RECURS = (
        "nothing_recurs",
        "compare an invoice's lines with the source: the columns with their periods may be missing or deselected",
    )
    ENDLESS_PERIOD = "endless_period", "map the end of what was billed, not that of the contract"
    LINE_OF_SEVERAL_INVOICES = (
        "line_of_several_invoices",
        "give each line an id of its own, such as its invoice's id and its number: concat('-', invoice, number)",
    )
    OTHER_COLUMNS = (
        "other_columns",
        "give renamed columns their names back, or draft the mapping anew from such a file (`fincome map`)",
    )
    OVERLAPPING_PERIODS = "overlapping_periods", "look at the example: it may be billed twice"
    STORED_DIFFERENTLY = (
        "stored_differently",
        "compare the object in Fincome; `fincome contract check FILE` (reads only) finds such differences of the API",
    )
    NOT_SHOWN = "not_shown", "look at the object in Fincome: the field may be lost, or only not be shown by the API"
    LIST_NOT_READ = (
        "list_not_read",
        "hold `operations.list` in the setting `contract` against Fincome's API: `fincome contract probe` tries lists",
    )
    NOT_CLEARED = "not_cleared", "empty the field in Fincome by hand"
    DIFFERING_STREAMS = (
        "differing_streams",
        "let one stream bring the object, or make the other one `update_only`; if these are two objects, put the kind "
        "in front of the id of one: concat('-', 'credit', id)",
    )
