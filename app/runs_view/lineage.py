"""Where a run comes from, when it was trained again from another one."""

import streamlit as st

from app.language import _
from app.opened import workspace
from app.screen import show_here
from app.wording import plain, short
from engine.errors import InputError
from storage.runs import RunRecord

LONGEST_NAME = 60


def lineage(record: RunRecord, *, is_ready: bool) -> None:
    """Draw which run it was made from, and the way to both side by side; nothing for any other run."""
    again = record.config.again
    if again is None:
        return
    try:
        before = workspace().runs.get(again.of)
    except InputError:
        st.caption(_("Trained again from a run that is no longer here ({run_id})").format(run_id=plain(again.of)))
        return
    st.caption(_("Trained again from: {name}").format(name=plain(short(before.name, LONGEST_NAME))))
    if is_ready and before.id != record.id:
        both = f"{before.id},{record.id}"
        show_here(
            _("Old model beside new model"), icon=":material/compare_arrows:", key=f"beside_{record.id}", compare=both
        )
