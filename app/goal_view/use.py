"""The form for what one row stands for and when the answer is used."""

import streamlit as st

from app.language import _
from engine.intended_use import MOST_LETTERS, IntendedUse


def use_form(key: str, before: IntendedUse) -> IntendedUse:
    """Draw the form and return what was said. `key`: of the table; `before`: what stands in the form at first."""
    row, when = st.columns(2, gap="large")
    said = row.text_input(
        _("One row is one …"),
        value=before.row,
        max_chars=MOST_LETTERS,
        placeholder=_("customer, visit, day"),
        key=f"use_row_{key}",
        persist_state="session",
    )
    moment = when.text_input(
        _("I use the answer when …"),
        value=before.when,
        max_chars=MOST_LETTERS,
        placeholder=_("a contract is about to end"),
        key=f"use_when_{key}",
        persist_state="session",
        help=_("It stands in the report and the model card, so that nobody uses the model for something else."),
    )
    if moment:
        when.caption(_("Look at the columns with that moment in mind: what is only known later must be left out."))
    return IntendedUse(row=said.strip(), when=moment.strip())
