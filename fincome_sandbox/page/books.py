"""What the page needs of every object, kept up to date with each write: figures without reading the store again.

All amounts are whole parts (`figures.PARTS`) of a major unit. Knows the shape of objects, no SQL and no HTML.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from fincome_sandbox.contract import Contract, Entity
from fincome_sandbox.exact_json import JsonObject, parse
from fincome_sandbox.figures import amount_of, parts_of, recurring_line
from fincome_sandbox.formats import parse_instant
from fincome_sandbox.store import Request, Store

# How many seconds' requests are shown.
SECONDS = 60
Effects = Counter[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Customer:
    """Whom revenue comes from."""

    name: str
    email: str
    country: str
    searched: str
    """All that a search looks at, case-folded."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A contract of a customer."""

    customer: str
    status: str


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice or a credit note. `of_lines` is the sum of a credit note's lines, if it has any."""

    customer: str
    invoice: str
    subscription: str
    currency: str
    date: datetime | None
    amount: int
    of_lines: int | None
    status: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an invoice. Without a period, `start` is None and `monthly` zero."""

    invoice: str
    subscription: str
    price: str
    currency: str
    amount: int
    monthly: int
    start: datetime | None
    end: datetime | None
    first: int
    after: int
    """The months of `start` and `end`, see `month_number`."""


@dataclass
class Refusal:
    """Requests that were refused alike."""

    count: int
    example_id: str | None
    newest: int


@dataclass(frozen=True, slots=True)
class Link:
    """A reference of an object: the field that holds it, and what it names."""

    field: str
    entity: str
    id: str


@dataclass
class Books:
    """Everything by (entity and) id. `revision` grows with each object, `seen` also with each request."""

    contract: Contract
    customers: dict[str, Customer] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    invoices: dict[str, Document] = field(default_factory=dict)
    credit_notes: dict[str, Document] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    links: dict[str, dict[str, tuple[Link, ...]]] = field(default_factory=dict)
    link_counts: Counter[str] = field(default_factory=Counter)
    missing: dict[tuple[str, str], set[tuple[str, str]]] = field(default_factory=dict)
    """What is referred to and isn't there (entity, id), and what refers to it."""
    requests: Counter[int] = field(default_factory=Counter)
    effects: Effects = field(default_factory=Counter)
    rewritten: Counter[tuple[str, str]] = field(default_factory=Counter)
    refusals: dict[tuple[str | None, int, str | None], Refusal] = field(default_factory=dict)
    seconds: dict[str, list[int]] = field(default_factory=dict)
    """Requests by second (2026-01-31T12:00:00), accepted and refused: those of the newest seconds that had any."""
    last_request: str = ""
    revision: int = 0
    seen: int = 0

    def __post_init__(self) -> None:
        """Every entity has its place, also when it is empty."""
        self.links = {name: {} for name in self.contract.entities}
        self._holders = {name: _holders(entity) for name, entity in self.contract.entities.items()}

    @classmethod
    def of(cls, contract: Contract, store: Store) -> "Books":
        """Read what the store holds already, and follow what is written to it from now on."""
        books = cls(contract)
        for name in contract.entities:
            for id_, body in store.objects(name):
                books.written(name, id_, body)
        for number, request in store.log_lines():
            books.logged(number, request)
        store.followers.append(books)
        return books

    def written(self, entity: str, id_: str, body: str) -> None:
        """Take note of an object's new content."""
        one = parse(body)
        assert isinstance(one, dict)
        self.revision += 1
        self.seen += 1
        self._follow(entity, id_, _links(self._holders[entity], one))
        if entity == "customers":
            self.customers[id_] = _customer(id_, one)
        elif entity == "subscriptions":
            self.subscriptions[id_] = Subscription(_text(one, "customer_id"), _text(one, "status"))
        elif entity == "invoices":
            self.invoices[id_] = _document(one)
        elif entity == "credit_notes":
            self.credit_notes[id_] = _document(one)
        elif entity == "invoice_lines":
            self.lines[id_] = _line(one)

    def _follow(self, entity: str, id_: str, links: tuple[Link, ...]) -> None:
        """Note what an object refers to, and what of it isn't there."""
        before = self.links[entity].get(id_, ())
        for link in before:
            if holders := self.missing.get((link.entity, link.id)):
                holders.discard((entity, id_))
        self.links[entity][id_] = links
        self.link_counts[entity] += len(links) - len(before)
        self.missing.pop((entity, id_), None)
        for link in links:
            if link.id not in self.links[link.entity]:
                self.missing.setdefault((link.entity, link.id), set()).add((entity, id_))

    def logged(self, number: int, request: Request) -> None:
        """Take note of a request that was answered."""
        self.seen += 1
        self.requests[request.status] += 1
        self.last_request = request.time
        refused = request.status >= 400 or request.status == 0
        of_second = self.seconds.setdefault(request.time[:19], [0, 0])
        of_second[refused] += 1
        if len(self.seconds) > SECONDS:
            del self.seconds[min(self.seconds)]
        if request.effect and request.entity:
            self.effects[request.effect, request.entity] += 1
            if request.effect == "changed" and request.id is not None:
                self.rewritten[request.entity, request.id] += 1
        if refused:
            key = (request.entity, request.status, request.reason)
            known = self.refusals.setdefault(key, Refusal(0, None, number))
            known.count += 1
            known.newest = number
            known.example_id = known.example_id or request.id

    def count(self, entity: str) -> int:
        """How many objects of an entity there are."""
        return len(self.links[entity])

    def broken(self) -> Iterator[tuple[str, str, Link]]:
        """Every reference that leads nowhere: the object's entity and id, and the reference."""
        for target, holders in self.missing.items():
            for entity, id_ in sorted(holders):
                for link in self.links[entity][id_]:
                    if (link.entity, link.id) == target:
                        yield entity, id_, link

    def customer_of_line(self, line: Line) -> str:
        """Whose a line is: its invoice's customer, or its subscription's; empty if neither is known."""
        if invoice := self.invoices.get(line.invoice):
            return invoice.customer
        subscription = self.subscriptions.get(line.subscription)
        return subscription.customer if subscription else ""


def _customer(id_: str, one: JsonObject) -> Customer:
    name, email = _text(one, "name"), _text(one, "email")
    return Customer(name, email, _text(one, "country"), f"{name}\n{email}\n{id_}".casefold())


def _document(one: JsonObject) -> Document:
    lines = one.get("lines")
    parts = [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
    return Document(
        customer=_text(one, "customer_id"),
        invoice=_text(one, "invoice_id"),
        subscription=_text(one, "subscription_id"),
        currency=_text(one, "currency"),
        date=parse_instant(one.get("date")),
        amount=parts_of(amount_of(one, "amount")),
        of_lines=sum(_of_credit_line(line) for line in parts) if parts else None,
        status=_text(one, "status"),
    )


def _of_credit_line(line: JsonObject) -> int:
    return parts_of(amount_of(line, "amount")) - parts_of(amount_of(line, "discount_amount"))


def _line(one: JsonObject) -> Line:
    recurring = recurring_line(one)
    return Line(
        invoice=_text(one, "invoice_id"),
        subscription=_text(one, "subscription_id"),
        price=_text(one, "price_id"),
        currency=_text(one, "currency"),
        amount=parts_of(amount_of(one, "amount_excluding_tax_after_discount")),
        monthly=recurring.monthly if recurring else 0,
        start=recurring.start if recurring else None,
        end=recurring.end if recurring else None,
        first=month_number(recurring.start) if recurring else 0,
        after=month_number(recurring.end) if recurring else 0,
    )


@dataclass(frozen=True, slots=True)
class _Holder:
    """A field that refers to an entity; if it is in lines, those of `outer`."""

    field: str
    entity: str
    outer: str = ""


def _holders(entity: Entity) -> tuple[_Holder, ...]:
    """All fields of an entity that refer to another object, also those in lines."""
    own = [_Holder(one.name, one.references) for one in entity.fields.values() if one.references]
    inner = [
        _Holder(one.name, one.references, outer.name)
        for outer in entity.fields.values()
        for one in outer.fields.values()
        if one.references
    ]
    return (*own, *inner)


def _links(holders: tuple[_Holder, ...], one: JsonObject) -> tuple[Link, ...]:
    """All references that an object holds."""
    found = []
    for holder in holders:
        if not holder.outer:
            value = one.get(holder.field)
            if isinstance(value, str):
                found.append(Link(holder.field, holder.entity, value))
            continue
        lines = one.get(holder.outer)
        for line in lines if isinstance(lines, list) else ():
            value = line.get(holder.field) if isinstance(line, dict) else None
            if isinstance(value, str):
                found.append(Link(f"{holder.outer}.{holder.field}", holder.entity, value))
    return tuple(found)


def _text(one: JsonObject, field: str) -> str:
    value = one.get(field)
    return value if isinstance(value, str) else ""


def month_number(moment: datetime) -> int:
    """A calendar month as one number: the months since the year 0."""
    return moment.year * 12 + moment.month - 1
