"""What was deleted a moment ago, with a way back."""

import streamlit as st

from app.language import _
from app.opened import workspace
from app.wording import plain
from storage.runs import RunRecord

_DELETED = "deleted_runs"  # in the session: (id, name) of runs that can be brought back, the latest first
MOST = 5


def delete(record: RunRecord) -> None:
    """Take a run out of the list; a training under way is stopped."""
    workspace().runs.delete(record.id)
    before = st.session_state.get(_DELETED, [])
    st.session_state[_DELETED] = [(record.id, record.name), *before][:MOST]
    if st.session_state.get("run") == record.id:
        del st.session_state["run"]


def way_back() -> None:
    """Draw a line for each run that was deleted lately."""
    for run_id, name in st.session_state.get(_DELETED, []):
        with st.container(horizontal=True, vertical_alignment="center"):
            said = _("{name} was deleted; a training under way was stopped.").format(name=f"**{plain(name)}**")
            st.markdown(said, width="content")
            st.button(
                _("Undo"), key=f"undo_{run_id}", icon=":material/undo:", type="tertiary", on_click=_undo, args=(run_id,)
            )


def _undo(run_id: str) -> None:
    workspace().runs.restore(run_id)
    st.session_state[_DELETED] = [each for each in st.session_state.get(_DELETED, []) if each[0] != run_id]
