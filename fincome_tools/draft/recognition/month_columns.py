"""Tables by hand with a column for each month: a row is a customer or a subscription, a cell what was invoiced.

Nothing in such a table says that the amounts are without tax, nor that they are invoices: this is asked. Each cell that
isn't empty becomes an invoice with one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.content import free
from fincome_tools.draft.columns.dates import ISO, dates_of, day
from fincome_tools.draft.columns.nested import Part, quoted
from fincome_tools.draft.columns.numbers import Mark
from fincome_tools.draft.decisions.decisions import Decision, Emission, text
from fincome_tools.draft.decisions.questions import Question, answers, words
from fincome_tools.draft.tables.understanding import Understanding, ask_mark

_FEWEST = 3
_MOST_LABELS = 3
_LABELS = ("product_id", "product_name", "description", "subscription_id")
_CLOCK = re.compile(r"[ T]00:00(:00)?\Z")


@dataclass(frozen=True)
class Months:
    """The columns of months.

    Attributes:
        columns: with the first day of each, the earliest first.
        labels: the columns that tell the rows of a customer apart.
        are_subscriptions: as answered; None while it isn't known that the amounts count.
        waits: the question that they wait for.
    """

    table: Understanding
    columns: tuple[tuple[str, date], ...]
    labels: tuple[str, ...] = ()
    are_subscriptions: bool | None = None
    waits: str | None = None


def months_in(table: Understanding) -> tuple[tuple[str, date], ...]:
    """Return the columns whose headings are months and whose cells are numbers; none, if these are few."""
    if table.column("invoice_id") or table.column("invoice_date"):
        return ()
    found = []
    for name, profile in table.profiles.items():
        month = None if isinstance(name, Part) else month_of_heading(name)
        if month and (profile.numbers or not profile.filled):
            found.append((name, month))
    found.sort(key=lambda one: one[1])
    are_all_different = len({month for _, month in found}) == len(found)
    return tuple(found) if len(found) >= _FEWEST and are_all_different else ()


def month_of_heading(heading: str) -> date | None:
    """Return the first day of the month that a heading is; None if it is none."""
    written = _CLOCK.sub("", heading.strip())
    found = dates_of([written])
    if found is None or (not found.of_months and found.formats[0] not in (ISO, "%Y-%m-%d")):
        return None
    first = day(written, found.formats[0])
    return first if first and first.day == 1 else None


def ask_months(table: Understanding) -> Months:
    """Ask what the amounts of the months are."""
    columns = months_in(table)
    first, last = columns[0][0], columns[-1][0]
    names = tuple(name for name, _ in columns)
    question = Question(
        table.question_id("months"),
        words(
            f"{table.table.name} has a column for each month, {first} to {last}: what are the amounts?",
            f"{table.table.name} a une colonne par mois, de {first} à {last} : que sont les montants ?",
        ),
        names,
        answers(
            subscriptions=(
                "invoiced for the month, without tax: an invoice each, with a line of subscription",
                "facturés pour le mois, hors taxe : une facture chacun, avec une ligne d'abonnement",
            ),
            one_off=("invoiced in the month, without tax: one-off sales", "facturés dans le mois, hors taxe : ventes"),
            none=("neither: leave them out", "ni l'un ni l'autre : ne pas les utiliser"),
        ),
        likely="subscriptions",
    )
    answer = table.questions.ask(question)
    waits = None if answer in ("subscriptions", "one_off") else question.id
    if waits is None and any(_mark(table, name) is None for name in names):
        waits = ask_mark(table, [name for name in names if table.profiles[name].filled])
    are_subscriptions = None if waits else answer == "subscriptions"
    return Months(table, columns, _labels(table, names), are_subscriptions, waits)


def _mark(table: Understanding, name: str) -> Mark | None:
    """Return a column's decimal sign; that of the others, where its values don't tell."""
    if name not in table.marks:
        columns = [one for one, _ in months_in(table)]
        proved = {n.marks[0] for one in columns if (n := table.profiles[one].numbers) and len(n.marks) == 1}
        whole = all(n.whole for one in columns if (n := table.profiles[one].numbers))
        if len(proved) == 1 or whole:
            table.marks[name] = proved.pop() if proved else "."
    return table.marks.get(name)


def _labels(table: Understanding, months: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that, with the customer, tell every row; all texts, if these don't."""
    customer = table.column("customer_id") or table.column("customer_name")
    named = [name for role in _LABELS if (name := table.column(role))]
    others = [name for name in free(table.roles) if table.profiles[name].is_text and name not in (*named, *months)]
    names = [name for name in [*named, *others] if name != customer][:_MOST_LABELS]
    if customer is None:
        return ()
    for count in range(len(names) + 1):
        for several in combinations(names, count):
            if proofs.are_unique(table.table, [customer, *several]):
                return several
    return tuple(names)


def subscription_of(months: Months, customer: Decision) -> Decision:
    """Return what tells the row's subscription: the customer, and what tells its rows apart."""
    if not months.labels:
        return customer
    listed = ", ".join([str(customer.expression), *map(quoted, months.labels)])
    columns = (*customer.columns, *months.labels)
    return Decision(f"concat('-', {listed})", "together they tell every row", columns)


def made_of_months(months: Months, customer: Decision | None) -> Iterator[Emission]:
    """Yield an invoice and a line for each month, without currency and status, and the rows' subscription."""
    table = months.table
    if customer is None or months.waits:
        waiting = Emission("invoices", missing={"amount": months.waits or ""})
        if customer is None:
            waiting.missing["customer_id"] = ""
        yield waiting
        return
    whole = quoted(str(customer.expression)) if customer.columns == (customer.expression,) else customer.expression
    row = subscription_of(months, Decision(str(whole), customer.reason, customer.columns))
    for name, month in months.columns:
        if table.number(name) is None:
            continue  # No month has an amount in it.
        yield from _month_of(months, (name, month), row, customer)
    if months.are_subscriptions:
        yield _subscription(months, row, customer)


def _month_of(months: Months, column: tuple[str, date], row: Decision, customer: Decision) -> Iterator[Emission]:
    name, month = column
    first = Decision(text(month.isoformat()), "the month of the heading")
    listed = str(row.expression).removeprefix("concat('-', ").removesuffix(")") if months.labels else row.expression
    identity = Decision(f"concat('-', {listed}, {text(f'{month:%Y-%m}')})", "an invoice for each month", row.columns)
    amount = Decision(months.table.number(name) or "", "without tax, as answered", (name,))
    invoice = Emission("invoices", when=quoted(name))
    for field, decision in (("id", identity), ("customer_id", customer), ("date", first), ("amount", amount)):
        invoice.give(field, decision)
    line = Emission("invoice_lines", when=quoted(name))
    for field, decision in (
        ("id", identity),
        ("invoice_id", identity),
        ("amount_excluding_tax_after_discount", amount),
    ):
        line.give(field, decision)
    kind = "subscription" if months.are_subscriptions else "one_off"
    line.give("type", Decision(text(kind), "as answered"))
    if months.are_subscriptions:
        line.give("subscription_id", row)
        line.give("period_start", first)
        line.give("period_end", Decision(f"add_months({text(month.isoformat())}, `1`)", "the whole month"))
    if not proofs.are_unique(months.table.table, [*customer.columns, *months.labels]):
        # Rows that nothing tells apart are one.
        invoice.merge, line.merge = {"amount": "sum"}, {"amount_excluding_tax_after_discount": "sum"}
    if label := months.table.column("product_name") or months.table.column("description"):
        line.give("description", Decision(label, "what was sold", (label,)))
    yield from (invoice, line)


def _subscription(months: Months, row: Decision, customer: Decision) -> Emission:
    filled = [(name, month) for name, month in months.columns if months.table.number(name) is not None]
    starts = ", ".join(f"when({quoted(name)}, {text(month.isoformat())})" for name, month in filled)
    made = Emission("subscriptions", when=" || ".join(quoted(name) for name, _ in filled))
    made.give("id", row)
    made.give("customer_id", customer)
    made.give("start_date", Decision(f"coalesce({starts})", "the first month with an amount"))
    status = f"when({quoted(filled[-1][0])}, 'active', 'canceled')"
    made.give("status", Decision(status, "active while the last month has an amount"))
    if not proofs.are_unique(months.table.table, [*customer.columns, *months.labels]):
        made.merge = {"start_date": "min", "status": "min"}
    made.once = ["start_date"]  # Next year's table has none of this one's months.
    return made
