"""A file while it is being read: what its beginning shows, how long it has taken, and a way out."""

import time

import pandas as pd
import streamlit as st

from app import readings
from app.current import choose_dataset, forget_reading
from app.language import _
from app.pieces import refusal
from app.readings import Reading
from app.screen import go
from app.wording import count, duration, plain, size
from engine.errors import InputError

LOOK_SECONDS = 1.5  # a small table is there by then; of a large one, its beginning
POLL_SECONDS = 0.5


def show_reading(reading_id: str) -> None:
    """Draw a file that is being read; leaves for the table when it is there, says why when there will be none."""
    try:
        found = readings.wait(reading_id, LOOK_SECONDS, until_first=True)
        if found.first is None or found.n_bytes < 2_000_000:
            found = readings.wait(reading_id, LOOK_SECONDS)
    except InputError as gone:
        forget_reading()
        refusal(gone.message)
        return
    if found.ended:
        _end(found)
        return
    st.title(_("Is this how your table looks?"), anchor=False)
    _progress(reading_id)
    _beginning(found)


@st.fragment(run_every=POLL_SECONDS)
def _progress(reading_id: str) -> None:
    try:
        found = readings.reading(reading_id)
    except InputError:
        st.rerun()
    if found.ended:
        st.rerun()
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap="xxsmall"):
            st.markdown(
                _("Reading {name} ({size}) and looking at every column …").format(
                    name=f"**{plain(found.name)}**", size=size(found.n_bytes)
                )
            )
            st.caption(
                _("{seconds} so far. Closing this page is safe; this address leads back here.").format(
                    seconds=duration(time.time() - found.begun_at)
                )
            )
        if st.button(_("Cancel"), icon=":material/close:", key="cancel_reading"):
            readings.cancel(reading_id)
            forget_reading()
            st.rerun()


def _beginning(found: Reading) -> None:
    first = found.first
    if first is None:
        return
    st.header(_("The first rows"), anchor=False)
    about = _("About {rows} rows, {columns} columns. What the columns are is known when all rows have been read.")
    rows = "?" if first.n_rows_estimated is None else count(first.n_rows_estimated)
    st.caption(about.format(rows=rows, columns=len(first.names)))
    preview = pd.DataFrame(first.rows, columns=list(first.names))
    st.dataframe(preview, hide_index=True, height=430, placeholder="", alt=_("The first rows of the table"))


def _end(found: Reading) -> None:
    readings.forget(found.id)
    forget_reading()
    if found.dataset_id is not None:
        for settled in ("refused", "typed_elsewhere"):
            st.session_state.pop(settled, None)
        choose_dataset(found.dataset_id)
        go("data", table=found.dataset_id)
    if found.problem is not None:
        st.session_state["refused"] = found.problem.to_json()
    st.rerun()
