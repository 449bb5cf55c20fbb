"""The page of the summary says what the schema says, and the schema what the connector writes."""

import json
import re
from importlib import resources
from pathlib import Path

import jsonschema

from destination_fincome.codes import Code
from destination_fincome.outcomes import Outcome, Reason
from destination_fincome.reporting.report import SCHEMA_VERSION, Report
from destination_fincome.reporting.totals import Cell, Totals

PAGE = (Path(__file__).parents[2] / "docs/summary.md").read_text(encoding="utf-8")
TEXT = resources.files("destination_fincome.reporting").joinpath("summary.schema.json").read_text()
SCHEMA = json.loads(TEXT)


def test_the_page_has_the_schema_of_the_package():
    assert re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL) == [TEXT]


def test_the_schema_is_one_and_leaves_nothing_open():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    objects = [node for node in nodes(SCHEMA) if node.get("type") == "object" and "properties" in node]
    assert len(objects) > 5
    open_ones = [
        one for one in objects if one["additionalProperties"] or set(one["required"]) != set(one["properties"])
    ]
    assert open_ones == []
    assert SCHEMA["properties"]["schema_version"]["const"] == SCHEMA_VERSION


def nodes(value):
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from nodes(item)
    elif isinstance(value, list):
        for item in value:
            yield from nodes(item)


def test_every_key_is_explained_and_no_other():
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", PAGE.partition("## The JSON")[2], re.MULTILINE)
    explained = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(explained) == sorted(SCHEMA["properties"])


def test_a_summary_with_everything_and_one_with_nothing_keep_to_the_schema():
    full = Report(["customers"], ["customers", "invoices"])
    full.received[0], full.records[0, Outcome.SENT], full.stubs[0] = 1, 1, 2
    full.failure = ("config_error", "words")
    full.reason(Outcome.REJECTED, "invoices", Reason(Code.INVALID_FIELD, "is missing", "amount"), "in_1")
    full.warn(Code.CURRENCY_DIFFERS, "words", "il_1")
    full.totals = Totals([Cell("invoices", None, None, None, "held", 1, None)])
    for report in (full, Report([], [])):
        document = json.loads(json.dumps(report.document(3, 1.5)))
        jsonschema.validate(document, SCHEMA)
        assert list(document) == list(SCHEMA["properties"])
