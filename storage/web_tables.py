"""A file at a web address is copied onto this computer: only where that is switched on, and from public places only."""

import base64
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import unquote, urlsplit, urlunsplit
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
from storage.web_places import SILENT_SECONDS, TimedAnswer, connect

BAD_ADDRESS = phrase(
    "web_address",
    "{address} is no web address that can be opened; it has to begin with https:// or http://.",
    "Correct it, or download the file yourself and add it.",
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
_MOST_LETTERS = 100
_ALMOST_SECONDS = 0.05  # clocks are not exact


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
    if not _is_whole(address):
        return "table"
    parts = urlsplit(address)
    last = PurePosixPath(unquote(parts.path).replace("\\", "/")).name or parts.hostname or "table"
    return re.sub(r"[^\w.\- ]", "_", last).strip(". ")[-_MOST_LETTERS:] or "table"


def download(address: str, folder: Path, *, allow_loopback: bool = False) -> Path:
    """Copy the file at an address into the folder. `allow_loopback` is for tests: this very computer may be asked.

    Raises TableError when it is no web address, not a public one, or does not arrive whole and in time.
    """
    if not _is_whole(address):
        raise TableError(BAD_ADDRESS(address=shown(address)))
    path, deadline = folder / file_name(address), time.monotonic() + MOST_SECONDS
    try:
        with _opener(deadline, allow_loopback).open(_request(address), timeout=SILENT_SECONDS) as answer:
            _copy(answer, path, address)
    except urllib.error.HTTPError as problem:
        problem.close()
        reason = f"the server answers {problem.code} {problem.reason}"
        raise TableError(NOT_FOUND(address=shown(address), reason=reason)) from problem
    except (OSError, HTTPException, ValueError) as problem:
        if time.monotonic() > deadline - _ALMOST_SECONDS:
            raise TableError(TOO_SLOW(address=shown(address), seconds=int(MOST_SECONDS))) from problem
        reason = str(getattr(problem, "reason", problem)).rstrip(".") or type(problem).__name__
        raise TableError(NOT_FOUND(address=shown(address), reason=reason[:200])) from problem
    return path


def shown(address: str) -> str:
    """Return an address as it may be shown and kept: without name, password and what follows a question mark.

    >>> shown("https://ada:secret@example.org/a.csv?token=1")
    'https://example.org/a.csv'
    """
    if not _has_a_host(address):  # what looks like a path may be a part of a password
        return f"{address.partition(':')[0][:20]}://…"
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:200]


def _is_whole(address: str) -> bool:
    return is_web_address(address) and _has_a_host(address)


def _has_a_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0  # to ask for the port is to look at it
    except ValueError:
        return False


def _request(address: str) -> Request:
    """Return the request for a file. A name and a password go to the first host alone, not on with a redirection."""
    parts = urlsplit(address)
    account, _, host = parts.netloc.rpartition("@")
    made = Request(urlunsplit(parts._replace(netloc=host, fragment="")))  # noqa: S310 - http or https, looked at before
    if account:
        made.add_unredirected_header("Authorization", f"Basic {base64.b64encode(unquote(account).encode()).decode()}")
    return made


def _copy(answer: HTTPResponse, path: Path, address: str) -> None:
    expected = int(answer.headers.get("Content-Length") or 0)
    n_bytes = 0
    with path.open("wb") as file:
        while (n_bytes or expected) <= MOST_BYTES and (block := answer.read1(1 << 16)):
            n_bytes += len(block)
            file.write(block)
    if max(n_bytes, expected) > MOST_BYTES:
        raise TableError(TOO_LARGE(address=shown(address), gigabytes=round(MOST_BYTES / 1024**3)))
    if n_bytes < expected:
        raise TableError(NOT_FOUND(address=shown(address), reason="the connection broke off"))


def _opener(deadline: float, allow_loopback: bool) -> urllib.request.OpenerDirector:
    """Return what opens web addresses and follows redirections to others, and knows no files and no proxies."""
    opener = urllib.request.OpenerDirector()
    opener.addheaders = [("User-Agent", "tablewright")]

    def looked_at(kind: type[HTTPConnection], host: str, **options: Any) -> HTTPConnection:
        made = kind(host, **options)
        made._create_connection = partial(connect, deadline=deadline, allow_loopback=allow_loopback)  # type: ignore[attr-defined]  # noqa: SLF001 - the only place to step in
        made.response_class = partial(TimedAnswer, deadline=deadline)  # type: ignore[assignment]
        return made

    for handler in (_Http(looked_at), _Https(looked_at)):
        opener.add_handler(handler)
    for general in (_Redirections, HTTPErrorProcessor, HTTPDefaultErrorHandler, UnknownHandler):
        opener.add_handler(general())
    return opener


class _Redirections(HTTPRedirectHandler):
    """Goes on to another address without reading what comes with a redirection, which has no limit."""

    def redirect_request(self, req: Request, fp: IO[bytes], *rest: Any) -> Request | None:
        """Return the request for the other address."""
        fp.close()
        return super().redirect_request(req, fp, *rest)


class _Http(HTTPHandler):
    """Opens http addresses with a connection that looks where it goes."""

    def __init__(self, looked_at: Callable[..., HTTPConnection]) -> None:
        super().__init__()
        self._looked_at = looked_at

    def http_open(self, req: Request) -> HTTPResponse:
        """Send a request and return the answer."""
        return self.do_open(partial(self._looked_at, HTTPConnection), req)


class _Https(HTTPSHandler):
    """Opens https addresses with a connection that looks where it goes."""

    def __init__(self, looked_at: Callable[..., HTTPConnection]) -> None:
        super().__init__()
        self._looked_at = looked_at

    def https_open(self, req: Request) -> HTTPResponse:
        """Send a request and return the answer."""
        return self.do_open(partial(self._looked_at, HTTPSConnection), req)
