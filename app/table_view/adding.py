"""The ways to add a table: a file, pasted cells, a place on this computer, a database, a web address."""

import uuid
from pathlib import Path

import streamlit as st

from app import readings
from app.language import _
from app.opened import workspace
from app.pieces import refusal
from app.project_choice import PROJECT
from app.screen import go
from app.upload_box import upload_box
from app.uploads import QUARANTINE, uploaded
from engine.config import ExperimentConfig
from engine.messages import Message
from engine.table.options import AUTOMATIC, ReadingOptions
from storage.access import OWN_PROJECT, AccessError

_ELSEWHERE = "typed_elsewhere"


def add_table(key: str, title: str) -> None:
    """Draw the box for a file and, folded away, the other ways; leaves for the table that is added."""
    arrived = upload_box(f"{key}_upload", title)
    if arrived is not None:
        read(uploaded(workspace().folder, arrived.id), arrived.name)
    with st.expander(
        _("Or paste cells, name a file on this computer, or ask a database"),
        icon=":material/more_horiz:",
        expanded=_ELSEWHERE in st.session_state,
    ):
        pasted, elsewhere = st.columns(2, gap="large")
        with pasted:
            _paste(key)
        with elsewhere:
            _elsewhere(key)


def read(
    given: Path | str, name: str, *, options: ReadingOptions = AUTOMATIC, question: str = "", target: str | None = None
) -> None:
    """Start reading a table and go to its page."""
    st.session_state.pop("refused", None)
    config = ExperimentConfig(target=target)
    try:
        project = st.session_state.get(PROJECT, OWN_PROJECT)
        begun = readings.begin(given, name, options=options, question=question, config=config, project=project)
    except AccessError as refused:
        refusal(refused.message)
        return
    go("data", reading=begun)


def show_refusal() -> None:
    """Say why the last file did not become a table, until another one is tried."""
    refused = st.session_state.get("refused")
    if refused is not None:
        refusal(Message.from_json(refused), _("This table cannot be used yet"))


def _paste(key: str) -> None:
    with st.form(f"{key}_paste", border=False):
        text = st.text_area(
            _("Cells copied from a spreadsheet"), height=120, placeholder=_("Paste them here, the column names first")
        )
        if not st.form_submit_button(_("Use these cells"), icon=":material/content_paste:"):
            return
        if not text.strip():
            st.warning(_("Paste some cells first."))
        else:
            place = workspace().folder / QUARANTINE / uuid.uuid4().hex / "pasted.tsv"
            place.parent.mkdir(parents=True)  # nobody is told its name
            place.write_text(text, encoding="utf-8")
            read(place, _("pasted cells"))


def _elsewhere(key: str) -> None:
    before = st.session_state.get(_ELSEWHERE, ("", ""))
    with st.form(f"{key}_elsewhere", border=False):
        given = st.text_input(
            _("A file on this computer, a database address or a web address"),
            placeholder=_("/data/sales.csv or sqlite:////data/shop.db"),
            autocomplete="off",
            value=before[0],
        )
        query = st.text_area(
            _("The query, for a database"), height=68, placeholder="SELECT * FROM ...", value=before[1]
        )
        if not st.form_submit_button(_("Read it"), icon=":material/folder_open:"):
            return
        if not given.strip():
            st.warning(_("Say which file or which address first."))
        else:
            st.session_state[_ELSEWHERE] = (given, query)  # what was typed is still there if it is refused
            read(given.strip(), "", options=ReadingOptions(query=query.strip()) if query.strip() else AUTOMATIC)
