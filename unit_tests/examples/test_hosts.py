"""The examples for other hosts: a sync with its states kept, and files that say the present version and address."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import IO, Any

import pytest
import yaml

from fincome_tools.demo.processes import Access, running_sandbox
from unit_tests import fork_server

ROOT = Path(__file__).parents[2]
HOSTS = ROOT / "examples" / "hosts"
CONNECTOR = ("destination-fincome",)
# A source with one stream: a customer for each number after its state's, up to three; or it fails.
SOURCE = """
import json, sys
given = dict(zip(sys.argv[2::2], sys.argv[3::2]))
begin = json.load(open(given["--state"]))[0]["stream"]["stream_state"]["at"] if "--state" in given else 0
for number in range(begin + 1, 4):
    print(json.dumps({"type": "RECORD", "record": {"stream": "customers", "emitted_at": 1,
          "data": {"id": f"host-{number}", "name": "Ada"}}}))
    print(json.dumps({"type": "STATE", "state": {"type": "STREAM", "stream": {
          "stream_descriptor": {"name": "customers"}, "stream_state": {"at": number}}}}))
sys.exit(json.load(open(given["--config"])).get("ends_with", 0))
"""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Access]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as access:
        yield access


@pytest.fixture(scope="module")
def connector() -> Iterator[fork_server.ForkServer]:
    with fork_server.fork_server(fork_server.CONNECTOR) as server:
        yield server


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, connector: fork_server.ForkServer) -> Iterator[ModuleType]:
    """The example; the connector that it starts comes from a process that has imported what it needs."""
    monkeypatch.syspath_prepend(str(HOSTS))
    import fincome_sync  # type: ignore[import-not-found]  # beside the other examples, not in the package

    started = subprocess.Popen
    with (tmp_path / "stderr").open("wb") as errors:

        def start(command: Sequence[str], *, stdout: int, stdin: IO[bytes] | None = None) -> object:
            assert stdout == subprocess.PIPE
            if tuple(command[:1]) != CONNECTOR:
                return started(command, stdout=stdout)
            assert stdin
            return connector.start(*command[1:], stdin=stdin.fileno(), stderr=errors)

        monkeypatch.setattr(subprocess, "Popen", start)
        yield fincome_sync


@pytest.fixture
def folder(tmp_path: Path, sandbox: Access) -> Path:
    stream = {"name": "customers", "json_schema": {"properties": {"id": {}, "name": {}}}, "supported_sync_modes": []}
    configured = {"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append"}
    (tmp_path / "catalog.json").write_text(json.dumps({"streams": [configured]}))
    (tmp_path / "source.json").write_text("{}")
    config = {"api_key": sandbox.api_key, "base_url": sandbox.base_url}
    (tmp_path / "fincome.json").write_text(json.dumps(config))
    (tmp_path / "source.py").write_text(SOURCE)
    return tmp_path


def received(summary: dict[str, Any]) -> int:
    return sum(stream["received"] for stream in summary["streams"])


def test_the_next_sync_goes_on_where_the_connector_confirmed(folder: Path, example: ModuleType) -> None:
    source = [sys.executable, str(folder / "source.py")]
    assert received(example.sync(folder, source, CONNECTOR)) == 3
    (state,) = json.loads((folder / "state.json").read_text())
    assert state["stream"]["stream_state"] == {"at": 3}
    assert received(example.sync(folder, source, CONNECTOR)) == 0


def test_a_failed_sync_says_why_and_confirms_nothing_that_was_not(folder: Path, example: ModuleType) -> None:
    source = [sys.executable, str(folder / "source.py")]
    config = json.loads((folder / "fincome.json").read_text())
    (folder / "fincome.json").write_text(json.dumps({**config, "api_key": "another-key"}))
    with pytest.raises(example.SyncError, match="key"):
        example.sync(folder, source, CONNECTOR)
    assert json.loads((folder / "state.json").read_text()) == []


def test_a_source_that_fails_is_told_and_what_was_confirmed_is_kept(folder: Path, example: ModuleType) -> None:
    (folder / "source.json").write_text('{"ends_with": 7}')
    with pytest.raises(example.SyncError, match="the source ended with 7"):
        example.sync(folder, [sys.executable, str(folder / "source.py")], CONNECTOR)
    assert len(json.loads((folder / "state.json").read_text())) == 1


def test_terraform_names_the_present_image() -> None:
    data = yaml.safe_load((ROOT / "metadata.yaml").read_text(encoding="utf-8"))["data"]
    text = (HOSTS / "airbyte.tf").read_text(encoding="utf-8")
    named = dict(re.findall(r'docker_(\w+) *= "([^"]+)"', text))
    assert named == {"repository": data["dockerRepository"], "image_tag": data["dockerImageTag"]}


def test_the_workflow_pins_its_actions() -> None:
    used = re.findall(r"uses: (\S+)", (HOSTS / "github-actions.yml").read_text(encoding="utf-8"))
    assert used
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", one) for one in used)
