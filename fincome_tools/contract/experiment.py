"""Finds out by real calls what Fincome does where the contract can only believe it.

Reads come first. What is written is one small chain of test objects, product to credit note, with ids that begin with
`chain.PREFIX` and a random part; they can't be deleted again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from destination_fincome.fincome.answers import Kind
from destination_fincome.fincome.contract import Contract, EntitySpec
from fincome_tools.contract.calls import Answered, Caller, CallFailure
from fincome_tools.contract.chain import CHANGES, NAME, PREFIX, chain_of
from fincome_tools.contract.findings import Facts, Finding, Result, corrected, edit

POLL_SECONDS = 0.25


class Experiment:
    """One run. `findings` grows as it goes on; `made` names what it left behind."""

    def __init__(self, contract: Contract, facts: Facts, caller: Caller, wait_seconds: float) -> None:
        self._contract = contract
        self._facts = facts
        self._caller = caller
        self._wait = wait_seconds
        self.prefix = f"{PREFIX}{secrets.token_hex(4)}-"
        self._bodies = chain_of(self.prefix)
        self._made: dict[tuple[str, str], bool] = {}
        self._created: dict[str, float] = {}
        self._at_once: dict[str, bool] = {}
        self._corrected = corrected(contract)
        self.findings: list[Finding] = []

    def planned(self) -> list[tuple[str, str]]:
        """Entity and id of the objects that will be written."""
        return [(name, self._bodies[name]["id"]) for name in self._contract.entities]

    def made(self) -> list[tuple[str, str, bool]]:
        """Entity and id of what was written, and whether that is certain."""
        return [(entity, identity, certain) for (entity, identity), certain in self._made.items()]

    # --- reads

    def read(self) -> None:
        """Make the calls that write nothing. The connection test has been passed before."""
        contract = self._contract
        for place, subject, value in (
            ("access.base_url", "address", contract.base_url),
            ("access.api_key_header", "header of the key", contract.api_key_header),
            ("access.api_key_prefix", "before the key", repr(contract.api_key_prefix)),
        ):
            self._note(place, subject, value, value, Result.AGREES)
        for spec in contract.entities.values():
            self._note(f"entities.{spec.name}.path", f"{spec.name}: path", spec.path, spec.path, Result.AGREES)
        customers = contract.entities["customers"]
        refused = self._caller.retrieve(customers, f"{self.prefix}nobody", "destination-fincome-probe-wrong-key")
        statuses = contract.answers["key_refused"].statuses
        self._compare("answers.key_refused", "a wrong key", _either(statuses), str(refused), refused.status in statuses)
        missing = self._caller.retrieve(customers, f"{self.prefix}nobody")
        believed = "is missing: 404, or 422"
        self._compare(
            "operations.retrieve", "GET of a missing id", believed, str(missing), missing.verdict.kind is Kind.MISSING
        )

    # --- writes

    def write(self) -> None:
        """Write the chain, and try on it what the contract isn't sure of.

        Raises:
            CallFailure: no further call makes sense. What was found until then stands.
        """
        # All of the chain first, each as soon as its parents are accepted: so a lag of the parents can be seen.
        accepted = [spec for spec in self._contract.entities.values() if self._accepts(spec)]
        for spec in accepted:
            if self._visible(spec):
                self._repeated(spec)
                self._updated(spec)
        customers = self._contract.entities["customers"]
        if ("customers", self._bodies["customers"]["id"]) in self._made and customers.retrievable:
            self._nulls(customers)
            self._custom_properties(customers)
        self._missing(customers)
        self._incomplete(customers)
        self._unknown_reference(self._contract.entities["invoices"])

    def _accepts(self, spec: EntitySpec) -> bool:
        """Create an entity's object of the chain, and look at once whether it is there."""
        body = self._bodies[spec.name]
        place = f"entities.{spec.name}"
        lacking = [
            reference.entity
            for reference in spec.references
            if reference.field in body and (reference.entity, body[reference.field]) not in self._made
        ]
        if lacking:
            found = f"not tried: there is none of the {lacking[0].replace('_', ' ')} that it needs"
            self._note(place, f"{spec.name}: create", "201", found, Result.UNKNOWN)
            return False
        reply, seconds = self._create_after_parents(spec, body)
        if not reply.accepted:
            field = reply.fault.field if reply.fault.field and "." not in reply.fault.field else None
            there = f"{place}.fields.{field}" if field else place
            self._note(there, f"{spec.name}: create", "accepted", str(reply), Result.DIFFERS)
            return False
        late = f", {seconds:.1f} s after its parents" if seconds >= POLL_SECONDS else ""
        self._note("answers.success", f"{spec.name}: create", "accepted", f"{reply.status}{late}", Result.AGREES)
        self._created[spec.name] = time.monotonic()
        self._at_once[spec.name] = self._get(spec, body["id"]) is not None
        return True

    def _create_after_parents(self, spec: EntitySpec, body: dict[str, Any]) -> tuple[Answered, float]:
        """Create an object; its parents may take a moment to be known."""
        start = time.monotonic()
        while True:
            reply = self._create(spec, body)
            seconds = time.monotonic() - start
            if reply.verdict.kind is not Kind.UNKNOWN_REFERENCE or seconds > self._wait:
                return reply, seconds
            time.sleep(POLL_SECONDS)

    def _create(self, spec: EntitySpec, body: dict[str, Any]) -> Answered:
        return self._writing(spec, body, self._caller.create)

    def _update(self, spec: EntitySpec, body: dict[str, Any]) -> Answered:
        return self._writing(spec, body, self._caller.update)

    def _writing(
        self, spec: EntitySpec, body: dict[str, Any], call: Callable[[EntitySpec, dict[str, Any]], Answered]
    ) -> Answered:
        """Make a call that may leave an object behind, and remember it, also when the answer gets lost."""
        key = (spec.name, body["id"])
        try:
            reply = call(spec, body)
        except CallFailure:
            self._made.setdefault(key, False)
            raise
        if reply.accepted or 200 <= reply.status < 300:
            self._made[key] = True
        return reply

    def _visible(self, spec: EntitySpec) -> bool:
        """Tell whether an object can be asked for, and after how long."""
        place, subject = f"entities.{spec.name}.retrievable", f"{spec.name}: GET after POST"
        believed = "finds it" if spec.retrievable else "isn't possible"
        found = self._until(spec, self._bodies[spec.name]["id"], lambda there: True)
        seconds = time.monotonic() - self._created[spec.name]
        when = "at once" if self._at_once[spec.name] else f"after {seconds:.1f} s at most"
        words = f"finds it {when}" if found is not None else f"doesn't find it within {seconds:.1f} s"
        remedy = f"value: {str(found is not None).lower()}"
        self._compare(place, subject, believed, words, (found is not None) == spec.retrievable, remedy)
        return found is not None

    def _repeated(self, spec: EntitySpec) -> None:
        """POST an object again, with one field changed."""
        field, value, _ = CHANGES[spec.name]
        body = self._bodies[spec.name] | {field: value}
        reply = self._create(spec, body)
        place, subject = f"entities.{spec.name}.post_updates", f"{spec.name}: POST on an existing id"
        believed = "updates it" if spec.post_updates else "is refused"
        if reply.verdict.kind is Kind.EXISTS:
            self._compare(place, subject, believed, f"is refused ({reply})", not spec.post_updates, "value: false")
        elif not reply.accepted:
            found = f"is refused, but not as an id that is taken ({reply})"
            self._note("answers.already_exists", subject, believed, found, Result.DIFFERS, "add this form")
        elif self._becomes(spec, field, value):
            self._compare(place, subject, believed, f"updates it ({reply.status})", spec.post_updates, "value: true")
        else:
            found = f"is accepted ({reply.status}), and changes nothing within {self._wait:g} s"
            remedy = "value: false, and add this form to answers.already_exists"
            self._note(place, subject, believed, found, Result.DIFFERS, remedy)

    def _updated(self, spec: EntitySpec) -> None:
        """Update one field by id, and see whether the others stay."""
        field, _, value = CHANGES[spec.name]
        verb = self._contract.update.verb
        subject, believed = f"{spec.name}: {verb} of one field", "changes it, and others stay"
        before = self._get(spec, self._bodies[spec.name]["id"]) or {}
        reply = self._update(spec, {"id": self._bodies[spec.name]["id"], field: value})
        if not reply.accepted:
            self._note("operations.update", subject, believed, str(reply), Result.DIFFERS)
            return
        after = self._until(spec, self._bodies[spec.name]["id"], lambda there: _same(there.get(field), value))
        if after is None:
            found = f"is accepted ({reply.status}), and changes nothing within {self._wait:g} s"
            self._note("operations.update", subject, believed, found, Result.DIFFERS)
            return
        sent = self._bodies[spec.name]
        lost = [n for n in sent if n in before and n != field and not _same(after.get(n), before[n])]
        found = f"changes it ({reply.status}), and " + (f"also {', '.join(lost)}" if lost else "others stay")
        remedy = "updates are not partial; the connector would have to send whole objects"
        self._compare("operations.update", subject, believed, found, not lost, remedy)

    def _nulls(self, spec: EntitySpec) -> None:
        identity = self._bodies[spec.name]["id"]
        subject, believed = f"{spec.name}: a field sent as null", "is cleared"
        reply = self._update(spec, {"id": identity, "zip_code": None})
        if not reply.accepted:
            self._note("nulls", subject, believed, f"is refused ({reply})", Result.DIFFERS)
            return
        cleared = self._until(spec, identity, lambda there: there.get("zip_code") in (None, ""))
        found = "is cleared" if cleared is not None else f"stays as it was, for {self._wait:g} s"
        self._compare("nulls", subject, believed, f"{found} ({reply.status})", cleared is not None)

    def _custom_properties(self, spec: EntitySpec) -> None:
        """See whether attributes are merged or replaced, and what an empty object does."""
        identity = self._bodies[spec.name]["id"]
        place = "custom_properties"
        reply = self._update(spec, {"id": identity, "custom_properties": {"probe_b": "2"}})
        there = self._until(spec, identity, lambda one: "probe_b" in _attributes(one)) if reply.accepted else None
        subject = f"{spec.name}: custom_properties with another attribute"
        if there is None:
            self._note(place, subject, "are kept", f"can't be read back ({reply})", Result.UNKNOWN)
            return
        merged = "probe_a" in _attributes(there)
        found = "are merged: the first one stays" if merged else "are replaced: the first one is gone"
        self._note(place, subject, "left open", found, Result.LEARNED)
        # The other field tells when the update has been carried out.
        reply = self._update(spec, {"id": identity, "zip_code": "75009", "custom_properties": {}})
        subject = f"{spec.name}: custom_properties sent empty"
        if not reply.accepted:
            self._note(place, subject, "left open", f"is refused ({reply})", Result.LEARNED)
            return
        there = self._until(spec, identity, lambda one: one.get("zip_code") == "75009")
        if there is None:
            self._note(place, subject, "left open", f"can't be told ({reply})", Result.UNKNOWN)
            return
        found = "changes nothing" if "probe_b" in _attributes(there) else "wipes all attributes"
        self._note(place, subject, "left open", found, Result.LEARNED)

    def _missing(self, spec: EntitySpec) -> None:
        verb = self._contract.update.verb
        reply = self._update(spec, {"id": f"{self.prefix}missing", "name": NAME})
        found = f"creates it ({reply.status})" if reply.accepted else str(reply)
        subject = f"{spec.name}: {verb} on a missing id"
        is_missing = reply.verdict.kind is Kind.MISSING
        self._compare("operations.update", subject, "is refused as missing (404)", found, is_missing)

    def _incomplete(self, spec: EntitySpec) -> None:
        """Create a customer without its name."""
        reply = self._create(spec, {"id": f"{self.prefix}nameless"})
        statuses = self._contract.answers["invalid"].statuses
        subject, believed = f"{spec.name}: create without name", f"is refused ({_either(statuses)})"
        if reply.accepted:
            self._note(
                f"entities.{spec.name}.fields.name", subject, believed, f"is accepted ({reply.status})", Result.DIFFERS,
                "required: false",
            )  # fmt: skip
            return
        self._compare("answers.invalid", subject, believed, f"is refused ({reply})", reply.status in statuses)

    def _unknown_reference(self, spec: EntitySpec) -> None:
        """Create an invoice of a customer that isn't there."""
        body = self._bodies[spec.name] | {
            "id": f"{self.prefix}orphan",
            "customer_id": f"{self.prefix}nobody",
            "number": "PROBE-ORPHAN",
        }
        body.pop("subscription_id", None)
        reply = self._create(spec, body)
        place, subject = "answers.unknown_reference", f"{spec.name}: create with an unknown customer"
        believed = "is refused as an unknown reference"
        if reply.accepted:
            remedy = "Fincome doesn't check references; nothing has to be changed, but order can't be proven"
            self._note(place, subject, believed, f"is accepted ({reply.status})", Result.DIFFERS, remedy)
            return
        known = reply.verdict.kind is Kind.UNKNOWN_REFERENCE
        found = f"is refused ({reply})" + ("" if known else ", not recognised as such")
        self._compare(place, subject, believed, found, known, "add this form: its status, and words that tell it")

    # --- asking

    def _get(self, spec: EntitySpec, identity: str) -> dict[str, Any] | None:
        reply = self._caller.retrieve(spec, identity)
        return _object(reply.content, identity) if reply.accepted else None

    def _until(
        self, spec: EntitySpec, identity: str, condition: Callable[[dict[str, Any]], bool]
    ) -> dict[str, Any] | None:
        """Ask for an object until it is as it should be; None if that doesn't happen in time."""
        start = time.monotonic()
        while True:
            there = self._get(spec, identity)
            if there is not None and condition(there):
                return there
            if time.monotonic() - start > self._wait:
                return None
            time.sleep(POLL_SECONDS)

    def _becomes(self, spec: EntitySpec, field: str, value: object) -> bool:
        identity = self._bodies[spec.name]["id"]
        return self._until(spec, identity, lambda there: _same(there.get(field), value)) is not None

    # --- noting

    def _note(self, place: str, subject: str, believed: str, found: str, result: Result, remedy: str = "") -> None:
        fact = self._facts.at(place)
        words = edit(fact, remedy) if result is Result.DIFFERS else ""
        self.findings.append(Finding(result, subject, believed, found, fact, words, place in self._corrected))

    def _compare(self, place: str, subject: str, believed: str, found: str, agrees: bool, remedy: str = "") -> None:
        self._note(place, subject, believed, found, Result.AGREES if agrees else Result.DIFFERS, remedy)


def _object(content: object, identity: str) -> dict[str, Any] | None:
    """Find the object in an answer: the whole of it, or inside of an envelope such as {"data": {...}}."""
    if not isinstance(content, dict):
        return None
    for one in (content, *content.values()):
        if isinstance(one, dict) and str(one.get("id")) == identity:
            return one
    return None


def _attributes(there: dict[str, Any]) -> dict[str, Any]:
    value = there.get("custom_properties")
    return value if isinstance(value, dict) else {}


def _same(one: object, other: object) -> bool:
    """Tell whether two values are the same, however a server writes numbers and dates."""
    if one == other:
        return True
    if one is None or other is None:
        return False
    first, second = str(one), str(other)
    try:
        return Decimal(first) == Decimal(second)
    except InvalidOperation:
        return len(second) == len("2026-01-01") and first.startswith(second)


def _either(statuses: frozenset[int]) -> str:
    return " or ".join(map(str, sorted(statuses)))
