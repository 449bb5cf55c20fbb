"""Columns that lines and invoices can't do without, where no heading says which they are: proved or asked.

What is asked here: the invoices' number and date, the amount, and who the customer is.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations

from destination_fincome.mapping.language.words import folded
from fincome_tools.draft.arithmetic.sums import settle_sums
from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.content import free, give, settle_by_content
from fincome_tools.draft.columns.dates import day
from fincome_tools.draft.columns.names import concepts_of, words_of
from fincome_tools.draft.columns.nested import Part
from fincome_tools.draft.columns.numbers import MARKS, number
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.decisions.questions import Question, Words, columns_or_none, words
from fincome_tools.draft.tables.understanding import Understanding, settle_dates, settle_numbers

_FEWEST_DISTINCT = 0.1
_FEWEST_GROUPS = 5
_FEW_ROWS = 20
_MOST_FIGURES = 10
_OF_CUSTOMERS = ("email", "tax_id", "country", "zip_code")
_OTHER_DATES = frozenset({"due", "due_date", "paid", "start", "end", "period", "service", "canceled"})
_WORDS_OF_CHANGES = (
    "updated modified changed modification modifie modifiee maj geandert aenderung anderung modificado modificada"
    " actualizado modificato modifica aggiornato gewijzigd wijziging"
)
_OF_CHANGES = frozenset(_WORDS_OF_CHANGES.split())
_OTHER_FIGURES = frozenset({"rate", "quantity", "id", "zip", "siret", "balance", "paid", "line", "nombre", "unit"})
_NO_FIGURES = frozenset({"rate", "date", "siret", "zip", "email", "country", "line"})


def find_invoice_number(table: Understanding) -> None:
    """Find which column numbers the invoices of a table of figures: the only one that dates depend on, or ask."""
    dated = table.column("invoice_date") or table.column("period_start") or table.column("period") or _dates(table)
    if not dated and (_is_of_prices(table) or not (table.column("customer_id") or table.column("customer_name"))):
        return
    taken = {
        name
        for role, name in table.roles.columns.items()
        if role not in ("id", "line_id", "description", "customer_id")
    }
    names = [name for name, profile in table.profiles.items() if name not in taken and _may_number(profile)]
    possible = [name for name in names if ("invoice_id", name) not in table.roles.refused]
    if names == [table.column("customer_id")]:
        return
    proved = [name for name in possible if not concepts_of(name) & {"order", "quote"} and _has_one_date(table, name)]
    if not names:
        return
    if len(proved) == 1:
        _take(table, "invoice_id", proved[0])
        settle_by_content(table.table, table.profiles, table.roles)
        settle_sums(table.table, table.profiles, table.roles)  # Now documents' totals can be told from lines' amounts.
        settle_numbers(table)
        return
    text = words(
        f"Which column of {table.table.name} is the invoice's number?",
        f"Quelle colonne de {table.table.name} est le numéro de facture ?",
    )
    _ask(table, "invoice_id", text, names)


def _is_of_prices(table: Understanding) -> bool:
    """Tell whether all that rows have of figures is a price: a list of what is sold, not what was."""
    figures = (table.column(role) for role in ("net", "gross", "amount", "unit_price"))
    return all("price" in concepts_of(name) for name in figures if name)


def _may_number(profile: Profile) -> bool:
    """Tell whether values may be numbers of documents: in each row one with figures, of which there are many."""
    if profile.filled < profile.rows or profile.dates or profile.is_currency or profile.is_country or profile.is_email:
        return False
    if concepts_of(profile.name) & _NO_FIGURES or (profile.numbers and not profile.numbers.whole):
        return False
    texts = [str(value) for value in profile.values]
    return len(texts) >= _FEWEST_DISTINCT * profile.rows and all(any(map(str.isdigit, text)) for text in texts)


def _has_one_date(table: Understanding, name: str) -> bool:
    """Tell whether rows that share a value share a day as well: so it is a document's number."""
    if table.profiles[name].is_unique:
        return False
    dates = [one for one in (table.column("invoice_date"), *_dates(table)) if one]
    texts = [str(value) for value in table.profiles[name].values]
    has_letters = all(any(map(str.isalpha, text)) and " " not in text.strip() for text in texts)
    customer = table.column("customer_id") or table.column("customer_name")
    is_of_one = (
        customer and customer != name and proofs.depends(table.table, name, customer) and _has_several(table, name)
    )
    return bool(has_letters or is_of_one) and any(proofs.depends(table.table, name, one) for one in dates)


def _has_several(table: Understanding, name: str) -> bool:
    """Tell whether so many values stand in several rows that these have something in common not just by chance."""
    return sum(count > 1 for count in table.profiles[name].values.values()) >= _FEWEST_GROUPS


def _dates(table: Understanding) -> list[str]:
    """Return the columns of dates that have no role, and whose headings say no other one."""
    # "Du", "Del" alone are no start where the table has one.
    alone = {frozenset({"start"})} if table.column("period_start") else set()
    return [
        name
        for name in free(table.roles)
        if (dates := table.profiles[name].dates) and not dates.of_months
        if concepts_of(name) in alone or not concepts_of(name) & _OTHER_DATES
    ]


def find_date(table: Understanding, *, has_lines: bool = False) -> None:
    """Ask which of the dates that no heading explains is the invoices'.

    Args:
        has_lines: another table has the invoices' lines, whose periods these are then not.
    """
    if "invoice_date" in table.doubts:
        return
    if issued := table.column("invoice_date"):
        if others := _rivals_of_creation(table, issued):
            table.roles.release(issued)
            table.roles.left.append(issued)
            _ask_date(table, [issued, *others])
        return
    begins = table.column("period_start")  # Without an end it is rather a day than a period.
    is_day = begins and (has_lines or _is_header(table) or not table.column("period_end"))
    names = _different(table)
    others = [name for name in names if not set(words_of(name)) & _OF_CHANGES]
    if is_day and begins and (has_lines or not others):
        names = [begins, *others]
    if not names:
        return
    _ask_date(table, names)


def _ask_date(table: Understanding, names: Sequence[str]) -> None:
    text = words(
        f"Which column of {table.table.name} is the invoices' date?",
        f"Quelle colonne de {table.table.name} est la date des factures ?",
    )
    if _ask(table, "invoice_date", text, names):
        settle_dates(table)


def _rivals_of_creation(table: Understanding, issued: str) -> list[str]:
    """Return other days of all documents, where theirs is only called that on which a record was made."""
    if not concepts_of(issued) <= {"created", "date"} or "created" not in concepts_of(issued):
        return []
    names = [name for name in _different(table) if not set(words_of(name)) & _OF_CHANGES]
    names = [name for name in names if table.profiles[name].filled == table.profiles[name].rows]
    return [name for name in names if not _are_same_days(table, issued, name)]


def _are_same_days(table: Understanding, first: str, second: str) -> bool:
    """Tell whether two columns have the same day in each row, whatever they are written like."""
    pairs = set(proofs.rows_of(table.table, [first, second]))
    forms = [dates.formats if (dates := table.profiles[name].days) else () for name in (first, second)]
    both = [(form, other) for form in forms[0] for other in forms[1]]
    return any(all(day(one, form) == day(two, other) for one, two in pairs) for form, other in both)


def _is_header(table: Understanding) -> bool:
    """Tell whether rows are documents with their totals, called so: what begins is no period of a line's."""
    says, number = concepts_of(table.table.name), table.profile("invoice_id")
    return "invoice" in says and "line" not in says and number is not None and number.is_unique


def _different(table: Understanding) -> list[str]:
    """Return the columns of dates that may be documents', without the same for all, and the second of two copies."""
    found: list[str] = []
    for name in _dates(table):
        values = table.profiles[name].values
        is_one_for_all = len(values) == 1 and table.profiles[name].rows >= _FEW_ROWS
        if not is_one_for_all and all(values != table.profiles[other].values for other in found):
            found.append(name)
    return found


def find_amount(table: Understanding) -> bool:
    """Ask which of the figures that no heading explains is the amount; tell whether there are some."""
    names = [name for name in free(table.roles) if _may_be_figure(table.profiles[name])]
    if not names:
        return False
    likely, reduced = None, dict[str, tuple[str, str]]()
    if proved := _product_of(table, names):
        likely = proved[2]
        _take_factors(table, proved)
        names = [name for name in names if name not in proved[:2]]
        others = [name for name in names if name != likely and _is_taken_off(table, likely, name)]
        reduced = {f"{likely} - {name}": (likely, name) for name in others}
    text = words(
        f"Which column of {table.table.name} is the amount without tax?",
        f"Quelle colonne de {table.table.name} est le montant hors taxe ?",
    )
    question = Question(
        table.question_id("net"),
        text,
        tuple(names),
        columns_or_none([*names, *reduced]),
        likely=names[0] if len(names) == 1 else likely,
    )
    answer = table.questions.ask(question)
    if answer is None:
        table.doubts["net"] = question.id
    elif answer in reduced:
        table.roles.columns["before_discount"], table.roles.columns["deducted"] = reduced[answer]
        settle_numbers(table)
    elif answer != "none":
        _take(table, "net", answer)
        settle_numbers(table)
    return True


def _product_of(table: Understanding, names: Sequence[str]) -> tuple[str, str, str] | None:
    """Return the only two figures of a row whose product is a third one, with this: by one decimal sign alone."""
    if len(names) > _MOST_FIGURES:
        return None
    found = []
    for mark in MARKS:
        marks = {name: table.profiles[name].only_mark or mark for name in names}
        for product in names:
            for first, second in combinations([name for name in names if name != product], 2):
                ways = [proofs.multiply(table.table, *pair, product, marks) for pair in _both(first, second)]
                if all(way.agree >= proofs.SHARE * way.say for way in ways) and any(way.is_proof for way in ways):
                    found.append((first, second, product, marks))
    if len({one[:3] for one in found}) != 1:
        return None
    first, second, product, marks = found[0]
    if len(found) == 1 or all(table.profiles[name].only_mark for name in (first, second, product)):
        table.marks |= {name: marks[name] for name in (first, second, product)}
    return first, second, product


def _both(first: str, second: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (first, second), (second, first)


def _take_factors(table: Understanding, proved: tuple[str, str, str]) -> None:
    """Of two factors the one that has nothing but whole numbers, if the other has others too, counts what was sold."""
    whole = [name for name in proved[:2] if _counts(table, name)]
    if len(whole) == 1 and table.column("quantity") is None and table.column("unit_price") is None:
        (price,) = {*proved[:2]} - {*whole}
        give(table.roles, "quantity", whole[0])
        give(table.roles, "unit_price", price)


def _counts(table: Understanding, name: str) -> bool:
    mark = table.marks.get(name)
    figures = [number(value, mark) for value in table.profiles[name].values] if mark else []
    return bool(figures) and all(one is not None and one == int(one) for one in figures)


def _is_taken_off(table: Understanding, amount: str, name: str) -> bool:
    """Tell whether a figure may be taken off an amount: never more than this, nothing in many rows."""
    marks = {one: mark for one in (amount, name) if (mark := table.marks.get(one) or table.profiles[one].only_mark)}
    if len(marks) < 2:
        return False
    none, filled, rows = Decimal(0), 0, 0
    for whole, part in proofs.figures_of(table.table, [amount, name], marks):
        if abs(part or none) > abs(whole or none) or (part or none) * (whole or none) < 0:
            return False
        rows += 1
        filled += bool(part)
    return 0 < filled <= rows / 2


def names_sales(table: Understanding) -> bool:
    """Tell whether rows have a customer of another table, a day, and figures that no heading explains."""
    customer = table.profile("customer_id")
    if customer is None or customer.is_unique or not _dates(table):
        return False
    return any(_may_be_figure(table.profiles[name]) for name in free(table.roles))


def _may_be_figure(profile: Profile) -> bool:
    numbers = profile.numbers
    if numbers is None or concepts_of(profile.name) & _OTHER_FIGURES or profile.dates or isinstance(profile.name, Part):
        return False
    if profile.rows >= _FEW_ROWS and {str(value).strip() for value in profile.values} <= {"0", "1"}:
        return False  # A flag.
    says_amount = bool(concepts_of(profile.name) & {"amount", "net", "total", "cents", "charge"})
    return profile.filled > 0 and (says_amount or not numbers.whole)


def find_customer(table: Understanding) -> None:
    """Ask which text names the customers, where no heading says it."""
    roles = ("customer_id", "customer_name")
    if any(table.column(role) or role in table.doubts for role in roles):
        return
    invoice = table.column("invoice_id")
    names = [name for name in free(table.roles) if _may_name(table.profiles[name])]
    names = [name for name in names if ("customer_name", name) not in table.roles.refused]
    if invoice:
        names = [name for name in names if proofs.depends(table.table, invoice, name)]
    role = "customer_name"
    if not names and invoice:
        role, names = "customer_id", [name for name in free(table.roles) if _may_identify(table, name, invoice)]
    if not names:
        return
    text = words(
        f"Which column of {table.table.name} names the customer?",
        f"Quelle colonne de {table.table.name} désigne le client ?",
    )
    _ask(table, role, text, names)


def _may_name(profile: Profile) -> bool:
    is_constant = len(profile.values) < 2
    return profile.is_text and not profile.is_currency and not is_constant and profile.filled == profile.rows


def _may_identify(table: Understanding, name: str, invoice: str) -> bool:
    """Tell whether values may be ids of whom invoices are for: of fewer than there are invoices."""
    profile, invoices = table.profiles[name], table.profiles[invoice]
    is_an_id = "id" in concepts_of(name) and profile.filled == profile.rows and not profile.dates
    return is_an_id and 1 < len(profile.values) < len(invoices.values) and proofs.depends(table.table, invoice, name)


def names_customers(table: Understanding, name: str) -> bool:
    """Tell whether names tell customers apart: none is written in two ways, nothing else differs for one of them."""
    written: dict[str, str] = {}
    for value in map(str, table.profiles[name].values):
        plain = "".join(sign for sign in folded(value) if sign.isalnum())
        if written.setdefault(plain, value) != value:
            return False
    others = [column for role in _OF_CUSTOMERS if (column := table.column(role))]
    return all(proofs.depends(table.table, name, column) for column in others)


def _ask(table: Understanding, role: str, text: Words, names: Sequence[str]) -> bool:
    """Ask which of some columns has a role; tell whether it is known now."""
    question = Question(
        table.question_id(role),
        text,
        tuple(names),
        columns_or_none(names),
        likely=names[0] if len(names) == 1 else None,
    )
    answer = table.questions.ask(question)
    if answer is None:
        table.doubts[role] = question.id
    if answer is None or answer == "none":
        return False
    _take(table, role, answer)
    return True


def _take(table: Understanding, role: str, name: str) -> None:
    table.roles.release(name)
    give(table.roles, role, name)
