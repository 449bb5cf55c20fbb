"""The exit codes of all people's commands, through the real command line (docs/commands.md, "Exit codes")."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer

from fincome_tools.cli import app
from fincome_tools.exits import Exit
from integration_tests.accounts import Account, Answer, Scripted
from integration_tests.messages import customer
from unit_tests.fork_server import ForkServer

Run = Callable[..., subprocess.CompletedProcess[bytes]]

GOOD = json.dumps(customer("exit-good")).encode()
BAD = json.dumps(customer("exit-bad", country="nowhere at all", email=[])).encode()


@pytest.fixture(scope="session")
def run(fincome_command: ForkServer) -> Run:
    def command(*arguments: object, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return fincome_command.run(*arguments, given=given)

    return command


def written(folder: Path, name: str, content: object) -> Path:
    (folder / name).write_text(json.dumps(content))
    return folder / name


def all_commands(commands: typer.Typer = app, before: str = "") -> Iterator[str]:
    for command in commands.registered_commands:
        assert command.callback is not None
        yield before + (command.name or command.callback.__name__).replace("_", "-")
    for group in commands.registered_groups:
        assert group.typer_instance is not None
        yield from all_commands(group.typer_instance, f"{before}{group.name} ")


@pytest.mark.parametrize("command", list(all_commands()))
def test_given_an_option_that_is_none_when_any_command_is_run_then_it_ends_with_2(run: Run, command: str) -> None:
    done = run(*command.split(), "--no-such-option")
    assert done.returncode == Exit.NOT_DONE
    assert b"--no-such-option" in done.stderr


@pytest.mark.parametrize("command", list(all_commands()))
def test_every_command_is_told_of_in_the_documents(command: str) -> None:
    page = (Path(__file__).parents[1] / "docs" / "commands.md").read_text(encoding="utf-8")
    assert f"`fincome {command}`" in page


def test_given_good_and_bad_records_when_previewed_then_the_exit_code_tells_them_apart(run: Run) -> None:
    assert run("preview", given=GOOD).returncode == Exit.DONE
    assert run("preview", given=GOOD + b"\n" + BAD).returncode == Exit.DIFFERENT


def test_given_a_refused_key_and_passing_trouble_when_previewed_then_they_are_told_apart(
    run: Run, tmp_path: Path, account: Account, fincome: Scripted
) -> None:
    refused = written(tmp_path, "refused.json", account.config(api_key="not-the-key-of-this-account"))
    assert run("preview", "--config", refused, given=GOOD).returncode == Exit.NOT_DONE
    fincome.default = Answer(503)
    down = written(tmp_path, "down.json", fincome.config(retry_minutes=0.01))
    assert run("preview", "--config", down, given=GOOD).returncode == Exit.PASSING


def test_given_a_file_that_is_not_there_when_a_command_needs_it_then_it_ends_with_2(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    for arguments in (
        ["preview", missing],
        ["demo", missing],
        ["demo", tmp_path],
        ["contract", "check", missing],
        ["contract", "probe", "--yes", "--config", missing],
        ["sandbox", "--port", "0", "--contract", missing],
    ):
        assert run(*arguments).returncode == Exit.NOT_DONE, arguments


def test_given_a_refused_key_and_passing_trouble_when_probed_then_they_are_told_apart(
    run: Run, tmp_path: Path, account: Account, fincome: Scripted
) -> None:
    refused = written(tmp_path, "refused.json", account.config(api_key="not-the-key-of-this-account"))
    assert run("contract", "probe", "--yes", "--config", refused).returncode == Exit.NOT_DONE
    fincome.default = Answer(503)
    down = written(tmp_path, "down.json", fincome.config())
    assert run("contract", "probe", "--yes", "--config", down).returncode == Exit.PASSING
    nobody = written(tmp_path, "nobody.json", {"api_key": "a-key-of-nobody", "base_url": "http://127.0.0.1:9/product"})
    assert run("contract", "probe", "--yes", "--config", nobody).returncode == Exit.PASSING


def test_given_a_defect_when_a_command_meets_it_then_it_does_not_end_as_if_it_were_done() -> None:
    code = (
        "import sys; import fincome_tools.preview.command as command;"
        "command.opened = lambda path: 1 / 0; sys.argv = ['fincome', 'preview'];"
        "from fincome_tools.cli import main; main()"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == Exit.NOT_DONE
    assert "unexpected ZeroDivisionError" in ended.stderr
    assert "Traceback" not in ended.stderr
