"""Where the CPU time of a record goes: parse, map, validate, book (spool, gate, ledger, threads), send.

In one process of its own, `python -m benchmarks.cpu TARGET_URL fincome|stripe SIZE`, by the connector's own code:

- parse: `parse_line`; map: `StreamMapper.map`; validate: what `Intake.arrival` takes beyond mapping
- book: what the coordinator's thread takes of a real sync, with 8 workers and a server without latency. A dry run
  would take less: what it books comes in larger portions
- send: `FincomeClient.deliver` of the same objects in one thread, without the struggle of many for the interpreter
"""

from __future__ import annotations

import logging
import shutil
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from typing import Any

import orjson
import requests

from benchmarks import billing
from benchmarks.clients import API_KEY, HEADERS
from destination_fincome.connection.assembly import build_sync
from destination_fincome.engine.arrivals import Arrival, ArrivedRecord
from destination_fincome.engine.reader import Intake
from destination_fincome.fincome.client import FincomeClient
from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.delivery import Request
from destination_fincome.fincome.transport import Network
from destination_fincome.protocol.catalog import Catalog, parse_catalog
from destination_fincome.protocol.messages import Record, parse_line

PARTS = ("parse", "map", "validate", "book", "send")
# Sending is measured on a part of the objects: it is by far the longest, and each is like the other.
MOST_SENT = 1500


TIMES = 3


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU time of this process, all threads, while the work is done: the median of a few times."""
    spent = []
    for _ in range(TIMES):
        begun = time.process_time()
        work()
        spent.append(time.process_time() - begun)
    return median(spent)


def split(base_url: str, lines: list[bytes], document: dict[str, Any]) -> dict[str, float]:
    """Return the microseconds of CPU that each part takes of a record."""
    config = {"api_key": API_KEY, "base_url": base_url, "stored_check": "off"}
    catalog = parse_catalog(document)
    messages = [message for number, line in enumerate(lines) if (message := parse_line(line, number))]
    records = [message for message in messages if isinstance(message, Record)]
    parse = cpu_seconds(lambda: [parse_line(line, 0) for line in lines])
    mapping = _map(_intake(config, catalog), records)
    intakes = [_intake(config, catalog) for _ in range(TIMES + 1)]
    arrivals: list[Any] = [intakes[0].arrival(record) for record in records]
    arrive = cpu_seconds(lambda: _arrive(intakes.pop(), records))
    book = _book(config, catalog, lines)
    objects = [arrival for arrived in arrivals for arrival in _sendable(arrived)]
    # Of several versions of an object, one is sent.
    distinct = len({(arrival.entity, arrival.id) for arrival in objects})
    send, bare = _send(base_url, objects)
    seconds = (parse, mapping, arrive - mapping, book, send * distinct)
    result = {part: 1e6 * spent / len(records) for part, spent in zip(PARTS, seconds, strict=True)}
    return {**result, "bare": 1e6 * bare * distinct / len(records), "objects": distinct / len(records)}


def _intake(config: dict[str, Any], catalog: Catalog) -> Intake:
    sync = build_sync(config, catalog)
    sync._spool.close()
    return sync._intake


def _arrive(intake: Intake, records: list[Record]) -> None:
    for record in records:
        intake.arrival(record)


def _map(intake: Intake, records: list[Record]) -> float:
    mappers = [(intake._streams[record.stream][1], record.data) for record in records]
    known = [(mapper, values) for mapper, values in mappers if not isinstance(mapper, str)]
    return cpu_seconds(lambda: [mapper.map(values) for mapper, values in known])


def _book(config: dict[str, Any], catalog: Catalog, lines: list[bytes]) -> float:
    """Sync all lines; return the CPU seconds of the coordinator, which is this thread."""
    sync = build_sync(config, catalog)
    read = BytesIO(b"\n".join(lines) + b"\n").read
    begun = time.thread_time()
    list(sync.run(read))
    return time.thread_time() - begun


def _sendable(arrived: ArrivedRecord) -> list[Arrival]:
    return [arrival for arrival in arrived.objects if arrival.content is not None]


def _send(base_url: str, objects: list[Arrival]) -> tuple[float, float]:
    """Return the CPU seconds of sending one object: with the connector's client, and with a bare session."""
    contract = load_contract().with_overrides(base_url, None, None, {})
    names = list(contract.entities)
    sample = objects[:: max(1, len(objects) // MOST_SENT)]
    requests_ = [Request(names[one.entity], one.id, one.content.body if one.content else b"") for one in sample]
    client = FincomeClient(contract, API_KEY, 60, Network.of_environment(base_url))
    session = requests.Session()
    session.trust_env = False
    session.headers.update(HEADERS)
    url = base_url + "/invoice_lines"
    client.deliver(requests_[0])
    session.post(url, data=requests_[0].body)
    ours = cpu_seconds(lambda: [client.deliver(request) for request in requests_])
    bare = cpu_seconds(lambda: [session.post(url, data=request.body) for request in requests_])
    return ours / len(requests_), bare / len(requests_)


def _stripe_year(customers: int) -> tuple[list[bytes], dict[str, Any]]:
    from examples.stripe_year import generate

    folder = Path(mkdtemp(prefix="fincome-benchmark-"))
    try:
        generate(folder, customers=customers)
        lines = (folder / "messages.jsonl").read_bytes().splitlines()
        return lines, orjson.loads((folder / "catalog.json").read_bytes())
    finally:
        shutil.rmtree(folder)


def main() -> None:
    """Print the parts as JSON."""
    base_url, shape, size = sys.argv[1:]
    # Imports Airbyte's CDK: for this process only, not for whoever asks what the parts are called.
    from destination_fincome.destination import expect_many_small_objects

    expect_many_small_objects()
    logging.getLogger("airbyte").setLevel(logging.ERROR)
    if shape == "fincome":
        lines = [line.rstrip() for line in billing.messages(0, int(size))]
        document = billing.catalog({"invoice_lines": billing.COLUMNS})
    else:
        lines, document = _stripe_year(int(size))
    print(orjson.dumps(split(base_url, lines, document)).decode())


if __name__ == "__main__":
    main()
