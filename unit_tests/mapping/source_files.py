"""The files in sources/: what a preset makes of records, as data. docs/testing.md says how to read and write them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from difflib import ndiff
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.models import InvalidObject, build_models, encode
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.mapping.preset import load_presets
from destination_fincome.mapping.recognition import make_plan
from destination_fincome.mapping.results import Draft, Fault, Skip, Version
from unit_tests.mapping.payloads import Stream

FOLDER = Path(__file__).parent / "sources"
SOURCES = sorted(file.stem for file in FOLDER.glob("*.yaml"))
MODELS = build_models(load_contract())
ENTITIES = tuple(MODELS)
PARTS = (*ENTITIES, "stubs", "warnings", "version", "nothing")

Record = dict[str, Any]
Result = dict[str, Any]
"""Objects by entity: each its fields, or `skipped`, or `fault`. And `stubs`, `warnings`, `version`, `nothing`."""


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
    unmapped: Literal["ignore", "custom_properties"] | None = None
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
    each: dict[Any, Any]

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
        beside: streams that are selected besides a record's own, where it says nothing else.
        ignored: streams that bring nothing, and why.
        names: what streams of these names bring.
        parts: values that records have in common, by name; `{$name: {...}}` is one, with changes.
        records: the shared records by name; `$name` may be one of them too.
    """

    ties: Literal["first", "last"]
    beside: tuple[str, ...] = ()
    ignored: dict[str, str] = Field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    parts: dict[str, Record] = Field(default_factory=dict)
    records: dict[str, _Shared]


_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS = {"null": None, "true": True, "false": False}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] (the base is chosen at run time)
    """YAML as JSON knows it: dates, and words such as `no`, are text. Exact decimals; no key twice."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (as PyYAML declares it)

    def value(self, node: yaml.ScalarNode) -> Any:
        text = node.value
        if node.style in ("'", '"') or not (text in _WORDS or _NUMBER.fullmatch(text)):
            return text
        if text in _WORDS:
            return _WORDS[text]
        return int(text) if text.lstrip("-").isdigit() else Decimal(text)

    def members(self, node: yaml.MappingNode) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in found:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} is there twice", key_node.start_mark)
            found[key] = self.construct_object(value_node, deep=True)
        return found


_Loader.add_constructor("tag:yaml.org,2002:str", _Loader.value)
_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.members)


def parse(text: str) -> SourceFile:
    """Read a file; what is misspelt or there twice is an error that says where."""
    return SourceFile.model_validate(yaml.load(text, Loader=_Loader))


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
    unmapped: Literal["ignore", "custom_properties"] | None = None
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
    """Return a value that records of a source have in common."""
    file = source_file(source)
    value: Record = _arriving(file.parts[name], file)
    return value


def _case(name: str, base: Case, given: _Given, file: SourceFile) -> Case:
    try:
        names = ("beside", "unmapped", "cursor", "updates")
        stated = {name: value for name in names if (value := getattr(given, name, None)) is not None}
        setting = replace(base.setting, **stated)
        whole = base.record if given.record is None else _arriving(given.record, file)
        record = _changed(whole, _arriving(given.with_, file), given.without)
        result = given.becomes if given.becomes is not None else _differing(base.result, given.then or {})
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ValueError(f"{base.setting.source}: {name}: {error!r}") from error
    return Case(name, setting, record, result)


def _label(row: _Given) -> str:
    """Tell a row from the others under its sentence."""
    settings = {"beside": row.beside, "unmapped": row.unmapped, "cursor": row.cursor}
    stated = {name: value for name, value in settings.items() if value is not None}
    columns = {**stated, **(row.record or {}), **row.with_}
    changes = [*(f"{path}: {_text(value)}" for path, value in columns.items()), *(f"no {path}" for path in row.without)]
    label = ", ".join(changes) or "as it is"
    return label if len(label) <= 160 else f"{label[:157]}..."


def _changed(record: Record, values: Record, absent: tuple[str, ...]) -> Record:
    changed: Record = deepcopy(record)
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


def _arriving(value: Any, file: SourceFile) -> Any:
    """Return a record's value as it arrives: decimals are floats, and `{$line: {...}}` is the part with changes."""
    if isinstance(value, list):
        return [_arriving(item, file) for item in value]
    if not isinstance(value, dict):
        return float(value) if isinstance(value, Decimal) else value
    arriving = {name: _arriving(item, file) for name, item in value.items()}
    if len(arriving) == 1 and next(iter(arriving)).startswith("$"):
        ((name, changes),) = arriving.items()
        part = file.parts.get(name[1:]) or file.records[name[1:]].record
        return _changed(_arriving(part, file), changes, ())
    return arriving


# --- results


def _differing(base: Result, then: Result) -> Result:
    """Return what a record becomes that differs in `then` from a shared one, which becomes `base`.

    Fields that stand alone are those of the record's main object, the first that it becomes; if that is skipped,
    nothing else is sent.
    """
    main = next((part for part in base if part in ENTITIES and base[part]), "")
    changes = {part: change for part, change in then.items() if part in PARTS}
    if own := {name: value for name, value in then.items() if name not in PARTS}:
        changes[main] = own
    result = {part: deepcopy(value) for part, value in base.items() if part == main or "skipped" not in own}
    kept: dict[str, list[Result]] = {}
    for entity in changes.keys() & set(ENTITIES):
        there = result.get(entity, [])
        result[entity] = _objects(there, changes.pop(entity))
        kept[entity] = [one for one, now in zip(there, result[entity], strict=False) if now.pop("stub", False)]
    stubs = _stubs(base.get("stubs", {}), kept, changes.pop("stubs", {}))
    result |= {"version": base.get("version"), **changes}
    if _knows_others(result) or any(kept.values()) or "stubs" in then:
        return {**result, "stubs": stubs}
    return {part: value for part, value in result.items() if part != "stubs"}


def _stubs(there: Result, kept: dict[str, list[Result]], change: Any) -> Result:
    """Change what is known of other objects; what is skipped itself but kept as a stub comes first."""
    if isinstance(change, list):
        return {}
    stubs = {entity: [*kept.get(entity, []), *there.get(entity, [])] for entity in ENTITIES}
    return stubs | {entity: _objects(stubs[entity], one) for entity, one in change.items()}


def _knows_others(result: Result) -> bool:
    """Tell whether what the record knows of other objects matters: something is sent, and nothing has a fault.

    Else it matters only where it is stated.
    """
    objects = [one for entity in ENTITIES for one in result.get(entity, [])]
    return any("skipped" not in one for one in objects) and not any("fault" in one for one in objects)


def _objects(there: list[Result], change: Any) -> list[Result]:
    """Change objects: a list is all of them; numbers name some, from 0; any other change is that of each.

    Null in the place of an object is none; one more than there are is like the one before it, but for the change.
    """
    if isinstance(change, list):
        return deepcopy(change)
    if not there:
        raise ValueError("there is no object that could differ: list them")
    if not change or not all(isinstance(key, int) for key in change):
        return [_object(one, change) for one in there]
    objects: list[Result] = []
    for place in range(max(len(there), *(key + 1 for key in change))):
        told = change.get(place, {})
        if told is not None:
            objects.append(_object(there[place] if place < len(there) else objects[-1], told))
    return objects


def _object(one: Result, change: Result) -> Result:
    """Change an object's fields; null takes one away. What is skipped or has a fault has none."""
    if "skipped" in change or "fault" in change:
        return {"id": one["id"], **change}
    gone = {name for name, value in change.items() if value is None}
    if not gone <= one.keys():
        raise ValueError(f"not there anyway: {', '.join(sorted(gone - one.keys()))}")
    return {name: value for name, value in {**one, **change}.items() if name not in gone}


@cache
def mapper_of(setting: Setting) -> StreamMapper:
    cursor = (setting.cursor,) if setting.cursor else ()
    streams = [Stream(name, cursor=cursor) for name in (setting.stream, *setting.beside)]
    plan = make_plan(streams, load_presets(), load_contract(), setting.source, setting.unmapped or "auto")
    mapper = plan.streams[0].mapper
    assert mapper is not None, f"nothing becomes of {setting.stream}"
    return mapper


def found_result(mapper: StreamMapper, record: Record) -> Result:
    """Map a record, and say what it becomes in the words of the files; each object has its version."""
    mapped = mapper.map(record)
    result: Result = {}
    for item in mapped.objects:
        assert not isinstance(item, Draft) or item.policy == mapper.policies[item.entity]
        result.setdefault(item.entity, []).append(_found_object(item))
    for stub in mapped.stubs:
        # A stub that can't be an object is no fault of the record: the sync leaves it out.
        with suppress(InvalidObject):
            result.setdefault("stubs", {}).setdefault(stub.entity, []).append(_body(stub.entity, stub.values))
    if mapped.warnings:
        result["warnings"] = [{warning.code: _id(warning.id)} for warning in mapped.warnings]
    if mapped.reason:
        result["nothing"] = mapped.text
    return result


def _found_object(item: Draft | Skip | Fault) -> Result:
    if isinstance(item, Fault):
        return {"id": _id(item.id), "fault": {item.field: item.code}, "says": item.problem}
    version = _version(item.version)
    if isinstance(item, Skip):
        children = {} if item.children == "skip" else {"children": item.children}
        return {"id": _id(item.id), "skipped": item.reason, **children, "says": item.text, "version": version}
    try:
        return {**_body(item.entity, item.values), "version": version}
    except InvalidObject as error:
        fault = {error.field: error.code}
        return {"id": _id(item.values.get("id")), "fault": fault, "says": error.problem}


def _id(value: Any) -> str | None:
    return None if value is None else str(value)


def _body(entity: str, values: Mapping[str, Any]) -> Result:
    body: Result = json.loads(encode(MODELS[entity].validate(values).values), parse_float=Decimal)
    return body


def _version(version: Version) -> Any:
    """Write a point in time as such; a counter is a number."""
    if version is None or not 10**9 <= version < 10**10:
        return int(version) if isinstance(version, float) and version.is_integer() else version
    return datetime.fromtimestamp(version, UTC).isoformat().replace("+00:00", "Z")


def differences(case: Case, found: Result) -> list[str]:
    """Compare what a record became with what it must become: lines of a diff, none if they are the same."""
    expected = _versioned(case.result)
    if not _knows_others(expected) and "stubs" not in case.result:
        found = {**found, "stubs": _own_stubs(found)}
    for entity in ENTITIES:
        for one, wanted in zip_longest(found.get(entity, []), expected.get(entity, []), fillvalue={}):
            # What is said of a skip or a fault may be given in part, or not at all.
            if wanted.get("says", "") in one.get("says", ""):
                one.pop("says", None)
                wanted.pop("says", None)
    there, wanted = list(_lines(found)), list(_lines(expected))
    return [] if there == wanted else [line for line in ndiff(wanted, there) if not line.startswith("?")]


def _own_stubs(found: Result) -> Result:
    """Return the stubs of objects that are skipped themselves."""
    skipped = {(entity, one["id"]) for entity in ENTITIES for one in found.get(entity, []) if "skipped" in one}
    return {
        entity: [stub for stub in stubs if (entity, stub["id"]) in skipped]
        for entity, stubs in found.get("stubs", {}).items()
    }


def _versioned(result: Result) -> Result:
    """Return a stated result with each object's version at the object, and without what is empty."""
    stated = {key: deepcopy(value) for key, value in result.items() if key != "version" and value}
    for entity in stated.keys() & set(ENTITIES):
        version = result.get("version")
        version = version.get(entity) if isinstance(version, dict) else version
        for place, one in enumerate(stated[entity]):
            if "fault" not in one:
                one["version"] = version[place] if isinstance(version, list) else version
    return stated


def _lines(result: Result) -> Iterator[str]:
    """Write a result a line per value, in a fixed order."""
    stubs = {f"stubs.{entity}": objects for entity, objects in result.get("stubs", {}).items()}
    parts = {**result, **stubs}
    for part in (*ENTITIES, *(f"stubs.{entity}" for entity in ENTITIES), "warnings", "nothing"):
        if parts.get(part):
            yield from _values(part, parts[part])


def _values(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, (dict, list)) and value:
        for name, item in sorted(value.items()) if isinstance(value, dict) else enumerate(value):
            yield from _values(f"{path}.{name}", item)
    else:
        yield f"{path}: {_text(value)}"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
