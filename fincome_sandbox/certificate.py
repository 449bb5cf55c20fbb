"""A certificate of the sandbox's own, for clients that speak to it by https: nobody vouches for it but the user."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fincome_sandbox.own_names import OWN_NAMES

# The longest that browsers accept.
VALID_DAYS = 397
# A shorter rest isn't worth a sync.
REST = timedelta(days=1)


class Certificate(NamedTuple):
    """A certificate: the file that clients are given, that which only the sandbox reads, and the hosts it is for."""

    file: Path
    key: Path
    names: tuple[str, ...]


def certificate(file: Path, names: Iterable[str] = ()) -> Certificate:
    """Return the certificate in a file, made anew if it is missing, about to expire, or without one of the names.

    The key lies beside it, readable by this user only.

    Args:
        file: where the certificate is; its key has the same name with `.key`.
        names: hosts that it is for, besides this machine's names and what containers call this machine.

    Raises:
        OSError: the files can't be read or written.
    """
    wanted = tuple(dict.fromkeys([*OWN_NAMES, socket.gethostname(), *names]))
    found = Certificate(file, file.with_suffix(".key"), wanted)
    if not (found.file.exists() and found.key.exists() and _is_good(found.file.read_bytes(), wanted)):
        _make(found)
    return found


def _is_good(pem: bytes, wanted: Collection[str]) -> bool:
    try:
        held = x509.load_pem_x509_certificate(pem)
        names = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    has = {*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))}
    return has.issuperset(wanted) and held.not_valid_after_utc > datetime.now(UTC) + REST


def _make(files: Certificate) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Fincome sandbox: not Fincome")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in files.names]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        # Of no authority: whoever trusts it trusts this sandbox, and nobody whom its key would sign.
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    files.key.unlink(missing_ok=True)
    with os.fdopen(os.open(files.key, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
        opened.write(private)
    files.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
