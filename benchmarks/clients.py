"""What the connector is compared with: `python -m benchmarks.clients pool|single URL WORKERS FILE`.

`pool` is the fastest that threads and `requests` can do: a session for each worker, a connection pool of one, the
environment looked up never, bodies ready as bytes, workers that pull from one queue and look at the status only.
`single` is the usual destination: one `requests.Session`, one record at a time, `json=`.

FILE holds one body a line.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from queue import SimpleQueue

import requests
from requests.adapters import HTTPAdapter

API_KEY = "benchmark-key"
HEADERS = {
    "X-API-KEY": API_KEY,
    "Accept": "application/json",
    "Content-Type": "application/json",
    "User-Agent": "airbyte-destination-fincome",
}
SECONDS_TO_ANSWER = (10.0, 60.0)


def pool(url: str, workers: int, bodies: list[bytes]) -> None:
    """Post all bodies with so many workers."""
    jobs: SimpleQueue[bytes | None] = SimpleQueue()
    for body in bodies:
        jobs.put(body)
    for _ in range(workers):
        jobs.put(None)
    threads = [threading.Thread(target=_work, args=(url, jobs)) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _work(url: str, jobs: SimpleQueue[bytes | None]) -> None:
    session = requests.Session()
    session.trust_env = False
    session.headers.update(HEADERS)
    session.mount("http://", HTTPAdapter(pool_connections=1, pool_maxsize=1))  # ignore-https-check
    while (body := jobs.get()) is not None:
        answer = session.request("POST", url, data=body, timeout=SECONDS_TO_ANSWER, allow_redirects=False)
        assert answer.status_code == 201


def single(url: str, bodies: list[bytes]) -> None:
    """Post all bodies as the usual destination does."""
    session = requests.Session()
    session.headers.update(HEADERS)
    for body in bodies:
        session.post(url, json=json.loads(body), timeout=60).raise_for_status()


def main() -> None:
    """Run what the arguments name."""
    kind, url, workers, file = sys.argv[1:]
    bodies = Path(file).read_bytes().splitlines()
    if kind == "pool":
        pool(url, int(workers), bodies)
    else:
        single(url, bodies)


if __name__ == "__main__":
    main()
