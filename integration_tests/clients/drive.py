"""A user's program with PyAirbyte, driven from outside: `python drive.py FOLDER`, run by the Python that has PyAirbyte.

One request per line of stdin, one answer per line of stdout, both JSON objects. A request names what to `do` (spec,
check, write) and gives that function's arguments. An answer is what the function returns; or `error`, the type of the
exception, and `message`, its text.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(sys.argv[1])
# PyAirbyte reads these when it is imported. Offline, it asks no registry and reports to nobody.
os.environ |= {
    "AIRBYTE_OFFLINE_MODE": "1",
    "DO_NOT_TRACK": "1",
    "AIRBYTE_PROJECT_DIR": str(FOLDER),
    "AIRBYTE_LOGGING_ROOT": str(FOLDER / "logs"),
}

import airbyte as ab  # noqa: E402
from airbyte.caches import DuckDBCache  # noqa: E402
from airbyte.strategies import WriteStrategy  # noqa: E402


def spec(destination: dict[str, Any]) -> dict[str, Any]:
    return {"spec": _destination(destination).config_spec}


def check(destination: dict[str, Any]) -> dict[str, Any]:
    _destination(destination).check()
    return {}


def write(
    destination: dict[str, Any], source: dict[str, Any], strategy: str, cache: str | None, states: str | None = None
) -> dict[str, Any]:
    """Sync all streams.

    Args:
        destination: executable and config.
        source: executable and config.
        strategy: append or merge (append_dedup in the protocol).
        cache: the file of the cache that the records go through; without one they go straight on.
        states: the file that keeps the states of a sync without cache; without either, each sync begins anew.
    """
    faker = ab.get_source("source-faker", config=source["config"], local_executable=Path(source["executable"]))
    if states and not cache:
        # As the example does it.
        sys.path.append(str(Path(__file__).parents[2] / "examples" / "hosts"))
        from pyairbyte_sync import sync

        return {"processed_records": sync(faker, _destination(destination), states)}
    result = _destination(destination).write(
        faker,
        streams="*",
        cache=DuckDBCache(db_path=cache) if cache else False,
        state_cache=None if cache else False,
        write_strategy=WriteStrategy(strategy),
    )
    return {"processed_records": result.processed_records}


def _destination(one: dict[str, Any]) -> ab.Destination:
    return ab.get_destination("destination-fincome", config=one["config"], local_executable=Path(one["executable"]))


def main() -> None:
    # Connectors inherit stdin and stdout; ours are out of their reach.
    requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    for line in requests:
        request = json.loads(line)
        try:
            answer = {"spec": spec, "check": check, "write": write}[request.pop("do")](**request)
        except Exception as error:  # noqa: BLE001 - the one who asked decides what it means
            answer = {"error": type(error).__name__, "message": str(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
