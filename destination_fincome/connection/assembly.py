"""Puts a connection together: config, contract, plan of the streams, engine."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, TypeVar
from urllib.parse import urlsplit

from destination_fincome.codes import Code
from destination_fincome.connection.activation import check_modes, with_chosen_objects
from destination_fincome.connection.config import Config, StoragePlace, misspelt_settings, parse_config
from destination_fincome.connection.origins import origins_of
from destination_fincome.engine.earlier_ids import Kept
from destination_fincome.engine.final_report import Reporting
from destination_fincome.engine.memory.brought import Stream
from destination_fincome.engine.memory.memory import Name
from destination_fincome.engine.memory.recall import LANGUAGE_VERSION, Consulted, Recall, account_key
from destination_fincome.engine.memory.shelf import Shelf
from destination_fincome.engine.object_maker import Targets
from destination_fincome.engine.reader import Intake, IntakeOptions, Observe, Streams
from destination_fincome.engine.rehearsal import Rehearsal
from destination_fincome.engine.sync import Limits, Sync
from destination_fincome.failure import ConfigFailure, ConnectorFailure, TransientFailure
from destination_fincome.fincome.answers import Experience
from destination_fincome.fincome.client import FincomeClient
from destination_fincome.fincome.contract import (
    Contract,
    Corrections,
    EntitySpec,
    contract_text,
    corrected_contract,
)
from destination_fincome.fincome.delivery import Deliverer
from destination_fincome.fincome.models import build_models
from destination_fincome.fincome.probe import ProbeFailure, probe, probe_key
from destination_fincome.fincome.samples import Samples
from destination_fincome.fincome.transport import Network
from destination_fincome.mapping.language.yaml_text import read_typed
from destination_fincome.mapping.preset import Preset, load_presets
from destination_fincome.mapping.recognition import Plan, PlanOptions, check_own, lacking, lacking_fields, make_plan
from destination_fincome.mapping.stream_compiler import Nulls
from destination_fincome.protocol.catalog import Catalog, StreamKey
from destination_fincome.reporting.foretold import Effect, Foretold, Told
from destination_fincome.reporting.rejected_records import RejectedRecords
from destination_fincome.reporting.storage import open_store, parse_place
from destination_fincome.reporting.summary_file import SummaryFile

LOGGER = logging.getLogger("airbyte")

AnyRecall = TypeVar("AnyRecall", bound=Recall)

_MAPPING_SETTINGS = {
    "source",
    "streams",
    "unmapped_fields",
    "default_currency",
    "billing_time_zone",
    "crm_key",
    "crm_properties",
}

DRY_RUN = (
    "Dry run: nothing is written. Fincome is asked once (GET) for each object, and for each that they refer to and no "
    "selected stream brings."
)


@dataclass(frozen=True)
class _Stream:
    """A configured stream as recognition sees it."""

    name: str
    namespace: str | None
    properties: frozenset[str]
    cursor: tuple[str, ...]
    nested: frozenset[str]


def check_connection(document: Mapping[str, Any]) -> list[str]:
    """Test a config against the real API, without writing, and that rejected records can be written.

    Returns:
        What the user should know although the connection works.

    Raises:
        ConfigFailure: what is wrong and what to do.
    """
    config = parse_config(document)
    contract = contract_of(config)
    presets = load_presets()
    if config.source != "auto" and config.source not in presets:
        raise ConfigFailure(f"`source` must be auto or one of {', '.join(sorted(presets))}.")
    _say_of_settings(config, document)
    known = presets if config.source == "auto" else {config.source: presets[config.source]}
    check_own(config.own_mapping, contract, known)
    nulls_of(config, contract)
    lacks = [*_lacking(config, contract), *_without_key(config, presets.get(config.source))]
    client = _client(config, contract, Network.of_environment(contract.base_url))
    try:
        warnings = probe(contract, client, config.request_timeout_seconds)
    except ProbeFailure as failure:
        raise ConfigFailure(str(failure)) from None
    finally:
        client.close()
    if place := config.rejected_place():
        _prove_writable(place)
    if shelf := _shelf(config, contract):
        try:
            shelf.prove()
        except ConnectorFailure as failure:
            raise ConfigFailure(failure.message, failure.detail) from None
    return [*warnings, *lacks]


def prove_key(document: Mapping[str, Any]) -> None:
    """Prove, mostly by one request, that Fincome is at the config's address and takes its key.

    Raises:
        ConfigFailure: a setting is wrong, and what to do.
        TransientFailure: Fincome can't be reached at the moment.
    """
    config = parse_config(document)
    contract = contract_of(config)
    client = _client(config, contract, Network.of_environment(contract.base_url))
    try:
        probe_key(contract, client, config.request_timeout_seconds)
    except ProbeFailure as failure:
        raise (TransientFailure if failure.passing else ConfigFailure)(str(failure)) from None
    finally:
        client.close()


def _lacking(config: Config, contract: Contract) -> Iterator[str]:
    """Yield what the user's own mapping never gives, as far as that can be told without a catalog."""
    streams = [_Stream(name, None, frozenset(), (), frozenset()) for name in config.own_mapping.streams]
    source, currency = config.source, config.default_currency
    try:
        plan = make_plan(
            streams, load_presets(), contract, PlanOptions(source, own=config.own_mapping, default_currency=currency)
        )
    except ConfigFailure:
        return  # without the other streams the source can't be told; what a sync finds wrong, it says
    for name, entity, fields in lacking_fields((one.name for one in streams), plan.streams):
        yield f"Mapping: stream {name} {lacking(contract, entity, fields)}."


def _without_key(config: Config, preset: Preset | None) -> Iterator[str]:
    """Yield that a CRM's key isn't set, as far as that can be told without a catalog."""
    if preset and config.crm_key is None and any(rule.enrichment for rule in preset.streams.values()):
        yield "`crm_key` isn't set: the first sync will stop, and name the properties that it may be."


@dataclass(frozen=True)
class Connection:
    """A config and a catalog, understood: what every stream becomes."""

    config: Config
    contract: Contract
    catalog: Catalog
    plan: Plan

    @property
    def stream_names(self) -> list[str]:
        """The streams' names as people know them, in the catalog's order."""
        return [str(stream.key) for stream in self.catalog.streams]

    @property
    def expected(self) -> dict[str, bool]:
        """The streams that should bring something, each with whether all of its records were asked for."""
        return {
            str(stream.key): stream.is_full_refresh
            for stream, planned in zip(self.catalog.streams, self.plan.streams, strict=True)
            if planned.mapper and not stream.is_cleared
        }

    @property
    def entities(self) -> list[EntitySpec]:
        """The entities, in the contract's order."""
        return list(self.contract.entities.values())

    def intake(self, *, contents: bool, observe: Observe | None = None, keeps_ids: bool = True) -> Intake:
        """Make the intake of this connection; `contents` and `observe` as for Intake.

        Args:
            keeps_ids: if an earlier version of the source may have filled the account, Fincome is asked.
        """
        mappers = [
            (stream.key, planned.mapper or planned.ignored or "")
            for stream, planned in zip(self.catalog.streams, self.plan.streams, strict=True)
        ]
        options = IntakeOptions(
            stubs=_creates_parents(self.config, self.plan),
            contents=contents,
            clear_nulls=nulls_of(self.config, self.contract) != "omit",
            remembers=nulls_of(self.config, self.contract) == "remembered",
            settles=self.config.gone_documents != "report",
        )
        candidates = {
            stream.key: planned.candidates
            for stream, planned in zip(self.catalog.streams, self.plan.streams, strict=True)
            if planned.candidates
        }
        keys = {stream.key: stream.primary_key for stream in self.catalog.streams if stream.primary_key}
        streams = Streams(mappers, candidates, self._kept() if keeps_ids else None, self._sources(), keys)
        return Intake(streams, Targets(self.entities, build_models(self.contract), self.plan.fed), options, observe)

    def _sources(self) -> dict[str, StreamKey]:
        """Return the connection's streams by the preset's names; of two that are the same one, the first."""
        found: dict[str, StreamKey] = {}
        for stream, planned in zip(self.catalog.streams, self.plan.streams, strict=True):
            if planned.preset_stream:
                found.setdefault(planned.preset_stream, stream.key)
        return found

    def _kept(self) -> Kept | None:
        """Return the mapping under the ids of an earlier version; none if the user has said that there was none."""
        preset = self.plan.preset
        if preset.earlier_version is None or self.config.source == preset.name:
            return None
        streams = zip(self.catalog.streams, self.plan.kept, strict=True)
        mappers = {stream.key: planned.mapper for stream, planned in streams if planned.mapper}
        return Kept(preset.name, preset.earlier_version, mappers)


def understand(document: Mapping[str, Any], catalog: Catalog) -> Connection:
    """Read a config, and choose what becomes of each stream.

    Raises:
        ConfigFailure: the config can't be used, or no stream is known.
    """
    config = parse_config(document)
    contract = contract_of(config)
    check_modes(catalog)
    plan = make_plan(
        [_Stream(s.key.name, s.key.namespace, s.properties, s.cursor, s.nested) for s in catalog.streams],
        load_presets(),
        contract,
        PlanOptions(
            config.source,
            config.unmapped_fields,
            with_chosen_objects(catalog, config.own_mapping, contract),
            config.default_currency,
            nulls_of(config, contract),
            config.zone,
            config.crm,
        ),
    )
    _must_have_all_rows(catalog, plan)
    _must_join_all_rows(catalog, plan)
    plan = replace(plan, notes=(*plan.notes, *_unseen(catalog, plan, config)))
    return Connection(config, contract, catalog, plan)


def _unseen(catalog: Catalog, plan: Plan, config: Config) -> Iterator[str]:
    """Yield what changes in the source and the streams never tell."""
    for stream, planned in zip(catalog.streams, plan.streams, strict=True):
        if planned.mapper is None or planned.preset_stream is None:
            continue
        rule = plan.preset.streams[planned.preset_stream]
        if rule.changes_missed and stream.is_incremental:
            yield (
                f"stream {stream.key} is incremental, and the source asks for what was created since the last sync, so "
                f"{rule.changes_missed} never comes and figures grow old: choose Full refresh for it"
            )
        if rule.ended_unlisted and not config.memory_url:
            yield (
                f"the source lists in stream {stream.key} only what hasn't ended, so what was loaded and has ended "
                "stays as it was in Fincome: end it there by hand; with `memory_url` and Full refresh the log names it"
            )


def _must_have_all_rows(catalog: Catalog, plan: Plan) -> None:
    """Refuse sums and the like of rows of which an incremental sync brings only some.

    Raises:
        ConfigFailure: naming the first such stream and its fields.
    """
    for stream, planned in zip(catalog.streams, plan.streams, strict=True):
        needing = planned.mapper.needs_all_rows if planned.mapper and stream.is_incremental else ()
        if needing:
            raise ConfigFailure(
                f"Stream {stream.key} is incremental, so a sync brings only some of the rows of an object, and what "
                f"the mapping makes of them (`merge`: {', '.join(needing)}) would be wrong. Choose Full refresh for "
                "it; or say `complete_per: <column>` beside `merge`, if all rows with one value of that column always "
                "come together."
            )


def _must_join_all_rows(catalog: Catalog, plan: Plan) -> None:
    """Refuse to complete records with rows of which an incremental sync brings only some.

    Raises:
        ConfigFailure: naming the first such stream, and a stream that needs its rows.
    """
    named = {planned.preset_stream: stream for stream, planned in zip(catalog.streams, plan.streams, strict=True)}
    for stream, planned in zip(catalog.streams, plan.streams, strict=True):
        for join in planned.mapper.joins if planned.mapper else ():
            rows = named.get(join.stream)
            if rows is not None and rows.is_incremental and join.whole:
                raise ConfigFailure(
                    f"Stream {rows.key} is incremental, so a sync brings only some of its rows, and the records of "
                    f"{stream.key} would be completed with these alone. Choose Full refresh for {rows.key}."
                )


def build_sync(
    document: Mapping[str, Any],
    catalog: Catalog,
    summary: SummaryFile | None = None,
    *,
    has_whole_input: bool = False,
) -> Sync:
    """Make a sync for a config and a catalog; says in the log what becomes of each stream.

    Args:
        summary: where the whole summary is to be written.
        has_whole_input: the input is whole files.

    Raises:
        ConfigFailure: the config can't be used, or no stream is known.
    """
    connection = understand(document, catalog)
    config = connection.config
    _say_of_settings(config, document)
    _announce(catalog, connection.plan, config.corrections())
    rejections = _rejections(connection)
    foretold = Foretold() if config.dry_run else None
    if config.dry_run:
        LOGGER.info(DRY_RUN)
    sync = Sync(
        connection.intake(contents=rejections is not None),
        connection.stream_names,
        connection.entities,
        deliverers(connection, foretold),
        replace(limits_of(config), has_whole_input=has_whole_input),
        Reporting(rejections, connection.expected, summary, foretold),
        recall_of(connection, Recall) if foretold is None else consulted(connection, foretold),
    )
    # Of whole files the headings were looked at; a record of JSON has the columns that it has a value for.
    for misfit, where in () if has_whole_input else connection.plan.misfits:
        sync.report.warn(Code.OTHER_COLUMNS, misfit, where)
    return sync


def _shelf(config: Config, contract: Contract, touches: frozenset[str] | None = None) -> Shelf | None:
    """Return where the account's memory lies; `touches` as for Shelf.

    Raises:
        ConnectorFailure: the place can't be one.
    """
    place = config.memory_place()
    if place is None:
        return None
    key = account_key(contract.base_url, config.api_key.get_secret_value())
    return Shelf(open_store(parse_place(place.url, place.names), place.credentials), key.hex()[:16], touches=touches)


def recall_of(connection: Connection, kind: type[AnyRecall]) -> AnyRecall | None:
    """Return the account's memory; what it knows hangs on the contract as the settings correct it."""
    config, contract = connection.config, connection.contract
    shelf = _shelf(config, contract, _touched(connection))
    if shelf is None:
        return None
    account = account_key(contract.base_url, config.api_key.get_secret_value())
    corrections = sorted((".".join(place), repr(value)) for place, value in config.corrections().items())
    beliefs = f"{LANGUAGE_VERSION} {corrections}".encode() + contract_text()
    key = blake2b(beliefs, digest_size=32, key=account).digest()
    return kind(shelf, key, config.memory_days, streams=_refreshes(connection))


def _touched(connection: Connection) -> frozenset[str]:
    """Return the entities whose objects a sync of a connection may send."""
    plan, contract = connection.plan, connection.contract
    if not _creates_parents(connection.config, plan):
        return plan.fed
    parents = {one.entity for spec in contract.entities.values() for one in spec.references}
    return plan.fed.union(parents)


def _refreshes(connection: Connection) -> list[Stream]:
    """Return the streams, each with a digest of all that makes objects of its records, and names them."""
    config, plan, catalog = connection.config, connection.plan, connection.catalog
    said = config.model_dump_json(include=_MAPPING_SETTINGS) + config.own_mapping.text + plan.preset.model_dump_json()
    origins = origins_of(catalog, plan)
    return [
        Stream(
            name,
            blake2b(said.encode() + origins[name], digest_size=16).hexdigest(),
            # What is cleared brings no records, and that says nothing of them.
            stream.is_full_refresh and not stream.is_cleared,
        )
        for name, stream in zip(connection.stream_names, catalog.streams, strict=True)
    ]


def consulted(connection: Connection, foretold: Foretold) -> Consulted | None:
    """Return the account's memory for a dry run: what it knows would not be sent, and is told as unchanged."""
    recall = recall_of(connection, Consulted)
    if recall is not None:

        def tell(name: Name, body: bytes) -> None:
            if foretold.get(name.entity, name.id) is None:
                foretold.tell(name.entity, name.id, Told(Effect.UNCHANGED, body))

        recall.told = tell
    return recall


def _say_of_settings(config: Config, document: Mapping[str, Any]) -> None:
    """Warn of settings in an older form, and of names that are none and so don't count."""
    for doubt in misspelt_settings(document).values():
        LOGGER.warning("%s", doubt)
    if config.streams:
        LOGGER.warning(
            "The setting `streams` is an older form of `mapping`, which takes its place. It counts as long as it is "
            "there; to change over, put this text into `mapping` and empty `streams` (`fincome map --convert "
            "config.json` prints it in YAML): %s",
            json.dumps(read_typed(config.own_mapping.text).value, ensure_ascii=False),
        )


def nulls_of(config: Config, contract: Contract) -> Nulls:
    """Return what an empty value does on a connection.

    Raises:
        ConfigFailure: the user wants them to clear, and the contract says that they don't.
    """
    if contract.nulls_clear:
        return "remembered" if config.memory_url and config.null_handling == "auto" else config.null_handling
    if config.null_handling == "clear":
        raise ConfigFailure("`null_handling` is clear, but a null clears nothing in Fincome: set it to omit.")
    return "omit"


def _rejections(connection: Connection) -> RejectedRecords | None:
    place = connection.config.rejected_place(connection.catalog.sync_id)
    origins = origins_of(connection.catalog, connection.plan)
    return RejectedRecords.open(*place, origins=origins) if place else None


def _prove_writable(place: StoragePlace) -> None:
    try:
        RejectedRecords.open(*place).prove_writable()
    except ConnectorFailure as failure:
        raise ConfigFailure(failure.message, failure.detail) from None


def contract_of(config: Config) -> Contract:
    """Return the contract as the settings correct it.

    Raises:
        ConfigFailure: the address is that of one kind of objects.
    """
    contract = corrected_contract(config.corrections()).with_overrides(config.base_url)
    for spec in contract.entities.values():
        for path in (spec.path, *spec.alternatives):
            found = re.search(rf"{re.escape(path.rstrip('/'))}(/[^/]*)?/*\Z", urlsplit(contract.base_url).path)
            if found and path.strip("/"):
                raise ConfigFailure(
                    f"`base_url` leads to Fincome's {spec.plural}: leave out {found[0]!r} at its end. The connector "
                    "adds the path of each kind of objects by itself."
                )
    return contract


def _client(
    config: Config, contract: Contract, network: Network, experience: Experience | None = None
) -> FincomeClient:
    key, timeout = config.api_key.get_secret_value(), config.request_timeout_seconds
    return FincomeClient(contract, key, timeout, network, experience)


def deliverers(connection: Connection, foretold: Foretold | None = None) -> Callable[[], Deliverer]:
    """Return what makes the deliverer of each worker of one sync.

    Args:
        foretold: they only ask, and note in it what they would do.
    """
    config, contract = connection.config, connection.contract
    network = Network.of_environment(contract.base_url)
    samples = None if config.stored_check == "off" else Samples()
    experience = Experience(samples, confirms=bool(config.memory_url) and not config.dry_run)

    def make() -> Deliverer:
        client = _client(config, contract, network, experience)
        return Rehearsal(contract, client, foretold) if foretold is not None else client

    return make


def _creates_parents(config: Config, plan: Plan) -> bool:
    if config.create_missing_parents == "auto":
        return plan.preset.create_missing_parents
    return config.create_missing_parents == "on"


def limits_of(config: Config) -> Limits:
    """Return the engine's settings."""
    return Limits(
        concurrency=config.max_concurrency,
        requests_per_second=config.requests_per_second,
        retry_seconds=config.retry_minutes * 60,
        parent_wait_seconds=config.parent_wait_seconds,
        spool_bytes=config.max_spool_mb << 20,
        dry_run=config.dry_run,
        most_rejected_percent=config.max_rejected_percent,
        max_settled_percent=config.max_settled_percent,
        stored_check_fails=config.stored_check == "fail",
        settles_missing=config.gone_documents == "settle_missing",
        most_rejected=0 if config.on_rejected == "fail" else config.max_rejected_records,
    )


def _announce(catalog: Catalog, plan: Plan, corrections: Corrections) -> None:
    if corrections:
        LOGGER.info("Settings correct the contract: %s.", ", ".join(".".join(place) for place in corrections))
    LOGGER.info("Mapping: %s.", plan.preset.title)
    for stream, planned in zip(catalog.streams, plan.streams, strict=True):
        if planned.ignored:
            LOGGER.info("Stream %s is ignored: %s.", stream.key, planned.ignored)
        else:
            LOGGER.info("Stream %s becomes %s.", stream.key, ", ".join(sorted(planned.entities)))
    for note in plan.notes:
        LOGGER.warning("Mapping: %s.", note)
    cleared = [str(stream.key) for stream in catalog.streams if stream.drops_older]
    if cleared:
        LOGGER.warning(
            "Nothing can be deleted in Fincome, which keeps its history: the data of %s stays as it is, and what the "
            "source sends is laid over it.",
            ", ".join(cleared),
        )
