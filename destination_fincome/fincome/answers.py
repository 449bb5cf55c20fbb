"""What an answer of the API means: the one place that decides.

Only what Fincome itself can have said about an object ends the object. Whatever stands before it (a firewall, a
gateway, a web server that misses it) says nothing about an object, whatever its status: that is passing trouble.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from http import HTTPStatus
from typing import Any

import orjson
from msgspec import Struct, structs

from destination_fincome.codes import Code
from destination_fincome.fincome.contract import Contract, EntitySpec, Operation
from destination_fincome.fincome.habits import Habits
from destination_fincome.fincome.pages import Listed
from destination_fincome.fincome.refusals import Discretion, Fault, read_fault
from destination_fincome.fincome.samples import Samples, Written
from destination_fincome.fincome.standard_messages import MESSAGES
from destination_fincome.fincome.stored import ENVELOPES
from destination_fincome.outcomes import Reason


class Kind(Enum):
    """All that an answer can mean."""

    ACCEPTED = auto()
    EXISTS = auto()  # create: the id is taken
    MISSING = auto()  # update, retrieve: there is no such object
    UNTOLD = auto()  # retrieve: nobody can tell whether there is such an object, or not yet
    UNKNOWN_REFERENCE = auto()  # a referenced object isn't there (yet)
    REFUSED = auto()  # this object, as it is, will never be accepted
    RETRY = auto()  # passing trouble
    STOP = auto()  # nothing will be accepted until the user changes something


class Verdict(Struct, frozen=True, gc=False):
    """The meaning of an answer.

    Attributes:
        code: of a refusal's reason.
        field: the field at fault, as far as the answer tells and the contract knows it.
        problem: in words, without values of any object. Of an id that is taken: why a create was refused.
        whole: of a refusal, all that was said; for the stored record only.
        retry_after: seconds that the API asks to wait. Of what is untold: it may be told after them; None for never.
        throttled: the API says that there are too many requests (429).
        overloaded: it can't follow (502 to 504), or didn't answer.
        barred: a firewall's page: it takes the connector for an attack, or a body for one.
        existed: whether the object that was accepted existed before, as far as that can be told.
        of_form: of a refusal: see Reason.
        doubtful: it may mean that the id is taken, in words that nobody knows.
        vague: it may mean that a referenced object isn't there yet, in words that nobody knows.
        bare: it may be the router's word, not that of what lies behind: said of an id, it can mean that there is no
            such operation. Of a STOP: the router's word that there is no such route or operation.
        found: the object that was asked for, as far as the answer shows it; numbers as Decimal.
        certain: of an unknown reference: it isn't the lag of a write that was accepted, so asking again is of no use.
        written: of an accepted write that is to be looked at.
        nulls_refused: fields that were to be cleared, and that an accepted write went without.
        listed: of a page of a list: what it shows; None if the answer holds no list.
        late: it is accepted, to be done later (202), and the answer doesn't show what was sent; only where
            Experience.confirms.
        unanswered: it is a write, and the wait for its answer has ended: it may still be carried out.
    """

    kind: Kind
    code: Code = Code.REFUSED_BY_API
    field: str | None = None
    problem: str = ""
    whole: str | None = None
    retry_after: float | None = None
    throttled: bool = False
    overloaded: bool = False
    barred: bool = False
    existed: bool | None = None
    of_form: bool = False
    doubtful: bool = False
    vague: bool = False
    bare: bool = False
    found: Mapping[str, Any] | None = None
    certain: bool = False
    written: Written | None = None
    nulls_refused: tuple[str, ...] = ()
    late: bool = False
    listed: Listed | None = None
    unanswered: bool = False

    @property
    def reason(self) -> Reason:
        """Why the object is refused."""
        return Reason(self.code, self.problem, self.field, whole=self.whole, of_form=self.of_form)


ACCEPTED = Verdict(Kind.ACCEPTED)
MISSING = Verdict(Kind.MISSING)
EXISTS = Verdict(Kind.EXISTS)
UNTOLD = Verdict(Kind.UNTOLD)


class Experience:
    """What good answers have proven so far; shared by all workers of a sync.

    Args:
        samples: picks the writes that are looked at; none are, without it.
        confirms: every answer that says "later" (202) is held against what was sent.
    """

    def __init__(self, samples: Samples | None = None, *, confirms: bool = False) -> None:
        self.samples = samples
        self.confirms = confirms
        self.key_accepted = False
        self.habits = Habits()
        self.routes: set[tuple[str, str]] = set()
        """Which operation was ever accepted at which path."""

    def has_answered(self, operation: Operation, spec: EntitySpec) -> bool:
        """Tell whether an operation was ever accepted: then it is there, whatever an answer says."""
        return (operation.name, spec.path) in self.routes

    def has_path(self, spec: EntitySpec) -> bool:
        """Tell whether anything was ever accepted there: then the path exists."""
        return any(path == spec.path for _, path in self.routes)


_ABOUT_AN_OBJECT = frozenset([Kind.ACCEPTED, Kind.EXISTS, Kind.MISSING, Kind.UNKNOWN_REFERENCE])


class Interpreter:
    """Reads answers by the contract's rules, in the light of those before."""

    def __init__(self, contract: Contract, experience: Experience | None = None) -> None:
        self._contract = contract
        self._rules = contract.answers
        self._experience = experience or Experience()
        self._discretion = Discretion(contract)
        self._mentions = _Mentions(contract)

    def read(
        self, operation: Operation, spec: EntitySpec, status: int, headers: Mapping[str, str], content: bytes
    ) -> Verdict:
        """Return what an answer means."""
        if status in self._rules["success"].statuses:
            verdict = self._success(operation, status, content)
        else:
            verdict = self._no_success(operation, spec, status, headers, content)
        experience = self._experience
        if verdict.kind is Kind.ACCEPTED:
            experience.routes.add((operation.name, spec.path))
        # An answer about an object comes from behind the key's check.
        if verdict.kind in _ABOUT_AN_OBJECT and not verdict.bare:
            experience.key_accepted = True
        return verdict

    def _success(self, operation: Operation, status: int, content: bytes) -> Verdict:
        retrieves, writes = operation.name == "retrieve", operation.name in WRITES
        if not content.strip():
            # A body can be lost on the way; that there is none is an answer only if the status says so, too.
            if retrieves and status != HTTPStatus.NO_CONTENT:
                return Verdict(Kind.RETRY, problem=f"answered {status} with nothing")
            return MISSING if retrieves else ACCEPTED
        try:
            document = orjson.loads(content)
        except orjson.JSONDecodeError:
            return Verdict(Kind.RETRY, problem=f"answered {status} with something that isn't JSON")
        parts = document if writes and isinstance(document, list) else [document]
        if any(map(self._contract.error_inside.fits, parts)):
            return Verdict(Kind.RETRY, problem=f"answered {status} with an error inside")
        if retrieves and document is not None and not isinstance(document, (dict, list)):
            return Verdict(Kind.RETRY, problem=f"answered {status} with something that is no object")
        return MISSING if retrieves and _holds_nothing(document) else ACCEPTED

    def _no_success(
        self, operation: Operation, spec: EntitySpec, status: int, headers: Mapping[str, str], content: bytes
    ) -> Verdict:
        there = self._experience.has_answered(operation, spec)
        if 300 <= status < 400:
            return _passing(status, headers) if there else Verdict(Kind.STOP, problem=REDIRECT.format(status=status))
        # From 500 on, HTTP itself says that the trouble is the server's.
        if status in self._rules["retry"].statuses or status >= 500:
            passing = _passing(status, headers)
            return structs.replace(
                passing, unanswered=status == HTTPStatus.GATEWAY_TIMEOUT and operation.name in WRITES
            )
        fault = read_fault(content, self._contract.error_key)
        if status == 405:
            stop = Verdict(Kind.STOP, problem=_not_allowed(operation, spec), bare=fault is not None)
            return _passing(status, headers) if there else stop
        if fault is None:
            return self._not_fincomes(operation, status, headers, content)
        if status in self._rules["key_refused"].statuses:
            return self._key_refused(status, fault)
        if any(item.place == "header" for item in fault.items):
            return Verdict(Kind.STOP, problem=header_expected(fault))
        return self._about_object(operation, spec, status, fault)

    def _not_fincomes(self, operation: Operation, status: int, headers: Mapping[str, str], content: bytes) -> Verdict:
        """Read an answer that hasn't the form of Fincome's errors."""
        said = "with nothing" if not content.strip() else f"in a form that isn't Fincome's ({_form(content)})"
        # An id that is taken is what this status means on a create; an update, which follows, will tell.
        if status == 409 and operation.name == "create" and _form(content) != "a page":
            return EXISTS
        hint = ""
        if status in self._rules["key_refused"].statuses and not self._experience.key_accepted:
            hint = "; if it stays so, check `api_key`"
        elif status == 404 and not self._experience.key_accepted:
            hint = "; if it stays so, check `base_url`"
        barred = status in _FIREWALLS and _form(content) == "a page"
        return structs.replace(_passing(status, headers, f" {said}{hint}"), barred=barred)

    def _key_refused(self, status: int, fault: Fault) -> Verdict:
        # After good answers with the same key, only 401 is still about the key; the other is about what it may do.
        if status == 401 or not self._experience.key_accepted:
            return Verdict(Kind.STOP, problem=KEY_REFUSED.format(status=status))
        return self._refused(status, fault)

    def _about_object(self, operation: Operation, spec: EntitySpec, status: int, fault: Fault) -> Verdict:
        creates = operation.name == "create"
        if self._rules["route_missing"].fits(status, fault.text):
            if not creates:
                return Verdict(Kind.MISSING, bare=True)
            there = self._experience.has_path(spec)
            return _passing(status, {}) if there else Verdict(Kind.STOP, problem=no_route(spec), bare=True)
        if operation.name == "update" and self._rules["busy"].fits(status, fault.text):
            return Verdict(
                Kind.RETRY, problem=f"answered {status} and says that something else is done with the object"
            )
        if (money := _whole_money(spec, fault)) is not None:
            return Verdict(Kind.STOP, problem=_IN_CENTS.format(field=f"{spec.name}.{money}", how=FIND_OUT))
        reference = self._reference(operation, spec, status, fault)
        if reference is not None:
            refused = self._refused(status, fault)
            code = Code.MISSING_REFERENCE
            return structs.replace(
                refused, kind=Kind.UNKNOWN_REFERENCE, code=code, field=reference or None, of_form=False
            )
        if not creates and (status == 404 or (operation.name == "retrieve" and status in _NO_SUCH_ID)):
            return MISSING
        refused = self._refused(status, fault)
        vague = self._is_vague(spec, status, fault)
        if creates and fault.field in (None, "id"):
            if self._rules["already_exists"].fits(status, fault.text) or status == 409:
                return structs.replace(EXISTS, problem=refused.problem, whole=refused.whole)
            return structs.replace(refused, doubtful=status in self._rules["already_exists"].statuses, vague=vague)
        return structs.replace(refused, vague=vague)

    def _is_vague(self, spec: EntitySpec, status: int, fault: Fault) -> bool:
        """Tell whether a refusal may be about a parent: in words of the API's own, of no field or of a reference."""
        if status not in (*self._rules["unknown_reference"].statuses, *_DEPENDENCIES) or not spec.references:
            return False
        of_reference = fault.field is not None and _plain(fault.field) in {one.field for one in spec.references}
        if fault.items and fault.items[0].type in MESSAGES:
            return of_reference and fault.items[0].type in _OWN_WORDS
        return of_reference or fault.field in (None, "id")

    def _refused(self, status: int, fault: Fault) -> Verdict:
        told, field = self._discretion.told(fault), self._discretion.field(fault)
        problem = f"was refused by Fincome ({status}{f': {told}' if told else ''})"
        whole = f"was refused by Fincome ({status}: {self._discretion.whole(fault)})" if fault.text else None
        return Verdict(Kind.REFUSED, Code.REFUSED_BY_API, field, problem, whole, of_form=fault.of_form)

    def _reference(self, operation: Operation, spec: EntitySpec, status: int, fault: Fault) -> str | None:
        """Return the field whose referenced object is unknown, "" if the answer doesn't name it, None if none is."""
        rule = self._rules["unknown_reference"]
        if operation.name in ("retrieve", "list") or not rule.fits(status, fault.text):
            return None
        fields = {reference.field: reference for reference in spec.references}
        if fault.field is not None:
            return fault.field if _plain(fault.field) in fields else None
        mentioned = self._mentions.of(fault.text)
        # What an update speaks of first is the object itself, if it can be.
        if operation.name == "update" and mentioned[:1] == [spec.name] and not _PARENT.search(fault.text):
            return None
        by_entity = {reference.entity: field for field, reference in reversed(fields.items())}
        others = [name for name in mentioned if name in by_entity and name != spec.name]
        if not others and spec.name in mentioned and spec.name in by_entity:
            others = [spec.name]
        if others:
            return by_entity[others[0]]
        # A user's own words name no object either.
        nameless = self._rules["nameless_reference"].fits(status, fault.text) or rule.has_words(fault.text)
        return "" if not mentioned and nameless else None


def _holds_nothing(document: Any) -> bool:
    """Tell whether an answer to a request for an id holds no object: it is empty, or an envelope that is."""
    if isinstance(document, dict):
        held = [document[name] for name in ENVELOPES if name in document]
        return "id" not in document and bool(held) and not any(held)
    return document in (None, [])


def _plain(path: str) -> str:
    """Return a field's path as the contract writes it: without positions in lists."""
    return ".".join(part for part in path.split(".") if not part.isdigit())


_NO_SUCH_ID = (400, 410, 422)
# Precondition failed, failed dependency.
_DEPENDENCIES = (412, 424)
# What pydantic calls a refusal by a service's own validator, in that one's words.
_OWN_WORDS = frozenset(["value_error", "assertion_error"])
_PARENT = re.compile(r"\bparent", re.IGNORECASE)

KEY_REFUSED = (
    "Fincome refused the API key ({status}). Create a secret key in Fincome under Settings > Developers "
    "and paste it into `api_key`. If it is right, `api_key_header` and `api_key_prefix` say how it is sent."
)
REDIRECT = "Fincome answers with a redirect ({status}), which is not followed with an API key. Check `base_url`."


FIND_OUT = "`fincome contract check FILE` (FILE: the OpenAPI document of Fincome's API) finds what differs."


def _not_allowed(operation: Operation, spec: EntitySpec) -> str:
    return (
        f"Fincome doesn't accept {operation.verb} on {spec.path}. Check `base_url` and `paths.{spec.name}`. {FIND_OUT}"
    )


def no_route(spec: EntitySpec) -> str:
    """Say that an entity isn't where the contract has it."""
    return (
        f"Fincome has no route {spec.path}. Check `base_url`, or set `paths.{spec.name}`. {FIND_OUT} If it has no "
        f"{spec.plural} at all, say so in the setting `contract`: entities: {{{spec.name}: {{absent: true}}}}."
    )


def _whole_money(spec: EntitySpec, fault: Fault) -> str | None:
    """Return the amount of money that the API wants as a whole number; all whole ones that it took are wrong then."""
    kinds = {field.name: field for field in spec.fields}
    kinds |= {f"{field.name}.{inner.name}": inner for field in spec.fields for inner in field.fields}
    for item in fault.items:
        name = _plain(".".join(map(str, item.path)))
        if item.type in _WHOLE_ONLY and name in kinds and kinds[name].money:
            return name
    return None


_WHOLE_ONLY = ("int_from_float", "int_parsing", "int_type", "type_error.integer")
_IN_CENTS = (
    "Fincome takes {field} in whole numbers only, so it probably counts cents, and amounts that it has taken are a "
    "hundredth of what they should be. Say so in the setting `contract`: amounts: cents. {how}"
)


def header_expected(fault: Fault) -> str:
    """Say which header a request lacks, by an answer that says so."""
    item = next(one for one in fault.items if one.place == "header")
    name = str(item.path[0]) if item.path else ""
    named = f" in header {name}" if re.fullmatch(r"[A-Za-z0-9-]{1,40}", name) else " in another header"
    return f"Fincome expects the key{named}: set `api_key_header` to it, and `api_key_prefix` if it needs one."


def _passing(status: int, headers: Mapping[str, str], more: str = "") -> Verdict:
    wait = retry_after(headers.get("Retry-After"), headers.get("Date"))
    problem = f"answered {status}{more}"
    overloaded = status in _OVERLOADED
    return Verdict(Kind.RETRY, problem=problem, retry_after=wait, throttled=status == 429, overloaded=overloaded)


_OVERLOADED = (502, 503, 504)
WRITES = ("create", "update")
"""The operations that change what Fincome has."""
# What firewalls answer beside a page of theirs: Cloudflare's and Amazon's 403, ModSecurity's 403 or 406.
_FIREWALLS = (403, 406)


def _form(content: bytes) -> str:
    try:
        orjson.loads(content)
    except orjson.JSONDecodeError:
        return "a page" if content.strip() else "nothing"
    return "another JSON"


class _Mentions:
    """Finds the entities that a text speaks of, by the names that the contract has for them."""

    def __init__(self, contract: Contract) -> None:
        names = {name: spec.name for spec in contract.entities.values() for name in spec.called}
        # A longer name wins over the one that it begins with: an invoice line is no invoice.
        longest_first = sorted(names, key=len, reverse=True)
        each = "|".join(re.escape(name).replace(r"\ ", "[ ]?") for name in longest_first)
        self._pattern = re.compile(rf"(?<![^\W\d_])(?:{each})(?=s?(?![^\W\d_]))")
        self._entities = {name.replace(" ", ""): entity for name, entity in names.items()}

    def of(self, text: str) -> list[str]:
        """Return the entities in the order in which they are spoken of, also as `invoice_line` or `InvoiceLine`."""
        plain = _BETWEEN_WORDS.sub(" ", text).lower()
        found = (one for one in self._pattern.finditer(plain) if not _OF_THIS_ONE.search(plain, 0, one.start()))
        return [self._entities[one[0].replace(" ", "")] for one in found]


# "Unknown tax code for this customer" says that the customer is known.
_OF_THIS_ONE = re.compile(
    r"\b(?:by|for|from|in|of|on|to|with|à|dans|de|par|pour|sur) (?:this|that|ce|cet|cette) (?:\w+ )?\Z"
)
_BETWEEN_WORDS = re.compile(r"[_-]|(?<=[^\W\d_A-Z])(?=[A-Z])")


def retry_after(value: str | None, sent: str | None = None) -> float | None:
    """Read a Retry-After header: seconds, or an HTTP date; None when it is absent or nonsense.

    Args:
        sent: the answer's Date header. A date is the server's, and so counts by its clock: this machine's may be wrong.
    """
    if not value:
        return None
    try:
        seconds = float(value)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    except ValueError:
        pass
    when = _http_date(value)
    return None if when is None else max(0.0, (when - (_http_date(sent) or datetime.now(UTC))).total_seconds())


def _http_date(text: str | None) -> datetime | None:
    try:
        when = parsedate_to_datetime(text) if text else None
    except (ValueError, TypeError, OverflowError):
        return None
    return when.replace(tzinfo=UTC) if when is not None and when.tzinfo is None else when
