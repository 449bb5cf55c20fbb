"""The README's picture, from a real sync: `python -m integration_tests.page.picture EXAMPLE FOLDER`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from fincome_tools.demo.platform import sync
from fincome_tools.demo.processes import running_sandbox
from integration_tests.page.browser import chromium, opened

# What fits on a screen: the head of the page, and its first chart.
HEIGHT = 960


def take(example: Path, folder: Path) -> Path:
    """Sync the example into a sandbox, and photograph its revenue."""
    picture = folder / "revenue.png"
    with tempfile.TemporaryDirectory(prefix="fincome-picture-") as temporary:
        workspace = Path(temporary)
        with running_sandbox(workspace) as access, chromium() as browser, opened(browser) as page:
            run = sync(example, access, workspace)
            if not run.seen.good:
                raise SystemExit(f"The sync failed: {run.seen.errors}")
            page.set_viewport_size({"width": 1280, "height": HEIGHT})
            page.goto(access.page_url + "/revenue")
            page.screenshot(path=picture)
    return picture


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2]))
