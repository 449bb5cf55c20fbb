"""`fincome map --draft` through the real command line: from an export to the sandbox's figures."""

from __future__ import annotations

import calendar
import json
import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from integration_tests.accounts import Account
from unit_tests.fork_server import ForkServer

HEADING = (
    "N° facture;Date facture;Échéance;Code client;Client;Pays;Désignation;Début;Fin;Montant HT;TVA;Montant TTC;Statut"
)


def french(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",")


def export(seed: int = 7) -> tuple[str, dict[str, Decimal]]:
    """Return an invented export of a year, and its MRR by month: each invoice is a month of one customer."""
    chance, rows, mrr = random.Random(seed), [HEADING], dict[str, Decimal]()
    for month in range(1, 13):
        first, days = date(2025, month, 1), calendar.monthrange(2025, month)[1]
        for customer in range(1, 6):
            net = Decimal(chance.randint(1000, 250000)) / 100
            tax = (net / 5).quantize(Decimal("0.01"))
            status = chance.choice(["Payée", "Payée", "Impayée", "Annulée"])
            cells = [f"F-{month:02}-{customer}", f"{first:%d/%m/%Y}", f"{first + timedelta(30):%d/%m/%Y}"]
            cells += [f"{customer:05}", f"Société n° {customer}", "France", "Abonnement Pro", f"{first:%d/%m/%Y}"]
            cells += [f"{first.replace(day=days):%d/%m/%Y}", french(net), french(tax), french(net + tax), status]
            rows.append(";".join(cells))
            if status != "Annulée":
                mrr[f"2025-{month:02}"] = mrr.get(f"2025-{month:02}", Decimal(0)) + net
    return "\n".join(rows) + "\n", mrr


@pytest.fixture
def fincome_cli(fincome_command: ForkServer) -> Callable[..., tuple[int, str, str]]:
    def run(*arguments: object) -> tuple[int, str, str]:
        done = fincome_command.run(*arguments, env={"COLUMNS": "200"})
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    return run


def test_given_an_erp_export_when_drafted_answered_and_loaded_then_the_revenue_is_the_exports(
    fincome_cli, new_account, tmp_path
):
    text, mrr = export()
    (tmp_path / "factures.csv").write_bytes(text.replace("\u202f", "\xa0").encode("cp1252"))
    draft, answers, config = (tmp_path / name for name in ("m.yaml", "a.yaml", "c.json"))
    answers.write_text("currency: EUR\nfactures.subscription: both\n")
    code, _, said = fincome_cli("map", tmp_path / "factures.csv", "--draft", draft, "--answers", answers, "--strict")
    assert (code, "open" in said) == (0, False), said
    with new_account() as account:
        config.write_text(json.dumps({"api_key": account.api_key, "base_url": account.base_url}))
        code, _, said = fincome_cli("load", "--config", config, "--mapping", draft, tmp_path / "factures.csv")
        assert code == 0, said
        assert {month: figures(account, month) for month in mrr} == mrr
        assert set(account.objects("customers")) == {f"{n:05}" for n in range(1, 6)}


def figures(account: Account, month: str) -> Decimal:
    currencies = account._control(f"figures?month={month}")["currencies"]
    return Decimal(str(currencies["EUR"]["mrr"]))


def test_given_an_open_question_when_the_draft_is_loaded_then_only_what_is_sure_is_sent(
    fincome_cli, new_account, tmp_path
):
    text, _ = export()
    (tmp_path / "factures.csv").write_text(text)
    draft, config = tmp_path / "m.yaml", tmp_path / "c.json"
    assert fincome_cli("map", tmp_path / "factures.csv", "--draft", draft)[0] == 0
    assert fincome_cli("map", tmp_path / "factures.csv", "--draft", draft, "--strict")[0] == 1
    with new_account() as account:
        config.write_text(json.dumps({"api_key": account.api_key, "base_url": account.base_url}))
        code, _, said = fincome_cli("load", "--config", config, "--mapping", draft, tmp_path / "factures.csv")
        assert code == 0, said
        assert len(account.objects("customers")) == 5
        assert account.objects("invoices") == {}


def test_given_an_answer_that_is_none_of_the_possible_ones_when_drafted_then_nothing_is_written(fincome_cli, tmp_path):
    (tmp_path / "f.csv").write_text(export()[0].replace("Impayée", "Rejetée"))
    (tmp_path / "a.yaml").write_text("f.status.Rejetée: nonsense\n")
    draft = tmp_path / "m.yaml"
    code, _, said = fincome_cli("map", tmp_path / "f.csv", "--draft", draft, "--answers", tmp_path / "a.yaml")
    assert (code, draft.exists()) == (2, False)
    assert "f.status.Rejetée must be one of paid, open, unpaid, leave_out" in said


def test_given_nothing_to_map_when_called_then_the_usage_is_told(fincome_cli, tmp_path):
    assert fincome_cli("map", "--draft", "-")[0] == 2
    assert fincome_cli("map", Path(tmp_path / "missing.csv"), "--draft", "-")[0] == 2


def test_given_a_draft_that_cannot_be_written_when_drafted_then_its_place_is_named(fincome_cli, tmp_path):
    (tmp_path / "f.csv").write_text(export()[0])
    code, _, said = fincome_cli("map", tmp_path / "f.csv", "--draft", tmp_path / "missing" / "m.yaml")
    assert code == 2
    assert "The draft can't be written: No such file or directory" in said


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (None, "The answers can't be read: No such file or directory"),
        ("just words\n", "such as `currency: EUR`"),
        ("currency: [EUR\n", "The answers can't be read: line 2"),
    ],
)
def test_given_answers_that_are_none_when_drafted_then_the_message_names_their_file(
    fincome_cli, tmp_path, answers: str | None, words: str
):
    (tmp_path / "f.csv").write_text(export()[0])
    if answers is not None:
        (tmp_path / "a.yaml").write_text(answers)
    code, _, said = fincome_cli("map", tmp_path / "f.csv", "--draft", "-", "--answers", tmp_path / "a.yaml")
    assert code == 2
    assert words in said
    assert "a.yaml" in said


@pytest.mark.parametrize("answers", ["", "# none yet\n", "{}\n"])
def test_given_an_empty_file_of_answers_when_drafted_then_all_is_asked(fincome_cli, tmp_path, answers: str):
    (tmp_path / "f.csv").write_text(export()[0])
    (tmp_path / "a.yaml").write_text(answers)
    code, _, said = fincome_cli("map", tmp_path / "f.csv", "--draft", "-", "--answers", tmp_path / "a.yaml")
    assert code == 0
    assert "? currency:" in said


def test_given_answers_without_a_draft_when_called_then_the_usage_is_told(fincome_cli, tmp_path):
    (tmp_path / "f.csv").write_text(export()[0])
    (tmp_path / "a.yaml").write_text("currency: EUR\n")
    code, _, said = fincome_cli("map", tmp_path / "f.csv", "--answers", tmp_path / "a.yaml")
    assert code == 2
    assert "--answers and --strict are for a draft" in said


def test_given_a_file_that_is_not_there_when_the_studio_is_called_then_it_is_named(fincome_cli, tmp_path):
    code, _, said = fincome_cli("map", "--no-browse", tmp_path / "nowhere.csv")
    assert (code, said) == (2, f"The studio can't start: No such file or directory ({tmp_path}/nowhere.csv).\n")


def test_given_folders_with_files_of_one_name_when_the_studio_starts_then_it_has_all_of_them(fincome_command, tmp_path):
    for year in ("2025", "2026"):
        (tmp_path / year).mkdir()
        (tmp_path / year / "factures.csv").write_text(
            f"{HEADING}\nF-{year};05/01/{year};;1;Société;;;;;10;2;12;Payée\n"
        )
    process = fincome_command.start("map", "--no-browse", tmp_path / "2025", tmp_path / "2026" / "factures.csv")
    try:
        address = process.stdout.readline().decode().removeprefix("Studio ready: ").strip()
        page = requests.get(address, timeout=20).text
    finally:
        process.terminate()
        process.wait(10)
        process.close()
    assert "factures.csv" in page
    assert "factures (2).csv" in page
