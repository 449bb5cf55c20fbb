"""The image's lock: it fits pyproject.toml, pins everything by hash, and names no place that packages come from."""

import re
import tomllib
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "docker" / "requirements.lock").read_text(encoding="utf-8")
ENTRY = re.compile(
    r"^(?P<name>[a-z0-9-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>[^\\]+))? \\\n"
    r"(?P<hashes>(?: {4}--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.MULTILINE,
)
IN_THE_IMAGE = {"python_full_version": "3.13.0", "python_version": "3.13", "sys_platform": "linux"}


def locked() -> dict[str, Version]:
    """What the image gets: not every line is for its Python."""
    return {
        found["name"]: Version(found["version"])
        for found in ENTRY.finditer(LOCK)
        if not found["marker"] or Marker(found["marker"]).evaluate(IN_THE_IMAGE)
    }


def wanted() -> list[Requirement]:
    """What the image must have: all that the package always needs, and what people's commands need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [text for name in ("sandbox", "files", "studio") for text in project["optional-dependencies"][name]]
    found = [Requirement(text) for text in [*project["dependencies"], *extras]]
    return [requirement for requirement in found if requirement.name != project["name"]]


def test_every_line_is_a_package_with_its_hashes() -> None:
    rest = ENTRY.sub("", LOCK)
    assert [line for line in rest.splitlines() if line and not line.startswith("#")] == []
    assert len(locked()) > 50


def test_no_place_that_packages_come_from_is_named() -> None:
    assert not re.search(r"://|--index|--find-links|--trusted|-i ", LOCK)


def test_what_the_package_wants_is_locked_in_a_version_that_it_allows() -> None:
    versions = locked()
    for requirement in wanted():
        name = canonicalize_name(requirement.name)
        assert name in versions, f"{name} is missing: make lock"
        assert requirement.specifier.contains(versions[name]), f"{requirement} is not {versions[name]}: make lock"


def test_nothing_that_only_tests_need_is_in_the_image() -> None:
    assert not {"pytest", "flask", "playwright", "moto", "ruff", "mypy", "hypothesis", "uv"} & set(locked())


def test_nothing_gets_into_the_build_but_what_the_image_is_made_of() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert let_in == {
        "LICENSE",
        "pyproject.toml",
        "setup.py",
        "docs/package.md",
        "docker/requirements.lock",
        "destination_fincome",
        "fincome_sandbox",
        "fincome_tools",
    }
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.M)
    assert {name for line in copied for name in line.split()} == let_in
