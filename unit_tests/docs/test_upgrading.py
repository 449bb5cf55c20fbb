"""What the changelog says to those who come from 0.1 agrees with the form and with the page of the settings."""

import json
import re
from collections import Counter
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
FORM = json.loads((ROOT / "destination_fincome/spec.json").read_text())["connectionSpecification"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
SECTION = re.search(r"^### Upgrading from 0\.1\n(.*?)(?=^##)", CHANGELOG, re.MULTILINE | re.DOTALL)[1]
# Settings that 0.1 had, with their defaults. The others have come since.
OF_0_1 = {
    "api_key": None,
    "base_url": "https://api2.fincome.co/product",
    "source": "auto",
    "streams": None,
    "unmapped_fields": "auto",
    "default_currency": None,
    "null_handling": "omit",
    "create_missing_parents": "auto",
    "on_rejected": "continue",
    "max_rejected_records": None,
    "rejected_records_url": None,
    "aws_access_key_id": None,
    "aws_secret_access_key": None,
    "aws_region": None,
    "s3_endpoint_url": None,
    "gcs_credentials_json": None,
    "max_concurrency": 8,
    "requests_per_second": None,
    "retry_minutes": 10,
    "request_timeout_seconds": 60,
    "parent_wait_seconds": 300,
    "max_spool_mb": 1024,
    "dry_run": False,
    "paths": None,
}
# Shorthand for a part of `contract`: the default went there, and is the same.
MOVED = {"api_key_header", "api_key_prefix"}
# It says something only of the memory, which nobody has by default.
DEPENDENT = {"memory_days"}
# Settings whose old default guessed what has to be said now.
SAID_OUTRIGHT = {"source"}


def advice() -> dict[str, object]:
    """The settings that give the old behaviour, as the changelog names them."""
    found = re.findall(r"^\| .+ \| `(\w+)`: `([^`]+)` \|$", SECTION, re.MULTILINE)
    return {name: value if FORM["properties"][name]["type"] == "string" else json.loads(value) for name, value in found}


def test_the_note_is_a_table_of_what_differs_and_what_to_set():
    rows = [line for line in SECTION.splitlines() if line.startswith("|")]
    assert rows[0] == "| What a saved connection does differently | The setting that gives the old behaviour |"
    assert len(rows) > 2
    assert [row for row in rows[2:] if not re.fullmatch(r"\| .+ \| (`\w+`: `[^`]+`|none) \|", row)] == []


@pytest.mark.parametrize("name", sorted(advice()))
def test_what_the_note_advises_can_be_set_and_is_not_the_default(name):
    jsonschema.validate({"api_key": "0123456789", name: advice()[name]}, FORM)
    assert advice()[name] != FORM["properties"][name].get("default")
    if name in OF_0_1 and name not in SAID_OUTRIGHT:
        assert advice()[name] == OF_0_1[name]


@pytest.mark.parametrize("name", sorted(FORM["properties"].keys() - MOVED - DEPENDENT))
def test_every_setting_that_does_something_new_by_default_is_in_the_note(name):
    default = FORM["properties"][name].get("default")
    if default != OF_0_1.get(name):
        assert name in advice()


def test_each_change_stands_once_in_the_changelog() -> None:
    changes = [line for line in CHANGELOG.splitlines() if line.startswith("- ")]
    assert [line for line, number in Counter(changes).items() if number > 1] == []


def test_what_a_draft_takes_is_said_on_its_page_and_not_change_by_change() -> None:
    """docs/map.md has it; before the first version with `fincome map` each of these would be about something new."""
    unreleased = CHANGELOG[: CHANGELOG.index("## [0.1.0]")]
    assert [line for line in unreleased.splitlines() if line.startswith("- A draft")] == []
