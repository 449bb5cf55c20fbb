"""Questions to the log of requests: chosen and paged by the database."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from fincome_sandbox.exact_json import write
from fincome_sandbox.store import Request, Store

Outcome: TypeAlias = Literal["", "refused", "created", "changed", "updated"]
OUTCOMES: tuple[str, ...] = get_args(Outcome)
Numbered: TypeAlias = tuple[int, Request]
# A request without an answer has the status 0.
_REFUSED = "(status >= 400 OR status = 0)"


@dataclass(frozen=True)
class Choice:
    """Which requests to show; what is empty doesn't choose."""

    outcome: Outcome = ""
    entity: str = ""
    id: str = ""

    @property
    def condition(self) -> tuple[str, tuple[str, ...]]:
        """The condition in SQL, and its parameters."""
        parts: list[str] = ["TRUE"]
        parameters: list[str] = []
        if self.outcome == "refused":
            parts.append(_REFUSED)
        elif self.outcome:
            parts.append("effect = ?")
            parameters.append(self.outcome)
        for column, value in (("entity", self.entity), ("id", self.id)):
            if value:
                parts.append(f"{column} = ?")
                parameters.append(value)
        return " AND ".join(parts), tuple(parameters)


def newest_first(store: Store, choice: Choice, offset: int, limit: int) -> tuple[int, list[Numbered]]:
    """How many requests a choice has, and some of them."""
    condition, parameters = choice.condition
    total = store.log_count(condition, *parameters)
    page = f"{condition} ORDER BY number DESC LIMIT ? OFFSET ?"
    return total, list(store.log_lines(page, *parameters, limit, offset))


def in_order(store: Store, objects: Iterable[tuple[str, str]], offset: int, limit: int) -> tuple[int, list[Numbered]]:
    """How many requests were about some objects (entity, id), and some of them, the oldest first."""
    condition = "(entity, id) IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))"
    wanted = write([list(one) for one in objects])
    total = store.log_count(condition, wanted)
    return total, list(store.log_lines(f"{condition} ORDER BY number LIMIT ? OFFSET ?", wanted, limit, offset))
