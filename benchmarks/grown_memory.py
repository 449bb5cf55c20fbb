"""A connector that has a large memory: `python -m benchmarks.grown_memory grow COUNT CONFIG CATALOG` makes one larger.

`python -m benchmarks.grown_memory write …` is `destination-fincome write …`, and says at its end what memory it took.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from benchmarks.memory_file import SENT, objects
from benchmarks.processes import memory_of
from destination_fincome import run
from destination_fincome.connection.assembly import recall_of, understand
from destination_fincome.engine.memory.brought import Brought, Stream
from destination_fincome.engine.memory.memory import Name
from destination_fincome.engine.memory.recall import Recall
from destination_fincome.protocol.catalog import parse_catalog

PEAK = "Peak resident memory (MiB): "
# Of another connection of the account, which full refreshes brought the objects of.
_OTHER = Stream("archive", "its mapping", is_full_refresh=True)


def main() -> None:
    """Do one of the two."""
    if sys.argv[1] == "write":
        try:
            run.main()
        finally:
            print(json.dumps({"type": "LOG", "log": {"level": "INFO", "message": f"{PEAK}{_peak()}"}}), flush=True)
    else:
        config, catalog = (json.loads(Path(name).read_text()) for name in sys.argv[3:5])
        recall = recall_of(understand(config, parse_catalog(catalog)), Recall)
        assert recall is not None
        _grow(recall, int(sys.argv[2]))


def _peak() -> float:
    return memory_of(os.getpid(), "VmHWM")


def _grow(recall: Recall, count: int) -> None:
    """Have so many objects more confirmed, that another connection has brought."""
    stream = len(recall.streams)
    recall.streams = [*recall.streams, _OTHER]
    recall.begin()

    def bring(brought: Brought) -> None:
        for entity, identity, document in objects(count):
            brought.see(stream, entity, identity, document)
            recall.remember(Name(entity, identity), b"a body", "upsert", SENT)
        brought.refreshed(stream, brought.held_against(stream), is_whole=True)

    recall.brought(bring, None)
    entities = ["invoices", "invoice_lines"]
    recall.end(entities, right=entities, wrong=())


if __name__ == "__main__":
    main()
