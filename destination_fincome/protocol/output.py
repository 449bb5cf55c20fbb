"""Standard output: whole lines, flushed, log lines and messages in one order (platform.md 11, 12, 20)."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Mapping
from typing import IO, Any

import orjson
from airbyte_cdk.logger import AirbyteLogFormatter
from airbyte_cdk.utils.airbyte_secrets_utils import filter_secrets

LOGGER = logging.getLogger("airbyte")


class Output:
    """The one way to stdout. A line is written and flushed whole, whichever thread writes it.

    The flush after each message is what makes the platform see a state when it leaves, not when the process ends.
    """

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream = stream or sys.stdout
        self._lock = threading.Lock()

    def message(self, message: Mapping[str, Any]) -> None:
        """Write one message that carries no text of ours: a state, a spec."""
        self.line(orjson.dumps(message).decode())

    def text(self, message: Mapping[str, Any]) -> None:
        """Write one message with words in it (a status, a trace): secrets of the config are masked."""
        self.line(filter_secrets(orjson.dumps(message).decode()))

    def line(self, line: str) -> None:
        """Write one line and flush it."""
        with self._lock:
            self._stream.write(line + "\n")
            self._stream.flush()

    def flush(self) -> None:
        """Notice a broken stdout at the end: a log line that could not be written has been passed over in silence.

        Raises:
            BrokenPipeError: nobody reads any more.
        """
        with self._lock:
            self._stream.flush()


class LogHandler(logging.Handler):
    """Sends log records through an `Output`, as LOG messages with the config's secrets masked."""

    def __init__(self, output: Output) -> None:
        super().__init__()
        self.setFormatter(AirbyteLogFormatter("%(message)s"))
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a broken stdout is the command's to notice, at its next message."""
        try:
            self._output.line(self.format(record))
        except (BrokenPipeError, ValueError):
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the name is logging's)
        """Say nothing: a traceback about a log line that could not be written helps nobody."""


def log_through(output: Output) -> None:
    """Route all logging of the process through `output`, in place of the CDK's buffered handler."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    LOGGER.handlers.clear()
    root.addHandler(LogHandler(output))
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = True
