"""The files in sources/: records, and what a preset makes of each. docs/testing.md says how to read and write them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from destination_fincome.connection.config import parse_config
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.enrichment import CrmSettings
from destination_fincome.mapping.language.yaml_text import read_yaml
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import Plan, PlanOptions, UnmappedFields, make_plan
from unit_tests.mapping.payloads import Stream
from unit_tests.mapping.record_results import PARTS, Result, copied, differing

FOLDER = Path(__file__).parent / "sources"
SOURCES = sorted(file.stem for file in FOLDER.glob("*.yaml"))

Record = dict[str, Any]


# --- the form of a file


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Given(_Part):
    """What a record is beside a shared one, under which settings, and what becomes of it.

    Attributes:
        record: all of it, if it has little in common with the shared one.
        with_: columns that differ; a path with dots reaches into a value: `lines.0.amount`.
        without: columns (or paths) that aren't there.
        beside: streams that are selected besides.
        becomes: all that it becomes.
        then: what differs from that which the shared record becomes.
    """

    record: Record | None = None
    with_: Record = Field(default_factory=dict, alias="with")
    without: tuple[str, ...] = ()
    beside: tuple[str, ...] | None = None
    unmapped: UnmappedFields | None = None
    cursor: str | None = None
    becomes: Result | None = None
    then: Result | None = None

    @model_validator(mode="after")
    def _has_one_result(self) -> Self:
        if (self.becomes is None) == (self.then is None):
            raise ValueError("say either what it `becomes`, or what is `then` different")
        if unknown := set(self.becomes or {}) - set(PARTS):
            raise ValueError(f"no part of a result: {', '.join(sorted(unknown))}")
        return self


class _Shared(_Given):
    """A record that others differ from.

    Attributes:
        name: what it shows, as a sentence.
        from_: another shared record, that this one differs from.
        updates: the entities that its stream's records only change, and never create.
        cases: records that differ from it, by what they show, as a sentence: one, or several, or a table.
    """

    name: str | None = None
    stream: str | None = None
    from_: str | None = Field(None, alias="from")
    updates: tuple[str, ...] | None = None
    cases: dict[str, _Given | list[_Given] | _Table] = Field(default_factory=dict)


class _Table(_Part):
    """Records that differ in one column, and one field of what they become.

    Attributes:
        of: the column, or a path.
        is_: the field that differs then; or `skipped`, or `invoice_lines.quantity`.
        each: by the column's value the field's.
    """

    of: str
    is_: str = Field(alias="is")
    each: dict[str, Any]

    def rows(self) -> Iterator[_Given]:
        for value, found in self.each.items():
            then = found
            for name in reversed(self.is_.split(".")):
                then = {name: then}
            yield _Given.model_validate({"with": {self.of: value}, "then": then})


class SourceFile(_Part):
    """A source.

    Attributes:
        ties: which of two equal versions of an object counts.
        settings: of the connection, for a CRM: `crm_key` and `crm_properties`.
        beside: streams that are selected besides a record's own, where it says nothing else.
        ignored: streams that bring nothing, and why.
        names: what streams of these names bring.
        parts: values that records have in common, by name; `{$name: {...}}` is one, with changes.
        records: the shared records by name; `$name` may be one of them too.
    """

    ties: Literal["first", "last"]
    settings: dict[str, str] = Field(default_factory=dict)
    beside: tuple[str, ...] = ()
    ignored: dict[str, str] = Field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    parts: dict[str, Record] = Field(default_factory=dict)
    records: dict[str, _Shared]


def parse(content: str) -> SourceFile:
    """Read a file; what is misspelt or there twice is an error that says where."""
    return SourceFile.model_validate(read_yaml(content))


@cache
def source_file(source: str) -> SourceFile:
    return parse((FOLDER / f"{source}.yaml").read_text(encoding="utf-8"))


# --- from the file to its cases


@dataclass(frozen=True)
class Setting:
    """Where a record arrives: its stream, and what the mapping of that depends on."""

    source: str
    stream: str
    beside: tuple[str, ...] = ()
    unmapped: UnmappedFields | None = None
    cursor: str | None = None
    updates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A record, and what it must become."""

    name: str
    setting: Setting
    record: Record
    result: Result


def cases(source: str, file: SourceFile) -> Iterator[Case]:
    """Yield a file's cases: the shared records as they are, and those that differ from them."""
    for key, case in shared_cases(source, file).items():
        yield case
        for sentence, told in file.records[key].cases.items():
            name = f"{key}: {sentence}"
            if isinstance(told, _Given):
                yield _case(name, case, told, file)
                continue
            for row in told if isinstance(told, list) else told.rows():
                yield _case(f"{name} [{_label(row)}]", case, row, file)


@cache
def cases_of(source: str) -> tuple[Case, ...]:
    """Return all cases of a source; several files of tests read them."""
    return tuple(cases(source, source_file(source)))


def shared_cases(source: str, file: SourceFile) -> dict[str, Case]:
    shared: dict[str, Case] = {}
    for key, entry in file.records.items():
        base = shared[entry.from_] if entry.from_ else Case(key, Setting(source, ""), {}, {})
        stream = entry.stream or base.setting.stream or key
        if stream != base.setting.stream:
            beside = tuple(name for name in file.beside if name != stream)
            base = replace(base, setting=replace(base.setting, stream=stream, beside=beside))
        shared[key] = _case(f"{key}: {entry.name}" if entry.name else key, base, entry, file)
    return shared


def part(source: str, name: str) -> Record:
    """Return a part, or a shared record, of a source by its name."""
    return _part(name, source_file(source))


def _case(name: str, base: Case, given: _Given, file: SourceFile) -> Case:
    try:
        names = ("beside", "unmapped", "cursor", "updates")
        stated = {name: value for name in names if (value := getattr(given, name, None)) is not None}
        setting = replace(base.setting, **stated)
        whole = base.record if given.record is None else _whole(given.record, file)
        record = _changed(whole, _whole(given.with_, file), given.without)
        result = given.becomes if given.becomes is not None else differing(base.result, given.then or {})
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ValueError(f"{base.setting.source}: {name}: {error!r}") from error
    return Case(name, setting, record, result)


def _label(row: _Given) -> str:
    """Tell a row from the others under its sentence."""
    settings = {"beside": row.beside, "unmapped": row.unmapped, "cursor": row.cursor}
    stated = {name: value for name, value in settings.items() if value is not None}
    values = {**stated, **(row.record or {}), **row.with_}
    changes = [f"{path}: {json.dumps(value, ensure_ascii=False)}" for path, value in values.items()]
    label = ", ".join([*changes, *(f"no {path}" for path in row.without)]) or "as it is"
    return label if len(label) <= 160 else f"{label[:157]}..."


def _changed(record: Record, values: Record, absent: tuple[str, ...]) -> Record:
    changed: Record = copied(record)
    for path, value in values.items():
        holder, name = _place(changed, path)
        if isinstance(holder, list) and name == len(holder):
            holder.append(value)
        else:
            holder[name] = value
    for path in absent:
        holder, name = _place(changed, path)
        del holder[name]
    return changed


def _place(record: Record, path: str) -> tuple[Any, Any]:
    """Return the object or list that a path's last part is in, and that part."""
    holder: Any = record
    *parents, last = path.split(".")
    for name in parents:
        holder = holder[int(name) if isinstance(holder, list) else name]
    return holder, int(last) if isinstance(holder, list) else last


def _whole(value: Any, file: SourceFile) -> Any:
    """Put in the parts that a record's value names: `{$line: {...}}` is the part `line` with what differs in it."""
    if isinstance(value, list):
        return [_whole(item, file) for item in value]
    if not isinstance(value, dict):
        return value
    members = {name: _whole(item, file) for name, item in value.items()}
    if len(members) == 1 and next(iter(members)).startswith("$"):
        ((name, changes),) = members.items()
        return _changed(_part(name[1:], file), changes, ())
    return members


def _part(name: str, file: SourceFile) -> Record:
    """Return a part, or a shared record, by its name."""
    if name in file.parts:
        value: Record = _whole(file.parts[name], file)
        return value
    shared = file.records[name]
    base = _part(shared.from_, file) if shared.from_ else _whole(shared.record, file)
    return _changed(base, _whole(shared.with_, file), shared.without)


@cache
def mapper_of(setting: Setting, zone: ZoneInfo | None = None) -> StreamMapper:
    """Return the mapper of a stream; `zone`: by whose midnight the company bills."""
    names = tuple(sorted({setting.stream, *setting.beside}))
    plan = _plan(setting.source, names, setting.unmapped or "auto", setting.cursor, zone)
    mapper = plan.streams[names.index(setting.stream)].mapper
    assert mapper is not None, f"nothing becomes of {setting.stream}"
    return mapper


@cache
def _plan(
    source: str, names: tuple[str, ...], unmapped: UnmappedFields, cursor: str | None, zone: ZoneInfo | None
) -> Plan:
    streams = [Stream(name, cursor=(cursor,) if cursor else ()) for name in names]
    options = PlanOptions(source, unmapped, crm=crm_of(source), zone=zone)
    return make_plan(streams, load_presets(), load_contract(), options)


@cache
def crm_of(source: str) -> CrmSettings:
    """Return what a source's file says of a CRM."""
    return parse_config({"api_key": "0123456789", **source_file(source).settings}).crm
