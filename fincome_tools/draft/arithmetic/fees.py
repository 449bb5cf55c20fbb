"""Fees that a payment service has kept: what is called net is then what it paid out, and no amount without tax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from fincome_tools.draft.columns.kept import KeptTable
from fincome_tools.draft.columns.names import concepts_of, words_of
from fincome_tools.draft.columns.numbers import Mark
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.columns.proofs import CENT, Tally, figures_of
from fincome_tools.draft.columns.roles import Assigned

_WORDS_OF_FEES = (
    "fee fees frais commission commissions gebuhr gebuhren gebuehr gebuehren provision provisionen comision comisiones"
    " commissione commissioni spese kosten commissie commissies comissao comissoes charges"
)
_FEES = frozenset(_WORDS_OF_FEES.split())
_NO_FEES = frozenset({"tax", "rate", "id", "date", "net", "gross"})
_NO_WHOLES = frozenset({"net", "tax", "discount", "unit", "rate"})


def without_payouts(
    table: KeptTable, profiles: Mapping[str, Profile], roles: Assigned, names: Sequence[str]
) -> list[str]:
    """Return amounts without those that are others less a fee, and without the fees; they lose their roles.

    What they are taken of is an amount of which nothing says whether tax is in it.
    """
    fees = [name for name, profile in profiles.items() if _is_fee(name, profile)]
    nets = [name for name in names if "net" in concepts_of(name)] if fees else []
    for net in nets:
        for whole in names:
            fee = next((one for one in fees if one != whole and _is_paid_out(table, profiles, (whole, one, net))), None)
            if fee:
                _set_aside(roles, whole, (net, fee))
                return [name for name in names if name not in (net, fee)]
    return list(names)


def _is_fee(name: str, profile: Profile) -> bool:
    is_called = bool(set(words_of(name)) & _FEES) and not concepts_of(name) & _NO_FEES
    return is_called and profile.numbers is not None and profile.dates is None


def _is_paid_out(table: KeptTable, profiles: Mapping[str, Profile], columns: tuple[str, str, str]) -> bool:
    """Tell whether, wherever there is a fee, an amount less the fee is another one."""
    whole, _, net = columns
    if whole == net or concepts_of(whole) & _NO_WHOLES:
        return False
    marks: dict[str, Mark] = {name: profiles[name].only_mark or "." for name in columns}
    tally = Tally()
    for amount, fee, left in figures_of(table, list(columns), marks):
        if amount and fee and left is not None:
            tally.add(holds=abs(abs(amount) - abs(fee) - abs(left)) <= CENT and amount * left >= Decimal(0))
    return tally.is_enough


def _set_aside(roles: Assigned, whole: str, others: tuple[str, ...]) -> None:
    for name in others:
        roles.release(name)
        for role, rivals in list(roles.rivals.items()):
            roles.rivals[role] = [one for one in rivals if one != name]
            if len(roles.rivals[role]) == 1:
                roles.columns.setdefault(role, roles.rivals.pop(role)[0])
        if name not in roles.left:
            roles.left.append(name)
    if not {"tax", "tax_rate"} & roles.columns.keys():
        roles.release(whole)
        roles.rivals.pop("amount", None)
        roles.left = [name for name in roles.left if name != whole]
        roles.columns["amount"] = whole
