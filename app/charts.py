"""The figures of the screens, as Altair charts in the colours of the theme."""

import math
from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from app.language import _
from app.wording import axis_title, count, percent, short
from engine.events import CandidateFinished
from engine.figures import figure
from engine.outcomes import Importance
from engine.progress import Progress
from engine.table.profile import ColumnProfile

ACCENT = "#17807A"
QUIET = "#8A9794"
# Of letters: no single grey is read well on both grounds; strong ones stand on coloured fields.
_INK = {"light": ("#5C6664", "#22302E"), "dark": ("#A9B3B1", "#F2F6F5")}
_LABELS = 220
_ROOM = 56  # pixels of a figure beside a bar
_ALL_BUT_ONE = 1e-5  # numbers that differ by a smaller share are one, stored with the digits that a float has


def ink(*, strong: bool = False) -> str:
    """Return the colour of letters in a figure, for the ground that the reader has chosen."""
    return _INK["dark" if st.context.theme.type == "dark" else "light"][strong]


def names_down(column: str, limit: int = _LABELS) -> alt.Y:
    """Return a vertical axis of names, each beside its own row. `limit`: of a name, in pixels."""
    axis = alt.Axis(labelLimit=limit, labelFlush=False, ticks=False, domain=False)
    return alt.Y(f"{column}:N", sort=None, title=None, axis=axis)


def best_so_far(progress: Progress) -> alt.LayerChart | None:
    """Draw the best score over time against the baseline; None before the first candidate has a score."""
    prepared = progress.prepared
    whole = [result for result in progress.finished if not result.pruned]
    if prepared is None or not whole:
        return None
    steps = pd.DataFrame(_steps(whole, greater_is_better=prepared.greater_is_better, until=progress.seconds))
    scale = alt.Scale(domainMin=0, nice=False)
    time = alt.X("seconds:Q", title=_("Seconds of training"), axis=alt.Axis(grid=False, tickCount=6), scale=scale)
    score = alt.Y(
        "score:Q", title=None, scale=alt.Scale(zero=False, nice=False, padding=22), axis=alt.Axis(tickCount=5)
    )
    line = alt.Chart(steps).mark_line(interpolate="step-after", color=ACCENT, strokeWidth=2.5).encode(time, score)
    band = alt.Chart(steps).mark_area(interpolate="step-after", color=ACCENT, opacity=0.16)
    noise = band.encode(time, alt.Y("low:Q", title=None), alt.Y2("high:Q"))
    baseline = pd.DataFrame({"score": [progress.baseline], "label": [_("same answer for every row")]})
    rule = alt.Chart(baseline).mark_rule(color=QUIET, strokeDash=[4, 4]).encode(y="score:Q")
    below = prepared.greater_is_better  # the label stands where the line of the best never goes
    label = (
        alt.Chart(baseline)
        .mark_text(align="left", baseline="top" if below else "bottom", dx=2, dy=5 if below else -4, color=ink())
        .encode(y="score:Q", text="label:N", x=alt.value(0))
    )
    return alt.layer(noise, rule, line, label).properties(height=300)


def _steps(results: Sequence[CandidateFinished], *, greater_is_better: bool, until: float) -> list[dict[str, float]]:
    """Return the moments at which something better was found, with how far its folds lie apart, and the last one."""
    sign = 1 if greater_is_better else -1
    best = results[0]
    found = [_step(best, best.seconds)]
    for result in results[1:]:
        if sign * result.score > sign * best.score:
            best = result
            found.append(_step(best, best.seconds))
    return [*found, _step(best, max(until, found[-1]["seconds"]))]


def _step(best: CandidateFinished, seconds: float) -> dict[str, float]:
    return {
        "seconds": seconds,
        "score": best.score,
        "low": best.score - best.spread,
        "high": best.score + best.spread,
    }


def importance_bars(importances: Sequence[Importance]) -> alt.LayerChart:
    """Draw how much each column moves the prediction, the strongest on top."""
    rows = pd.DataFrame(
        {
            "column": [short(item.column, 34) for item in importances],
            "share": [item.share for item in importances],
            "label": [percent(item.share) for item in importances],
        }
    )
    names = names_down("column")
    shares = alt.X("share:Q", title=None, axis=None)
    bars = alt.Chart(rows).mark_bar(color=ACCENT, cornerRadiusEnd=3, height={"band": 0.62}).encode(shares, names)
    labels = alt.Chart(rows).mark_text(align="left", dx=6, color=ink()).encode(shares, names, text="label:N")
    return alt.layer(bars, labels).properties(height=max(80, 30 * len(rows)))


def bars(profile: ColumnProfile) -> list[int]:
    """Return the row counts of a column's ranges or most frequent values, for a chart of a few pixels."""
    return list(profile.histogram) or [n for _level, n in profile.top]


def distribution(profile: ColumnProfile, n_rows: int) -> alt.Chart | alt.LayerChart:
    """Draw how often each range of numbers, or each value, of a column occurs."""
    return _ranges(profile) if profile.histogram else _levels(profile, n_rows)


def _ranges(profile: ColumnProfile) -> alt.Chart:
    low, high = profile.minimum, profile.maximum
    if not isinstance(low, float) or not isinstance(high, float):  # dates: only the ends are known as texts
        low, high = 0.0, float(len(profile.histogram))
    step = (high - low) / len(profile.histogram)
    edges = [low + step * number for number in range(len(profile.histogram) + 1)]
    rows = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "rows": profile.histogram})
    values = alt.X("from:Q", title=None, bin="binned", axis=alt.Axis(tickCount=6, grid=False))
    amount = alt.Y("rows:Q", title=_("Rows"), axis=alt.Axis(tickCount=4))
    return alt.Chart(rows).mark_bar(color=ACCENT).encode(values, amount, x2="to:Q").properties(height=200)


def _levels(profile: ColumnProfile, n_rows: int) -> alt.LayerChart:
    others = n_rows - profile.n_missing - sum(n for _level, n in profile.top)
    pairs = [*profile.top, (_("all others"), others)] if others > 0 else list(profile.top)
    rows = pd.DataFrame({"value": [short(level, 28) for level, _n in pairs], "rows": [n for _level, n in pairs]})
    rows["label"] = [f"{count(n)} ({percent(n / max(1, n_rows), 0)})" for n in rows["rows"]]
    names = names_down("value")
    amount = alt.X("rows:Q", title=None, axis=None)
    drawn = alt.Chart(rows).mark_bar(color=ACCENT, cornerRadiusEnd=3, height={"band": 0.62}).encode(amount, names)
    labels = alt.Chart(rows).mark_text(align="left", dx=6, color=ink()).encode(amount, names, text="label:N")
    return alt.layer(drawn, labels).properties(height=max(60, 32 * len(rows)))


def along_number(points: pd.DataFrame, name: str, answer: str, own: float | None, *, share: bool) -> alt.LayerChart:
    """Draw the answer along the numbers of a column: `cell`, `answer`; `own`: where the row stands."""
    values = alt.X(
        "cell:Q",
        title=axis_title(name),
        scale=alt.Scale(zero=False, nice=False),
        axis=alt.Axis(grid=False, tickCount=6),
    )
    answers = _answer(answer, points["answer"], share=share)
    drawn = [alt.Chart(points).mark_line(color=ACCENT, strokeWidth=2.5).encode(values, answers)]
    if own is not None:
        here = alt.Chart(pd.DataFrame({"cell": [own]}))
        drawn.append(here.mark_rule(color=QUIET, strokeDash=[4, 4]).encode(x="cell:Q"))
    return alt.layer(*drawn).properties(height=240)


def along_category(points: pd.DataFrame, answer: str, own: str, *, share: bool) -> alt.LayerChart:
    """Draw the answer for the levels of a column: `cell`, `answer`; `own`: the level of the row."""
    rows = points.assign(
        name=[short(str(cell), 28) for cell in points["cell"]],
        label=[percent(value, 1) if share else figure(value) for value in points["answer"]],
        own=[str(cell) == own for cell in points["cell"]],
    )
    names = names_down("name")
    shade = alt.condition(alt.datum.own, alt.value(ACCENT), alt.value(QUIET))
    values = alt.X("answer:Q", title=answer, axis=None, scale=beside_bars(points["answer"]))
    drawn = alt.Chart(rows).mark_bar(cornerRadiusEnd=3, height={"band": 0.62}).encode(values, names, color=shade)
    labels = alt.Chart(rows).mark_text(align="left", dx=6, color=ink()).encode(values, names, text="label:N")
    return alt.layer(drawn, labels).properties(height=max(60, 32 * len(rows)))


def beside_bars(values: Sequence[float]) -> alt.Scale:
    """Return a scale for bars that leaves room for the figures at their ends, however narrow the chart is."""
    return alt.Scale(zero=True, range=[_ROOM if min(values, default=0.0) < 0 else 0, {"expr": f"width - {_ROOM}"}])


def wide_enough(values: Sequence[float], *, nice: bool = True) -> alt.Scale:
    """Return a scale with round figures also where all values are one: its single figure would have all its digits."""
    low, high = min(values), max(values)
    largest = max(abs(low), abs(high))
    if high - low <= _ALL_BUT_ONE * largest < math.inf:
        room = largest / 20 or 1.0
        return alt.Scale(zero=False, nice=nice, domain=[low - room, high + room])
    return alt.Scale(zero=False, nice=nice)


def _answer(title: str, answers: Sequence[float], *, share: bool) -> alt.Y:
    axis = alt.Axis(tickCount=5, format="%") if share else alt.Axis(tickCount=5)
    scale = alt.Scale(zero=False) if share else wide_enough(answers)
    return alt.Y("answer:Q", title=axis_title(title), scale=scale, axis=axis)


def _round_values(values: Sequence[float]) -> list[float]:
    """Return round figures for a logarithmic axis, from just below the least value to just above the largest.

    >>> _round_values([0.03, 0.5]), _round_values([2.5, 2.9])
    ([0.05, 0.1, 0.2, 0.5], [2.0])
    """
    low, high = min(values) * 0.75, max(values) * 1.25
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [float(f"{first}e{power}") for power in powers for first in (1, 2, 5) if low <= first * 10**power <= high]


def score_by(points: pd.DataFrame, price: str, title: str) -> alt.LayerChart:
    """Draw the score of versions against what they cost: `score`, and the column called `price`."""
    axis = alt.Axis(grid=False, values=_round_values(points[price]), format="~g")
    prices = alt.X(f"{price}:Q", title=title, scale=alt.Scale(type="log", padding=20), axis=axis)
    scores = alt.Y("score:Q", title=None, scale=alt.Scale(zero=False, padding=20), axis=alt.Axis(tickCount=5))
    line = alt.Chart(points).mark_line(color=QUIET, strokeDash=[4, 4]).encode(prices, scores)
    dots = alt.Chart(points).mark_circle(size=110, opacity=1, color=ACCENT).encode(prices, scores)
    return alt.layer(line, dots).properties(height=220)
