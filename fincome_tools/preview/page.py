"""The preview as one self-contained page, to hand to a colleague: no script, nothing loaded from elsewhere."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from destination_fincome.failure import ConfigFailure
from fincome_tools.preview.rehearsal import Preview
from fincome_tools.preview.terminal import EFFECTS, NOT_ASKED, NOT_IN_THE_INPUT, OUTCOMES, fields_of
from fincome_tools.templates import environment_of


def render(preview: Preview) -> str:
    """Return the page; everything that comes from data is escaped."""
    environment = environment_of("fincome_tools.preview")
    environment.filters["pretty"] = _pretty
    environment.filters["words"] = lambda name: name.replace("_", " ")
    environment.filters["fields"] = fields_of
    words = {"not_asked": NOT_ASKED, "not_in_the_input": NOT_IN_THE_INPUT}
    shown = {"preview": preview, "outcomes": OUTCOMES, "effects": EFFECTS, **words}
    return environment.get_template("preview.html").render(shown)


def write(preview: Preview, path: Path) -> None:
    """Write the page, readable for its owner only: it shows the customers' data.

    Raises:
        ConfigFailure: the file can't be written.
    """
    page = render(preview)
    try:
        with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(page)
    except OSError as error:
        raise ConfigFailure(f"The page can't be written: {error.strerror} ({path}).") from error


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
