"""Records that share an object: their outcome is that of the object's current content."""

from __future__ import annotations

import sqlite3

from destination_fincome.engine.arrivals import Token
from destination_fincome.temporary_database import write_rows

SCHEMA = """
CREATE TABLE followers(key INTEGER NOT NULL, segment INTEGER NOT NULL, grp INTEGER NOT NULL);
CREATE INDEX followers_by_key ON followers(key)"""
# How many may stay in memory.
FOLLOWERS_KEPT = 3000


class Followers:
    """The records that follow rows, by the rows' keys, in the order in which they came."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database
        self._kept: dict[int, list[Token]] = {}
        self._number = 0
        self._are_stored = False

    def keep(self, key: int, token: Token) -> None:
        """Let a record's outcome be that of a row's current content."""
        self._kept.setdefault(key, []).append(token)
        self._number += 1
        if self._number >= FOLLOWERS_KEPT:
            tokens = ((one, *token) for one, tokens in self._kept.items() for token in tokens)
            write_rows(self._db, "INSERT INTO followers", tokens)
            self._kept.clear()
            self._number, self._are_stored = 0, True

    def take(self, key: int) -> list[Token]:
        """Return and forget the records that follow a row."""
        found = self._kept.pop(key, [])
        self._number -= len(found)
        if self._are_stored:
            stored = self._db.execute("SELECT segment, grp FROM followers WHERE key = ?", (key,)).fetchall()
            self._db.execute("DELETE FROM followers WHERE key = ?", (key,))
            return [*stored, *found]
        return found
