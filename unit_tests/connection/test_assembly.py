"""How a connection is put together from a config and a catalog."""

from __future__ import annotations

from dataclasses import replace

import pytest

from destination_fincome.connection import assembly
from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import load_contract
from destination_fincome.protocol.catalog import Catalog, parse_catalog

CATALOG = parse_catalog(
    {"streams": [{"stream": {"name": "customers", "json_schema": {"properties": {"id": {}, "name": {}}}}}]}
)
CONFIG = {"api_key": "0123456789", "null_handling": "clear"}


def test_nulls_are_sent_only_if_the_contract_says_that_they_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    assert assembly.understand(CONFIG, CATALOG).plan.fed == {"customers"}
    monkeypatch.setattr(assembly, "corrected_contract", lambda _: replace(load_contract(), nulls_clear=False))
    with pytest.raises(ConfigFailure, match="`null_handling` is clear, but a null clears nothing in Fincome"):
        assembly.understand(CONFIG, CATALOG)
    with pytest.raises(ConfigFailure, match="`null_handling`"):
        assembly.check_connection(CONFIG)
    assert assembly.understand({**CONFIG, "null_handling": "omit"}, CATALOG).plan.fed == {"customers"}


def netsuite(**modes: str) -> Catalog:
    """NetSuite's tables, each read in the mode that is said; what nothing is said of in full."""
    streams = ("transaction", "transactionline", "currency")
    return parse_catalog(
        {
            "streams": [
                {
                    "stream": {"name": name, "json_schema": {"properties": {"id": {}}}},
                    "sync_mode": modes.get(name, "full_refresh"),
                    "destination_sync_mode": "append",
                }
                for name in streams
            ]
        }
    )


def test_rows_that_complete_others_must_all_come() -> None:
    tables = {"api_key": "0123456789", "source": "netsuite_tables"}
    assert assembly.understand(tables, netsuite()).plan.preset.name == "netsuite_tables"
    # What is completed may be read as it changes.
    assert assembly.understand(tables, netsuite(transaction="incremental")).plan.preset.name == "netsuite_tables"
    with pytest.raises(ConfigFailure, match="Choose Full refresh for transactionline") as told:
        assembly.understand(tables, netsuite(transactionline="incremental"))
    assert "the records of transaction would be completed" in str(told.value)
