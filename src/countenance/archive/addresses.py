"""Which hosts pictures may be fetched from, and which of their addresses are connected to."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.errors import FetchFailed, FetchRefused, SettingsInvalid

if TYPE_CHECKING:
    from collections.abc import Iterable

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORTS = {"http": 80, "https": 443}
_PATTERN = re.compile(r"(\*\.)?[a-z0-9_.\-]+|\[[0-9a-f:.]+\]")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class HostPattern:
    """A host that may be fetched from: a name, ``*.`` and a name for all below it, or an address."""

    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> HostPattern:
        """Read ``host``, ``*.host`` or either with ``:port``; an IPv6 address stands in brackets.

        Raises:
            SettingsInvalid: it is none of these.
        """
        host, colon, port = text.strip().lower().rpartition(":")
        if not colon or port.endswith("]"):
            host, port = text.strip().lower(), ""
        if not _PATTERN.fullmatch(host) or (port and not (port.isdecimal() and 0 < int(port) < 65536)):
            raise SettingsInvalid(
                f"{text!r} is no host to fetch from; write media.example.org, *.example.org or host:port"
            )
        return cls(host.strip("[]").rstrip("."), int(port) if port else None)

    def covers(self, scheme: str, host: str, port: int) -> bool:
        """Tell whether an address of the web is meant; without a port only the scheme's own one is."""
        if port != (self.port or _PORTS[scheme]):
            return False
        return host.endswith(self.host[1:]) if self.host.startswith("*.") else host == self.host


class AllowedHosts:
    """The hosts that may be fetched from; nothing else ever is.

    Args:
        hosts: patterns of `HostPattern`. Only addresses that anybody on the internet has are connected to.
        private_hosts: the same, for hosts that may also be in the operator's own network or on this machine.
    """

    def __init__(self, hosts: Iterable[str] = (), private_hosts: Iterable[str] = ()) -> None:
        self._hosts = [HostPattern.parse(host) for host in hosts]
        self._private = [HostPattern.parse(host) for host in private_hosts]

    def address_of(self, scheme: str, host: str, port: int) -> str:
        """Return the address to connect to, so that nobody resolves the name a second time.

        Raises:
            FetchRefused: the host is not in the list, or leads to where only private hosts may.
            FetchFailed: its name cannot be resolved.
        """
        host = host.lower().rstrip(".")
        private = any(pattern.covers(scheme, host, port) for pattern in self._private)
        if not private and not any(pattern.covers(scheme, host, port) for pattern in self._hosts):
            shown = host if port == _PORTS[scheme] else f"{host}:{port}"
            raise FetchRefused(f"the host {shown} is not allowed; allow it with --allow-host {shown}")
        addresses = _resolved(host, port)
        found = next((each for each in addresses if private or is_public(each)), None)
        if found is None:
            raise FetchRefused(
                f"the host {host} leads to an address that is not public; where it is your own, allow it "
                "with --allow-private-host"
            )
        return str(found)


def is_public(address: Address) -> bool:
    """Tell whether an address is one that anybody on the internet has, also where it wraps another one."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if wrapped is None and address in _NAT64:
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped and not is_public(wrapped):
            return False
    refused = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    return address.is_global and not refused


def _resolved(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [ipaddress.ip_address(str(place[0]).partition("%")[0]) for *_, place in found]
    except (OSError, UnicodeError, ValueError):
        raise FetchFailed(f"the host {host} cannot be resolved") from None
