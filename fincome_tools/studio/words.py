"""What the page says, in French and English: the words of finance, not of IT."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

LANGUAGES = ("en", "fr")

WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("Mapping studio", "Studio de correspondance"),
    "private": (
        "Nothing leaves this machine: your files are read here, and gone when the studio ends.",
        "Rien ne quitte cette machine : vos fichiers sont lus ici et disparaissent à la fermeture du studio.",
    ),
    # French has a blank before them that doesn't break.
    "colon": (":", "\u00a0:"),
    "semicolon": (";", "\u00a0;"),
    "skip": ("Skip to the content", "Aller au contenu"),
    "language": ("Language", "Langue"),
    "files": ("Files", "Fichiers"),
    "add_files": ("Add exports (CSV, Excel, ODS, JSON)", "Ajouter des exports (CSV, Excel, ODS, JSON)"),
    "add": ("Add", "Ajouter"),
    "remove": ("Remove", "Retirer"),
    "no_files": ("No file yet.", "Aucun fichier pour l'instant."),
    "left_out": ("left out", "écartées"),
    "questions": ("Questions", "Questions"),
    "no_questions": ("Nothing is in doubt.", "Rien n'est en doute."),
    "answer": ("Answer", "Répondre"),
    "other": ("another", "autre"),
    "refused": ("“{answer}” is no answer to this question.", "« {answer} » ne répond pas à cette question."),
    "answered": ("Answered", "Réponses données"),
    "undo": ("Undo", "Annuler"),
    "columns": ("Columns", "Colonnes"),
    "column": ("Column", "Colonne"),
    "values": ("Values", "Valeurs"),
    "becomes": ("Becomes", "Devient"),
    "state": ("State", "État"),
    "sure": ("sure", "sûr"),
    "to_check": ("to check", "à vérifier"),
    "not_used": ("not used", "non utilisée"),
    "result": ("Result", "Résultat"),
    "of_sample": ("Of the first {rows} rows of each table.", "Sur les {rows} premières lignes de chaque table."),
    "of_all": ("Of all rows.", "Sur toutes les lignes."),
    "computing": ("All rows are being read…", "Lecture de toutes les lignes…"),
    "objects": ("Objects", "Objets"),
    "object": ("Object", "Objet"),
    "sent": ("to be sent", "à envoyer"),
    "skipped": ("skipped", "écarté"),
    "rejected": ("rejected", "rejeté"),
    "unchanged": ("the same again", "inchangé"),
    "faults": ("Why some would not be sent", "Pourquoi certains ne seraient pas envoyés"),
    "example": ("for example", "par exemple"),
    "no_faults": ("Everything would be sent.", "Tout serait envoyé."),
    "totals": ("Control totals", "Totaux de contrôle"),
    "month": ("Month", "Mois"),
    "currency": ("Currency", "Devise"),
    "amount": ("Amount", "Montant"),
    "count": ("Number", "Nombre"),
    "mrr": ("MRR by month", "MRR par mois"),
    "no_mrr": ("No recurring line yet.", "Aucune ligne récurrente pour l'instant."),
    "before": ("before: {amount}", "avant : {amount}"),
    "text": ("The mapping", "La correspondance"),
    "text_help": (
        "Paste it into the setting “Own mapping” in Airbyte, or use it on the command line.",
        "À coller dans le réglage « Own mapping » d'Airbyte, ou à utiliser en ligne de commande.",
    ),
    "download": ("Download", "Télécharger"),
    "copy": ("Copy", "Copier"),
    "copied": ("Copied.", "Copié."),
    "apply": ("Apply the text", "Appliquer le texte"),
    "back_to_draft": ("Back to the draft", "Revenir au brouillon"),
    "command": ("Command", "Commande"),
    "sandbox": ("Load into the sandbox", "Charger dans le bac à sable"),
    "sandbox_page": ("See the sandbox's revenue page", "Voir la page de revenus du bac à sable"),
    "loading": ("Loading into the sandbox…", "Chargement dans le bac à sable…"),
    "updated": ("The result was updated.", "Le résultat a été mis à jour."),
    "customers": ("customers", "clients"),
    "products": ("products", "produits"),
    "plans": ("plans", "offres"),
    "subscriptions": ("subscriptions", "abonnements"),
    "invoices": ("invoices", "factures"),
    "invoice_lines": ("invoice lines", "lignes de facture"),
    "credit_notes": ("credit notes", "avoirs"),
    "kind_lines": ("invoice lines", "lignes de facture"),
    "kind_invoices": ("invoices", "factures"),
    "kind_credits": ("credit notes", "avoirs"),
    "kind_credit_lines": ("lines of credit notes", "lignes d'avoir"),
    "kind_journal": ("an accounting journal", "un journal comptable"),
    "kind_months": ("amounts in a column for each month", "montants, une colonne par mois"),
    "kind_customers": ("customers", "clients"),
    "kind_subscriptions": ("subscriptions", "abonnements"),
    "kind_products": ("products", "produits"),
    "kind_plans": ("plans", "offres"),
    "kind_unknown": ("nothing that Fincome has", "rien que Fincome connaisse"),
}


def says(language: str) -> Mapping[str, str]:
    """Return all words in a language."""
    place = LANGUAGES.index(language)
    return {key: both[place] for key, both in WORDS.items()}


def amount(value: str | None, language: str) -> str:
    """Write an amount as readers of a language do."""
    if value is None:
        return "–"
    text = f"{Decimal(value):,.2f}"
    return text.replace(",", "\u202f").replace(".", ",") if language == "fr" else text
