"""The wheel alone does it all: it is built as a release builds it, and run without the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
import yaml

from integration_tests.accounts import Account
from unit_tests.fork_server import REPOSITORY, environment

PACKAGES = ("destination_fincome", "fincome_sandbox", "fincome_tools")
SECONDS = 120


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from what the image's build gets, so that nothing else can be needed for it."""
    copy, built = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("built")
    for name in ("pyproject.toml", "setup.py", "LICENSE", "docs/package.md"):
        (copy / name).parent.mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / name, copy / name)
    for name in PACKAGES:
        shutil.copytree(REPOSITORY / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    build = f"from setuptools.build_meta import build_wheel; print(build_wheel({str(built)!r}))"
    _run([sys.executable, "-c", build], cwd=copy)
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's content, which comes before the checkout on the path."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def _run(command: list[str], cwd: Path, stdin: str = "", **more: str) -> str:
    done = subprocess.run(
        command,
        input=stdin,
        cwd=cwd,
        env=environment(TMPDIR=str(cwd), **more),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_holds_every_file_of_the_packages(installed: Path) -> None:
    for name in PACKAGES:
        here, there = (
            {
                path.relative_to(root).as_posix()
                for path in (root / name).rglob("*")
                if path.is_file() and "__pycache__" not in path.parts
            }
            for root in (REPOSITORY, installed)
        )
        assert there == here


def described(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [one for one in archive.namelist() if one.endswith(".dist-info/METADATA")]
        return message_from_bytes(archive.read(name))


def test_it_is_called_what_pyairbyte_looks_for(wheel: Path) -> None:
    version = yaml.safe_load((REPOSITORY / "metadata.yaml").read_text(encoding="utf-8"))["data"]["dockerImageTag"]
    assert wheel.name == f"airbyte_destination_fincome-{version}-py3-none-any.whl"
    assert described(wheel)["Name"] == "airbyte-destination-fincome"


def test_every_link_of_its_description_works_on_an_index(wheel: Path) -> None:
    text = str(described(wheel).get_payload())
    links = [part.partition(")")[0] for part in text.split("](")[1:]]
    assert len(links) > 8
    assert [link for link in links if not link.startswith("https://")] == []


MESSAGES = [
    {
        "type": "RECORD",
        "record": {"stream": "customers", "data": {"id": "wheel-1", "name": "Ada", "country": "FR"}, "emitted_at": 1},
    },
    {"type": "STATE", "state": {"type": "STREAM", "id": 1, "stream": {"stream_descriptor": {"name": "customers"}}}},
]
CATALOG: dict[str, Any] = {
    "streams": [
        {
            "stream": {
                "name": "customers",
                "json_schema": {"properties": {"id": {}, "name": {}, "country": {}}},
                "supported_sync_modes": ["full_refresh"],
            },
            "sync_mode": "full_refresh",
            "destination_sync_mode": "append",
        }
    ]
}


def test_it_runs_spec_check_write_and_preview(installed: Path, account: Account, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(account.config()))
    (tmp_path / "catalog.json").write_text(json.dumps(CATALOG))
    messages = "".join(json.dumps(one) + "\n" for one in MESSAGES)
    ask = "import destination_fincome as d; print(d.__file__)"
    where = _run([sys.executable, "-c", ask], tmp_path, **on(installed))
    assert Path(where.strip()).is_relative_to(installed)

    def ran(module: str, *arguments: str) -> str:
        return _run([sys.executable, "-m", module, *arguments], tmp_path, messages, **on(installed))

    connector = "destination_fincome.run"
    assert json.loads(ran(connector, "spec"))["type"] == "SPEC"
    status = [json.loads(line) for line in ran(connector, "check", "--config", "config.json").splitlines()][-1]
    assert status["connectionStatus"]["status"] == "SUCCEEDED"
    written = ran(connector, "write", "--config", "config.json", "--catalog", "catalog.json")
    assert '"STATE"' in written
    assert account.get("customers", "wheel-1")
    assert "wheel-1" in ran("fincome_tools.cli", "preview", "--html", "page.html")
    assert "wheel-1" in (tmp_path / "page.html").read_text(encoding="utf-8")


def on(folder: Path) -> dict[str, str]:
    """The environment in which packages are first looked for in a folder."""
    return {"PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)}
