"""The end of a probe: its objects stay in the account, so their amounts become 0, and their names say what they are."""

from __future__ import annotations

from destination_fincome.fincome.contract import EntitySpec
from destination_fincome.fincome.value_types import LINES
from fincome_tools.contract.calls import CallFailure
from fincome_tools.contract.chain import IGNORED, Body
from fincome_tools.contract.session import Session

NAMES = ("name", "description", "number")


def close(session: Session) -> list[tuple[str, str]]:
    """Set what the probe made to nothing; return entity and id of what keeps its amounts or its name."""
    kept = []
    for entity, identity, certain in session.made():
        spec = session.spec(entity)
        body = emptied(spec, session.body_of(entity, identity))
        if not _is_written(session, entity, spec, body) and certain:
            kept.append((entity, identity))
    return kept


def _is_written(session: Session, entity: str, spec: EntitySpec, body: Body) -> bool:
    try:
        if spec.update is not None:
            return session.update(entity, body).accepted
        whole = {**session.body_of(entity, body["id"]), **body}
        return spec.post_updates and session.create(entity, whole).accepted
    except CallFailure:
        return False


def emptied(spec: EntitySpec, body: Body) -> Body:
    """Return what makes an object count for nothing."""
    found: Body = {"id": body["id"]}
    for field in spec.fields:
        if field.name not in body:
            continue
        if field.money:
            found[field.name] = 0
        elif field.name in NAMES:
            found[field.name] = IGNORED
        elif field.type is LINES:
            amounts = {inner.name: 0 for inner in field.fields if inner.money}
            found[field.name] = [{**line, **{name: 0 for name in amounts if name in line}} for line in body[field.name]]
    if spec.name == "customers":
        found["name"] = IGNORED
    if "currency" in body:
        found["currency"] = body["currency"]
    return found
