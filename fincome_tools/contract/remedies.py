"""From a refusal to what may mend it: corrections of the contract that would make the same object acceptable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from destination_fincome.fincome.contract import CUSTOM_PROPERTIES, EntitySpec, FieldSpec
from destination_fincome.fincome.value_types import INSTANT

# Words that mean the same, where the letters alone don't tell.
SAME_WORDS = {
    "canceled": ("cancelled",),
    "day": ("daily",),
    "year": ("annual", "annually"),
    "past_due": ("overdue",),
    "trialing": ("trial", "intrial", "trialling"),
    "one_off": ("oneoff", "onetime", "one_time"),
}
_QUOTED = re.compile(r"'([^']+)'")
_LISTED = re.compile(r"one of:? (.+)", re.IGNORECASE)
_MISSING = re.compile(r"missing$|field required|is required", re.IGNORECASE)
_UNKNOWN = re.compile(r"extra|not permitted|unknown field|unexpected", re.IGNORECASE)
_WHOLE = re.compile(r"\bint(eger)?\b|int_|whole number", re.IGNORECASE)
_WORDS = re.compile(r"enum|literal|one of|should be '", re.IGNORECASE)
_NEGATIVE = re.compile(r"less.than|negative", re.IGNORECASE)
_DATE_TIME = re.compile(r"date[-_ ]?time", re.IGNORECASE)


@dataclass(frozen=True)
class Item:
    """One thing that an answer says is wrong: the place in the body, its words, and pydantic's name for it."""

    place: tuple[str, ...]
    text: str
    kind: str = ""

    @property
    def words(self) -> str:
        """All that it says."""
        return f"{self.kind} {self.text}".strip()

    @property
    def field(self) -> str:
        """The field at fault, its path without positions."""
        return ".".join(part for part in self.place if not part.isdigit())


@dataclass(frozen=True)
class Remedy:
    """What may help: a correction, or (`leave_out`) an object without the field."""

    corrections: Mapping[tuple[str, ...], Any]
    leave_out: str = ""


def items_of(content: object) -> list[Item]:
    """Read all items of a refusal (FastAPI's `detail`); a text has no place."""
    detail = content.get("detail") if isinstance(content, dict) else None
    several = detail if isinstance(detail, list) else [detail]
    return [item for one in several if (item := _item(one))]


def _item(one: object) -> Item | None:
    if isinstance(one, str):
        return Item((), one)
    if not isinstance(one, dict):
        return None
    loc = [str(part) for part in one.get("loc") or ()]
    text = str(one.get("msg", one.get("message", "")))
    return Item(tuple(loc[1:] if loc[:1] == ["body"] else loc), text, str(one.get("type", "")))


def canonical(name: str) -> str:
    """Return a name without case and punctuation: zipCode and zip_code are the same."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def camel_case(name: str) -> str:
    """Return zipCode for zip_code."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def field_of(spec: EntitySpec, path: str) -> FieldSpec | None:
    """Return the field at a path such as lines.amount."""
    fields: Sequence[FieldSpec] = spec.fields
    found = None
    for part in path.split("."):
        found = next((one for one in fields if one.name == part), None)
        fields = found.fields if found else ()
    return found


def place_of(spec: EntitySpec, path: str, fact: str) -> tuple[str, ...]:
    """Return the place of a fact of a field in the setting `contract`."""
    parts = [part for name in path.split(".") for part in ("fields", name)]
    return ("entities", spec.name, *parts, fact)


def remedies(spec: EntitySpec, body: Mapping[str, Any], item: Item, all_items: Sequence[Item]) -> Iterator[Remedy]:
    """Yield what may help against one item of a refusal, the likeliest first."""
    field = field_of(spec, item.field)
    if _MISSING.search(item.words):
        yield from _missing(spec, item, knows_id="id" not in {one.field for one in all_items})
        return
    name = item.place[0] if item.place else ""
    if _UNKNOWN.search(item.words):
        yield from _unknown(spec, item)
    elif field is None and name not in body and len(item.place) == 1 and _WHOLE.search(item.words):
        # One of those that every object needs.
        yield Remedy({place_of(spec, name, "constant"): 1})
    elif field is None and name not in body and len(item.place) == 1 and (words := words_in(item.words)):
        yield Remedy({place_of(spec, name, "constant"): words[0]})
    elif field is not None and field.money and _WHOLE.search(item.words):
        yield Remedy({place_of(spec, item.field, "unit"): "cents"})
    elif field is not None and field.money and _NEGATIVE.search(item.words):
        yield Remedy({place_of(spec, item.field, "sign"): "negative"})
    elif field is not None and field.type is INSTANT:
        yield from _dated(spec, item)
    elif field is not None and field.enum and _WORDS.search(item.words):
        yield from _worded(spec, item, field)
    if name in body and name != "id" and (field is None or name not in spec.required):
        yield Remedy({}, leave_out=name)


def _missing(spec: EntitySpec, item: Item, *, knows_id: bool) -> Iterator[Remedy]:
    """A field that the API needs: one of ours by another name, or one that nobody knows."""
    theirs = item.place[-1] if item.place else ""
    if field_of(spec, item.field) is not None or not theirs:
        return
    above = item.field.rpartition(".")[0]
    ours = [name for name in _names(spec, above) if canonical(name) == canonical(theirs)]
    if ours:
        yield Remedy({place_of(spec, f"{above}.{ours[0]}".lstrip("."), "name"): theirs})
    elif not above and not knows_id and canonical(theirs).endswith("id"):
        yield Remedy({place_of(spec, "id", "name"): theirs})
    elif not above:
        yield Remedy({place_of(spec, theirs, "constant"): "destination-fincome"})


def _unknown(spec: EntitySpec, item: Item) -> Iterator[Remedy]:
    """A field that the API doesn't know by this name."""
    above, _, name = item.field.rpartition(".")
    if name not in _names(spec, above) or item.field == "id":
        return
    other = camel_case(name)
    if other != name:
        yield Remedy({place_of(spec, item.field, "name"): other})
    yield Remedy({place_of(spec, item.field, "absent"): True})


def _dated(spec: EntitySpec, item: Item) -> Iterator[Remedy]:
    wants_time = bool(_DATE_TIME.search(item.words)) and not item.kind.startswith("date_from")
    forms = ("date-time", "date") if wants_time else ("date", "date-time")
    for form in forms:
        yield Remedy({place_of(spec, item.field, "form"): form})


def _worded(spec: EntitySpec, item: Item, field: FieldSpec) -> Iterator[Remedy]:
    theirs = words_in(item.words)
    words = matched(field.enum, theirs)
    if words:
        yield Remedy({place_of(spec, item.field, "words"): words})


def words_in(text: str) -> list[str]:
    """Return the words that a refusal says are allowed."""
    if quoted := _QUOTED.findall(text):
        return list(quoted)
    listed = _LISTED.search(text)
    return [word.strip(" .'\"") for word in re.split(r",| or ", listed[1])] if listed else []


def matched(ours: Sequence[str], theirs: Sequence[str]) -> dict[str, str]:
    """Return which of the API's words mean ours, where they are others; no guesses: a wrong word is a wrong figure."""
    free = [word for word in theirs if word not in ours]
    found = {}
    for means_same in (_is_written_otherwise, _is_longer, _is_known):
        for word in (one for one in ours if one not in theirs and one not in found):
            same = [other for other in free if means_same(word, other)]
            if len(same) == 1:
                found[word] = same[0]
                free.remove(same[0])
    return {word: found[word] for word in ours if word in found}


def _is_written_otherwise(ours: str, theirs: str) -> bool:
    return canonical(ours) == canonical(theirs)


def _is_longer(ours: str, theirs: str) -> bool:
    return canonical(theirs).startswith(canonical(ours))


def _is_known(ours: str, theirs: str) -> bool:
    return canonical(theirs) in map(canonical, SAME_WORDS.get(ours, ()))


def _names(spec: EntitySpec, above: str) -> list[str]:
    """Return the names of an entity's fields, or of those inside of one."""
    if not above:
        return [*(field.name for field in spec.fields), CUSTOM_PROPERTIES]
    inside = field_of(spec, above)
    return [field.name for field in inside.fields] if inside else []
