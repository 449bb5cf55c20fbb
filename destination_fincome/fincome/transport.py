"""One worker's connection to Fincome: sends a request and reads one answer, within bounds of time and size.

What an answer means is not known here. requests finds proxies and certificates; its sessions, which follow redirects,
keep cookies and wait for as long as bytes trickle in, are passed by.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import logging
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3 import exceptions

from destination_fincome.fincome.private_network import Outside, private

CONNECT_SECONDS = 10.0
# An answer of Fincome's is one object, or words about it.
LONGEST_ANSWER = 1 << 20
# A page of a list is many objects.
LONGEST_PAGE = 4 << 20
# Status line, headers and what frames a chunked body.
LONGEST_HEAD = 1 << 16
# By this share of the time that is left, a wait may be longer.
_LATE = 0.01

# Its warnings quote headers and addresses.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Network:
    """The environment's proxies and certificates, looked up once: requests would do so on every call.

    Attributes:
        private_only: plain http to another machine, which must be in a private network.
    """

    proxies: Mapping[str, str]
    verify: bool | str
    private_only: bool = False

    @classmethod
    def of_environment(cls, url: str) -> Network:
        """Read HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE and their kin for one address."""
        parts = urlsplit(url)
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            # A proxy would resolve the name itself, and carry the request wherever it leads.
            return cls({}, True, private_only=True)
        settings = requests.Session().merge_environment_settings(url, {}, None, None, None)
        verify = settings["verify"]
        # What goes to this machine must not leave it: a proxy would be handed the key unencrypted.
        proxies = {} if is_loopback(parts.hostname or "") else dict(settings["proxies"])
        return cls(proxies, True if verify is None else verify)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine by its name alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Response(NamedTuple):
    """What came back, unpacked."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class NoAnswer(Exception):
    """A request has got no answer that can be read; whether it was carried out isn't known.

    Attributes:
        problem: what went wrong, in a few words that follow the server's name.
        untrusted: the server's certificate can't be verified, or its address may not be gone to: nothing was sent,
            and nothing will be until the user mends it.
    """

    def __init__(self, problem: str, *, untrusted: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.untrusted = untrusted


CERTIFICATE = (
    "The TLS certificate of Fincome's address can't be verified. If your network inspects TLS, give the connector its "
    "certificate through REQUESTS_CA_BUNDLE."
)
_OUTSIDE = (
    "The host of `base_url` leads outside of private networks, and plain http goes nowhere else: nothing was sent. "
    "Use https."
)
_TOO_LONG = "answered with more than {mebibytes} MiB"
_TOO_LATE = "did not answer in time"


class Transport:
    """Sends requests to one address, one after the other; for one thread at a time.

    Args:
        base_url: all requests go to its host.
        timeout: seconds that a request may take until its answer's last byte.
    """

    def __init__(self, base_url: str, network: Network, timeout: float) -> None:
        self._base_url = base_url
        self._network = network
        self._timeout = timeout
        self.longest = LONGEST_ANSWER
        """So many bytes an answer's body may have."""
        self._bounds = _Bounds()
        self._adapter = _Adapter(pool_connections=1, pool_maxsize=1)
        self._pool: urllib3.HTTPConnectionPool | None = None
        # Before the path: nothing, but for a proxy that forwards plain HTTP.
        self._before_path = ""

    def close(self) -> None:
        """Close the connection."""
        self._adapter.close()

    def send(
        self, verb: str, path: str, headers: Mapping[str, str], body: bytes = b"", timeout: float | None = None
    ) -> Response:
        """Send one request and return its answer.

        Of a write's answer the status tells all that must be known: one that shows a very long object counts without
        its body.

        Args:
            path: from the host on, quoted.
            headers: all of them; the body's length is added.
            timeout: in place of the transport's own.

        Raises:
            NoAnswer: nothing came, or not in time, or too much.
        """
        timeout = timeout or self._timeout
        try:
            pool = self._pool or self._open()
            self._bounds.ends, self._bounds.left = time.monotonic() + timeout, LONGEST_HEAD + self.longest
            response = pool.urlopen(
                verb,
                self._before_path + path,
                body=body or None,
                headers=headers,
                retries=False,
                redirect=False,
                assert_same_host=False,
                timeout=urllib3.Timeout(connect=min(CONNECT_SECONDS, timeout), read=timeout),
                preload_content=False,
                decode_content=False,
            )
            return self._read(response, shows_all=verb == "GET")
        except exceptions.HTTPError as error:
            raise self._no_answer(error) from None
        except OSError as error:
            raise NoAnswer(f"can't be reached ({type(error).__name__})") from None

    def _open(self) -> urllib3.HTTPConnectionPool:
        self._pool, self._before_path = self._adapter.pool_to(self._base_url, self._network)
        kind = private(self._pool.ConnectionCls) if self._network.private_only else self._pool.ConnectionCls
        self._pool.ConnectionCls = _bounded(kind, self._bounds)
        return self._pool

    def _read(self, response: urllib3.BaseHTTPResponse, *, shows_all: bool) -> Response:
        try:
            content = response.read(self.longest + 1, decode_content=False)
            if len(content) > self.longest and not shows_all and _shows_a_written_object(response):
                response.close()
                return Response(response.status, response.headers, b"")
            if len(content) > self.longest or "Content-Encoding" in response.headers:
                content = _plain(content, response.headers, self.longest)
            answer = Response(response.status, response.headers, content)
            if response.status < 200:
                raise NoAnswer(f"answered {response.status} and nothing else")  # noqa: TRY301 (closes, as all do)
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return answer

    def _no_answer(self, error: exceptions.HTTPError) -> NoAnswer:
        if self._bounds.left < 0:
            return NoAnswer(_too_long(self.longest))
        if isinstance(error, Outside):
            return NoAnswer(_OUTSIDE, untrusted=True)
        untrusted = isinstance(error, exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error)
        return NoAnswer(CERTIFICATE if untrusted else _problem(error), untrusted=untrusted)


def _shows_a_written_object(response: urllib3.BaseHTTPResponse) -> bool:
    """Tell whether a long answer is one of success: a page isn't."""
    return response.status // 100 == 2 and "json" in response.headers.get("Content-Type", "")


def _problem(error: exceptions.HTTPError) -> str:
    """Say in a few words what went wrong on the network."""
    match error:
        case exceptions.NameResolutionError():
            return "can't be found (its host name doesn't resolve)"
        case exceptions.ProxyError():
            return "can't be reached through the proxy"
        case exceptions.SSLError():
            return "can't be reached safely (TLS error)"
        case exceptions.NewConnectionError() if isinstance(error.__cause__, ConnectionRefusedError):
            return "refuses connections"
        case exceptions.NewConnectionError():
            return "can't be reached"
        case exceptions.ConnectTimeoutError():
            return "can't be reached (time-out while connecting)"
        case exceptions.TimeoutError():
            return _TOO_LATE
    return "broke the connection"


def _too_long(longest: int) -> str:
    return _TOO_LONG.format(mebibytes=longest >> 20)


def _plain(content: bytes, headers: Mapping[str, str], longest: int) -> bytes:
    """Return a body, unpacked if it is packed although nobody asked for it; never more than is bearable.

    Raises:
        NoAnswer: it is too long, or packed in another way.
    """
    if len(content) > longest:
        raise NoAnswer(_too_long(longest))
    encoding = headers.get("Content-Encoding", "identity")
    if encoding == "identity" or not content:
        return content
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        raise NoAnswer("answered in an encoding that nobody asked for")
    unpacker = zlib.decompressobj(wbits=47)  # the header tells which of the two
    try:
        found = unpacker.decompress(content, longest + 1)
    except zlib.error:
        raise NoAnswer("broke the connection") from None
    if len(found) > longest:
        raise NoAnswer(_too_long(longest))
    return found


class _Adapter(HTTPAdapter):
    """requests' knowledge of proxies and certificates, without its way of sending."""

    def pool_to(self, url: str, network: Network) -> tuple[urllib3.HTTPConnectionPool, str]:
        """Return the pool of connections to an address, and what a request's target begins with before the path."""
        proxies = dict(network.proxies)
        request = requests.Request("GET", url).prepare()
        pool = self.get_connection_with_tls_context(request, network.verify, proxies)
        self.cert_verify(pool, url, network.verify, None)  # type: ignore[no-untyped-call]  # their stubs leave it out
        target = self.request_url(request, proxies)
        return cast(urllib3.HTTPConnectionPool, pool), target.removesuffix(request.path_url)


class _Bounds:
    """Until when the answer at hand must have come (monotonic seconds), and how many bytes of it may still come."""

    def __init__(self) -> None:
        self.ends, self.left = 0.0, 0


class _BoundedSocket:
    """A socket on which everything waits only for what is left of the request's time, whatever others set.

    The system is told of that only where it makes a difference: to tell it gives the interpreter to another thread.
    """

    def __init__(self, sock: Any, bounds: _Bounds) -> None:
        self._sock = sock
        self._bounds = bounds
        self._seconds = 0.0
        self.fileno, self.sendall, self.shutdown, self.close = sock.fileno, sock.sendall, sock.shutdown, sock.close

    def settimeout(self, _: float | None = None) -> None:
        """Let the next operation wait for as long as is left.

        Raises:
            TimeoutError: nothing is left.
        """
        left = self._bounds.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError(_TOO_LATE)
        if not left <= self._seconds <= left * (1 + _LATE):
            self._sock.settimeout(left)
            self._seconds = left

    def makefile(self, *_: Any) -> io.BufferedReader:
        """Return what http.client reads."""
        return io.BufferedReader(_BoundedFile(self, self._sock.makefile("rb", buffering=0), self._bounds))


class _BoundedFile(io.RawIOBase):
    """What comes in on a socket, as much as is borne."""

    def __init__(self, sock: _BoundedSocket, file: Any, bounds: _Bounds) -> None:
        self._sock, self._file, self._bounds = sock, file, bounds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout()
        count: int | None = self._file.readinto(buffer)
        self._bounds.left -= count or 0
        if self._bounds.left < 0:
            raise OSError("the answer is too long")
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


class _FinalResponse(http.client.HTTPResponse):
    """An answer, whatever interim ones (102, 103) come before it: http.client skips only 100 by itself."""

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]  # typeshed leaves it out
        interim = 100 < status < 200 and status != http.client.SWITCHING_PROTOCOLS
        return version, http.client.CONTINUE if interim else status, reason


def _bounded(kind: Any, bounds: _Bounds) -> Any:
    """Make of a class of connections one that sends a request at once and whose answers are bounded.

    There are several such classes, for proxies too.
    """

    def proxys_answer(sock: Any, *options: Any, **named: Any) -> _FinalResponse:
        return _FinalResponse(_BoundedSocket(sock, bounds), *options, **named)  # type: ignore[arg-type]

    class Bounded(kind):  # type: ignore[misc]  # a class that is known only at run time
        def connect(self) -> None:
            self.response_class = proxys_answer
            super().connect()
            self.response_class = _FinalResponse
            self.sock: Any = _BoundedSocket(self.sock, bounds)

        def request(self, *request: Any, **named: Any) -> None:
            # Headers and body in one piece: one packet and one TLS record in the place of two.
            pieces: list[bytes] = []
            self.send = pieces.append
            try:
                super().request(*request, **named)
            finally:
                del self.send
            self.send(b"".join(pieces))

    return Bounded
