"""What the invented company sells, and for how much."""

from __future__ import annotations

from examples.stripe_year.calendar_time import YEAR_START
from examples.stripe_year.chance import Registry
from examples.stripe_year.model import Coupon, Price, Product

# Monthly amounts in minor units. Solo is for one-person companies: its prices contain the tax.
_MONTHLY = {
    "Solo": {"eur": 1_900, "gbp": 1_700, "jpy": 2_900},
    "Team": {"eur": 4_900, "usd": 5_500, "gbp": 4_300, "jpy": 7_800},
    "Scale": {"eur": 17_500, "usd": 19_500, "gbp": 15_200, "jpy": 27_500},
    "Priority support": {"eur": 6_500, "usd": 7_200, "gbp": 5_700, "jpy": 10_200},
}
# How many months a period has -> how many of them are paid.
_RHYTHMS = {1: 1, 3: 3, 12: 10}


class PriceList:
    """Products, prices by (product, currency, months), and coupons."""

    def __init__(self, registry: Registry) -> None:
        self.products = [Product(registry.new_id("prod"), name, YEAR_START) for name in _MONTHLY]
        self._by_key: dict[tuple[str, str, int], Price] = {}
        for product in self.products:
            for currency, amount in _MONTHLY[product.name].items():
                for months, paid in _RHYTHMS.items():
                    self._by_key[product.name, currency, months] = Price(
                        id=registry.new_id("price"),
                        product=product,
                        currency=currency,
                        amount=amount * paid,
                        months=months,
                        inclusive=product.name == "Solo",
                        created=YEAR_START,
                    )
        self.quarter_off = Coupon("HARBOUR25", "A quarter off", YEAR_START, percent_off=25)
        self.fifteen_off = Coupon("FIFTEEN", "15 EUR off", YEAR_START, amount_off=1_500, currency="eur")

    @property
    def prices(self) -> list[Price]:
        """All prices."""
        return list(self._by_key.values())

    @property
    def coupons(self) -> list[Coupon]:
        """All coupons."""
        return [self.quarter_off, self.fifteen_off]

    def price(self, product: str, currency: str, months: int) -> Price:
        """Return one price."""
        return self._by_key[product, currency, months]
