"""Small tables that say what codes mean: of kinds of documents (`7`: `Nota di credito`), and of statuses."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.content import free, give
from fincome_tools.draft.columns.names import concepts_of, document_kind, words_of
from fincome_tools.draft.columns.statuses import status_of
from fincome_tools.draft.tables.understanding import Understanding

_MOST_ROWS = 100
_MOST_CODES = 40
_SHORTEST_SHARED = 4

Labels = dict[str, str]
"""What each code stands for."""


def read_codes(tables: Sequence[Understanding]) -> None:
    """Let codes of documents' kinds and statuses say what tables of them say."""
    small = [one for one in tables if 0 < one.rows <= _MOST_ROWS and not _has_days(one)]
    for table in tables:
        if table not in small and table.column("customer_id"):
            for role, is_known in (("document_type", _are_kinds), ("status", _are_statuses)):
                _read(table, small, role, is_known)


def _read(
    table: Understanding, small: Sequence[Understanding], role: str, is_known: Callable[[Sequence[str]], bool]
) -> None:
    """Find the one column of a table whose codes stand in a small one, beside words of a role."""
    own = table.column(role)
    found = []
    for name in [own] if own else free(table.roles):
        profile = table.profiles[name]
        codes = {str(value).strip() for value in profile.values}
        if not 0 < len(codes) <= _MOST_CODES or profile.dates or profile.filled < profile.rows:
            continue
        for other in small:
            labels = _labels(other, codes, name, is_known)
            if labels and (own or _names(name, other)):
                found.append((name, labels))
    if len({name for name, _ in found}) == 1:
        name, labels = found[0]
        if not own:
            give(table.roles, role, name)
        table.labels[name] = labels


def _labels(
    other: Understanding, codes: set[str], name: str, is_known: Callable[[Sequence[str]], bool]
) -> Labels | None:
    """Return the words for some codes in a small table, where these are all known to be a role's."""
    for key, unique in other.profiles.items():
        if not unique.is_unique or not codes <= {str(value).strip() for value in unique.values}:
            continue
        if not (_names(name, other) or words_of(name) == words_of(key)):
            continue
        for label, profile in other.profiles.items():
            if label == key or not profile.is_text:
                continue
            said = {str(code).strip(): str(word) for code, word in proofs.rows_of(other.table, [key, label])}
            if is_known([said[code] for code in codes]):
                return said
    return None


def _names(name: str, other: Understanding) -> bool:
    """Tell whether a heading calls a table: by a heading of it, by its meaning, or by some letters of its name."""
    if name in other.profiles or concepts_of(name) - {"id"} == concepts_of(other.table.name) != frozenset():
        return True
    own, theirs = "".join(words_of(name)), "".join(words_of(other.table.name))
    return any(own[start : start + _SHORTEST_SHARED] in theirs for start in range(len(own) - _SHORTEST_SHARED + 1))


def _has_days(table: Understanding) -> bool:
    return any(profile.dates is not None for profile in table.profiles.values())


def _are_kinds(words: Sequence[str]) -> bool:
    kinds = {document_kind(word, by_code=True) for word in words}
    return None not in kinds and "credit_note" in kinds


def _are_statuses(words: Sequence[str]) -> bool:
    return all(status_of(word, "invoice_status") or status_of(word, "not_final") for word in words)
