"""The form for how candidates are compared."""

import streamlit as st

from app.language import _
from engine.search.validation import MOST_FOLDS, MOST_REPEATS, Scheme, ValidationSettings


def validation_form(key: str, before: ValidationSettings) -> ValidationSettings:
    """Draw the form and return what was chosen. `key`: of the table; `before`: what stands in it at first."""
    words = {
        Scheme.SINGLE: _("on one part of the rows"),
        Scheme.FOLDS: _("on folds, each row once"),
        Scheme.FORWARD: _("forward in time"),
    }
    scheme = st.selectbox(
        _("Candidates are compared"),
        list(Scheme),
        index=None if before.scheme is None else list(Scheme).index(Scheme(before.scheme)),
        format_func=lambda each: words[each],
        placeholder=_("as the table asks for"),
        key=f"scheme_{key}",
        persist_state="session",
    )
    # Without a scheme of their own no fields ask for these, and a terminal sets them nevertheless.
    kept = before if scheme == before.scheme else ValidationSettings()
    n_folds, n_repeats, gap_rows = kept.n_folds, kept.n_repeats, kept.gap_rows
    if scheme in {Scheme.FOLDS, Scheme.FORWARD}:
        n_folds = st.number_input(
            _("Number of folds"),
            2,
            MOST_FOLDS,
            before.n_folds,
            placeholder=_("as the table asks for"),
            key=f"folds_{key}",
            persist_state="session",
        )
    if scheme is Scheme.FOLDS:
        n_repeats = st.number_input(
            _("How often the folds are drawn"),
            1,
            MOST_REPEATS,
            before.n_repeats,
            placeholder=_("as the table asks for"),
            key=f"repeats_{key}",
            persist_state="session",
        )
    if scheme is Scheme.FORWARD:
        gap_rows = st.number_input(
            _("Rows left out between learning and testing"),
            min_value=0,
            value=before.gap_rows,
            key=f"gap_{key}",
            persist_state="session",
            help=_("For answers that become known late: the last rows before the tested ones are not learnt from."),
        )
    return ValidationSettings(
        scheme=None if scheme is None else str(scheme), n_folds=n_folds, n_repeats=n_repeats, gap_rows=int(gap_rows)
    )
