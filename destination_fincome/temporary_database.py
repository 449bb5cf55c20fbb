"""A database for one sync: private, never recovered, and written in few, large steps."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path

from destination_fincome.failure import SystemFailure

CACHE_KIB = 4_096
# Rows that one statement writes. At each step of a statement Python gives the interpreter to another thread and waits
# to get it back: a statement for each row would cost far more in waiting than in writing.
ROWS_AT_ONCE = (64, 8, 1)


def open_database(
    schema: str, folder: str | None = None, cache_kib: int = CACHE_KIB, *, any_thread: bool = False
) -> sqlite3.Connection:
    """Create a database in a private temporary folder, and take it out of there.

    Args:
        schema: statements that make its tables.
        folder: where to create it; the system's temporary folder by default.
        cache_kib: how much memory its pages may take.
        any_thread: several threads use it, one after the other.

    Raises:
        SystemFailure: the folder can't be written.
    """
    try:
        private = Path(tempfile.mkdtemp(prefix="fincome-spool-", dir=folder))
        path = private / "spool.sqlite"
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise SystemFailure(f"The temporary folder can't be written ({error.strerror}).") from error
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=not any_thread)
    # The spool lives as long as the sync: nothing of it is ever recovered, so nothing is journalled.
    for pragma in (
        "journal_mode=OFF",
        "synchronous=OFF",
        "locking_mode=EXCLUSIVE",
        f"cache_size=-{cache_kib}",
        "temp_store=FILE",
    ):
        database.execute(f"PRAGMA {pragma}")
    database.executescript(schema)
    # Open, and gone from the folder: the system frees it even when the process is killed.
    shutil.rmtree(private, ignore_errors=True)
    return database


def write_rows(database: sqlite3.Connection, insert: str, rows: Iterable[Sequence[object]], conflict: str = "") -> None:
    """Insert many rows.

    Args:
        insert: the statement up to VALUES.
        rows: all of one width.
        conflict: what follows the values.
    """
    rows = iter(rows)
    piece = list(islice(rows, ROWS_AT_ONCE[0]))
    if not piece:
        return
    database.execute("BEGIN")
    while piece:
        first = 0
        for size in ROWS_AT_ONCE:
            statement = _statement(insert, len(piece[0]), size, conflict)
            while len(piece) - first >= size:
                database.execute(statement, tuple(chain.from_iterable(piece[first : first + size])))
                first += size
        piece = list(islice(rows, ROWS_AT_ONCE[0]))
    database.execute("COMMIT")


def bytes_of(database: sqlite3.Connection) -> int:
    """Return how many bytes of a database's file are in use."""
    pages, free, size = (
        database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


@lru_cache(maxsize=64)
def _statement(insert: str, width: int, size: int, conflict: str) -> str:
    row = f"({', '.join('?' * width)})"
    return f"{insert} VALUES {', '.join([row] * size)} {conflict}"
