"""The workflows run what can be run by hand: targets that exist, with pinned actions and no more rights than needed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
EVERY = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in read(path)["jobs"].values():
        yield from job.get("steps", [])


@EVERY
def test_every_action_is_pinned_by_its_hash_and_says_its_version(path: Path) -> None:
    used = re.findall(r"^ *(?:- )?uses: (\S+)(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert used
    for action, comment in used:
        if not action.startswith("./"):
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", action)
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment)


@EVERY
def test_a_workflow_may_read_and_a_job_says_what_more_it_needs(path: Path) -> None:
    assert read(path)["permissions"] == {"contents": "read"}
    for name, job in read(path)["jobs"].items():
        more = {right for right, kind in job.get("permissions", {}).items() if kind == "write"}
        assert more <= {"pypi": {"id-token"}, "image": {"packages", "id-token"}, "release": {"contents"},
                        "site": {"pages", "id-token"}}.get(name, set())  # fmt: skip


@EVERY
def test_every_command_of_ours_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:run:|^ +) *make (?:--no-print-directory )?([a-z-]+)", text, re.MULTILINE))
    for job in read(path)["jobs"].values():
        named |= set(job.get("strategy", {}).get("matrix", {}).get("target", []))
    assert named <= TARGETS
    for script in re.findall(r"run: (\.\S+)", text):
        assert (ROOT / script).is_file()


def test_the_workflows_run_something_of_ours() -> None:
    commands = " ".join(step.get("run", "") for path in WORKFLOWS for step in steps(path))
    assert {".ci/run", "make package", "make lint-workflows", "make airbyte-test"} <= set(
        re.findall(r"\.ci/run|make [a-z-]+", commands)
    )


def test_every_python_that_the_package_is_for_is_tested() -> None:
    classifiers = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text())
    assert read(ROOT / ".github/workflows/ci.yml")["jobs"]["test"]["strategy"]["matrix"]["python"] == classifiers


def test_the_image_is_published_for_both_architectures_under_its_version_only() -> None:
    (build,) = [one for one in steps(ROOT / ".github/workflows/release.yml") if one.get("id") == "build"]
    assert build["with"]["platforms"] == "linux/amd64,linux/arm64"
    assert build["with"]["tags"] == "${{ steps.place.outputs.repository }}:${{ steps.place.outputs.version }}"
    assert (build["with"]["sbom"], build["with"]["provenance"]) == (True, "mode=max")


def test_what_a_user_types_into_an_issue_is_no_part_of_a_command() -> None:
    for path in WORKFLOWS:
        for step in steps(path):
            assert "${{" not in step.get("run", "")
