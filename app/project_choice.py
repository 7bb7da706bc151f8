"""In which project a new table and what is learnt from it are to lie; asked only where there is a choice."""

import streamlit as st

from app.language import _
from app.opened import workspace
from storage.access import OWN_PROJECT

PROJECT = "project"  # in the session: the project that new tables go into


def project_choice() -> None:
    """Draw the choice, where somebody may build in a shared project."""
    shared = workspace().runs.gate.places()
    if not shared:
        st.session_state.pop(PROJECT, None)  # the last one may have been taken away meanwhile
        return
    choices = [OWN_PROJECT, *shared]
    before = st.session_state.get(PROJECT, OWN_PROJECT)
    chosen = st.selectbox(
        _("Who sees the new table, and what is learnt from it"),
        choices,
        index=choices.index(before) if before in choices else 0,
        format_func=lambda name: _("Only you") if name == OWN_PROJECT else name,
        key="project_choice",
        width=420,
    )
    st.session_state[PROJECT] = chosen
