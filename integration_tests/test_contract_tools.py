"""`fincome contract` through the real command line: with documents, the sandbox, and servers that behave otherwise."""

from __future__ import annotations

import json
import os
import pty
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_httpserver import HTTPServer

from integration_tests.accounts import Account
from integration_tests.conftest import NewAccount
from integration_tests.fake_fincome import KEY, FakeFincome
from unit_tests.fork_server import ForkServer
from unit_tests.sandbox.processes import running
from unit_tests.tools.documents import document

CONTRACT = Path(__file__).parents[1] / "destination_fincome" / "fincome" / "contract.yaml"
CHAIN = ["products", "plans", "customers", "subscriptions", "invoices", "invoice_lines", "credit_notes"]


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    returncode: int
    stdout: str
    stderr: str


class Fincome:
    """Runs `fincome contract`."""

    def __init__(self, command: ForkServer, module: str | None = None) -> None:
        self._command = command
        self._module = module

    def __call__(self, *arguments: object, stdin: int | None = None) -> Done:
        env = {"COLUMNS": "200"}
        done = self._command.run("contract", *arguments, module=self._module, stdin=stdin, env=env)
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in err
        assert KEY not in out + err
        return Done(done.returncode, out, err)

    def told(self, *arguments: object) -> Told:
        """What it tells as JSON."""
        done = self(*arguments, "--json")
        assert done.returncode in (0, 1), done.stderr
        return Told(done.returncode, json.loads(done.stdout))

    def probed(self, folder: Path, config: object, *options: object) -> Told:
        """What a probe of a connection tells."""
        return self.told("probe", "--config", written(folder / "config.json", config), "--yes", *options)


@pytest.fixture(scope="session")
def fincome(fincome_command: ForkServer) -> Fincome:
    return Fincome(fincome_command)


@dataclass(frozen=True)
class Told:
    """What a command wrote as JSON."""

    code: int
    document: dict[str, Any]

    def of(self, subject: str) -> tuple[str, str]:
        """The result and what was found, of the one finding about a subject."""
        (one,) = [one for one in self.document["findings"] if one["subject"] == subject]
        return one["result"], one["found"]

    def places(self, result: str) -> list[str]:
        return [one["place"] for one in self.document["findings"] if one["result"] == result]


def written(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


# --- check


def test_a_document_that_agrees_ends_with_0(fincome: Fincome, tmp_path: Path) -> None:
    done = fincome("check", "--openapi", written(tmp_path / "api.json", document()))
    assert done.returncode == 0, done.stdout
    assert "Compared with: Invented API 1.0" in done.stdout
    assert "access.api_key_header, line" in done.stdout
    assert "differs" not in done.stdout
    assert re.search(r"\d+ facts looked at: \d+ agree[,.]", done.stdout)


def test_differences_end_with_1_and_say_what_to_do(fincome: Fincome, tmp_path: Path) -> None:
    content = document()
    content["paths"] = {path.replace("/clients", "/customers"): item for path, item in content["paths"].items()}
    content["paths"]["/invoices"]["delete"] = {"responses": {}}
    done = fincome("check", "--openapi", written(tmp_path / "api.yaml", yaml.safe_dump(content)))
    assert done.returncode == 1
    for words in ("customers: path", "/clients", "set `paths.customers`", "contradicts", "DELETE /invoices"):
        assert words in done.stdout, words


def test_the_settings_of_a_config_count(fincome: Fincome, tmp_path: Path) -> None:
    content = document()
    content["components"]["securitySchemes"]["APIKey"] = {"type": "http", "scheme": "bearer"}
    api = written(tmp_path / "api.json", content)
    settings = {"api_key": KEY, "api_key_header": "Authorization", "api_key_prefix": "Bearer"}
    assert fincome.told("check", "--openapi", api).code == 1
    with_config = fincome.told("check", "--openapi", api, "--config", written(tmp_path / "config.json", settings))
    assert with_config.code == 0
    assert with_config.of("header of the key") == ("agrees", "Authorization")


def test_given_a_document_that_differs_when_checked_then_the_text_to_paste_stands_alone_at_the_end(
    fincome: Fincome, tmp_path: Path
) -> None:
    content = document()
    content["paths"] = {path.replace("/clients", "/customers"): item for path, item in content["paths"].items()}
    del content["paths"]["/credit_notes"], content["paths"]["/credit_notes/{credit_note_id}"]
    content["paths"]["/invoices"]["get"] = {"responses": {}}
    api = written(tmp_path / "api.json", content)
    done = fincome("check", api)
    text = "version: 1\nentities:\n  customers: {path: /customers}\n  credit_notes: {absent: true}\n"
    assert done.returncode == 1
    assert done.stdout.endswith(f"setting `contract`, in place of what it holds:\n\n{text}\n")
    assert "GET /invoices (a list: what is there could be read many at a time)" in done.stdout
    # Pasted, it agrees; what it says stays said.
    config = written(tmp_path / "config.json", {"api_key": KEY, "contract": text})
    again = fincome.told("check", api, "--config", config)
    assert (again.code, again.document["contract"]) == (0, text)


def test_given_no_document_when_checked_then_it_is_asked_for(fincome: Fincome) -> None:
    done = fincome("check")
    assert (done.returncode, "fincome contract check openapi.json" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "neither JSON nor YAML"), ({"swagger": "2.0"}, "Swagger 2.0"), (None, "can't be read")],
)
def test_what_cannot_be_compared_ends_with_2(fincome: Fincome, tmp_path: Path, content: object, words: str) -> None:
    file = tmp_path / "api.json"
    if content is not None:
        written(file, content)
    done = fincome("check", "--openapi", file)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_an_unusable_config_ends_with_2(fincome: Fincome, tmp_path: Path) -> None:
    config = written(tmp_path / "config.json", {"api_key": KEY, "base_url": "http://example.com"})
    done = fincome("check", "--openapi", written(tmp_path / "api.json", document()), "--config", config)
    assert done.returncode == 2
    assert "`base_url`" in done.stderr


# --- probe: the sandbox


def test_the_sandbox_is_as_the_contract_says(fincome: Fincome, tmp_path: Path, account: Account) -> None:
    found = fincome.probed(tmp_path, account.config())
    assert found.code == 0
    stays = found.document["stays"]
    assert [one["entity"] for one in stays] == CHAIN
    for one in stays:
        assert one["id"].startswith("destination-fincome-probe-")
        assert account.get(one["entity"], one["id"]) is not None
    assert found.of("customers: custom_properties with another attribute")[0] == "learned"
    assert found.places("not told") == []


def test_two_runs_write_different_objects(fincome: Fincome, tmp_path: Path, account: Account) -> None:
    first, second = (fincome.probed(tmp_path, account.config()).document["stays"] for _ in range(2))
    assert {one["id"] for one in first}.isdisjoint(one["id"] for one in second)


def test_a_lag_after_writing_is_waited_for_and_told(
    fincome_command: ForkServer, tmp_path: Path, new_account: NewAccount
) -> None:
    fincome = Fincome(fincome_command, "unit_tests.tools.impatient")
    with new_account() as lagging:
        lagging.misbehave(visibility_lag_ms=200)
        found = fincome.probed(tmp_path, lagging.config())
    assert found.code == 0
    result, words = found.of("credit_notes: GET after POST")
    assert (result, words.startswith("finds it after")) == ("agrees", True)
    result, words = found.of("plans: create")
    assert (result, words.endswith("s after its parents")) == ("agrees", True)


def test_a_sandbox_with_another_contract_differs_where_the_contract_does(
    fincome: Fincome, fincome_command: ForkServer, tmp_path: Path
) -> None:
    facts = yaml.safe_load(CONTRACT.read_text())
    facts["entities"]["invoices"]["post_updates"]["value"] = True
    facts["entities"]["plans"]["retrievable"]["value"] = False
    other = written(tmp_path / "other.yaml", yaml.safe_dump(facts, sort_keys=False))
    with running(fincome_command, other, module="unit_tests.sandbox.of_contract") as sandbox:
        config = {"api_key": sandbox.api_key, "base_url": sandbox.base_url}
        found = fincome.probed(tmp_path, config, "--wait", 1)
    assert found.code == 1
    assert set(found.places("differs")) == {"entities.invoices.post_updates", "entities.plans.retrievable"}


# --- probe: servers that behave otherwise


@pytest.fixture
def fake(httpserver: HTTPServer) -> FakeFincome:
    return FakeFincome(httpserver)


@pytest.mark.parametrize(
    ("switches", "subject", "result", "words"),
    [
        ({"post_on_existing": 200}, "invoices: POST on an existing id", "differs", "updates it (200)"),
        ({"post_on_existing": 200}, "plans: POST on an existing id", "agrees", "updates it (200)"),
        ({"post_on_existing": 409}, "invoices: POST on an existing id", "agrees", "is refused (409"),
        ({"post_on_existing": 409}, "plans: POST on an existing id", "differs", "is refused (409"),
        ({"post_on_existing": 204}, "invoices: POST on an existing id", "differs", "changes nothing"),
        ({"patch_replaces": True}, "customers: PATCH of one field", "differs", "also name, email, country"),
        ({"patch_replaces": False}, "customers: PATCH of one field", "agrees", "others stay"),
        ({"patch_verb": "PUT"}, "customers: PATCH of one field", "differs", "405"),
        ({"patch_creates": True}, "customers: PATCH on a missing id", "differs", "creates it (202)"),
        ({"checks_references": False}, "invoices: create with an unknown customer", "differs", "is accepted (201)"),
        ({"reference_words": "no"}, "invoices: create with an unknown customer", "differs", "not recognised"),
        ({"reference_words": f"no {KEY}"}, "invoices: create with an unknown customer", "differs", "422: no …"),
        ({"needs_name": False}, "customers: create without name", "differs", "is accepted (201)"),
        ({"null_clears": False}, "customers: a field sent as null", "differs", "stays as it was"),
        ({"null_clears": True}, "customers: a field sent as null", "agrees", "is cleared"),
        ({"replaces_properties": True}, "customers: custom_properties with another attribute", "learned", "replaced"),
        ({"envelope": True}, "customers: custom_properties with another attribute", "learned", "merged"),
        ({"empty_wipes": True}, "customers: custom_properties sent empty", "learned", "wipes all"),
        ({"empty_wipes": False}, "customers: custom_properties sent empty", "learned", "changes nothing"),
        ({"readable": False}, "customers: GET after POST", "differs", "doesn't find it"),
    ],
)
def test_what_a_server_does_is_found_out(
    fincome: Fincome,
    tmp_path: Path,
    httpserver: HTTPServer,
    switches: dict[str, Any],
    subject: str,
    result: str,
    words: str,
) -> None:
    fake = FakeFincome(httpserver, **switches)
    found = fincome.probed(tmp_path, fake.config(), "--wait", 0)
    assert found.of(subject)[0] == result, found.of(subject)
    assert words in found.of(subject)[1]
    # Whatever it does: what is there, is told.
    assert {one["id"] for one in found.document["stays"]} == set(fake.objects)


def test_another_path_is_named_by_its_setting_which_then_does(
    fincome: Fincome, tmp_path: Path, httpserver: HTTPServer
) -> None:
    fake = FakeFincome(httpserver, customers="/customers")
    done = fincome("probe", "--config", written(tmp_path / "config.json", fake.config()), "--yes")
    assert done.returncode == 2
    assert "set `paths.customers` to /customers" in done.stderr
    assert fake.written() == []
    found = fincome.probed(tmp_path, fake.config(paths={"customers": "/customers"}), "--wait", 0)
    (path,) = [one for one in found.document["findings"] if one["subject"] == "customers: path"]
    assert (path["result"], path["found"], path["by_config"]) == ("agrees", "/customers", True)


def test_another_header_is_named_by_its_setting_which_then_does(
    fincome: Fincome, tmp_path: Path, httpserver: HTTPServer
) -> None:
    fake = FakeFincome(httpserver, header="Authorization", prefix="Bearer ")
    done = fincome("probe", "--config", written(tmp_path / "config.json", fake.config()), "--yes")
    assert done.returncode == 2
    assert "set `api_key_header` to Authorization" in done.stderr
    settings = {"api_key_header": "Authorization", "api_key_prefix": "Bearer"}
    found = fincome.probed(tmp_path, fake.config(**settings), "--wait", 0)
    assert found.of("before the key") == ("agrees", "'Bearer '")


def test_only_objects_with_a_test_id_are_written(fincome: Fincome, tmp_path: Path, fake: FakeFincome) -> None:
    fincome.probed(tmp_path, fake.config(), "--wait", 0)
    assert fake.bodies
    assert {body["id"].startswith("destination-fincome-probe-") for body in fake.bodies} == {True}
    assert {verb for verb, _ in fake.written()} == {"POST", "PATCH"}


def test_a_failure_half_way_says_what_stays(fincome: Fincome, tmp_path: Path, httpserver: HTTPServer) -> None:
    fake = FakeFincome(httpserver, dies_after=3)
    done = fincome("probe", "--config", written(tmp_path / "config.json", fake.config()), "--yes", "--wait", 0)
    assert done.returncode == 3
    assert "503 4 times" in done.stderr
    after = done.stdout.partition("in the account now")[2]
    assert all(identity in after for identity in fake.objects)
    # And what was found until then.
    assert "answers.key_refused" in done.stdout


# --- probe: asking


def test_without_a_terminal_and_without_yes_nothing_is_called(
    fincome: Fincome, tmp_path: Path, fake: FakeFincome
) -> None:
    done = fincome("probe", "--config", written(tmp_path / "config.json", fake.config()))
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert fake.calls == []


def at_a_terminal(fincome: Fincome, config: Path, reply: bytes) -> Done:
    ours, theirs = pty.openpty()
    try:
        os.write(ours, reply)
        return fincome("probe", "--config", config, "--wait", 0, stdin=theirs)
    finally:
        os.close(ours)
        os.close(theirs)


def test_no_writes_nothing_and_tells_what_reading_told(fincome: Fincome, tmp_path: Path, fake: FakeFincome) -> None:
    done = at_a_terminal(fincome, written(tmp_path / "config.json", fake.config()), b"n\n")
    assert done.returncode == 0
    assert "Fincome's API can't delete" in done.stdout
    assert "answers.key_refused" in done.stdout
    assert fake.written() == []
    assert fake.calls


def test_yes_at_the_terminal_writes(fincome: Fincome, tmp_path: Path, fake: FakeFincome) -> None:
    done = at_a_terminal(fincome, written(tmp_path / "config.json", fake.config()), b"y\n")
    before, _, after = done.stdout.partition("in the account now")
    for identity in fake.objects:
        assert identity in before
        assert identity in after
