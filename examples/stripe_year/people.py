"""Customers: invented company names, in countries with their currency and rate of VAT."""

from __future__ import annotations

from dataclasses import dataclass

from examples.stripe_year.calendar_time import HOUR, Instant
from examples.stripe_year.chance import Dice, Registry
from examples.stripe_year.model import Customer


@dataclass(frozen=True)
class Country:
    """What companies of a country are like. `postal_code` is a pattern: 9 is any digit."""

    code: str
    currency: str
    tax_percent: int
    first: tuple[str, ...]
    second: tuple[str, ...]
    form: str
    cities: tuple[str, ...]
    street: str
    postal_code: str


COUNTRIES = {
    country.code: country
    for country in (
        Country(
            code="FR",
            currency="eur",
            tax_percent=20,
            first=("Atelier", "Comptoir", "Maison", "Fabrique", "Relais", "Cercle"),
            second=("Brumaine", "Élancourbe", "Tavelune", "Sorbenne", "Valcrêt", "Ombrelac", "Fargeval"),
            form="SAS",
            cities=("Lille", "Nantes", "Lyon", "Grenoble"),
            street="rue des Tilleuls",
            postal_code="99999",
        ),
        Country(
            code="DE",
            currency="eur",
            tax_percent=20,
            first=("Nordquell", "Grünstahl", "Falkenried", "Lichtwerk", "Moorburg", "Sandhafen"),
            second=("Technik", "Systeme", "Logistik", "Analytik", "Handel"),
            form="GmbH",
            cities=("Bremen", "Leipzig", "Kassel", "Köln"),
            street="Lindenallee",
            postal_code="99999",
        ),
        Country(
            code="GB",
            currency="gbp",
            tax_percent=20,
            first=("Thornmere", "Ashwold", "Kestrelby", "Larkfell", "Dunmarrow", "Copperlow"),
            second=("Freight", "Labs", "Textiles", "Media", "Robotics"),
            form="Ltd",
            cities=("Leeds", "Bristol", "Cardiff"),
            street="Mill Lane",
            postal_code="LS9 9XY",
        ),
        Country(
            code="US",
            currency="usd",
            tax_percent=0,
            first=("Juniper", "Redmesa", "Bluestem", "Saltgrass", "Ironpine", "Cloudrift"),
            second=("Dynamics", "Outfitters", "Health", "Foods", "Software"),
            form="Inc.",
            cities=("Boise", "Tulsa", "Duluth", "Reno"),
            street="Orchard Avenue",
            postal_code="99999",
        ),
        Country(
            code="ES",
            currency="eur",
            tax_percent=20,
            first=("Olivares", "Peñaluz", "Marbrío", "Torrealba"),
            second=("Digital", "Consultores", "Envases", "Energía"),
            form="SL",
            cities=("Zaragoza", "Málaga", "Gijón"),
            street="calle del Olmo",
            postal_code="99999",
        ),
        Country(
            code="BE",
            currency="eur",
            tax_percent=20,
            first=("Zandvoorde", "Houtlier", "Meerstal", "Dijlekant"),
            second=("Diensten", "Studio", "Bouw", "Transport"),
            form="BV",
            cities=("Gent", "Namur", "Leuven"),
            street="Kerkstraat",
            postal_code="9999",
        ),
        Country(
            code="JP",
            currency="jpy",
            tax_percent=10,
            first=("青波", "北杜", "Hoshikaze", "Midorigawa"),
            second=("データ", "電機", "Seiki", "Shoji"),
            form="株式会社",
            cities=("Sendai", "Kobe", "Nagoya"),
            street="Chuo",
            postal_code="999-9999",
        ),
    )
}
_WEIGHTS = (("FR", 30), ("DE", 18), ("US", 18), ("GB", 14), ("ES", 7), ("BE", 6), ("JP", 7))


class People:
    """Makes customers up, no two of the same name."""

    def __init__(self, dice: Dice, registry: Registry) -> None:
        self._dice = dice
        self._registry = registry
        self._names: dict[str, int] = {}

    def new_customer(self, created: Instant, country_code: str | None = None) -> Customer:
        """Make up a customer, of a country if one is given."""
        country = COUNTRIES[country_code or self._dice.weighted(_WEIGHTS)]
        identity = self._registry.new_id("cus")
        name = self._new_name(country)
        return Customer(
            id=identity,
            name=name,
            email=f"accounts@{identity[4:].lower()}.example",
            country=country.code,
            city=self._dice.pick(country.cities),
            street=f"{self._dice.between(1, 180)} {country.street}",
            postal_code=self._postal_code(country.postal_code),
            currency=country.currency,
            tax_percent=country.tax_percent,
            series=identity[4:12].upper(),
            # Customers sign up a little before they buy.
            created=created - self._dice.between(1, 40) * HOUR,
        )

    def _new_name(self, country: Country) -> str:
        name = f"{self._dice.pick(country.first)} {self._dice.pick(country.second)}"
        self._names[name] = self._names.get(name, 0) + 1
        times = self._names[name]
        return f"{name} {country.form}" if times == 1 else f"{name} {times} {country.form}"

    def _postal_code(self, pattern: str) -> str:
        return "".join(str(self._dice.between(1, 9)) if char == "9" else char for char in pattern)
