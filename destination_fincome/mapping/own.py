"""The user's own mapping (setting `mapping`): one text in the presets' language, and where each part of it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from destination_fincome.fincome.contract import WritePolicy
from destination_fincome.mapping.language.yaml_text import Place, YamlError, read_typed
from destination_fincome.mapping.merging import How
from destination_fincome.mapping.own_expressions import WrittenOut
from destination_fincome.mapping.preset import NestedField, StubRule
from destination_fincome.mapping.skip_rules import SkipRule
from destination_fincome.wording import did_you_mean

VERSION = "1"
MOST_SHOWN = 8


class MappingError(ValueError):
    """The text can't be used; the message names line and column of each mistake."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OwnEmission(_Part):
    """One kind of object that the user makes of a stream, or what changes about one that a preset makes of it.

    Attributes are those of preset.Emission; what is absent is the preset's, or has its default.

    Attributes:
        gone: documents for which this is true never count, and are taken out of the figures if they were sent before.
        ignore: nothing is made, for the reason `why`: a draft's entry that waits for an answer.
    """

    entity: str
    ignore: bool = False
    why: str | None = None
    operation: WritePolicy | None = None
    when: str | None = None
    for_each: str | None = None
    let: dict[str, str] = Field(default_factory=dict)
    version: str | None = None
    fields: dict[str, str | NestedField] | Literal["same_names"] | None = None
    custom_properties: dict[str, str] | str | None = None
    skip: tuple[SkipRule, ...] = ()
    stubs: tuple[StubRule, ...] = ()
    merge: dict[str, How] | None = None
    complete_per: str | None = None
    set_once: tuple[str, ...] = ()
    gone: str | None = None


class OwnStream(_Part):
    """What the user says about one stream.

    Attributes:
        ignore: nothing becomes of the stream; `why` says the reason.
        replace_preset: the preset's own mapping of the stream doesn't count.
        full: records have everything that the source knows about an object. None: those of which all fields are mapped
            that an object needs.
        operation: of all the stream's objects; see contract.WritePolicy.
        skip, gone: for all the stream's objects; their conditions are about the record.
        version, let, otherwise, emits: see preset.StreamRule.
    """

    ignore: bool = False
    why: str | None = None
    replace_preset: bool = False
    full: bool | None = None
    operation: WritePolicy | None = None
    skip: tuple[SkipRule, ...] = ()
    gone: str | None = None
    version: str | None = None
    let: dict[str, str] = Field(default_factory=dict)
    otherwise: str | None = None
    emits: tuple[OwnEmission, ...] = ()

    @property
    def ignored(self) -> str | None:
        """Why nothing becomes of the stream; None if something does."""
        if self.ignore:
            return self.why or "the mapping in the settings says so"
        if self.emits and all(emission.ignore for emission in self.emits):
            return "; ".join(f"{emission.entity}: {emission.why or 'ignored'}" for emission in self.emits)
        return None

    @property
    def changes_objects(self) -> bool:
        """Whether it says anything about the objects."""
        return any((self.emits, self.operation, self.skip, self.gone, self.version, self.let, self.otherwise))


class _Document(_Part):
    version: Literal["1"]
    skip: dict[str, Any] = Field(default_factory=dict)
    shared: Any = None
    questions: Any = None
    streams: dict[str, OwnStream]


@dataclass(frozen=True)
class OwnMapping:
    """All that the user says, by the streams' names.

    Attributes:
        places: of what stands in the text, by its name.
        old_places: for the older form of the setting, what each part is called there.
        text: the document itself.
        mistakes: places and problems of what the older form's expressions can't be read as.
    """

    streams: Mapping[str, OwnStream] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    old_places: Mapping[str, str] | None = None
    text: str = ""
    mistakes: tuple[tuple[str, str], ...] = ()

    def told(self, place: str, problem: str) -> str:
        """Return a mistake with its place: line and column of the text, and the names of the keys."""
        if self.old_places is not None:
            known = _nearest(place, self.old_places)
            return f"{self.old_places[known] if known else place}: {problem}"
        known = _nearest(place, self.places)
        at = self.places[known] if known else Place(1, 1)
        return f"{at}, {place}: {problem}" if place else f"{at}: {problem}"


def _nearest(place: str, known: Mapping[str, Any]) -> str | None:
    """Return the part that a place is, or the one around it."""
    while place and place not in known:
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return place or None


def read_mapping(text: Any) -> OwnMapping:
    """Read the setting.

    Raises:
        MappingError: with all mistakes of form, as far as they fit.
    """
    if not isinstance(text, str):
        raise MappingError("must be one text, in YAML or JSON, that begins with `version: 1`")
    try:
        value, places = read_typed(text)
    except YamlError as error:
        raise MappingError(str(error)) from None
    mapping = OwnMapping(places=places, text=text)
    if not isinstance(value, dict):
        raise MappingError("line 1, column 1: must be keys and values that begin with `version: 1`")
    written = WrittenOut()
    value = written.document(value)
    mistakes = [mapping.told(*mistake) for mistake in written.mistakes]
    try:
        found = _Document.model_validate(value)
    except ValidationError as error:
        told = [mapping.told(*one) for one in _mistakes_of(error, value)]
        raise MappingError(shown([*mistakes, *told])) from None
    if mistakes:
        raise MappingError(shown(mistakes))
    return OwnMapping(found.streams, places, text=text)


def shown(mistakes: list[str]) -> str:
    """Return mistakes as one sentence, as far as they fit."""
    found = list(dict.fromkeys(mistakes))
    more = f"; and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
    return "; ".join(found[:MOST_SHOWN]) + more


def _mistakes_of(error: ValidationError, document: Any) -> Iterator[tuple[str, str]]:
    """Yield the place and the problem of each mistake of form."""
    kinds: dict[str, list[str]] = {}
    for item in error.errors(include_url=False):
        place = _place(item["loc"], document)
        key, kind = str(item["loc"][-1]), item["type"]
        if kind == "missing":
            yield place, f"`{key}` is missing" + (": begin the text with `version: 1`" if key == "version" else "")
        elif kind == "extra_forbidden":
            yield place, _unknown(key, item["loc"])
        elif kind == "value_error":
            yield place, item["msg"].removeprefix("Value error, ")
        elif kind in _WORDS:
            kinds.setdefault(place, []).append(_WORDS[kind])
        elif not key.startswith("literal[") or isinstance(item["input"], str):
            # Where keys and values may stand in place of a word, what is no word has mistakes that say more.
            yield place, item["msg"].replace("Input should", "must")
    for place, wanted in kinds.items():
        yield place, f"must be {' or '.join(dict.fromkeys(wanted))}"


_WORDS = {
    "string_type": "a text",
    "dict_type": "keys and values",
    "tuple_type": "a list, each entry with a dash before it",
    "list_type": "a list, each entry with a dash before it",
    "model_type": "keys and values",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
}


def _place(location: tuple[int | str, ...], document: Any) -> str:
    """Return the name of a place, without what the check itself has put in."""
    name, here = "", document
    for part in location:
        if isinstance(here, dict) and part in here:
            name += f".{part}" if name else str(part)
        elif isinstance(here, (list, tuple)) and isinstance(part, int) and part < len(here):
            name += f"[{part}]"
        else:
            continue
        here = here[part]
    return name


def _unknown(key: str, location: tuple[int | str, ...]) -> str:
    if "stubs" in location[:-1]:
        model: type[BaseModel] = StubRule
    elif "skip" in location[:-1]:
        model = SkipRule
    elif "fields" in location[:-1]:
        model = NestedField
    else:
        model = _Document if len(location) == 1 else OwnStream if len(location) == 3 else OwnEmission
    fields = model.model_fields
    hint = did_you_mean(key, fields) or f"; there are {', '.join(f'`{one}`' for one in fields)}"
    return f"`{key}` isn't known here{hint}"
