"""The destination: spec, check, discover, write. Thin on purpose; it reads like the protocol."""

from __future__ import annotations

import argparse
import gc
import logging
import signal
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from airbyte_cdk.destinations import Destination
from airbyte_cdk.models import (  # type: ignore[attr-defined]
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteMessageSerializer,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteCatalogSerializer,
    Status,
    Type,
)
from airbyte_cdk.utils.airbyte_secrets_utils import update_secrets

from destination_fincome.failure import ConnectorFailure, TransientFailure
from destination_fincome.protocol.catalog import parse_catalog, read_catalog, read_json_object
from destination_fincome.protocol.input import standard_input
from destination_fincome.protocol.output import LOGGER, Output, OutputLost, ended_when_output_is_lost, log_through
from destination_fincome.protocol.trace import trace_error


def _warning(texts: Sequence[str]) -> str | None:
    return f"WARNING: {' '.join(texts)}" if texts else None


class DestinationFincome(Destination):
    """Writes billing data into Fincome.

    The CDK's own loop drops `state.id`, doesn't flush states and logs unparseable lines in full, so `run` is ours;
    `write` is there for callers that hold AirbyteMessages in memory.
    """

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Prove the key and the routes by real calls that write nothing."""
        from destination_fincome.connection.assembly import check_connection

        try:
            warnings = check_connection(config)
        except ConnectorFailure as failure:
            return AirbyteConnectionStatus(status=Status.FAILED, message=failure.message)
        return AirbyteConnectionStatus(status=Status.SUCCEEDED, message=_warning(warnings))

    def write(
        self,
        config: Mapping[str, Any],
        configured_catalog: ConfiguredAirbyteCatalog,
        input_messages: Iterable[AirbyteMessage],
    ) -> Iterable[AirbyteMessage]:
        """Write messages that are in memory already; the command line doesn't come this way."""
        from destination_fincome.connection.assembly import build_sync

        catalog = parse_catalog(ConfiguredAirbyteCatalogSerializer.dump(configured_catalog))
        lines = (orjson.dumps(AirbyteMessageSerializer.dump(message)) + b"\n" for message in input_messages)
        sync = build_sync(config, catalog)
        for state in sync.run(lambda _limit: next(lines, b"")):
            # Of a state's values only the bytes are known, until they are read.
            yield AirbyteMessageSerializer.load(orjson.loads(orjson.dumps(state)))

    def parse_args(self, args: list[str]) -> argparse.Namespace:
        """Read the command line: the CDK's commands of a destination, and `discover`."""
        parser = argparse.ArgumentParser()
        commands = parser.add_subparsers(title="commands", dest="command", required=True)
        for name, (what, files) in COMMANDS.items():
            command = commands.add_parser(name, help=what)
            for file in files:
                command.add_argument(f"--{file}", required=True, help=f"path to the {file}, a JSON file")
            if name == "write":
                command.add_argument("--summary", type=Path, help="file for the whole summary, as JSON")
        return parser.parse_args(args)

    def run(self, args: list[str]) -> None:
        """Run one command of the command line; ends the process with 1 after a failure."""
        parsed = self.parse_args(args)
        with ended_when_output_is_lost():
            output = Output()
            log_through(output)
            try:
                self._command(parsed, output)
                output.flush()
            except (BrokenPipeError, OutputLost):
                raise
            except Exception as error:  # noqa: BLE001 (the one place where failures become Airbyte's words)
                output.text(trace_error(error))
                sys.exit(1)

    def _command(self, parsed: argparse.Namespace, output: Output) -> None:
        if parsed.command == "spec":
            output.message(AirbyteMessageSerializer.dump(AirbyteMessage(type=Type.SPEC, spec=self.spec(LOGGER))))
        elif parsed.command == "check":
            output.text(self._check_command(parsed.config))
        elif parsed.command == "discover":
            output.message(self._discover_command(parsed.config))
        else:
            self._write_command(parsed.config, parsed.catalog, parsed.summary, output)

    def _check_command(self, config_path: str) -> dict[str, Any]:
        """Always a CONNECTION_STATUS, whatever happens: the CDK lets exceptions of a check through."""
        try:
            status = self.check(LOGGER, _read_config(config_path))
        except ConnectorFailure as failure:
            status = AirbyteConnectionStatus(status=Status.FAILED, message=failure.message)
        except Exception as error:  # noqa: BLE001
            message = trace_error(error)["trace"]["error"]["message"]
            status = AirbyteConnectionStatus(status=Status.FAILED, message=message)
        message_ = AirbyteMessage(type=Type.CONNECTION_STATUS, connectionStatus=status)
        dumped: dict[str, Any] = dict(AirbyteMessageSerializer.dump(message_))
        return dumped

    def _discover_command(self, config_path: str) -> dict[str, Any]:
        """The objects that a data-activation connection can write; known without a call (platform: discover)."""
        from destination_fincome.connection.activation import destination_catalog
        from destination_fincome.connection.assembly import contract_of
        from destination_fincome.connection.config import parse_config

        config = parse_config(_read_config(config_path))
        return destination_catalog(contract_of(config), keeps_others=config.unmapped_fields != "ignore")

    def _write_command(self, config_path: str, catalog_path: str, summary: Path | None, output: Output) -> None:
        from destination_fincome.connection.assembly import build_sync
        from destination_fincome.engine.sync import STOP_SECONDS
        from destination_fincome.reporting.summary_file import SummaryFile

        config = _read_config(config_path)
        sync = build_sync(config, read_catalog(catalog_path), SummaryFile(summary) if summary else None)
        expect_many_small_objects()

        def stop(number: int, _frame: object) -> None:
            sync.interrupt(_told_to_stop(signal.Signals(number).name))
            output.end_if_nobody_reads(STOP_SECONDS)

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        for state in _closing(sync.run(standard_input())):
            output.message(state)


COMMANDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "spec": ("output the connector's specification", ()),
    "check": ("test a configuration against the API, without writing", ("config",)),
    "discover": ("output the objects that a data-activation connection can write", ("config",)),
    "write": ("read messages from stdin, and write their records to the API", ("config", "catalog")),
}


def _told_to_stop(how: str) -> TransientFailure:
    return TransientFailure(
        f"The sync was told to stop ({how}). What was confirmed is saved; the next attempt starts from there."
    )


def expect_many_small_objects() -> None:
    """Let the garbage collector look less often: a sync makes many objects that die at once, and no cycles of them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _closing(states: Generator[dict[str, Any], None, None]) -> Iterator[dict[str, Any]]:
    """Pass states on, and end their generator in good order even when their reader breaks off."""
    try:
        yield from states
    finally:
        states.close()


def _read_config(path: str) -> dict[str, Any]:
    """Read the config, and have its secrets masked wherever they might be written."""
    from destination_fincome.connection.config import secret_values

    config = read_json_object(path, "configuration")
    update_secrets(secret_values(config))
    return config
