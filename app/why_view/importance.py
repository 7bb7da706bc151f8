"""Importance on the page: bars, both measures beside each other, and all rows as dots."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from app.charts import importance_bars
from app.language import _, say
from app.why_view.charts import swarm_chart
from app.wording import count, listed, percent, plain
from engine.events import Explained
from engine.figures import figure
from engine.insight.effect_sentences import NOTHING_MOVES
from engine.insight.shuffling import Shuffled
from engine.insight.why import Why
from engine.outcomes import Importance

N_BARS = 15
N_NAMED = 3
HARDLY = 0.0005
N_DOTS = 150
N_SWARMS = 8


def importance(explained: Explained, why: Why | None, archive: Path | None) -> None:
    """Draw which columns move the predictions. `archive`: the SHAP values of single rows, where they are kept."""
    strongest = sorted(explained.importances, key=lambda item: -item.share)
    st.markdown(first_sentence(strongest))
    st.altair_chart(importance_bars(strongest[:N_BARS]), alt=_("How much each column moves the prediction"))
    how = _(
        "Share of the average movement of the prediction (mean absolute SHAP value, {n} rows). "
        "These are associations that the model uses, not causes."
    )
    st.caption(how.format(n=count(explained.n_rows)))
    silent = [item.column for item in strongest if item.share < HARDLY]
    if silent:
        st.caption(_("Hardly used: {names}.").format(names=plain(listed(silent, 6))))
    for doubt in why.doubts() if why else ():
        st.info(plain(say(doubt)))
    with st.expander(_("All columns as a table")):
        _table(strongest, why)
    if archive is not None:
        place = st.expander(_("Every row as a dot (beeswarm)"), key=f"swarm_{archive}", on_change="rerun")
        if place.open:  # thousands of dots
            with place:
                _swarm(archive, [item.column for item in strongest[:N_SWARMS]])


def first_sentence(strongest: list[Importance]) -> str:
    """Say which columns move the prediction most."""
    if not any(item.share for item in strongest):
        return say(NOTHING_MOVES())
    first, *others = strongest[:N_NAMED]
    most = _("**{column}** moves the prediction most ({share} of all movement)").format(
        column=plain(first.column), share=percent(first.share)
    )
    then = " " + _("and") + " "
    rest = then.join(f"{plain(item.column)} ({percent(item.share)})" for item in others)
    return _("{most}, followed by {rest}.").format(most=most, rest=rest) if rest else f"{most}."


def _table(strongest: list[Importance], why: Why | None) -> None:
    lost = {each.column: each for each in why.lost} if why else {}
    rows = {
        _("Column"): [item.column for item in strongest],
        _("Share"): [item.share for item in strongest],
        _("Mean absolute SHAP value"): [figure(item.value) for item in strongest],
    }
    if lost:
        rows[_("Score lost when shuffled")] = [_loss(lost, item.column) for item in strongest]
    config = {_("Share"): st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)}
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=config, alt=_("Columns by importance"))
    if lost:
        st.caption(
            _(
                "Shuffled: how much worse the score gets when the values of a column are dealt out anew among the "
                "rows, with its standard deviation over five times."
            )
        )


def _loss(lost: Mapping[str, Shuffled], column: str) -> str:
    each = lost.get(column)
    return "" if each is None else f"{figure(each.loss)} ± {figure(each.spread)}"


def _swarm(archive: Path, names: list[str]) -> None:
    with np.load(archive) as kept:
        values, cells = kept["values"], kept["cells"]
        columns = [str(name) for name in kept["columns"]]
        classes = [str(label) for label in kept["classes"]]
    chosen = 0
    if values.shape[2] > 1:
        answer = st.selectbox(_("Answer"), classes)
        chosen = classes.index(answer) if answer in classes else 0
    dots = [
        _dots(name, values[:N_DOTS, columns.index(name), chosen], cells[:N_DOTS, columns.index(name)])
        for name in names
        if name in columns
    ]
    st.altair_chart(swarm_chart(pd.concat(dots)), alt=_("What each column contributes in single rows"))
    st.caption(
        _("Each dot is a row: to the right the column raises the prediction there. Red: high numbers; blue: low ones.")
    )


def _dots(name: str, values: np.ndarray, cells: np.ndarray) -> pd.DataFrame:
    """Return the dots of a column: equal ones are moved apart, high numbers told from low ones by their rank."""
    numbers = pd.to_numeric(pd.Series(cells), errors="coerce")
    part = pd.Series(np.digitize(values, np.linspace(values.min(), values.max(), 30)))
    turn = part.groupby(part).cumcount()
    sign = np.where(turn % 2 == 0, 1.0, -1.0)
    most = max(1, int(part.value_counts().max()))
    place = sign * np.ceil(turn / 2) / most * 1.6
    return pd.DataFrame({"column": name, "value": values, "place": place, "height": numbers.rank(pct=True)})
