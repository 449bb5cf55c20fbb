"""In French, what the program says in English: how a file was read, why a column is taken, why something isn't sent.

A text that isn't known here stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from destination_fincome.codes import Code

MEANINGS: Mapping[str, str] = {
    Code.UNREADABLE_RECORD: "l'enregistrement ne peut pas être lu",
    Code.INVALID_FIELD: "un champ manque ou ne peut être vrai",
    Code.INVALID_VALUE: "une valeur n'est pas ce qu'elle devrait être",
    Code.CUT_BY_SOURCE: "la source a coupé ou vidé une valeur",
    Code.UNKNOWN_VALUE: "un mot que la correspondance ne connaît pas",
    Code.MISSING_REFERENCE: "ce à quoi il se rapporte n'est ni ici ni dans Fincome",
    Code.PARENT_REJECTED: "ce à quoi il se rapporte est rejeté",
    Code.CIRCULAR_REFERENCE: "il se rapporte à lui-même, à travers d'autres",
    Code.MISSING_OBJECT: "des attributs seulement, pour un objet que Fincome n'a pas",
    Code.KEPT_FAILING: "chaque tentative a échoué",
    Code.REFUSED_BY_API: "Fincome l'a refusé",
    Code.SUPERSEDED: "une version plus récente est présente",
    Code.STREAM_IGNORED: "cette table n'est pas nécessaire, ou pas connue",
    Code.NOT_MAPPED: "aucun cas de la correspondance ne convient",
    Code.DRAFT: "brouillon",
    Code.VOID: "annulé, ne compte pas",
    Code.DELETED: "supprimé dans la source",
    Code.INCOMPLETE: "abonnement dont le premier paiement manque",
    Code.NO_KEY: "sans l'identifiant du client",
    Code.NOT_REVENUE: "pas du chiffre d'affaires",
    Code.FAILED: "paiement échoué",
    Code.LEFT_OUT: "écarté par votre correspondance",
    Code.ALREADY_EXISTS: "Fincome l'a déjà, et la correspondance ne fait que créer",
    Code.NOT_IN_FINCOME: "Fincome ne l'a pas, et la correspondance ne fait que modifier",
    Code.ENTITY_ABSENT: "Fincome n'a pas ce type d'objets",
    Code.OBJECT_SKIPPED: "l'objet lui-même est écarté",
    Code.OBJECT_REJECTED: "l'objet lui-même est rejeté",
    Code.PARENT_SKIPPED: "ce à quoi il se rapporte est écarté",
    Code.INCOMPLETE_LINES: "il manque des lignes à une facture",
    Code.REFERENCE_LEFT_OUT: "une référence facultative manque",
    Code.ATTRIBUTE_LEFT_OUT: "un attribut n'a pas pu être lu",
    Code.CUT_VALUE_LEFT_OUT: "la source a coupé ou vidé un champ, qui reste en l'état",
    Code.STUB_SUBSCRIPTION: "un abonnement est créé d'après ses factures",
    Code.GONE_DOCUMENT: "un document annulé compte encore dans Fincome",
    Code.LINES_UNKNOWN: "les lignes d'une facture annulée ne sont pas connues",
    Code.INVOICE_WITHOUT_LINES: "des factures sont venues sans aucune ligne",
    Code.LINES_DIFFER_FROM_INVOICE: "les lignes d'une facture ne font pas son montant",
    Code.CURRENCY_DIFFERS: "une ligne est dans une autre devise que sa facture",
    Code.LINE_WITHOUT_SUBSCRIPTION: "des lignes d'abonnement ne disent pas duquel ; le MRR est juste sans cela",
    Code.CREDITS_EXCEED_INVOICE: "les avoirs d'une facture dépassent son montant",
    Code.MONTHLY_VALUE_OLD: "la valeur mensuelle d'un abonnement peut être ancienne",
    Code.MONTHLY_VALUE_PARTIAL: "la valeur mensuelle d'un abonnement est un minimum",
    Code.MONTHLY_VALUE_UNKNOWN: "la valeur mensuelle d'un abonnement ne se déduit pas",
    Code.AMOUNT_WITH_TAX: "la source ne donne qu'un montant TTC",
    Code.UNIT_UNKNOWN: "la devise n'est pas toujours comptée dans la même unité : au centième, ou au centuple",
    Code.ADVANCE_PAYMENT: "une avance : elle et les factures qui la consomment peuvent compter toutes les deux",
    Code.RECURRENCE_UNKNOWN: "rien ne dit si des lignes sont récurrentes : elles passent pour l'être",
    Code.CREDIT_NOT_LOADED: "une partie d'une facture a été créditée, et l'avoir manque",
    Code.GONE_SUBSCRIPTION: "un abonnement est supprimé dans la source, et compte peut-être encore dans Fincome",
    Code.LIST_NOT_READ: "une liste de Fincome n'a pas pu être lue : tout le reste est envoyé",
    Code.UNKNOWN_TIME_ZONE: "un fuseau horaire n'existe pas",
    Code.UNKNOWN_COUNTRY: "un pays n'est pas reconnu",
    Code.INCLUSIVE_ENDS: "les périodes finissent au dernier jour inclus : il manque un jour à chacune",
    Code.NOTHING_RECURS: "des lignes sont d'abonnements, et aucune n'a de période : le MRR est nul",
    Code.ENDLESS_PERIOD: "une ligne est étalée sur plus de 20 ans : il n'en reste presque rien par mois",
    Code.LINE_OF_SEVERAL_INVOICES: "des lignes de plusieurs factures ont le même identifiant : la dernière les garde",
    Code.OTHER_COLUMNS: "la table a d'autres colonnes que celles que la correspondance lit : des montants manquent",
    Code.OVERLAPPING_PERIODS: "un abonnement est facturé deux fois pour les mêmes jours",
    Code.MISSING_AT_SOURCE: "des objets que la source apportait ne viennent plus",
    Code.STORED_DIFFERENTLY: "Fincome montre un champ autrement qu'envoyé",
    Code.NOT_SHOWN: "Fincome a accepté un champ et ne le montre pas",
    Code.NOT_CLEARED: "un champ envoyé vide a gardé sa valeur",
    Code.DIFFERING_STREAMS: "un même identifiant vient de deux tables, avec des contenus différents",
}
"""What a code of the summary means."""

_French = str | Callable[[re.Match[str]], str]
"""What a phrase is in French: a text with groups as `re` expands them, or what makes one of the match."""

_PHRASES: tuple[tuple[re.Pattern[str], _French], ...] = tuple(
    (re.compile(english), french)
    for english, french in (
        # How a file was read.
        (r"separated by semicolon", "séparateur point-virgule"),
        (r"separated by comma", "séparateur virgule"),
        (r"separated by tab", "séparateur tabulation"),
        (r"separated by (?:vertical )?bar", "séparateur barre verticale"),
        (r"Excel workbook", "classeur Excel"),
        (r"OpenDocument workbook", "classeur OpenDocument"),
        (r"a list in each record of (.+)", r"liste dans chaque enregistrement de \1"),
        (r"JSON lines", "lignes JSON"),
        (r"sheet (.+)", r"feuille \1"),
        (r"heading in (?:line|row) (\d+)", r"en-tête à la ligne \1"),
        (r"1 total row", "1 ligne de total"),
        (r"1 total row that isn't the sum of the rows above it", "1 ligne de total qui n'est pas la somme des lignes"),
        (
            r"(\d+) total rows that aren't the sums of the rows above them",
            r"\1 lignes de total qui ne sont pas la somme des lignes",
        ),
        (r"(\d+) total rows", r"\1 lignes de total"),
        (r"1 title or page number", "1 titre ou numéro de page"),
        (r"(\d+) titles or page numbers", r"\1 titres ou numéros de page"),
        (r"1 repeated heading", "1 en-tête répété"),
        (r"(\d+) repeated headings", r"\1 en-têtes répétés"),
        (
            r"1 further row of documents filled in from the first one \((.+)\)",
            r"1 ligne suivante complétée d'après la première de sa facture (\1)",
        ),
        (
            r"(\d+) further rows of documents filled in from the first one \((.+)\)",
            r"\1 lignes suivantes complétées d'après la première de leur facture (\2)",
        ),
        # Which one, for example.
        (r"(.+) of stream (.+)", lambda found: f"{_phrase(found[1])} de {found[2]}"),
        (r"invoice line (.+)", r"ligne de facture \1"),
        (r"invoice (.+)", r"facture \1"),
        (r"credit note (.+)", r"avoir \1"),
        (r"customer (.+)", r"client \1"),
        (r"subscription (.+)", r"abonnement \1"),
        # Why a column is taken.
        (r"by its name and content", "par son nom et son contenu"),
        (r"by its words", "par ses mots"),
        (r"as answered", "d'après votre réponse"),
        (r"one for each customer and product, as answered", "un par client et produit, d'après votre réponse"),
        (r"(.+) without (.+) % of tax, as answered", r"\1 sans \2 % de taxe, d'après votre réponse"),
        (r"the customer's id, as answered", "l'identifiant du client, d'après votre réponse"),
        (r"decimal sign as answered", "signe décimal d'après votre réponse"),
        (r"order of day and month as answered", "ordre du jour et du mois d'après votre réponse"),
        (r"without tax, as answered", "hors taxe, d'après votre réponse"),
        (r"(.+), as answered", r"\1, d'après votre réponse"),
        (r"a row with a period", "une ligne avec une période"),
        (r"together they tell every row", "ensemble, elles distinguent chaque ligne"),
        (r"each row has its own", "chaque ligne a le sien"),
        (r"one line each", "une ligne par facture"),
        (r"rows that are alike in all of this are one line, with their sum", "les lignes identiques sont additionnées"),
        (r"the credited invoice", "la facture créditée"),
        (r"credits are counted apart", "les avoirs ont leurs propres numéros"),
        (
            r"with the setting create_missing_parents on, subscriptions are made of their lines",
            "avec le réglage create_missing_parents, les abonnements sont créés à partir de leurs lignes",
        ),
        (r"active while a period runs", "actif tant qu'une période court"),
        (r"its first period's", "celui de sa première période"),
        (r"an invoice for each month", "une facture par mois"),
        (r"the month of the heading", "le mois de l'en-tête"),
        (r"the whole month", "le mois entier"),
        (r"the first month with an amount", "le premier mois avec un montant"),
        (r"active while the last month has an amount", "actif tant que le dernier mois a un montant"),
        (r"what rows of revenue have", "ce que portent les lignes de produits"),
        (r"on the customers' row", "sur la ligne du client"),
        (r"as long as the text says", "de la durée que dit le texte"),
        (r"as the text says", "d'après le texte"),
        (r"a credit's status changes no figure", "le statut d'un avoir ne change aucun chiffre"),
        (r"it names an invoice of the same customer each time", "désigne chaque fois une facture du même client"),
        (r"it names the rows of (.+)", r"désigne les lignes de \1"),
        (r"a credit note on each invoice", "un avoir sur chaque facture"),
        (r"what rows of customers' accounts have", "ce que portent les lignes des comptes de clients"),
        (r"on the row of the customers' account", "sur la ligne du compte de clients"),
        (r"rows alike are one", "les lignes identiques n'en font qu'une"),
        (r"the lines of an invoice make its (.+) in (\d+) of (\d+) rows", r"les lignes font \1 sur \2 des \3 factures"),
        (r"what is taken off", "ce qui est repris"),
        (r"credits are subtracted", "les avoirs sont soustraits"),
        (r"credits change no MRR", "les avoirs ne changent pas le MRR"),
        (r"its invoice's", "celle de sa facture"),
        (r"there is no name", "il n'y a pas de nom"),
        (r"there is no code of customers", "il n'y a pas de code client"),
        (r"their names are told apart", "les noms les distinguent"),
        (r"a text that each (.+) has for itself", r"un texte propre à chaque \1"),
        (r"the code in its text", "le code dans son texte"),
        (r"the heading says net", "l'en-tête dit HT"),
        (r"decimal sign ([.,])", r"signe décimal \1"),
        (r"decimal sign ([.,]), as its sums prove", r"signe décimal \1, prouvé par les sommes"),
        (r"written epoch milliseconds", "écrit en millisecondes depuis 1970"),
        (
            r"written epoch milliseconds, central European days",
            "écrit en millisecondes depuis 1970, jours d'Europe centrale",
        ),
        (r"written ([DMY/.-]+)", lambda found: f"écrit {_letters(found[1])}"),
        (
            r"written ([DMY/.-]+), as (.+) proves",
            lambda found: f"écrit {_letters(found[1])}, comme le prouve {found[2]}",
        ),
        (
            r"written ([DMY/.-]+): the other way (.+) would come after (.+)",
            lambda found: f"écrit {_letters(found[1])} : sinon {found[2]} viendrait après {found[3]}",
        ),
        (r"(.+) = (.+) in (\d+) of (\d+) rows", r"\1 = \2 sur \3 des \4 lignes"),
        (r"in (\d+) of (\d+) rows", r"sur \1 des \2 lignes"),
        (
            r"(.+) is a known rate of (.+) in (\d+) of (\d+) rows",
            r"\1 est un taux connu de \2 sur \3 des \4 lignes",
        ),
        (r"(.+) is a known rate of (.+)", r"\1 est un taux connu de \2"),
        (r"(.+) is (.+) x (.+) in (\d+) of (\d+) rows", r"\1 est \2 x \3 sur \4 des \5 lignes"),
        (
            r"(.+) is (.+) with tax at a known rate in (\d+) of (\d+) rows",
            r"\1 est \2 avec la taxe, à un taux connu, sur \3 des \4 lignes",
        ),
        (r"(.+) is (.+) in the document's currency", r"\1 est \2 dans la devise du document"),
        (r"there is no tax: (.+) is 0 in all rows", r"sans taxe : \1 est 0 partout"),
        (r"as (.+) of (.+)", r"comme \1 de \2"),
        (r"(.+) is (.+) with tax at a known rate", r"\1 est \2 avec la taxe, à un taux connu"),
        (
            r"(.+) less (.+) of the accounts of revenue \((.+) in (.+)\)",
            r"\1 moins \2 des comptes de produits (\3 dans \4)",
        ),
        (
            r"(.+) is the last day of a period: whole months (.+)",
            lambda found: f"{found[1]} est le dernier jour inclus : mois entiers {_phrase(found[2])}",
        ),
        (
            r"(.+) is the day after a period: whole months (.+)",
            lambda found: f"{found[1]} est le jour qui suit : mois entiers {_phrase(found[2])}",
        ),
        (r"a day is added", "un jour est ajouté"),
        (r"(.+) less (.+)", r"\1 moins \2"),
        (r"(.+) without (.+)", r"\1 sans \2"),
        (r"(.+): the lines of an invoice make its (.+) in (\d+) of (\d+) rows", r"\1 : fait \2 sur \3 des \4 factures"),
        (r"(.+) is (.+) with (.+)", r"\1 est \2 avec \3"),
        (r"written serial", "écrit en numéro de jour d'un tableur"),
        (r"written (.+%.+)", r"écrit \1"),
        (r"written (.+)", lambda found: f"écrit {_letters(found[1])}"),
    )
)
_LETTERS = str.maketrans("DY", "JA")


def _letters(form: str) -> str:
    """Return how a date is written by the letters of French: JJ/MM/AAAA."""
    return form.translate(_LETTERS)


def in_french(text: str, between: str = "; ") -> str:
    """Return a text whose parts are known phrases, each in French; another one as it is."""
    return between.join(_phrase(part) for part in text.split(between))


def _phrase(text: str) -> str:
    for english, french in _PHRASES:
        found = english.fullmatch(text)
        if found:
            return french(found) if callable(french) else found.expand(french)
    return text
