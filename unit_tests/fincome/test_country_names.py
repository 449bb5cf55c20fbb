"""Countries by name: what people write in English, French and their neighbours' languages, and never a guess."""

from __future__ import annotations

import subprocess
import sys

import pytest

from destination_fincome.mapping.language.functions import country

NAMES = {
    "US": "USA, U.S.A., U.S., us, United States, The United States of America, États-Unis, ETATS-UNIS",
    "GB": "UK, U.K., England, Scotland, Wales, Northern Ireland, Great Britain, Royaume-Uni, Angleterre",
    "KR": "South Korea, Korea South, Republic of Korea, Corée du Sud",
    "KP": "North Korea, Corée du Nord",
    "RU": "Russia, Russian Federation, Russie, Fédération de Russie",
    "CZ": "Czech Republic, Czechia, République tchèque, Tchéquie",
    "CI": "Ivory Coast, Côte d'Ivoire, Cote d'Ivoire, Côte d’Ivoire, Cote dIvoire, Elfenbeinküste",
    "NL": "Netherlands, The Netherlands, Holland, Pays-Bas, Hollande, Niederlande, Paesi Bassi",
    "DE": "Germany, Allemagne, Deutschland, Alemania, Duitsland",
    "ES": "Spain, Espagne, España, Kingdom of Spain",
    "CH": "Switzerland, Suisse, La Suisse, Schweiz, Svizzera",
    "BE": "Belgium, Belgique, BELGIQUE, België",
    "IT": "Italy, Italie, Italia, l'Italie",
    "AT": "Austria, Autriche, Österreich, Oesterreich",
    "BR": "Brazil, Brésil, Brasil",
    "MX": "Mexico, Mexique, México",
    "IE": "Ireland, Irlande, Republic of Ireland, Eire",
    "TR": "Turkey, Türkiye, Turkiye, Turquie",
    "VN": "Vietnam, Viet Nam, Viêt Nam",
    "AE": "Dubai, United Arab Emirates, UAE, U.A.E., Émirats arabes unis",
    "MD": "Moldova, Moldavie",
    "MK": "Macedonia, North Macedonia, Macédoine",
    "BY": "Belarus, Bélarus, Biélorussie",
    "RE": "Réunion, Reunion, La Réunion",
    "MU": "Mauritius, Île Maurice, Maurice",
    "GF": "French Guiana, Guyane française",
    "CD": "DR Congo, DRC, RDC, République démocratique du Congo",
    "CV": "Cape Verde, Cabo Verde, Cap-Vert",
    "VA": "Vatican, Vatican City, Holy See",
    "LC": "Saint Lucia, St. Lucia, St Lucia, Sainte-Lucie",
    "BA": "Bosnia and Herzegovina, Bosnia & Herzegovina, Bosnie-Herzégovine, Bosnia, Bosnien",
    "TT": "Trinidad and Tobago, Trinidad & Tobago",
    "CW": "Curaçao, Curacao",
    "PS": "Palestine",
    "BN": "Brunei",
    "FM": "Micronesia",
    "BS": "Bahamas, The Bahamas",
    "TL": "East Timor, Timor-Leste",
    "FR": "France métropolitaine, France (métropolitaine), FRANCE METROPOLITAINE",
    "DK": "Daenemark, DAENEMARK",
    "ZA": "Suedafrika",
    # Everyday names in the languages of Europe, and beyond.
    "PL": "Polska, Polen, Pologne, Polonia, Puola, Lengyelország, Polsko, Польща",
    "SE": "Sverige, Schweden, Szwecja, Ruotsi, Svédország, Švédsko, Suécia",
    "NO": "Norge, Norwegen, Norja, Norvegia, Noreg",
    "FI": "Suomi, Finnland, Finlande, Finlandia, Finsko",
    "HU": "Magyarország, Ungarn, Węgry, Unkari, Maďarsko",
    "GR": "Ελλάδα, Griechenland, Grèce, Grecja, Kreikka",
    "HR": "Hrvatska, Kroatien, Chorwacja",
    "JP": "日本, Japon, Japan, Japonsko",
    "CA": "Québec, Kanada, Canadá",
}


IN_OTHER_LANGUAGES = {
    "US": "EE.UU., EUA, Estados Unidos, Vereinigte Staaten, Stany Zjednoczone, Yhdysvallat",
    "GB": "Storbritannien, Großbritannien, Gran Bretagna, Wielka Brytania, Iso-Britannia, Anglia, Engeland, Schottland",
    "RU": "Russland, Rusia, Rusko, Venäjä, Россия, Oroszország, Rosja, Ryssland, Rússia",
}


@pytest.mark.parametrize(
    ("code", "name"),
    [(code, name) for code, names in [*NAMES.items(), *IN_OTHER_LANGUAGES.items()] for name in names.split(", ")],
)
def test_a_country_is_found_by_the_names_in_use(code: str, name: str) -> None:
    assert country(name) == code


@pytest.mark.parametrize(
    "name",
    [
        "Korea",
        "Corée",
        "Virgin Islands",
        "America",
        "Europe",
        "Scandinavia",
        "Atlantis",
        "Paris",
        "N/A",
        "-",
        "???",
        "Kongo",
        "São Martinho",
    ],
)
def test_a_name_of_several_countries_or_of_none_is_none(name: str) -> None:
    assert country(name) is None


def test_the_names_are_not_read_before_one_is_asked_for() -> None:
    code = (
        "from destination_fincome.fincome import country_names\n"
        "from destination_fincome.mapping.language import functions\n"
        "functions.country('FR'), functions.country('France')\n"
        "before = country_names._names.cache_info().misses\n"
        "functions.country('Allemagne'), functions.country('Espagne')\n"
        "print(before, country_names._names.cache_info().misses)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["0", "1"]


def test_all_languages_are_read_only_for_a_name_that_nothing_else_explains_and_in_a_second() -> None:
    code = (
        "import resource, time\n"
        "from destination_fincome.fincome import country_names\n"
        "from destination_fincome.mapping.language import functions\n"
        "functions.country('Allemagne'), functions.country('Österreich'), functions.country('Oroszország')\n"
        "before = country_names._names_of_all_languages.cache_info().misses\n"
        "memory, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()\n"
        "functions.country('Atlantis'), functions.country('Lemuria')\n"
        "spent, grown = time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory\n"
        "read = country_names._names_of_all_languages.cache_info().misses\n"
        "print(before, read, spent <= 1, grown <= 30 << 10)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["0", "1", "True", "True"]
