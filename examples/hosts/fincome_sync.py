"""One sync from an Airbyte source into Fincome, without Airbyte: for cron, CI, and orchestrators.

    python fincome_sync.py FOLDER source-stripe

FOLDER holds source.json (the source's config), catalog.json (a configured catalog) and fincome.json (this connector's
config). The states that the connector confirmed are kept there in state.json, so the next sync brings what is new.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SUMMARY = "Summary (JSON): "


class SyncError(Exception):
    """The sync failed; what was confirmed until then is kept."""


def sync(folder: Path, source: Sequence[str], destination: Sequence[str] = ("destination-fincome",)) -> dict[str, Any]:
    """Run a sync to its end and return the connector's summary (its form: docs/hosts.md).

    Raises:
        SyncError: it failed; says why.
    """
    kept = folder / "state.json"
    catalog = ["--catalog", str(folder / "catalog.json")]
    read = [*source, "read", "--config", str(folder / "source.json"), *catalog]
    states = _by_stream(json.loads(kept.read_text())) if kept.exists() else {}
    if states:
        read += ["--state", str(kept)]
    write = [*destination, "write", "--config", str(folder / "fincome.json"), *catalog]
    summary: dict[str, Any] = {}
    problem = "the connector gave no reason"
    with (
        subprocess.Popen(read, stdout=subprocess.PIPE) as reader,
        subprocess.Popen(write, stdin=reader.stdout, stdout=subprocess.PIPE) as writer,
    ):
        assert reader.stdout
        assert writer.stdout
        reader.stdout.close()  # the connector has it
        for line in writer.stdout:
            message = json.loads(line)
            if message["type"] == "STATE":
                states |= _by_stream([message["state"]])
            elif message["type"] == "TRACE" and message["trace"]["type"] == "ERROR":
                problem = message["trace"]["error"]["message"]
            elif message["type"] == "LOG":
                text = message["log"]["message"]
                print(text, file=sys.stderr)
                if text.startswith(SUMMARY):
                    summary = json.loads(text.removeprefix(SUMMARY))
    # Also after a failure: what was confirmed is in Fincome.
    part = kept.with_suffix(".part")
    part.write_text(json.dumps(list(states.values())))
    part.replace(kept)
    if writer.returncode:
        raise SyncError(problem)
    if reader.returncode:
        raise SyncError(f"the source ended with {reader.returncode}")
    return summary


def _by_stream(states: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The states by what they are of, without what a destination adds."""
    return {
        json.dumps(state.get("stream", {}).get("stream_descriptor")): {
            key: value for key, value in state.items() if key not in ("destinationStats", "id")
        }
        for state in states
    }


if __name__ == "__main__":
    try:
        told = sync(Path(sys.argv[1]), sys.argv[2:])
    except SyncError as error:
        sys.exit(f"The sync failed: {error}")
    print(json.dumps(told))
