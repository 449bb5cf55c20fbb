"""Failures in Airbyte's words."""

from __future__ import annotations

import time

import pytest

from destination_fincome.failure import ConfigFailure, SystemFailure, TransientFailure
from destination_fincome.protocol.trace import trace_error


def raised(error: BaseException) -> BaseException:
    """An error that came from somewhere."""
    with pytest.raises(type(error)) as caught:
        _raise(error)
    return caught.value


def _raise(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize(
    ("failure", "kind"),
    [(ConfigFailure, "config_error"), (TransientFailure, "transient_error"), (SystemFailure, "system_error")],
)
def test_a_failure_of_ours_keeps_its_words(failure: type, kind: str) -> None:
    before = time.time() * 1000
    message = trace_error(raised(failure("Do this.", "as an engineer says it")))
    assert (message["type"], message["trace"]["type"]) == ("TRACE", "ERROR")
    assert before <= message["trace"]["emitted_at"] <= time.time() * 1000
    error = message["trace"]["error"]
    assert (error["message"], error["internal_message"]) == ("Do this.", "as an engineer says it")
    assert error["failure_type"] == kind
    assert "raise error" in error["stack_trace"]


def test_a_failure_without_a_detail_says_the_same_to_engineers() -> None:
    assert trace_error(ConfigFailure("Do this."))["trace"]["error"]["internal_message"] == "Do this."


def test_anything_else_is_a_defect_that_is_named_by_its_place_and_not_by_its_text() -> None:
    error = trace_error(raised(KeyError("PRIVATE")))["trace"]["error"]
    assert error["failure_type"] == "system_error"
    assert "an unexpected KeyError at test_trace.py:" in error["message"]
    assert "(_raise). This is a defect of the connector" in error["message"]
    assert error["internal_message"] == "KeyError"
    assert "PRIVATE" not in str(error)


def test_a_defect_that_comes_from_nowhere_is_named_all_the_same() -> None:
    assert "an unexpected RuntimeError at an unknown place" in trace_error(RuntimeError())["trace"]["error"]["message"]
