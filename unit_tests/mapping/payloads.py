"""Records to the bodies that would be sent, for tests of mappings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.models import InvalidObject, build_models, encode
from destination_fincome.mapping.mapper import StreamMapper
from destination_fincome.mapping.results import Draft, Fault, Skip

MODELS = build_models(load_contract())


@dataclass(frozen=True)
class Stream:
    """A stream of a catalog, as recognition sees it."""

    name: str
    properties: frozenset[str] = frozenset()
    cursor: tuple[str, ...] = ()
    namespace: str | None = None
    nested: frozenset[str] = frozenset()


@dataclass
class Payloads:
    """What a record becomes: bodies as Fincome would read them, and all that isn't sent."""

    sent: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    skipped: list[tuple[str, Any, str]] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    faults: list[tuple[str, Any, str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    reason: str | None = None

    def only(self, entity: str) -> dict[str, Any]:
        """The one body that the record becomes."""
        assert not self.faults, (self.faults, self.problems)
        assert not self.skipped, self.skipped
        assert list(self.sent) == [entity]
        (body,) = self.sent[entity]
        return body


def payloads(mapper: StreamMapper, record: dict[str, Any]) -> Payloads:
    mapped = mapper.map(record)
    found = Payloads(reason=mapped.reason)
    for item in mapped.objects:
        if isinstance(item, Draft):
            _take(found, item)
        elif isinstance(item, Skip):
            if item.document is not None:
                continue  # a part of a void document, which may have been sent: test_void_documents.py
            found.skipped.append((item.entity, item.id, item.reason))
            found.skips.append(item)
        else:
            assert isinstance(item, Fault)
            found.faults.append((item.entity, item.id, item.field, item.code))
            found.problems.append(item.problem)
    return found


def _take(found: Payloads, draft: Draft) -> None:
    try:
        body = _body(draft.entity, draft.values)
    except InvalidObject as error:
        found.faults.append((draft.entity, draft.values.get("id"), error.field, error.code))
        found.problems.append(error.problem)
        return
    found.sent.setdefault(draft.entity, []).append(body)


def _body(entity: str, values: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(encode(MODELS[entity].validate(values).values))
    return body
