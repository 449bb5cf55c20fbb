"""Fields of objects that a column of a table gives: as it is, as a date, or as the id that others name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.names import OTHERS, concepts_of, words_of
from fincome_tools.draft.columns.nested import quoted
from fincome_tools.draft.decisions.decisions import Decision, Emission
from fincome_tools.draft.decisions.questions import Question, answers, words
from fincome_tools.draft.tables.keys import names_customers
from fincome_tools.draft.tables.understanding import BY_NAME, Understanding

REFERENCE_SHARE = 0.95

REQUIRED: Mapping[str, Sequence[str]] = {
    "invoices": ("id", "customer_id", "date", "status", "currency", "amount"),
    "invoice_lines": ("id", "invoice_id", "type", "currency", "amount_excluding_tax_after_discount"),
}

_LAST_NAMES = frozenset(
    ["lastname", "last", "surname", "nachname", "achternaam", "apellidos", "cognome", "familienname"]
)
_FIRST_NAMES = frozenset(["prenom", "prenoms", "firstname", "vorname", "voornaam", "forename"])

OF_CREDIT_NOTES = ("id", "invoice_id", "date", "currency", "amount")

CURRENCY_OF_INVOICE = Decision("of_parent('invoice_id', 'currency')", "its invoice's")


def within(decision: Decision) -> str:
    """Return a decision's expression as a part of another."""
    whole = str(decision.expression)
    return quoted(whole) if decision.columns == (whole,) else whole


def give_column(made: Emission, name: str, table: Understanding, role: str, reason: str = "") -> None:
    """Give a field the column of a role as it is."""
    column = table.column(role)
    if column is not None:
        made.give(name, Decision(column, reason or BY_NAME, (column,)))
    elif role in table.doubts:
        made.give(name, None, table.doubts[role])


def give_document(made: Emission, name: str, table: Understanding) -> None:
    """Give a field the document's id; that of credits in a table of their own is marked, for invoices may have it."""
    number, mark = table.column("invoice_id"), table.mark_of_documents
    if number and mark:
        made.give(name, Decision(f"concat('-', {mark}, {quoted(number)})", "credits are counted apart", (number,)))
    else:
        give_column(made, name, table, "invoice_id")


def customer_id(table: Understanding) -> tuple[Decision | None, str | None]:
    """Return what tells customers apart; that it is their name is asked."""
    column, name = table.column("customer_id"), table.column("customer_name")
    if column is not None:
        return Decision(column, BY_NAME, (column,)), None
    if name is None:
        return None, table.doubts.get("customer_id") or table.doubts.get("customer_name")
    first = _first_names(table, name)
    if first is None and names_customers(table, name):
        return Decision(name, "there is no code of customers; their names are told apart", (name,)), None
    question = Question(
        table.question_id("customer"),
        words(
            f"{table.table.name} has no customer codes: does each {name} always stand for one and the same customer?",
            f"{table.table.name} n'a pas de code client : {name} désigne-t-il toujours un seul et même client ?",
        ),
        (name,),
        answers(name=("yes, it is their id", "oui, c'est leur identifiant"), none=("no", "non")),
        likely="name",
    )
    if table.questions.ask(question) != "name":
        return None, question.id
    if first:
        return _full_name(first, name, "the customer's id, as answered"), None
    return Decision(name, "the customer's id, as answered", (name,)), None


def _first_names(table: Understanding, name: str) -> str | None:
    """Return the column of first names beside one of last names, which alone tell nobody apart."""
    said = words_of(name)
    if not (set(said) & _LAST_NAMES or said in (["name"], ["nom"])):
        return None  # A company's.
    found = [one for one in table.profiles if one != name and _says_first(one) and table.profiles[one].is_text]
    return found[0] if len(found) == 1 else None


def _says_first(heading: str) -> bool:
    said = words_of(heading)
    return bool(set(said) & _FIRST_NAMES) or said[-2:] == ["first", "name"] or said[-2:] == ["given", "name"]


def _full_name(first: str, last: str, reason: str) -> Decision:
    return Decision(f"concat(' ', {quoted(first)}, {quoted(last)})", reason, (first, last))


def _have_all(table: Understanding, code: str, column: str) -> bool:
    """Tell whether each customer has a text in one row at least: a remark is about some."""
    named = {one for one, said in proofs.rows_of(table.table, [code, column]) if said not in (None, "")}
    return len(named - {None, ""}) == len(table.profiles[code].values)


def customer_name(table: Understanding) -> tuple[Decision | None, str | None]:
    """Return customers' name: what is called so, else the text that each code has for itself, else the code."""
    name, code = table.column("customer_name"), table.column("customer_id")
    if name is not None or code is None:
        if name and (first := _first_names(table, name)):
            return _full_name(first, name, BY_NAME), None
        return (Decision(name, BY_NAME, (name,)), None) if name else (None, table.doubts.get("customer_name"))
    codes = len(table.profiles[code].values)
    taken = {column for role, column in table.roles.columns.items() if role not in ("description", "product_name")}
    names = [
        column
        for column, profile in table.profiles.items()
        if column not in taken and profile.is_text and not profile.is_email and len(profile.values) >= 0.5 * codes
        if codes > 1 and ("customer_name", column) not in table.roles.refused and not concepts_of(column) & OTHERS
    ]
    names = [column for column in names if proofs.depends(table.table, code, column) and _have_all(table, code, column)]
    if not names:
        return Decision(code, "there is no name", (code,)), None
    if len(names) == 1:
        return Decision(names[0], f"a text that each {code} has for itself", (names[0],)), None
    question = Question(
        table.question_id("name"),
        words(f"Which column of {table.table.name} is the customers' name?", "Quelle colonne est le nom des clients ?"),
        tuple(names),
        {column: words(column, column) for column in names},
    )
    answer = table.questions.ask(question)
    return (Decision(answer, "as answered", (answer,)), None) if answer else (None, question.id)


def whole(made: Emission, required: Sequence[str]) -> Emission:
    """Note what is missing of an object."""
    for name in required:
        if name not in made.fields:
            made.missing[name] = made.doubts.get(name, "")
    return made


def date_of(table: Understanding, column: str | None) -> Decision | None:
    """Return the day that a column has, in the one form that its values are in."""
    return table.reading(column, table.date(column)) if column else None


def refers(child: Understanding, parent: Understanding, role: str) -> bool:
    """Tell whether nearly all values of a role in one table are in another's."""
    ours, theirs = child.profile(role), parent.profile(role)
    if ours is None or theirs is None or not ours.values:
        return False
    known = {str(value).strip() for value in theirs.values}
    return sum(str(value).strip() in known for value in ours.values) >= REFERENCE_SHARE * len(ours.values)
