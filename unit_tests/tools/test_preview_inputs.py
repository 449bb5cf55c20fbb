"""What people are told of a file that a command can't read."""

from __future__ import annotations

from pathlib import Path

import pytest

from destination_fincome.failure import ConfigFailure
from fincome_tools.preview.inputs import read_mapping_file


def test_given_no_such_mapping_when_read_then_the_message_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigFailure) as failure:
        read_mapping_file(tmp_path / "m.yaml")
    assert failure.value.message == f"The mapping can't be read: No such file or directory ({tmp_path / 'm.yaml'})."


def test_given_a_mapping_in_another_encoding_when_read_then_the_message_says_which_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_bytes("version: 1 # é".encode("latin-1"))
    with pytest.raises(ConfigFailure, match=r"isn't in UTF-8 .*: save it so"):
        read_mapping_file(tmp_path / "m.yaml")
