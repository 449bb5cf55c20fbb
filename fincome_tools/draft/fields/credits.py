"""Credits among invoices: told by the type of document, by its number, or by an amount below zero, which is asked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from destination_fincome.mapping.language.words import NO, YES
from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.content import are_of_machines, free
from fincome_tools.draft.columns.dates import day
from fincome_tools.draft.columns.names import are_kinds, concepts_of, document_kind, says_return
from fincome_tools.draft.columns.nested import quoted
from fincome_tools.draft.columns.numbers import Mark
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.columns.series import rare_series
from fincome_tools.draft.decisions.decisions import cells_of, one_of, says_one_of, text
from fincome_tools.draft.decisions.questions import Question, answers, words
from fincome_tools.draft.tables.evidence import says_yes_or_no
from fincome_tools.draft.tables.understanding import Understanding

_MOST_KINDS = 6
_MOST_SERIES = 6
_MOST_WORDS = 12
_MOST_FLAGGED = 0.5
_FEWEST_ROWS = 20
_MOST_CODES = 4
_MOST_COLUMNS = 3
_LONGEST_CODE = 8
_MOST_CREDITED = 0.3
_NO_KINDS = frozenset(
    {"currency", "country", "paid", "terms", "method", "product", "tax", "rate", "quantity", "unit", "email", "status"}
)
_LETTERS_OF_CREDITS = (
    "av avo avoir cn crn cm cre cred credit gs gu gut gutschrift nc ncr ncc abo abono ab sc rect sto storno"
)
_SERIES_OF_CREDITS = frozenset(_LETTERS_OF_CREDITS.split())
_PREFIX = re.compile(r"\s*([A-Za-z]+)")
_ALL = "`true`"
_LEAST_NAMED = 0.5


@dataclass(frozen=True)
class Credits:
    """The rows that are credits.

    Attributes:
        condition: in the mapping language.
        are_negative: their amounts are below zero; else they are written as what is taken off.
        documents: their numbers.
        named: the numbers of those that name what they credit.
        notes: the condition of those, which become credit notes; None if there are none. The others stay invoices
            below zero.
        origin: the column that names the credited invoice, if it is in this table.
    """

    condition: str
    are_negative: bool
    documents: frozenset[str]
    named: frozenset[str]
    notes: str | None = None
    origin: str | None = None

    @property
    def is_of_all(self) -> bool:
        """Whether all rows are of credits."""
        return self.condition == _ALL

    @property
    def are_all(self) -> bool:
        """Whether all rows are of credits that name what they credit."""
        return self.is_of_all and self.documents == self.named


_Figure = tuple[str, Mark] | Mapping[str, Decimal] | Sequence[Decimal]
"""What documents come to: a column with its decimal sign, the sums of their lines, or what each row comes to."""

Found = tuple[Credits | None, str | None]
"""The credits, if there are some; or the question that tells."""


@dataclass
class _Documents:
    """The sum of each document, and what else tells a credit.

    Attributes:
        sums: by the document's number.
        typed: documents whose type is a credit's.
        named: documents that name another one.
    """

    sums: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    typed: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)

    @property
    def negative(self) -> set[str]:
        """Documents below zero."""
        return {one for one, total in self.sums.items() if total < 0}

    def signs(self, documents: set[str]) -> set[bool]:
        """Return whether some documents are below zero, as far as both occur."""
        return {self.sums[one] < 0 for one in documents if self.sums[one]}


def credits_of(
    table: Understanding,
    amount: str | None,
    sums: Mapping[str, Decimal] | None = None,
    computed: Sequence[Decimal] | None = None,
) -> Found:
    """Find the credits among a table's rows.

    Args:
        amount: the column of the amount without tax.
        sums: what each document comes to by its lines, where the table has no amounts.
        computed: what each row comes to, where no column has it: of debit and credit, or quantity and price.
    """
    if sums and (invoice := table.column("invoice_id")):
        return _by_their_lines(table, invoice, sums)
    invoice = table.column("invoice_id")
    mark = table.marks.get(amount or "")
    figure: _Figure | None = computed or ((amount, mark) if amount and mark else None)
    if invoice is None or figure is None:
        if invoice and "net" in table.doubts:
            _ask_kinds(table, _possible_kinds(table, invoice))
        return None, None
    origin, kinds = table.column("origin_id"), _typed(table)
    found = _documents(table, invoice, figure, kinds)
    if kinds is None and not table.holds_credits and (kinds := _told_by(table, invoice, found)):
        found = _documents(table, invoice, figure, kinds)
    if kinds:
        _tell(table, kinds.column)
    if documents := table.listed_credits & found.sums.keys():
        return _of_listed(table, invoice, found, documents, kinds)
    everything = set(found.sums)
    if table.holds_credits and len(found.signs(everything)) == 1 and (kinds is None or found.typed == everything):
        return _of_kind(table, _ALL, found, everything, is_said=True)
    if kinds:
        return _of_type(table, found, kinds)
    if numbered := _numbered_apart(table, invoice, found):
        return numbered, None
    if origin and found.named and found.negative <= found.named:
        return _of_kind(table, quoted(origin), found, found.named)
    if not found.negative:
        if "credit" in concepts_of(table.table.name):
            return _of_kind(table, _ALL, found, set(found.sums))
        if are_of_machines(table.profiles[invoice]):
            return _of_unknown_kinds(table, invoice, figure)
        if series := _series_of_credits(found.sums.keys()):
            return _of_series(table, invoice, found, series)
        if (kind := _of_unknown_kinds(table, invoice, figure)) != (None, None):
            return kind
        return _of_rare_series(table, invoice, found)
    return _untyped(table, invoice, found)


def credits_below_zero(table: Understanding, sums: Mapping[str, Decimal]) -> Found:
    """Find the credits among a journal's documents: those below zero, told by their numbers, or asked about."""
    invoice, found = table.column("invoice_id"), _Documents()
    found.sums.update(sums)
    if invoice is None or not found.negative:
        return None, None
    if numbered := _numbered_apart(table, invoice, found):
        return numbered, None
    return _untyped(table, invoice, found)


def _numbered_apart(table: Understanding, invoice: str, found: _Documents) -> Credits | None:
    """Return the documents below zero, if the letters before their numbers tell them from all others."""
    prefix = prefix_of(found.negative, found.sums.keys() - found.negative)
    return _credits(table, _begins_with(invoice, prefix), found, found.negative) if prefix else None


def _series_of_credits(numbers: Set[str]) -> str | None:
    """Return the letters of credits with which some numbers begin, if no others have other ones: `AV`, `NC`."""
    begins = {match.group(1) if (match := _PREFIX.match(one)) else "" for one in numbers}
    if len(begins) > _MOST_SERIES:
        return None  # Ids that a machine made.
    found = {letters for letters in begins if letters.casefold() in _SERIES_OF_CREDITS}
    return found.pop() if len(found) == 1 else None


def _of_series(table: Understanding, invoice: str, found: _Documents, series: str) -> Found:
    """Documents above zero whose numbers begin as those of credits: whether they are is asked."""
    documents = {one for one in found.sums if one.strip().startswith(series)}
    others = {one for one in found.sums if one not in documents}
    condition = _begins_with(invoice, series) if others else _ALL
    return _of_kind(table, condition, found, documents, series=series)


def _of_listed(
    table: Understanding, invoice: str, found: _Documents, documents: Set[str], kinds: _Kinds | None
) -> Found:
    """Documents that another table lists as credits, told as far as may be by what later ones have as well."""
    if kinds and found.typed == documents:
        condition = kinds.condition
    else:
        condition = _among(invoice, documents, found.sums.keys() - documents, table.profiles[invoice].values)
    if table.are_notes_elsewhere:
        are_negative = found.signs(set(documents)) == {True}
        return Credits(condition, are_negative, frozenset(documents), frozenset(documents), notes=condition), None
    if len(found.signs(set(documents))) == 1:
        return _credits(table, condition, found, set(documents)), None
    return _of_kind(table, condition, found, set(documents))


def _of_rare_series(table: Understanding, invoice: str, found: _Documents) -> Found:
    """Documents above zero whose numbers are of a rare series of their own, at the same time: whether they are credits.

    Nothing is asked where something else was, and the answer is that there are none.
    """
    issued = table.column("invoice_date")
    form = table.formats.get(issued or "")
    if issued is None or form is None or table.question_id("kinds") in table.questions.answered:
        return None, None
    days: dict[str, date] = {}
    for number, value in proofs.rows_of(table.table, [invoice, issued]):
        if when := day(value, form):
            days.setdefault(str(number), when)
    told = rare_series(days)
    if told is None:
        return None, None
    documents, prefix, is_theirs = told
    condition = f"starts_with(text({quoted(invoice)}), {text(prefix)})"
    return _of_kind(
        table,
        condition if is_theirs else f"!{condition}",
        found,
        documents & found.sums.keys(),
        series=min(documents) if not is_theirs else prefix,
    )


def _by_their_lines(table: Understanding, invoice: str, sums: Mapping[str, Decimal]) -> Found:
    """Find the credits among documents that are told by a type, or name another; the amounts are their lines'."""
    kinds = _typed(table)
    if kinds is None:
        return _of_unknown_kinds(table, invoice, sums)
    _tell(table, kinds.column)
    return _of_type(table, _documents(table, invoice, sums, kinds), kinds)


@dataclass(frozen=True)
class _Kinds:
    """The words of a column that tell credits.

    Attributes:
        values: the same, as the cells have them.
        others: what else the cells have.
    """

    column: str
    words: frozenset[str]
    values: tuple[object, ...]
    others: tuple[object, ...]

    @property
    def condition(self) -> str:
        """The condition of rows with one of them."""
        return says_one_of(self.column, self.values, self.others)


def _kinds(profile: Profile, words: Set[str]) -> _Kinds:
    values = cells_of(words, profile.values)
    others = tuple(value for value in profile.values if str(value) not in words)
    return _Kinds(profile.name, frozenset(words), tuple(values), others)


def _typed(table: Understanding) -> _Kinds | None:
    """Return the column with words of credits."""
    sides = table.profile("sides")
    if sides and len(sides.values) == 2:
        # Of a journal's two sides, credits are on the one that is the rarer.
        return _kinds(sides, {str(min(sides.values, key=sides.values.__getitem__))})
    if signs := _signs(table):
        return signs
    for role in ("document_type", "line_type"):
        column, profile = table.column(role), table.profile(role)
        if column and profile:
            said = {str(value): table.word(column, value) for value in profile.values}
            by_code = are_kinds(said.values())
            found = frozenset(
                value for value, word in said.items() if document_kind(word, by_code=by_code) == "credit_note"
            )
            if found:
                return _kinds(profile, found)
    return _flags(table)


def _flags(table: Understanding) -> _Kinds | None:
    """Return the one column that says yes to being a credit: `Avoir` with `oui`, `is_refund` with 1."""
    side = table.column("credit_side")
    found = [name for name in [*free(table.roles), *([side] if side else [])] if _is_flag(table.profiles[name])]
    if len(found) != 1:
        return None
    profile = table.profiles[found[0]]
    return _kinds(profile, {str(value) for value in profile.values if str(value).strip().casefold() in YES})


def _is_flag(profile: Profile) -> bool:
    says = concepts_of(profile.name)
    if not (says_return(profile.name) or "credit" in says) or says & {"id", "date", "status"}:
        return False
    yes = sum(count for value, count in profile.values.items() if str(value).strip().casefold() in YES)
    return says_yes_or_no(profile.values) and 0 < yes <= _MOST_FLAGGED * profile.rows


def _signs(table: Understanding) -> _Kinds | None:
    """Return the one column of nothing but 1 and -1: what an amount above zero is to be multiplied by."""
    for name in free(table.roles):
        words = {str(value) for value in table.profiles[name].values}
        if words == {"1", "-1"}:
            return _kinds(table.profiles[name], {"-1"})
    return None


def _told_by(table: Understanding, invoice: str, found: _Documents) -> _Kinds | None:
    """Return the column of codes that all documents below zero have, or that name another document, and no others."""
    credited = found.negative | found.named
    named = [table.column(role) for role in ("document_type", "line_type")]
    for column in filter(None, [*named, *free(table.roles)] if credited else []):
        profile = table.profiles[column]
        if not 1 < len(profile.values) <= _MOST_KINDS or profile.filled < max(_FEWEST_ROWS, profile.rows):
            continue
        credits, others = set[str](), set[str]()
        for document, kind in proofs.rows_of(table.table, [invoice, column]):
            (credits if str(document) in credited else others).add(str(kind))
        if others and credits.isdisjoint(others):
            if table.column("line_type") == column:
                del table.roles.columns["line_type"]
            return _kinds(profile, credits)
    return None


def _documents(table: Understanding, invoice: str, figure: _Figure, kinds: _Kinds | None) -> _Documents:
    amount, mark = figure if isinstance(figure, tuple) else (invoice, None)
    each = iter(figure) if isinstance(figure, list) else None
    columns = [invoice, amount, kinds.column if kinds else invoice, table.column("origin_id") or invoice]
    found = _Documents()
    if isinstance(figure, Mapping):
        found.sums.update(figure)
    shared = _shared_numbers(table, invoice, kinds) if kinds else set()
    table.counted_apart = kinds.condition if kinds and shared else None
    for identity, value, kind, origin in proofs.rows_of(table.table, columns):
        document, is_typed = str(identity), bool(kinds and str(kind) in kinds.words)
        is_apart = is_typed and document in shared
        if is_apart:
            document = f"{document} {kind}"
        if mark:
            found.sums[document] += proofs.figure(value, mark) or Decimal(0)
        elif each:
            found.sums[document] += next(each)
        if is_typed:
            found.typed.add(document)
        if origin not in (None, "") and (is_apart or origin != identity):
            found.named.add(document)
    return found


def _shared_numbers(table: Understanding, invoice: str, kinds: _Kinds) -> set[str]:
    """Return the numbers that both credits and others have: each are counted for themselves."""
    own, others = set[str](), set[str]()
    for number, kind in proofs.rows_of(table.table, [invoice, kinds.column]):
        (own if str(kind) in kinds.words else others).add(str(number))
    return own & others


def _credits(table: Understanding, condition: str, found: _Documents, documents: set[str]) -> Credits:
    named, origin = documents & found.named, table.column("origin_id")
    are_negative = found.signs(documents) == {True}
    whole = Credits(condition, are_negative, frozenset(documents), frozenset(named))
    if not named or origin is None:
        return whole
    if condition in (_ALL, quoted(origin)):
        return replace(whole, notes=quoted(origin), origin=origin)
    notes = condition if named == documents else f"({condition}) && {quoted(origin)}"
    return replace(whole, notes=notes, origin=origin)


def in_lines(credit: Credits, column: str, numbers: Collection[object]) -> Credits:
    """Return how credits that their invoices tell are told in a table of lines.

    Args:
        column: the invoice's number there.
        numbers: of all invoices, as the cells have them.
    """
    known = {str(one) for one in numbers}
    notes = _among(column, credit.named, known - credit.named, numbers) if credit.notes else None
    condition = _among(column, credit.documents, known - credit.documents, numbers)
    return replace(credit, condition=condition, notes=notes, origin=None)


def _among(column: str, documents: Set[str], others: Set[str], numbers: Collection[object]) -> str:
    """Return the condition of documents: by the letters before their numbers, if no others have these, or one by one.

    Args:
        column: that of their numbers.
        numbers: of all documents, as the cells have them.
    """
    prefix = prefix_of(documents, others)
    return _begins_with(column, prefix) if prefix else one_of(column, cells_of(documents, numbers))


def _begins_with(column: str, letters: str) -> str:
    return f"starts_with({quoted(column)}, '{letters}')"


def _of_type(table: Understanding, found: _Documents, kinds: _Kinds) -> Found:
    """Credits that a type tells, by words that may call them so, or by codes."""
    said = [table.word(kinds.column, word) for word in kinds.words]
    is_said = all(document_kind(word, by_code=True) == "credit_note" for word in said)
    return _of_kind(table, kinds.condition, found, found.typed, is_said=is_said)


def _of_kind(
    table: Understanding,
    condition: str,
    found: _Documents,
    documents: set[str],
    *,
    is_said: bool = False,
    series: str = "",
) -> Found:
    """Credits that are told; whether those above zero are to be subtracted is asked.

    Args:
        is_said: words call them credits. Those that name what they credit as well can't be anything else; nor can the
            others in a table of such.
        series: the letters with which their numbers begin, if only these may call them credits.
    """
    named = documents & found.named if is_said and table.column("origin_id") else set()
    are_named = len(named) >= (_LEAST_NAMED if condition == _ALL else 1) * len(documents) > 0
    if found.signs(documents) == {True} or (are_named and found.signs(documents) == {False}):
        return _credits(table, condition, found, documents), None
    question = Question(
        table.question_id("credits"),
        words(
            f"{_which(series)} have amounts above zero: are they to be subtracted?",
            f"{_lesquels(series)} ont des montants positifs : faut-il les soustraire ?",
        ),
        tuple(filter(None, map(table.column, ("document_type", "sides", "origin_id", *_number(series))))),
        answers(subtract=("yes, subtract them", "oui, les soustraire"), add=("no, they count as invoices", "non")),
        likely="subtract",
    )
    answer = table.questions.ask(question)
    if answer is None:
        return None, question.id
    return (_credits(table, condition, found, documents), None) if answer == "subtract" else (None, None)


def _which(series: str) -> str:
    return f"The documents {series}…, as credits," if series else "The credits"


def _lesquels(series: str) -> str:
    return f"Les documents {series}…, tels des avoirs," if series else "Les avoirs"


def _number(series: str) -> tuple[str, ...]:
    return ("invoice_id",) if series else ()


def _tell(table: Understanding, column: str) -> None:
    """Note which column tells credits, and which others say the same."""
    count = len(table.profiles[column].values)
    alike = [
        name
        for name, profile in table.profiles.items()
        if name != column and profile.filled == profile.rows and len(profile.values) == count
        if proofs.name_alike(table.table, [column, name])
    ]
    table.telling_credits = [column, *alike]


def _of_unknown_kinds(table: Understanding, invoice: str, figure: _Figure) -> Found:
    """Ask, of kinds of documents in words that nobody knows, all above zero, which is that of credits."""
    possible = _possible_kinds(table, invoice)
    if not possible:
        return None, None
    answer = _ask_kinds(table, possible)
    if answer is None:
        return None, table.question_id("kinds")
    if answer == "none":
        return None, None
    column, word = possible[answer]
    kinds = _kinds(table.profiles[column], {word})
    found = _documents(table, invoice, figure, kinds)
    _tell(table, column)
    return _credits(table, kinds.condition, found, found.typed), None


def _ask_kinds(table: Understanding, possible: Mapping[str, tuple[str, str]]) -> str | None:
    if not possible:
        return None
    columns = list(dict.fromkeys(column for column, _ in possible.values()))
    listed = ", ".join(columns)
    question = Question(
        table.question_id("kinds"),
        words(
            f"Which of the kinds of documents in {listed} is that of credits, which are to be subtracted?",
            f"Dans {listed}, quel type de document désigne les avoirs, à soustraire ?",
        ),
        tuple(columns),
        {**{one: words(one, one) for one in possible}, **answers(none=("none of them", "aucun"))},
        likely="none",
    )
    return table.questions.ask(question)


def _possible_kinds(table: Understanding, invoice: str) -> dict[str, tuple[str, str]]:
    """Return the words that may be that of credits, with their columns: of a type, else of codes that nobody knows."""
    column, profile = table.column("document_type"), table.profile("document_type")
    if column and profile and len(profile.values) > 1:
        words_ = {str(value): table.word(column, value) for value in profile.values}
        unknown = sorted(value for value, word in words_.items() if document_kind(word, by_code=True) is None)
        return {one: (column, one) for one in unknown}
    if said := _said_returns(table, invoice) or _no_invoices(table):
        return said
    codes = {name: _rare_codes(table, invoice, name) for name in free(table.roles)}
    codes = {name: found for name, found in codes.items() if found}
    if len(codes) > _MOST_COLUMNS:
        return {}
    is_one = len(codes) == 1
    return {one if is_one else f"{name}: {one}": (name, one) for name, found in codes.items() for one in found}


def _said_returns(table: Understanding, invoice: str) -> dict[str, tuple[str, str]]:
    """Return rare words that begin as what is given back, or put right, does, with their column, if it is one."""
    named = [table.column(role) for role in ("document_type", "line_type", "description", "product_name")]
    found = {}
    for name in filter(None, [*named, *free(table.roles)]):
        profile = table.profiles[name]
        if not 1 < len(profile.values) <= _MOST_WORDS or not profile.is_text or concepts_of(name) & {"status", "paid"}:
            continue
        rare = [str(value) for value in profile.values if _begins_as_return(str(value)) and _is_rare(profile, value)]
        if rare and proofs.depends(table.table, invoice, name):
            found[name] = rare
    if len(found) != 1:
        return {}
    ((name, rare),) = found.items()
    return {word: (name, word) for word in sorted(rare)}


def _no_invoices(table: Understanding) -> dict[str, tuple[str, str]]:
    """Return the rare `no` of the one column that says whether a document is an invoice, with the column."""
    named = [name for name in free(table.roles) if concepts_of(name) == {"invoice"}]
    flags = [name for name in named if says_yes_or_no(table.profiles[name].values)]
    if len(flags) != 1:
        return {}
    (name,) = flags
    profile = table.profiles[name]
    said = {str(value) for value in profile.values if str(value).strip().casefold() in NO and _is_rare(profile, value)}
    return {word: (name, word) for word in sorted(said)}


def _begins_as_return(text: str) -> bool:
    first = " ".join(text.split()[:2])
    return says_return(first) or "credit" in concepts_of(first)


def _rare_codes(table: Understanding, invoice: str, name: str) -> list[str]:
    """Return the rare ones of the codes of a column that are each document's, and differ among one customer's."""
    profile = table.profiles[name]
    customer = table.column("customer_id") or table.column("customer_name")
    if not 1 < len(profile.values) <= _MOST_CODES or profile.filled < max(_FEWEST_ROWS, profile.rows) or not customer:
        return []
    texts = [str(value) for value in profile.values]
    if not all(_is_code(text) for text in texts) or says_yes_or_no(texts) or concepts_of(name) & _NO_KINDS:
        return []
    if profile.is_currency or profile.is_country or not proofs.depends(table.table, invoice, name):
        return []
    if proofs.depends(table.table, customer, name):
        return []  # Of a customer, as its language is.
    found = sorted(text for value, text in zip(profile.values, texts, strict=True) if _is_rare(profile, value))
    return found if any(_are_numbered_apart(table, invoice, (name, one)) for one in found) else []


def _is_code(text: str) -> bool:
    return 0 < len(text.strip()) <= _LONGEST_CODE and " " not in text.strip()


def _is_rare(profile: Profile, value: object) -> bool:
    return profile.values[value] <= _MOST_CREDITED * profile.filled


def _are_numbered_apart(table: Understanding, invoice: str, code: tuple[str, str]) -> bool:
    """Tell whether the numbers of the documents with a code are none of the series of the others."""
    name, word = code
    own, others = set[str](), set[str]()
    for number, value in proofs.rows_of(table.table, [invoice, name]):
        (own if str(value) == word else others).add(str(number).strip())
    if not own or not others:
        return False
    if prefix_of(own, others) is not None:
        return True
    if not all(one.isdecimal() for one in own | others):
        return False
    series, rest = sorted(map(int, own)), sorted(map(int, others))
    return not any(series[0] <= one <= series[-1] for one in rest)


def _untyped(table: Understanding, invoice: str, found: _Documents) -> Found:
    """An invoice below zero that nothing calls a credit: whether it counts is asked."""
    count = len(found.negative)
    question = Question(
        table.question_id("negative"),
        words(
            f"{count} documents have a total below zero: do they lower the revenue, as credits do?",
            f"{count} documents ont un total négatif : diminuent-ils le chiffre d'affaires, comme des avoirs ?",
        ),
        (invoice,),
        answers(yes=("yes", "oui"), no=("no, I'll take them out of the file", "non, je les retirerai du fichier")),
        likely="yes",
    )
    if table.questions.ask(question) != "yes":
        return None, question.id
    condition = one_of(invoice, cells_of(found.negative, table.profiles[invoice].values))
    return _credits(table, condition, found, found.negative), None


def prefix_of(some: Set[str], others: Set[str]) -> str | None:
    """Return the letters with which the numbers of some documents begin, and those of no other."""
    begins = {found.group(1) if (found := _PREFIX.match(one)) else "" for one in some}
    if len(begins) != 1:
        return None
    prefix = begins.pop()
    return prefix if prefix and not any(one.strip().startswith(prefix) for one in others) else None
