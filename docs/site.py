"""Prepare the documentation's site: `make site` builds it with Zensical, one build for each language.

The pages are written to be read in the repository. What the site needs otherwise is changed in a copy below
build/site: links out of `docs` lead to the repository, links between languages to the other build, and the README is
the first page. The pages of the sources get there what their presets say (docs/source_pages.py).

    python docs/site.py path/to/zensical
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath

from docs.source_pages import PAGES as PAGES_OF_SOURCES
from docs.source_pages import source_page

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build" / "site"
URLS: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
LINK = re.compile(r"(!?\[[^\]]*\])\(([^)\s]+)\)")
# What has no place in a site: ours are told apart by a second word.
FENCE = re.compile(r"^```(\w+) [^\n]*$", re.MULTILINE)
# Pictures of other servers, which would learn of each reader.
BADGES = re.compile(r"^\[?!\[[^\]]*\]\(https://[^\n]*\n", re.MULTILINE)
# The pages of docs/fr by their titles, in the order in which they are read; the first one is the site's.
FRENCH = {
    "Par où commencer": "start.md",
    "Export d'un ERP": "erp-export.md",
    "Attributs d'un CRM": "crm.md",
    "Airbyte": "install-airbyte.md",
    "Votre correspondance": "own-mapping.md",
    "Messages": "messages.md",
}
# Anchors as the repository's pages have them, with accents.
SLUGS = '!!python/object/apply:pymdownx.slugs.slugify {"kwds": {"case": "lower"}}'

NAVIGATION = [
    {"Start": "index.md"},
    {"For finance": ["start.md", "erp-export.md", "crm.md", "messages.md"]},
    {"Use": ["install-airbyte.md", "integrations/destinations/fincome.md", "configuration.md", "hosts.md", "sandbox.md",
             "commands.md", "map.md", "load.md", "preview.md", "reconcile.md", "resend.md", "summary.md",
             "troubleshooting.md", "revenue.md"]},
    {"Mapping": ["mapping.md", "own-mapping.md"]},
    {"Trust": ["guarantees.md", "contract.md", "performance.md", "scaling.md", "testing.md", "security.md"]},
    {"Develop": ["architecture.md", "contributing.md", "releasing.md", "changelog.md"]},
]  # fmt: skip


@dataclass(frozen=True)
class Language:
    """One build.

    Attributes:
        pages: the place in the site of each page of the repository.
        home: where the build is in the site, from its root.
    """

    code: str
    name: str
    home: str
    pages: dict[str, str]
    navigation: list[object]


def english() -> Language:
    """The whole documentation."""
    pages = {"README.md": "index.md", "CHANGELOG.md": "changelog.md", "SECURITY.md": "security.md"}
    for path in sorted((ROOT / "docs").rglob("*.md")):
        name = path.relative_to(ROOT / "docs").as_posix()
        if not name.startswith("fr/") and name != "package.md":
            pages[f"docs/{name}"] = name
    listed = {
        name
        for part in NAVIGATION
        for names in part.values()
        for name in ([names] if isinstance(names, str) else names)
    }
    folders = {
        title: sorted(name for name in pages.values() if name.startswith(folder))
        for title, folder in (("Sources", "sources/"), ("Recipes", "recipes/"))
    }
    rest = sorted(set(pages.values()) - listed.union(*folders.values()))
    parts = [{title: names} for title, names in folders.items()]
    return Language("en", "English", "", pages, [*NAVIGATION, *parts, *({"More": rest},) * bool(rest)])


def french() -> Language:
    """The pages for those who bring data in: from the first export to the messages."""
    names = sorted(path.name for path in (ROOT / "docs" / "fr").glob("*.md"))
    first, *_ = FRENCH.values()
    pages = {f"docs/fr/{name}": "index.md" if name == first else name for name in names}
    listed = [{title: pages[f"docs/fr/{name}"]} for title, name in FRENCH.items()]
    rest = [pages[f"docs/fr/{name}"] for name in names if name not in FRENCH.values()]
    return Language("fr", "Français", "fr/", pages, [*listed, *rest])


def write(language: Language, others: list[Language], folder: Path) -> Path:
    """Write a language's pages and settings into a folder, without what was there; returns the file of settings."""
    shutil.rmtree(folder, ignore_errors=True)
    for page, place in language.pages.items():
        goal = folder / "docs" / place
        goal.parent.mkdir(parents=True, exist_ok=True)
        goal.write_text(converted(page, place, language, others), encoding="utf-8")
    shutil.copytree(ROOT / "docs" / "images", folder / "docs" / "images")
    file = folder / "mkdocs.yml"
    # JSON is YAML, but for what makes the anchors.
    text = json.dumps(settings(language, [language, *others]), indent=1)
    file.write_text(text.replace(json.dumps(SLUGS), SLUGS), encoding="utf-8")
    return file


def converted(page: str, place: str, language: Language, others: list[Language]) -> str:
    """A page with the site's links."""

    def link(found: re.Match[str]) -> str:
        text, target = found.groups()
        if "://" in target or target.startswith("#"):
            return found[0]
        path, mark, anchor = target.partition("#")
        goal = normpath(f"{Path(page).parent.as_posix()}/{path}")
        return f"{text}({address(goal, place, language, others)}{mark}{anchor})"

    path = ROOT / page
    whole = source_page(path) if path.parent == PAGES_OF_SOURCES else path.read_text(encoding="utf-8")
    text = BADGES.sub("", whole)
    return FENCE.sub(lambda fence: f"```{'text' if fence[1] == 'examples' else fence[1]}", LINK.sub(link, text))


def address(goal: str, place: str, language: Language, others: list[Language]) -> str:
    """Where a file of the repository is, seen from a page of the site."""
    up = "../" * place.count("/")
    if goal in language.pages:
        return up + language.pages[goal]
    if goal.startswith("docs/images/"):
        return up + goal.removeprefix("docs/")
    for other in others:
        if goal in other.pages:
            there = other.pages[goal].removesuffix(".md")
            return URLS["Documentation"] + other.home + ("" if there == "index" else f"{there}/")
    kind = "tree" if (ROOT / goal).is_dir() else "blob"
    return f"{URLS['Repository']}/{kind}/main/{goal}"


def settings(language: Language, all_languages: list[Language]) -> dict[str, object]:
    """Zensical's settings, in the form of MkDocs."""
    root = URLS["Documentation"]
    return {
        "site_name": "destination-fincome",
        "site_url": root + language.home,
        "repo_url": URLS["Repository"],
        "docs_dir": "docs",
        "site_dir": "site",
        "nav": language.navigation,
        # No fonts of others: a reader's address goes nowhere else.
        "theme": {"language": language.code, "font": False, "features": ["navigation.tabs", "content.code.copy"]},
        "extra": {
            "alternate": [
                {"name": one.name, "link": root + one.home, "lang": one.code}
                for one in sorted(all_languages, key=lambda one: one.code)
            ]
        },
        "markdown_extensions": [
            "tables",
            "admonition",
            "md_in_html",
            "pymdownx.superfences",
            {"toc": {"permalink": True, "slugify": SLUGS}},
        ],
    }


def main() -> None:
    """Build the site into build/site/site, strictly: a link that leads nowhere is a failure."""
    languages = [english(), french()]
    whole = BUILD / "site"
    shutil.rmtree(whole, ignore_errors=True)
    for language in languages:
        file = write(language, [one for one in languages if one is not language], BUILD / language.code)
        command = [str(Path(sys.argv[1]).absolute()), "build", "--strict", "--config-file", str(file)]
        if subprocess.run(command, cwd=file.parent, check=False).returncode:  # noqa: S603 (our own command)
            sys.exit(f"The site's {language.name} build failed.")
        shutil.copytree(file.parent / "site", whole / language.home, dirs_exist_ok=True)


if __name__ == "__main__":
    main()
