"""The sandbox as people and scripts start and end it."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from fincome_tools import cli
from unit_tests.fork_server import REPOSITORY
from unit_tests.sandbox.processes import Sandbox

Start = Callable[..., AbstractContextManager[Sandbox]]
ADA = ("/clients", {"id": "ada", "name": "PRIVATE-NAME"})


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=20)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    with start("--api-key", "PRIVATE-KEY", env={"TMPDIR": str(tmp_path)}) as sandbox:
        assert (sandbox.api_key, sandbox.base_url[:17]) == ("PRIVATE-KEY", "http://localhost:")
        sandbox.given(ADA)
        assert sandbox.post("/clients", {"id": "PRIVATE-NAME"}).status_code == 422
        assert len(os.listdir(tmp_path)) == 1
        sandbox.process.send_signal(number)
        rest, errors = sandbox.process.communicate(timeout=10)
    assert sandbox.process.returncode == 0
    page, warning = rest.decode().splitlines()
    assert page == f"Look at it in a browser: {sandbox.root}/_sandbox/page"
    assert "not Fincome" in warning
    assert errors == b""
    assert os.listdir(tmp_path) == []


def test_a_client_that_is_gone_before_it_has_sent_all_is_no_defect(start: Start) -> None:
    with start() as sandbox:
        host, _, port = sandbox.root.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as client:
            head = (
                "POST /product/clients HTTP/1.1",
                f"Host: {host}",
                f"X-API-KEY: {sandbox.api_key}",
                "Content-Length: 9",
            )
            client.sendall("\r\n".join([*head, "", "{"]).encode())
        sandbox.given(ADA)
        sandbox.process.send_signal(signal.SIGTERM)
        _, errors = sandbox.process.communicate(timeout=10)
    assert errors == b""


def test_a_data_file_keeps_objects_and_log(start: Start, tmp_path: Path) -> None:
    file = str(tmp_path / "data.sqlite")
    with start("--data", file) as sandbox:
        sandbox.given(ADA)
    with start("--data", file) as sandbox:
        assert sandbox.get("/clients/ada").json() == ADA[1]
        assert sandbox.control("summary")["requests"] == {"total": 2, "by_status": {"200": 1, "201": 1}}


@pytest.fixture
def ends_at_once(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A server in this process starts in earnest, and serves nobody: no test waits for its end.

    Gives for each that listened whether TCP sends small pieces at once.
    """
    import uvicorn  # here: for one of the tests' processes only

    at_once: list[bool] = []

    async def no_loop(server: uvicorn.Server) -> None:
        for listener in (one for each in server.servers for one in each.sockets):
            at_once.append(bool(listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))

    monkeypatch.setattr(uvicorn.Server, "main_loop", no_loop)
    return at_once


def refused(*arguments: str) -> str:
    """What the command says when it ends without having served."""
    ended = CliRunner().invoke(cli.app, ["sandbox", "--port", "0", *arguments])
    assert ended.exit_code == 2
    assert ended.output.startswith("The sandbox can't start: ")
    assert ended.output.count("\n") == 1
    return str(ended.output)


def test_no_answer_waits_until_the_client_acknowledges_a_part_of_it(ends_at_once: list[bool]) -> None:
    assert CliRunner().invoke(cli.app, ["sandbox", "--port", "0"]).exit_code == 0
    assert ends_at_once == [True]


@pytest.mark.usefixtures("ends_at_once")
def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "theirs.sqlite"
    theirs = sqlite3.connect(file)
    theirs.execute("CREATE TABLE t (x)")
    theirs.close()
    before = file.read_bytes()
    assert "something else" in refused("--data", str(file))
    assert file.read_bytes() == before


@pytest.mark.usefixtures("ends_at_once")
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("some notes\n" * 200)
    assert "can't be used" in refused("--data", str(file))
    assert file.read_text() == "some notes\n" * 200


@pytest.mark.usefixtures("ends_at_once")
def test_a_folder_that_isnt_there_is_said(tmp_path: Path) -> None:
    assert "No such file" in refused("--data", str(tmp_path / "nowhere" / "file"))


@pytest.mark.usefixtures("ends_at_once")
def test_a_port_in_use_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "in use" in refused("--port", str(taken.getsockname()[1]))


@pytest.mark.parametrize(
    ("host", "address", "warned"),
    [("0.0.0.0", "127.0.0.1", True), ("127.0.0.1", "127.0.0.1", False), ("localhost", "localhost", False)],
)
@pytest.mark.usefixtures("ends_at_once")
def test_it_warns_when_others_can_reach_it(host: str, address: str, warned: bool) -> None:
    ended = CliRunner().invoke(cli.app, ["sandbox", "--port", "0", "--host", host])
    assert ended.exit_code == 0
    assert ended.output.startswith(f"Sandbox ready: base_url=http://{address}:")
    assert ("Warning: other machines can reach this sandbox" in ended.output) is warned


@pytest.mark.parametrize("package", ["fastapi", "uvicorn", "httptools", "jinja2"])
def test_without_the_extra_it_says_what_to_install(package: str) -> None:
    code = (
        f"import sys; sys.modules[{package!r}] = None; sys.argv = ['fincome', 'sandbox', '--port', '0'];"
        "from fincome_tools.cli import main; main()"
    )
    ended = run(sys.executable, "-c", code)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert 'pip install "airbyte-destination-fincome[sandbox]"' in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("code", [0, 3])
def test_the_demo_gets_the_folder_and_gives_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: int
) -> None:
    folders: list[Path] = []

    def run_demo(folder: Path, *, keep: bool) -> int:
        assert keep is bool(code)
        folders.append(folder)
        return code

    monkeypatch.setitem(sys.modules, "fincome_tools.demo", SimpleNamespace(run_demo=run_demo))
    ended = CliRunner().invoke(cli.app, ["demo", str(tmp_path), *(["--keep"] if code else [])])
    assert (ended.exit_code, folders) == (code, [tmp_path])


def test_given_a_port_that_is_taken_when_started_then_the_option_for_another_one_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = refused("--host", "127.0.0.1", "--port", str(taken.getsockname()[1]))
    assert "--port 0 picks a free one" in told
