"""One worker's HTTP client: address, key, and the upsert that makes one object out of two verbs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from msgspec import structs

from destination_fincome.codes import Code
from destination_fincome.fincome.answers import (
    EXISTS,
    KEY_REFUSED,
    MISSING,
    UNTOLD,
    WRITES,
    Experience,
    Interpreter,
    Kind,
    Verdict,
)
from destination_fincome.fincome.bodies import has_only, null_at, without_id, without_nulls
from destination_fincome.fincome.contract import CUSTOM_PROPERTIES, Contract, EntitySpec, Operation
from destination_fincome.fincome.delivery import (
    ACCEPTED_BY,
    CONTRADICTION,
    NOT_CREATED,
    NOT_CREATED_ONLY,
    NOT_PARTIAL,
    NOT_UPDATED,
    UNROUTABLE,
    Access,
    Reply,
    Request,
    incomplete,
    no_create,
    no_update,
    unsent,
)
from destination_fincome.fincome.habits import (
    CHANGES_LOOKED_AT,
    MANY_MET,
    ONE_CHANGE_IN,
    POSTS_LOOKED_AT,
    PROOFS_TRIED,
    VERBS_TRIED,
)
from destination_fincome.fincome.listing import Page
from destination_fincome.fincome.looks import Looks, page_of, shown_object
from destination_fincome.fincome.models import encode
from destination_fincome.fincome.pages import read_page
from destination_fincome.fincome.samples import Written
from destination_fincome.fincome.stored import compared, differences, object_in, parsed
from destination_fincome.fincome.transport import LONGEST_ANSWER, LONGEST_PAGE, Network, NoAnswer, Transport
from destination_fincome.fincome.wire import NotWritable, wire_of

# An id that no customer has.
NOBODY = "airbyte-connection-test-of-an-id-that-does-not-exist"
# An answer that the write may be visible only later.
LATE = 202
# What a success shows that says nothing of the object.
_NOTHING = (b"", b"null", b"[]")
_OPERATIONS = ("create", "update", "retrieve")


def _existed(verdict: Verdict, *, existed: bool | None) -> Verdict:
    return ACCEPTED_BY[existed] if verdict.kind is Kind.ACCEPTED else verdict


@dataclass(slots=True)
class _Delivery:
    """What is known of the delivery at hand.

    Attributes:
        before: the object as it was shown before it was changed.
        write: the last write that was accepted.
        read: the object as it was shown when asked for after it.
        without: the nulls that were left out.
    """

    before: Reply | None = None
    write: tuple[Operation, Reply] | None = None
    read: Mapping[str, Any] | None = None
    without: tuple[str, ...] = ()


class FincomeClient:
    """Talks to Fincome: the Deliverer that delivers."""

    def __init__(
        self,
        contract: Contract,
        api_key: str,
        timeout: float,
        network: Network | None = None,
        experience: Experience | None = None,
    ) -> None:
        """Make a client; it connects when it is first used.

        Args:
            timeout: seconds that a request may take until its answer's last byte.
            network: the environment's, if none is given.
            experience: shared by the clients of one sync.
        """
        self._contract = contract
        self.api_key = api_key
        self._experience = experience or Experience()
        self._habits = self._experience.habits
        self._interpreter = Interpreter(contract, self._experience)
        self._looks = Looks(self, self._experience)
        network = network or Network.of_environment(contract.base_url)
        self._transport = Transport(contract.base_url, network, timeout)
        self._root = urlsplit(contract.base_url).path.rstrip("/")
        self._host = urlsplit(contract.base_url).hostname
        self._headers = _headers(Access(contract.api_key_header, contract.api_key_prefix, api_key))
        self._wires = {name: wire_of(spec.form) for name, spec in contract.entities.items() if spec.form}
        self._delivery = _Delivery()
        self.requests = 0

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def exchange(
        self,
        operation: Operation,
        spec: EntitySpec,
        identity: str = "",
        body: bytes = b"",
        *,
        access: Access | None = None,
        timeout: float | None = None,
        slash: bool | None = None,
    ) -> Reply:
        """Send one request; never raises for what comes back.

        Args:
            identity: the object's id.
            body: the JSON to send, as the connector writes it; the reply is in that form too.
            access: another way to show a key, or another key.
            timeout: in place of the client's own.
            slash: whether the path ends in a slash; None for what the contract says.
        """
        wire = self._wires.get(spec.name)
        if wire and body:
            try:
                body = wire.encode(body)
            except NotWritable as fault:
                return Reply(0, {}, b"", Verdict(Kind.REFUSED, Code.INVALID_FIELD, fault.field, fault.problem))
        self.requests += 1
        path = self._root + operation.path_of(spec, quote(identity, safe=""))
        path = path if slash is None else path.rstrip("/") + "/" * slash
        path += operation.query
        headers = _headers(access) if access else self._headers
        try:
            status, received, content = self._transport.send(operation.verb, path, headers, body, timeout)
        except NoAnswer as failure:
            return unsent(_without_answer(failure, operation))
        content = wire.decode(content) if wire else content
        verdict = self._interpreter.read(operation, spec, status, received, content)
        return Reply(status, received, content, verdict)

    def ask(
        self,
        operation: Operation,
        spec: EntitySpec,
        identity: str = "",
        body: bytes = b"",
        *,
        access: Access | None = None,
        timeout: float | None = None,
    ) -> Reply:
        """Send one request where the API has it: as `exchange`, with a slash at the path's end if it wants one."""
        slashes = self._habits.of(spec.name).slashes
        known = slashes.get(operation.name)
        reply = self.exchange(operation, spec, identity, body, access=access, timeout=timeout, slash=known)
        if reply.status not in (307, 308) or known is not None:
            return reply
        slash = self._slash_of(reply.headers.get("Location", ""), operation, spec, identity)
        if slash is None:
            return reply
        slashes[operation.name] = slash
        path = operation.path_of(spec, "{id}").rstrip("/") + "/" * slash
        correction = f'operations: {{{operation.name}: {{path: "{path}"}}}}' if operation.name in _OPERATIONS else ""
        self._habits.tell(spec.name, f"{operation.verb} of {spec.plural} is at {path}", correction)
        return self.exchange(operation, spec, identity, body, access=access, timeout=timeout, slash=slash)

    def _slash_of(self, location: str, operation: Operation, spec: EntitySpec, identity: str) -> bool | None:
        """Tell whether a redirect leads to the same place with or without a slash at its end; None if elsewhere."""
        try:
            target = urlsplit(location)
            host = target.hostname
        except ValueError:
            return None
        path = self._root + operation.path_of(spec, quote(identity, safe=""))
        # Behind a proxy the scheme and the port may be wrong: the request goes where it would have gone anyway.
        if host not in (None, self._host) or target.path == path or target.path.rstrip("/") != path.rstrip("/"):
            return None
        return target.path.endswith("/")

    # --- one object

    def deliver(self, request: Request) -> Verdict:
        """Make Fincome hold the object; see Deliverer."""
        delivery = self._delivery = _Delivery()
        spec = self._contract.entities[request.entity]
        verdict = self._deliver(spec, request)
        if verdict.kind is Kind.ACCEPTED:
            if self._habits.of(spec.name).witness is None:
                self._habits.accepted(request.entity, request.id)
            if delivery.without:
                verdict = structs.replace(verdict, nulls_refused=delivery.without)
            if self._experience.confirms and delivery.write and delivery.write[1].status == LATE:
                operation, reply = delivery.write
                sent = request.as_sent_by(operation.name, spec)
                verdict = structs.replace(verdict, late=not self._shows_as_sent(spec, sent, reply))
            if self._experience.samples and delivery.write:
                operation, reply = delivery.write
                if look := self._experience.samples.pick(request.entity, operation.name):
                    shown = delivery.read or shown_object(spec, reply.content, request.id)
                    written = Written(operation.name, look, reply.status == LATE, shown)
                    verdict = structs.replace(verdict, written=written)
        return verdict

    def _shows_as_sent(self, spec: EntitySpec, request: Request, reply: Reply) -> bool:
        """Tell whether an answer to a write shows the object as it was sent."""
        shown = shown_object(spec, reply.content, request.id)
        return shown is not None and all(one.is_same for one in compared(spec, request.body, shown) if one.path != "id")

    def _deliver(self, spec: EntitySpec, request: Request) -> Verdict:
        if request.policy == "create_only":
            return self._create_only(spec, request)
        if request.policy == "update_only":
            verdict = self._update(spec, request)
            if verdict.kind is Kind.MISSING and self._was_shown(request):
                return CONTRADICTION
            return UNROUTABLE if verdict.bare and "/" in request.id else verdict
        if self._updates_first(spec, request):
            return self._update_or_create(spec, request)
        existed = self._habits.met >= MANY_MET and self._shows_before(spec, request)
        reply = self._create(spec, request)
        verdict = reply.verdict
        self._habits.met += verdict.kind is Kind.EXISTS or (verdict.kind is Kind.ACCEPTED and reply.status != 201)
        if verdict.kind is Kind.EXISTS:
            return self._update_existing(spec, request, verdict)
        if verdict.doubtful or (reply.status == 500 and self._may_be_taken(spec, request, reply)):
            return self._unless_taken(spec, request, verdict)
        if verdict.kind is Kind.ACCEPTED and (reply.status != 201 or existed):
            ignored = self._unless_ignored(spec, request, reply)
            if ignored is not None:
                return ignored
        if verdict.kind is not Kind.ACCEPTED:
            return verdict
        # Where a POST updates too, its success doesn't tell.
        return ACCEPTED_BY[None if spec.repeated_post == "updates" else False]

    def _was_shown(self, request: Request) -> bool:
        """Tell whether the object was shown when it was asked for, before it was changed."""
        before = self._delivery.before
        return before is not None and object_in(parsed(before.content), request.id) is not None

    def _updates_first(self, spec: EntitySpec, request: Request) -> bool:
        """Tell whether an update goes before a create: also where a POST of what exists does nothing, or doubles it."""
        habits = self._habits.of(spec.name)
        if spec.update is None or not habits.updates:
            return False
        likely = (
            request.update_first
            or bool(request.once)
            or not request.complete
            or spec.create is None
            or not habits.creates
        )
        return likely or (habits.repeated_post or spec.repeated_post) in ("ignored", "doubles")

    def _update_or_create(self, spec: EntitySpec, request: Request) -> Verdict:
        exists = request.of_what_exists if spec.update is not None and spec.update.partial else request
        verdict = self._update(spec, exists)
        # Where there is no update, a POST may be one.
        if verdict.kind is not Kind.MISSING and self._habits.of(spec.name).updates:
            return _existed(verdict, existed=True)
        reply = self._create(spec, request)
        if reply.verdict.kind is Kind.EXISTS:
            return self._update_existing(spec, exists, reply.verdict, found_nothing=verdict.bare)
        return _existed(reply.verdict, existed=False)

    def _update_existing(
        self, spec: EntitySpec, request: Request, taken: Verdict, *, found_nothing: bool | None = None
    ) -> Verdict:
        """Change what a create says is there.

        Args:
            taken: what the create said.
            found_nothing: an update found nothing a moment ago; true if it was the router's word.
        """
        self._habits.of(spec.name).repeated_post = self._habits.of(spec.name).repeated_post or "refused"
        verdict = self._update(spec, request) if found_nothing is None else structs.replace(MISSING, bare=found_nothing)
        if verdict.kind is not Kind.MISSING:
            return _existed(verdict, existed=True)
        if verdict.bare and "/" in request.id:
            return UNROUTABLE
        problem, whole = (
            f"{CONTRADICTION.problem}: its create {said}" if said else None for said in (taken.problem, taken.whole)
        )
        return structs.replace(CONTRADICTION, problem=problem or CONTRADICTION.problem, whole=whole)

    def _create_only(self, spec: EntitySpec, request: Request) -> Verdict:
        # What a POST of an existing id does is believed once it was seen.
        if self._habits.of(spec.name).repeated_post != "refused":
            found = self.look_up(request.entity, request.id) if spec.retrievable else UNTOLD
            if found.kind is Kind.ACCEPTED:
                return EXISTS
            if found.kind is Kind.UNTOLD and found.retry_after is not None:
                return Verdict(Kind.RETRY, problem="doesn't tell yet what exists", retry_after=found.retry_after)
            if found.kind is Kind.UNTOLD and spec.repeated_post in ("updates", "doubles"):
                return NOT_CREATED_ONLY
            if found.kind not in (Kind.MISSING, Kind.UNTOLD):
                return found
        return self._create(spec, request).verdict

    # --- create

    def _create(self, spec: EntitySpec, request: Request) -> Reply:
        if spec.create is None:
            return unsent(NOT_CREATED)
        if not self._habits.of(spec.name).creates:
            return unsent(no_create(spec, spec.create))
        if not request.complete:
            return unsent(incomplete(spec, request))
        reply = self._sent(spec.create, spec, request.id, request.body)
        if reply.verdict.kind is Kind.STOP and (_is_not_allowed(reply) or _finds_no_route(reply)):
            return reply._replace(verdict=self._without_create(spec, spec.create, reply))
        return reply

    def _without_create(self, spec: EntitySpec, create: Operation, reply: Reply) -> Verdict:
        """Judge a POST that finds no route, or isn't allowed: is it the path, or only the POST that is missing?"""
        if _finds_no_route(reply):
            collection = self.ask_checked(replace(create, name="collection", verb="GET"), spec)
            if not _finds_no_route(collection):
                # The route is there, so the words are about something else: a parent that isn't visible yet.
                return Verdict(Kind.RETRY, problem=f"answered {reply.status} to a {create.verb} of {spec.plural}")
            if self.ask_checked(spec.retrieve, spec, NOBODY).verdict != MISSING:
                return reply.verdict
        self._habits.of(spec.name).creates = False
        correction = "operations: {create: {absent: true}}"
        self._habits.tell(spec.name, f"{spec.plural} can't be created, only changed", correction, costs=True)
        return no_create(spec, create)

    def _may_be_taken(self, spec: EntitySpec, request: Request, reply: Reply) -> bool:
        """Tell whether a create answered 500 is to be held for one of an id that is taken: services can miss that."""
        if reply.verdict.kind is not Kind.RETRY:
            return False
        if self._habits.of(spec.name).fails_on_taken:
            return True
        if not self._habits.has_failed_before(spec.name, request.id):
            return False
        found = self._looks.retrieve(spec, request.id) if spec.retrievable else unsent(UNTOLD)
        is_shown = object_in(parsed(found.content), request.id) is not None
        return found.verdict.kind is Kind.UNTOLD or (found.verdict.kind is Kind.ACCEPTED and is_shown)

    def _unless_taken(self, spec: EntitySpec, request: Request, refusal: Verdict) -> Verdict:
        """Believe a refusal only if the id isn't just taken."""
        verdict = self._update(spec, request)
        if verdict.kind in (Kind.MISSING, Kind.REFUSED) or (refusal.kind is Kind.RETRY and verdict.kind is Kind.STOP):
            return refusal
        if verdict.kind is Kind.ACCEPTED and refusal.kind is Kind.RETRY:
            self._habits.of(spec.name).fails_on_taken = True
            self._habits.tell(spec.name, f"a POST of {spec.plural} that exist is answered 500")
        return _existed(verdict, existed=True)

    def _shows_before(self, spec: EntitySpec, request: Request) -> bool:
        """Tell of the first objects whether Fincome shows them before their POST, which should be refused then.

        They are asked for where this sync brings what was there before.
        """
        habits = self._habits.of(spec.name)
        is_known = habits.repeated_post is not None or habits.posts_preceded >= POSTS_LOOKED_AT
        if is_known or spec.repeated_post != "refused" or not spec.retrievable or habits.retrievable is False:
            return False
        habits.posts_preceded += 1
        reply = self._looks.retrieve(spec, request.id)
        return reply.verdict.kind is Kind.ACCEPTED and object_in(parsed(reply.content), request.id) is not None

    def _unless_ignored(self, spec: EntitySpec, request: Request, reply: Reply) -> Verdict | None:
        """Update an object whose POST was accepted and changed nothing; None of all others."""
        habits = self._habits.of(spec.name)
        if habits.repeated_post == "refused" or habits.alters or spec.update is None:
            return None
        # Another worker may have learned it since this one went.
        is_ignored = habits.repeated_post == "ignored"
        if not is_ignored and self._shows(spec, request, reply) is not False:
            return None
        verdict = self._update(spec, request)
        if verdict.kind is not Kind.ACCEPTED:
            return None if verdict.kind is Kind.MISSING else verdict
        if not is_ignored and self._is_shown(spec, request) is False:
            # It is what Fincome makes of the values, whichever verb they come with.
            habits.alters = True
        elif not is_ignored:
            habits.repeated_post = "ignored"
            what = f"a POST of {spec.plural} that exist is accepted and changes nothing"
            if reply.status == 201:
                what += f", or makes a second object (see {spec.singular} {request.id} in Fincome)"
            self._habits.tell(spec.name, what, "post_updates: ignores", costs=reply.status == 201)
        return _existed(verdict, existed=True)

    def _shows(self, spec: EntitySpec, request: Request, reply: Reply) -> bool | None:
        """Tell whether a POST's answer shows the object as it was sent; of the first ones that don't show it, ask.

        What was created shows its own values, whatever there is besides: it is asked for.
        """
        shown = object_in(parsed(reply.content), request.id) if reply.status != 201 else None
        if shown is not None and len(shown) > 1:
            return not any(one.is_another for one in differences(spec, request.body, shown))
        habits = self._habits.of(spec.name)
        if habits.posts_looked_at >= POSTS_LOOKED_AT:
            return None
        habits.posts_looked_at += 1
        return self._is_shown(spec, request)

    def _is_shown(self, spec: EntitySpec, request: Request) -> bool | None:
        """Tell whether Fincome shows an object as it was sent; None if it doesn't show it."""
        if not spec.retrievable or self._habits.of(spec.name).retrievable is False:
            return None
        shown = self._delivery.read = object_in(
            parsed(self.ask_checked(spec.retrieve, spec, request.id).content), request.id
        )
        return None if shown is None else not any(one.is_another for one in differences(spec, request.body, shown))

    # --- update

    def _update(self, spec: EntitySpec, request: Request) -> Verdict:
        habits = self._habits.of(spec.name)
        if spec.update is None:
            return NOT_UPDATED
        if not habits.updates:
            return no_update(spec)
        if not (spec.update.partial or request.complete):
            return NOT_PARTIAL
        if self._may_create(spec, request):
            found = self._looked_before(spec, request).verdict
            if self._is_not_to_come(spec, request, found):
                return found
        update = replace(spec.update, verb=habits.verb) if habits.verb else spec.update
        reply = self._sent_update(update, spec, request)
        if _is_not_allowed(reply):
            return self._by_other_verb(update, spec, request, reply)
        if reply.verdict.kind is Kind.MISSING and reply.verdict.bare and self._may_be_verb(update, spec, request):
            habits.verbs_tried += 1
            return self._by_other_verb(update, spec, request, reply)
        return reply.verdict

    # What isn't there and is only to be changed must not come of an update.

    def _may_create(self, spec: EntitySpec, request: Request) -> bool:
        """Tell whether to ask for an object before an update that might create it.

        Each one is asked for where updates are known to create; and the first ones that may only be changed, and some
        of the later ones, until an update finds that something isn't there.
        """
        habits = self._habits.of(spec.name)
        if request.known or not request.only_changes or habits.retrievable is False:
            return False
        if habits.update_creates is not None or request.policy != "update_only":
            return habits.update_creates is True
        habits.changes += 1
        return habits.changes <= CHANGES_LOOKED_AT or habits.changes % ONE_CHANGE_IN == 0

    def _is_not_to_come(self, spec: EntitySpec, request: Request, found: Verdict) -> bool:
        """Tell whether an update isn't to go, by what was found: nothing, or no answer where one is needed."""
        creates = self._habits.of(spec.name).update_creates is True
        return creates and found.kind in (Kind.MISSING, Kind.RETRY, Kind.STOP)

    def _learn_of_creation(self, spec: EntitySpec, request: Request, reply: Reply) -> None:
        """Learn whether an update creates what isn't there, from what was shown before it, by it and after it."""
        habits, kind = self._habits.of(spec.name), reply.verdict.kind
        may_only_change, before = request.policy == "update_only", self._delivery.before
        if kind is Kind.MISSING and not reply.verdict.bare and reply.status and may_only_change:
            habits.update_creates = habits.update_creates or False
        if kind is not Kind.ACCEPTED or habits.update_creates or request.known or not request.only_changes:
            return
        if reply.status == HTTPStatus.CREATED or _lacks_what_is_required(spec, request, reply):
            self._has_created(spec, request, "creates what isn't there, as it did")
        elif may_only_change and before and before.verdict.kind in (Kind.MISSING, Kind.UNTOLD):
            self._look_after(spec, request, was_missing=before.verdict.kind is Kind.MISSING)

    def _look_after(self, spec: EntitySpec, request: Request, *, was_missing: bool) -> None:
        """Look at what has become of an update of what wasn't shown before: something may show late."""
        reply = self._looks.retrieve(spec, request.id)
        shown = object_in(parsed(reply.content), request.id) if reply.verdict.kind is Kind.ACCEPTED else None
        if shown is not None and has_only(shown, spec, request.body):
            self._has_created(spec, request, "creates what isn't there, as it did")
        elif was_missing and reply.verdict.kind is Kind.MISSING:
            self._has_created(spec, request, "is accepted where nothing is there, and may have created")

    def _has_created(self, spec: EntitySpec, request: Request, how: str) -> None:
        habits = self._habits.of(spec.name)
        habits.update_creates = True
        others = " and others before it" if habits.changes > CHANGES_LOOKED_AT else ""
        what = f"an update of {spec.plural} {how} {spec.singular} {request.id}{others}"
        self._habits.tell(spec.name, f"{what}; from now on they are asked for first", costs=True)

    def _may_be_verb(self, update: Operation, spec: EntitySpec, request: Request) -> bool:
        """Tell whether an update that finds nothing may have the wrong verb: no update has found anything yet."""
        habits = self._habits.of(spec.name)
        unknown = habits.verb is None and not self._experience.has_answered(update, spec)
        return unknown and "/" not in request.id and habits.verbs_tried < VERBS_TRIED

    def _by_other_verb(self, update: Operation, spec: EntitySpec, request: Request, reply: Reply) -> Verdict:
        """Update with the verb that the API names, or else the other one that there is."""
        habits, other = self._habits.of(spec.name), "PATCH" if update.verb == "PUT" else "PUT"
        allowed = {verb.strip().upper() for verb in reply.headers.get("Allow", other).split(",")}
        # Another worker may have learned the verb since this one went.
        if habits.verb == other or (habits.verb is None and other in allowed):
            again = self._sent_update(replace(update, verb=other), spec, request)
            if again.verdict.kind is Kind.RETRY or (_finds_no_route(again) and _finds_no_route(reply)):
                return again.verdict
            if not again.status:
                # It was not sent: the object isn't there, or can't be made whole.
                return reply.verdict if reply.verdict.kind is Kind.MISSING else again.verdict
            if not _is_not_allowed(again):
                habits.verb = other
                correction = f"operations: {{update: {{verb: {other}}}}}"
                self._habits.tell(spec.name, f"{spec.plural} are updated by {other}", correction)
                return again.verdict
        if reply.verdict.kind is Kind.MISSING:
            return reply.verdict
        habits.updates = False
        correction = "operations: {update: {absent: true}}"
        self._habits.tell(spec.name, f"{spec.plural} can't be changed by id", correction, costs=True)
        return no_update(spec)

    def _sent_update(self, update: Operation, spec: EntitySpec, request: Request) -> Reply:
        """Send an update so that it leaves alone what the object doesn't bring."""
        reply = self._sent_as_it_fits(update, spec, request)
        self._learn_of_creation(spec, request, reply)
        return reply

    def _sent_as_it_fits(self, update: Operation, spec: EntitySpec, request: Request) -> Reply:
        habits = self._habits.of(spec.name)
        is_guess = update != spec.update and update.verb == "PUT"
        if is_guess and (not request.complete or request.policy == "update_only"):
            # Nobody has said whether it is partial, or creates what isn't there.
            return self._sent_whole(update, spec, request)
        if request.complete or habits.partial:
            return self._sent_body(update, spec, request, request.body)
        if habits.partial is False:
            return self._sent_whole(update, spec, request)
        return self._sent_to_prove(update, spec, request)

    def _sent_whole(self, update: Operation, spec: EntitySpec, request: Request) -> Reply:
        whole = self._completed(spec, request)
        if whole.verdict.kind is not Kind.ACCEPTED:
            return unsent(whole.verdict)
        return self._sent_body(update, spec, request, whole.content)

    def _sent_to_prove(self, update: Operation, spec: EntitySpec, request: Request) -> Reply:
        """Send the first update that doesn't bring all, see what has become of the rest, and mend it if it is gone."""
        habits, before = self._habits.of(spec.name), self._completed(spec, request)
        if self._is_not_there(spec, request, before.verdict):
            return before
        habits.proofs += 1
        if habits.proofs == PROOFS_TRIED:
            habits.partial = True
        reply = self._sent_body(update, spec, request, request.body)
        if reply.verdict.kind is not Kind.ACCEPTED or before.verdict.kind is not Kind.ACCEPTED:
            return reply
        after = self._looks.retrieve(spec, request.id)
        shown = object_in(parsed(after.content), request.id) if after.verdict.kind is Kind.ACCEPTED else None
        if shown is None:
            return reply
        habits.partial = all(shown.get(name) is not None for name in parsed(before.content))
        if habits.partial:
            return reply
        what = f"an update of {spec.plural} wipes what it doesn't bring, so they are sent whole"
        self._habits.tell(spec.name, what, "operations: {update: {partial: false}}", costs=True)
        return self._sent_body(update, spec, request, before.content)

    def _is_not_there(self, spec: EntitySpec, request: Request, shown: Verdict) -> bool:
        """Tell whether to believe that what an update is for isn't there, as a look at it says, so that none goes."""
        if shown.kind is not Kind.MISSING or shown.bare or request.policy == "update_only":
            return False
        return request.changes_only or self._experience.has_answered(spec.retrieve, spec)

    def _sent_body(self, update: Operation, spec: EntitySpec, request: Request, body: bytes) -> Reply:
        habits = self._habits.of(spec.name)
        with_id = habits.takes_id
        reply = self._sent(update, spec, request.id, body if with_id else without_id(body))
        if with_id and reply.verdict.kind is Kind.REFUSED and reply.verdict.field == "id":
            again = self._sent(update, spec, request.id, without_id(body))
            if again.verdict.kind is not Kind.REFUSED or again.verdict.field != "id":
                habits.takes_id = False
                self._habits.tell(spec.name, f"the body of an update of {spec.plural} may not hold the id")
                return again
        return reply

    def _sent(self, operation: Operation, spec: EntitySpec, identity: str, body: bytes) -> Reply:
        """Send a body, without the nulls that are known to be refused."""
        habits = self._habits.of(spec.name)
        body, self._delivery.without = without_nulls(body, habits.nulls_refused) if habits.nulls_refused else (body, ())
        reply = self.ask(operation, spec, identity, body)
        if reply.verdict.kind is Kind.ACCEPTED:
            if reply.content.strip() not in _NOTHING:
                habits.shows.add((operation.name, reply.status))
            else:
                reply = self._unless_lost(reply, operation, spec, identity, body)
        if reply.verdict.kind is Kind.REFUSED:
            reply = self._without_refused_nulls(self._unless_the_key_is_dead(reply), operation, spec, identity, body)
        if reply.verdict.kind is Kind.ACCEPTED:
            self._delivery.write, self._delivery.read = (operation, reply), None
        return reply

    def _unless_lost(self, reply: Reply, operation: Operation, spec: EntitySpec, identity: str, body: bytes) -> Reply:
        """Believe a success that says nothing only if that is how the API answers: the first one is sent once more.

        What stands before Fincome may have answered, and then nothing is written.
        """
        habits, answer = self._habits.of(spec.name), (operation.name, reply.status)
        if not reply.content.strip() and reply.status != HTTPStatus.NO_CONTENT and answer in habits.shows:
            return reply._replace(verdict=Verdict(Kind.RETRY, problem=f"answered {reply.status} with nothing"))
        if answer in habits.says_nothing:
            return reply
        again = self.ask(operation, spec, identity, body)
        if again.verdict.kind is Kind.ACCEPTED and again.content.strip() in _NOTHING:
            habits.says_nothing.add((operation.name, again.status))
        return again

    def _without_refused_nulls(
        self, reply: Reply, operation: Operation, spec: EntitySpec, identity: str, body: bytes
    ) -> Reply:
        """Send a body again without a null that is refused at its field; all bodies that follow go without it."""
        habits = self._habits.of(spec.name)
        while reply.verdict.kind is Kind.REFUSED and (name := null_at(body, reply.verdict.field)) is not None:
            habits.nulls_refused |= {name}
            what = f"a null is refused as {name} of {spec.plural}, which therefore keep the value that they have"
            self._habits.tell(spec.name, what, costs=True)
            body, without = without_nulls(body, {name})
            self._delivery.without += without
            reply = self.ask_checked(operation, spec, identity, body)
        return reply

    def _completed(self, spec: EntitySpec, request: Request) -> Reply:
        """Lay what is sent over the whole object that Fincome has; the reply's content is the JSON to send."""
        reply = self._looked_before(spec, request)
        shown = object_in(parsed(reply.content), request.id)
        if reply.verdict.kind is not Kind.ACCEPTED:
            return reply._replace(verdict=NOT_PARTIAL) if reply.verdict.kind is Kind.UNTOLD else reply
        if shown is None:
            return reply._replace(verdict=NOT_PARTIAL)
        names = {field.name for field in spec.fields} | {CUSTOM_PROPERTIES}
        whole = {name: value for name, value in shown.items() if name in names and value is not None}
        sent = parsed(request.body)
        properties = {**(whole.get(CUSTOM_PROPERTIES) or {}), **(sent.get(CUSTOM_PROPERTIES) or {})}
        whole |= {name: value for name, value in sent.items() if name != CUSTOM_PROPERTIES}
        whole |= {CUSTOM_PROPERTIES: properties} if properties else {}
        return reply._replace(content=encode(whole))

    def _looked_before(self, spec: EntitySpec, request: Request) -> Reply:
        """Ask for an object before it is changed, once."""
        self._delivery.before = self._delivery.before or self._looks.retrieve(spec, request.id)
        return self._delivery.before

    # --- look up

    def look_up(self, entity: str, identity: str) -> Verdict:
        """Ask whether an object exists; see Deliverer."""
        return self._looks.look_up(self._contract.entities[entity], identity)

    def read_page(self, entity: str, page: Page, *, timeout: float | None = None) -> Verdict:
        """Ask for a page of an entity's list; see Deliverer."""
        spec = self._contract.entities[entity]
        listing = spec.listing
        assert listing is not None
        operation = page_of(listing, page)
        self._transport.longest = LONGEST_PAGE
        try:
            reply = self.ask(operation, spec, timeout=timeout)
        finally:
            self._transport.longest = LONGEST_ANSWER
        if reply.verdict.kind is not Kind.ACCEPTED:
            return reply.verdict
        names = [field.name for field in spec.fields]
        fields = {*names, *(name.removesuffix("_id") for name in names), CUSTOM_PROPERTIES}
        path = self._root + operation.path_of(spec, "")
        return structs.replace(
            reply.verdict, listed=read_page(listing, page, reply.content, reply.headers.get("Link", ""), path, fields)
        )

    # --- the key

    def ask_checked(self, operation: Operation, spec: EntitySpec, identity: str = "", body: bytes = b"") -> Reply:
        """Send one request as `ask` does, and tell a refusal of it from that of a key that is dead."""
        reply = self.ask(operation, spec, identity, body)
        return self._unless_the_key_is_dead(reply) if reply.verdict.kind is Kind.REFUSED else reply

    def _unless_the_key_is_dead(self, reply: Reply) -> Reply:
        """Tell a key that was taken away since its last good answer from what it may not do: ask what it may."""
        if reply.status not in self._contract.answers["key_refused"].statuses:
            return reply
        spec = self._contract.entities_to_ask[0]
        check = self.ask(spec.retrieve, spec, NOBODY)
        if check.verdict.kind is Kind.REFUSED:
            return reply._replace(verdict=Verdict(Kind.STOP, problem=KEY_REFUSED.format(status=reply.status)))
        return reply._replace(verdict=check.verdict) if check.verdict.kind in (Kind.STOP, Kind.RETRY) else reply


def _without_answer(failure: NoAnswer, operation: Operation) -> Verdict:
    if failure.untrusted:
        return Verdict(Kind.STOP, problem=failure.problem)
    return Verdict(Kind.RETRY, problem=failure.problem, overloaded=True, unanswered=operation.name in WRITES)


def _headers(access: Access) -> dict[str, str]:
    return {
        access.header: access.prefix + access.key,
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
        "User-Agent": "airbyte-destination-fincome",
    }


def _is_not_allowed(reply: Reply) -> bool:
    """Tell whether an answer says that there is no such operation: what comes of a web server is no such word."""
    if reply.status != 405 or reply.verdict.kind is not Kind.STOP:
        return False
    return "Allow" in reply.headers or not reply.content.strip() or reply.verdict.bare


def _lacks_what_is_required(spec: EntitySpec, request: Request, reply: Reply) -> bool:
    """Tell whether an answer shows an object without something that it can't be created without."""
    shown = None if request.complete else object_in(parsed(reply.content), request.id)
    return shown is not None and any(
        field.required and field.name in shown and shown[field.name] is None for field in spec.fields
    )


def _finds_no_route(reply: Reply) -> bool:
    """Tell whether an answer is the router's word that there is nothing at all."""
    return reply.status == 404 and reply.verdict.bare
