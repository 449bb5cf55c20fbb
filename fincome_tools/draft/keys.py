"""Which column is the key of a table's rows, where no heading says it: it is asked, never guessed."""

from __future__ import annotations

from fincome_tools.draft.profiles import Profile
from fincome_tools.draft.questions import Question, answers, words
from fincome_tools.draft.understanding import Understanding

_FEWEST_DISTINCT = 0.1


def ask_invoice_number(table: Understanding) -> bool:
    """Ask which column numbers the invoices of a table of figures; tell whether it is known now."""
    dated = table.column("invoice_date") or table.column("period_start") or table.column("period")
    if not dated and not table.column("customer_id") and not table.column("customer_name"):
        return False
    taken = {name for role, name in table.roles.columns.items() if role not in ("id", "line_id", "description")}
    names = [name for name, profile in table.profiles.items() if name not in taken and _may_number(profile)]
    if not names:
        return False
    question = Question(
        table.question_id("invoice_id"),
        words(
            f"Which column of {table.table.name} is the invoice's number?",
            f"Quelle colonne de {table.table.name} est le numéro de facture ?",
        ),
        tuple(names),
        {**{name: words(name, name) for name in names}, **answers(none=("none of them", "aucune"))},
    )
    answer = table.questions.ask(question)
    if answer is None or answer == "none":
        return False
    for role, name in list(table.roles.columns.items()):
        if name == answer:
            del table.roles.columns[role]
    table.roles.columns["invoice_id"] = answer
    return True


def _may_number(profile: Profile) -> bool:
    """Tell whether values may be numbers of documents: in each row one with figures, of which there are many."""
    if profile.filled < profile.rows or profile.dates or profile.is_currency or profile.is_country or profile.is_email:
        return False
    texts = [str(value) for value in profile.values]
    return len(texts) >= _FEWEST_DISTINCT * profile.rows and all(any(map(str.isdigit, text)) for text in texts)
