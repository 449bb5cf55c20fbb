"""From the catalog to a plan: which preset, which stream is what, what is ignored and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from jmespath.exceptions import JMESPathError

from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import Contract
from destination_fincome.mapping.column_forms import ColumnForms, Columns, column_forms
from destination_fincome.mapping.column_names import plainly, with_objects
from destination_fincome.mapping.column_uses import uses_of
from destination_fincome.mapping.compiled import SAME_NAMES
from destination_fincome.mapping.credit_compiler import compile_stream
from destination_fincome.mapping.cut_values import CutValues
from destination_fincome.mapping.enrichment import (
    CrmSettings,
    KeyCandidates,
    check_enrichment,
    enriched,
    laid_over_enrichment,
    says_who,
    without_key,
)
from destination_fincome.mapping.laid_over import merged, with_columns
from destination_fincome.mapping.language.columns import columns
from destination_fincome.mapping.language.expressions import Expressions
from destination_fincome.mapping.language.functions import EXPONENT_TABLES, bound
from destination_fincome.mapping.loader_marks import LoaderMarks, unheeded
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.mapping.misfits import FURTHER_MONTHS, LOST, further_months, lost_columns
from destination_fincome.mapping.own import OwnEmission, OwnMapping, OwnStream, shown
from destination_fincome.mapping.own_mistakes import mistakes, never_given
from destination_fincome.mapping.preset import Emission, Preset, StreamRule
from destination_fincome.mapping.shared_objects import Planned, merging
from destination_fincome.mapping.skip_rules import SkipRule
from destination_fincome.mapping.strangers import Refusal, Table, judge, message
from destination_fincome.mapping.stream_compiler import Nulls, Options, PresetError, StreamCompiler
from destination_fincome.mapping.stream_names import normal
from destination_fincome.wording import did_you_mean

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
    def nested(self) -> frozenset[str]:
        """The names of those columns that hold objects or lists, as far as they are known."""

    @property
    def cursor(self) -> tuple[str, ...]:
        """Path of its cursor, or empty."""


S = TypeVar("S", bound=SourceStream)

NO_CRM = CrmSettings()
NO_KEY = "`crm_key` isn't set"


@dataclass(frozen=True)
class StreamPlan:
    """What becomes of one stream: a mapper for it, or the reason why it is ignored.

    Attributes:
        candidates: of a CRM's stream whose key the settings don't name: the sync stops as soon as its records have
            shown which property it may be.
        notes: what the user should know of it.
        unknown: neither the preset nor the user says anything of it.
    """

    mapper: StreamMapper | None
    preset_stream: str | None
    entities: frozenset[str] = frozenset()
    ignored: str | None = None
    candidates: KeyCandidates | None = None
    notes: tuple[str, ...] = ()
    unknown: bool = False


@dataclass(frozen=True)
class Plan:
    """What becomes of a connection's streams, in the catalog's order.

    Attributes:
        notes: what the user should know: columns that are missing, parts of the user's mapping that fit nothing.
        misfits: what is wrong with figures by that, each with where.
        kept: the same streams under the ids of an earlier version of the source, where the preset has one.
    """

    preset: Preset
    streams: tuple[StreamPlan, ...]
    notes: tuple[str, ...] = ()
    kept: tuple[StreamPlan, ...] = ()
    misfits: tuple[tuple[str, str], ...] = ()

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


@dataclass(frozen=True)
class PlanOptions:
    """What the settings say of the source and of the mapping.

    Attributes:
        source: a preset's name, or "auto" to recognise it.
        unmapped_fields: what becomes of columns that no field reads.
        own: the user's own mapping.
        default_currency: of amounts whose record names none.
        nulls: what an empty value does (see compiled.Options).
        zone: the time zone by whose midnight the company bills.
        crm: how a CRM's records name customers, and what they bring.
    """

    source: str = "auto"
    unmapped_fields: UnmappedFields = "auto"
    own: OwnMapping | None = None
    default_currency: str | None = None
    nulls: Nulls = "omit"
    zone: ZoneInfo | None = None
    crm: CrmSettings = NO_CRM


AS_RECOGNISED = PlanOptions()


def make_plan(
    streams: Sequence[S],
    presets: Mapping[str, Preset],
    contract: Contract,
    options: PlanOptions = AS_RECOGNISED,
) -> Plan:
    """Choose the preset and compile a mapper for each stream that it or the user's own mapping knows.

    Raises:
        ConfigFailure: no stream is known, the source can't be told, there is no such preset, or something is wrong
            with the user's mapping.
    """
    own, source = options.own or OwnMapping(), options.source
    check_own(own, contract, {source: presets[source]} if source in presets else presets)
    if source != "auto" and source not in presets:
        raise ConfigFailure(f"`source` is {source!r}; it must be auto or one of {', '.join(sorted(presets))}.")
    said = _Said(own, streams)
    match = _of_its_version(_choose(streams, presets, source, said), streams, presets, said)
    said.prefixes.add(match.prefix)
    _refuse_incomplete(match, streams, said)
    planner = _Planner(match, streams, contract, said, options)
    planned = tuple(planner.plans(keeps_ids=False))
    kept = tuple(planner.plans(keeps_ids=True)) if match.preset.earlier_version else ()
    misfits = tuple(_misfits(match, streams, said))
    plan = Plan(match.preset, planned, tuple(planner.notes(planned)), kept, misfits)
    if not plan.fed:
        ignored = (f"{stream.name}: {one.ignored}" for stream, one in zip(streams, planned, strict=True))
        raise ConfigFailure(f"None of the selected streams brings anything to Fincome: {'; '.join(ignored)}.")
    if source == "auto" and match.preset.must_be_named:
        raise ConfigFailure(f"These are the streams of {match.preset.title}. {match.preset.must_be_named}.")
    return plan


def check_own(own: OwnMapping, contract: Contract, presets: Mapping[str, Preset]) -> None:
    """Find what is wrong with the user's mapping, whatever the catalog.

    Raises:
        ConfigFailure: naming each mistake and its place.
    """
    compiler = StreamCompiler(contract, _expressions(_Binding()))
    found = [*mistakes(own, contract, compiler)]
    if not found and own.old_places is None:
        found = [*never_given(own, contract, presets)]
    if found:
        told = shown([own.told(*mistake) for mistake in found])
        raise ConfigFailure(f"The mapping in the settings can't be used: {told}.")


class _Said:
    """What the user's mapping says of the streams of a connection.

    Attributes:
        prefixes: what may stand before the names of all streams.
    """

    def __init__(self, own: OwnMapping, streams: Sequence[SourceStream]) -> None:
        self.own = own
        self.prefixes = {"", _prefix(own, streams)}

    def of(self, stream: SourceStream) -> tuple[str, OwnStream] | None:
        """Return what is said of a stream, and under which name.

        Raises:
            ConfigFailure: it is said under two names.
        """
        found = [name for name in self.own.streams if self._is_called(name, stream)]
        # A name that is the stream's own is meant rather than one that a prefix would make of it.
        exact = [name for name in found if normal(name) == normal(stream.name)] or found
        if len(exact) > 1:
            told = self.own.told(f"streams.{exact[1]}", f"is the same stream as {exact[0]}: put both into one")
            raise ConfigFailure(f"The mapping in the settings can't be used: {told}.")
        return (exact[0], self.own.streams[exact[0]]) if exact else None

    def _is_called(self, name: str, stream: SourceStream) -> bool:
        """Tell whether a stream is meant: by its name, with or without the connection's prefix and its namespace."""
        names = {stream.name.removeprefix(prefix) for prefix in self.prefixes}
        if stream.namespace:
            names |= {f"{stream.namespace}.{n}" for n in names}
        return normal(name) in {normal(n) for n in names}


def _prefix(own: OwnMapping, streams: Sequence[SourceStream]) -> str:
    """Return the text before the names of all streams with which most of them are in the user's mapping."""
    known = {normal(name.rpartition(".")[2]) for name in own.streams} | {normal(name) for name in own.streams}
    best = ("", 0)
    for stream in streams:
        for name in sorted(known):
            prefix = stream.name[: -len(name)]
            if not normal(stream.name).endswith(name) or not all(one.name.startswith(prefix) for one in streams):
                continue
            fits = sum(normal(one.name[len(prefix) :]) in known for one in streams)
            if (fits, -len(prefix)) > (best[1], -len(best[0])):
                best = (prefix, fits)
    return best[0]


def _choose(streams: Sequence[SourceStream], presets: Mapping[str, Preset], source: str, said: _Said) -> _Match:
    """Find the preset that fits best; streams of which the settings say all don't count."""
    if source != "auto":
        return _must_match([_match(presets[source], streams, forced=True)], streams, said)
    found = [said.of(stream) for stream in streams]
    open_ = [
        stream
        for stream, one in zip(streams, found, strict=True)
        if one is None or not (one[1].ignore or one[1].replace_preset)
    ]
    if streams and not open_:
        return _Match(OWN, "", [None] * len(streams))
    judged = {preset.name: _match(preset, open_) for preset in presets.values()}
    best = _best(list(judged.values()), open_)
    if not best.matched:
        return _must_match([_match(preset, streams) for preset in presets.values()], streams, said)
    return _under_prefix(best.preset, _names(best.preset), best.prefix, streams, forced=False)


def _must_match(matches: list[_Match], streams: Sequence[SourceStream], said: _Said) -> _Match:
    """Return the one match, or none at all if the settings map some stream.

    Raises:
        ConfigFailure: nothing is known of any stream.
    """
    if len(matches) == 1 and matches[0].matched:
        return matches[0]
    if any(found and found[1].emits for found in map(said.of, streams)):
        return _Match(OWN, "", [None] * len(streams))
    if not streams:
        raise ConfigFailure("There is no stream: no message of the input has a record, or the catalog selects nothing.")
    seen = f"({', '.join(sorted(stream.name for stream in streams))}).{_names_others(streams, said)}"
    if len(matches) == 1:
        known = ", ".join(sorted(matches[0].preset.streams))
        raise ConfigFailure(
            f"None of the selected streams is known {seen} {matches[0].preset.title} has streams such as {known}: "
            "select those, correct `source`, or say in `mapping` what the others become."
        )
    # Some titles have commas.
    titles = "; ".join(sorted(match.preset.title for match in matches))
    raise ConfigFailure(
        f"None of the selected streams is known {seen} Known are the streams of {titles}. If these come from one of "
        "them, set `source` to it; else say in `mapping` what they become: `fincome map` drafts it from files."
    )


def _names_others(streams: Sequence[SourceStream], said: _Said) -> str:
    """Say which streams the user's own mapping names and the connection doesn't have; nothing if there are none."""
    others = dict(_not_there(streams, said))
    told = f" The mapping in the settings names {', '.join(others)}{next(filter(None, others.values()), '')}"
    return told + "." * (not told.endswith("?")) if others else ""


def _not_there(streams: Sequence[SourceStream], said: _Said) -> Iterator[tuple[str, str]]:
    """Yield the streams that the user's own mapping names and the connection doesn't have, with which may be meant."""
    used = {found[0] for found in map(said.of, streams) if found}
    for name in said.own.streams:
        if name not in used:
            yield name, did_you_mean(name, [stream.name for stream in streams])


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


def _weight(match: _Match) -> tuple[bool, bool, int, float, int]:
    """Order matches: billing sources that are certain, then CRMs, then Fincome's own names, then mere names.

    A warehouse may bring both, and only one mapping is chosen: attributes are no use without what they belong to.
    """
    is_certain = match.certain > 0 and _distinctive(match)
    return is_certain, is_certain and not _is_crm(match.preset), match.certain, match.share, match.matched


def _is_crm(preset: Preset) -> bool:
    return any(rule.enrichment for rule in preset.streams.values())


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
        found = (names.get(normal(rest)) if rest else None) or _by_columns(preset, stream.properties)
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


def _by_columns(preset: Preset, properties: frozenset[str]) -> str | None:
    """Return the stream of a preset that columns tell, whatever its name."""
    telling = ((name, rule.signature) for name, rule in preset.streams.items() if rule.any_name)
    return next((name for name, wanted in telling if _share(wanted, properties) == 1), None)


def _names(preset: Preset) -> dict[str, str]:
    """Return all names of the preset's streams, in normal form, with the stream each belongs to."""
    return {normal(n): name for name, rule in preset.streams.items() for n in (name, *rule.names)}


def _share(signature: Iterable[str], properties: frozenset[str]) -> float:
    """Return which part of a stream's signature its columns have, whatever their case."""
    wanted = list(signature)
    there = _in_small_letters(properties)
    return sum(name.lower() in there for name in wanted) / len(wanted) if wanted else 1.0


@lru_cache(maxsize=256)
def _in_small_letters(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in with_objects(names))


def _may_be(preset: Preset, name: str, properties: frozenset[str]) -> bool:
    """Tell whether nothing speaks against it; a catalog without columns says nothing."""
    return not properties or _share(preset.streams[name].signature, properties) >= ENOUGH_OF_SIGNATURE


def _is(rule: StreamRule, properties: frozenset[str]) -> bool:
    return bool(properties) and _share(rule.signature, properties) >= ENOUGH_OF_SIGNATURE


class _Planner:
    """Plans the streams of a connection, once it is known which preset fits.

    Raises:
        ConfigFailure: tables aren't in Fincome's shape, and the user says nothing of them.
    """

    def __init__(
        self, match: _Match, streams: Sequence[SourceStream], contract: Contract, said: _Said, options: PlanOptions
    ) -> None:
        self._match = match
        self._preset = match.preset
        self._streams = streams
        self._contract = contract
        self._said = said
        self._options = options
        self._selected = frozenset(name for name in match.names if name)
        judges = options.source == "auto" and bool(match.preset.strangers)
        self._changing = self._only_changing() if judges else frozenset[int]()
        columns = {name: stream.properties for stream, name in self._named() if name}
        self._marks = LoaderMarks(contract, match.preset.title, columns)

    def _named(self) -> Iterator[tuple[SourceStream, str | None]]:
        """Yield each stream with the preset's name of it."""
        return zip(self._streams, self._match.names, strict=True)

    def plans(self, *, keeps_ids: bool) -> Iterator[StreamPlan]:
        """Yield what becomes of each stream.

        Args:
            keeps_ids: objects go under the ids of an earlier version of the source.
        """
        options, preset = self._options, self._preset
        binding = _Binding(preset.minor_units, self._selected, options.default_currency, options.zone, keeps_ids)
        compiler = StreamCompiler(self._contract, _expressions(binding), options.default_currency)
        rules = list(self._rules())
        mapped = merging([self._planned(*one) for one in zip(self._named(), rules, strict=True)], self._contract)
        for (stream, name), rule, found in zip(self._named(), rules, mapped, strict=True):
            if isinstance(rule, str) or found is None:
                unknown = name is None and self._said.of(stream) is None
                yield replace(_without_mapper(preset, stream, name, str(rule), keyless=rule == NO_KEY), unknown=unknown)
            else:
                yield self._plan(stream, name, found, compiler)

    def _planned(self, named: tuple[SourceStream, str | None], rule: StreamRule | str) -> Planned:
        stream, name = named
        built_in = _built_in(self._preset, name, self._said.of(stream))
        return Planned(None if isinstance(rule, str) else rule, stream.properties, built_in)

    def _plan(self, stream: SourceStream, name: str | None, rule: StreamRule, compiler: StreamCompiler) -> StreamPlan:
        """Compile what a stream becomes."""
        options, preset, own = self._options, self._preset, self._said.of(stream)
        by_cursor = preset.version_from_cursor or name is None
        tie_first, cursor = preset.tie == "first" and name is not None, stream.cursor if by_cursor else ()
        unmapped = options.unmapped_fields
        keep = None if unmapped == "auto" else unmapped == "custom_properties"
        full = own[1].full if name is None and own is not None else True
        with _told(self._said):
            forms = _forms(stream, rule, self._contract, cursor, unmapped, built_in=name is not None and own is None)
            how = Options(tie_first, keep, forms.cursor, options.nulls, full, forms.columns, own is not None)
            compiled = compile_stream(compiler, self._contract, name or stream.name, rule, how)
        notes = () if rule.enrichment is None else check_enrichment(stream.name, rule, options.crm, stream.properties)
        mapper = StreamMapper(compiled, forms.read, options.zone, CutValues(rule, self._contract))
        return StreamPlan(mapper, name, compiled.entities, notes=notes)

    def _rules(self) -> Iterator[StreamRule | str]:
        """Yield what is to become of each stream, or why nothing is."""
        for index, (stream, name) in enumerate(self._named()):
            yield self._rule(index, stream, name, self._said.of(stream))

    def _rule(
        self, index: int, stream: SourceStream, name: str | None, found: tuple[str, OwnStream] | None
    ) -> StreamRule | str:
        ignored = _ignored(self._preset, name, self._selected, found[1] if found else None)
        rule = self._marks.heeded(name, self._preset.streams[name], stream.cursor) if name else None
        if rule is not None and rule.enrichment and found and says_who(found[1]):
            rule = without_key(rule)
        replaced = found is not None and found[1].replace_preset
        enriches = rule is not None and rule.enrichment is not None and not ignored and not replaced
        if enriches and self._options.crm.key is None:
            return NO_KEY
        if rule is not None and enriches:
            rule = enriched(rule, self._options.crm, stream.properties)
        if rule is not None and index in self._changing:
            only_changes = [one.model_copy(update={"operation": "update_only"}) for one in rule.emits]
            rule = rule.model_copy(update={"emits": only_changes})
        if ignored or not found:
            return ignored or rule or StreamRule()
        with _told(self._said):
            own = with_columns(found[1], {plainly(name) for name in stream.properties})
            own = laid_over_enrichment(own) if enriches else own
            return merged(rule, f"streams.{found[0]}", own, self._contract)

    def _only_changing(self) -> frozenset[int]:
        """Hold tables that the user says nothing of against Fincome's own shape; return those that only change objects.

        Raises:
            ConfigFailure: some tables aren't in Fincome's shape; names all of them.
        """
        changing: set[int] = set()
        refusals = []
        has_currency = self._options.default_currency is not None
        keeps_all = self._options.unmapped_fields == "custom_properties"
        for index, (stream, name) in enumerate(self._named()):
            if name is None or self._said.of(stream):
                continue
            match judge(self._table(stream, name), self._preset, default_currency=has_currency, keeps_all=keeps_all):
                case Refusal() as refusal:
                    refusals.append(refusal)
                case "changes":
                    changing.add(index)
        if refusals:
            raise ConfigFailure(message(refusals))
        return frozenset(changing)

    def _table(self, stream: SourceStream, name: str) -> Table:
        rule, entities = self._preset.streams[name], self._contract.entities
        read = uses_of(rule, entities).read | {part.lower() for part in stream.cursor[:1]}
        return Table(stream.name, entities[rule.emits[0].entity], stream.properties, frozenset(read))

    def notes(self, planned: Sequence[StreamPlan]) -> Iterator[str]:
        """Yield what the user should know."""
        yield from _missing_columns(self._match, self._streams)
        for one in planned:
            yield from one.notes
        yield from _missing_rows(self._match, self._streams, planned)
        yield from _notes(self._match, self._streams, self._said)
        yield from _set_twice(self._streams, planned)
        yield from _lacking(self._streams, planned, self._contract)
        yield from _always_set(self._streams, planned, self._contract)
        yield from self._deletions()
        if self._options.crm.key and not _is_crm(self._preset):
            yield (
                f"`crm_key` counts only for CRMs, and these streams are read as {self._preset.title}: give the CRM a "
                "connection of its own, or say in `mapping` what its streams become"
            )

    def _deletions(self) -> Iterator[str]:
        """Tell of deleted rows that the user's own mapping takes for live ones."""
        for stream, name in self._named():
            found = self._said.of(stream)
            is_own = found is not None and not found[1].ignored and (name is None or found[1].replace_preset)
            if found and is_own and (mark := unheeded(stream.properties, found[1])):
                yield (
                    f"stream {stream.name} marks deleted rows in its column {mark}, and the mapping in the settings "
                    "says nothing of it, so they count as if they were there: say `gone` of documents, `skip` or "
                    "`when` of other objects"
                )


def _without_mapper(
    preset: Preset, stream: SourceStream, name: str | None, ignored: str, *, keyless: bool
) -> StreamPlan:
    """Return the plan of a stream that is ignored; of one whose key isn't set, one that finds out what it may be."""
    rule = preset.streams[name].enrichment if name and keyless else None
    if rule is None:
        return StreamPlan(None, name, ignored=ignored)
    entities = frozenset(one.entity for one in preset.streams[name or ""].emits)
    return StreamPlan(None, name, entities, ignored, KeyCandidates(stream.name, preset.title, rule))


def _built_in(preset: Preset, name: str | None, own: tuple[str, OwnStream] | None) -> tuple[Emission, ...]:
    """Return what the preset makes of a stream, unless the user's entries stand in its place."""
    return () if name is None or (own is not None and own[1].replace_preset) else tuple(preset.streams[name].emits)


class _Binding(NamedTuple):
    """What the functions of expressions depend on: see `functions.bound`; `minor_units` names the exponents' table."""

    minor_units: str = "iso4217"
    selected: frozenset[str] = frozenset()
    default_currency: str | None = None
    zone: ZoneInfo | None = None
    keeps_ids: bool = False


# Whoever shows what a mapping makes of files plans anew with each change of it, and few expressions change.
@lru_cache(maxsize=32)
def _expressions(binding: _Binding) -> Expressions:
    return Expressions(
        bound(
            EXPONENT_TABLES[binding.minor_units],
            binding.selected,
            default_currency=binding.default_currency,
            zone=binding.zone,
            keeps_ids=binding.keeps_ids,
        )
    )


@contextmanager
def _told(said: _Said) -> Iterator[None]:
    """Tell of a mistake where it stands in the user's text."""
    try:
        yield
    except PresetError as error:
        told = said.own.told(error.place, error.problem)
        raise ConfigFailure(f"The mapping in the settings can't be used: {told}.") from None


def _forms(
    stream: SourceStream,
    rule: StreamRule,
    contract: Contract,
    cursor: tuple[str, ...],
    unmapped: UnmappedFields,
    *,
    built_in: bool,
) -> ColumnForms:
    """Work out in which form the stream's records come; of what isn't compiled yet, mistakes are found later."""
    own_shape = any(one.fields == SAME_NAMES for one in rule.emits)
    keeps = unmapped == "custom_properties" or (unmapped == "auto" and own_shape)
    try:
        uses = uses_of(rule, contract.entities)
    except (JMESPathError, KeyError):
        return ColumnForms(stream.properties, cursor, None)
    # Files and forms have no other way to write null. What users compare with an empty text stays one.
    empties = built_in and not own_shape
    columns = Columns(stream.properties, stream.nested, cursor)
    return column_forms(stream.name, uses, columns, keeps=keeps, empties=empties)


def _ignored(preset: Preset, name: str | None, selected: frozenset[str], own: OwnStream | None) -> str | None:
    if own and own.ignored:
        return own.ignored
    if own and (own.emits or name is None):
        return None
    if name is None:
        return "the settings say nothing of it" if preset is OWN else f"the mapping for {preset.title} doesn't know it"
    rule = preset.streams[name]
    if rule.ignored_if_selected in selected:
        return f"stream {rule.ignored_if_selected} brings the same objects"
    return rule.ignored


def _of_its_version(match: _Match, streams: Sequence[S], presets: Mapping[str, Preset], said: _Said) -> _Match:
    """Return the match of a later version of the source, if that is what the streams come from."""
    later = presets.get(match.preset.later_version or "")
    if later is None:
        return match
    for stream, name in zip(streams, match.names, strict=True):
        telling = match.preset.streams[name].later_with if name and said.of(stream) is None else ()
        if telling and _share(telling, stream.properties) == 1:
            return _match(later, streams, forced=True)
    return match


def _refuse_incomplete(match: _Match, streams: Sequence[SourceStream], said: _Said) -> None:
    """Stop at streams that lack what can't be done without, unless the user maps them himself.

    Raises:
        ConfigFailure: naming them, and what to do.
    """
    for stream, name in zip(streams, match.names, strict=True):
        wanted = match.preset.streams[name].refused_without if name and stream.properties else ()
        if wanted and not _share(wanted, stream.properties) and said.of(stream) is None:
            because = match.preset.streams[name].refused_because if name else ""
            raise ConfigFailure(f"Stream {stream.name} can't be mapped: {because}.")


def _set_twice(streams: Sequence[SourceStream], planned: Sequence[StreamPlan]) -> Iterator[str]:
    """Yield the fields that a stream adds to objects and another stream sets as well."""
    setting: dict[tuple[str, str], dict[str, bool]] = {}
    for stream, one in zip(streams, planned, strict=True):
        columns = stream.properties | _in_small_letters(stream.properties)
        for entity, name, only_changes in one.mapper.sets(columns) if one.mapper else ():
            setting.setdefault((entity, name), {})[stream.name] = only_changes
    for (entity, name), by_stream in sorted(setting.items()):
        if len(by_stream) > 1 and any(by_stream.values()):
            yield (
                f"streams {' and '.join(sorted(by_stream))} both set {entity}.{name}: whichever comes last counts, and "
                "the other one's value doesn't come back before its record changes; let one of them set it"
            )


def _missing_columns(match: _Match, streams: Sequence[SourceStream]) -> Iterable[str]:
    """Yield the columns that the preset can't do without and the catalog doesn't have."""
    for stream, name in zip(streams, match.names, strict=True):
        for column in match.preset.streams[name].needs if name and stream.properties else ():
            if column.lower() not in _in_small_letters(stream.properties):
                yield (
                    f"stream {stream.name} comes without its column {column}, so figures may be wrong: select the "
                    "column in the connection"
                )


def _missing_rows(match: _Match, streams: Sequence[SourceStream], planned: Sequence[StreamPlan]) -> Iterable[str]:
    """Yield the streams whose rows records are completed with, and that aren't selected."""
    for stream, plan in zip(streams, planned, strict=True):
        for join in plan.mapper.joins if plan.mapper else ():
            if join.stream not in match.names:
                yield (
                    f"stream {stream.name} comes without {join.stream}, whose rows its records are completed with: "
                    "select it too, or what only these rows tell is missing"
                )


def _lacking(streams: Sequence[SourceStream], planned: Sequence[StreamPlan], contract: Contract) -> Iterable[str]:
    """Yield the fields that Fincome requires and that a stream's records never have."""
    for name, entity, fields in lacking_fields((one.name for one in streams), planned):
        yield f"stream {name} {lacking(contract, entity, fields)}"


def lacking_fields(names: Iterable[str], planned: Sequence[StreamPlan]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield streams with the entities that they never make whole, and the fields that these lack.

    Objects that are merged lack what none of their parts gives, from whatever stream these are.
    """
    mappers = [plan.mapper for plan in planned]
    lacks: dict[str, list[tuple[str, ...]]] = {}
    for mapper in mappers:
        for entity in mapper.brings_parts if mapper else ():
            lacks.setdefault(entity, []).append(mapper.never_gives.get(entity, ()) if mapper else ())
    for name, mapper in zip(names, mappers, strict=True):
        for entity, fields in mapper.never_gives.items() if mapper else ():
            parts = lacks.get(entity, []) if mapper and entity in mapper.brings_parts else []
            if left := tuple(field for field in fields if all(field in others for others in parts)):
                yield name, entity, left


def _always_set(streams: Sequence[SourceStream], planned: Sequence[StreamPlan], contract: Contract) -> Iterable[str]:
    """Yield the fields that are to be set once, where Fincome has no update that leaves them alone."""
    for stream, plan in zip(streams, planned, strict=True):
        for entity, fields in plan.mapper.set_once.items() if plan.mapper else ():
            update = contract.entities[entity].update
            if update is None or not update.partial:
                yield (
                    f"stream {stream.name} is to set {', '.join(fields)} of {contract.entities[entity].plural} once; "
                    "they are sent always, as Fincome has no update that leaves other fields alone"
                )


def lacking(contract: Contract, entity: str, fields: Iterable[str]) -> str:
    """Say what becomes of objects that never have some fields which Fincome requires."""
    plural = contract.entities[entity].plural
    return (
        f"never gives {', '.join(fields)}, without which Fincome creates no {contract.entities[entity].singular}: "
        f"{plural} that Fincome has are changed, all others will be rejected"
    )


# --- the user's own mapping


def _notes(match: _Match, streams: Sequence[SourceStream], said: _Said) -> Iterable[str]:
    found = [said.of(stream) for stream in streams]
    for name, hint in _not_there(streams, said):
        yield said.own.told(f"streams.{name}", f"the connection has no stream {name}{hint}")
    for stream, known, one in zip(streams, match.names, found, strict=True):
        if one and stream.properties:
            joined = match.preset.streams[known].joins.keys() if known and not one[1].replace_preset else ()
            for place, column in _unknown_columns(f"streams.{one[0]}", stream.properties | set(joined), one[1]):
                hint = did_you_mean(column, stream.properties)
                yield said.own.told(place, f"the catalog has no column {column} in stream {stream.name}{hint}")


def _misfits(match: _Match, streams: Sequence[SourceStream], said: _Said) -> Iterator[tuple[str, str]]:
    """Yield what makes figures wrong: columns that the user's mapping expects otherwise, with their stream."""
    for stream, known in zip(streams, match.names, strict=True):
        found = said.of(stream)
        if found is None or not stream.properties or found[1].ignore:
            continue
        joined = match.preset.streams[known].joins.keys() if known and not found[1].replace_preset else ()
        if lost := lost_columns(found[1], stream.properties | set(joined)):
            yield LOST, f"{', '.join(lost)} of stream {stream.name}"
        if months := further_months(found[1], sorted(stream.properties)):
            yield FURTHER_MONTHS, f"{', '.join(months)} of stream {stream.name}"


def _unknown_columns(place: str, known: frozenset[str], own: OwnStream) -> Iterable[tuple[str, str]]:
    """Yield the columns that are read and the catalog doesn't have; inside lists nothing is known of them."""
    texts = {f"{place}.gone": own.gone, f"{place}.version": own.version, **_texts_of_rules(place, own.skip)}
    texts |= {f"{place}.let.{name}": text for name, text in own.let.items()}
    known = known | own.let.keys()
    for where, text in texts.items():
        yield from ((where, column) for column in _unknown(text, known))
    for index, emission in enumerate(own.emits):
        here = f"{place}.emits[{index}]"
        for where, text in _texts_of(here, emission):
            yield from ((where, column) for column in _unknown(text, known | emission.let.keys()))


def _unknown(text: str | None, known: Iterable[str]) -> list[str]:
    """Return the columns that an expression reads and that aren't known, whatever their case and accents."""
    there = {plainly(name) for name in known}
    # A name with a dot in it is one column, if there is such a column.
    if not text or plainly(text) in there:
        return []
    return sorted(column for column in columns(text) if plainly(column) not in there)


def _texts_of(place: str, emission: OwnEmission) -> Iterable[tuple[str, str | None]]:
    """Yield the expressions of an entry that are about the record."""
    yield f"{place}.when", emission.when
    if emission.for_each:
        yield f"{place}.for_each", emission.for_each
        return
    for name, value in emission.fields.items() if isinstance(emission.fields, dict) else ():
        yield f"{place}.fields.{name}", value if isinstance(value, str) else value.for_each
    properties = emission.custom_properties
    for name, text in properties.items() if isinstance(properties, dict) else ():
        yield f"{place}.custom_properties.{name}", text
    yield f"{place}.complete_per", emission.complete_per
    yield f"{place}.gone", emission.gone
    yield from _texts_of_rules(place, emission.skip).items()
    yield from ((f"{place}.let.{name}", text) for name, text in emission.let.items())
    yield f"{place}.version", emission.version


def _texts_of_rules(place: str, rules: Sequence[SkipRule]) -> dict[str, str | None]:
    return {f"{place}.skip[{index}]": rule.when for index, rule in enumerate(rules)}
