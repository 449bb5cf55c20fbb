"""The credited document's number within a text, such as `Invoice #INV00145`: a column of its own, as a period's is."""

from __future__ import annotations

import json
import re
from collections.abc import Set
from itertools import pairwise

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.content import free
from fincome_tools.draft.columns.kept import KeptTable
from fincome_tools.draft.columns.nested import Part, quoted
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.columns.roles import Assigned
from fincome_tools.draft.texts.spans import profile_of_part, reader_of, with_parts

_NUMBER = re.compile(r"[^\s#:,;()\[\]]*\d[^\s#:,;()\[\]]*")
_BEFORE = re.compile(r"(?:\S+\s*)?[\s#:(\[]\s*$|^$")
_JOINS = re.compile(r"\W*(?:[^\W\d_]{1,3})?\W*")  # A comma, `et`, `und`.
_CLOSING = ")],;:"
_LONGEST = 300
_FEWEST = 2
_SHORTEST_NUMBER = 4
_MOST_CREDITED = 0.5


def with_reference(
    table: KeptTable, profiles: dict[str, Profile], roles: Assigned
) -> tuple[KeptTable, dict[str, Profile]]:
    """Return a table with the numbers of credited documents as a further column, if just one text has them."""
    invoice = roles.get("invoice_id")
    if invoice is None or "origin_id" in roles.columns:
        return table, profiles
    found = []
    for name in free(roles):
        if not isinstance(name, Part) and (part := _once(table, profiles[name], profiles[invoice])):
            profile = profile_of_part(profiles[name], part)
            whole = with_parts(table, [part])
            if profile.filled <= _MOST_CREDITED * profile.rows and _names_others(whole, roles, invoice, part):
                found.append((whole, part, profile))
    if len(found) != 1:
        return table, profiles
    whole, part, profile = found[0]
    roles.columns["origin_id"] = part
    return whole, {**profiles, part: profile}


def _once(table: KeptTable, profile: Profile, invoices: Profile) -> Part | None:
    """Return what reads the number of a document from a column's texts, looked for once for all drafts of a table."""
    key = f"reference {profile.name} {invoices.name}"
    if key not in table.found:
        table.found[key] = reference_in(profile, {str(value).strip() for value in invoices.values})
    found: Part | None = table.found[key]
    return found


def reference_in(profile: Profile, numbers: Set[str]) -> Part | None:
    """Return what reads the number of a document from the texts that have one, and nothing from the others.

    Args:
        profile: of the texts.
        numbers: of the documents that they may name.
    """
    known = {one for one in numbers if len(one) >= _SHORTEST_NUMBER}
    if profile.dates is not None or profile.numbers is not None:
        return None
    texts = [str(value) for value in profile.values]
    if not texts or max(map(len, texts)) > _LONGEST:
        return None
    found = {text: match for text in texts if (match := _last_known(text, known))}
    if len(found) < _FEWEST or all(match[0] == text.strip() for text, match in found.items()):
        return None
    marks = {before[0] for text, match in found.items() if (before := _BEFORE.search(text[: match.start()]))}
    if len(marks) != 1:
        return None
    (mark,) = marks
    column = quoted(profile.name)
    after = f"split({column}, {_text(mark)})[-1]" if mark else column
    for sign in _CLOSING:
        if any(text[match.end() : match.end() + 1] == sign for text, match in found.items()):
            after = f"replace({after}, {_text(sign)}, ' ')"
    if any(text[match.end() :].strip() for text, match in found.items()):
        after = f"split({after}, ' ')[0]"
    if len(found) < len(texts):
        if not mark:
            return None
        after = f"when({column} && contains({column}, {_text(mark)}), {after})"
    part = Part(after, profile.name)
    read = reader_of(part)
    is_read = all(read(text) == (found[text][0] if text in found else None) for text in texts)
    return part if is_read else None


def _last_known(text: str, known: set[str]) -> re.Match[str] | None:
    matches = [match for match in _NUMBER.finditer(text) if match[0] in known]
    pairs = pairwise(matches)
    if any(_JOINS.fullmatch(text[one.end() : other.start()]) for one, other in pairs):
        return None  # It names several.
    return matches[-1] if matches else None


def _names_others(table: KeptTable, roles: Assigned, invoice: str, part: Part) -> bool:
    """Tell whether what rows name are other documents, each of the same customer."""
    customer = roles.get("customer_id") or roles.get("customer_name")
    if customer is None:
        return False
    whose = {str(number): who for number, who in proofs.rows_of(table, [invoice, customer])}
    rows = proofs.rows_of(table, [invoice, part, customer])
    return all(named != str(own) and whose.get(named) == who for own, named, who in rows if named)


def _text(value: str) -> str:
    return "'" + json.dumps(value, ensure_ascii=False)[1:-1].replace("'", "\\'") + "'"
