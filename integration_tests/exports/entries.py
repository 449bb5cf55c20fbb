"""Documents as entries of double bookkeeping: what a row of a journal books, and on which side."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from integration_tests.exports.book import Book, Row
from integration_tests.exports.export import answers


def entry_rows(book: Book) -> Iterator[Row]:
    """Each document's entry: the customer's row (rank 0), a row of revenue a line, a row of tax (rank -1)."""
    for row in book.document_rows():
        document = row.document
        if document.status == "cancelled":
            continue
        yield row
        for rank, line in enumerate(document.lines, 1):
            yield Row(row.customer, document, line, line.subscription, rank=rank)
        if document.tax:
            yield Row(row.customer, document, rank=-1)


def booked(row: Row) -> Decimal:
    """What a row books, above zero on the credit side."""
    document, line = row.document, row.of_line
    value = line.net if line else document.tax if row.rank else -document.gross
    return document.sign * value


def credit(row: Row) -> Decimal:
    return max(booked(row), Decimal(0))


def debit(row: Row) -> Decimal:
    return max(-booked(row), Decimal(0))


def bare_journal() -> dict[str, str]:
    """Return the true answers about a journal that tells accounts and amounts, and nothing of what was sold."""
    return answers(
        amount_of="entry",
        accounts="70",
        sides="credit minus debit",
        credits="negative, untyped",
        credit_reference="none",
        currency="EUR",
        line_type="none",
        period="none",
        product="none",
        status="none",
        subscription="none",
        period_end=None,
    )
