"""How fast records of every source are mapped, on one core, and which function of the language is the slowest.

By the connector's own code, in this process: `StreamMapper.map`, and `Intake.arrival`, which is all that the reader
does of a record once it is parsed: map, validate, encode. The records are those of `benchmarks.sources`, no two alike,
and as many of each stream that becomes something. A source's speed is the number of all its records by their CPU time.
Streams weigh the same, because the proportions of real connections are unknown.
"""

from __future__ import annotations

import cProfile
import pstats
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.clients import API_KEY
from benchmarks.extent import Extent
from benchmarks.figures import Figure, Goal, Spread, percent
from benchmarks.sources import Records, sources, varied
from destination_fincome.connection.assembly import Connection, understand
from destination_fincome.fincome.minor_units import ISO_EXPONENTS
from destination_fincome.mapping.language.functions import bound
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.protocol.catalog import StreamKey, parse_catalog
from destination_fincome.protocol.messages import Record

MEDIAN = Goal(least=5000)
SHOWN_FUNCTIONS = 5
FUNCTION_CALLS = 2000

TYPICAL: Mapping[str, Callable[[int], tuple[Any, ...]]] = {
    "decimal": lambda n: (f"{n}.5",),
    "number": lambda n: (f"{n:,}.50 EUR", "."),
    "money": lambda n: (n, "eur"),
    "round_money": lambda n: (n / 1000, "EUR"),
    "sum": lambda n: ([n / 100, f"{n}.25", n],),
    "add": lambda n: (n / 100, n),
    "subtract": lambda n: (n / 100, n),
    "multiply": lambda n: (n / 100, n),
    "divide": lambda n: (n / 100, 12),
    "percent": lambda n: (n, 20),
    "net_of": lambda n: (n / 100, 20),
    "discounted": lambda n: ([{"value": n / 100, "of": "prod_1"}], [{"percent": 20, "amount": None, "of": None}], 1),
    "discounted_by": lambda n: ("customer_id", "_discounts", n / 100, "eur"),
    "at_least": lambda n: (n / 100, 0),
    "abs": lambda n: (-n / 100,),
    "whole": lambda n: (n,),
    "kept_id": lambda n: (f"cus_{n}", f"cus_{n - 1}"),
    "allocate": lambda n: (n / 100, [n, "20.5", 7], "EUR"),
    "after_discounts": lambda n: (["sold", "sold", "subtotal", "discount"], [n, 20, 0, -7], "EUR"),
    "monthly": lambda n: (n / 100, "year", 1),
    "months_between": lambda n: (1_700_000_000 + 60 * n, 1_730_000_000 + 60 * n),
    "timestamp": lambda n: (1_700_000_000 + 60 * n,),
    "date": lambda n: (1_700_000_000 + 60 * n,),
    "before": lambda n: (1_700_000_000 + 60 * n, 1_730_000_000),
    "is_past": lambda n: (f"2026-01-31T{n % 24:02}:{n // 24 % 60:02}:07+02:00",),
    "epoch_ms": lambda n: (1_700_000_000_000 + n,),
    "local_time": lambda n: (f"2026-01-31T{n % 24:02}:{n // 24 % 60:02}:07", "Europe/Paris"),
    "local_date": lambda n: (1_700_000_000 + 60 * n, "Europe/Paris"),
    "local_days": lambda n: (1_704_063_600 + 86_400 * n, 1_706_742_000 + 86_400 * n),
    "parse_time": lambda n: (f"{n % 28 + 1}/{n % 12 + 1}/2026 {n % 24}:{n % 60}", "%d/%m/%Y %H:%M", "Europe/Paris"),
    "add_seconds": lambda n: (1_700_000_000 + 60 * n, 3600),
    "add_days": lambda n: (1_700_000_000 + 60 * n, 14),
    "add_months": lambda n: (1_700_000_000 + 60 * n, 3),
    "first_day_in": lambda n: (("Pro Q1/2025", "Pro du 01/01/2025 au 31/01/2025", "Setup")[n % 3], "dmy"),
    "last_day_in": lambda n: (("Pro Q1/2025", "Pro du 01/01/2025 au 31/01/2025", "Setup")[n % 3], "dmy"),
    "last_day": lambda n: (1_700_000_000 + 60 * n,),
    "currency": lambda n: ("eur",),
    "country": lambda n: (("France", "USA", "U.S.A", "DEU", "GB")[n % 5],),
    "words": lambda n: ("invoice_status",),
    "of_parent": lambda n: ("invoice_id", "currency"),
    "lookup": lambda n: ("paid", {"paid": "paid", "open": "open"}),
    "coalesce": lambda n: (None, "", n),
    "one_of": lambda n: ("paid", ["open", "paid"]),
    "properties": lambda n: ([{"name": "seats", "value": n}, {"name": "plan", "value": "pro"}], "name", "value"),
    "merge": lambda n: ({"seats": n}, {"plan": "pro"}),
    "element": lambda n: ([1, 2, 3], n % 3),
    "with_next": lambda n: ([{"amount": n}, {"amount": -n}, {"amount": 2 * n}],),
    "text": lambda n: (n / 100,),
    "concat": lambda n: ("-", "in", n),
    "split": lambda n: (f"a{n}, b, c", ","),
    "lower": lambda n: (f"PAID{n}",),
    "upper": lambda n: (f"eur{n}",),
    "replace": lambda n: (f"INV_{n}", "_", "-"),
    "when": lambda n: (n % 2, "a", "b"),
    "ref": lambda n: ({"id": n},),
    "starts_with_any": lambda n: (f"il_tmp_{n}", ["il_tmp", "draft_"]),
    "stream_selected": lambda n: ("invoices",),
}
"""Arguments of each function of the language as presets call it, another one each time where records' values differ."""


@dataclass(frozen=True)
class Speed:
    """How fast one source's records are mapped, in records per second of CPU time.

    Attributes:
        mapped: mapped only.
        arrived: mapped, validated and encoded.
        streams: mapped only, by stream.
    """

    source: str
    mapped: float
    arrived: float
    streams: Mapping[str, float]


# What CRMs need to know of their records in examples/sources.
CRM: Mapping[str, Mapping[str, str]] = {
    "hubspot": {"crm_key": "stripe_customer_id", "crm_properties": "industry"},
    "salesforce": {"crm_key": "Stripe_Customer_ID__c", "crm_properties": "Industry"},
    "chartmogul": {"crm_key": "external_id", "crm_properties": "segment"},
}


def measure_mapping(extent: Extent) -> list[Figure]:
    """Measure all sources, and all functions."""
    count = extent.mapping_records
    runs = [
        [speed_of(name, records, count, begin=1 + 2 * count * run) for name, records in sources().items()]
        for run in range(extent.mapping_repetitions)
    ]
    functions = [times_of_functions() for _ in range(extent.mapping_repetitions)]
    return [*figures_of(runs), *function_figures(functions), *jmespath_figures(count)]


def speed_of(source: str, records: Records, count: int, begin: int) -> Speed:
    """Map `count` records of each stream, and take in as many others: the copies from number `begin` on."""
    connection = connection_of(source, records)
    mappers = mappers_of(connection)
    spent = {name: _seconds(mapper.map, copies(records[name], count, begin)) for name, mapper in mappers.items()}
    intake = connection.intake(contents=False)
    others = [
        Record(StreamKey(None, name), record)
        for name in mappers
        for record in copies(records[name], count, begin + count)
    ]
    whole = count * len(mappers)
    return Speed(
        source,
        whole / sum(spent.values()),
        whole / _seconds(intake.arrival, others),
        {name: count / seconds for name, seconds in spent.items()},
    )


def connection_of(source: str, records: Records) -> Connection:
    """Make the connection of a source, all its streams selected."""
    columns = {name: {column for one in many for column in one} for name, many in records.items()}
    streams = [
        {"stream": {"name": name, "json_schema": {"properties": {column: {} for column in known}}}}
        for name, known in columns.items()
    ]
    return understand(
        {"api_key": API_KEY, "source": source, **CRM.get(source, {})}, parse_catalog({"streams": streams})
    )


def mappers_of(connection: Connection) -> dict[str, StreamMapper]:
    """Return the mappers of the streams that become something."""
    streams = zip(connection.catalog.streams, connection.plan.streams, strict=True)
    return {stream.key.name: planned.mapper for stream, planned in streams if planned.mapper is not None}


def copies(records: Sequence[dict[str, Any]], count: int, begin: int) -> list[dict[str, Any]]:
    """Return so many copies of a few records in turn, each with its own number."""
    return [varied(records[number % len(records)], number) for number in range(begin, begin + count)]


def _seconds(work: Callable[[Any], object], several: Sequence[Any]) -> float:
    """Return the CPU time of this thread while the work is done for each."""
    begun = time.thread_time()
    for one in several:
        work(one)
    return time.thread_time() - begun


def figures_of(runs: Sequence[Sequence[Speed]]) -> list[Figure]:
    """Make figures of several runs over all sources: their median, the slowest, each of them."""
    by_source = list(zip(*runs, strict=True))
    rows = [_row(speeds) for speeds in by_source]
    slowest = min(rows, key=lambda row: row.spread.median)
    return [
        Figure(
            "median over presets",
            Spread.of([median(speed.mapped for speed in run) for run in runs]),
            MEDIAN,
            "records/s",
            note=f"the slowest is {slowest.name}",
        ),
        *rows,
    ]


def _row(speeds: Sequence[Speed]) -> Figure:
    arrived = Spread.of([speed.arrived for speed in speeds]).median
    streams = {name: median(speed.streams[name] for speed in speeds) for name in speeds[0].streams}
    slowest = min(streams, key=lambda name: streams[name])
    return Figure(
        speeds[0].source,
        Spread.of([speed.mapped for speed in speeds]),
        unit="records/s",
        note=f"validated and encoded too: {arrived:,.0f}; slowest stream: {slowest}, {streams[slowest]:,.0f}",
    )


def times_of_functions() -> dict[str, float]:
    """Return the microseconds of CPU time that each function of the language takes a call."""
    functions = bound(ISO_EXPONENTS, frozenset({"invoices"}))
    return {
        name: 1e6 * _seconds(lambda call, own=functions[name]: own(*call), calls) / len(calls)  # type: ignore[misc]
        for name, calls in _calls().items()
    }


def _calls() -> dict[str, list[tuple[Any, ...]]]:
    return {name: [typical(n) for n in range(1, FUNCTION_CALLS + 1)] for name, typical in TYPICAL.items()}


def function_figures(runs: Sequence[Mapping[str, float]]) -> list[Figure]:
    """Make figures of the slowest functions."""
    spreads = {name: Spread.of([run[name] for run in runs]) for name in runs[0]}
    ranked = sorted(spreads, key=lambda name: -spreads[name].median)
    middle = median(spread.median for spread in spreads.values())
    notes = {ranked[0]: f"the slowest function; the median of all {len(ranked)} is {middle:.2f} µs"}
    return [
        Figure(f"{name}()", spreads[name], unit="µs/call", note=notes.get(name, ""))
        for name in ranked[:SHOWN_FUNCTIONS]
    ]


def jmespath_figures(count: int) -> list[Figure]:
    """Tell which share of the mapping's time JMESPath's own code takes."""
    profile = cProfile.Profile()
    for source, records in sources().items():
        for name, mapper in mappers_of(connection_of(source, records)).items():
            fresh = copies(records[name], count, 1)
            profile.enable()
            for record in fresh:
                mapper.map(record)
            profile.disable()
    whole, interpreted, called = (_cumulated(profile, *place) for place in _PLACES)
    note = "by cProfile, which makes small functions look slower than they are"
    return [
        Figure("share of JMESPath's interpreter", Spread.of([interpreted / whole]), write=percent, note=note),
        Figure("share of JMESPath's own functions", Spread.of([called / whole]), write=percent, note=note),
    ]


_PLACES = (("mapper.py", "map"), ("visitor.py", "visit"), ("functions.py", "call_function"))


def _cumulated(profile: cProfile.Profile, file: str, function: str) -> float:
    """Return the seconds in a function and all that it called."""
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    return float(sum(row[3] for (path, _, name), row in stats.items() if path.endswith(file) and name == function))
