"""Countries by the names that people write: ISO's own, in all languages that they are translated to, and everyday ones.

A name that means two countries ("Corée", "Virgin Islands") means none here: never a guess.
"""

from __future__ import annotations

import gettext
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path

import pycountry

# What a name means in these languages counts before what it means in all others, whose translations are less looked at.
_FIRST = ("fr", "de", "es", "it", "nl", "pt")
# One of country_names.txt's lines: a code, and everyday names that ISO 3166-1 and its translations haven't; -- stands
# before names that mean several countries.
_LINE = re.compile(r"([A-Z]{2}|--): (.+)")

# Names in use, in the form of `_plain`, that ISO 3166-1 and its translations haven't: parts of countries, former and
# short names. Not "America", "Korea" and the like, which may be something else.
_COMMON: Mapping[str, str] = {
    **dict.fromkeys(["england", "scotland", "wales", "northern ireland", "great britain", "britain"], "GB"),
    **dict.fromkeys(["angleterre", "ecosse", "pays de galles", "irlande du nord", "grande bretagne"], "GB"),
    **dict.fromkeys(["grossbritannien", "gran bretagna", "gran bretana", "groot brittannie", "gra bretanha"], "GB"),
    **dict.fromkeys(["marea britanie", "nagy britannia", "velka britanie", "velka britania", "velika britanija"], "GB"),
    **dict.fromkeys(["inglaterra", "inghilterra", "engeland", "anglia", "anglie", "escocia", "scozia"], "GB"),
    **dict.fromkeys(["schottland", "schotland", "skottland", "nordirland", "noord ierland", "galles", "gales"], "GB"),
    **dict.fromkeys(["irlanda del norte", "irlanda del nord", "irlanda do norte", "pais de gales"], "GB"),
    **dict.fromkeys(["brd"], "DE"),
    **dict.fromkeys(["france metropolitaine", "metropolitan france"], "FR"),
    **dict.fromkeys(["grand duche de luxembourg", "grossherzogtum luxemburg"], "LU"),
    **dict.fromkeys(["shqiperia"], "AL"),
    **dict.fromkeys(["bosnia", "bosnie", "bosnien"], "BA"),
    **dict.fromkeys(["prc"], "CN"),
    **dict.fromkeys(["ksa"], "SA"),
    **dict.fromkeys(["guyane"], "GF"),
    **dict.fromkeys(["sint maarten"], "SX"),
    **dict.fromkeys(["trinidad"], "TT"),
    **dict.fromkeys(["antigua"], "AG"),
    **dict.fromkeys(["holland", "hollande", "holanda", "olanda", "hollandia", "holandia"], "NL"),
    **dict.fromkeys(["us of america", "eua", "eeuu", "ee uu", "vsa", "forenta staterna"], "US"),
    **dict.fromkeys(["quebec"], "CA"),
    **dict.fromkeys(["dubai", "abu dhabi"], "AE"),
    **dict.fromkeys(["republic of ireland", "eire"], "IE"),
    **dict.fromkeys(["czech rep"], "CZ"),
    **dict.fromkeys(["russia"], "RU"),
    **dict.fromkeys(["bielorussie", "byelorussia"], "BY"),
    **dict.fromkeys(["macedonia", "macedoine"], "MK"),
    **dict.fromkeys(["turkey"], "TR"),
    **dict.fromkeys(["vatican", "vatican city", "cite du vatican", "vaticano"], "VA"),
    **dict.fromkeys(["uae", "emirates", "vae"], "AE"),
    **dict.fromkeys(["ivory coast", "cote divoire", "elfenbeinkuste", "elfenbeinkueste"], "CI"),
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

_NO_LETTERS = re.compile(r"[\W_]+")
# Words that some write and others don't, or write as a sign.
_ARTICLES = re.compile(r"^(the|la|le|les|l) ")
_AND = re.compile(r" (and|et|und|y|e|en) ")


class _Letters(dict[int, str | int | None]):
    """What a letter is written as: nothing for an accent that Unicode has taken apart from its letter, or itself."""

    def __missing__(self, code: int) -> int | None:
        found = self[code] = None if unicodedata.combining(chr(code)) else code
        return found


# Letters that are typed without their stroke or as two, and that Unicode doesn't take apart.
_AS_TYPED = {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ħ": "h", "ð": "d", "þ": "th"}
_LETTERS = _Letters({ord(letter): typed for letter, typed in _AS_TYPED.items()})
# German as it is typed without its own letters: Oesterreich, Suedafrika.
_TYPED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def find_by_name(name: str) -> str | None:
    """Return the alpha-2 code of the country that a name means, or None if it means none or several."""
    plain = _plain(name)
    first = _names()
    # What means several countries in the first languages means none, whatever it is in another.
    return first[plain] if plain in first else _names_of_all_languages().get(plain)


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str | None]:
    """Return the names in English and the first languages, and everyday ones, with the one country that each means.

    Takes some 40 ms: made for the first name that is asked for.
    """
    found = _meanings(_FIRST)
    return {**found, **_COMMON, **_everyday()}


@lru_cache(maxsize=1)
def _names_of_all_languages() -> Mapping[str, str | None]:
    """Return the names in all languages; takes half a second: made for the first name that nothing else explains."""
    return _meanings(sorted(folder.name for folder in Path(pycountry.LOCALES_DIR).iterdir() if folder.is_dir()))


def _everyday() -> Mapping[str, str | None]:
    text = resources.files(__package__).joinpath("country_names.txt").read_text(encoding="utf-8")
    found: dict[str, str | None] = {}
    for line in text.splitlines():
        if match := _LINE.fullmatch(line):
            code = None if match[1] == "--" else match[1]
            found |= {_plain(name): code for name in match[2].split("; ")}
    return found


def _meanings(languages: Iterable[str]) -> dict[str, str | None]:
    """Return what the names of ISO and its translations mean; None stands for several countries."""
    found: dict[str, str | None] = {}
    seen: set[tuple[str, str]] = set()
    countries = [dict(country) for country in pycountry.countries]
    for language in (None, *languages):
        for name, code in _iso_names(countries, language):
            if (name, code) in seen:
                continue
            seen.add((name, code))
            for form in _forms(name):
                plain = _plain(form)
                if plain and found.setdefault(plain, code) != code:
                    found[plain] = None
    return found


def _iso_names(countries: Iterable[Mapping[str, str]], language: str | None) -> Iterator[tuple[str, str]]:
    """Yield the names of all countries in a language (English if it is None), as far as it has them."""
    try:
        translate = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language]).gettext if language else str
    except OSError:  # a language that has no names of countries
        return
    for known in countries:
        for key in ("name", "official_name", "common_name"):
            if key not in known:
                continue
            name = translate(known[key])
            if language is None or name != known[key]:
                yield name, known["alpha_2"]
                if language == "de" and (typed := name.translate(_TYPED)) != name:
                    yield typed, known["alpha_2"]


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
    letters = unicodedata.normalize("NFKD", name.replace("&", " and ").replace(".", "").casefold())
    words = _NO_LETTERS.sub(" ", letters.translate(_LETTERS)).split()
    if "st" in words:
        words = ["saint" if word == "st" else word for word in words]
    return _AND.sub(" ", _ARTICLES.sub("", " ".join(words)))
