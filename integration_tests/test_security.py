"""What SECURITY.md promises of the running connector, seen from outside it."""

from __future__ import annotations

import os
import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integration_tests.accounts import Account
from integration_tests.messages import CUSTOMERS, INVOICES, catalog, customer, invoice, state
from integration_tests.orchestrator import Platform


class Impostor:
    """A TLS server on this machine whose certificate nobody vouches for; it keeps what it is told."""

    def __init__(self, folder: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_own_certificate(folder))
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._context = context
        self.base_url = f"https://127.0.0.1:{self._socket.getsockname()[1]}/product"
        self.connections = 0
        self.heard = b""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return  # Closed: the test is over.
            self.connections += 1
            with suppress(OSError), self._context.wrap_socket(plain, server_side=True) as safe:
                self.heard += safe.recv(4096)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)


def _own_certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "api2.fincome.co")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "own.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def impostor(tmp_path: Path) -> Iterator[Impostor]:
    server = Impostor(tmp_path)
    yield server
    server.close()


KEY = "impostors-must-not-see-this"


def test_given_a_certificate_that_nobody_vouches_for_when_checked_then_the_key_is_not_sent(
    platform: Platform, impostor: Impostor
) -> None:
    seen = platform.check({"api_key": KEY, "base_url": impostor.base_url})
    (status,) = seen.statuses
    assert status["status"] == "FAILED"
    assert "certificate" in status["message"]
    assert impostor.connections
    assert impostor.heard == b""


def test_given_a_certificate_that_nobody_vouches_for_when_syncing_then_nothing_is_sent(
    platform: Platform, impostor: Impostor
) -> None:
    seen = platform.sync({"api_key": KEY, "base_url": impostor.base_url}, catalog(CUSTOMERS), customer("tls-1"))
    kind, message = seen.failure
    assert kind == "config_error"
    assert "certificate" in message
    assert impostor.connections
    assert impostor.heard == b""


def test_given_records_that_wait_when_the_spool_is_looked_at_then_nobody_else_can_read_it(
    platform: Platform, account: Account
) -> None:
    with platform.started(account.config(), catalog(CUSTOMERS, INVOICES)) as live:
        live.send(customer("spool-1"), invoice("spool-held", "spool-nobody"), state("customers", {"at": 1}))
        live.wait_until(lambda seen: len(seen.states) == 1)
        temporary = live.connector.temporary
        files = list(_open_files_below(live.process.pid, temporary))
        assert files
        for file in files:
            assert stat.S_IMODE(file.st_mode) == 0o600
            assert file.st_nlink == 0  # It has no name any more: it is gone with the process, however that ends.
        assert list(temporary.iterdir()) == []
        live.end_input()
        live.finish()


def _open_files_below(process: int, folder: Path) -> Iterator[os.stat_result]:
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(OSError):
            if os.readlink(descriptor).startswith(f"{folder}/"):
                yield descriptor.stat()
