"""Holds an OpenAPI document against the contract, fact by fact. Knows no terminal and makes no calls."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlsplit

from destination_fincome.fincome.contract import Contract, Corrections, EntitySpec, Operation
from destination_fincome.fincome.listing import NO_PAGES
from fincome_tools.contract.field_comparison import FieldComparer
from fincome_tools.contract.findings import (
    Facts,
    Finding,
    Result,
    Setting,
    corrected,
    corrections_of,
    edit,
    is_said,
)
from fincome_tools.contract.listing import differences, in_words, listing_in
from fincome_tools.contract.openapi import PARAMETER, VERBS, Document, KeyForm, Route, Shape

UPDATING_WORDS = re.compile(r"\b(upsert|enrich\w*|(create|add)s? (or|and) updat\w+|or updat\w+)\b", re.IGNORECASE)
BULK = re.compile(r"[/_-](bulk|batch|import|many)\b", re.IGNORECASE)
MOST_SHOWN = 12


@dataclass(frozen=True)
class Comparison:
    """What came of it.

    Attributes:
        notes: what the document offers besides, for the reader to know.
    """

    title: str
    findings: list[Finding]
    notes: list[str]

    @property
    def corrections(self) -> Corrections:
        """What the setting `contract` would have to say."""
        return corrections_of(self.findings)


class NotFincome(Exception):
    """None of the contract's objects is in the document."""


def compare(contract: Contract, facts: Facts, document: Document, said: Corrections | None = None) -> Comparison:
    """Compare everything that a document can tell.

    Args:
        said: what the config corrects of the contract.

    Raises:
        NotFincome: it has none of the contract's objects.
    """
    places = Places(contract, document)
    if not places.paths:
        raise NotFincome("None of Fincome's objects is in it: is it the document of another API?")
    comparer = _Comparer(contract, facts, document, places, said or {})
    findings = [
        *comparer.base_url(),
        *comparer.key(),
        *(finding for spec in contract.entities.values() for finding in comparer.entity(spec)),
        *comparer.statuses(),
    ]
    return Comparison(document.title, findings, list(comparer.notes()))


class Places:
    """Where a document has the contract's entities.

    Attributes:
        prefix: what stands before every path, when the document doesn't have it in the server's address.
        paths: of each entity that was found: its path without the prefix.
    """

    def __init__(self, contract: Contract, document: Document) -> None:
        # Collections: routes without parameters, best those that something can be posted to.
        posted = {route.plain for route in document.routes if route.verb == contract.create.verb}
        # Also those of which only the objects are there: nothing can be created then.
        plains = {route.plain.removesuffix("/{}") for route in document.routes}
        collections = {plain for plain in plains if "{}" not in plain and plain}
        found = {}
        for spec in contract.entities.values():
            if best := min(_candidates(spec, collections, posted), default=None):
                found[spec.name] = (best[-2], best[-1])
        prefixes = Counter(prefix for prefix, _ in found.values())
        self.prefix = min(prefixes, key=lambda one: (-prefixes[one], len(one)), default="")
        self.paths = {name: whole.removeprefix(self.prefix) for name, (_, whole) in found.items()}

    def whole(self, name: str) -> str:
        """Return an entity's path as the document has it, without a slash at the end."""
        return self.prefix + self.paths[name]


def _candidates(
    spec: EntitySpec, collections: Iterable[str], posted: set[str]
) -> Iterator[tuple[bool, int, int, str, str]]:
    """Yield (nothing can be posted, rank, length, prefix, path) for each path that may be the entity's."""
    wanted = {_canonical(spec.name), *(_canonical(path) for path in (spec.path, *spec.alternatives))}
    for path in collections:
        known = next((one for one in (spec.path, *spec.alternatives) if path.endswith(one)), None)
        if known:
            rank = 0 if known == spec.path else 1
            yield path not in posted, rank, len(path), path[: -len(known)], path
        elif _canonical(path) in wanted:
            yield path not in posted, 2, len(path), path.rpartition("/")[0], path


def _canonical(path: str) -> str:
    """Return the last part of a path without case, punctuation and plural: "invoiceline"."""
    return re.sub(r"[^a-z0-9]", "", path.rpartition("/")[2].lower()).removesuffix("s")


class _Comparer:
    def __init__(self, contract: Contract, facts: Facts, document: Document, places: Places, said: Corrections) -> None:
        self._contract = contract
        self._said = said
        self._facts = facts
        self._document = document
        self._places = places
        self._routes: dict[tuple[str, str], Route] = {(route.verb, route.plain): route for route in document.routes}
        self._used: set[tuple[str, str]] = set()
        self._corrected = corrected(contract)

    def _finding(
        self,
        place: str,
        subject: str,
        believed: object,
        found: object,
        result: Result,
        remedy: Setting | str = "",
        corrections: Corrections | None = None,
    ) -> Finding:
        fact = self._facts.at(place)
        by_config = place in self._corrected or is_said(place, self._said)
        if result is not Result.DIFFERS:
            return Finding(result, subject, str(believed), str(found), fact, "", by_config)
        words = f"{remedy} (or {edit(fact)})" if isinstance(remedy, Setting) else edit(fact, remedy)
        words += "; the text below says so" if corrections else ""
        return Finding(result, subject, str(believed), str(found), fact, words, by_config, corrections or {})

    # --- access

    def base_url(self) -> Iterator[Finding]:
        """Compare the address, whether its path stands in the server's address or in every path."""
        place, believed = "access.base_url", self._contract.base_url
        addresses = [server + self._places.prefix for server in self._document.servers or [""]]
        whole = [address for address in addresses if "://" in address]
        subject = "address"
        if whole:
            if believed in whole:
                yield self._finding(place, subject, believed, believed, Result.AGREES)
            else:
                found = " or ".join(whole)
                yield self._finding(place, subject, believed, found, Result.DIFFERS, Setting("base_url", whole[0]))
            return
        path = urlsplit(believed).path
        if path in addresses:
            yield self._finding(place, subject, believed, f"…{path} (no host)", Result.AGREES)
        elif not any(addresses):
            yield self._finding(place, subject, believed, "names no server", Result.UNKNOWN)
        else:
            other = believed.removesuffix(path) + addresses[0]
            setting = Setting("base_url", other)
            yield self._finding(place, subject, believed, f"…{addresses[0]} (no host)", Result.DIFFERS, setting)

    def key(self) -> Iterator[Finding]:
        """Compare how the key is sent."""
        header, prefix = self._contract.api_key_header, self._contract.api_key_prefix
        forms = self._document.key_forms()
        if not forms:
            yield self._finding("access.api_key_header", "header of the key", header, "not said", Result.UNKNOWN)
            return
        form = min(forms, key=lambda one: _key_distance(one, header, prefix))
        if form.other:
            words = "the connector can send keys in headers only"
            yield self._finding("access.api_key_header", "key", header, form.other, Result.DIFFERS, words)
            return
        same = form.header.lower() == header.lower()
        yield self._finding(
            "access.api_key_header",
            "header of the key",
            header,
            form.header,
            Result.AGREES if same else Result.DIFFERS,
            Setting("api_key_header", form.header),
            {("access", "api_key_header"): form.header},
        )
        yield self._prefix(form, prefix)

    def _prefix(self, form: KeyForm, prefix: str) -> Finding:
        place, subject = "access.api_key_prefix", "before the key"
        if not form.prefix_is_known:
            return self._finding(place, subject, repr(prefix), "not said", Result.UNKNOWN)
        result = Result.AGREES if form.prefix == prefix else Result.DIFFERS
        setting = Setting("api_key_prefix", form.prefix)
        correction: Corrections = {("access", "api_key_prefix"): form.prefix}
        return self._finding(place, subject, repr(prefix), repr(form.prefix), result, setting, correction)

    # --- an entity

    def entity(self, spec: EntitySpec) -> Iterator[Finding]:
        """Compare paths, verbs and fields of one entity."""
        place = f"entities.{spec.name}.path"
        path = self._places.paths.get(spec.name)
        if path is None:
            setting = Setting(f"paths.{spec.name}", "/…")
            absent: Corrections = {("entities", spec.name, "absent"): True}
            result = Result.AGREES if spec.absent else Result.DIFFERS
            yield self._finding(place, f"{spec.name}: path", spec.path, "no such path", result, setting, absent)
            return
        result = Result.AGREES if path == spec.path.rstrip("/") else Result.DIFFERS
        setting = Setting(f"paths.{spec.name}", path)
        correction: Corrections = {("entities", spec.name, "path"): path}
        yield self._finding(place, f"{spec.name}: path", spec.path, path, result, setting, correction)
        create, finding = self._operation(spec, spec.create or self._contract.create)
        yield finding
        if create:
            yield from self._trailing_slash(spec, create)
            yield from self._repeated(spec, create)
        update, finding = self._operation(spec, spec.update or self._contract.update)
        yield finding
        if update:
            yield from self._partial(spec, update)
        yield self._retrieve(spec)
        yield from self._list(spec)
        if create:
            yield from self._body(spec, create)

    def _operation(self, spec: EntitySpec, operation: Operation) -> tuple[Route | None, Finding]:
        """Find an operation's route; another verb on the same path is as good, and a difference."""
        plain = self._plain(spec, operation)
        place, subject = f"operations.{operation.name}", f"{spec.name}: {operation.name}"
        believed = f"{operation.verb} {self._shown(plain)}"
        here = ("entities", spec.name, "operations", operation.name)
        for verb in (operation.verb, *(one for one in ("PATCH", "PUT", "POST") if one != operation.verb)):
            route = self._routes.get((verb, plain))
            if route is None:
                continue
            self._used.add((verb, plain))
            result = Result.AGREES if verb == operation.verb else Result.DIFFERS
            remedy, found = f"verb: {verb}, if that holds for every entity", f"{verb} {self._shown(plain)}"
            correction: Corrections = {(*here, "verb"): verb}
            return route, self._finding(place, subject, believed, found, result, remedy, correction)
        there = ", ".join(verb for verb in VERBS if (verb, plain) in self._routes)
        found = f"only {there}" if there else "no such route"
        known = (spec.create if operation.name == "create" else spec.update) is None
        result = Result.AGREES if known else Result.DIFFERS
        return None, self._finding(place, subject, believed, found, result, "", {(*here, "absent"): True})

    def _plain(self, spec: EntitySpec, operation: Operation) -> str:
        path = operation.path.replace("{path}", self._places.whole(spec.name))
        return PARAMETER.sub("{}", path).rstrip("/")

    def _shown(self, plain: str) -> str:
        return plain.removeprefix(self._places.prefix).replace("{}", "{id}")

    def _trailing_slash(self, spec: EntitySpec, route: Route) -> Iterator[Finding]:
        """A path with a slash at its end is another one to most servers, and a redirect is not followed with a key."""
        create = spec.create or self._contract.create
        if route.path.endswith("/") and not create.path_of(spec, "").endswith("/"):
            remedy = f'path: "{create.path}/", if that holds for every entity'
            correction: Corrections = {("entities", spec.name, "path"): f"{self._places.paths[spec.name]}/"}
            subject = f"{spec.name}: end of the path"
            yield self._finding("operations.create", subject, "no slash", "a slash", Result.DIFFERS, remedy, correction)

    def _repeated(self, spec: EntitySpec, route: Route) -> Iterator[Finding]:
        """Compare what a POST on an existing id does, as far as the document's words and statuses tell."""
        place, subject = f"entities.{spec.name}.post_updates", f"{spec.name}: POST on an existing id"
        believed = "updates it" if spec.post_updates else "is refused"
        said = UPDATING_WORDS.search(route.words)
        if said:
            updates, found = True, f'updates it ("{said[0]}")'
        elif 409 in route.statuses:
            updates, found = False, "is refused (answers 409)"
        else:
            yield self._finding(place, subject, believed, "not said", Result.UNKNOWN)
            return
        result = Result.AGREES if updates == spec.post_updates else Result.DIFFERS
        correction: Corrections = {("entities", spec.name, "post_updates"): updates}
        yield self._finding(place, subject, believed, found, result, f"value: {str(updates).lower()}", correction)

    def _partial(self, spec: EntitySpec, route: Route) -> Iterator[Finding]:
        subject, believed = f"{spec.name}: needed for an update", "nothing but the id"
        if route.body is None or not route.body.properties:
            return
        needed = sorted(route.body.required - {"id"})
        result = Result.DIFFERS if needed else Result.AGREES
        remedy = "updates are not partial; attributes alone can't be sent then"
        correction: Corrections = {("entities", spec.name, "operations", "update", "partial"): False}
        found = ", ".join(needed) or believed
        yield self._finding("operations.update", subject, believed, found, result, remedy, correction)

    def _retrieve(self, spec: EntitySpec) -> Finding:
        operation = spec.retrieve
        plain = self._plain(spec, operation)
        there = (operation.verb, plain) in self._routes
        self._used.add((operation.verb, plain))
        words = {True: f"{operation.verb} {self._shown(plain)}", False: "no such route"}
        return self._finding(
            f"entities.{spec.name}.retrievable",
            f"{spec.name}: retrieve",
            words[spec.retrievable],
            words[there],
            Result.AGREES if there == spec.retrievable else Result.DIFFERS,
            f"value: {str(there).lower()}",
            {("entities", spec.name, "retrievable"): there},
        )

    def _list(self, spec: EntitySpec) -> Iterator[Finding]:
        """Compare how objects are listed. A list that can't be read page by page is none that is of use."""
        path = spec.listing.path if spec.listing else "{path}"
        plain = self._plain(spec, replace(spec.retrieve, path=path))
        route = self._routes.get(("GET", plain))
        facts = listing_in(route, spec) if route else None
        place, subject = ("entities", spec.name, "operations", "list"), f"{spec.name}: list"
        believed = in_words(asdict(spec.listing)) if spec.listing else "none"
        if facts is None:
            if spec.listing is not None:
                found = "no such route" if route is None else "not told how pages are asked for"
                result = Result.DIFFERS if route is None else Result.UNKNOWN
                none: Corrections = {(*place, "pages"): NO_PAGES}
                yield self._finding("operations.list", subject, believed, found, result, "", none)
            return
        self._used.add(("GET", plain))
        others = differences(facts, spec.listing)
        corrections: Corrections = {(*place, name): value for name, value in others.items()}
        result = Result.DIFFERS if others else Result.AGREES
        found = f"GET {self._shown(plain)}, {in_words(facts)}"
        yield self._finding("operations.list", subject, believed, found, result, "", corrections)

    # --- fields

    def _body(self, spec: EntitySpec, route: Route) -> Iterator[Finding]:
        place = f"entities.{spec.name}.fields"
        shape = route.body
        if shape is not None and shape.items and not shape.properties:
            yield self._finding("operations.create", f"{spec.name}: body", "one object", "a list", Result.DIFFERS)
            shape = shape.items
        wrapped = _wrapped(shape, spec) if shape else None
        if shape and wrapped:
            found = f"one object inside of `{wrapped}`"
            yield self._finding("operations.create", f"{spec.name}: body", "one object", found, Result.DIFFERS)
            shape = shape.properties[wrapped]
        if shape is None or not shape.properties:
            yield self._finding(place, f"{spec.name}: fields", f"{len(spec.fields)}", "not said", Result.UNKNOWN)
            return
        yield from FieldComparer(spec, self._finding).compare(shape)

    # --- answers, and the rest

    def statuses(self) -> Iterator[Finding]:
        """Compare the statuses that the operations in use may answer with."""
        seen = {code for key in self._used if key in self._routes for code in self._routes[key].statuses}
        rules = self._contract.answers
        kinds = {
            "success": {code for code in seen if 200 <= code < 300},
            "key_refused": seen & {401, 403},
            "already_exists": seen & {409},
            "invalid": seen & {400, 422},
            "retry": {code for code in seen if code in (408, 425, 429) or code >= 500},
        }
        for kind, codes in kinds.items():
            believed = ", ".join(map(str, sorted(rules[kind].statuses)))
            place, subject = f"answers.{kind}.statuses", f"answers: {kind.replace('_', ' ')}"
            if not codes:
                yield self._finding(place, subject, believed, "not said", Result.UNKNOWN)
                continue
            result = Result.AGREES if codes <= rules[kind].statuses else Result.DIFFERS
            correction: Corrections = {("answers", kind, "statuses"): sorted(codes | rules[kind].statuses)}
            found = ", ".join(map(str, sorted(codes)))
            yield self._finding(place, subject, believed, found, result, "", correction)

    def notes(self) -> Iterator[str]:
        """Name the routes that the connector doesn't use, those near its own first."""
        wholes = [self._places.whole(name) for name in self._places.paths]
        others: dict[str, None] = {}
        for route in self._document.routes:
            if (route.verb, route.plain) in self._used:
                continue
            if any(route.plain == whole or route.plain.startswith(whole + "/") for whole in wholes):
                yield f"{route.verb} {route.path}" + _what_for(route, wholes)
            else:
                others[route.plain] = None
        if others:
            shown = list(others)[:MOST_SHOWN]
            yield "of other objects: " + ", ".join(shown) + (", …" if len(others) > MOST_SHOWN else "")


def _what_for(route: Route, wholes: list[str]) -> str:
    """Say what a route near the connector's own would be good for."""
    if route.verb == "DELETE":
        return " (the contract: no delete)"
    if route.verb == "GET" and route.plain in wholes:
        return " (a list: what is there could be read many at a time)"
    takes_many = route.body is not None and (bool(route.body.items) or _is_list_inside(route.body))
    if route.verb in ("POST", "PUT", "PATCH") and (takes_many or BULK.search(route.plain)):
        return " (in bulk: many objects in one request)"
    return ""


def _is_list_inside(body: Shape) -> bool:
    return len(body.properties) == 1 and any(inner.items for inner in body.properties.values())


def _key_distance(form: KeyForm, header: str, prefix: str) -> tuple[bool, bool, bool]:
    """Order forms: what the connector can send before what it can't, and the contract's own first."""
    return bool(form.other), form.header.lower() != header.lower(), form.prefix != prefix


def _wrapped(shape: Shape, spec: EntitySpec) -> str | None:
    """Return the one property that holds the object, when the body has none of its fields."""
    names = {field.name for field in spec.fields}
    if names & set(shape.properties):
        return None
    holders = [name for name, inner in shape.properties.items() if names & set(inner.properties)]
    return holders[0] if len(holders) == 1 else None
