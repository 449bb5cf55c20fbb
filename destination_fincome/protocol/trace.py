"""Failures in Airbyte's words: one TRACE ERROR, with the failure type that decides about retries."""

from __future__ import annotations

import time
import traceback
from typing import Any

from destination_fincome.failure import ConfigFailure, ConnectorFailure, TransientFailure
from destination_fincome.protocol.output import printable


def trace_error(error: BaseException) -> dict[str, Any]:
    """Build the TRACE ERROR message of a failure.

    Failures of our own list keep their words. Anything else is a defect: it is named by its type and the place
    it came from, without its text, which may quote customer data.
    """
    failure_type, message = describe(error)
    internal = type(error).__name__
    if isinstance(error, ConnectorFailure):
        internal = printable(error.detail) if error.detail else message
    return {
        "type": "TRACE",
        "trace": {
            "type": "ERROR",
            "emitted_at": time.time() * 1000,
            "error": {
                "message": message,
                "internal_message": internal,
                "failure_type": failure_type,
                "stack_trace": "".join(traceback.format_tb(error.__traceback__)),
            },
        },
    }


def describe(error: BaseException) -> tuple[str, str]:
    """Return a failure's type, as Airbyte calls it, and its words."""
    if isinstance(error, ConnectorFailure):
        return _failure_type(error), printable(error.message)
    return "system_error", (
        f"The connector stopped on an unexpected {type(error).__name__} at {_place(error)}. This is a defect of "
        "the connector: please report it with this line. The next attempt starts from the last saved state."
    )


def _failure_type(error: ConnectorFailure) -> str:
    if isinstance(error, ConfigFailure):
        return "config_error"
    return "transient_error" if isinstance(error, TransientFailure) else "system_error"


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "an unknown place"
    last = frames[-1]
    return f"{last.filename.rsplit('/', 1)[-1]}:{last.lineno} ({last.name})"
