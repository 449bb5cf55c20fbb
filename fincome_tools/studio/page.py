"""The page, made of a view: everything that comes from files is escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from fincome_tools.draft.recognition.streams import Stream
from fincome_tools.draft.report import FIRST_ROW_ONLY, first_row_only
from fincome_tools.studio.french import MEANINGS, in_french
from fincome_tools.studio.session import SAMPLE_ROWS, View
from fincome_tools.studio.words import LANGUAGES, amount, says
from fincome_tools.templates import environment_of

_KINDS = {"studio.css": "text/css", "studio.js": "text/javascript", "icon.svg": "image/svg+xml"}
STATIC: Mapping[str, tuple[bytes, str]] = {
    name: (files("fincome_tools.studio").joinpath("static", name).read_bytes(), kind) for name, kind in _KINDS.items()
}
_ENVIRONMENT = environment_of("fincome_tools.studio")


@dataclass(frozen=True)
class Column:
    """A row of the table of columns."""

    name: str
    values: str
    becomes: str
    state: str
    reason: str


def render(view: View, language: str) -> str:
    """Return the page in a language."""
    return _ENVIRONMENT.get_template("studio.html").render(
        view=view,
        streams=view.drafted.streams if view.drafted else [],
        questions=view.drafted.questions.open if view.drafted else [],
        says=says(language),
        language=language,
        languages=LANGUAGES,
        columns=_columns,
        hint=lambda stream: _hint(stream, language),
        amount=lambda value: amount(value, language),
        money=lambda text: _money(text, language),
        spoken=in_french if language == "fr" else _as_it_is,
        meaning=lambda told: _meaning(told, language),
        sample_rows=SAMPLE_ROWS,
        points=_bars(view),
    )


def _hint(stream: Stream, language: str) -> str:
    """Return what to do about a table that is taken for nothing."""
    name = first_row_only(stream)
    return FIRST_ROW_ONLY[language].format(column=name) if name else ""


def _as_it_is(text: str, between: str = "") -> str:
    return text


def _money(text: str, language: str) -> str:
    """Return a text with its amounts written as readers of a language do."""
    return re.sub(r"-?\d+\.\d+", lambda found: amount(found[0], language), text)


def _meaning(told: Mapping[str, Any], language: str) -> str:
    """Return what a reason or a warning of the summary means; a rejection's own words say what is wrong with it."""
    french = MEANINGS.get(str(told["code"])) if language == "fr" else None
    if french is None:
        return str(told["text"])
    return f"{french} (en anglais\u00a0: {told['text']})" if told.get("outcome") == "rejected" else french


def _columns(stream: Stream, words: Mapping[str, str]) -> list[Column]:
    """Return what each column of a table is for, with the reason."""
    given: dict[str, dict[str, str]] = {}
    for emission in stream.emissions:
        for name, decision in emission.fields.items():
            for column in decision.columns:
                given.setdefault(column, {})[f"{words[emission.entity]}: {name}"] = decision.reason
    asked = {column for question in stream.table.questions.open for column in question.columns}
    found = []
    for name in stream.table.table.columns:
        fields = given.get(name, {})
        state = "sure" if fields else "to_check" if name in asked else "not_used"
        values = ", ".join(str(value) for value, _ in stream.table.profiles[name].values.most_common(3))
        found.append(Column(name, values, "; ".join(fields), words[state], next(iter(fields.values()), "")))
    return found


def _bars(view: View) -> list[tuple[str, str, str, int]]:
    """Return the MRR's months with a height in percent of the highest."""
    most = max((float(value) for _, _, value in view.result.mrr), default=0)
    return [
        (month, currency, value, round(100 * float(value) / most) if most > 0 and float(value) > 0 else 0)
        for month, currency, value in view.result.mrr
    ]
