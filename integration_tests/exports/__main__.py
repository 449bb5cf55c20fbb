"""Write the exports: `python -m integration_tests.exports FOLDER [NAME…]`."""

from __future__ import annotations

import sys
from pathlib import Path

from integration_tests.exports.registry import EXPORTS, PRACTICE


def main(folder: str, *names: str) -> None:
    """Write the exports of these names, or all, and what is true of them."""
    for export in (*EXPORTS, *PRACTICE):
        if not names or export.name in names:
            truth = export.write(Path(folder, export.name))
            Path(folder, f"{export.name}.truth.yaml").write_text(truth.as_yaml(), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
