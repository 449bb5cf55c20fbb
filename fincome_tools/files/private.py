"""Files without a name, for what is read as long as somebody has the tables that it came from."""

from __future__ import annotations

import tempfile
import threading
import weakref


class PrivateFile:
    """A temporary file that nobody else can open; it is closed when nobody refers to this object any more.

    Attributes:
        content: the file, open for reading and writing.
        lock: whoever reads in turns with others holds it from seeking to reading.
    """

    def __init__(self) -> None:
        self.content = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the finalizer
        self.lock = threading.Lock()
        weakref.finalize(self, self.content.close)
