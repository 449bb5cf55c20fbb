"""Answers to questions about an earlier file of the same export, or to a table that had a longer name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fincome_tools.draft.columns.table_names import stem


class OlderAnswers:
    """Finds answers by what their ids are called now.

    An id begins with its table's name. Once that was all of it, with the date of the file; so an answer for
    `invoices_2026-11` is one for `invoices`. Two that contradict each other are none.
    """

    def __init__(self, given: Mapping[str, str], names: Mapping[str, str]) -> None:
        self._answers: dict[str, set[str]] = {}
        self._named: dict[str, list[str]] = {}
        tables: dict[tuple[str, ...], list[str]] = {}
        for name, called in names.items():
            tables.setdefault(stem(name), []).append(called)
        for identity, answer in given.items():
            self._named[identity] = [*_ids(identity, names, tables)]
            for one in self._named[identity]:
                self._answers.setdefault(one, set()).add(answer)
        # The table's own name, as it is now, goes before those of other files.
        own: dict[str, set[str]] = {}
        for name, called in names.items():
            for identity, answer in given.items():
                if identity.startswith(f"{name}."):
                    own.setdefault(called + identity[len(name) :], set()).add(answer)
        self._answers |= own

    def of(self, identity: str) -> str | None:
        """Return the answer to a question that was asked under another name."""
        found = self._answers.get(identity, set())
        return next(iter(found)) if len(found) == 1 else None

    def named(self, identity: str) -> list[str]:
        """Return what the question of an answer may be called now."""
        return self._named.get(identity, [])


def _ids(identity: str, names: Mapping[str, str], tables: Mapping[tuple[str, ...], list[str]]) -> Iterator[str]:
    """Yield what a question's id may be now: its table is told by the longest beginning that is called as one."""
    for place in sorted((at for at, sign in enumerate(identity) if sign == "."), reverse=True):
        name, rest = identity[:place], identity[place:]
        called = [names[name]] if name in names else tables.get(stem(name) or (name,), [])
        if called:
            yield from (f"{one}{rest}" for one in called)
            return
