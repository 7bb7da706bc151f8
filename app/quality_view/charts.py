"""The charts about how good a model is, as Altair charts in the colours of the theme."""

import math
from collections.abc import Sequence

import altair as alt
import pandas as pd

from app.charts import ACCENT, QUIET, ink, names_down, wide_enough
from app.language import _
from app.wording import axis_title
from engine.figures import figure
from engine.insight.quality.calibration import Bin
from engine.insight.quality.classes import Classes
from engine.insight.quality.curves import Curves
from engine.insight.quality.money import Money

HEIGHT = 260
FEW_CLASSES = 6
LEVEL_LETTERS = 18  # of all classes together, for which a phone has room side by side
_LABELS = 150  # pixels of a name beside a matrix at most: its title needs room, too
_NAME = 120  # pixels of a name below a matrix at most
_LETTER = 7
_DASHES = [4, 4]
_IN_LINES = "split(datum.label, ' – ')"  # ranges take two lines, so that narrow screens have room for them
_SHARE = alt.Axis(tickCount=5, format="%")


def beside(rows: pd.DataFrame) -> alt.LayerChart:
    """Draw scores below each other: `name`, `value`, and where known `low` and `high`; the first stands out."""
    rows = rows.assign(label=[figure(value) for value in rows["value"]], own=[i == 0 for i in range(len(rows))])
    names = names_down("name")
    scale = alt.Scale(zero=False, padding=30)
    values = alt.X("value:Q", title=None, scale=scale, axis=alt.Axis(tickCount=5))
    shade = alt.condition(alt.datum.own, alt.value(ACCENT), alt.value(QUIET))
    spans = alt.Chart(rows.dropna(subset=["low", "high"])).mark_rule(strokeWidth=6, opacity=0.35)
    dots = alt.Chart(rows).mark_circle(size=140, opacity=1).encode(values, names, color=shade)
    labels = alt.Chart(rows).mark_text(dy=-16, color=ink()).encode(values, names, text="label:N")
    drawn = spans.encode(alt.X("low:Q"), names, x2="high:Q", color=shade)
    return alt.layer(drawn, dots, labels).properties(height=max(90, 55 * len(rows)))


def curve(x: Sequence[float], y: Sequence[float], x_title: str, y_title: str, usual: Sequence[float]) -> alt.LayerChart:
    """Draw one share against another; `usual`: both ends of the line that guessing would draw."""
    points = pd.DataFrame({"x": x, "y": y})
    across = alt.X("x:Q", title=x_title, axis=_SHARE, scale=alt.Scale(domain=[0, 1]))
    up = alt.Y("y:Q", title=y_title, axis=_SHARE, scale=alt.Scale(domain=[0, 1]))
    guess = alt.Chart(pd.DataFrame({"x": [0.0, 1.0], "y": list(usual)}))
    line = alt.Chart(points).mark_line(color=ACCENT, strokeWidth=2.5).encode(across, up, order="x:Q")
    return alt.layer(guess.mark_line(color=QUIET, strokeDash=_DASHES).encode(across, up), line).properties(
        height=HEIGHT
    )


def calibration(bins: Sequence[Bin]) -> alt.LayerChart:
    """Draw what was said against what happened, with intervals."""
    points = pd.DataFrame(
        [{"said": b.chance, "is": b.share.value, "low": b.share.low, "high": b.share.high, "n": b.n_rows} for b in bins]
    )
    across = alt.X("said:Q", title=_("Probability that it says"), axis=_SHARE, scale=alt.Scale(domain=[0, 1]))
    up = alt.Y("is:Q", title=_("Share that has the answer"), axis=_SHARE, scale=alt.Scale(domain=[0, 1]))
    right = alt.Chart(pd.DataFrame({"said": [0.0, 1.0], "is": [0.0, 1.0]})).mark_line(color=QUIET, strokeDash=_DASHES)
    spans = alt.Chart(points).mark_rule(color=ACCENT, strokeWidth=4, opacity=0.35)
    dots = alt.Chart(points).mark_circle(color=ACCENT, size=80, opacity=1)
    drawn = (right.encode(across, up), spans.encode(across, alt.Y("low:Q"), y2="high:Q"), dots.encode(across, up))
    return alt.layer(*drawn).properties(height=HEIGHT)


def probabilities(curves: Curves, yes: str, no: str) -> alt.Chart:
    """Draw how often each probability is given to rows of either answer, as shares of the rows of that answer."""
    parts = []
    for name, counts in ((yes, curves.yes), (no, curves.no)):
        ends = zip(curves.edges[:-1], curves.edges[1:], counts, strict=True)
        parts += [{"answer": name, "from": a, "to": b, "share": n / max(1, sum(counts))} for a, b, n in ends]
    across = alt.X("from:Q", bin="binned", title=_("Probability that it says"), axis=_SHARE)
    up = alt.Y("share:Q", title=_("Share of its rows"), axis=_SHARE, stack=None)
    colour = alt.Color("answer:N", title=None, sort=None, scale=alt.Scale(domain=[yes, no], range=[ACCENT, QUIET]))
    drawn = alt.Chart(pd.DataFrame(parts)).mark_bar(opacity=0.55)
    return drawn.encode(across, up, x2="to:Q", color=colour).properties(height=HEIGHT)


def money_by_threshold(found: Money, chosen: float) -> alt.LayerChart:
    """Draw the money per 100 rows by threshold, with the best one and the one that was chosen."""
    points = pd.DataFrame({"threshold": found.thresholds, "money": found.per_100})
    across = alt.X("threshold:Q", title=_("Act from this probability on"), axis=_SHARE)
    up = alt.Y("money:Q", title=_("Money per 100 rows"), scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5))
    line = alt.Chart(points).mark_line(color=ACCENT, strokeWidth=2.5).encode(across, up)
    best = pd.DataFrame({"threshold": [found.best], "money": [found.at_best], "label": [_("best")]})
    dot = alt.Chart(best).mark_circle(color=ACCENT, size=140, opacity=1).encode(across, up)
    label = alt.Chart(best).mark_text(dy=-14, color=ACCENT).encode(across, up, text="label:N")
    here = alt.Chart(pd.DataFrame({"threshold": [chosen]})).mark_rule(color=QUIET, strokeDash=_DASHES).encode(across)
    return alt.layer(here, line, dot, label).properties(height=HEIGHT)


def matrix(found: Classes) -> alt.LayerChart:
    """Draw which class is taken for which, as shares of the rows of the true one."""
    cells = [
        {"truth": true, "named": named, "rows": n, "share": n / max(1, sum(row))}
        for true, row in zip(found.shown, found.matrix, strict=True)
        for named, n in zip(found.shown, row, strict=True)
    ]
    order = list(found.shown)
    down = alt.Y("truth:N", sort=order, title=_("True answer"), axis=alt.Axis(labelLimit=_LABELS, labelFlush=False))
    is_roomy = sum(map(len, order)) <= LEVEL_LETTERS
    angle = 0 if is_roomy else -40 if len(order) <= FEW_CLASSES else -90
    axis = alt.Axis(labelLimit=_NAME, labelAngle=angle, labelFlush=False, labelOverlap=False)
    across = alt.X("named:N", sort=order, title=_("Answer that it gives"), axis=axis)
    shade = alt.Color("share:Q", legend=None, scale=alt.Scale(range=["#ffffff00", ACCENT], domain=[0, 1]))
    drawn = alt.Chart(pd.DataFrame(cells))
    filled = drawn.mark_rect(stroke=QUIET, strokeOpacity=0.3, fillOpacity=0.6).encode(across, down, color=shade)
    labels = drawn.mark_text(color=ink(strong=True)).encode(across, down, text="rows:Q")
    return alt.layer(filled, labels).properties(height=34 * max(3, len(order)) + _foot(order, angle))


def _foot(names: Sequence[str], angle: int) -> int:
    """Return how many pixels slanted names and the title below them take: the figure is as much higher."""
    longest = min(_NAME, _LETTER * max(map(len, names)))
    return 60 + round(longest * math.sin(math.radians(abs(angle))))


def scatter(points: pd.DataFrame, x_title: str, y_title: str, line: Sequence[Sequence[float]]) -> alt.LayerChart:
    """Draw rows as points: `x`, `y`; `line`: where right ones would lie, as two points."""
    right_ones = pd.DataFrame(line, columns=["x", "y"])
    ends = pd.concat([points[["x", "y"]], right_ones])
    axis = alt.Axis(tickCount=5)
    across = alt.X("x:Q", title=axis_title(x_title), scale=wide_enough(ends["x"], nice=False), axis=axis)
    up = alt.Y("y:Q", title=axis_title(y_title), scale=wide_enough(ends["y"], nice=False), axis=axis)
    right = alt.Chart(right_ones).mark_line(color=QUIET, strokeDash=_DASHES)
    dots = alt.Chart(points).mark_circle(color=ACCENT, size=22, opacity=0.45).encode(across, up)
    return alt.layer(dots, right.encode(across, up)).properties(height=HEIGHT)


def along(rows: pd.DataFrame, x_title: str, y_title: str, *, share: bool) -> alt.LayerChart:
    """Draw values with their intervals in order: `name`, `value`, `low`, `high`."""
    names = alt.Axis(labelAngle=0, labelLimit=120, labelExpr=_IN_LINES, labelFlush=False)
    across = alt.X("name:N", sort=None, title=axis_title(x_title), axis=names)
    axis = _SHARE if share else alt.Axis(tickCount=5)
    up = alt.Y("value:Q", title=axis_title(y_title), axis=axis, scale=alt.Scale(zero=True))
    spans = alt.Chart(rows).mark_rule(color=ACCENT, strokeWidth=6, opacity=0.35)
    dots = alt.Chart(rows).mark_circle(color=ACCENT, size=110, opacity=1).encode(across, up)
    return alt.layer(spans.encode(across, alt.Y("low:Q"), y2="high:Q"), dots).properties(height=HEIGHT)


def to_both_sides(rows: pd.DataFrame, x_title: str) -> alt.LayerChart:
    """Draw values with their intervals below each other on both sides of 0: `name`, `value`, `low`, `high`."""
    names = names_down("name")
    across = alt.X("value:Q", title=x_title, axis=alt.Axis(tickCount=5))
    middle = alt.Chart(pd.DataFrame({"value": [0.0]})).mark_rule(color=QUIET, strokeDash=_DASHES).encode(across)
    spans = alt.Chart(rows).mark_rule(color=ACCENT, strokeWidth=6, opacity=0.35)
    dots = alt.Chart(rows).mark_circle(color=ACCENT, size=110, opacity=1).encode(across, names)
    drawn = spans.encode(alt.X("low:Q"), names, x2="high:Q")
    return alt.layer(middle, drawn, dots).properties(height=max(110, 34 * len(rows) + 40))


def learning(rows: pd.DataFrame) -> alt.LayerChart:
    """Draw a score by the number of rows learnt from: `rows`, `value`, `low`, `high`; each doubling is as wide."""
    numbers = [int(n) for n in rows["rows"]]
    across = alt.X(
        "rows:Q",
        title=_("Rows learnt from"),
        scale=alt.Scale(type="log", nice=False, padding=30),
        axis=alt.Axis(values=numbers, format=",d", grid=False, labelOverlap=False),
    )
    up = alt.Y("value:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5))
    spans = alt.Chart(rows).mark_rule(color=ACCENT, strokeWidth=6, opacity=0.35)
    line = alt.Chart(rows).mark_line(color=ACCENT, strokeWidth=2).encode(across, up)
    dots = alt.Chart(rows).mark_circle(color=ACCENT, size=110, opacity=1).encode(across, up)
    return alt.layer(spans.encode(across, alt.Y("low:Q"), y2="high:Q"), line, dots).properties(height=HEIGHT)
