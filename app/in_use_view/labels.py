"""The rows whose outcome is worth finding out first, with their reasons, as a table and as a file."""

import pandas as pd
import streamlit as st

from app.in_use import LABELS_CSV, folder_of
from app.language import _, close_up, say
from app.opened import workspace
from app.wording import count, plain
from engine.insight.in_use.look import Look


def labels(run_id: str, look: Look) -> None:
    """Draw the rows to label next, and offer them as a file to fill in."""
    found = look.labels
    assert found is not None
    st.subheader(_("Find out these next"), anchor=False)
    said = _("{n} rows have no outcome yet. The answers to these would teach the model most, the most useful first.")
    st.markdown(said.format(n=count(found.n_open)))
    rows = pd.DataFrame(
        {
            _("Row"): [each.row for each in found.rows],
            _("Prediction"): [each.prediction for each in found.rows],
            _("Why"): [close_up(" ".join(map(say, each.reasons))) for each in found.rows],
        }
    )
    narrow = {
        _("Row"): st.column_config.NumberColumn(width=80),
        _("Prediction"): st.column_config.TextColumn(width=130),
    }
    st.dataframe(rows, hide_index=True, column_config=narrow, alt=_("Rows to find out about next"))
    for message in found.said:
        st.caption(plain(say(message)))
    file = folder_of(workspace().runs, run_id, look.id) / LABELS_CSV
    if file.is_file():
        st.download_button(
            _("Download these rows to fill in"),
            file.read_bytes(),
            file_name=LABELS_CSV,
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
