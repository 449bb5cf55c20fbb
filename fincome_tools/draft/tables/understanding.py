"""One table understood: its columns' roles, formats and figures, with a question wherever two readings are possible."""

from __future__ import annotations

from dataclasses import dataclass, field

from fincome_tools.draft.arithmetic.sums import settle_sums
from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.content import free, give
from fincome_tools.draft.columns.dates import EPOCH_MS, EPOCH_MS_LOCAL, ISO, Dates, form_of_firsts
from fincome_tools.draft.columns.kept import KeptTable
from fincome_tools.draft.columns.names import concepts_of, says_invoice, words_of
from fincome_tools.draft.columns.nested import quoted
from fincome_tools.draft.columns.numbers import Mark, Numbers, number
from fincome_tools.draft.columns.profiles import Profile, profiles_of
from fincome_tools.draft.columns.roles import Assigned, assign
from fincome_tools.draft.decisions.decisions import Decision, text
from fincome_tools.draft.decisions.questions import Question, Questions, answers, columns_or_none, words
from fincome_tools.draft.tables.evidence import settle
from fincome_tools.draft.tables.identity import refused
from fincome_tools.draft.texts.mixed_spans import periods_in
from fincome_tools.draft.texts.references import with_reference
from fincome_tools.draft.texts.spans import Span, with_parts

BY_NAME = "by its name and content"
_PLAIN_DATES = (ISO, "%Y-%m-%d")
_AMOUNTS = (
    "debit",
    "credit_side",
    "net",
    "before_discount",
    "deducted",
    "reduction",
    "gross",
    "tax",
    "amount",
    "unit_price",
    "quantity",
    "discount",
    "tax_rate",
    "monthly_value",
)
_OF_DOCUMENTS = frozenset({"id", "invoice", "document"})
_NUMBER = frozenset({"num", "number", "numero", "nummer", "nr", "no", "n"})
_IDS = frozenset({"id", "uuid", "guid", "key", "identifiant", "identifier", "kennung", "entry"})
_RANGES = (("invoice_date", "due_date"), ("period_start", "period_end"))
_ORDERS = {"dmy": "%d", "mdy": "%m"}


@dataclass
class Understanding:
    """A table and what is known of it.

    Attributes:
        marks: the decimal sign of each column of numbers, as far as it is known.
        formats: the form of each column of dates, as far as it is known.
        reasons: why a sign or a form was chosen, by column.
        doubts: the question that a column waits for.
        parent: the table of the documents whose lines these are.
        is_of_customers: other tables name its rows as their customers, whatever its headings.
        are_credits: all documents are credits, as answered, or are counted apart from the invoices.
        are_numbered_as_credits: the heading of their number calls them credits.
        listed_credits: numbers of its documents that another table lists as credits.
        are_notes_elsewhere: that table says what these credit: it makes them.
        are_counted_apart: another table has the numbers of its documents, for others.
        counted_apart: the condition of credits among its rows whose numbers its invoices have as well.
        has_parts: of documents that another table has as well, it has a part of what they come to.
        repeated: numbers of documents that another table has as well, all of them.
        left_out: statuses of documents that don't count, as answered.
        labels: what codes of columns stand for, as another table says.
        summed: the table of the documents, and the amount of it, that lines make by their sums, whatever it is.
        summands: the amounts of lines that make one of these documents'.
        telling_credits: the column that tells credits, and those that say the same.
        repeats_totals: the amount on each row is its document's, as answered.
        in_cents: amounts whose headings don't say that they are in cents, as answered.
        spans: periods in the texts of columns, which nobody but the user knows to be the lines'.
        lasts: how many months periods last that begin with a column, as an expression.
        last_days: columns whose values are the last days of periods, for sure.
    """

    table: KeptTable
    profiles: dict[str, Profile]
    roles: Assigned
    questions: Questions
    marks: dict[str, Mark] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    lasts: dict[str, str] = field(default_factory=dict)
    last_days: set[str] = field(default_factory=set)
    parent: Understanding | None = None
    is_of_customers: bool = False
    are_credits: bool = False
    are_numbered_as_credits: bool = False
    listed_credits: frozenset[str] = frozenset()
    are_notes_elsewhere: bool = False
    are_counted_apart: bool = False
    counted_apart: str | None = None
    has_parts: bool = False
    repeated: frozenset[str] = frozenset()
    left_out: list[object] = field(default_factory=list)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    summed: tuple[Understanding, str] | None = None
    summands: list[str] = field(default_factory=list)
    telling_credits: list[str] = field(default_factory=list)
    in_cents: list[str] = field(default_factory=list)
    repeats_totals: bool = False

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return max((profile.rows for profile in self.profiles.values()), default=0)

    @property
    def mark_of_documents(self) -> str | None:
        """The expression of what stands before numbers of documents that others have too, as credits may."""
        header = self.parent or self
        if header.are_credits or header.are_counted_apart:
            return text(self.questions.called(header.table.name))
        return f"when({self.counted_apart}, 'credit')" if self.counted_apart else None

    @property
    def holds_credits(self) -> bool:
        """Whether all documents, of these rows or of which they are lines, are credits: as answered, or by the name."""
        header = self.parent or self
        says = concepts_of(header.table.name)
        is_told = header.are_credits or header.are_numbered_as_credits
        return is_told or ("credit" in says and not says & {"invoice", "line"})

    def word(self, column: str, value: object) -> object:
        """Return what a value says: the word that it stands for, if it is a code of another table."""
        return self.labels.get(column, {}).get(str(value).strip(), value)

    def values_of(self, column: str) -> list[object]:
        """Return the values of a column, with codes that haven't occurred yet."""
        values = list(self.profiles[column].values)
        if not all(isinstance(value, str) for value in values):
            return values
        return [*values, *(code for code in self.labels.get(column, {}) if code not in values)]

    def column(self, role: str) -> str | None:
        """Return the column of a role."""
        return self.roles.get(role)

    def profile(self, role: str) -> Profile | None:
        """Return what the column of a role holds."""
        name = self.column(role)
        return self.profiles[name] if name else None

    def question_id(self, *parts: str) -> str:
        """Return the id of a question about this table."""
        return self.questions.id_of(self.table.name, *parts)

    def settle_rivals(self, role: str) -> list[str]:
        """Ask no longer which column has a role, as something else tells it; return those that it might have been."""
        self.doubts.pop(role, None)
        self.questions.withdraw(self.question_id(role))
        return self.roles.rivals.pop(role, [])

    # --- expressions

    def number(self, column: str) -> str | None:
        """Return the expression of a column's number; None while its decimal sign isn't known."""
        if column not in self.marks or column in self.doubts:
            return None
        values = self.profiles[column].values
        plain = bool(values) and all(_is_plain(value, self.marks[column]) for value in values)
        read = quoted(column) if plain else f"number({quoted(column)}, '{self.marks[column]}')"
        if "cents" not in concepts_of(column) and column not in self.in_cents:
            return read
        currency = self.column("currency")
        return f"money({read}, {quoted(currency)})" if currency else f"divide({read}, `100`)"

    def date(self, column: str) -> str | None:
        """Return the expression of a column's date; None while its form isn't known."""
        form = self.formats.get(column)
        if form is None:
            return None
        if form == EPOCH_MS:
            return f"epoch_ms({quoted(column)})"
        if form == EPOCH_MS_LOCAL:
            return f"local_date(epoch_ms({quoted(column)}), 'Europe/Berlin')"
        return quoted(column) if form in _PLAIN_DATES else f"parse_time({quoted(column)}, '{form}')"

    def reading(self, column: str, expression: str | None, reason: str = BY_NAME) -> Decision | None:
        """Return the decision to read a column so; None while its values can't be read for sure."""
        if expression is None:
            return None
        why = "; ".join(filter(None, [reason, self.reasons.get(column, "")]))
        return Decision(column if expression == quoted(column) else expression, why, (column,))


def _is_plain(value: object, mark: Mark) -> bool:
    """Tell whether the connector reads a number as it is: a text with a dot, and a dot is its decimal sign."""
    if not isinstance(value, str):
        return True
    if mark == "," and "." in value:
        return False
    head, _, tail = value.strip().removeprefix("-").partition(".")
    return head.isascii() and head.isdigit() and (not tail or tail.isdigit())


def understand(table: KeptTable, questions: Questions) -> Understanding:
    """Look at a whole table."""
    profiles = profiles_of(table)
    roles = _assigned(table, profiles)
    settle_sums(table, profiles, roles)
    spans = dict(periods_in(profiles))
    if spans:
        known = {part: read for span in spans for part, read in span.readers().items()}
        table = with_parts(table, list(known), known)
        profiles = profiles | {name: profile for parts in spans.values() for name, profile in parts.items()}
    table, profiles = with_reference(table, profiles, roles)
    found = Understanding(table, profiles, roles, questions, spans=list(spans))
    _take_number(found)
    _take_spans(found)
    _settle_rivals(found)
    settle_numbers(found)
    settle_dates(found)
    return found


def _assigned(table: KeptTable, profiles: dict[str, Profile]) -> Assigned:
    """Give roles by headings and content, again without those that the values refuse."""
    refusals: frozenset[tuple[str, str]] = frozenset()
    while True:
        roles = assign(profiles, refusals)
        settle(table, profiles, roles)
        more = frozenset(refused(table, profiles, roles)) - refusals
        if not more:
            return roles
        refusals |= more


def _take_number(found: Understanding) -> None:
    """A number that goes with each document's id is the number that people read."""
    roles, invoice = found.roles, found.column("invoice_id")
    if invoice is None or "number" in roles.columns or _is_number_of_invoices(invoice):
        return
    names = [name for name in free(roles) if concepts_of(name) <= _OF_DOCUMENTS and set(words_of(name)) & _NUMBER]
    names += [name for name in free(roles) if name not in names and _is_number_of_documents(name)]
    names = [name for name in names if proofs.name_alike(found.table, [invoice, name])]
    if len(names) == 1:
        give(roles, "number", names[0])


def _is_number_of_invoices(name: str) -> bool:
    """Tell whether a heading calls an id the invoice's number: then it is what people read."""
    return says_invoice(name) and not set(words_of(name)) & _IDS


def _is_number_of_documents(name: str) -> bool:
    says = concepts_of(name)
    return "id" in says and says <= _OF_DOCUMENTS and len(says) > 1


def take_span(found: Understanding, span: Span) -> None:
    """Let the periods in a column's text be the lines'."""
    roles = ("period",) if len(span.columns) == 1 else ("period_start", "period_end")
    found.roles.columns |= dict(zip(roles, span.columns, strict=True))
    if span.months:
        found.lasts[span.columns[0]] = span.months
    if span.are_ends_last:
        found.last_days.add(span.columns[-1])


def _take_spans(found: Understanding) -> None:
    """Periods that are all of a column, or what its heading says, are the lines', if nothing else is.

    Where a text says a time that isn't read it is asked, as the row would be a one-off sale; so are business years.
    """
    if any(found.column(role) for role in ("period", "period_start", "period_end")):
        found.spans = []
        return
    sure = [one for one in found.spans if one.is_whole or concepts_of(one.source) & {"period", "service"}]
    if len(sure) == 1 and not (sure[0].unread or sure[0].has_business_years):
        take_span(found, sure[0])
        found.spans = []


# --- rivals


def _settle_rivals(found: Understanding) -> None:
    """Of columns that say the same: empty ones and copies go, the rest is asked."""
    for role, names in list(found.roles.rivals.items()):
        if role == "unit_price" and any(found.column(one) for one in ("net", "amount", "gross")):
            found.roles.left += found.roles.rivals.pop(role)  # Nothing asks for it.
            continue
        if role == "id" and found.column("invoice_id"):
            _take_unique(found, found.roles.rivals.pop(role))
            continue
        filled = [name for name in names if found.profiles[name].filled]
        distinct = [
            name
            for place, name in enumerate(filled)
            if not any(found.profiles[name].values == found.profiles[other].values for other in filled[:place])
        ]
        if len(distinct) == 1:
            found.roles.columns[role] = distinct[0]
            del found.roles.rivals[role]
            continue
        question = Question(
            found.question_id(role),
            words(
                f"Which column of {found.table.name} is the {role.replace('_', ' ')}?",
                f"Quelle colonne de {found.table.name} est : {role.replace('_', ' ')} ?",
            ),
            tuple(distinct),
            columns_or_none(distinct),
        )
        answer = found.questions.ask(question)
        if answer and answer != "none":
            found.roles.columns[role] = answer
        elif answer is None:
            found.doubts[role] = question.id


def _take_unique(found: Understanding, names: list[str]) -> None:
    """Of several ids beside a document's number only one that counts the rows may be of use."""
    unique = [name for name in names if found.profiles[name].is_unique]
    found.roles.left += names
    if len(unique) == 1:
        give(found.roles, "id", unique[0])


# --- numbers


def settle_numbers(found: Understanding) -> None:
    """Find the decimal sign of each column with figures: by its values, by arithmetic, else by a question."""
    columns = [name for role in _AMOUNTS if (name := found.column(role))]
    numbers: dict[str, Numbers] = {name: n for name in columns if (n := found.profiles[name].numbers)}
    for name, one in numbers.items():
        if len(one.marks) == 1 or one.whole:
            found.marks[name] = one.marks[0] if len(one.marks) == 1 else "."
            found.reasons[name] = f"decimal sign {found.marks[name]}" if one.proved and not one.whole else ""
    open_ones = [name for name in numbers if name not in found.marks]
    if open_ones and (mark := _proved_mark(found, open_ones)):
        found.marks |= dict.fromkeys(open_ones, mark)
        found.reasons |= dict.fromkeys(open_ones, f"decimal sign {mark}, as its sums prove")
        return
    if open_ones:
        ask_mark(found, open_ones)


def ask_mark(found: Understanding, columns: list[str]) -> str | None:
    """Ask which sign of some columns is the decimal one; return the question's id while it isn't answered."""
    shown = str(next(iter(found.profiles[columns[0]].values)))
    plain = shown.replace(",", "").replace(".", "")
    question = Question(
        found.question_id("decimal"),
        words(f"What is {shown} in {', '.join(columns)}?", f"Que vaut {shown} dans {', '.join(columns)} ?"),
        tuple(columns),
        answers(
            comma=(_as_read(shown, ","), _as_read(shown, ",")),
            dot=(_as_read(shown, "."), _as_read(shown, ".")),
        ),
    )
    answer = found.questions.ask(question) if plain else None
    for name in columns:
        if answer:
            found.marks[name] = "," if answer == "comma" else "."
            found.reasons[name] = "decimal sign as answered"
        else:
            found.doubts[name] = question.id
    return None if answer else question.id


def _as_read(shown: str, mark: Mark) -> str:
    return f"{number(shown, mark)}"


def _proved_mark(found: Understanding, columns: list[str]) -> Mark | None:
    """Return the decimal sign by which the table's sums or products are right, if they aren't by the other."""
    proved: list[Mark] = []
    for mark in (",", "."):
        marks: dict[str, Mark] = {**found.marks, **dict.fromkeys(columns, mark)}
        if any(tally.is_proof for tally in _tallies(found, marks)):
            proved.append(mark)
    return proved[0] if len(proved) == 1 else None


def _tallies(found: Understanding, marks: dict[str, Mark]) -> list[proofs.Tally]:
    column = found.column
    net, gross, tax = column("net") or column("amount"), column("gross"), column("tax")
    quantity, unit = column("quantity"), column("unit_price")
    tallies = []
    if net and gross and tax:
        tallies.append(proofs.add_up(found.table, [net, tax], gross, marks))
    if net and quantity and unit:
        tallies.append(proofs.multiply(found.table, quantity, unit, net, marks))
    return tallies


# --- dates


def settle_dates(found: Understanding) -> None:
    """Find the form of each column of dates: by its values, by what dates must obey, else by a question."""
    dates: dict[str, Dates] = {name: d for name, profile in found.profiles.items() if (d := profile.days)}
    roles = {name: role for role, name in found.roles.columns.items()}
    relevant = {
        name: d for name, d in dates.items() if roles.get(name, "").endswith(("date", "start", "end", "period"))
    }
    for name, one in relevant.items():
        if len(one.formats) == 1:
            found.formats[name] = one.formats[0]
            found.reasons[name] = "" if one.formats[0] in _PLAIN_DATES else f"written {_spoken(one.formats[0])}"
    open_ones = [name for name in relevant if name not in found.formats]
    for name in open_ones:
        if form := _proved_form(found, name, relevant[name]) or _form_of_sibling(found, relevant, name):
            found.formats[name] = form
    still = [name for name in open_ones if name not in found.formats]
    if still:
        _ask_order(found, still, relevant)


def _proved_form(found: Understanding, name: str, dates: Dates) -> str | None:
    """Return the form by which a range holds that doesn't hold by the other: starts before ends, whole months."""
    for first_role, second_role in _RANGES:
        first, second = found.column(first_role), found.column(second_role)
        if not first or not second or name not in (first, second):
            continue
        holds = {form for form in dates.formats if _range_holds(found, first, second, name, form)}
        if len(holds) == 1:
            form = holds.pop()
            found.reasons[name] = f"written {_spoken(form)}: the other way {first} would come after {second}"
            return form
    if name in (found.column("period_start"), found.column("period")):
        first_days = form_of_firsts(found.profiles[name].values, dates.formats)
        if first_days:
            found.reasons[name] = f"written {_spoken(first_days)}: all are the first of a month"
        return first_days
    return None


def _range_holds(found: Understanding, first: str, second: str, name: str, form: str) -> bool:
    forms = tuple(form if one == name else found.formats.get(one, form) for one in (first, second))
    tally = proofs.in_order(found.table, first, second, (forms[0], forms[1]))
    return tally.say > 0 and tally.agree >= proofs.SHARE * tally.say


def _form_of_sibling(found: Understanding, dates: dict[str, Dates], name: str) -> str | None:
    """Return the form of another column of this table whose values prove it, if this one's fit it too."""
    for other, form in found.formats.items():
        if form in dates[name].formats and len(dates[other].formats) == 1:
            found.reasons[name] = f"written {_spoken(form)}, as {other} proves"
            return form
    return None


def _ask_order(found: Understanding, columns: list[str], dates: dict[str, Dates]) -> None:
    shown = str(next(iter(found.profiles[columns[0]].values)))
    question = Question(
        found.question_id("dates"),
        words(
            f"In {', '.join(columns)}, does {shown} begin with the day or the month?",
            f"Dans {', '.join(columns)}, {shown} commence-t-il par le jour ou par le mois ?",
        ),
        tuple(columns),
        answers(dmy=("the day", "le jour"), mdy=("the month", "le mois")),
        likely="dmy",
    )
    answer = found.questions.ask(question)
    for name in columns:
        fitting = [form for form in dates[name].formats if answer and form.startswith(_ORDERS[answer])]
        if fitting:
            found.formats[name] = fitting[0]
            found.reasons[name] = "order of day and month as answered"
        else:
            found.doubts[name] = question.id


def _spoken(form: str) -> str:
    return form.replace("%d", "DD").replace("%m", "MM").replace("%Y", "YYYY").replace("%y", "YY")
