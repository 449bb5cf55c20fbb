"""Pictures of the studio, in English and French: `python -m integration_tests.page.studio_pictures FOLDER`.

Taken of a real studio, on the way that docs/erp-export.md tells: the invented company of `examples/erp_fr` is added,
its question answered, and the mapping loaded into a sandbox.
"""

from __future__ import annotations

import base64
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from examples.erp_fr.company import make_year
from examples.erp_fr.exports import write_flat
from fincome_tools.demo.processes import started
from integration_tests.page.browser import chromium

READY = re.compile(r"Studio ready: (\S+)")
WIDTH = 900
LANGUAGES = {"en": "en-GB", "fr": "fr-FR"}
MINUTE = 60_000
# To the questions in their order, as examples/erp_fr/answers.yaml has them.
ANSWERS = ("EUR", "both")
WHOLE = re.compile("Of all rows|Sur toutes les lignes")


def take(folder: Path) -> None:
    """Write a picture of each step and language into the folder, as WebP."""
    with tempfile.TemporaryDirectory(prefix="fincome-pictures-") as temporary, chromium() as browser:
        workspace = Path(temporary)
        write_flat(make_year(), workspace)
        for code, locale in LANGUAGES.items():
            with _studio(workspace) as address, _window(browser, locale) as page:
                page.goto(address)
                _photograph(page, workspace / "factures.csv", folder, code)


@contextmanager
def _studio(workspace: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "fincome_tools.cli", "map", "--no-browse"]
    log = workspace / "studio.log"
    with started(command, errors_to=log) as process:
        assert process.stdout
        found = READY.search(process.stdout.readline().decode())
        if not found:
            raise SystemExit(f"The studio ended at its start: {log.read_text(errors='replace')}")
        yield found[1]


@contextmanager
def _window(browser: Browser, locale: str) -> Iterator[Page]:
    context = browser.new_context(locale=locale, viewport={"width": WIDTH, "height": 1000}, color_scheme="light")
    try:
        yield context.new_page()
    finally:
        context.close()


def _photograph(page: Page, export: Path, folder: Path, code: str) -> None:
    page.set_input_files("#file", export)
    page.click("#add")
    # Once all is computed, nothing changes under the camera.
    expect(page.locator("#result")).to_contain_text(WHOLE, timeout=MINUTE)
    for answer in ANSWERS:
        expect(page.locator(f"label:has(input[value={answer}]) .effect")).to_be_visible(timeout=MINUTE)
    _save(page, "#files", folder / f"studio-files-{code}.webp")
    _save(page, "#questions", folder / f"studio-questions-{code}.webp")
    page.click("#columns-1 summary")
    _save(page, "#columns-1", folder / f"studio-columns-{code}.webp")
    page.click("#columns-1 summary")
    for answer in ANSWERS:
        page.locator(f"#questions input[value={answer}]").check()
        page.click("#q1-answer")
        expect(page.locator(f"#questions input[value={answer}]")).to_have_count(0, timeout=MINUTE)
    expect(page.locator("#mrr tbody tr")).to_have_count(12, timeout=MINUTE)
    expect(page.locator("#result")).to_contain_text(WHOLE, timeout=MINUTE)
    _save(page, "#result", folder / f"studio-result-{code}.webp")
    page.click("#load")
    expect(page.locator("#sandbox-page")).to_be_visible(timeout=MINUTE)
    _save(page, "#text", folder / f"studio-text-{code}.webp")
    if code == "en":
        page.goto(page.locator("#sandbox-page").get_attribute("href") or "")
        _save(page, "main", folder / "studio-revenue.webp", height=760)


def _save(page: Page, place: str, path: Path, *, height: float = 1400) -> None:
    """Photograph an element, or what fits into the height; Playwright itself knows no WebP."""
    box = page.locator(place).first.bounding_box()
    assert box
    top = page.evaluate("() => window.scrollY")
    clip = {"x": box["x"], "y": box["y"] + top, "width": box["width"], "height": min(box["height"], height), "scale": 1}
    asked = {"format": "webp", "quality": 80, "clip": clip, "captureBeyondViewport": True}
    shot = page.context.new_cdp_session(page).send("Page.captureScreenshot", asked)
    path.write_bytes(base64.b64decode(shot["data"]))


if __name__ == "__main__":
    take(Path(sys.argv[1]))
