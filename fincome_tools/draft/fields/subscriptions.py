"""Subscriptions that only lines tell of: by a column with their ids, else by customer and product, which is asked."""

from __future__ import annotations

from fincome_tools.draft.columns.nested import quoted
from fincome_tools.draft.decisions.decisions import Decision, Emission
from fincome_tools.draft.decisions.questions import Question, answers, words
from fincome_tools.draft.fields.given import within
from fincome_tools.draft.tables.understanding import BY_NAME, Understanding

_MOST_DISTINCT = 0.5


def named_by_lines(table: Understanding, customer: str | None) -> Decision | None:
    """Return what tells the subscriptions of lines apart; None if nothing does, or their customer isn't known.

    Args:
        customer: the column of the customer's id.
    """
    if customer is None:
        return None
    if column := table.column("subscription_id"):
        return Decision(column, BY_NAME, (column,))
    product = _product(table)
    if product is None:
        return None
    question = Question(
        table.question_id("subscription"),
        words(
            f"Nothing names the subscriptions in {table.table.name}: is there one for each {customer} and {product}?",
            f"Rien ne désigne les abonnements dans {table.table.name} : y en a-t-il un par {customer} et {product} ?",
        ),
        (customer, product),
        answers(
            both=("yes, one for each customer and product", "oui, un par client et produit"),
            none=("no, leave subscriptions out", "non, ne pas créer d'abonnements"),
        ),
        likely="both",
    )
    if table.questions.ask(question) != "both":
        return None
    listed = f"{quoted(customer)}, {quoted(product)}"
    return Decision(f"concat('-', {listed})", "one for each customer and product, as answered", (customer, product))


def of_line(lines: Emission, subscription: Decision) -> Decision:
    """Return the subscription that a line names: one-off sales name none."""
    if "type" not in lines.fields:
        return subscription
    expression = f"when({lines.fields['type'].expression} == 'subscription', {within(subscription)})"
    return Decision(expression, subscription.reason, subscription.columns)


def _product(table: Understanding) -> str | None:
    """Return the column that names what was sold, with the same words each time."""
    for role in ("product_id", "product_name", "description"):
        profile = table.profile(role)
        if profile and 0 < len(profile.values) <= _MOST_DISTINCT * profile.filled:
            return profile.name
    return None


def made_of_lines(lines: Emission, subscription: Decision, customer: Decision) -> Emission:
    """Return the subscriptions that lines with a period make; while that isn't known, they wait for the same answer."""
    fields = lines.fields
    if waiting := lines.doubts.get("type") or lines.doubts.get("period_end"):
        made = Emission("subscriptions", fields={"id": subscription, "customer_id": customer})
        made.doubts = dict.fromkeys(("status", "start_date"), waiting)
        return made
    kind, start, end = (str(fields[name].expression) for name in ("type", "period_start", "period_end"))
    among = f"({lines.when}) && " if lines.when else ""
    made = Emission("subscriptions", when=f"{among}{within(subscription)} && {kind} == 'subscription'")
    made.give("id", subscription)
    made.give("customer_id", customer)
    made.give("status", Decision(f"when(is_past({end}), 'canceled', 'active')", "active while a period runs"))
    made.give("start_date", Decision(start, "its first period's", fields["period_start"].columns))
    # Of `active` and `canceled` the one that comes first by its letters: one line that runs is enough.
    made.merge = {"start_date": "min", "status": "min"}
    # Next month's file has none of the earlier periods: by it alone, all would have begun in its month.
    made.once = ["start_date"]
    return made
