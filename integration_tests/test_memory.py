"""Only what changed: with a memory, what Fincome has confirmed costs no request, and nothing is skipped wrongly."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from integration_tests.accounts import Account, wait_for
from integration_tests.messages import CUSTOMERS, INVOICES, Message, catalog, customer, invoice, record, stream
from integration_tests.orchestrator import Platform, Seen
from integration_tests.sandboxes import running_sandbox
from integration_tests.test_void_documents import STRIPE, figures, stripe_customer, stripe_invoice
from unit_tests.fork_server import ForkServer

Sync = Callable[..., Seen]


@pytest.fixture
def account(new_account) -> Account:
    """An account of the test's own: its memory is one."""
    with new_account() as started:
        yield started


@pytest.fixture
def sync(platform: Platform, account: Account, tmp_path: Path) -> Sync:
    """Syncs customers and invoices with the memory in a folder, `sync.folder`."""
    folder = tmp_path / "memory"

    def run(*messages: Message, **settings: object) -> Seen:
        config = account.config(memory_url=str(folder), **settings)
        return platform.sync(config, catalog(CUSTOMERS, INVOICES), *messages)

    run.folder = folder
    return run


def year(count: int = 30, **changed: object) -> list[Message]:
    """Return so many customers with an invoice each; `changed` goes to the first customer."""
    customers = [customer(f"c-{n}", **(changed if n == 0 else {})) for n in range(count)]
    return customers + [invoice(f"in-{n}", f"c-{n}") for n in range(count)]


def let_time_pass(folder: Path) -> None:
    """Make what syncs have said of being alive so old that they count as dead."""
    for path in folder.iterdir():
        if path.suffix == ".lease" or ".beside-" in path.name:
            path.write_text(json.dumps({**json.loads(path.read_text()), "at": 0}))


def requests_of(run: Seen) -> int:
    return int(run.summary["requests"])


def outcomes(run: Seen, outcome: str) -> int:
    return sum(row[outcome] for row in run.summary["entities"])


def test_given_nothing_changed_when_synced_again_then_no_request_is_made_and_all_counts_as_unchanged(sync):
    assert sync(*year()).exit_code == 0
    again = sync(*year())
    assert again.exit_code == 0
    assert requests_of(again) == 0
    assert outcomes(again, "unchanged") == 60


def test_given_one_changed_object_when_synced_again_then_only_that_is_sent(sync, account):
    sync(*year())
    again = sync(*year(name="PRIVATE new"))
    assert requests_of(again) == 1
    assert account.objects("customers")["c-0"]["name"] == "PRIVATE new"


def test_given_a_change_that_is_taken_back_when_synced_then_it_is_sent_each_time(sync, account):
    sync(*year(name="PRIVATE a"))
    sync(*year(name="PRIVATE b"))
    again = sync(*year(name="PRIVATE a"))
    assert outcomes(again, "sent") == 1
    assert account.objects("customers")["c-0"]["name"] == "PRIVATE a"


def test_given_a_new_child_of_a_remembered_parent_when_synced_then_the_child_goes_alone(sync, account):
    sync(*year())
    again = sync(*year(), invoice("in-new", "c-3"))
    assert requests_of(again) <= 2
    assert "in-new" in account.objects("invoices")


def test_given_a_parent_that_the_account_has_lost_when_a_child_comes_then_the_parent_goes_again_first(
    platform: Platform, fincome_command: ForkServer, tmp_path: Path
):
    memory = str(tmp_path / "memory")
    with running_sandbox(fincome_command, tmp_path) as access:
        filled = Account(access)
        platform.sync(filled.config(memory_url=memory), catalog(CUSTOMERS, INVOICES), *year(3))
    port = filled.base_url.rpartition(":")[2].partition("/")[0]
    # The same address and key, and nothing behind them.
    with running_sandbox(fincome_command, tmp_path, "--port", port) as access:
        emptied = Account(access)
        run = platform.sync(
            emptied.config(memory_url=memory), catalog(CUSTOMERS, INVOICES), *year(3), invoice("in-new", "c-1")
        )
        assert run.exit_code == 0
        assert set(emptied.objects("customers")) == {"c-1"}
        assert set(emptied.objects("invoices")) == {"in-new"}


def test_given_a_sync_that_is_killed_at_any_moment_when_others_follow_then_the_account_ends_as_without_a_memory(
    sync, platform, account
):
    sync(*year())
    account.misbehave(latency_ms=20)
    for sent in (1, 7, 20):
        changed = [customer(f"c-{n}", name=f"PRIVATE {sent}") for n in range(30)]
        with platform.started(account.config(memory_url=str(sync.folder)), catalog(CUSTOMERS)) as live:
            before = len(account.requests())
            live.send(*changed)
            wait_for(lambda before=before, sent=sent: len(account.requests()) >= before + sent)
            live.process.kill()
        let_time_pass(sync.folder)
    account.misbehave()
    # Back to what it was before all of them. They could send customers only.
    again = sync(*year())
    assert (again.exit_code, outcomes(again, "sent"), outcomes(again, "unchanged")) == (0, 30, 30)
    assert all(one["name"].startswith("PRIVATE name of") for one in account.objects("customers").values())


def test_given_an_object_that_changed_when_another_stream_adds_to_it_as_before_then_that_counts_as_without_a_memory(
    platform, account, tmp_path
):
    mapping = """
version: 1
streams:
  crm:
    emits:
      - entity: customers
        operation: update_only
        fields: {id: id, email: email}
"""
    config = account.config(memory_url=str(tmp_path / "memory"), source="fincome", mapping=mapping)
    streams = catalog(CUSTOMERS, stream("crm", "id", "email"))
    for email in ("PRIVATE-a@example.com", "PRIVATE-c@example.com"):
        added = record("crm", {"id": "c-0", "email": "PRIVATE-b@example.com"})
        assert platform.sync(config, streams, customer("c-0", email=email), added).good
        assert account.objects("customers")["c-0"]["email"] == "PRIVATE-b@example.com"


def test_given_a_descriptive_field_that_was_sent_when_it_is_emptied_then_it_is_cleared(sync, account):
    sync(*year(email="private@example.com", country="FR"))
    again = sync(*year(email=None, country="FR"))
    assert requests_of(again) == 1
    assert account.objects("customers")["c-0"].get("email") is None
    assert account.objects("customers")["c-0"]["country"] == "FR"
    assert requests_of(sync(*year(email=None, country="FR"))) == 0


def test_given_a_descriptive_field_that_people_completed_when_it_is_empty_in_the_source_then_it_stays(sync, account):
    account.given("customers", {"id": "c-0", "name": "PRIVATE", "email": "private@example.com"})
    for name in ("PRIVATE a", "PRIVATE b"):
        sync(*year(name=name, email=None))
    assert account.objects("customers")["c-0"]["email"] == "private@example.com"


def test_given_an_attribute_of_a_mapping_that_was_sent_when_it_is_emptied_then_it_is_cleared(sync, account):
    mapping = """
version: 1
streams:
  customers:
    replace_preset: true
    full: true
    emits:
      - entity: customers
        fields: {id: id, name: name, email: email}
        custom_properties: {land: country, root: root_parent_id}
"""
    sync(*year(country="FR", root_parent_id="r"), mapping=mapping)
    assert account.objects("customers")["c-0"]["custom_properties"] == {"land": "FR", "root": "r"}
    sync(*year(country="", root_parent_id="r"), mapping=mapping)
    assert account.objects("customers")["c-0"]["custom_properties"] in ({"root": "r"}, {"root": "r", "land": None})


def test_given_a_null_that_meets_passing_trouble_when_it_is_tried_again_then_it_is_still_sent(sync, account):
    sync(*year(email="private@example.com"))
    account.misbehave(error_rate=0.3, fault_seed=7)
    assert sync(*year(email=None)).exit_code == 0
    account.misbehave()
    assert account.objects("customers")["c-0"].get("email") is None


@pytest.mark.parametrize("handling", ["omit", "auto"])
def test_given_no_memory_or_another_setting_when_a_descriptive_field_is_emptied_then_it_stays(
    platform, sync, account, handling
):
    settings = {} if handling == "auto" else {"memory_url": str(sync.folder), "null_handling": handling}
    for email in ("private@example.com", None):
        platform.sync(account.config(**settings), catalog(CUSTOMERS, INVOICES), *year(email=email))
    assert account.objects("customers")["c-0"]["email"] == "private@example.com"


def test_given_a_rejected_object_when_synced_again_then_it_is_tried_again(sync, account):
    sync(*year(), invoice("in-bad", "c-1", status="nonsense"))
    again = sync(*year(), invoice("in-bad", "c-1"))
    assert outcomes(again, "sent") == 1
    assert "in-bad" in account.objects("invoices")


def test_given_another_key_contract_or_account_when_synced_then_nothing_is_remembered_of_this_one(sync):
    sync(*year())
    other = sync(*year(), contract="version: 1\namounts: major\n")
    assert outcomes(other, "unchanged") == 0


def test_given_a_damaged_memory_when_synced_then_everything_is_sent_with_a_warning_and_the_sync_goes_on(sync):
    sync(*year())
    (path,) = [path for path in sync.folder.iterdir() if "." not in path.name]
    content = bytearray(path.read_bytes())
    content[60] ^= 255
    path.write_bytes(content)
    again = sync(*year())
    assert again.exit_code == 0
    assert outcomes(again, "unchanged") == 0
    assert any("damaged" in line for line in again.logs)


def test_given_a_sync_that_was_broken_off_when_the_next_one_comes_then_the_memory_is_set_aside(sync):
    sync(*year())
    (path,) = [path for path in sync.folder.iterdir() if "." not in path.name]
    lease = path.with_name(path.name + ".lease")
    lease.write_text(json.dumps({"token": "of a sync that was killed", "at": 0, "ended": False}))
    again = sync(*year())
    assert again.exit_code == 0
    assert outcomes(again, "unchanged") == 0
    assert any("set aside" in line for line in again.logs)
    assert outcomes(sync(*year()), "unchanged") == 60


def test_given_a_sync_beside_another_when_both_end_then_the_memory_is_believed_by_nobody(sync, account):
    sync(*year())
    (path,) = [path for path in sync.folder.iterdir() if "." not in path.name]
    lease = path.with_name(path.name + ".lease")
    # Another sync lives: this one sends everything.
    lease.write_text(json.dumps({"token": "of a sync that lives", "at": 4e9, "ended": False}))
    beside = sync(*year(name="PRIVATE beside"))
    assert beside.exit_code == 0
    assert outcomes(beside, "unchanged") == 0
    lease.unlink()
    after = sync(*year())
    assert outcomes(after, "unchanged") == 0
    assert account.objects("customers")["c-0"]["name"] != "PRIVATE beside"


def test_given_a_dry_run_when_it_ends_then_there_is_no_memory(sync):
    assert sync(*year(), dry_run=True).exit_code == 0
    assert not sync.folder.exists()


def test_given_a_dry_run_when_there_is_a_memory_then_only_what_it_does_not_know_is_asked_for(sync):
    sync(*year())
    kept = {path.name: path.read_bytes() for path in sync.folder.iterdir()}
    run = sync(*year(name="PRIVATE new"), dry_run=True)
    assert requests_of(run) == 1
    assert (run.summary["foretold"]["customers"]["changed"], outcomes(run, "unchanged")) == (1, 59)
    assert run.summary["foretold"]["invoices"]["unchanged"] == 30
    assert {path.name: path.read_bytes() for path in sync.folder.iterdir()} == kept


def test_given_a_void_invoice_when_it_was_settled_before_then_neither_it_nor_its_lines_go_again(
    platform, account, tmp_path
):
    config = account.config(memory_url=str(tmp_path / "memory"))
    assert platform.sync(config, STRIPE, stripe_customer("void"), stripe_invoice("void", "open", 1)).good
    assert platform.sync(config, STRIPE, stripe_invoice("void", "void", 2)).outcomes("invoices") == {"settled": 1}
    again = platform.sync(config, STRIPE, stripe_invoice("void", "void", 3))
    assert (requests_of(again), again.outcomes("invoices")) == (0, {"unchanged": 1})
    valid = platform.sync(config, STRIPE, stripe_invoice("void", "open", 4))
    assert valid.outcomes("invoices") == {"sent": 1}
    assert figures(account, "void") == (9, 9, 1, "open")


def test_given_a_memory_that_cannot_be_written_when_synced_then_everything_is_sent_with_a_warning(
    platform, account, tmp_path
):
    (tmp_path / "file").write_text("no folder")
    run = platform.sync(account.config(memory_url=str(tmp_path / "file")), catalog(CUSTOMERS, INVOICES), *year(3))
    assert run.exit_code == 0
    assert any("memory can't be used" in line for line in run.logs)


def test_given_a_memory_on_this_machine_when_kept_then_only_its_owner_can_read_it_and_no_id_stands_in_it(sync):
    sync(*year(), customer("ada@example.com"))
    for path in sync.folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0
        assert b"ada@" not in path.read_bytes()
