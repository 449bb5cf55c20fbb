"""A year of an invented SaaS company, as Airbyte's source-stripe would deliver it.

The generator first simulates the business (`cast` decides what happens, `billing` bills it, `model` is the
result: the world), then renders the world as Stripe objects (`render_*`) and puts them on a wire (`wire`).
`figures` computes from the world, never from the rendered records, what a Fincome account must hold
afterwards: that makes the figures a test of everything in between.
"""

from __future__ import annotations

import json
from pathlib import Path

from examples.stripe_year.cast import invent_world
from examples.stripe_year.figures import expected_figures
from examples.stripe_year.render_streams import render_streams
from examples.stripe_year.schema import configured_catalog
from examples.stripe_year.wire import messages_of

DEFAULT_SEED = 2025
DEFAULT_CUSTOMERS = 120


def generate(folder: Path, *, seed: int = DEFAULT_SEED, customers: int = DEFAULT_CUSTOMERS) -> dict[str, int]:
    """Write catalog.json, messages.jsonl and expected.json; return the number of records per stream.

    The same seed and number of customers give the same bytes, on every machine and Python version.
    """
    world = invent_world(seed=seed, customers=customers)
    streams = render_streams(world)
    counts = {name: len(records) for name, records in streams.items()}
    folder.mkdir(parents=True, exist_ok=True)
    _write_json(folder / "catalog.json", configured_catalog())
    _write_json(folder / "expected.json", {**expected_figures(world), "records": counts})
    lines = "".join(json.dumps(message) + "\n" for message in messages_of(streams, seed=seed))
    (folder / "messages.jsonl").write_bytes(lines.encode())
    return counts


def _write_json(path: Path, content: object) -> None:
    # Bytes, so that no platform's line ends or encoding change the file.
    path.write_bytes((json.dumps(content, indent=2) + "\n").encode())
