"""Plain http to the sandbox in a private network: only with the sandbox's own key, and to private addresses only.

A name may lead anywhere, and somewhere else each time that it is asked for. So it is resolved here, at each connect,
every address that it leads to is looked at, and the connection goes to one of those.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

from urllib3.exceptions import NameResolutionError, NewConnectionError

# Everybody knows it: `fincome sandbox` says it when it starts. It opens no account of Fincome.
SANDBOX_KEY = "sandbox-key"
# Loopback, RFC 1918, and unique local addresses (RFC 4193). Not link-local ones: clouds hand out secrets there.
_NETWORKS = [
    ipaddress.ip_network(text)
    for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
]


def is_private(address: str) -> bool:
    """Tell whether an IP address is of this machine or of a private network.

    Raises:
        ValueError: it is no IP address.
    """
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in network for network in _NETWORKS)


class Outside(NewConnectionError):
    """A host leads outside of private networks, so nothing is connected to."""


def private(kind: Any) -> Any:
    """Make of a class of urllib3's connections one that is made only if every address of its host is private."""

    class Private(kind):  # type: ignore[misc]  # a class that is known only at run time
        def _new_conn(self) -> socket.socket:
            try:
                found = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
            except socket.gaierror as error:
                raise NameResolutionError(self.host, self, error) from error
            addresses = [str(address[0]) for *_, address in found]
            if not all(is_private(address.partition("%")[0]) for address in addresses):
                raise Outside(self, "not a private address")
            failure: OSError = OSError("no address")
            for address in addresses:
                try:
                    return socket.create_connection((address, self.port), self.timeout)
                except OSError as error:
                    failure = error
            raise NewConnectionError(self, str(failure)) from failure

    return Private
