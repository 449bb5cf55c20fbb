"""Numbers of things in messages for people."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

LIKENESS = 0.6
"""How much like a name another one has to be to be told in its place, from 0 to 1."""


def counted(number: int, one: str, several: str = "", *, form: str = "") -> str:
    """Write how many there are: "1 record", "2 records".

    Args:
        one: what one of them is called, with what depends on it: "object is".
        several: the same of several; without it `one` and an s.
        form: how the number is written, as in a format string: "," groups its digits.
    """
    return f"{number:{form}} {one if number == 1 else several or f'{one}s'}"


def counted_objects(number: int, entity: str, *, form: str = "") -> str:
    """Write how many objects of an entity (`invoice_lines`) there are: "1 invoice line"; `form` as in `counted`."""
    return counted(number, one_of(entity), several_of(entity), form=form)


def one_of(entity: str) -> str:
    """Return what one object of an entity (`invoice_lines`) is called: "invoice line"."""
    return several_of(entity.removesuffix("s"))


def several_of(entity: str) -> str:
    """Return what objects of an entity (`invoice_lines`) are called: "invoice lines"."""
    return entity.replace("_", " ")


def did_you_mean(
    name: str, known: Iterable[str], form: str = "`{}`", *, most: int = 1, likeness: float = LIKENESS
) -> str:
    """Return what ends a message about a name that isn't known: "; did you mean `fields`?", or nothing.

    Args:
        known: the names that there are; case doesn't count.
        form: how a name is written.
        most: how many names may be told, those that are most like it first.
        likeness: how much like it they have to be, from 0 to 1.
    """
    names = {one.lower(): one for one in known}
    near = [form.format(names[one]) for one in get_close_matches(name.lower(), names, most, likeness)]
    return f"; did you mean {' or '.join(near)}?" if near else ""
