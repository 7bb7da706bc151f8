"""Data: the table as it was read, what each column is, and what was noticed about it."""

import pandas as pd
import streamlit as st

from app.current import chosen_dataset, chosen_reading, forget_dataset
from app.findings import show_findings
from app.language import _
from app.project_choice import project_choice
from app.screen import Screen, go, link
from app.table_view.adding import add_table, show_refusal
from app.table_view.changes import show_changes
from app.table_view.columns import show_columns
from app.table_view.quick_look import show_quick_look
from app.table_view.read_as import show_read_as
from app.table_view.under_way import show_reading
from app.tables import Table, table
from app.wording import count, plain
from engine.errors import InputError
from engine.messages import phrase


def render() -> None:
    """Draw the page."""
    reading = chosen_reading()
    if reading is not None:
        show_reading(reading)
        return
    chosen = chosen_dataset()
    if chosen is None:
        _without_table()
        return
    try:
        seen = table(chosen)
    except InputError:
        forget_dataset()
        st.rerun()
    _with_table(seen)


def _without_table() -> None:
    st.title(_("What is your table?"), anchor=False)
    st.caption(_("One row for each case, one column for each thing known about it, and one column with the answer."))
    show_refusal()
    project_choice()
    add_table("data", _("Add your table"))
    link("home", _("Or try one of the sample tables"), icon=":material/table_chart:")


def _with_table(seen: Table) -> None:
    st.title(_("Is this how your table looks?"), anchor=False)
    show_refusal()
    with st.container(horizontal=True, vertical_alignment="center"):
        sizes = _("{rows} rows · {columns} columns").format(rows=count(seen.n_rows), columns=len(seen.schema.columns))
        st.caption(f"{plain(seen.name)} · {sizes}")
        st.space("stretch")
        st.button(_("Use another table"), icon=":material/upload_file:", on_click=forget_dataset)
        if st.button(_("Yes, choose what to predict"), type="primary", icon=":material/arrow_forward:"):
            go("goal", table=seen.id)
    _rows(seen)
    show_read_as(seen)
    show_columns(seen)
    show_changes(seen)
    show_findings(seen)
    show_quick_look(seen)


def _rows(seen: Table) -> None:
    first = pd.DataFrame(seen.preview, columns=list(seen.schema.names))
    st.dataframe(first, hide_index=True, height=260, placeholder="", alt=_("The first rows of the table"))


SCREEN = Screen(
    key="data",
    title=phrase("screen_data", "Data"),
    icon=":material/table:",
    order=10,
    render=render,
)
