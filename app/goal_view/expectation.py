"""What a time has brought on this computer with this table: told from the last training that ended."""

import streamlit as st

from app.language import _
from app.opened import workspace
from app.tables import Table
from app.wording import count, duration

N_LOOKED_AT = 40  # runs, the newest first


def expectation(seen: Table) -> None:
    """Say what the last training with this table and target has tried in its time; nothing before there is one."""
    runs = workspace().runs
    for record in runs.records(limit=N_LOOKED_AT):
        if record.dataset_id != seen.id or record.config.chosen_target != seen.target or record.config.again:
            continue
        progress = runs.progress(record.id)
        if progress.ready is not None:
            said = _("The last training with this table was done after {time}; candidates tried: {n}.")
            n_tried = count(progress.n_tried)
            st.caption(said.format(n=n_tried, time=duration(progress.seconds)))
            return
