"""Amounts that a table has twice: in the documents' own currency, and in the company's.

Only the former go with the column of currencies. Two amounts are the same if they are equal in the currency that most
rows have, and at about the same quotient in each other one. Tax, which makes two amounts of one as well, does the
opposite.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import combinations, islice
from statistics import median

from fincome_tools.draft.columns.kept import KeptTable
from fincome_tools.draft.columns.names import words_of
from fincome_tools.draft.columns.numbers import Mark
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.columns.proofs import CENT, SHARE, figure, multiply, rows_of
from fincome_tools.draft.columns.roles import Assigned

_SAMPLE = 3000
_FEWEST_FOREIGN = 3
_SPREAD = Decimal("0.15")
_SAME = Decimal("0.002")
_FOREIGN_WORDS = "foreign fc fx devise devises divisa wahrung fremdwahrung valuta"
_DOCUMENT_WORDS = "transaction trx txn original document doc"
_COMPANY_WORDS = "local home functional dc lc company societe accounting reporting default consolidated"
_FOREIGN, _OF_COMPANIES = frozenset(_FOREIGN_WORDS.split()), frozenset(_COMPANY_WORDS.split())
_OF_DOCUMENTS = _FOREIGN | frozenset(_DOCUMENT_WORDS.split())
_OF_CURRENCIES = frozenset(["currency", "curr", "ccy"])

Pair = tuple[str, str]


def twins(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned, names: Sequence[str]) -> list[Pair]:
    """Return the amounts that stand in a table in two currencies, in no order."""
    currency = roles.get("currency")
    if currency is None or len(profiles[currency].values) < 2:
        return []
    marks = {name: profiles[name].only_mark for name in names}
    read = [name for name in names if marks[name]]
    own = profiles[currency].values.most_common(1)[0][0]
    rows = [
        (code, [figure(value, marks[name] or ".") for name, value in zip(read, values, strict=True)])
        for code, *values in islice(rows_of(table, [currency, *read]), _SAMPLE)
    ]
    return [
        (read[one], read[other])
        for one, other in combinations(range(len(read)), 2)
        if _are_same(own, [(code, figures[one], figures[other]) for code, figures in rows])
    ]


def _are_same(own: object, rows: Sequence[tuple[object, Decimal | None, Decimal | None]]) -> bool:
    quotients: dict[object, list[Decimal]] = defaultdict(list)
    tally: Counter[bool] = Counter()
    for code, one, other in rows:
        if not one or not other:
            if one or other:
                return False
        elif code == own:
            tally[abs(one - other) <= CENT] += 1
        else:
            quotients[code].append(one / other)
    if not tally[True] or tally[True] < SHARE * tally.total():
        return False
    foreign = [quotient for several in quotients.values() for quotient in several]
    differ = [quotient for quotient in foreign if abs(quotient - 1) > _SAME]
    return len(differ) >= _FEWEST_FOREIGN and all(map(_are_close, quotients.values()))


def _are_close(quotients: Sequence[Decimal]) -> bool:
    middle = median(quotients)
    return all(abs(quotient / middle - 1) <= _SPREAD for quotient in quotients)


def said_of_documents(pair: Pair, words: frozenset[str] = _FOREIGN) -> str | None:
    """Return which of two amounts is called that in the document's currency; None if headings don't tell."""
    said = {name for name in pair if set(words_of(name)) & words and not _says_company(name)}
    said |= {name for name, other in (pair, pair[::-1]) if _says_company(other)}
    return said.pop() if len(said) == 1 else None


def _says_company(name: str) -> bool:
    words = set(words_of(name))
    return bool(words & _OF_COMPANIES or ("base" in words and words & _OF_CURRENCIES))


def of_document(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned, pair: Pair) -> str | None:
    """Return which of two such amounts is in the document's currency: headings or prices tell; else None."""
    if said := said_of_documents(pair, _OF_DOCUMENTS):
        return said
    quantity, unit = roles.get("quantity"), roles.get("unit_price")
    if quantity is None or unit is None:
        return None
    marks: dict[str, Mark] = {name: profiles[name].only_mark or "." for name in (quantity, unit, *pair)}
    proved = [name for name in pair if multiply(table, quantity, unit, name, marks).is_proof]
    return proved[0] if len(proved) == 1 else None
