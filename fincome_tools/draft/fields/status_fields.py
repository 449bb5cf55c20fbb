"""The status of invoices and of subscriptions, by words of a column or asked; and which documents don't count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from destination_fincome.mapping.language.words import NO, YES
from destination_fincome.wording import counted
from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.content import free, give
from fincome_tools.draft.columns.names import OTHERS, concepts_of
from fincome_tools.draft.columns.nested import quoted
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.columns.statuses import is_status, is_written_off, status_of
from fincome_tools.draft.decisions.decisions import Decision, Emission, text
from fincome_tools.draft.decisions.questions import Question, answers, words
from fincome_tools.draft.tables.evidence import says_yes_or_no
from fincome_tools.draft.tables.understanding import Understanding

_MOST_FLAGS = 4
_MOST_WORDS = 6
_LONGEST_WORD = 30
_OF_STATUSES = frozenset({"status", "paid", "invoice", "document"})

_STATUSES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "invoices": answers(
        paid=("paid", "payées"), open=("open, not due yet", "ouvertes, non échues"), unpaid=("unpaid", "impayées")
    ),
    "subscriptions": answers(
        active=("active", "actifs"), canceled=("canceled", "résiliés"), trialing=("in trial", "en essai")
    ),
}

_FRENCH = {"invoices": "factures", "subscriptions": "abonnements"}

# What stands in a table of words for none.
_EMPTY = "(empty)"


def not_final(table: Understanding) -> Iterator[tuple[str, Literal["draft", "void"], list[object]]]:
    """Yield the columns that tell documents that don't count, with the reason and the words."""
    reasons: tuple[Literal["draft", "void"], ...] = ("draft", "void")
    own = table.column("status")
    others = [name for name in free(table.roles) if {"status"} <= concepts_of(name) and table.profiles[name].is_text]
    for name in [*([own] if own else []), *others]:
        for reason in reasons:
            answered = table.left_out if name == own and reason == "void" else []
            known = [
                value for value in table.values_of(name) if status_of(table.word(name, value), "not_final") == reason
            ]
            if found := [*known, *answered]:
                yield name, reason, found
    for name in _flags(table):
        found = [value for value in table.profiles[name].values if str(value).strip().casefold() not in NO]
        if found:
            yield name, "void", found


def _flags(table: Understanding) -> list[str]:
    """Return the columns that say of each document whether it was cancelled."""
    return [name for name in free(table.roles) if "canceled" in concepts_of(name) and _is_flag(table.profiles[name])]


def _is_flag(profile: Profile) -> bool:
    values = {str(value).strip().casefold() for value in profile.values}
    return 0 < len(values) <= _MOST_FLAGS and values <= YES | NO | {"c"}


def give_status(made: Emission, table: Understanding, entity: str) -> None:
    """Translate a column of words; without one it is asked."""
    possible = _STATUSES[entity]
    name, profile = table.column("status"), table.profile("status")
    if name is None or profile is None:
        if "status" in table.doubts:
            made.doubts["status"] = table.doubts["status"]
            return
        if table.holds_credits:
            made.fields["status"] = Decision(text("paid"), "a credit's status changes no figure")
            return
        _ask_status(made, table, entity)
        return
    known: dict[str, str] = {}
    for value in table.values_of(name):
        found = _of_entity(table.word(name, value), entity)
        found = found or (_yes_or_no(name, profile, value) if entity == "invoices" else None)
        is_given_up = entity == "invoices" and found is not None and is_written_off(table.word(name, value))
        if is_given_up and value in profile.values and not table.holds_credits:
            found = None  # Revenue that isn't paid, or a way to cancel: some programs have no other.
        if found is None and value not in profile.values:
            continue  # A code that hasn't occurred, with a word that nobody knows.
        if found is None and table.holds_credits:
            found = "paid"  # It changes no figure.
        if found is None:
            question = _word_question(table, name, value, possible, likely="unpaid" if is_given_up else None)
            found = table.questions.ask(question)
            if found is None:
                made.doubts["status"] = question.id
                continue
        if found == "leave_out":
            table.left_out.append(value)
        if found in ("draft", "void", "leave_out"):
            continue
        known[str(value)] = found
    if "status" not in made.doubts and known:
        empty = _empty_status(made, table, name, known) if entity == "invoices" else None
        word = name
        if empty is not None:
            word, known[_EMPTY] = f"when({quoted(name)}, {quoted(name)}, '{_EMPTY}')", empty
        if "status" not in made.doubts:
            made.fields["status"] = Decision({"lookup": word, "in": known}, "by its words", (name,))


def _empty_status(made: Emission, table: Understanding, name: str, known: Mapping[str, str]) -> str | None:
    """Return what an empty status of an invoice means; None where none is empty, or what it means is asked."""
    profile = table.profiles[name]
    if profile.filled == profile.rows or _is_told_by_other_rows(table, name):
        return None
    if table.holds_credits:
        return "paid"  # It changes no figure.
    if {*known.values()} == {"paid"} and len(known) == len(profile.values):
        return "open"  # It is a mark on what is paid.
    question = Question(
        table.question_id("status", "empty"),
        words(
            f"What does an empty {name} mean ({counted(profile.rows - profile.filled, 'row')})?",
            f"Que veut dire {name} vide ({counted(profile.rows - profile.filled, 'ligne')}) ?",
        ),
        (name,),
        _STATUSES["invoices"],
    )
    answer = table.questions.ask(question)
    if answer is None:
        made.doubts["status"] = question.id
    return answer


def _is_told_by_other_rows(table: Understanding, name: str) -> bool:
    """Tell whether rows without a status are of invoices that have one in another row."""
    number = table.column("invoice_id")
    rows = list(proofs.rows_of(table.table, [number, name])) if number else []
    told = {invoice for invoice, word in rows if word not in (None, "")}
    return any(invoice in told or invoice in (None, "") for invoice, word in rows if word in (None, ""))


def _ask_status(made: Emission, table: Understanding, entity: str) -> None:
    """Ask for the status of all rows, or whether a date of payment, or words that nobody knows, tell it."""
    paid = _dates_of_payment(table) if entity == "invoices" else []
    told = {f"words of {name}": name for name in _riddles(table)}
    by_date = {
        f"by {name}": words(f"paid where {name} is filled, else open", f"payées si {name} est rempli, sinon ouvertes")
        for name in paid
    }
    question = Question(
        table.question_id("status"),
        words(
            f"What is the status of the {entity} in {table.table.name}?",
            f"Quel est le statut des {_FRENCH[entity]} de {table.table.name} ?",
        ),
        (*paid, *told.values(), *_flags(table)),
        {**by_date, **_by_words(told), **_STATUSES[entity]},
        likely=next(iter(by_date), "paid" if entity == "invoices" else "active"),
    )
    answer = table.questions.ask(question)
    if answer is None:
        made.doubts["status"] = question.id
    elif answer in told:
        give(table.roles, "status", told[answer])
        give_status(made, table, entity)
    elif answer in by_date:
        name = answer.removeprefix("by ")
        made.fields["status"] = Decision(f"when({quoted(name)}, 'paid', 'open')", "as answered", (name,))
    else:
        made.fields["status"] = Decision(text(answer), "as answered")


def _by_words(told: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    return {
        answer: words(f"as {name} says (each word is asked)", f"selon {name} (chaque mot est demandé)")
        for answer, name in told.items()
    }


def _riddles(table: Understanding) -> list[str]:
    """Return the columns of a few words whose headings nobody knows, one for each document: they may be statuses."""
    invoice = table.column("invoice_id")
    names = [
        name
        for name in free(table.roles)
        if _are_few_words(table.profiles[name]) and all(one.startswith("?") for one in concepts_of(name) - _OF_STATUSES)
        if not concepts_of(name) & OTHERS
    ]
    return [name for name in names if invoice is None or proofs.depends(table.table, invoice, name)]


def _are_few_words(profile: Profile) -> bool:
    texts = [str(value).strip() for value in profile.values]
    if not 1 < len(texts) <= _MOST_WORDS or profile.is_country or profile.is_currency or profile.filled < profile.rows:
        return False
    return all(text and len(text) <= _LONGEST_WORD and not any(map(str.isdigit, text)) for text in texts)


def _dates_of_payment(table: Understanding) -> list[str]:
    """Return the columns of dates of payments, empty where none has come."""
    return [
        name
        for name in free(table.roles)
        if {"paid", "date"} <= concepts_of(name) and table.profiles[name].dates
        if 0 < table.profiles[name].filled < table.profiles[name].rows
    ]


def ends_canceled(table: Understanding, canceled: str) -> bool:
    """Tell whether just the rows that have been canceled are over by their status: there is no later end then."""
    status = table.column("status")
    if status is None:
        return False
    rows = proofs.rows_of(table.table, [canceled, status])
    return all((day not in (None, "")) == (_of_entity(word, "subscriptions") == "canceled") for day, word in rows)


def status_of_subscriptions(table: Understanding) -> None:
    """A status that says whose it is, is the one in a table of subscriptions."""
    own = [name for name in free(table.roles) if {"status", "subscription"} <= concepts_of(name)]
    own = own or [name for name in free(table.roles) if "status" in concepts_of(name) and _are_statuses(table, name)]
    if table.column("status") is None and "status" not in table.doubts and len(own) == 1:
        give(table.roles, "status", own[0])


def _are_statuses(table: Understanding, name: str) -> bool:
    return all(map(is_status, table.profiles[name].values))


def _word_question(
    table: Understanding, name: str, value: Any, possible: Mapping[str, Mapping[str, str]], likely: str | None
) -> Question:
    rows = table.profiles[name].values[value]
    return Question(
        table.question_id("status", str(value)),
        words(
            f"What does {value} mean in {name} ({counted(rows, 'row')})?",
            f"Que veut dire {value} dans {name} ({counted(rows, 'ligne')}) ?",
        ),
        (name,),
        {**possible, **answers(leave_out=("it doesn't count: leave it out", "ne compte pas : écarter"))},
        likely=likely,
    )


def _of_entity(value: object, entity: str) -> str | None:
    """Return what a status word means: a status of the entity, or why the object doesn't count."""
    if entity == "invoices":
        return status_of(value, "not_final") or status_of(value, "invoice_status")
    return status_of(value, "subscription_status")


def _yes_or_no(name: str, profile: Profile, value: object) -> str | None:
    """Return the status that an answer to `paid?` is; None if the column doesn't ask this."""
    if not concepts_of(name) & {"paid", "balance"} or not says_yes_or_no(profile.values):
        return None
    return "paid" if str(value).strip().casefold() in YES else "open"
