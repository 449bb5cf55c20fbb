"""The setting `mapping` through the commands, and the older form that it replaced."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from integration_tests.accounts import Account
from integration_tests.messages import catalog, record, stream
from integration_tests.orchestrator import Platform

MAPPING = """\
version: 1
streams:
  clients:
    emits:
      - entity: customers
        fields:
          id: N° client
          name: Raison sociale
"""
OLD = [
    {
        "stream": "clients",
        "entity": "customers",
        "fields": [{"field": "id", "expression": "no"}, {"field": "name", "expression": "nom"}],
    }
]
CATALOG = catalog(stream("clients", "no", "nom"))


def fincome(*arguments: object, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fincome_tools.cli", *map(str, arguments)]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_given_a_text_when_synced_then_its_objects_are_in_the_account(platform: Platform, account: Account) -> None:
    row = {"N° client": "007", "Raison sociale": "Alpha"}
    seen = platform.sync(
        account.config(mapping=MAPPING),
        catalog(stream("erp_clients", "N° client", "Raison sociale")),
        record("erp_clients", row),
    )
    assert seen.good
    assert account.objects("customers")["007"]["name"] == "Alpha"


@pytest.mark.parametrize("command", ["check", "write", "preview"])
def test_given_a_mistake_when_any_command_reads_it_then_line_and_column_are_told_and_nothing_is_sent(
    platform: Platform, account: Account, tmp_path: Path, command: str
) -> None:
    before = len(account.requests())
    config = account.config(mapping=MAPPING.replace("          name: Raison sociale\n", ""))
    if command == "check":
        (status,) = platform.check(config).statuses
        said = status["message"]
    elif command == "write":
        said = platform.sync(config, CATALOG).failure[1]
    else:
        (tmp_path / "config.json").write_text(json.dumps(config))
        row = orjson.dumps(record("clients", {"id": 1})).decode()
        said = fincome("preview", "--config", tmp_path / "config.json", text=row).stderr
    assert "line 6, column 9, streams.clients.emits[0].fields: customers need name too" in said
    assert account.requests(before) == []


def test_given_the_older_form_when_synced_then_it_counts_and_the_log_shows_the_text(
    platform: Platform, account: Account, tmp_path: Path
) -> None:
    config: dict[str, Any] = account.config(streams=OLD)
    seen = platform.sync(config, CATALOG, record("clients", {"no": "K1", "nom": "Alpha"}))
    assert seen.good
    assert account.objects("customers")["K1"]["name"] == "Alpha"
    (tmp_path / "config.json").write_text(json.dumps(config))
    converted = fincome("map", "--convert", tmp_path / "config.json")
    assert (converted.returncode, converted.stderr) == (0, "")
    assert converted.stdout.startswith("version: 1\n")
    (told,) = (text for text in seen.logs if "older form of `mapping`" in text)
    for name, text in {"Bravo": converted.stdout, "Charlie": told[told.index("{") :]}.items():
        again = account.config(mapping=text)
        assert platform.sync(again, CATALOG, record("clients", {"no": "K1", "nom": name})).good
        assert account.objects("customers")["K1"]["name"] == name


def test_given_a_misspelt_setting_when_tested_or_synced_then_the_log_warns_and_names_the_one_meant(
    platform: Platform, account: Account
) -> None:
    config = account.config(mapping=MAPPING, dry_runs=True)
    warning = "`dry_runs` isn't a setting, so it doesn't count; did you mean `dry_run`?"
    tested = platform.check(config)
    synced = platform.sync(config, CATALOG, record("clients", {"N° client": "8", "Raison sociale": "Alpha"}))
    assert warning in tested.logs
    assert warning in synced.logs


def test_given_a_config_without_the_older_form_when_converted_then_there_is_nothing_to_do(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"mapping": MAPPING}))
    assert fincome("map", "--convert", tmp_path / "config.json").returncode == 2


ONCE = """\
version: 1
streams:
  clients:
    emits: [{entity: customers, fields: {id: no, name: nom, email: mail}, set_once: [name]}]
"""


def test_given_fields_that_are_set_once_when_synced_again_then_what_people_changed_stays(
    platform: Platform, account: Account
) -> None:
    columns = catalog(stream("clients", "no", "nom", "mail"))
    for name, mail in (("Alpha", "a@example.com"), ("Bravo", "b@example.com")):
        row = record("clients", {"no": "once-1", "nom": name, "mail": mail})
        seen = platform.sync(account.config(mapping=ONCE), columns, row)
        assert seen.good
        assert "shown otherwise" not in "\n".join(seen.logs)
    found = account.objects("customers")["once-1"]
    assert (found["name"], found["email"]) == ("Alpha", "b@example.com")


GONE = """\
version: 1
streams:
  factures:
    gone: annulee
    emits:
      - entity: invoices
        fields: {id: no, customer_id: client, date: le, status: "'open'", currency: "'EUR'", amount: ht}
  lignes:
    emits:
      - entity: invoice_lines
        fields: {id: no, invoice_id: f, type: "'one_off'", currency: "'EUR'", amount_excluding_tax_after_discount: ht}
"""


def test_given_an_invoice_that_is_cancelled_later_when_synced_then_it_and_its_lines_count_for_nothing(
    platform: Platform, account: Account
) -> None:
    account.given("customers", {"id": "gone-K", "name": "Alpha"})
    columns = catalog(stream("factures", "no", "client", "le", "ht", "annulee"), stream("lignes", "no", "f", "ht"))
    bill = {"no": "gone-F", "client": "gone-K", "le": "2026-01-05", "ht": 10, "annulee": False}
    line = record("lignes", {"no": "gone-L", "f": "gone-F", "ht": 10})
    assert platform.sync(account.config(mapping=GONE), columns, record("factures", bill), line).good
    cancelled = record("factures", {**bill, "annulee": True})
    assert platform.sync(account.config(mapping=GONE), columns, cancelled, line).good
    assert account.objects("invoices")["gone-F"]["amount"] == 0
    assert account.objects("invoice_lines")["gone-L"]["amount_excluding_tax_after_discount"] == 0
