"""What the forms of the goal page begin with: the usual values, or those of a run that is to be cloned.

Other pages of the table have addresses of their own, so the run is remembered for whoever comes back from them.
"""

from dataclasses import dataclass, field

import streamlit as st

from app.language import _
from app.opened import workspace
from app.tables import Table
from app.wording import plain
from engine.config import ExperimentConfig
from engine.errors import InputError
from storage.runs import RunRecord

ASKED = "clone"  # in the page's address: the run whose settings are to be filled in


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """What stands in the forms at first.

    `key`: tells the widgets of one beginning from another's; `name`: of the run that is cloned, if any.
    """

    config: ExperimentConfig = field(default_factory=ExperimentConfig)
    key: str = ""
    name: str = ""


def beginning(seen: Table) -> Beginning:
    """Return what the page's address asks to begin with, else what it asked last for the table."""
    asked = st.query_params.get(ASKED) or st.session_state.get(_remembered(seen))
    record = _run_of(seen, asked) if asked else None
    if record is None:
        _forget(seen)
        return Beginning(key=seen.id)
    st.session_state[_remembered(seen)] = st.query_params[ASKED] = record.id
    return Beginning(config=record.config, key=f"{seen.id}_{record.id}", name=record.name)


def _run_of(seen: Table, run_id: str) -> RunRecord | None:
    """Return the run that is to be cloned; None for one of another table, or that has been deleted meanwhile."""
    try:
        record = workspace().runs.get(run_id)
    except InputError:
        return None
    return record if record.dataset_id == seen.id else None


def _remembered(seen: Table) -> str:
    return f"cloned_{seen.id}"


def _forget(seen: Table) -> None:
    st.session_state.pop(_remembered(seen), None)
    st.query_params.pop(ASKED, None)


def say_beginning(begin: Beginning, seen: Table) -> None:
    """Say where the choices come from when they are another run's."""
    if begin.name:
        with st.container(horizontal=True, vertical_alignment="center"):
            said = _("Filled in as in the run {name}. Change what you like; the run itself stays as it is.")
            st.caption(said.format(name=plain(begin.name)))
            usual = _("Begin with the usual choices")
            st.button(usual, type="tertiary", key="usual_choices", on_click=_forget, args=(seen,))
