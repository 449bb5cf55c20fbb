"""Attributes that a CRM has of the customers of a billing system: which property is the key, which are brought.

A CRM knows its companies by ids of its own. Which of its properties holds the billing customer's id is each company's
own choice, so the settings say it (`crm_key`); nothing is guessed. Only properties that they name are brought: a CRM
has hundreds, and each would become a dimension.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from destination_fincome.codes import Code
from destination_fincome.failure import ConfigFailure
from destination_fincome.mapping.compiled import RECORD
from destination_fincome.mapping.own import OwnEmission, OwnStream
from destination_fincome.mapping.own_expressions import quoted
from destination_fincome.mapping.preset import EnrichmentRule, StreamRule
from destination_fincome.wording import counted, did_you_mean

KEYS = "_keys"
"""The helper of a record's keys: one object with an `id` for each."""

# After so many records without a key in the settings, what they show of their columns is told.
ENOUGH_RECORDS = 500
MOST_TOLD = 8

# What a property is called that holds another system's id. Names are split into words before.
_SYSTEMS = frozenset([
    "stripe", "chargebee", "recurly", "chargify", "maxio", "paddle", "lago", "pennylane", "sellsy", "netsuite", "xero",
    "quickbooks", "zuora", "younium", "orb", "odoo", "sage", "axonaut", "billing", "invoicing", "client", "customer",
    "debtor", "account", "fincome", "external", "erp",
])  # fmt: skip
_IDENTIFIERS = frozenset(
    ["id", "ids", "identifier", "number", "no", "num", "nr", "code", "ref", "reference", "key", "uid", "uuid"]
)
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
# Ids of Stripe's customers, of which nothing but an id looks like one.
_SHAPED = re.compile(r"cus_\w+")
# Words of a sentence, addresses and points in time are no ids.
_ID = re.compile(r"(?!\d{4}-\d\d-\d\d)[\w.:/-]{1,80}")


class CrmSettings(NamedTuple):
    """What the settings say of a CRM.

    Attributes:
        key: the property that holds the billing customer's id.
        properties: names of those that are brought.
    """

    key: str | None = None
    properties: tuple[str, ...] = ()


class KeyCandidates:
    """What a CRM's first records show of the properties that may be its key. Keeps values, tells none.

    Args:
        stream: its name.
        title: what the CRM is called.
    """

    def __init__(self, stream: str, title: str, rule: EnrichmentRule) -> None:
        self._stream = stream
        self._title = title
        self._rule = rule
        self._values: dict[str, list[str]] = {}
        self.records = 0

    @property
    def has_enough(self) -> bool:
        """Whether it has seen as many records as it wants to."""
        return self.records >= ENOUGH_RECORDS

    def note(self, record: Mapping[str, Any]) -> None:
        """Look at one record."""
        self.records += 1
        for name, value in dict(_properties(self._rule, record)).items():
            if isinstance(value, (str, int)) and not isinstance(value, bool) and (text := str(value).strip()):
                self._values.setdefault(name, []).append(text)

    def failure(self) -> ConfigFailure:
        """Return what stops the sync: what has to be set, and to what perhaps."""
        found = self._told()
        first = f"first {counted(self.records, 'record')}"
        likely = (
            f"In its {first} these may be it: {'; '.join(found)}."
            if found
            else f"None of the properties of its {first} looks like one."
        )
        return ConfigFailure(
            f"`crm_key` isn't set. {self._title} only adds attributes to customers that Fincome has from your billing "
            f"system, and for that one property of the stream {self._stream} must hold the billing customer's id: name "
            f"it in `crm_key`. {likely} Name in `crm_properties` what is to be brought."
        )

    def _told(self) -> list[str]:
        """Return the likely ones, the likeliest first, with how much of them is filled and unique."""
        ranked = sorted(
            (rank, -len(values), name)
            for name, values in self._values.items()
            if name not in self._rule.own_ids and (rank := _rank(name, values)) is not None
        )
        return [
            f"{name} ({_percent(len(values), self.records)} filled, {_percent(len(set(values)), len(values))} unique)"
            for name, values in ((name, self._values[name]) for _, _, name in ranked[:MOST_TOLD])
        ]


def _rank(name: str, values: list[str]) -> int | None:
    """Return how much speaks for a property as the key, the less the more; None if nothing does."""
    if all(map(_SHAPED.fullmatch, values)):
        return 0
    words = {word.lower() for word in _WORDS.findall(name)}
    if not words & _IDENTIFIERS:
        return None
    if words & _SYSTEMS:
        return 1
    return 2 if len(set(values)) == len(values) and all(map(_ID.fullmatch, values)) else None


def _percent(part: int, whole: int) -> str:
    """Write a share; rounded down, as only all of them are 100 %."""
    return f"{100 * part // whole} %"


# --- where a property is


def _place(rule: EnrichmentRule, names: Iterable[str]) -> str:
    """Return the expression of a property, perhaps in several spellings: the first place counts that has a value."""
    places = [
        f"{place}{quoted(name)}" if not place or place.endswith(".") else quoted(place + name)
        for place in rule.places
        for name in names
    ]
    return f"coalesce({', '.join(places)})" if len(places) > 1 else places[0]


def _spellings(name: str, known: Mapping[str, str]) -> list[str]:
    """Return a property's name as the user writes it, and as the catalog does."""
    return list(dict.fromkeys([name, known.get(name.lower(), name)]))


def _properties(rule: EnrichmentRule, record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield a record's properties by name; of one that is in several places, the best place comes last."""
    for place in reversed(rule.places):
        inside: Any = record
        for part in place.split(".")[:-1]:
            inside = inside.get(part) if isinstance(inside, Mapping) else None
        prefix = place.rpartition(".")[2]
        for name, value in inside.items() if isinstance(inside, Mapping) else ():
            if name.startswith(prefix) and value is not None:
                yield name.removeprefix(prefix), value


def _declared(rule: EnrichmentRule, columns: Iterable[str]) -> dict[str, str]:
    """Return the names of the properties that a catalog's columns are, by the same in small letters."""
    prefixes = [place for place in rule.places if not place.endswith(".")]
    found = [name[len(prefix) :] for prefix in prefixes for name in columns if name.lower().startswith(prefix)]
    return {name.lower(): name for name in found}


# --- the mapping


def enriched(rule: StreamRule, crm: CrmSettings, columns: Iterable[str]) -> StreamRule:
    """Return a stream's rule with the key and the properties that the settings name.

    A property may hold several ids, as a list or with semicolons, commas or line breaks between them: a company of the
    CRM can be several customers of the billing system.

    Args:
        columns: of the catalog, which may spell the names otherwise.
    """
    assert rule.enrichment is not None
    assert crm.key is not None
    known = _declared(rule.enrichment, columns)
    key = _place(rule.enrichment, _spellings(crm.key, known))
    keys = f"to_array({key})[].split(replace(replace(text(@), ';', ','), '\n', ','), ',')[].{{id: @}}"
    brought = {name: _of_record(_place(rule.enrichment, _spellings(name, known))) for name in crm.properties}
    return rule.model_copy(
        update={
            "let": {**rule.let, KEYS: keys},
            "emits": [one.model_copy(update={"custom_properties": brought or None}) for one in rule.emits],
            "otherwise": f"its property {crm.key} is empty{rule.enrichment.or_else}: no customer of the billing system",
            "otherwise_reason": Code.NO_KEY,
        }
    )


def says_who(own: OwnStream) -> bool:
    """Tell whether the user's own mapping of a stream says which customers its records are about."""
    return any(isinstance(emission.fields, dict) and "id" in emission.fields for emission in own.emits)


def without_key(rule: StreamRule) -> StreamRule:
    """Return a stream's rule for somebody who says himself which customers its records are about."""
    return rule.model_copy(update={"emits": [], "enrichment": None})


def laid_over_enrichment(own: OwnStream) -> OwnStream:
    """Return what the user says of a stream, as of each key of a record: his expressions are about the record."""
    emits = tuple(_of_each_key(emission) if emission.for_each is None else emission for emission in own.emits)
    let = {name: text for emission in own.emits if emission.for_each is None for name, text in emission.let.items()}
    return own.model_copy(update={"emits": emits, "let": {**own.let, **let}})


def _of_each_key(emission: OwnEmission) -> OwnEmission:
    def named(texts: Any) -> Any:
        if isinstance(texts, str):
            return _of_record(texts)
        if not isinstance(texts, dict):
            return texts
        return {name: _of_record(text) if isinstance(text, str) else text for name, text in texts.items()}

    return emission.model_copy(
        update={
            "let": {},
            "fields": named(emission.fields) if isinstance(emission.fields, dict) else emission.fields,
            "custom_properties": named(emission.custom_properties),
            "skip": tuple(rule.model_copy(update={"when": _of_record(rule.when)}) for rule in emission.skip),
        }
    )


def _of_record(text: str) -> str:
    """Return an expression about the record, as the elements of a list write it."""
    return f"{RECORD} | {text}"


def check_enrichment(stream: str, rule: StreamRule, crm: CrmSettings, columns: Iterable[str]) -> tuple[str, ...]:
    """Hold the settings against a stream's catalog; return what the user should know.

    Args:
        rule: with what the settings say, also in the user's own mapping.

    Raises:
        ConfigFailure: nothing would be brought, or the key is no property of the stream.
    """
    assert rule.enrichment is not None
    assert crm.key is not None
    known = _declared(rule.enrichment, columns)
    if not any(one.custom_properties or len(one.fields) > 1 for one in rule.emits):
        some = ", ".join(sorted(known.values())[:MOST_TOLD])
        raise ConfigFailure(
            f"`crm_properties` is empty, so the stream {stream} brings nothing: name the properties in it that "
            f"customers are to have in Fincome, separated by commas{f' (there are {some}, …)' if some else ''}."
        )
    if not rule.enrichment.declared or not known:
        return ()
    if crm.key.lower() not in known:
        raise ConfigFailure(
            f"`crm_key` names {crm.key}, and the stream {stream} has no such property{_similar(crm.key, known) or '.'}"
        )
    return tuple(
        f"`crm_properties` names {name}, and the stream {stream} has no such property{_similar(name, known)}"
        for name in crm.properties
        if name.lower() not in known
    )


def _similar(name: str, known: Mapping[str, str]) -> str:
    return did_you_mean(name, known.values(), "{}", most=3)
