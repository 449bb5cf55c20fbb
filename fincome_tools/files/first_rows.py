"""Documents of several rows whose number, day and customer stand in their first row only, as reports print them.

The other rows are filled in where it is certain that they go on with the document above: its number, its day and its
customer are filled in the same rows, and the others have a text and an amount in each, but none of what the first ones
have alone. A row that names a customer itself may be one that isn't invoiced yet. Amounts are never repeated: one that
stands in the first row only is that of all rows together. Nor is a period, which may be that of the first line.

A customer may stand in the first row of all his documents only, as tables that sum up by groups have it: he is filled
in if each of these groups has a total with his name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fincome_tools.files.table import Row
from fincome_tools.files.totals import folded, number_in

_DOCUMENT = re.compile(
    r"(factu|faktur|fattur|fatura|invoice|rechnung|\brg\b|\bre\b|beleg|piece|document|\bdoc\b|avoir|credit|gutschrift)"
)
_NUMBER = re.compile(r"(^|\W)(n|no|nr|num|numero|number|nummer|ref|reference|id)\W*($|\W)|nummer|nr\b|°|º|#")
_PLAIN_NUMBER = re.compile(r"(n|no|nr|num|numero|number|nummer)\W*")
_OF_OTHERS = re.compile(
    r"order|command|auftrag|bestell|pedido|ordine|encomenda|devis|quote|angebot|presupuesto|preventivo|offerte|date"
    r"|datum|fecha|data\b|montant|amount|betrag|importe|importo|bedrag|total|line|ligne|zeile|linea|riga|regel|linha"
    r"|client|customer|kunde|cliente|klant|type|origin"
)
_CUSTOMER = re.compile(
    r"client|customer|kund|klant|debit[oe]|tiers|societe|company|entreprise|empresa|firma|raison soc|ragione soc"
    r"|razon soc|acheteur|buyer|bill.to|account|\bcompte|\bnom\b|\bname\b|\bnome\b|\bnombre\b"
)
_DATED = re.compile(
    r"\bdate|datum|\bdata\b|\bfecha|emis|emission|echeance|\bdue|falligk|vencim|scadenza|vervaldag|issued"
)
_PERIOD = re.compile(
    r"debut|\bfin\b|start|begin|\bend\b|ende\b|von\b|bis\b|\bfrom|\bto\b|period|zeitraum|service|leistung|prestation"
    r"|inicio|desde|hasta|inizio|\bfine\b|competenza|\bdal?\b|\bal\b|\bvan\b|\btot\b|\bfim\b|mois|month|monat"
)
_OF_DOCUMENTS = re.compile(
    r"mail|siret|siren|tva intra|vat (no|id|number|reg)|ust.id|\bnif\b|partita|country|pays|\bland\b|paese|\bpais\b"
    r"|devise|currency|wahrung|moneda|divisa|valuta|moeda|statu|stato\b|estado|\betat|zustand|\bref\b|reference"
    r"|\btype (de )?(doc|piece|facture)|belegart|conditions|payment|reglement|zahlung"
)
_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}([ T]\d\d:\d\d.*)?|\d{1,2}\.? [^\W\d]{3,10}\.?,? \d{4}|20\d{6}")
_FEWEST_DOCUMENTS = 2
_SHORTEST_CODE = 3


def may_number_documents(heading: str) -> bool:
    """Tell whether a heading says the number of an invoice, a credit note or a document."""
    said = folded(heading.replace("°", " ").replace("º", " "))
    if _OF_OTHERS.search(said):
        return False
    is_number = bool(_NUMBER.search(said)) or heading.strip().casefold().startswith(("n°", "nº"))
    return bool(_PLAIN_NUMBER.fullmatch(said)) or bool(_DOCUMENT.search(said) and (is_number or " " not in said))


@dataclass
class _Column:
    """What is known of a column by the kind of its rows: first ones of documents, and further ones."""

    first: int = 0
    further: int = 0
    are_days: bool = True
    are_numbers: bool = True
    lengths: set[int] = field(default_factory=set)  # Of whole numbers; -1 for others.
    texts: set[str] = field(default_factory=set)  # Of customers, where there are totals of some.

    def note(self, cell: Any, *, is_first: bool) -> None:
        """Note a cell that isn't empty."""
        self.first += is_first
        self.further += not is_first
        text = str(cell).strip()
        self.are_days = self.are_days and bool(_DAY.fullmatch(text))
        self.are_numbers = self.are_numbers and any(number_in(cell, mark) is not None for mark in ",.")
        self.lengths.add(len(text) if text.isdecimal() else -1)

    def is_of_heads(self, first: int) -> bool:
        """Tell whether it is filled in the first rows of documents, all of them, and in no other."""
        return self.first == first and not self.further

    @property
    def may_be_amount(self) -> bool:
        """Whether values are numbers, and no codes of one length."""
        if not self.are_numbers or self.are_days:
            return False
        return len(self.lengths) > 1 or min(self.lengths, default=-1) < _SHORTEST_CODE


@dataclass(frozen=True)
class FirstRows:
    """What further rows of documents take from the first ones.

    Attributes:
        number: the place of the column with the documents' number.
        places: of the columns that are filled in.
        rows: how many rows are.
        groups: those of the places that are filled in across documents, until another value comes.
    """

    number: int
    places: tuple[int, ...]
    rows: int
    groups: frozenset[int] = frozenset()


def first_rows_of(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], totals: Collection[str] = ()
) -> FirstRows | None:
    """Return what further rows take from the first ones of their documents; None if nothing does, or it isn't certain.

    Args:
        rows: the data, cell by cell.
        totals: whose totals the table has, folded.
    """
    numbers = [place for place, name in enumerate(columns) if may_number_documents(name)]
    if len(numbers) != 1:
        return None
    names = [place for place, name in enumerate(columns) if _CUSTOMER.search(folded(name))]
    number, found = numbers[0], [_Column() for _ in columns]
    first = further = 0
    for cells in rows:
        is_first = _is_filled(cells, number)
        if not first and not is_first:
            return None  # Further rows of a document that isn't here.
        first += is_first
        further += not is_first
        for place, column in enumerate(found):
            if _is_filled(cells, place):
                column.note(cells[place], is_first=is_first)
                if totals and place in names:
                    column.texts.add(folded(str(cells[place])))
    if first < _FEWEST_DOCUMENTS or not further:
        return None
    groups = {place for place in names if found[place].first < first and found[place].texts <= set(totals)}
    groups = {place for place in groups if found[place].texts and place < number}
    are_alone = any(found[place].first == first for place in names) or bool(groups)
    known = [place for place, name in enumerate(columns) if place in (number, *names) or _says_document(name)]
    days = [place for place in known if _DATED.search(folded(columns[place])) and found[place].is_of_heads(first)]
    are_dated = any(found[place].are_days for place in days)
    if not (are_alone and are_dated) or any(found[place].further for place in names):
        return None
    made = _certain(number, known, found, (first, further))
    return replace(made, groups=frozenset(groups)) if made else None


def _says_document(heading: str) -> bool:
    """Tell whether a heading says something that a document has, not its lines."""
    said = folded(heading)
    return not _PERIOD.search(said) and bool(_DATED.search(said) or _OF_DOCUMENTS.search(said))


def _certain(number: int, known: Sequence[int], found: Sequence[_Column], rows: tuple[int, int]) -> FirstRows | None:
    first, further = rows
    whole = [column for column in found if column.first == first and column.further == further]
    has_lines = any(one.may_be_amount for one in whole) and any(
        not one.are_numbers and not one.are_days for one in whole
    )
    if not has_lines:
        return None
    places = [
        place
        for place in known
        if not found[place].further and found[place].first and (place == number or not found[place].may_be_amount)
    ]
    return FirstRows(number, tuple(places), further)


def filled_in(rows: Iterable[Row], known: FirstRows) -> Iterator[Row]:
    """Yield rows with what the first rows of their documents say of them as well."""
    said: dict[int, Any] = {}
    group: dict[int, Any] = {}
    for number, cells in rows:
        group |= {place: cells[place] for place in known.groups if _is_filled(cells, place)}
        if _is_filled(cells, known.number):
            said = {**{place: cells[place] for place in known.places}, **group}
            cells = tuple(group.get(place, cell) for place, cell in enumerate(cells)) if group else cells
            yield Row(number, cells)
        else:
            yield Row(number, tuple(said.get(place, cell) for place, cell in enumerate(cells)))


def has_gaps(cells: Sequence[Any], places: Collection[int]) -> bool:
    """Tell whether a row lacks what documents' numbers stand in."""
    return any(not _is_filled(cells, place) for place in places)


def _is_filled(cells: Sequence[Any], place: int) -> bool:
    if place >= len(cells):
        return False
    cell = cells[place]
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))
