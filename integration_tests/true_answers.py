"""What a person who knows an export would answer to a draft's questions: by its truth, never by what is likely.

A question that the truth doesn't decide has no answer here, and stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from fincome_tools.draft.columns.table_names import undated
from fincome_tools.draft.decisions.questions import Question
from fincome_tools.draft.objects import Drafted, draft
from fincome_tools.files.table import Table as Read
from integration_tests.exports.export import NET
from integration_tests.exports.truth import Column, Table, Truth

_MOST_ROUNDS = 12
_FIELDS: Mapping[str, Sequence[str]] = {
    "invoice_id": ("invoices.id", "invoice_lines.invoice_id", "invoices.number", "credit_notes.id"),
    "invoice_date": ("invoices.date", "credit_notes.date"),
    "customer_id": ("customers.id", "invoices.customer_id"),
    "customer_name": ("customers.name", "customers.id"),
    "name": ("customers.name",),
    "net": (NET, "invoices.amount", "credit_notes.amount"),
    "amount": (NET, "invoices.amount", "credit_notes.amount"),
    "due_date": ("invoices.due_date",),
    "origin_id": ("credit_notes.invoice_id",),
    "line_id": ("invoice_lines.id",),
    "product_id": ("products.id",),
    "product_name": ("products.name",),
    "description": ("invoice_lines.description",),
    "subscription_id": ("invoice_lines.subscription_id", "subscriptions.id"),
    "period_start": ("invoice_lines.period_start", "subscriptions.start_date"),
    "period_end": ("invoice_lines.period_end", "subscriptions.end_date"),
    "period": ("invoice_lines.period_start",),
    "currency": ("invoices.currency", "invoice_lines.currency"),
    "status": ("invoices.status", "subscriptions.status"),
    "email": ("customers.email",),
    "country": ("customers.country",),
    "tax": ("invoice_lines.tax_amount",),
    "quantity": ("invoice_lines.quantity",),
    "discount": ("invoice_lines.discount_amount",),
    "line_type": ("invoice_lines.type",),
    "id": (
        "invoice_lines.id",
        "invoices.id",
        "credit_notes.id",
        "subscriptions.id",
        "plans.id",
        "products.id",
        "customers.id",
    ),
}
"""The fields that tell which column has a role, the plainest first; an id is that of a table's rows."""
_WORDS = {"overdue": "unpaid", "cancelled": "leave_out", "draft": "leave_out"}


def plain(name: str) -> str:
    """Return a table's name without what a draft and a truth may write otherwise."""
    return "".join(char if char.isalnum() else "_" for char in name.casefold()).strip("_")


def names_of(table: Table) -> set[str]:
    """Return what the table of a truth may be called in a draft."""
    stem = Path(table.file).stem
    called = (table.sheet, stem, f"{stem} {table.sheet}")
    return {plain(name) for one in called for name in (one, undated(one))}


def answered(truth: Truth, tables: Sequence[Read]) -> Drafted:
    """Draft, answer what is asked, and draft again, until nothing is left that the truth can answer."""
    given: dict[str, str] = {}
    for _ in range(_MOST_ROUNDS):
        drafted = draft(tables, given)
        fresh = {one.id: answer for one in drafted.questions.open if (answer := answer_to(truth, one)) is not None}
        if not fresh:
            break
        given |= fresh
    return drafted


def answer_to(truth: Truth, question: Question) -> str | None:
    """Return the true answer to a question; None if the truth doesn't tell it."""
    if question.id == "currency":
        return _currency(truth)
    names, parts = _named(truth, question.id)
    kind, word = parts[0], ".".join(parts[1:])
    columns = [column for name in names for column in name.columns]
    asked = [column for column in columns if column.heading in question.columns]
    if kind == "left_out":
        return _left_out(asked)
    if word:
        return _word(truth, asked, word, question)
    by_kind = _KINDS.get(kind)
    if by_kind and not (kind in _FIELDS and set(question.columns) & set(question.answers)):
        answer = by_kind(truth, names, asked, question)
        if answer is not None:
            return answer
    return _column(columns, kind, question) if kind in _FIELDS else None


def _named(truth: Truth, identity: str) -> tuple[list[Table], list[str]]:
    """Return the tables whose name a question's id begins with, and what follows the name."""
    parts = identity.split(".")
    for length in range(len(parts) - 1, 0, -1):
        name = plain(".".join(parts[:length]))
        if found := [table for table in truth.tables if name in names_of(table)]:
            return found, parts[length:]
    return list(truth.tables), parts[1:] if len(parts) > 1 else parts


def _currency(truth: Truth) -> str | None:
    told = truth.fact("currency")
    if told and len(told) == 3:
        return told
    codes = {month.split()[1] for month in (*truth.invoiced, *truth.credited)}
    return codes.pop() if len(codes) == 1 else None


def _word(truth: Truth, asked: Sequence[Column], word: str, question: Question) -> str | None:
    for column in asked:
        if word in column.words:
            meant = column.words[word]
            answer = _WORDS.get(meant, meant)
            return answer if answer in question.answers else None
    if truth.fact("status") == "none":
        return _status(truth, (), asked, question)  # A code that says nothing of payment.
    return None


def _left_out(asked: Sequence[Column]) -> str:
    """Return what becomes of rows that a column may call cancelled, or drafts."""
    words = {meant for column in asked for meant in column.words.values()}
    is_told = words & {"cancelled", "draft"} or any("invoices.status" in _whole(column) for column in asked)
    return "leave_out" if is_told else "keep"


def _column(columns: Sequence[Column], role: str, question: Question) -> str | None:
    """Return the column, among those that are asked about, that truly is what a role is."""
    possible = [column for column in columns if column.heading in question.answers]
    for field in _FIELDS[role]:
        for told in (lambda one: one.becomes, lambda one: one.may):
            found = [one.heading for one in possible if field in told(one)]
            if len(found) == 1:
                return found[0]
            parts = {one.role: one.heading for one in columns if field in told(one)}
            less = f"{parts.get('before discount')} - {parts.get('discount')}"
            if less in question.answers:
                return less
    return "none" if "none" in question.answers else None


Answer = Callable[[Truth, Sequence[Table], Sequence[Column], Question], str | None]


def _decimal(_: Truth, __: Sequence[Table], asked: Sequence[Column], ___: Question) -> str | None:
    marks = {column.form.rsplit("56", 1)[0][-1:] for column in asked if column.kind == "amount"}
    return {",": "comma", ".": "dot"}.get(marks.pop()) if len(marks) == 1 else None


def _dates(_: Truth, __: Sequence[Table], asked: Sequence[Column], ___: Question) -> str | None:
    firsts = {column.form[:1] for column in asked if column.kind == "date"}
    return {"D": "dmy", "M": "mdy"}.get(firsts.pop()) if len(firsts) == 1 else None


def _net(truth: Truth, _: Sequence[Table], asked: Sequence[Column], question: Question) -> str | None:
    if "net" not in question.answers:
        return None
    shown = next((column for column in asked if column.heading == question.columns[0]), None)
    is_gross = shown.role == "gross" if shown and shown.role in ("gross", "document") else None
    if is_gross is None:
        is_gross = truth.fact("amount") == "gross"
    if not is_gross:
        return "net"
    return "gross" if "gross" in question.answers else _rate(truth, (), asked, question)


def _rate(truth: Truth, _: Sequence[Table], __: Sequence[Column], ___: Question) -> str | None:
    return truth.fact("rate")


def _ends(truth: Truth, *_: object) -> str | None:
    return {"inclusive": "last", "exclusive": "after"}.get(truth.fact("period end") or "")


def _terms(_: Truth, __: Sequence[Table], asked: Sequence[Column], ___: Question) -> str | None:
    """Tell whether a start and an end are what each invoice is for, or how long a contract lasts."""
    if any("invoice_lines.period_start" in column.becomes for column in asked):
        return "lines"
    return "contracts" if any("subscriptions.start_date" in _whole(column) for column in asked) else None


def _period(truth: Truth, _: Sequence[Table], __: Sequence[Column], question: Question) -> str | None:
    told = truth.fact("period")
    if told == "none":
        return "one_off"
    for table in truth.tables:
        for column in table.columns:
            if f"text of {column.heading}" in question.answers and "invoice_lines.period_start" in _whole(column):
                return f"text of {column.heading}"
    of_texts = [answer for answer in question.answers if answer.startswith("text of ")]
    return of_texts[0] if told == "text" and len(of_texts) == 1 else None


def _whole(column: Column) -> set[str]:
    return {*column.becomes, *column.may}


def _subscription(truth: Truth, *_: object) -> str:
    return "both" if truth.fact("subscription") == "customer and product" else "none"


def _credits(truth: Truth, tables: Sequence[Table], *_: object) -> str | None:
    told = truth.fact("credits")
    if told == "own table" and all("invoices" in table.objects for table in tables):
        return "add"
    return "add" if told == "none" else "subtract"


def _negative(truth: Truth, *_: object) -> str:
    return "no" if truth.fact("credits") == "none" else "yes"


def _kind(_: Truth, tables: Sequence[Table], __: Sequence[Column], question: Question) -> str:
    objects = {one for table in tables for one in table.objects}
    if "credit_notes" in objects and "invoices" not in objects:
        return "credits"
    return "invoices" if objects & {"invoices", "invoice_lines"} else "none"


def _kinds(truth: Truth, _: Sequence[Table], __: Sequence[Column], question: Question) -> str:
    """Return the word that stands for credits, with its column where several are asked about."""
    columns = [one for table in truth.tables for one in table.columns if one.heading in question.columns]
    for column in columns:
        for word, meant in column.words.items():
            for answer in question.answers:
                if meant == "credit_note" and answer.strip() in (word.strip(), f"{column.heading}: {word}".strip()):
                    return answer
    return "none"


def _months(truth: Truth, *_: object) -> str:
    if truth.fact("amount") != "net" or truth.fact("period") != "headings":
        return "none"
    return "subscriptions" if truth.mrr else "one_off"


def _length(truth: Truth, *_: object) -> str:
    """Where the periods' first months stand in texts, these say how long they are."""
    return "words" if truth.fact("period") == "text" else "month"


def _sides(truth: Truth, *_: object) -> str | None:
    return {"credit minus debit": "credit", "debit minus credit": "debit"}.get(truth.fact("sides") or "")


def _cents(truth: Truth, *_: object) -> str:
    return "cents" if truth.fact("minor units") == "cents" else "units"


def _repeated(truth: Truth, *_: object) -> str:
    return "invoice" if truth.fact("amount of") == "document" else "row"


def _product(_: Truth, __: Sequence[Table], asked: Sequence[Column], ___: Question) -> str:
    return "yes" if any(NET in column.becomes for column in asked) else "no"


def _customer(_: Truth, __: Sequence[Table], asked: Sequence[Column], ___: Question) -> str | None:
    return "name" if any("customers.id" in _whole(column) for column in asked) else None


def _status(truth: Truth, tables: Sequence[Table], __: Sequence[Column], question: Question) -> str | None:
    """Where nothing tells whether documents are paid, any status is as good: none changes a figure."""
    columns = [column for table in tables for column in table.columns if "invoices.status" in column.becomes]
    told = [answer for column in columns if (answer := f"words of {column.heading}") in question.answers]
    if told:
        return told[0]
    by_date = [answer for answer in question.answers if answer.startswith("by ")]
    if by_date:
        return by_date[0]
    return next((one for one in ("paid", "active") if one in question.answers), None)


_KINDS: Mapping[str, Answer] = {
    "decimal": _decimal,
    "dates": _dates,
    "net": _net,
    "rate": _rate,
    "ends": _ends,
    "period": _period,
    "terms": _terms,
    "subscription": _subscription,
    "credits": _credits,
    "negative": _negative,
    "canceled": lambda *_: "keep",
    "kind": _kind,
    "kinds": _kinds,
    "sides": _sides,
    "length": _length,
    "months": _months,
    "cents": _cents,
    "product": _product,
    "repeated": _repeated,
    "customer": _customer,
    "status": _status,
}
