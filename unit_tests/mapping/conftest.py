"""Tests of recorded records run where those lie beside the project: they are not part of it."""

from pathlib import Path

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "source_records"

collect_ignore = [] if RECORDED.is_dir() else ["test_recorded_records.py"]
