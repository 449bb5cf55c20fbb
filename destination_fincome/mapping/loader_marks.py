"""Marks of what loads tables: rows that are deleted in the source, and old versions that a table keeps as history.

Any built-in source may come by way of a database or a warehouse. There a row that was deleted stays, or comes once
more, with a mark and often with nothing else but its key: a customer without a name, an invoice without a status. Its
mapping must not take it for what it was.
"""

from __future__ import annotations

from collections.abc import Mapping

from destination_fincome.fincome.contract import Contract
from destination_fincome.mapping.own import OwnStream
from destination_fincome.mapping.preset import CreditLinksRule, CreditRule, Emission, JoinRule, StreamRule, Warning_
from destination_fincome.mapping.skip_rules import SkipRule, SkipRules

# The time of the deletion: change capture of Airbyte's sources, and of Stitch's and Meltano's.
_TIMES = ("_ab_cdc_deleted_at", "_sdc_deleted_at")
# True of a deleted row: Fivetran, Debezium, Hevo.
_FLAGS = ("_fivetran_deleted", "__deleted", "__hevo__marked_deleted")
# False of a version that isn't the last one: Fivetran, in history mode.
_ACTIVE = "_fivetran_active"
_MARKS = frozenset((*_TIMES, *_FLAGS, _ACTIVE))
# What orders the changes that Airbyte's sources capture, whatever the rows say of themselves.
_CAPTURED = "_ab_cdc_"

_OLD = "it is a deleted row, or an old version of one, which the table keeps"

Columns = frozenset[str]


def unheeded(columns: Columns, own: OwnStream) -> str | None:
    """Return the column that marks a stream's deleted rows, where the user's mapping of it says nothing of it."""
    said = own.model_dump_json().lower()
    return next((one for one in sorted(columns) if one.lower() in (*_TIMES, *_FLAGS) and one.lower() not in said), None)


class LoaderMarks:
    """What the marks among a connection's columns mean for the rules of a built-in source.

    Args:
        title: the source, for messages.
        columns: of its streams, by the names that the source has for these.
    """

    def __init__(self, contract: Contract, title: str, columns: Mapping[str, Columns]) -> None:
        self._contract = contract
        self._rules = SkipRules(title)
        self._marks = {name: _MARKS.intersection(map(str.lower, there)) for name, there in columns.items()}

    def heeded(self, name: str, rule: StreamRule, cursor: tuple[str, ...]) -> StreamRule:
        """Return a stream's rule in which the marks count that its columns have and that it says nothing of itself.

        Args:
            cursor: path of the stream's cursor, or empty.
        """
        joins = {key: self._joined(one) for key, one in rule.joins.items()}
        rule = rule.model_copy(update={"joins": joins}) if joins else rule
        there = self._marks.get(name, frozenset())
        if there:
            said = rule.model_dump_json()
            there = frozenset(mark for mark in there if mark not in said)
        deleted, live = _is_deleted(there), _is_live(there)
        if live is None:
            return rule
        changed = {
            "version": _version(rule.version, there, cursor),
            "let": _guarded(rule.let, live),
            "emits": [self._emission(one, rule, deleted, live, cursor) for one in rule.emits],
            "credits": [self._credit(one, deleted, live) for one in rule.credits],
            "credit_links": [_link(one, deleted, live) for one in rule.credit_links],
            "warnings": [_warning(one, live) for one in rule.warnings],
            "otherwise": _OLD if rule.otherwise == StreamRule().otherwise else f"{rule.otherwise}, or {_OLD}",
        }
        return rule.model_copy(update=changed)

    def _joined(self, rule: JoinRule) -> JoinRule:
        """Leave deleted rows out of those that complete a record."""
        there = frozenset(mark for mark in self._marks.get(rule.stream, ()) if mark not in (rule.when or ""))
        live = _is_live(there)
        return rule if live is None else rule.model_copy(update={"when": _both(rule.when, live)})

    def _emission(
        self, one: Emission, rule: StreamRule, deleted: str | None, live: str, cursor: tuple[str, ...]
    ) -> Emission:
        """Skip what is the row itself as deleted; what else is made of a row isn't made of a deleted one."""
        version = one.version
        if _captured(cursor) and version is not None and not version.startswith("`"):
            version = None
        if deleted is None or not self._is_row(one, rule):
            return one.model_copy(update={"when": _both(one.when, live), "version": version})
        changed = {"when": _or_deleted(one.when, deleted, live), "let": _guarded(one.let, live), "version": version}
        return one.model_copy(update={**changed, "skip": [self._skip(one.entity, deleted), *one.skip]})

    def _is_row(self, one: Emission, rule: StreamRule) -> bool:
        """Tell whether an object is what the row is about: the first that it becomes."""
        own = (it for it in rule.emits if it.for_each is None and it.operation == "upsert" and it.merge is None)
        return one is next(own, None)

    def _credit(self, one: CreditRule, deleted: str | None, live: str) -> CreditRule:
        if deleted is None:
            return one.model_copy(update={"when": _both(one.when, live)})
        skip = [self._skip("credit_notes", deleted), *one.skip]
        changed = {"when": _or_deleted(one.when, deleted, live), "let": _guarded(one.let, live), "skip": skip}
        return one.model_copy(update=changed)

    def _skip(self, entity: str, deleted: str) -> SkipRule:
        counts = self._contract.entities[entity].settled is not None
        # A mark tells it by itself, however little else the row has. A row with a flag has all that it had; one with a
        # time has often nothing but its key, and others know more of a customer than that.
        parts = {"when": deleted, "settles": True, "stub": not counts and any(flag in deleted for flag in _FLAGS)}
        return SkipRule.model_validate(self._rules.rule("deleted" if counts else "deleted_parent", parts))


def _is_deleted(there: Columns) -> str | None:
    marks = [mark for mark in _TIMES if mark in there] + [f"{mark} == `true`" for mark in _FLAGS if mark in there]
    return f"({' || '.join(marks)})" if marks else None


def _is_live(there: Columns) -> str | None:
    """Return the condition of a row that is neither deleted nor an old version; None if nothing marks these."""
    deleted = _is_deleted(there)
    parts = [*([f"!{deleted}"] if deleted else []), *([f"{_ACTIVE} != `false`"] if _ACTIVE in there else [])]
    return " && ".join(parts) or None


def _both(condition: str | None, live: str) -> str:
    return live if condition is None else f"{live} && ({condition})"


def _or_deleted(condition: str | None, deleted: str, live: str) -> str | None:
    """Return when a row that may be deleted is an object: what it was can't be told of one that has only its key."""
    return condition if condition is None and _ACTIVE not in live else f"{deleted} || ({_both(condition, live)})"


def _guarded(let: Mapping[str, str], live: str) -> dict[str, str]:
    """Make null of what rejects an unknown word in a row that isn't live: a deleted one has none."""
    return {name: f"({live} && [{text}]) | [0]" if "lookup(" in text else text for name, text in let.items()}


def _link(one: CreditLinksRule, deleted: str | None, live: str) -> CreditLinksRule:
    if deleted is None or one.for_each is not None:
        return one.model_copy(update={"when": _both(one.when, live)})
    return one.model_copy(update={"gone": deleted if one.gone is None else f"{deleted} || ({one.gone})"})


def _warning(one: Warning_, live: str) -> Warning_:
    return one.model_copy(update={"when": _both(one.when, live)})


def _captured(cursor: tuple[str, ...]) -> bool:
    return len(cursor) == 1 and cursor[0].lower().startswith(_CAPTURED)


def _version(version: str | None, there: Columns, cursor: tuple[str, ...]) -> str | None:
    """Return what orders the versions of rows: a deletion is a change, too, and its row may have no time of its own."""
    if _captured(cursor):
        return cursor[0].lower()
    times = [mark for mark in _TIMES if mark in there]
    return f"coalesce({', '.join([version, *times])})" if version is not None and times else version
