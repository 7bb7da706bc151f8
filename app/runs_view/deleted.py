"""What was deleted a moment ago, with a way back."""

import streamlit as st

from app.language import _
from app.opened import workspace
from app.wording import plain
from engine.progress import ACTIVE
from storage.runs import RunRecord

_DELETED = (
    "deleted_runs"  # in the session: (id, name, was it under way) of runs that can be brought back, the latest first
)
MOST = 5


def delete(record: RunRecord) -> None:
    """Take a run out of the list; a training under way is stopped."""
    was_active = workspace().runs.progress(record.id).status in ACTIVE
    workspace().runs.delete(record.id)
    before = st.session_state.get(_DELETED, [])
    st.session_state[_DELETED] = [(record.id, record.name, was_active), *before][:MOST]
    if st.session_state.get("run") == record.id:
        del st.session_state["run"]


def way_back() -> None:
    """Draw a line for each run that was deleted lately."""
    for run_id, name, was_active in st.session_state.get(_DELETED, []):
        with st.container(horizontal=True, vertical_alignment="center"):
            said = _("{name} was deleted, and its training stopped.") if was_active else _("{name} was deleted.")
            st.markdown(said.format(name=f"**{plain(name)}**"), width="content")
            st.button(
                _("Undo"), key=f"undo_{run_id}", icon=":material/undo:", type="tertiary", on_click=_undo, args=(run_id,)
            )


def _undo(run_id: str) -> None:
    workspace().runs.restore(run_id)
    st.session_state[_DELETED] = [each for each in st.session_state.get(_DELETED, []) if each[0] != run_id]
