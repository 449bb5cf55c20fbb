"""The pages on installing: both languages say the same, with the form's own words and the present version."""

import re
from pathlib import Path

import pytest
import yaml

from destination_fincome.protocol.specification import spec_message

ROOT = Path(__file__).parents[2]
ENGLISH = ROOT / "docs" / "install-airbyte.md"
FRENCH = ROOT / "docs" / "fr" / "install-airbyte.md"
PAGES = pytest.mark.parametrize("page", [ENGLISH, FRENCH], ids=["en", "fr"])

FORM = spec_message()["spec"]["connectionSpecification"]
GROUPS = {group["id"]: group["title"] for group in FORM["groups"]}


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```.*?^```$", read(page), re.MULTILINE | re.DOTALL)


def fields(page: Path) -> list[tuple[str, str]]:
    """The (group, title) of each field in the table of the form."""
    rows = re.findall(rf"^\| ({'|'.join(GROUPS.values())}) \| ([^|]+) \|", read(page), re.MULTILINE)
    return [(group, title.strip()) for group, titles in rows for title in titles.split(";")]


def test_both_languages_have_the_same_commands_tables_and_sections() -> None:
    assert blocks(ENGLISH) == blocks(FRENCH)
    for form in (r"^#+ ", r"^\| ", r"^\d\. ", r"^- "):
        here, there = (len(re.findall(form, read(page), re.MULTILINE)) for page in (ENGLISH, FRENCH))
        assert here == there, form
    assert fields(ENGLISH) == fields(FRENCH)


@PAGES
def test_every_field_that_is_named_is_in_the_form(page: Path) -> None:
    titles = {(GROUPS[field["group"]], field["title"]) for field in FORM["properties"].values()}
    assert len(fields(page)) > 8
    assert set(fields(page)) <= titles


WITH_A_VERSION = [ENGLISH, FRENCH, *(ROOT / name for name in ("README.md", "Dockerfile", "docs/sandbox.md"))]


@pytest.mark.parametrize("page", [*WITH_A_VERSION, ROOT / "examples/hosts/airbyte.tf"], ids=lambda page: page.name)
def test_the_commands_name_the_present_version(page: Path) -> None:
    version = yaml.safe_load((ROOT / "metadata.yaml").read_text(encoding="utf-8"))["data"]["dockerImageTag"]
    named = set(re.findall(r"(?:destination-fincome[:-]|image_tag *= \")(\d+\.\d+\.\d+)", read(page)))
    assert named == {version}, f"{page.relative_to(ROOT)} has {named}, metadata.yaml has {version}"
