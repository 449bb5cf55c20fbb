"""Tests of recorded records run where there are some: a recording is somebody's data, so none is in the repository."""

import os

import pytest

RECORDED = "RECORDED_RECORDS"

collect_ignore = [] if os.environ.get(RECORDED) else ["test_recorded_records.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not run: no test is left out in silence."""
    if collect_ignore:
        terminalreporter.write_line(
            f"not run here (docs/testing.md): {', '.join(collect_ignore)}, for want of {RECORDED}"
        )
