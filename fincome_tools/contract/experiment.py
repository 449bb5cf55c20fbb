"""Finds out by real calls what Fincome does where the contract can only believe it.

Reads come first. What is written is one small chain of test objects, product to credit note, with ids that begin with
`chain.PREFIX`, the day and a random part; they can't be deleted again, so in the end they are set to nothing.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from destination_fincome.fincome.answers import Kind
from destination_fincome.fincome.contract import CUSTOM_PROPERTIES, Corrections
from fincome_tools.contract.chain import NAME, PREFIX, Chain
from fincome_tools.contract.closing import close
from fincome_tools.contract.correction_text import folded, text_of
from fincome_tools.contract.findings import Finding, Result
from fincome_tools.contract.list_trial import ListTrials
from fincome_tools.contract.remedies import items_of
from fincome_tools.contract.session import Session
from fincome_tools.contract.trial import Trial

CUSTOMERS = "customers"


class Experiment:
    """One run. `findings` grows as it goes on; `made` names what it left behind."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._learned = session.learned
        self.prefix = f"{PREFIX}{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(4)}-"
        self._chain = Chain(self.prefix)
        self.kept: list[tuple[str, str]] = []

    @property
    def findings(self) -> list[Finding]:
        """What was found so far."""
        return self._session.findings

    @property
    def corrections(self) -> Corrections:
        """What was learned beyond the config."""
        return self._learned.found

    def text(self) -> str:
        """Return the text for the setting `contract`: all that is known to be otherwise than contract.yaml says."""
        return text_of(folded(self._learned.all, self._learned.contract))

    def planned(self) -> list[tuple[str, str]]:
        """Entity and id of the objects that will be written."""
        entities = self._learned.contract.entities.items()
        return [(name, self._chain.identity(name)) for name, spec in entities if not spec.absent]

    def made(self) -> list[tuple[str, str, bool]]:
        """Entity and id of what was written, and whether that is certain."""
        return self._session.made()

    # --- reads

    def read(self) -> None:
        """Make the calls that write nothing. The connection test has been passed before."""
        contract, note = self._learned.contract, self._session.note
        for place, subject, value in (
            ("access.base_url", "address", contract.base_url),
            ("access.api_key_header", "header of the key", contract.api_key_header),
            ("access.api_key_prefix", "before the key", repr(contract.api_key_prefix)),
        ):
            note(place, subject, value, value, Result.AGREES)
        for spec in contract.entities.values():
            if not spec.absent:
                note(f"entities.{spec.name}.path", f"{spec.name}: path", spec.path, spec.path, Result.AGREES)
        asked = next(spec for spec in contract.entities.values() if not spec.absent and spec.retrievable)
        nobody = f"{self.prefix}nobody"
        refused = self._session.retrieve(asked.name, nobody, "destination-fincome-probe-wrong-key")
        statuses = contract.answers["key_refused"].statuses
        self._session.compare(
            "answers.key_refused", "a wrong key", _either(statuses), str(refused), agrees=refused.status in statuses
        )
        missing = self._session.retrieve(asked.name, nobody)
        self._session.compare(
            "operations.retrieve", "GET of a missing id", "is missing: 404, or 422", str(missing),
            agrees=missing.verdict.kind is Kind.MISSING,
        )  # fmt: skip

    # --- writes

    def write(self) -> None:
        """Write the chain, and try on it what the contract isn't sure of; set it to nothing at the end.

        Raises:
            CallFailure: no further call makes sense. What was found until then stands.
        """
        try:
            self._try_all()
        finally:
            self.kept = close(self._session)

    def _try_all(self) -> None:
        # All of the chain first, each as soon as its parents are accepted: so a lag of the parents can be seen.
        trials = {
            name: Trial(self._session, self._chain, name)
            for name, spec in self._learned.contract.entities.items()
            if not spec.absent
        }
        there = {name: trial for name, trial in trials.items() if trial.create()}
        for trial in there.values():
            trial.see()
            trial.find_update()
            trial.read_back()
            trial.is_partial()
            trial.repeat()
        if CUSTOMERS in there:
            if self._session.spec(CUSTOMERS).retrievable:
                self._custom_properties()
            self._missing()
            self._incomplete()
        if "invoices" in trials:
            self._unknown_reference()
        lists = ListTrials(self._session)
        for name in there:
            lists.run(name)
        for trial in there.values():
            trial.empty()

    def _custom_properties(self) -> None:
        """See whether attributes are merged or replaced, and what an empty object does."""
        identity, note = self._chain.identity(CUSTOMERS), self._session.note
        place, subject = CUSTOM_PROPERTIES, f"{CUSTOMERS}: custom_properties with another attribute"
        reply = self._session.update(CUSTOMERS, {"id": identity, CUSTOM_PROPERTIES: {"probe_b": "2"}})
        there = self._attributes(identity, "probe_b", "2") if reply.accepted else None
        if there is None:
            note(place, subject, "are kept", f"can't be read back ({reply})", Result.UNKNOWN)
            return
        merged = "probe_a" in there
        found = "are merged: the first one stays" if merged else "are replaced: the first one is gone"
        note(place, subject, "left open", found, Result.LEARNED)
        # The other field tells when the update has been carried out.
        reply = self._session.update(CUSTOMERS, {"id": identity, "zip_code": "75009", CUSTOM_PROPERTIES: {}})
        subject = f"{CUSTOMERS}: custom_properties sent empty"
        if not reply.accepted:
            note(place, subject, "left open", f"is refused ({reply})", Result.LEARNED)
            return
        after, seen = self._session.until(CUSTOMERS, identity, lambda one: one.get("zip_code") == "75009")
        if not seen or after is None:
            note(place, subject, "left open", f"can't be told ({reply})", Result.UNKNOWN)
            return
        found = "changes nothing" if "probe_b" in _attributes(after) else "wipes all attributes"
        note(place, subject, "left open", found, Result.LEARNED)

    def _attributes(self, identity: str, name: str, value: str) -> dict[str, Any] | None:
        """Return the attributes of a customer once one of them is there."""
        there, seen = self._session.until(CUSTOMERS, identity, lambda one: _attributes(one).get(name) == value)
        return _attributes(there or {}) if seen else None

    def _missing(self) -> None:
        spec = self._session.spec(CUSTOMERS)
        if spec.update is None:
            return
        reply = self._session.update(CUSTOMERS, {"id": f"{self.prefix}missing", "name": NAME})
        found = f"creates it ({reply.status})" if reply.accepted else str(reply)
        self._session.compare(
            "operations.update", f"{CUSTOMERS}: {spec.update.verb} on a missing id", "is refused as missing (404)",
            found, agrees=reply.verdict.kind is Kind.MISSING,
        )  # fmt: skip

    def _incomplete(self) -> None:
        """Create a customer without its name."""
        reply = self._session.create(CUSTOMERS, {"id": f"{self.prefix}nameless"})
        statuses = self._learned.contract.answers["invalid"].statuses
        subject, believed = f"{CUSTOMERS}: create without name", f"is refused ({_either(statuses)})"
        if reply.accepted:
            self._session.note(
                f"entities.{CUSTOMERS}.fields.name", subject, believed, f"is accepted ({reply.status})",
                Result.DIFFERS, corrections={("entities", CUSTOMERS, "fields", "name", "required"): False},
            )  # fmt: skip
            return
        self._session.compare(
            "answers.invalid", subject, believed, f"is refused ({reply})", agrees=reply.status in statuses
        )

    def _unknown_reference(self) -> None:
        """Create an invoice of a customer that isn't there."""
        made = self._session.body_of("invoices", self._chain.identity("invoices"))
        needed = {name: value for name, value in self._chain.body("invoices").items() if name != CUSTOM_PROPERTIES}
        body = {**(made if len(made) > 1 else needed), "id": f"{self.prefix}orphan", "number": "PROBE-ORPHAN"}
        body["customer_id"] = f"{self.prefix}nobody"
        body.pop("subscription_id", None)
        reply = self._session.create("invoices", body, waits=False)
        place, subject = "answers.unknown_reference", "invoices: create with an unknown customer"
        believed = "is refused as an unknown reference"
        if reply.accepted:
            remedy = "nothing: Fincome doesn't check references, so their order can't be proven"
            self._session.note(place, subject, believed, f"is accepted ({reply.status})", Result.DIFFERS, remedy)
            return
        known = reply.verdict.kind is Kind.UNKNOWN_REFERENCE
        found = f"is refused ({reply})" + ("" if known else ", not recognised as such")
        self._session.compare(place, subject, believed, found, corrections=self._reference_words(reply), agrees=known)

    def _reference_words(self, reply: Any) -> dict[tuple[str, ...], Any]:
        """Return what would make a refusal known: its words, without the ids in it, and its status."""
        rule = self._learned.contract.answers["unknown_reference"]
        phrases = [item.text for item in items_of(reply.content) if item.field in ("", "customer_id")]
        phrase = next((one.lower() for one in phrases if one and PREFIX not in one), "")
        if not phrase or reply.status >= 500:
            return {}
        return {
            ("answers", "unknown_reference", "words"): [*rule.words, phrase],
            ("answers", "unknown_reference", "statuses"): sorted({*rule.statuses, reply.status}),
        }


def _attributes(there: dict[str, Any]) -> dict[str, Any]:
    value = there.get(CUSTOM_PROPERTIES)
    return value if isinstance(value, dict) else {}


def _either(statuses: frozenset[int]) -> str:
    return " or ".join(map(str, sorted(statuses)))
