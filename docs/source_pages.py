"""What the documentation's site adds to the page of a source: all that its preset says.

A person writes docs/sources/NAME.md. `make site` (docs/site.py) appends a sample that `fincome preview` shows, what
each field is made of, what no stream brings, and what the preset was checked against.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.language.yaml_text import read_yaml
from destination_fincome.mapping.preset import (
    CreditLinesRule,
    CreditRule,
    Emission,
    NestedField,
    Preset,
    SkipRule,
    StreamRule,
    StubRule,
    load_presets,
)
from destination_fincome.protocol.catalog import parse_catalog
from fincome_tools.preview.rehearsal import Preview, rehearse

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "sources"
RECORDS = ROOT / "examples" / "sources"
LEGEND = """\
The left column is Fincome's field; the right one says where it comes from, in the \
[expression language](../mapping.md#the-expression-language). A field that isn't there is left out. The file's \
tables of words are written as `lookup()` here, and its choices as `when()`. Names with an \
underscore in front are helpers, listed below the table that uses them; `_record` is the whole record.
"""


def source_page(path: Path) -> str:
    """Return a source's whole page, in Markdown: what a person wrote, and what its preset says."""
    preset = load_presets()[path.stem]
    return "\n".join([path.read_text(encoding="utf-8"), *appended(preset)])


def appended(preset: Preset) -> Iterator[str]:
    """Yield the lines that are added to the page of a preset."""
    # Tables in Fincome's own shape have no source; their page has records of its own, with what becomes of them.
    if (RECORDS / f"{preset.name}.json").exists():
        yield "## A sample\n"
        yield from sample(preview(preset.name))
    yield "## Mapping\n"
    yield from described(preset)
    yield "## What it never fills\n"
    yield "Fields of Fincome's that no stream brings, whatever is selected:\n"
    yield from never_filled(preset)
    yield "## What it was checked against\n"
    yield from checked(preset)


def checked(preset: Preset) -> Iterator[str]:
    """Yield what a preset was held against, and when.

    Raises:
        ValueError: the preset doesn't say it.
    """
    if preset.checked is None:
        raise ValueError(f"the preset {preset.name} doesn't say what it was checked against")
    yield "| | |"
    yield "| --- | --- |"
    yield f"| When | {preset.checked.when} |"
    yield f"| The source | {preset.checked.source} |"
    yield f"| The vendor's API | {preset.checked.api} |"
    if preset.checked.unconfirmed:
        yield f"| Not confirmed | {preset.checked.unconfirmed} |"
    yield ""


def never_filled(preset: Preset) -> Iterator[str]:
    """Yield the fields of Fincome's that no stream of a preset ever fills."""
    given: dict[str, set[str]] = {}
    for rule in preset.streams.values():
        for emission in rule.emits:
            every = [field.name for field in load_contract().entities[emission.entity].fields]
            # Text stands for all of them.
            named = every if isinstance(emission.fields, str) else emission.fields
            given.setdefault(emission.entity, set()).update(named)
        for credit in rule.credits:
            given.setdefault("credit_notes", set()).update(
                credit.fields, ["invoice_id"], ["lines"] * bool(credit.lines)
            )
    for entity, names in given.items():
        lacking = [f"`{field.name}`" for field in load_contract().entities[entity].fields if field.name not in names]
        yield f"- {entity.replace('_', ' ')}: {', '.join(lacking) or 'nothing'}"
    for entity in load_contract().entities:
        if entity not in given:
            yield f"- {entity.replace('_', ' ')}: everything, as no stream brings any"
    yield ""


@cache
def preview(name: str) -> Preview:
    """Return what a sync of the example records of a source would do."""
    columns = json.loads((ROOT / "unit_tests" / "mapping" / "catalogs" / f"{name}.json").read_text(encoding="utf-8"))
    settings = read_yaml((ROOT / "unit_tests" / "mapping" / "sources" / f"{name}.yaml").read_text(encoding="utf-8"))
    records = json.loads((RECORDS / f"{name}.json").read_text(encoding="utf-8"))
    streams = [
        {"stream": {"name": stream, "json_schema": {"properties": {column: {} for column in known}}}}
        for stream, known in columns.items()
    ]
    messages = [
        json.dumps({"type": "RECORD", "record": {"stream": stream, "data": one, "emitted_at": 1}}).encode() + b"\n"
        for stream, rows in records.items()
        for one in rows
    ]
    catalog = parse_catalog({"streams": streams})
    return rehearse(settings.get("settings", {}), catalog, lambda: BytesIO(b"".join(messages)).read)


def sample(found: Preview) -> Iterator[str]:
    """Yield a record that becomes an invoice, and what it becomes."""
    samples = [(view.name, one) for view in found.streams for one in view.samples]
    stream, one = next(
        (named for named in samples if "invoices" in {entity for entity, _ in named[1].bodies}), samples[0]
    )
    yield f"What [`fincome preview`](../preview.md) shows of a record of `{stream}`:\n"
    yield from ("```json", *_by_key(one.source), "```\n")
    yield "becomes\n"
    for entity, body in one.bodies:
        yield f"{entity.replace('_', ' ')}\n"
        places = [field.name for field in load_contract().entities[entity].fields]
        ordered = sorted(body, key=lambda name: (places.index(name) if name in places else len(places), name))
        yield from ("```json", *_by_key({name: body[name] for name in ordered}), "```\n")


def _by_key(value: dict[str, Any]) -> Iterator[str]:
    """Yield an object as JSON with a line for each of its keys."""
    lines = [f"  {json.dumps(key)}: {json.dumps(one, ensure_ascii=False)}" for key, one in value.items()]
    yield "{"
    yield ",\n".join(lines)
    yield "}"


def described(preset: Preset) -> Iterator[str]:
    """Yield the lines that describe a preset."""
    yield LEGEND
    for name, rule in preset.streams.items():
        if rule.ignored is None:
            yield from _stream(name, rule)
    ignored = [f"- `{name}`: {rule.ignored}." for name, rule in preset.streams.items() if rule.ignored]
    if ignored:
        yield "### Streams that are not needed\n"
        yield from ignored
        yield ""


def _stream(name: str, rule: StreamRule) -> Iterator[str]:
    yield f"### Stream `{name}`\n"
    if rule.ignored_if_selected:
        yield f"Not needed when `{rule.ignored_if_selected}` is selected, which brings the same objects.\n"
    if rule.version:
        yield f"Version: {_code(rule.version)}.\n"
    yield from _joins(rule)
    for emission in rule.emits:
        yield from _emission(emission)
    for credit in rule.credits:
        yield from _credit(credit)
    for link in rule.credit_links:
        yield f"Tells what the credit {_code(link.credit)} was applied to ([credits](../mapping.md#credits)):\n"
        yield "| Of the allocation | From |"
        yield "| --- | --- |"
        told = {name: getattr(link, name) for name in ("key", "invoice", "amount", "date", "gone")}
        yield from _fields("", {name: text for name, text in told.items() if text is not None})
        yield ""
    yield from _values(rule.let, "Helpers of the whole record")
    if rule.warnings:
        yield "Warnings:\n"
        for warning in rule.warnings:
            yield f"- `{warning.code}` when {_code(warning.when)}: {warning.text}."
        yield ""


def _joins(rule: StreamRule) -> Iterator[str]:
    if rule.joins:
        yield "Completed with rows of other streams ([joins](../mapping.md#joins)):\n"
        for name, join in rule.joins.items():
            rows = "all rows" if join.every else "the row"
            when = f", when {_code(join.when)}" if join.when else ""
            yield f"- `{name}`: {rows} of `{join.stream}` whose `{join.by}` is {_code(join.of)}{when}"
        yield ""


def _emission(emission: Emission) -> Iterator[str]:
    words = f"**{emission.entity.replace('_', ' ')}**"
    if emission.operation == "update_only":
        words += ", changed if they exist, never created"
    if emission.for_each:
        words += f", one for each of {_code(emission.for_each)}"
    if emission.when:
        words += f", when {_code(emission.when)}"
    yield f"Becomes {words}:\n"
    yield "| Field | From |"
    yield "| --- | --- |"
    if isinstance(emission.fields, str):
        yield "| every field | the column of its name |"
    else:
        yield from _fields("", emission.fields)
    if isinstance(emission.custom_properties, str):
        yield f"| `custom_properties` | {_cell(emission.custom_properties)} |"
    elif emission.custom_properties:
        yield from _fields("custom_properties.", emission.custom_properties)
    yield ""
    yield from _values(emission.let, "Helpers")
    yield from _skips("Not sent:", emission.skip)
    if emission.merge is not None:
        yield f"The rows of one id are put together: {_merged(emission.merge)}.\n"
    yield from _skips("Of what they become together, not sent:", emission.merged_skip)
    yield from _stubs(emission.stubs)


def _skips(heading: str, rules: Sequence[SkipRule]) -> Iterator[str]:
    if rules:
        yield f"{heading}\n"
        for rule in rules:
            yield f"- `{rule.reason}` when {_code(rule.when)}: {rule.text}."
        yield ""


def _stubs(rules: Sequence[StubRule]) -> Iterator[str]:
    if rules:
        known = sorted({rule.entity.replace("_", " ") for rule in rules})
        yield f"Enough to create missing {' and '.join(known)} from it ([stubs](../mapping.md#stubs)).\n"


def _merged(rules: Mapping[str, str]) -> str:
    return "; ".join(f"`{name}`: {how}" for name, how in rules.items()) or "each field by its newest value"


def _credit(credit: CreditRule) -> Iterator[str]:
    when = f", when {_code(credit.when)}" if credit.when else ""
    words = "**credit notes** on the invoices that it was applied to, and for the rest a **negative invoice**"
    yield f"Becomes {words} ([credits](../mapping.md#credits)){when}:\n"
    yield "| Field | From |"
    yield "| --- | --- |"
    yield from _fields("", credit.fields)
    if isinstance(credit.custom_properties, str):
        yield f"| `custom_properties` | {_cell(credit.custom_properties)} |"
    elif credit.custom_properties:
        yield from _fields("custom_properties.", credit.custom_properties)
    if credit.lines:
        yield from _credit_lines(credit.lines)
    yield from _fields("negative invoice: ", credit.negative)
    if credit.allocations:
        yield f"| allocations | one for each of {_cell(credit.allocations.for_each)} |"
        told = {name: getattr(credit.allocations, name) for name in ("invoice", "amount", "date", "key")}
        yield from _fields("allocations[].", {name: text for name, text in told.items() if text is not None})
    if credit.total:
        yield f"| total, as allocations count it | {_cell(credit.total)} |"
    yield ""
    yield from _values(credit.let, "Helpers")
    if credit.lines:
        yield from _values(credit.lines.let, "Helpers of the lines")
    yield from _skips("Not sent:", credit.skip)
    yield from _stubs([*credit.stubs, *(credit.lines.stubs if credit.lines else ())])


def _credit_lines(lines: CreditLinesRule) -> Iterator[str]:
    yield f"| `lines` | one for each of {_cell(lines.for_each)} |"
    told = {name: getattr(lines, name) for name in ("id", "invoice_line", "amount", "discount", "tax")}
    yield from _fields("lines[].", {name: text for name, text in told.items() if text is not None})
    yield from _fields("lines[] of the negative invoice: ", lines.negative)


def _fields(prefix: str, fields: Mapping[str, str | NestedField] | Mapping[str, str]) -> Iterator[str]:
    for name, value in fields.items():
        if isinstance(value, NestedField):
            yield f"| `{prefix}{name}` | one for each of {_cell(value.for_each)} |"
            yield from _fields(f"{prefix}{name}[].", value.fields)
        else:
            yield f"| `{prefix}{name}` | {_cell(value)} |"


def _values(values: Mapping[str, str], title: str) -> Iterator[str]:
    if values:
        yield f"{title}:\n"
        for name, text in values.items():
            yield f"- `{name}`: {_code(text)}"
        yield ""


def _code(text: str) -> str:
    """Write an expression as code; JMESPath has backquotes of its own."""
    code = " ".join(text.split())
    return f"`` {code} ``" if "`" in code else f"`{code}`"


def _cell(text: str) -> str:
    """Write an expression as code in a table's cell, where a bar must be told from the table's own."""
    return _code(text).replace("|", "\\|")
