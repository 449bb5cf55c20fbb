"""Standard output: whole lines, flushed, log lines and messages in one order.

The CDK is imported by those who log or mask secrets: the SPEC message goes without it.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, Any, NoReturn

import orjson

LOGGER = logging.getLogger("airbyte")

# What breaks a line, moves a cursor or turns the direction of text, where a platform shows a message as it is.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """Write what a terminal would obey as escapes: ids in messages come from outside."""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class OutputLost(Exception):
    """Nothing can be written to stdout, for another reason than that nobody reads it."""


class Output:
    """The one way to stdout. A line is written and flushed whole, whichever thread writes it.

    The flush after each message is what makes the platform see a state when it leaves, not when the process ends.

    Each of its methods raises BrokenPipeError when nobody reads any more, and OutputLost when stdout can't be written.
    """

    def __init__(self, stream: IO[str] | None = None) -> None:
        stream = stream or sys.stdout
        if stream is None:  # so Python says that the descriptor is closed
            raise OutputLost("it is closed")
        self._stream = stream
        self._lock = threading.Lock()
        self._begun: float | None = None  # the write under way

    def message(self, message: Mapping[str, Any]) -> None:
        """Write one message that carries no text of ours: a state, a spec."""
        self.line(orjson.dumps(message).decode())

    def text(self, message: Mapping[str, Any]) -> None:
        """Write one message with words in it (a status, a trace): secrets of the config are masked."""
        from airbyte_cdk.utils.airbyte_secrets_utils import filter_secrets

        self.line(filter_secrets(orjson.dumps(message).decode()))

    def line(self, line: str) -> None:
        """Write one line and flush it."""
        with self._writing():
            self._stream.write(line + "\n")
            self._stream.flush()

    def flush(self) -> None:
        """Notice a broken stdout at the end: a log line that could not be written has been passed over in silence."""
        with self._writing():
            self._stream.flush()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            self._begun = time.monotonic()
            try:
                yield
            except BrokenPipeError:
                raise
            except OSError as error:
                raise OutputLost(error.strerror or "it failed") from error
            finally:
                self._begun = None

    def end_if_nobody_reads(self, seconds: float) -> None:
        """End the process, from now on, when one write takes so long: nobody reads, and nobody could be told.

        For a process that was told to end. What waits in a full pipe can't be interrupted.
        """
        now = time.monotonic()

        def watch() -> None:
            while True:
                time.sleep(seconds / 10)
                begun = self._begun
                if begun is not None and time.monotonic() - max(begun, now) >= seconds:
                    _end_without_output("nobody reads it")

        threading.Thread(target=watch, daemon=True).start()


@contextmanager
def ended_when_output_is_lost() -> Iterator[None]:
    """End the process with exit code 1 when stdout can't be written in the block.

    If the platform has gone (a broken pipe), nobody is there for a word. Else stderr is the only place left for one.
    At once: Python would try to write what is left, and tell of it in a traceback.
    """
    try:
        yield
    except BrokenPipeError:
        os._exit(1)
    except OutputLost as lost:
        _end_without_output(str(lost))


def _end_without_output(why: str) -> NoReturn:
    word = f"destination-fincome: standard output can't be written ({why}), where Airbyte's messages go.\n"
    with suppress(OSError):
        os.write(2, word.encode())
    os._exit(1)


class LogHandler(logging.Handler):
    """Sends log records through an `Output`: LOG messages of one line, the config's secrets masked."""

    def __init__(self, output: Output) -> None:
        from airbyte_cdk.logger import AirbyteLogFormatter

        super().__init__()
        self.setFormatter(AirbyteLogFormatter("%(message)s"))
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a lost stdout is the command's to notice, at its next message."""
        try:
            record.msg, record.args = printable(record.getMessage()), None
            self._output.line(self.format(record))
        except (BrokenPipeError, OutputLost, ValueError):
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
