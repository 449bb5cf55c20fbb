"""The user's config: typed, validated, with errors in words (the form is spec.json)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from destination_fincome.failure import ConfigFailure

# Shorter keys would be masked inside harmless words, and corrupt the JSON that they stand in (platform.md 20).
SHORTEST_KEY = 8


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
        if value and (not value.startswith("/") or set(value) & set("?#") or _has_blank(value) or "//" in value):
            raise ValueError("must be a path such as /customers")
        return value.rstrip("/") if value else None

    def chosen(self) -> dict[str, str]:
        """Return the overrides that are set, as {entity: path}."""
        return {entity: path for entity, path in self.model_dump().items() if path}


class Config(BaseModel):
    """One connection's settings. Names and defaults are those of spec.json; unknown keys are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    api_key: SecretStr
    base_url: str | None = None
    source: str = "auto"
    unmapped_fields: Literal["auto", "ignore", "custom_properties"] = "auto"
    create_missing_parents: Literal["auto", "on", "off"] = "auto"
    on_rejected: Literal["continue", "fail"] = "continue"
    max_rejected_records: Annotated[int, Field(ge=0)] | None = None
    max_concurrency: Annotated[int, Field(ge=1, le=64)] = 8
    requests_per_second: Annotated[float, Field(gt=0, le=10_000)] | None = None
    retry_minutes: Annotated[float, Field(ge=0, le=120)] = 10
    request_timeout_seconds: Annotated[float, Field(ge=1, le=600)] = 60
    parent_wait_seconds: Annotated[float, Field(ge=0, le=3600)] = 300
    max_spool_mb: Annotated[int, Field(ge=16)] = 1024
    dry_run: bool = False
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
    def _safe_url(cls, value: str | None) -> str | None:
        return check_base_url(value.strip().rstrip("/")) if value and value.strip() else None

    @field_validator("api_key_header")
    @classmethod
    def _header_name(cls, value: str | None) -> str | None:
        if value and not all((char.isascii() and char.isalnum()) or char in "-_" for char in value.strip()):
            raise ValueError("must be the name of an HTTP header, such as X-API-KEY")
        return value.strip() if value and value.strip() else None

    @field_validator("api_key_prefix")
    @classmethod
    def _header_text(cls, value: str | None) -> str | None:
        if value and not (value.isascii() and value.isprintable()):
            raise ValueError("contains characters that no header can hold: use text such as Bearer")
        return value.lstrip() if value else None


def check_base_url(url: str) -> str:
    """Return `url` if the key may be sent there: HTTPS, or HTTP on this machine only.

    Raises:
        ValueError: in words for the user.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        raise ValueError("is not a URL: use one such as https://api2.fincome.co/product") from None
    if parts.scheme not in ("http", "https") or not host or _has_blank(url):
        raise ValueError("is not a URL: use one such as https://api2.fincome.co/product")
    if set(url) & set("?#@"):
        raise ValueError("must hold nothing but the address: no user, password, query or fragment")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError(
            "must start with https://: the API key would travel unencrypted (http is for this machine only)"
        )
    return url


def _has_blank(text: str) -> bool:
    return any(char.isspace() for char in text)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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
        raise ConfigFailure("The configuration can't be used: " + "; ".join(faults) + ".") from None


def _fault(item: Any) -> str:
    name = ".".join(str(part) for part in item["loc"])
    if item["type"] == "missing":
        return f"`{name}` is missing" + (
            ": create a secret key in Fincome under Settings > Developers" if name == "api_key" else ""
        )
    message = item["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"`{name}` {message[0].lower()}{message[1:]}"
