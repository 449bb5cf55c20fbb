"""Records with several objects, or whose content is kept: how many of the objects have not ended, and the worst end."""

from __future__ import annotations

import sqlite3

from destination_fincome.outcomes import Outcome
from destination_fincome.temporary_database import write_rows

SCHEMA = "CREATE TABLE groups(id INTEGER PRIMARY KEY, remaining INTEGER NOT NULL, worst INTEGER NOT NULL, content BLOB)"
GROUPS_KEPT = 4096
BYTES_KEPT = 1 << 21


class Groups:
    """Groups by number. New ones stay in memory until there are many: most end soon."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database
        self._new: dict[int, tuple[int, int, bytes | None]] = {}
        self._last = 0
        self.bytes_kept = 0

    def open(self, size: int, content: bytes | None = None) -> int:
        """Book a record with so many objects; returns the group's number."""
        self._last += 1
        self._new[self._last] = (size, 0, content)
        self.bytes_kept += len(content) if content else 0
        if len(self._new) > GROUPS_KEPT or self.bytes_kept > BYTES_KEPT:
            self._store()
        return self._last

    def grow(self, group: int, more: int) -> None:
        """Book more objects of a record."""
        if group in self._new:
            remaining, worst, content = self._new[group]
            self._new[group] = (remaining + more, worst, content)
        else:
            self._db.execute("UPDATE groups SET remaining = remaining + ? WHERE id = ?", (more, group))

    def content(self, group: int) -> bytes | None:
        """Return the content that was kept of a record."""
        if group in self._new:
            return self._new[group][2]
        found: tuple[bytes | None] = self._db.execute("SELECT content FROM groups WHERE id = ?", (group,)).fetchone()
        return found[0]

    def close_one(self, group: int, outcome: Outcome) -> Outcome | None:
        """Book the end of one object of a group; returns the record's outcome when it was the last one."""
        if group not in self._new:
            return self._close_stored(group, outcome)
        remaining, worst, content = self._new[group]
        worst = max(worst, outcome)
        if remaining > 1:
            self._new[group] = (remaining - 1, worst, content)
            return None
        del self._new[group]
        self.bytes_kept -= len(content) if content else 0
        return Outcome(worst)

    def _close_stored(self, group: int, outcome: Outcome) -> Outcome | None:
        remaining, worst = self._db.execute("SELECT remaining, worst FROM groups WHERE id = ?", (group,)).fetchone()
        worst = max(worst, outcome)
        if remaining > 1:
            self._db.execute("UPDATE groups SET remaining = ?, worst = ? WHERE id = ?", (remaining - 1, worst, group))
            return None
        self._db.execute("DELETE FROM groups WHERE id = ?", (group,))
        return Outcome(worst)

    def _store(self) -> None:
        write_rows(self._db, "INSERT INTO groups", ((number, *group) for number, group in self._new.items()))
        self._new.clear()
        self.bytes_kept = 0
