"""The SPEC message, straight from spec.json: importing the CDK for it would take most of the time it needs."""

from importlib import resources
from typing import Any

import orjson


def spec_message() -> dict[str, Any]:
    """Return the SPEC message, the same as the CDK makes of spec.json."""
    text = resources.files("destination_fincome").joinpath("spec.json").read_bytes()
    return {"type": "SPEC", "spec": orjson.loads(text)}
