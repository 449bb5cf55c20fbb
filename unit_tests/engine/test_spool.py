"""The spool: what it keeps, in memory and in its file, and where the file is."""

import sqlite3
import stat

import pytest

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import Content, Fill, Less, Ref, Variant
from destination_fincome.engine.spool import followers as followers_module
from destination_fincome.engine.spool import groups as groups_module
from destination_fincome.engine.spool import rows
from destination_fincome.engine.spool import spool as spool_module
from destination_fincome.engine.spool.rows import Presence, Row, Status
from destination_fincome.engine.spool.spool import Spool
from destination_fincome.outcomes import Outcome, Reason

CUSTOMERS = 2


def test_given_a_group_in_the_file_when_its_objects_end_then_the_worst_end_is_the_records(monkeypatch):
    monkeypatch.setattr(groups_module, "GROUPS_KEPT", 0)
    spool = Spool()
    group = spool.groups.open(3, b"content")
    assert spool.groups.close_one(group, Outcome.REJECTED) is None
    spool.trim()
    assert spool.groups.content(group) == b"content"
    assert spool.groups.close_one(group, Outcome.SENT) is None
    assert spool.groups.close_one(group, Outcome.SKIPPED) is Outcome.REJECTED
    spool.close()


# --- the spool's file


def test_the_spool_leaves_nothing_in_the_folder_even_while_it_is_in_use(tmp_path):
    spool = Spool(str(tmp_path))
    for number in range(7000):
        spool.named(CUSTOMERS, f"cus_{number}" * 20, 0.0)
    spool.trim()
    assert spool.bytes_held() > 100_000
    assert list(tmp_path.iterdir()) == []
    spool.close()


def test_the_spool_file_is_private_from_its_first_moment(tmp_path, monkeypatch):
    modes = []
    connect = sqlite3.connect

    def look(path, **settings):
        modes.extend(stat.S_IMODE(p.stat().st_mode) for p in (path, path.parent))
        return connect(path, **settings)

    monkeypatch.setattr(sqlite3, "connect", look)
    Spool(str(tmp_path)).close()
    assert modes == [0o600, 0o700]


# --- the stored form

VALUES = {
    "status": Status.PARKED,
    "presence": Presence.NOWHERE,
    "token": (3, 4),
    "left_out": (("root_parent_id", "cus_9"), ("lines.invoice_line_id", "il_1")),
    "given_up": True,
    "reason": Reason(Code.REFUSED_BY_API, "no", "status", "customer c", of_form=True, whole="no, never"),
    "children": "lookup",
    "gives": (("root_parent_id", "cus_0"),),
    "parts": ("il_1", "il_2"),
    "version": 1.5,
    "content": Content(
        b'{"id":"in_1"}', (Ref("customer_id", CUSTOMERS, "cus_1", required=True, watched=False),), False, "create_only",
        (Fill("a", "b", "c", required=True), Fill("d", "b", "_e", less=Less("1.5", None, 2, "EUR"))),
        (("currency", "EUR"),), True, (Variant("a", "b", "c", b'{"id":"in_2"}'),), True,
    ),
}  # fmt: skip


def full_row() -> Row:
    """A row in which no field has its default."""
    numbers = {name: number for number, name in enumerate(Row.__struct_fields__, 2)}
    values = {**numbers, "id": "in_1", "followed": True, "last_try": True, "due": 7.5, "since": 8.5, **VALUES}
    return Row(**values)


@pytest.mark.parametrize("row", [Row(1, CUSTOMERS, "cus_1"), full_row()], ids=["empty", "full"])
def test_a_row_is_read_back_as_it_was(row):
    assert rows.load(rows.dump(row)[-1]) == row


def test_a_copy_is_equal_and_another_one():
    row = full_row()
    copy = rows.copy_of(row)
    assert copy == row
    copy.attempts += 1
    assert copy != row


def test_given_rows_in_the_file_when_they_are_found_again_then_they_are_as_they_were(monkeypatch):
    monkeypatch.setattr(spool_module, "ROWS_KEPT", 0)
    spool = Spool()
    created = spool.named(CUSTOMERS, "cus_1", 1.0)
    changed = rows.copy_of(created)
    changed.presence, changed.since = Presence.WANTED, 3.0
    spool.put(changed, created)
    spool.trim()
    assert spool.get(CUSTOMERS, "cus_1") == changed
    assert spool.by_key(created.key) == changed
    assert spool.get(CUSTOMERS, "cus_2") is None
    assert spool.overdue(2.9, 10) == []
    assert spool.overdue(3.0, 10) == [created.key]
    spool.close()


def test_given_more_followers_than_stay_in_memory_when_they_are_taken_then_each_comes_once_in_order(monkeypatch):
    monkeypatch.setattr(followers_module, "FOLLOWERS_KEPT", 5)
    spool = Spool()
    for number in range(4):
        spool.followers.keep(1, (number, 0))
        spool.followers.keep(2, (number, 1))
    assert spool.followers.take(1) == [(0, 0), (1, 0), (2, 0), (3, 0)]
    assert spool.followers.take(1) == []
    spool.followers.keep(1, (9, 0))
    assert spool.followers.take(2) == [(0, 1), (1, 1), (2, 1), (3, 1)]
    assert spool.followers.take(1) == [(9, 0)]
    spool.close()


def test_what_asks_for_a_value_itself_is_none_that_gives_it():
    """A content that is kept names the parents' fields that it takes."""
    spool = Spool()
    for name, gives in (("cus_1", (("discounts", "[]"),)), ("cus_2", ())):
        known = spool.named(CUSTOMERS, name, 1.0)
        changed = rows.copy_of(known)
        changed.status, changed.gives = Status.SENT, gives
        changed.content = Content(b"{}", fills=(Fill("amount", "customer_id", "discounts"),))
        spool.put(changed, known)
    assert spool.unasked(CUSTOMERS, "discounts") == (1, "cus_1")
    spool.close()
