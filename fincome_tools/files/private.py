"""Files without a name, for what is read as long as somebody has the tables that it came from."""

from __future__ import annotations

import tempfile
import weakref


class PrivateFile:
    """A temporary file that nobody else can open; it is closed when nobody refers to this object any more.

    Attributes:
        content: the file, open for reading and writing.
    """

    def __init__(self) -> None:
        self.content = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the finalizer
        weakref.finalize(self, self.content.close)
