"""Subscriptions that a sync doesn't bring, made of what their invoices and lines say together.

A source that reads from a start date on brings this year's invoices of subscriptions that began before it, and never
the subscriptions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from destination_fincome.engine.arrivals import Content
from destination_fincome.reporting.facts import Factbook

TOLD = (
    "subscriptions that did not come were created from their invoices, without plan and monthly value; usually the "
    "source reads from a start date on that is later than they are"
)


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class SubscriptionStubs:
    """Makes a subscription of what this sync's invoices and lines say.

    Args:
        book: the facts of all that came.
        content: makes of an object's fields what is to be sent, or None if they aren't enough.
        now: the clock.
    """

    def __init__(
        self,
        book: Factbook,
        content: Callable[[str, Mapping[str, Any]], Content | None],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._book = book
        self._content = content
        self._now = now

    def find(self, identity: str) -> Content | None:
        """Return what is to be sent of a subscription, or None if no line says when it ran, or no invoice for whom.

        It is active if a line runs on; else it ended when the last one did.
        """
        billed = self._book.billed(identity)
        if billed is None:
            return None
        runs = billed.ends > self._now().strftime("%Y-%m-%dT%H:%M:%SZ")
        end = {} if runs else {"end_date": billed.ends}
        values = {
            "id": identity,
            "customer_id": billed.customer,
            "status": "active" if runs else "canceled",
            "start_date": billed.starts,
            **end,
            "currency": billed.currency,
        }
        return self._content("subscriptions", values)
