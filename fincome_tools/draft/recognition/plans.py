"""Plans: rows of a table of prices that subscriptions of another one name."""

from __future__ import annotations

from fincome_tools.draft.columns.content import free
from fincome_tools.draft.columns.names import concepts_of, words_of
from fincome_tools.draft.columns.vocabulary import meaning
from fincome_tools.draft.decisions.decisions import Decision, Emission
from fincome_tools.draft.fields.amounts import optional_number
from fincome_tools.draft.tables.understanding import BY_NAME, Understanding

_CALLED = frozenset({"product", "price", "interval"})
_SHORTEST_NAME = 4
_OF_KEYS = _CALLED | {"id", "subscription", "line"}


def plan_of(contracts: Understanding, prices: Understanding) -> tuple[str, str] | None:
    """Return the column of subscriptions that names the rows of a table of prices, with that table's key."""
    if not any(prices.column(role) for role in ("amount", "unit_price", "net", "monthly_value")):
        return None
    keys = [name for name, one in prices.profiles.items() if one.is_unique and "id" in concepts_of(name)]
    found = []
    for name in (*free(contracts.roles), contracts.column("product_id")):
        says = concepts_of(name) if name else frozenset[str]()
        if name is None or not says & _CALLED or not {one for one in says if one[0] != "?"} <= _OF_KEYS:
            continue
        codes = {str(value).strip() for value in contracts.profiles[name].values}
        for key in keys:
            if codes and codes <= {str(value).strip() for value in prices.profiles[key].values}:
                found.append((name, key))
    called = [pair for pair in found if any(_calls(word, prices) for word in words_of(pair[0]))]
    return called[0] if len(called) == 1 else found[0] if len(found) == 1 else None


def _calls(word: str, prices: Understanding) -> bool:
    return len(word) >= _SHORTEST_NAME and any(one.startswith(word) for one in words_of(prices.table.name))


def plans(prices: Understanding, key: str) -> tuple[Emission, Emission]:
    """Return the products and the plans of a table of prices: each is of the product that it names, or of its own."""
    named = prices.column("product_name") or prices.column("customer_name") or prices.column("description") or key
    sold = prices.column("product_id") if prices.column("product_id") != key else None
    products, made = Emission("products"), Emission("plans")
    products.give("id", Decision(sold or key, BY_NAME, (sold or key,)))
    products.give("name", Decision(named, "no other name" if named == key else BY_NAME, (named,)))
    made.give("id", Decision(key, "subscriptions name it", (key,)))
    made.give("product_id", products.fields["id"])
    made.give("name", products.fields["name"])
    if currency := prices.column("currency"):
        made.give("currency", Decision(currency, BY_NAME, (currency,)))
        price = next((role for role in ("unit_price", "amount", "net") if prices.column(role)), None)
        made.give("amount", optional_number(prices, price) if price else None)
    interval, profile = prices.column("interval"), prices.profile("interval")
    known = {str(value): found for value in profile.values if (found := meaning(value, "interval"))} if profile else {}
    if interval and profile and len(known) == len(profile.values):
        made.give("interval", Decision({"lookup": interval, "in": known}, "by its words", (interval,)))
    return products, made
