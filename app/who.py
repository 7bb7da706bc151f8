"""Who asks: found out once for each request, carried to the pages and routes, and looked up in the workspace."""

from contextvars import ContextVar
from pathlib import Path
from urllib.parse import quote, unquote

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.bootstrap import OWNER
from app.protection import PERSON as HEADER  # ours alone: what a browser or a proxy sends by it is thrown away
from app.sign_in import SignIn, Way, sign_in
from storage.access import Actor, Role
from storage.workspace import Workspace

OWN_ROUTES = ("/api/", "/media/")  # answered to people only; a page must be there before one can sign in on it
ALWAYS = frozenset({"/_stcore/health", "/healthz", "/metrics"})  # counts alone, for who operates it
NOBODY = Actor(name="", role=None)
ALONE = Actor(name=OWNER, role=Role.BUILDER, is_alone=True)

_person: ContextVar[str] = ContextVar("person", default="")


class KnowWhoAsks:
    """Finds out who asks, and turns away who must be known and is not. Pure ASGI, so that streams stay streams."""

    def __init__(self, app: ASGIApp, rules: SignIn) -> None:
        self.app = app
        self.rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with a header that says who asks."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        name = self.rules.person(HTTPConnection(scope)) if self.rules.is_on else ""
        if self.rules.is_on and not name and self._must_be_known(scope):
            await _turn_away(scope, receive, send)
            return
        theirs = [pair for pair in scope["headers"] if pair[0].lower() != HEADER.encode()]
        ours = [(HEADER.encode(), quote(name).encode())] if name else []
        before = _person.set(name)
        try:
            await self.app({**scope, "headers": [*theirs, *ours]}, receive, send)
        finally:
            _person.reset(before)

    def _must_be_known(self, scope: Scope) -> bool:
        """Whether this is for people only: behind a proxy everything is, else what a page does not need to begin."""
        if self.rules.way is Way.HEADER:
            return bool(scope["path"] not in ALWAYS)
        return bool(scope["path"].startswith(OWN_ROUTES))


async def _turn_away(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await PlainTextResponse("Sign in first.", status_code=401)(scope, receive, send)


def who_asks(place: Workspace) -> Actor:
    """Return who the present page or route works for, with what they may do now.

    Without sign-in it is the single user. Who is not known, or is no longer, may do nothing.
    """
    rules = sign_in(place.folder)
    if not rules.is_on:
        return ALONE
    name = _name()
    if not name:
        return NOBODY
    role = Role.ADMIN if name in rules.admins else place.people.role(name)
    return Actor(name=name, role=role)


def name_of_who_asks(folder: Path) -> str:
    """Return only the name, without looking at the workspace; the single user's where nobody signs in."""
    return _name() if sign_in(folder).is_on else OWNER


def _name() -> str:
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    if get_script_run_ctx(suppress_warning=True) is None:
        return _person.get()
    import streamlit as st

    return unquote(st.context.headers.get(HEADER) or "")
