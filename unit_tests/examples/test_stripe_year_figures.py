"""Figures of tiny worlds, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from examples.stripe_year.billing import bill, bill_by_hand, credit
from examples.stripe_year.calendar_time import DAY, HOUR, SYNC_TIME, add_months, instant
from examples.stripe_year.chance import Dice, Registry
from examples.stripe_year.figures import expected_figures, monthly_recurring
from examples.stripe_year.model import (
    Cancellation,
    Change,
    Coupon,
    Customer,
    Deal,
    Extra,
    Invoice,
    InvoiceStatus,
    Item,
    Payment,
    Price,
    Product,
    Subscription,
    SubscriptionStatus,
    Trouble,
    World,
)
from examples.stripe_year.money import major_units, rounded, split, tax_on
from examples.stripe_year.render_invoices import invoice_object

BORN = instant(2025, 1)
TEAM = Price("price_team", Product("prod_1", "Team", BORN), "eur", 4_900, 1, inclusive=False, created=BORN)
SCALE = Price("price_scale", Product("prod_2", "Scale", BORN), "eur", 17_500, 1, inclusive=False, created=BORN)
SOLO = Price("price_solo", Product("prod_3", "Solo", BORN), "eur", 1_900, 1, inclusive=True, created=BORN)
YEARLY = replace(TEAM, id="price_year", amount=49_000, months=12)
QUARTER_OFF = Coupon("Q", "A quarter off", BORN, percent_off=25)
FIFTEEN_OFF = Coupon("F", "15 EUR off", BORN, amount_off=1_500, currency="eur")
CUSTOMER = Customer(
    id="cus_1",
    name="Atelier Un",
    email=None,
    country="FR",
    city="Lille",
    street="1 rue",
    postal_code="59000",
    currency="eur",
    tax_percent=20,
    series="UN",
    created=BORN,
)
MID_NOVEMBER = instant(2025, 11, 16)
DEAL = Deal(CUSTOMER, (Item(TEAM, 1),), MID_NOVEMBER)


def books(*deals: Deal) -> World:
    registry = Registry(Dice(1))
    world = World(customers=[CUSTOMER])
    for deal in deals:
        subscription, invoices = bill(deal, SYNC_TIME, registry)
        world.subscriptions.append(subscription)
        world.invoices.extend(invoices)
    return world


def only(world: World) -> tuple[Subscription, list[Invoice]]:
    return world.subscriptions[0], world.invoices


def euros(world: World) -> dict[str, str]:
    currencies: Any = expected_figures(world)["currencies"]
    figures: dict[str, str] = currencies["EUR"]
    return figures


def test_a_monthly_subscription() -> None:
    # 16 November to 16 December (30 days), 16 December to 16 January (31 days), 49.00 each, VAT on top.
    # At the end of December the second one runs: 49.00 for one month.
    assert euros(books(DEAL)) == {
        "invoiced_net": "98.00",
        "line_net": "98.00",
        "line_tax": "19.60",
        "credited": "0.00",
        "mrr": "49.00",
    }


def test_a_yearly_subscription_counts_with_a_twelfth() -> None:
    # 490.00 / 12 = 40.8333...
    assert euros(books(replace(DEAL, items=(Item(YEARLY, 1),), start=instant(2025, 3, 7, 5))))["mrr"] == "40.83"


def test_an_upgrade_in_the_middle_of_a_period() -> None:
    change = Change(instant(2025, 12, 1), (Item(SCALE, 1),))

    world = books(replace(DEAL, change=change))

    # Half of the period is left: -24.50 and +87.50, on the invoice of 16 December.
    _, (first, second) = only(world)
    assert [line.amount for line in first.lines] == [4_900]
    assert [(line.description, line.amount) for line in second.lines] == [
        ("1 × Scale", 17_500),
        ("Unused time on 1 × Team after 01 Dec 2025", -2_450),
        ("Remaining time on 1 × Scale after 01 Dec 2025", 8_750),
    ]
    # At the end of December only the new period runs. On 5 December it was 49.00 - 24.50 / 0.5 + 87.50 / 0.5.
    assert euros(world)["mrr"] == "175.00"
    assert monthly_recurring(world.invoices, instant(2025, 12, 5)) == 17_500
    assert euros(world)["invoiced_net"] == "287.00"


def test_a_downgrade_that_is_billed_at_once_gives_a_negative_invoice() -> None:
    change = Change(MID_NOVEMBER + 15 * DAY, (Item(TEAM, 1),), invoice_now=True)

    _, (first, negative, third) = only(books(replace(DEAL, items=(Item(SCALE, 1),), change=change)))

    assert (first.net, negative.net, third.net) == (17_500, -6_300, 4_900)
    assert (negative.payable, negative.status, negative.reason) == (
        -7_560,
        InvoiceStatus.PAID,
        "subscription_update",
    )


def test_a_percentage_off_a_price_that_contains_tax() -> None:
    deal = replace(DEAL, items=(Item(SOLO, 1),), coupon=QUARTER_OFF, start=instant(2025, 12, 1))

    world = books(deal)

    # 19.00 less 4.75 are 14.25 to pay, with 2.375 of tax in it: 2.38. Net 11.87.
    line = world.invoices[0].lines[0]
    assert (line.discount, line.tax, line.net, line.payable) == (475, 238, 1_187, 1_425)
    assert euros(world) == {
        "invoiced_net": "11.87",
        "line_net": "11.87",
        "line_tax": "2.38",
        "credited": "0.00",
        "mrr": "11.87",
    }
    rendered = invoice_object(world.invoices[0], 0, ["si_1"])
    assert rendered["lines"]["data"][0]["amount_excluding_tax"] == 1_662
    assert (rendered["total"], rendered["total_excluding_tax"], rendered["tax"]) == (1_425, 1_187, 238)


def test_an_amount_off_is_shared_between_the_lines() -> None:
    deal = replace(DEAL, coupon=FIFTEEN_OFF, extras=(Extra(0, "Set-up fee", 15_000),), start=instant(2025, 12, 5))

    recurring, fee = only(books(deal))[1][0].lines

    # 15.00 over 49.00 and 150.00: 3.693... and 11.306..., the missing cent to the larger remainder.
    assert (recurring.discount, fee.discount) == (369, 1_131)
    assert (recurring.tax, fee.tax) == (906, 2_774)
    assert fee.start == fee.end == instant(2025, 12, 5)


def test_one_time_charges_are_no_recurring_revenue() -> None:
    without = books(DEAL)
    charged = books(replace(DEAL, extras=(Extra(1, "Consulting", 9_000, quantity=2),)))

    assert euros(charged)["mrr"] == euros(without)["mrr"]
    assert euros(charged)["invoiced_net"] == "278.00"


def test_currencies_without_cents() -> None:
    japanese = replace(CUSTOMER, country="JP", currency="jpy", tax_percent=10)
    price = replace(TEAM, currency="jpy", amount=7_805)

    figures: Any = expected_figures(books(Deal(japanese, (Item(price, 1),), instant(2025, 12, 1))))

    # 780.5 of tax become 781: halves go away from zero.
    assert figures["currencies"]["JPY"] == {
        "invoiced_net": "7805",
        "line_net": "7805",
        "line_tax": "781",
        "credited": "0",
        "mrr": "7805",
    }


def test_drafts_and_voided_documents_count_nowhere() -> None:
    registry = Registry(Dice(2))
    # Starts on 30 November at 20:30: the invoice of 30 December at 20:30 is final an hour later only.
    draft = replace(DEAL, start=instant(2025, 11, 30, 20, 30), review_hours=48)
    never = replace(DEAL, trouble=Trouble.NEVER_STARTED)
    world = books(draft, never)
    mistake = bill_by_hand(CUSTOMER, [Extra(0, "Workshop", 9_900)], instant(2025, 10, 7), registry, voided=True)
    world.invoices.append(mistake)

    figures: Any = expected_figures(world)

    assert [invoice.status.value for invoice in world.invoices] == ["paid", "draft", "void", "void"]
    assert world.invoices[1].number is None
    assert figures["objects"]["invoices"] == figures["objects"]["invoice_lines"] == 1
    assert figures["objects"]["subscriptions"] == 1
    assert figures["currencies"]["EUR"]["invoiced_net"] == "49.00"


def test_credit_notes_are_net_and_voided_ones_do_not_count() -> None:
    world = books(replace(DEAL, items=(Item(SOLO, 1),), coupon=QUARTER_OFF))
    paid, registry = world.invoices[0], Registry(Dice(3))
    created = MID_NOVEMBER + DAY
    half = credit(paid, [(paid.lines[0], Fraction(1, 2))], created, registry)
    mistake = credit(paid, [(paid.lines[0], Fraction(1))], created, registry, voided_at=created + HOUR)
    world.credit_notes += [half, mistake]

    # Half of 19.00 less half of 4.75 (2.38): 7.12, with 1.19 of tax in it.
    assert (half.payable, half.net) == (712, 593)
    assert mistake.net == paid.net
    assert euros(world)["credited"] == "5.93"


@pytest.mark.parametrize(
    ("changes", "status", "ended_at", "invoices"),
    [
        ({}, SubscriptionStatus.ACTIVE, None, ["paid", "paid"]),
        ({"trial_days": 60}, SubscriptionStatus.TRIALING, None, []),
        ({"trial_days": 10}, SubscriptionStatus.ACTIVE, None, ["paid", "paid"]),
        (
            {"cancellation": Cancellation(instant(2025, 12, 3), at_period_end=False)},
            SubscriptionStatus.CANCELED,
            instant(2025, 12, 3),
            ["paid"],
        ),
        (
            {"cancellation": Cancellation(instant(2025, 12, 3), at_period_end=True)},
            SubscriptionStatus.CANCELED,
            instant(2025, 12, 16),
            ["paid"],
        ),
        (
            {"cancellation": Cancellation(instant(2025, 12, 20), at_period_end=True)},
            SubscriptionStatus.ACTIVE,
            None,
            ["paid", "paid"],
        ),
        (
            {"trouble": Trouble.PAST_DUE, "trouble_cycle": 1},
            SubscriptionStatus.PAST_DUE,
            None,
            ["paid", "open"],
        ),
        (
            {"trouble": Trouble.WRITTEN_OFF, "trouble_cycle": 0},
            SubscriptionStatus.CANCELED,
            instant(2025, 12, 7),
            ["uncollectible"],
        ),
        ({"payment": Payment.TRANSFER}, SubscriptionStatus.ACTIVE, None, ["paid", "open"]),
    ],
)
def test_how_a_subscription_stands_and_what_became_of_its_invoices(
    changes: dict[str, Any], status: SubscriptionStatus, ended_at: int | None, invoices: list[str]
) -> None:
    subscription, billed = only(books(replace(DEAL, **changes)))

    assert subscription.status is status
    assert subscription.ended_at == ended_at
    assert [invoice.status.value for invoice in billed] == invoices


def test_invoices_and_subscriptions_by_status() -> None:
    figures = expected_figures(
        books(
            replace(DEAL, payment=Payment.TRANSFER),
            replace(DEAL, trouble=Trouble.PAST_DUE, trouble_cycle=1),
            replace(DEAL, trouble=Trouble.WRITTEN_OFF, trouble_cycle=0),
            replace(DEAL, trial_days=60),
        )
    )

    assert figures["invoices_by_status"] == {"open": 2, "paid": 2, "unpaid": 1}
    assert (figures["active_subscriptions"], figures["trialing_subscriptions"]) == (2, 1)


def test_months_are_counted_from_the_anchor() -> None:
    last_of_january = instant(2025, 1, 31, 9)

    assert add_months(last_of_january, 1) == instant(2025, 2, 28, 9)
    assert add_months(last_of_january, 2) == instant(2025, 3, 31, 9)
    assert add_months(last_of_january, 12) == instant(2026, 1, 31, 9)


@pytest.mark.parametrize(
    ("amount", "whole"),
    [("5/2", 3), ("-5/2", -3), ("12/5", 2), ("-12/5", -2), ("13/5", 3), ("0", 0)],
)
def test_halves_round_away_from_zero(amount: str, whole: int) -> None:
    assert rounded(Fraction(amount)) == whole


def test_splitting_keeps_the_total() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(1_500, [4_900, 15_000]) == [369, 1_131]
    assert split(2, [0, 1, 0]) == [0, 2, 0]


def test_tax_within_and_on_top() -> None:
    assert tax_on(12_000, 20, inclusive=True) == 2_000
    assert tax_on(12_000, 20, inclusive=False) == 2_400
    assert tax_on(-3_929, 20, inclusive=False) == -786


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(1_250, "eur", "12.50"), (-5, "usd", "-0.05"), (1_250, "jpy", "1250"), (-1_250, "jpy", "-1250")],
)
def test_minor_units_as_text(amount: int, currency: str, text: str) -> None:
    assert major_units(amount, currency) == text
