"""Of predicted numbers: how far off they are, and where."""

import pandas as pd
import streamlit as st

from app.language import _, say
from app.quality_view.charts import along, scatter, to_both_sides
from app.wording import count, plain, short
from engine.figures import figure
from engine.insight.quality.leaning import Leaning
from engine.insight.quality.numbers import Numbers


def distances(found: Numbers, target: str) -> None:
    """Draw predictions against the truth, errors against predictions, and errors by the size of the answer."""
    for message in found.said:
        st.markdown(plain(say(message)))
    points = pd.DataFrame({"actual": found.actual, "predicted": found.predicted})
    points["error"] = points["predicted"] - points["actual"]
    both = points[["actual", "predicted"]].to_numpy()
    ends = [float(both.min()), float(both.max())]
    span = [float(points["predicted"].min()), float(points["predicted"].max())]
    left, right = st.columns(2)
    with left:
        st.subheader(_("Prediction against truth"), anchor=False)
        drawn = points.rename(columns={"actual": "x", "predicted": "y"})[["x", "y"]]
        titles = (_("True {target}").format(target=target), _("Prediction"))
        st.altair_chart(scatter(drawn, *titles, [[end, end] for end in ends]), alt=_("Prediction against truth"))
    with right:
        st.subheader(_("Error against prediction"), anchor=False)
        drawn = points.rename(columns={"predicted": "x", "error": "y"})[["x", "y"]]
        titles = (_("Prediction"), _("Prediction less truth"))
        st.altair_chart(scatter(drawn, *titles, [[end, 0.0] for end in span]), alt=_("Error against prediction"))
    st.caption(
        _("Each point is a row; the dashed lines are where right predictions lie. {n} rows are shown.").format(
            n=count(len(points))
        )
    )
    if found.parts:
        st.subheader(_("Error by the size of the answer"), anchor=False)
        names = [f"{figure(part.low)} – {figure(part.high)}" for part in found.parts]
        rows = pd.DataFrame([vars(part.error) for part in found.parts]).assign(name=names)
        drawn = along(rows, _("True {target}").format(target=target), _("Off by, on average"), share=False)
        st.altair_chart(drawn, alt=_("Average error by the size of the answer"))


def leaning(found: Leaning, key: str) -> None:
    """Draw how the errors lie along a column, the most bent first. `key`: of the field that chooses it."""
    st.subheader(_("Errors along each column"), anchor=False)
    for message in found.said:
        st.markdown(plain(say(message)))
    if not found.columns:
        return
    place = st.selectbox(
        _("Along"), range(len(found.columns)), format_func=lambda at: found.columns[at].column, key=f"leaning_{key}"
    )
    bend = found.columns[place or 0]
    rows = pd.DataFrame([vars(each.bias) for each in bend.bins])
    names = [short(each.value or _("no value"), 28) for each in bend.bins]
    rows = rows.assign(name=[f"{name} ({count(each.n_rows)})" for name, each in zip(names, bend.bins, strict=True)])
    drawn = to_both_sides(rows, _("Prediction less truth, on average"))
    st.altair_chart(drawn, alt=_("Average error along a column"))
    st.caption(
        _(
            "To the right of the line predictions are too high, to the left too low; in brackets, how many rows. The "
            "bands are 95 % intervals. Columns are in the order in which errors bend most; a bend is named above only "
            "where chance would hardly make it."
        )
    )
