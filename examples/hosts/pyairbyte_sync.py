"""Stripe into Fincome with PyAirbyte. What the connector confirmed is kept, so the next sync brings what is new."""

import os

import airbyte as ab
from airbyte.caches import DuckDBCache


def sync(source: ab.Source, destination: ab.Destination, states: str) -> int:
    """Sync all streams; returns how many records were read. `states` is the file that keeps the states."""
    result = destination.write(source, streams="*", cache=False, state_cache=DuckDBCache(db_path=states))
    return result.processed_records


if __name__ == "__main__":
    stripe = {"account_id": os.environ["STRIPE_ACCOUNT"], "client_secret": os.environ["STRIPE_KEY"]}
    fincome = {"api_key": os.environ["FINCOME_API_KEY"]}
    sync(
        ab.get_source("source-stripe", config={**stripe, "start_date": "2024-01-01T00:00:00Z"}),
        ab.get_destination("destination-fincome", config=fincome),
        "states.duckdb",
    )
