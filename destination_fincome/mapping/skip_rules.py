"""Why an object isn't sent: the rules that mappings refer to by name, and the one place of each reason's text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from destination_fincome.codes import Code
from destination_fincome.mapping.results import Children


class SkipRule(BaseModel):
    """When an object must not be sent. See results.Skip.

    Attributes:
        stub: keep the object's values all the same, for the case that a child needs it and it exists nowhere.
        gone: the document never counts, also if it was sent before: it is taken out of Fincome's figures, if its record
            is known to be full.
        settles: it is so whatever the record has.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: str
    reason: Code
    text: str
    children: Children = "skip"
    stub: bool = False
    gone: bool = False
    settles: bool = False


class Known(NamedTuple):
    """A rule whose name every mapping knows; `{source}` in its text stands for the title of the source."""

    reason: Code
    text: str
    children: Children = "skip"
    stub: bool = False
    gone: bool = False


KNOWN: Mapping[str, Known] = {
    "draft": Known(Code.DRAFT, "a draft is not final; it is loaded once it is finalised"),
    "void": Known(Code.VOID, "voided or cancelled, so it doesn't count", gone=True),
    "deleted": Known(Code.DELETED, "deleted in {source}, so it doesn't count", gone=True),
    "deleted_draft": Known(Code.DELETED, "deleted in {source}, which happens to drafts only"),
    # Invoices of a deleted customer are still revenue. They only need the customer to exist in Fincome, and its last
    # known state creates it there if nothing else did.
    "deleted_parent": Known(
        Code.DELETED,
        "deleted in {source}; Fincome keeps its history and has no way to delete",
        "lookup",
        stub=True,
        gone=True,
    ),
    "no_customer": Known(
        Code.INCOMPLETE, "it names no customer, and Fincome needs one; choose a customer for it in {source}"
    ),
    "no_invoice": Known(
        Code.INCOMPLETE,
        "it names no invoice, and Fincome takes credit notes of invoices only; lower the revenue in Fincome by hand",
    ),
    "payment_pending": Known(Code.INCOMPLETE, "its first payment is pending; it is loaded once it is active"),
    "payment_failed": Known(Code.INCOMPLETE, "its first payment failed or was never made, so it never began"),
    "left_out": Known(Code.LEFT_OUT, "left out by the mapping in the settings"),
}


class SkipRules:
    """The skip rules that one mapping can name.

    Args:
        source: the title of the source, for the texts.
        own: the mapping's own rules by name, and what it changes about known ones.
    """

    def __init__(self, source: str, own: Mapping[str, Any] | None = None) -> None:
        self._source = source
        self._own = own or {}

    def knows(self, name: str) -> bool:
        """Tell whether there is a rule of that name."""
        return name in KNOWN or name in self._own

    def written_out(self, skip: Any) -> list[Any]:
        """Return the rules that an emission's `skip` stands for, completed by what their names mean, and unchecked.

        Args:
            skip: a rule's name, a mapping from names to rules, a rule without a name, or a list of these.

        Raises:
            ValueError: a name that isn't known.
        """
        return [rule for item in (skip if isinstance(skip, list) else [skip]) for rule in self._rules(item)]

    def _rules(self, item: Any) -> list[Any]:
        if isinstance(item, str):
            return [self.rule(item, None)]
        if isinstance(item, Mapping) and "when" not in item:
            return [self.rule(name, form) for name, form in item.items()]
        return [item]

    def rule(self, name: str, form: Any) -> dict[str, Any]:
        """Return the parts of a named rule, unchecked.

        Args:
            form: what is said about it here: None for nothing, a condition, or any of a rule's parts by key.

        Raises:
            ValueError: the name isn't known, and `form` doesn't say what it means.
        """
        known = KNOWN.get(name)
        if known is None and name not in self._own and not isinstance(form, Mapping):
            raise ValueError(
                f"skip rule {name} is none of those that are known ({', '.join([*self._own, *KNOWN])}); "
                "another one says when, reason and text"
            )
        shared = known._asdict() if known else {}
        parts = {**shared, **_parts(name, self._own.get(name)), **_parts(name, form)}
        if isinstance(parts.get("text"), str):
            parts["text"] = parts["text"].replace("{source}", self._source)
        return parts


def _parts(name: str, form: Any) -> Mapping[str, Any]:
    if form is None:
        return {}
    if isinstance(form, str):
        return {"when": form}
    if not isinstance(form, Mapping):
        raise ValueError(f"skip rule {name} is neither an expression nor has the keys of a rule")  # noqa: TRY004 (pydantic tells ValueErrors)
    return form
