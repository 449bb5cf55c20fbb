"""Builds the image, once, with whatever engine is here; only for `make image-test`, which takes minutes."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from integration_tests.image.engine import Engine, find_engine
from integration_tests.image.stand_in import make_stand_in
from unit_tests.fork_server import REPOSITORY

collect_ignore = [] if os.environ.get("IMAGE_TESTS") else ["test_image.py"]

STAND_IN = "localhost/stand-in/python-connector-base:local"
REPORT = pytest.StashKey[list[str]]()


@dataclass(frozen=True)
class Image:
    """The built image."""

    engine: Engine
    tag: str
    base: str


@pytest.fixture(scope="session")
def report(pytestconfig: pytest.Config) -> list[str]:
    """Lines that are shown at the end: what was built with what, and what it weighs."""
    return pytestconfig.stash.setdefault(REPORT, [])


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory, report: list[str]) -> Image:
    engine = find_engine()
    metadata = yaml.safe_load((REPOSITORY / "metadata.yaml").read_text(encoding="utf-8"))["data"]
    base, made_of = str(metadata["connectorBuildOptions"]["baseImage"]), "Airbyte's own"
    if not engine.has(base) and not engine.pull(base):
        base = STAND_IN
        made_of = "here before" if engine.has(base) else make_stand_in(engine, base)
        made_of = f"a stand-in, because no registry can be reached ({made_of})"
    tag = f"localhost/destination-fincome:{metadata['dockerImageTag']}"
    started = time.monotonic()
    engine.build(REPOSITORY, tag, base, tmp_path_factory.mktemp("build"))
    report += [
        f"engine: {engine.name} {engine.version}",
        f"base: {base}, {made_of}",
        f"built {tag} in {time.monotonic() - started:.0f} s",
    ]
    return Image(engine, tag, base)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(REPORT, []):
        terminalreporter.write_line(line)


def readable(path: Path, text: str) -> Path:
    """Write a file that the container's user may read, whoever that is."""
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)
    return path
