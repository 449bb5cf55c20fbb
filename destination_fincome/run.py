"""The console script `destination-fincome`: what Airbyte runs."""

import signal
import sys
from typing import NoReturn

import orjson

from destination_fincome.protocol.specification import spec_message


def main() -> None:
    """Run one of spec, check, discover and write."""
    # As process 1 of a container nothing would happen without a handler (platform.md 25); a sync sets its own.
    signal.signal(signal.SIGTERM, _end)
    if sys.argv[1:] == ["spec"]:
        sys.stdout.write(orjson.dumps(spec_message()).decode() + "\n")
        return
    from destination_fincome.destination import DestinationFincome  # its import takes over a second

    DestinationFincome().run(sys.argv[1:])


def _end(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
