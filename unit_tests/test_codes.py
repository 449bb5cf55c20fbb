"""Reason codes are a closed list; presets use no other."""

import json
import logging

import orjson
import pytest
from pydantic import ValidationError

from destination_fincome.codes import Code
from destination_fincome.mapping.preset import load_presets, read_preset

PRESET = """
name: shop
title: A shop
streams:
  orders:
    warnings:
      - {{when: "late", code: {warning}, text: "late"}}
    emits:
      - entity: invoices
        fields: same_names
        skip:
          - {{when: "draft", reason: {skip}, text: "a draft"}}
"""


def test_a_code_is_written_as_its_word_wherever_it_is_written():
    assert f"{Code.VOID}" == str(Code.VOID) == "%s" % Code.VOID == "void"  # noqa: UP031 (logging writes so)
    assert json.loads(json.dumps([Code.VOID])) == orjson.loads(orjson.dumps([Code.VOID])) == ["void"]
    assert logging.LogRecord("", 0, "", 0, "%s", (Code.VOID,), None).getMessage() == "void"


def test_no_two_codes_share_a_word_and_each_has_the_name_of_its_word():
    assert {code.name.lower(): str(code) for code in Code} == {str(code): str(code) for code in Code}
    assert len(Code) == len(Code.__members__)


def test_next_steps_fit_into_a_sentence():
    assert [code for code in Code if code.next_step.endswith(".") or code.next_step[:1].isupper()] == []


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ({"skip": "drfat", "warning": "incomplete_lines"}, "streams.orders.emits.0.skip.0.reason"),
        ({"skip": "draft", "warning": "late"}, "streams.orders.warnings.0.code"),
    ],
)
def test_given_a_preset_with_a_code_that_does_not_exist_when_it_is_loaded_then_its_place_is_named(words, place):
    with pytest.raises(ValidationError, match="Input should be") as error:
        read_preset(PRESET.format(**words))
    assert ".".join(str(part) for part in error.value.errors()[0]["loc"]) == place


def test_given_the_presets_of_the_package_when_they_are_loaded_then_their_codes_are_members():
    rules = [rule for preset in load_presets().values() for rule in preset.streams.values()]
    codes = [w.code for rule in rules for w in rule.warnings]
    codes += [skip.reason for rule in rules for emission in [*rule.emits, *rule.credits] for skip in emission.skip]
    assert {type(code) for code in codes} == {Code}
    assert {Code.DRAFT, Code.VOID, Code.INCOMPLETE_LINES} <= set(codes)
