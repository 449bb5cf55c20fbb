"""What an answer says of what is wrong: read in Fincome's form, and told without what may be a customer's data.

An answer may quote what was sent, and also what was never sent: the customer whose number is taken. So of its words
only known ones are shown: those of pydantic's and FastAPI's own messages, with the limits and allowed values in them,
and the contract's names. All others are left to the stored record, for which the user named a place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import orjson

from destination_fincome.fincome.contract import Contract, FieldSpec
from destination_fincome.fincome.standard_messages import HOLES, MESSAGES, SENTENCES

# Where FastAPI says that a value was looked for.
PLACES = ("body", "header", "query", "path", "cookie")
# More of an answer helps nobody, and whatever is done with its words takes no longer for a longer one.
MOST_ITEMS = 5
LONGEST_TEXT = 1000
LONGEST_TOLD = 160
LONGEST_WHOLE = 2000
HIDDEN = "…"
_OF_FORM = re.compile(r"(value_error\.)?(missing|extra|extra_forbidden)|type_error(\..+)?|\w+_type")
_MISSING = ("missing", "value_error.missing")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,60}")
_HOLE = re.compile(r"\{(\w+)\}")
UNNAMED = "<name>"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is wrong.

    Attributes:
        loc: where, from body, header, query or path on; empty if that isn't told.
        text: in the API's words, cut.
        type: pydantic's word for it, or empty.
    """

    loc: tuple[str | int, ...] = ()
    text: str = ""
    type: str = ""

    @property
    def place(self) -> str:
        """Body, header, query, path or cookie; empty if that isn't told."""
        return str(self.loc[0]) if self.loc and self.loc[0] in PLACES else ""

    @property
    def path(self) -> tuple[str | int, ...]:
        """Where in its place."""
        return self.loc[1:] if self.place else self.loc


@dataclass(frozen=True, slots=True)
class Fault:
    """All that an answer in Fincome's form says is wrong."""

    items: tuple[Item, ...] = ()

    @property
    def text(self) -> str:
        """All its words."""
        return "; ".join(item.text for item in self.items)

    @property
    def of_form(self) -> bool:
        """Whether the object lacks a field, has one too many, or one of another type: pydantic's names of types."""
        return bool(self.items) and _OF_FORM.fullmatch(self.items[0].type) is not None

    @property
    def field(self) -> str | None:
        """The field that its first item names, as it stands there: `lines.0.amount`."""
        path = self.items[0].path if self.items else ()
        return ".".join(map(str, path)) or None


def read_fault(content: bytes, key: str) -> Fault | None:
    """Read an error's body; None if it hasn't Fincome's form: a JSON object with this key.

    Its value is a text, an object or a list of objects with `loc`, `msg` and `type` (FastAPI's forms).
    """
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(document, dict) or key not in document:
        return None
    detail = document[key]
    several = detail if isinstance(detail, list) else [detail]
    return Fault(tuple(_items(several[:MOST_ITEMS])))


def _items(several: Iterable[Any]) -> Iterator[Item]:
    for one in several:
        if isinstance(one, str):
            yield Item(text=one[:LONGEST_TEXT])
        elif isinstance(one, dict):
            loc = one.get("loc")
            known = (part for part in (loc if isinstance(loc, list) else ()) if isinstance(part, (str, int)))
            text = str(one.get("msg", one.get("message", "")))
            yield Item(tuple(known), text[:LONGEST_TEXT], str(one.get("type", ""))[:LONGEST_TOLD])


class Discretion:
    """Tells faults without what may be a customer's data."""

    def __init__(self, contract: Contract) -> None:
        self._names = frozenset(_names(contract))
        patterns = [rule.pattern.pattern for rule in contract.answers.values() if rule.pattern]
        self._known = _standard_words() | self._names | _words(" ".join([*self._names, *patterns]).replace("_", " "))

    def told(self, fault: Fault) -> str:
        """Return a fault's words, for everybody to read; short."""
        told = "; ".join(filter(None, map(self._item, fault.items, range(MOST_ITEMS))))
        return told if len(told) <= LONGEST_TOLD else told[: LONGEST_TOLD - 1] + HIDDEN

    def whole(self, fault: Fault) -> str:
        """Return a fault's words as they came, for the place that the user named for rejected records."""
        said = (f"{'.'.join(map(str, item.loc))}: {item.text}" if item.loc else item.text for item in fault.items)
        return "; ".join(said)[:LONGEST_WHOLE]

    def field(self, fault: Fault) -> str | None:
        """Return the field that a fault names first; names that the contract hasn't are left out."""
        return self._path(fault.items[0]) if fault.items else None

    def _path(self, item: Item) -> str | None:
        path = [str(p) if isinstance(p, int) or p in self._names else UNNAMED for p in item.path]
        # The name of what is missing was not sent, so it is the API's own.
        if item.type in _MISSING and path and UNNAMED not in path[:-1] and _NAME.fullmatch(str(item.path[-1])):
            path[-1] = str(item.path[-1])
        return ".".join(path) or None

    def _item(self, item: Item, number: int) -> str:
        text = self._text(item)
        # The first one's place is told as the field of the reason.
        path = self._path(item) if number else None
        place = item.place if item.place not in ("", "body") else ""
        where = ".".join(filter(None, [place, path]))
        kind = f" [{item.type}]" if item.type in _messages() else ""
        return f"{where}: {text}{kind}" if where else text + kind

    def _text(self, item: Item) -> str:
        for message in _messages().get(item.type, ()):
            if found := message.fullmatch(item.text):
                return self._without_values(item.text, found)
        return self._known_words(item.text)

    def _without_values(self, text: str, found: re.Match[str]) -> str:
        """Return a standard message; of what in it isn't the API's own, the known words."""
        for group in reversed(range(1, found.re.groups + 1)):
            start, end = found.span(group)
            text = text[:start] + (self._known_words(text[start:end]) or HIDDEN) + text[end:]
        return text

    def _known_words(self, text: str) -> str:
        kept: list[str] = []
        for word in text.split():
            core = word.strip(".,:;!?()[]{}<>\"'`«»“”‘’").lower()
            if core in self._known:
                kept.append(word)
            elif not kept or kept[-1] != HIDDEN:
                kept.append(HIDDEN)
        return "" if kept in ([], [HIDDEN]) else " ".join(kept)


def _names(contract: Contract) -> Iterator[str]:
    yield "custom_properties"
    for name, spec in contract.entities.items():
        yield from (name, *spec.called)
        yield from _names_of(spec.fields)


def _names_of(fields: tuple[FieldSpec, ...]) -> Iterator[str]:
    for field in fields:
        yield field.name
        yield from field.enum
        yield from _names_of(field.fields)


def _words(text: str) -> frozenset[str]:
    """Return the words of a text, those with an apostrophe whole."""
    return frozenset(re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text.lower()))


@lru_cache(maxsize=1)
def _messages() -> dict[str, tuple[re.Pattern[str], ...]]:
    """Return the standard messages as patterns; what they may quote of a value is a group."""
    return {kind: tuple(map(_pattern, texts)) for kind, texts in MESSAGES.items()}


def _pattern(message: str) -> re.Pattern[str]:
    parts = _HOLE.split(message)
    literals, names = parts[::2], parts[1::2]
    holes = [f"(?:{HOLES[name]})" if name in HOLES else "(.*)" for name in names]
    pieces = (re.escape(text) + hole for text, hole in zip(literals, [*holes, ""], strict=True))
    return re.compile("".join(pieces), re.DOTALL)


@lru_cache(maxsize=1)
def _standard_words() -> frozenset[str]:
    """Return all words of the standard messages: nothing that is made up of them only is a customer's."""
    texts = [SENTENCES, *(status.phrase for status in HTTPStatus)]
    texts += [_HOLE.sub(" ", message) for messages in MESSAGES.values() for message in messages]
    return _words(" ".join(texts))
