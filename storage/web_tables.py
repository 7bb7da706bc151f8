"""A file at a web address is copied onto this computer: only where that is switched on, and from public places only."""

import ipaddress
import re
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    Request,
    UnknownHandler,
)

from engine.errors import TableError
from engine.messages import phrase

BAD_ADDRESS = phrase(
    "web_address",
    "{address} is no web address that can be opened; it has to begin with https:// or http://.",
    "Correct it, or download the file yourself and add it.",
)
NOT_PUBLIC = phrase(
    "web_not_public",
    "{host} is a computer of this network and no public place, so nothing is fetched from it.",
    "Download the file yourself and add it.",
)
NOT_FOUND = phrase(
    "web_not_found",
    "{address} cannot be downloaded: {reason}.",
    "Open the address in a browser to see whether it is right, then try again.",
)
TOO_LARGE = phrase(
    "web_too_large",
    "The file at {address} is larger than {gigabytes} GB.",
    "Download a part of it, or save it as Parquet.",
)
TOO_SLOW = phrase(
    "web_too_slow", "{address} did not arrive within {seconds} seconds.", "Download the file yourself and add it."
)

MOST_BYTES = 2 * 1024**3
MOST_SECONDS = 300.0
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # IPv4 addresses, as networks of IPv6 alone write them
_SILENT_SECONDS = 20.0
_MOST_LETTERS = 100

Connect = Callable[..., socket.socket]


def is_web_address(given: str) -> bool:
    """Say whether a text is a web address and no path.

    >>> is_web_address("https://example.org/a.csv"), is_web_address("a.csv")
    (True, False)
    """
    return re.match(r"https?://", given, re.IGNORECASE) is not None


def file_name(address: str) -> str:
    """Return a name for the file at an address, free of anything that a file system could take amiss.

    >>> file_name("https://example.org/data/sales%202024.csv?raw=1"), file_name("https://example.org/")
    ('sales 2024.csv', 'example.org')
    """
    parts = urlsplit(address)
    last = PurePosixPath(unquote(parts.path).replace("\\", "/")).name or parts.hostname or "table"
    return re.sub(r"[^\w.\- ]", "_", last).strip(". ")[-_MOST_LETTERS:] or "table"


def download(address: str, folder: Path, *, allow_loopback: bool = False) -> Path:
    """Copy the file at an address into the folder. `allow_loopback` is for tests: this very computer may be asked.

    Raises TableError when it is no web address, not a public one, or does not arrive whole and in time.
    """
    if not _is_whole(address):
        raise TableError(BAD_ADDRESS(address=address[:200]))
    path = folder / file_name(address)
    try:
        with _opener(allow_loopback).open(address, timeout=_SILENT_SECONDS) as answer:
            _copy(answer, path, address)
    except urllib.error.HTTPError as problem:
        problem.close()
        reason = f"the server answers {problem.code} {problem.reason}"
        raise TableError(NOT_FOUND(address=shown(address), reason=reason)) from problem
    except (OSError, HTTPException, ValueError) as problem:
        reason = str(getattr(problem, "reason", problem)).rstrip(".") or type(problem).__name__
        raise TableError(NOT_FOUND(address=shown(address), reason=reason[:200])) from problem
    return path


def shown(address: str) -> str:
    """Return an address as it may be shown and kept: without name, password and what follows a question mark.

    >>> shown("https://ada:secret@example.org/a.csv?token=1")
    'https://example.org/a.csv'
    """
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:200]


def _is_whole(address: str) -> bool:
    try:
        return is_web_address(address) and bool(urlsplit(address).hostname)
    except ValueError:
        return False


def _copy(answer: HTTPResponse, path: Path, address: str) -> None:
    expected = int(answer.headers.get("Content-Length") or 0)
    deadline, n_bytes = time.monotonic() + MOST_SECONDS, 0
    with path.open("wb") as file:
        while (n_bytes or expected) <= MOST_BYTES and (block := answer.read(1 << 16)):
            n_bytes += len(block)
            file.write(block)
            if time.monotonic() > deadline:
                raise TableError(TOO_SLOW(address=shown(address), seconds=int(MOST_SECONDS)))
    if max(n_bytes, expected) > MOST_BYTES:
        raise TableError(TOO_LARGE(address=shown(address), gigabytes=round(MOST_BYTES / 1024**3)))
    if n_bytes < expected:
        raise TableError(NOT_FOUND(address=shown(address), reason="the connection broke off"))


def _opener(allow_loopback: bool) -> urllib.request.OpenerDirector:
    """Return what opens web addresses and follows redirections to others, and knows no files and no proxies."""
    opener = urllib.request.OpenerDirector()
    opener.addheaders = [("User-Agent", "tablewright")]
    connect = partial(_connect, allow_loopback=allow_loopback)
    for handler in (_Http(connect), _Https(connect)):
        opener.add_handler(handler)
    for general in (HTTPRedirectHandler, HTTPErrorProcessor, HTTPDefaultErrorHandler, UnknownHandler):
        opener.add_handler(general())
    return opener


def _connect(place: tuple[str, int], *rest: Any, allow_loopback: bool) -> socket.socket:
    """Connect to an address that was looked at: a second look-up of the name might give another one."""
    host, port = place
    found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not all(_may_be_asked(each, allow_loopback) for each in found):
        raise TableError(NOT_PUBLIC(host=host))
    return socket.create_connection((found[0], port), *rest)


def _may_be_asked(address: str, allow_loopback: bool) -> bool:
    """Say whether an address is public. Addresses that hold another one inside are judged by that.

    >>> [_may_be_asked(each, False) for each in ("93.184.215.14", "10.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1")]
    [True, False, False, False]
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        found = inner or found
    return (found.is_global and not found.is_multicast) or (allow_loopback and found.is_loopback)


class _Http(HTTPHandler):
    """Opens http addresses with a connection that looks where it goes."""

    def __init__(self, connect: Connect) -> None:
        super().__init__()
        self._connect = connect

    def http_open(self, req: Request) -> HTTPResponse:
        """Send a request and return the answer."""
        return self.do_open(partial(_http, connect=self._connect), req)


class _Https(HTTPSHandler):
    """Opens https addresses with a connection that looks where it goes."""

    def __init__(self, connect: Connect) -> None:
        super().__init__()
        self._connect = connect

    def https_open(self, req: Request) -> HTTPResponse:
        """Send a request and return the answer."""
        return self.do_open(partial(_https, connect=self._connect), req)


def _http(host: str, *, connect: Connect, **options: Any) -> HTTPConnection:
    made = HTTPConnection(host, **options)
    made._create_connection = connect  # type: ignore[attr-defined]  # noqa: SLF001 - the only place to step in
    return made


def _https(host: str, *, connect: Connect, **options: Any) -> HTTPSConnection:
    made = HTTPSConnection(host, **options)
    made._create_connection = connect  # type: ignore[attr-defined]  # noqa: SLF001 - the only place to step in
    return made
