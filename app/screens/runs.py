"""Runs: everything that was trained, to find, open, compare, write beside, clone or delete."""

from collections.abc import Sequence

import streamlit as st

from app.language import _
from app.opened import workspace
from app.pieces import empty_state
from app.run_search import matching
from app.runs_view.comparison import comparison
from app.runs_view.deleted import way_back
from app.runs_view.entry import entry, pick_key
from app.runs_view.side_pages import open_in_other_pages
from app.screen import Screen, go
from app.wording import count
from engine.messages import phrase
from engine.progress import ACTIVE
from storage.runs import RunRecord

REFRESH_SECONDS = 2.0
N_NEWEST = 30
COMPARED = "compare"  # in the page's address: the runs to show side by side


def render() -> None:
    """Draw the page, or some runs side by side where its address says so."""
    compared = st.query_params.get(COMPARED, "").split(",")
    if compared != [""]:
        comparison(compared)
        return
    st.title(_("What has been trained?"), anchor=False)
    way_back()
    if not workspace().runs.records(limit=1):
        empty_state(
            _("Nothing yet"),
            _("Each training is kept here with its score, its model and its settings. The first takes a minute."),
            "home",
            _("Start with a table"),
            ":material/arrow_forward:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            _("Search in names, tables, targets, notes and tags"),
            key="search_runs",
            icon=":material/search:",
            width="stretch",
        )
        open_in_other_pages()
    tables = {table.id: table.name for table in workspace().datasets.records()}
    found = matching(workspace().runs.records(), words, tables)
    if not found:
        st.caption(_("No run has all these words."))
        return
    every = len(found) > N_NEWEST and st.toggle(
        _("Show all {n} runs, not only the newest").format(n=count(len(found))), key="every_run"
    )
    shown = [record.id for record in (found if every else found[:N_NEWEST])]
    busy = any(workspace().runs.progress(run_id).status in ACTIVE for run_id in shown)
    st.fragment(_list, run_every=REFRESH_SECONDS if busy else None)(shown, tables, busy=busy)


def _list(run_ids: Sequence[str], tables: dict[str, str], *, busy: bool) -> None:
    kept = {record.id: record for record in workspace().runs.records()}
    records = [kept[run_id] for run_id in run_ids if run_id in kept]
    standing = {record.id: workspace().runs.progress(record.id) for record in records}
    _compare(records)
    for record in records:
        entry(record, standing[record.id], tables.get(record.dataset_id))
    if len(records) < len(run_ids) or (busy and not any(now.status in ACTIVE for now in standing.values())):
        st.rerun()


def _compare(records: Sequence[RunRecord]) -> None:
    """Draw the button that puts the picked runs side by side."""
    picked = [record.id for record in records if st.session_state.get(pick_key(record.id))]
    if len(records) < 2:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        label = _("Compare {n} runs").format(n=len(picked)) if len(picked) > 1 else _("Compare runs")
        if st.button(label, key="compare_runs", icon=":material/compare_arrows:", disabled=len(picked) < 2):
            go("runs", compare=",".join(picked))
        if len(picked) < 2:
            st.caption(_("Pick two or more with the boxes on the left."))


SCREEN = Screen(
    key="runs",
    title=phrase("screen_runs", "Runs"),
    icon=":material/history:",
    order=80,
    render=render,
)
