"""How a connection is put together from a config and a catalog."""

from __future__ import annotations

from dataclasses import replace

import pytest

from destination_fincome.codes import Code
from destination_fincome.connection import assembly
from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.misfits import LOST
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


def tables(*names: str, **modes: str) -> Catalog:
    """Tables, each read in the mode that is said; what nothing is said of in full."""
    return parse_catalog(
        {
            "streams": [
                {
                    "stream": {"name": name, "json_schema": {"properties": {"id": {}}}},
                    "sync_mode": modes.get(name, "full_refresh"),
                    "destination_sync_mode": "append",
                }
                for name in names
            ]
        }
    )


def test_rows_that_complete_others_must_all_come() -> None:
    config, names = (
        {"api_key": "0123456789", "source": "netsuite_tables"},
        ("transaction", "transactionline", "currency"),
    )
    assert assembly.understand(config, tables(*names)).plan.preset.name == "netsuite_tables"
    # What is completed may be read as it changes.
    assert assembly.understand(config, tables(*names, transaction="incremental"))
    with pytest.raises(ConfigFailure, match="Choose Full refresh for transactionline") as told:
        assembly.understand(config, tables(*names, transactionline="incremental"))
    assert "the records of transaction would be completed" in str(told.value)


@pytest.mark.parametrize(
    ("source", "stream", "missed"),
    [("braintree", "transaction_stream", "a payment that is settled, fails or is voided"), ("orb", "invoices", "void")],
)
def test_a_stream_whose_changes_an_incremental_sync_never_brings_is_told(source: str, stream: str, missed: str) -> None:
    config = {"api_key": "0123456789", "source": source}
    (note,) = (one for one in notes(config, tables(stream, **{stream: "incremental"})) if "incremental" in one)
    assert missed in note
    assert note.endswith("figures grow old: choose Full refresh for it")
    assert not [one for one in notes(config, tables(stream)) if "incremental" in one]
    # Their records come with each change.
    assert not [
        one for one in notes({**config, "source": "stripe"}, tables("invoices", invoices="incremental")) if "old" in one
    ]


@pytest.mark.parametrize(
    ("source", "stream"), [("lago", "subscriptions"), ("invoiced", "subscriptions"), ("xero", "repeating_invoices")]
)
def test_a_stream_that_lists_nothing_that_has_ended_is_told_unless_a_memory_sees_it(source: str, stream: str) -> None:
    config = {"api_key": "0123456789", "source": source}
    assert [one for one in notes(config, tables(stream)) if f"in stream {stream} only what hasn't ended" in one]
    remembered = {**config, "memory_url": "file:///data/memory"}
    assert not [one for one in notes(remembered, tables(stream)) if "ended" in one]


def notes(config: dict[str, str], catalog: Catalog) -> tuple[str, ...]:
    return assembly.understand(config, catalog).plan.notes


def test_rows_that_figures_do_not_need_may_come_as_they_change() -> None:
    config, names = {"api_key": "0123456789", "source": "odoo"}, ("account_move", "account_move_line", "res_currency")
    assert assembly.understand(config, tables(*names, account_move_line="incremental"))
    with pytest.raises(ConfigFailure, match="Choose Full refresh for res_currency"):
        assembly.understand(config, tables(*names, res_currency="incremental"))


def test_columns_of_figures_that_a_stream_lacks_are_in_the_summary_before_a_record_has_come() -> None:
    mapping = "version: 1\nstreams:\n  bills:\n    emits:\n      - entity: invoices\n"
    mapping += "        operation: update_only\n        fields: {id: id, amount: net}\n"
    sync = assembly.build_sync({**CONFIG, "mapping": mapping}, tables("bills"))
    ((code, text),) = sync.report.warnings
    assert (code, text) == (Code.OTHER_COLUMNS, LOST)
    assert sync.report.warnings[code, text].example == "net of stream bills"
    of_files = assembly.build_sync({**CONFIG, "mapping": mapping}, tables("bills"), has_whole_input=True)
    assert not of_files.report.warnings
