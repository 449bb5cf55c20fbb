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
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    try:
        _run()
    except _Terminated as end:
        # The signal is the end that PyAirbyte expects; to process 1 it does nothing, and the exit code tells.
        signal.signal(end.number, signal.SIG_DFL)
        os.kill(os.getpid(), end.number)
        raise


class _Terminated(SystemExit):
    """SIGTERM or SIGINT came: what was begun is cleaned up on the way out."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number = number


def _run() -> None:
    if sys.argv[1:] == ["spec"]:
        with ended_when_output_is_lost():
            Output().message(spec_message())
        return
    from destination_fincome.destination import DestinationFincome  # its import takes over a second

    DestinationFincome().run(sys.argv[1:])


def _end(number: int, _frame: object) -> NoReturn:
    raise _Terminated(number)


if __name__ == "__main__":
    main()
