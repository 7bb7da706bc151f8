"""What a model bears: its score when a column is empty, shifted or noisy."""

import pandas as pd
import streamlit as st

from app import jobs
from app.language import _, say
from app.opened import workspace
from app.pieces import metric_title, refusal
from app.wording import count, plain
from engine.errors import InputError
from engine.figures import figure
from engine.insight.in_use.bearing import Bearing, Loss
from engine.insight.in_use.bearing_kept import kept_bearing
from engine.progress import Progress
from storage.runs import RunRecord

N_COLUMNS = 12


def bearing(record: RunRecord, progress: Progress) -> None:
    """Draw what the model bears; what nobody has asked for before is worked out when the button is pressed."""
    st.subheader(_("What can it withstand?"), anchor=False)
    found = kept_bearing(workspace().runs.artifacts(record.id))
    if found is None:
        st.write(
            _(
                "Sensors fail, units change, forms are filled in carelessly. This tries what happens to the score when "
                "one column after another is empty, shifted or noisy."
            )
        )
        if not st.button(_("Try it"), icon=":material/experiment:"):
            return
        found = _worked_out(record.id)
        if found is None:
            st.info(_("The run has kept no rows to try it on, or its score is not defined on them."))
            return
    _shown(found, metric_title(progress))


def _worked_out(run_id: str) -> Bearing | None:
    with st.spinner(_("Asking the model's file with each column disturbed …"), show_time=True):
        try:
            jobs.bearing(run_id)
        except InputError as refused:
            refusal(refused.message)
    return kept_bearing(workspace().runs.artifacts(run_id))


def _shown(found: Bearing, metric: str) -> None:
    for message in found.said:
        st.markdown(f"- {plain(say(message))}")
    rows = [
        {
            _("Column"): each.column,
            _("Empty"): _told(each.missing),
            _("Shifted"): _told(each.shifted),
            _("Noisy"): _told(each.noisy),
            _("By"): _amount(each.amount, in_days=each.in_days),
        }
        for each in found.columns[:N_COLUMNS]
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=_("The score with one column disturbed"))
    said = _(
        "{metric} with one column disturbed, on {n} rows; undisturbed it is {score}. Shifted: every value higher by a "
        "quarter of the usual width of the column. Noisy: values off by about as much; without an order, one cell in "
        "five taken from another row. Marked: it costs much."
    )
    st.caption(said.format(metric=metric, n=count(found.n_rows), score=figure(found.score)))


def _told(loss: Loss | None) -> str:
    if loss is None:
        return "–"
    return f"{figure(loss.score)} ⚠" if loss.is_fragile else figure(loss.score)


def _amount(amount: str, *, in_days: bool) -> str:
    return _("{n} days").format(n=amount) if in_days and amount else amount
