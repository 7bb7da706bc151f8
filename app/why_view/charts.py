"""Pictures of effects, of what single rows are made of, and of all rows at once."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from app.charts import ACCENT, QUIET, beside_bars, ink, names_down
from app.language import _
from app.why_view.dates import dated
from app.wording import axis_title, percent, short
from engine.figures import figure
from engine.insight.effects import Effect

RISING, FALLING = "#17807A", "#B4552D"
_LABELS = 220
LEAST_MOVE = 0.001
FOOT = 5  # the picture is so many times as high as the bars at its foot

_NAMES = alt.Axis(labelLimit=320, labelOverlap=False, labelFlush=False, ticks=False, domain=False)


def effect_chart(effect: Effect, title: str) -> alt.LayerChart:
    """Draw how the outcome moves with a column, and how many rows there are."""
    return _along(effect, title) if effect.scale in {"number", "date"} else _by_level(effect, title)


def _along(effect: Effect, title: str) -> alt.LayerChart:
    sort = "T" if effect.scale == "date" else "Q"
    places = _on_axis(effect, effect.places)
    points = pd.DataFrame({"at": places, "moved": effect.ale, "set": effect.pdp})
    lines = pd.DataFrame(
        [
            {"at": place, "line": number, "value": value}
            for number, line in enumerate(effect.lines)
            for place, value in zip(places, line, strict=True)
        ]
    )
    values = (*effect.ale, *effect.pdp, *(value for line in effect.lines for value in line))
    flat = max(values) - min(values) < LEAST_MOVE  # a single tick would have all of its digits
    axis = alt.Axis(tickCount=5, format=".1%" if flat else "%") if effect.answer else alt.Axis(tickCount=5)
    across = alt.X(
        f"at:{sort}",
        title=axis_title(effect.column),
        scale=alt.Scale(zero=False, nice=False) if sort == "Q" else alt.Scale(nice=False),
        axis=alt.Axis(grid=False, tickCount=6, tickMinStep=_least_step(effect)),
    )

    def up(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", title=axis_title(title), scale=alt.Scale(zero=False), axis=axis)

    single = alt.Chart(lines).mark_line(color=QUIET, opacity=0.3).encode(across, up("value"), detail="line:N")
    set_there = alt.Chart(points).mark_line(color=QUIET, strokeDash=[4, 4]).encode(across, up("set"))
    moved = alt.Chart(points).mark_line(color=ACCENT, strokeWidth=2.5).encode(across, up("moved"))
    curves = alt.layer(single, set_there, moved)
    drawn = alt.layer(_density(effect, sort), curves).resolve_scale(y="independent").properties(height=240)
    return dated(drawn) if sort == "T" else drawn


def _least_step(effect: Effect) -> float:
    """Return how close ticks may stand: a column of whole numbers has nothing between two of them."""
    return 1.0 if all(float(place).is_integer() for place in effect.places) else 0.0


def _density(effect: Effect, sort: str) -> alt.Chart:
    """Draw how many rows lie where, low at the foot of the picture."""
    width = (effect.places[-1] - effect.places[0]) / len(effect.bars)
    edges = _on_axis(effect, [effect.places[0] + width * number for number in range(len(effect.bars) + 1)])
    bars = pd.DataFrame({"at": edges[:-1], "to": edges[1:], "rows": effect.bars})
    room = alt.Scale(domain=[0, FOOT * max(1, *effect.bars)], nice=False)
    height = alt.Y("rows:Q", axis=None, scale=room)
    drawn = alt.Chart(bars).mark_rect(color=QUIET, opacity=0.35)
    placed: alt.Chart = drawn.encode(alt.X(f"at:{sort}"), height, x2="to", y2=alt.datum(0))
    return placed


def _by_level(effect: Effect, title: str) -> alt.LayerChart:
    values = effect.curve
    rows = pd.DataFrame(
        {
            "name": [
                _("{level} ({n})").format(level=short(cell, 28), n=n)
                for cell, n in zip(effect.cells, effect.n_rows, strict=True)
            ],
            "value": values,
            "label": [percent(value, 1) if effect.answer else figure(value) for value in values],
        }
    )
    if effect.scale == "levels":
        rows = rows.sort_values("value", ascending=False, kind="stable")
    names = names_down("name")
    amount = alt.X("value:Q", title=title, axis=None, scale=beside_bars(values))
    drawn = alt.Chart(rows).mark_bar(color=ACCENT, cornerRadiusEnd=3, height={"band": 0.62}).encode(amount, names)
    labels = alt.Chart(rows).mark_text(align="left", dx=6, color=ink()).encode(amount, names, text="label:N")
    return alt.layer(drawn, labels).properties(height=max(60, 30 * len(rows)))


def _on_axis(effect: Effect, at: Sequence[float]) -> "list[float] | pd.DatetimeIndex":
    return pd.to_datetime(list(at), unit="D") if effect.scale == "date" else list(at)


def waterfall_chart(steps: Sequence[tuple[str, float, float]], title: str, *, share: bool) -> alt.LayerChart:
    """Draw what adds up to an outcome: (name, from, to), the first from where it starts and the last the outcome."""
    rows = pd.DataFrame(steps, columns=["name", "from", "to"])
    last = len(rows) - 1
    rows["sort"] = [_sort(place in (0, last), after - before) for place, (_n, before, after) in enumerate(steps)]
    rows["label"] = [
        _figure(after, share=share) if place in (0, last) else _signed(after - before, share=share)
        for place, (_n, before, after) in enumerate(steps)
    ]
    rows["end"] = rows[["from", "to"]].max(axis=1)
    rows["name"] = [short(name, 44) for name in rows["name"]]
    names = alt.Y("name:N", sort=None, title=None, axis=_NAMES)
    axis = alt.Axis(tickCount=5, format="%") if share else alt.Axis(tickCount=5)
    scale = alt.Scale(zero=False, nice=False, range=[4, {"expr": "width - 70"}])  # figures stand beside the bars
    colours = alt.Scale(domain=["up", "down", "sum"], range=[RISING, FALLING, QUIET])
    spans = (
        alt.Chart(rows)
        .mark_bar(height={"band": 0.62})
        .encode(
            alt.X("from:Q", title=axis_title(title), axis=axis, scale=scale),
            names,
            x2="to:Q",
            color=alt.Color("sort:N", scale=colours, legend=None),
        )
    )
    labels = alt.Chart(rows).mark_text(align="left", dx=6, color=ink()).encode(alt.X("end:Q"), names, text="label:N")
    return alt.layer(spans, labels).properties(height=36 * len(rows) + 40)


def _sort(is_sum: bool, way: float) -> str:
    return "sum" if is_sum else "up" if way > 0 else "down"


def _signed(value: float, *, share: bool) -> str:
    return _("{n} points").format(n=f"{100 * value:+z.1f}") if share else f"{'+' if value > 0 else ''}{figure(value)}"


def _figure(value: float, *, share: bool) -> str:
    return percent(value, 1) if share else figure(value)


def swarm_chart(points: pd.DataFrame) -> alt.LayerChart:
    """Draw what columns contribute in many rows: `column`, `value`, `place` (in the row of dots), `height` (0 to 1).

    Cells that are no numbers have no height, and a quiet colour: a chart leaves out what has none.
    """
    names = list(dict.fromkeys(points["column"]))
    high = points["height"].notna()
    across = alt.X("value:Q", title=_("lowers the prediction ← → raises it"), axis=alt.Axis(tickCount=6))
    axis = alt.Axis(labelLimit=_LABELS, labelFlush=False, ticks=False, domain=False)
    down = alt.Y("column:N", sort=names, scale=alt.Scale(domain=names), title=None, axis=axis)
    apart = alt.YOffset("place:Q", scale=alt.Scale(domain=[-1, 1]))
    shades = alt.Scale(domain=[0, 1], range=["#3B6FB6", "#C2463C"])
    shade = alt.Color("height:Q", scale=shades, title=_("low to high"), legend=alt.Legend(values=[0, 1]))
    dots = {"size": 22, "opacity": 0.65}
    numbers = alt.Chart(points[high]).mark_circle(**dots).encode(across, down, yOffset=apart, color=shade)
    others = alt.Chart(points[~high]).mark_circle(color=QUIET, **dots).encode(across, down, yOffset=apart)
    return alt.layer(numbers, others).properties(height=46 * len(names))
