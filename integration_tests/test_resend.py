"""`fincome resend` through the real command line: what a sync stored goes again, and takes nothing back."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fincome_tools.exits import Exit
from integration_tests.accounts import Account, Answer, Scripted
from integration_tests.messages import CUSTOMERS, INVOICES, Message, catalog, customer, invoice, invoice_body, stream
from integration_tests.orchestrator import Platform
from integration_tests.test_void_documents import STRIPE, stripe_invoice
from unit_tests.fork_server import ForkServer
from unit_tests.reporting.s3_servers import KEY_ID, REGION, SECRET, S3Server, running_s3

BOTH = catalog(CUSTOMERS, INVOICES)


class Store:
    """A folder of rejected records, the syncs that fill it and the command that empties it."""

    def __init__(self, platform: Platform, account: Account, command: ForkServer, folder: Path) -> None:
        self.folder = folder / "rejected"
        self.config = folder / "config.json"
        self.account = account
        self._platform = platform
        self._command = command

    def settings(self, **more: object) -> dict[str, object]:
        return self.account.config(rejected_records_url=str(self.folder), create_missing_parents="off", **more)

    def sync(self, *messages: Message, streams: object = BOTH, **settings: object) -> None:
        self._platform.sync(self.settings(**settings), streams, *messages)

    def resend(self, *options: object, place: object = None, **settings: object) -> subprocess.CompletedProcess[bytes]:
        self.config.write_text(json.dumps(self.settings(**settings)))
        return self._command.run("resend", "--config", self.config, *options, place or self.folder)

    @property
    def done(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("*.done"))

    def writes(self, since: int) -> list[tuple[str, str]]:
        return [(one["verb"], one["id"]) for one in self.account.requests(since) if one["verb"] != "GET"]


@pytest.fixture
def store(platform: Platform, account: Account, fincome_command: ForkServer, tmp_path: Path) -> Store:
    return Store(platform, account, fincome_command, tmp_path)


def test_given_a_mended_cause_when_sent_again_then_it_is_there_and_a_second_call_sends_nothing(store: Store) -> None:
    store.sync(invoice("rs-in", "rs-c", amount="9.90"), customer("rs-bad", email=[]))
    store.account.given("customers", {"id": "rs-c", "name": "Now there"})
    first = store.resend()
    assert first.returncode == Exit.DIFFERENT
    text = first.stdout.decode()
    assert "1 sent." in text
    assert "customers rs-bad: refused again: email: must be text (invalid_field)" in text
    found = store.account.get("invoices", "rs-in")
    assert found is not None
    assert str(found["amount"]) == "9.9"
    (file,) = [path for path in store.folder.glob("*.jsonl") if "rs-bad" in path.read_text()]
    assert f"{file.name}.done" not in store.done
    before = len(store.account.requests())
    assert store.resend().returncode == Exit.DIFFERENT
    assert store.writes(before) == []
    # What is wrong in the record stays wrong, until somebody mends the line.
    file.write_text(file.read_text().replace('"email": []', '"email": "a@b.example"'))
    assert store.resend().returncode == Exit.DONE
    assert store.account.get("customers", "rs-bad") is not None
    assert f"{file.name}.done" in store.done
    before = len(store.account.requests())
    last = store.resend()
    assert (last.returncode, b"nothing to send again" in last.stdout) == (Exit.DONE, True)
    assert store.account.requests(before) == []


def test_given_an_object_that_fincome_has_otherwise_when_sent_again_then_it_stays_unless_it_is_to_be_overwritten(
    store: Store,
) -> None:
    store.sync(invoice("ro-in", "ro-c", amount="10"))
    store.account.given("customers", {"id": "ro-c", "name": "Now there"})
    store.account.given("invoices", invoice_body("ro-in", "ro-c", amount=99))
    before = len(store.account.requests())
    done = store.resend()
    assert done.returncode == Exit.DIFFERENT
    assert "invoices ro-in: perhaps outdated: Fincome has it otherwise" in done.stdout.decode()
    assert store.writes(before) == []
    assert store.done == []
    assert store.resend("--overwrite").returncode == Exit.DONE
    assert store.writes(before) == [("PATCH", "ro-in")]
    found = store.account.get("invoices", "ro-in")
    assert found is not None
    assert found["amount"] == 10
    assert len(store.done) == 1


def test_given_a_document_that_was_taken_out_of_the_figures_when_sent_again_then_it_never_comes_back(
    store: Store,
) -> None:
    store.sync(stripe_invoice("rz", "open", 1), streams=STRIPE)
    store.account.given("customers", {"id": "rz-c", "name": "Now there"})
    store.account.given("invoices", invoice_body("rz", "rz-c", amount=0))
    line = {"id": "rz-l", "invoice_id": "rz", "type": "one_off", "description": "x", "currency": "EUR",
            "amount_excluding_tax_after_discount": 0, "discount_amount": 0, "tax_amount": 0}  # fmt: skip
    store.account.given("invoice_lines", line)
    before = len(store.account.requests())
    done = store.resend("--overwrite")
    assert (done.returncode, done.stderr) == (Exit.DONE, b"")
    assert "invoices rz: settled: it was taken out of Fincome's figures, and stays so" in done.stdout.decode()
    assert store.writes(before) == []


def test_given_an_object_without_its_reference_when_that_is_there_then_it_is_completed(store: Store) -> None:
    store.sync(customer("ri-c"), invoice("ri-in", "ri-c", subscription_id="ri-s"))
    still = store.resend()
    assert still.returncode == Exit.DIFFERENT
    assert "invoices ri-in: refused again: subscription_id: " in still.stdout.decode()
    body = {"id": "ri-s", "customer_id": "ri-c", "currency": "EUR", "status": "active", "start_date": "2026-01-01"}
    store.account.given("subscriptions", body)
    before = len(store.account.requests())
    assert store.resend().returncode == Exit.DONE
    assert store.writes(before) == [("PATCH", "ri-in")]
    found = store.account.get("invoices", "ri-in")
    assert found is not None
    assert found["subscription_id"] == "ri-s"


def test_given_records_of_a_source_when_sent_again_then_its_mapping_is_known_from_the_lines(store: Store) -> None:
    store.sync(stripe_invoice("rp", "open", 1), streams=STRIPE)
    store.account.given("customers", {"id": "rp-c", "name": "Now there"})
    done = store.resend()
    assert (done.returncode, done.stdout.decode()) == (Exit.DONE, "2 sent.\n")
    assert store.account.get("invoice_lines", "rp-l") is not None


def test_given_lines_of_an_older_version_when_sent_again_then_they_need_the_catalog(
    store: Store, tmp_path: Path
) -> None:
    store.sync(invoice("rl-in", "rl-c"))
    store.account.given("customers", {"id": "rl-c", "name": "Now there"})
    (file,) = store.folder.glob("*.jsonl")
    line = json.loads(file.read_text())
    file.write_text(json.dumps({name: value for name, value in line.items() if name not in ("origin", "version")}))
    done = store.resend()
    assert (done.returncode, b"--catalog" in done.stderr) == (Exit.NOT_DONE, True)
    (tmp_path / "catalog.json").write_text(json.dumps(BOTH))
    assert store.resend("--catalog", tmp_path / "catalog.json").returncode == Exit.DONE
    assert store.account.get("invoices", "rl-in") is not None


def test_given_two_calls_at_once_when_they_send_again_then_each_object_goes_once(store: Store) -> None:
    store.sync(*[invoice(f"rt-{number}", "rt-c") for number in range(30)])
    store.account.given("customers", {"id": "rt-c", "name": "Now there"})
    before = len(store.account.requests())
    with ThreadPoolExecutor(2) as threads:
        codes = sorted(done.returncode for done in threads.map(lambda _: store.resend(), range(2)))
    assert sorted(store.writes(before)) == sorted(("POST", f"rt-{number}") for number in range(30))
    assert codes in ([Exit.DONE, Exit.DONE], [Exit.DONE, Exit.DIFFERENT])
    assert store.done


def test_given_a_call_that_was_killed_when_sent_again_then_its_files_are_taken_over_only_if_asked(store: Store) -> None:
    store.sync(invoice("rk-in", "rk-c"))
    store.account.given("customers", {"id": "rk-c", "name": "Now there"})
    (file,) = store.folder.glob("*.jsonl")
    Path(f"{file}.claim-1").write_text('{"begun": "2026-01-01T00:00:00Z"}')
    done = store.resend()
    assert (done.returncode, b"--take-over" in done.stderr) == (Exit.DIFFERENT, True)
    assert store.account.get("invoices", "rk-in") is None
    assert store.resend("--take-over").returncode == Exit.DONE


@pytest.mark.parametrize(
    "changed",
    [{"version": "2.1"}, {"version": True}, {"origin": "x"}, {"stream": 5}, {"entity": None}, {"time": "today"}],
)
def test_given_a_line_that_was_changed_when_sent_again_then_it_is_named_and_nothing_goes(
    store: Store, changed: dict[str, object]
) -> None:
    store.sync(invoice("rx-in", "rx-c"))
    (file,) = store.folder.glob("*.jsonl")
    whole = file.read_text()
    file.write_text(whole + json.dumps({**json.loads(whole), **changed}) + "\n")
    done = store.resend()
    assert done.returncode == Exit.NOT_DONE
    assert done.stderr.decode().startswith(f"Line 2 of {file.name} is no line of rejected records: ")
    assert store.done == []


def test_given_one_file_and_a_summary_beside_it_when_sent_again_then_only_the_file_counts(store: Store) -> None:
    store.sync(invoice("resend-f-1", "resend-f-c"))
    store.sync(invoice("resend-f-2", "resend-f-c"))
    store.account.given("customers", {"id": "resend-f-c", "name": "Now there"})
    (store.folder / "summary-20260101T000000Z-0a0b0c0d.json").write_text("{}")
    (store.folder / "summary-20260101T000000Z-0a0b0c0d.jsonl").write_text("no line of ours\n")
    first, _ = sorted(store.folder.glob("rejected-*.jsonl"))
    assert store.resend(place=first).returncode == Exit.DONE
    assert store.done == [f"{first.name}.done"]
    assert store.resend().returncode == Exit.DONE
    assert len(store.done) == 2


def test_given_a_memory_when_an_object_was_confirmed_before_its_newer_version_was_stored_then_that_goes(
    store: Store, tmp_path: Path
) -> None:
    memory: dict[str, object] = {"memory_url": str(tmp_path / "memory")}
    old, new = (invoice("rm-in", "rm-c", amount=str(amount), status=status) for amount, status in
                ((10, "paid"), (20, "nonsense")))  # fmt: skip
    store.sync(customer("rm-c"), old, **memory)
    store.sync(new, **memory)
    (file,) = store.folder.glob("*.jsonl")
    file.write_text(file.read_text().replace("nonsense", "paid"))
    # On the same day nobody knows which was first.
    assert b"perhaps outdated" in store.resend(**memory).stdout
    line = json.loads(file.read_text())
    file.write_text(json.dumps({**line, "time": "2099-01-01T00:00:00.000000Z"}))
    done = store.resend(**memory)
    assert (done.returncode, done.stdout.decode()) == (Exit.DONE, "1 sent.\n")
    found = store.account.get("invoices", "rm-in")
    assert found is not None
    assert found["amount"] == 20
    # What was sent again is no longer known, so that the source's word counts.
    store.sync(customer("rm-c"), old, **memory)
    found = store.account.get("invoices", "rm-in")
    assert found is not None
    assert found["amount"] == 10


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with running_s3() as server:
        yield server


def test_given_rejected_records_in_s3_when_sent_again_then_done_lies_beside_them(store: Store, s3: S3Server) -> None:
    place: dict[str, object] = {
        "rejected_records_url": "s3://rejected/here",
        "aws_access_key_id": KEY_ID,
        "aws_secret_access_key": SECRET,
        "aws_region": REGION,
        "s3_endpoint_url": s3.url,
    }
    store.account.given("customers", {"id": "r3-other", "name": "There"})
    config = {**store.settings(), **place}
    store._platform.sync(config, BOTH, invoice("r3-in", "r3-c"))
    store.account.given("customers", {"id": "r3-c", "name": "Now there"})
    store.config.write_text(json.dumps(config))
    for _ in range(2):
        done = store._command.run("resend", "--config", store.config, "s3://rejected/here")
        assert done.returncode == Exit.DONE, done.stderr
    assert store.account.get("invoices", "r3-in") is not None
    names = sorted(s3.objects("here/"))
    assert [name.partition(".jsonl")[2] for name in names] == ["", ".claim-1", ".claim-1-ended", ".done"]


def test_given_passing_trouble_when_sent_again_then_it_says_so_and_can_be_repeated(
    store: Store, fincome: Scripted
) -> None:
    store.sync(invoice("rx-in", "rx-c"))
    fincome.default = Answer(503)
    down = store.resend(base_url=fincome.base_url, api_key=fincome.api_key, retry_minutes=0.01)
    assert (down.returncode, b"answered 503" in down.stderr) == (Exit.PASSING, True)
    store.account.given("customers", {"id": "rx-c", "name": "Now there"})
    assert store.resend().returncode == Exit.DONE


def told(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_given_a_later_version_that_was_sent_again_when_the_earlier_one_comes_then_it_never_goes(store: Store) -> None:
    versioned = catalog(
        stream("invoices", *invoice_body("x", "y"), "updated_at", cursor_field=["updated_at"]), CUSTOMERS
    )
    for version in (2, 1):
        store.sync(invoice("resend-v-in", "resend-v-c", amount=str(version), updated_at=version), streams=versioned)
    store.account.given("customers", {"id": "resend-v-c", "name": "Now there"})
    files = sorted(store.folder.glob("*.jsonl"), key=lambda path: -told(path)[0]["version"])
    assert [told(path)[0]["version"] for path in files] == [2, 1]
    assert store.resend(place=files[0]).returncode == Exit.DONE
    before = len(store.account.requests())
    done = store.resend("--overwrite")
    assert (done.returncode, b"a later version was sent" in done.stdout) == (Exit.DONE, True)
    assert store.writes(before) == []


@pytest.mark.parametrize(
    ("place", "words"),
    [("missing", "isn't there"), ("ftp://example.com/x", "is no place for files"), ("broken.jsonl", "Line 1 of")],
)
def test_given_a_place_that_can_not_be_used_then_it_is_named(
    store: Store, tmp_path: Path, place: str, words: str
) -> None:
    (tmp_path / "broken.jsonl").write_text("PRIVATE\n")
    done = store.resend(place=place if "://" in place else tmp_path / place)
    assert (done.returncode, words in done.stderr.decode()) == (Exit.NOT_DONE, True)
    assert b"PRIVATE" not in done.stderr
