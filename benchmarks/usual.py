"""A destination as one is usually written: the stock airbyte-cdk, one record after the other, one `requests.Session`.

`python -m benchmarks.usual write --config FILE --catalog FILE`, with the config's `api_key` and `base_url`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

import requests
from airbyte_cdk.destinations import Destination
from airbyte_cdk.models import (  # type: ignore[attr-defined]  # it gathers them with a star
    AirbyteConnectionStatus,
    AirbyteMessage,
    ConfiguredAirbyteCatalog,
    ConnectorSpecification,
    Status,
    Type,
)

from benchmarks.clients import HEADERS


class UsualDestination(Destination):
    """Posts each record as it comes, and returns each state when all before it were posted."""

    def spec(self, *_: object) -> ConnectorSpecification:
        """Return a form that takes anything."""
        return ConnectorSpecification(connectionSpecification={"type": "object", "additionalProperties": True})

    def check(self, logger: object, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Return that all is well."""
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)

    def write(
        self,
        config: Mapping[str, Any],
        configured_catalog: ConfiguredAirbyteCatalog,
        input_messages: Iterable[AirbyteMessage],
    ) -> Iterable[AirbyteMessage]:
        """Post all records."""
        session = requests.Session()
        session.headers.update(HEADERS)
        for message in input_messages:
            if message.type == Type.RECORD and message.record:
                url = f"{config['base_url']}/{message.record.stream}"
                session.post(url, json=message.record.data, timeout=60).raise_for_status()
            elif message.type == Type.STATE:
                yield message


if __name__ == "__main__":
    UsualDestination().run(sys.argv[1:])
