"""One kind of objects on trial: its test object is created, read back, changed, sent again and emptied.

A step that is refused is tried again in the form that the refusal asks for; what then works is a correction of the
contract. What can't be had either way is left out, and the next step is taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from destination_fincome.fincome.answers import Kind
from destination_fincome.fincome.stored import Shown, compared, object_in
from destination_fincome.fincome.value_types import LINES
from fincome_tools.contract.calls import Answered
from fincome_tools.contract.chain import CHANGES, Body, Chain
from fincome_tools.contract.findings import Result
from fincome_tools.contract.remedies import (
    Remedy,
    camel_case,
    canonical,
    items_of,
    matched,
    place_of,
    remedies,
)
from fincome_tools.contract.session import Session, is_late

MOST_TRIES = 15
OTHER_VERBS = ("PUT", "PATCH", "POST")
RELATIONS = {
    "not shown": "accepted, and not shown",
    "without its decimals": "stored without its decimals",
    "opposite sign": "stored with the opposite sign",
    "its day only": "stored as its day only",
}


def _finds_no_route(reply: Answered) -> bool:
    """Tell whether an answer is the router's word that there is no such path."""
    return reply.status == 404 and reply.verdict.bare


class Trial:
    """One entity."""

    def __init__(self, session: Session, chain: Chain, entity: str) -> None:
        self._session = session
        self._learned = session.learned
        self._entity = entity
        self._id = chain.identity(entity)
        self._body = chain.body(entity)
        self._other = chain.other(entity)
        self._tried: set[str] = set()
        self._applied: dict[tuple[str, ...], Any] = {}
        self._readable = True
        self._created = 0.0
        self._at_once = False
        self._relations: dict[str, Shown] = {}
        self._answer: dict[str, Any] | None = None
        self._stored: set[str] = set()

    @property
    def _spec(self) -> Any:
        return self._session.spec(self._entity)

    def _fact(self, *parts: str) -> str:
        return ".".join(["entities", self._entity, *parts])

    # --- create

    def create(self) -> bool:
        """Create the object; tell whether it is there."""
        if parent := self._lacking():
            found = f"not tried: there is none of the {parent.replace('_', ' ')} that it needs"
            self._session.note(self._fact(), f"{self._entity}: create", "accepted", found, Result.UNKNOWN)
            return False
        start = time.monotonic()
        reply = self._accepted(self._body, self._session.create)
        if not reply.accepted and not (reply := self._bisected(reply)).accepted:
            self._refused(reply)
            return False
        seconds = time.monotonic() - start
        late = f", {seconds:.1f} s after its parents" if is_late(seconds) else ""
        found = f"{reply.status}{late}"
        self._session.note("answers.success", f"{self._entity}: create", "accepted", found, Result.AGREES)
        self._created, self._answer = time.monotonic(), object_in(reply.content, self._id)
        self._at_once = self._session.get(self._entity, self._id) is not None
        return True

    def _lacking(self) -> str | None:
        """Return the entity of a parent that it needs and that isn't there; leave out references to others."""
        for reference in self._spec.references:
            parent = self._body.get(reference.field)
            if parent is None or self._session.has_made(reference.entity, parent):
                continue
            if reference.required:
                return str(reference.entity)
            del self._body[reference.field]
        return None

    def _accepted(self, body: Body, call: Callable[[str, Body], Answered]) -> Answered:
        """Send a body until it is accepted, each time in the form that the refusal asks for."""
        self._applied = {}
        reply = call(self._entity, dict(body))
        for _ in range(MOST_TRIES):
            if reply.accepted or not self._mended(reply, body):
                break
            reply = call(self._entity, dict(body))
        if reply.accepted:
            self._tell_applied()
        else:
            self._learned.forget(self._applied)
        return reply

    def _tell_applied(self) -> None:
        """Note what made the object acceptable."""
        for place, value in self._applied.items():
            path = ".".join(place[3:-1:2]) if place[2:3] == ("fields",) else ""
            subject = f"{self._entity}.{path}" if path else f"{self._entity}: {place[-1]}"
            believed, found = _WORDS_OF[place[-1]](path, value)
            self._session.note(
                ".".join(place[:-1]), subject, believed, found, Result.DIFFERS, corrections={place: value}
            )

    def _mended(self, reply: Answered, body: Body) -> bool:
        """Apply what may help against each thing that a refusal names; tell whether anything is left to try."""
        if 300 <= reply.status < 400:
            return self._led_to_slash(reply)
        items, spec, now = items_of(reply.content), self._spec, set()
        for item in items:
            for remedy in remedies(spec, body, item, items):
                key = f"{remedy.corrections} {remedy.leave_out}"
                if key in now:
                    break  # Another item has asked for it already.
                if key not in self._tried:
                    now.add(key)
                    self._apply(remedy, body, reply)
                    break
        self._tried |= now
        return bool(now)

    def _apply(self, remedy: Remedy, body: Body, reply: Answered) -> None:
        for place, value in remedy.corrections.items():
            if place[-1] == "absent":
                self._learned.forget([(*place[:-1], "name")])
                self._applied.pop((*place[:-1], "name"), None)
            self._applied[place] = value
            self._learned.take({place: value})
        if remedy.leave_out:
            for one in (body, self._body, self._other):
                one.pop(remedy.leave_out, None)
            there = self._fact("fields", remedy.leave_out)
            found = f"is refused ({reply}); tried without"
            # It was the object's own id, which an API may well refuse.
            result = Result.UNKNOWN if remedy.leave_out == self._spec.root else Result.DIFFERS
            self._session.note(there, f"{self._entity}.{remedy.leave_out}", "is taken", found, result)

    def _led_to_slash(self, reply: Answered) -> bool:
        """Go on with a slash at the end of collections, if that is where a redirect leads."""
        target = urlsplit(reply.headers.get("Location", "")).path
        path = self._spec.path
        if not target.endswith(f"{path}/") or path.endswith("/"):
            return False
        place = ("entities", self._entity, "path")
        self._applied[place] = f"{path}/"
        self._learned.take(self._applied)
        return True

    def _bisected(self, refused: Answered) -> Answered:
        """Create it with what is required, then add the other fields one by one; what is refused is left out."""
        needed = {name: value for name, value in self._body.items() if name in self._spec.required}
        reply = self._session.create(self._entity, needed)
        if not reply.accepted:
            return refused
        for name in [one for one in self._body if one not in needed]:
            added = self._session.update(self._entity, {"id": self._id, name: self._body[name]})
            if not added.accepted:
                self._apply(Remedy({}, leave_out=name), self._body, added)
        return reply

    def _refused(self, reply: Answered) -> None:
        there = self._fact("fields", reply.fault.field) if reply.fault.field else self._fact()
        corrections: dict[tuple[str, ...], Any] = {}
        if reply.status == 405 or _finds_no_route(reply):
            # Where not even an id has a route there is no such kind of objects.
            nowhere = _finds_no_route(reply) and _finds_no_route(self._session.retrieve(self._entity, self._id))
            place = ("absent",) if nowhere else ("operations", "create", "absent")
            corrections = {("entities", self._entity, *place): True}
        self._session.note(
            there, f"{self._entity}: create", "accepted", str(reply), Result.DIFFERS, corrections=corrections
        )

    # --- reading

    def see(self) -> None:
        """Find out whether the object can be asked for, and after how long."""
        spec = self._spec
        found = self._at_once or self._session.until(self._entity, self._id, lambda _: True)[1]
        seconds = time.monotonic() - self._created
        when = "at once" if self._at_once else f"after {seconds:.1f} s at most"
        believed = "finds it" if spec.retrievable else "isn't possible"
        words = f"finds it {when}" if found else f"doesn't find it within {seconds:.1f} s"
        self._session.compare(
            self._fact("retrievable"), f"{self._entity}: GET after POST", believed, words,
            corrections={("entities", self._entity, "retrievable"): found}, agrees=found == spec.retrievable,
        )  # fmt: skip
        self._readable = found

    def _shown(self, body: Body) -> list[Shown]:
        """Return what is shown of a body, once all of it is, or at the end of the waiting."""
        spec = self._spec

        def is_all_there(there: Mapping[str, Any]) -> bool:
            return all(one.relation == "same" for one in compared(spec, body, there))

        if self._readable:
            there, _ = self._session.until(self._entity, self._id, is_all_there)
        else:
            there = self._answer
        return compared(spec, body, there) if there is not None else []

    def read_back(self) -> None:
        """Hold every field against what is shown; what was lost is sent again in another form."""
        for body in (self._body, self._other):
            if body is self._other and not self._change():
                break
            shown = self._shown(body)
            if body is self._other and shown and not self._has_any_changed(shown):
                self._unchanged()
                break
            for corrections in self._explanations(shown):
                shown = self._explained(corrections, body, shown)
            for one in shown:
                if one.relation != "same" or one.path not in self._relations:
                    self._relations[one.path] = one
        self._tell()

    def _has_any_changed(self, shown: Sequence[Shown]) -> bool:
        changes = {name for name, value in self._other.items() if value != self._body.get(name)}
        return any(one.relation == "same" for one in shown if one.path in changes)

    def _change(self) -> bool:
        """Give the object other values."""
        if self._spec.update is None:
            return False
        reply = self._accepted(self._other, self._session.update)
        self._answer = object_in(reply.content, self._id) or self._answer
        if not reply.accepted:
            subject = f"{self._entity}: {self._verb} of several fields"
            self._session.note("operations.update", subject, "changes them", str(reply), Result.DIFFERS)
        return reply.accepted

    def _unchanged(self) -> None:
        found = f"is accepted, and changes nothing within {self._session.wait:g} s"
        subject = f"{self._entity}: {self._verb} of several fields"
        self._session.note("operations.update", subject, "changes them", found, Result.DIFFERS)

    def _explanations(self, shown: Sequence[Shown]) -> Iterable[dict[tuple[str, ...], Any]]:
        """Yield corrections that would explain what is shown."""
        lost = [one for one in shown if one.relation == "not shown" and one.path != "id"]
        seen = self._session.get(self._entity, self._id) if self._readable and lost else None
        names = {}
        for one in lost:
            likely = [name for name in seen or {} if canonical(name) == canonical(one.path)]
            name = next(iter(likely), camel_case(one.path))
            if name != one.path and "." not in one.path:
                names[place_of(self._spec, one.path, "name")] = name
        if names:
            yield names
        for one in shown:
            place = _EXPLAINED.get(one.relation)
            if place:
                yield {place_of(self._spec, one.path, place[0]): place[1]}
        yield from self._other_words(shown)

    def _other_words(self, shown: Sequence[Shown]) -> Iterable[dict[tuple[str, ...], Any]]:
        enums = {field.name: field.enum for field in self._spec.fields if field.enum}
        for one in shown:
            if one.relation == "another value" and isinstance(one.there, str) and one.path in enums:
                words = matched(enums[one.path], [one.there])
                if words:
                    yield {place_of(self._spec, one.path, "words"): words}

    def _explained(self, corrections: dict[tuple[str, ...], Any], body: Body, shown: Sequence[Shown]) -> list[Shown]:
        """Send the object again by some corrections, and keep those that bring a field back."""
        with self._learned.trying(corrections):
            reply = self._session.update(self._entity, self._changeable(body))
            after = self._shown(body) if reply.accepted else list(shown)
        healed = {one.path for one in after if one.relation == "same"}
        before = {one.path for one in shown if one.relation == "same"}
        names = {path.partition(".")[0] for path in healed - before}
        kept = {place: value for place, value in corrections.items() if place[3] in names}
        if not kept:
            return list(shown)
        self._applied = kept
        self._learned.take(kept)
        self._tell_applied()
        return after

    def _changeable(self, body: Body) -> Body:
        references = {reference.field for reference in self._spec.references}
        return {name: value for name, value in body.items() if name not in references}

    def _tell(self) -> None:
        """Note of each field whether it was there as it was sent, each time."""
        for one in self._relations.values():
            subject = f"{self._entity}.{one.path}: stored"
            place = self._fact(*(part for name in one.path.split(".") for part in ("fields", name)))
            if one.relation == "same":
                self._stored.add(one.path)
                self._session.note(place, subject, "as sent", "as sent", Result.AGREES)
                continue
            proven = Result.DIFFERS if self._readable else Result.UNKNOWN
            found = RELATIONS.get(one.relation, f"stored as another value ({one.relation})")
            self._session.note(place, subject, "as sent", found.replace(" (another value)", ""), proven)

    # --- update

    @property
    def _verb(self) -> str:
        update = self._spec.update
        return update.verb if update else "PATCH"

    def find_update(self) -> None:
        """Find out how the object is updated: by a change of one field to what it is already."""
        field = next((name for name, *_ in CHANGES[self._entity] if name in self._body), "id")
        same = {"id": self._id, field: self._body[field]}
        first = reply = self._session.update(self._entity, same)
        if reply.status in (404, 405):
            reply = self._by_another_verb(reply, same)
        elif 300 <= reply.status < 400:
            reply = self._by_another_path(reply, same)
        if reply.status == 422 and any(item.field == "id" for item in items_of(reply.content)):
            self._session.without_id.add(self._entity)
            reply = self._session.update(self._entity, same)
            self._session.note(
                "operations.update", f"{self._entity}: the id in an update", "is taken",
                "is refused; the connector leaves it out once it was", Result.LEARNED,
            )  # fmt: skip
        if reply.status == 422 and any("missing" in item.words.lower() for item in items_of(reply.content)):
            self._session.whole.add(self._entity)
            reply = self._session.update(self._entity, same)
            self._not_partial(f"needs all fields ({first})")
        if not reply.accepted and self._spec.update is not None:
            subject = f"{self._entity}: {self._verb} of one field"
            self._session.note("operations.update", subject, "changes it", str(reply), Result.DIFFERS)

    def _by_another_verb(self, refused: Answered, body: Body) -> Answered:
        offered = [verb for verb in refused.allow if verb in OTHER_VERBS]
        verbs = offered or ([verb for verb in OTHER_VERBS if verb != self._verb] if refused.status == 404 else [])
        subject, believed = f"{self._entity}: {self._verb} of one field", f"{self._verb} by id"
        for verb in verbs:
            place = ("entities", self._entity, "operations", "update", "verb")
            with self._learned.trying({place: verb}):
                reply = self._session.update(self._entity, body)
            if reply.accepted or reply.status in (400, 422):
                self._session.note(
                    "operations.update", subject, believed, f"{refused.status}; {verb} is taken", Result.DIFFERS,
                    corrections={place: verb},
                )  # fmt: skip
                return reply
        place = ("entities", self._entity, "operations", "update", "absent")
        self._session.note(
            "operations.update", subject, believed, f"there is no update by id ({refused})", Result.DIFFERS,
            corrections={place: True},
        )  # fmt: skip
        return refused

    def _by_another_path(self, refused: Answered, body: Body) -> Answered:
        place = ("entities", self._entity, "operations", "update", "path")
        with self._learned.trying({place: "{path}/{id}/"}):
            reply = self._session.update(self._entity, body)
        if reply.accepted:
            self._session.note(
                "operations.update", f"{self._entity}: end of the path of updates", "no slash", "a slash",
                Result.DIFFERS, corrections={place: "{path}/{id}/"},
            )  # fmt: skip
        return reply if reply.accepted else refused

    def is_partial(self) -> None:
        """Update one field by id, and see whether the others stay."""
        if self._spec.update is None or not self._readable:
            return
        before = self._session.get(self._entity, self._id) or {}
        change = self._change_to_see()
        if change is None:
            return
        field, _, value = change
        subject, believed = f"{self._entity}: {self._verb} of one field", "changes it, and others stay"
        reply = self._session.update(self._entity, {"id": self._id, field: value})
        if not reply.accepted:
            self._session.note("operations.update", subject, believed, str(reply), Result.DIFFERS)
            return
        after, changed = self._session.until(self._entity, self._id, lambda there: self._is(there, field, value))
        if not changed or after is None:
            found = f"is accepted ({reply.status}), and changes nothing within {self._session.wait:g} s"
            self._session.note("operations.update", subject, believed, found, Result.DIFFERS)
            return
        sent = self._session.body_of(self._entity, self._id)
        lost = [one for one in sent if one != field and before.get(one) is not None and after.get(one) is None]
        if lost:
            self._not_partial(f"changes it ({reply.status}), and also {', '.join(lost)}")
        else:
            found = f"changes it ({reply.status}), and others stay"
            self._session.note("operations.update", subject, believed, found, Result.AGREES)

    def _change_to_see(self) -> tuple[str, Any, Any] | None:
        """Return a field that is shown as it was sent, and values to change it to."""
        return next((one for one in CHANGES[self._entity] if one[0] in self._stored), None)

    def _not_partial(self, found: str) -> None:
        self._session.whole.add(self._entity)
        self._session.note(
            "operations.update", f"{self._entity}: {self._verb} of one field", "changes it, and others stay", found,
            Result.DIFFERS,
            corrections={("entities", self._entity, "operations", "update", "partial"): False},
        )  # fmt: skip

    def _is(self, there: Mapping[str, Any], field: str, value: Any) -> bool:
        sent = {**self._session.body_of(self._entity, self._id), field: value}
        (shown,) = [one for one in compared(self._spec, sent, there) if one.path == field]
        return shown.relation == "same"

    # --- the same id again

    def repeat(self) -> None:
        """POST the object again, with one field changed."""
        spec, change = self._spec, self._change_to_see()
        field, value, _ = change or ("id", self._id, None)
        reply = self._session.create(self._entity, {**self._session.body_of(self._entity, self._id), field: value})
        place, subject = self._fact("post_updates"), f"{self._entity}: POST on an existing id"
        believed = {"updates": "updates it", "refused": "is refused"}.get(spec.repeated_post, spec.repeated_post)
        where = ("entities", self._entity, "post_updates")
        if reply.verdict.kind is Kind.EXISTS:
            self._session.compare(
                place, subject, believed, f"is refused ({reply})", corrections={where: False},
                agrees=spec.repeated_post == "refused",
            )  # fmt: skip
        elif not reply.accepted:
            self._unknown_refusal(reply, subject, believed)
        elif change is None or not (self._readable or object_in(reply.content, self._id)):
            self._session.note(place, subject, believed, f"can't be told ({reply.status})", Result.UNKNOWN)
        elif self._has_changed(reply, field, value):
            self._session.compare(
                place, subject, believed, f"updates it ({reply.status})", corrections={where: True},
                agrees=spec.repeated_post == "updates",
            )  # fmt: skip
        else:
            doubles = reply.status == 201
            found = f"is accepted ({reply.status}), and changes nothing within {self._session.wait:g} s"
            found += "; it may have made a second one" if doubles else ""
            kind = "doubles" if doubles else "ignored"
            self._session.compare(
                place, subject, believed, found, corrections={where: kind}, agrees=spec.repeated_post == kind
            )

    def _has_changed(self, reply: Answered, field: str, value: Any) -> bool:
        """Tell whether a write was carried out; of what can't be asked for, its own answer has to tell."""
        if not self._readable:
            return self._is(object_in(reply.content, self._id) or {}, field, value)
        return self._session.until(self._entity, self._id, lambda there: self._is(there, field, value))[1]

    def _unknown_refusal(self, reply: Answered, subject: str, believed: str) -> None:
        """An id that is taken, said in words or with a status that nobody knows: then updates come first."""
        found = f"is refused, but not as an id that is taken ({reply})"
        corrections: dict[tuple[str, ...], Any] = {("entities", self._entity, "post_updates"): "ignored"}
        phrase = next((item.text for item in items_of(reply.content) if item.text), "")
        if reply.status < 500 and phrase and self._id not in phrase:
            rule = self._learned.contract.answers["already_exists"]
            corrections = {
                ("answers", "already_exists", "words"): [*rule.words, phrase.lower()],
                ("answers", "already_exists", "statuses"): sorted({*rule.statuses, reply.status}),
            }
            if self._spec.post_updates:
                corrections["entities", self._entity, "post_updates"] = False
        self._session.note("answers.already_exists", subject, believed, found, Result.DIFFERS, corrections=corrections)

    # --- nulls

    def empty(self) -> None:
        """Send null for all that can be empty."""
        spec = self._spec
        if spec.update is None or not self._readable:
            return
        kept = {*spec.required, *(name for rule in spec.rules for name in rule.present), "currency", "id"}
        sent = self._session.body_of(self._entity, self._id)
        names = [f.name for f in spec.fields if f.name in sent and f.name not in kept and f.type is not LINES]
        if not names:
            return
        subject = f"{self._entity}: a field sent as null"
        reply = self._session.update(self._entity, {"id": self._id, **dict.fromkeys(names)})
        if not reply.accepted:
            self._nulls(subject, f"is refused ({reply})", cleared=False)
            return
        after, _ = self._session.until(
            self._entity, self._id, lambda there: all(there.get(name) in (None, "") for name in names)
        )
        stay = [name for name in names if (after or {}).get(name) not in (None, "")]
        if stay and stay != names:
            found = f"is cleared ({reply.status}), but not {', '.join(stay)}"
            self._session.note("nulls", subject, "is cleared", found, Result.DIFFERS)
            return
        found = f"stays as it was, for {self._session.wait:g} s" if stay else "is cleared"
        self._nulls(subject, f"{found} ({reply.status})", cleared=not stay)

    def _nulls(self, subject: str, found: str, *, cleared: bool) -> None:
        believed = self._session.nulls_clear
        self._session.compare(
            "nulls", subject, "is cleared" if believed else "stays", found,
            corrections={("nulls", "clear"): cleared}, agrees=cleared == believed,
        )  # fmt: skip


# What the contract says of a field, and what was found, in words.
_WORDS_OF: dict[str, Callable[[str, Any], tuple[str, str]]] = {
    "name": lambda path, value: (path.rpartition(".")[2], f"is called {value}"),
    "absent": lambda _path, _value: ("a field", "no such field"),
    "unit": lambda _path, value: ("major units", f"whole {value}"),
    "sign": lambda _path, value: ("positive", str(value)),
    "form": lambda _path, value: ("days and times", {"date": "days only", "date-time": "times only"}[value]),
    "words": lambda _path, value: (", ".join(value), ", ".join(f"{word} for {ours}" for ours, word in value.items())),
    "constant": lambda _path, value: ("no such field", f"is needed; {value!r} is accepted"),
    "path": lambda _path, _value: ("no slash at its end", "a slash at its end"),
}
_EXPLAINED = {
    "without its decimals": ("unit", "cents"),
    "opposite sign": ("sign", "negative"),
    "its day only": ("form", "date"),
}
