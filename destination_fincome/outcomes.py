"""The closed set of what becomes of a record."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache

from msgspec import Struct

from destination_fincome.codes import Code


class Outcome(IntEnum):
    """How a record or an object ended. Of a record with several objects, the greatest is its outcome."""

    SKIPPED = 0
    UNCHANGED = 1
    SETTLED = 2  # taken out of Fincome's figures, as it is void in the source
    SENT = 3
    REJECTED = 4


class Reason(Struct, frozen=True, array_like=True, gc=False):
    """Why something was skipped or rejected.

    Attributes:
        code: what kind of reason it is.
        text: in words, without values and without ids: what is wrong with a thousand objects is one reason.
        field: the field at fault, if one is.
        about: the other object that the text speaks of, with its id: `customer cus_1`.
        of_form: Fincome doesn't take the form of the object, whatever its values: a field that it doesn't know, one
            that it wants, another type.
        whole: the same with all that was said; for the stored record only.
    """

    code: Code
    text: str
    field: str | None = None
    about: str = ""
    of_form: bool = False
    whole: str | None = None

    @property
    def in_full(self) -> str:
        """The words about one object, with the other object that they speak of."""
        return f"{self.text}: {self.about}" if self.about else self.text

    @property
    def kind(self) -> ReasonKind:
        """What it shares with the reason of other objects for the same cause."""
        return self.code, *_kind(self.field or "", self.text)


ReasonKind = tuple[Code, str, str]
"""Code, field and words without what tells two objects apart: places in lists (`lines.amount` for `lines.7.amount`),
and words with a digit, which may be an id that Fincome quotes."""

_PLACE = re.compile(r"\.\d+(?=\.|$)")


@lru_cache(maxsize=1 << 10)
def _kind(field: str, text: str) -> tuple[str, str]:
    words = ("…" if any(map(str.isdigit, word)) else word for word in text.split())
    return _PLACE.sub("", field), " ".join(words)


SUPERSEDED = Reason(Code.SUPERSEDED, "another version of the same id in this sync is newer")
ALREADY_EXISTS = Reason(Code.ALREADY_EXISTS, "it exists in Fincome already, and is only to be created (create_only)")
