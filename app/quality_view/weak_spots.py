"""Where a model is weak: groups of rows, periods, single rows."""

import pandas as pd
import streamlit as st

from app.language import _, say
from app.quality_view.charts import along
from app.wording import plain
from engine.insight.quality.judged import Judged
from engine.insight.quality.over_time import OverTime
from engine.insight.quality.quality import Weak
from engine.insight.quality.worst_rows import WorstRow
from engine.progress import Progress

N_COLUMNS = 8


def weak_spots(found: Weak, judged: Judged, progress: Progress) -> None:
    """Draw the groups where it is clearly worse, how it does over time, and the rows it is most wrong about."""
    st.subheader(_("Where is it clearly worse?"), anchor=False)
    for message in found.slices.said:
        st.markdown(plain(say(message)))
    if found.slices.found:
        st.caption(
            _(
                "Found among {n} groups of rows that single columns tell apart; only those that chance would hardly "
                "make are named, and their intervals are wider for having been picked."
            ).format(n=found.slices.n_looked_at)
        )
    if found.over_time is not None:
        _periods(found.over_time, share=bool(judged.task.classes))
    if found.worst_rows:
        st.subheader(_("The rows it is most wrong about"), anchor=False)
        table = worst_table(found.worst_rows, judged, progress)
        st.dataframe(table, hide_index=True, alt=_("Rows with the worst answers"))
        st.caption(_("Rows are counted from 1. Look at them: a mistake may be one of the table."))


def _periods(found: OverTime, *, share: bool) -> None:
    st.subheader(_("Does it stay as good along {column}?").format(column=plain(found.column)), anchor=False)
    st.markdown(plain(say(found.said)))
    rows = pd.DataFrame([vars(period.loss) for period in found.periods])
    rows = rows.assign(name=[period.start for period in found.periods])
    title = _("Share of wrong answers") if share else _("Off by, on average")
    st.altair_chart(along(rows, _("Beginning of the period"), title, share=share), alt=_("Errors over time"))


def worst_table(rows: tuple[WorstRow, ...], judged: Judged, progress: Progress) -> pd.DataFrame:
    """Return rows with what was said of them and their most important cells."""
    head = pd.DataFrame(
        {
            _("Row"): [row.row for row in rows],
            _("Truth"): [row.truth for row in rows],
            _("It says"): [row.prediction for row in rows],
            _("Off by"): [row.off for row in rows],
        }
    )
    ranked = [item.column for item in progress.explained.importances] if progress.explained else []
    names = [name for name in ranked if name in judged.cells] or [
        name for name in judged.cells if name not in judged.task.targets
    ]
    cells = judged.cells[names[:N_COLUMNS]].iloc[[row.place for row in rows]].reset_index(drop=True)
    taken = set(head.columns)
    return pd.concat([head, cells.rename(columns=lambda name: f"{name} ·" if name in taken else name)], axis=1)
