"""What each column is for: its heading says what it may be, its content whether it can be that.

Of several columns that may have a role the one whose heading says just that gets it; two that say it alike are rivals,
which are asked about. A column gets one role.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from destination_fincome.mapping.language.words import NO, YES
from fincome_tools.draft.columns.names import concepts_of, document_kind, words_of
from fincome_tools.draft.columns.numbers import number
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.columns.proofs import are_rates
from fincome_tools.draft.columns.statuses import status_of

_MOST_CODES = 6
_MOST_KINDS = 12
_FEW_ROWS = 20
_FEWEST_SIGNS = 6
_COSTS = frozenset(["cost", "costs", "unitcost", "cout", "couts", "kosten", "costo", "coste", "kostprijs", "custo"])
_SUMS = frozenset({"net", "gross", "tax", "amount"})
_FIRST = re.compile(r"(?<!\d)()1((?!\d).*)")
Gate = Callable[[Profile], bool]


def _any(profile: Profile) -> bool:
    return profile.filled > 0


def _id(profile: Profile) -> bool:
    return profile.filled > 0 and (profile.dates is None or profile.numbers is not None)


def _number(profile: Profile) -> bool:
    return profile.numbers is not None


def are_rates_of_taxes(profile: Profile) -> bool:
    """Tell whether all values are rates of taxes."""
    numbers = profile.numbers
    if numbers is None or not numbers.marks:
        return False
    return are_rates(number(value, numbers.marks[0]) for value in profile.values)


def _date(profile: Profile) -> bool:
    return profile.days is not None and not profile.days.of_months


def _issued(profile: Profile) -> bool:
    """Tell whether values may be the days of documents: each has one, so most rows do."""
    return _date(profile) and profile.filled * 2 >= profile.rows


def _month(profile: Profile) -> bool:
    return profile.dates is not None and profile.dates.of_months


def _text(profile: Profile) -> bool:
    return profile.is_text


def _name(profile: Profile) -> bool:
    """Tell whether values may be customers' names: of many rows not one for all, which is the own company."""
    return profile.is_text and (len(profile.values) > 1 or profile.rows < _FEW_ROWS)


def _tells(profile: Profile) -> bool:
    """Tell whether values may describe what was sold: of many rows not the same for all, nor kinds of documents."""
    if profile.rows >= _FEW_ROWS and len(profile.values) == 1:
        return False
    are_few = len(profile.values) <= _MOST_KINDS
    return profile.filled > 0 and not (are_few and all(document_kind(one, by_code=True) for one in profile.values))


def _words(profile: Profile) -> bool:
    return profile.is_whole and 0 < len(profile.values) <= 40


def _kinds(profile: Profile) -> bool:
    """Tell whether values may be kinds of documents: a few words, not a number for each."""
    return _words(profile) and len(profile.values) <= _MOST_KINDS


def _status(profile: Profile) -> bool:
    """Tell whether values may be statuses: a few words, or codes of one or two digits, but no dates or amounts."""
    numbers = profile.numbers
    are_codes = numbers is None or (numbers.whole and len(profile.values) <= _MOST_CODES)
    return _words(profile) and profile.dates is None and are_codes


def _paid(profile: Profile) -> bool:
    """Tell whether values say that something is paid or not."""
    return _status(profile) and any(_says_paid(str(value)) for value in profile.values)


def _says_paid(value: str) -> bool:
    word = value.strip().casefold()
    return word in YES | NO or bool(status_of(word, "invoice_status") or status_of(word, "not_final"))


def _code(profile: Profile) -> bool:
    """Tell whether all values look like codes: several, without blanks, and figures in each."""
    texts = [str(value).strip() for value in profile.values]
    return len(texts) > 1 and all(not any(map(str.isspace, text)) and any(map(str.isdigit, text)) for text in texts)


def _many(profile: Profile) -> bool:
    """Tell whether values may be numbers of documents under a heading that says a type, too: more than kinds are."""
    return _id(profile) and len(profile.values) > _MOST_KINDS


def _register_number(profile: Profile) -> bool:
    """Tell whether values may be numbers of a register: long ones with figures, no rates."""
    texts = [str(value).strip() for value in profile.values]
    return bool(texts) and all(len(text) >= _FEWEST_SIGNS and any(map(str.isdigit, text)) for text in texts)


@dataclass(frozen=True)
class Role:
    """What a column may be for.

    Attributes:
        name: the role.
        says: sets of concepts that a heading has if it says just this.
        besides: concepts that may stand beside them and change nothing.
        gate: whether the content can be this.
    """

    name: str
    says: tuple[frozenset[str], ...]
    besides: frozenset[str]
    gate: Gate


def _role(name: str, says: str, gate: Gate, besides: str = "") -> Role:
    return Role(name, tuple(frozenset(one.split("+")) for one in says.split()), frozenset(besides.split()), gate)


_AMOUNT_OF = "line amount currency invoice document product total cents charge service"
_PERIOD_OF = "period subscription line interval service product invoice"

ROLES = (
    _role("invoice_id", "invoice+id invoice_id invoice document+id document+invoice", _id, "document"),
    _role("invoice_id", "document", _code),
    _role("invoice_id", "id+document+type", _many, "document"),
    _role("origin_id", "invoice+origin invoice+origin+id origin document+origin", _id, "id document credit"),
    _role("credit_id", "credit+id", _id),
    _role("line_id", "line+id line id+line+invoice", _code, "invoice"),
    _role("customer_id", "customer+id customer_id", _id, "document invoice"),
    _role("customer_id", "customer", _code, "document invoice"),
    _role(
        "customer_name",
        "customer+name customer_name nombre+customer nombre name customer customer+description",
        _name,
        "document invoice line",
    ),
    _role("email", "email customer+email", lambda profile: profile.is_email, "customer document invoice"),
    _role(
        "country", "country customer+country country+id", lambda profile: profile.is_country, "customer document issue"
    ),
    _role("zip_code", "zip customer+zip zip+id", _any, "customer document"),
    _role("currency", "currency currency+id", lambda profile: profile.is_currency, "invoice document amount customer"),
    _role(
        "invoice_date",
        "invoice+date invoice_date date+issue date+document date invoice+date+issue issue invoice+issue created+date"
        " created invoice+created invoice+date+created created+issue posted posted+date",
        _issued,
        "document credit",
    ),
    _role("due_date", "due due+date due_date", _date, "invoice document paid"),
    _role("period_start", "period+start period+date+start date+start start", _date, _PERIOD_OF),
    _role("period_end", "period+end period+date+end date+end end", _date, _PERIOD_OF),
    _role("canceled_date", "canceled canceled+date", _date, "subscription"),
    _role("period", "period period+line period+invoice period+interval service", _month, "date service issue"),
    _role("net", "net amount+net net_amount total+net amount+net+total net+tax", _number, f"{_AMOUNT_OF} tax"),
    _role(
        "gross",
        "gross amount+gross gross_amount total+gross amount+gross+total price+gross",
        _number,
        f"{_AMOUNT_OF} tax",
    ),
    _role("tax", "tax amount+tax tax_amount total+tax amount+rate+tax", _number, _AMOUNT_OF),
    _role("tax_rate", "rate+tax", _number, "tax product line invoice"),
    _role("tax_rate", "rate", are_rates_of_taxes, "product line"),
    _role(
        "unit_price", "unit+price unit unit+amount price product+price", _number, "net amount product line cents tax"
    ),
    _role("unit_price", "rate", _number, "product line"),
    _role(
        "amount",
        "amount total amount+total total+line amount+line total+product charge",
        _number,
        f"{_AMOUNT_OF} sides type",
    ),
    _role("debit", "debit debit+amount", _number, "currency"),
    _role("credit_side", "credit credit+amount", _number, "currency"),
    _role("sides", "sides sides+type", _words),
    _role("quantity", "quantity nombre", _number, "line product unit"),
    _role("discount", "discount amount+discount discount+total", _number, "amount line product"),
    _role("status", "status+paid invoice+paid+status status+invoice status", _status, "invoice document id product"),
    _role("status", "paid", _paid, "invoice document"),
    _role("document_type", "document+type invoice+type document type+document+invoice", _kinds, "invoice id"),
    _role("line_type", "type type+line type+product", _words, "line id"),
    _role("product_id", "product+id", _id, "line"),
    _role("product_id", "product", _code, "line"),
    _role("product_name", "product+name product charge+name service service+name", _text, "line service"),
    _role(
        "description",
        "description product+description description+line",
        _tells,
        "line product invoice document service",
    ),
    _role(
        "subscription_id",
        "subscription+id subscription id+subscription+customer subscription+name",
        _id,
        "document line",
    ),
    _role("interval", "interval period+interval", _words),
    _role("monthly_value", "monthly monthly+amount monthly+net", _number, "net amount"),
    _role("id", "id", _id),
    _role("tax_id", "siret siret+customer siret+id siret+tax siret+id+tax siret+customer+tax", _register_number),
)
"""All roles; a role that stands here twice may be said in a weaker way, too."""


@dataclass
class Assigned:
    """Roles of a table's columns.

    Attributes:
        columns: the column of each role.
        rivals: the columns that say it alike, by role, where there are several.
        near: columns whose heading says it and something unknown besides, by role: to check.
        left: columns without a role.
        why: what proves a role that no heading says, by role.
        refused: roles that columns can't have by their values, whatever their headings say.
    """

    columns: dict[str, str] = field(default_factory=dict)
    rivals: dict[str, list[str]] = field(default_factory=dict)
    near: dict[str, list[str]] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    refused: frozenset[tuple[str, str]] = frozenset()

    def get(self, role: str) -> str | None:
        """Return the column of a role."""
        return self.columns.get(role)

    def lacks(self, role: str) -> bool:
        """Tell whether no column has a role, nor is a rival for it."""
        return role not in self.columns and role not in self.rivals

    def release(self, *names: str) -> None:
        """Take their roles from columns."""
        for role in [role for role, name in self.columns.items() if name in names]:
            del self.columns[role]


def assign(profiles: Mapping[str, Profile], refused: frozenset[tuple[str, str]] = frozenset()) -> Assigned:
    """Give roles to the columns of a table.

    Args:
        refused: roles that columns don't get.
    """
    found = Assigned(refused=refused)
    taken: set[str] = set()
    for exactness in (_says_just, _says_besides):
        for role in ROLES:
            if not found.lacks(role.name):
                continue
            names = [name for name in _free(profiles, taken, role, refused) if exactness(role, name, profiles[name])]
            best = list(_best(role, _whole_ones(role, names, profiles)))
            if len(best) == 1:
                found.columns[role.name] = best[0]
                taken.add(best[0])
            elif best:
                found.rivals[role.name] = best
                taken.update(best)
    for role in ROLES:
        names = [name for name in _free(profiles, taken, role, refused) if _says_more(role, name, profiles[name])]
        if names and found.lacks(role.name):
            found.near[role.name] = names
    found.left = [name for name in profiles if name not in taken]
    _promote(found)
    return found


def _free(
    profiles: Mapping[str, Profile], taken: set[str], role: Role, refused: frozenset[tuple[str, str]]
) -> Iterator[str]:
    """Yield the columns that may still get a role."""
    return (name for name in profiles if name not in taken and (role.name, name) not in refused)


def _promote(found: Assigned) -> None:
    """Let a price be the amount where the table has no better one, and nothing is counted."""
    columns = found.columns
    if "unit_price" in columns and not {"net", "amount", "gross", "quantity"} & {*columns, *found.rivals}:
        price = columns.pop("unit_price")
        columns["net" if "net" in concepts_of(price) else "amount"] = price


def _best(role: Role, names: list[str]) -> Iterator[str]:
    """Yield the names that say a role first: earlier ways of saying it are plainer."""
    for says in role.says:
        if exact := [name for name in names if concepts_of(name) == says]:
            yield from exact
            return
    for says in role.says:
        if same := [name for name in names if says <= concepts_of(name)]:
            yield from same
            return


def _whole_ones(role: Role, names: list[str], profiles: Mapping[str, Profile]) -> list[str]:
    """Return names without first ones of several (`Base 1`, `Base 2`), each a part, if there are others.

    Of prices, what was sold for comes before what it cost.
    """
    if role.name == "unit_price":
        return [name for name in names if not set(words_of(name)) & _COSTS] or names
    if role.name not in _SUMS:
        return names
    seconds = {name: profiles.get(_FIRST.sub(r"\g<1>2\2", name)) for name in names if _FIRST.search(name)}
    whole = [name for name in names if seconds.get(name) is None]
    if whole or role.name != "net":
        return whole or names
    # Else it is a part, whatever else there is.
    return [name for name in names if not ((second := seconds[name]) and second.has_figures)]


def _says_just(role: Role, name: str, profile: Profile) -> bool:
    return concepts_of(name) in role.says and role.gate(profile)


def _says_besides(role: Role, name: str, profile: Profile) -> bool:
    concepts = concepts_of(name)
    return any(says <= concepts and concepts - says <= role.besides for says in role.says) and role.gate(profile)


def _says_more(role: Role, name: str, profile: Profile) -> bool:
    """Tell whether a heading says it and, besides, only words that nobody knows."""
    concepts = concepts_of(name)
    known = frozenset(concept for concept in concepts if not concept.startswith("?"))
    may_be = role.gate(profile) or (role.name == "tax" and not profile.filled)  # At a rate that hasn't occurred yet.
    is_said = any(says <= known and known - says <= role.besides for says in role.says)
    return is_said and bool(known) and may_be
