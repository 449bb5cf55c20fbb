"""From the catalog to a plan: which preset, which stream is what, what is ignored and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import Contract
from destination_fincome.mapping.compiled import Options, StreamCompiler
from destination_fincome.mapping.expressions import Expressions
from destination_fincome.mapping.functions import EXPONENT_TABLES, bound
from destination_fincome.mapping.mapper import StreamMapper
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
    """What becomes of a connection's streams, in the catalog's order."""

    preset: Preset
    streams: tuple[StreamPlan, ...]

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

    @property
    def matched(self) -> int:
        return sum(name is not None for name in self.names)


def make_plan(
    streams: Sequence[S],
    presets: Mapping[str, Preset],
    contract: Contract,
    source: str = "auto",
    unmapped_fields: UnmappedFields = "auto",
) -> Plan:
    """Choose the preset and compile a mapper for each stream that it knows.

    Args:
        source: a preset's name, or "auto" to recognise it.

    Raises:
        ConfigFailure: no stream is known, the source can't be told, or there is no such preset.
    """
    if source != "auto" and source not in presets:
        raise ConfigFailure(f"`source` is {source!r}; it must be auto or one of {', '.join(sorted(presets))}.")
    candidates = presets.values() if source == "auto" else [presets[source]]
    match = _choose([_match(preset, streams, forced=source != "auto") for preset in candidates], streams)
    plan = Plan(match.preset, tuple(_stream_plans(match, streams, contract, unmapped_fields)))
    if not plan.fed:
        raise ConfigFailure(
            "None of the selected streams brings anything to Fincome: "
            + "; ".join(
                f"{stream.name}: {planned.ignored}" for stream, planned in zip(streams, plan.streams, strict=True)
            )
            + "."
        )
    return plan


def _choose(matches: list[_Match], streams: Sequence[SourceStream]) -> _Match:
    if len(matches) == 1:
        best = matches[0]
    else:
        best = max(matches, key=lambda m: (m.certain > 0 and _distinctive(m), m.certain, m.preset.name == "fincome"))
        rival = max((m for m in matches if m is not best), key=lambda m: m.matched)
        if rival.matched >= max(best.matched, 1) and not any(stream.properties for stream in streams):
            raise ConfigFailure(
                f"The streams may come from {rival.preset.title}, but the catalog doesn't say which columns they have. "
                f"Set `source` to {rival.preset.name} (or to {best.preset.name} if the columns have Fincome's names)."
            )
    if not best.matched:
        seen = ", ".join(sorted(stream.name for stream in streams)) or "none"
        known = ", ".join(sorted({name for m in matches for name in m.preset.streams}))
        raise ConfigFailure(
            f"None of the selected streams is known ({seen}). Select streams such as {known}, "
            "or set `source` to the source they come from."
        )
    return best


def _distinctive(match: _Match) -> bool:
    return any(rule.signature for rule in match.preset.streams.values()) and match.preset.name != "fincome"


def _match(preset: Preset, streams: Sequence[SourceStream], forced: bool = False) -> _Match:
    """Fit a catalog to a preset, under the prefix that makes most sense of the streams' names."""
    names = _names(preset)
    prefixes = {""} | {
        stream.name[: -len(name)]
        for stream in streams
        for name in names
        if normal(stream.name).endswith(name) and len(stream.name) > len(name)
    }
    fits = [
        _under_prefix(preset, names, prefix, streams, forced) for prefix in sorted(prefixes, key=lambda p: (len(p), p))
    ]
    return max(fits, key=lambda m: (m.certain, m.matched))


def _under_prefix(
    preset: Preset, names: Mapping[str, str], prefix: str, streams: Sequence[SourceStream], forced: bool
) -> _Match:
    """Fit a catalog to a preset; when the source is known, by the user or by another stream, a name is enough."""
    match = _Match(preset, prefix)
    for stream in streams:
        rest = stream.name[len(prefix) :] if stream.name.startswith(prefix) else None
        found = names.get(normal(rest)) if rest else None
        match.names.append(found)
        match.certain += bool(found and _is(preset.streams[found], stream.properties))
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
    match: _Match, streams: Sequence[SourceStream], contract: Contract, unmapped: UnmappedFields
) -> Iterable[StreamPlan]:
    preset = match.preset
    selected = frozenset(name for name in match.names if name)
    compiler = StreamCompiler(contract, Expressions(bound(EXPONENT_TABLES[preset.minor_units], selected)))
    keep = (preset.unmapped_fields if unmapped == "auto" else unmapped) == "custom_properties"
    for stream, name in zip(streams, match.names, strict=True):
        ignored = _ignored(preset, name, selected)
        if name is None or ignored:
            yield StreamPlan(None, name, ignored=ignored)
            continue
        cursor = stream.cursor if preset.version_from_cursor else ()
        options = Options(preset.tie == "first", keep, cursor)
        compiled = compiler.compile(name, preset.streams[name], options)
        yield StreamPlan(StreamMapper(compiled), name, compiled.entities)


def _ignored(preset: Preset, name: str | None, selected: frozenset[str]) -> str | None:
    if name is None:
        return f"it is no stream that the {preset.title} mapping knows"
    rule = preset.streams[name]
    if rule.ignored_if_selected in selected:
        return f"stream {rule.ignored_if_selected} brings the same objects"
    return rule.ignored
