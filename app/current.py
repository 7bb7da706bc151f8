"""Which table and which run a page is about: what its address says, else what was looked at last."""

from typing import NoReturn

import streamlit as st

from app.language import _
from app.opened import workspace
from app.pieces import empty_state, leads_on
from engine.errors import InputError
from storage.runs import RunRecord


def chosen_run() -> RunRecord | None:
    """Return the run that the page is about, and put it into the page's address; None when there is none yet."""
    runs = workspace().runs
    if asked := st.query_params.get("run"):
        try:
            return _keep(runs.get(asked))
        except InputError:
            _no_such_run()
    if remembered := st.session_state.get("run"):
        try:
            return _keep(runs.get(remembered))
        except InputError:
            st.session_state.pop("run", None)
    newest = runs.records(limit=1)
    return _keep(newest[0]) if newest else None


def chosen_dataset() -> str | None:
    """Return the id of the table that the page is about, and put it into the page's address; None without one.

    Where the address names a run alone, as after a training page was loaded again, it is the table of that run.
    """
    asked = st.query_params.get("table") or st.session_state.get("table") or _table_of_run()
    if asked:
        choose_dataset(asked)
    return asked


def _table_of_run() -> str | None:
    run_id = st.query_params.get("run")
    try:
        return workspace().runs.get(run_id).dataset_id if run_id else None
    except InputError:  # it has been deleted
        return None


def chosen_reading() -> str | None:
    """Return the id of the file that the page watches being read; None where it is about a table."""
    return st.query_params.get("reading")


def forget_reading() -> None:
    """Stop watching a file being read."""
    st.query_params.pop("reading", None)


def choose_dataset(dataset_id: str) -> None:
    """Make a table the one that pages are about."""
    st.session_state["table"] = dataset_id
    st.query_params["table"] = dataset_id


def forget_dataset() -> None:
    """Start over without a table."""
    st.session_state.pop("table", None)
    st.query_params.pop("table", None)
    st.query_params.pop("run", None)


def no_run_yet(title: str, what: str) -> None:
    """Draw a page about a run where there is none."""
    st.title(title, anchor=False)
    empty_state(_("No training yet"), what, "home", _("Start with a table"), ":material/arrow_forward:")


def not_ready_yet(record: RunRecord, title: str, what: str) -> None:
    """Draw a page about a model where there is none yet."""
    st.title(title, anchor=False)
    with st.container(border=True):
        st.header(_("The model is not ready yet"), anchor=False)
        st.write(what)
        leads_on(_("Watch the training"), ":material/arrow_forward:", "training", run=record.id)


def _no_such_run() -> NoReturn:
    """Say that the address names no run, rather than show another one's figures, and end the page."""
    st.title(_("There is no such run"), anchor=False)
    what = _("It may have been deleted, or the address was cut off. All runs stand on the page Runs.")
    empty_state(_("Nothing to show"), what, "runs", _("See all runs"), ":material/arrow_forward:")
    st.stop()


def _keep(record: RunRecord) -> RunRecord:
    st.session_state["run"] = record.id
    if st.query_params.get("run") != record.id:
        st.query_params["run"] = record.id
    return record
