"""HTML in descriptions becomes text, and what only looks like it stays."""

import pytest

from destination_fincome.fincome.contract import load_contract
from destination_fincome.fincome.markup import without_markup
from destination_fincome.fincome.models import build_models


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("<p>Pro plan</p><p>January &amp; February</p>", "Pro plan\nJanuary & February"),
        ('<div class="x"><b>Pro</b> plan<br/>10&nbsp;seats</div>', "Pro plan\n10 seats"),
        ("<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "a\nb"),
        ("R&amp;D, caf&eacute;, &#8364;", "R&D, café, €"),
        ("<!-- hidden --><span>shown</span><script>alert(1)</script>", "shown"),
        ("seats < 10 and > 5", "seats < 10 and > 5"),
        ("Tom & Jerry; a<b", "Tom & Jerry; a<b"),
        ("<none> of it", "<none> of it"),
        ("plain\n  text ", "plain\n  text "),
    ],
)
def test_html_becomes_text(given: str, text: str) -> None:
    assert without_markup(given) == text


def test_a_lines_description_is_sent_without_html_and_a_name_as_it_is() -> None:
    models = build_models(load_contract())
    line = models["invoice_lines"].validate({"id": "1", "description": "<b>Pro</b>"})
    assert line.values["description"] == "Pro"
    assert models["products"].validate({"id": "1", "name": "<b>Pro</b>"}).values["name"] == "<b>Pro</b>"
