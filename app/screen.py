"""A screen of the app: one file in `app/screens` with one constant of type `Screen`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import streamlit as st

from app.language import say
from engine.messages import Phrase
from engine.registry import part, parts

PACKAGE = "app.screens"


@dataclass(frozen=True, kw_only=True)
class Screen:
    """One page. `title`: its name in the top row; `order`: its place there, the lowest being the first page.

    `section`: empty stands in the top row itself; screens with the same other section share a menu there.
    `render`: draws the page; everything it shows comes from the workspace.
    """

    key: str
    title: Phrase
    icon: str
    order: int
    render: Callable[[], None]
    section: Phrase | None = None


def screens() -> tuple[Screen, ...]:
    """Return every screen, in the order of the top row."""
    return tuple(sorted(parts(PACKAGE, Screen), key=lambda screen: screen.order))


def page_of(screen: Screen) -> Any:
    """Return Streamlit's page of a screen; its address is the screen's key."""
    first = screen is screens()[0]
    return st.Page(screen.render, title=say(screen.title()), icon=screen.icon, url_path=screen.key, default=first)


def sections() -> dict[str, list[Any]]:
    """Return the pages by the menus of the top row."""
    found: dict[str, list[Any]] = {}
    for screen in screens():
        heading = say(screen.section()) if screen.section else ""
        found.setdefault(heading, []).append(page_of(screen))
    return found


def go(key: str, **query: str) -> NoReturn:
    """Leave for another screen; the query says what it is to show, such as `run="..."`."""
    st.switch_page(page_of(part(PACKAGE, Screen, key)), query_params=query)


def link(key: str, label: str, *, icon: str | None = None, **query: str) -> None:
    """Draw a link to another screen."""
    st.page_link(page_of(part(PACKAGE, Screen, key)), label=label, icon=icon, query_params=query)


def show_here(label: str, *, icon: str | None = None, key: str, **query: str) -> None:
    """Draw a way to something else on the page one is on: a link to itself would leave the old address behind."""
    if st.button(label, icon=icon, type="tertiary", key=key):
        st.query_params.from_dict(query)
        st.rerun()  # the whole page, also from a part of it
