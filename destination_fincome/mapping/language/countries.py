"""What becomes of a country that country() can't tell, in the expression of a field: it is told, and not dropped."""

from __future__ import annotations

from collections.abc import Iterator

_CALL = "country("
_OPEN, _CLOSE, _QUOTES = "([{", ")]}", "'\"`"


def told_countries(text: str) -> str:
    """Return an expression that gives what was written where country() finds no country in it.

    The field's own type then finds none either, and whoever maps the record can say so.
    """
    written = [*_arguments(text)]
    return f"coalesce({text}, {', '.join(written)})" if written else text


def _arguments(text: str) -> Iterator[str]:
    """Yield the arguments of all calls of country(), as they are written."""
    place = text.find(_CALL)
    while place >= 0:
        begin = place + len(_CALL)
        end = _end(text, begin)
        if end > begin and not text[:place].endswith(tuple("_abcdefghijklmnopqrstuvwxyz")):
            yield text[begin:end]
        place = text.find(_CALL, end)


def _end(text: str, begin: int) -> int:
    """Return where the bracket closes that was opened before a place; the place itself, if none does."""
    depth, quote = 0, ""
    for place in range(begin, len(text)):
        letter = text[place]
        if quote:
            quote = "" if letter == quote and text[place - 1] != "\\" else quote
        elif letter in _QUOTES:
            quote = letter
        elif letter in _OPEN:
            depth += 1
        elif letter in _CLOSE and depth:
            depth -= 1
        elif letter in _CLOSE:
            return place
    return begin
