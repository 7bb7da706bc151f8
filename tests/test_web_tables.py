"""Files at web addresses: fetched whole, in time, and from public places only."""

import base64
import http.server
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InputError
from engine.table.reading import read_raw
from storage import web_tables
from storage.web_places import may_be_asked
from storage.web_tables import download, file_name, shown


class Site(http.server.BaseHTTPRequestHandler):
    """Answers with a table, redirections, and what goes wrong."""

    def do_GET(self) -> None:
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
        elif self.path == "/who.csv":
            content = f"who,x\n{self.headers.get('Authorization')},1\n".encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)
        elif self.path.startswith("/drip"):
            self.drip(self.path == "/drip/head")
        elif self.path.startswith("/lost.csv"):
            self.send_error(404)
        else:
            content = b"id,x\n" + b"1,2\n" * 50
            self.send_response(200)
            self.send_header("Content-Length", str(len(content) + (100 if "short" in self.path else 0)))
            self.end_headers()
            self.wfile.write(content)

    def drip(self, head: bool) -> None:
        """Send a byte now and then, for longer than anyone waits."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"X: " if head else b"Content-Length: 100\r\n\r\n"))
        try:
            for _ in range(100):
                self.wfile.write(b"a")
                time.sleep(0.1)
        except OSError:  # the other side has gone, as it should
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_is_fetched_under_a_safe_name(site: str, tmp_path: Path) -> None:
    path = download(f"{site}/data/a%2F..%2Fsales%20<1>.csv?token=secret", tmp_path, allow_loopback=True)
    assert path == tmp_path / "sales _1_.csv"
    assert read_raw(path).n_rows == 50
    assert download(f"{site}/to//moved.csv", tmp_path, allow_loopback=True).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/lost.csv", "web_not_found"),
        ("/short.csv", "web_not_found"),
        ("/to/file:///etc/hostname", "web_not_found"),
        ("/to/ftp://127.0.0.1/a.csv", "web_not_found"),
        ("/to/http://10.0.0.1/a.csv", "web_not_public"),
        ("/to/http://[::ffff:192.168.0.1]/a.csv", "web_not_public"),
        ("/to/http://[::7f00:1]/a.csv", "web_not_public"),
    ],
)
def test_what_does_not_arrive_whole_and_from_a_public_place_is_refused(
    site: str, tmp_path: Path, path: str, code: str
) -> None:
    with pytest.raises(InputError) as caught:
        download(f"{site}{path}", tmp_path, allow_loopback=True)
    assert caught.value.message.code == code


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://127.0.0.1:1/a.csv", "web_not_public"),
        ("http://localhost:1/a.csv", "web_not_public"),
        ("http://[::1]:1/a.csv", "web_not_public"),
        ("http://169.254.169.254/latest", "web_not_public"),
        ("http://0x7f.1/a.csv", "web_not_public"),
        ("file:///a.csv", "web_address"),
        ("ftp://example.org/a.csv", "web_address"),
        ("https:///a.csv", "web_address"),
        ("http://[::1/a.csv", "web_address"),
    ],
)
def test_only_public_web_addresses_are_opened(tmp_path: Path, address: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        download(address, tmp_path)
    assert caught.value.message.code == code


def test_files_that_are_too_large_or_too_slow_are_refused(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_tables, "MOST_BYTES", 100)
    with pytest.raises(InputError) as caught:
        download(f"{site}/a.csv", tmp_path, allow_loopback=True)
    assert caught.value.message.code == "web_too_large"
    monkeypatch.undo()
    monkeypatch.setattr(web_tables, "MOST_SECONDS", -1.0)
    with pytest.raises(InputError) as caught:
        download(f"{site}/a.csv", tmp_path, allow_loopback=True)
    assert caught.value.message.code == "web_too_slow"


@pytest.mark.parametrize("path", ["/drip/head", "/drip/body"])
def test_bytes_that_drip_are_not_waited_for(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(web_tables, "MOST_SECONDS", 0.5)
    begun = time.monotonic()
    with pytest.raises(InputError) as caught:
        download(f"{site}{path}", tmp_path, allow_loopback=True)
    assert caught.value.message.code == "web_too_slow"
    assert time.monotonic() - begun < 5  # all of it would take 10


@pytest.mark.parametrize(
    "address",
    [
        "::7f00:1",
        "64:ff9b:1::a00:1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "fec0::1",
        "fe80::1%eth0",
        "fd00::1",
        "::",
        "::ffff:0:127.0.0.1",
        "::ffff:127.0.0.1",
        "2001:0:0:0:0:0:f5ff:fffe",
        "ff0e::1",
        "0.0.0.0",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
    ],
)
def test_addresses_of_this_network_are_known_in_every_disguise(address: str) -> None:
    assert not may_be_asked(address)
    assert not may_be_asked("::1")
    assert may_be_asked("::1", allow_loopback=True)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:220:1::1", "64:ff9b::5db8:d70e", "2002:5db8:d70e::1"])
def test_public_addresses_are_asked(address: str) -> None:
    assert may_be_asked(address)


def names_say(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let the name of the example have these addresses."""
    right = socket.getaddrinfo

    def found(host: str, port: int, *rest: Any, **options: Any) -> list[tuple[Any, ...]]:
        hosts = addresses if host == "example.org" else [host]
        return [each for known in hosts for each in right(known, port, *rest, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.mark.parametrize("addresses", [("10.0.0.1",), ("93.184.215.14", "10.0.0.1"), ("::7f00:1",)])
def test_a_name_with_an_address_of_this_network_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    names_say(monkeypatch, *addresses)
    with pytest.raises(InputError) as caught:
        download("http://example.org/a.csv", tmp_path)
    assert caught.value.message.code == "web_not_public"


def test_a_redirection_to_this_computer_is_refused(site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def judged(address: str, *, allow_loopback: bool) -> bool:
        """Take the first host for a public one."""
        asked.append(address)
        return len(asked) == 1 or may_be_asked(address, allow_loopback=False)

    monkeypatch.setattr("storage.web_places.may_be_asked", judged)
    with pytest.raises(InputError) as caught:
        download(f"{site}/to/{site}/a.csv", tmp_path)
    assert caught.value.message.code == "web_not_public"
    assert len(asked) == 2


def test_all_addresses_of_a_host_are_tried(site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names_say(monkeypatch, "::1", "127.0.0.1")  # nobody listens at the first
    address = f"{site.replace('127.0.0.1', 'example.org')}/a.csv"
    assert read_raw(download(address, tmp_path, allow_loopback=True)).n_rows == 50


def test_a_password_is_sent_to_the_host_and_shown_nowhere(site: str, tmp_path: Path) -> None:
    address = site.replace("://", "://ada:s%40cret@")
    path = download(f"{address}/who.csv", tmp_path, allow_loopback=True)
    assert f"Basic {base64.b64encode(b'ada:s@cret').decode()},1" in path.read_text(encoding="utf-8")
    moved = download(f"{address}/to//who.csv", tmp_path, allow_loopback=True)
    assert "None,1" in moved.read_text(encoding="utf-8")
    for wrong in (
        f"{address}/lost.csv?token=s%40cret",
        "ftp://ada:s%40cret@example.org/a",
        "http://ada:s%40cret@[::1/a",
    ):
        with pytest.raises(InputError) as caught:
            download(wrong, tmp_path, allow_loopback=True)
        assert "cret" not in str(caught.value)
        assert "cret" not in shown(wrong) + file_name(wrong)
