"""What a row's net amount is: named and not contradicted, proved by sums, computed from the gross one, or asked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from fincome_tools.draft.columns import proofs
from fincome_tools.draft.columns.content import free, give
from fincome_tools.draft.columns.names import concepts_of, says_without_tax
from fincome_tools.draft.columns.nested import quoted
from fincome_tools.draft.columns.numbers import number
from fincome_tools.draft.columns.profiles import Profile
from fincome_tools.draft.decisions.decisions import Decision
from fincome_tools.draft.decisions.questions import Other, Question, answers, words
from fincome_tools.draft.fields.document_sums import sums_of
from fincome_tools.draft.tables.understanding import Understanding, settle_numbers

_NO_AMOUNTS = frozenset({"rate", "quantity", "id", "date", "siret", "zip", "balance", "paid", "due", "unit", "price"})

_LEAST_TAXED = 0.9
_LEAST_DOUBT = 0.5

Found = tuple[Decision | None, str | None]
"""A decision, or the id of the question that it waits for."""


def net_amount(table: Understanding) -> Found:
    """Return a row's amount without tax."""
    for role in ("net", "amount", "gross", "unit_price"):
        if doubt := table.doubts.get(table.column(role) or role):
            return None, doubt
        if table.column(role) and role != "unit_price":
            break  # What a price may be doesn't matter then.
    if net := table.column("net"):
        return _named_net(table, net)
    if before := table.column("before_discount"):
        return _less(table, before)
    if amount := table.column("amount"):
        return _plain_amount(table, amount)
    if gross := table.column("gross"):
        return _of_gross(table, gross)
    quantity, unit = table.column("quantity"), table.column("unit_price")
    if quantity and unit:
        return _product(table, quantity, unit)
    debit, credit = table.column("debit"), table.column("credit_side")
    if debit and credit:
        return _of_sides(table, debit, credit)
    return None, None


def _less(table: Understanding, before: str) -> Found:
    """Take a row's discount off its amount; one that is written below zero is added."""
    deducted = table.column("deducted")
    part = deducted or table.column("reduction") or ""
    if doubt := table.doubts.get(before) or table.doubts.get(part):
        return None, doubt
    first, second = table.number(before), table.number(part)
    if first is None or second is None:
        return None, None
    reason = table.roles.why.get("net", f"{before} less {part}, as answered")
    taken = "subtract" if deducted else "add"
    return Decision(f"{taken}({first}, coalesce({second}, `0`))", reason, (before, part)), None


def _of_sides(table: Understanding, debit: str, credit: str) -> Found:
    """Return a row's amount of a debit and a credit; which is taken off the other is asked."""
    first, second = table.number(credit), table.number(debit)
    question = Question(
        table.question_id("sides"),
        words(
            f"What is a row's amount without tax: {credit} less {debit}, or {debit} less {credit}?",
            f"Quel est le montant HT d'une ligne : {credit} moins {debit}, ou {debit} moins {credit} ?",
        ),
        (debit, credit),
        answers(
            credit=(f"{credit} less {debit} (an account of revenue)", f"{credit} moins {debit} (compte de produits)"),
            debit=(f"{debit} less {credit} (a customer's account)", f"{debit} moins {credit} (compte de clients)"),
            none=("neither: leave the amounts out", "ni l'un ni l'autre : ne pas utiliser les montants"),
        ),
        likely="credit",
    )
    answer = table.questions.ask(question)
    if answer not in ("credit", "debit") or first is None or second is None:
        return None, question.id
    parts = [f"coalesce({one}, `0`)" for one in ((first, second) if answer == "credit" else (second, first))]
    return Decision(f"subtract({', '.join(parts)})", "as answered", (credit, debit)), None


def _named_net(table: Understanding, net: str) -> Found:
    if proof := proof_of_net(table, net):
        return table.reading(net, table.number(net), proof), None
    gross, tax = table.column("gross"), table.column("tax")
    if gross and tax and (tally := proofs.add_up(table.table, [net, tax], gross, table.marks)).say:
        return _ask(table, net, f"{net} + {tax} is {gross} only {tally}")
    if not says_without_tax(net):
        return _ask(table, net, "nothing proves that tax isn't in it")
    return table.reading(net, table.number(net), "the heading says net"), None


def proof_of_net(table: Understanding, net: str) -> str | None:
    """Return what proves that an amount is the one without tax: whatever its heading says."""
    if why := table.roles.why.get("net"):
        return why
    gross, tax, rate = (table.column(role) for role in ("gross", "tax", "tax_rate"))
    plain, marks = table.column("amount"), table.marks
    if net not in marks:
        return None
    wholes = [whole for whole in (gross, plain) if whole and whole != net and whole in marks]
    for whole in wholes if tax else ():
        tally = proofs.add_up(table.table, [net, tax or ""], whole, marks)
        if tally.is_enough:
            return f"{net} + {tax} = {whole} {tally}"
    if tax and (other := _other_whole(table, net, tax) or _proof_by_further_taxes(table, net)):
        return other
    if tax and wholes:
        return None  # A tax on something else, such as on what a discount leaves.
    if tax and rate and (tally := proofs.at_rates(table.table, net, rate, tax, marks)).is_enough:
        return f"{tax} is {net} x {rate} {tally}"
    if tax and _is_of_less(table, net, tax):
        return None
    if tax and (tally := proofs.known_rate(table.table, net, tax, marks)).is_enough:
        return f"{tax} is a known rate of {net} {tally}"
    for whole in wholes:
        if (tally := proofs.with_tax(table.table, net, whole, marks)).is_enough:
            return f"{whole} is {net} with tax at a known rate {tally}"
    return None


def _is_of_less(table: Understanding, amount: str, tax: str) -> bool:
    """Tell whether taxes are of less than an amount where the row has a discount."""
    less, marks = table.column("discount"), table.marks
    if less is None or not {amount, less, tax} <= marks.keys():
        return False
    return proofs.are_of_less(
        (row[0], row[1], row[2]) for row in proofs.figures_of(table.table, [amount, less, tax], marks)
    )


def _proof_by_further_taxes(table: Understanding, net: str) -> str | None:
    """Return how an amount and all taxes make the gross one, less what was paid of it by a credit."""
    gross, tax = table.column("gross") or table.column("amount"), table.column("tax")
    if not gross or not tax or gross == net:
        return None
    further = _further_taxes(table, tax)
    for paid in [None, *_credited(table)]:
        parts = [net, tax, *further]
        whole = [gross, paid] if paid else [gross]
        tally = proofs.make_same(table.table, parts, whole, table.marks)
        if tally.is_enough:
            return f"{' + '.join(parts)} = {' + '.join(whole)} {tally}"
    return None


def _credited(table: Understanding) -> list[str]:
    """Return the columns of what was paid by credits."""
    found = []
    for name, profile in table.profiles.items():
        says = concepts_of(name)
        if says & {"credit", "paid"} and not says & {"id", "date"} and (mark := profile.only_mark):
            table.marks.setdefault(name, mark)
            found.append(name)
    return found


def _other_whole(table: Understanding, net: str, tax: str) -> str | None:
    """Return what proves a net amount where what is called gross is another amount, such as that before discounts."""
    for name in free(table.roles):
        mark = table.profiles[name].only_mark
        if mark is not None:
            tally = proofs.add_up(table.table, [net, tax], name, {**table.marks, name: mark})
            if tally.is_proof:
                return f"{net} + {tax} = {name} {tally}"
    return None


def _plain_amount(table: Understanding, amount: str) -> Found:
    """An amount of which the heading doesn't say whether it is net: arithmetic tells, or it is asked."""
    gross, tax = table.column("gross"), table.column("tax")
    if gross and tax:
        tally = proofs.add_up(table.table, [amount, tax], gross, table.marks)
        if tally.is_enough:
            return table.reading(amount, table.number(amount), f"net: {amount} + {tax} = {gross} {tally}"), None
    if tax:
        tally = proofs.known_rate(table.table, amount, tax, table.marks)
        if tally.is_proof and not _is_of_less(table, amount, tax):
            return table.reading(amount, table.number(amount), f"net: {tax} is a known rate of it {tally}"), None
        if proved := _proof_of_gross(table, amount, tax):
            return _of_gross(table, amount, f"{tax} is in it, at a known rate {proved}")
    return _ask(table, amount, "the heading doesn't say whether tax is in it")


def _ask(table: Understanding, amount: str, why: str) -> Found:
    question = _question_of_net(*(table.summed or (table, amount)), why)
    answer = table.questions.ask(question)
    if answer is None:
        return None, question.id
    if answer == "net":
        return table.reading(amount, table.number(amount), "without tax, as answered"), None
    if answer == "gross":
        return _of_gross(table, amount)
    return _at_rate(table, amount, answer), None


def _question_of_net(table: Understanding, amount: str, why: str) -> Question:
    """Return the question whether an amount is without tax: that of documents goes for the lines that make it, too."""
    tax, rate = table.column("tax"), table.column("tax_rate")
    possible = answers(net=("without tax", "hors taxe"))
    if tax:
        possible = {**possible, **answers(gross=(f"with tax: {tax} is taken off", f"TTC : {tax} est déduit"))}
    elif rate:
        possible = {**possible, **answers(gross=(f"with tax, at {rate}", f"TTC, au taux {rate}"))}
    listed = ", ".join(dict.fromkeys([amount, *table.summands]))
    return Question(
        table.question_id("net"),
        words(
            f"Is {listed} without tax? ({why}; with tax at one rate: answer the rate in percent)",
            f"{listed} : hors taxe ? (TTC à un taux unique : répondre par le taux en pour cent)",
        ),
        tuple(dict.fromkeys(filter(None, (amount, tax or rate, *table.summands)))),
        possible,
        other=_ANY_RATE,
    )


def _proof_of_gross(table: Understanding, amount: str, tax: str) -> proofs.Tally | None:
    """Return in how many rows a tax is in an amount, if that is proved, and it isn't as well a rate of all of it."""
    marks, rate = table.marks, table.column("tax_rate")
    if amount not in marks or tax not in marks:
        return None
    tally = proofs.gross_at_rates(table.table, amount, rate if rate in marks else None, tax, marks)
    of_it = proofs.known_rate(table.table, amount, tax, marks)
    return tally if tally.is_proof and of_it.agree < _LEAST_DOUBT * of_it.say else None


def _of_gross(table: Understanding, gross: str, why: str = "") -> Found:
    """Take the tax off: by its amount, by its rate, or by a rate that is asked."""
    tax, rate = table.column("tax"), table.column("tax_rate")
    whole = table.number(gross)
    if (free_of := _without_tax(table, tax, rate)) and whole:
        return table.reading(gross, whole, f"there is no tax: {free_of} is 0 in all rows"), None
    is_turned = tax in table.marks and whole and tax and proofs.is_turned(table.table, gross, tax, table.marks)
    if is_turned and rate and whole and (percent := _percent(table, rate)):
        return Decision(_net_of(table, whole, percent), f"{gross} without {rate}", (gross, rate)), None
    if tax and whole and (less := _less_tax(table, gross, tax, why)):
        return less, None
    if rate and whole and (percent := _percent(table, rate)):
        return Decision(_net_of(table, whole, percent), f"{gross} without {rate}", (gross, rate)), None
    question = Question(
        table.question_id("rate"),
        words(
            f"{gross} holds tax: at which rate, in percent? (0: there is none)",
            f"{gross} est TTC : à quel taux, en pour cent ? (0 : sans taxe)",
        ),
        (gross,),
        answers(**{"20": ("20 %", "20 %"), "0": ("no tax", "sans taxe")}),
        other=_ANY_RATE,
    )
    answer = table.questions.ask(question)
    return (None, question.id) if answer is None else (_at_rate(table, gross, answer), None)


def _less_tax(table: Understanding, gross: str, tax: str, why: str) -> Decision | None:
    """Take the amount of the tax off, whatever its sign; nothing where this isn't always the same."""
    whole, part = table.number(gross), table.number(tax)
    if whole is None or part is None:
        return None
    same, opposite = proofs.signs_alike(table.table, gross, tax, table.marks)
    if same and opposite:
        return None
    further = _further_taxes(table, tax)
    parts = ", ".join([part, *(table.number(name) or "" for name in further)])
    said = f"{gross} less {', '.join([tax, *further])}"
    reason = "; ".join(filter(None, [said, "whose sign is turned" if opposite else "", why]))
    return Decision(f"{'add' if opposite else 'subtract'}({whole}, {parts})", reason, (gross, tax, *further))


def _without_tax(table: Understanding, *columns: str | None) -> str | None:
    """Return the column of taxes, or of their rates, that says that there are none."""
    for name in columns:
        profile = table.profiles.get(name or "")
        is_whole = profile is not None and profile.name in table.marks and profile.filled == profile.rows
        if profile and is_whole and not any(number(value, table.marks[profile.name]) for value in profile.values):
            return profile.name
    return None


def _further_taxes(table: Understanding, tax: str) -> list[str]:
    """Return the columns of further taxes, numbered as the first one is; one that is empty today is written alike."""
    found = []
    for name in table.profiles:
        besides = concepts_of(name) ^ concepts_of(tax)
        if besides and all(one.removeprefix("?").isdigit() for one in besides):
            mark = table.profiles[name].only_mark if table.profiles[name].filled else table.marks[tax]
            if mark is not None:
                table.marks[name] = mark
                found.append(name)
    return found


def _net_of(table: Understanding, whole: str, percent: str) -> str:
    """Return an amount without its tax, to the cent as its invoice has it."""
    currency = table.column("currency")
    return f"round_money(net_of({whole}, {percent}), {quoted(currency) if currency else '`null`'})"


def _percent(table: Understanding, rate: str) -> str | None:
    """Return a rate in percent; rates of which none reaches one are shares: 0.2 are 20 %."""
    expression = table.number(rate)
    if expression is None:
        return None
    found = [number(value, table.marks[rate]) or Decimal(0) for value in table.profiles[rate].values]
    return f"multiply({expression}, `100`)" if 0 < max(found) < 1 else expression


def _at_rate(table: Understanding, gross: str, rate: str) -> Decision | None:
    percent = _plain_rate(rate)
    whole = table.number(gross)
    if whole is None:
        return None
    expression = whole if percent == "0" else _net_of(table, whole, f"`{percent}`")
    return Decision(expression, f"{gross} without {rate} % of tax, as answered", (gross,))


def _product(table: Understanding, quantity: str, unit: str) -> Found:
    if proof := table.roles.why.get("unit_price"):
        return _proved_product(table, (quantity, unit), proof)
    question = Question(
        table.question_id("product"),
        words(f"Is a row's net amount {quantity} x {unit}?", f"Le montant HT d'une ligne est-il {quantity} x {unit} ?"),
        (quantity, unit),
        answers(yes=("yes", "oui"), no=("no, leave the amounts out", "non, ne pas utiliser les montants")),
        likely="yes",
    )
    answer = table.questions.ask(question)
    first, second = table.number(quantity), table.number(unit)
    if answer != "yes" or first is None or second is None:
        return None, question.id
    return Decision(f"multiply({first}, {second})", f"{quantity} x {unit}, as answered", (quantity, unit)), None


def _proved_product(table: Understanding, columns: tuple[str, str], proof: str) -> Found:
    """Return a row's amount as a product that makes its document's; whether that is without tax may be asked."""
    parts = [part for part in map(table.number, columns) if part]
    if len(parts) < len(columns):
        return None, table.doubts.get(columns[0]) or table.doubts.get(columns[1])
    product = f"multiply({', '.join(parts)})"
    if table.summed is None:
        return Decision(product, proof, columns), None
    question = _question_of_net(*table.summed, "nothing proves that tax isn't in it")
    answer = table.questions.ask(question)
    if answer is None:
        return None, question.id
    if answer == "net":
        return Decision(product, f"{proof}; without tax, as answered", columns), None
    tax, rate = table.column("tax"), table.column("tax_rate")
    if answer == "gross" and tax and (part := table.number(tax)):
        return Decision(f"subtract({product}, {part})", f"{proof}; less {tax}", (*columns, tax)), None
    if answer == "gross" and rate and (percent := _percent(table, rate)):
        return Decision(_net_of(table, product, percent), f"{proof}; without {rate}", (*columns, rate)), None
    if answer == "gross":
        return None, question.id
    return Decision(_net_of(table, product, f"`{_plain_rate(answer)}`"), f"{proof}; without {answer} %", columns), None


_RATE = re.compile(r"\d{1,2}(?:[.,]\d+)?\s*%?")
_ANY_RATE = Other("a rate in percent, such as 8.5", lambda text: _RATE.fullmatch(text.strip()) is not None)


def _plain_rate(rate: str) -> str:
    return rate.strip().rstrip("% ").replace(",", ".")


def tax_amount(table: Understanding, net: Decision | None) -> Decision | None:
    """Return a row's tax, unless it is another amount's by what it comes to.

    Args:
        net: the row's amount without tax, if it is known.
    """
    tax = table.column("tax")
    value = optional_number(table, "tax")
    named = (table.column(role) for role in ("net", "before_discount", "amount", "gross"))
    whole = net.columns[0] if net and net.columns else next(filter(None, named), None)
    if tax is None or value is None or (whole and _is_turned(table, whole, tax)):
        return None
    if net and len(net.columns) > 1:
        return value
    column = net.columns[0] if net else None
    if column is None or column not in table.marks:
        return None if "invoice_id" in table.doubts else value
    tallies = [proofs.known_rate(table.table, column, tax, table.marks)]
    if rate := table.column("tax_rate"):
        tallies.append(proofs.at_rates(table.table, column, rate, tax, table.marks))
    if gross := table.column("gross"):
        tallies.append(proofs.add_up(table.table, [column, tax], gross, table.marks))
    if all(not number(one, table.marks[tax]) for one in table.profiles[tax].values):
        return None  # Of what it is the tax, nothing tells.
    is_so = any(tally.agree >= _LEAST_TAXED * tally.say for tally in tallies)
    return value if is_so else None


def _is_turned(table: Understanding, amount: str, tax: str) -> bool:
    """Tell whether the sign of a tax isn't, or not always, its amount's."""
    return amount in table.marks and proofs.signs_alike(table.table, amount, tax, table.marks)[1] > 0


def optional_number(table: Understanding, role: str) -> Decision | None:
    """Return a further figure of a row: only what is named without a rival and can be read for sure."""
    column = table.column(role)
    return table.reading(column, table.number(column)) if column else None


def settle_by_invoices(lines: Understanding, invoices: Understanding) -> bool:
    """Take the one column of lines that makes, invoice by invoice, the net or the gross amount of these for just this.

    Returns:
        Whether one was taken.
    """
    plain = lines.column("amount")
    if (net := lines.column("net")) and proof_of_net(lines, net) is None:
        _prove_by_invoices(lines, net, invoices)
    if net or lines.column("gross") or lines.column("before_discount"):
        return False
    others = [name for name in (*free(lines.roles), lines.column("unit_price")) if name and _may_sum(lines, name)]
    for role in ("net", "gross") if _is_net(invoices) else ("gross", "less tax"):
        for possible in ([plain] if plain else [], others):
            proved = _without_copies(lines, [name for name in possible if _make(lines, name, invoices, role)])
            if len(proved) == 1:
                _take_sum(lines, proved[0], invoices, role)
                return True
    return False


def compare_amounts(lines: Understanding, invoices: Understanding) -> None:
    """Find which of the documents' amounts the lines make, where nothing tells what either is: it is asked once.

    A figure that makes it only times a quantity is a price.
    """
    price = lines.column("amount") or lines.column("unit_price")
    own, quantity = lines.column("net") or lines.column("amount"), lines.column("quantity")
    if lines.column("before_discount"):
        return
    if lines.column("gross") or (lines.column("net") and proof_of_net(lines, lines.column("net") or "")):
        return
    for role in ("net", "amount", "gross"):
        whole = invoices.column(role)
        if whole is None:
            continue
        if own and _make(lines, own, invoices, role):
            if not (role == "net" and _is_net(invoices)):
                _share_question(lines, own, invoices, whole)
            return
        if not price or not quantity or lines.column("net"):
            continue
        if tally := _make(lines, price, invoices, role, quantity):
            lines.roles.release(price)
            give(lines.roles, "unit_price", price)
            lines.roles.why["unit_price"] = f"{quantity} x {price}: the lines of an invoice make its {whole} {tally}"
            if not (role == "net" and _is_net(invoices)):
                _share_question(lines, price, invoices, whole)
                invoices.summands.append(quantity)
            return


def leave_gross_to_lines(lines: Understanding, invoices: Understanding) -> None:
    """Take a plain amount of documents aside that lines make only with their tax: what is without it, these tell."""
    amount, net, tax, gross = invoices.column("amount"), *(lines.column(role) for role in ("net", "tax", "gross"))
    if amount is None or net is None or any(invoices.column(role) for role in ("net", "gross", "before_discount")):
        return
    if not (says_without_tax(net) or proof_of_net(lines, net)) or _make(lines, net, invoices, "amount"):
        return
    parts = [gross] if gross else [net, tax] if tax else []
    if not parts or not set(parts) <= lines.marks.keys():
        return
    if _compared(sums_of(lines, *parts), _wholes(invoices, "amount")):
        invoices.roles.release(amount)
        invoices.roles.left.append(amount)


def _share_question(lines: Understanding, own: str, invoices: Understanding, whole: str) -> None:
    lines.summed = (invoices, whole)
    invoices.summands.append(own)


def _may_sum(lines: Understanding, name: str) -> bool:
    return _may_be_amount(lines.profiles[name]) or (name == lines.column("unit_price") and _is_amount(lines, name))


def _is_amount(lines: Understanding, name: str) -> bool:
    return not concepts_of(name) & {"unit", "rate"} and not lines.profiles[name].is_unique


def _without_copies(table: Understanding, names: list[str]) -> list[str]:
    """Return columns without those whose values are in all rows another's."""
    found: list[str] = []
    for name in names:
        if not any(proofs.are_copies(table.table, one, name) for one in found):
            found.append(name)
    return found


def _take_sum(lines: Understanding, name: str, invoices: Understanding, role: str) -> None:
    """Give the column that makes the invoices' amount its role; with their tax it may show that theirs is gross."""
    whole = invoices.column("gross") or invoices.column("amount") if role == "less tax" else invoices.column(role)
    said = f"{whole} less {invoices.column('tax')}" if role == "less tax" else whole
    tally = _make(lines, name, invoices, role)
    if role == "less tax" and whole == invoices.column("amount"):
        invoices.roles.columns["gross"] = invoices.roles.columns.pop("amount")
    own = "net" if role == "less tax" else role
    lines.roles.columns.pop("amount", None)
    lines.roles.release(name)
    give(lines.roles, own, name)
    lines.roles.why[own] = f"the lines of an invoice make its {said} {tally}"
    settle_numbers(lines)


def _is_net(invoices: Understanding) -> bool:
    net = invoices.column("net")
    return net is not None and (says_without_tax(net) or proof_of_net(invoices, net) is not None)


def _prove_by_invoices(lines: Understanding, net: str, invoices: Understanding) -> None:
    if _is_net(invoices) and (tally := _make(lines, net, invoices, "net")):
        lines.roles.why["net"] = f"the lines of an invoice make its {invoices.column('net')} {tally}"


def compare_headings(tables: Sequence[Understanding]) -> None:
    """Let an amount without tax be that in tables with the same headings, too: `Subtotal` of invoices and credits."""
    proved = {net: one for one in tables if (net := one.column("net")) and proof_of_net(one, net)}
    for table in tables:
        net, totals = table.column("net"), [table.column(role) for role in ("gross", "amount")]
        other = proved.get(net or "")
        if net is None or other is None or other is table or proof_of_net(table, net):
            continue
        if any(total in other.profiles for total in totals if total):
            table.roles.why["net"] = f"as {net} of {other.table.name}"


def _may_be_amount(profile: Profile) -> bool:
    numbers = profile.numbers
    return numbers is not None and not profile.is_unique and not concepts_of(profile.name) & _NO_AMOUNTS


def _make(
    lines: Understanding, name: str, invoices: Understanding, role: str, quantity: str | None = None
) -> proofs.Tally | None:
    """Return in how many invoices the lines make an amount, if that is proved: of a role, or the gross less tax.

    Args:
        quantity: the column that the figure is to be multiplied with.
    """
    ours, mark = lines.column("invoice_id"), lines.marks.get(name) or lines.profiles[name].only_mark
    wholes = _wholes(invoices, role)
    counted = lines.marks.get(quantity) if quantity else "."
    if ours is None or mark is None or counted is None or not wholes:
        return None
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for identity, value, count in proofs.rows_of(lines.table, [ours, name, quantity or ours]):
        times = proofs.figure(count, counted) or Decimal(0) if quantity else Decimal(1)
        sums[str(identity)] += times * (proofs.figure(value, mark) or Decimal(0))
    return _compared(sums, wholes)


def _compared(sums: Mapping[str, Decimal], wholes: Sequence[tuple[str, Decimal]]) -> proofs.Tally | None:
    """Return in how many documents the sums of lines are their amounts, if that is proved."""
    tally = proofs.Tally()
    for identity, amount in wholes:
        if amount and identity in sums:
            tally.add(holds=abs(sums[identity] - amount) <= proofs.CENT)
    return tally if tally.is_enough else None


def _wholes(invoices: Understanding, role: str) -> list[tuple[str, Decimal]]:
    """Return the amount of each invoice: of a role, or the gross one less the tax; nothing where there is no such."""
    number_, whole, tax = invoices.column("invoice_id"), invoices.column(role), None
    if role == "less tax":
        whole, tax = invoices.column("gross") or invoices.column("amount"), invoices.column("tax")
        if tax is None or tax not in invoices.marks or _without_tax(invoices, tax):
            return []
    if number_ is None or whole is None or whole not in invoices.marks:
        return []
    found = []
    for identity, value, part in proofs.rows_of(invoices.table, [number_, whole, tax or whole]):
        amount = proofs.figure(value, invoices.marks[whole]) or Decimal(0)
        less = proofs.figure(part, invoices.marks[tax]) if tax else None
        found.append((str(identity), amount - (less or Decimal(0))))
    return found
