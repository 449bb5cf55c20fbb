"""What a Fincome account does when an object is created, updated or asked for. Knows nothing of HTTP servers.

Its answers: 201 created, 202 updated, 409 taken, 404 with the entity's name (never the words of a missing
route), 422 with all problems in FastAPI's form. What is taken and what is referred to in vain can be said in the
other forms that APIs have for that, and what was written can be hidden for a while, or lost: see faults.py.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal, TypeAlias

from fincome_sandbox.active_faults import ActiveFaults
from fincome_sandbox.alteration import ALTERATIONS
from fincome_sandbox.contract import Contract, Entity, Words
from fincome_sandbox.exact_json import JsonObject, NotJsonError, parse, same, write
from fincome_sandbox.faults import MissingForm
from fincome_sandbox.formats import check_id
from fincome_sandbox.listing import NoSuchPage
from fincome_sandbox.store import Store
from fincome_sandbox.validation import REFERENCE_NOT_FOUND, Problem, as_kept, merged, problems_of
from fincome_sandbox.wire import shown

Effect: TypeAlias = Literal["created", "updated", "changed"]

_NAMED_PROBLEMS = 3
_FRENCH = {
    "Product": "Produit",
    "Plan": "Tarif",
    "Customer": "Client",
    "Subscription": "Abonnement",
    "Invoice": "Facture",
    "Invoice line": "Ligne de facture",
}


@dataclass(frozen=True)
class Answer:
    """An answer of the API and what the log says of it. `content` is JSON text.

    `is_bare`: it is said in the words of a path that isn't there. `link`: of a page, the address of the next one.
    """

    status: int
    content: str
    id: str | None = None
    effect: Effect | None = None
    reason: str | None = None
    is_bare: bool = False
    link: str | None = None


class Account:
    """One account's objects, under the contract's rules."""

    def __init__(self, contract: Contract, store: Store, active: ActiveFaults) -> None:
        self.contract = contract
        self.store = store
        self.active = active

    def create(self, entity: Entity, text: bytes) -> Answer:
        """Create the object; if the id exists, update it or refuse, as the contract says of the entity."""
        body = _object_of(text)
        if isinstance(body, Answer):
            return body
        if (odd := self._odd_id(entity, body)) is not None:
            return odd
        ours = as_kept(self.contract, entity, body)
        id_ = _known_form(ours.get("id"))
        if (refused := self._refused_nulls(entity, body, id_)) is not None:
            return refused
        stored = self.store.get(entity.name, id_) if id_ is not None else None
        if id_ is not None and stored is not None and (answer := self._repeated(entity, id_, stored, body)):
            return answer
        problems = self._problems(entity, body, None)
        if problems or id_ is None:
            return self._bad(problems, id_)
        content = write(self._stored(entity, merged({}, self._altered(entity, ours))))
        if self.active.strikes("lost_creates", entity.name):
            return Answer(202, self._shown(entity, content), id_, "updated")
        # A second object of the same id: nobody can ask for it, and it counts.
        self._put(entity, id_ if stored is None else f"{id_} ({self.store.counts()[entity.name]})", content)
        return Answer(201, self._shown(entity, content), id_, "created")

    def _repeated(self, entity: Entity, id_: str, stored: str, body: JsonObject) -> Answer | None:
        """The answer to a POST on an existing id; None, if it makes a second object."""
        if entity.repeated_post == "ignores" or self.active.strikes("ignored_posts", entity.name):
            return Answer(200, self._shown(entity, stored), id_, "updated")
        if entity.repeated_post == "updates":
            return self._change(entity, id_, stored, body)
        return None if entity.repeated_post == "doubles" else self._taken(entity, id_)

    def update(self, entity: Entity, id_: str, text: bytes) -> Answer:
        """Change the fields that are sent."""
        body = _object_of(text, id_)
        if isinstance(body, Answer):
            return body
        stored = self.store.get(entity.name, id_) if _known_form(id_) else None
        if stored is None and _known_form(id_) and self.active.strikes("update_creates", entity.name):
            content = write(merged({"id": id_}, as_kept(self.contract, entity, body)))
            self._put(entity, id_, content)
            return Answer(202, self._shown(entity, content), id_, "created")
        if stored is None:
            bare = self.active.faults.missing_form == "404-bare"
            return self._nothing(entity, id_, "404-bare" if bare else "404")
        if self.active.faults.id_in_updates == "refused" and "id" in as_kept(self.contract, entity, body):
            self.active.counts["id_in_updates"] += 1
            forbidden = Problem(("body", "id"), "Extra inputs are not permitted", "extra_forbidden")
            return _invalid([forbidden.on_wire(entity)], id_)
        if (refused := self._refused_nulls(entity, body, id_)) is not None:
            return refused
        if self.active.strikes("ignored_updates", entity.name):
            return Answer(202, self._shown(entity, stored), id_, "updated")
        return self._change(entity, id_, stored, body, partial=entity.operations["update"].partial)

    def retrieve(self, entity: Entity, id_: str) -> Answer:
        """The object as it is stored."""
        stored = self.store.get(entity.name, id_) if _known_form(id_) else None
        if stored is None or self._is_hidden(entity.name, id_):
            return self._nothing(entity, id_, self.active.faults.missing_form)
        return Answer(200, self._shown(entity, stored), id_)

    def list_page(self, entity: Entity, query: Mapping[str, str], address: str) -> Answer:
        """One page of the entity's objects; what was just written may not show yet."""
        listing = entity.listing
        assert listing is not None
        try:
            part = listing.part(query)
        except NoSuchPage as error:
            problem = Problem(("query", error.parameter), "Input should be a valid page", "value_error")
            return _invalid([problem], None)
        found = self.store.part(entity.name, part.after, part.offset, part.size + 1)
        visible = [body for id_, body in found[: part.size] if not self._is_hidden(entity.name, id_)]
        objects = [self._shown(entity, body if listing.omits_empty else _whole(entity, body)) for body in visible]
        content, link = listing.answer(part, [id_ for id_, _ in found], objects, address)
        return Answer(200, content, link=link)

    def _nothing(self, entity: Entity, id_: str, form: MissingForm) -> Answer:
        """The answer about an object that isn't there."""
        if form != "404":
            self.active.counts["missing_form"] += 1
        if form in ("null", "list", "204"):
            return Answer(204 if form == "204" else 200, "[]" if form == "list" else "null", _known_form(id_))
        detail = f"{self._called(entity.singular)} not found"
        return replace(_refused(int(form.removesuffix("-bare")), detail, id_), is_bare=form == "404-bare")

    def _called(self, singular: str) -> str:
        """What a refusal calls an object."""
        form, words = self.active.faults.name_form, singular.lower().split()
        if form == "words":
            return singular
        self.active.counts["name_form"] += 1
        return "_".join(words) if form == "snake" else "".join(word.capitalize() for word in words)

    def _odd_id(self, entity: Entity, body: JsonObject) -> Answer | None:
        """The refusal of an id that isn't of the type that a fault demands."""
        name = "id" if entity.forms is None else entity.forms["id"].name
        id_ = body.get(name)
        if self.active.faults.id_type == "text" or not isinstance(id_, str) or id_.isdecimal():
            return None
        self.active.counts["id_type"] += 1
        words = "Input should be a valid integer, unable to parse string as an integer"
        return _invalid([Problem(("body", name), words, "int_parsing")], None)

    def _shown(self, entity: Entity, stored: str) -> str:
        """A kept object as the API writes it."""
        if entity.forms is None:
            return stored
        one = parse(stored)
        assert isinstance(one, dict)
        return write(shown(entity.forms, one))

    def _change(self, entity: Entity, id_: str, stored: str, body: JsonObject, *, partial: bool = True) -> Answer:
        """Change the fields that are sent; if that isn't `partial`, all others are gone."""
        before = parse(stored)
        assert isinstance(before, dict)
        ours = as_kept(self.contract, entity, body)
        problems = self._problems(entity, body, before if partial else None)
        if _known_form(ours.get("id", id_)) not in (None, id_):
            mismatch = Problem(("body", "id"), "Input should be the id of the path", "id_mismatch")
            problems.append(mismatch.on_wire(entity))
        if problems:
            return self._bad(problems, id_)
        after = self._stored(entity, merged(before if partial else {"id": id_}, self._altered(entity, ours)))
        if same(before, after):
            self._hide(entity, id_)
            return Answer(202, self._shown(entity, stored), id_, "updated")
        content = write(after)
        self._put(entity, id_, content)
        return Answer(202, self._shown(entity, content), id_, "changed")

    def _problems(self, entity: Entity, body: JsonObject, before: JsonObject | None) -> list[Problem]:
        """All that is wrong with a body, as far as the faults have it checked."""
        problems = problems_of(self.contract, entity, body, before, self._knows)
        if problems and self.active.strikes("unchecked_references", entity.name):
            problems = [problem for problem in problems if problem.type != REFERENCE_NOT_FOUND]
        return problems + self._unknown_properties(as_kept(self.contract, entity, body))

    def _unknown_properties(self, ours: JsonObject) -> list[Problem]:
        """The custom properties that a fault doesn't know."""
        known, properties = self.active.faults.known_properties, ours.get("custom_properties")
        if known is None or not isinstance(properties, dict):
            return []
        unknown = [name for name in properties if name not in known.split(",")]
        self.active.counts["known_properties"] += bool(unknown)
        return [
            Problem(("body", "custom_properties", name), "Unknown custom property", "unknown_property")
            for name in unknown
        ]

    def _stored(self, entity: Entity, after: JsonObject) -> JsonObject:
        """What is kept of an object: a fault may lose some of it."""
        found: JsonObject = {}
        for name, value in after.items():
            if self.active.strikes("dropped_fields", f"{entity.name}.{name}"):
                continue
            lost = isinstance(value, Decimal) and self.active.strikes("rounded_fields", f"{entity.name}.{name}")
            found[name] = int(value) if lost and isinstance(value, Decimal) else value
        return found

    def _altered(self, entity: Entity, sent: JsonObject) -> JsonObject:
        """What becomes of what is sent: a fault may make another value of it."""
        alter = ALTERATIONS[self.active.faults.altered_form]
        return {
            name: alter(value) if self.active.strikes("altered_fields", f"{entity.name}.{name}") else value
            for name, value in sent.items()
        }

    def _refused_nulls(self, entity: Entity, body: JsonObject, id_: str | None) -> Answer | None:
        """The answer to a body with nulls that a fault doesn't take."""
        problems = [
            Problem(("body", name), "Input should be a valid string", "string_type").on_wire(entity)
            for name, value in as_kept(self.contract, entity, body).items()
            if value is None and self.active.strikes("refused_nulls", f"{entity.name}.{name}")
        ]
        return _invalid(problems, id_) if problems else None

    def _put(self, entity: Entity, id_: str, content: str) -> None:
        self.store.put(entity.name, id_, content)
        self._hide(entity, id_)

    def _hide(self, entity: Entity, id_: str) -> None:
        if (lag := self.active.lag) is not None:
            lag.written(entity.name, id_, time.monotonic())

    def _is_hidden(self, entity: str, id_: str) -> bool:
        lag = self.active.lag
        if lag is None or not lag.hides(entity, id_, time.monotonic()):
            return False
        self.active.counts["visibility_lag_ms"] += 1
        return True

    def _knows(self, entity: str, id_: str) -> bool:
        """Whether a reference finds the object."""
        return self.store.has(entity, id_) and not self._is_hidden(entity, id_)

    def _taken(self, entity: Entity, id_: str) -> Answer:
        said = self.contract.exists
        detail = said.text or f"{entity.singular} with this id already exists"
        form: str = self.active.faults.exists_form
        if form != "409":
            self.active.counts["exists_form"] += 1
        elif said.status:
            form = str(said.status)
        if form == "422":
            return _invalid([Problem(("body", "id"), detail, "already_exists").on_wire(entity)], id_)
        if form in ("unknown", "french"):
            return _refused(
                422, "Cet identifiant existe déjà" if form == "french" else "Identifier is not available", id_
            )
        return _refused(int(form), detail, id_)

    def _bad(self, problems: list[Problem], id_: str | None) -> Answer:
        """422 with all problems, unless unknown references have a form of their own.

        They are then said only when nothing else is wrong, and one at a time: so do applications that look
        references up after the body was validated.
        """
        form = self.active.faults.unknown_reference_form
        said = self.contract.unknown_reference
        if form == "422" and said == Words():
            return _invalid(problems, id_)
        if others := [problem for problem in problems if problem.type != REFERENCE_NOT_FOUND]:
            return _invalid(others, id_)
        if form != "422":
            self.active.counts["unknown_reference_form"] += 1
        if form == "unknown":
            return _refused(400, "Integrity error", id_)
        named = self._called(problems[0].msg.removesuffix(" not found"))
        if form == "french":
            return _refused(404, f"{_FRENCH.get(named, named)} introuvable", id_)
        refused = _refused(said.status or int(form.removesuffix("-bare")), said.text or f"{named} not found", id_)
        return replace(refused, is_bare=form == "404-bare")


def _known_form(id_: object) -> str | None:
    """The id, if it can be one at all: anything else isn't looked up."""
    return id_ if isinstance(id_, str) and not check_id(id_) else None


def _object_of(text: bytes, id_: str | None = None) -> JsonObject | Answer:
    try:
        body = parse(text)
    except NotJsonError:
        return _invalid([Problem(("body",), "JSON decode error", "json_invalid")], id_)
    if not isinstance(body, dict):
        return _invalid([Problem(("body",), "Input should be a valid dictionary", "dict_type")], id_)
    return body


def _whole(entity: Entity, stored: str) -> str:
    """A kept object with nulls for the fields that it has no value for."""
    one = parse(stored)
    assert isinstance(one, dict)
    return write({**dict.fromkeys(entity.fields), **one})


def _refused(status: int, detail: str, id_: str | None) -> Answer:
    return Answer(status, write({"detail": detail}), _known_form(id_), reason=detail)


def _invalid(problems: list[Problem], id_: str | None) -> Answer:
    content = write({"detail": [problem.as_json() for problem in problems]})
    return Answer(422, content, _known_form(id_), reason=_reason(problems))


def _reason(problems: list[Problem]) -> str:
    """The problems in one line for the summary, without positions: equal cases are counted together."""
    named = [f"{_place(problem)}: {problem.msg}" for problem in problems[:_NAMED_PROBLEMS]]
    more = len(problems) - _NAMED_PROBLEMS
    return "; ".join(named) + (f"; and {more} more" if more > 0 else "")


def _place(problem: Problem) -> str:
    """`lines[].amount`. A name may be any text at all (an unknown field's): it is made storable."""
    path = "".join("[]" if isinstance(part, int) else f".{part}" for part in problem.loc[1:]).lstrip(".")
    return (path or "body").encode("ascii", "backslashreplace").decode("ascii")[:200].replace("\0", "")
