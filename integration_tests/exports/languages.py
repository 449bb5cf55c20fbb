"""Invented names and words of companies in ten languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """What a company writes on its invoices, and whom it sends them to."""

    code: str
    country: str
    country_name: str
    firsts: tuple[str, ...]
    lasts: tuple[str, ...]
    forms: tuple[str, ...]
    cities: tuple[str, ...]
    plans: tuple[str, str, str, str]
    setup: str
    service: str
    discount: str
    unused: str
    remaining: str
    month_names: str

    @property
    def months(self) -> list[str]:
        return self.month_names.split()


FR = Language(
    "fr",
    "FR",
    "France",
    ("Ateliers", "Boulangerie", "Cabinet", "Éditions", "Transports", "Menuiserie", "L'Écurie", "Garage", "Pépinières"),
    ("Dupré", "Lacombe", "Bréhier & Fils", "de l'Orme", "Château-Vert", "Müller", "Noël", "Saint-Loup"),
    ("SARL", "SAS", "SA", "EURL"),
    ("Nantes", "Lyon", "Besançon", "Orléans", "Bègles"),
    ("Abonnement Essentiel", "Abonnement Pro", "Maintenance trimestrielle", "Licence annuelle"),
    "Frais de mise en service",
    "Journée de conseil",
    "Remise fidélité",
    "Prorata déduit",
    "Prorata nouveau tarif",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
)
DE = Language(
    "de",
    "DE",
    "Deutschland",
    ("Bäckerei", "Schreinerei", "Verlag", "Spedition", "Autohaus", "Praxis", "Gärtnerei", "Kanzlei", "Brauerei"),
    ("Müller", "Groß", "Köhler & Söhne", "Weiß", "Jäger", "Schönfeld", "Lindner", "Überall"),
    ("GmbH", "AG", "KG", "e.K."),
    ("Köln", "München", "Düsseldorf", "Leipzig", "Nürnberg"),
    ("Basis-Paket", "Profi-Paket", "Wartung Quartal", "Jahreslizenz"),
    "Einrichtungsgebühr",
    "Beratungstag",
    "Treuerabatt",
    "Gutschrift anteilig alter Tarif",
    "Anteilig neuer Tarif",
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
)
ES = Language(
    "es",
    "ES",
    "España",
    ("Panadería", "Talleres", "Editorial", "Transportes", "Clínica", "Viñedos", "Despacho", "Ferretería", "Diseños"),
    ("Núñez", "Ibáñez", "Del Río", "Peña y Hijos", "Muñoz", "Castañeda", "León", "Güell"),
    ("S.L.", "S.A.", "S.L.U."),
    ("Málaga", "A Coruña", "Cádiz", "Logroño", "Gijón"),
    ("Plan Básico", "Plan Profesional", "Mantenimiento trimestral", "Licencia anual"),
    "Alta y puesta en marcha",
    "Jornada de consultoría",
    "Descuento fidelidad",
    "Abono prorrata",
    "Prorrata nueva tarifa",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
)
IT = Language(
    "it",
    "IT",
    "Italia",
    ("Panificio", "Officina", "Casa editrice", "Trasporti", "Studio", "Vivai", "Cantina", "Libreria", "Farmacia"),
    ("Niccolò", "D'Angelo", "Fratelli Però", "Bianchi", "Università", "Rossetti", "Città Alta", "Caffè Blu"),
    ("S.r.l.", "S.p.A.", "S.n.c."),
    ("Forlì", "Cantù", "Torino", "Genova", "Ravenna"),
    ("Piano Base", "Piano Professionale", "Assistenza trimestrale", "Licenza annuale"),
    "Costi di attivazione",
    "Giornata di consulenza",
    "Sconto fedeltà",
    "Storno rateo",
    "Rateo nuovo piano",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
)
EN = Language(
    "en",
    "GB",
    "United Kingdom",
    ("Harbour", "Northgate", "Willow", "Copper", "Bright", "Stonebridge", "Meadow", "Quill", "Lantern"),
    ("Bakery", "Logistics", "Press, Print & Co", 'Studio "Nine"', "Clinic", "O'Hara Foods", "Tools", "Café"),
    ("Ltd", "Inc", "LLC", "PLC"),
    ("Leeds", "Bristol", "Austin", "Boston", "York"),
    ("Starter plan", "Team plan", "Quarterly maintenance", "Annual licence"),
    "Setup fee",
    "Consulting day",
    "Loyalty discount",
    "Unused time on old plan",
    "Remaining time on new plan",
    "January February March April May June July August September October November December",
)
NL = Language(
    "nl",
    "NL",
    "Nederland",
    ("Bakkerij", "Drukkerij", "Advocatenkantoor", "Kwekerij", "Autobedrijf", "Praktijk", "Uitgeverij", "Brouwerij"),
    ("Van Dijk", "De Groot", "Jansen & Zn.", "Bruijn", "Hoekstra", "Ruëll", "Coöperatie Noord", "Vermeulen"),
    ("B.V.", "N.V.", "V.O.F."),
    ("Utrecht", "Groningen", "Eindhoven", "Delft"),
    ("Basisabonnement", "Proabonnement", "Onderhoud per kwartaal", "Jaarlicentie"),
    "Opstartkosten",
    "Adviesdag",
    "Trouwkorting",
    "Verrekening oud tarief",
    "Verrekening nieuw tarief",
    "januari februari maart april mei juni juli augustus september oktober november december",
)
DA = Language(
    "da",
    "DK",
    "Danmark",
    ("Bageri", "Tømrerfirma", "Advokathus", "Trykkeri", "Autohus", "Klinik", "Gartneri", "Bryggeri"),
    ("Sørensen", "Kjær", "Bøgh & Sønner", "Ærø", "Lindegård", "Nørgaard", "Holm", "Ågesen"),
    ("ApS", "A/S", "I/S"),
    ("København", "Aarhus", "Ærøskøbing", "Odense"),
    ("Abonnement Basis", "Abonnement Pro", "Service pr. kvartal", "Årslicens"),
    "Oprettelsesgebyr",
    "Konsulentdag",
    "Loyalitetsrabat",
    "Fradrag gammel pris",
    "Rest ny pris",
    "januar februar marts april maj juni juli august september oktober november december",
)
PT = Language(
    "pt",
    "PT",
    "Portugal",
    ("Padaria", "Oficina", "Editora", "Transportes", "Clínica", "Adega", "Livraria", "Farmácia", "Gráfica"),
    ("Conceição", "Guimarães", "Irmãos Falcão", "Araújo", "Simões", "Magalhães", "São Bento", "Açores"),
    ("Lda.", "S.A.", "Unipessoal Lda."),
    ("Évora", "Guimarães", "Lisboa", "Póvoa de Varzim"),
    ("Plano Base", "Plano Profissional", "Manutenção trimestral", "Licença anual"),
    "Taxa de instalação",
    "Dia de consultoria",
    "Desconto de fidelidade",
    "Acerto do plano antigo",
    "Acerto do novo plano",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
)
SV = Language(
    "sv",
    "SE",
    "Sverige",
    ("Bageri", "Snickeri", "Advokatbyrå", "Tryckeri", "Bilverkstad", "Klinik", "Trädgård", "Bryggeri"),
    ("Åkesson", "Sjöberg", "Öhman & Söner", "Lindqvist", "Ängsvik", "Nyström", "Hälsan", "Björk"),
    ("AB", "HB", "KB"),
    ("Malmö", "Göteborg", "Örebro", "Västerås"),
    ("Abonnemang Bas", "Abonnemang Pro", "Serviceavtal", "Årslicens"),
    "Startavgift",
    "Konsultdag",
    "Trohetsrabatt",
    "Avdrag gammalt pris",
    "Resterande nytt pris",
    "januari februari mars april maj juni juli augusti september oktober november december",
)
PL = Language(
    "pl",
    "PL",
    "Polska",
    ("Piekarnia", "Stolarnia", "Kancelaria", "Drukarnia", "Warsztat", "Przychodnia", "Ogrodnictwo", "Browar"),
    ("Wiśniewski", "Dąbrowska", "Żak i Synowie", "Łęcki", "Górska", "Śląsk", "Nowak", "Zieliński"),
    ("Sp. z o.o.", "S.A.", "Sp. j."),
    ("Kraków", "Łódź", "Gdańsk", "Poznań"),
    ("Abonament Start", "Abonament Pro", "Serwis kwartalny", "Licencja roczna"),
    "Opłata wdrożeniowa",
    "Dzień konsultacji",
    "Rabat lojalnościowy",
    "Rozliczenie starej ceny",
    "Rozliczenie nowej ceny",
    "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
)
