"""Parts of a page in Markdown."""

from __future__ import annotations

import re


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of a page whose info string is this one."""
    return re.findall(rf"^```{re.escape(language)}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def without_blocks(text: str) -> str:
    """Return a page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def headings(text: str, level: str = "#+") -> list[str]:
    """Return the headings of a page, of all levels or of one (`##`)."""
    return re.findall(rf"^{level} (.+)$", without_blocks(text), re.MULTILINE)


def links(text: str) -> list[str]:
    """Return what the links of a page lead to."""
    return re.findall(r"\]\(([^)\s]+)\)", without_blocks(text))


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    return {re.sub(r"[^\w\- ]", "", one.strip().lower()).replace(" ", "-") for one in headings(text)}
