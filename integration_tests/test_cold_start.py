"""The commands started as the platform and people start them, beside those that the other tests fork."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from integration_tests.accounts import Account
from integration_tests.messages import CUSTOMERS, INVOICES, Message, catalog, customer, invoice, state
from integration_tests.orchestrator import COMMAND
from unit_tests.fork_server import CONNECTOR, FINCOME, ForkServer, environment

Done = subprocess.CompletedProcess[bytes]
MESSAGES = (customer("cold-ada"), state("customers", {"cursor": 1}), invoice("cold-1", "cold-nobody"))


@pytest.fixture
def files(tmp_path: Path, account: Account) -> dict[str, Path]:
    """A config, a catalog and a config that can't be used."""
    contents: dict[str, object] = {
        "config": account.config(),
        "catalog": catalog(CUSTOMERS, INVOICES),
        "unusable": {"api_key": "short"},
    }
    paths = {name: tmp_path / f"{name}.json" for name in contents}
    for name, path in paths.items():
        path.write_text(json.dumps(contents[name]))
    return paths


def cold(*command: object, given: bytes) -> Done:
    return subprocess.run(
        [str(part) for part in command], input=given, capture_output=True, env=environment(), timeout=60, check=False
    )


def without_times(done: Done) -> tuple[int, bytes, list[Message]]:
    """What a run said and how it ended, but for what differs each time."""

    def stripped(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: stripped(one) for key, one in value.items() if key not in ("emitted_at", "stack_trace")}
        return re.sub(r'[\d.]+ s\b|"seconds": ?[\d.]+', "…", value) if isinstance(value, str) else value

    return done.returncode, done.stderr, [stripped(json.loads(line)) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("spec",), 0),
        (("discover", "--config", "{unusable}"), 1),
        (("write", "--config", "{config}", "--catalog", "{catalog}"), 0),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_given_a_cold_start_when_run_then_the_connector_does_what_it_does_when_forked(
    connector: ForkServer, files: dict[str, Path], command: tuple[str, ...], code: int
) -> None:
    arguments = [part.format(**files) for part in command]
    given = b"".join(json.dumps(message).encode() + b"\n" for message in MESSAGES)
    found = without_times(cold(*COMMAND, *arguments, given=given))
    assert found[:2] == (code, b"")
    assert found == without_times(connector.run(*arguments, given=given))


@pytest.mark.parametrize("script", [[sys.executable, "-m", FINCOME], [Path(sys.executable).with_name("fincome")]])
def test_given_a_cold_start_when_run_then_fincome_does_what_it_does_when_forked(
    fincome_command: ForkServer, files: dict[str, Path], script: list[object]
) -> None:
    arguments = ["preview", "--catalog", files["catalog"]]
    given = b"".join(json.dumps(message).encode() + b"\n" for message in MESSAGES)
    found = cold(*script, *arguments, given=given)
    forked = fincome_command.run(*arguments, given=given)
    assert found.returncode == 0
    assert (found.returncode, found.stdout, found.stderr) == (forked.returncode, forked.stdout, forked.stderr)


def test_the_console_script_is_the_module_that_is_forked(files: dict[str, Path]) -> None:
    script = Path(sys.executable).with_name("destination-fincome")
    ours, module = cold(script, "spec", given=b""), cold(sys.executable, "-m", CONNECTOR, "spec", given=b"")
    assert (ours.returncode, ours.stdout) == (0, module.stdout)
