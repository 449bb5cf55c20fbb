"""Where country() finds none, what was written is given on, so that it is told."""

from __future__ import annotations

import pytest

from destination_fincome.mapping.language.countries import told_countries


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("country(address.country)", ["address.country"]),
        ("coalesce(country(billing), country(shipping))", ["billing", "shipping"]),
        ("country(lower(first(addresses[?type == 'a)'].country)))", ["lower(first(addresses[?type == 'a)'].country))"]),
        ("country(addresses[0].{a: b}.a)", ["addresses[0].{a: b}.a"]),
        (r"country(name || 'it\'s )')", [r"name || 'it\'s )'"]),
        ('country("odd)name")', ['"odd)name"']),
        ("name", []),
        ("other_country(name)", []),
        ("country(name", []),
        ("country(')')", ["')'"]),
    ],
)
def test_each_argument_of_country_is_given_where_it_finds_none(text: str, written: list[str]) -> None:
    assert told_countries(text) == (f"coalesce({text}, {', '.join(written)})" if written else text)
