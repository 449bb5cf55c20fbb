"""What values tell of columns whose headings don't: which invoice a row credits, kinds of documents, currencies.

A heading that nobody knows, or that may be two things, is no obstacle where the values can be one thing only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import permutations

from destination_fincome.mapping.language.words import NO, YES
from fincome_tools.draft.arithmetic.totals import makes_totals
from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.content import free, give, plainness, settle_by_content
from fincome_tools.draft.columns.kept import KeptTable
from fincome_tools.draft.columns.names import are_kinds, concepts_of, document_kind, says_invoice, words_of
from fincome_tools.draft.columns.numbers import Mark
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.columns.roles import Assigned, are_rates_of_taxes
from fincome_tools.draft.columns.statuses import is_status
from fincome_tools.draft.tables.sides import find_sides

_FIGURES = frozenset(
    ["amount", "price", "cents", "net", "gross", "tax", "total", "rate", "quantity", "unit", "discount", "monthly"]
)
_SURE_OF_REFERENCES = frozenset({"origin", "invoice", "credit", "document", "id"})
_OF_ROWS = ("invoice_id", "id", "line_id")
_AMOUNTS = ("net", "gross", "amount", "unit_price")
_MOST_KINDS = 12
_MOST_RATES = 6
_FEWEST_NAMED = 3
_MOST_CREDITED = 0.5
_LEAST_KNOWN = 0.5
_FEWEST_OF_EACH = 1.5
_NUMBERS = frozenset({"id", "document", "invoice", "invoice_id"})
_NO_BOUNDS = frozenset({"due", "due_date", "issue", "posted", "invoice_date", "paid"})
# What begins and ends, too, and isn't what a line is for: warranties, trials, projects.
_WORDS_OF_OTHER_TIMES = (
    "warranty garantie garantia garanzia garantia gewahrleistung trial essai probe probezeit prueba prova proef project"
    " projet projekt proyecto progetto insurance assurance versicherung seguro assicurazione promotion promo"
)
_OF_OTHER_TIMES = frozenset(_WORDS_OF_OTHER_TIMES.split())
_FEWEST_PERIODS = 3
_WORDS_OF_COMPANIES = (
    "base basecurr basecurrency company home local functional reporting tax accounting societe locale tenue empresa"
    " hauswahrung basiswahrung eigenwahrung basisvaluta azienda contabile"
)
_OF_COMPANIES = frozenset(_WORDS_OF_COMPANIES.split())
_WHOLE_MONTHS = 0.9


def settle(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """Give roles to columns by what they hold, beside those that their headings gave."""
    _complete_ids(table, profiles, roles)
    _documents_of_parts(table, profiles, roles)
    _number_among_ids(table, profiles, roles)
    _number_of_documents(table, profiles, roles)
    _kinds_of_documents(profiles, roles)
    settle_origins(table, profiles, roles)
    _currency(profiles, roles)
    _rates(table, profiles, roles)
    _paid(profiles, roles)
    _status_in_words(profiles, roles)
    _periods(table, profiles, roles)
    find_sides(profiles, roles)
    settle_by_content(table, profiles, roles)


def _complete_ids(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """Of columns that may be a table's id, one that is empty in some rows isn't it; of two that go together, any is."""
    for role, names in [(role, names) for role, names in roles.rivals.items() if role.endswith("id")]:
        order = _rank_of_numbers if role == "invoice_id" else plainness
        whole = sorted((name for name in names if profiles[name].filled == profiles[name].rows), key=order)
        if role == "product_id" and not whole and len({profiles[name].filled for name in names}) == 1:
            whole = sorted(names, key=plainness)  # Some lines sell nothing that has one.
        if role == "invoice_id" and (issued := roles.get("invoice_date")):
            whole = [name for name in whole if proofs.depends(table, name, issued)] or whole
            grouping = [name for name in whole if not profiles[name].is_unique]
            if len(grouping) == 1:
                whole = grouping  # The others count the rows.
        is_key = role in _OF_ROWS and len(whole) == 1
        if is_key or (len(whole) > 1 and proofs.name_alike(table, whole)):
            roles.columns[role] = whole[0]
            roles.left += [name for name in names if name != whole[0]]
            del roles.rivals[role]


def _rank_of_numbers(name: str) -> tuple[bool, tuple[bool, int, str]]:
    """Order headings: what says invoice comes before what says a document, an entry, a voucher."""
    return not says_invoice(name), plainness(name)


def _documents_of_parts(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """Ask for the invoices' number where what is called a document's is that of a part of something larger.

    All rows of the larger one have a customer and a day, too. If the rows of each make a total that they repeat, it is
    the invoice.
    """
    number, issued = roles.get("invoice_id"), roles.get("invoice_date")
    customer = roles.get("customer_id") or roles.get("customer_name")
    if number is None or issued is None or customer is None or says_invoice(number) or profiles[number].is_unique:
        return  # What counts the rows is seen elsewhere.
    plain = [roles.columns["id"]] if "id" in roles.columns else roles.rivals.get("id", [])
    larger = [
        name
        for name in [*roles.left, *plain]
        if _may_number_more(profiles[name], profiles[number], profiles[customer])
        if all(proofs.depends(table, name, one) for one in (customer, issued)) and proofs.depends(table, number, name)
    ]
    if not larger:
        return
    roles.release(*larger, number)
    roles.rivals.pop("id", None)
    roles.left = [one for one in dict.fromkeys([*roles.left, *plain]) if one not in larger]
    proved = [name for name in larger if makes_totals(table, profiles, name)]
    if len(proved) == 1 and not makes_totals(table, profiles, number):
        roles.columns["invoice_id"] = proved[0]
        roles.left += [number, *(name for name in larger if name != proved[0])]
    else:
        roles.rivals["invoice_id"] = [number, *larger]


def _may_number_more(profile: Profile, parts: Profile, customers: Profile) -> bool:
    """Tell whether values may be numbers of what has several documents, and of which a customer has several."""
    if profile.filled < profile.rows or profile.dates or not concepts_of(profile.name) <= _NUMBERS:
        return False
    if not len(customers.values) * _FEWEST_OF_EACH <= len(profile.values) < len(parts.values):
        return False
    return all(any(map(str.isdigit, text)) and " " not in text.strip() for text in map(str, profile.values))


def _number_among_ids(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """Of ids of rows with amounts the document's is the one that groups them; others count the rows, or the customers.

    One that goes with the customers' names is their code.
    """
    customer, issued = roles.get("customer_id") or roles.get("customer_name"), roles.get("invoice_date")
    has_amounts = not all(map(roles.lacks, _AMOUNTS))
    if customer is None or issued is None or not has_amounts or not roles.lacks("invoice_id"):
        return
    names = roles.rivals.get("id", [])
    counters = [name for name in names if profiles[name].is_unique]
    codes = [name for name in names if name not in counters and proofs.name_alike(table, [name, customer])]
    others = [
        name
        for name in names
        if name not in counters and profiles[name].filled == profiles[name].rows
        if len(profiles[customer].values) < len(profiles[name].values)
        if all(proofs.depends(table, name, one) for one in (customer, issued))
    ]
    if len(others) == 1 and len(names) == len({*counters, *codes, *others}):
        roles.left += [name for name in names if name != others[0]]
        del roles.rivals["id"]
        give(roles, "invoice_id", others[0])
        if len(codes) == 1 and roles.lacks("customer_id"):
            give(roles, "customer_id", codes[0])


def _number_of_documents(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """The plain id of a table of documents with amounts is their number."""
    says = concepts_of(table.name)
    is_document = ("invoice" in says and "line" not in says) or "invoice_date" in roles.columns
    has_amounts = not all(map(roles.lacks, _AMOUNTS))
    plain = roles.get("id")
    if (
        is_document
        and has_amounts
        and roles.lacks("invoice_id")
        and plain
        and profiles[plain].filled == profiles[plain].rows
    ):
        roles.columns["invoice_id"] = roles.columns.pop("id")


def _kinds_of_documents(profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """A column whose words are all kinds of documents tells documents, not lines, apart."""
    if "document_type" in roles.columns:
        return
    plain = roles.get("line_type")
    names = [name for name in [*free(roles), *([plain] if plain else [])] if _are_kinds(profiles[name])]
    if len(names) == 1:
        if names[0] == plain:
            del roles.columns["line_type"]
        give(roles, "document_type", names[0])


def _are_kinds(profile: Profile) -> bool:
    if not 0 < len(profile.values) <= _MOST_KINDS or not profile.is_whole:
        return False
    kinds, says = {document_kind(value) for value in profile.values}, concepts_of(profile.name)
    if None not in kinds:
        return "credit_note" in kinds or "type" in says
    return bool(says & {"type", "document", "invoice", "description"}) and are_kinds(profile.values)


def settle_origins(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """Find which column names credited documents of the table, and by which of their ids."""
    _origin(table, profiles, roles)
    _key_of_origins(table, profiles, roles)


def _origin(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """A column that, in a few rows, has the number of another document of this table names what is credited."""
    invoice = roles.get("invoice_id")
    if invoice is None or "origin_id" in roles.columns:
        return
    known = {str(value).strip() for value in profiles[invoice].values}
    plain = [roles.columns["id"]] if "id" in roles.columns else []  # "Reference" may be any id.
    names = [name for name in [*free(roles), *plain] if _may_refer(profiles[name], known)]
    names = names or [name for name in free(roles) if _names_own(table, profiles, roles, name)]
    names = [name for name in names if not proofs.have_same(table, invoice, name)]
    if len(names) == 1:
        give(roles, "origin_id", names[0])
        if names == plain:
            del roles.columns["id"]


def _names_own(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned, name: str) -> bool:
    """Tell whether, in a few rows, a column has the number of another document of the same customer, each time."""
    invoice, customer, profile = roles.get("invoice_id"), roles.get("customer_id"), profiles[name]
    is_of_few = 0 < profile.filled <= _MOST_CREDITED * profile.rows and len(profile.values) >= _FEWEST_NAMED
    if not invoice or not customer or not is_of_few or concepts_of(name) & _FIGURES:
        return False
    whose = {str(number_): who for number_, who in proofs.rows_of(table, [invoice, customer])}
    named = [(one, who) for one, who in proofs.rows_of(table, [name, customer]) if one not in (None, "")]
    customers = {who for _, who in named}
    return len(customers) > 1 and all(whose.get(str(one).strip()) == who for one, who in named)


def _key_of_origins(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """Where a credit names the number of what it credits, that is the documents' id, and no other that goes with it."""
    origin, invoice = roles.get("origin_id"), roles.get("invoice_id")
    if origin is None or invoice is None or names_some(profiles[origin], profiles[invoice]):
        return
    names = [name for name in _ids(roles, profiles) if names_some(profiles[origin], profiles[name])]
    names = [name for name in names if proofs.name_alike(table, [invoice, name])]
    if len(names) == 1:
        roles.release(invoice, names[0])
        roles.left.append(invoice)
        give(roles, "invoice_id", names[0])


def _ids(roles: Assigned, profiles: Mapping[str, Profile]) -> list[str]:
    taken = [name for role in ("number", "id") if (name := roles.get(role))]
    return [name for name in [*free(roles), *taken] if profiles[name].filled == profiles[name].rows]


def names_some(origin: Profile, documents: Profile) -> bool:
    """Tell whether references name documents of this table, as far as these go back."""
    known = {str(value).strip() for value in documents.values}
    return sum(str(value).strip() in known for value in origin.values) >= _LEAST_KNOWN * len(origin.values) > 0


def _may_refer(profile: Profile, known: set[str]) -> bool:
    """Tell whether a column's values are documents' numbers; small counters are in anything, so these need a name."""
    says = concepts_of(profile.name)
    if not 0 < profile.filled <= _MOST_CREDITED * profile.rows or says & _FIGURES:
        return False
    values = [str(value).strip() for value in profile.values]
    if not all(value in known for value in values):
        return False
    return bool(says & _SURE_OF_REFERENCES) or not any(value.isdigit() and value[0] != "0" for value in values)


def _currency(profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """A column of currencies' codes is the currency, if it is the only one."""
    if own := roles.get("currency"):
        others = [name for name in free(roles) if profiles[name].is_currency]
        others = [name for name in others if profiles[name].values.keys() != profiles[own].values.keys()]
        if others and set(words_of(own)) & _OF_COMPANIES:
            roles.rivals["currency"] = [own, *others]  # Which is the documents' is asked.
            del roles.columns["currency"]
        return
    names = [name for name in free(roles) if profiles[name].is_currency]
    if "currency" in roles.rivals:
        return
    if len(names) > 1 and any(profiles[name].values.keys() != profiles[names[0]].values.keys() for name in names):
        roles.rivals["currency"] = names  # Which is the documents' is asked.
    elif len(names) == 1:
        give(roles, "currency", names[0])


def _rates(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """A column of tax that has nothing but known rates is no amount of tax."""
    name = roles.get("tax")
    if name is None or not are_rates_of_taxes(profiles[name]):
        return
    values = profiles[name].values
    has_net = roles.get("net") or roles.get("amount")
    is_of_few = not has_net and len(values) <= _MOST_RATES
    if is_of_few or any("%" in str(value) for value in values) or not _adds_up(table, profiles, roles, name):
        del roles.columns["tax"]
        roles.columns.setdefault("tax_rate", name)


def _adds_up(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned, tax: str) -> bool:
    """Tell whether a tax makes the gross amount of the net one, or is a known rate of it; without both it may be."""
    net, gross = roles.get("net") or roles.get("amount"), roles.get("gross")
    if net is None:
        return True
    marks: dict[str, Mark] = {}
    for name in (net, tax, gross or net):
        numbers = profiles[name].numbers
        marks[name] = numbers.marks[0] if numbers and numbers.marks else "."
    tally = proofs.add_up(table, [net, tax], gross, marks) if gross else proofs.known_rate(table, net, tax, marks)
    return tally.agree >= proofs.SHARE * tally.say


def _paid(profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """A column that says yes or no to "paid" is the status."""
    if "status" in roles.columns:
        return
    names = [name for name in free(roles) if "paid" in concepts_of(name) and says_yes_or_no(profiles[name].values)]
    names = names or [
        name for name in free(roles) if concepts_of(name) == {"balance"} and says_yes_or_no(profiles[name].values)
    ]
    if len(names) == 1:
        give(roles, "status", names[0])


def _status_in_words(profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """Of a status as a code and as a word, the word is taken: it says what it is."""
    own = roles.get("status")
    if own is None or _known_words(profiles[own]):
        return
    names = [name for name in free(roles) if "status" in concepts_of(name) and _known_words(profiles[name])]
    if len(names) == 1:
        roles.left.append(own)
        give(roles, "status", names[0])


def _known_words(profile: Profile) -> int:
    """Return how many of a few words are known for statuses."""
    words = [str(value) for value in profile.values] if len(profile.values) <= _MOST_KINDS else []
    return sum(map(is_status, words))


def says_yes_or_no(values: Iterable[object]) -> bool:
    """Tell whether values are answers, such as `oui` and `non`."""
    found = {str(value).strip().casefold() for value in values}
    return bool(found) and found <= YES | NO


def _periods(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """Two columns of dates that are whole months apart, in the same rows, are a period's start and end."""
    start, end = (roles.get(role) for role in ("period_start", "period_end"))
    if start and end and _is_period(table, profiles, (start, end)):
        return
    half = [roles.columns[role] for role in ("period_start", "period_end") if role in roles.columns]
    names = [name for name in [*free(roles), *half] if _may_bound(profiles[name])]
    found = [pair for pair in permutations(names, 2) if _is_period(table, profiles, pair)]
    if len(found) == 1:
        start, end = found[0]
        roles.left += [one for one in half if one not in (start, end)]
        for role in ("period_start", "period_end"):
            roles.columns.pop(role, None)
        give(roles, "period_start", start)
        give(roles, "period_end", end)


def _may_bound(profile: Profile) -> bool:
    dates = profile.dates
    is_other = bool(concepts_of(profile.name) & _NO_BOUNDS) or bool(set(words_of(profile.name)) & _OF_OTHER_TIMES)
    return dates is not None and not dates.of_months and not is_other


def _is_period(table: KeptTable, profiles: Mapping[str, Profile], pair: tuple[str, str]) -> bool:
    start, end = (profiles[name] for name in pair)
    if start.dates is None or end.dates is None or start.filled != end.filled:
        return False
    for form in start.dates.formats:
        if form in end.dates.formats:
            inclusive, exclusive = proofs.whole_months(table, *pair, (form, form))
            most = max(inclusive.agree, exclusive.agree)
            if inclusive.say >= _FEWEST_PERIODS and most >= _WHOLE_MONTHS * inclusive.say:
                return True
    return False
