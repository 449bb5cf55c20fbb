"""The user's config: typed, validated, with errors in words (the form is spec.json)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from destination_fincome.connection.object_storage import NAMES as OBJECT_STORAGE_NAMES
from destination_fincome.connection.object_storage import SETTING, ObjectStorage
from destination_fincome.connection.setting_values import (
    SHORTEST_KEY,
    check_base_url,
    check_key,
    check_secret,
    check_url,
    check_word,
    plain,
)
from destination_fincome.failure import ConfigFailure
from destination_fincome.fincome.contract import Corrections
from destination_fincome.fincome.overlay import check_header, check_path, check_prefix, read_overlay
from destination_fincome.fincome.value_types import CURRENCY
from destination_fincome.mapping.enrichment import CrmSettings
from destination_fincome.mapping.language.calendar_time import known_zone
from destination_fincome.mapping.old_streams import OldEntry, as_mapping
from destination_fincome.mapping.own import OwnMapping, read_mapping
from destination_fincome.mapping.stream_compiler import NullHandling
from destination_fincome.protocol.specification import spec_message
from destination_fincome.reporting.storage import OWN_NAMES, SettingNames, StorageCredentials, parse_place
from destination_fincome.wording import did_you_mean

# From which likeness on a name counts as a misspelt setting. Below it the guesses are wrong: `currency` is 0.70 like
# `max_concurrency`, and less like `default_currency`.
ALIKE = 0.75


class Paths(BaseModel):
    """Paths that differ from the contract's, per entity; empty means the contract's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    products: str | None = None
    plans: str | None = None
    customers: str | None = None
    subscriptions: str | None = None
    invoices: str | None = None
    invoice_lines: str | None = None
    credit_notes: str | None = None

    @field_validator("*")
    @classmethod
    def _is_path(cls, value: str | None) -> str | None:
        return check_path(value) if value else None

    def chosen(self) -> dict[str, str]:
        """Return the overrides that are set, as {entity: path}."""
        return {entity: path for entity, path in self.model_dump().items() if path}


class StoragePlace(NamedTuple):
    """Where files go, how to get in, and what the settings that say so are called."""

    url: str
    credentials: StorageCredentials
    names: SettingNames


def _own_mapping(text: Any) -> OwnMapping | None:
    """Read the setting `mapping`; a text of blanks only is none."""
    return None if isinstance(text, str) and not text.strip() else read_mapping(text)


def _names(value: Any) -> Any:
    """Read names with commas, semicolons or line breaks between them, or a list; each counts once."""
    if isinstance(value, str):
        value = re.split(r"[,;\n]", value)
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
        raise ValueError("must be names, separated by commas")
    return tuple(dict.fromkeys(name.strip() for name in value if name.strip()))


class Config(BaseModel):
    """One connection's settings. Names and defaults are those of spec.json; unknown keys are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    api_key: SecretStr
    base_url: str | None = None
    source: str = "auto"
    mapping: Annotated[OwnMapping | None, BeforeValidator(_own_mapping)] = None
    streams: tuple[OldEntry, ...] = ()
    unmapped_fields: Literal["auto", "ignore", "custom_properties"] = "auto"
    default_currency: str | None = None
    billing_time_zone: str | None = None
    crm_key: str | None = None
    crm_properties: Annotated[tuple[str, ...], BeforeValidator(_names)] = ()
    null_handling: NullHandling = "auto"
    gone_documents: Literal["settle", "report", "settle_missing"] = "settle"
    create_missing_parents: Literal["auto", "on", "off"] = "auto"
    on_rejected: Literal["continue", "fail"] = "continue"
    max_rejected_records: Annotated[int, Field(ge=0)] | None = None
    max_rejected_percent: Annotated[float, Field(ge=0, le=100)] = 50
    rejected_records_url: str | None = None
    aws_access_key_id: SecretStr | None = None
    aws_secret_access_key: SecretStr | None = None
    aws_region: str | None = None
    s3_endpoint_url: str | None = None
    gcs_credentials_json: SecretStr | None = None
    object_storage_config: ObjectStorage | None = None
    max_concurrency: Annotated[int, Field(ge=1, le=64)] | None = None
    requests_per_second: Annotated[float, Field(gt=0, le=10_000)] | None = None
    retry_minutes: Annotated[float, Field(ge=0, le=120)] = 10
    request_timeout_seconds: Annotated[float, Field(ge=1, le=600)] = 60
    parent_wait_seconds: Annotated[float, Field(ge=0, le=3600)] = 300
    max_spool_mb: Annotated[int, Field(ge=1)] = 1024
    max_settled_percent: Annotated[float, Field(ge=0, le=100)] = 10
    stored_check: Literal["fail", "warn", "off"] = "fail"
    memory_url: str | None = None
    memory_days: Annotated[int, Field(ge=1, le=365)] = 30
    dry_run: bool = False
    contract: Annotated[Corrections, BeforeValidator(read_overlay)] | None = None
    api_key_header: str | None = None
    api_key_prefix: str | None = None
    paths: Paths = Paths()

    @field_validator("api_key")
    @classmethod
    def _usable_key(cls, value: SecretStr) -> SecretStr:
        key = value.get_secret_value().strip()
        if len(key) < SHORTEST_KEY:
            raise ValueError(f"is shorter than {SHORTEST_KEY} characters: paste the whole secret key from Fincome")
        if not key.isascii() or not key.isprintable() or " " in key:
            raise ValueError("contains characters that no key has: copy the secret key from Fincome again")
        return SecretStr(key)

    @field_validator("base_url")
    @classmethod
    def _safe_url(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not value or not value.strip():
            return None
        return check_base_url(value.strip().rstrip("/"), plain(info.data.get("api_key")))

    @field_validator("default_currency")
    @classmethod
    def _currency(cls, value: str | None) -> str | None:
        return CURRENCY.read(value) if value and value.strip() else None

    @field_validator("billing_time_zone")
    @classmethod
    def _time_zone(cls, value: str | None) -> str | None:
        return known_zone(value.strip()).key if value and value.strip() else None

    @field_validator("crm_key")
    @classmethod
    def _one_name(cls, value: str | None) -> str | None:
        if value and len(_names(value)) > 1:
            raise ValueError("names several properties: one holds the billing customer's id")
        return value.strip() or None if value else None

    @field_validator("api_key_header")
    @classmethod
    def _header_name(cls, value: str | None) -> str | None:
        return check_header(value) if value and value.strip() else None

    @field_validator("api_key_prefix")
    @classmethod
    def _header_text(cls, value: str | None) -> str | None:
        return check_prefix(value) if value else None

    @field_validator("rejected_records_url")
    @classmethod
    def _place(cls, value: str | None) -> str | None:
        if not value or not value.strip():
            return None
        parse_place(value.strip())
        return value.strip()

    @field_validator("aws_access_key_id", "aws_secret_access_key")
    @classmethod
    def _key(cls, value: SecretStr | None) -> SecretStr | None:
        return check_key(value)

    @field_validator("aws_region")
    @classmethod
    def _word(cls, value: str | None) -> str | None:
        return check_word(value)

    @field_validator("aws_secret_access_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        return check_secret(value)

    @field_validator("s3_endpoint_url")
    @classmethod
    def _safe_endpoint(cls, value: str | None) -> str | None:
        if not value or not value.strip():
            return None
        return check_url(value.strip().rstrip("/"), "https://minio.example.com", "the rejected records")

    @field_validator("gcs_credentials_json")
    @classmethod
    def _service_account(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value().strip():
            return None
        try:
            key = json.loads(value.get_secret_value())
        except ValueError:
            key = None
        if not isinstance(key, dict) or key.get("type") != "service_account":
            raise ValueError("is no key of a service account: paste the whole JSON file that Google Cloud gave you")
        return value

    @model_validator(mode="after")
    def _both_keys(self) -> Config:
        if (self.aws_access_key_id is None) != (self.aws_secret_access_key is None):
            raise ValueError("`aws_access_key_id` and `aws_secret_access_key` belong together: set both or none")
        return self

    @model_validator(mode="after")
    def _one_mapping(self) -> Config:
        if self.mapping and self.streams:
            raise ValueError("`mapping` and `streams` both say what streams become: leave `streams`, the older, out")
        return self

    @model_validator(mode="after")
    def _one_place(self) -> Config:
        if self.rejected_records_url and self.object_storage_config and self.object_storage_config.is_used:
            raise ValueError(f"`rejected_records_url` and `{SETTING}` both say where rejected records go: set one")
        return self

    @model_validator(mode="after")
    def _remembers(self) -> Config:
        if self.gone_documents == "settle_missing" and not self.memory_url:
            raise ValueError("`gone_documents` is settle_missing, which only a memory can tell: set `memory_url` too")
        return self

    @model_validator(mode="after")
    def _one_value_for_a_key(self) -> Config:
        """`contract` and the settings that are short for its keys must not say two things."""
        said = self.contract or {}
        for setting, place, value in self._shorthands():
            other = said.get(place, value)
            if other.lower() != value.lower() if setting == "api_key_header" else other != value:
                raise ValueError(
                    f"`{setting}` and `contract` ({'.'.join(place)}) say two things: leave one of them out"
                )
        return self

    def _shorthands(self) -> Iterator[tuple[str, tuple[str, ...], str]]:
        """Yield the settings that are short for a key of `contract`: name, key, value."""
        if self.api_key_header is not None:
            yield "api_key_header", ("access", "api_key_header"), self.api_key_header
        if self.api_key_prefix is not None:
            yield "api_key_prefix", ("access", "api_key_prefix"), self.api_key_prefix
        for entity, path in self.paths.chosen().items():
            yield f"paths.{entity}", ("entities", entity, "path"), path

    @property
    def own_mapping(self) -> OwnMapping:
        """The user's own mapping, in whichever form it was given."""
        return self.mapping or as_mapping(self.streams)

    @property
    def crm(self) -> CrmSettings:
        """How a CRM's records name customers, and what they bring."""
        return CrmSettings(self.crm_key, self.crm_properties)

    @property
    def zone(self) -> ZoneInfo | None:
        """The time zone by whose midnight the company bills, if it says."""
        return known_zone(self.billing_time_zone) if self.billing_time_zone else None

    def corrections(self) -> Corrections:
        """Return what the settings say of the contract, by place."""
        return {**(self.contract or {}), **{place: value for _, place, value in self._shorthands()}}

    def rejected_place(self, sync_id: int | None = None) -> StoragePlace | None:
        """Return where rejected records go, None if nowhere; for Airbyte's form, the folder of a sync."""
        storage = self.object_storage_config
        if storage is not None and storage.is_used:
            return StoragePlace(storage.url(sync_id), storage.credentials(), OBJECT_STORAGE_NAMES)
        if not self.rejected_records_url:
            return None
        return StoragePlace(self.rejected_records_url, self._storage_credentials(), OWN_NAMES)

    def memory_place(self) -> StoragePlace | None:
        """Return where the memory lies, None if there is none."""
        if not self.memory_url:
            return None
        return StoragePlace(self.memory_url, self._storage_credentials(), SettingNames(place="memory_url"))

    def _storage_credentials(self) -> StorageCredentials:
        return StorageCredentials(
            aws_access_key_id=plain(self.aws_access_key_id),
            aws_secret_access_key=plain(self.aws_secret_access_key),
            aws_region=self.aws_region,
            s3_endpoint_url=self.s3_endpoint_url,
            gcs_credentials_json=plain(self.gcs_credentials_json),
        )


def parse_config(document: Mapping[str, Any]) -> Config:
    """Validate a config.

    Raises:
        ConfigFailure: naming each setting at fault and what it must be, never its value.
    """
    # Airbyte's form sends empty text for a field that was emptied again: the same as leaving it out.
    given = {key: value for key, value in document.items() if value is not None and value != ""}
    try:
        return Config.model_validate(given)
    except ValidationError as error:
        faults = [_fault(item) for item in error.errors(include_input=False, include_url=False)]
        told = "; ".join(faults)
        raise ConfigFailure(f"The configuration can't be used: {told}{'' if told.endswith('?') else '.'}") from None


def misspelt_settings(document: Mapping[str, Any]) -> dict[str, str]:
    """Return names in a config that are no settings but much like one, each with what to tell of it.

    Names unlike any setting are left out: platforms add keys of their own, and a name may be a misplaced secret.
    """
    unknown = [name for name in document if name not in Config.model_fields]
    hints = {name: did_you_mean(name, Config.model_fields, likeness=ALIKE) for name in unknown}
    return {name: f"`{name}` isn't a setting, so it doesn't count{hint}" for name, hint in hints.items() if hint}


def secret_values(document: Mapping[str, Any]) -> list[str]:
    """Return the texts of a config (valid or not) that must never be shown, as JSON spells them too, longest first.

    Short ones are left out: masking them would mask harmless words, and break the JSON that they stand in; the
    connector's own messages hold no values at all.
    """
    given = list(_given_secrets(spec_message()["spec"]["connectionSpecification"], document))
    texts = [text for value in given if isinstance(value, str) for text in (value, value.strip(), *_inner_keys(value))]
    spelled = {spelling for text in texts for spelling in (text, json.dumps(text)[1:-1])}
    return sorted((text for text in spelled if len(text) >= SHORTEST_KEY), key=len, reverse=True)


def _given_secrets(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[object]:
    """Yield what a document has for the secrets of a form, also inside of its alternatives."""
    for branch in (schema, *schema.get("oneOf", ())):
        for name, inner in branch.get("properties", {}).items():
            value = document.get(name)
            if inner.get("airbyte_secret"):
                yield value
            elif isinstance(value, Mapping):
                yield from _given_secrets(inner, value)


def _inner_keys(value: str) -> list[str]:
    """Return the private key inside a service account's JSON."""
    try:
        document = json.loads(value)
    except ValueError:
        return []
    key = document.get("private_key") if isinstance(document, dict) else None
    return [key, key.strip()] if isinstance(key, str) else []


def _fault(item: Any) -> str:
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in item["loc"]).lstrip(".")
    if item["type"] == "missing":
        return f"`{name}` is missing" + (
            ": create a secret key in Fincome under Settings > Developers" if name == "api_key" else ""
        )
    message = item["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"`{name}` {message[0].lower()}{message[1:]}" if name else message
