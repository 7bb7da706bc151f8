"""Which computers may be asked for a file, and how: public ones alone, and for a limited time."""

import io
import ipaddress
import socket
import time
from http.client import HTTPResponse
from typing import Any

from engine.errors import TableError
from engine.messages import phrase

NOT_PUBLIC = phrase(
    "web_not_public",
    "{host} is a computer of this network and no public place, so nothing is fetched from it.",
    "Download the file yourself and add it.",
)
SILENT_SECONDS = 20.0
_PUBLIC = ipaddress.IPv6Network("2000::/3")  # all that was ever given out; the rest is local, or holds an older address
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # IPv4 addresses, as networks of IPv6 alone write them


def may_be_asked(address: str, *, allow_loopback: bool = False) -> bool:
    """Say whether an address is public. Addresses that hold another one inside are judged by that.

    >>> [may_be_asked(each) for each in ("93.184.215.14", "10.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "fec0::1")]
    [True, False, False, False, False]
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is None and found not in _PUBLIC:
            return allow_loopback and found.is_loopback
        found = inner or found
    return (found.is_global and not found.is_multicast) or (allow_loopback and found.is_loopback)


def seconds_left(deadline: float) -> float:
    """Return for how long the other side may be silent; raises TimeoutError when the time is over."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return min(left, SILENT_SECONDS)


def connect(place: tuple[str, int], *_: Any, deadline: float, allow_loopback: bool) -> socket.socket:
    """Connect to the first that answers of the addresses of a host, all of which have to be public.

    They are connected to as they were looked at: a second look-up of the name might give others.
    """
    host, port = place
    found = list(dict.fromkeys(str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    if not all(may_be_asked(each, allow_loopback=allow_loopback) for each in found):
        raise TableError(NOT_PUBLIC(host=host))
    problem = OSError("the name has no address")
    for each in found:
        try:
            return socket.create_connection((each, port), seconds_left(deadline))
        except OSError as failed:
            problem = failed
    raise problem


class TimedAnswer(HTTPResponse):
    """An answer that has to be whole at some time, however slowly its bytes drip: its head as well as what follows."""

    def __init__(self, sock: socket.socket, *rest: Any, deadline: float, **options: Any) -> None:
        super().__init__(sock, *rest, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_TimedBytes(sock, deadline))


class _TimedBytes(io.RawIOBase):
    """The bytes of a socket; it waits for each part no longer than there is time for the whole."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._socket, self._deadline = sock, deadline
        self._bytes = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        """Say that bytes can be read."""
        return True

    def readinto(self, into: Any) -> int | None:
        """Read what is there, at least one byte."""
        self._socket.settimeout(seconds_left(self._deadline))
        return self._bytes.readinto(into)

    def close(self) -> None:
        """Let go of the socket."""
        self._bytes.close()
        super().close()
