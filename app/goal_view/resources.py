"""The form for what of this computer a run may use."""

from typing import NamedTuple

import streamlit as st

from app.language import _
from engine.config import ExperimentConfig


class Resources(NamedTuple):
    """Candidates trained at once, and the memory of one; None leaves it to the run."""

    jobs: int | None
    memory_gb: float | None


def resources_form(key: str, before: ExperimentConfig) -> Resources:
    """Draw the form and return what was chosen. `key`: of the table; `before`: what stands in it at first."""
    left, right = st.columns(2, gap="large")
    jobs = left.number_input(
        _("Candidates trained at once"),
        min_value=1,
        value=before.jobs,
        placeholder=_("left to the run"),
        key=f"jobs_{key}",
        persist_state="session",
    )
    memory_gb = right.number_input(
        _("Memory of one candidate in GB"),
        min_value=min(0.1, before.memory_gb or 0.1),
        value=None if before.memory_gb is None else float(before.memory_gb),
        step=0.5,
        placeholder=_("left to the run"),
        key=f"memory_gb_{key}",
        persist_state="session",
        help=_("A candidate that takes more fails alone; the others go on."),
    )
    return Resources(jobs, memory_gb)
