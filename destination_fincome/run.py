"""The console script `destination-fincome`: what Airbyte runs."""

import sys

from destination_fincome.destination import DestinationFincome


def main() -> None:
    """Run one of spec, check and write."""
    DestinationFincome().run(sys.argv[1:])


if __name__ == "__main__":
    main()
