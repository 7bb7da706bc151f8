"""The log of a team: who did what; for who manages the workspace."""

import pandas as pd
import streamlit as st

from app.language import _
from app.opened import workspace
from app.spreadsheets import csv_bytes
from storage import audit

N_SHOWN = 200


def log() -> None:
    """Draw the newest lines, and a button for all of them."""
    place = workspace()
    if place.actor.is_alone or not place.actor.manages:
        return
    st.header(_("Who did what"), anchor=False)
    head = [_("When (UTC)"), _("Who"), _("What was done"), _("On")]
    rows = pd.DataFrame(audit.lines(place.people.log(N_SHOWN)), columns=head)
    st.dataframe(rows, hide_index=True, alt=_("Who did what, the newest first"))
    st.caption(_("Lines are only ever added. Nothing of a table stands in them; what was done is named by its id."))
    everything = pd.DataFrame(audit.lines(place.people.log()[::-1]), columns=list(audit.HEAD))
    st.download_button(
        _("Download the whole log"),
        csv_bytes(everything),
        file_name="log.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
