"""The example company's exports: drafted, loaded, and the sandbox's revenue is what the company's author knows."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from examples.erp_fr.company import Year, make_year
from examples.erp_fr.exports import write_flat, write_tables
from integration_tests.accounts import Account
from unit_tests.fork_server import ForkServer

EXAMPLE = Path(__file__).parents[1] / "examples" / "erp_fr"
WRITERS = {"plat": write_flat, "tables": write_tables}


@pytest.fixture(scope="module")
def year() -> Year:
    return make_year()


def total(objects: dict[str, dict[str, object]]) -> Decimal:
    return sum((Decimal(str(one["amount"])) for one in objects.values()), Decimal(0))


@pytest.mark.parametrize("form", WRITERS)
def test_given_a_years_exports_when_drafted_and_loaded_then_fincome_says_what_the_company_knows(
    fincome_command: ForkServer, new_account, tmp_path, year, form
):
    exports, draft, config = tmp_path / form, tmp_path / "m.yaml", tmp_path / "c.json"
    exports.mkdir()
    WRITERS[form](year, exports)
    arguments = ("--draft", draft, "--answers", EXAMPLE / "answers.yaml", "--strict")
    done = fincome_command.run("map", exports, *arguments)
    assert done.returncode == 0, done.stderr.decode()
    with new_account() as account:
        config.write_text(json.dumps({"api_key": account.api_key, "base_url": account.base_url}))
        done = fincome_command.run("load", "--config", config, "--mapping", draft, exports, env={"COLUMNS": "200"})
        assert done.returncode == 0, done.stderr.decode()
        agree(account, year)


def agree(account: Account, year: Year) -> None:
    mrr = {month: account._control(f"figures?month={month}")["currencies"]["EUR"]["mrr"] for month in year.mrr}
    assert {month: Decimal(str(value)) for month, value in mrr.items()} == year.mrr
    assert set(account.objects("customers")) == {customer.siret for customer in year.customers}
    assert total(account.objects("invoices")) - total(account.objects("credit_notes")) == year.invoiced - year.credited


def test_given_a_new_folder_when_begun_then_its_files_lead_to_a_mapping_and_are_never_overwritten(
    fincome_command: ForkServer, tmp_path, year
):
    folder = tmp_path / "new"
    assert fincome_command.run("init", folder).returncode == 0
    write_flat(year, tmp_path)
    assert (folder / "factures.csv").read_bytes() == (tmp_path / "factures.csv").read_bytes()
    assert (folder / "config.json").stat().st_mode & 0o077 == 0
    arguments = ("--draft", folder / "m.yaml", "--answers", folder / "answers.yaml", "--strict")
    assert fincome_command.run("map", folder / "factures.csv", *arguments).returncode == 0
    assert fincome_command.run("init", folder).returncode == 2


def test_given_the_examples_mapping_when_drafted_anew_then_it_is_the_same(fincome_command: ForkServer, tmp_path, year):
    write_flat(year, tmp_path)
    draft = tmp_path / "m.yaml"
    fincome_command.run("map", tmp_path / "factures.csv", "--draft", draft, "--answers", EXAMPLE / "answers.yaml")
    assert draft.read_text() == (EXAMPLE / "mapping.yaml").read_text()
