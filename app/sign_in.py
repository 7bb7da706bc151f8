"""How people of a team are known: by an identity provider, or by a proxy before the app. By default nobody signs in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from app.bootstrap import OWNER
from engine.errors import WorkspaceError
from engine.messages import Message, phrase
from storage.people import LONGEST_NAME, plain_name
from storage.settings import (
    ADDRESS,
    ADMINS,
    COOKIE_SECRET,
    LISTEN,
    OIDC_CLIENT,
    OIDC_PROVIDER,
    OIDC_SECRET,
    PROXIES,
    SIGN_IN,
    USER_HEADER,
    Setting,
)

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SESSION_DAYS = 0.5  # then one signs in again
LEAST_SECRET = 32
BAD_SIGN_IN = phrase(
    "sign_in_setting",
    "The setting {name} cannot be used: {reason}.",
    "Correct it before the app is started; SECURITY.md says what a team needs.",
)

Network = IPv4Network | IPv6Network


class Way(StrEnum):
    """How somebody is known."""

    OFF = "off"
    OIDC = "oidc"
    HEADER = "header"


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """What the settings say, found to be usable. `address`: where the team reaches the app, without a path."""

    way: Way = Way.OFF
    address: str = ""
    listen: str = LOOPBACK[0]
    admins: frozenset[str] = frozenset()
    header: str = ""
    proxies: tuple[Network, ...] = ()
    provider: str = ""
    client: str = ""
    client_secret: str = ""
    cookie_secret: str = ""

    @property
    def is_on(self) -> bool:
        """Whether there is a team."""
        return self.way is not Way.OFF

    @property
    def host(self) -> str:
        """The host name by which the app is asked for."""
        return urlsplit(self.address).hostname or ""

    def secrets(self) -> dict[str, Any]:
        """Return what Streamlit needs to know of the identity provider."""
        if self.way is not Way.OIDC:
            return {}
        return {
            "auth": {
                "redirect_uri": f"{self.address}/oauth2callback",
                "cookie_secret": self.cookie_secret,
                "client_id": self.client,
                "client_secret": self.client_secret,
                "server_metadata_url": self.provider,
                "client_kwargs": {"scope": "openid email", "prompt": "select_account"},
            }
        }

    def person(self, asked: HTTPConnection) -> str:
        """Return who asks, as far as that can be believed; empty where it cannot."""
        name = self._from_proxy(asked) if self.way is Way.HEADER else self._from_cookie(asked)
        # The rows from before there was a team belong to nobody but the administrators.
        return name if name.isprintable() and len(name) <= LONGEST_NAME and name != OWNER else ""

    def _from_proxy(self, asked: HTTPConnection) -> str:
        said = asked.headers.getlist(self.header)
        if asked.client is None or len(said) != 1:  # a second one may have been slipped in before the proxy's
            return ""
        try:
            sender = ip_address(asked.client.host)
        except ValueError:
            return ""
        return plain_name(said[0]) if any(sender in proxy for proxy in self.proxies) else ""

    def _from_cookie(self, asked: HTTPConnection) -> str:
        if self.way is not Way.OIDC:
            return ""
        told = signed_in(asked.cookies, self.cookie_secret)
        if told.get("origin") != self.address or not told.get("is_logged_in") or told.get("email_verified") is False:
            return ""
        return plain_name(str(told.get("email") or ""))


def signed_in(cookies: Mapping[str, str], secret: str) -> Mapping[str, Any]:
    """Return what Streamlit's signed cookie says of who has signed in; nothing where it is not genuine or too old."""
    from streamlit.auth_util import get_cookie_with_chunks
    from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
    from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

    def part(name: str) -> bytes | None:
        return decode_signed_value(secret, name, cookies.get(name, "").encode("latin-1", "ignore"), SESSION_DAYS)

    whole = get_cookie_with_chunks(part, USER_COOKIE_NAME)
    try:
        told = json.loads(whole or b"{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def sign_in(folder: Path) -> SignIn:
    """Return how people sign in; raises WorkspaceError where the settings do not go together."""
    way = SIGN_IN.value(folder).strip().lower()
    if way == Way.OFF:
        if LISTEN.value(folder) not in LOOPBACK:
            raise WorkspaceError(_bad(LISTEN, "without sign-in the app listens to this computer only"))
        return SignIn()
    if way not in set(Way):
        raise WorkspaceError(_bad(SIGN_IN, "it is off, oidc or header"))
    found = SignIn(
        way=Way(way),
        address=_address(folder),
        listen=LISTEN.value(folder),
        admins=frozenset(plain_name(each) for each in ADMINS.value(folder).split(",") if each.strip()),
        header=USER_HEADER.value(folder).strip().lower(),
        proxies=_networks(folder) if way == Way.HEADER else (),
        provider=OIDC_PROVIDER.value(folder),
        client=OIDC_CLIENT.value(folder),
        client_secret=OIDC_SECRET.value(folder),
        cookie_secret=COOKIE_SECRET.value(folder),
    )
    if found.way is Way.OIDC:
        _require_provider(found)
    return found


def _require_provider(found: SignIn) -> None:
    needed = ((OIDC_PROVIDER, found.provider), (OIDC_CLIENT, found.client), (OIDC_SECRET, found.client_secret))
    for setting, value in needed:
        if not value:
            raise WorkspaceError(_bad(setting, "it is needed to sign in with oidc"))
    if len(found.cookie_secret) < LEAST_SECRET:
        raise WorkspaceError(_bad(COOKIE_SECRET, f"it has fewer than {LEAST_SECRET} letters"))


def _address(folder: Path) -> str:
    given = urlsplit(ADDRESS.value(folder).strip())
    secure = given.scheme == "https" or given.hostname in LOOPBACK
    if given.scheme not in {"http", "https"} or not given.hostname or given.path.strip("/") or not secure:
        raise WorkspaceError(_bad(ADDRESS, "it is needed, begins with https:// and has no path"))
    return f"{given.scheme}://{given.netloc}"


def _networks(folder: Path) -> tuple[Network, ...]:
    given = [each.strip() for each in PROXIES.value(folder).split(",") if each.strip()]
    try:
        found = tuple(ip_network(each) for each in given)
    except ValueError as problem:
        raise WorkspaceError(_bad(PROXIES, str(problem).rstrip("."))) from problem
    if not found or any(not each.prefixlen for each in found):
        raise WorkspaceError(_bad(PROXIES, "it names the proxies that are believed, and never every address"))
    return found


def _bad(setting: Setting, reason: str) -> Message:
    return BAD_SIGN_IN(name=setting.variable, reason=reason)
