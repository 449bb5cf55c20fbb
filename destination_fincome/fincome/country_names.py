"""Countries by the names that people write: ISO's own, its translations, and common names that ISO hasn't.

A name that means two countries ("Corée", "Virgin Islands") means none here: never a guess.
"""

from __future__ import annotations

import gettext
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

import pycountry

# In which languages names are known besides English; pycountry carries the translations of ISO's names.
_LANGUAGES = ("fr", "de", "es", "it", "nl", "pt")

# Names in use, in the form of `_plain`, that ISO 3166-1 and its translations haven't: parts of countries, former and
# short names. Not "America", "Korea" and the like, which may be something else.
_COMMON: Mapping[str, str] = {
    **dict.fromkeys(["england", "scotland", "wales", "northern ireland", "great britain", "britain"], "GB"),
    **dict.fromkeys(["angleterre", "ecosse", "pays de galles", "irlande du nord", "grande bretagne"], "GB"),
    **dict.fromkeys(["holland", "hollande"], "NL"),
    **dict.fromkeys(["republic of ireland", "eire"], "IE"),
    **dict.fromkeys(["czech rep"], "CZ"),
    **dict.fromkeys(["russia"], "RU"),
    **dict.fromkeys(["bielorussie", "byelorussia"], "BY"),
    **dict.fromkeys(["macedonia", "macedoine"], "MK"),
    **dict.fromkeys(["turkey"], "TR"),
    **dict.fromkeys(["vatican", "vatican city", "cite du vatican"], "VA"),
    **dict.fromkeys(["uae", "emirates"], "AE"),
    **dict.fromkeys(["ivory coast"], "CI"),
    **dict.fromkeys(["cape verde"], "CV"),
    **dict.fromkeys(["swaziland"], "SZ"),
    **dict.fromkeys(["ile maurice"], "MU"),
    **dict.fromkeys(["drc", "dr congo", "congo kinshasa", "rdc"], "CD"),
    **dict.fromkeys(["congo brazzaville"], "CG"),
    **dict.fromkeys(["burma", "birmanie"], "MM"),
    **dict.fromkeys(["east timor"], "TL"),
    **dict.fromkeys(["korea south"], "KR"),
    **dict.fromkeys(["korea north"], "KP"),
    **dict.fromkeys(["hong kong sar"], "HK"),
    **dict.fromkeys(["macao sar", "macau"], "MO"),
}

_NO_LETTERS = re.compile(r"[^a-z0-9]+")
# Words that some write and others don't, or write as a sign.
_ARTICLES = re.compile(r"^(the|la|le|les|l) ")
_AND = re.compile(r" (and|et|und|y|e|en) ")


def find_by_name(name: str) -> str | None:
    """Return the alpha-2 code of the country that a name means, or None if it means none or several."""
    return _names().get(_plain(name))


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    """Return all names with the one country that each means. Takes some 40 ms: made for the first name asked for."""
    meanings: dict[str, set[str]] = {}
    for name, code in _iso_names():
        meanings.setdefault(_plain(name), set()).add(code)
    found = {name: min(codes) for name, codes in meanings.items() if len(codes) == 1}
    return {**found, **_COMMON}


def _iso_names() -> Iterator[tuple[str, str]]:
    languages = [gettext.NullTranslations()] + [
        gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language]) for language in _LANGUAGES
    ]
    for country in pycountry.countries:
        known = dict(country)
        for key in ("name", "official_name", "common_name"):
            for language in languages if key in known else ():
                for form in _forms(language.gettext(known[key])):
                    yield form, known["alpha_2"]


def _forms(name: str) -> Iterator[str]:
    """Yield a name, "Holy See (…)" also without what is in brackets, and the three forms of "Russie, Fédération de"."""
    yield name
    if " (" in name:
        yield name.split(" (", 1)[0]
    elif ", " in name:
        head, rest = name.split(", ", 1)
        yield from (head, f"{rest} {head}")


def _plain(name: str) -> str:
    """Write a name without capitals, accents, signs, articles and the word "and"; St. is Saint."""
    letters = unicodedata.normalize("NFKD", name.replace("&", " and ").replace(".", ""))
    folded = "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()
    words = _NO_LETTERS.sub(" ", folded).strip()
    words = " ".join("saint" if word == "st" else word for word in words.split())
    return _AND.sub(" ", _ARTICLES.sub("", words))
