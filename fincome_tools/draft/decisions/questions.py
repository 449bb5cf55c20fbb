"""What a draft asks: few questions, each with its possible answers; an answered one is a decision like any other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from destination_fincome.failure import ConfigFailure
from fincome_tools.draft.columns.nested import sources
from fincome_tools.draft.decisions.older_answers import OlderAnswers

_OF_ONE_TABLE = frozenset({"kind", "credits", "canceled"})
"""What is asked of what a table's documents are: of months of one export, too, one may hold credits."""

Words = Mapping[str, str]
"""A text by its language: `en` and `fr`."""


class Other(NamedTuple):
    """Answers that can't be listed, such as a rate.

    Attributes:
        what: what they are, in words.
        fits: whether a text is one.
    """

    what: str
    fits: Callable[[str], bool]


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        id: the same for the same files: answers go by it.
        text: what is asked.
        columns: what it is about.
        answers: the possible ones by their keys, each in words.
        other: what else is an answer; None if nothing is.
        likely: the answer that a person would probably give.
    """

    id: str
    text: Words
    columns: tuple[str, ...]
    answers: Mapping[str, Words]
    other: Other | None = None
    likely: str | None = None

    def __post_init__(self) -> None:
        """Name the columns as the file has them."""
        object.__setattr__(self, "columns", sources(self.columns))

    @property
    def is_open(self) -> bool:
        """Whether there are answers beside the listed ones."""
        return self.other is not None

    def takes(self, answer: str) -> bool:
        """Tell whether a text is an answer."""
        return answer in self.answers or (self.other is not None and self.other.fits(answer))


@dataclass
class Questions:
    """What is asked, and what was answered.

    Attributes:
        given: answers by the questions' ids, written for these files or for earlier ones of the same export.
        names: what tables are called in ids, without dates and numbers of their files' names where they are alone so.
        open: what isn't answered yet.
        differ: tables that are called alike were asked about with other possible answers.
    """

    given: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    open: list[Question] = field(default_factory=list)
    answered: dict[str, str] = field(default_factory=dict)
    differ: bool = False

    def __post_init__(self) -> None:
        """Find the answers that were given under other names of these tables."""
        self._older = OlderAnswers(self.given, self.names)
        counts = Counter(self.names.values())
        self._shared = {name: called for name, called in self.names.items() if counts[called] > 1}
        self._asked: dict[str, Question] = {}

    def called(self, table: str) -> str:
        """Return what a table alone is called in what has to last until the next file."""
        return table if table in self._shared else self.names.get(table, table)

    def id_of(self, table: str, *parts: str) -> str:
        """Return the id of a question about a table, or about all that are called alike."""
        is_of_all = parts[0] not in _OF_ONE_TABLE
        return ".".join([self.names.get(table, table) if is_of_all else self.called(table), *parts])

    def ask(self, question: Question) -> str | None:
        """Return the answer; None if there is none yet.

        Raises:
            ConfigFailure: the answer isn't one of the possible ones.
        """
        question = self._of_all(question)
        answer = self.given.get(question.id)
        if answer is None:
            older = self._older.of(question.id)
            answer = older if older is not None and question.takes(older) else None
        if answer is None:
            if all(question.id != one.id for one in self.open):
                self.open.append(question)
            return None
        if not question.takes(answer):
            known = ", ".join(question.answers)
            other = f"; or {question.other.what}" if question.other else ""
            raise ConfigFailure(f"The answer to {question.id} must be one of {known}{other}.")
        self.answered[question.id] = answer
        return answer

    def _of_all(self, question: Question) -> Question:
        """Return a question as it is asked of all tables that are called alike: by what they are called."""
        known = self._asked.setdefault(question.id, question)
        # A currency, which isn't a table's, is asked of several.
        if "." in question.id and (known.answers.keys(), known.likely) != (question.answers.keys(), question.likely):
            self.differ = True
        text = question.text
        for name, called in self._shared.items():
            text = {language: said.replace(name, called) for language, said in text.items()}
        return replace(question, text=text) if text != question.text else question

    def withdraw(self, identity: str) -> None:
        """Take back a question that something else has answered since."""
        self.open = [one for one in self.open if one.id != identity]

    def withdraw_all(self, beginning: str) -> None:
        """Take back the questions whose ids begin so."""
        self.open = [one for one in self.open if not one.id.startswith(beginning)]

    def unused(self) -> list[str]:
        """Return the ids of answers that nothing asked for."""
        return [one for one in self.given if self.answered.keys().isdisjoint((one, *self._older.named(one)))]


def words(en: str, fr: str) -> Words:
    """Return a text in both languages."""
    return {"en": en, "fr": fr}


def answers(**texts: tuple[str, str]) -> Mapping[str, Words]:
    """Return possible answers by their keys."""
    return {key: words(*text) for key, text in texts.items()}


def columns_or_none(names: Iterable[str]) -> Mapping[str, Words]:
    """Return the answers to which of some columns is meant: each of them, or none."""
    return {**{name: words(name, name) for name in names}, **answers(none=("none of them", "aucune"))}
