"""How good a model is on a file with known outcomes, beside what it was when it was trained."""

import pandas as pd
import streamlit as st

from app.language import _, say
from app.quality_view.charts import beside
from app.wording import plain
from engine.insight.in_use.scored import Scored, Standing
from engine.outcomes import Estimate
from engine.tasks.metric import metric_named

_ICONS = {
    Standing.BETTER: ":material/trending_up:",
    Standing.SAME: ":material/check_circle:",
    Standing.WORSE: ":material/trending_down:",
    Standing.UNKNOWN: ":material/visibility:",
}


def score(found: Scored) -> None:
    """Draw how the score stands, what it means, and both scores beside each other."""
    st.subheader(_("How good is it on these rows?"), anchor=False)
    said = "\n".join(f"- {plain(say(message))}" for message in found.said)
    # Rows of the training praise every model.
    standing = Standing.UNKNOWN if found.n_seen and found.standing is not Standing.WORSE else found.standing
    boxes = {Standing.WORSE: st.error, Standing.UNKNOWN: st.warning}
    boxes.get(standing, st.success)(said, icon=_ICONS[standing])
    for message in found.words:
        st.markdown(plain(say(message)))
    if found.metric in found.scores:
        st.caption(_(metric_named(found.metric).title))
        st.altair_chart(beside(_rows(found)), alt=_("The score on these rows beside that of the training"))
        st.caption(_("The bands are 95 % intervals."))


def _rows(found: Scored) -> pd.DataFrame:
    rows = [_row(_("these rows"), found.scores[found.metric])]
    if found.metric in found.before:
        name = _("rows set aside in training") if found.held_out else _("folds of the training")
        rows.append(_row(name, found.before[found.metric]))
    if found.metric in found.baseline:
        same = {"value": found.baseline[found.metric], "low": None, "high": None}
        rows.append({"name": _("same answer for every row"), **same})
    return pd.DataFrame(rows).astype({"low": "float64", "high": "float64"})


def _row(name: str, estimate: Estimate) -> dict[str, str | float | None]:
    return {"name": name, "value": estimate.value, "low": estimate.low, "high": estimate.high}
