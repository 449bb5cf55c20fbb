"""The topmost object above each: sources tell the next one, Fincome wants the root (sources.md rule 13).

Parents go before their children, so the parent's own root is known when a child goes: one step for each level.
"""

from __future__ import annotations

from collections.abc import Sequence

from destination_fincome.engine.bodies import with_text, without
from destination_fincome.engine.spool.rows import Row
from destination_fincome.engine.spool.spool import Spool
from destination_fincome.fincome.contract import EntitySpec


class Roots:
    """Puts roots in the place of parents, where the contract says that a field holds the root.

    Args:
        entities: in the contract's order; rows name them by index.
    """

    def __init__(self, spool: Spool, entities: Sequence[EntitySpec]) -> None:
        self._spool = spool
        self._fields = {number: spec.root for number, spec in enumerate(entities) if spec.root}

    def leave_out_itself(self, row: Row) -> None:
        """Take away the reference of an object that names itself as the one above it: there is none."""
        field = self._fields.get(row.entity)
        if field is None or row.body is None:
            return
        kept = tuple(ref for ref in row.refs if ref.field != field or ref.id != row.id)
        if len(kept) < len(row.refs):
            row.refs, row.body = kept, without(row.body, [field])

    def resolved(self, row: Row, body: bytes) -> tuple[bytes, str | None]:
        """Return an object's JSON with its root, and the root; as it came, if it has no parent.

        The parent's own root is used if this sync has told it to Fincome. In a cycle nothing is topmost: what would
        be its own root keeps its parent.
        """
        field = self._fields.get(row.entity)
        ref = next((ref for ref in row.refs if ref.field == field and field not in row.detour), None) if field else None
        if ref is None or field is None:
            return body, None
        parent = self._spool.get(ref.entity, ref.id)
        root = parent.root if parent else None
        if root is None or root in (row.id, ref.id):
            return body, ref.id
        return with_text(body, field, root), root
