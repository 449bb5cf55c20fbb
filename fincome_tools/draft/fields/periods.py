"""The periods of lines: their first day, their end, and whether a line is a subscription's."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from decimal import Decimal

from destination_fincome.wording import counted
from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.names import concepts_of
from fincome_tools.draft.columns.nested import Part, quoted
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.columns.vocabulary import meaning
from fincome_tools.draft.decisions.decisions import Decision, Emission, says_one_of, text
from fincome_tools.draft.decisions.questions import Question, answers, words
from fincome_tools.draft.fields.given import REFERENCE_SHARE
from fincome_tools.draft.fields.lengths import end_of_month
from fincome_tools.draft.fields.terms import ask_what_they_are
from fincome_tools.draft.tables.understanding import BY_NAME, Understanding, settle_dates, take_span
from fincome_tools.draft.texts.mixed_spans import says_a_time

_MOST_UNKNOWN_TYPES = 6
_TEXTS = ("description", "product_name")
_AMOUNTS = ("net", "amount", "gross", "before_discount")

_LAST_CLOCK = re.compile(r"23:59(?::59)?(?![:.\d])")


def give_periods(made: Emission, table: Understanding) -> None:
    """Give a line its period and its type, which hang together: a subscription has a period, a one-off hasn't."""
    start, end, month = table.column("period_start"), table.column("period_end"), table.column("period")
    if start and end:
        # What was told of a text is of its line.
        are_of_lines, doubt = (True, None) if isinstance(start, Part) else ask_what_they_are(table, start, end)
        if doubt:
            made.doubts["period_start"] = made.doubts["type"] = doubt
            return
        if not are_of_lines:
            _without_period(made, table)
            return
        begins, ends = table.date(start), table.date(end)
        for column in (start, end):
            if column in table.doubts:
                made.doubts["period_start"] = made.doubts["type"] = table.doubts[column]
                return
        if begins is None or ends is None:
            return
        shift, reason, doubt = _end(table, start, end)
        if doubt:
            made.doubts["period_end"] = made.doubts["type"] = doubt
            return
        finish = ends
        if shift:
            clock = _clock_of_end(table.profiles[end])
            finish = f"add_seconds({ends}, `{clock}`)" if clock else f"add_days({ends}, `1`)"
        has_time = "" if shift or not _are_some_at_once(table, start, end) else f" && before({begins}, {ends})"
        _typed(made, table, start, begins, finish, reason, (start, end), has_time=has_time)
    elif month and month in table.doubts:
        made.doubts["period_start"] = made.doubts["type"] = table.doubts[month]
    elif month and (begins := table.date(month)):
        finish, reason, doubt = end_of_month(table, month, begins)
        if doubt:
            made.doubts["period_end"] = made.doubts["type"] = doubt
            return
        _typed(made, table, month, begins, finish, reason, (month,))
    else:
        _without_period(made, table)


def _are_some_at_once(table: Understanding, start: str, end: str) -> bool:
    """Tell whether some periods end when they begin: what is sold once may have such."""
    return any(
        begins == ends and begins not in (None, "") for begins, ends in proofs.rows_of(table.table, [start, end])
    )


def _clock_of_end(ends: Profile) -> int | None:
    """Return how many seconds are missing to the day's end, where all ends are a last second, or minute, of a day."""
    clocks = {found[0] if (found := _LAST_CLOCK.search(str(value))) else None for value in ends.values}
    return {"23:59:59": 1, "23:59": 60}.get(clocks.pop() or "") if len(clocks) == 1 else None


def _typed(
    made: Emission,
    table: Understanding,
    column: str,
    begins: str,
    ends: str,
    reason: str,
    columns: tuple[str, ...],
    *,
    has_time: str = "",
) -> None:
    is_recurring = _recurring(made, table, column) + has_time
    kind = table.column("line_type")
    told_by = (*columns, kind) if kind else columns
    if "type" not in made.doubts:
        condition = f"when({is_recurring}, 'subscription', 'one_off')"
        made.fields["type"] = Decision(condition, "a row with a period", told_by)
    made.fields["period_start"] = Decision(f"when({is_recurring}, {begins})", BY_NAME, columns[:1])
    made.fields["period_end"] = Decision(f"when({is_recurring}, {ends})", reason, columns[-1:])


def _recurring(made: Emission, table: Understanding, column: str) -> str:
    """Return the condition of a subscription's line: it has a period, and its type isn't a one-off's.

    A word of its type that nobody knows is asked: the type waits for the answer.
    """
    name, profile = table.column("line_type"), table.profile("line_type")
    if name is None or profile is None:
        return quoted(column)
    once = [value for value in profile.values if meaning(value, "line_type") == "one_off" and not _may_recur(value)]
    unknown = [value for value in profile.values if meaning(value, "line_type") is None or _may_recur(value)]
    if len(unknown) > _MOST_UNKNOWN_TYPES:
        unknown = []  # Families of products rather than types: a period tells a subscription.
    if _are_some_without(table, column):
        unknown = []  # The period tells the rows apart.
    for value in unknown:
        question = Question(
            table.question_id("type", str(value)),
            words(f"What is {value} in {name}?", f"Qu'est-ce que {value} dans {name} ?"),
            (name,),
            answers(subscription=("a subscription", "un abonnement"), one_off=("a one-off sale", "une vente unique")),
        )
        answer = table.questions.ask(question)
        if answer is None:
            made.doubts["type"] = question.id
        if answer == "one_off":
            once.append(value)
    return f"{quoted(column)} && !{says_one_of(name, once, profile.values)}" if once else quoted(column)


def _may_recur(value: object) -> bool:
    """Tell whether a word is `service` in some language: what is sold by the month may be called so, too."""
    return frozenset() < concepts_of(str(value)) <= {"service", "product"}


def _are_some_without(table: Understanding, period: str) -> bool:
    """Tell whether of a table's rows some have a period and some haven't."""
    profile = table.profiles[period]
    return 0 < profile.filled < profile.rows


def _end(table: Understanding, start: str, end: str) -> tuple[bool, str, str | None]:
    """Tell whether periods end with their last day (so a day is added), or before the day that is named."""
    if end in table.last_days:
        return True, "as the text says", None
    forms = (table.formats[start], table.formats[end])
    keys = [
        name for role in ("customer_id", "customer_name", "product_id", "product_name") if (name := table.column(role))
    ]
    apart, together = proofs.chained(table.table, keys, start, end, forms)
    inclusive, exclusive = proofs.whole_months(table.table, start, end, forms)
    says_apart = apart and apart >= REFERENCE_SHARE * (apart + together)
    says_together = together and together >= REFERENCE_SHARE * (apart + together)
    months_apart = inclusive.say and inclusive.agree >= REFERENCE_SHARE * inclusive.say
    months_together = exclusive.say and exclusive.agree >= REFERENCE_SHARE * exclusive.say
    if (says_apart or (months_apart and not says_together)) and not months_together:
        return True, f"{end} is the last day of a period: whole months {inclusive}; a day is added", None
    if (says_together or (months_together and not says_apart)) and not months_apart:
        return False, f"{end} is the day after a period: whole months {exclusive}", None
    question = Question(
        table.question_id("ends"),
        words(
            f"Is {end} the last day of a period, or the day after it?",
            f"{end} : dernier jour inclus, ou jour suivant ?",
        ),
        (start, end),
        answers(last=("the last day", "dernier jour inclus"), after=("the day after it", "jour suivant")),
        likely="last",
    )
    answer = table.questions.ask(question)
    return answer == "last", "as answered", None if answer else question.id


def _without_period(made: Emission, table: Understanding) -> None:
    """Lines without columns of a period: it stands in a text, or starts with the invoice, or they are one-off sales."""
    if table.holds_credits:
        made.fields["type"] = Decision(text("one_off"), "credits change no MRR")
        return
    issued = table.column("invoice_date")
    begins = table.date(issued) if issued else None
    possible = {**_one_off(table), **_in_texts(table)}
    if begins:
        month = ("subscriptions, for a month from the invoice's date on", "abonnements, un mois à partir de la facture")
        possible = {**possible, **answers(month=month)}
    question = Question(
        table.question_id("period"),
        words(
            f"The lines of {table.table.name} have no column for their period: what are they?",
            f"Les lignes de {table.table.name} n'ont pas de colonne de période : que sont-elles ?",
        ),
        tuple(span.source for span in table.spans),
        possible,
        likely=f"text of {table.spans[0].source}" if table.spans else None,
    )
    answer = table.questions.ask(question)
    if answer is None:
        made.doubts["type"] = question.id
    elif answer == "one_off":
        made.fields["type"] = Decision(text("one_off"), "as answered")
    elif answer == "month":
        columns = (issued,) if issued else ()
        made.fields["type"] = Decision(text("subscription"), "as answered")
        made.fields["period_start"] = Decision(f"{begins}", "as answered", columns)
        made.fields["period_end"] = Decision(f"add_months({begins}, `1`)", "as answered", columns)
    else:
        (span,) = [one for one in table.spans if answer == f"text of {one.source}"]
        take_span(table, span)
        settle_dates(table)
        give_periods(made, table)


def _in_texts(table: Understanding) -> Mapping[str, Mapping[str, str]]:
    """Return the answers that take a period from a text."""
    found = {}
    for span in table.spans:
        unread = ("", "")
        if span.unread:
            rows, total = _rows_of(table, span.source, span.unread)
            unread = (
                f"; {counted(rows, 'row')}{total} whose text says a time that can't be read would be one-off sales",
                f" ; {counted(rows, 'ligne')}{total} dont le texte dit un temps non lu seraient des ventes uniques",
            )
        year = ("", "")
        if span.has_business_years:
            year = ("; business years are taken for calendar years", " ; les exercices sont pris pour années civiles")
        found[f"text of {span.source}"] = words(
            f"subscriptions where {span.source} tells a period, else one-off sales{unread[0]}{year[0]}",
            f"abonnements là où {span.source} indique une période, sinon ventes uniques{unread[1]}{year[1]}",
        )
    return found


def _one_off(table: Understanding) -> Mapping[str, Mapping[str, str]]:
    """Return the answer that all is sold once; it tells of texts that say a time, where no period is read of any.

    Such may be the lines' own, or their invoices' in another table.
    """
    plain = answers(one_off=("one-off sales", "ventes uniques"))
    if table.spans:
        return plain
    for one in filter(None, (table, table.parent)):
        named = [span.source for span in one.spans] + [name for role in _TEXTS if (name := one.column(role))]
        texts = {
            text for name in named[:1] for value in one.profiles[name].values if says_a_time(text := str(value).strip())
        }
        if texts:
            rows, total = _rows_of(one, named[0], texts)
            of, de = ("", "") if one is table else (f" of {one.table.name}", f" de {one.table.name}")
            english = f"one-off sales, also {counted(rows, 'row')}{of}{total} whose {named[0]} says a time"
            french = f"ventes uniques, aussi {counted(rows, 'ligne')}{de}{total} dont {named[0]} dit un temps"
            return answers(one_off=(english, french))
    return plain


def _rows_of(table: Understanding, source: str, texts: Container[str]) -> tuple[int, str]:
    """Return how many rows have one of some texts, and what they come to, in brackets."""
    amount = next((name for role in _AMOUNTS if (name := table.column(role)) and name in table.marks), None)
    rows, total = 0, Decimal(0)
    for value, *figures in proofs.rows_of(table.table, [source, *filter(None, [amount])]):
        if str(value).strip() in texts:
            rows += 1
            total += sum(
                (proofs.figure(one, table.marks[amount]) or Decimal(0) for one in figures if amount), Decimal(0)
            )
    return rows, f" ({total})" if amount else ""
