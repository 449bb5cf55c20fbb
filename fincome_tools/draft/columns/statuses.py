"""What words of statuses mean: whole ones, and those that are put together, such as `closed-paid`, `Invoice : Open`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from destination_fincome.mapping.language.words import folded
from fincome_tools.draft.columns.names import concepts_of
from fincome_tools.draft.columns.vocabulary import meaning

StatusTable = Literal["invoice_status", "subscription_status", "not_final"]
_TABLES: tuple[StatusTable, ...] = ("invoice_status", "subscription_status", "not_final")
_JOINTS = re.compile(r"\s*[:|/–—]\s*|\s+-\s+|(?<=[^\W\d_])[-_](?=[^\W\d_])")
_WRITTEN_OFF = frozenset({"writtenoff", "baddebt"})
_OF_DOCUMENTS = frozenset({"invoice", "credit", "document", "subscription", "?memo"})


def status_of(word: object, table: StatusTable) -> str | None:
    """Return what a word means in one of the tables of statuses; None if it isn't known, or means two things."""
    return meaning(word, table) or _of_parts(str(word), table)


def is_status(word: object) -> bool:
    """Tell whether a word means a status of anything."""
    return any(status_of(word, table) for table in _TABLES)


def is_written_off(word: object) -> bool:
    """Tell whether a word says that nobody waits for the payment any more, and not whether the invoice counts."""
    return folded(str(word)).replace("-", "") in _WRITTEN_OFF


@lru_cache(maxsize=1 << 10)
def _of_parts(word: str, table: StatusTable) -> str | None:
    """Return what the parts of a word mean together: each of them is known, or names a kind of document."""
    if any(meaning(word, other) for other in _TABLES):
        return None
    whole = [part for part in _JOINTS.split(word) if part]
    parts = [part for part in whole if not concepts_of(part) <= _OF_DOCUMENTS]
    if len(whole) < 2 or not parts:
        return None
    if table == "subscription_status":
        # What follows is a reason: `canceled-manual`.
        return meaning(parts[0], table) if len({meaning(part, table) for part in parts} - {None}) == 1 else None
    if not all(any(meaning(part, other) for other in _TABLES) for part in parts):
        return None
    said = {found for part in parts if (found := meaning(part, table))}
    if table == "invoice_status":
        if any(meaning(part, "not_final") for part in parts):
            return None
        if said == {"open", "unpaid"}:
            is_late = any(meaning(part, "subscription_status") == "past_due" for part in parts)
            return "unpaid" if is_late else "open"
    return said.pop() if len(said) == 1 else None
