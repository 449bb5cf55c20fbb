"""The closed set of what becomes of a record."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from destination_fincome.codes import Code


class Outcome(IntEnum):
    """How a record or an object ended. Of a record with several objects, the greatest is its outcome."""

    SKIPPED = 0
    UNCHANGED = 1
    SETTLED = 2  # taken out of Fincome's figures, as it is void in the source
    SENT = 3
    REJECTED = 4


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was skipped or rejected: a stable code, the field if one is at fault, and words without values."""

    code: Code
    text: str
    field: str | None = None


SUPERSEDED = Reason(Code.SUPERSEDED, "another version of the same id in this sync is newer")
ALREADY_EXISTS = Reason(Code.ALREADY_EXISTS, "it exists in Fincome already, and is only to be created (create_only)")
