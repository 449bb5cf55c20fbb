"""Lines add up to their document, to the last decimal, whatever is spread over them.

The documents differ in each source's own way; what must hold of them is one test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unit_tests.mapping.record_results import found_result
from unit_tests.mapping.source_files import mapper_of, part, shared_cases, source_file

Draw = Callable[[st.SearchStrategy[Any]], Any]
Record = dict[str, Any]
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Document:
    """Records of one document, by the names that they have in the source's file.

    Attributes:
        net: what the document's amount is, and what its lines add up to.
        taxes: what the taxes of its lines add up to.
        places: to how many decimals the lines add up; all of them if None.
    """

    records: tuple[tuple[str, Record], ...]
    net: Decimal
    taxes: Decimal | None = None
    places: Decimal | None = None


def total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def changed(source: str, name: str, **changes: Any) -> Record:
    return {**part(source, name), **changes}


def chargebee(draw: Draw) -> Document:
    one = st.tuples(st.integers(-(10**7), 10**7), st.integers(0, 10**5), st.integers(0, 10**5))
    lines = draw(st.lists(one, min_size=1, max_size=8))
    inclusive, currency = draw(st.booleans()), draw(st.sampled_from(["EUR", "JPY", "KWD"]))
    amount, off, tax = (sum(parts) for parts in zip(*lines, strict=True))
    record = changed(
        "chargebee",
        "invoice",
        line_items=[
            changed(
                "chargebee",
                "line",
                id=f"li_{number}",
                amount=own,
                discount_amount=less,
                item_level_discount_amount=less // 2,
                tax_amount=taxed,
            )
            for number, (own, less, taxed) in enumerate(lines)
        ],
        price_type="tax_inclusive" if inclusive else "tax_exclusive",
        currency_code=currency,
        tax=tax,
        total=amount - off + (0 if inclusive else tax),
    )
    net = Decimal(amount - off - (tax if inclusive else 0))
    return Document((("invoice", record),), net.scaleb({"EUR": -2, "JPY": 0, "KWD": -2}[currency]))


def chargify(draw: Draw) -> Document:
    subtotal, discount, tax = (
        draw(st.integers(-(10**8), 10**8)),
        draw(st.integers(0, 10**6)),
        draw(st.integers(0, 10**6)),
    )
    unit = draw(st.sampled_from([CENT, Decimal(1)]))
    amounts = {
        "subtotal_amount": subtotal,
        "discount_amount": discount,
        "tax_amount": tax,
        "total_amount": subtotal - discount + tax,
    }
    record = changed("chargify", "invoice", **{name: str(amount * unit) for name, amount in amounts.items()})
    return Document((("invoice", record),), (subtotal - discount) * unit)


def harvest(draw: Draw) -> Document:
    amounts = draw(st.lists(st.decimals("0.01", "99999", places=2), min_size=1, max_size=12))
    percent, tax = draw(st.integers(0, 100)), draw(st.decimals(0, 9999, places=2))
    discount = (total(amounts) * percent / 100).quantize(CENT)
    net = total(amounts) - discount
    record = changed(
        "harvest",
        "invoice",
        line_items=[
            changed("harvest", "line", id=number, amount=float(amount)) for number, amount in enumerate(amounts)
        ],
        amount=float(net + tax),
        discount_amount=float(discount),
        tax_amount=float(tax),
        tax2_amount=0.0,
    )
    return Document((("invoice", record),), net, tax)


def invoice_ninja(draw: Draw) -> Document:
    totals = draw(st.lists(st.decimals("0.01", "9999", places=2), min_size=1, max_size=12))
    percent, rate, inclusive = draw(st.integers(0, 100)), draw(st.integers(0, 30)), draw(st.booleans())
    surcharge = draw(st.decimals(0, 50, places=2))
    taxed = total(totals) - (total(totals) * percent / 100).quantize(CENT, ROUND_HALF_UP)
    tax = (taxed * rate / (100 + rate if inclusive else 100)).quantize(CENT, ROUND_HALF_UP)
    record = changed(
        "invoice_ninja",
        "invoice",
        line_items=[
            changed(
                "invoice_ninja",
                "line",
                line_total=float(own),
                cost=float(own),
                quantity=1,
                tax_amount=float(own * rate / 100),
            )
            for own in totals
        ],
        discount=percent,
        uses_inclusive_taxes=inclusive,
        total_taxes=float(tax),
        custom_surcharge1=float(surcharge),
        amount=float(taxed + surcharge + (0 if inclusive else tax)),
    )
    return Document((("invoice", record),), taxed + surcharge - (tax if inclusive else 0), tax)


CENTS = st.integers(1, 10**6).map(lambda value: value * CENT)


def invoiced(draw: Draw) -> Document:
    one = st.tuples(CENTS, st.integers(0, 100), st.booleans(), st.booleans())
    parts = draw(st.lists(one, min_size=1, max_size=8))
    off, tax, inclusive = draw(CENTS), draw(CENTS), draw(st.booleans())
    less = [(value * rate / 100).quantize(CENT) for value, rate, _, _ in parts]
    all_in = total(value for value, *_ in parts) - total(less) - off + (0 if inclusive else tax)
    record = changed(
        "invoiced",
        "invoice",
        items=[
            changed(
                "invoiced",
                "line",
                id=number,
                amount=float(value),
                discounts=[{"id": 1, "amount": float(less[number])}],
                discountable=discountable,
                taxable=taxable,
            )
            for number, (value, _, discountable, taxable) in enumerate(parts)
        ],
        discounts=[{"id": 1, "amount": float(off)}],
        taxes=[{"id": 1, "amount": float(tax)}],
        total=float(all_in),
    )
    return Document((("invoice", record),), all_in - tax)


def lago(draw: Draw) -> Document:
    """Lago's own way: each fee bears its part of the coupon, kept to five decimals of a cent."""
    cents, rate = draw(st.lists(st.integers(1, 10**7), min_size=1, max_size=12)), draw(st.integers(0, 100))
    coupon = sum(cents) * rate // 100
    shares = [(Decimal(coupon) * amount / sum(cents)).quantize(Decimal("0.00001")) for amount in cents]
    fees = [
        ("fee", changed("lago", "fee", amount_cents=amount, precise_coupons_amount_cents=str(share)))
        for amount, share in zip(cents, shares, strict=True)
    ]
    net = sum(cents) - coupon
    amounts = {
        "fees_amount_cents": sum(cents),
        "coupons_amount_cents": coupon,
        "sub_total_excluding_taxes_amount_cents": net,
    }
    return Document((*fees, ("invoice", changed("lago", "invoice", **amounts))), net * CENT, places=CENT)


def pennylane(draw: Draw) -> Document:
    amounts, rate = draw(st.lists(CENTS, min_size=1, max_size=8)), draw(st.integers(1, 100))
    net = (total(amounts) * (100 - rate) / 100).quantize(CENT)
    record = changed(
        "pennylane",
        "invoice",
        line_items=[
            changed("pennylane", "line", id=number, currency_amount=str(amount), currency_tax="0")
            for number, amount in enumerate(amounts)
        ],
        discount=str(rate),
        discount_type="relative",
        currency_amount_before_tax=str(net),
    )
    return Document((("invoice", record),), net)


def quickbooks(draw: Draw) -> Document:
    amounts = draw(st.lists(st.integers(-50_000, 500_000), min_size=1, max_size=6))
    off, tax = draw(st.integers(0, 100_000)), draw(st.integers(0, 90_000))
    currency = draw(st.sampled_from(["USD", "JPY", "KWD"]))
    unit = {"USD": CENT, "JPY": Decimal(1), "KWD": Decimal("0.001")}[currency]
    net = (sum(amounts) - off) * unit
    record = changed(
        "quickbooks",
        "invoice",
        Line=[
            *(
                changed("quickbooks", "item", Id=str(number), Amount=float(amount * unit))
                for number, amount in enumerate(amounts, 1)
            ),
            changed("quickbooks", "discount", Amount=float(off * unit)),
        ],
        TotalAmt=float(net + tax * unit),
        TxnTaxDetail={"TotalTax": float(tax * unit)},
        CurrencyRef={"value": currency},
    )
    return Document((("invoice", record),), net, tax * unit)


def recurly(draw: Draw) -> Document:
    one = st.tuples(st.integers(-(10**6), 10**6), st.integers(0, 10**5), st.integers(0, 10**5))
    lines, inclusive = draw(st.lists(one, min_size=1, max_size=8)), draw(st.booleans())

    def amounts(subtotal: int, discount: int, tax: int, name: str) -> Record:
        all_in = subtotal - discount + (0 if inclusive else tax)
        return {"subtotal": subtotal / 100, "discount": discount / 100, "tax": tax / 100, name: all_in / 100}

    subtotal, discount, tax = (sum(parts) for parts in zip(*lines, strict=True))
    items = [
        changed("recurly", "line", id=f"li{number}", **amounts(*one, "amount")) for number, one in enumerate(lines)
    ]
    record = changed("recurly", "invoice", line_items=items, **amounts(subtotal, discount, tax, "total"))
    return Document((("invoice", record),), (subtotal - discount - (tax if inclusive else 0)) * CENT)


def shopify(draw: Draw) -> Document:
    one = st.tuples(st.integers(0, 99_999), st.integers(1, 9), st.integers(0, 100))
    prices, included = draw(st.lists(one, min_size=1, max_size=5)), draw(st.booleans())
    lines, net, taxes = [], Decimal(0), Decimal(0)
    for number, (price, quantity, percent) in enumerate(prices):
        off = (price * quantity * CENT * percent / 100).quantize(CENT)
        tax = ((price * quantity * CENT - off) / 6).quantize(CENT)
        line = changed("shopify", "line", id=number, price=float(price * CENT), quantity=quantity)
        line["discount_allocations"] = [{"amount": str(off)}]
        line["tax_lines"] = [{"price": float(tax)}] if tax else []
        lines.append(line)
        net += price * quantity * CENT - off - (tax if included else 0)
        taxes += tax
    record = changed("shopify", "order", taxes_included=included, line_items=lines, shipping_lines=[])
    return Document((("order", {**record, "total_price": float(net + taxes), "total_tax": float(taxes)}),), net)


DOCUMENTS = (
    chargebee,
    chargify,
    harvest,
    invoice_ninja,
    invoiced,
    lago,
    pennylane,
    quickbooks,
    recurly,
    shopify,
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.__name__)
def test_the_lines_add_up_to_the_document(document: Callable[[Draw], Document]) -> None:
    source = document.__name__
    shared = shared_cases(source, source_file(source))

    @settings(deadline=None)
    @given(st.composite(document)())
    def check(drawn: Document) -> None:
        found = [found_result(mapper_of(shared[name].setting), record) for name, record in drawn.records]
        invoices = [body for result in found for body in result.get("invoices", [])]
        lines = [body for result in found for body in result.get("invoice_lines", [])]
        assert not any("fault" in one for one in invoices + lines)
        assert [Decimal(body["amount"]) for body in invoices] == [drawn.net]
        nets = total(Decimal(body["amount_excluding_tax_after_discount"]) for body in lines)
        assert (nets.quantize(drawn.places) if drawn.places else nets) == drawn.net
        if drawn.taxes is not None:
            assert total(Decimal(body.get("tax_amount", 0)) for body in lines) == drawn.taxes

    check()
