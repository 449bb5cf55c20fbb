"""From the catalog to a plan: which preset, which stream is what, what is ignored and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import Contract
from destination_fincome.mapping import own as own_mapping
from destination_fincome.mapping.compiled import NullHandling, Options, PresetError, StreamCompiler
from destination_fincome.mapping.language.columns import columns
from destination_fincome.mapping.language.expressions import Expressions
from destination_fincome.mapping.language.functions import EXPONENT_TABLES, bound
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.mapping.own import OwnStream
from destination_fincome.mapping.preset import Preset, StreamRule

UnmappedFields = Literal["auto", "ignore", "custom_properties"]
# A stream counts as the source's own when it has at least this part of the columns that mark it: users may have
# deselected some.
ENOUGH_OF_SIGNATURE = 0.5


class SourceStream(Protocol):
    """What recognition needs to know of a configured stream."""

    @property
    def name(self) -> str:
        """Its name, with the connection's prefix."""

    @property
    def namespace(self) -> str | None:
        """Its namespace, if it has one."""

    @property
    def properties(self) -> frozenset[str]:
        """The names of its columns; empty when they aren't known."""

    @property
    def cursor(self) -> tuple[str, ...]:
        """Path of its cursor, or empty."""


S = TypeVar("S", bound=SourceStream)


@dataclass(frozen=True)
class StreamPlan:
    """What becomes of one stream: a mapper for it, or the reason why it is ignored."""

    mapper: StreamMapper | None
    preset_stream: str | None
    entities: frozenset[str] = frozenset()
    ignored: str | None = None


@dataclass(frozen=True)
class Plan:
    """What becomes of a connection's streams, in the catalog's order.

    Attributes:
        notes: what the user should know: columns that are missing, entries of the settings that fit nothing.
    """

    preset: Preset
    streams: tuple[StreamPlan, ...]
    notes: tuple[str, ...] = ()

    @property
    def fed(self) -> frozenset[str]:
        """The entities that at least one selected stream brings."""
        return frozenset().union(*(stream.entities for stream in self.streams))


@dataclass
class _Match:
    """How well a catalog fits a preset, under the best prefix."""

    preset: Preset
    prefix: str
    names: list[str | None] = field(default_factory=list)
    certain: int = 0
    share: float = 0

    @property
    def matched(self) -> int:
        return sum(name is not None for name in self.names)


# Stands for the preset when the settings say what every stream becomes.
OWN = Preset(name="own", title="the mapping in the settings", version_from_cursor=True, streams={})


def make_plan(
    streams: Sequence[S],
    presets: Mapping[str, Preset],
    contract: Contract,
    source: str = "auto",
    unmapped_fields: UnmappedFields = "auto",
    own: Sequence[OwnStream] = (),
    default_currency: str | None = None,
    nulls: NullHandling = "omit",
) -> Plan:
    """Choose the preset and compile a mapper for each stream that it or the user's own mapping knows.

    Args:
        source: a preset's name, or "auto" to recognise it.
        own: the user's own mapping.
        default_currency: of amounts whose record names none.
        nulls: what an empty value does (see compiled.Options).

    Raises:
        ConfigFailure: no stream is known, the source can't be told, there is no such preset, or something is wrong
            with the user's mapping.
    """
    check_own(own, contract)
    if source != "auto" and source not in presets:
        raise ConfigFailure(f"`source` is {source!r}; it must be auto or one of {', '.join(sorted(presets))}.")
    match = _choose(streams, presets, source, own)
    items = [_items_for(stream, match.prefix, own) for stream in streams]
    plan = Plan(
        match.preset,
        tuple(_stream_plans(match, streams, contract, unmapped_fields, items, default_currency, nulls)),
        (*_missing_columns(match, streams), *_notes(streams, items, own)),
    )
    if not plan.fed:
        raise ConfigFailure(
            "None of the selected streams brings anything to Fincome: "
            + "; ".join(
                f"{stream.name}: {planned.ignored}" for stream, planned in zip(streams, plan.streams, strict=True)
            )
            + "."
        )
    return plan


def check_own(own: Sequence[OwnStream], contract: Contract) -> None:
    """Find what is wrong with the user's mapping, whatever the catalog.

    Raises:
        ConfigFailure: naming each mistake and its place.
    """
    compiler = StreamCompiler(contract, Expressions(bound(EXPONENT_TABLES["iso4217"], frozenset())))
    if found := list(own_mapping.mistakes(own, contract, compiler)):
        raise ConfigFailure("The mapping in the settings can't be used: " + "; ".join(found) + ".")


def _choose(
    streams: Sequence[SourceStream], presets: Mapping[str, Preset], source: str, own: Sequence[OwnStream]
) -> _Match:
    """Find the preset that fits best; streams of which the settings say all don't count."""
    if source != "auto":
        return _must_match([_match(presets[source], streams, forced=True)], streams, own)
    settled = [item.stream for item in own if item.ignore or item.replace_preset]
    open_ = [stream for stream in streams if not any(_is_called(name, stream, "") for name in settled)]
    if streams and not open_:
        return _Match(OWN, "", [None] * len(streams))
    judged = {preset.name: _match(preset, open_) for preset in presets.values()}
    best = _best(list(judged.values()), open_)
    if not best.matched:
        return _must_match([_match(preset, streams) for preset in presets.values()], streams, own)
    return _under_prefix(best.preset, _names(best.preset), best.prefix, streams, forced=False)


def _must_match(matches: list[_Match], streams: Sequence[SourceStream], own: Sequence[OwnStream]) -> _Match:
    """Return the one match, or none at all if the settings map some stream.

    Raises:
        ConfigFailure: nothing is known of any stream.
    """
    if len(matches) == 1 and matches[0].matched:
        return matches[0]
    if any(item.entity and _is_called(item.stream, stream, "") for item in own for stream in streams):
        return _Match(OWN, "", [None] * len(streams))
    seen = ", ".join(sorted(stream.name for stream in streams)) or "none"
    if len(matches) == 1:
        known = ", ".join(sorted(matches[0].preset.streams))
        raise ConfigFailure(
            f"None of the selected streams is known ({seen}). {matches[0].preset.title} has streams such as {known}: "
            "select those, correct `source`, or say in `streams` what the others become."
        )
    titles = ", ".join(sorted(match.preset.title for match in matches))
    raise ConfigFailure(
        f"None of the selected streams is known ({seen}). Known are the streams of {titles}. If these come from one of "
        "them, set `source` to it; else say in `streams` what they become."
    )


def _best(matches: list[_Match], streams: Sequence[SourceStream]) -> _Match:
    """Return the match that most speaks for.

    Raises:
        ConfigFailure: only names speak, and they speak for several.
    """
    best = max(matches, key=_weight)
    if best.certain:
        return best
    rivals = [match for match in matches if match.matched and match.matched >= best.matched]
    if len(rivals) > 1 and not any(stream.properties for stream in streams):
        raise ConfigFailure(
            f"The streams may come from {' or '.join(match.preset.title for match in rivals)}, but the catalog doesn't "
            f"say which columns they have. Set `source` to {' or '.join(match.preset.name for match in rivals)}."
        )
    return best


def _weight(match: _Match) -> tuple[bool, int, float, int]:
    """Order matches: billing sources that are certain, then Fincome's own names, then mere names."""
    return match.certain > 0 and _distinctive(match), match.certain, match.share, match.matched


def _distinctive(match: _Match) -> bool:
    return any(rule.signature for rule in match.preset.streams.values()) and match.preset.name != "fincome"


def _match(preset: Preset, streams: Sequence[SourceStream], *, forced: bool = False) -> _Match:
    """Fit a catalog to a preset, under the prefix that makes most sense of the streams' names."""
    names = _names(preset)
    prefixes = {""} | {
        stream.name[: -len(name)]
        for stream in streams
        for name in names
        if normal(stream.name).endswith(name) and len(stream.name) > len(name)
    }
    fits = [
        _under_prefix(preset, names, prefix, streams, forced=forced)
        for prefix in sorted(prefixes, key=lambda p: (len(p), p))
    ]
    return max(fits, key=lambda m: (m.certain, m.matched))


def _under_prefix(
    preset: Preset, names: Mapping[str, str], prefix: str, streams: Sequence[SourceStream], *, forced: bool
) -> _Match:
    """Fit a catalog to a preset; when the source is known, by the user or by another stream, a name is enough."""
    match = _Match(preset, prefix)
    for stream in streams:
        rest = stream.name[len(prefix) :] if stream.name.startswith(prefix) else None
        found = names.get(normal(rest)) if rest else None
        match.names.append(found)
        if found and _is(preset.streams[found], stream.properties):
            match.certain += 1
            match.share += _share(preset.streams[found].signature, stream.properties)
    if not forced and not (match.certain and _distinctive(match)):
        match.names = [
            name if name and _may_be(preset, name, stream.properties) else None
            for name, stream in zip(match.names, streams, strict=True)
        ]
    return match


def _names(preset: Preset) -> dict[str, str]:
    """Return all names of the preset's streams, in normal form, with the stream each belongs to."""
    return {normal(n): name for name, rule in preset.streams.items() for n in (name, *rule.names)}


def normal(name: str) -> str:
    """Write a stream's name in lower case, with underscores for all else than letters and digits."""
    return "".join(char if char.isalnum() else "_" for char in name.lower())


def _share(signature: Iterable[str], properties: frozenset[str]) -> float:
    wanted = list(signature)
    return sum(name in properties for name in wanted) / len(wanted) if wanted else 1.0


def _may_be(preset: Preset, name: str, properties: frozenset[str]) -> bool:
    """Tell whether nothing speaks against it; a catalog without columns says nothing."""
    if preset.foreign and properties.issuperset(preset.foreign):
        return False
    return not properties or _share(preset.streams[name].signature, properties) >= ENOUGH_OF_SIGNATURE


def _is(rule: StreamRule, properties: frozenset[str]) -> bool:
    return bool(properties) and _share(rule.signature, properties) >= ENOUGH_OF_SIGNATURE


def _stream_plans(
    match: _Match,
    streams: Sequence[SourceStream],
    contract: Contract,
    unmapped: UnmappedFields,
    items: Sequence[Sequence[tuple[int, OwnStream]]],
    default_currency: str | None,
    nulls: NullHandling,
) -> Iterable[StreamPlan]:
    preset = match.preset
    selected = frozenset(name for name in match.names if name)
    functions = bound(EXPONENT_TABLES[preset.minor_units], selected, default_currency=default_currency)
    compiler = StreamCompiler(contract, Expressions(functions), default_currency)
    keep = None if unmapped == "auto" else unmapped == "custom_properties"
    for stream, name, own in zip(streams, match.names, items, strict=True):
        ignored = _ignored(preset, name, selected, [item for _, item in own])
        if ignored:
            yield StreamPlan(None, name, ignored=ignored)
            continue
        rule = preset.streams[name] if name else None
        by_cursor = preset.version_from_cursor or rule is None
        tie_first, cursor = preset.tie == "first" and rule is not None, stream.cursor if by_cursor else ()
        options = Options(tie_first, keep, cursor, nulls, rule is not None, stream.properties)
        try:
            rule = own_mapping.merged(rule, own, contract) if own or rule is None else rule
            compiled = compiler.compile(name or stream.name, rule, options)
        except PresetError as error:
            raise ConfigFailure(f"The mapping in the settings can't be used: {error}.") from None
        yield StreamPlan(StreamMapper(compiled), name, compiled.entities)


def _ignored(preset: Preset, name: str | None, selected: frozenset[str], own: Sequence[OwnStream]) -> str | None:
    if any(item.ignore for item in own):
        return "the mapping in the settings says so"
    if any(item.entity for item in own) or (own and name is None):
        return None
    if name is None:
        return "the settings say nothing of it" if preset is OWN else f"the mapping for {preset.title} doesn't know it"
    rule = preset.streams[name]
    if rule.ignored_if_selected in selected:
        return f"stream {rule.ignored_if_selected} brings the same objects"
    return rule.ignored


def _missing_columns(match: _Match, streams: Sequence[SourceStream]) -> Iterable[str]:
    """Yield the columns that the preset can't do without and the catalog doesn't have."""
    for stream, name in zip(streams, match.names, strict=True):
        for column in match.preset.streams[name].needs if name and stream.properties else ():
            if column not in stream.properties:
                yield (
                    f"stream {stream.name} comes without its column {column}, so figures may be wrong: select the "
                    "column in the connection"
                )


# --- the user's own mapping


def _items_for(stream: SourceStream, prefix: str, own: Sequence[OwnStream]) -> list[tuple[int, OwnStream]]:
    """Return the user's items for a stream, each with its position in the setting."""
    return [(index, item) for index, item in enumerate(own) if _is_called(item.stream, stream, prefix)]


def _is_called(name: str, stream: SourceStream, prefix: str) -> bool:
    """Tell whether a stream is meant: by its name, with or without the connection's prefix and its namespace."""
    names = {stream.name, stream.name.removeprefix(prefix)}
    if stream.namespace:
        names |= {f"{stream.namespace}.{n}" for n in names}
    return normal(name) in {normal(n) for n in names}


def _notes(
    streams: Sequence[SourceStream], items: Sequence[Sequence[tuple[int, OwnStream]]], own: Sequence[OwnStream]
) -> Iterable[str]:
    used = {index for found in items for index, _ in found}
    for index, item in enumerate(own):
        if index not in used:
            yield f"streams[{index}]: the connection has no stream {item.stream}"
    for stream, found in zip(streams, items, strict=True):
        for index, item in found if stream.properties else ():
            yield from _unknown_columns(f"streams[{index}]", stream, item)


def _unknown_columns(place: str, stream: SourceStream, item: OwnStream) -> Iterable[str]:
    """Yield the columns that an item reads and the catalog doesn't have; inside lists nothing is known of them."""
    if item.for_each:
        texts = {"for_each": item.for_each}
    else:
        texts = {f"fields[{i}]": field.expression for i, field in enumerate(item.fields or ())}
        texts |= {f"custom_properties[{i}]": prop.expression for i, prop in enumerate(item.custom_properties or ())}
        texts |= {place: rule.when for place, rule in item.skip_rules.items()}
        texts |= {"version": item.version or ""}
    for where, text in texts.items():
        for column in sorted(columns(text) - stream.properties) if text else ():
            yield f"{place}.{where}: the catalog has no column {column} in stream {stream.name}"
