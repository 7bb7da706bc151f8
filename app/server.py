"""The server of the app: Streamlit's pages, our own routes beside them, and what protects both."""

import asyncio
import atexit
import logging
import os
import signal
import socket
import threading
import tomllib
import webbrowser
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from app import readings
from app.collecting import collect_now_and_then, put_aside
from app.condition import condition_routes
from app.desktop import open_window, wait_until_closed
from app.downloads import download_route
from app.entrance import say_refused
from app.instance import address_of, claimed, running, wait_until_answers
from app.logs import begin
from app.opened import everyones_workspace, settle
from app.protection import LimitPace, SecurityHeaders
from app.side_pages import ended_afterwards
from app.sign_in import SignIn, sign_in
from app.uploads import sweep, upload_route
from app.visitors import CountPages
from app.waiting import looking_after
from app.who import KnowWhoAsks
from engine import logs
from storage.strays import reap

logger = logging.getLogger(__name__)

HERE = Path(__file__).parent
HOSTS = ["localhost", "127.0.0.1"]
DEFAULT_PORT = 8501


def serve(
    port: int | None = None, workspace_folder: Path | None = None, *, open_browser: bool = True, desktop: bool = False
) -> None:
    """Run the app on this computer until it is ended; prints its address first.

    A workspace has one server: where it runs already, that one is shown, unless a port is asked for.
    `port`: None takes 8501, or a free one when that is taken. `workspace_folder`: None takes the usual one.
    `desktop`: a window of its own, whose closing ends the server; trainings go on.
    """
    folder = (settle(workspace_folder) if workspace_folder is not None else everyones_workspace()).folder
    there = None if port is not None else running(folder)
    if there is None:
        chosen = free_port(DEFAULT_PORT) if port is None else port
        with claimed(folder, chosen) as ours:
            there = None if ours or port is not None else running(folder)  # another start was quicker
            if there is None:
                _serve(folder, chosen, open_browser=open_browser, desktop=desktop)
                return
    print(f"Tablewright runs already, at {there} (workspace {folder}).", flush=True)
    if desktop:
        open_window(there, folder)
    elif open_browser:
        webbrowser.open(there)


def _serve(folder: Path, port: int, *, open_browser: bool, desktop: bool) -> None:
    address, closed = address_of(port), threading.Event()
    begin("server", folder, in_terminal=True)
    os.environ["FORWARDED_ALLOW_IPS"] = ""  # who is connected is seen, not told: else anybody here could be a proxy
    print(f"Tablewright is at {address} (workspace {folder}). Press Ctrl+C to end it; training goes on.", flush=True)
    if desktop:
        threading.Thread(target=_show_window, args=(address, folder, closed), daemon=True).start()
    elif open_browser:
        threading.Thread(target=_show_in_browser, args=(address,), daemon=True).start()
    try:
        build(folder).run(config={**options(), **team_options(folder), "server.port": port})
    except KeyboardInterrupt:
        if not closed.is_set():
            raise


def _show_in_browser(address: str) -> None:
    if wait_until_answers(address):
        webbrowser.open(address)


def _show_window(address: str, folder: Path, closed: threading.Event) -> None:
    """Open the window once the server is ready, and end the server when the window is closed."""
    if not wait_until_answers(address):
        return
    window = open_window(address, folder)
    if window is None:
        return
    atexit.register(window.terminate)
    if wait_until_closed(window, address):
        closed.set()
        signal.raise_signal(signal.SIGINT)  # as Ctrl+C would: what is under way is ended in good order


def build(folder: Path) -> st.App:
    """Return the ASGI application for a workspace folder; raises WorkspaceError for settings that do not do."""
    rules = sign_in(folder)
    return st.App(
        HERE / "main.py",
        lifespan=_lifespan,
        routes=[*routes(folder), Mount("/fonts", StaticFiles(directory=HERE / "fonts"))],
        middleware=protection(rules),
        secrets=rules.secrets() or None,
        on_script_error=say_refused,
    )


def routes(folder: Path) -> list[Route]:
    """Return our own routes; `tests/app/test_who_may_what.py` holds an answer of each for everybody."""
    return [upload_route(folder), download_route(), *condition_routes()]


def protection(rules: SignIn) -> list[Middleware]:
    """Return what every request passes through first."""
    return [
        Middleware(CountPages),
        Middleware(TrustedHostMiddleware, allowed_hosts=[*HOSTS, *filter(None, [rules.host])]),
        Middleware(SecurityHeaders, address=rules.address),
        Middleware(KnowWhoAsks, rules=rules),
        Middleware(LimitPace),
    ]


def team_options(folder: Path) -> dict[str, Any]:
    """Return the settings of Streamlit that differ where people sign in."""
    rules = sign_in(folder)
    if not rules.is_on:
        return {}
    return {"server.address": rules.listen, "server.allowedHosts": [*HOSTS, rules.host]}


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
    """Load once what every page needs, and keep the collector from walking through it."""
    for library in ("pandas", "pyarrow", "altair"):
        import_module(library)
    from app.phrasebook import learn
    from app.screen import screens

    screens()
    learn()
    place = everyones_workspace()
    sweep(place.folder)
    readings.sweep()
    reap(place)
    put_aside()
    if logs.current().process:  # a test that builds the app has a log of its own
        logs.take_over("streamlit", "uvicorn", "websockets")
    logger.info("The app is ready")
    collecting = asyncio.create_task(collect_now_and_then())
    with looking_after(place), ended_afterwards():
        yield {}
    collecting.cancel()
    logger.info("The app ends")
