"""The first page: what the account holds, how the sync goes, what was refused."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from fincome_sandbox.contract import Contract
from fincome_sandbox.figures import RUNNING
from fincome_sandbox.page import charts
from fincome_sandbox.page.books import SECONDS, Books
from fincome_sandbox.page.reports import Reports


@dataclass(frozen=True)
class Row:
    """One entity."""

    entity: str
    objects: int
    created: int
    changed: int
    unchanged: int
    links: int
    broken: int


def content(contract: Contract, books: Books, reports: Reports) -> dict[str, object]:
    """What the template shows."""
    broken = Counter(entity for entity, _, _ in books.broken())
    rows = [
        Row(
            entity=name,
            objects=books.count(name),
            created=books.effects["created", name],
            changed=books.effects["changed", name],
            unchanged=books.effects["updated", name],
            links=books.link_counts[name],
            broken=broken[name],
        )
        for name in contract.entities
    ]
    refusals = sorted(books.refusals.items(), key=lambda one: -one[1].count)
    statuses = [one.status for one in books.subscriptions.values()]
    return {
        "rows": rows,
        "requests": sum(books.requests.values()),
        "refused": sum(refusal.count for refusal in books.refusals.values()),
        "refusals": refusals[:100],
        "broken": broken.total(),
        "customers": books.count("customers"),
        "active": sum(status in RUNNING for status in statuses),
        "trialing": statuses.count("trialing"),
        "revenue": reports.revenue,
        "last_request": books.last_request,
        "chart": _requests_chart(books),
    }


def _requests_chart(books: Books) -> charts.Chart | None:
    """Requests per second until the last one: nothing is said of the time since."""
    if not books.seconds:
        return None
    last = datetime.fromisoformat(max(books.seconds))
    times = [last - timedelta(seconds=SECONDS - 1 - at) for at in range(SECONDS)]
    pairs = [books.seconds.get(time.isoformat(), [0, 0]) for time in times]
    busiest = max(sum(pair) for pair in pairs)
    return charts.stacked(
        "Requests per second",
        [f"{time:%H:%M:%S}" for time in times],
        [
            charts.Values("accepted", "c1", [pair[0] for pair in pairs]),
            charts.Values("refused", "bad", [pair[1] for pair in pairs]),
        ],
        f"The {SECONDS} seconds until {last:%H:%M:%S} UTC, when the last request came. "
        f"At most {counted(busiest, 'request')} in a second.",
        width=charts.NARROW,
    )


def counted(number: int, one: str) -> str:
    """How many there are of something, in words: 1 request, 2,810 requests."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"
