"""The company's year: who buys what, invoice by invoice, and what that is per month."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

YEAR = 2025
CENT = Decimal("0.01")
_NAMES = "Boulangerie Lemaître|Société Générale d'Étanchéité|Crémerie des Alpes|Garage Noël & Fils|Hôtel du Château|"
_NAMES += (
    "Pharmacie Bézier|Menuiserie Çelik|Cabinet Dupré|Traiteur Œuf & Co|Imprimerie Müller|Librairie L'Éclat|Vélo Sûr"
)
NAMES = _NAMES.split("|")
MONTHLY = {"Abonnement Essentiel": Decimal("89.00"), "Abonnement Pro": Decimal("1249.50")}
YEARLY = {"Licence annuelle Pro": Decimal("12000.00")}
SETUP = Decimal("750.00")


@dataclass(frozen=True)
class Customer:
    """A customer; its code is a SIRET, which may begin with zeros."""

    siret: str
    name: str
    country: str
    email: str


@dataclass(frozen=True)
class Line:
    """A line of an invoice; `end` is the last day of its period, None for a one-off sale."""

    product: str
    net: Decimal
    start: date | None = None
    end: date | None = None

    @property
    def tax(self) -> Decimal:
        """20 % of VAT."""
        return (self.net / 5).quantize(CENT)


@dataclass(frozen=True)
class Document:
    """An invoice, or an avoir of the invoice `origin`, whose amounts are below zero."""

    number: str
    issued: date
    customer: Customer
    status: str
    lines: tuple[Line, ...]
    origin: str = ""

    @property
    def net(self) -> Decimal:
        """Without tax."""
        return sum((line.net for line in self.lines), Decimal(0))


@dataclass
class Year:
    """Everything.

    Attributes:
        mrr: by month (`2025-01`), what the recurring lines of that year's invoices are worth a month.
    """

    customers: list[Customer] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    mrr: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    @property
    def invoiced(self) -> Decimal:
        """Net of all invoices that count."""
        return sum((one.net for one in self.documents if not one.origin and one.status != "Annulée"), Decimal(0))

    @property
    def credited(self) -> Decimal:
        """Net of all avoirs, above zero."""
        return -sum((one.net for one in self.documents if one.origin), Decimal(0))


def make_year(seed: int = 1) -> Year:
    """Invent the year; the same seed gives the same year."""
    chance, year = random.Random(seed), Year()
    for number, name in enumerate(NAMES):
        siret = f"{number * 7919 % 10**9:09}{chance.randint(1, 99999):05}"
        year.customers.append(
            Customer(siret, name, "France" if number % 4 else "Belgique", f"compta{number}@example.com")
        )
    plans = {customer: chance.choice([*MONTHLY, *YEARLY]) for customer in year.customers}
    begins = {customer: chance.randint(1, 6) for customer in year.customers}
    for month in range(1, 13):
        for customer in year.customers:
            if lines := tuple(_lines(plans[customer], month, begins[customer])):
                year.documents.append(_invoice(len(year.documents) + 1, month, customer, lines, chance))
    _credit(year, chance)
    _count(year)
    return year


def _lines(plan: str, month: int, begin: int) -> Iterator[Line]:
    if month < begin:
        return
    start = date(YEAR, month, 1)
    if plan in MONTHLY:
        yield Line(plan, MONTHLY[plan], start, _month_end(start, 1))
    elif month == begin:
        yield Line(plan, YEARLY[plan], start, _month_end(start, 12))
    if month == begin:
        yield Line("Mise en service", SETUP)


def _month_end(start: date, months: int) -> date:
    month = start.month - 1 + months
    return date(start.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _invoice(number: int, month: int, customer: Customer, lines: tuple[Line, ...], chance: random.Random) -> Document:
    status = chance.choices(["Payée", "En attente", "Impayée", "Annulée"], [85, 6, 5, 4])[0]
    return Document(f"FA{YEAR}-{number:04}", date(YEAR, month, 1 + number % 3), customer, status, lines)


def _credit(year: Year, chance: random.Random) -> None:
    """Give back a part of some set-up fees."""
    with_setup = [one for one in year.documents if one.status == "Payée" and one.lines[-1].product == "Mise en service"]
    for number, invoice in enumerate(chance.sample(with_setup, 3), 1):
        back = (Line("Geste commercial", Decimal(-100 * number)),)
        issued = invoice.issued + timedelta(days=20)
        year.documents.append(
            Document(f"AV{YEAR}-{number:04}", issued, invoice.customer, "Payée", back, invoice.number)
        )


def _count(year: Year) -> None:
    for document in year.documents:
        for line in document.lines if document.status != "Annulée" else ():
            if line.start is None or line.end is None:
                continue
            after = line.end + timedelta(days=1)
            months = (after.year - line.start.year) * 12 + after.month - line.start.month
            for place in range(months):
                month = line.start.month - 1 + place
                if line.start.year + month // 12 == YEAR:
                    year.mrr[f"{YEAR}-{month % 12 + 1:02}"] += line.net / months
