"""Credit notes of all usual kinds, put into books that have none: what each is for, and what it gives back.

- `cancelled`: all of an invoice, which is billed again on the same day, a few days after it;
- `part`: half of a line, in the month after;
- `rest`: the last months of a period of several, paid and no longer used;
- `monthly`: months of a yearly contract, one after the other, a credit note each;
- `several`: a part of each of two or three invoices of a customer, in one document;
- `goodwill`: an amount for the customer, of no line and no days.

By docs/revenue.md credit notes change no MRR, and overlaps are taken as they are: what is billed again counts with what
was cancelled.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from integration_tests.exports.book import CENT, Book, Document, Line, Row
from integration_tests.exports.revenue import add_months

MONTHS_GIVEN_BACK = 4
"""Of a yearly contract."""


@dataclass(frozen=True)
class Credit(Document):
    """A credit note, or its part for one invoice, that tells why it was made."""

    reason: str = ""


def reason(row: Row) -> str:
    """Why a credit note was made, nothing for invoices."""
    return row.document.reason if isinstance(row.document, Credit) else ""


def naming(pattern: str, *nameless: str) -> Callable[[Row], str | None]:
    """Return what gives the number of the credited invoice, nothing where a credit of such a reason names none."""

    def name(row: Row) -> str | None:
        of = row.document.credits
        return pattern.format(of.number) if of and reason(row) not in nameless else None

    return name


def with_credits(book: Book, seed: int, *reasons: str) -> Book:
    """Return the books with a credit note for each reason; numbers of documents and lines are given anew."""
    return _Credits(book, random.Random(seed)).book(reasons)


@dataclass
class _Credits:
    """One drawing of credit notes."""

    before: Book
    random: random.Random

    def book(self, reasons: tuple[str, ...]) -> Book:
        taken: set[int] = set()
        chosen = [(why, self._chosen(why, taken)) for why in reasons]
        again = [self._billed_again(several[0]) for why, several in chosen if why == "cancelled"]
        old = sorted([*self.before.documents, *again], key=lambda item: (item.date, item.number or 10**6))
        new = {id(item): replace(item, number=number) for number, item in enumerate(old, start=1)}
        parts = [part for why, several in chosen for part in self._parts(why, [new[id(one)] for one in several])]
        parts.sort(key=lambda several: several[0].date)
        credits = [replace(part, number=number) for number, several in enumerate(parts, 1) for part in several]
        documents = sorted([*new.values(), *credits], key=lambda item: (item.date, item.is_credit, item.number))
        return replace(self.before, documents=tuple(_with_lines_numbered(documents)))

    def _chosen(self, why: str, taken: set[int]) -> list[Document]:
        """Return the invoices that a credit note gives something back of, none of them chosen before."""
        last = max(item.date for item in self.before.invoices)
        early = [
            item
            for item in self.before.invoices
            if item.number not in taken and add_months(item.date, 3) <= last and _credited_line(item)
        ]
        if why in ("rest", "monthly"):
            early = [item for item in early if _months(_credited_line(item)) > 2]
        of_customer = defaultdict(list)
        for item in early:
            of_customer[item.customer.number].append(item)
        if why == "several":
            longest = sorted(of_customer.values(), key=len)[-4:]
            found = self.random.choice(longest)[: self.random.choice((2, 3))]
        else:
            found = [self.random.choice(early)]
        taken.update(item.number for item in found)
        return found

    def _billed_again(self, invoice: Document) -> Document:
        day = invoice.date + timedelta(days=6)
        return replace(invoice, number=0, date=day, due=day + (invoice.due - invoice.date))

    def _parts(self, why: str, invoices: list[Document]) -> Iterator[list[Credit]]:
        """Yield credit notes, each as its parts by invoice."""
        first = invoices[0]
        line = _credited_line(first)
        assert line
        if why == "cancelled":
            yield [_credit(first, first.date + timedelta(days=6), first.lines, why)]
        elif why == "monthly":
            assert line.period
            for month in range(2, 2 + MONTHS_GIVEN_BACK):
                start, end = (add_months(line.period[0], month + more) for more in (0, 1))
                yield [_credit(first, end + timedelta(days=3), (_share(line, 1, _months(line), (start, end)),), why)]
        elif why == "rest":
            assert line.period
            months = _months(line) // 2
            period = (add_months(line.period[1], -months), line.period[1])
            day = min(period[0], add_months(first.date, 2))
            yield [_credit(first, day, (_share(line, months, _months(line), period),), why)]
        elif why == "several":
            day = max(item.date for item in invoices) + timedelta(days=11)
            yield [_credit(item, day, (_half(item),), why) for item in invoices]
        elif why == "goodwill":
            flat = replace(line, label=self.before.language.discount, unit_price=Decimal("50.00"), period=None)
            flat = replace(flat, quantity=1, discount=Decimal(0), subscription=None)
            yield [_credit(first, first.date + timedelta(days=17), (flat,), why)]
        else:
            yield [_credit(first, first.date + timedelta(days=33), (_half(first),), why)]


def _credited_line(invoice: Document) -> Line | None:
    return next((line for line in invoice.lines if line.period and line.net > 0), None)


def _months(line: Line | None) -> int:
    return line.subscription.plan.months if line and line.subscription else 0


def _share(line: Line, part: int, whole: int, period: tuple[date, date] | None) -> Line:
    net = (line.net * part / whole).quantize(CENT, rounding=ROUND_HALF_UP)
    return replace(line, quantity=1, unit_price=net, discount=Decimal(0), period=period)


def _half(invoice: Document) -> Line:
    line = _credited_line(invoice)
    assert line
    return _share(line, 1, 2, line.period)


def _credit(invoice: Document, day: date, lines: tuple[Line, ...], why: str) -> Credit:
    return Credit(0, invoice.customer, day, day, "paid", lines, invoice, why)


def _with_lines_numbered(documents: list[Document]) -> Iterator[Document]:
    count = 0
    renewed: dict[int, Document] = {}
    for item in documents:
        lines = tuple(replace(line, number=count + rank) for rank, line in enumerate(item.lines, start=1))
        count += len(lines)
        of = renewed[item.credits.number] if item.credits else None
        found = replace(item, lines=lines, credits=of)
        if not item.is_credit:
            renewed[item.number] = found
        yield found
