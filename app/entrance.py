"""Who has signed in, and what is said to who may not: before any page is drawn."""

import logging

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app.language import _, say
from app.opened import everyones_workspace, workspace
from app.pieces import refusal
from app.preflight import is_low_on_disk
from app.sign_in import Way, sign_in
from app.wording import plain
from engine.errors import ConfigError
from storage.access import NO_RIGHTS, AccessError

logger = logging.getLogger(__name__)


def may_enter() -> bool:
    """Whether whoever asks may see any page; who may not is told why, and can sign in."""
    actor = workspace().actor
    if actor.role is not None:
        _say_short_of_disk()
        return True
    rules = sign_in(everyones_workspace().folder)
    st.title(_("Who are you?"), anchor=False)
    if actor.name:
        refusal(NO_RIGHTS(name=actor.name))
    elif rules.way is Way.OIDC:
        st.write(_("This workspace is shared by a team. Sign in to see what is yours."))
        st.button(_("Sign in"), type="primary", icon=":material/login:", on_click=st.login)
    else:
        st.write(_("This workspace is shared by a team, and nobody said who you are. Open it by the team's address."))
    if actor.name and rules.way is Way.OIDC:
        st.button(_("Sign out"), icon=":material/logout:", on_click=st.logout)
    return False


def _say_short_of_disk() -> None:
    """Say it on every page when trainings cannot go on for want of room."""
    try:
        short = is_low_on_disk(workspace().folder)
    except ConfigError as wrong:
        refusal(wrong.message)
        return
    if short:
        said = _("The disk is nearly full: trainings end and keep their best until there is room again.")
        st.warning(said, icon=":material/storage:")


def run_allowed(page: StreamlitPage) -> None:
    """Draw a page; what is refused on it is said in words."""
    try:
        page.run()
    except AccessError as refused:
        refusal(refused.message, _("This is not allowed"))


def say_refused(problem: Exception) -> bool:
    """Say it when a button did what its reader may not do; returns whether that was all."""
    if isinstance(problem, AccessError):
        st.error(plain(say(problem.message)), icon=":material/lock:")
        return True
    logger.error("A page broke off", exc_info=problem)
    return False
