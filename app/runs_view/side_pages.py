"""The buttons that open what other programs show of the runs."""

import time
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app import mlflow_pages, optuna_pages
from app.language import _
from app.opened import workspace
from app.side_pages import SidePages

PATIENCE_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.3


def open_in_other_pages() -> None:
    """Draw the ways to the pages of MLflow and Optuna; nothing where several people work: they ask nobody who it is."""
    if not workspace().actor.is_alone:
        return
    folder = workspace().folder
    elsewhere = mlflow_pages.pages_elsewhere(folder)
    if elsewhere is not None:
        _way("MLflow", elsewhere)
    elif mlflow_pages.can_be_shown(folder):
        words = _(
            "The same runs in MLflow, with every candidate. It is started on this computer and ends with the app."
        )
        _pages("MLflow", mlflow_pages.PAGES, mlflow_pages.start, words, ":material/query_stats:")
    words = _(
        "History, importance of the settings and parallel coordinates of every run, as Optuna draws them. "
        "It is started on this computer and ends with the app; it shows a copy, so nothing done there changes a run."
    )
    _pages("Optuna", optuna_pages.PAGES, optuna_pages.start, words, ":material/insights:")


def _pages(name: str, pages: SidePages, start: Callable[[Path], None], words: str, icon: str) -> None:
    address = pages.started()
    if address is not None:
        _way(name, address)
    elif st.button(_("Open in {program}").format(program=name), key=name.casefold(), icon=icon, help=words):
        start(workspace().folder)
        _wait(name, pages)


def _way(name: str, address: str) -> None:
    st.link_button(_("{program} is ready: open it").format(program=name), address, icon=":material/open_in_new:")


def _wait(name: str, pages: SidePages) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    with st.spinner(_("Starting {program} …").format(program=name)):
        while pages.starting() and time.monotonic() < give_up:
            if pages.started() is not None:
                st.rerun()
            time.sleep(LOOK_EVERY_SECONDS)
    said = _("{program} could not be started. The file {name} in the workspace says why.")
    st.error(said.format(program=name, name=pages.log), icon=":material/error:")
