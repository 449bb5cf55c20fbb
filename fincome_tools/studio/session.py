"""What one person works on: files, answers, a text, and what it makes of the files; first of a sample, then of all."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from destination_fincome.failure import ConfigFailure, ConnectorFailure
from fincome_tools.draft.columns.kept import KeptTable
from fincome_tools.draft.decisions.questions import Question
from fincome_tools.draft.objects import Drafted, draft, prepared
from fincome_tools.draft.text import text_of
from fincome_tools.files.reading import Files, read_files
from fincome_tools.files.table import Row, Table
from fincome_tools.studio.results import Result, first_rows, result_of

SAMPLE_ROWS = 1000
_ROWS_AT_ONCE = 500
_LONGEST_END = 10.0  # Seconds: whoever closes the studio waits for no work.


class Superseded(Exception):
    """Something has changed since: what is being worked out is of no use any more."""


@dataclass(frozen=True)
class View:
    """What the page shows, made at once so that its parts fit each other.

    Attributes:
        revision: rises with every change.
        problems: files that can't be read, by name.
        refused: what was answered last and is no answer, by question.
        effects: for each open question and answer, the MRR that it would give, on the sample.
        is_whole: the result is of all rows.
        is_edited: the text was changed by hand.
        before: the result before the last change.
    """

    revision: int = 0
    names: tuple[str, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    drafted: Drafted | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    effects: Mapping[tuple[str, str], str] = field(default_factory=dict)
    text: str = ""
    is_edited: bool = False
    result: Result = field(default_factory=Result)
    before: Result | None = None
    is_whole: bool = False
    sandbox: str | None = None
    is_loading: bool = False


class Session:
    """Keeps the files in a private folder, which is gone with it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="fincome-studio-"))
        self._lock = threading.Lock()
        self._read: dict[str, Files | str] = {}
        self._files = Files(())
        self._view = View()
        self._serial = 0
        self._ended = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._prepared: dict[Table, KeptTable] = {}
        self._behind: list[threading.Thread] = []

    def close(self) -> None:
        """Forget everything."""
        self._ended.set()
        for thread in self._behind:
            thread.join(_LONGEST_END)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def view(self) -> View:
        """What is known now."""
        return self._view

    @property
    def paths(self) -> list[Path]:
        """The files that can be read, as they lie here."""
        return [self.folder / name for name, one in self._read.items() if isinstance(one, Files)]

    # --- changes

    def add(self, name: str, content: bytes) -> None:
        """Take a file in; one of the same name takes its place."""
        safe = Path(name.replace("\\", "/")).name or "file"
        path = self.folder / safe
        self._supersede()
        path.write_bytes(content)
        path.chmod(0o600)
        self._read[safe] = _read(path)
        self._changed()

    def remove(self, name: str) -> None:
        """Forget a file."""
        if self._read.pop(name, None):
            self._supersede()
            (self.folder / name).unlink(missing_ok=True)
        self._changed()

    def answer(self, question: str, answer: str | None) -> None:
        """Answer a question, or take an answer back."""
        answers = {key: value for key, value in self._view.answers.items() if key != question}
        self._changed(answers if answer is None else {**answers, question: answer})

    def edit(self, text: str | None) -> None:
        """Take a text that was changed by hand; None: back to the draft."""
        self._changed(edited=text)

    def _supersede(self) -> None:
        """Let what goes on behind end: the files that it reads are about to be others."""
        with self._lock:
            self._serial += 1

    def _changed(self, answers: Mapping[str, str] | None = None, edited: str | None = None) -> None:
        """Make everything anew on the first rows at once, and on all rows behind it."""
        self._idle.clear()  # What goes on behind waits.
        try:
            self._show(answers, edited)
        finally:
            self._idle.set()

    def _show(self, answers: Mapping[str, str] | None, edited: str | None) -> None:
        with self._lock:
            old = self._view
            files = self._files = Files(
                tuple(t for one in self._read.values() if isinstance(one, Files) for t in one.tables)
            )
            self._serial += 1
            blank = View(
                old.revision + 1,
                tuple(self._read),
                {name: one for name, one in self._read.items() if isinstance(one, str)},
                answers=old.answers if answers is None else answers,
                is_edited=edited is not None,
                before=old.result if old.drafted else None,
                sandbox=old.sandbox,
            )
            view = self._view = _made(blank, first_rows(files, SAMPLE_ROWS), edited)
        thread = threading.Thread(target=self._go_on, args=(self._serial, view, files, edited), daemon=True)
        self._behind = [*(one for one in self._behind if one.is_alive()), thread]
        thread.start()

    # --- behind

    def _go_on(self, serial: int, view: View, files: Files, edited: str | None) -> None:
        """Draft by all rows, and then find out what each answer would give; stop if something else changes."""
        with suppress(Superseded):
            if files.tables:
                try:
                    self._work_out(serial, view, files, edited)
                except (ConnectorFailure, OSError):
                    self._pause(serial)  # A file may have been replaced while it was read.
                    raise

    def _pause(self, serial: int) -> None:
        """Wait while somebody waits for the page.

        Raises:
            Superseded: something has changed since.
        """
        while not (self._idle.wait(1) or self._ended.is_set()):
            pass
        if self._ended.is_set() or serial != self._serial:
            raise Superseded

    def _kept(self, serial: int, files: Files) -> Files:
        """Return the tables with their columns in memory, as they are for all drafts of the same files."""
        pause = partial(self._pause, serial)
        known = {}
        for table in files.tables:
            known[table] = self._prepared.get(table) or prepared(replace(table, read=partial(_paused, table, pause)))
        self._prepared = known
        tables = (replace(one, pause=pause) for one in known.values())
        return replace(files, tables=tuple(tables))

    def _work_out(self, serial: int, view: View, files: Files, edited: str | None) -> None:
        paused = (replace(one, read=partial(_paused, one, partial(self._pause, serial))) for one in files.tables)
        whole = _made(view, replace(files, tables=tuple(paused)), edited, self._kept(serial, files))
        if not self._update(serial, drafted=whole.drafted, text=whole.text, result=whole.result, is_whole=True):
            return
        sample, effects = first_rows(files, SAMPLE_ROWS), dict[tuple[str, str], str]()
        for question in whole.drafted.questions.open if whole.drafted else ():
            for answer in question.answers:
                self._pause(serial)
                effects[question.id, answer] = _effect(whole, question, answer, sample)
            self._update(serial, effects=dict(effects))

    def _update(self, serial: int, **changes: Any) -> bool:
        """Change what is shown, if nothing else has changed since."""
        with self._lock:
            if serial == self._serial:
                self._view = replace(self._view, revision=self._view.revision + 1, **changes)
            return serial == self._serial

    def show_sandbox(self, address: str | None, *, is_loading: bool) -> None:
        """Show where the sandbox is, and whether it is being loaded."""
        with self._lock:
            self._view = replace(self._view, revision=self._view.revision + 1, sandbox=address, is_loading=is_loading)


def _read(path: Path) -> Files | str:
    """Return what a file holds, or why it can't be read; all of it is looked at."""
    try:
        found = read_files([path])
        for table in found.tables:
            for _ in table.read():
                pass
    except ConnectorFailure as failure:
        return failure.message
    return found


def _paused(table: Table, pause: Callable[[], None]) -> Iterator[Row]:
    """Yield the rows of a table, with pauses."""
    for place, row in enumerate(table.read()):
        if place % _ROWS_AT_ONCE == 0:
            pause()
        yield row


def _made(view: View, files: Files, edited: str | None, kept: Files | None = None) -> View:
    """Return a view with what its files become.

    Args:
        kept: the same, prepared for drafts.
    """
    if not files.tables:
        return view
    drafted, answers = _drafted(kept or files, view.answers)
    text = text_of(drafted) if edited is None else edited
    refused = {key: answer for key, answer in view.answers.items() if key not in answers} or view.refused
    return replace(view, drafted=drafted, answers=answers, refused=refused, text=text, result=result_of(text, files))


def _effect(view: View, question: Question, answer: str, sample: Files) -> str:
    """Return the MRR if a question is answered so, and the others as is likely."""
    assert view.drafted is not None
    likely = {one.id: one.likely or next(iter(one.answers)) for one in view.drafted.questions.open}
    try:
        drafted = draft(sample.tables, {**likely, **view.answers, question.id: answer})
    except ConfigFailure:
        return ""
    return result_of(text_of(drafted), sample).mrr_at_end() or ""


def _drafted(files: Files, answers: Mapping[str, str]) -> tuple[Drafted, Mapping[str, str]]:
    """Draft, without answers that are none of the possible ones."""
    kept = dict(answers)
    while True:
        try:
            return draft(files.tables, kept), kept
        except ConfigFailure:
            if not kept:
                raise
            kept.popitem()
