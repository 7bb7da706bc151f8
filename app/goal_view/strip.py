"""How the model will be checked: the rows drawn as a strip, those that it learns from and those kept for the end."""

from collections.abc import Iterator

import altair as alt
import pandas as pd
import streamlit as st

from app.charts import ACCENT
from app.language import _, close_up, say
from app.tables import Table
from app.wording import count, percent, plain
from engine.config import ExperimentConfig
from engine.run.division import Division, expected_division
from engine.search.validation import Scheme, single_rows

HEIGHT = 44  # pixels
LEARN, COMPARE, FINAL = "#0F5B57", ACCENT, "#5F6B68"  # white letters can be read on each, by day and by night


def strip(seen: Table, config: ExperimentConfig) -> None:
    """Draw how the rows will be divided; nothing where that is not known, or of a table of which a sample is drawn."""
    task = seen.inspection.task
    if task is None or seen.target is None or seen.is_sampled or config.problems(seen.found):
        return
    n_answered = seen.n_rows - seen.schema[seen.target].n_missing
    found = expected_division(config, seen.schema, task, n_answered)
    if found is None:
        return
    st.markdown(f"**{_('How it will be checked')}**")
    st.altair_chart(_drawn(found), alt=_("Rows that candidates are compared on, and rows kept for the final test"))
    st.caption(plain(close_up(f"{say(found.plan.reason)} {_of_the_final_test(found)}")))


def _of_the_final_test(found: Division) -> str:
    if not found.n_final:
        return _("No rows are kept for a final test, so the score comes from the comparison.")
    said = _("About {n} rows ({share}) are kept for the final test: no model sees them before the end.")
    return said.format(n=count(found.n_final), share=percent(found.n_final / (found.n_learn + found.n_final)))


def _parts(found: Division) -> Iterator[tuple[str, str, float]]:
    """Yield what each part is called, how it looks, and how many rows it has; the latest rows come last."""
    plan, n = found.plan, found.n_learn
    if plan.scheme is Scheme.SINGLE:
        compared = single_rows(n)
        yield _("learn from"), LEARN, n - compared
        yield _("compare on"), COMPARE, compared
    elif plan.scheme is Scheme.FORWARD:
        part = n / (plan.n_folds + 1)
        yield _("earlier rows"), LEARN, part
        yield from ((str(number), COMPARE, part) for number in range(1, plan.n_folds + 1))
    else:
        yield from ((str(number), COMPARE, n / plan.n_folds) for number in range(1, plan.n_folds + 1))
    if found.n_final:
        yield _("final test"), FINAL, found.n_final


def _drawn(found: Division) -> alt.LayerChart:
    parts = list(_parts(found))
    names, colours, sizes = zip(*parts, strict=True)
    ends = pd.Series(sizes).cumsum()
    rows = pd.DataFrame(
        {
            "part": names,
            "colour": colours,
            "start": ends - pd.Series(sizes),
            "end": ends,
        }
    ).assign(middle=lambda made: (made["start"] + made["end"]) / 2)
    along = alt.X("start:Q", axis=None, scale=alt.Scale(domain=[0, float(ends.iloc[-1])], nice=False))
    bars = (
        alt.Chart(rows)
        .mark_rect(cornerRadius=4, height=HEIGHT - 12, xOffset=1, x2Offset=-1)
        .encode(
            along,
            alt.X2("end:Q"),
            color=alt.Color("colour:N", scale=None, legend=None),
        )
    )
    labels = alt.Chart(rows).mark_text(color="white", fontWeight=600).encode(x="middle:Q", text="part:N")
    return alt.layer(bars, labels).properties(height=HEIGHT)
