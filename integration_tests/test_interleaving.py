"""Whatever the order in which records arrive, Fincome ends up the same, and every record is accounted for.

The engine runs in this process, against a real embedded Fincome over HTTP; each example has ids of its own.
"""

import itertools
import json
import logging
import tempfile

import orjson
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from destination_fincome.connection.assembly import build_sync
from destination_fincome.protocol.catalog import parse_catalog
from integration_tests.sandboxes import running_sandbox

# The same few objects each time: two levels of customers, two versions of an invoice, references of every kind.
RECORDS = [
    ("products", {"id": "prod", "name": "Pro"}),
    ("plans", {"id": "plan", "product_id": "prod", "name": "Pro monthly", "interval": "month", "amount": 10}),
    ("customers", {"id": "group", "name": "Group"}),
    ("customers", {"id": "shop", "name": "Shop", "root_parent_id": "group", "segment": "smb"}),
    ("subscriptions", {"id": "sub", "customer_id": "shop", "plan_id": "plan", "status": "active",
                       "start_date": "2025-01-01"}),
    ("invoices", {"id": "inv", "customer_id": "shop", "subscription_id": "sub", "date": "2025-01-01", "status": "open",
                  "currency": "EUR", "amount": 10, "updated_at": "2025-01-01T00:00:00Z"}),
    ("invoices", {"id": "inv", "customer_id": "shop", "subscription_id": "sub", "date": "2025-01-01", "status": "paid",
                  "currency": "EUR", "amount": 10, "updated_at": "2025-01-05T00:00:00Z"}),
    ("invoice_lines", {"id": "line", "invoice_id": "inv", "subscription_id": "sub", "price_id": "plan",
                       "type": "subscription", "currency": "EUR", "amount_excluding_tax_after_discount": "10.00",
                       "period_start": "2025-01-01", "period_end": "2025-02-01"}),
    ("invoice_lines", {"id": "fee", "invoice_id": "inv", "type": "one_off", "currency": "EUR",
                       "amount_excluding_tax_after_discount": 0.1}),
    ("credit_notes", {"id": "note", "invoice_id": "inv", "customer_id": "shop", "date": "2025-01-09", "currency": "EUR",
                      "amount": 1, "lines": [{"id": "nl", "invoice_line_id": "line", "amount": 1}]}),
]  # fmt: skip
REFERENCES = ("id", "product_id", "plan_id", "price_id", "customer_id", "root_parent_id", "subscription_id",
              "invoice_id", "invoice_line_id")  # fmt: skip
PATHS = {"customers": "clients"}
STREAMS = sorted({stream for stream, _ in RECORDS})
EXAMPLES = itertools.count()


@pytest.fixture(scope="module")
def access(tmp_path_factory, fincome_command):
    with running_sandbox(fincome_command, tmp_path_factory.mktemp("sandbox")) as access:
        yield access


def named(values, suffix):
    """Give all ids and references of an object a suffix."""
    if isinstance(values, list):
        return [named(value, suffix) for value in values]
    return {
        key: f"{value}-{suffix}" if key in REFERENCES else named(value, suffix) if key == "lines" else value
        for key, value in values.items()
    }


def catalog():
    columns = {stream: {} for stream in STREAMS}
    for stream, values in RECORDS:
        columns[stream].update((column, {}) for column in values)
    return parse_catalog(
        {
            "streams": [
                {
                    "stream": {"name": stream, "json_schema": {"properties": columns[stream]}},
                    "cursor_field": ["updated_at"] if stream == "invoices" else [],
                    "destination_sync_mode": "append_dedup",
                }
                for stream in STREAMS
            ]
        }
    )


def state(stream, number):
    return {
        "type": "STATE",
        "state": {
            "type": "STREAM",
            "id": number,
            "stream": {"stream_descriptor": {"name": stream}, "stream_state": {}},
        },
    }


def messages(order, states_at, suffix):
    """Lines of all records in an order, with a state of the record's own stream after some of them."""
    for position in order:
        stream, values = RECORDS[position]
        yield {"type": "RECORD", "record": {"stream": stream, "data": named(values, suffix), "emitted_at": 1}}
        if position in states_at:
            yield state(stream, position)
    for stream in STREAMS:
        yield state(stream, 100)


def held(access, suffix):
    """What Fincome holds of an example, without the suffix."""
    objects = {}
    for entity, values in RECORDS:
        path = PATHS.get(entity, entity)
        answer = requests.get(
            f"{access.base_url}/{path}/{values['id']}-{suffix}", headers={"X-API-KEY": access.api_key}, timeout=10
        )
        objects[values["id"]] = json.loads(answer.text.replace(f"-{suffix}", "")) if answer.ok else answer.status_code
    return objects


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(range(len(RECORDS))),
    states_at=st.sets(st.integers(0, len(RECORDS) - 1)),
    twice=st.sets(st.integers(0, len(RECORDS) - 1)),
    workers=st.integers(1, 8),
    chunk=st.integers(1, 4000),
    before=st.sampled_from([0, 5, *range(6, len(RECORDS) + 1)]),
)
def test_any_interleaving_ends_in_the_same_fincome(access, caplog, order, states_at, twice, workers, chunk, before):
    suffix = f"example{next(EXAMPLES)}."
    order = [*order, *sorted(twice)]
    lines = list(messages(order, states_at, suffix))
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    pieces = iter([data[i : i + chunk] for i in range(0, len(data), chunk)])
    config = {"api_key": access.api_key, "base_url": access.base_url, "max_concurrency": workers}
    with tempfile.TemporaryDirectory() as folder, caplog.at_level(logging.INFO, logger="airbyte"):
        if before:
            # An earlier sync has brought so many of them, and is remembered.
            config["memory_url"] = f"{folder}/memory"
            earlier = (json.dumps(line).encode() + b"\n" for line in messages(range(before), (), suffix))
            assert list(build_sync(config, catalog()).run(lambda _limit: next(earlier, b"")))
        caplog.clear()
        left = build_sync(config, catalog()).run(lambda _limit: next(pieces, b""))
        states = [json.loads(orjson.dumps(state)) for state in left]
        (summary,) = (r.getMessage() for r in caplog.records if r.getMessage().startswith("Summary (JSON)"))

    assert held(access, suffix) == EXPECTED
    streams = json.loads(summary.partition(": ")[2])["streams"]
    for row in streams:
        assert row["received"] == row["sent"] + row["unchanged"] + row["settled"] + row["skipped"] + row["rejected"]
        assert row["rejected"] == 0
    assert sum(row["received"] for row in streams) == len(order)
    for stream in STREAMS:
        mine = [s["state"] for s in states if s["state"]["stream"]["stream_descriptor"]["name"] == stream]
        sent = [s["state"] for s in lines if s["type"] == "STATE" and stream in json.dumps(s)]
        assert [s["id"] for s in mine] == [s["id"] for s in sent]
        booked = sum(s["destinationStats"]["recordCount"] for s in mine)
        assert booked == sum(RECORDS[position][0] == stream for position in order)


EXPECTED = {
    "prod": {"id": "prod", "name": "Pro"},
    "plan": {"id": "plan", "product_id": "prod", "name": "Pro monthly", "interval": "month", "amount": 10},
    "group": {"id": "group", "name": "Group"},
    "shop": {"id": "shop", "root_parent_id": "group", "name": "Shop", "custom_properties": {"segment": "smb"}},
    "sub": {"id": "sub", "customer_id": "shop", "plan_id": "plan", "status": "active", "start_date": "2025-01-01"},
    "inv": {"id": "inv", "customer_id": "shop", "subscription_id": "sub", "date": "2025-01-01", "status": "paid",
            "currency": "EUR", "amount": 10, "custom_properties": {"updated_at": "2025-01-05T00:00:00Z"}},
    "line": {"id": "line", "invoice_id": "inv", "subscription_id": "sub", "price_id": "plan", "type": "subscription",
             "currency": "EUR", "amount_excluding_tax_after_discount": 10, "period_start": "2025-01-01",
             "period_end": "2025-02-01"},
    "fee": {"id": "fee", "invoice_id": "inv", "type": "one_off", "currency": "EUR",
            "amount_excluding_tax_after_discount": 0.1},
    "note": {"id": "note", "invoice_id": "inv", "customer_id": "shop", "date": "2025-01-09", "currency": "EUR",
             "amount": 1, "lines": [{"id": "nl", "invoice_line_id": "line", "amount": 1}]},
}  # fmt: skip
