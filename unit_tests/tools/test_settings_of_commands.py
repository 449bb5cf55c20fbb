"""The config as people's commands read it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from fincome_tools import cli


@pytest.mark.parametrize(
    "arguments",
    [
        ("preview", "{}/rows.csv", "--config", "{}/config.json"),
        ("load", "{}/rows.csv", "--yes", "--config", "{}/config.json"),
        ("reconcile", "{}/rows.csv", "--config", "{}/config.json"),
        ("resend", "{}/rejected", "--config", "{}/config.json"),
        ("contract", "probe", "--config", "{}/config.json"),
        ("map", "--convert", "{}/config.json"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_given_a_misspelt_setting_when_a_command_reads_the_config_then_it_names_the_one_meant(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "rows.csv").write_text("id,name\n1,Ada\n")
    (tmp_path / "config.json").write_text('{"sorce": "stripe", "max_concurrency": 0}')
    ended = CliRunner().invoke(cli.app, [one.format(tmp_path) for one in arguments])
    assert ended.stderr.count("Warning: `sorce` isn't a setting, so it doesn't count; did you mean `source`?") == 1
    assert ended.exit_code == 2
