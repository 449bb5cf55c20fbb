"""The one command: `python -m benchmarks [names…] [--quick]`."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks import comparison, cpu_shares, delivery, growth, mapping, rate_limits, remembered, states
from benchmarks.extent import QUICK, WHOLE, Extent
from benchmarks.figures import Figure, table
from benchmarks.processes import Target, running_server


@dataclass(frozen=True)
class Measurement:
    """One table."""

    title: str
    measure: Callable[[Target, Extent, Path], list[Figure]]


MEASUREMENTS = {
    "spec": Measurement("Start", growth.measure_start),
    "server": Measurement("The server against which all is measured", delivery.measure_server),
    "cpu": Measurement("CPU time of a record", cpu_shares.measure_cpu),
    "mapping": Measurement("Mapping", lambda _target, extent, _folder: mapping.measure_mapping(extent)),
    "growth": Measurement("Growth: everything is held", growth.measure_growth),
    "delivery": Measurement("Delivery", delivery.measure_delivery),
    "stored-check": Measurement("What the stored check costs", delivery.measure_stored_check),
    "comparison": Measurement("Against what else there is", comparison.measure_comparison),
    "memory": Measurement("With a memory", lambda _target, extent, folder: remembered.measure_memory(extent, folder)),
    "states": Measurement("From a record to its state", states.measure_states),
    "rate-limit": Measurement(
        "Under a rate limit", lambda _, extent, folder: rate_limits.measure_rate_limits(extent, folder)
    ),
}


def main() -> None:
    """Measure what is named, or everything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(MEASUREMENTS))
    parser.add_argument("--quick", action="store_true", help="less of everything, in about two minutes")
    options = parser.parse_args()
    if unknown := set(options.names) - set(MEASUREMENTS):
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}")
    print(f"{os.cpu_count()} cores, {platform.python_implementation()} {platform.python_version()}, {date.today()}")
    begun = time.monotonic()
    # Told to end, it ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="fincome-benchmark-") as folder, running_server(Path(folder)) as target:
        for name in options.names or MEASUREMENTS:
            run(MEASUREMENTS[name], target, QUICK if options.quick else WHOLE, Path(folder))
    print(f"\n{time.monotonic() - begun:.0f} s in all.")


def run(measurement: Measurement, target: Target, extent: Extent, folder: Path) -> None:
    """Measure, and print the table with what the machine was busy with besides."""
    begun = time.monotonic()
    figures = measurement.measure(target, extent, folder)
    busy = f"{time.monotonic() - begun:.0f} s; the machine's load at the end: {os.getloadavg()[0]:.1f}"
    print(f"\n{table(measurement.title, figures)}\n\n({busy})", flush=True)


if __name__ == "__main__":
    main()
