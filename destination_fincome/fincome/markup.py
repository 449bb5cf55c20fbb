"""Text out of HTML: some sources give descriptions as they stand on their pages."""

from __future__ import annotations

import html
import re

# Tags that are HTML's; what is merely between angle brackets stays.
_BLOCKS = "p|br|div|ul|ol|li|h[1-6]|table|thead|tbody|tr|td|th|hr|blockquote|pre"
_INLINE = "b|i|u|s|a|em|strong|span|font|small|big|sub|sup|code|strike|del|ins|mark|center|img"
_ENDS = r"(?:\s[^<>]*)?/?>"
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCKS}){_ENDS}", re.IGNORECASE)
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE}){_ENDS}", re.IGNORECASE)
# What is never shown.
_HIDDEN = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_ENTITY = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,30}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_BLANKS = re.compile(r"[ \t\u00a0]+")


def without_markup(text: str) -> str:
    """Return what a text says without its HTML; a text that has none is returned as it is."""
    if "<" not in text and "&" not in text:
        return text
    shown = _BLOCK_TAG.sub("\n", _INLINE_TAG.sub("", _HIDDEN.sub("", text)))
    plain = _ENTITY.sub(lambda entity: html.unescape(entity[0]), shown)
    if plain == text:
        return text
    lines = (_BLANKS.sub(" ", line).strip() for line in plain.splitlines())
    return "\n".join(line for line in lines if line)
