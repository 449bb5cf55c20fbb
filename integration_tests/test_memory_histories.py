"""Whatever happens to a memory, and between two syncs: in the end Fincome has what the source has.

The engine runs in this process, against a real embedded Fincome; each example has ids and a memory of its own.
"""

from __future__ import annotations

import itertools
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from destination_fincome.connection.assembly import build_sync
from destination_fincome.engine import missing
from destination_fincome.protocol.catalog import parse_catalog
from integration_tests.accounts import Account
from integration_tests.messages import CUSTOMERS, INVOICES, Message, customer, invoice, record, stream

DAY = 86_400
START = 20_000 * DAY
EXAMPLES = itertools.count()
DOCUMENTS = range(4)
VERSIONS = st.integers(1, 3)

# What happens, one after the other: each with the document that it is about.
EVENTS = st.one_of(
    st.tuples(st.just("changes"), st.sampled_from(DOCUMENTS), VERSIONS),
    st.tuples(st.just("the customer moves"), st.just(0), VERSIONS),
    st.tuples(st.just("is deleted"), st.sampled_from(DOCUMENTS), st.just(0)),
    st.tuples(st.sampled_from(["is synced alone", "is synced, and the sync is killed"]), st.sampled_from(DOCUMENTS),
              st.just(0)),
    st.tuples(st.sampled_from(["all are synced", "all are synced, and the memory stays behind", "the memory is lost",
                               "the memory is damaged", "another sync lives",
                               "another connection sends the customer there and back"]), st.just(0), st.just(0)),
)  # fmt: skip


@pytest.fixture(scope="module")
def shared(new_account) -> Iterator[Account]:
    with new_account() as started:
        yield started


@dataclass
class History:
    """A source, an account, and the memory between them."""

    account: Account
    name: str
    folder: Path
    source: dict[int, int] = field(default_factory=lambda: dict.fromkeys(DOCUMENTS, 1))
    sent: dict[int, int] = field(default_factory=dict)
    country: str = "FR"
    day: int = 0

    def messages(self, numbers: list[int], *, full: bool) -> list[Message]:
        """Return what a sync brings; only a full one brings what the CRM adds to the customer."""
        documents = [
            invoice(f"{self.name}-{n}", f"{self.name}-c", amount=10 + self.source[n], number=f"V{self.source[n]}")
            for n in numbers
        ]
        owner = customer(
            f"{self.name}-c", country=self.country, email=None if self.country == "FR" else "a@example.com"
        )
        added = record("crm", {"id": f"{self.name}-c", "country": "BE"})
        return [owner, *documents, *([added] if full else [])]

    def sync(self, numbers: list[int], *, full: bool) -> None:
        """Run a sync that brings some documents, a day after the one before."""
        self.day += 1
        settings = {"source": "fincome", "mapping": MAPPING, "gone_documents": "settle_missing"}
        streams = [
            {**one, "sync_mode": "full_refresh" if full else "incremental"} for one in (CUSTOMERS, INVOICES, CRM)
        ]
        self._run(self.messages(numbers, full=full), streams, settings)
        self.sent |= {n: self.source[n] for n in numbers}

    def elsewhere(self) -> None:
        """Have a connection without the CRM send the customer to another country and back, on the same day."""
        home = self.country
        for self.country in ("IT", home):
            self._run(self.messages([], full=False), [{**CUSTOMERS, "sync_mode": "incremental"}], {"source": "fincome"})

    def _run(self, messages: list[Message], streams: list[dict[str, object]], settings: dict[str, str]) -> None:
        config = self.account.config(memory_url=str(self.folder), **settings)
        sync = build_sync(config, parse_catalog({"streams": streams}), has_whole_input=True)
        sync._recall.now = lambda: START + self.day * DAY
        lines = iter([json.dumps(one).encode() + b"\n" for one in messages])
        for _ in sync.run(lambda _limit: next(lines, b"")):
            pass

    def happens(self, event: str, number: int, version: int) -> None:
        if event == "changes":
            self.source[number] = version
        elif event == "the customer moves":
            self.country = ("FR", "DE", "IT")[version - 1]
        elif event == "is deleted":
            self.source.pop(number, None)
        elif event == "all are synced":
            self.sync(sorted(self.source), full=True)
        elif event == "is synced alone" and number in self.source:
            self.sync([number], full=False)
        elif event == "is synced, and the sync is killed" and number in self.source:
            self.leaving_the_memory([number], {**DEAD, "touches": ["customers", "invoices"]})
        elif event == "all are synced, and the memory stays behind":
            self.leaving_the_memory(sorted(self.source), DEAD)
        elif event == "the memory is lost":
            shutil.rmtree(self.folder, ignore_errors=True)
        elif event == "the memory is damaged":
            for path in self.memories():
                path.write_bytes(path.read_bytes()[:-1])
        elif event == "another connection sends the customer there and back":
            self.elsewhere()
        elif event == "another sync lives":
            self.beside()

    def memories(self) -> list[Path]:
        return [path for path in self.folder.glob("memory-*") if "." not in path.name]

    def leaving_the_memory(self, numbers: list[int], lease: dict[str, object]) -> None:
        """Sync, and leave in the folder what a sync that was killed at its end leaves there."""
        before = {path: path.read_bytes() for path in self.memories()}
        self.sync(numbers, full=False)
        for path in self.memories():
            path.unlink()
            path.with_name(f"{path.name}.lease").write_text(json.dumps(lease))
        for path, content in before.items():
            path.write_bytes(content)

    def beside(self) -> None:
        """Sync without the lease, which another one has that ends in good order."""
        leases = [path.with_name(f"{path.name}.lease") for path in self.memories()]
        for path in leases:
            path.write_text('{"token": "of a living one", "at": 4e12, "ended": false}')
        self.sync(sorted(self.source), full=True)
        for path in leases:
            path.unlink(missing_ok=True)

    def amounts(self) -> dict[int, object]:
        found = self.account.objects("invoices")
        return {n: found[f"{self.name}-{n}"]["amount"] for n in DOCUMENTS if f"{self.name}-{n}" in found}


CRM = stream("crm", "id", "country")
MAPPING = """
version: 1
streams:
  crm:
    emits:
      - entity: customers
        operation: update_only
        fields: {id: id, country: country}
"""
DEAD: dict[str, object] = {"token": "of a dead one", "at": 0, "ended": False}
KILLED = [("changes", 0, 2), ("is synced, and the sync is killed", 0, 0), ("changes", 0, 1)]
BESIDE = [("changes", 0, 2), ("another sync lives", 0, 0), ("changes", 0, 1)]
MOVED = [("the customer moves", 0, 2), ("is synced alone", 0, 0), ("the customer moves", 0, 3)]
MOVED_BACK = [("the customer moves", 0, 2), ("is synced alone", 0, 0), ("the customer moves", 0, 1)]
THERE_AND_BACK = [("another connection sends the customer there and back", 0, 0)]
GONE_AND_BACK = [("is deleted", 0, 0), ("all are synced", 0, 0), ("all are synced", 0, 0), ("changes", 0, 1)]


@example(events=KILLED)
@example(events=BESIDE)
@example(events=GONE_AND_BACK)
@example(events=MOVED)
@example(events=MOVED_BACK)
@example(events=THERE_AND_BACK)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(EVENTS, min_size=1, max_size=7))
def test_given_any_history_when_all_is_synced_at_last_then_fincome_has_what_the_source_has(
    shared: Account, monkeypatch: pytest.MonkeyPatch, events: list[tuple[str, int, int]]
) -> None:
    # So few documents that any that is missing would be too many.
    monkeypatch.setattr(missing, "MOST_MISSING", 1)
    with tempfile.TemporaryDirectory() as folder:
        history = History(shared, f"history-{next(EXAMPLES)}", Path(folder) / "memory")
        history.sync(list(DOCUMENTS), full=True)
        for event in events:
            history.happens(*event)
        history.sync(sorted(history.source), full=True)
    owner = shared.objects("customers")[f"{history.name}-c"]
    assert owner["country"] == "BE"
    if history.country != "FR":
        assert owner["email"] == "a@example.com"
    amounts = history.amounts()
    assert {n: amounts[n] for n in history.source} == {n: 10 + version for n, version in history.source.items()}
    gone = set(DOCUMENTS) - set(history.source)
    assert all(amounts[n] in (0, 10 + history.sent[n]) for n in gone)
