"""`fincome demo --keep`: the page stays until somebody ends it, and the verdict is still the exit code."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from queue import Queue

import pytest
import requests

from fincome_tools.demo.processes import read_lines, started

FIELDS = {"id": {"type": "string"}, "name": {"type": "string"}}
STREAM = {
    "stream": {
        "name": "customers",
        "json_schema": {"type": "object", "properties": FIELDS},
        "supported_sync_modes": ["full_refresh"],
    },
    "sync_mode": "full_refresh",
    "destination_sync_mode": "append",
}
RECORD = {"stream": "customers", "data": {"id": "ada", "name": "Ada Ltd"}, "emitted_at": 1}


def test_the_page_stays_until_the_demo_is_ended(tmp_path: Path) -> None:
    (tmp_path / "catalog.json").write_text(json.dumps({"streams": [STREAM]}))
    (tmp_path / "messages.jsonl").write_text(json.dumps({"type": "RECORD", "record": RECORD}) + "\n")
    command = [sys.executable, "-m", "fincome_tools.cli", "demo", str(tmp_path), "--keep"]
    with started(command, errors_to=tmp_path / "errors") as demo:
        page = page_of(demo)
        assert "Ada Ltd" in requests.get(f"{page}/customers", timeout=10).text
        demo.send_signal(signal.SIGINT)
        assert demo.wait(60) == 0
        with pytest.raises(requests.ConnectionError):
            requests.get(page, timeout=10)


def page_of(demo: subprocess.Popen[bytes]) -> str:
    """The address that the demo prints, after its verdict."""
    lines: Queue[bytes | None] = Queue()
    assert demo.stdout is not None
    read_lines(demo.stdout, lines.put, at_end=lambda: lines.put(None))
    said = []
    while (line := lines.get(timeout=60)) is not None:
        said.append(line.decode())
        if found := re.search(r"Look at it in a browser: (\S+)", said[-1]):
            assert any("All agrees" in one for one in said)
            return found[1]
    pytest.fail(f"the demo ended: {said}")
