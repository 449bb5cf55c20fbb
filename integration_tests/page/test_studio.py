"""The studio in a real browser: from an export to the sandbox's revenue page, in both languages, by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from integration_tests.test_map import export
from unit_tests.fork_server import ForkServer

READY = re.compile(r"Studio ready: (http://localhost:(\d+)/\?token=\S+)")


@pytest.fixture
def studio(fincome_command: ForkServer, tmp_path: Path) -> Iterator[str]:
    """A studio; the address with its token."""
    with running_studio(fincome_command, tmp_path) as address:
        yield address


@contextmanager
def running_studio(fincome: ForkServer, folder: Path, *files: Path) -> Iterator[str]:
    with (folder / "studio.log").open("wb") as errors:
        process = fincome.start("map", "--no-browse", *files, stderr=errors)
    try:
        found = READY.search(process.stdout.readline().decode())
        assert found, (folder / "studio.log").read_text()
        yield found[1]
    finally:
        process.terminate()
        process.wait(10)
        process.close()


@pytest.fixture
def opened(browser: Browser, studio: str) -> Iterator[Callable[[str], Page]]:
    """Opens the studio in a language, and sees that nothing is asked for elsewhere and that no script fails."""
    contexts, elsewhere, errors = [], [], []
    own = studio.split("/?")[0]

    def open_in(language: str) -> Page:
        context = browser.new_context(locale=language)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: elsewhere.append(request.url) if own not in request.url else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(studio)
        return page

    yield open_in
    for context in contexts:
        context.close()
    assert (elsewhere, errors) == ([], [])


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    path = tmp_path / "factures.csv"
    path.write_text(export()[0], encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("language", "title", "sent"),
    [("fr-FR", "Studio de correspondance", "à envoyer"), ("en-GB", "Mapping studio", "to be sent")],
)
def test_given_an_export_when_dropped_and_answered_then_the_revenue_appears_and_the_sandbox_has_it(
    opened, exported, language, title, sent
):
    page = opened(language)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.set_input_files("#file", exported)
    page.click("#add")
    # What each answer would make of it.
    expect(page.locator(".effect").first).to_contain_text("EUR", timeout=60_000)
    expect(page.locator("#mrr")).to_have_count(0)
    page.check("#q1-1")
    page.click("#q1-answer")
    expect(page.locator("#mrr tbody tr")).to_have_count(12)
    expect(page.locator("#result")).to_contain_text(sent)
    expect(page.locator("#mapping")).to_have_value(re.compile("currency: \"'EUR'\""))
    page.click("#load")
    expect(page.locator("#sandbox-page")).to_be_visible(timeout=60_000)
    address = page.locator("#sandbox-page").get_attribute("href")
    assert address is not None
    assert "2025" in requests.get(address, timeout=30).text


def test_given_an_answer_when_it_is_undone_then_the_question_is_there_again_with_the_figure_before(opened, exported):
    page = opened("en-GB")
    page.set_input_files("#file", exported)
    page.click("#add")
    page.check("#q1-1")
    page.click("#q1-answer")
    expect(page.locator("#mrr")).to_be_visible()
    page.click("#undo-1")
    expect(page.locator("#q1-1")).to_be_visible()
    expect(page.locator("#mrr")).to_have_count(0)


def test_given_a_keyboard_alone_when_a_question_is_answered_then_the_focus_stays_on_the_page(opened, exported):
    page = opened("en-GB")
    page.set_input_files("#file", exported)
    page.focus("#add")
    page.keyboard.press("Enter")
    page.locator("#q1-1").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#q1-answer")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#mrr")).to_be_visible()
    expect(page.locator("#announcement")).to_have_text("The result was updated.")
    assert page.evaluate("() => document.activeElement !== document.body")


def test_given_a_text_changed_by_hand_when_it_has_a_mistake_then_its_line_is_told(opened, exported):
    page = opened("en-GB")
    page.set_input_files("#file", exported)
    page.click("#add")
    text = page.input_value("#mapping").replace("entity: customers", "entity: customer")
    page.fill("#mapping", text)
    page.click("#apply")
    expect(page.get_by_role("alert")).to_contain_text("line")
    page.click("#back")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_given_a_file_that_cannot_be_read_when_dropped_then_it_is_told_beside_its_name(opened, tmp_path):
    page = opened("en-GB")
    (tmp_path / "b.csv").write_text('a;b\n"x;1\n')
    page.set_input_files("#file", tmp_path / "b.csv")
    page.click("#add")
    expect(page.locator("#files .bad")).to_contain_text("line 2")


def test_given_a_cell_with_markup_when_shown_then_it_is_text(opened, tmp_path):
    page = opened("en-GB")
    (tmp_path / "x.csv").write_text("Code;Nom\n1;<img src=x onerror=alert(1)>\n2;<b>B</b>\n")
    page.set_input_files("#file", tmp_path / "x.csv")
    page.click("#add")
    expect(page.locator("#questions details")).to_have_count(1)
    assert page.locator("main img, main b").count() == 0


def test_given_another_page_or_host_or_nobody_with_the_key_when_asked_then_the_studio_refuses(studio):
    base, token = studio.split("/?token=")
    port = base.rpartition(":")[2]
    session = requests.Session()
    session.trust_env = False
    assert session.get(base, timeout=10).status_code == 403
    assert session.get(studio, timeout=10, headers={"Host": f"evil.example:{port}"}).status_code == 421
    cookies = {"studio": token}
    assert session.get(base, timeout=10, cookies=cookies).status_code == 200
    foreign = {"Origin": "https://evil.example"}
    asked = {"question": "currency", "answer": "EUR"}
    assert session.post(f"{base}/answer", asked, timeout=10, cookies=cookies, headers=foreign).status_code == 403


def test_given_files_on_the_command_line_when_the_studio_ends_then_nothing_of_them_is_left(
    fincome_command, exported, tmp_path, browser
):
    kept = tmp_path / "temporary"
    kept.mkdir()
    with (tmp_path / "studio.log").open("wb") as errors:
        process = fincome_command.start("map", "--no-browse", exported, stderr=errors, env={"TMPDIR": str(kept)})
    found = READY.search(process.stdout.readline().decode())
    assert found
    page = browser.new_page()
    page.goto(found[1])
    expect(page.locator("#files li")).to_have_count(1)
    page.close()
    assert [path.stat().st_mode & 0o077 for path in kept.iterdir()] == [0] * len(list(kept.iterdir()))
    process.terminate()
    process.wait(10)
    process.close()
    assert list(kept.iterdir()) == []


def test_given_figures_with_a_warning_when_the_studio_shows_them_then_its_terminal_stays_silent(
    fincome_command: ForkServer, tmp_path: Path
):
    example = Path(str(files("fincome_tools.load").joinpath("example", "factures.csv")))
    with running_studio(fincome_command, tmp_path, example) as address, requests.Session() as session:
        pages = (session.get(address, timeout=60).text for _ in range(2000))
        assert any('class="effect"' in page for page in pages)
    assert (tmp_path / "studio.log").read_text() == ""


def test_given_a_word_that_is_no_answer_when_answered_then_the_page_says_so(
    fincome_command: ForkServer, tmp_path: Path
):
    example = Path(str(files("fincome_tools.load").joinpath("example", "factures.csv")))
    with running_studio(fincome_command, tmp_path, example) as address, requests.Session() as session:
        session.get(address, timeout=60)
        form = {"question": "currency", "other": "EURO"}
        page = session.post(address.split("?")[0] + "answer", form, timeout=60).text
    assert "“EURO” is no answer to this question." in page
