"""The log of requests: some of it, and one request with its body."""

import json

from fincome_sandbox.contract import Contract
from fincome_sandbox.exact_json import Json, NotJsonError, parse, write
from fincome_sandbox.page import log
from fincome_sandbox.page.books import Books
from fincome_sandbox.page.paging import Paging
from fincome_sandbox.store import LONGEST_BODY, Store

_ROWS = 50


def some(contract: Contract, store: Store, choice: log.Choice, page: int) -> dict[str, object]:
    """The chosen requests, the newest first."""
    total, lines = log.newest_first(store, choice, Paging(page, _ROWS, 0).offset, _ROWS)
    return {
        "choice": choice,
        "requests": lines,
        "paging": Paging(page, _ROWS, total),
        "entities": list(contract.entities),
    }


def one(store: Store, books: Books, number: int) -> dict[str, object] | None:
    """One request with what it sent and was answered; None if there is no such request."""
    found = next(iter(store.log_lines("number = ?", min(number, 2**62))), None)
    if found is None:
        return None
    kept = store.body(number)
    body, answer = kept or (b"", None)
    request = found[1]
    return {
        "number": number,
        "request": request,
        "body": pretty(body.decode("utf-8", "replace")) if kept else None,
        "cut": len(body) >= LONGEST_BODY,
        "answer": pretty(answer) if answer else None,
        "customer": request.id if request.entity == "customers" and request.id in books.customers else None,
    }


def pretty(text: str) -> str:
    """JSON with an indent, its numbers with their own digits; anything else as it is."""
    try:
        return _indented(parse(text), "\n")
    except (NotJsonError, RecursionError):
        return text


def _indented(value: Json, line: str) -> str:
    if isinstance(value, dict) and value:
        items = [f"{_indented(name, '')}: {_indented(item, line + '  ')}" for name, item in value.items()]
        return "{" + line + "  " + f",{line}  ".join(items) + line + "}"
    if isinstance(value, list) and value:
        return "[" + line + "  " + f",{line}  ".join(_indented(item, line + "  ") for item in value) + line + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else write(value)
