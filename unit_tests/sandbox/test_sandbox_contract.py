"""Correcting a fact in the contract changes the sandbox, with no other edit."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from fincome_sandbox.contract import ContractError, load_contract
from unit_tests.fork_server import REPOSITORY, ForkServer
from unit_tests.sandbox.processes import Sandbox, running

CONTRACT = REPOSITORY / "destination_fincome" / "fincome" / "contract.yaml"
INVOICE = {"id": "i", "customer_id": "nobody", "date": "2026-01-01", "status": "void", "currency": "EUR"}


FACTS = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))


def corrected_facts() -> dict[str, object]:
    facts = deepcopy(FACTS)
    facts["access"] |= {
        "base_url": {"value": "https://api3.fincome.co/v2/"},
        "api_key_header": {"value": "Authorization"},
        "api_key_prefix": {"value": "Bearer "},
    }
    facts["operations"]["update"] = {"verb": "PUT", "path": "{path}/{id}/edit"}
    entities = facts["entities"]
    entities["customers"]["path"]["value"] = "/customers"
    entities["customers"]["fields"]["email"]["required"] = True
    entities["customers"]["fields"]["siren"] = {"type": "text"}
    entities["products"]["retrievable"]["value"] = False
    entities["products"]["post_updates"]["value"] = False
    entities["invoices"]["post_updates"]["value"] = True
    entities["invoices"]["fields"]["status"]["enum"] = ["void"]
    entities["invoices"]["fields"]["amount"]["minimum"] = 0.5
    del entities["invoices"]["fields"]["customer_id"]["references"]
    entities["invoice_lines"]["rules"] = [{"before": ["period_end", "period_start"]}]
    facts["custom_properties"]["values"] = ["text"]
    return facts


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory, fincome_command: ForkServer) -> Iterator[Sandbox]:
    file: Path = tmp_path_factory.mktemp("contract") / "contract.yaml"
    file.write_text(yaml.safe_dump(corrected_facts()), encoding="utf-8")
    with running(fincome_command, file, module="unit_tests.sandbox.of_contract") as started:
        started.headers = {"Authorization": f"Bearer {started.api_key}"}
        yield started


def types(answer: object) -> list[tuple[str, str]]:
    return [(one["loc"][-1], one["type"]) for one in answer.json()["detail"]]


def test_base_path_header_and_prefix(corrected: Sandbox) -> None:
    assert corrected.base_url.endswith("/v2")
    assert corrected.get("/customers/x").json() == {"detail": "Customer not found"}
    for headers in ({"X-API-KEY": corrected.api_key}, {"Authorization": corrected.api_key}):
        assert corrected.call("GET", "/customers/x", headers=headers).status_code == 401


def test_paths_and_verbs(corrected: Sandbox) -> None:
    assert corrected.post("/clients", {"id": "c"}).json() == {"detail": "Not Found"}
    corrected.given(("/customers", {"id": "c", "name": "Ada", "email": "a@b.c"}))
    assert corrected.patch("/customers/c", {}).status_code == 405
    assert corrected.call("PUT", "/customers/c/edit", {"name": "Eve"}).json()["name"] == "Eve"


def test_fields_and_required(corrected: Sandbox) -> None:
    assert types(corrected.post("/customers", {"id": "d", "name": "Ada"})) == [("email", "missing")]
    body = {"id": "d", "name": "Ada", "email": "a@b.c", "siren": "552100554"}
    assert corrected.post("/customers", body).json() == body


def test_enum_minimum_and_references(corrected: Sandbox) -> None:
    assert types(corrected.post("/invoices", {**INVOICE, "amount": 0.4})) == [("amount", "greater_than_equal")]
    assert types(corrected.post("/invoices", {**INVOICE, "status": "paid", "amount": 1})) == [("status", "enum")]
    assert corrected.post("/invoices", {**INVOICE, "id": "no-customer", "amount": 1}).status_code == 201


def test_rules(corrected: Sandbox) -> None:
    corrected.given(("/invoices", {**INVOICE, "id": "for-line", "amount": 1}))
    line = {
        "id": "l",
        "invoice_id": "for-line",
        "type": "one_off",
        "currency": "EUR",
        "amount_excluding_tax_after_discount": 1,
        "period_start": "2026-01-01",
        "period_end": "2026-02-01",
    }
    assert types(corrected.post("/invoice_lines", line)) == [("period_end", "not_before")]


def test_post_updates_and_retrievable(corrected: Sandbox) -> None:
    product = {"id": "p", "name": "Suite"}
    assert [corrected.post("/products", product).status_code for _ in range(2)] == [201, 409]
    assert corrected.get("/products/p").json() == {"detail": "Not Found"}
    invoice = {**INVOICE, "id": "twice", "amount": 1}
    assert [corrected.post("/invoices", invoice).status_code for _ in range(2)] == [201, 202]


def test_custom_property_values(corrected: Sandbox) -> None:
    answer = corrected.post("/products", {"id": "q", "name": "Q", "custom_properties": {"a": 1, "b": "x"}})
    assert types(answer) == [("a", "custom_property_type")]


@pytest.mark.parametrize(
    ("place", "fact"),
    [
        (("entities", "plans", "fields", "amount", "type"), "money"),
        (("entities", "plans", "fields", "amount", "maximum"), 5),
        (("entities", "plans", "fields", "product_id", "references"), "goods"),
        (("entities", "plans", "rules"), [{"after": ["name", "id"]}]),
        (("entities", "plans", "rules"), [{"absent": ["nowhere"]}]),
        (("entities", "plans", "path"), None),
        (("custom_properties", "values"), ["date"]),
        (("operations",), {}),
    ],
)
def test_a_fact_that_cant_be_obeyed_is_refused_at_start(tmp_path: Path, place: tuple[str, ...], fact: object) -> None:
    facts = target = deepcopy(FACTS)
    for name in place[:-1]:
        target = target[name]
    target[place[-1]] = fact
    file = tmp_path / "contract.yaml"
    file.write_text(yaml.safe_dump(facts), encoding="utf-8")
    with pytest.raises(ContractError):
        load_contract(file)
