"""The harness does what it says: bodies, messages, the server, and one tiny run of the command."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from benchmarks import billing, mapping, rate_limits, remembered
from benchmarks.__main__ import main
from benchmarks.cpu import PARTS
from benchmarks.cpu_shares import figures_of
from benchmarks.delivery import Pair, _of_bare, measured_rate, records_for
from benchmarks.growth import hold
from benchmarks.processes import running_server
from benchmarks.server import Measured, take_request
from benchmarks.sources import sources, varied
from destination_fincome.connection.assembly import build_sync
from destination_fincome.fincome.minor_units import ISO_EXPONENTS
from destination_fincome.mapping.language.functions import bound
from destination_fincome.mapping.results import Draft, Skip
from destination_fincome.protocol.catalog import parse_catalog
from destination_fincome.protocol.messages import Record, parse_line

ROOT = Path(__file__).parents[2]


# --- what is synced


def test_every_body_has_the_size_that_all_ratios_are_measured_with():
    assert {len(body) for body in billing.bodies(0, 20_000)[::97]} == {billing.BODY_BYTES}


def test_ids_differ_and_lines_share_invoices():
    bodies = [json.loads(body) for body in billing.bodies(0, 100)]
    assert len({body["id"] for body in bodies}) == 100
    assert len({body["invoice_id"] for body in bodies}) == 25


def test_the_connector_makes_of_a_record_the_body_that_the_bare_pool_sends():
    catalog = parse_catalog(billing.catalog({"invoice_lines": billing.COLUMNS}))
    sync = build_sync({"api_key": "benchmark-key"}, catalog)
    record = parse_line(billing.record("invoice_lines", billing.invoice_line(7)), 1)
    assert isinstance(record, Record)
    (arrival,) = sync._intake.arrival(record).objects
    (expected,) = billing.bodies(7, 1)
    assert json.loads(arrival.content.body) == json.loads(expected)
    assert len(arrival.content.body) == billing.BODY_BYTES


def test_a_state_follows_every_few_records_and_the_last():
    kinds = [json.loads(line)["type"] for line in billing.messages(0, 450)]
    assert kinds.count("RECORD") == 450
    assert [at for at, kind in enumerate(kinds) if kind == "STATE"] == [200, 401, 452]


def test_cheap_records_differ_in_their_ids_only():
    lines = [json.loads(line)["record"]["data"] for line in billing.cheap_records(9)]
    assert [line["id"] for line in lines] == [billing.invoice_line(number)["id"] for number in range(9)]
    assert [line["invoice_id"] for line in lines] == [billing.invoice_line(number)["invoice_id"] for number in range(9)]
    assert len({json.dumps({**line, "id": "", "invoice_id": ""}) for line in lines}) == 1


# --- records of every source


def test_copies_differ_in_ids_amounts_and_times_and_in_nothing_else():
    record = {
        "id": 7,
        "customer": "cus_1",
        "invoiceid": "i1",
        "CustomerRef": {"value": "8", "name": "Acme 8"},
        "status_id": "2",
        "currency": "eur",
        "amount": 100,
        "tax": "-2.50",
        "lines": [{"unit_price": 0.3, "discount": 0, "quantity": 2, "tax_rate": 20}],
        "created": 1_700_000_000,
        "updated_at": "2026-03-05T12:00:00.5+01:00",
        "due": "2026-03-05",
        "paid": True,
    }
    assert varied(record, 3) == {
        "id": 10,
        "customer": "cus_13",
        "invoiceid": "i13",
        "CustomerRef": {"value": "11", "name": "Acme 8"},
        "status_id": "2",
        "currency": "eur",
        "amount": 103,
        "tax": "-2.53",
        "lines": [{"unit_price": 0.33, "discount": 0, "quantity": 2, "tax_rate": 20}],
        "created": 1_699_999_997,
        "updated_at": "2026-03-05T11:59:57.5+01:00",
        "due": "2026-03-02",
        "paid": True,
    }


@pytest.mark.parametrize("source", sources())
def test_a_copy_becomes_what_its_record_becomes(source):
    records = sources()[source]

    def shape(mapper, record):
        # A refund of Odoo's is besides no invoice, which is a skip.
        objects = [item for item in mapper.map(record).objects if not isinstance(item, Skip)]
        assert objects
        assert all(isinstance(item, Draft) for item in objects)
        return [(item.entity, [name for name, value in item.values.items() if value is not None]) for item in objects]

    for name, mapper in mapping.mappers_of(mapping.connection_of(source, records)).items():
        for number in (1, 99, 1500, 5001):
            for record in records[name]:
                copy = varied(record, number)
                assert shape(mapper, copy) == shape(mapper, record), (name, number)
                assert mapper.map(copy).objects != mapper.map(record).objects, name


def test_every_function_of_the_language_is_timed_with_arguments_that_it_takes():
    functions = bound(ISO_EXPONENTS, frozenset({"invoices"}))
    assert set(mapping.TYPICAL) == set(functions)
    for name, typical in mapping.TYPICAL.items():
        assert functions[name](*typical(1)) is not None, name


def test_the_median_is_over_presets_and_the_slowest_is_named():
    runs = [
        [
            mapping.Speed("a", 100 * n, 50, {"x": 300, "y": 90}),
            mapping.Speed("b", 300 * n, 60, {"z": 1}),
            mapping.Speed("c", 90 * n, 70, {"w": 1}),
        ]
        for n in (1, 2, 4)
    ]
    figures = mapping.figures_of(runs)
    assert (figures[0].spread.median, figures[0].note) == (200, "the slowest is c")
    assert [figure.spread.median for figure in figures[1:]] == [200, 600, 180]
    assert figures[1].note == "validated and encoded too: 50; slowest stream: y, 90"
    slowest, *_ = mapping.function_figures([{"f": 1.0, "g": 5.0, "h": 2.0}])
    assert (slowest.name, slowest.note) == ("g()", "the slowest function; the median of all 3 is 2.00 µs")


# --- arithmetic of the measurements


@pytest.mark.parametrize(("workers", "latency", "expected"), [(8, 0.02, 800), (8, 0.1, 160), (32, 0.1, 640)])
def test_every_worker_gets_the_same_number_of_records(workers, latency, expected):
    assert records_for(workers, latency, 2.0) == expected


def test_a_measurement_in_which_requests_are_missing_counts_for_nothing():
    assert measured_rate(Measured(requests=10, first=5.0, last=7.0), 10) == 5
    with pytest.raises(AssertionError, match="9 requests in place of 10"):
        measured_rate(Measured(requests=9, first=5.0, last=7.0), 10)


def test_ratios_are_of_neighbours_and_their_median_is_the_figure():
    # The medians of both sides would give 90 / 100.
    pairs = [Pair(connector=90, bare=90), Pair(connector=80, bare=100), Pair(connector=100, bare=200)]
    figure = _of_bare("x", pairs)
    assert (figure.spread.median, figure.spread.least, figure.spread.most) == (0.8, 0.5, 1.0)
    assert figure.note == "90 of 100 requests/s"


def test_all_but_send_is_a_share_of_the_whole():
    run = {**dict.fromkeys(PARTS, 10.0), "send": 160.0, "bare": 150.0, "objects": 1.0}
    *parts, share = figures_of("shape", [run])
    assert [figure.spread.median for figure in parts] == [10, 10, 10, 10, 160]
    assert share.spread.median == pytest.approx(0.2)


def test_the_use_of_a_rate_limit_counts_what_passed_in_the_time():
    log = [{"time": f"2026-01-01T00:00:0{second}.500Z", "status": 201} for second in range(4)]
    log.append({"time": "2026-01-01T00:00:01.700Z", "status": 429})
    assert rate_limits.use_of(log, 2.0, 2) == rate_limits.Use(used=0.5, refused=pytest.approx(1 / 3))


def test_the_shares_of_several_syncs_count_what_passed_in_the_last_seconds():
    def line(second, sync, status=201):
        return {"time": f"2026-01-01T00:00:0{second}.000Z", "status": status, "id": sync and f"cus_{sync}_7"}

    log = [line(1, "3"), *[line(5, sync) for sync in "0112222"], line(5, None, 429), line(6, "2")]
    shares = rate_limits.shares_of(log, 2.0, 4)
    assert (shares.used, shares.refused) == (1.0, pytest.approx(1 / 9))
    assert shares.each == (0.0, 0.5, 1.0, 2.5)


# --- the server


@pytest.mark.parametrize(
    ("buffer", "expected"),
    [
        (b"", None),
        (b"GET / HTTP/1.1\r\n", None),
        (b"GET / HTTP/1.1\r\n\r\n", (18, 0)),
        (b"POST / HTTP/1.1\r\nCONTENT-LENGTH: 3\r\nA: b\r\n\r\nab", None),
        (b"POST / HTTP/1.1\r\nCONTENT-LENGTH: 3\r\nA: b\r\n\r\nabcPOST", (47, 3)),
    ],
)
def test_a_request_is_taken_when_it_is_whole(buffer, expected):
    assert take_request(buffer) == expected


def test_the_server_counts_what_comes_after_the_beginning_and_keeps_connections(tmp_path):
    with running_server(tmp_path) as target, requests.Session() as session:
        session.post(target.base_url, data=b"before")
        target.begin(0.05)
        assert [session.post(target.base_url, data=b"12345").status_code for _ in range(3)] == [201] * 3
        measured = target.measured()
    assert (measured.requests, measured.body_bytes, measured.connections) == (3, 15, 1)
    assert measured.seconds >= 3 * 0.05


def test_records_are_held_while_the_two_products_around_them_pass(tmp_path):
    with running_server(tmp_path) as target:
        rate, peak = hold(target, 300, tmp_path)
    assert rate > 0
    assert peak > 10


# --- the command


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "benchmarks", *arguments], cwd=ROOT, capture_output=True, text=True)


def test_the_command_prints_a_table():
    result = run("--quick", "spec")
    assert result.returncode == 0, result.stderr
    assert "### Start" in result.stdout
    assert "| `spec`, from start to end |" in result.stdout


def test_an_unknown_measurement_is_refused(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["benchmarks", "speed"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "no such measurement: speed; there are spec, " in capsys.readouterr().err


# --- a memory


def test_records_for_a_memory_are_of_seven_kinds_and_one_in_a_hundred_changes():
    first, second = ([json.loads(line)["record"] for line in remembered.records(3000, version)] for version in (0, 1))
    assert {one["stream"] for one in first} == set(remembered.COLUMNS)
    assert len(remembered.COLUMNS) == 7
    assert len(first) == pytest.approx(3000, rel=0.02)
    assert len({one["data"]["id"] for one in first}) == len(first)
    changed = sum(one["data"] != other["data"] for one, other in zip(first, second, strict=True))
    assert changed == len(first) // 100


def test_a_large_memory_is_written_and_read_again(tmp_path):
    for step in ("fill", "again"):
        command = [sys.executable, "-m", "benchmarks.memory_file", step, "2000", str(tmp_path / "memory")]
        said = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    assert said["megabytes"] == pytest.approx(2000 * 58 / 1e6, rel=0.1)
    assert said.keys() == {"megabytes", "read", "compared", "written", "peak"}
