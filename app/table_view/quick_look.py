"""A quick look at a table: where values are missing, how the target is spread, what says something about it."""

import altair as alt
import pandas as pd
import streamlit as st

from app.charts import ACCENT, distribution, ink, names_down
from app.language import _
from app.tables import Table
from app.wording import count, plain, short
from engine.table.missing import MissingMap

N_POWERS = 10
_LABELS = 160
LEAST_SHADE = 0.05  # of a block's cells missing: where all gaps are rarer, the strongest colour is not reached
_AXIS_HEIGHT = 80  # which the axis below takes of the chart


def show_quick_look(seen: Table) -> None:
    """Draw what there is: nothing about the target without one, no map where nothing is missing."""
    powers = sorted(seen.inspection.powers.items(), key=lambda pair: -pair[1])[:N_POWERS]
    if seen.target is not None:
        spread, says = st.columns(2, gap="large")
        with spread:
            st.header(_("The target"), anchor=False)
            st.caption(_("How the values of {column} are spread").format(column=f"**{plain(seen.target)}**"))
            alt_text = _("How often each value of the target occurs")
            st.altair_chart(distribution(seen.profile(seen.target), seen.n_rows), alt=alt_text)
        if powers:
            with says:
                st.header(_("What says something about it"), anchor=False)
                st.caption(_("How well each column alone predicts the target: 0 is guessing, 1 is perfect."))
                st.altair_chart(_bars(powers), alt=_("How well each column alone predicts the target"))
    if seen.missing.columns:
        st.header(_("Where values are missing"), anchor=False)
        st.caption(_missing_words(seen.missing))
        st.altair_chart(
            _map(seen.missing, seen.n_rows), alt=_("Missing values by column, from the first to the last row")
        )


def _missing_words(found: MissingMap) -> str:
    words = _(
        "From the first row on the left to the last on the right; the stronger the colour, the more is missing. "
        "Columns with gaps: {n}."
    )
    return words.format(n=count(found.n_columns))


def _bars(powers: list[tuple[str, float]]) -> alt.LayerChart:
    rows = pd.DataFrame({"column": [short(name, 28) for name, _power in powers], "power": [p for _name, p in powers]})
    rows["label"] = [f"{power:.2f}" for power in rows["power"]]
    names = names_down("column", limit=_LABELS)
    amount = alt.X("power:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 1.12]))
    drawn = alt.Chart(rows).mark_bar(color=ACCENT, cornerRadiusEnd=3, height={"band": 0.6}).encode(amount, names)
    labels = alt.Chart(rows).mark_text(align="left", dx=6, color=ink()).encode(amount, names, text="label:N")
    return alt.layer(drawn, labels).properties(height=max(60, 28 * len(rows)))


def _map(found: MissingMap, n_rows: int) -> alt.Chart:
    step = found.rows_per_block
    rows = pd.DataFrame(
        [
            {"column": short(name, 28), "from": i * step + 1, "to": min((i + 1) * step, n_rows) + 1, "share": share}
            for name, shares in zip(found.columns, found.shares, strict=True)
            for i, share in enumerate(shares)
        ]
    )
    names = names_down("column", limit=_LABELS)
    place = alt.X(
        "from:Q", title=_("Number of the row"), axis=alt.Axis(grid=False, tickCount=6), scale=alt.Scale(nice=False)
    )
    most = max(rows["share"].max(), LEAST_SHADE)
    shade = alt.Color("share:Q", legend=None, scale=alt.Scale(domain=[0, most], range=[f"{ACCENT}12", ACCENT]))
    chart = alt.Chart(rows).mark_rect().encode(place, names, shade, x2="to:Q")
    return chart.properties(height=_AXIS_HEIGHT + 20 * len(found.columns))
