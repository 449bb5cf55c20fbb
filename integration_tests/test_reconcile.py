"""`fincome reconcile` through the real command line, against the sandbox."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fincome_tools.exits import Exit
from integration_tests.accounts import Account, Answer, Scripted
from integration_tests.messages import (
    CUSTOMERS,
    INVOICES,
    LINES,
    Message,
    catalog,
    customer,
    invoice,
    invoice_body,
    line,
    record,
    stream,
)
from integration_tests.orchestrator import Platform
from integration_tests.test_void_documents import STRIPE, stripe_customer, stripe_invoice
from unit_tests.fork_server import ForkServer

Reconcile = Callable[..., subprocess.CompletedProcess[bytes]]
EVERYTHING = catalog(CUSTOMERS, INVOICES, LINES)


@pytest.fixture
def reconcile(fincome_command: ForkServer, tmp_path: Path) -> Reconcile:
    """Runs `fincome reconcile` on messages."""

    def run(
        config: object, *messages: Message, catalog: object = EVERYTHING, options: tuple[object, ...] = ()
    ) -> subprocess.CompletedProcess[bytes]:
        files = {"config": config, "catalog": catalog}
        for name, content in files.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(content))
        given = [f"--{name}={tmp_path / name}.json" for name in files]
        text = b"".join(json.dumps(message).encode() + b"\n" for message in messages)
        return fincome_command.run("reconcile", *given, *options, "-", given=text, env={"COLUMNS": "200"})

    return run


def told(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    """What the command prints for machines."""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def of(prefix: str) -> list[Message]:
    return [
        customer(f"{prefix}c"),
        invoice(f"{prefix}in-1", f"{prefix}c", amount="100"),
        invoice(f"{prefix}in-2", f"{prefix}c", amount="50.50", date="2026-02-28", currency="USD"),
        line(f"{prefix}il-1", f"{prefix}in-1", amount_excluding_tax_after_discount="100"),
    ]


def test_given_what_was_just_synced_when_reconciled_then_all_is_equal_and_only_asked_for(
    platform: Platform, account: Account, reconcile: Reconcile
) -> None:
    messages = of("rq-")
    assert platform.sync(account.config(), EVERYTHING, *messages).good
    before = len(account.requests())
    # An older version of an invoice doesn't count, as in the sync.
    done = reconcile(account.config(), *messages, messages[1], options=["--json"])
    assert done.returncode == Exit.DONE, done.stderr
    assert "This takes 4 requests (GET)" in done.stderr.decode()
    assert "can't list objects" in done.stderr.decode()
    asked = account.requests(before)
    assert [one["verb"] for one in asked] == ["GET"] * 4
    found = told(done)
    assert (found["equal"], found["differing"], found["missing"]) == (4, [], [])
    assert [(row["entity"], row["currency"], row["month"]) for row in found["figures"]] == [
        ("customers", None, None),
        ("invoices", "EUR", "2026-01"),
        ("invoices", "USD", "2026-02"),
        ("invoice_lines", "EUR", None),
    ]
    assert all(row["files"] == row["fincome"] for row in found["figures"])
    assert found["figures"][2]["files"] == {"count": 1, "amount": "50.50"}


def test_given_an_account_that_differs_when_reconciled_then_ids_fields_and_figures_say_so(
    account: Account, reconcile: Reconcile
) -> None:
    account.given("customers", {"id": "rd-c", "name": "PRIVATE NAME of rd-c", "country": "FR"})
    account.given("invoices", invoice_body("rd-in-1", "rd-c", amount=1, date="2026-03-01T00:00:00Z"))
    messages = [*of("rd-"), customer("rd-bad", email=[])]
    done = reconcile(account.config(), *messages)
    assert done.returncode == Exit.DIFFERENT
    text = " ".join(done.stdout.decode().replace("│", " ").split())
    assert "invoices rd-in-1 date: another value; amount: a hundredth" in text
    assert "invoices EUR 2026-01 1 100.00 0 - -100.00" in text
    assert "invoices EUR 2026-03 0 - 1 1.00 1.00" in text
    assert "invoice lines rd-il-1 isn't there" in text
    assert "Not compared, as a sync would reject them: 1 customers.email: must be text" in text
    # Words without regard to case: the customer is equal, although the sync would leave its country.
    assert "1 object is equal, 1 differs, 2 aren't in Fincome." in text
    assert "PRIVATE" not in text


def test_given_operations_of_ones_own_when_reconciled_then_what_a_sync_leaves_alone_is_not_compared(
    account: Account, reconcile: Reconcile
) -> None:
    account.given("customers", {"id": "ro-old", "name": "Old"})
    own = [
        {"stream": "new", "entity": "customers", "operation": "create_only"},
        {"stream": "more", "entity": "customers", "operation": "update_only"},
    ]
    done = reconcile(
        account.config(streams=own),
        record("new", {"id": "ro-old", "name": "Other"}),
        record("new", {"id": "ro-new", "name": "New"}),
        record("more", {"id": "ro-nobody", "country": "FR"}),
        catalog=catalog(stream("new", "id", "name"), stream("more", "id", "country")),
        options=["--json"],
    )
    found = told(done)
    assert found["left_alone"] == {"customers": 2}
    assert found["missing"] == [{"entity": "customers", "id": "ro-new"}]
    assert found["differing"] == []


def test_given_a_void_document_when_reconciled_then_fincome_should_not_count_it_and_need_not_have_it(
    platform: Platform, account: Account, reconcile: Reconcile
) -> None:
    config = account.config()
    assert platform.sync(config, STRIPE, stripe_customer("rv"), stripe_invoice("rv", "open", 1)).good
    void = [stripe_customer("rv"), stripe_invoice("rv", "void", 2), stripe_invoice("rv-never", "void", 2)]
    options = ["--json"]
    before = told(reconcile(config, *void, catalog=STRIPE, options=options))
    assert [(one["entity"], one["id"]) for one in before["differing"]] == [
        ("invoices", "rv"),
        ("invoice_lines", "rv-l"),
    ]
    assert before["missing"] == []
    assert platform.sync(config, STRIPE, *void).good
    after = reconcile(config, *void, catalog=STRIPE, options=options)
    assert (after.returncode, told(after)["equal"]) == (Exit.DONE, 3)


def test_given_many_differences_when_reconciled_then_some_are_listed_unless_all_are_asked_for(
    account: Account, reconcile: Reconcile
) -> None:
    messages = [customer(f"rm-{number}") for number in range(60)]
    few = reconcile(account.config(), *messages).stdout.decode()
    assert few.count("isn't there") == 50
    assert "10 more; --all lists them." in few
    everything = reconcile(account.config(), *messages, options=["--all"]).stdout.decode()
    assert everything.count("isn't there") == 60


def test_given_several_files_without_a_catalog_when_reconciled_then_they_count_as_one(
    platform: Platform, account: Account, fincome_command: ForkServer, tmp_path: Path
) -> None:
    messages = of("rf-")
    assert platform.sync(account.config(), EVERYTHING, *messages).good
    (tmp_path / "config.json").write_text(json.dumps(account.config()))
    for number, message in enumerate(messages):
        (tmp_path / f"{number}.jsonl").write_text(json.dumps(message))
    files = sorted(tmp_path.glob("*.jsonl"))
    done = fincome_command.run("reconcile", "--json", "--config", tmp_path / "config.json", *files)
    assert done.returncode == Exit.DONE, done.stderr
    assert told(done)["equal"] == 4


def test_given_trouble_when_reconciled_then_the_exit_code_tells_which(
    account: Account, fincome: Scripted, reconcile: Reconcile
) -> None:
    refused = reconcile(account.config(api_key="not-the-key-of-this-account"), customer("rt-1"))
    assert (refused.returncode, b"refused the API key" in refused.stderr) == (Exit.NOT_DONE, True)
    fincome.default = Answer(503)
    down = reconcile(fincome.config(retry_minutes=0.01), customer("rt-1"))
    assert (down.returncode, b"answered 503" in down.stderr) == (Exit.PASSING, True)
    assert reconcile({}, customer("rt-1")).returncode == Exit.NOT_DONE


def test_given_a_loaded_csv_when_reconciled_with_its_mapping_then_it_is_equal_until_a_name_differs(
    account: Account, fincome_command: ForkServer, tmp_path: Path
) -> None:
    config, mapping, file = (tmp_path / name for name in ("config.json", "mapping.yaml", "clients.csv"))
    config.write_text(json.dumps(account.config()))
    mapping.write_text(
        "version: 1\nstreams:\n  clients:\n    emits: [{entity: customers, fields: {id: Code, name: Nom}}]\n"
    )
    file.write_text("Code;Nom\n0042;Brume\n0043;Aube\n")
    given = ("--config", config, "--mapping", mapping, file)
    assert fincome_command.run("load", "--yes", *given).returncode == Exit.DONE
    same = fincome_command.run("reconcile", "--json", *given)
    file.write_text("Code;Nom\n0042;Brume\n0043;Crue\n")
    other = fincome_command.run("reconcile", "--json", *given)
    assert (same.returncode, told(same)["equal"]) == (Exit.DONE, 2)
    assert (other.returncode, told(other)["equal"]) == (Exit.DIFFERENT, 1)


def test_given_a_renamed_heading_when_reconciled_then_it_is_warned_of(
    account: Account, fincome_command: ForkServer, tmp_path: Path
) -> None:
    config, mapping, file = (tmp_path / name for name in ("config.json", "mapping.yaml", "bills.csv"))
    config.write_text(json.dumps(account.config()))
    mapping.write_text(
        "version: 1\nstreams:\n  bills:\n    emits: [{entity: invoices, operation: update_only,"
        " fields: {id: No, amount: Net}}]\n"
    )
    file.write_text("No;Total\nF1;5\n")
    done = fincome_command.run("reconcile", "--json", "--config", config, "--mapping", mapping, file)
    assert b"Warning: bills has no column Net, which the mapping reads." in done.stderr
    file.write_text("No;Net\nF1;5\n")
    done = fincome_command.run("reconcile", "--json", "--config", config, "--mapping", mapping, file)
    assert b"Warning" not in done.stderr
