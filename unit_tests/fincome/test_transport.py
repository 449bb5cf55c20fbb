"""One connection against raw sockets: time and size are bounded, whatever comes is an answer or told as none."""

from __future__ import annotations

import gzip
import logging
import socket
import time
import zlib

import pytest
from pytest_httpserver import HTTPServer
from urllib3 import exceptions

from destination_fincome.fincome import transport as transport_module
from destination_fincome.fincome.transport import (
    LONGEST_ANSWER,
    Network,
    NoAnswer,
    Response,
    Transport,
    _problem,
    is_loopback,
)
from unit_tests.fincome.raw_server import Answers, http_answer, raw_server

DIRECT = Network({}, verify=True)
GOOD = http_answer(b"{}")


def sent(answers: Answers, timeout: float = 5.0, times: int = 1) -> list[Response | str]:
    """Return what requests to such a server come to, one after the other on one transport."""
    found: list[Response | str] = []
    with raw_server(answers) as server:
        transport = Transport(server.base_url, DIRECT, timeout)
        for _ in range(times):
            try:
                found.append(transport.send("POST", "/product/x", {"A": "b"}, b"{}"))
            except NoAnswer as failure:
                found.append(failure.problem)
        transport.close()
    return found


def test_given_an_answer_when_it_is_whole_then_its_connection_is_used_again():
    with raw_server(GOOD) as server:
        transport = Transport(server.base_url, DIRECT, 5)
        for _ in range(3):
            assert transport.send("POST", "/product/x", {"A": "b"}, b'{"a":1}').content == b"{}"
        transport.close()
        assert server.connections == 1
        assert server.requests[0].startswith(b"POST /product/x HTTP/1.1\r\n")
        assert server.requests[0].endswith(b'\r\n\r\n{"a":1}')


def test_given_requests_when_each_has_its_time_then_the_socket_is_told_where_it_matters(
    monkeypatch,
):
    now, told = 100.0, []
    monkeypatch.setattr(transport_module.time, "monotonic", lambda: now)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        bounds = transport_module._Bounds()
        bounded = transport_module._BoundedSocket(ours, bounds)
        monkeypatch.setattr(socket.socket, "settimeout", lambda _, seconds: told.append(seconds))
        bounds.ends = now + 60
        bounded.settimeout(10)
        now += 0.3
        bounded.settimeout()
        assert told == [60]  # what urllib3 wants doesn't matter, and 0.3 s of a minute don't
        now += 30
        bounded.settimeout()
        assert told[1:] == [pytest.approx(29.7)]
        bounds.ends = now + 60
        bounded.settimeout()
        assert told[2:] == [60]
        now += 60
        with pytest.raises(TimeoutError):
            bounded.settimeout()


def test_given_a_body_when_sent_then_it_goes_in_one_piece_with_its_headers(monkeypatch):
    pieces: list[bytes] = []
    sendall = socket.socket.sendall
    monkeypatch.setattr(socket.socket, "sendall", lambda sock, data: (pieces.append(bytes(data)), sendall(sock, data)))
    assert [answer.status for answer in sent(GOOD, times=2) if isinstance(answer, Response)] == [200, 200]
    ours = [piece for piece in pieces if b"/product/x" in piece]
    assert len(ours) == 2
    assert all(piece.endswith(b"\r\n\r\n{}") for piece in ours)


@pytest.mark.parametrize(
    "answer",
    [
        http_answer(b'{"detail":"' + b"x" * 40 + b'"}'),
        b"HTTP/1.1 200 OK\r\nX-Drip: " + b"y" * 200 + b"\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"2\r\n{}\r\n" * 50,
    ],
    ids=["body", "header", "chunks"],
)
def test_given_an_answer_that_drips_when_its_time_is_up_then_it_is_none(answer):
    begun = time.monotonic()
    assert sent((answer, 0.05), timeout=0.5) == ["did not answer in time"]
    assert time.monotonic() - begun < 2


def test_given_a_server_that_never_answers_when_the_time_is_up_then_there_is_no_answer():
    assert sent(b"", timeout=0.2) == ["did not answer in time"]


@pytest.mark.parametrize(
    "answer",
    [
        http_answer(b" " * (LONGEST_ANSWER + 1)),
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n" + b" " * (3 * LONGEST_ANSWER),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"100000\r\n" + b" " * 0x100000 + b"\r\n") * 3,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b" " * (3 * LONGEST_ANSWER),
        http_answer(gzip.compress(b" " * (3 * LONGEST_ANSWER)), "200 OK", "Content-Encoding: gzip"),
        http_answer(zlib.compress(b" " * (3 * LONGEST_ANSWER)), "200 OK", "Content-Encoding: deflate"),
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 60_000) for n in range(40)) + b"\r\n",
    ],
    ids=["body", "endless", "chunks", "until closed", "gzip", "deflate", "headers"],
)
def test_given_an_answer_that_is_too_long_when_it_comes_then_it_is_none_and_the_next_request_gets_its_own(answer):
    found = sent(lambda _, number: GOOD if number else answer, times=2)
    assert found[0] == "answered with more than 1 MiB"
    assert isinstance(found[1], Response)
    assert found[1].content == b"{}"


JSON = "Content-Type: application/json"


@pytest.mark.parametrize(
    ("answer", "taken"),
    [
        (http_answer(b'"' + b"x" * (3 * LONGEST_ANSWER) + b'"', "201 Created", JSON), True),
        (http_answer(b'"' + b"x" * (3 * LONGEST_ANSWER) + b'"', "422 Unprocessable Entity", JSON), False),
        (http_answer(b"<p>" + b"x" * (3 * LONGEST_ANSWER), "200 OK", "Content-Type: text/html"), False),
    ],
)
def test_given_a_write_when_its_answer_shows_a_very_long_object_then_its_status_counts(answer, taken):
    found = sent(lambda _, number: GOOD if number else answer, times=2)
    assert found[0] == (Response(201, found[0].headers, b"") if taken else "answered with more than 1 MiB")
    assert found[1].content == b"{}", "the rest of the long answer is no part of the next one"


def test_given_a_long_answer_when_it_is_within_bounds_then_it_is_whole():
    body = b'"' + b"x" * (LONGEST_ANSWER - 2) + b'"'
    (answer,) = sent(http_answer(body))
    assert isinstance(answer, Response)
    assert answer.content == body


@pytest.mark.parametrize(
    ("packed", "name"),
    [(gzip.compress(b'{"a":1}'), "gzip"), (zlib.compress(b'{"a":1}'), "deflate")],
    ids=["gzip", "deflate"],
)
def test_given_a_packed_answer_when_nobody_asked_for_one_then_it_is_unpacked(packed, name):
    (answer,) = sent(http_answer(packed, "200 OK", f"Content-Encoding: {name}"))
    assert isinstance(answer, Response)
    assert answer.content == b'{"a":1}'


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (http_answer(b"xx", "200 OK", "Content-Encoding: br"), "answered in an encoding that nobody asked for"),
        (http_answer(b"xx", "200 OK", "Content-Encoding: gzip"), "broke the connection"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n{}", "did not answer in time"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "broke the connection"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + GOOD, "answered 101 and nothing else"),
    ],
)
def test_given_what_is_no_answer_when_it_comes_then_it_is_told_in_words(answer, problem):
    assert sent(answer, timeout=0.5) == [problem]


@pytest.mark.parametrize(
    "interim", [b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", b"HTTP/1.1 102 Processing\r\n\r\n"]
)
def test_given_interim_answers_when_the_real_one_follows_then_each_request_gets_its_own(interim):
    answers = [interim + http_answer(b"[%d]" % n) for n in range(3)]
    found = sent(lambda _, number: answers[number], times=3)
    assert [one.content for one in found if isinstance(one, Response)] == [b"[0]", b"[1]", b"[2]"]


def test_given_interim_answers_without_end_when_they_are_too_many_then_there_is_no_answer():
    # The newest Pythons don't read on for long themselves.
    assert sent(b"HTTP/1.1 102 Processing\r\n\r\n" * 60_000)[0] in (
        "answered with more than 1 MiB",
        "broke the connection",
    )


@pytest.mark.parametrize("location", ["http://[oops", "", "//", "http://a b/\x7f"])
def test_given_a_redirect_when_it_leads_nowhere_then_it_is_an_answer_like_others(location):
    (answer,) = sent(http_answer(b"", "302 Found", f"Location: {location}"))
    assert isinstance(answer, Response)
    assert answer.status == 302


def test_given_a_malformed_header_when_it_comes_then_nothing_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    sent(http_answer(b"{}", "200 OK", "Set-Cookie: session=secret", "no colon here"))
    assert [record for record in caplog.records if record.name.startswith("urllib3")] == []


def test_given_a_base_url_when_only_its_host_is_this_machine_then_no_proxy_gets_the_key(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://proxy.test:3128")
        monkeypatch.setenv(name.upper(), "http://proxy.test:3128")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for host in ("localhost", "127.0.0.1", "127.9.8.7", "[::1]"):
        assert Network.of_environment(f"http://{host}:9/product").proxies == {}
    assert Network.of_environment("https://api.fincome.test/product").proxies["https"] == "http://proxy.test:3128"


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("localhost.test", False),
        ("", False),
    ],
)
def test_which_hosts_are_this_machine(host, here):
    assert is_loopback(host) is here


@pytest.fixture
def closed() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def test_given_a_port_that_refuses_when_sent_to_then_it_is_told(closed):
    with pytest.raises(NoAnswer, match="refuses connections"):
        Transport(closed, DIRECT, 1).send("GET", "/", {})


def test_given_a_host_that_does_not_exist_when_sent_to_then_it_is_told(monkeypatch):
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NoAnswer, match=r"can't be found \(its host name doesn't resolve\)"):
        Transport("https://fincome.invalid/product", DIRECT, 1).send("GET", "/", {})


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (exceptions.ConnectTimeoutError(), "can't be reached (time-out while connecting)"),
        (exceptions.ReadTimeoutError(None, "", ""), "did not answer in time"),
        (exceptions.ProxyError("", Exception()), "can't be reached through the proxy"),
        (exceptions.SSLError("WRONG_VERSION_NUMBER"), "can't be reached safely (TLS error)"),
        (exceptions.NewConnectionError(None, "Network is unreachable"), "can't be reached"),
        (exceptions.ProtocolError("reset by peer"), "broke the connection"),
        (exceptions.IncompleteRead(1, 2), "broke the connection"),
    ],
)
def test_network_trouble_in_words(error, problem):
    assert _problem(error) == problem


def test_given_certificates_that_are_not_there_when_sent_then_it_is_told(tmp_path):
    network = Network({}, verify=str(tmp_path / "none.pem"))
    with pytest.raises(NoAnswer, match="can't be reached"):
        Transport("https://127.0.0.1:9/product", network, 1).send("GET", "/product", {})


def test_given_a_proxy_for_plain_http_when_sent_then_it_is_asked_for_the_whole_address(httpserver: HTTPServer):
    httpserver.expect_request("/product/clients", method="POST").respond_with_json({}, status=201)
    network = Network({"http": httpserver.url_for("")}, verify=True)
    transport = Transport("http://fincome.test/product", network, 5)
    assert transport.send("POST", "/product/clients", {}, b"{}").status == 201
    transport.close()
    assert httpserver.log[0][0].headers["Host"] == "fincome.test"
