"""Which column is the net amount, by arithmetic: whatever the headings say, only the right ones add up.

Amounts of a whole document that are repeated on each of its lines are set aside first: they are no line's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from itertools import combinations, islice, product

from fincome_tools.draft.arithmetic.currencies import of_document, said_of_documents, twins
from fincome_tools.draft.arithmetic.fees import without_payouts
from fincome_tools.draft.arithmetic.reductions import Figures, Proof, discounts_in, reduced
from fincome_tools.draft.columns.content import free, give
from fincome_tools.draft.columns.kept import KeptTable
from fincome_tools.draft.columns.names import concepts_of, says_without_tax
from fincome_tools.draft.columns.numbers import MARKS, Mark
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.columns.proofs import CENT, Tally, are_copies, are_of_less, figure, is_known_rate, rows_of
from fincome_tools.draft.columns.roles import Assigned

_SAMPLE = 3000
_MOST_COLUMNS = 12
_FEW_ROWS = 20
_FEWEST_FIGURES = 3
_NO_AMOUNTS = frozenset({"rate", "quantity", "id", "date", "siret", "zip", "balance", "paid", "due"})
_NET_OF_LINES = frozenset({"net", "line", "amount", "total"})
_OTHER_ROLES = (
    "status",
    "document_type",
    "line_type",
    "invoice_id",
    "line_id",
    "customer_id",
    "quantity",
    "tax_rate",
    "id",
    "subscription_id",
    "product_id",
)


def settle_sums(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """Take each document's totals aside, and give the net amount, the tax and the gross one to what adds up."""
    names = [name for name, profile in profiles.items() if _may_be_amount(name, profile, roles)][:_MOST_COLUMNS]
    names = without_payouts(table, profiles, roles, names)
    if not names:
        return
    _without_companies(roles, _copies_in_another_currency(table, names))
    copies = [name for place, name in enumerate(names) if _is_copy(table, roles, name, names[:place])]
    names = [name for name in names if name not in copies]
    pairs = twins(table, profiles, roles, names)
    documents = {pair: of_document(table, profiles, roles, pair) for pair in pairs}
    own = {one: name for pair, name in documents.items() if name for one in pair if one != name}
    _without_companies(roles, own)
    _settle(table, profiles, roles, [name for name in names if name not in own])
    if own and "net" not in roles.why:
        _by_companies(roles, own, _proved(table, profiles, [name for name in names if name not in own.values()]))
    for pair in (pair for pair, name in documents.items() if name is None):
        _be_rivals(roles, pair)


def _copies_in_another_currency(table: KeptTable, names: list[str]) -> dict[str, str]:
    """Return amounts of which a copy is called that in the document's currency: all rows are in the company's."""
    found = {}
    for pair in combinations(names, 2):
        if (said := said_of_documents(pair)) and are_copies(table, *pair):
            found[pair[0] if said == pair[1] else pair[1]] = said
    return found


def _is_copy(table: KeptTable, roles: Assigned, name: str, others: list[str]) -> bool:
    """Tell whether a column that has no role is another's copy: a sum proves no more by it."""
    return name not in roles.columns.values() and any(are_copies(table, one, name) for one in others)


def _without_companies(roles: Assigned, own: Mapping[str, str]) -> None:
    """Take amounts in the company's currency aside; those of the documents have their roles."""
    for company, document in own.items():
        for role in [role for role, name in roles.columns.items() if name == company]:
            del roles.columns[role]
            if role == "net" and roles.get("amount") == document:
                del roles.columns["amount"]
                roles.left.append(document)
            if document in free(roles):
                give(roles, role, document)
                if role == "net" and says_without_tax(company):
                    roles.why["net"] = f"{document} is {company} in the document's currency"
        roles.left = [name for name in roles.left if name != company]
        for names in roles.rivals.values():
            names[:] = [name for name in names if name != company]
    for role in [role for role, names in roles.rivals.items() if len(names) < 2]:
        for name in roles.rivals.pop(role):
            roles.columns[role] = name


def _by_companies(roles: Assigned, own: Mapping[str, str], proof: Proof | None) -> None:
    """What is proved of amounts in the company's currency holds for those in the documents' currencies."""
    if proof is None or (net := dict(proof[0])["net"]) not in own:
        return
    columns, why = proof
    for role in ("net", "tax", "gross", "amount"):
        roles.columns.pop(role, None)
        roles.rivals.pop(role, None)
    for role, name in columns:
        if name in own:
            roles.columns[role] = own[name]
    taken = {name for _, name in columns} | set(roles.columns.values())
    roles.left = [name for name in roles.left if name not in taken]
    roles.why["net"] = f"{why}; {own[net]} is {net} in the document's currency"


def _be_rivals(roles: Assigned, pair: tuple[str, str]) -> None:
    """Which of two amounts is in the document's currency is asked."""
    for role in ("net", "amount"):
        if roles.columns.get(role) in pair:
            del roles.columns[role]
            roles.why.pop("net", None)
            roles.rivals[role] = list(pair)


def _settle(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned, names: list[str]) -> None:
    discounts = discounts_in(profiles)
    repeated = _repeated(table, roles, list(dict.fromkeys([*names, *discounts])))
    discounts = [name for name in discounts if name not in repeated]
    repeated &= set(names)
    if len(repeated) < len(names):
        names = [name for name in names if name not in repeated]
        _set_aside(roles, repeated)
        _net_of_lines(roles, [name for name in names if name in free(roles)])
    if discounts and "net" not in roles.why and (proof := _reduced(table, profiles, names, discounts)):
        _take(roles, proof)
        roles.columns["discount"] = dict(proof[0]).get("deducted") or dict(proof[0])["reduction"]
        return
    if "net" in roles.columns and not discounts:
        return  # Else what is called net may be before them.
    proof, rate = _proved(table, profiles, names), roles.get("tax_rate")
    if proof is None and rate:
        proof = _proved_by_rates(table, profiles, names, rate)
    if proof:
        _take(roles, proof)


def _proved_by_rates(table: KeptTable, profiles: Mapping[str, Profile], names: list[str], rate: str) -> Proof | None:
    """Return the only two amounts of which one is the other with the row's own rate of tax."""
    found = set()
    for mark in MARKS:
        figures = _figures(table, profiles, [*names, rate], mark)
        for net, gross in product(_lines(figures), _wholes(figures)):
            if rate not in (net, gross) and net != gross and _holds(figures, (net, gross, rate), _is_at_rate):
                found.add(((("net", net), ("gross", gross)), f"{gross} is {net} with {rate}"))
    return found.pop() if len(found) == 1 else None


def _is_at_rate(net: Decimal, gross: Decimal, rate: Decimal) -> bool | None:
    share = rate / 100 if rate >= 1 else rate
    return abs(net * (1 + share) - gross) <= CENT if rate else None


def _proved(table: KeptTable, profiles: Mapping[str, Profile], names: list[str]) -> Proof | None:
    """Return what adds up by one decimal sign, and by the other doesn't."""
    found = {proof for mark in MARKS if (proof := _proof(_figures(table, profiles, names, mark)))}
    return found.pop() if len(found) == 1 else None


def _reduced(table: KeptTable, profiles: Mapping[str, Profile], names: list[str], discounts: list[str]) -> Proof | None:
    """Return what adds up only once a discount is taken off, by one decimal sign alone."""
    whole = list(dict.fromkeys([*names, *discounts]))
    taxes = [name for name in names if _says(name, yes="tax", no="net gross discount unit")]
    found = set()
    for mark in MARKS if taxes else ():
        figures = _figures(table, profiles, whole, mark)
        found.add(reduced(figures, discounts, taxes, partial(_wholes, figures)))
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def _may_be_amount(name: str, profile: Profile, roles: Assigned) -> bool:
    says = concepts_of(name)
    counts = profile.numbers is not None and profile.numbers.whole and profile.is_unique
    fewest = _FEWEST_FIGURES if "discount" not in says else 2  # One figure, or none.
    if profile.rows >= _FEW_ROWS and len(profile.values) < fewest and profile.numbers:
        return False  # A code, or a flag: amounts differ.
    if profile.numbers is None or profile.dates or counts or any(roles.get(role) == name for role in _OTHER_ROLES):
        return False
    return not says & _NO_AMOUNTS or ("rate" not in says and bool(says & {"amount", "net", "gross", "total"}))


def _repeated(table: KeptTable, roles: Assigned, names: list[str]) -> set[str]:
    """Return the amounts that are the same on all lines of each invoice, where invoices have several."""
    invoice = roles.get("invoice_id")
    if invoice is None:
        return set()
    seen: dict[object, list[set[object]]] = defaultdict(lambda: [set() for _ in names])
    rows: dict[object, int] = defaultdict(int)
    for identity, *values in rows_of(table, [invoice, *names]):
        rows[identity] += 1
        for place, value in enumerate(values):
            seen[identity][place].add(value)
    several = [seen[identity] for identity, count in rows.items() if count > 1]
    if len(several) < 3:
        return set()
    varied = [max(len(one[place]) for one in several) > 1 for place in range(len(names))]
    many = [len({value for one in several for value in one[place]}) > 3 for place in range(len(names))]
    return {name for place, name in enumerate(names) if not varied[place] and many[place]}


def _set_aside(roles: Assigned, repeated: Iterable[str]) -> None:
    for name in repeated:
        roles.release(name)
        for role, rivals in list(roles.rivals.items()):
            if name in rivals:
                rivals.remove(name)
            if len(rivals) == 1:
                roles.columns[role] = rivals[0]
                del roles.rivals[role]


def _net_of_lines(roles: Assigned, names: Iterable[str]) -> None:
    """Where the net total of documents is set aside, the one column that is called net and the line's is the amount."""
    if not (roles.lacks("net") and roles.lacks("amount")):
        return
    own = [name for name in names if {"net", "line"} <= concepts_of(name) <= _NET_OF_LINES]
    if len(own) == 1:
        give(roles, "net", own[0])


def _figures(table: KeptTable, profiles: Mapping[str, Profile], names: list[str], mark: Mark) -> Figures:
    """Return the columns' numbers; `mark` is the decimal sign of those that may be written in both ways."""
    marks = {}
    for name in names:
        numbers = profiles[name].numbers
        marks[name] = mark if numbers is None or len(numbers.marks) > 1 else numbers.marks[0]
    found: dict[str, list[Decimal | None]] = {name: [] for name in names}
    for row in islice(rows_of(table, names), _SAMPLE):
        for name, value in zip(names, row, strict=True):
            found[name].append(figure(value, marks[name]))
    return found


def _proof(figures: Figures) -> Proof | None:
    """Return what adds up: net + tax = gross, else a tax at a known rate, else gross at a known rate of net.

    Where amounts add up in two ways, such as in two currencies, nothing is proved.
    """
    for proofs in (_triples, _taxed, _with_tax):
        found = list(proofs(figures))
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _triples(figures: Figures) -> Iterator[Proof]:
    nets = [name for name in figures if _says(name, no="tax gross discount")]
    taxes = [name for name in figures if _says(name, no="net gross discount unit")]
    for net, tax, gross in product(nets, taxes, _wholes(figures)):
        if len({net, tax, gross}) == 3 and _is_triple(figures, net, tax, gross):
            yield (("net", net), ("tax", tax), ("gross", gross)), f"{net} + {tax} = {gross}"


def _taxed(figures: Figures) -> Iterator[Proof]:
    taxes = [name for name in figures if _says(name, yes="tax", no="net gross discount unit total")]
    for net, tax in product(_lines(figures), taxes):
        if net == tax or _is_before_discount(figures, net, tax):
            continue
        if _holds(figures, (net, tax), _is_taxed) and not _is_a_part(figures, net):
            yield (("net", net), ("tax", tax)), f"{tax} is a known rate of {net}"


def _is_before_discount(figures: Figures, net: str, tax: str) -> bool:
    """Tell whether taxes are at other rates where there is a discount than elsewhere: they are of something else."""
    for less in (name for name in figures if "discount" in concepts_of(name) and name not in (net, tax)):
        if are_of_less((whole, part, due) for whole, part, due in _filled(figures, (net, less, tax))):
            return True
    return False


def _with_tax(figures: Figures) -> Iterator[Proof]:
    for net, gross in product(_lines(figures), _wholes(figures)):
        are_named = net != gross and all(_says(name, yes="amount total net gross") for name in (net, gross))
        if are_named and _holds(figures, (net, gross), lambda one, two: _is_taxed(one, two - one)):
            yield (("net", net), ("gross", gross)), f"{gross} is {net} with tax at a known rate"


def _lines(figures: Figures) -> list[str]:
    return [name for name in figures if _says(name, no="tax gross discount unit")]


def _wholes(figures: Figures) -> list[str]:
    return [name for name in figures if _says(name, no="net tax discount unit")]


def _says(name: str, *, yes: str = "", no: str = "") -> bool:
    says = concepts_of(name)
    words = {concept.removesuffix("_amount") for concept in says} | says
    if words & {"net", "gross"}:
        words -= {"tax"}  # Without tax, or with it: no amount of tax.
    return not words & set(no.split()) and (not yes or bool(words & set(yes.split())))


def _is_triple(figures: Figures, net: str, tax: str, gross: str) -> bool:
    return (
        _holds(figures, (net, tax), _is_taxed)
        and _holds(figures, (net, tax, gross), lambda one, two, three: abs(one + two - three) <= CENT)
        and not _are_left_out(figures, net, gross)
    )


def _is_a_part(figures: Figures, net: str) -> bool:
    """Tell whether some rows have nothing of an amount and something of the whole one."""
    return any(_are_left_out(figures, net, name) for name in figures if _says(name, yes="gross", no="unit line"))


def _are_left_out(figures: Figures, net: str, gross: str) -> bool:
    """Tell whether rows have a gross amount and no net one: this is only the part that is taxed at one rate."""
    return any(whole and not part for part, whole in zip(figures[net], figures[gross], strict=True))


def _is_taxed(net: Decimal, tax: Decimal) -> bool | None:
    """Tell whether a tax is a known rate of an amount; None if there is no tax."""
    return is_known_rate(net, tax) if tax else None


def _holds(figures: Figures, names: tuple[str, ...], test: Callable[..., bool | None]) -> bool:
    tally = Tally()
    for values in _filled(figures, names):
        holds = test(*values)
        if holds is None:
            continue
        tally.add(holds=holds)
        if tally.say - tally.agree > 3 + tally.say // 20:
            return False
    return tally.is_enough


def _filled(figures: Figures, names: tuple[str, ...]) -> Iterator[list[Decimal]]:
    for values in zip(*(figures[name] for name in names), strict=True):
        known = [one for one in values if one is not None]
        if len(known) == len(values) and known[0]:
            yield known


def _take(roles: Assigned, proof: Proof) -> None:
    columns, why = proof
    taken = {name for _, name in columns}
    roles.release(*taken)
    for role in ("net", "tax", "gross", "amount"):
        roles.rivals.pop(role, None)
    if "before_discount" in dict(columns):
        for role in ("net", "amount", "gross"):  # With the discount, or with the tax: what is proved comes first.
            roles.left += [roles.columns.pop(role)] if role in roles.columns else []
    roles.columns |= dict(columns)
    roles.left = [name for name in roles.left if name not in taken]
    roles.why["net"] = why
