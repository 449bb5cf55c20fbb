"""How the demo ends that keeps its page: as a terminal ends it, integration_tests/page/test_keep.py."""

from __future__ import annotations

import os
import signal
from io import StringIO

import pytest
from rich.console import Console

from fincome_tools.demo import show
from fincome_tools.demo.processes import Access


def test_sigterm_ends_what_waits_as_ctrl_c_does(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(signal, "pause", lambda: os.kill(os.getpid(), signal.SIGTERM))
    said = StringIO()
    show._wait(Console(file=said, width=200), Access("http://localhost:1/product", "a-key"))
    assert "The sandbox has ended." in said.getvalue()
    assert signal.getsignal(signal.SIGTERM) is before
