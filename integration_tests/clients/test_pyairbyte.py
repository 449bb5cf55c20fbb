"""A real client: PyAirbyte syncs Airbyte's source-faker into the sandbox, through the installed connector.

What must be in the account is computed here from what source-faker really wrote on its stdout.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fincome_tools.demo.summary import PREFIX
from integration_tests.accounts import Account
from integration_tests.clients.conftest import PyAirbyte, Run, Tapped, timed
from integration_tests.conftest import NewAccount
from unit_tests.fork_server import REPOSITORY

COUNT = 100
ENTITIES = ("products", "customers", "invoices", "invoice_lines")
# One process makes its random values in the same order each time; not always_updated: it heeds the states.
FAKER = {"count": COUNT, "seed": 7, "records_per_slice": 25, "parallelism": 1, "always_updated": False}
WHEN = "coalesce(purchased_at, added_to_cart_at)"
STREAMS = [
    {
        "stream": "users",
        "entity": "customers",
        "fields": [
            {"field": "id", "expression": "id"},
            {"field": "name", "expression": "name"},
            {"field": "email", "expression": "email"},
            {"field": "country", "expression": "address.country_code"},
            {"field": "zip_code", "expression": "address.postal_code"},
        ],
        "custom_properties": [
            {"name": "occupation", "expression": "occupation"},
            {"name": "age", "expression": "age"},
        ],
    },
    {
        "stream": "products",
        "entity": "products",
        "fields": [
            {"field": "id", "expression": "id"},
            {"field": "name", "expression": "concat(' ', make, model)"},
        ],
        "custom_properties": [{"name": "price", "expression": "decimal(price)"}],  # the cache makes text of it
    },
    {
        "stream": "purchases",
        "entity": "invoices",
        "fields": [
            {"field": "id", "expression": "id"},
            {"field": "customer_id", "expression": "user_id"},
            {"field": "date", "expression": WHEN},
            {"field": "status", "expression": "when(purchased_at, 'paid', 'open')"},
            {"field": "currency", "expression": "'EUR'"},
            {"field": "amount", "expression": "money(product_id, 'EUR')"},
        ],
    },
    {
        "stream": "purchases",
        "entity": "invoice_lines",
        "fields": [
            {"field": "id", "expression": "concat('-', id, 'line')"},
            {"field": "invoice_id", "expression": "id"},
            {"field": "type", "expression": "'one_off'"},
            {"field": "description", "expression": "concat(' ', 'Product', product_id)"},
            {"field": "currency", "expression": "'EUR'"},
            {"field": "amount_excluding_tax_after_discount", "expression": "money(product_id, 'EUR')"},
            {"field": "quantity", "expression": "`1`"},
        ],
    },
]


Data = dict[str, Any]


def of(tap: Tapped, config: Mapping[str, object]) -> dict[str, object]:
    """How PyAirbyte is told of a connector."""
    return {"executable": str(tap.executable), "config": config}


def records(run: Run) -> list[Data]:
    return [one["record"] for one in run.emitted if one["type"] == "RECORD"]


def expected(run: Run) -> dict[str, dict[str, Data]]:
    """The objects, by entity and id, that a run of source-faker must become."""
    found: dict[str, dict[str, Data]] = {entity: {} for entity in ENTITIES}
    for record in records(run):
        for entity, of_data in BECOMES[record["stream"]].items():
            body = of_data(record["data"])
            assert body["id"] not in found[entity], "source-faker gave an id twice"
            found[entity][body["id"]] = body
    return found


def customer(user: Data) -> Data:
    return {
        "id": str(user["id"]),
        "name": user["name"],
        "email": user["email"],
        "country": user["address"]["country_code"],
        "zip_code": user["address"]["postal_code"],
        "custom_properties": {"occupation": user["occupation"], "age": user["age"]},
    }


def product(data: Data) -> Data:
    name = f"{data['make']} {data['model']}"
    return {"id": str(data["id"]), "name": name, "custom_properties": {"price": data["price"]}}


def invoice(purchase: Data) -> Data:
    when = purchase.get("purchased_at") or purchase["added_to_cart_at"]
    assert when.endswith("+00:00")
    return {
        "id": str(purchase["id"]),
        "customer_id": str(purchase["user_id"]),
        "date": when.removesuffix("+00:00") + "Z",
        "status": "paid" if purchase.get("purchased_at") else "open",
        "currency": "EUR",
        "amount": cents(purchase["product_id"]),
    }


def invoice_line(purchase: Data) -> Data:
    return {
        "id": f"{purchase['id']}-line",
        "invoice_id": str(purchase["id"]),
        "type": "one_off",
        "description": f"Product {purchase['product_id']}",
        "currency": "EUR",
        "amount_excluding_tax_after_discount": cents(purchase["product_id"]),
        "quantity": 1,
    }


BECOMES: Mapping[str, Mapping[str, Callable[[Data], Data]]] = {
    "users": {"customers": customer},
    "products": {"products": product},
    "purchases": {"invoices": invoice, "invoice_lines": invoice_line},
}


def cents(amount: int) -> Decimal:
    return Decimal(amount) / 100


def content(account: Account) -> dict[str, dict[str, Data]]:
    return {entity: account.objects(entity) for entity in ENTITIES}


def texts(account: Account) -> list[str]:
    return [account.texts(entity) for entity in ENTITIES]


def created(account: Account) -> int:
    return sum(one["status"] == 201 for one in account.requests())


def summary(run: Run) -> list[Data]:
    """What the connector says became of each stream's records."""
    logs = [one["log"]["message"] for one in run.emitted if one["type"] == "LOG"]
    (text,) = [log.removeprefix(PREFIX) for log in logs if log.startswith(PREFIX)]
    streams: list[Data] = json.loads(text)["streams"]
    return streams


@pytest.fixture
def to(destination: Tapped, account: Account) -> dict[str, object]:
    return of(destination, account.config(streams=STREAMS))


def test_spec(pyairbyte: PyAirbyte, to: dict[str, object]) -> None:
    spec = json.loads((REPOSITORY / "destination_fincome" / "spec.json").read_text(encoding="utf-8"))
    for _ in range(5):
        assert pyairbyte.ask("spec", destination=to) == {"spec": spec["connectionSpecification"]}
    # It ends the connector with SIGTERM as soon as it has its answer, and reports an exit code that isn't the signal's.
    assert "Exit Code" not in pyairbyte.told()


def test_check(pyairbyte: PyAirbyte, to: dict[str, object]) -> None:
    assert pyairbyte.ask("check", destination=to) == {}


def test_check_says_what_is_wrong(pyairbyte: PyAirbyte, destination: Tapped, account: Account) -> None:
    answer = pyairbyte.ask("check", destination=of(destination, account.config(api_key="not-the-key")))
    assert answer["error"] == "AirbyteConnectorCheckFailedError"
    assert "API key" in answer["message"]
    assert "not-the-key" not in answer["message"]


MODES = {"append": "append", "merge": "append_dedup"}


@pytest.mark.parametrize("cached", [False, True], ids=["no cache", "cache"])
@pytest.mark.parametrize("strategy", MODES)
def test_a_sync_and_another(
    pyairbyte: PyAirbyte,
    source: Tapped,
    destination: Tapped,
    new_account: NewAccount,
    tmp_path: Path,
    report: list[str],
    strategy: str,
    cached: bool,
) -> None:
    cache = str(tmp_path / "cache.duckdb") if cached else None

    def write() -> Run:
        answer = pyairbyte.ask("write", destination=to, source=of(source, FAKER), strategy=strategy, cache=cache)
        assert "error" not in answer, answer
        return destination.runs("write")[-1]

    with new_account() as account:
        to = of(destination, account.config(streams=STREAMS))
        with timed(report, f"{strategy}, {'with' if cached else 'without'} cache"):
            first = write()
        emitted = expected(source.runs("read")[-1])
        assert [len(emitted[entity]) for entity in ENTITIES] == [COUNT] * 4

        assert content(account) == emitted
        assert created(account) == 4 * COUNT
        assert {one["destination_sync_mode"] for one in first.catalog["streams"]} == {MODES[strategy]}
        assert came_through_the_cache(first) == cached
        assert_all_ended_well(first, 3 * COUNT)

        before = texts(account)
        second = write()
        again = expected(source.runs("read")[-1])
        if cached:
            # Its states keep source-faker from sending anything; the cache sends all that it has.
            assert not any(again.values())
            assert texts(account) == before
        else:
            # A date may differ by a day: source-faker draws it from the days up to now.
            assert content(account) == again
            assert again != emitted or texts(account) == before
        assert created(account) == 4 * COUNT
        assert_all_ended_well(second, 3 * COUNT)


def came_through_the_cache(run: Run) -> bool:
    """The cache adds columns of its own to each record; source-faker has none of that kind."""
    found = {any(name.startswith("_airbyte_") for name in one["record"]["data"]) for one in received_records(run)}
    (answer,) = found
    return answer


def received_records(run: Run) -> list[Data]:
    return [one for one in run.received if one["type"] == "RECORD"]


def assert_all_ended_well(run: Run, number: int) -> None:
    """Every record was received and accepted, and every state came back, in order, as it was, with its counts."""
    assert len(received_records(run)) == number
    rows = summary(run)
    assert sum(row["received"] for row in rows) == number
    assert {(row["rejected"], row["skipped"]) for row in rows} == {(0, 0)}
    assert states_by_stream(run.emitted) == states_by_stream(run.received)
    counts = [one["state"]["destinationStats"] for one in run.emitted if one["type"] == "STATE"]
    assert sum(count["recordCount"] for count in counts) == number
    assert sum(count["rejectedRecordCount"] for count in counts) == 0


def states_by_stream(messages: list[Data]) -> dict[str, list[Data]]:
    """All states in their order, without our counts, for which PyAirbyte leaves a null."""
    found: dict[str, list[Data]] = {}
    for state in (one["state"] for one in messages if one["type"] == "STATE"):
        stream = found.setdefault(state["stream"]["stream_descriptor"]["name"], [])
        stream.append({name: value for name, value in state.items() if name != "destinationStats"})
    assert found, "no state at all"
    return found


def test_columns_of_the_cache_are_not_sent(
    pyairbyte: PyAirbyte, source: Tapped, destination: Tapped, new_account: NewAccount, tmp_path: Path
) -> None:
    only_products = [
        one if one["entity"] == "products" else {"stream": one["stream"], "ignore": True} for one in STREAMS
    ]
    with new_account() as account:
        to = of(destination, account.config(streams=only_products, unmapped_fields="custom_properties"))
        cache = str(tmp_path / "cache.duckdb")
        answer = pyairbyte.ask("write", destination=to, source=of(source, FAKER), strategy="merge", cache=cache)
        assert "error" not in answer, answer
        assert came_through_the_cache(destination.runs("write")[-1])
        sent = account.objects("products").values()
        assert len(sent) == COUNT
        names = {name for body in sent for name in body["custom_properties"]}
    assert names >= {"price", "year"}
    assert not any(name.startswith("_airbyte_") for name in names)


def test_our_states_are_those_from_which_the_next_sync_goes_on(
    pyairbyte: PyAirbyte, source: Tapped, destination: Tapped, new_account: NewAccount, tmp_path: Path
) -> None:
    states = str(tmp_path / "states.duckdb")
    with new_account() as account:
        to = of(destination, account.config(streams=STREAMS))
        for number in (3 * COUNT, 0):
            answer = pyairbyte.ask(
                "write", destination=to, source=of(source, FAKER), strategy="append", cache=None, states=states
            )
            assert "error" not in answer, answer
            assert len(records(source.runs("read")[-1])) == number
            assert_all_ended_well(destination.runs("write")[-1], number)
        assert content(account) == expected(source.runs("read")[0])


def test_a_failed_sync_is_an_error_that_says_why(
    pyairbyte: PyAirbyte, source: Tapped, destination: Tapped, account: Account
) -> None:
    to = of(destination, account.config(streams=STREAMS, api_key="not-the-key"))
    answer = pyairbyte.ask("write", destination=to, source=of(source, FAKER), strategy="append", cache=None)
    assert answer["error"] == "AirbyteConnectorWriteError"
    assert "API key" in pyairbyte.told()
    assert "not-the-key" not in pyairbyte.told() + answer["message"]


def test_nothing_was_asked_of_any_other_machine(
    pyairbyte: PyAirbyte, to: dict[str, object], outside: socket.socket
) -> None:
    assert pyairbyte.ask("check", destination=to) == {}
    with pytest.raises(BlockingIOError):
        outside.accept()
