"""The exports, as two ERPs would write them: one flat file for all, and four tables."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from io import StringIO
from pathlib import Path

from examples.erp_fr.company import Document, Line, Year

_FLAT = "N° facture;Date facture;Échéance;SIRET client;Raison sociale;Pays;Désignation;Début période;Fin période"
FLAT = [*_FLAT.split(";"), "Montant HT", "TVA", "Montant TTC", "Statut", "Facture d'origine"]


def write_flat(year: Year, folder: Path) -> None:
    """Write `factures.csv`: a row a line, with titles above and a total below, as old ERPs on Windows do."""
    rows: list[Sequence[str]] = [
        [*_head(document), *_french(line), document.status, document.origin]
        for document in year.documents
        for line in document.lines
    ]
    nets = [line.net for document in year.documents for line in document.lines]
    total = ["Total", *[""] * 8, _comma(sum(nets, Decimal(0)))]
    titles = "Export des factures;;\r\nSociété : Atelier Numérique;;\r\n\r\n"
    text = titles + _written([FLAT, *rows, [*total, *[""] * (len(FLAT) - len(total))]], ";")
    (folder / "factures.csv").write_bytes(text.encode("cp1252"))


def _head(document: Document) -> list[str]:
    customer = document.customer
    due = document.issued.replace(day=28)
    return [
        document.number,
        f"{document.issued:%d/%m/%Y}",
        f"{due:%d/%m/%Y}",
        customer.siret,
        customer.name,
        customer.country,
    ]


def _french(line: Line) -> list[str]:
    period = [f"{day:%d/%m/%Y}" if day else "" for day in (line.start, line.end)]
    return [line.product, *period, _comma(line.net), _comma(line.tax), _comma(line.net + line.tax)]


def _comma(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", "\xa0").replace(".", ",")


def write_tables(year: Year, folder: Path) -> None:
    """Write four tables with dates and amounts as a database writes them."""
    tables: dict[str, list[Sequence[str]]] = {
        "clients": [["code_client", "raison_sociale", "pays", "email"]],
        "factures": [["numero_facture", "date_facture", "code_client", "statut", "total_ht", "devise"]],
        "lignes": [
            ["numero_facture", "numero_ligne", "libelle", "date_debut", "date_fin", "montant_ht", "montant_tva"]
        ],
        "produits": [["code_produit", "nom_produit"]],
    }
    for customer in year.customers:
        tables["clients"].append([customer.siret, customer.name, customer.country, customer.email])
    for document in year.documents:
        head = [document.number, document.issued.isoformat(), document.customer.siret, document.status]
        tables["factures"].append([*head, str(document.net), "EUR"])
        for number, line in enumerate(document.lines, 1):
            period = [day.isoformat() if day else "" for day in (line.start, line.end)]
            tables["lignes"].append([document.number, str(number), line.product, *period, str(line.net), str(line.tax)])
    products = dict.fromkeys(line.product for document in year.documents for line in document.lines)
    tables["produits"] += [[f"P{number:02}", name] for number, name in enumerate(products, 1)]
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text(_written(rows, ","), encoding="utf-8", newline="")


def _written(rows: Sequence[Sequence[str]], separator: str) -> str:
    buffer = StringIO()
    csv.writer(buffer, delimiter=separator).writerows(rows)
    return buffer.getvalue()
