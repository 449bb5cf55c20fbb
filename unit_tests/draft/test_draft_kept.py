"""What a draft keeps of large tables: columns in a file, and no more distinct values than may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from fincome_tools.draft.columns.kept import KeptTable, kept
from fincome_tools.draft.columns.profiles import profiles_of
from fincome_tools.files.reading import read_files
from fincome_tools.files.table import Table


def table(folder: Path, rows: int = 9000) -> Table:
    path = folder / "large.csv"
    path.write_text("id;word\n" + "".join(f"{n};{'even' if n % 2 else ''}\n" for n in range(rows)), encoding="utf-8")
    (found,) = read_files([path]).tables
    return found


@pytest.mark.parametrize("most", [1_000_000, 100])
def test_given_more_cells_than_are_kept_in_memory_when_read_then_the_columns_are_the_same(
    tmp_path, monkeypatch, most
) -> None:
    monkeypatch.setattr("fincome_tools.draft.columns.kept.MOST_CELLS", most)
    found = kept(table(tmp_path))
    assert isinstance(found, KeptTable)
    assert isinstance(found.kept["id"], list) is (most > 100)
    assert list(found.kept["id"]) == list(found.kept["id"]) == [str(n) for n in range(9000)]
    assert len(found.kept["word"]) == 9000
    assert "even" in found.kept["word"]


@pytest.mark.parametrize("most", [1_000_000, 100])
def test_given_more_distinct_values_than_are_kept_when_profiled_then_it_says_so_and_counts_all(
    tmp_path, monkeypatch, most
) -> None:
    monkeypatch.setattr("fincome_tools.draft.columns.kept.MOST_CELLS", most)
    monkeypatch.setattr("fincome_tools.draft.columns.profiles.MOST_DISTINCT", 5000)
    profiles = profiles_of(kept(table(tmp_path)))
    assert (profiles["id"].rows, profiles["id"].filled, profiles["id"].is_whole) == (9000, 9000, False)
    assert 5000 <= len(profiles["id"].values) < 9000
    assert (profiles["word"].filled, dict(profiles["word"].values)) == (4500, {"even": 4500})


def test_given_ids_of_more_rows_than_distinct_values_are_kept_when_profiled_then_they_are_still_unique(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("fincome_tools.draft.columns.profiles.MOST_DISTINCT", 5000)
    assert profiles_of(kept(table(tmp_path)))["id"].is_unique


@pytest.mark.parametrize("most", [1_000_000, 4])
def test_given_cells_with_errors_of_a_spreadsheet_when_kept_then_they_say_nothing_of_their_columns(
    tmp_path, monkeypatch, most
) -> None:
    monkeypatch.setattr("fincome_tools.draft.columns.kept.MOST_CELLS", most)
    path = tmp_path / "sales.csv"
    path.write_text("net;end;note\n1,50;#VALEUR!;#12\n#N/A;31/01/2026;#tag!\n2,00;01/02/2026;####\n", encoding="utf-8")
    (found,) = read_files([path]).tables
    profiles = profiles_of(kept(found))
    assert profiles["net"].only_mark == ","
    assert profiles["end"].dates is not None
    assert list(profiles["note"].values) == ["#12", "#tag!"]
