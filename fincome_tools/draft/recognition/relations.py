"""Which table's invoices the lines of another name, by their values: whatever the key's heading is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.content import give, plainness
from fincome_tools.draft.columns.lists import ListTable, with_outer
from fincome_tools.draft.columns.names import concepts_of, without_affix, words_of
from fincome_tools.draft.columns.nested import Part
from fincome_tools.draft.columns.profiles import Profile, profile_of
from fincome_tools.draft.decisions.questions import Question, answers, words
from fincome_tools.draft.fields.credits import prefix_of
from fincome_tools.draft.recognition.credit_tables import may_be_called_credits
from fincome_tools.draft.tables.evidence import settle_origins
from fincome_tools.draft.tables.understanding import Understanding

_SHARE = 0.95
_OF_OTHERS = frozenset({"product", "customer", "subscription", "date", "amount"})
_FEWEST_NAMED = 3
_SHORTEST_CODE = 5
_MOST_FIGURES = 8
_SAME_HEADINGS = 0.7
_SHARE_OF_KEYS = 0.5
_SHARE_OF_NAMES = 0.8
_NO_DAYS = frozenset({"due", "due_date", "start", "end", "period", "service", "id"})
_IDS = frozenset({"invoice", "invoice_id", "document", "order"})


def relate(tables: Sequence[Understanding]) -> None:
    """Give the invoices of one table and the lines of another the same key, where their columns have one."""
    for table in tables:
        _name_products(table)
    _tell_documents_from_customers(tables)
    _relate_customers(tables)
    for lines in tables:
        _relate_list(lines, tables)
    headers = [one for one in tables if _is_of_documents(one)]
    for lines in tables:
        if isinstance(lines.table, ListTable):
            continue
        names_customers = any(lines.column(role) for role in ("customer_id", "customer_name", "email"))
        is_other = _is_of_customers(lines) or _has_a_day(lines)
        if names_customers and is_other and not _is_named_lines(lines):
            continue
        found = [(header, *pair) for header in headers if header is not lines for pair in _keys(lines, header)]
        if not found:
            continue
        # Small counters are in any larger ones: the table with the fewest is meant.
        header, own, key = min(
            found, key=lambda one: (len(one[0].profiles[one[2]].values), not _says_id(one[1]), plainness(one[1])[0])
        )
        _join(lines, own, header, key)
    _relate_by_sums(tables, headers)
    for table in tables:
        settle_origins(table.table, table.profiles, table.roles)


def _join(lines: Understanding, own: str, header: Understanding, key: str) -> None:
    """Let lines be those of documents, by these columns; what numbered the documents before is what people read."""
    lines.parent = header
    _take(lines, own)
    if header.column("invoice_id") not in (None, key):
        header.roles.columns["number"] = header.roles.columns["invoice_id"]
    _take(header, key)


def _relate_by_sums(tables: Sequence[Understanding], headers: Sequence[Understanding]) -> None:
    """Find the documents of lines that no key tells: by the only column whose rows make the documents' amounts."""
    without = [one for one in headers if not any(other.parent is one for other in tables)]
    for lines in tables:
        if lines.parent or _is_of_customers(lines) or isinstance(lines.table, ListTable) or _may_be_payments(lines):
            continue
        found = [(header, *pair) for header in without if header is not lines for pair in _summed_keys(lines, header)]
        if len({(id(header), own) for header, own, _ in found}) == 1:
            header, own, key = found[0]
            _join(lines, own, header, key)


def _may_be_payments(table: Understanding) -> bool:
    """Tell whether rows may be what was paid of documents, which makes their amounts as well."""
    says = concepts_of(table.table.name)
    return "paid" in says or ("line" not in says and _has_a_day(table))


def _summed_keys(lines: Understanding, header: Understanding) -> Iterator[tuple[str, str]]:
    """Yield the columns of lines and of documents by which the figures of the former make those of the latter."""
    ours, theirs = _figures_in(lines), _figures_in(header)
    keys = [one for name, one in header.profiles.items() if one.is_unique and not one.dates and name not in theirs]
    for name, profile in lines.profiles.items():
        if profile.is_unique or profile.filled < profile.rows or profile.dates or name in ours:
            continue
        for key in keys:
            is_among = len(profile.values) >= _FEWEST_NAMED and _is_in(profile, key)
            if is_among and any(
                proofs.sums_make(lines.table, (name, one), header.table, (key.name, other))
                for one, other in product(ours, theirs)
            ):
                yield name, key.name
                break


def _figures_in(table: Understanding) -> list[str]:
    """Return columns that may be amounts: numbers with a fraction, or called so."""
    roles = {table.column(role) for role in ("net", "gross", "amount")} - {None}
    names = [
        name
        for name, profile in table.profiles.items()
        if profile.numbers and (name in roles or not profile.numbers.whole) and len(profile.values) >= _FEWEST_NAMED
    ]
    return names[:_MOST_FIGURES]


# --- customers


def _name_products(table: Understanding) -> None:
    """A plain `name` in a table of lines is what was sold."""
    name, columns = table.column("customer_name"), table.roles.columns
    if name and concepts_of(name) == {"name"} and "line" in concepts_of(table.table.name):
        del columns["customer_name"]
        columns.setdefault("product_name", name)


def _tell_documents_from_customers(tables: Sequence[Understanding]) -> None:
    """An id that says document and customer, and by which another table numbers its rows, is a document's."""
    for table in tables:
        name = table.column("customer_id")
        if name and _says_document_too(name) and any(_numbers(one, name) for one in tables if one is not table):
            del table.roles.columns["customer_id"]
            table.roles.left.append(name)
            table.roles.refused |= {("customer_id", name)}


def _says_document_too(name: str) -> bool:
    return {"customer", "id"} <= concepts_of(name) and bool(concepts_of(name) & {"document", "invoice"})


def _numbers(table: Understanding, name: str) -> bool:
    """Tell whether a column of this heading tells a table's rows apart, and another one names their customers."""
    profile = table.profiles.get(name)
    others = {table.column("customer_id"), table.column("customer_name")} - {None, name}
    return profile is not None and profile.is_unique and bool(others)


def _relate_customers(tables: Sequence[Understanding]) -> None:
    """Give a table of customers, and those that refer to it, the key by which they do: whatever its heading is."""
    for known in tables:
        is_known = _is_of_customers(known)
        if not is_known and not _may_be_of_customers(known):
            continue
        for other in tables:
            if other is known or _is_of_customers(other) or not (is_known or _has_documents(other)):
                continue
            found = _of_one(other, list(_references(other, known)))
            if not found:
                continue
            own, key = min(found, key=lambda pair: plainness(pair[1]))
            _let_be_customers(other, own)
            _let_be_customers(known, key)
            known.is_of_customers = True


def _of_one(table: Understanding, found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the references by one column; of several that go together, by the one that is taken for the customer."""
    owns = list(dict.fromkeys(own for own, _ in found))
    if len(owns) > 1 and proofs.name_alike(table.table, owns):
        taken = table.column("customer_id")
        chosen = taken if taken in owns else min(owns, key=plainness)
        return [pair for pair in found if pair[0] == chosen]
    return found if len(owns) == 1 else []


def _may_be_of_customers(table: Understanding) -> bool:
    """Tell whether rows may be customers though no heading says it: a text for each, neither days nor amounts."""
    says = concepts_of(table.table.name)
    column = table.column
    if says & {"invoice", "line", "credit", "subscription", "document", "product", "paid"} or _has_documents(table):
        return False
    if any(column(role) for role in ("product_id", "product_name", "net", "gross", "invoice_id", "due_date")):
        return False
    names = (one for one in table.profiles.values() if one.is_text and not one.is_email and one.filled == one.rows)
    return any(len(one.values) >= _SHARE_OF_NAMES * one.rows for one in names)


def _has_documents(table: Understanding) -> bool:
    """Tell whether rows have a day and an amount that sums prove, or that is called so."""
    has_amounts = any(table.column(role) for role in ("net", "before_discount", "gross", "amount", "tax"))
    return has_amounts and any(one.dates and not one.dates.of_months for one in table.profiles.values())


def _is_of_customers(table: Understanding) -> bool:
    says, column = concepts_of(table.table.name), table.column
    names_them = column("customer_name") or column("email")
    has_figures = any(column(role) for role in ("net", "amount", "gross", "invoice_id", "due_date", "period_start"))
    issued = column("invoice_date")
    is_of_documents = issued and "created" not in concepts_of(issued) and "customer" not in says
    is_other = is_of_documents or says & {"invoice", "line", "credit", "subscription", "document"}
    return bool(names_them) and not has_figures and not is_other


def _references(table: Understanding, customers: Understanding) -> Iterator[tuple[str, str]]:
    """Yield the columns of a table whose values are customers', with that of these.

    Small counters are in anything: what has them must be called so.
    """
    for key, unique in customers.profiles.items():
        if not unique.is_unique or unique.dates or isinstance(key, Part) or unique.is_email:
            continue
        for name, profile in table.profiles.items():
            if profile.dates or profile.filled < _SHARE * profile.rows or len(profile.values) < _FEWEST_NAMED:
                continue
            is_same = name == key or words_of(name) == words_of(key)
            is_called = "customer" in concepts_of(name) or is_same or _names_most(profile, unique)
            if (is_called or _are_codes(profile)) and not _is_of_other(name) and _is_in(profile, unique):
                yield name, key


def _names_most(profile: Profile, keys: Profile) -> bool:
    """Tell whether a heading calls values ids of something that nobody knows, and most of the keys are among these."""
    says = concepts_of(profile.name)
    is_an_id = "id" in says and len(says) > 1 and all(one.startswith("?") for one in says - {"id"})
    return is_an_id and len(profile.values) >= _SHARE_OF_KEYS * len(keys.values)


def _is_of_other(name: str) -> bool:
    says = concepts_of(name)
    others = {"line", "product", "subscription", "date", "amount", "name", "country", "zip"}
    return bool(says & (others if "customer" in says else others | {"invoice"}))


def _are_codes(profile: Profile) -> bool:
    texts = [str(value).strip() for value in profile.values]
    return all(len(text) >= _SHORTEST_CODE and any(map(str.isdigit, text)) and " " not in text for text in texts)


def _let_be_customers(table: Understanding, name: str) -> None:
    roles = table.roles
    roles.release(name)
    roles.columns.pop("customer_id", None)
    for role in [role for role, names in roles.rivals.items() if name in names or role == "customer_id"]:
        roles.left += [one for one in table.settle_rivals(role) if one != name]
    roles.refused -= {("customer_id", name)}
    give(roles, "customer_id", name)


# --- lists within records


def _relate_list(lines: Understanding, tables: Sequence[Understanding]) -> None:
    """Give the elements of a list the id of the document that they are in."""
    if not isinstance(lines.table, ListTable) or lines.table.whole is None:
        return
    whole = lines.table.whole
    header = next(one for one in tables if one.table.found is whole.found)
    key = _id_of_documents(header)
    if key is None:
        return
    _take(header, key)
    lines.parent = header
    lines.table, outer = with_outer(lines.table, key)
    lines.profiles[outer] = profile_of(lines.table, outer)
    own = [name for name in lines.profiles if name != outer and proofs.are_copies(lines.table, name, outer)]
    _take(lines, own[0] if len(own) == 1 else outer)


def _id_of_documents(header: Understanding) -> str | None:
    """Return what tells the documents of a table apart, whose lines are within them; None if it isn't one of these."""
    if not header.column("invoice_date") and not _has_documents(header):
        return None
    own = header.profile("invoice_id") or header.profile("id")
    if own and own.is_unique:
        return own.name
    names = [name for name, profile in header.profiles.items() if profile.is_unique and _may_be_id(profile)]
    if not names:
        codes = [one for one in header.profiles.values() if one.is_unique and not one.dates and not _is_figure(one)]
        return codes[0].name if len(codes) == 1 else None
    called = [name for name in names if concepts_of(name) & {"invoice", "document"}]
    return min(called or names, key=plainness, default=None)


def _may_be_id(profile: Profile) -> bool:
    says = concepts_of(profile.name)
    is_own = "id" in says and not says & {"order", "quote", "customer"}
    return is_own and not _is_figure(profile) and not profile.dates


def _is_figure(profile: Profile) -> bool:
    return profile.numbers is not None and not profile.numbers.whole


# --- lines


def _is_of_documents(table: Understanding) -> bool:
    has_customer = table.column("customer_id") or table.column("customer_name")
    says = concepts_of(table.table.name)
    is_called = "invoice" in says and not says & {"line", "paid", "customer"}
    if table.column("canceled_date") and not _has_documents(table):
        return False  # Contracts: they begin, and end.
    if is_called and has_customer and _has_documents(table) and not _is_of_customers(table):
        return True
    if table.column("invoice_date") and (has_customer or is_called):
        return not _is_of_customers(table)
    is_counted = any(one.is_unique and one.dates is None for one in table.profiles.values())
    return is_counted and _has_documents(table) and (is_called or not table.column("period_end"))


def _has_a_day(table: Understanding) -> bool:
    """Tell whether rows have a day of their own, as documents and payments do: none that is due, starts, or ends."""
    return any(profile.days and not concepts_of(name) & _NO_DAYS for name, profile in table.profiles.items())


def _is_named_lines(table: Understanding) -> bool:
    """Tell whether a table is called one of lines: such may repeat what their invoices say."""
    invoice = table.profile("invoice_id")
    return "line" in concepts_of(table.table.name) and invoice is not None and not invoice.is_unique


def _keys(lines: Understanding, header: Understanding) -> Iterator[tuple[str, str]]:
    """Yield the columns of lines and of documents by which the former name the latter."""
    own, theirs = lines.profile("invoice_id"), header.profile("invoice_id")
    if own and theirs and theirs.is_unique and _is_in(own, theirs):
        yield own.name, theirs.name
    for key, unique in header.profiles.items():
        if not unique.is_unique or unique.dates or not unique.is_whole or isinstance(key, Part):
            continue
        for name, profile in lines.profiles.items():
            if profile.is_unique and concepts_of(name) == {"id"} and not _have_letters(profile):
                continue  # Its own: counters of two tables are among each other's.
            is_same = name == key or words_of(name) == words_of(key) or {"id"} <= concepts_of(key) <= concepts_of(name)
            is_called = is_same and _is_key(name)
            is_proved = _is_code_of_several(profile) and not concepts_of(name) & _OF_OTHERS
            if (is_called or is_proved) and profile.filled == profile.rows and _is_in(profile, unique):
                yield name, key


def _is_key(name: str) -> bool:
    says = concepts_of(name)
    others = says & _OF_OTHERS - ({"customer"} if _says_document_too(name) else set())
    return not others and bool(says & _IDS | says & {"id"})


def _is_code_of_several(profile: Profile) -> bool:
    """Tell whether values are no small counters, and stand in several rows each."""
    return not profile.is_unique and not profile.dates and len(profile.values) >= _FEWEST_NAMED and _are_codes(profile)


def _have_letters(profile: Profile) -> bool:
    return all(any(map(str.isalpha, str(value))) for value in profile.values)


def _says_id(name: str) -> bool:
    return "id" in concepts_of(name)


def _is_in(some: Profile, all_of: Profile) -> bool:
    known = {str(value).strip() for value in all_of.values}
    return bool(some.values) and sum(str(one).strip() in known for one in some.values) >= _SHARE * len(some.values)


def _take(table: Understanding, name: str) -> None:
    roles = table.roles
    before = table.profile("invoice_id")
    roles.release(name)
    roles.rivals.pop("invoice_id", None)
    table.doubts.pop("invoice_id", None)
    roles.columns["invoice_id"] = name
    _settle_without(table, name)
    if before and before.name != name and before.is_unique and concepts_of(before.name) == {"id"}:
        roles.columns.setdefault("id", before.name)  # The rows' own.
    roles.left = [one for one in roles.left if one != name]


def _settle_without(table: Understanding, name: str) -> None:
    """Take a column that has a role now from the rivals for others: the only one that is left has it."""
    for role, names in list(table.roles.rivals.items()):
        if name not in names:
            continue
        others = [one for one in names if one != name]
        table.roles.rivals[role] = others
        if len(others) == 1:
            table.settle_rivals(role)
            table.roles.columns.setdefault(role, others[0])


def relate_subscriptions(lines: Understanding, contracts: Understanding) -> None:
    """Find the column of lines that names subscriptions of a table: under the same heading, or called by that table."""
    key, named = contracts.profile("subscription_id"), lines.profile("subscription_id")
    if key is None or named:
        if key and named and not _is_in(named, key):
            _name_contracts(contracts, named)
        return
    rows = concepts_of(contracts.table.name)
    for name, profile in lines.profiles.items():
        what = concepts_of(name) - {"id"}
        is_called = name == key.name or ("id" in concepts_of(name) and bool(what) and what <= rows)
        if is_called and concepts_of(name) != {"id"} and _is_in(profile, key):
            lines.roles.release(name)
            for role in [role for role, names in lines.roles.rivals.items() if name in names]:
                lines.settle_rivals(role)
            give(lines.roles, "subscription_id", name)
            return


def _name_contracts(contracts: Understanding, named: Profile) -> None:
    """Take for the subscriptions' id what lines name, where that is another of their columns."""
    unique = [one.name for one in contracts.profiles.values() if one.is_unique and _is_in(named, one)]
    if len(unique) == 1:
        contracts.roles.release(unique[0])
        contracts.roles.columns["subscription_id"] = unique[0]


def ask_what_documents_are(table: Understanding, invoices: Sequence[Understanding]) -> str | None:
    """Ask whether documents beside others of the same shape are credits; return the answer, None until there is one.

    Nothing is asked of a table whose name says it, nor of one with just the same headings, whose numbers go on with the
    other's.

    Args:
        invoices: the other tables of documents.
    """
    says, own = concepts_of(table.table.name), without_affix(table.table.columns)
    if "credit" in says or table.holds_credits:
        return "invoices"  # Whether such are taken off is asked by their amounts.
    if may_be_called_credits(table):
        return ask_kind(table)
    same = [one for one in invoices if list(table.table.columns) == list(one.table.columns)]
    is_like = any(_is_like(own, without_affix(one.table.columns)) for one in invoices)
    if "invoice" in says or not is_like:
        return "invoices"
    if same and not any(_are_numbered_apart(table, one) for one in same):
        return "invoices"
    return ask_kind(table, likely="invoices" if same else "credits")


def _are_numbered_apart(table: Understanding, other: Understanding) -> bool:
    """Tell whether a table's documents have letters before their numbers that the other's haven't."""
    own, others = table.profile("invoice_id"), other.profile("invoice_id")
    if own is None or others is None:
        return False
    return prefix_of({str(one) for one in own.values}, {str(one) for one in others.values}) is not None


def ask_kind(table: Understanding, likely: str = "credits") -> str | None:
    """Ask what the documents of a table are; return the answer, None until there is one."""
    question = Question(
        table.question_id("kind"),
        words(f"What are the documents of {table.table.name}?", f"Que sont les documents de {table.table.name} ?"),
        tuple(table.table.columns),
        answers(
            invoices=("invoices", "des factures"),
            credits=("credit notes", "des avoirs"),
            none=("neither", "ni l'un ni l'autre"),
        ),
        likely=likely,
    )
    return table.questions.ask(question)


def _is_like(own: set[str], other: set[str]) -> bool:
    return len(own & other) >= _SAME_HEADINGS * len(own)
