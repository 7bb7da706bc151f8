"""The parts of one answer as a force picture: what raises it pushes from the left, what lowers it from the right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from app.charts import QUIET
from app.language import _
from app.why_view.charts import FALLING, RISING
from app.wording import axis_title, percent, short
from engine.figures import figure
from engine.insight.row_parts import RowParts, largest

N_FORCES = 10
LEAST_NAMED = 0.05  # of the width of the picture
HEIGHT = 150
BAR_TOP, BAR_FOOT, LINES = 1.0, 0.62, (0.42, 0.22)


@dataclass(frozen=True, kw_only=True)
class Force:
    """What a column does: it takes the room from `low` to `high` and pushes the answer up or down."""

    name: str
    low: float
    high: float
    raises: bool


def forces(found: RowParts, told: Mapping[str, str]) -> tuple[Force, ...]:
    """Return the strongest forces, the strongest of either side next to the answer. `told`: the cells, as shown."""
    strongest, rest = largest(found.parts, N_FORCES)
    parts = [(f"{name} = {short(told[name], 24)}", value) for name, value in strongest]
    if rest:
        parts.append((_("all other columns"), rest))
    made = []
    below = above = found.outcome
    for name, value in parts:
        if value > 0:
            made.append(Force(name=name, low=below - value, high=below, raises=True))
            below -= value
        elif value < 0:
            made.append(Force(name=name, low=above, high=above - value, raises=False))
            above -= value
    return tuple(made)


def force_chart(pushing: Sequence[Force], found: RowParts, title: str, *, share: bool) -> alt.LayerChart:
    """Draw forces beside each other, meeting at the answer."""
    ends = [found.base, found.outcome, *(end for each in pushing for end in (each.low, each.high))]
    room = 0.04 * ((max(ends) - min(ends)) or abs(ends[0]) or 1.0)
    domain = (min(ends) - room, max(ends) + room)
    axis = alt.Axis(tickCount=5, format="%") if share else alt.Axis(tickCount=5)
    scale = alt.Scale(domain=list(domain), nice=False)
    hidden = alt.Scale(domain=[0, 1.3], nice=False)

    def across(name: str) -> alt.X:
        return alt.X(f"{name}:Q", title=axis_title(title), axis=axis, scale=scale)

    def up(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", axis=None, scale=hidden)

    rows = pd.DataFrame(
        [
            {
                "name": each.name,
                "low": each.low,
                "high": each.high,
                "foot": BAR_FOOT,
                "top": BAR_TOP,
                "way": "up" if each.raises else "down",
            }
            for each in pushing
        ],
        columns=["name", "low", "high", "foot", "top", "way"],
    )
    colours = alt.Scale(domain=["up", "down"], range=[RISING, FALLING])
    bars = (
        alt.Chart(rows)
        .mark_rect(stroke="white", strokeWidth=1.5)
        .encode(
            across("low"), up("foot"), x2="high:Q", y2="top:Q", color=alt.Color("way:N", scale=colours, legend=None)
        )
    )
    names = alt.Chart(_named(pushing, domain)).mark_text(fontSize=11, color=QUIET)
    lines = pd.DataFrame(
        {
            "at": [found.outcome, found.base],
            "label": [_label(found.outcome, share=share), _("average")],
            "height": [1.2, 1.2],
        }
    )
    here = alt.Chart(lines[:1]).mark_rule(strokeWidth=2, color=QUIET).encode(across("at"))
    usual = alt.Chart(lines[1:]).mark_rule(strokeDash=[4, 4], color=QUIET).encode(across("at"))
    apart = abs(found.outcome - found.base) > 4 * LEAST_NAMED * (domain[1] - domain[0])
    labels = alt.Chart(lines if apart else lines[:1]).mark_text(fontWeight="bold", dx=4, align="left", color=QUIET)
    return alt.layer(
        bars,
        usual,
        here,
        names.encode(across("at"), up("height"), text="name:N"),
        labels.encode(across("at"), up("height"), text="label:N"),
    ).properties(height=HEIGHT)


def _named(pushing: Sequence[Force], domain: tuple[float, float]) -> pd.DataFrame:
    """Return the names of wide forces below their middles, on two lines by turns so that neighbours do not touch."""
    width = domain[1] - domain[0]
    wide = sorted((each for each in pushing if each.high - each.low >= LEAST_NAMED * width), key=lambda each: each.low)
    return pd.DataFrame(
        {
            "name": [short(each.name, 22) for each in wide],
            "at": [(each.low + each.high) / 2 for each in wide],
            "height": [LINES[place % 2] for place in range(len(wide))],
        }
    )


def _label(value: float, *, share: bool) -> str:
    return percent(value, 1) if share else figure(value)
