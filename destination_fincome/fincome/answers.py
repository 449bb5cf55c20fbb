"""What an answer of the API means: the one place that decides (design.md, "Errors")."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import Any

import orjson

from destination_fincome.codes import Code
from destination_fincome.fincome.contract import Contract, EntitySpec, Operation


class Kind(Enum):
    """All that an answer can mean."""

    ACCEPTED = auto()
    EXISTS = auto()  # create: the id is taken
    MISSING = auto()  # update, retrieve: there is no such object
    UNKNOWN_REFERENCE = auto()  # a referenced object isn't there (yet)
    REFUSED = auto()  # this object, as it is, will never be accepted
    RETRY = auto()  # passing trouble
    STOP = auto()  # nothing will be accepted until the user changes something


@dataclass(frozen=True, slots=True)
class Verdict:
    """The meaning of an answer.

    Attributes:
        code: of a refusal's reason.
        field: the field at fault, as far as the answer tells.
        problem: in words, without values of the object.
        retry_after: seconds that the API asks to wait.
        throttled: the API says that there are too many requests (429).
        existed: whether the object that was accepted existed before, as far as that can be told.
        of_form: of a refusal: see Reason.
    """

    kind: Kind
    code: Code = Code.REFUSED_BY_API
    field: str | None = None
    problem: str = ""
    retry_after: float | None = None
    throttled: bool = False
    existed: bool | None = None
    of_form: bool = False


ACCEPTED = Verdict(Kind.ACCEPTED)


class Interpreter:
    """Reads answers by the contract's rules."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._rules = contract.answers

    def read(
        self,
        operation: Operation,
        spec: EntitySpec,
        status: int,
        headers: Mapping[str, str],
        content: bytes,
        sent: bytes = b"",
    ) -> Verdict:
        """Return what an answer means.

        Args:
            sent: the request's body, to keep its values out of what is quoted from the answer.
        """
        rules = self._rules
        if status in rules["success"].statuses:
            return (
                ACCEPTED
                if _could_be_json(content)
                else Verdict(Kind.RETRY, problem=f"answered {status} with something that isn't JSON")
            )
        if stop := self._stop(spec, operation, status, headers):
            return stop
        if status in rules["retry"].statuses or status >= 500:
            return Verdict(
                Kind.RETRY,
                problem=f"answered {status}",
                retry_after=retry_after(headers.get("Retry-After")),
                throttled=status == 429,
            )
        return self._about_object(operation, spec, status, content, sent)

    def _stop(self, spec: EntitySpec, operation: Operation, status: int, headers: Mapping[str, str]) -> Verdict | None:
        if status in self._rules["key_refused"].statuses:
            return Verdict(Kind.STOP, problem=KEY_REFUSED.format(status=status))
        if 300 <= status < 400:
            return Verdict(
                Kind.STOP,
                problem=f"Fincome answers with a redirect ({status}), which is not followed with an API key. "
                "Check `base_url`.",
            )
        if status == 405:
            return Verdict(
                Kind.STOP,
                problem=f"Fincome doesn't accept {operation.verb} on {spec.path}. "
                f"Check `base_url` and `paths.{spec.name}`.",
            )
        return None

    def _about_object(
        self, operation: Operation, spec: EntitySpec, status: int, content: bytes, sent: bytes
    ) -> Verdict:
        rules = self._rules
        fault = read_detail(content)
        # A 404 without words of its own is a web server's: nothing of Fincome's is there.
        if rules["route_missing"].fits(status, fault.text) or (status == 404 and not fault.text):
            if operation.name != "create":
                return Verdict(Kind.MISSING)
            return Verdict(
                Kind.STOP,
                problem=f"Fincome has no route {spec.path}. Check `base_url`, or set `paths.{spec.name}`.",
            )
        reference = self._reference(operation, spec, status, fault)
        if reference is not None:
            return Verdict(
                Kind.UNKNOWN_REFERENCE,
                Code.MISSING_REFERENCE,
                reference,
                "refers to an object that Fincome doesn't know",
            )
        if operation.name != "create" and (status == 404 or (operation.name == "retrieve" and status == 422)):
            return Verdict(Kind.MISSING)
        if operation.name == "create" and fault.field in (None, "id"):
            exists = rules["already_exists"]
            if exists.fits(status, fault.text) or status == 409:
                return Verdict(Kind.EXISTS)
        return Verdict(
            Kind.REFUSED,
            Code.REFUSED_BY_API,
            fault.field,
            f"was refused by Fincome ({status}{': ' + words if (words := safe_words(fault.text, sent)) else ''})",
            of_form=fault.of_form,
        )

    def _reference(self, operation: Operation, spec: EntitySpec, status: int, fault: Fault) -> str | None:
        """Return the field whose referenced object is unknown, "" if the answer doesn't name it, None if none is."""
        if operation.name == "retrieve" or not self._rules["unknown_reference"].fits(status, fault.text):
            return None
        names = {reference.field for reference in spec.references}
        if fault.field is not None:
            plain = ".".join(part for part in fault.field.split(".") if not part.isdigit())
            return fault.field if plain in names else None
        text = fault.text.lower()
        for reference in spec.references:
            parent = self._contract.entities[reference.entity]
            about_itself = reference.entity == spec.name or spec.singular in text
            if parent.singular in text and not (operation.name == "update" and about_itself):
                return reference.field
        return None


KEY_REFUSED = (
    "Fincome refused the API key ({status}). Create a secret key in Fincome under Settings > Developers "
    "and paste it into `api_key`."
)


# As versions 2 and 1 of pydantic call them: https://docs.pydantic.dev/latest/errors/validation_errors/
_OF_FORM = re.compile(r"(value_error\.)?(missing|extra|extra_forbidden)|type_error(\..+)?|\w+_type")


@dataclass(frozen=True, slots=True)
class Fault:
    """The `detail` of an answer: all its words, and the field and the type that its first item names."""

    text: str = ""
    field: str | None = None
    type: str = ""

    @property
    def of_form(self) -> bool:
        """Whether the object lacks a field, has one too many, or one of another type: pydantic's names of types."""
        return bool(_OF_FORM.fullmatch(self.type))


def read_detail(content: bytes) -> Fault:
    """Read FastAPI's two forms of `detail` (fincome-api.md, "Access"), and the usual keys of other servers."""
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        return Fault()
    if not isinstance(document, dict):
        return Fault()
    detail = document.get("detail", document.get("message", document.get("error")))
    if isinstance(detail, list):
        items = [item for item in detail if isinstance(item, dict)]
        text = "; ".join(str(item.get("msg", "")) for item in items)
        return Fault(text, _field(items[0].get("loc")), str(items[0].get("type", ""))) if items else Fault(text)
    if isinstance(detail, dict):
        text = str(detail.get("msg", detail.get("message", "")))
        return Fault(text, _field(detail.get("loc")), str(detail.get("type", "")))
    return Fault(detail) if isinstance(detail, str) else Fault()


def _field(loc: Any) -> str | None:
    if not isinstance(loc, list):
        return None
    parts = [str(part) for part in loc]
    return ".".join(parts[1:] if parts and parts[0] in ("body", "path", "query") else parts) or None


_QUOTED = re.compile(r""""[^"]*"|'[^']*'|`[^`]*`|«[^»]*»|“[^”]*”|‘[^’]*’""")

# Also one that was not sent: of the object that is in the way, for instance.
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")


def safe_words(text: str, sent: bytes, limit: int = 160) -> str:
    """Return an answer's words without what may be customer data: quoted parts, addresses, values that were sent."""
    # Values first: one that holds a quotation mark of its own is no longer whole after the quoted parts are gone.
    masked = text
    for value in sorted(_values(sent), key=len, reverse=True):
        masked = re.sub(re.escape(value), "…", masked, flags=re.IGNORECASE)
    masked = _ADDRESS.sub("…", _QUOTED.sub("…", masked))
    masked = " ".join(masked.split())
    return masked if len(masked) <= limit else masked[: limit - 1] + "…"


def _values(sent: bytes) -> set[str]:
    """Return all values of a JSON body that are long enough to be told from ordinary words."""
    found: set[str] = set()
    # Numbers as they are written: they are looked for as text.
    stack: list[Any] = [json.loads(sent, parse_int=str, parse_float=str)] if sent else []
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, str):
            found.add(item)
    return {value for value in found if len(value) >= 3}


def retry_after(value: str | None) -> float | None:
    """Read a Retry-After header: seconds, or an HTTP date; None when it is absent or nonsense."""
    if not value:
        return None
    try:
        seconds = float(value)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _could_be_json(content: bytes) -> bool:
    """Tell an API's answer from a proxy's page; nothing at all is fine (204, 202)."""
    start = content[:64].lstrip()
    return not start or start[:1] in b'{["0123456789-tfn'
