"""How long the measurements take: whole, quick, or just enough to see that they work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Extent:
    """Sizes of all measurements.

    Attributes:
        repetitions: of delivery's measurements.
        latencies: of the server, in seconds.
        workers: how many at a time.
        delivery_seconds: about how long the bare pool takes for one repetition.
        slow_delivery_seconds: the same at 100 ms.
        load_seconds: of the proof of the server's speed.
        state_seconds: of each load under which states are timed.
        cpu_records: records in Fincome's shape whose CPU time is split.
        cpu_customers: customers of the Stripe year whose records' CPU time is split.
        cpu_repetitions: of that.
        mapping_records: of each stream of each source, whose mapping is timed.
        mapping_repetitions: of that.
        growth: numbers of records of which all are held.
        limited_seconds: under a rate limit that the connector is told.
        unlimited_seconds: under one that it must find; 0 leaves it out.
        shared_seconds: of several syncs under one; 0 leaves them out.
        remembered_objects: that are synced three times with a memory.
        memory_objects: that a memory knows which is read and written.
        starts: of `spec`.
    """

    repetitions: int
    latencies: tuple[float, ...]
    workers: tuple[int, ...]
    delivery_seconds: float
    slow_delivery_seconds: float
    load_seconds: float
    state_seconds: float
    cpu_records: int
    cpu_customers: int
    cpu_repetitions: int
    mapping_records: int
    mapping_repetitions: int
    growth: tuple[int, ...]
    limited_seconds: float
    unlimited_seconds: float
    shared_seconds: float
    remembered_objects: int
    memory_objects: int
    starts: int


WHOLE = Extent(
    repetitions=3,
    latencies=(0.0, 0.02, 0.1),
    workers=(8, 16, 32),
    delivery_seconds=2,
    slow_delivery_seconds=5,
    load_seconds=1,
    state_seconds=10,
    cpu_records=2000,
    cpu_customers=40,
    cpu_repetitions=3,
    mapping_records=300,
    mapping_repetitions=3,
    growth=(10_000, 100_000, 1_000_000),
    limited_seconds=30,
    unlimited_seconds=200,
    shared_seconds=120,
    remembered_objects=100_000,
    memory_objects=1_000_000,
    starts=5,
)
QUICK = Extent(
    repetitions=1,
    latencies=(0.0, 0.02, 0.1),
    workers=(8, 16),
    delivery_seconds=1.5,
    slow_delivery_seconds=2.5,
    load_seconds=1,
    state_seconds=4,
    cpu_records=1000,
    cpu_customers=40,
    cpu_repetitions=1,
    mapping_records=100,
    mapping_repetitions=1,
    growth=(10_000, 100_000),
    limited_seconds=10,
    unlimited_seconds=0,
    shared_seconds=0,
    remembered_objects=2_000,
    memory_objects=100_000,
    starts=3,
)
