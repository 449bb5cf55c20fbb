"""Exports for measuring only: whoever works on the draft doesn't look at them, nor at what they are measured by."""

from __future__ import annotations

from integration_tests.exports.export import Export
from integration_tests.exports.held_back import (
    billing,
    english,
    enterprise,
    french,
    german,
    others,
    registers,
    southern,
)

HELD_BACK: tuple[Export, ...] = (
    *french.EXPORTS,
    *german.EXPORTS,
    *southern.EXPORTS,
    *english.EXPORTS,
    *others.EXPORTS,
    *billing.EXPORTS,
    *enterprise.EXPORTS,
    *registers.EXPORTS,
)
