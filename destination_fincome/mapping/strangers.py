"""Tables that are named as Fincome's objects and aren't Fincome's: nothing leaves by a guess.

A table counts as one in Fincome's own shape if it has what an object of its kind needs, and no column that only other
systems have. With an id and other fields of Fincome's it changes what is there. All else is for the user to say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from destination_fincome.fincome.contract import EntitySpec
from destination_fincome.fincome.value_types import CURRENCY
from destination_fincome.mapping.column_names import is_own
from destination_fincome.mapping.preset import Preset

# Of the columns that give a stranger away, so many are named.
_MOST_NAMED = 4
_LOADED_BY_FIVETRAN = "_fivetran_"


@dataclass(frozen=True)
class Table:
    """A stream that is named as one of Fincome's objects.

    Attributes:
        stream: its name in the connection.
        kind: the preset's stream that it is named as.
        columns: as the catalog declares them.
        read: those that the preset reads beside Fincome's fields, and the cursor.
    """

    stream: str
    kind: EntitySpec
    columns: frozenset[str]
    read: frozenset[str]


@dataclass(frozen=True)
class Refusal:
    """Why a table isn't taken for Fincome's."""

    stream: str
    why: str
    advice: Literal["ignore", "update_only"]


Verdict = Literal["whole", "changes"] | Refusal


def judge(table: Table, preset: Preset, *, default_currency: bool, keeps_all: bool) -> Verdict:
    """Tell whether a table is in Fincome's own shape.

    Args:
        default_currency: the settings name a currency for amounts without one.
        keeps_all: the user wants columns that are no field to become custom properties.

    Returns:
        `whole`: it has what an object needs; `changes`: it can only change objects that exist; else why it is neither.
    """
    columns = {name.lower() for name in table.columns if not is_own(name)}
    marks = {name.lower() for name in table.columns}
    whose = _owners(marks, preset)
    needed = [
        field.name
        for field in table.kind.fields
        if field.required and not (default_currency and field.type is CURRENCY)
    ]
    missing = [name for name in needed if name not in columns]
    if whose:
        return Refusal(table.stream, _looks_like(whose, marks), "ignore")
    if not missing:
        return "whole"
    if not columns:
        return Refusal(table.stream, "the catalog names none of its columns", "ignore")
    fields = {field.name for field in table.kind.fields} | table.read
    others = sorted(columns - fields)
    if "id" in columns and len(columns) > 1 and (not others or keeps_all):
        return "changes"
    lacks = f"it has no {_listed(missing, 'or')}, which {table.kind.plural} need"
    if "id" in columns and others:
        lacks += f", and columns that Fincome has no field for ({_listed(others[:_MOST_NAMED], 'and')})"
    return Refusal(table.stream, lacks, "update_only" if "id" in columns and len(columns) > 1 else "ignore")


def message(refusals: Iterable[Refusal]) -> str:
    """Return what the user is told: each table with its reason, and the text to paste."""
    found = list(refusals)
    told = "; ".join(f"{refusal.stream}: {refusal.why}" for refusal in found)
    streams = {
        refusal.stream: {"ignore": True} if refusal.advice == "ignore" else {"operation": "update_only"}
        for refusal in found
    }
    text = json.dumps({"version": 1, "streams": streams}, ensure_ascii=False)
    return (
        "These tables are named as Fincome's objects and don't have their shape, so nothing was sent. "
        f"{told}. If the columns mean what Fincome's fields mean, set `source` to fincome, which takes every table. "
        f"Else say in the setting `mapping` what they become, or begin with this text, which sends nothing of a stream "
        f"(ignore) or only adds to objects that Fincome has (update_only): {text}"
    )


def _owners(columns: set[str], preset: Preset) -> Mapping[str, list[str]]:
    """Return the columns that only other systems have, by system, the one with most of them first."""
    found = {owner: sorted(columns.intersection(marks)) for owner, marks in preset.strangers.items()}
    return dict(sorted(((o, m) for o, m in found.items() if m), key=lambda item: (-len(item[1]), item[0])))


def _looks_like(whose: Mapping[str, list[str]], columns: set[str]) -> str:
    owner, marks = next(iter(whose.items()))
    copied = owner != "Fivetran" and any(name.startswith(_LOADED_BY_FIVETRAN) for name in columns)
    copy = "Fivetran's copy of " if copied else ""
    named = _listed(marks[:_MOST_NAMED], "and")
    return f"it looks like {copy}{owner} ({named})"


def _listed(names: list[str], word: str) -> str:
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last
