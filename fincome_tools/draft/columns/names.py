"""What headings mean: their words as concepts, in seven languages, whatever the case, accents and abbreviations.

A concept that changes what a figure is (net or gross, due or issued, start or end) must fit exactly: it is never told
by the beginning of a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from fincome_tools.draft.columns.vocabulary import meaning, vocabulary

_MOST_PARTS = 4
_SHORTEST_PART = 3
# Short words that compounds end or begin with: `rechnungsnr`, `totalht`, `dtfacture`.
_SHORT_PARTS = frozenset(["nr", "no", "id", "ht", "dt", "mt", "kd", "rg"])
_JOINTS = ("", "s", "n", "en", "es")
_SHORTEST_ABBREVIATION = 3
_NEVER_ABBREVIATED = frozenset(
    ["net", "gross", "tax", "due", "start", "end", "origin", "credit", "of", "paid", "balance"]
)
_CODE = re.compile(r"^[A-Z]{1,4}[-_ ]?[0-9]{1,4}[:. _-]+(?=\S*[^\W\d])")
_OF_ROWS = frozenset({"line", "charge"})
_OF_TABLES = frozenset({"invoice", "document", "customer", "line", "product", "credit", "subscription"})
_FEWEST_SHARED = 3
_SHARE_OF_SHARED = 0.4
_FEWEST_ALIKE = 5
_SHARE_OF_ALIKE = 0.8
# Who is no customer, and what isn't of the document: words beside which a role isn't meant.
_OTHER_WORDS = (
    "commercial vendeur representant vertreter verkaufer agent agente vendedor venditore rep manager owner user"
    " utilisateur famille groupe group gruppe grupo gruppo segment secteur region branch bank banque iban livraison"
    " delivery shipping lieferung previous last old ancien dernier ultimo letzte vorherige supplier fournisseur"
    " lieferant fornitore proveedor leverancier employee vendor seller verkoper bearbeiter sachbearbeiter betreuer"
    " comercial salesperson phone tel telephone telefon telefono telefoon telefone mobile mobil movil cell cellulare"
    " portable gsm handy fax bic swift website web url city ville ort stadt ciudad citta stad cidade street rue strasse"
    " salutation anrede civilite birthday magasin boutique store shop agence filiale depot entrepot warehouse lager"
    " magazzino almacen tienda negozio sucursal sede project projet projekt proyecto progetto campagne campaign channel"
    " kanal canale canal mandat mandate mandato rum sepa"
    " poblacion localidad municipio provincia localite commune localita comune plaats woonplaats localidade cidade"
    " ship shipto shipment livr versand envio spedizione verzending sync synchronisation export exported"
)
# What somebody has written about a customer, or a document: it names neither.
_WORDS_OF_REMARKS = (
    "remark remarks comment comments commentary commentaire commentaires remarque remarques observation observations"
    " annotation annotations kommentar kommentare bemerkung bemerkungen anmerkung anmerkungen notiz notizen hinweis"
    " hinweise nachricht comentario comentarios observacion observacao observacoes anotacion anotaciones anotacao"
    " anotacoes commento commenti osservazione osservazioni annotazione annotazioni opmerking opmerkingen notitie"
    " notities toelichting message messages mensaje mensajes messaggio messaggi mensagem mensagens"
)
_REMARKS = tuple(_WORDS_OF_REMARKS.split())
OTHERS = frozenset(f"?{word}" for word in (*_OTHER_WORDS.split(), *_REMARKS))
# What is given back, or put right: credits, payments, or invoices that are higher than before.
_WORDS_OF_RETURNS = (
    "refund refunds refunded return returns returned adjustment adjustments cancellation cancellations reversal"
    " reversals correction corrections remboursement remboursements retour retours annulation annulations"
    " regularisation regularisations erstattung erstattungen ruckerstattung ruckerstattungen retoure retouren"
    " stornierung stornierungen korrektur korrekturen devolucion devoluciones anulacion anulaciones reembolso"
    " reembolsos resi reso rimborso rimborsi rettifica rettifiche annullamento annullamenti variazione variazioni"
    " terugbetaling terugbetalingen correctie correcties devolucao devolucoes estorno estornos reembolsado"
    " chargeback chargebacks"
)
_OF_RETURNS = frozenset(_WORDS_OF_RETURNS.split())
_ALIAS = re.compile(r"^(?:[a-z]{1,3}\.(?=[a-z_]+$)|tbl_?(?=[a-z]))")
# Of amounts: which of them it is, the values tell (minor_units.py). Two lines before it are a custom field's.
_IN_CENTS = re.compile(r"(?<=[a-z0-9])_c$")
_ACRONYM = re.compile(r"\b(?:[A-Za-z]\.){2,}")


@lru_cache(maxsize=1)
def _concepts() -> dict[str, str]:
    """Return the concept of each word."""
    return {word: concept for concept, words in vocabulary()["concepts"].items() for word in words.split()}


class Heading(str):
    """A heading of which some words say nothing, since many headings of its table have them.

    Attributes:
        plain: the other words.
    """

    plain: str

    def __new__(cls, heading: str, plain: str = "") -> Heading:
        """Name a column by its heading."""
        named = str.__new__(cls, heading)
        named.plain = plain or heading
        return named


def without_shared(headings: Sequence[str], table: str) -> list[str]:
    """Return headings that know which of their words many of them share: those of the table's rows, and codes.

    Args:
        table: its name: a word that it has, such as `fee` of `invoice_fees`, is shared where a few headings begin so.
    """
    texts = {heading: _CODE.sub("", heading) for heading in headings}
    if sum(text != heading for heading, text in texts.items()) * 2 < len(headings):
        begins, ends = (_affix(headings, at_end=at_end) for at_end in (False, True))
        texts = {heading: _without(heading, begins, ends) for heading in headings}
    written = {heading: _written(text) for heading, text in texts.items()}
    shared = _shared(list(written.values()), words_of(table))
    found = []
    short = {
        heading: " ".join(word for word in words if word.rstrip(".") not in shared)
        for heading, words in written.items()
    }
    whole = {" ".join(words) for words in written.values()}
    for heading in headings:
        plain = short[heading]
        if plain in whole and plain != " ".join(written[heading]):
            plain = ""  # Without it, it would be another one: `line_item_id` beside `item_id`.
        is_less = plain and (texts[heading] != heading or len(plain.split()) < len(written[heading]))
        found.append(Heading(heading, plain) if is_less else heading)
    return found


def _affix(headings: Sequence[str], *, at_end: bool) -> str:
    """Return the few letters that nearly all headings of a table begin, or end, with: `PCVNUM`, `PCVDATE`; or none.

    Those that signs set off are words, which are looked at as such.
    """
    pattern = re.compile(
        r"[A-Za-z0-9]{2,}?([A-Za-z]{2,4})" if at_end else r"([A-Za-z]{2,4}?)[A-Za-z0-9]{2,}(?:_[A-Za-z0-9]+)*"
    )
    plain = [heading for heading in headings if pattern.fullmatch(heading) and _is_of_one_case(heading)]
    for length in (4, 3, 2):
        counts = Counter(heading[-length:] if at_end else heading[:length] for heading in plain)
        letters, count = counts.most_common(1)[0] if counts else ("", 0)
        if count >= max(_FEWEST_ALIKE, _SHARE_OF_ALIKE * len(headings)) and letters.isalpha():
            return letters
    return ""


def _without(heading: str, begins: str, ends: str) -> str:
    """Return a heading without the letters of all of them; those that mean something only where it is a riddle so."""
    plain = heading
    for letters, remove in ((begins, str.removeprefix), (ends, str.removesuffix)):
        known = _concepts().get(letters.casefold())
        is_riddle = known in _OF_TABLES and any(one.startswith("?") for one in concepts_of(heading))
        if known is None or is_riddle:
            plain = remove(plain, letters)
    return plain


def without_affix(headings: Sequence[str]) -> set[str]:
    """Return headings without the letters that they share: what two tables of a program have in common."""
    begins, ends = _affix(headings, at_end=False), _affix(headings, at_end=True)
    return {heading.removeprefix(begins).removesuffix(ends) for heading in headings}


def _is_of_one_case(heading: str) -> bool:
    return heading.isupper() or heading.islower()


def _shared(written: Sequence[Sequence[str]], table: Sequence[str]) -> set[str]:
    """Return words that nobody knows, or that say no more than `line`, of so many headings that they say nothing."""
    counts = Counter(word.rstrip(".") for words in written for word in set(words))
    first = Counter(words[0].rstrip(".") for words in written if words)
    found = set()
    for word, count in counts.items():
        says = concepts_of(word)
        is_of_rows = says <= _OF_ROWS and first[word] == count
        is_unknown = says == {f"?{word}"} and says.isdisjoint(OTHERS)
        is_named = any(one.startswith(word) for one in table) and len(word) >= _SHORTEST_PART
        fewest = _FEWEST_SHARED if is_named else max(_FEWEST_SHARED, _SHARE_OF_SHARED * len(written))
        if len(table) > 1 and word == table[0]:
            fewest = 1  # What the program calls all of its tables: `kb_item_status_id` of `kb_invoice`.
        if (is_of_rows or is_unknown) and count >= fewest:
            found.add(word)
    return found


def words_of(heading: str) -> list[str]:
    """Return a heading's words without case and accents; `N°`, camelCase and `snake_case` are taken apart."""
    return [word.rstrip(".") for word in _written(_plain(heading))]


def _written(heading: str) -> list[str]:
    """Return the words; those that are abbreviated keep the dot that says so."""
    text = _ACRONYM.sub(lambda found: found.group().replace(".", ""), _ALIAS.sub(_alias, _IN_CENTS.sub("", heading)))
    text = re.sub(r"[Nn]\.?[°º]|#", " number ", text.replace("dû", "due"))
    text = re.sub(
        r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Ý])|(?<=[A-Z]{2})(?=[A-Z][a-z]{2})",
        " ",
        text.replace("ß", "ss").replace("%", " rate "),
    )
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return re.findall(r"[a-z]+\.?|\d+", plain)


def _alias(found: re.Match[str]) -> str:
    """Return nothing of a table's alias before a column, such as `f.ref`; all of one that says what it is of."""
    alias = found.group().rstrip(".")
    return found.group() if len(alias) > 1 and _concepts().get(alias) in _OF_TABLES else ""


def concepts_of(heading: str) -> frozenset[str]:
    """Return what a heading's words mean; a word that isn't known is kept, with a question mark before it.

    A word such as "du" or "am" means nothing among others; at a heading's end, or alone, it is a start, an end, a date.
    """
    return _meant(_plain(heading))


def _plain(heading: str) -> str:
    """Return the words of a heading that say something; those of a column that knows them itself."""
    plain = getattr(heading, "plain", None)
    return str(heading) if plain is None else str(plain)


@lru_cache(maxsize=1 << 12)
def _meant(heading: str) -> frozenset[str]:
    written = _written(heading)
    if not written:
        return frozenset()
    abbreviated = {word.rstrip(".") for word in written if word.endswith(".")}
    words = _phrased(heading)
    # Of numbered columns the first one is what the others go on with.
    meant = [word for word in words if word not in ("0", "1", "01")] or words
    found = {concept for word in meant for concept in _of_word(word, is_cut=word in abbreviated)} - {"of"}
    if (last := _last().get(words[-1])) and not found & {"start", "end", "date"}:
        found.add(last)
    return frozenset(found)


def _phrased(heading: str) -> list[str]:
    """Return a heading's words, one that stands for each phrase."""
    text = " ".join(word.rstrip(".") for word in _written(heading))
    for phrase, instead in _phrases():
        text = phrase.sub(instead, text)
    return text.split()


_SUBTOTALS = frozenset(["subtotal", "subtotale", "subtotaal", "zwischensumme", "base"])
_PAID_IN_FRENCH = frozenset(["montant", "montants", "prix"])


def says_without_tax(heading: str) -> bool:
    """Tell whether a heading says that an amount is without tax.

    A subtotal may be with taxes, or before discounts; a French `montant net` may be what is to be paid.
    """
    words = _phrased(_plain(heading))
    if "net" in words and _PAID_IN_FRENCH & set(words) and "line" not in concepts_of(heading):
        words = [word for word in words if word != "net"]
    return any({"net", "net_amount"} & set(_of_word(word, is_cut=False)) for word in words if word not in _SUBTOTALS)


def _of_word(word: str, *, is_cut: bool) -> tuple[str, ...]:
    """Return what a word means: as it is, by its parts, or as the beginning of words that all mean the same."""
    known = _concepts().get(word)
    if known:
        return (known,)
    if parts := _parts(word, _MOST_PARTS):
        return parts
    if is_cut and len(word) >= _SHORTEST_ABBREVIATION:
        meant = {concept for whole, concept in _concepts().items() if whole.startswith(word)}
        if len(meant) == 1 and not meant & _NEVER_ABBREVIATED:
            return tuple(meant)
    if (remark := next((one for one in _REMARKS if word.endswith(one)), None)) and word != remark:
        return (*_of_word(word.removesuffix(remark), is_cut=False), f"?{remark}")  # `kundenkommentar`.
    if word.startswith("is") and (flag := _concepts().get(word[2:], "of")) != "of":
        return (flag,)  # `ISSOLDE`, `ispaid`.
    if word.endswith("id") and len(word) > _SHORTEST_PART + 2 and not word.endswith(("aid", "oid")):
        return (f"?{word[:-2]}", "id")  # `userid`; but no `prepaid`, no `void`.
    return (f"?{word}",)


def _parts(word: str, most: int) -> tuple[str, ...] | None:
    """Take a word apart into known ones, such as `vervaldatum` and `custname`; None if that can't be done."""
    known = _concepts()
    for length in range(len(word) - 1, 1, -1):
        head, rest = word[:length], word[length:]
        if not _is_part(head):
            continue
        for joint in _JOINTS:
            if not rest.startswith(joint):
                continue
            tail = rest[len(joint) :]
            if _is_part(tail):
                return known[head], known[tail]
            if most > 2 and len(tail) > _SHORTEST_PART and (others := _parts(tail, most - 1)):
                return known[head], *others
    return None


def _is_part(word: str) -> bool:
    return (len(word) >= _SHORTEST_PART or word in _SHORT_PARTS) and _concepts().get(word, "of") != "of"


@lru_cache(maxsize=1)
def _phrases() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the phrases as patterns, with what stands for them."""
    return tuple((re.compile(rf"\b(?:{phrase})\b"), instead) for phrase, instead in vocabulary()["phrases"].items())


@lru_cache(maxsize=1)
def _last() -> dict[str, str]:
    """Return what words mean that stand last."""
    return {word: concept for concept, words in vocabulary()["last"].items() for word in words.split()}


_CODES_OF_INVOICES = (
    # Of electronic invoices: UNTDID 1001, and what FatturaPA has for it.
    "380 383 384 386 389 393 td01 td02 td03 td05 td06 td24 td25 td26"
    # Of programs: sales invoices, Rechnung, facture, fattura, factura.
    " si inv re rg fa fac fc ft fv ar accrec fact oo oc"
)
_CODES_OF_CREDITS = (
    "381 396 261 td04 td08"
    # Sales credits, Gutschrift, avoir, nota di credito, abono, nota de crédito, creditnota.
    " sc cn cm gs gu av avo nc ndc ncr ncre ab abo crn accreccredit or"
)
_CODES = dict.fromkeys(_CODES_OF_INVOICES.split(), "invoice") | dict.fromkeys(_CODES_OF_CREDITS.split(), "credit_note")


def document_kind(word: object, *, by_code: bool = False) -> str | None:
    """Return what a type of document is: `invoice`, `credit_note`; None if it isn't said.

    Args:
        by_code: codes say it too, such as 381 and `GS`, which elsewhere are anything.
    """
    if known := meaning(word, "document_type"):
        return known
    if by_code and (code := _CODES.get(str(word).strip().casefold())):
        return code
    says = concepts_of(str(word))
    if says & {"credit", "?refund"}:
        return "credit_note"
    return "invoice" if "invoice" in says else None


def are_kinds(words: Iterable[object]) -> bool:
    """Tell whether words, or codes, are kinds of documents, and nothing else."""
    kinds = {document_kind(word, by_code=True) for word in words}
    return None not in kinds and "credit_note" in kinds


_INVOICES = re.compile(r"factur|rechn|invoic|fattur|fatur|faktur")


def says_invoice(heading: str) -> bool:
    """Tell whether a heading says invoice, and not only a document, a voucher, an entry."""
    return any(_INVOICES.search(word) for word in words_of(heading))


def says_return(text: str) -> bool:
    """Tell whether a text says that something is given back, or put right: a credit, a payment, or a new invoice."""
    return not _OF_RETURNS.isdisjoint(words_of(text))
