"""The documents say what the code does: settings, functions, examples, reason codes, links and names of tests."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml

from destination_fincome.codes import Code
from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.models import build_models, encode
from destination_fincome.mapping import preset as preset_module
from destination_fincome.mapping.language.expressions import ExpressionError, Expressions
from destination_fincome.mapping.language.forms import as_expression
from destination_fincome.mapping.language.functions import EXPONENT_TABLES, ValueFault, bound
from destination_fincome.mapping.language.yaml_text import read_yaml
from destination_fincome.mapping.own import OwnEmission, OwnStream, read_mapping
from destination_fincome.mapping.preset import load_presets, read_preset
from destination_fincome.mapping.recognition import PlanOptions, make_plan
from destination_fincome.mapping.results import Draft, Skip
from destination_fincome.mapping.skip_rules import KNOWN, SkipRules
from docs.generate import PAGES as LISTED
from docs.generate import filled
from unit_tests.docs.markdown import anchors, blocks, without_blocks

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PACKAGE = ROOT / "destination_fincome"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- configuration.md


def settings() -> Iterator[tuple[str, object]]:
    """Yield every setting with its default; those inside of another with its name before them."""
    yield from settings_of("", json.loads((PACKAGE / "spec.json").read_text())["connectionSpecification"])


def settings_of(place: str, spec: dict) -> Iterator[tuple[str, object]]:
    for name, inner in spec.get("properties", {}).items():
        yield place + name, inner.get("default")
        yield from settings_of(f"{place}{name}.", inner)
        yield from settings_of(f"{place}{name}[].", inner.get("items", {}))


@pytest.mark.parametrize(("name", "default"), list(settings()))
def test_every_setting_is_explained_with_its_default(name, default):
    rows = [line for line in page("configuration.md").splitlines() if line.startswith(f"| `{name}` |")]
    assert len(rows) == 1
    if default is not None:
        written = default if isinstance(default, str) else json.dumps(default)
        assert f"`{written}`" in rows[0].split("|")[2]


def test_no_setting_is_explained_that_does_not_exist():
    explained = re.findall(r"^\| `([a-z0-9_.\[\]]+)` \|", page("configuration.md"), re.MULTILINE)
    assert sorted(explained) == sorted(name for name, _ in settings())


# --- mapping.md: functions and the format of presets

SELECTED = frozenset({"invoice_line_items"})
EXAMPLE = re.compile(r"(?P<expression>.+?) +=> +(?P<result>.+)")


def examples() -> Iterator[tuple[str, str, str]]:
    """Yield (table of minor units, expression, result as it is written)."""
    for table in EXPONENT_TABLES:
        for block in blocks(page("mapping.md"), f"examples {table}"):
            for line in block.splitlines():
                found = EXAMPLE.fullmatch(line)
                assert found, f"no example: {line}"
                yield table, found["expression"], found["result"]


def functions() -> dict[str, object]:
    return bound(EXPONENT_TABLES["iso4217"], SELECTED)


@pytest.mark.parametrize(("table", "expression", "result"), list(examples()))
def test_every_example_gives_what_is_written(table, expression, result):
    record = json.loads(blocks(page("mapping.md"), "json examples")[0])
    try:
        evaluate = Expressions(bound(EXPONENT_TABLES[table], SELECTED)).compile(expression)
        given = encode([evaluate(record)]).decode()[1:-1]
    except ValueFault as fault:
        given = f"error {fault.code}: {fault}"
    except ExpressionError as error:
        given = f"mistake: {error}"
    assert given == result


@pytest.mark.parametrize("name", sorted(functions()))
def test_every_function_has_a_section_with_an_example_of_its_own(name):
    section = re.search(rf"^### `{name}\((.*?)(?=^##)", page("mapping.md"), re.MULTILINE | re.DOTALL)
    assert section, f"{name}() has no section"
    assert re.search(rf"\b{name}\(.+ +=> ", section[0].partition("```examples")[2])


def test_the_french_page_names_every_function_and_every_key():
    text = page("fr/own-mapping.md")
    assert set(re.findall(r"`(\w+)\(", text.partition("## Les fonctions")[2].partition("## Les erreurs")[0])) == set(
        functions()
    )
    for model in (OwnStream, OwnEmission):
        assert {name for name in model.model_fields if f"`{name}`" not in text} <= {"why"}


def test_no_function_is_explained_that_does_not_exist():
    assert set(re.findall(r"^### `(\w+)\(", page("mapping.md"), re.MULTILINE)) == set(functions())


FORMS = ["Preset", "StreamRule", "Emission", "NestedField", "SkipRule", "StubRule", "VariantRule", "Warning_",
         "CreditRule", "AllocationsRule", "CreditLinesRule", "CreditLinksRule", "EnrichmentRule",
         "JoinRule"]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_key_of_a_preset_is_explained(form):
    section = re.search(rf"<!-- keys of {form} -->(.*?)<!-- end -->", page("mapping.md"), re.DOTALL)
    assert section, f"{form} has no table of keys"
    keys = set(re.findall(r"^\| `(\w+)` \|", section[1], re.MULTILINE))
    assert keys == set(getattr(preset_module, form).model_fields)


@pytest.mark.parametrize("block", blocks(page("mapping.md"), "yaml fields"))
def test_every_form_of_an_expression_is_read(block):
    (form,) = read_yaml(block).values()
    Expressions(functions()).compile(as_expression(form))


def test_every_example_of_skip_rules_is_read():
    own, named = (read_yaml(block) for block in blocks(page("mapping.md"), "yaml skip"))
    assert [rule["reason"] for rule in SkipRules("Shop", own).written_out(named)] == ["draft", "void", "incomplete"]


def test_the_known_skip_rules_are_those_of_the_code():
    table = re.search(r"<!-- known skip rules -->(.*?)<!-- end -->", page("mapping.md"), re.DOTALL)
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| (.+?) \| `(\w+)` \| `(\w+)` \| `(\w+)` \|$", table[1], re.MULTILINE)
    assert rows == [
        (name, rule.reason, rule.text, rule.children, str(rule.stub).lower(), str(rule.gone).lower())
        for name, rule in KNOWN.items()
    ]


# --- worked examples: a mapping, a record, what is sent


@dataclass(frozen=True)
class Stream:
    name: str
    properties: frozenset[str]
    cursor: tuple[str, ...] = ()
    nested: frozenset[str] = frozenset()
    namespace: str | None = None


def worked_examples() -> Iterator[tuple[str, str | None, list, str, dict, list]]:
    """Yield (page, preset's YAML or None, mappings of one's own, stream, record, what is written to become of it)."""
    for path in sorted(DOCS.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        presets = blocks(text, "yaml preset")
        # One page may have several mappings, each of other streams.
        own = [read_mapping(block) for block in blocks(text, "yaml mapping")]
        pairs = re.findall(
            r"^```json record (\w+)\n(.*?)^```$.*?^```json sent\n(.*?)^```$", text, re.MULTILINE | re.DOTALL
        )
        for stream, record, sent in pairs:
            yield of(path), presets[0] if presets else None, own, stream, json.loads(record), json.loads(sent)


@pytest.mark.parametrize(("place", "preset", "own", "stream", "record", "written"), list(worked_examples()))
def test_every_worked_example_is_true(place, preset, own, stream, record, written):
    contract = load_contract()
    presets = load_presets() if preset is None else {"own": read_preset(preset)}
    source = "auto" if preset is None else "own"
    mine = next((one for one in own if stream in one.streams), None)
    (planned,) = make_plan(
        [Stream(stream, frozenset(record))], presets, contract, PlanOptions(source, own=mine)
    ).streams
    models = build_models(contract)
    made = []
    for item in planned.mapper.map(record).objects:
        if isinstance(item, Draft):
            made.append({item.entity: json.loads(encode(models[item.entity].validate(item.values).values))})
        else:
            assert isinstance(item, Skip)
            made.append({"skipped": item.reason})
    assert made == written


def test_there_are_worked_examples():
    assert {place for place, *_ in worked_examples()} >= {
        "docs/contributing.md",
        "docs/own-mapping.md",
        "docs/sources/fincome.md",
    }


# --- lists that `make docs` writes


def test_the_lists_of_the_sources_and_of_other_apis_are_current():
    assert [path.name for path in LISTED if filled(path.read_text()) != path.read_text()] == []


# --- troubleshooting.md: every code that may stand in a summary


@pytest.mark.parametrize("code", Code)
def test_every_code_is_in_troubleshooting(code):
    assert re.search(rf"^\| `{code}` \|", page("troubleshooting.md"), re.MULTILINE)


def test_no_code_is_explained_that_does_not_exist():
    explained = (
        page("troubleshooting.md").partition("## Why a record was rejected")[2].partition("## Other questions")[0]
    )
    assert sorted(re.findall(r"^\| `(\w+)` \|", explained, re.MULTILINE)) == sorted(Code)


def test_the_french_page_of_messages_explains_every_code_once():
    assert sorted(re.findall(r"^\| `(\w+)` \|", page("fr/messages.md"), re.MULTILINE)) == sorted(Code)


@pytest.mark.parametrize("code", Code)
def test_where_the_summary_knows_a_next_step_troubleshooting_knows_one_too(code):
    (advice,) = re.findall(rf"^\| `{code}` \|.*\| (.*) \|$", page("troubleshooting.md"), re.MULTILINE)
    assert not (code.next_step and advice == "Nothing.")


# --- all pages


@pytest.mark.parametrize("path", PAGES, ids=of)
def test_every_link_leads_somewhere(path):
    text = without_blocks(path.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        goal = (path.parent / file).resolve() if file else path
        assert goal.exists(), f"{target} is not there"
        if anchor:
            assert anchor in anchors(goal.read_text(encoding="utf-8")), f"{target} has no such heading"


@cache
def existing_tests() -> set[str]:
    found: set[str] = set()
    for folder in ("unit_tests", "integration_tests"):
        for file in (ROOT / folder).rglob("*.py"):
            found |= set(re.findall(r"^ *def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE))
            found.add(file.stem)
    return found


@pytest.mark.parametrize("path", PAGES, ids=of)
def test_every_test_that_is_named_exists(path):
    named = set(re.findall(r"`(test_\w+)`", path.read_text(encoding="utf-8")))
    assert named <= existing_tests()


def test_every_page_can_be_reached_from_the_readme():
    reached, ahead = set(), [ROOT / "README.md"]
    while ahead:
        here = ahead.pop()
        if here in reached:
            continue
        reached.add(here)
        targets = re.findall(r"\]\(([^)#\s]+\.md)", here.read_text(encoding="utf-8"))
        ahead += [(here.parent / target).resolve() for target in targets if "://" not in target]
    assert set(PAGES) <= reached


def test_presets_of_the_pages_are_yaml_of_a_presets_form():
    for path in DOCS.rglob("*.md"):
        for block in blocks(path.read_text(encoding="utf-8"), "yaml preset"):
            assert yaml.safe_load(block)
            assert read_preset(block).streams
