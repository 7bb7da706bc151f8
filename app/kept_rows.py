"""The rows of a table that a run has kept, under their numbers in the table."""

import json
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.language import _
from app.opened import workspace
from app.what_if import MOST_OPEN, Playground, playground
from app.wording import count

MOST_ROWS = 5_000
FIRST_ROW = "row"
"""In an address: the position of the row to begin with, among those that the run has kept."""


@dataclass(frozen=True, kw_only=True)
class KeptRows:
    """Rows that can be looked at. `answers`: `row` (from 0), `truth` and `prediction` of those in `play`."""

    play: Playground
    answers: pd.DataFrame
    held_out: bool


@st.cache_resource(max_entries=MOST_OPEN, show_spinner=False)
def kept_rows(run_id: str, model: str) -> KeptRows:
    """Open the rows that a run has kept with its model; see `app.kept_why.can_say_why`."""
    from engine.unseen import ANSWERS, CELLS, ROW, TABLE, TRUTH

    files = workspace().runs.artifacts(run_id)
    answers = pd.read_parquet(files.fetch(ANSWERS)).head(MOST_ROWS)
    return KeptRows(
        play=playground(files.fetch(model), pd.read_parquet(files.fetch(CELLS)).head(MOST_ROWS)),
        answers=pd.DataFrame(
            {"row": answers[ROW], "truth": answers[TRUTH], "prediction": answers["prediction"]}
        ).reset_index(drop=True),
        held_out=bool(json.loads(files.fetch(TABLE).read_text(encoding="utf-8"))["held_out"]),
    )


def say_no_rows() -> None:
    """Say of a run that has kept none why there are no rows."""
    st.info(_("The rows to look at are kept when the training has ended; runs of an older version have kept none."))


def choose_row(rows: KeptRows, label: str, key: str, *, none: str | None = None) -> int | None:
    """Let one of the rows be chosen by its number in the table; returns its position among those kept.

    `none`: what choosing none of them means; None lets one be chosen in any case.
    """
    chosen = st.selectbox(
        label,
        list(range(len(rows.answers))),
        index=0 if none is None else None,
        placeholder=none,
        format_func=lambda position: count(int(rows.answers["row"].iloc[position]) + 1),
        key=key,
        help=_("Rows that were set aside, counted from 1 as in the table.")
        if rows.held_out
        else _("Rows of your table, counted from 1."),
    )
    return None if chosen is None else int(chosen)
