"""The button that opens what MLflow keeps of the runs."""

import time

import streamlit as st

from app import mlflow_pages
from app.language import _
from app.opened import workspace

PATIENCE_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.3


def open_in_mlflow() -> None:
    """Draw the way to MLflow's pages; nothing where MLflow keeps nothing."""
    folder = workspace().folder
    address = mlflow_pages.pages_elsewhere(folder) or mlflow_pages.started()
    if address is not None:
        _way(address)
    elif mlflow_pages.can_be_shown(folder):
        words = _(
            "The same runs in MLflow, with every candidate. It is started on this computer and ends with the app."
        )
        if st.button(_("Open in MLflow"), key="mlflow", icon=":material/query_stats:", help=words):
            _start()


def _way(address: str) -> None:
    st.link_button(_("MLflow is ready: open it"), address, icon=":material/open_in_new:")


def _start() -> None:
    mlflow_pages.start(workspace().folder)
    give_up = time.monotonic() + PATIENCE_SECONDS
    with st.spinner(_("Starting MLflow …")):
        while mlflow_pages.starting() and time.monotonic() < give_up:
            if mlflow_pages.started() is not None:
                st.rerun()
            time.sleep(LOOK_EVERY_SECONDS)
    said = _("MLflow could not be started. The file {name} in the workspace says why.")
    st.error(said.format(name=mlflow_pages.LOG_FILE), icon=":material/error:")
