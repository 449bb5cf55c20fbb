"""Columns whose headings nobody knows, or not wholly: what they hold, and what goes with what, tells what they are for.

Only what one column can be, and no other, is taken so; dates and amounts never are: these are proved or asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.kept import KeptTable
from fincome_tools.draft.columns.names import OTHERS, concepts_of, words_of
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.columns.roles import Assigned
from fincome_tools.draft.columns.statuses import status_of
from fincome_tools.draft.columns.vocabulary import meaning

# What a heading may say with words beside it that nobody knows: no figure among them, and no date but a due one.
_NEARLY = ("customer_id", "customer_name", "currency", "document_type", "product_id", "product_name", "origin_id")
_NEARLY_TOO = (
    "due_date",
    "quantity",
    "description",
    "subscription_id",
    "interval",
    "line_type",
    "email",
    "country",
    "status",
)
_OF_MACHINES = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_POSTAL = re.compile(r"[0-9]{4,5}(?:-[0-9]{3,4})?|[0-9]{4} ?[A-Z]{2}|[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}")
_OF_PHONES = re.compile(r"(?=(?:\D*\d){9,15}\D*$)(?:\+|00?)[ (]?[1-9][0-9 ().\-/]+")
_OF_BANKS = re.compile(r"[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){11,30}")
_FEWEST_BEGINNINGS = 3
_SPREAD = 0.4
_MOST_WORDS = 12
_FEWEST_CUSTOMERS = 3
_OF_OTHER_STATUSES = frozenset({"customer", "order", "quote", "product", "subscription"})
_NO_NAMES = frozenset(
    {"siret", "email", "zip", "country", "product", "description", "line", "date", "invoice", "status"}
)


def settle_by_content(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """Give roles that no heading says to the only columns that can have them."""
    _words(profiles, roles, "status", _is_status)
    for role in (*_NEARLY, *_NEARLY_TOO, "due_date"):
        _nearly(table, profiles, roles, role)
    unique = [name for name in free(roles) if profiles[name].is_unique and _says_line_id(name)]
    line = roles.get("line_id")
    if len(unique) == 1 and not (line and profiles[line].is_unique):
        roles.left += [line] if line else []
        give(roles, "line_id", unique[0])
    near = [name for name in roles.near.get("invoice_id", ()) if profiles[name].filled == profiles[name].rows]
    if len(near) == 1 and _are_codes(profiles[near[0]]):
        _nearly(table, profiles, roles, "invoice_id")
    _words(profiles, roles, "line_type", _is_line_type)
    _customers(table, profiles, roles)
    if "tax_id" in roles.columns and roles.lacks("customer_id") and roles.lacks("id"):
        roles.columns["customer_id"] = roles.columns.pop("tax_id")  # For want of a code.


def _says_line_id(name: str) -> bool:
    """Tell whether a heading says the id of a line, and besides only words that nobody knows."""
    return {one for one in concepts_of(name) if not one.startswith("?")} == {"line", "id"}


def free(roles: Assigned) -> list[str]:
    """Return the columns that have no role, nor are rivals for one."""
    taken = {*roles.columns.values(), *(name for names in roles.rivals.values() for name in names)}
    return [name for name in roles.left if name not in taken]


def give(roles: Assigned, role: str, name: str) -> None:
    """Give a role to a column that has none."""
    roles.columns[role] = name
    roles.left = [one for one in roles.left if one != name]
    for names in roles.near.values():
        if name in names:
            names.remove(name)


def _nearly(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned, role: str) -> None:
    """A heading that says a role and something unknown has it, if it is the only one; of ids that go together, any."""
    names = [name for name in roles.near.get(role, ()) if name in free(roles) and not concepts_of(name) & OTHERS]
    if not roles.lacks(role):
        return
    if len(names) > 1 and role.endswith("_id") and proofs.name_alike(table, names):
        # What people gave out comes before what a machine did.
        names = sorted(names, key=lambda name: (are_of_machines(profiles[name]), plainness(name)))[:1]
    if len(names) == 1 and profiles[names[0]].filled:
        give(roles, role, names[0])


def _are_codes(profile: Profile) -> bool:
    texts = [str(value).strip() for value in profile.values]
    return len(texts) > 1 and all(any(map(str.isdigit, text)) and " " not in text for text in texts)


def are_of_machines(profile: Profile) -> bool:
    """Tell whether all ids are long ones that no person has made."""
    return bool(profile.values) and all(_OF_MACHINES.fullmatch(str(value).strip()) for value in profile.values)


def _words(
    profiles: Mapping[str, Profile], roles: Assigned, role: str, is_word: Callable[[Iterable[str]], bool]
) -> None:
    """A column that holds nothing but a role's words has it, if it is the only one."""
    if not roles.lacks(role):
        return
    names = [
        name
        for name in free(roles)
        if profiles[name].is_whole and 0 < len(profiles[name].values) <= _MOST_WORDS and profiles[name].is_text
        if is_word([str(value) for value in profiles[name].values])
        if role != "status" or not concepts_of(name) & _OF_OTHER_STATUSES | concepts_of(name) & OTHERS
    ]
    if len(names) == 1:
        give(roles, role, names[0])


def _is_status(words: Iterable[str]) -> bool:
    said = [(status_of(word, "invoice_status"), status_of(word, "not_final")) for word in words]
    return all(status or left for status, left in said) and any(status for status, _ in said)


def _is_line_type(words: Iterable[str]) -> bool:
    said = {meaning(word, "line_type") for word in words}
    return None not in said and "subscription" in said


# --- customers


def _customers(table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned) -> None:
    """A code and a name that go together, and that all rows of an invoice share, are the customer's."""
    invoice = roles.get("invoice_id")
    if invoice is None or not roles.lacks("customer_id"):
        return
    name = roles.get("customer_name")
    names = [name] if name else [one for one in free(roles) if _may_be_name(profiles[one])]
    names = [one for one in names if ("customer_name", one) not in roles.refused]
    plain_id = [roles.columns["id"]] if "id" in roles.columns else []
    tax_id = [roles.columns["tax_id"]] if "tax_id" in roles.columns else []
    possible = [one for one in [*free(roles), *plain_id, *tax_id] if ("customer_id", one) not in roles.refused]
    codes = [one for one in possible if _may_be_code(profiles[one], profiles[invoice])]
    pairs = [(code, one) for code in codes for one in names if _go_together(table, profiles, invoice, (code, one))]
    plain = [pair for pair in pairs if "siret" not in concepts_of(pair[0])] or pairs
    if len(plain) == 1 and (name or len({one for _, one in pairs}) == 1):
        for role in [role for role in ("id", "tax_id") if roles.columns.get(role) == plain[0][0]]:
            del roles.columns[role]
        give(roles, "customer_id", plain[0][0])
        if not name:
            give(roles, "customer_name", plain[0][1])


def _may_be_name(profile: Profile) -> bool:
    if len(profile.values) < _FEWEST_CUSTOMERS:
        return False
    is_known = bool(concepts_of(profile.name) & (_NO_NAMES | OTHERS))
    return profile.is_text and not profile.is_email and not is_known and profile.filled == profile.rows


def _may_be_code(profile: Profile, invoices: Profile) -> bool:
    """Tell whether values may be customers' codes: fewer than invoices, of figures and letters."""
    if profile.filled < profile.rows or not profile.is_whole or profile.dates or profile.is_email:
        return False
    says = concepts_of(profile.name)
    if says & (_NO_NAMES - {"siret"} | OTHERS) or not 1 < len(profile.values) < len(invoices.values):
        return False
    if "id" not in says and "customer" not in says and may_be_of_addresses(profile):
        return False
    texts = [str(value).strip() for value in profile.values]
    if not says & {"id", "customer"} and not all(any(map(str.isdigit, text)) or text.isupper() for text in texts):
        return False  # Words, such as those of cities.
    numbers = profile.numbers
    return (numbers is None or numbers.whole) and not any(" " in text for text in texts) and max(map(len, texts)) > 1


def are_of_phones_or_banks(profile: Profile) -> bool:
    """Tell whether values look like numbers of phones, or of accounts at banks."""
    texts = [str(value).strip() for value in profile.values]
    return any(texts and all(form.fullmatch(text) for text in texts) for form in (_OF_PHONES, _OF_BANKS))


def may_be_of_addresses(profile: Profile) -> bool:
    """Tell whether values look like what addresses have, which identifies nobody.

    Postal codes are spread over a country; numbers that somebody gave out one after another begin alike.
    """
    if are_of_phones_or_banks(profile):
        return True
    texts = [str(value).strip() for value in profile.values]
    if not all(_POSTAL.fullmatch(text) for text in texts):
        return False
    beginnings = {text[:2] for text in texts}
    return len(beginnings) >= max(_FEWEST_BEGINNINGS, _SPREAD * len(texts))


def _go_together(table: KeptTable, profiles: Mapping[str, Profile], invoice: str, pair: tuple[str, str]) -> bool:
    code, name = pair
    if len(profiles[code].values) != len(profiles[name].values) or code == name:
        return False
    return proofs.name_alike(table, pair) and all(proofs.depends(table, invoice, one) for one in pair)


def plainness(name: str) -> tuple[bool, int, str]:
    """Order headings: `id` comes before `number`."""
    return not {"id", "identifiant", "identifier"} & set(words_of(name)), len(name), name
