"""`fincome preview` through the real command line: what it shows, what it reads, and that it sends nothing."""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from examples.stripe_year import generate
from integration_tests.accounts import Account
from integration_tests.messages import (
    CUSTOMERS,
    INVOICES,
    Message,
    catalog,
    customer,
    invoice,
    line,
    record,
    state,
    stream,
)
from unit_tests.fork_server import ForkServer

Preview = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="session")
def preview(fincome_command: ForkServer) -> Preview:
    """Runs `fincome preview`."""

    def run(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return fincome_command.run("preview", *arguments, given=stdin, env={"COLUMNS": "200"})

    return run


def said(done: subprocess.CompletedProcess[bytes]) -> str:
    assert done.returncode in (0, 1), done.stderr.decode()
    return done.stdout.decode()


def lines(*messages: Message) -> bytes:
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


def written(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


MESSAGES = lines(
    {"type": "LOG", "log": {"level": "INFO", "message": "reading"}},
    customer("pv-1", email="ada@example.com"),
    customer("pv-1", email="ada@example.com"),
    invoice("pv-in-1", "pv-1"),
    invoice("pv-in-2", "pv-elsewhere", status="nonsense"),
    invoice("pv-in-3", "pv-elsewhere"),
    record("zebras", {"stripes": 7}),
    state("customers", {"cursor": 1}),
)
CATALOG = catalog(CUSTOMERS, INVOICES, stream("zebras", "stripes"))


def row(text: str, *cells: str) -> bool:
    """Tell whether a table has a row of these cells."""
    return any([cell.strip() for cell in line.strip("│ ").split("│")] == list(cells) for line in text.splitlines())


def test_given_messages_when_previewed_then_the_tables_say_what_would_become_of_them(
    preview: Preview, tmp_path: Path
) -> None:
    text = said(preview("--catalog", written(tmp_path / "catalog.json", CATALOG), stdin=MESSAGES))
    assert "Mapping: Fincome's own field names" in text
    assert row(text, "customers", "customers", "2", "1", "1", "0", "0", "0")
    assert row(text, "invoices", "invoices", "3", "2", "0", "0", "0", "1")
    assert row(
        text,
        "zebras",
        "ignored: the mapping for Fincome's own field names doesn't know it",
        "1",
        "0",
        "0",
        "0",
        "1",
        "0",
    )
    assert row(
        text,
        "rejected",
        "1",
        "invoices.status",
        "must be one of open, paid, unpaid (invalid_field)",
        "pv-in-2 of stream invoices",
    )
    assert "1 customers are referred to and not in the input: a sync asks Fincome for them, and here they" in text
    assert "Fincome was not asked: which of these objects it has already isn't known." in text
    assert '"email": "ada@example.com"' in text


def test_given_a_config_when_previewed_offline_then_its_mapping_counts_and_nobody_is_asked(
    preview: Preview, tmp_path: Path, account: Account
) -> None:
    fields = [{"field": "id", "expression": "stripes"}, {"field": "name", "expression": "colour"}]
    own = [{"stream": "zebras", "entity": "products", "fields": fields}]
    before = len(account.requests())
    config = written(tmp_path / "config.json", account.config(streams=own))
    text = said(preview("--offline", "--config", config, stdin=MESSAGES))
    assert row(text, "zebras", "products", "1", "1", "0", "0", "0", "0")
    assert "Mapping: streams[0].fields[1]: the catalog has no column colour in stream zebras" in text
    assert account.api_key not in text
    assert account.requests(before) == []


def test_given_a_key_when_previewed_then_it_tells_what_becomes_of_what_the_account_has(
    preview: Preview, tmp_path: Path, account: Account
) -> None:
    account.given("customers", {"id": "pa-old", "name": "Old"}, {"id": "pa-same", "name": "PRIVATE name of pa-same"})
    messages = lines(
        customer("pa-old", country="FR"),
        customer("pa-same"),
        customer("pa-new"),
        customer("pa-bad", email=[]),
        invoice("pa-in-1", "pa-old"),
        invoice("pa-in-2", "pa-bad"),
        invoice("pa-in-3", "pa-nowhere"),
    )
    before = len(account.requests())
    config, page = written(tmp_path / "config.json", account.config(create_missing_parents="off")), tmp_path / "page"
    done = preview("--config", config, "--html", page, stdin=messages)
    assert done.returncode == 1
    text = said(done)
    # One object of the input can't be read; the other customer that is asked for isn't in the input.
    assert "Fincome is asked for up to 6 objects (GET)" in done.stderr.decode()
    assert row(text, "customers", "1", "1", "1", "0", "name (1), country (1)")
    assert row(text, "invoices", "1", "0", "0", "0")
    assert row(text, "invoices", "invoices", "3", "1", "0", "0", "0", "2")
    assert "parent_rejected" in text
    assert "missing_reference" in text
    assert "name (1), country (1)" in " ".join(Page(page.read_text(encoding="utf-8")).words)
    asked = account.requests(before)
    assert {one["verb"] for one in asked} == {"GET"}
    # For the rejected customer too: its invoice would go if Fincome had it.
    assert sorted(one["id"] for one in asked) == sorted(
        ["pa-old", "pa-same", "pa-new", "pa-in-1", "pa-bad", "pa-nowhere"]
    )


def test_given_children_of_a_rejected_parent_when_nobody_is_asked_then_they_count_as_rejected_with_it(
    preview: Preview,
) -> None:
    bad = lines(customer("po-bad", email=[]), invoice("po-in", "po-bad"), line("po-line", "po-in"))
    text = said(preview(stdin=bad))
    assert row(text, "invoices", "invoices", "1", "0", "0", "0", "0", "1")
    assert row(text, "invoice_lines", "invoice lines", "1", "0", "0", "0", "0", "1")
    assert "referred to and not in the input" not in text


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(CATALOG, id="configured"),
        pytest.param({"streams": [one["stream"] for one in CATALOG["streams"]]}, id="discovered"),
        pytest.param(
            '{"type": "LOG", "log": {"level": "INFO", "message": "x"}}\n'
            + json.dumps({"type": "CATALOG", "catalog": {"streams": [one["stream"] for one in CATALOG["streams"]]}}),
            id="what discover wrote",
        ),
        pytest.param(None, id="none"),
    ],
)
@pytest.mark.parametrize("way", ["file", "pipe"])
def test_every_form_of_a_catalog_and_both_ways_of_messages_show_the_same(
    preview: Preview, tmp_path: Path, form: object, way: str
) -> None:
    arguments: list[object] = [] if form is None else ["--catalog", written(tmp_path / "catalog.json", form)]
    if way == "file":
        (tmp_path / "messages.jsonl").write_bytes(MESSAGES)
        text = said(preview(tmp_path / "messages.jsonl", *arguments))
    else:
        text = said(preview("-", *arguments, stdin=MESSAGES))
    assert row(text, "invoices", "invoices", "3", "2", "0", "0", "0", "1")
    assert row(text, "customers", "customers", "2", "1", "1", "0", "0", "0")


def test_given_the_example_year_when_previewed_then_it_foretells_what_the_account_will_hold(
    preview: Preview, tmp_path: Path
) -> None:
    generate(tmp_path, seed=7, customers=30)
    expected = json.loads((tmp_path / "expected.json").read_text())
    text = said(preview(tmp_path / "messages.jsonl", "--catalog", tmp_path / "catalog.json", "--samples", 1))
    assert expected["objects"]["invoices"] > 100
    for entity, count in expected["objects"].items():
        found = [
            line for line in text.partition("By entity")[2].splitlines() if f" {entity.replace('_', ' ')} " in line
        ]
        assert [cell.strip() for cell in found[0].strip("│ ").split("│")][2] == f"{count:,}"


class Page(HTMLParser):
    """A page's elements and words, as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


def test_the_page_shows_the_same_is_private_and_runs_nothing_of_what_it_shows(preview: Preview, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    messages = MESSAGES + lines(customer("pv-2", name=HOSTILE), customer(HOSTILE, country="nowhere"))
    text = said(preview("--html", file, "--catalog", written(tmp_path / "catalog.json", CATALOG), stdin=messages))
    assert str(file) in text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    page = Page(file.read_text(encoding="utf-8"))
    assert not {"script", "img", "link", "iframe"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name in ("src", "href") or name.startswith("on")]
    shown = " ".join(" ".join(page.words).split())
    assert HOSTILE.replace('"', '\\"') in shown
    assert "must be one of open, paid, unpaid" in shown
    assert "default-src 'none'" in dict(page.attributes)["content"]  # type: ignore[operator]


FAILURES: dict[str, tuple[dict[str, Any], bytes, str]] = {
    "no stream known": ({}, lines(record("zebras", {"stripes": 1})), "None of the selected streams is known (zebras)"),
    "nothing at all": ({}, b"", "There is no stream: no message of the input has a record"),
    "a mistake in the mapping": (
        {"streams": [{"stream": "zebras", "entity": "horses"}]}, MESSAGES, "streams[0].entity: horses is no entity"),
    "a setting that can't be": ({"max_concurrency": 0}, MESSAGES, "`max_concurrency`"),
    "no message": ({}, b"PRIVATE\n", "Line 1 of the input (8 bytes) is not an Airbyte message"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_what_cannot_be_previewed_is_said_in_one_message(preview: Preview, tmp_path: Path, name: str) -> None:
    config, messages, message = FAILURES[name]
    done = preview("--config", written(tmp_path / "config.json", config), stdin=messages)
    assert done.returncode == 2
    assert message in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert b"PRIVATE" not in done.stderr


@pytest.mark.parametrize("option", ["--config", "--catalog", "messages"])
def test_a_file_that_is_not_there_is_named(preview: Preview, tmp_path: Path, option: str) -> None:
    missing = tmp_path / "missing.json"
    done = preview(missing) if option == "messages" else preview(option, missing, stdin=MESSAGES)
    assert done.returncode == 2
    assert "can't be read" in done.stderr.decode()


def test_a_file_that_is_no_catalog_is_said_to_be_none(preview: Preview, tmp_path: Path) -> None:
    done = preview("--catalog", written(tmp_path / "catalog.json", {"x": 1}), stdin=MESSAGES)
    assert done.returncode == 2
    assert "holds no catalog" in done.stderr.decode()


def test_given_lines_of_text_between_the_messages_when_previewed_then_they_are_passed_over(preview: Preview) -> None:
    noise = b"Reading from the source...\n" + MESSAGES + b"Done.\n"
    assert said(preview("--offline", stdin=noise)) == said(preview("--offline", stdin=MESSAGES))


def test_given_an_export_and_a_mapping_when_previewed_then_what_it_becomes_is_shown(
    preview: Preview, tmp_path: Path
) -> None:
    (tmp_path / "clients.csv").write_bytes("Code;Nom\n0012;Société Générale\n".encode("cp1252"))
    mapping = written(
        tmp_path / "m.yaml",
        "version: 1\nstreams:\n  clients:\n    emits: [{entity: customers, fields: {id: Code, name: Nom}}]\n",
    )
    shown = said(preview(tmp_path / "clients.csv", "--mapping", mapping))
    assert '"id": "0012"' in shown
    assert "Société Générale" in shown
