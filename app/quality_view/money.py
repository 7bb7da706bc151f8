"""From which probability on to act: what every threshold is worth in money, and what it gets right and wrong."""

import pandas as pd
import streamlit as st

from app.language import _, say
from app.quality_view.charts import money_by_threshold
from app.wording import plain, threshold_percent
from engine.figures import figure
from engine.insight.quality.in_words import finding
from engine.insight.quality.judged import Judged
from engine.insight.quality.money import Money, Prices, counted, money


def threshold(run_id: str, judged: Judged, usual: Prices, seed: int) -> None:
    """Draw the prices to fill in, the money by threshold, and the mistakes at the threshold that is chosen."""
    answer = plain(judged.task.classes[1])
    st.markdown(_("Say what mistakes cost and what a found row gains, in your currency."))
    prices = _prices(run_id, usual)
    found = money(judged.hit, judged.chance, prices, seed=seed)
    st.markdown(plain(say(found.said)))
    key = f"quality_threshold_{run_id}_{prices.miss}_{prices.alarm}_{prices.hit}"
    chosen = float(
        st.select_slider(
            _("Act from this probability of {answer} on").format(answer=answer),
            options=list(found.thresholds),
            value=found.best,
            format_func=threshold_percent,
            key=key,
        )
    )
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.altair_chart(money_by_threshold(found, chosen), alt=_("Money per 100 rows by threshold"))
    with right:
        _at(judged, found, chosen)


def _prices(run_id: str, usual: Prices) -> Prices:
    labels = {
        "miss": _("A missed row costs"),
        "alarm": _("A false alarm costs"),
        "hit": _("A found row gains"),
    }
    typed = {}
    for place, (name, label) in zip(st.columns(3), labels.items(), strict=True):
        with place:
            key = f"quality_{name}_{run_id}"
            typed[name] = float(st.number_input(label, value=float(getattr(usual, name)), format="%g", key=key))
    return Prices(**typed)


def _at(judged: Judged, found: Money, chosen: float) -> None:
    counts = counted(judged.hit, judged.chance, chosen)
    st.metric(_("Money per 100 rows"), figure(found.prices.value(counts)))
    said = _("If you act from {threshold} on, in place of following the answers of the file that are told above:")
    st.caption(said.format(threshold=threshold_percent(chosen)))
    for message in finding(judged.task, judged.hit, judged.chance >= chosen):
        st.markdown(plain(say(message)))
    no, yes = (str(label) for label in judged.task.classes)
    rows = pd.DataFrame(
        {
            _("True answer"): [yes, no],
            _("acted on"): [counts.hits, counts.alarms],
            _("left alone"): [counts.misses, counts.rest],
        }
    )
    st.dataframe(rows, hide_index=True, alt=_("Rows by true answer and by what would be done"))
