"""Requests as nobody should send them, drawn from a seed, sent byte by byte to a server that really listens."""

import logging
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from urllib.parse import quote

import uvicorn
from starlette.types import ASGIApp

PATIENCE_SECONDS = 20.0
METHODS = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW", "get", "P\xd6ST", "")
PIECES = (
    "..",
    "../..",
    "%2e%2e%2f%2e%2e",
    "..%5c..",
    "....//",
    "%00",
    "a%00b.csv",
    "%ff%fe",
    "%ED%A0%80",
    "%",
    "%zz",
    "~",
    "C:%5cx",
    "%0d%0aSet-Cookie:a=b",
    "a" * 300,
    "%61" * 5000,
    "价格".encode().hex(),
    quote("价格 é 🙂"),
    "",
    "/",
    "//",
    ".",
    "*",
    "con",
    "' OR 1=1 --".replace(" ", "%20"),
    "-1",
    "999999999999999999999",
    "NaN",
    "null",
    "{run}",
    "{name:path}",
    "model.onnx",
)
QUERIES = (
    "",
    "?",
    "?language=%00",
    "?language=../../x",
    "?language=zh_CN&language=en",
    "?&&=&",
    "?" + "a" * 4000,
    "?separator=%0a",
    "?separator=;",
    "?header=maybe",
    "?doubt=2",
    "?unread=missing",
    "?unread=%F0",
    "?" + "x=1&" * 900,
    "?%ff=%fe",
)
NUMBERS = ("-1", "0", "1e9", "9" * 19, "9" * 5000, "０１", "0x10", "", " 7 ", "+5", "1,2")
RANGES = (
    "bytes=0-",
    "bytes=-1",
    "bytes=--5",
    "bytes=5-1",
    "bytes=0-99999999999999999999",
    "bytes=" + "0-0," * 500 + "0-0",
    "bytes=a-b",
    "items=0-1",
    "bytes=",
    "bytes=-0",
    "bytes=1-1,3-2",
    "bytes=" + "9" * 5000 + "-",
    "bytes=0-0,-0",
    "=",
)
TYPES = (
    "application/json",
    "text/csv",
    "text/csv; charset=utf-16",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "application/json; charset=none",
    "a/b/c",
    "\xff",
    "",
)
NAMES = (
    "t.csv",
    "..%2f..%2ft.csv",
    "t.csv%00.exe",
    "%00.csv",
    ".csv",
    "t" * 4000 + ".csv",
    quote("价格" * 90 + ".parquet"),
    "t.exe",
    "%ff%fe.csv",
    "%F0%9F%99%82.json",
    "C%3A%5Ct.xlsx",
    "",
    " .csv",
    "a.zip",
    "con.csv",
    "t.CSV",
    "%E2%80%AE.csv",
)
BODIES: tuple[bytes, ...] = (
    b"",
    b"a,b\n1,2\n",
    b"\x00" * 300,
    b"\xff\xfe\x00\xd8",
    b"{",
    b"[" * 20_000,
    b'{"rows": [{"rooms": {}}]}',
    b"NaN",
    b'{"rows": 1e400}',
    b'{"rooms": ' + b"9" * 5000 + b"}",
    b'{"town": "\\ud800"}',
    b'"' * 999,
    b"PK\x03\x04" + b"\x00" * 60,
    b"\x1f\x8b\x08\x00garbage",
    b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n1',
    b"--x--",
    b'a,"b\n1,2,3\n"',
    b"rooms;town\n1;Kiel\n",
    b"\r\n" * 500,
    b"SQLite format 3\x00" + b"\x01" * 200,
    b"x" * 70_000,
)


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is asked for: `paths`, with `*` where something odd may stand, and headers by which one is let in."""

    paths: Sequence[str]
    credentials: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is sent. `whole`: as long as it says, so that an answer follows by itself."""

    data: bytes
    whole: bool


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What came back: 0 where the connection was closed without an answer."""

    status: int
    body: bytes


def request(draw: Random, target: Target) -> Asked:
    """Draw one request."""
    body, whole = draw.choice(BODIES), True
    path = "".join(draw.choice(PIECES) if part == "*" else part for part in _split(draw.choice(target.paths)))
    method = draw.choice(METHODS) if draw.random() < 0.4 else draw.choice(("GET", "POST"))
    lines = [f"{method} {path}{draw.choice(QUERIES)} HTTP/{draw.choice(['1.1'] * 8 + ['1.0', '9.9'])}"]
    if draw.random() < 0.95:
        lines.append(f"Host: {draw.choice(['localhost'] * 9 + ['evil.example', '', 'localhost:99999', '[::1', 'a b'])}")
    lines += [f"{name}: {value}" for name, value in _headers(draw, target)]
    if draw.random() < 0.15:
        lines.append("Transfer-Encoding: chunked")
        body, whole = _chunked(draw, body), False
    elif draw.random() < 0.9:
        right = whole = draw.random() < 0.8
        lines.append(f"Content-Length: {len(body) if right else draw.choice(NUMBERS)}")
    if draw.random() < 0.05:
        lines.append(draw.choice(["no colon", ": empty", "a\x00b: c", "x" * 70_000 + ": y", "Content-Length: 3"]))
    lines.append("Connection: close")
    return Asked(data="\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body, whole=whole)


def _split(path: str) -> list[str]:
    return [part for pieces in path.split("*") for part in (pieces, "*")][:-1]


def _headers(draw: Random, target: Target) -> Iterator[tuple[str, str]]:
    odd = {
        "x-tablewright": ("1", "0", "\xff"),
        "x-filename": NAMES,
        "content-type": TYPES,
        "content-encoding": ("gzip", "identity", "\x00", "br, gzip"),
        "range": RANGES,
        "if-range": ("x", "Wed, 99 Foo 2099 25:61:61 GMT", "\xff"),
        "accept": ("*/*", "\xff", "a" * 3000),
        "accept-language": ("zh-CN", "*;q=nan", "\xff" * 50),
        "cookie": ("_streamlit_user=x", "=;=;" * 300, "_streamlit_user=" + "a" * 3000, "\xff=\xfe"),
        "authorization": ("Bearer", "Bearer \xff\xfe", "Basic !!!", "Bearer " + "a" * 3000, "bearer  x y z"),
        "x-forwarded-for": ("10.0.0.1", "not an address", ""),
        "x-forwarded-user": ("root@x.org", "\xff", "a" * 999, "ada@x.org, root@x.org", "%00"),
        "x-tablewright-person": ("root@x.org", "%zz"),
        "expect": ("100-continue", "200-ok"),
        "connection": ("close", "upgrade", "keep-alive, x"),
        "upgrade": ("websocket", "h2c"),
        "origin": ("null", "https://evil.example", "\xff"),
        "if-none-match": ("*", "\xff", '"' * 99),
        "if-modified-since": ("yesterday", "Thu, 01 Jan 1970 00:00:00 GMT", "-1"),
    }
    if draw.random() < 0.8:  # most get past the door: what lies behind it is what may break
        yield from target.credentials
    for name in draw.sample(sorted(odd), draw.choice((0, 1, 2, 4))):
        yield name, draw.choice(odd[name])


def _chunked(draw: Random, body: bytes) -> bytes:
    whole = f"{len(body):x}".encode() + b"\r\n" + body + b"\r\n0\r\n\r\n" if body else b"0\r\n\r\n"
    return draw.choice((whole, whole, whole[: len(whole) // 2], b"-5\r\nabc\r\n", b"fffffffffffffffff\r\nx", b"zz\r\n"))


@contextmanager
def listening(app: ASGIApp) -> Iterator[tuple[int, list[str]]]:
    """Run an application on a port; gives the port, and what its server complains about meanwhile."""
    complaints = _Complaints()
    loggers = [logging.getLogger("uvicorn.error"), logging.getLogger("asyncio")]
    bound = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, lifespan="off", proxy_headers=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
    for logger in loggers:
        logger.addHandler(complaints)
    thread.start()
    try:
        end = time.monotonic() + PATIENCE_SECONDS
        while not server.started and time.monotonic() < end:
            time.sleep(0.005)
        yield bound.getsockname()[1], complaints.said
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)
        bound.close()
        for logger in loggers:
            logger.removeHandler(complaints)


def sent(port: int, asked: Asked) -> Heard:
    """Send a request, and return what is answered until the other side closes; a broken one ends the connection."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as wire:
        try:
            wire.sendall(asked.data)
            if not asked.whole:
                wire.shutdown(socket.SHUT_WR)
            while part := wire.recv(65_536):
                answer += part
        except ConnectionError:  # it had heard enough
            pass
    head, _, body = answer.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 100"):
        head, _, body = body.partition(b"\r\n\r\n")
    words = head.split()
    return Heard(status=int(words[1]) if len(words) > 1 else 0, body=body)


class _Complaints(logging.Handler):
    """Keeps what is an error: an answer that could not be made, though nobody was there to be told."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        problem = record.exc_info[1] if record.exc_info else None
        if type(problem).__module__.startswith("h11"):  # the protocol's own: it has refused the bytes already
            return
        self.said.append(f"{record.getMessage().strip()}: {problem!r}")
