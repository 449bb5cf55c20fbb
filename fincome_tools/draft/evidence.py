"""What values tell of columns whose headings don't: which invoice a row credits, kinds of documents, currencies.

A heading that nobody knows, or that may be two things, is no obstacle where the values can be one thing only.
"""

from __future__ import annotations

from collections.abc import Mapping

from fincome_tools.draft import proofs
from fincome_tools.draft.names import concepts_of, document_kind
from fincome_tools.draft.profiles import Profile
from fincome_tools.draft.roles import Assigned
from fincome_tools.files.table import Table

_FIGURES = frozenset(
    ["amount", "price", "cents", "net", "gross", "tax", "total", "rate", "quantity", "unit", "discount", "monthly"]
)
_SURE_OF_REFERENCES = frozenset({"origin", "invoice", "credit", "document", "id"})
_MOST_CREDITED = 0.5


def settle(table: Table, profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """Give roles to columns by what they hold, beside those that their headings gave."""
    _complete_ids(profiles, roles)
    _kinds_of_documents(profiles, roles)
    _origin(table, profiles, roles)
    _currency(profiles, roles)


def _free(roles: Assigned) -> list[str]:
    """Return the columns that have no role, nor are rivals for one."""
    taken = {*roles.columns.values(), *(name for names in roles.rivals.values() for name in names)}
    return [name for name in roles.left if name not in taken]


def _give(roles: Assigned, role: str, name: str) -> None:
    roles.columns[role] = name
    roles.left = [one for one in roles.left if one != name]
    for names in roles.near.values():
        if name in names:
            names.remove(name)


def _complete_ids(profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """Of columns that may be a table's id, one that is empty in some rows isn't it."""
    for role in ("invoice_id", "id", "line_id"):
        names = roles.rivals.get(role, [])
        whole = [name for name in names if profiles[name].filled == profiles[name].rows]
        if len(whole) == 1:
            roles.columns[role] = whole[0]
            roles.left += [name for name in names if name != whole[0]]
            del roles.rivals[role]


def _kinds_of_documents(profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """A column of types whose words are all documents' tells documents, not lines, apart."""
    name = roles.get("line_type")
    if name and "document_type" not in roles.columns and all(map(document_kind, profiles[name].values)):
        roles.columns["document_type"] = roles.columns.pop("line_type")


def _origin(table: Table, profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """A column that, in a few rows, has the number of another document of this table names what is credited."""
    invoice = roles.get("invoice_id")
    if invoice is None or "origin_id" in roles.columns:
        return
    known = {str(value).strip() for value in profiles[invoice].values}
    plain = [roles.columns["id"]] if "id" in roles.columns else []  # "Reference" may be any id.
    names = [name for name in [*_free(roles), *plain] if _may_refer(profiles[name], known)]
    names = [name for name in names if not proofs.have_same(table, invoice, name)]
    if len(names) == 1:
        _give(roles, "origin_id", names[0])
        if names == plain:
            del roles.columns["id"]


def _may_refer(profile: Profile, known: set[str]) -> bool:
    """Tell whether a column's values are documents' numbers; small counters are in anything, so these need a name."""
    says = concepts_of(profile.name)
    if not 0 < profile.filled <= _MOST_CREDITED * profile.rows or says & _FIGURES:
        return False
    values = [str(value).strip() for value in profile.values]
    if not all(value in known for value in values):
        return False
    return bool(says & _SURE_OF_REFERENCES) or not any(value.isdigit() and value[0] != "0" for value in values)


def _currency(profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """A column of currencies' codes is the currency, if it is the only one."""
    if "currency" in roles.columns:
        return
    names = [name for name in _free(roles) if profiles[name].is_currency]
    if len(names) == 1 and "currency" not in roles.rivals:
        _give(roles, "currency", names[0])
