"""The image, really built and really run as the platform runs it: from outside, through the container's engine.

The container has a read-only root, no capabilities, no way to new privileges, a temporary folder of 64 MB, the config
mounted read-only, messages piped into its stdin, and a user who doesn't own its files.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from queue import Queue
from typing import IO, Any

import pytest
import yaml
from openpyxl import Workbook
from packaging.requirements import Requirement

from destination_fincome.fincome.contract import load_contract
from destination_fincome.protocol.specification import spec_message
from fincome_tools.demo.processes import read_lines
from integration_tests.accounts import Account
from integration_tests.conftest import NewAccount
from integration_tests.image.conftest import Image, readable
from integration_tests.image.engine import EngineError, pip_settings
from integration_tests.orchestrator import COMMAND
from unit_tests.fork_server import REPOSITORY, environment

RUN_SECONDS = 180
STOP_SECONDS = 15
PREFIX = "/opt/destination-fincome"
HARDENED = (
    "--read-only",
    "--tmpfs=/tmp:size=64m",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
)
STRANGER = "--user=12345:0"
MiB = 1 << 20

_numbers = count(1)


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder that is mounted into the container, as the platform hands files over."""
    folder = tmp_path / "shared"
    folder.mkdir()
    for one in (folder, *folder.parents):
        if one.is_relative_to(tmp_path.parents[2]):
            one.chmod(0o755)
    return folder


def command(
    image: Image, shared: Path, *arguments: str, options: tuple[str, ...] = (), network: str = "host"
) -> list[str]:
    mounted = (*HARDENED, f"--network={network}", f"--volume={shared}:/secrets:ro", *options)
    return image.engine.run_command(image.tag, *arguments, options=mounted)


def run(line: list[str], stdin: bytes = b"") -> tuple[int, list[dict[str, Any]], str]:
    """Run a command to its end: exit code, the messages on stdout, stderr."""
    done = subprocess.run(line, input=stdin, capture_output=True, timeout=RUN_SECONDS, check=False)
    messages = [json.loads(text) for text in done.stdout.splitlines()]
    return done.returncode, messages, done.stderr.decode()


def shell(image: Image, script: str) -> str:
    """Run a script in the image; returns what it wrote."""
    return image.engine.ask(*image.engine.run_command(image.tag, "-c", script, options=("--entrypoint=sh",))[1:])


# --- what it is


def test_the_image_is_configured_as_the_platform_demands(image: Image) -> None:
    config = image.engine.inspect(image.tag)["Config"]
    settings = dict(one.split("=", 1) for one in config["Env"])
    (entrypoint,) = config["Entrypoint"]
    assert entrypoint == settings["AIRBYTE_ENTRYPOINT"]
    assert entrypoint.startswith("/")
    assert settings["PYTHONUNBUFFERED"] == "1"
    assert config["User"] == "1000:1000"
    metadata = yaml.safe_load((REPOSITORY / "metadata.yaml").read_text(encoding="utf-8"))["data"]
    assert config["Labels"]["io.airbyte.name"] == metadata["dockerRepository"]
    assert config["Labels"]["io.airbyte.version"] == metadata["dockerImageTag"]


def test_its_user_owns_nothing_of_the_connector(image: Image) -> None:
    assert shell(image, "id -un; id -u").split() == ["airbyte", "1000"]
    assert shell(image, f"find {PREFIX} -user 1000 -o -perm -o+w ! -type l | head").split() == []


def test_what_is_installed_is_what_is_locked(image: Image) -> None:
    lock = (REPOSITORY / "docker" / "requirements.lock").read_text(encoding="utf-8")
    lines = [
        Requirement(line.removesuffix(" \\")) for line in lock.splitlines() if "==" in line and "--hash" not in line
    ]
    python = shell(image, f"{PREFIX}/bin/python -c 'import platform; print(platform.python_version())'").strip()
    inside = {"python_full_version": python, "sys_platform": "linux"}
    locked = {
        one.name: str(one.specifier).removeprefix("==")
        for one in lines
        if one.marker is None or one.marker.evaluate(inside)
    }
    script = "import importlib.metadata as m; print(*[d.name + '=' + d.version for d in m.distributions()])"
    found = dict(one.split("=") for one in shell(image, f'{PREFIX}/bin/python -c "{script}"').split())
    assert {re.sub(r"[-_.]+", "-", name.lower()): version for name, version in found.items()} == {
        **locked,
        "airbyte-destination-fincome": image.engine.inspect(image.tag)["Config"]["Labels"]["io.airbyte.version"],
    }


SECRETS = re.compile(r"(?i)index-url|trusted-host|api_key|password|token|secret_access|://[^/\s]*@")


def test_no_secret_and_nothing_of_the_build_is_left_in_the_image_or_its_history(image: Image) -> None:
    told = image.engine.history(image.tag) + json.dumps(image.engine.inspect(image.tag)["Config"])
    assert not SECRETS.search(told)
    places = "/build /etc/pip.conf /root/.config /root/.cache /run/secrets"
    left = shell(image, f"for one in {places}; do ls -dA $one; done 2>/dev/null || true")
    assert left.split() == []
    for value in pip_settings().values():
        assert value not in told
        assert shell(image, f"grep -rlF '{value}' {PREFIX} || true").split() == []


def test_what_it_weighs(image: Image, report: list[str]) -> None:
    size, base = (image.engine.inspect(one)["Size"] for one in (image.tag, image.base))
    rows = shell(image, f"cd {PREFIX}/lib/python3.*/site-packages && du -sk -- * | sort -rn | head -12").splitlines()
    parts = ", ".join(f"{name} {int(size_) >> 10}" for size_, name in (row.split("\t") for row in rows))
    report += [
        f"weight: {size / MiB:.0f} MiB = base {base / MiB:.0f} + connector and libraries {(size - base) / MiB:.0f}",
        f"the heaviest (MiB): {parts}",
    ]
    assert size - base < 400 * MiB


def test_of_the_translations_only_the_names_of_countries_are_left(image: Image) -> None:
    script = """
import gettext, pathlib, pycountry
print({path.name for path in pathlib.Path(pycountry.LOCALES_DIR).rglob("*.mo")})
for language, country in (("de", "Russian Federation"), ("pl", "Poland"), ("fi", "Austria")):
    print(gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language]).gettext(country))
"""
    lines = shell(image, f"python - <<'EOF'{script}EOF").splitlines()
    assert lines[0] == "{'iso3166-1.mo'}"
    assert lines[1:] == ["Russische Föderation", "Polska", "Itävalta"]


# --- what it does


def test_spec(image: Image, shared: Path) -> None:
    code, messages, errors = run(command(image, shared, "spec", network="none"))
    assert (code, messages, errors) == (0, [spec_message()], "")


@pytest.mark.parametrize("user", [(), (STRANGER,)], ids=["airbyte", "stranger"])
def test_check(image: Image, shared: Path, account: Account, user: tuple[str, ...]) -> None:
    readable(shared / "config.json", json.dumps(account.config()))
    code, messages, errors = run(command(image, shared, "check", "--config", "/secrets/config.json", options=user))
    (status,) = [one["connectionStatus"] for one in messages if one["type"] == "CONNECTION_STATUS"]
    assert (code, status["status"], errors) == (0, "SUCCEEDED", "")


def test_check_says_what_is_wrong(image: Image, shared: Path, account: Account) -> None:
    readable(shared / "config.json", json.dumps(account.config(api_key="not-the-key")))
    code, messages, errors = run(command(image, shared, "check", "--config", "/secrets/config.json"))
    (status,) = [one["connectionStatus"] for one in messages if one["type"] == "CONNECTION_STATUS"]
    assert (code, status["status"], errors) == (0, "FAILED", "")
    assert "API key" in status["message"]


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example year, as the demo syncs it."""
    folder = tmp_path_factory.mktemp("year")
    subprocess.run(
        [sys.executable, "-m", "examples.stripe_year", "--out", str(folder)],
        cwd=REPOSITORY, check=True, timeout=RUN_SECONDS, capture_output=True,
    )  # fmt: skip
    return folder


def test_a_whole_year_ends_as_it_does_outside_the_container(
    image: Image, shared: Path, tmp_path: Path, year: Path, new_account: NewAccount, report: list[str]
) -> None:
    catalog = (year / "catalog.json").read_text(encoding="utf-8")
    messages = _numbered((year / "messages.jsonl").read_bytes())
    readable(shared / "catalog.json", catalog)
    arguments = ("write", "--config", "{}/config.json", "--catalog", "{}/catalog.json")
    with new_account() as inside, new_account() as outside:
        readable(shared / "config.json", json.dumps(inside.config()))
        started = time.monotonic()
        code, written, errors = run(
            command(image, shared, *(one.format("/secrets") for one in arguments), options=(STRANGER,)), messages
        )
        took = time.monotonic() - started
        assert (code, errors) == (0, "")

        readable(shared / "config.json", json.dumps(outside.config()))
        own = [*COMMAND, *(one.format(shared) for one in arguments)]
        done = subprocess.run(
            own,
            input=messages,
            capture_output=True,
            timeout=RUN_SECONDS,
            check=True,
            env=environment(TMPDIR=str(tmp_path)),
        )
        for entity in load_contract().entities:
            assert inside.objects(entity), entity
            assert inside.texts(entity) == outside.texts(entity)
        requests = len(inside.requests())
    expected = [json.loads(line) for line in done.stdout.splitlines()]
    assert states(written)
    assert sorted(states(written)) == sorted(states(expected))
    report.append(
        f"a year of Stripe: {messages.count(b'RECORD')} records, {requests} requests in {took:.1f} s, all told"
    )


def _numbered(lines: bytes) -> bytes:
    """Stamp a number on every state, as the platform does."""
    numbers = count(1)
    messages = [json.loads(line) for line in lines.splitlines()]
    for message in messages:
        if message["type"] == "STATE":
            message["state"]["id"] = next(numbers)
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


def states(messages: list[dict[str, Any]]) -> list[str]:
    return [json.dumps(one["state"], sort_keys=True) for one in messages if one["type"] == "STATE"]


# --- what people do with it

FINCOME = "--entrypoint=fincome"


def test_people_have_their_commands(image: Image, shared: Path) -> None:
    record = {"stream": "customers", "data": {"id": "image-seen", "name": "Ada"}, "emitted_at": 1}
    line = command(image, shared, "preview", options=(FINCOME,), network="none")
    done = subprocess.run(
        line,
        input=json.dumps({"type": "RECORD", "record": record}).encode(),
        capture_output=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"image-seen" in done.stdout


def test_a_workbook_is_read(image: Image, shared: Path) -> None:
    workbook = Workbook()
    for row in (("id", "name"), ("image-sheet", "Ada")):
        workbook.worksheets[0].append(row)
    workbook.save(shared / "customers.xlsx")
    (shared / "customers.xlsx").chmod(0o644)
    line = command(image, shared, "preview", "/secrets/customers.xlsx", options=(FINCOME,), network="none")
    done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, timeout=RUN_SECONDS, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert b"image-sheet" in done.stdout


@contextmanager
def sandbox_inside(image: Image, shared: Path) -> Iterator[int]:
    """Run the image's sandbox; gives its port."""
    arguments = ("sandbox", "--host", "0.0.0.0", "--port", "0")
    with running(image, shared, *arguments, options=(FINCOME,)) as (name, _, stdout):
        ready = stdout.readline().decode()
        yield int(ready.split("base_url=")[1].split("/")[2].rpartition(":")[2])
        image.engine.ask("kill", "--signal=TERM", name)


NAME = "fincome-sandbox.test"


def checked(image: Image, shared: Path, base_url: str, *options: str) -> dict[str, Any]:
    readable(shared / "config.json", json.dumps({"api_key": "sandbox-key", "base_url": base_url}))
    _, messages, _ = run(command(image, shared, "check", "--config", "/secrets/config.json", options=options))
    (status,) = [one["connectionStatus"] for one in messages if one["type"] == "CONNECTION_STATUS"]
    return dict(status)


def test_the_connector_reaches_the_images_sandbox_by_a_name_of_a_private_network_only(
    image: Image, shared: Path
) -> None:
    with sandbox_inside(image, shared) as port:
        url = f"http://{NAME}:{port}/product"
        assert checked(image, shared, url, f"--add-host={NAME}:127.0.0.1") == {"status": "SUCCEEDED"}
        outside = checked(image, shared, url, f"--add-host={NAME}:203.0.113.7")
        assert outside["status"] == "FAILED"
        assert "leads outside of private networks" in outside["message"]


def test_the_connector_reaches_a_sandbox_by_https_if_it_is_given_the_certificate(
    image: Image, shared: Path, tmp_path: Path
) -> None:
    file = shared / "sandbox.pem"
    options = ("--port", "0", "--tls", "--tls-file", str(file), "--tls-name", NAME)
    own = [sys.executable, "-m", "fincome_tools.cli", "sandbox", *options]
    with subprocess.Popen(own, stdout=subprocess.PIPE, text=True) as sandbox:
        assert sandbox.stdout
        port = sandbox.stdout.readline().split("base_url=")[1].split("/")[2].rpartition(":")[2]
        url, there = f"https://{NAME}:{port}/product", f"--add-host={NAME}:127.0.0.1"
        try:
            assert "certificate" in checked(image, shared, url, there)["message"]
            trusted = ("--env=REQUESTS_CA_BUNDLE=/secrets/sandbox.pem", there)
            assert checked(image, shared, url, *trusted) == {"status": "SUCCEEDED"}
        finally:
            sandbox.terminate()


# --- how it ends


@contextmanager
def running(
    image: Image, shared: Path, *arguments: str, options: tuple[str, ...] = ()
) -> Iterator[tuple[str, subprocess.Popen[bytes], IO[bytes]]]:
    """Run a command in a container with a name, and end it with the block."""
    name = f"destination-fincome-test-{time.time_ns()}-{next(_numbers)}"
    line = command(image, shared, *arguments, options=(f"--name={name}", *options))
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield name, process, process.stdout
        finally:
            if process.poll() is None:
                image.engine.ask("kill", "--signal=KILL", name)
            process.stdin.close()
            process.wait(STOP_SECONDS)


def test_sigterm_ends_a_sync_in_good_order_as_process_1(image: Image, shared: Path, account: Account) -> None:
    readable(shared / "config.json", json.dumps(account.config()))
    stream = {"name": "customers", "json_schema": {"properties": {"id": {}, "name": {}}}, "supported_sync_modes": []}
    configured = {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "append"}
    readable(shared / "catalog.json", json.dumps({"streams": [configured]}))
    record = {"stream": "customers", "data": {"id": "image-term", "name": "Ada"}, "emitted_at": 1}
    state = {"type": "STREAM", "stream": {"stream_descriptor": {"name": "customers"}, "stream_state": {}}, "id": 1}
    lines: Queue[bytes | None] = Queue()
    arguments = ("write", "--config", "/secrets/config.json", "--catalog", "/secrets/catalog.json")
    with running(image, shared, *arguments) as (name, process, stdout):
        reader = read_lines(stdout, lines.put, at_end=lambda: lines.put(None))
        assert process.stdin is not None
        for message in ({"type": "RECORD", "record": record}, {"type": "STATE", "state": state}):
            process.stdin.write(json.dumps(message).encode() + b"\n")
        process.stdin.flush()
        assert _next(lines, "STATE")["state"]["id"] == 1
        image.engine.ask("kill", "--signal=TERM", name)
        assert _next(lines, "TRACE")["trace"]["error"]["failure_type"] == "transient_error"
        assert process.wait(STOP_SECONDS) == 1
        reader.join(STOP_SECONDS)


def _next(lines: Queue[bytes | None], kind: str) -> dict[str, Any]:
    """Wait for the next message of a kind."""
    while (line := lines.get(timeout=RUN_SECONDS)) is not None:
        message: dict[str, Any] = json.loads(line)
        if message["type"] == kind:
            return message
    raise AssertionError(f"it ended without a {kind}")


def test_sigterm_ends_a_check_that_waits_for_an_answer_as_process_1(
    image: Image, shared: Path, new_account: NewAccount
) -> None:
    with new_account() as silent:
        silent.misbehave(hang_rate=1.0)
        readable(shared / "config.json", json.dumps(silent.config(request_timeout_seconds=600)))
        with running(image, shared, "check", "--config", "/secrets/config.json") as (name, process, _):
            # A request that hangs is in the sandbox's log once it has struck.
            _wait_until(lambda: bool(silent.summary()["faults"].get("hang_rate")))
            image.engine.ask("kill", "--signal=TERM", name)
            assert process.wait(STOP_SECONDS) == 128 + 15


def _wait_until(happened: Any) -> None:
    deadline = time.monotonic() + RUN_SECONDS
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_platform_starts_it_by_its_absolute_entrypoint_from_another_folder(image: Image, shared: Path) -> None:
    entrypoint = dict(one.split("=", 1) for one in image.engine.inspect(image.tag)["Config"]["Env"])[
        "AIRBYTE_ENTRYPOINT"
    ]
    options = ("--entrypoint=sh", "--workdir=/tmp", "--network=none", f"--volume={shared}:/secrets:ro", *HARDENED)
    line = image.engine.run_command(image.tag, "-c", f"{entrypoint} spec", options=options)
    assert run(line) == (0, [spec_message()], "")


def test_a_build_says_when_a_dependency_is_not_the_locked_one(image: Image, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    dockerfile = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
    for name, text in {
        "Dockerfile": dockerfile,
        "docker/requirements.lock": f"orjson==3.13.0 --hash=sha256:{'0' * 64}\n",
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(EngineError, match="HASHES"):
        image.engine.build(folder, "localhost/destination-fincome:never", image.base, tmp_path)
