"""The server of the app: Streamlit's pages, our own routes beside them, and what protects both."""

import gc
import os
import socket
import threading
import time
import tomllib
import urllib.error
import urllib.request
import webbrowser
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from app import readings
from app.downloads import download_route
from app.opened import settle, workspace
from app.protection import SecurityHeaders
from app.uploads import sweep, upload_route

HERE = Path(__file__).parent
HOSTS = ["localhost", "127.0.0.1"]
DEFAULT_PORT = 8501


def serve(port: int | None = None, workspace_folder: Path | None = None, *, open_browser: bool = True) -> None:
    """Run the app on this computer until it is ended; prints its address first.

    `port`: None takes 8501, or a free one when that is taken. `workspace_folder`: None takes the usual one.
    """
    folder = (settle(workspace_folder) if workspace_folder is not None else workspace()).folder
    chosen = free_port(DEFAULT_PORT) if port is None else port
    address = f"http://localhost:{chosen}"
    print(f"Tablewright is at {address} (workspace {folder}). Press Ctrl+C to end it; training goes on.", flush=True)
    if open_browser:
        threading.Thread(target=_open_when_ready, args=(address,), daemon=True).start()
    build(folder).run(config={**options(), "server.port": chosen})


def build(folder: Path) -> st.App:
    """Return the ASGI application for a workspace folder."""
    return st.App(
        HERE / "main.py",
        lifespan=_lifespan,
        routes=[upload_route(folder), download_route()],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS), Middleware(SecurityHeaders)],
    )


def options() -> dict[str, Any]:
    """Return Streamlit's settings by dotted name, from `streamlit.toml`."""
    return dict(_flat(tomllib.loads((HERE / "streamlit.toml").read_text(encoding="utf-8"))))


def free_port(wanted: int) -> int:
    """Return `wanted` when nobody listens there, else any free port."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            if (
                os.name == "posix"
            ):  # a port that was left a moment ago is free; on Windows this flag would mean something else
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port")


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


@asynccontextmanager
async def _lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Load once what every page needs, and keep the collector from walking through it after every run."""
    for library in ("pandas", "pyarrow", "altair"):
        import_module(library)
    from app.phrasebook import learn
    from app.screen import screens

    screens()
    learn()
    sweep(workspace().folder)
    readings.sweep()
    gc.collect()
    gc.freeze()
    yield {}


def _open_when_ready(address: str, patience_seconds: float = 30) -> None:
    end = time.monotonic() + patience_seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):  # noqa: S310 - our own address
                webbrowser.open(address)
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
