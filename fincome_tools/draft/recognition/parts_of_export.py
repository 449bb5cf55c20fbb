"""Tables with the same headings are one export in parts, of a year each: credits of one name invoices of another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from fincome_tools.draft.columns.content import free, give
from fincome_tools.draft.columns.nested import Part, sources
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.tables.understanding import Understanding
from fincome_tools.draft.texts.references import reference_in
from fincome_tools.draft.texts.spans import profile_of_part, with_parts

_LEAST_KNOWN = 0.5
_MOST_CREDITED = 0.5


def share_references(tables: Sequence[Understanding]) -> None:
    """Let each part of an export say what its credits name, as another part does, or as all of them together do."""
    for group in _parts(tables):
        known = {str(value).strip() for one in group if (own := one.profile("invoice_id")) for value in own.values}
        origin = next((one.column("origin_id") for one in group if one.column("origin_id")), None)
        origin = origin or _reference(group, known)
        for table in group:
            if origin and table.column("origin_id") is None:
                _take(table, origin, known)


def _parts(tables: Sequence[Understanding]) -> Iterator[list[Understanding]]:
    groups: dict[tuple[str, ...], list[Understanding]] = {}
    for table in tables:
        if table.column("invoice_id") and table.parent is None:
            groups.setdefault(sources(table.table.columns), []).append(table)
    return (group for group in groups.values() if len(group) > 1)


def _reference(group: Sequence[Understanding], known: set[str]) -> Part | None:
    """Return what reads the number of an invoice of any part from the one text that has some."""
    found = []
    for name in free(group[0].roles):
        profiles = [one.profiles[name] for one in group if name in one.profiles and name in free(one.roles)]
        if isinstance(name, Part) or len(profiles) < len(group):
            continue
        values = sum((one.values for one in profiles), Counter[object]())
        rows, filled = (sum(counts) for counts in zip(*((one.rows, one.filled) for one in profiles), strict=True))
        part = reference_in(Profile(name, rows, values, filled, is_whole=True), known)
        if part and filled <= _MOST_CREDITED * rows:
            found.append(part)
    return found[0] if len(found) == 1 else None


def _take(table: Understanding, origin: str, known: set[str]) -> None:
    """Give a part the column, or the part of a text, that names what is credited, if it names documents."""
    name = origin.source if isinstance(origin, Part) else origin
    if name not in free(table.roles):
        return
    profile = profile_of_part(table.profiles[name], origin) if isinstance(origin, Part) else table.profiles[name]
    values = [str(value).strip() for value in profile.values]
    if not values or sum(value in known for value in values) < _LEAST_KNOWN * len(values):
        return
    if isinstance(origin, Part):
        table.table = with_parts(table.table, [origin])
        table.profiles[origin] = profile
    give(table.roles, "origin_id", origin)
