"""The summary as a file: for whoever runs the connector, and wants all of its control totals."""

from __future__ import annotations

import os
from pathlib import Path

from destination_fincome.failure import ConfigFailure


class SummaryFile:
    """A file that has the summary of the last sync, whole or not at all.

    Args:
        path: where it is; what is there is replaced.
    """

    def __init__(self, path: Path) -> None:
        """Make sure that it can be written, before anything is sent.

        Raises:
            ConfigFailure: it can't be; in words for the user.
        """
        self._path = path
        self._unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            self._unfinished.write_bytes(b"")
            self._unfinished.unlink()
            if path.is_dir():
                raise IsADirectoryError(0, "it is a folder")
        except OSError as error:
            raise ConfigFailure(f"`--summary`: {path} can't be written ({error.strerror}).") from error

    def write(self, document: bytes) -> None:
        """Write it.

        Raises:
            OSError: it can't be written any more; what was there is untouched.
        """
        self._unfinished.write_bytes(document)
        self._unfinished.replace(self._path)
