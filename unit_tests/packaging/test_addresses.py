"""Where we publish: two places decide, everything else repeats them, and links to our own site lead to a page."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
SITE = URLS["Documentation"]
OWNER, NAME = URLS["Repository"].removeprefix("https://github.com/").split("/")
IMAGE = yaml.safe_load((ROOT / "metadata.yaml").read_text(encoding="utf-8"))["data"]["dockerRepository"]
TEXTS = {".md", ".py", ".yaml", ".yml", ".toml", ".cfg", ".json", ".tf", ""}
# Pages that are read elsewhere too: on PyPI, in Airbyte's documentation.
ELSEWHERE = [ROOT / "docs" / "package.md", ROOT / "docs" / "integrations" / "destinations" / "fincome.md"]


def texts() -> dict[Path, str]:
    """Every text of the repository that git would take."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:  # an export without its history
        paths = [path for path in ROOT.rglob("*") if not {"build", ".venv"} & set(path.relative_to(ROOT).parts)]
    else:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return {path: path.read_text(encoding="utf-8") for path in paths if path.is_file() and path.suffix in TEXTS}


def test_every_address_of_ours_is_of_the_place_that_pyproject_and_metadata_name() -> None:
    assert f"https://{OWNER}.github.io/{NAME}/" == SITE
    assert f"ghcr.io/{OWNER}/{NAME}" == IMAGE
    ours = re.compile(
        r"(?:github\.com/|ghcr\.io/|raw\.githubusercontent\.com/)[\w.-]+/destination-fincome\b|[\w-]+\.github\.io/destination-fincome\b"
    )
    known = {f"github.com/{OWNER}/{NAME}", f"ghcr.io/{OWNER}/{NAME}", f"{OWNER}.github.io/{NAME}"}
    known.add(f"raw.githubusercontent.com/{OWNER}/{NAME}")
    found = {(path, one) for path, text in texts().items() for one in ours.findall(text)}
    assert len({path for path, _ in found}) > 4
    assert {(path, one) for path, one in found if one not in known and path != Path(__file__)} == set()


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", ELSEWHERE, ids=lambda page: page.name)
def test_links_to_the_documentation_lead_to_a_page(page: Path) -> None:
    links = re.findall(rf"\]\({re.escape(SITE)}([^)]*)\)", page.read_text(encoding="utf-8"))
    assert links
    for link in links:
        path, _, anchor = link.partition("#")
        name = path.strip("/")
        goal = (
            ROOT
            / "docs"
            / (f"{name}.md" if name and name != "fr" else "fr/install-airbyte.md" if name else "../README.md")
        )
        assert goal.is_file(), link
        assert not anchor or anchor in anchors(goal), link


@pytest.mark.parametrize("page", ELSEWHERE, ids=lambda page: page.name)
def test_pages_that_are_read_elsewhere_have_no_relative_links(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not link.startswith(("https://", "#"))] == []
