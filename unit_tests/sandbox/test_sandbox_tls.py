"""The sandbox by https: its certificate, and a client that trusts it or doesn't."""

from __future__ import annotations

import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from typer.testing import CliRunner

from destination_fincome.fincome.client import FincomeClient
from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.probe import ProbeFailure, probe
from destination_fincome.fincome.transport import Network
from fincome_tools import cli
from unit_tests.sandbox.processes import Sandbox

KEY = "sandbox-key"
Start = Callable[..., AbstractContextManager[Sandbox]]


def test_the_key_is_private_and_the_certificate_is_kept(tmp_path: Path) -> None:
    from fincome_sandbox.certificate import certificate  # here: for one of the tests' processes only

    file = tmp_path / "sandbox.pem"
    made = certificate(file)
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600
    assert b"PRIVATE KEY" not in file.read_bytes()
    before = file.read_bytes(), made.key.read_bytes()
    assert certificate(file) == made
    assert (file.read_bytes(), made.key.read_bytes()) == before


@pytest.mark.parametrize("change", ["name", "key", "text", "expiry"])
def test_it_is_made_anew_when_it_would_not_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    from fincome_sandbox import certificate as certificates

    file = tmp_path / "sandbox.pem"
    if change == "expiry":
        monkeypatch.setattr(certificates, "VALID_DAYS", certificates.REST // timedelta(days=1))
    made = certificates.certificate(file)
    before = file.read_bytes()
    if change == "key":
        made.key.unlink()
    if change == "text":
        file.write_bytes(b"no certificate")
    certificates.certificate(file, ["fincome-sandbox.airbyte.svc"] if change == "name" else [])
    assert file.read_bytes() not in (before, b"no certificate")


def connector(base_url: str) -> FincomeClient:
    contract = load_contract().with_overrides(base_url, None, None, {})
    return FincomeClient(contract, KEY, 10, Network.of_environment(base_url))


def check(base_url: str) -> None:
    """The connection test of the connector."""
    probe(load_contract().with_overrides(base_url, None, None, {}), connector(base_url), 10)


def test_a_client_that_is_given_the_certificate_is_served_and_others_send_nothing(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sandbox.pem"
    with start("--tls", "--tls-file", str(file)) as sandbox:
        assert urlsplit(sandbox.base_url)[:2] == ("https", f"localhost:{urlsplit(sandbox.base_url).port}")
        with pytest.raises(ProbeFailure, match="certificate"):
            check(sandbox.base_url)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
        check(sandbox.base_url)
        page = requests.get(f"{sandbox.root}/_sandbox/page", timeout=10, verify=str(file))
        assert page.status_code == 200
        summary = requests.get(f"{sandbox.root}/_sandbox/summary", timeout=10, verify=str(file)).json()
    # Of the client without the certificate nothing has come.
    assert summary["requests"]["by_status"].get("401") is None


def test_it_answers_by_the_names_that_the_certificate_is_for(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "sandbox.pem"
    with start("--tls", "--tls-file", str(file), "--tls-name", "Sandbox.lan") as sandbox:
        for host, status in (("sandbox.lan:8321", 200), ("localhost", 200), ("evil.example", 403)):
            address = f"{sandbox.root}/_sandbox/summary"
            answer = requests.get(address, headers={"Host": host}, timeout=10, verify=str(file))
            assert answer.status_code == status


def test_a_file_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    file = tmp_path / "missing" / "sandbox.pem"
    ended = CliRunner().invoke(cli.app, ["sandbox", "--port", "0", "--tls", "--tls-file", str(file)])
    assert ended.exit_code == 2
    assert ended.output.startswith("The sandbox can't start: ")
