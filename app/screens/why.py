"""Why: which columns move the predictions, and how much."""

import pandas as pd
import streamlit as st

from app.charts import importance_bars
from app.current import chosen_run, no_run_yet, not_ready_yet
from app.language import _
from app.opened import workspace
from app.pieces import facts, question, status_badge
from app.screen import Screen, go
from app.wording import count, figure, listed, percent, plain
from engine.events import Explained, Importance
from engine.messages import phrase
from engine.progress import ACTIVE, Progress
from storage.runs import RunRecord

N_BARS = 15
N_NAMED = 3
HARDLY = 0.0005
REFRESH_SECONDS = 1.0


def render() -> None:
    """Draw the page."""
    title = _("What matters most?")
    record = chosen_run()
    if record is None:
        no_run_yet(title, _("After a training, this page shows which columns the model relies on."))
        return
    progress = workspace().runs.progress(record.id)
    if progress.ready is None:
        not_ready_yet(record, title, _("What matters is worked out from the finished model."))
        return
    question(record.name)
    _head(record, progress)
    st.header(title, anchor=False)
    if progress.explained is not None:
        _explanation(progress.explained)
    elif progress.status in ACTIVE:
        st.fragment(_wait, run_every=REFRESH_SECONDS)(record.id)
    else:
        st.info(_("There is no explanation for this model. Its predictions and its score are not affected."))


def _wait(run_id: str) -> None:
    progress = workspace().runs.progress(run_id)
    if progress.explained is not None or progress.status not in ACTIVE:
        st.rerun()
    st.skeleton(height=300)
    st.caption(_("Being worked out. This takes a few seconds."))


def _head(record: RunRecord, progress: Progress) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        status_badge(progress.status)
        st.caption(facts(progress))
        st.space("stretch")
        if st.button(_("Predict a file"), type="primary", icon=":material/table_view:"):
            go("predict", run=record.id)


def _explanation(explained: Explained) -> None:
    strongest = sorted(explained.importances, key=lambda item: -item.share)
    st.markdown(_sentence(strongest))
    st.altair_chart(importance_bars(strongest[:N_BARS]), alt=_("How much each column moves the prediction"))
    how = _(
        "Share of the average movement of the prediction (mean absolute SHAP value, {n} rows). "
        "These are associations that the model uses, not causes."
    )
    st.caption(how.format(n=count(explained.n_rows)))
    silent = [item.column for item in strongest if item.share < HARDLY]
    if silent:
        st.caption(_("Hardly used: {names}.").format(names=plain(listed(silent, 6))))
    with st.expander(_("All columns as a table")):
        rows = pd.DataFrame(
            {
                _("Column"): [item.column for item in strongest],
                _("Share"): [item.share for item in strongest],
                _("Mean absolute SHAP value"): [figure(item.value) for item in strongest],
            }
        )
        config = {_("Share"): st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)}
        st.dataframe(rows, hide_index=True, column_config=config, alt=_("Columns by importance"))


def _sentence(strongest: list[Importance]) -> str:
    first, *others = strongest[:N_NAMED]
    most = _("**{column}** moves the prediction most ({share} of all movement)").format(
        column=plain(first.column), share=percent(first.share)
    )
    then = " " + _("and") + " "
    rest = then.join(f"{plain(item.column)} ({percent(item.share)})" for item in others)
    return _("{most}, followed by {rest}.").format(most=most, rest=rest) if rest else f"{most}."


SCREEN = Screen(
    key="why",
    title=phrase("screen_why", "Why"),
    icon=":material/insights:",
    order=50,
    render=render,
)
