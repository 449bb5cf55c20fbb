"""An API that has bad minutes, and what stands before it: nothing is lost, and nothing counts as sent that isn't."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from itertools import count
from threading import Event

import pytest

from integration_tests.accounts import Answer, Call, Scripted, invalid
from integration_tests.messages import CUSTOMERS, INVOICES, LINES, Message, catalog, customer, invoice, line, state
from integration_tests.orchestrator import Platform
from unit_tests.fincome.raw_server import http_answer, raw_server

ONLY_CUSTOMERS = catalog(CUSTOMERS)
WITH_INVOICES = catalog(CUSTOMERS, INVOICES)
KEY = "raw-key-0123456789"
HTML = Answer(200, "<html>Sign in</html>", content_type="text/html")
NO_BACKEND = Answer(404, "404 page not found", content_type="text/plain")
FIREWALL = Answer(403, "<html>Request blocked</html>", content_type="text/html")
GATEWAY = Answer(403, {"message": "Forbidden"})
CREATED = http_answer(b'{"ok":true}', "201 Created")


def customers(count: int) -> list[Message]:
    """So many customers, and a state after them."""
    return [*(customer(f"c{number}") for number in range(count)), state("customers", {"cursor": count})]


def raw_config(base_url: str, **settings: object) -> dict[str, object]:
    """A config for a server that counts all that arrives: nothing is asked for that a test doesn't expect."""
    quiet = {"request_timeout_seconds": 1, "max_concurrency": 1, "stored_check": "off"}
    return {"api_key": KEY, "base_url": base_url, **quiet, **settings}


def id_in(request: bytes) -> str:
    found = re.search(rb'"id":"(\w+)"', request)
    return found[1].decode() if found else ""


# --- passing, or for good


@pytest.mark.parametrize("page", [NO_BACKEND, FIREWALL, GATEWAY, Answer(410, HTML.body), Answer(421), Answer(400)])
def test_given_a_parents_look_up_when_something_before_fincome_answers_then_it_is_asked_again(
    platform: Platform, fincome: Scripted, page: Answer
) -> None:
    fincome.script("cus_old", page)
    fincome.default = lambda call: Answer(200, {"id": call.id}) if call.verb == "GET" else Answer(201)
    messages = [*(invoice(f"in_{number}", "cus_old") for number in range(20)), state("invoices", 1)]
    seen = platform.sync(fincome.config(max_concurrency=8), WITH_INVOICES, *messages)
    assert seen.good
    assert seen.outcomes("invoices") == {"sent": 20}


@pytest.mark.parametrize(
    "trouble",
    [
        NO_BACKEND,
        FIREWALL,
        GATEWAY,
        Answer(401, {"message": "Unauthorized"}),
        Answer(413, "<html>Too large</html>", content_type="text/html"),
        Answer(404, ""),
        Answer(421, {"detail": "Misdirected"}),
        Answer(423, {"detail": "Locked: another import is running, retry later"}),
        Answer(425, {"detail": "Too Early"}),
        Answer(520, "<html>Unknown error</html>", content_type="text/html"),
        Answer(200, {"detail": "Internal quota exceeded, nothing was saved"}),
        Answer(200, {"success": False, "message": "PRIVATE"}),
    ],
    ids=lambda answer: f"{answer.status} {str(answer.body)[:20]}",
)
def test_given_an_answer_that_fincome_can_not_mean_for_good_when_an_object_gets_it_then_it_is_sent_again(
    platform: Platform, fincome: Scripted, trouble: Answer
) -> None:
    fincome.script("c2", trouble)
    seen = platform.sync(fincome.config(max_concurrency=8), ONLY_CUSTOMERS, *customers(4))
    assert seen.good
    assert seen.outcomes("customers") == {"sent": 4}
    assert Counter(fincome.written()) == {"c0": 1, "c1": 1, "c2": 2, "c3": 1}


# --- one object that fails for ever


@pytest.mark.parametrize("width", [1, 8])
@pytest.mark.parametrize("trouble", [Answer(500, {"detail": "Internal error"}), FIREWALL], ids=["500", "firewall"])
@pytest.mark.parametrize("number", [4, 60])
def test_given_an_object_that_fails_for_ever_when_others_are_accepted_then_it_alone_is_rejected_at_the_end(
    platform: Platform, fincome: Scripted, trouble: Answer, number: int, width: int
) -> None:
    fincome.script("c2", *[trouble] * 100)
    config = fincome.config(retry_minutes=0.05, max_concurrency=width)
    seen = platform.sync(config, ONLY_CUSTOMERS, *customers(number))
    assert seen.good
    assert seen.outcomes("customers") == {"sent": number - 1, "rejected": 1}
    assert seen.counts() == [(number - 1.0, 1.0)]
    (reason,) = seen.summary["reasons"]
    assert (reason["code"], reason["example"]) == ("kept_failing", "c2 of stream customers")
    assert f"Fincome answered {trouble.status}" in reason["text"]
    tries = [call.at for call in fincome.calls if call.id == "c2"]
    assert 4 <= len(tries) <= 9
    assert tries[-1] - tries[0] >= 3.0, "not before retry_minutes are over"


def test_given_an_outage_that_begins_with_the_last_object_then_it_is_no_trouble_of_its_own(
    platform: Platform, fincome: Scripted
) -> None:
    accepted: set[str] = set()

    def answer(call: Call) -> Answer:
        if len(accepted) == 59:
            return Answer(503)
        accepted.add(call.id)
        return Answer(201)

    fincome.default = answer
    config = fincome.config(retry_minutes=0.05, max_concurrency=1, stored_check="off")
    seen = platform.sync(config, ONLY_CUSTOMERS, *customers(60))
    kind, message = seen.failure
    assert (kind, seen.reasons("rejected"), seen.returned_ids()) == ("transient_error", [], [])
    assert "Fincome answered 503" in message


def test_given_an_object_that_fails_for_longer_than_patience_when_input_comes_on_then_it_is_tried_again(
    platform: Platform, fincome: Scripted
) -> None:
    tried, failed_once, failed = count(1), Event(), Event()

    def answer(call: Call) -> Answer:
        if call.id != "c2":
            return Answer(201)
        failed_once.set()
        if next(tried) < 5:
            return Answer(500)
        failed.set()
        return Answer(500 if not late.is_set() else 201)

    late = Event()
    fincome.default = answer
    with platform.started(fincome.config(retry_minutes=0.02), ONLY_CUSTOMERS) as live:
        live.send(*customers(4))
        assert failed_once.wait(20)
        live.send(customer("another"))
        assert failed.wait(20)
        late.set()
        live.send(customer("late"), state("customers", {"cursor": 5}))
        live.end_input()
        seen = live.finish(20)
    assert seen.good
    assert seen.outcomes("customers") == {"sent": 6}
    assert seen.returned_ids() == [1, 2]


@pytest.mark.parametrize("is_there", [True, False])
def test_given_an_object_that_fails_for_ever_when_even_a_look_at_it_fails_then_fincome_decides_about_its_children(
    platform: Platform, fincome: Scripted, is_there: bool
) -> None:
    def answer(call: Call) -> Answer:
        if call.id == "c2":
            return Answer(500)
        return Answer(201) if is_there or call.id != "in_2" else invalid("customer_id", "Customer not found")

    fincome.default = answer
    invoices = [invoice(f"in_{number}", f"c{number}") for number in range(4)]
    seen = platform.sync(
        fincome.config(retry_minutes=0.03), WITH_INVOICES, *customers(4), *invoices, state("invoices", 1)
    )
    assert seen.good
    assert seen.outcomes("customers") == {"sent": 3, "rejected": 1}
    assert seen.outcomes("invoices") == ({"sent": 4} if is_there else {"sent": 3, "rejected": 1})


def test_given_an_object_that_fails_for_ever_when_nothing_else_is_accepted_then_nothing_is_rejected(
    platform: Platform, fincome: Scripted
) -> None:
    """Other kinds of objects prove nothing of this one: its part of the API may be out of order."""
    fincome.default = lambda call: Answer(500 if "/invoices" in call.path else 201)
    messages = [*customers(30), invoice("in_1", "c1"), state("invoices", 1)]
    seen = platform.sync(fincome.config(retry_minutes=0.02), WITH_INVOICES, *messages)
    kind, message = seen.failure
    assert (kind, seen.reasons("rejected"), seen.returned_ids()) == ("transient_error", [], [1])
    assert "Fincome answered 500" in message
    assert "invoices in_1" in message


def test_given_more_failing_objects_than_a_few_when_patience_ends_then_it_is_an_outage(
    platform: Platform, fincome: Scripted
) -> None:
    fincome.default = lambda call: Answer(500 if int((call.id or "c0")[1:]) % 4 == 0 else 201)
    seen = platform.sync(fincome.config(retry_minutes=0.1, max_concurrency=8), ONLY_CUSTOMERS, *customers(100))
    kind, message = seen.failure
    assert (kind, seen.reasons("rejected"), seen.returned_ids()) == ("transient_error", [], [])
    assert "25 customers fail, which is more than a few odd ones" in message


def test_given_a_dry_run_when_an_object_fails_for_ever_then_it_is_not_rejected(
    platform: Platform, fincome: Scripted
) -> None:
    fincome.default = lambda call: Answer(500) if call.id == "c2" else Answer(404, {"detail": "Customer not found"})
    create_only = [{"stream": "customers", "operation": "create_only"}]
    config = fincome.config(retry_minutes=0.02, dry_run=True, streams=create_only)
    seen = platform.sync(config, ONLY_CUSTOMERS, *customers(4))
    assert seen.failure[0] == "transient_error"


def test_given_an_object_that_the_key_may_not_write_when_others_were_accepted_then_it_alone_is_rejected(
    platform: Platform, fincome: Scripted
) -> None:
    def answer(call: Call) -> Answer:
        return Answer(404, {"detail": "Customer not found"}) if call.verb == "GET" else Answer(201)

    fincome.default = answer
    fincome.script("c2", Answer(403, {"detail": "Not enough permissions for PRIVATE"}))
    seen = platform.sync(fincome.config(max_concurrency=1), ONLY_CUSTOMERS, *customers(4))
    assert seen.good
    assert seen.outcomes("customers") == {"sent": 3, "rejected": 1}
    (reason,) = seen.summary["reasons"]
    assert reason["text"] == "was refused by Fincome (403: Not enough permissions for …)"


def test_given_a_route_that_has_answered_when_it_is_missed_later_then_it_is_not_called_missing(
    platform: Platform, fincome: Scripted
) -> None:
    nowhere = Answer(404, {"detail": "Not Found"})
    fincome.script("c2", nowhere, nowhere)
    seen = platform.sync(fincome.config(max_concurrency=1), ONLY_CUSTOMERS, *customers(4))
    assert seen.good
    assert seen.outcomes("customers") == {"sent": 4}


# --- words


@pytest.mark.parametrize(
    "words", ["invoice_line not found", "InvoiceLine il_0 not found", "Ligne de facture introuvable"]
)
def test_given_a_line_that_fincome_does_not_have_when_an_update_says_so_then_it_is_created(
    platform: Platform, fincome: Scripted, words: str
) -> None:
    """What a second sync does: it finds that lines exist, and updates first."""
    there = {"in_0", *(f"il_{number}" for number in range(10))}

    def answer(call: Call) -> Answer:
        if call.verb == "PATCH":
            return Answer(200) if call.id in there else Answer(404, {"detail": words})
        return Answer(409, {"detail": "already exists"}) if call.id in there else Answer(201)

    fincome.default = answer
    lines = [line(f"il_{number}", "in_0") for number in range(20)]
    seen = platform.sync(fincome.config(max_concurrency=1), catalog(LINES), *lines, state("invoice_lines", 1))
    assert seen.good
    assert seen.outcomes("invoice_lines") == {"sent": 20}


@pytest.mark.parametrize("words", ["Cet identifiant existe déjà", "identifier is not available", "Integrity error"])
def test_given_an_id_that_is_taken_when_it_is_said_in_other_words_then_the_object_is_updated(
    platform: Platform, fincome: Scripted, words: str
) -> None:
    fincome.default = lambda call: Answer(422, {"detail": words}) if call.verb == "POST" else Answer(202)
    seen = platform.sync(fincome.config(), ONLY_CUSTOMERS, *customers(3))
    assert seen.good
    assert seen.outcomes("customers") == {"sent": 3}


@pytest.mark.parametrize("words", ["Client introuvable", "Invalid reference", "Foreign key violation"])
def test_given_a_parent_that_shows_late_when_it_is_said_in_other_words_then_its_child_waits(
    platform: Platform, fincome: Scripted, words: str
) -> None:
    unknown = Answer(409, {"detail": words})
    fincome.script("in-1", unknown, unknown)
    seen = platform.sync(fincome.config(), WITH_INVOICES, customer("ada"), invoice("in-1", "ada"))
    assert seen.outcomes("invoices") == {"sent": 1}


# --- bounds


@pytest.mark.parametrize(
    "dripping",
    [
        http_answer(b'{"id":"' + b"x" * 50 + b'"}', "201 Created"),
        b"HTTP/1.1 201 Created\r\nX-Drip: " + b"y" * 50 + b"\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=["body", "header"],
)
def test_given_an_answer_that_drips_when_its_time_is_up_then_the_object_is_sent_again(
    platform: Platform, dripping: bytes
) -> None:
    with raw_server(lambda _, number: (dripping, 0.5) if number == 1 else CREATED) as server:
        seen = platform.sync(raw_config(server.base_url), ONLY_CUSTOMERS, *customers(4))
        assert seen.good
        assert seen.outcomes("customers") == {"sent": 4}
        assert Counter(map(id_in, server.requests)) == {"c0": 1, "c1": 2, "c2": 1, "c3": 1}


def test_given_answers_that_drip_for_ever_when_checked_then_it_ends_in_words(platform: Platform) -> None:
    with raw_server((http_answer(b'{"detail":"' + b"x" * 100 + b'"}', "404 Not Found"), 0.5)) as server:
        seen = platform.check(raw_config(server.base_url))
    (status,) = seen.statuses
    assert status["status"] == "FAILED"
    assert "did not answer in time" in status["message"]


@pytest.mark.parametrize("chunked", [True, False])
def test_given_an_answer_that_is_too_long_when_it_comes_then_the_object_is_sent_again(
    platform: Platform, chunked: bool
) -> None:
    body = b'{"id":"' + b"x" * (3 << 20) + b'"}'
    endless = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    long = endless if chunked else http_answer(body, "201 Created")
    with raw_server(lambda _, number: long if number == 1 else CREATED) as server:
        seen = platform.sync(raw_config(server.base_url), ONLY_CUSTOMERS, *customers(3))
        assert seen.good
        assert Counter(map(id_in, server.requests)) == {"c0": 1, "c1": 2, "c2": 1}


def test_given_interim_answers_when_the_real_ones_follow_then_each_object_gets_its_own(platform: Platform) -> None:
    refusal = http_answer(b'{"detail":[{"loc":["body","name"],"msg":"Field required","type":"missing"}]}', "422 No")

    def answer(request: bytes, _: int) -> bytes:
        # The interim answer comes in good time before the real one.
        return b"HTTP/1.1 103 Early Hints\r\n\r\n" + (refusal if id_in(request) == "c3" else CREATED)

    with raw_server(answer) as server:
        seen = platform.sync(raw_config(server.base_url), ONLY_CUSTOMERS, *customers(8))
        assert seen.good
        assert seen.outcomes("customers") == {"sent": 7, "rejected": 1}
        assert [reason["example"] for reason in seen.summary["reasons"]] == ["c3 of stream customers"]


@pytest.mark.parametrize("location", ["http://[oops", "http://a b/\x7f"])
def test_given_a_redirect_when_it_leads_nowhere_then_the_setting_is_named(platform: Platform, location: str) -> None:
    with raw_server(http_answer(b"", "302 Found", f"Location: {location}")) as server:
        seen = platform.sync(raw_config(server.base_url), ONLY_CUSTOMERS, *customers(1))
    kind, message = seen.failure
    assert kind == "config_error"
    assert "`base_url`" in message


# --- privacy

SECRETS = ("FR12345678901", "Holding", "Jane", "Roe", "session=")


def test_given_a_refusal_that_names_another_customer_when_it_is_told_then_only_known_words_are(
    platform: Platform, fincome: Scripted
) -> None:
    said = "VAT number FR12345678901 already belongs to Acme Holding SARL, contact Jane Roe"
    fincome.script("c1", invalid("vat_number", said))
    seen = platform.sync(fincome.config(), ONLY_CUSTOMERS, *customers(3), forbidden=list(SECRETS))
    assert seen.good
    (reason,) = seen.summary["reasons"]
    assert (reason["field"], reason["text"]) == (
        "<name>",
        "was refused by Fincome (422: … number … already … to … [value_error])",
    )


def test_given_a_place_for_rejected_records_when_one_is_refused_then_fincomes_words_are_kept_there_whole(
    platform: Platform, fincome: Scripted, tmp_path: object
) -> None:
    fincome.script("c1", invalid("vat_number", "FR12345678901 belongs to Acme Holding"))
    config = fincome.config(rejected_records_url=str(tmp_path))
    seen = platform.sync(config, ONLY_CUSTOMERS, *customers(3), forbidden=list(SECRETS))
    assert seen.good
    (file,) = tmp_path.iterdir()  # type: ignore[attr-defined]  # a Path
    (kept,) = map(json.loads, file.read_text().splitlines())
    assert "body.vat_number: FR12345678901 belongs to Acme Holding" in json.dumps(kept)


def test_given_a_refusal_of_one_endless_word_when_it_is_told_then_it_takes_no_time(
    platform: Platform, fincome: Scripted
) -> None:
    """Whoever looked for patterns in all of it was busy for minutes, and SIGTERM had to wait."""
    for number in range(20):
        fincome.script(f"c{30 + number}", invalid("name", "x" * 200_000))
    begun = time.monotonic()
    seen = platform.sync(fincome.config(), ONLY_CUSTOMERS, *customers(50))
    assert seen.good
    assert seen.outcomes("customers") == {"sent": 30, "rejected": 20}
    assert time.monotonic() - begun < 20


def test_given_a_malformed_header_when_it_comes_then_no_log_line_shows_it(platform: Platform) -> None:
    answer = http_answer(b"{}", "201 Created", "Set-Cookie: session=private", "no colon in here", "Content-Type: x")
    with raw_server(answer) as server:
        seen = platform.sync(raw_config(server.base_url), ONLY_CUSTOMERS, *customers(2), forbidden=list(SECRETS))
    assert seen.good
    assert [text for text in seen.logs if "header" in text.lower() or "/product/clients" in text] == []


def test_given_a_proxy_in_the_environment_when_fincome_is_on_this_machine_then_the_key_does_not_go_there(
    platform: Platform, fincome: Scripted
) -> None:
    with raw_server(CREATED) as proxy:
        address = proxy.base_url.removesuffix("/product")
        environment = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"), address)
        with platform.started(fincome.config(), ONLY_CUSTOMERS, environment=environment) as live:
            live.send(*customers(3))
            live.end_input()
            seen = live.finish()
        assert seen.good
        assert proxy.requests == []
    assert len(fincome.written()) == 3


def test_given_an_id_with_control_characters_when_it_is_told_then_they_are_escaped(
    platform: Platform, fincome: Scripted
) -> None:
    identity = "x\n2026-01-01 ERROR fake line \x1b[31m\u202e"
    fincome.default = invalid("name", "is wrong")
    seen = platform.sync(fincome.config(on_rejected="fail"), ONLY_CUSTOMERS, customer(identity))
    assert seen.failure[0] == "config_error"
    for text in [seen.failure[1], *seen.logs]:
        assert not re.search(r"[\x00-\x1f\x7f\u202e]", text)
    assert r"x\u000a2026-01-01 ERROR fake line \u001b[31m\u202e" in seen.failure[1]


# --- the key


def with_header(name: str, prefix: str = "") -> Callable[[bytes, int], bytes]:
    """Answer as Fincome does, if it wants the key there."""
    wanted = f"\r\n{name}: {prefix}{KEY}\r\n".lower().encode()

    def answer(request: bytes, _: int) -> bytes:
        if wanted not in request.lower():
            return http_answer(b'{"detail":"Not authenticated"}', "401 Unauthorized")
        if request.startswith(b"GET /product/clients/"):
            return http_answer(b'{"detail":"Customer not found"}', "404 Not Found")
        return http_answer(b'{"detail":"Method Not Allowed"}', "405 Method Not Allowed")

    return answer


@pytest.mark.parametrize(("header", "prefix"), [("Api-Key", ""), ("Authorization", "Token ")])
def test_given_a_key_that_is_wanted_elsewhere_when_checked_then_the_settings_are_named(
    platform: Platform, header: str, prefix: str
) -> None:
    with raw_server(with_header(header, prefix)) as server:
        (status,) = platform.check(raw_config(server.base_url)).statuses
        assert f"set `api_key_header` to {header}" in status["message"]
        assert (f"`api_key_prefix` to {prefix!r}" in status["message"]) == bool(prefix)
        right = raw_config(server.base_url, api_key_header=header, api_key_prefix=prefix)
        assert platform.check(right).statuses == [{"status": "SUCCEEDED"}]


def test_given_an_api_that_misses_a_header_when_checked_and_synced_then_it_is_named(platform: Platform) -> None:
    missing = b'{"detail":[{"loc":["header","x-fincome-key"],"msg":"Field required","type":"missing"}]}'
    with raw_server(http_answer(missing, "422 Unprocessable Content")) as server:
        (status,) = platform.check(raw_config(server.base_url)).statuses
        seen = platform.sync(raw_config(server.base_url), ONLY_CUSTOMERS, *customers(3))
    assert status["status"] == "FAILED"
    for message in (status["message"], seen.failure[1]):
        assert "in header x-fincome-key: set `api_key_header`" in message
    assert seen.failure[0] == "config_error"
    assert seen.returned_ids() == []


def test_given_a_firewalls_page_when_checked_then_the_key_is_not_blamed(platform: Platform) -> None:
    with raw_server(http_answer(b"<html>Blocked</html>", "403 Forbidden")) as server:
        (status,) = platform.check(raw_config(server.base_url)).statuses
    assert "answers 403 with a page, which isn't Fincome's" in status["message"]
    assert "Create a secret key" not in status["message"]
