"""`fincome load` through the real command line, into a sandbox."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from integration_tests.accounts import Account
from unit_tests.fork_server import ForkServer

Load = Callable[..., subprocess.CompletedProcess[bytes]]

CUSTOMERS = "id;name;country\n0012;Société Générale;France\n0013;Acme;DE\n"
INVOICES = """id;customer_id;date;status;currency;amount
F-1;0012;2026-01-05;paid;EUR;1234.50
F-2;0013;2026-02-05;paid;EUR;10
"""


@pytest.fixture
def load(fincome_command: ForkServer, new_account, tmp_path) -> Load:
    """Runs `fincome load` into a sandbox of its own, `load.account`."""
    with new_account() as account:
        config = tmp_path / "config.json"
        config.write_text(json.dumps({"api_key": account.api_key, "base_url": account.base_url}))

        def run(*arguments: object) -> subprocess.CompletedProcess[bytes]:
            return fincome_command.run("load", "--config", config, *arguments, env={"COLUMNS": "200"})

        run.account = account
        yield run


def files(folder: Path, **contents: str) -> list[Path]:
    for name, content in contents.items():
        (folder / f"{name}.csv").write_bytes(content.encode("cp1252"))
    return [folder / f"{name}.csv" for name in contents]


def writes(account: Account) -> int:
    return sum(request["verb"] != "GET" for request in account.requests())


def test_given_exports_in_the_order_of_children_first_when_loaded_then_fincome_has_them_with_their_zeros(
    load, tmp_path
):
    done = load(*files(tmp_path, invoices=INVOICES, customers=CUSTOMERS))
    said = done.stderr.decode()
    assert done.returncode == 0, said
    account: Account = load.account
    assert {one["id"]: one["name"] for one in account.objects("customers").values()} == {
        "0012": "Société Générale",
        "0013": "Acme",
    }
    assert {str(one["amount"]) for one in account.objects("invoices").values()} == {"1234.5", "10"}
    assert "windows-1252, separated by semicolon" in said
    # Before the first write, what would be sent.
    assert said.index("1,244.50 EUR") < said.index("Summary:")


def test_given_a_row_that_is_refused_when_loaded_then_the_others_are_there_and_the_exit_code_tells(load, tmp_path):
    done = load(*files(tmp_path, customers=CUSTOMERS, invoices=INVOICES + "F-3;0012;2026-02-05;nonsense;EUR;10\n"))
    assert done.returncode == 1
    assert "F-3" in done.stderr.decode()
    assert set(load.account.objects("invoices")) == {"F-1", "F-2"}


def test_given_a_dry_run_when_loaded_then_nothing_is_written(load, tmp_path):
    done = load("--dry-run", *files(tmp_path, customers=CUSTOMERS))
    assert (done.returncode, load.account.objects("customers")) == (0, {}), done.stderr.decode()


def test_given_a_load_that_was_done_when_it_is_repeated_then_nothing_is_doubled(load, tmp_path):
    paths = files(tmp_path, customers=CUSTOMERS, invoices=INVOICES)
    load(*paths)
    assert load(*paths).returncode == 0
    assert len(load.account.objects("invoices")) == 2


def test_given_a_summary_file_when_loaded_then_it_has_the_totals(load, tmp_path):
    load("--summary", tmp_path / "s.json", *files(tmp_path, customers=CUSTOMERS, invoices=INVOICES))
    amounts = [cell["amount"] for cell in json.loads((tmp_path / "s.json").read_text())["totals"]]
    assert sorted(filter(None, amounts)) == ["10.00", "1234.50"]


def test_given_a_file_that_cannot_be_read_when_loaded_then_nothing_is_sent_and_it_is_named(load, tmp_path):
    (tmp_path / "b.csv").write_text('id;name\n"x;1\n')
    done = load(*files(tmp_path, customers=CUSTOMERS), tmp_path / "b.csv")
    assert done.returncode == 2
    assert "b.csv, line 2" in done.stderr.decode()
    assert load.account.objects("customers") == {}


def test_given_a_memory_when_the_same_files_are_loaded_again_then_nothing_is_sent(load, tmp_path):
    paths = files(tmp_path, customers=CUSTOMERS, invoices=INVOICES)
    load("--memory", tmp_path / "memory", *paths)
    before = writes(load.account)
    assert load("--memory", tmp_path / "memory", *paths).returncode == 0
    assert writes(load.account) == before > 0


def test_given_a_wrong_key_when_loaded_then_it_ends_before_any_totals_and_says_what_to_do(load, tmp_path):
    config = tmp_path / "wrong.json"
    config.write_text(json.dumps({"api_key": "wrong-key-of-a-test", "base_url": load.account.base_url}))
    done = load("--config", config, *files(tmp_path, customers=CUSTOMERS))
    said = done.stderr.decode()
    assert done.returncode == 2
    assert "Create a secret key in Fincome" in said
    assert "To be sent" not in said


def test_given_nobody_at_the_address_when_loaded_then_it_is_told_at_once_and_the_load_tries_on(load, tmp_path):
    config = tmp_path / "nobody.json"
    config.write_text(
        json.dumps({"api_key": "some-key-of-a-test", "base_url": "http://127.0.0.1:9/product", "retry_minutes": 0})
    )
    done = load("--config", config, *files(tmp_path, customers=CUSTOMERS))
    said = done.stderr.decode()
    assert done.returncode == 3
    assert said.index("Check `base_url`") < said.index("keeps trying") < said.index("Summary:")


def test_given_rows_of_one_customer_when_loaded_then_the_totals_count_it_once(load, tmp_path):
    done = load(*files(tmp_path, customers=CUSTOMERS + "0012;Société Générale;France\n"))
    row = next(line for line in done.stderr.decode().splitlines() if line.startswith("│ customers"))
    assert row.split("│")[2].strip() == "2"


def test_given_a_folder_without_files_when_loaded_then_it_is_told(load, tmp_path):
    (tmp_path / "empty").mkdir()
    done = load(tmp_path / "empty")
    assert done.returncode == 2
    assert "There is no file in " in done.stderr.decode()


def test_given_a_memory_that_cannot_be_written_when_loaded_then_the_message_names_its_own_setting(load, tmp_path):
    (tmp_path / "taken").write_text("")
    done = load("--memory", tmp_path / "taken" / "memory", *files(tmp_path, customers=CUSTOMERS))
    assert "`memory_url`: " in done.stderr.decode()


def test_given_attributes_for_customers_when_loaded_then_the_totals_count_them(load, tmp_path):
    mapping = tmp_path / "crm.yaml"
    mapping.write_text(
        "version: 1\nstreams:\n  crm:\n    emits:\n      - {entity: customers, operation: update_only, "
        "fields: {id: Code}, custom_properties: {Sector: Sector}}\n"
    )
    load(*files(tmp_path, customers=CUSTOMERS))
    done = load("--mapping", mapping, *files(tmp_path, crm="Code;Sector\n0012;Banks\n0013;Toys\n"))
    row = next(line for line in done.stderr.decode().splitlines() if line.startswith("│ customers"))
    assert row.split("│")[2].strip() == "2"


PARTS = """version: 1
streams:
  factures:
    emits:
      - entity: customers
        fields: {id: client, name: client}
      - entity: invoices
        fields: {id: facture, customer_id: client, date: jour, status: "'paid'", currency: "'EUR'", amount: montant}
        merge: {amount: sum, date: min}
"""


def test_given_an_export_in_parts_when_loaded_then_the_rows_of_all_files_are_those_of_one_stream(load, tmp_path):
    (tmp_path / "mapping.yaml").write_text(PARTS)
    heading = "facture;client;jour;montant\n"
    paths = files(
        tmp_path,
        **{
            "factures_2026-01": f"{heading}F1;C1;2026-01-31;100\n",
            "Factures février 2026 (1)": f"{heading}F1;C1;2026-02-01;20\nF2;C2;2026-02-05;7\n",
        },
    )
    done = load("--mapping", tmp_path / "mapping.yaml", *paths)
    said = done.stderr.decode()
    assert done.returncode == 0, said
    account: Account = load.account
    assert {one["id"]: one["amount"] for one in account.objects("invoices").values()} == {"F1": 120, "F2": 7}
    assert "factures_2026-01 is read as factures of the mapping." in said


def test_given_a_file_that_the_mapping_does_not_know_when_loaded_then_nothing_is_sent_and_it_is_named(load, tmp_path):
    (tmp_path / "mapping.yaml").write_text(PARTS)
    heading = "facture;client;jour;montant\n"
    paths = files(tmp_path, factures=f"{heading}F1;C1;2026-01-31;100\n", avoirs=f"{heading}A1;C1;2026-01-31;-5\n")
    done = load("--mapping", tmp_path / "mapping.yaml", *paths)
    assert done.returncode == 2
    assert "Nothing would be loaded of avoirs.csv" in done.stderr.decode()
    assert writes(load.account) == 0


def test_given_a_file_whose_heading_was_renamed_when_loaded_then_nothing_is_sent_and_it_is_named(load, tmp_path):
    (tmp_path / "mapping.yaml").write_text(PARTS)
    paths = files(tmp_path, **{"factures_2026-02": "facture;client;date;montant\nF1;C1;2026-01-31;100\n"})
    done = load("--mapping", tmp_path / "mapping.yaml", *paths)
    assert done.returncode == 2
    assert "factures_2026-02 has no column jour, which the mapping reads." in done.stderr.decode()
    assert writes(load.account) == 0


def test_given_a_folder_with_a_file_that_the_mapping_does_not_know_when_loaded_then_the_others_are(load, tmp_path):
    (tmp_path / "mapping.yaml").write_text(PARTS)
    (tmp_path / "exports").mkdir()
    files(tmp_path / "exports", factures="facture;client;jour;montant\nF1;C1;2026-01-31;100\n", notes="a\nx\n")
    assert load("--mapping", tmp_path / "mapping.yaml", tmp_path / "exports").returncode == 0
    assert len(load.account.objects("invoices")) == 1


CANCELLED = """version: 1
streams:
  factures:
    emits:
      - entity: customers
        fields: {id: client, name: client}
      - entity: invoices
        fields: {id: no, customer_id: client, date: jour, status: "'open'", currency: "'EUR'", amount: ht}
        skip: {void: annulee}
      - entity: invoice_lines
        fields:
          id: no
          invoice_id: no
          currency: "'EUR'"
          type: when(debut, 'subscription', 'one_off')
          amount_excluding_tax_after_discount: ht
          period_start: debut
          period_end: fin
        skip: {void: annulee}
"""


def test_given_the_export_of_another_month_when_loaded_then_what_it_takes_back_does_not_stay(load, tmp_path):
    (tmp_path / "mapping.yaml").write_text(CANCELLED)
    heading = "no;client;jour;annulee;ht;debut;fin\n"
    paid, once = "F1;C1;2026-01-05;{};100;2026-01-01;2026-02-01\n", "F2;C1;2026-01-05;FAUX;50;{}\n"
    first = files(tmp_path, factures=heading + paid.format("FAUX") + once.format("2026-01-01;2026-02-01"))
    assert load("--mapping", tmp_path / "mapping.yaml", *first).returncode == 0
    account: Account = load.account
    assert {one["id"]: one["amount"] for one in account.objects("invoices").values()} == {"F1": 100, "F2": 50}
    second = files(tmp_path, factures=heading + paid.format("VRAI") + once.format(";"))
    assert load("--mapping", tmp_path / "mapping.yaml", *second).returncode == 0
    assert {one["id"]: one["amount"] for one in account.objects("invoices").values()} == {"F1": 0, "F2": 50}
    lines = {one["id"]: one for one in account.objects("invoice_lines").values()}
    assert lines["F1"]["amount_excluding_tax_after_discount"] == 0
    assert (lines["F2"]["type"], lines["F2"].get("period_start")) == ("one_off", None)


def test_given_the_next_months_file_when_loaded_with_the_same_mapping_then_subscriptions_began_when_they_did(
    account: Account, fincome_command: ForkServer, tmp_path: Path
) -> None:
    """What `fincome map` drafts of lines: alone, the second file says that all subscriptions begin in its month."""
    config, mapping, answers = (tmp_path / name for name in ("config.json", "mapping.yaml", "answers.yaml"))
    config.write_text(json.dumps({"api_key": account.api_key, "base_url": account.base_url}))
    answers.write_text("currency: EUR\nsales.status: paid\nsales.subscription: both\n")
    months = [tmp_path / f"sales_2025-{month:02}.csv" for month in (1, 2)]
    for month, file in enumerate(months, 1):
        period = f"2025-{month:02}-01;2025-{month + 1:02}-01"
        lines = [
            f"F{month}{n};2025-{month:02}-{n + 10};C{n};Client {n};Plan {n % 2};{period};{n}.50" for n in range(1, 10)
        ]
        file.write_text("\n".join(["Invoice No;Date;Customer No;Customer;Product;From;To;Net amount", *lines]))
    done = fincome_command.run("map", months[0], "--draft", mapping, "--answers", answers, "--strict")
    assert done.returncode == 0, done.stderr.decode()
    for file in months:
        done = fincome_command.run("load", "--yes", "--config", config, "--mapping", mapping, file)
        assert done.returncode == 0, done.stderr.decode()
    assert {f"F{month}{n}" for month in (1, 2) for n in range(1, 10)} <= account.objects("invoices").keys()
    began = {one["customer_id"]: str(one["start_date"])[:10] for one in account.objects("subscriptions").values()}
    assert {began[f"C{n}"] for n in range(1, 10)} == {"2025-01-01"}
