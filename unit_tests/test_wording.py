"""Numbers of things, in words."""

import pytest

from destination_fincome.wording import counted, counted_objects, did_you_mean


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0 records"), (1, "1 record"), (2, "2 records"), (2810, "2,810 records")]
)
def test_one_is_told_as_one_and_all_other_numbers_as_several(number: int, told: str) -> None:
    assert counted(number, "record", form=",") == told


def test_the_rest_of_the_sentence_follows_the_number() -> None:
    assert [counted(number, "object is", "objects are") for number in (1, 2)] == ["1 object is", "2 objects are"]


def test_objects_are_called_as_people_call_them() -> None:
    assert [counted_objects(number, "invoice_lines") for number in (1, 2)] == ["1 invoice line", "2 invoice lines"]


@pytest.mark.parametrize(
    ("name", "told"),
    [("custmers", "; did you mean `customers`?"), ("Customers", "; did you mean `customers`?"), ("zebra", "")],
)
def test_a_name_that_is_not_known_is_told_with_one_that_is_much_like_it(name: str, told: str) -> None:
    assert did_you_mean(name, ["customers", "invoices"]) == told


def test_several_names_that_are_much_like_it_are_told_the_likest_first_and_no_others() -> None:
    known = ["Billing_Id", "Billing_Ids", "Biling_Id", "Name"]
    assert did_you_mean("billing_id", known, "{}", most=2) == "; did you mean Billing_Id or Billing_Ids?"
    assert did_you_mean("bill_idx", known, likeness=0.9) == ""
