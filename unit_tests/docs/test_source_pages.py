"""The pages of the sources: a person's words are kept, and the site's build adds what the presets say."""

from __future__ import annotations

import json
from functools import cache
from posixpath import normpath

import pytest

from destination_fincome.mapping.preset import load_presets
from docs import site, source_pages
from unit_tests.docs.markdown import anchors, blocks, headings, links

ENGLISH, FRENCH = site.english(), site.french()
SOURCES = sorted(load_presets())
ADDED = ["A sample", "Mapping", "What it never fills", "What it was checked against"]


@cache
def written(source: str) -> str:
    return (source_pages.PAGES / f"{source}.md").read_text(encoding="utf-8")


@cache
def built(source: str) -> str:
    """The page as the site's build has it."""
    return site.converted(f"docs/sources/{source}.md", f"sources/{source}.md", ENGLISH, [FRENCH])


def test_every_preset_has_its_page_and_no_page_is_without_a_preset() -> None:
    assert sorted(path.stem for path in source_pages.PAGES.iterdir()) == SOURCES


@pytest.mark.parametrize("source", SOURCES)
def test_a_page_that_a_person_wrote_leads_to_what_the_site_adds_and_has_none_of_it(source: str) -> None:
    assert f"{site.URLS['Documentation']}sources/{source}/#mapping" in links(written(source))
    assert not set(ADDED) & set(headings(written(source)))


@pytest.mark.parametrize("source", SOURCES)
def test_a_page_of_the_site_has_a_persons_words_and_all_that_the_preset_says(source: str) -> None:
    page, preset = built(source), load_presets()[source]
    # Tables in Fincome's own shape have no source; a person gave their page records.
    added = ADDED[source == "fincome" :]
    assert headings(page, "##") == [*headings(written(source), "##"), *added]
    for name, rule in preset.streams.items():
        assert (f"- `{name}`: {rule.ignored}.\n" if rule.ignored else f"### Stream `{name}`\n") in page
    assert preset.checked
    assert f"| When | {preset.checked.when} |\n| The source | {preset.checked.source} |\n" in page


@pytest.mark.parametrize("source", sorted(set(SOURCES) - {"fincome"}))
def test_the_sample_of_a_page_is_a_record_with_what_the_preview_makes_of_it(source: str) -> None:
    record, *bodies = blocks(built(source).partition("\n## A sample\n")[2].partition("\n## Mapping\n")[0], "json")
    shown = [one for view in source_pages.preview(source).streams for one in view.samples]
    sample = json.loads(record), [json.loads(body) for body in bodies]
    assert sample in [(one.source, [body for _, body in one.bodies]) for one in shown]


@pytest.mark.parametrize("source", SOURCES)
def test_every_link_of_a_page_of_the_site_leads_somewhere(source: str) -> None:
    repository = {place: page for page, place in ENGLISH.pages.items()}
    for target in links(built(source)):
        file, _, anchor = target.partition("#")
        if "://" in target:
            continue
        place = normpath(f"sources/{file}") if file else f"sources/{source}.md"
        assert place in repository, target
        text = built(source) if not file else (site.ROOT / repository[place]).read_text(encoding="utf-8")
        assert not anchor or anchor in anchors(text), target
