"""What a value of a setting must be, whichever setting it is of; faults are in words for the user."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import SecretStr

from destination_fincome.fincome.private_network import SANDBOX_KEY, is_private
from destination_fincome.fincome.transport import is_loopback

# Shorter keys would be masked inside harmless words, and corrupt the JSON that they stand in.
SHORTEST_KEY = 8


def check_word(value: str | None) -> str | None:
    """Return a value without blanks around it, None if it is empty.

    Raises:
        ValueError: it has characters that no key, region or name has.
    """
    text = (value or "").strip()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("contains characters that can't be right: copy it again")
    return text or None


def check_key(value: SecretStr | None) -> SecretStr | None:
    """Return a key as `check_word` does."""
    word = check_word(plain(value))
    return SecretStr(word) if word else None


def check_secret(value: SecretStr | None) -> SecretStr | None:
    """Return a secret that is long enough to be masked.

    Raises:
        ValueError: it is too short to be a whole one.
    """
    if value and len(value.get_secret_value()) < SHORTEST_KEY:
        raise ValueError(f"is shorter than {SHORTEST_KEY} characters: paste the whole secret key")
    return value


def plain(secret: SecretStr | None) -> str | None:
    """Return a secret's text."""
    return secret.get_secret_value() if secret else None


def check_base_url(url: str, api_key: str | None = None) -> str:
    """Return `url` if the key may be sent there: HTTPS, or HTTP on this machine.

    The sandbox's own key may also go by HTTP into a private network. A name is taken here, and looked at when it is
    connected to (`fincome/private_network.py`).

    Raises:
        ValueError: in words for the user.
    """
    example = "https://api2.fincome.co/product"
    parts = urlsplit(_check_form(url, example))
    if api_key == SANDBOX_KEY and parts.scheme == "http" and _may_be_private(parts.hostname or ""):
        return url
    return check_url(url, example, "the API key", "this machine, and with the sandbox's own key for private networks")


def _may_be_private(host: str) -> bool:
    try:
        return is_private(host)
    except ValueError:
        return True  # a name


def check_url(url: str, example: str, cargo: str, here: str = "this machine only") -> str:
    """Return `url` if `cargo` may be sent there: HTTPS, or HTTP on this machine only.

    Args:
        here: what http is for, for the message.

    Raises:
        ValueError: in words for the user.
    """
    parts = urlsplit(_check_form(url, example))
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError(f"must start with https://: {cargo} would travel unencrypted (http is for {here})")
    return url


def _check_form(url: str, example: str) -> str:
    """Return `url` if it is nothing but an address.

    Raises:
        ValueError: in words for the user.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        raise ValueError(f"is not a URL: use one such as {example}") from None
    if parts.scheme not in ("http", "https") or not host or has_blank(url):
        raise ValueError(f"is not a URL: use one such as {example}")
    if set(url) & set("?#@"):
        raise ValueError("must hold nothing but the address: no user, password, query or fragment")
    return url


def has_blank(text: str) -> bool:
    """Tell whether a text has blanks, also at its ends."""
    return any(char.isspace() for char in text)
