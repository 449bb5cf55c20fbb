"""What an account holds, as rows of (label, figure): the sandbox's own figures, and the expected ones."""

import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import requests

from fincome_tools.demo.processes import Access, DemoError

TIMEOUT_SECONDS = 120
Rows: TypeAlias = dict[str, Decimal]

# How the figures of a currency are called, in the order in which a person checks them.
_MONEY = {
    "invoiced_net": "invoiced (net)",
    "line_net": "invoice lines (net)",
    "line_tax": "tax on invoice lines",
    "credited": "credited (net)",
}


@dataclass(frozen=True)
class Account:
    """Figures of an account.

    Attributes:
        effects: what calls did to it so far, counted.
        orphans: its broken links.
        month: of its MRR.
    """

    figures: Rows
    effects: dict[str, int]
    orphans: int
    month: str | None


def expected_rows(folder: Path) -> tuple[Rows, str | None]:
    """Return the figures that expected.json foretells, and its month of MRR; nothing without the file."""
    path = folder / "expected.json"
    if not path.exists():
        return {}, None
    expected = json.loads(path.read_text(encoding="utf-8"))
    month = expected.get("mrr_month")
    subscriptions = {
        status: expected[f"{status}_subscriptions"]
        for status in ("active", "trialing")
        if f"{status}_subscriptions" in expected
    }
    return _rows(
        expected.get("objects", {}),
        expected.get("currencies", {}),
        expected.get("invoices_by_status", {}),
        subscriptions,
        month,
    ), month


def read_account(access: Access, month: str | None) -> Account:
    """Ask the sandbox what it holds.

    Raises:
        DemoError: if it doesn't answer.
    """
    summary = _get(access, "summary", {})
    figures = _get(access, "figures", {"month": month} if month else {})
    statuses: Counter[str] = Counter()
    for of_currency in figures["currencies"].values():
        statuses.update(of_currency.get("invoices_by_status", {}))
    rows = _rows(summary["objects"], figures["currencies"], statuses, figures["subscriptions"], figures["month"])
    effects = {effect: sum(summary.get(effect, {}).values()) for effect in ("created", "changed")}
    return Account(rows, effects, summary.get("orphans", 0), figures["month"])


def told_rows(currencies: dict[str, dict[str, Decimal]], month: str | None) -> Rows:
    """Return control totals of a sync (Summary.currencies) as rows."""
    return _rows({}, currencies, {}, {}, month)


def differences(expected: Rows, found: Rows) -> list[str]:
    """Name every figure that differs. A figure that one side lacks is zero there."""
    return [
        f"{label}: expected {expected.get(label, Decimal(0)):,}, found {found.get(label, Decimal(0)):,}"
        for label in {**expected, **found}
        if expected.get(label, Decimal(0)) != found.get(label, Decimal(0))
    ]


def _get(access: Access, what: str, parameters: dict[str, str]) -> dict[str, Any]:
    try:
        answer = requests.get(f"{access.control_url}/{what}", params=parameters, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        content: dict[str, Any] = answer.json()
    except requests.RequestException as error:
        raise DemoError(f"The sandbox doesn't tell its {what}: {error}") from error
    return content


def _rows(
    objects: dict[str, int],
    currencies: dict[str, dict[str, Any]],
    statuses: dict[str, int],
    subscriptions: dict[str, int],
    month: str | None,
) -> Rows:
    rows: Rows = {}
    for currency, figures in sorted(currencies.items()):
        labels = {**_MONEY, "mrr": f"MRR of {month}"}
        for name, label in labels.items():
            if name in figures:
                rows[f"{currency} {label}"] = Decimal(figures[name])
    for status, count in sorted(statuses.items()):
        rows[f"invoices, {status}"] = Decimal(count)
    for status, count in subscriptions.items():
        rows[f"subscriptions, {status}"] = Decimal(count)
    for entity, count in objects.items():
        rows[f"number of {entity.replace('_', ' ')}"] = Decimal(count)
    return rows
