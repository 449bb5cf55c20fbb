"""The console script `destination-fincome`: what Airbyte runs."""

import sys

import orjson

from destination_fincome.protocol.specification import spec_message


def main() -> None:
    """Run one of spec, check and write."""
    if sys.argv[1:] == ["spec"]:
        sys.stdout.write(orjson.dumps(spec_message()).decode() + "\n")
        return
    from destination_fincome.destination import DestinationFincome  # its import takes over a second

    DestinationFincome().run(sys.argv[1:])


if __name__ == "__main__":
    main()
