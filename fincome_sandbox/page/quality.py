"""What looks wrong in an account, from the books: each check is a list of findings. Pure.

Nothing here is refused by the API: it is what a revenue team asks about later.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import partial
from operator import itemgetter

from fincome_sandbox.figures import MINOR_UNITS, PARTS, rounded
from fincome_sandbox.page.books import Books, Document


@dataclass(frozen=True)
class Finding:
    """One object that looks wrong. `say` writes what; `customer` is whose it is, if that is known."""

    entity: str
    id: str
    say: Callable[[], str]
    customer: str = ""

    @property
    def detail(self) -> str:
        """What is wrong: written when it is shown, because few of many findings are."""
        return self.say()


@dataclass(frozen=True)
class Check:
    """A question to an account. `explanation` says what it finds and what it means."""

    name: str
    title: str
    explanation: str
    find: Callable[[Books], Iterator[Finding]]


def _orphans(books: Books) -> Iterator[Finding]:
    for entity, id_, link in books.broken():
        yield Finding(entity, id_, partial("{} names {}, which isn't there".format, link.field, link.id))


def _overlaps(books: Books) -> Iterator[Finding]:
    """Periods of one subscription and price, billed twice: unless a negative line gives the time back."""
    billed: dict[tuple[str, str, str], list[tuple[datetime, datetime, str, str]]] = defaultdict(list)
    given_back: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for id_, line in books.lines.items():
        if line.start is None or line.end is None or not line.subscription or not line.amount:
            continue
        if line.amount < 0:
            given_back[line.subscription].append((line.start, line.end))
        else:
            key = (line.subscription, line.price, line.currency)
            billed[key].append((line.start, line.end, line.invoice, id_))
    for (subscription, _, _), periods in billed.items():
        periods.sort()
        longest = periods[0]
        for period in periods[1:]:
            _, end, invoice, other = longest
            start, until, invoice_after, id_ = period
            twice = start < end and invoice != invoice_after
            if twice and not _covered(start, min(end, until), given_back[subscription]):
                say = partial(_OVERLAP, subscription, start, min(end, until), other)
                yield Finding("invoice_lines", id_, say, books.customer_of_line(books.lines[id_]))
            longest = max(longest, period, key=itemgetter(1))


_OVERLAP = "{}: from {:%Y-%m-%d} to {:%Y-%m-%d} also billed by {}".format


def _covered(start: datetime, end: datetime, periods: Sequence[tuple[datetime, datetime]]) -> bool:
    return any(begin <= start and end <= until for begin, until in periods)


def _without_lines(books: Books) -> Iterator[Finding]:
    billed = {line.invoice for line in books.lines.values()}
    for id_, invoice in books.invoices.items():
        if id_ not in billed:
            yield Finding("invoices", id_, partial(_told_alone, invoice), invoice.customer)


def _told_alone(invoice: Document) -> str:
    return f"{money(invoice.amount, invoice.currency)} {invoice.currency}, and no line"


def _sums(books: Books) -> Iterator[Finding]:
    sums: dict[str, int] = defaultdict(int)
    for line in books.lines.values():
        sums[line.invoice] += line.amount
    for id_, invoice in books.invoices.items():
        if id_ in sums and _differs(sums[id_] - invoice.amount, invoice.currency):
            yield _difference("invoices", id_, invoice.amount, sums[id_], invoice.currency, invoice.customer)
    for id_, note in books.credit_notes.items():
        if note.of_lines is not None and _differs(note.of_lines - note.amount, note.currency):
            invoice_of = books.invoices.get(note.invoice)
            customer = note.customer or (invoice_of.customer if invoice_of else "")
            yield _difference("credit_notes", id_, note.amount, note.of_lines, note.currency, customer)


def _differs(parts: int, currency: str) -> bool:
    """Whether a difference is more than half of the currency's smallest unit."""
    smallest: int = 10 ** MINOR_UNITS.get(currency, 2)
    return abs(parts) * 2 * smallest > PARTS


def _difference(entity: str, id_: str, amount: int, lines: int, currency: str, customer: str) -> Finding:
    return Finding(entity, id_, partial(_told_apart, amount, lines, currency), customer)


def _told_apart(amount: int, lines: int, currency: str) -> str:
    told = f"amount {money(amount, currency)}, its lines {money(lines, currency)} {currency}"
    return f"{told}: {money(lines - amount, currency)} apart"


def _rewritten(books: Books) -> Iterator[Finding]:
    for (entity, id_), count in books.rewritten.items():
        times = "once" if count == 1 else f"{count} times"
        yield Finding(
            entity, id_, partial("sent again with other attributes: changed {} after it was created".format, times)
        )


def _shared_addresses(books: Books) -> Iterator[Finding]:
    by_address: dict[str, list[str]] = defaultdict(list)
    for id_, customer in books.customers.items():
        if customer.email:
            by_address[customer.email.casefold()].append(id_)
    for ids in by_address.values():
        for id_ in ids[1:]:
            yield Finding("customers", id_, partial("has the same e-mail address as {}".format, ids[0]), id_)


CHECKS = (
    Check(
        "orphans",
        "References that lead nowhere",
        "An object names another one that isn't in the account. It can't be linked: its revenue has no owner.",
        _orphans,
    ),
    Check(
        "overlaps",
        "Periods billed twice",
        "Two invoices bill the same time of one subscription at the same price, and nothing gives it back. "
        "MRR counts both.",
        _overlaps,
    ),
    Check(
        "without-lines",
        "Invoices without lines",
        "MRR is made of lines: such an invoice counts as invoiced, and never as recurring revenue.",
        _without_lines,
    ),
    Check(
        "sums",
        "Sums that differ",
        "A document's amount isn't the sum of its lines, both net and after discounts. MRR is made of the lines; "
        "the amount counts as invoiced or credited.",
        _sums,
    ),
    Check(
        "rewritten",
        "Same id, other attributes",
        "An object was sent again with other content, and the newest counts. One id must carry the same attributes "
        "wherever it appears: here that holds only if it really changed.",
        _rewritten,
    ),
    Check(
        "shared-addresses",
        "Customers that may be one",
        "Several customers share an e-mail address. If they are one, its revenue is told in pieces.",
        _shared_addresses,
    ),
)


def money(parts: int, currency: str) -> str:
    """An amount in the currency's minor units, with separated thousands and a real minus."""
    whole, dot, decimals = rounded(Fraction(abs(parts), PARTS), currency).partition(".")
    shown = f"{int(whole):,}{dot}{decimals}"
    return f"−{shown}" if parts < 0 and shown.strip("0.,") else shown
