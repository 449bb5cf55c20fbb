"""Documents that may not count, told by something else than a status: each is asked about, none counts in silence.

A date or a text of a cancellation, a word such as `Annulée` in a column whose heading nobody knows, or within a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from destination_fincome.mapping.language.words import NO
from destination_fincome.wording import counted
from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.content import free
from fincome_tools.draft.columns.names import concepts_of
from fincome_tools.draft.columns.nested import Part, quoted
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.columns.statuses import status_of
from fincome_tools.draft.decisions.decisions import EMPTY, is_one_of, says_one_of, text
from fincome_tools.draft.decisions.questions import Question, answers, words
from fincome_tools.draft.tables.evidence import says_yes_or_no
from fincome_tools.draft.tables.understanding import Understanding

Reason = Literal["draft", "void"]
_REASONS: tuple[Reason, ...] = ("draft", "void")
_MOST_LEFT_OUT = 0.4
_MOST_WORDS = 12
_MOST_FORMS = 4
_LONGEST = 300
_OF_CONTRACTS = frozenset({"subscription", "customer", "period", "end"})
_TEXTS = ("document_type", "line_type", "description", "product_name")
_WORD = re.compile(r"[^\W\d_]+")
# What other things than documents may be called as well: a quote, what was estimated, or what a product is named.
_NOT_WITHIN = frozenset({"concept", "devis", "quote", "estimate", "angebot", "offerte", "provisional", "presupuesto"})


class _Told(NamedTuple):
    """Rows that may not count.

    Attributes:
        column: that tells them.
        condition: which rows they are.
        shown: what stands there.
        rows: how many they are.
        of_rows: it says so of rows, and not of all those of a document.
    """

    column: str
    condition: str
    reason: Reason
    shown: str
    rows: int
    of_rows: bool = False


def not_counted(table: Understanding, known: Sequence[str]) -> Iterator[tuple[str, Reason | None]]:
    """Yield the conditions of rows that don't count, as answered, with the reason; none where only rows are meant.

    Args:
        known: the columns that say it for sure.
    """
    for told in _told(table, known):
        question = Question(
            table.question_id("left_out", told.column),
            words(
                f"{told.column} has {told.shown} in {counted(told.rows, 'row')}: are these documents left out?",
                f"{told.column} contient {told.shown} ({counted(told.rows, 'ligne')}) : faut-il les écarter ?",
            ),
            (told.column,),
            answers(
                leave_out=("yes, they don't count", "oui, ils ne comptent pas"),
                keep=("no, they count", "non, ils comptent"),
            ),
            likely="leave_out",
        )
        if table.questions.ask(question) == "leave_out":
            yield told.condition, None if told.of_rows else told.reason


def waits_for(table: Understanding) -> str | None:
    """Return the id of the first such question that isn't answered."""
    beginning = table.question_id("left_out", "")
    return next((one.id for one in table.questions.open if one.id.startswith(beginning)), None)


def _told(table: Understanding, known: Sequence[str]) -> Iterator[_Told]:
    invoice, canceled = table.column("invoice_id"), table.column("canceled_date")
    if invoice is None:
        return
    names = [*free(table.roles), *filter(None, map(table.column, _TEXTS)), *([canceled] if canceled else [])]
    for name in dict.fromkeys(names):
        profile = table.profiles[name]
        if name in known or isinstance(name, Part) or not profile.values or name in table.telling_credits:
            continue
        for told in (_called(profile), *_words_of(profile), *_texts_of(profile)):
            if told and told.rows <= _MOST_LEFT_OUT * profile.rows:
                yield told._replace(of_rows=not _is_of_documents(table, invoice, name))
                break


def _is_of_documents(table: Understanding, invoice: str, name: str) -> bool:
    """Tell whether all rows of a document say the same, or each is one."""
    return table.profiles[invoice].is_unique or proofs.depends(table.table, invoice, name)


def _called(profile: Profile) -> _Told | None:
    """Rows of a column that is called after a cancellation: its day, its reason."""
    says = concepts_of(profile.name)
    shown = str(next(iter(profile.values)))
    if "canceled" not in says or says & _OF_CONTRACTS or profile.filled == profile.rows:
        return None
    if all(str(value).strip().casefold() in NO for value in profile.values):
        return None
    return _Told(profile.name, quoted(profile.name), "void", shown, profile.filled)


def _words_of(profile: Profile) -> Iterator[_Told]:
    """Rows of words that mean it, in a column of few."""
    if len(profile.values) > _MOST_WORDS:
        return
    for reason in _REASONS:
        found = [value for value in profile.values if status_of(value, "not_final") == reason]
        if found:
            rows = sum(profile.values[value] for value in found)
            condition = says_one_of(profile.name, found, profile.values)
            yield _Told(profile.name, condition, reason, ", ".join(map(str, found)), rows)


def _texts_of(profile: Profile) -> Iterator[_Told]:
    """Rows whose texts have such a word among others."""
    texts = [str(value) for value in profile.values]
    if not profile.is_text or profile.is_email or max(map(len, texts)) > _LONGEST:
        return
    for reason in _REASONS:
        forms: dict[str, int] = {}
        for value, count in profile.values.items():
            if word := _said(str(value), reason):
                forms[word] = forms.get(word, 0) + count
        is_told = 0 < len(forms) <= _MOST_FORMS and all(
            (_said(one, reason) is not None) == any(form in one for form in forms) for one in texts
        )
        if is_told:
            parts = [f"contains({quoted(profile.name)}, {text(form)})" for form in forms]
            condition = f"{quoted(profile.name)} && {parts[0] if len(parts) == 1 else '(' + ' || '.join(parts) + ')'}"
            yield _Told(profile.name, condition, reason, ", ".join(forms), sum(forms.values()))


def _said(value: str, reason: Reason) -> str | None:
    """Return the first word of a text that means it."""
    for match in _WORD.finditer(value):
        word = match[0]
        if len(word) > 3 and word.casefold() not in _NOT_WITHIN and status_of(word, "not_final") == reason:
            return word
    return None


def known_kinds(table: Understanding) -> str | None:
    """Return a condition that is true of the kinds of documents that a table has, and a fault for any other.

    A kind that comes later may be a credit, or no invoice at all: it must not count as one before somebody has looked.
    So may a further word of the column that tells credits (`D` and `C` of a column `Sens`), whatever it is called.
    """
    named = [table.column("document_type"), *table.telling_credits[:1]]
    found = [known for name in dict.fromkeys(filter(None, named)) if (known := _known_words(table.profiles[name]))]
    return " && ".join(found) or None


def _known_words(profile: Profile) -> str | None:
    """Return the condition of the words that a column has, and of any no where it says yes or no."""
    if isinstance(profile.name, Part) or not 0 < len(profile.values) <= _MOST_WORDS:
        return None
    known = [*map(str, profile.values), *([EMPTY] if profile.filled < profile.rows else [])]
    if says_yes_or_no(profile.values):
        known += sorted(NO.difference(known))
    return is_one_of(profile.name, known, ())
