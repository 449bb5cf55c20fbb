"""What a function of the mapping language says of a value that it can't work with."""

from __future__ import annotations


class ValueFault(ValueError):
    """A value that a function can't work with; says what was expected, never what was there.

    Attributes:
        code: stable code of the reason: `invalid_value` or `unknown_value`.
    """

    def __init__(self, problem: str, code: str = "invalid_value") -> None:
        super().__init__(problem)
        self.code = code
