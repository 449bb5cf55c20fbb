"""Any files: which reader a file needs is told by its content first, by its ending second."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

from destination_fincome.failure import ConfigFailure
from fincome_tools.files.delimited import read_delimited
from fincome_tools.files.grid import table_of
from fincome_tools.files.objects import is_of_messages, read_json, read_json_lines, read_parquet
from fincome_tools.files.table import Table

_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Files:
    """What files hold.

    Attributes:
        tables: each with a name of its own.
        messages: files of Airbyte messages, as they are.
        origins: the files that the tables are of, by their names.
        named: the files that were named themselves, not only their folders.
    """

    tables: tuple[Table, ...]
    messages: tuple[Path, ...] = ()
    origins: Mapping[str, Path] = field(default_factory=dict)
    named: frozenset[Path] = frozenset()


def read_files(paths: Iterable[Path]) -> Files:
    """Read files and folders (their files, not those of folders in them).

    Raises:
        ConfigFailure: one can't be read, or there is none; what is wrong with it, and what to do.
    """
    tables: list[Table] = []
    of: list[Path] = []
    messages = []
    named = list(paths)
    for path in files_in(named):
        try:
            if path.suffix.lower() in (".jsonl", ".ndjson", ".json", "") and is_of_messages(path):
                messages.append(path)
            else:
                tables += read_tables(path)
                of += [path] * (len(tables) - len(of))
        except OSError as error:
            raise ConfigFailure(f"{path.name} can't be read: {error.strerror or type(error).__name__}.") from error
    if not tables and not messages:
        raise ConfigFailure(f"There is no file in {', '.join(map(str, named))}: name the exports, or a folder of them.")
    own = tuple(_with_names_of_their_own(tables))
    origins = {table.name: path for table, path in zip(own, of, strict=True)}
    return Files(own, tuple(messages), origins, frozenset(named).intersection(of))


def files_in(paths: Iterable[Path]) -> list[Path]:
    """Return the files that are named, and those of folders.

    Raises:
        ConfigFailure: a folder can't be read.
    """
    found: list[Path] = []
    for path in paths:
        try:
            if path.is_dir():
                found += sorted(item for item in path.iterdir() if item.is_file() and not item.name.startswith("."))
            else:
                found.append(path)
        except OSError as error:
            raise ConfigFailure(f"{path} can't be read: {error.strerror or type(error).__name__}.") from error
    return found


def read_tables(path: Path) -> list[Table]:
    """Read the tables of one file.

    Raises:
        ConfigFailure: it can't be read.
        OSError: it can't be opened.
    """
    with path.open("rb") as file:
        head = file.read(64)
    if head.startswith(b"PAR1"):
        return [read_parquet(path)]
    if head.startswith((b"PK\x03\x04", _OLD_WORKBOOK)):
        return _workbook(path)
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        return [read_json_lines(path)]
    if suffix == ".json" or head.lstrip()[:1] == b"[":
        return read_json(path)
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8", b"GIF8", b"\x1f\x8b")):
        raise ConfigFailure(f"{path.name} is no table: export it as CSV, XLSX or ODS.")
    return [table_of(read_delimited(path))]


def _workbook(path: Path) -> list[Table]:
    if zipfile.is_zipfile(path) and _has(path, "xl/workbook.xml"):
        needed, read = "openpyxl", "read_xlsx"
    else:
        needed, read = "python_calamine", "read_others"
    if find_spec(needed) is None:
        raise ConfigFailure(
            f"{path.name}: to read workbooks, install what they need: "
            'pip install "airbyte-destination-fincome[files]", or pip install ".[files]" in a clone'
        )
    from fincome_tools.files import workbook

    tables = [table_of(grid) for grid in getattr(workbook, read)(path)]
    if not tables:
        raise ConfigFailure(f"{path.name} is empty.")
    return tables


def _has(path: Path, name: str) -> bool:
    try:
        with zipfile.ZipFile(path) as packed:
            return name in packed.namelist()
    except zipfile.BadZipFile:
        return False


def _with_names_of_their_own(tables: list[Table]) -> list[Table]:
    """Number the tables that have the name of one before them."""
    seen: dict[str, int] = {}
    found = []
    for table in tables:
        seen[table.name] = seen.get(table.name, 0) + 1
        number = seen[table.name]
        found.append(table if number == 1 else replace(table, name=f"{table.name} ({number})"))
    return found
