"""Data activation through the real command line: what `discover` offers, and syncs of connections made with it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from airbyte_protocol_dataclasses.models import airbyte_protocol
from serpyco_rs import Serializer

from destination_fincome.fincome.contract import load_contract
from integration_tests.accounts import Account, Scripted
from integration_tests.messages import Message, catalog, record, state, stream
from integration_tests.orchestrator import Platform
from unit_tests.fork_server import ForkServer

KEY = "discover-key-0123"

# DestinationCatalog and DestinationOperation of Airbyte's protocol, in our own words: airbyte_protocol.yaml (v0, in
# airbytehq/airbyte-protocol), version 0.18. The installed Python models have the same classes, checked below.
DESTINATION_CATALOG_MESSAGE = {
    "type": "object",
    "required": ["type", "destination_catalog"],
    "properties": {
        "type": {"const": "DESTINATION_CATALOG"},
        "destination_catalog": {
            "type": "object",
            "required": ["operations"],
            "properties": {
                "operations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["object_name", "sync_mode", "json_schema"],
                        "properties": {
                            "object_name": {"type": "string"},
                            "sync_mode": {"enum": ["append", "overwrite", "append_dedup", "update", "soft_delete"]},
                            "json_schema": {"type": "object"},
                            "matching_keys": {
                                "type": "array",
                                "items": {"type": "array", "items": {"type": "string"}},
                            },
                        },
                    },
                }
            },
        },
    },
}


Discover = Callable[[object], tuple[int, list[Message]]]


@pytest.fixture(scope="module")
def discover(connector: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Discover:
    """Runs the command with a config; gives its exit code and its messages."""

    def run(config: object) -> tuple[int, list[Message]]:
        folder, temporary = tmp_path_factory.mktemp("discover"), tmp_path_factory.mktemp("tmp")
        file = folder / "config.json"
        file.write_text(json.dumps(config))
        done = connector.run("discover", "--config", file, env={"TMPDIR": str(temporary)})
        assert done.stderr == b""
        assert os.listdir(temporary) == []
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    return run


@pytest.fixture(scope="module")
def message(discover: Discover) -> Message:
    # Nothing listens at that port: discover makes no calls.
    code, messages = discover({"api_key": KEY, "base_url": "http://localhost:9/product"})
    assert code == 0
    (only,) = messages
    return only


def schemas(message: Message) -> dict[tuple[str, str], dict[str, Any]]:
    operations = message["destination_catalog"]["operations"]
    return {(one["object_name"], one["sync_mode"]): one["json_schema"] for one in operations}


# --- discover


def test_discover_emits_one_message_of_the_protocol(message: Message) -> None:
    jsonschema.validate(message, DESTINATION_CATALOG_MESSAGE)
    models = Serializer(airbyte_protocol.DestinationCatalog, omit_none=True)
    loaded = models.load(message["destination_catalog"])
    assert models.dump(loaded) == message["destination_catalog"]
    assert airbyte_protocol.Type(message["type"]) is airbyte_protocol.Type.DESTINATION_CATALOG


def test_every_entity_can_be_created_upserted_and_updated_by_its_id(message: Message) -> None:
    entities = list(load_contract().entities)
    assert list(schemas(message)) == [
        (entity, mode) for entity in entities for mode in ("append", "append_dedup", "update")
    ]
    assert {json.dumps(one["matching_keys"]) for one in message["destination_catalog"]["operations"]} == {'[["id"]]'}


def test_schemas_are_those_of_the_contract(message: Message) -> None:
    found = schemas(message)
    for schema in found.values():
        jsonschema.Draft7Validator.check_schema(schema)
    invoices = found["invoices", "append_dedup"]
    assert set(invoices["required"]) == {"id", "customer_id", "date", "status", "currency", "amount"}
    assert found["invoices", "update"]["required"] == ["id"]
    assert invoices["properties"]["status"] == {"type": "string", "enum": ["open", "paid", "unpaid"]}
    assert invoices["properties"]["amount"] == {"type": "number"}
    assert invoices["properties"]["date"]["airbyte_type"] == "timestamp_with_timezone"
    assert "custom_properties" in invoices["properties"]
    assert invoices["additionalProperties"] is True
    credit_note = {
        "id": "cn_1", "invoice_id": "in_1", "date": "2026-01-31T00:00:00Z", "currency": "EUR", "amount": 1.5,
        "lines": [{"id": "cl_1", "amount": 1.5}], "custom_properties": {"reason": "late"},
    }  # fmt: skip
    jsonschema.validate(credit_note, found["credit_notes", "append"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**credit_note, "lines": [{"id": "cl_1"}]}, found["credit_notes", "append"])


def test_other_columns_are_not_offered_when_they_would_be_ignored(discover: Discover) -> None:
    _, (message,) = discover({"api_key": KEY, "unmapped_fields": "ignore"})
    assert {schema["additionalProperties"] for schema in schemas(message).values()} == {False}


def test_an_unusable_config_is_a_config_error(discover: Discover) -> None:
    code, (message,) = discover({"api_key": "short"})
    assert code == 1
    assert message["trace"]["error"]["failure_type"] == "config_error"
    assert "`api_key`" in message["trace"]["error"]["message"]


# --- syncs of connections that name the object


def chosen(name: str, entity: str, mode: str, *columns: str) -> Message:
    return stream(name, *columns, destination_sync_mode=mode, destination_object_name=entity)


def test_the_object_that_the_platform_names_is_written(platform: Platform, account: Account) -> None:
    """Streams with names that no mapping knows, and columns as the platform renames them."""
    seen = platform.sync(
        account.config(),
        catalog(
            chosen("dim_accounts", "customers", "append_dedup", "id", "name", "segment"),
            chosen("fct_bills", "invoices", "append_dedup", "id", "customer_id"),
        ),
        record(
            "fct_bills",
            {"id": "da-in-1", "customer_id": "da-1", "date": "2026-01-31", "status": "paid", "currency": "EUR",
             "amount": 12.5},
        ),
        record("dim_accounts", {"id": "da-1", "name": "PRIVATE Ada", "segment": "smb"}),
        state("dim_accounts", 1),
        state("fct_bills", 1),
    )  # fmt: skip
    assert seen.good
    assert seen.outcomes("dim_accounts") == seen.outcomes("fct_bills") == {"sent": 1}
    customer = account.get("customers", "da-1")
    assert customer is not None
    assert (customer["name"], customer["custom_properties"]) == ("PRIVATE Ada", {"segment": "smb"})
    assert account.get("invoices", "da-in-1") is not None


@pytest.mark.parametrize(
    ("mode", "of_new", "of_old", "name"),
    [
        ("append", {"sent": 1}, {"skipped": 1}, "PRIVATE old"),
        ("append_dedup", {"sent": 1}, {"sent": 1}, "PRIVATE new"),
        ("update", {"skipped": 1}, {"sent": 1}, "PRIVATE new"),
    ],
)
def test_the_sync_mode_is_the_operation(
    platform: Platform, account: Account, mode: str, of_new: dict[str, int], of_old: dict[str, int], name: str
) -> None:
    account.given("customers", {"id": f"da-{mode}-old", "name": "PRIVATE old"})
    seen = platform.sync(
        account.config(),
        catalog(
            chosen("new_ones", "customers", mode, "id", "name"), chosen("old_ones", "customers", mode, "id", "name")
        ),
        record("new_ones", {"id": f"da-{mode}-new", "name": "PRIVATE new"}),
        record("old_ones", {"id": f"da-{mode}-old", "name": "PRIVATE new"}),
    )
    assert (seen.outcomes("new_ones"), seen.outcomes("old_ones")) == (of_new, of_old)
    old = account.get("customers", f"da-{mode}-old")
    assert old is not None
    assert old["name"] == name
    assert (account.get("customers", f"da-{mode}-new") is None) == (of_new == {"skipped": 1})


def test_a_name_that_a_mapping_knows_does_not_count_beside_the_chosen_object(
    platform: Platform, account: Account
) -> None:
    seen = platform.sync(
        account.config(),
        catalog(chosen("invoices", "customers", "append_dedup", "id", "name")),
        record("invoices", {"id": "da-named", "name": "PRIVATE Ada"}),
    )
    assert seen.outcomes("invoices") == {"sent": 1}
    assert account.get("customers", "da-named") is not None


def test_the_users_own_mapping_of_a_stream_wins(platform: Platform, account: Account) -> None:
    """Though its records would make the chosen object, too."""
    seen = platform.sync(
        account.config(streams=[{"stream": "things", "entity": "products", "replace_preset": True}]),
        catalog(chosen("things", "customers", "append_dedup", "id", "name")),
        record("things", {"id": "da-own", "name": "PRIVATE thing"}),
    )
    assert seen.outcomes("things") == {"sent": 1}
    assert account.get("products", "da-own") is not None
    assert account.get("customers", "da-own") is None


def test_clearing_data_is_accepted(platform: Platform, account: Account) -> None:
    seen = platform.sync(
        account.config(), catalog(chosen("things", "customers", "overwrite", "id")), state("things")
    )  # fmt: skip
    assert seen.good
    assert any("Nothing can be deleted" in text for text in seen.warnings)


@pytest.mark.parametrize(
    ("entity", "mode", "words"),
    [
        ("contacts", "append", ["things", "'contacts'", "customers", "credit_notes"]),
        ("customers", "soft_delete", ["things", "soft_delete", "append, append_dedup, update"]),
    ],
)
def test_what_fincome_does_not_have_is_a_config_error(
    platform: Platform, fincome: Scripted, entity: str, mode: str, words: list[str]
) -> None:
    seen = platform.sync(
        fincome.config(), catalog(chosen("things", entity, mode, "id")), record("things", {"id": "x"})
    )  # fmt: skip
    kind, message = seen.failure
    assert kind == "config_error"
    assert all(word in message for word in words), message
    assert fincome.calls == []


def test_streams_that_a_mapping_cannot_tell_apart_are_refused(platform: Platform, fincome: Scripted) -> None:
    alike = chosen("Accounts", "customers", "append", "id"), chosen("accounts", "products", "append", "id")
    seen = platform.sync(fincome.config(), catalog(*alike))
    assert "can't be told apart" in seen.failure[1]
