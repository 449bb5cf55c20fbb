"""The demo's last look: `fincome reconcile` on the folder's messages, in figures."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from fincome_tools.demo.processes import Access, DemoError
from fincome_tools.exits import Exit


@dataclass
class Sum:
    """Number and amount of one kind of objects in one currency, on one side."""

    count: int = 0
    amount: Decimal | None = None

    def add(self, side: Mapping[str, Any]) -> None:
        """Take in the objects of a month."""
        self.count += side["count"]
        if side["amount"] is not None:
            self.amount = (self.amount or Decimal(0)) + Decimal(side["amount"])

    @property
    def cells(self) -> tuple[str, str]:
        """Both, as they are shown."""
        return f"{self.count:,}", "-" if self.amount is None else f"{self.amount:,}"


@dataclass
class _Pair:
    files: Sum = field(default_factory=Sum)
    fincome: Sum = field(default_factory=Sum)


def reconcile(folder: Path, access: Access, workspace: Path) -> dict[str, Any]:
    """Run the command on a folder's messages; returns what it prints for machines.

    Raises:
        DemoError: it could not be done.
    """
    config = workspace / "reconcile.json"
    config.write_text(json.dumps({"api_key": access.api_key, "base_url": access.base_url}), encoding="utf-8")
    command = [sys.executable, "-m", "fincome_tools.cli", "reconcile", "--json", "--config", str(config)]
    command += ["--catalog", str(folder / "catalog.json"), str(folder / "messages.jsonl")]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own interpreter and modules
    if done.returncode not in (Exit.DONE, Exit.DIFFERENT):
        raise DemoError(f"fincome reconcile: {done.stderr.decode(errors='replace').strip()}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def show_reconciliation(console: Console, found: Mapping[str, Any]) -> list[str]:
    """Show both sides by kind of object and currency; return what differs."""
    pairs: dict[tuple[str, str], _Pair] = defaultdict(_Pair)
    for row in found["figures"]:
        pair = pairs[row["entity"], row["currency"] or "-"]
        pair.files.add(row["files"])
        pair.fincome.add(row["fincome"])
    table = Table("entity", "currency", title="The messages against Fincome (fincome reconcile)", title_justify="left")
    for column in ("in the messages", "amount", "in Fincome", "amount"):
        table.add_column(column, justify="right")
    for (entity, currency), pair in pairs.items():
        table.add_row(entity.replace("_", " "), currency, *pair.files.cells, *pair.fincome.cells)
    console.print(table)
    differing, missing = len(found["differing"]), len(found["missing"])
    console.print(f"Objects: {found['equal']:,} equal, {differing:,} different, {missing:,} not in Fincome.\n")
    problems = [f"{row['entity']} {row['id']} differs from its record" for row in found["differing"][:5]]
    return problems + [f"{row['entity']} {row['id']} isn't in Fincome" for row in found["missing"][:5]]
