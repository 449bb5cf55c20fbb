"""What a function of the mapping language says of a value that it can't work with."""

from __future__ import annotations

from destination_fincome.codes import Code


class ValueFault(ValueError):
    """A value that a function can't work with; says what was expected, never what was there.

    Attributes:
        code: of the reason: INVALID_VALUE or UNKNOWN_VALUE.
    """

    def __init__(self, problem: str, code: Code = Code.INVALID_VALUE) -> None:
        super().__init__(problem)
        self.code = code
