"""The draft as one text: the mapping's YAML, with each decision's reason beside it and each doubt as a comment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from destination_fincome.mapping.language.columns import columns
from fincome_tools.draft.columns.lists import OF_RECORD, ListTable
from fincome_tools.draft.columns.nested import quoted, sources
from fincome_tools.draft.decisions.conditions import parts_of
from fincome_tools.draft.decisions.decisions import Decision, Emission
from fincome_tools.draft.decisions.questions import Question
from fincome_tools.draft.objects import Drafted
from fincome_tools.draft.recognition.kinds import KINDS
from fincome_tools.draft.recognition.streams import Stream
from fincome_tools.files.table import Table

_PLAIN = re.compile(r"[A-Za-zÀ-ÿ_][\wÀ-ÿ °'’./()%€$-]*")


def text_of(drafted: Drafted) -> str:
    """Return the whole document: it always loads, and says what it leaves out."""
    lines = ["# A mapping drafted from files by `fincome map`. It loads what is sure; what isn't is asked below."]
    lines += ["version: 1", *_questions(drafted.questions.open), "streams:"]
    for stream in drafted.streams:
        if not isinstance(stream.table.table, ListTable):
            lines += _stream(stream, [one for one in drafted.streams if _is_within(one, stream)])
    return "\n".join(lines) + "\n"


def _questions(questions: list[Question]) -> Iterator[str]:
    if not questions:
        return
    yield "questions:"
    for question in questions:
        yield f"  - id: {_scalar(question.id)}"
        yield f"    text: {_scalar(question.text['en'])}"
        yield f"    texte: {_scalar(question.text['fr'])}"
        if question.columns:
            yield f"    columns: [{', '.join(map(_scalar, question.columns))}]"
        yield "    answers:"
        for key, said in question.answers.items():
            both = dict.fromkeys([said["en"], said["fr"]])
            yield f"      {_scalar(key)}: {_scalar(' / '.join(both))}"
        if question.likely:
            yield f"    likely: {_scalar(question.likely)}"


def _is_within(stream: Stream, other: Stream) -> bool:
    return isinstance(stream.table.table, ListTable) and stream.table.parent is other.table


def _stream(stream: Stream, lists: list[Stream]) -> Iterator[str]:
    table = stream.table
    yield f"  # {table.table.name}: {KINDS[stream.holds]}; {table.table.reading}"
    yield f"  {_scalar(table.table.name)}:"
    if not stream.emissions:
        yield "    ignore: true"
        yield f"    why: {_scalar('the draft takes it for ' + KINDS[stream.holds])}"
        return
    yield "    replace_preset: true"
    yield "    emits:"
    for emission in stream.emissions:
        yield from _emission(emission)
    used = {name for one in stream.emissions for decision in one.fields.values() for name in decision.columns}
    for inner in lists:
        yield f"      # {inner.table.table.name}: {KINDS[inner.holds]}; {inner.table.table.reading}"
        for emission in inner.emissions:
            yield from _emission(emission, inner.table.table)
    if table.telling_credits:
        yield f"    # Credits are told by: {', '.join(table.telling_credits)}."
    if left := [name for name in sources(table.table.columns) if name not in {*used, *table.telling_credits}]:
        yield f"    # Not used: {', '.join(left)}."


def _emission(made: Emission, table: Table | None = None) -> Iterator[str]:
    yield f"      - entity: {made.entity}"
    of_records, of_elements = _conditions(made.when, table)
    if isinstance(table, ListTable):
        yield f"        for_each: {_scalar(quoted(table.column) + (f'[?{of_elements}]' if of_elements else ''))}"
    why = _why(made) or ("a condition is of its record and of its list" if _is_of_both(made.when, table) else "")
    if why:
        yield "        ignore: true"
        yield f"        why: {_scalar(why)}"
    if of_records:
        yield f"        when: {_scalar(of_records)}"
    if made.skip:
        yield "        skip:"
        yield from (f"          {reason}: {_scalar(condition)}" for reason, condition in made.skip.items())
    yield "        fields:" if made.fields else "        fields: {}"
    for name, decision in made.fields.items():
        yield from _field(name, decision)
    for name, question in made.doubts.items():
        yield f"          # {name}: waits for the answer to {question}"
    if made.merge:
        yield f"        merge: {{{', '.join(f'{name}: {how}' for name, how in made.merge.items())}}}"
    if made.once:
        yield f"        set_once: [{', '.join(made.once)}]"


def _conditions(when: str | None, table: Table | None) -> tuple[str | None, str | None]:
    """Return what `when` has of a condition, which is of the record, and what a filter of its list has of it."""
    if not when or not isinstance(table, ListTable):
        return when, None
    parts = parts_of(when)
    of_record = [part.replace(OF_RECORD, "") for part in parts if OF_RECORD in part]
    of_elements = [part for part in parts if OF_RECORD not in part]
    return " && ".join(of_record) or None, " && ".join(of_elements) or None


def _is_of_both(when: str | None, table: Table | None) -> bool:
    """Tell whether a part of a condition reads a record and an element of its list: neither can be asked for it."""
    if not when or not isinstance(table, ListTable):
        return False
    named = OF_RECORD.rstrip(".")
    return any(named in read and read != {named} for part in parts_of(when) if (read := set(columns(part))))


def _why(made: Emission) -> str:
    waiting = sorted({question for question in made.missing.values() if question})
    lacking = [name for name, question in made.missing.items() if not question]
    parts = []
    if waiting:
        parts.append(f"waits for the answers to {', '.join(waiting)}")
    if lacking:
        parts.append(f"no column gives {', '.join(lacking)}")
    return "; ".join(parts)


def _field(name: str, decision: Decision) -> Iterator[str]:
    comment = f"  # sure: {decision.reason}" if decision.reason else ""
    if isinstance(decision.expression, dict):
        yield f"          {name}:{comment}"
        for key, value in decision.expression.items():
            if isinstance(value, Mapping):
                yield f"            {key}:"
                yield from (f"              {_scalar(str(word))}: {_scalar(str(one))}" for word, one in value.items())
            else:
                yield f"            {key}: {_scalar(str(value))}"
        return
    yield f"          {name}: {_scalar(decision.expression)}{comment}"


def _scalar(value: str) -> str:
    """Write a text as YAML has it: plain where nothing can be misread."""
    if _PLAIN.fullmatch(value) and not value.endswith(" ") and ": " not in value and " #" not in value:
        return value
    return json.dumps(value, ensure_ascii=False)
