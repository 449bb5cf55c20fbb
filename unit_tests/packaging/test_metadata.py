"""metadata.yaml against Airbyte's own schema, and the same version, license and base everywhere."""

import importlib.util
import re
import tomllib
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import jsonschema
import pytest
import yaml

from destination_fincome.fincome.contract import load_contract
from destination_fincome.protocol.specification import spec_message

ROOT = Path(__file__).parents[2]
METADATA: dict[str, Any] = yaml.safe_load((ROOT / "metadata.yaml").read_text(encoding="utf-8"))
DATA: dict[str, Any] = METADATA["data"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PAGE = ROOT / "docs" / "integrations" / "destinations" / "fincome.md"


PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def label(name: str) -> str:
    found = re.search(rf'{re.escape(name)}="([^"]+)"', DOCKERFILE)
    assert found, f"the image has no label {name}"
    return found[1]


# --- one truth in several places


def versions() -> Iterator[tuple[str, str]]:
    yield "pyproject.toml, [project]", PYPROJECT["project"]["version"]
    yield "pyproject.toml, [tool.poetry]", PYPROJECT["tool"]["poetry"]["version"]
    yield "metadata.yaml", DATA["dockerImageTag"]
    yield "the image's label", label("io.airbyte.version")
    releases = re.findall(r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    yield "CHANGELOG.md", releases[0]
    yield (
        "the destination's page",
        re.findall(r"^\| (\d+\.\d+\.\d+) ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)[0],
    )


@pytest.mark.parametrize(("place", "version"), list(versions()))
def test_the_version_is_the_same_everywhere(place: str, version: str) -> None:
    assert version == DATA["dockerImageTag"], f"{place} has {version}, metadata.yaml has {DATA['dockerImageTag']}"


def test_the_first_version_in_pyproject_is_the_packages_because_airbytes_release_tool_changes_only_that() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    raised = re.sub(r"""(version\s*=\s*["'])([^"']+)(["'])""", r"\g<1>9.9.9\g<3>", text, count=1)
    assert tomllib.loads(raised) == {**PYPROJECT, "project": {**PYPROJECT["project"], "version": "9.9.9"}}


def test_the_license_is_the_same_everywhere() -> None:
    assert DATA["license"] == PYPROJECT["project"]["license"] == PYPROJECT["tool"]["poetry"]["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")


def test_the_image_is_built_on_the_base_that_the_metadata_name() -> None:
    assert f"\nARG BASE={DATA['connectorBuildOptions']['baseImage']}\n" in DOCKERFILE
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["${BASE}", "${BASE}"]
    assert re.search(r"@sha256:[0-9a-f]{64}$", DATA["connectorBuildOptions"]["baseImage"])


def test_the_image_has_the_name_that_the_metadata_give_it() -> None:
    assert label("io.airbyte.name") == DATA["dockerRepository"]


# --- what the platform may do with it


def test_the_api_of_the_contract_may_be_reached() -> None:
    host = load_contract().base_url.split("/")[2]
    assert DATA["allowedHosts"]["hosts"][0] == host


def test_the_definition_has_an_id_of_its_own() -> None:
    assert UUID(DATA["definitionId"]).version == 4


def allowed(config: dict[str, str]) -> list[str]:
    """What the platform makes of the allowed hosts: an address in a setting gives its host, an unset one nothing."""
    hosts = []
    for host in DATA["allowedHosts"]["hosts"]:
        setting = re.fullmatch(r"\$\{(\w+)\}", host)
        value = config.get(setting[1]) if setting else host
        hosts += [urlsplit(value).hostname or value if setting else value] if value else []
    return hosts


def test_hosts_that_the_user_sets_may_be_reached_and_without_them_only_the_fixed_ones() -> None:
    fixed = ["api2.fincome.co", "*.amazonaws.com", "storage.googleapis.com", "oauth2.googleapis.com"]
    assert allowed({}) == fixed
    chosen = {"base_url": "https://fincome.example.com/product", "s3_endpoint_url": "https://minio.example.com:9000"}
    assert set(allowed(chosen)) == {*fixed, "fincome.example.com", "minio.example.com"}


def test_the_hosts_name_settings_that_exist_and_hold_an_address() -> None:
    properties = spec_message()["spec"]["connectionSpecification"]["properties"]
    named = [host[2:-1] for host in DATA["allowedHosts"]["hosts"] if host.startswith("$")]
    assert named
    assert all(properties[name]["pattern"].startswith("^https?://") for name in named)


def test_pyairbyte_finds_the_package_that_is_built() -> None:
    pypi = DATA["remoteRegistries"]["pypi"]
    assert pypi == {"enabled": True, "packageName": PYPROJECT["project"]["name"]}
    assert pypi["packageName"] == f"airbyte-{DATA['githubIssueLabel']}"


def test_a_refresh_sends_everything_again_and_replaces_nothing() -> None:
    assert DATA["supportsRefreshes"] is True
    assert "overwrite" not in spec_message()["spec"]["supported_destination_sync_modes"]


def test_airbytes_ci_is_asked_only_for_tests_that_need_nothing_but_python() -> None:
    assert DATA["connectorTestSuitesOptions"] == [{"suite": "unitTests"}]


# --- against the schema, where the package that carries it can be installed (Python before 3.13)

HAS_SCHEMA = importlib.util.find_spec("airbyte_connector_models") is not None

if HAS_SCHEMA:

    def schema() -> dict[str, Any]:
        """Airbyte's schema; its parts' own ids would lead its references astray."""
        package = importlib.util.find_spec("airbyte_connector_models.metadata.v0")
        assert package
        assert package.submodule_search_locations
        file = Path(package.submodule_search_locations[0]) / "ConnectorMetadataDefinitionV0.json"
        document: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        return {key: _without_ids(value) for key, value in document.items() if key != "$id"}

    def _without_ids(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: _without_ids(v) for k, v in value.items() if not (k == "$id" and isinstance(v, str))}
        return [_without_ids(item) for item in value] if isinstance(value, list) else value

    def problems(metadata: dict[str, Any]) -> list[str]:
        validator = jsonschema.Draft7Validator(schema(), format_checker=jsonschema.FormatChecker())
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(metadata)]

    def test_the_metadata_are_valid() -> None:
        assert problems(METADATA) == []

    @pytest.mark.parametrize(
        "change",
        [{"connectorSubtype": "crm"}, {"registries": {}}, {"definitionId": None}, {"resourceRequirements": {"x": {}}}],
        ids=lambda change: next(iter(change)),
    )
    def test_metadata_that_are_not_valid_would_be_noticed(change: dict[str, Any]) -> None:
        assert problems({**METADATA, "data": {**DATA, **change}})


# --- Airbyte's rules for connectors (docs/testing.md lists them)


def test_qa_the_tags_name_language_and_cdk() -> None:
    assert {"language:python", "cdk:python"} <= set(DATA["tags"])


def test_qa_the_version_is_a_semantic_one() -> None:
    assert re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", DATA["dockerImageTag"])


def test_qa_the_icon_is_a_square_drawing() -> None:
    icon = ElementTree.parse(ROOT / DATA["icon"]).getroot()
    assert DATA["icon"] == "icon.svg"
    assert icon.tag == "{http://www.w3.org/2000/svg}svg"
    assert icon.get("width") == icon.get("height")
    left, top, width, height = map(float, str(icon.get("viewBox")).split())
    assert (left, top, width) == (0, 0, height)
    assert not [node for node in icon.iter() if node.tag.endswith(("script", "image", "foreignObject"))]


def test_qa_there_is_a_page_of_the_connectors_name_where_the_metadata_say() -> None:
    assert DATA["documentationUrl"] == f"https://docs.airbyte.com/integrations/destinations/{PAGE.stem}"
    assert spec_message()["spec"]["documentationUrl"] == DATA["documentationUrl"]
    assert PAGE.is_file()
    assert DATA["name"].lower() == PAGE.stem


HEADINGS = [
    "# Fincome",
    "## Prerequisites",
    "## Setup guide",
    "## Supported sync modes",
    "## Output mapping",
    "## Limitations & Troubleshooting",
    "## Namespace support",
    "## Changelog",
]


def test_qa_the_page_has_the_usual_headings_in_the_usual_order() -> None:
    text = PAGE.read_text(encoding="utf-8")
    places = [text.index(f"\n{heading}\n") for heading in HEADINGS]
    assert places == sorted(places)


def test_qa_the_page_names_what_is_required() -> None:
    text = PAGE.read_text(encoding="utf-8")
    prerequisites = text.partition("## Prerequisites")[2].partition("## Setup guide")[0]
    for name in spec_message()["spec"]["connectionSpecification"]["required"]:
        assert spec_message()["spec"]["connectionSpecification"]["properties"][name]["title"] in prerequisites


# As Airbyte's checker reads: line by line, in everything but tests. Comments of a language are let through.
NOT_READ = {"build", "dist", "mutants", "unit_tests", "integration_tests"}
COMMENTS = {".py": "#", ".yml": "#", ".yaml": "#", ".md": "<!--"}


def test_qa_only_https_leads_away_from_this_machine() -> None:
    listed = [path for path in ROOT.iterdir() if path.name == ".github" or path.name[0] != "."]
    listed = [path for path in listed if path.name not in NOT_READ]
    files = [path for one in listed for path in ([one] if one.is_file() else one.rglob("*")) if path.is_file()]
    found = [f"{path}: {line}" for path in files if path.suffix in TEXTS for line in plain_lines(path)]
    assert found == []


TEXTS = {".py", ".yaml", ".yml", ".json", ".toml", ".md", ".css", ".js", ".html", ".lock", ""}


def plain_lines(path: Path) -> Iterator[str]:
    for line in path.read_text("utf-8").splitlines():
        comment = line.lstrip().startswith(COMMENTS.get(path.suffix, "\n")) or "# ignore-https-check" in line
        if not comment and "http://" in re.sub(r"http://(?:localhost|json-schema\.org)", "", line):
            yield line
