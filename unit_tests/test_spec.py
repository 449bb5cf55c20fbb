"""spec.json: the platform's rules for forms, and that it says the same as the code."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, get_args

import jsonschema
import orjson
import pytest
from pydantic import BaseModel

from destination_fincome.connection.config import Config, Paths
from destination_fincome.connection.object_storage import ObjectStorage
from destination_fincome.fincome.contract import load_contract
from destination_fincome.mapping.preset import load_presets
from destination_fincome.protocol.specification import spec_message

SPEC: dict[str, Any] = spec_message()["spec"]
FORM: dict[str, Any] = SPEC["connectionSpecification"]
PROPERTIES: dict[str, dict[str, Any]] = FORM["properties"]


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from nodes(item)
    elif isinstance(value, list):
        for item in value:
            yield from nodes(item)


def test_the_form_is_a_json_schema() -> None:
    jsonschema.Draft7Validator.check_schema(FORM)
    assert (FORM["type"], FORM["additionalProperties"]) == ("object", True)


def test_the_spec_tells_what_the_destination_can_do() -> None:
    assert SPEC["supportsIncremental"] is True
    assert SPEC["supported_destination_sync_modes"] == ["append", "append_dedup"]


def test_the_form_uses_nothing_that_the_platform_can_not_show() -> None:
    for node in nodes(FORM):
        assert not {"anyOf", "allOf", "$ref", "definitions"} & node.keys()


def test_alternatives_are_told_apart_by_a_constant_of_their_own() -> None:
    assert [node for node in nodes(FORM) if "oneOf" in node] == [PROPERTIES["object_storage_config"]]
    choice = PROPERTIES["object_storage_config"]
    assert choice["type"] == "object"
    constants = [branch["properties"]["storage_type"]["const"] for branch in choice["oneOf"]]
    assert constants == list(get_args(ObjectStorage.model_fields["storage_type"].annotation))
    assert all("storage_type" in branch["required"] for branch in choice["oneOf"])


def test_one_field_is_enough() -> None:
    assert FORM["required"] == ["api_key"]
    jsonschema.validate({"api_key": "0123456789"}, FORM)
    for name in PROPERTIES.keys() - {"object_storage_config"}:
        assert all("required" not in node for node in nodes(PROPERTIES[name]))


def test_groups_are_at_the_root_and_in_order() -> None:
    groups = [group["id"] for group in FORM["groups"]]
    assert groups == ["connection", "mapping", "rejected", "advanced"]
    assert all(group["title"] for group in FORM["groups"])
    assert [node for node in nodes(PROPERTIES) if "groups" in node] == []
    in_order = [PROPERTIES[name]["group"] for name in sorted(PROPERTIES, key=lambda name: PROPERTIES[name]["order"])]
    assert in_order == sorted(in_order, key=groups.index)
    assert set(in_order) == set(groups)


# Settings that older configs may have; no form asks for them any more.
RETIRED = {"streams"}
# Every part of the form, and the model that reads it.
PARTS: dict[str, tuple[dict[str, dict[str, Any]], type[BaseModel]]] = {
    "root": (PROPERTIES, Config),
    "object_storage_config": (PROPERTIES["object_storage_config"]["oneOf"][1]["properties"], ObjectStorage),
    "paths": (PROPERTIES["paths"]["properties"], Paths),
}


@pytest.mark.parametrize("fields", [fields for fields, _ in PARTS.values()], ids=PARTS)
def test_fields_have_words_and_a_place_of_their_own(fields: dict[str, dict[str, Any]]) -> None:
    assert sorted(field["order"] for field in fields.values()) == list(range(len(fields)))
    for field in fields.values():
        assert field["title"]
        assert field["description"]
        assert field["type"] in ("string", "integer", "number", "boolean", "object", "array")
        assert field["type"] != "array" or field["items"]["type"] == "object"


def test_every_secret_is_marked_and_nothing_else() -> None:
    for fields, model in PARTS.values():
        secrets = {name for name, field in fields.items() if field.get("airbyte_secret")}
        typed = {name for name, field in model.model_fields.items() if "SecretStr" in str(field.annotation)}
        assert secrets == typed
    assert PROPERTIES["api_key"]["airbyte_secret"]


@pytest.mark.parametrize(("fields", "model"), PARTS.values(), ids=PARTS)
def test_the_form_and_the_config_have_the_same_settings(
    fields: dict[str, dict[str, Any]], model: type[BaseModel]
) -> None:
    assert set(fields) == set(model.model_fields) - RETIRED


def test_the_form_names_the_entities_of_the_contract() -> None:
    assert list(PROPERTIES["paths"]["properties"]) == list(load_contract().entities)


def test_defaults_are_those_of_the_code() -> None:
    contract = load_contract()
    from_contract = {"base_url": contract.base_url}
    for name, field in PROPERTIES.items():
        default = Config.model_fields[name].default
        if name in from_contract:
            assert (field["default"], default) == (from_contract[name], None)
        elif "default" in field:
            assert field["default"] == default, name
        else:
            assert default in (None, (), Paths()) or Config.model_fields[name].is_required(), name
    # A form would fill in a default, which then is a second value beside what `contract` says.
    assert f"Empty: {contract.api_key_header}." in PROPERTIES["api_key_header"]["description"]
    assert contract.api_key_prefix == ""


@pytest.mark.parametrize("name", sorted(PROPERTIES))
def test_limits_and_choices_are_those_of_the_code(name: str) -> None:
    field, setting = PROPERTIES[name], Config.model_fields[name]
    if name == "source":
        assert field["enum"] == ["auto", *sorted(load_presets())]
        return
    if "enum" in field:
        assert list(get_args(setting.annotation)) == field["enum"]
    limits = {
        kind: getattr(item, kind) for item in _constraints(setting) for kind in ("ge", "le") if hasattr(item, kind)
    }
    assert limits.get("ge", field.get("minimum")) == field.get("minimum")
    assert limits.get("le") == field.get("maximum")


def _constraints(setting: Any) -> list[Any]:
    found = list(setting.metadata)
    for part in get_args(setting.annotation):
        for item in getattr(part, "__metadata__", ()):
            found += getattr(item, "metadata", [item])
    return found


@pytest.mark.parametrize(("name", "path"), [(name, spec.path) for name, spec in load_contract().entities.items()])
def test_the_paths_say_what_they_stand_in_for(name: str, path: str) -> None:
    assert PROPERTIES["paths"]["properties"][name]["description"] == f"Instead of {path}"


@pytest.mark.parametrize("name", [name for name, field in PROPERTIES.items() if "pattern" in field])
def test_examples_and_defaults_fit_their_pattern(name: str) -> None:
    field = PROPERTIES[name]
    for example in [*field.get("examples", []), *([field["default"]] if "default" in field else [])]:
        jsonschema.validate({"api_key": "0123456789", name: example}, FORM)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"api_key": "0123456789", name: "no such thing?"}, FORM)


def test_the_spec_message_is_the_one_that_the_cdk_makes() -> None:
    # Here, so that only one of the tests' processes imports it.
    from airbyte_cdk.models import AirbyteMessage, AirbyteMessageSerializer, Type

    from destination_fincome.destination import DestinationFincome

    spec = DestinationFincome().spec(logging.getLogger("airbyte"))
    made = AirbyteMessageSerializer.dump(AirbyteMessage(type=Type.SPEC, spec=spec))
    # The CDK also spells out two retired settings, at their protocol's default.
    retired = {"supportsNormalization": False, "supportsDBT": False}
    assert orjson.loads(orjson.dumps(made)) == {"type": "SPEC", "spec": {**SPEC, **retired}}
