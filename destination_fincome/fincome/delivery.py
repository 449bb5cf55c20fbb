"""What is delivered and by whom: requests, replies, the Deliverer, and the verdicts that need no answer of Fincome."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple, Protocol

import orjson
from msgspec import Struct, structs

from destination_fincome.codes import Code
from destination_fincome.fincome.answers import ACCEPTED, Kind, Verdict
from destination_fincome.fincome.contract import EntitySpec, Operation, WritePolicy
from destination_fincome.fincome.listing import Page
from destination_fincome.fincome.models import encode

# May be the lag of an asynchronous write (202), so it is asked again as an unknown reference is, a few times.
# The id is taken, and there is no such object: an object that was accepted may be visible only later (202).
CONTRADICTION = Verdict(
    Kind.UNKNOWN_REFERENCE, Code.REFUSED_BY_API, "id", "exists by one answer of Fincome, and doesn't by the next"
)
# What a user's `contract` says of an entity.
NOT_CREATED = Verdict(Kind.REFUSED, Code.MISSING_OBJECT, "id", "isn't there, and Fincome's API can't create it")
NOT_PARTIAL = Verdict(
    Kind.REFUSED, Code.REFUSED_BY_API, None, "isn't whole, and Fincome's updates wipe whatever they don't bring"
)
NOT_UPDATED = Verdict(Kind.REFUSED, Code.REFUSED_BY_API, "id", "exists already, and Fincome's API can't change it")
NOT_CREATED_ONLY = Verdict(
    Kind.REFUSED,
    Code.REFUSED_BY_API,
    "id",
    "can't be created with certainty that it changes nothing: Fincome's API doesn't tell what exists",
)
UNROUTABLE = Verdict(
    Kind.REFUSED,
    Code.REFUSED_BY_API,
    "id",
    "is there and can't be changed: Fincome's API has no route to an id with a slash. Give such objects an id without "
    "one in a mapping of your own",
)
ACCEPTED_BY = {existed: structs.replace(ACCEPTED, existed=existed) for existed in (True, False, None)}


class Request(Struct, frozen=True, gc=False):
    """One object to deliver.

    Attributes:
        body: the JSON to send.
        complete: it has what is needed to create the object; if not, an update is tried first.
        update_first: the object probably exists already.
        policy: what may become of the object.
        key: the sender's own mark, to know the request by when it is answered.
        once: fields that only the creation takes, if there is an update by id that leaves alone what it doesn't bring.
        changes_only: no object of its kind comes with what is needed to create it: what Fincome doesn't show isn't
            there to be changed.
        known: this sync has brought it to Fincome, or found it there.
        at_end: all of the input had been read when it was handed out.
        look_up: nothing is written; it is asked for.
        check: of a look-up: whether it is stored as it was sent.
        page: of a look-up: that of the entity's list is asked for, and no object.
    """

    entity: str
    id: str
    body: bytes
    complete: bool = True
    update_first: bool = False
    policy: WritePolicy = "upsert"
    key: int = 0
    once: tuple[str, ...] = ()
    changes_only: bool = False
    known: bool = False
    at_end: bool = False
    look_up: bool = False
    check: bool = False
    page: Page | None = None

    @property
    def only_changes(self) -> bool:
        """Whether it may or can only change what is there: nothing may come of it where nothing is."""
        return self.policy == "update_only" or not self.complete

    @property
    def of_what_exists(self) -> Request:
        """The same without what only a creation takes."""
        if not self.once:
            return self
        values = json.loads(self.body, parse_float=Decimal)
        body = encode({name: value for name, value in values.items() if name not in self.once})
        return structs.replace(self, body=body, once=())

    def as_sent_by(self, operation: str, spec: EntitySpec) -> Request:
        """The same with what a create or an update of it sends."""
        leaves_alone = operation == "update" and spec.update is not None and spec.update.partial
        return self.of_what_exists if leaves_alone else self


class Reply(NamedTuple):
    """One answer, and what it means.

    Attributes:
        status: 0 if there was no answer.
        content: the body, at most 1 MiB.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    verdict: Verdict


class Access(NamedTuple):
    """A way to show a key: in a header, after a prefix."""

    header: str
    prefix: str
    key: str


class Deliverer(Protocol):
    """What brings objects to Fincome, or does as if. Used by one thread at a time."""

    @property
    def requests(self) -> int:
        """How many requests were sent."""

    def deliver(self, request: Request) -> Verdict:
        """Make Fincome hold the object: create it, or update it if it exists already, as its policy allows.

        Returns:
            ACCEPTED, UNKNOWN_REFERENCE, REFUSED, RETRY or STOP; EXISTS of what may only be created, and MISSING of
            what may only be updated. May be repeated at will: it ends in the same object.
        """

    def look_up(self, entity: str, identity: str) -> Verdict:
        """Ask whether an object exists: ACCEPTED, MISSING, RETRY or STOP."""

    def read_page(self, entity: str, page: Page) -> Verdict:
        """Ask for a page of an entity's list: ACCEPTED with what it shows, or what keeps it from that."""

    def close(self) -> None:
        """Close the connections."""


class BeforeAnother:
    """A Deliverer that stands before another one, whose connections and requests are its own."""

    def __init__(self, client: Deliverer) -> None:
        self._client = client

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self._client.requests

    def read_page(self, entity: str, page: Page) -> Verdict:
        """Ask for a page of a list; see Deliverer."""
        return self._client.read_page(entity, page)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def no_create(spec: EntitySpec, create: Operation) -> Verdict:
    """Return the refusal of what would have to be created, where the API turned out to have no such operation."""
    problem = f"isn't there, and Fincome's API has no {create.verb} of {spec.plural}"
    return Verdict(Kind.REFUSED, Code.REFUSED_BY_API, "id", problem, of_form=True)


def no_update(spec: EntitySpec) -> Verdict:
    """Return the refusal of what would have to be changed, where the API turned out to have no such operation."""
    problem = f"exists already, and Fincome's API has neither PATCH nor PUT of {spec.plural} by id"
    return Verdict(Kind.REFUSED, Code.REFUSED_BY_API, "id", problem, of_form=True)


def incomplete(spec: EntitySpec, request: Request) -> Verdict:
    """Return the refusal of what can't be created: Fincome needn't be asked."""
    has = orjson.loads(request.body).keys()
    missing = [field.name for field in spec.fields if field.required and field.name not in has]
    needed = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} needed to create it"
    article = "an" if spec.singular[0] in "aeiou" else "a"
    text = f"names {article} {spec.singular} that Fincome doesn't have, and {needed}"
    return Verdict(Kind.REFUSED, Code.MISSING_OBJECT, "id", text)


def unsent(verdict: Verdict) -> Reply:
    """Return the reply to what was not sent."""
    return Reply(0, {}, b"", verdict)
