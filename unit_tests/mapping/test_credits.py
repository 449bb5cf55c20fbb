"""How a credit is divided, and what Fincome's credit note tells of it."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.mapping.credits import (
    APPLIED_TO,
    Allocation,
    CreditLine,
    Link,
    divide,
    gone_notes,
    joined,
    known_allocations,
    merged,
    note_ids,
    remembered,
)

CENTS = st.integers(1, 100_000).map(lambda cents: Decimal(cents) / 100)


def line(net: str, discount: str = "0", tax: str | None = None) -> CreditLine:
    return CreditLine(Decimal(net) + Decimal(discount), Decimal(discount), None if tax is None else Decimal(tax))


def used(invoice: str, amount: str | None, date: str = "", key: str = "") -> Allocation:
    return Allocation(invoice, None if amount is None else Decimal(amount), date, key)


def note(amount: object, invoice: str = "i1", *allocations: Allocation) -> dict[str, object]:
    properties = {"custom_properties": {APPLIED_TO: remembered(allocations)}} if allocations else {}
    return {"id": "c", "invoice_id": invoice, "amount": amount, **properties}


@given(
    st.lists(st.tuples(CENTS, CENTS), min_size=1, max_size=5),
    st.lists(CENTS, max_size=4),
    st.integers(0, 5_000).map(lambda cents: Decimal(cents) / 100),
    st.sampled_from([Decimal(0), Decimal("-3.33"), Decimal("7.01")]),
)
def test_all_parts_of_a_credit_make_the_credit_and_all_parts_of_a_line_make_the_line(lines, amounts, rest, off):
    own = [CreditLine(net + discount, discount, None) for net, discount in lines]
    net = sum((one.net for one in own), Decimal(0)) + off
    allocations = [Allocation(f"i{place}", amount) for place, amount in enumerate(amounts)]
    found = divide(net, sum(amounts, Decimal(0)) + rest, own, allocations, 2)
    parts = [*found.parts, found.rest]
    assert sum((part.net for part in parts), Decimal(0)) == net
    for place, one in enumerate(own):
        assert sum((part.lines[place].net for part in parts), Decimal(0)) == one.net
    if not off:
        assert [sum((one.net for one in part.lines), Decimal(0)) for part in parts] == [part.net for part in parts]


def test_of_equal_remainders_the_first_line_gets_the_cent_and_the_rest_gets_what_is_left():
    found = divide(Decimal(100), Decimal(100), [line("50"), line("50")], [used("i", "33.33")], 2)
    assert [one.net for one in found.parts[0].lines] == [Decimal("16.67"), Decimal("16.66")]
    assert [one.net for one in found.rest.lines] == [Decimal("33.33"), Decimal("33.34")]


def test_an_allocation_of_the_total_with_tax_takes_its_part_of_the_net_discount_and_tax():
    found = divide(Decimal(150), Decimal(180), [line("150", "30", "30")], [used("i", "120")], 2)
    (part,) = found.parts
    assert part.net == 100
    assert part.lines[0] == CreditLine(Decimal(120), Decimal(20), Decimal(20))
    assert found.rest.lines[0] == CreditLine(Decimal(60), Decimal(10), Decimal(10))


def test_an_allocation_without_an_amount_is_all_of_the_credit():
    found = divide(Decimal(150), None, [line("150")], [used("i", None)], 2)
    assert (found.parts[0].net, found.rest.net) == (150, 0)


def test_what_is_all_of_a_credit_leaves_nothing_for_others():
    assert merged([used("i2", "5"), used("i1", None), used("i3", None)]) == [used("i1", None)]


def test_more_applied_than_there_is_leaves_nothing():
    assert divide(Decimal(100), Decimal(120), [], [used("i", "200")], 2).rest.net == 0


def test_whole_units_only_are_divided_where_a_currency_has_no_others():
    found = divide(Decimal(100), Decimal(3), [], [used("a", "1"), used("b", "1")], 0)
    assert [part.net for part in (*found.parts, found.rest)] == [34, 33, 33]


def test_the_order_of_allocations_in_a_record_changes_nothing():
    first, second = used("i2", "1", "2026-01-01"), used("i1", "2", "2026-01-02")
    assert merged([second, first]) == merged([first, second]) == [first, second]
    assert note_ids("c", [first, second]) == ["c", "c-i1"]


def test_allocations_to_one_invoice_are_one_and_those_of_nothing_none():
    found = merged([used("i", "1", "2026-02-01"), used("i", "2", "2026-01-01"), used("j", "0")])
    assert found == [used("i", "3", "2026-01-01")]


def test_what_is_remembered_is_read_back():
    told = [used("i1", "12.50", "2026-01-01", "a"), used("i2", None)]
    assert known_allocations(note(5, "i1", *told), Decimal(5), None) == told


def test_a_credit_note_without_a_list_tells_its_own_allocation():
    assert known_allocations(note("100"), Decimal(100), Decimal(120)) == [used("i1", None)]
    assert known_allocations(note(50), Decimal(100), Decimal(120)) == [used("i1", "60")]
    assert known_allocations(note(0), Decimal(100), None) == []
    assert known_allocations(None, Decimal(100), None) == []


def test_somebody_else_s_attribute_of_that_name_is_none_of_ours():
    for text in ("x", "3", "{}", "[1]", 7):
        found = known_allocations({**note(1), "custom_properties": {APPLIED_TO: text}}, Decimal(1), None)
        assert found == [used("i1", None)]


def test_credit_notes_whose_allocation_is_gone_are_those_that_fincome_has():
    told = [used("i1", "1", "2026-01-01"), used("i2", "2", "2026-01-02"), used("i3", "2", "2026-01-03")]
    assert gone_notes("c", note(1, "i1", *told), ["c", "c-i3"]) == ["c-i2"]
    assert gone_notes("c", note(1, "i1", *told), []) == ["c-i2", "c-i3", "c"]
    assert gone_notes("c", note(1), []) == ["c"]
    assert gone_notes("c", note(0, "i1", *told), []) == []
    assert gone_notes("c", None, []) == []


def test_an_allocation_that_two_records_tell_counts_once():
    own = [used("i1", "5", key="p1")]
    links = [Link("c", used("i1", "5", key="p1")), Link("c", used("i2", "6", key="p2"))]
    assert joined(own, links, [], linked=True) == [used("i1", "5", key="p1"), used("i2", "6", key="p2")]


def test_what_fincome_has_counts_only_where_others_may_have_told_it():
    kept = [used("i1", "5", key="p1")]
    assert joined([], [], kept, linked=True) == kept
    assert joined([], [], kept, linked=False) == []
    assert joined([used("i2", "5", key="p2")], [], kept, linked=True) == [used("i2", "5", key="p2")]


def test_of_a_credit_that_names_its_invoice_others_tell_nothing():
    assert joined([used("i1", None)], [Link("c", used("i2", "5", key="p1"))], [], linked=False) == [used("i1", None)]


def test_an_allocation_that_was_taken_back_is_none():
    taken_back = Link("c", used("i1", "5", key="p1"), gone=True)
    assert joined([], [taken_back], [used("i1", "5", key="p1")], linked=True) == []


def test_a_link_takes_the_place_of_what_a_credit_note_alone_tells_of_the_same_invoice():
    link = Link("c", used("i1", "5", key="p1"))
    assert joined([], [link], [used("i1", None)], linked=True) == [used("i1", "5", key="p1")]
