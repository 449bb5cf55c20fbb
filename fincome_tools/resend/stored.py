"""The files of rejected records: which there are, what their lines say, and who is sending them again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import orjson

from destination_fincome.connection.config import Config
from destination_fincome.failure import ConfigFailure
from destination_fincome.protocol.json_text import whole_members
from destination_fincome.reporting.storage import OWN_NAMES, StorageCredentials, Store, open_store, parse_place

_FILE = ".jsonl"
DONE = ".done"
_CLAIM = ".claim-"
_ENDED = "-ended"


class Name(NamedTuple):
    """An object's entity and id."""

    entity: str
    id: str


class Line(NamedTuple):
    """One stored line.

    Attributes:
        stream: name of its stream, as people know it.
        origin: what it takes to map the record again; None of a line of an older version.
        record: the record's own JSON; None if it can't be mapped again.
        version: of the object, if it was known.
        day: on which it was stored, since 1970.
    """

    name: Name
    stream: str
    code: str
    field: str | None
    origin: dict[str, Any] | None
    record: bytes | None
    version: float | None
    day: int


class Place:
    """A folder of stored files, or one of them."""

    def __init__(self, store: Store, only: str | None = None) -> None:
        self._store = store
        self._only = only
        self._names = store.names()

    @classmethod
    def at(cls, address: str, config: Config) -> Place:
        """Open a place that a person names: a folder, a URL, or one file.

        Raises:
            ConnectorFailure: it can't be read.
        """
        known = config.rejected_place()
        names = known.names if known else OWN_NAMES
        if "://" not in address:
            address = str(Path(address).absolute())
            if not Path(address).exists():
                raise ConfigFailure(f"{address} isn't there.")
        folder, only = address, None
        if address.endswith(_FILE):
            folder, _, only = address.rpartition("/")
        try:
            place = parse_place(folder or "/", names)
        except ValueError as error:
            raise ConfigFailure(f"{folder} {error}.") from None
        return cls(open_store(place, known.credentials if known else StorageCredentials()), only)

    @property
    def open(self) -> list[str]:
        """The files that aren't done, oldest first. Summaries, which may lie beside them, are none."""
        files = [self._only] if self._only else [name for name in self._names if _is_stored(name)]
        return [name for name in files if f"{name}{DONE}" not in self._names]

    @property
    def done(self) -> list[str]:
        """The files that are done."""
        return [name for name in self._names if _is_stored(name) and f"{name}{DONE}" in self._names]

    def lines(self, name: str) -> Iterator[Line]:
        """Yield the lines of a file.

        Raises:
            ConfigFailure: one isn't a stored line.
            ConnectorFailure: the file can't be read.
        """
        for number, line in enumerate(self._store.get(name).splitlines(), 1):
            if line.strip():
                try:
                    yield _line(line)
                except (ValueError, KeyError, TypeError):
                    raise ConfigFailure(
                        f"Line {number} of {name} is no line of rejected records: it may have been changed or cut. "
                        "Take it out of the file, and call again."
                    ) from None

    def claim(self, name: str, *, take_over: bool) -> str | None:
        """Take a file for this call alone; returns the claim, None if another call has it.

        Args:
            take_over: take it also from a call that has not ended it, because it was killed.
        """
        last = max((_number(one) for one in self._names if one.startswith(f"{name}{_CLAIM}")), default=0)
        if last and not take_over and f"{name}{_CLAIM}{last}{_ENDED}" not in self._names:
            return None
        claim = f"{name}{_CLAIM}{last + 1}"
        return claim if self._store.create(claim, orjson.dumps({"begun": _now()})) else None

    def release(self, claim: str) -> None:
        """Let others have the file."""
        # A file of its own: to write over one takes more rights in some stores.
        self._store.put(f"{claim}{_ENDED}", orjson.dumps({"ended": _now()}))

    def finish(self, name: str, counts: dict[str, int]) -> None:
        """Note that nothing of a file is left."""
        self._store.put(f"{name}{DONE}", orjson.dumps({"time": _now(), **counts}))


def _is_stored(name: str) -> bool:
    last = PurePosixPath(name).name
    return last.startswith("rejected-") and last.endswith(_FILE)


def _number(claim: str) -> int:
    number = claim.rpartition(_CLAIM)[2].removesuffix(_ENDED)
    return int(number) if number.isdigit() else 0


def _line(text: bytes) -> Line:
    values = orjson.loads(text)
    record = whole_members(text)["record"]
    name = Name(values["entity"], values["id"])
    readable = isinstance(values["record"], dict)
    version, origin = values.get("version"), values.get("origin")
    _must_be(str, *name, values["stream"], values["code"])
    _must_be((int, float, type(None)), version)
    _must_be((dict, type(None)), origin)
    day = (datetime.fromisoformat(values["time"]).date() - date(1970, 1, 1)).days
    return Line(
        name,
        values["stream"],
        values["code"],
        values["field"],
        origin,
        record if readable else None,
        version,
        day,
    )


def _must_be(kind: type | tuple[type, ...], *values: object) -> None:
    """Raise TypeError for values of another kind; true and false are no numbers."""
    if not all(isinstance(value, kind) and not isinstance(value, bool) for value in values):
        raise TypeError


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
