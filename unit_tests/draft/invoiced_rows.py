"""Half a year of invented invoices' lines, and what a column may have of each: tables are put together of these."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from unit_tests.draft.drafting import Rows

FIRMS = ["Altura", "Boréal", "Cobalt", "Delta", "Ember", "Fjord", "Grove", "Halo", "Isar", "Jura", "Krill", "Loire"]
PRODUCTS = ["Pro", "Support", "Hosting", "Training", "Module X", "API"]
CITIES = [
    "Paris",
    "Lyon",
    "Bordeaux",
    "Marseille",
    "Lille",
    "Nantes",
    "Toulouse",
    "Nice",
    "Dijon",
    "Metz",
    "Brest",
    "Tours",
]
LAST = ["Roy", "Lee", "Pons", "Wit", "Roy", "Lee", "Amar", "Bost", "Cox", "Dale", "East", "Fox"]
FIRST = ["Anne", "Bob", "Carl", "Dora", "Eve", "Finn", "Gus", "Hal", "Ida", "Jon", "Kim", "Lou"]


@dataclass(frozen=True)
class Line:
    """A line of an invoice.

    Attributes:
        nth: the invoice's number.
        place: the line's within it.
        draw: a number at random.
    """

    nth: int
    place: int
    month: int
    firm: int
    issued: date
    paid: date | None
    product: int
    quantity: int
    price: float
    draw: int
    total: float = 0.0

    @property
    def net(self) -> float:
        return round(self.quantity * self.price, 2)

    @property
    def tax(self) -> float:
        return round(self.net * 0.2, 2)

    @property
    def start(self) -> date:
        return date(2025, self.month, 1)

    @property
    def following(self) -> date:
        return date(2025, self.month + 1, 1)


def lines() -> Iterator[Line]:
    """Yield lines of about fifty invoices, most of two lines."""
    chance = random.Random(5)
    nth = 0
    for month in range(1, 7):
        for firm in range(12):
            if chance.random() < 0.25:
                continue
            nth += 1
            issued = date(2025, month, 1) + timedelta(days=chance.randrange(27))
            paid = issued + timedelta(days=chance.randrange(5, 40)) if chance.random() < 0.8 else None
            own = [
                Line(
                    nth, place, month, firm, issued, paid, chance.randrange(6), chance.choice((1, 1, 2, 3, 5)),
                    chance.choice((19.9, 49, 75.5, 120, 300)), chance.randrange(10**6),
                )
                for place in range(1 if chance.random() < 0.3 else 2)
            ]  # fmt: skip
            total = round(sum(line.net for line in own), 2)
            yield from (replace(line, total=total) for line in own)


def _number(value: float) -> str:
    return f"{value:.2f}"


def _day(day: date | None) -> str:
    return f"{day:%Y-%m-%d}" if day else ""


WHAT: Mapping[str, Callable[[Line], str]] = {
    "number": lambda line: f"FA-2025-{line.nth:04}",
    "counter": lambda line: f"{7000 + line.nth * 3}",
    "part of it": lambda line: f"{6000 + line.nth * 10 + (line.place if line.nth % 3 else 0)}",
    "row": lambda line: f"{90000 + line.nth * 10 + line.place}",
    "place": lambda line: f"{line.place + 1}",
    "order": lambda line: f"{5000 + line.nth * 2}",
    "reference": lambda line: f"{line.draw % 90000 + 10000}",
    "mark of payment": lambda line: f"A{line.nth:03}" if line.paid else "",
    "issued": lambda line: _day(line.issued),
    "entered": lambda line: _day(line.issued + timedelta(days=1 + line.nth % 3)),
    "delivered": lambda line: _day(line.issued - timedelta(days=line.nth % 4)),
    "ordered": lambda line: _day(line.issued - timedelta(days=10 + line.nth % 9)),
    "due": lambda line: _day(line.issued + timedelta(days=30)),
    "paid on": lambda line: _day(line.paid),
    "exported": lambda line: "2025-07-03",
    "start": lambda line: _day(line.start),
    "end": lambda line: _day(line.following - timedelta(days=1)),
    "next start": lambda line: _day(line.following),
    "month": lambda line: f"{line.start:%m/%Y}",
    "year": lambda line: "2025",
    "contract from": lambda line: _day(date(2024, 1 + line.firm, 1)),
    "contract to": lambda line: _day(date(2026, 1 + line.firm, 1) - timedelta(days=1)),
    "warranty": lambda line: _day(line.following + timedelta(days=365)),
    "born": lambda line: _day(date(1960 + line.firm, 1 + line.firm, 3 + line.firm)),
    "code": lambda line: f"C{100 + line.firm:04}",
    "plain code": lambda line: f"{10000 + line.firm * 7}",
    "firm": lambda line: f"{FIRMS[line.firm]} SA",
    "other firm": lambda line: f"{FIRMS[(line.firm + line.nth) % 12]} site",
    "group": lambda line: f"{FIRMS[line.firm % 4]} Group",
    "own company": lambda line: "Our Company SAS",
    "segment": lambda line: ("SME", "Enterprise", "Public")[line.firm % 3],
    "seller": lambda line: ("Durand", "Petit", "Morel")[line.firm % 3],
    "contact": lambda line: f"{FIRST[line.firm]} {LAST[line.firm]}",
    "first name": lambda line: FIRST[line.firm],
    "last name": lambda line: LAST[line.firm],
    "city": lambda line: CITIES[line.firm],
    "country": lambda line: ("FR", "DE", "BE")[line.firm % 3],
    "account of customer": lambda line: f"4300{line.firm:05}",
    "account of debtor": lambda line: f"{10000 + line.firm}",
    "account of all": lambda line: "411000",
    "account of revenue": lambda line: ("706100", "706200", "707000")[line.product % 3],
    "tax number": lambda line: f"FR{10 + line.firm}80000{line.firm:04}",
    "bank account": lambda line: f"FR76300060000112345678901{line.firm + 10}",
    "mandate": lambda line: f"MD{line.firm:04}",
    "cost centre": lambda line: ("100", "200", "300")[line.product % 3],
    "product": lambda line: PRODUCTS[line.product],
    "product code": lambda line: f"ART{line.product:03}",
    "net": lambda line: _number(line.net),
    "tax": lambda line: _number(line.tax),
    "gross": lambda line: _number(line.net + line.tax),
    "total net": lambda line: _number(line.total),
    "total gross": lambda line: _number(line.total * 1.2),
    "quantity": lambda line: f"{line.quantity}",
    "price": lambda line: _number(line.price),
    "cost": lambda line: _number(line.net * 0.6),
    "margin": lambda line: _number(line.net * 0.4),
    "commission": lambda line: _number(line.net * 0.05),
    "yearly": lambda line: _number(line.net * 12),
    "fee": lambda line: _number(line.net * 0.029 + 0.25),
    "paid out": lambda line: _number(line.net * 0.971 - 0.25),
    "balance": lambda line: _number(1000 + line.nth * 13.37),
    "open": lambda line: _number(0 if line.paid else line.total * 1.2),
    "weight": lambda line: _number(line.product + 0.5),
    "days": lambda line: "30",
    "invoice status": lambda line: "paid" if line.paid else "open",
    "approval": lambda line: ("Approved", "Pending")[line.nth % 2],
    "language": lambda line: ("fr", "en")[line.firm % 2],
    "terms": lambda line: ("30 jours", "Comptant")[line.firm % 2],
    "level": lambda line: "0" if line.paid else "1",
    "EUR": lambda line: "EUR",
    "currency in words": lambda line: ("Euro", "Dollar US")[line.firm % 2],
    "currency signs": lambda line: ("€", "$")[line.firm % 2],
    "two currencies": lambda line: ("EUR", "USD")[line.firm % 2],
}
"""What a column may have of a line."""


def rows(columns: Mapping[str, str]) -> Rows:
    """Return a table of lines.

    Args:
        columns: what each heading's column has, of WHAT.
    """
    return [{heading: WHAT[what](line) for heading, what in columns.items()} for line in lines()]
