"""Writes the lists of the documentation that code or data know: `make docs`, or `--check` to see whether they are so.

A list has its place between two lines of a page. That of all presets is in the README (`<!-- sources -->`) and in
docs/mapping.md (`<!-- table of presets -->`). That of docs/contract.md is `<!-- other APIs -->`: its rows are those
that integration_tests/test_other_apis.py plays. What the pages of the sources show of their presets is not kept: the
site's build writes it (docs/source_pages.py).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

from destination_fincome.mapping.preset import load_presets

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", ROOT / "docs" / "mapping.md", ROOT / "docs" / "contract.md")
OTHER_APIS = ROOT / "integration_tests" / "other_apis.yaml"
PLACE = re.compile(r"(<!-- (?P<what>other APIs|sources|table of presets) -->\n).*?(?=<!-- end -->)", re.DOTALL)


def main() -> int:
    """Write all lists, or say which are out of date; returns the exit code."""
    found = {path: filled(path.read_text(encoding="utf-8")) for path in PAGES}
    stale = [path for path in PAGES if found[path] != path.read_text(encoding="utf-8")]
    for path in stale:
        if "--check" in sys.argv[1:]:
            print(f"{path.name} is out of date: run `make docs`")
        else:
            path.write_text(found[path], encoding="utf-8")
            print(f"{path.name} written")
    return 1 if stale and "--check" in sys.argv[1:] else 0


def filled(page: str) -> str:
    """Return a page with its lists as the code and the data are now."""
    lists = {"other APIs": other_apis, "sources": sources, "table of presets": table_of_presets}
    return PLACE.sub(lambda found: found[1] + "\n" + "\n".join(lists[found["what"]]()) + "\n", page)


def sources() -> Iterator[str]:
    """Yield the sources for which there is a preset, each with its page; a line for each, of one paragraph."""
    known = [preset for preset in load_presets().values() if preset.name != "fincome"]
    for place, preset in enumerate(known):
        yield f"[{preset.title}](docs/sources/{preset.name}.md)" + (" ·" if place + 1 < len(known) else "")
    yield ""


def table_of_presets() -> Iterator[str]:
    """Yield the table of all presets."""
    yield "| Preset | For | Page |"
    yield "| --- | --- | --- |"
    for preset in load_presets().values():
        yield f"| `{preset.name}` | {preset.title} | [sources/{preset.name}.md](sources/{preset.name}.md) |"
    yield ""


ENDS = {
    "works": "works",
    "stops": "stops before a state leaves, and says so",
    "warns": "goes on, and says what isn't as it was sent",
}


def other_apis() -> Iterator[str]:
    """Yield the table of what becomes of an API that differs in one thing."""
    yield "| An API that differs in one thing | A sync | The connection test |"
    yield "| --- | --- | --- |"
    for row in yaml.safe_load(OTHER_APIS.read_text(encoding="utf-8")):
        ends = ENDS[row["ends"]] + ("; works with the text that the probe prints" if row.get("pasted") else "")
        yield f"| {row['says']} | {ends} | {'names it' if row.get('check') else ''} |"
    yield ""


if __name__ == "__main__":
    sys.exit(main())
