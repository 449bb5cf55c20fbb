"""The connector's own account of a sync: the JSON that it logs at its end."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

PREFIX = "Summary (JSON): "
# The sandbox's names of the figures that control totals have by entity.
_FIGURES = {"invoices": "invoiced_net", "invoice_lines": "line_net", "credit_notes": "credited"}
OUTCOMES = ("sent", "unchanged", "settled", "skipped", "rejected")


@dataclass(frozen=True)
class Tally:
    """What became of all that a stream or an entity received."""

    name: str
    received: int
    sent: int
    unchanged: int
    settled: int
    skipped: int
    rejected: int

    @property
    def ended(self) -> int:
        """How many came to an outcome; the same as `received`, or something was forgotten."""
        return self.sent + self.unchanged + self.settled + self.skipped + self.rejected

    @classmethod
    def parse(cls, name: str, fields: dict[str, Any]) -> "Tally":
        """Read one entry; an outcome that is not named has not happened."""
        return cls(name, fields["received"], *(fields.get(outcome, 0) for outcome in OUTCOMES))


@dataclass(frozen=True)
class Reason:
    """Why some were not sent."""

    outcome: str
    count: int
    about: str
    text: str
    example: str


@dataclass(frozen=True)
class Summary:
    """The whole account."""

    streams: tuple[Tally, ...]
    entities: tuple[Tally, ...]
    reasons: tuple[Reason, ...]
    requests: int
    seconds: float
    content: dict[str, Any]

    @classmethod
    def from_log(cls, text: str) -> "Summary | None":
        """Read the summary from a log message, or return None if it is another message."""
        if not text.startswith(PREFIX):
            return None
        content: dict[str, Any] = json.loads(text.removeprefix(PREFIX))
        return cls(
            streams=tuple(Tally.parse(one["stream"], one) for one in content["streams"]),
            entities=tuple(Tally.parse(one["entity"], one) for one in content["entities"]),
            reasons=tuple(_reason(one) for one in content["reasons"]),
            requests=content["requests"],
            seconds=content["seconds"],
            content=content,
        )

    def currencies(self, month: str | None) -> dict[str, dict[str, Decimal]]:
        """Return the control totals by currency: what is in the account now, and a month's MRR."""
        found: dict[str, dict[str, Decimal]] = {}
        for cell in self.content.get("totals", ()):
            name = _FIGURES.get(cell["entity"])
            if name and cell["amount"] and cell["outcome"] == "sent":
                of_currency = found.setdefault(cell["currency"], {})
                of_currency[name] = of_currency.get(name, Decimal(0)) + Decimal(cell["amount"])
        for row in self.content.get("mrr", {}).get("months", ()):
            if row["month"] == month and row["lines"]:
                found.setdefault(row["currency"], {})["mrr"] = Decimal(row["lines"])
        return found


def _reason(fields: dict[str, Any]) -> Reason:
    return Reason(
        outcome=fields["outcome"],
        count=fields["count"],
        about=fields["where"],
        text=fields.get("text") or fields["code"],
        example=str(fields.get("example") or ""),
    )
