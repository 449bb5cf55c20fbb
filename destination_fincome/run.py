"""The console script `destination-fincome`: what Airbyte runs."""

import os
import signal
import sys
from typing import NoReturn

from destination_fincome.protocol.output import Output, ended_when_output_is_lost
from destination_fincome.protocol.specification import spec_message


def main() -> None:
    """Run one of spec, check, discover and write."""
    # As process 1 of a container nothing would happen without a handler; a sync sets its own.
    signal.signal(signal.SIGTERM, _end)
    try:
        _run()
    except _Terminated:
        # The signal is the end that PyAirbyte expects; to process 1 it does nothing, and the exit code tells.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)
        raise


class _Terminated(SystemExit):
    """SIGTERM came: what was begun is cleaned up on the way out."""


def _run() -> None:
    if sys.argv[1:] == ["spec"]:
        with ended_when_output_is_lost():
            Output().message(spec_message())
        return
    from destination_fincome.destination import DestinationFincome  # its import takes over a second

    DestinationFincome().run(sys.argv[1:])


def _end(number: int, _frame: object) -> NoReturn:
    raise _Terminated(128 + number)


if __name__ == "__main__":
    main()
