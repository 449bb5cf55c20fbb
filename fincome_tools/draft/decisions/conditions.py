"""Conditions in the mapping language, taken apart into those that all have to be true."""

from __future__ import annotations

from collections.abc import Iterator

_OPENED, _CLOSED, _QUOTES = "([{", ")]}", "'\"`"


def parts_of(condition: str) -> list[str]:
    """Return what a condition has joined by `&&`; `!(a || b)` is `!(a)` and `!(b)`."""
    plain = condition.strip()
    if len(either := list(_split(plain, "||"))) > 1:
        return [plain]
    if len(parts := list(_split(plain, "&&"))) > 1:
        return [one for part in parts for one in parts_of(part)]
    if _is_within(plain):
        return parts_of(plain[1:-1])
    if plain.startswith("!") and _is_within(inner := plain[1:].strip()):
        either = list(_split(inner[1:-1], "||"))
        return [f"!({one.strip()})" for one in either] if len(either) > 1 else [plain]
    return [plain]


def _is_within(text: str) -> bool:
    """Tell whether one pair of parentheses stands around all of a text."""
    return text.startswith("(") and next(_ends(text), None) == len(text) - 1


def _ends(text: str) -> Iterator[int]:
    """Yield the places where no bracket is open any more."""
    return (at for at, sign, depth in _outside(text) if sign in _CLOSED and depth == 0)


def _split(text: str, joint: str) -> Iterator[str]:
    """Yield the parts between joints that stand in no brackets and no quotes."""
    begin = 0
    for at, _, depth in _outside(text):
        if depth == 0 and at >= begin and text.startswith(joint, at):
            yield text[begin:at]
            begin = at + len(joint)
    yield text[begin:]


def _outside(text: str) -> Iterator[tuple[int, str, int]]:
    """Yield the signs that stand in no quotes, with their places and how many brackets are open behind them."""
    depth, quote, at = 0, "", 0
    while at < len(text):
        sign = text[at]
        if quote:
            at += sign == "\\"  # What follows is itself.
            quote = "" if sign == quote else quote
        elif sign in _QUOTES:
            quote = sign
        else:
            depth += (sign in _OPENED) - (sign in _CLOSED)
            yield at, sign, depth
        at += 1
