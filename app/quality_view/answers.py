"""Which answers are right and which are taken for which; of two answers also the curves and the probabilities."""

import pandas as pd
import streamlit as st

from app.language import _, say
from app.quality_view.charts import calibration, curve, matrix, probabilities
from app.wording import percent, plain
from engine.insight.quality.classes import Classes
from engine.insight.quality.quality import Quality
from engine.outcomes import Estimate


def mistakes(found: Classes) -> None:
    """Draw what is taken for what, and how well each class is found."""
    for message in found.said:
        st.markdown(plain(say(message)))
    st.altair_chart(matrix(found), alt=_("Rows by true answer and by the answer that it gives"))
    rows = pd.DataFrame(
        [
            {
                _("Answer"): one.answer,
                _("Rows"): one.n_rows,
                _("Finds of 100"): _of_100(one.found),
                _("Gives this answer"): one.n_named,
                _("Right of 100"): _of_100(one.right),
            }
            for one in found.each
        ]
    )
    st.dataframe(rows, hide_index=True, alt=_("How often each answer is found, and right when it is given"))
    st.caption(
        _(
            "Finds of 100: of the rows with this answer, how many get it (recall). Right of 100: of the rows that get "
            "it, how many have it (precision). With 95 % intervals (Wilson)."
        )
    )


def ranking(found: Quality) -> None:
    """Draw how well the probabilities put rows in order."""
    curves = found.curves
    if curves is None:
        st.info(_("All rows have the same answer: nothing can be put in order."))
        return
    st.markdown(plain(say(curves.said)))
    left, right = st.columns(2)
    named, share = _("Rows looked at, the most probable first"), _("Share found")
    with left:
        st.subheader(_("What is found by looking at the first rows"), anchor=False)
        st.altair_chart(curve(curves.named, curves.found, named, share, (0, 1)), alt=_("Cumulative gain"))
    with right:
        st.subheader(_("How many times as many as at random"), anchor=False)
        st.dataframe(_lift(found), hide_index=True, alt=_("Gain and lift by share of rows"))
    left, right = st.columns(2)
    with left:
        st.subheader(_("Found against false alarms (ROC)"), anchor=False)
        alarms = _("Share of the others named by mistake")
        st.altair_chart(curve(curves.alarms, curves.found, alarms, share, (0, 1)), alt=_("ROC curve"))
    with right:
        st.subheader(_("Right against found (precision, recall)"), anchor=False)
        drawn = curve(curves.found, curves.right, share, _("Share right of those named"), (curves.usual, curves.usual))
        st.altair_chart(drawn, alt=_("Precision and recall"))
    st.caption(_("The dashed lines are what guessing would reach."))


def meaning(found: Quality, yes: str, no: str) -> None:
    """Draw whether probabilities mean what they say, and which ones are given."""
    left, right = st.columns(2)
    with left:
        st.subheader(_("Do the probabilities mean what they say?"), anchor=False)
        if found.calibration is None:
            st.info(_("There are too few rows to tell."))
        else:
            st.markdown(plain(say(found.calibration.said)))
            st.altair_chart(calibration(found.calibration.bins), alt=_("Probabilities against what happened"))
    with right:
        st.subheader(_("Which probabilities does it give?"), anchor=False)
        if found.curves is not None:
            st.altair_chart(probabilities(found.curves, yes, no), alt=_("Probabilities by true answer"))
            st.caption(_("The less both overlap, the better they can be told apart."))


def _lift(found: Quality) -> pd.DataFrame:
    import numpy as np

    curves = found.curves
    assert curves is not None
    shares = [0.01, 0.05, 0.1, 0.2, 0.3, 0.5]
    gained = np.interp(shares, curves.named, curves.found)
    return pd.DataFrame(
        {
            _("First rows"): [percent(share) for share in shares],
            _("Found"): [percent(float(gain)) for gain in gained],
            _("Times as many as at random"): [
                f"{gain / share:.1f}" for gain, share in zip(gained, shares, strict=True)
            ],
        }
    )


def _of_100(share: Estimate | None) -> str:
    if share is None:
        return "–"
    return f"{100 * share.value:.0f} ({100 * share.low:.0f} – {100 * share.high:.0f})"
