"""What would change the answer for a row: the goal, the limits, and the nearest changes within them."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.language import _
from app.what_if import Cell, Playground, Row
from app.why_view.answer import outcome_of, outcome_title
from app.wording import percent, plain
from engine.figures import figure
from engine.insight.allowed import Allowed, Limits
from engine.insight.asking import Asked
from engine.insight.counterfactuals import Change, Found, Goal, counterfactuals
from engine.insight.positions import has_positions, shown, text_of
from engine.table.schema import ColumnSchema, Kind

MOST_CHANGED = 3


def changes(play: Playground, row: Row, said: Mapping[str, Any], key: str) -> None:
    """Draw the form, and what was found when it was last asked for this row. `said`: what the model says of the row."""
    st.header(_("What would change it?"), anchor=False)
    with st.container(border=True):
        goal = _goal(play, said, key)
        chosen = st.multiselect(
            _("Only these columns may change"),
            [column.name for column in play.columns if not column.kind.is_words],
            placeholder=_("choose at least one"),
            key=f"change_columns_{key}",
        )
        by_name = {column.name: column for column in play.columns}
        limits = Limits(
            columns={name: _allowed(play, by_name[name], row.get(name), key) for name in chosen},
            most_changed=MOST_CHANGED,
        )
        asked = st.button(
            _("Find changes"), type="primary", disabled=not chosen, icon=":material/search:", key=f"find_{key}"
        )
    place, question = f"changes_found_{key}", repr((sorted(row.items()), goal, limits))
    if asked:
        with st.spinner(_("Trying changes with the model's file …")):
            found = counterfactuals(Asked.of(play.model), row, play.rows, goal, limits)
        st.session_state[place] = (question, found)
    kept = st.session_state.get(place)
    if kept is not None and kept[0] == question:
        _show(play, row, said, goal, kept[1], min(MOST_CHANGED, len(chosen)))


def _goal(play: Playground, said: Mapping[str, Any], key: str) -> Goal:
    task = play.model.task
    if task.classes:
        others = [str(label) for label in task.classes if str(label) != str(said["prediction"])]
        wanted = st.selectbox(_("The answer shall be"), others, key=f"goal_answer_{key}")
        return Goal(answer=str(wanted or others[0]))
    upwards, amount = st.columns(2)
    words = {True: _("at least"), False: _("at most")}
    side = upwards.selectbox(
        _("The prediction shall be"), [True, False], format_func=lambda each: words[each], key=f"goal_side_{key}"
    )
    start = float(said["prediction"])
    number = amount.number_input(
        _("this number"), value=next_goal(start, upwards=bool(side)), format="%g", key=f"goal_number_{key}_{side}"
    )
    return Goal(number=float(number), upwards=bool(side))


def next_goal(value: float, *, upwards: bool) -> float:
    """Return the next round figure of four digits above or below: a goal that is reached already is none.

    >>> next_goal(250_648.2, upwards=True), next_goal(250_648.2, upwards=False), next_goal(-0.5, upwards=True)
    (250700.0, 250600.0, -0.4999)
    """
    if value == 0 or not math.isfinite(value):
        return 0.0
    places = 3 - math.floor(math.log10(abs(value)))
    steps = round(value * 10.0**places, 6)
    beyond = math.floor(steps) + 1 if upwards else math.ceil(steps) - 1
    return round(beyond / 10.0**places, max(places, 0))


def _allowed(play: Playground, column: ColumnSchema, cell: Cell, key: str) -> Allowed:
    """Draw the limits of one column."""
    label = plain(column.name)
    if not has_positions(column):
        values = st.multiselect(
            _("{column}: only these values").format(column=label),
            [each for each in play.choices(column) if each != text_of(cell)],
            placeholder=_("any that the table has"),
            key=f"values_{key}_{column.name}",
        )
        return Allowed(values=tuple(values))
    upwards, downwards = (
        (_("only later"), _("only earlier")) if column.kind is Kind.DATE else (_("only up"), _("only down"))
    )
    words = {0: _("either way"), 1: upwards, -1: downwards}
    ways, low, high = st.columns(3)
    way = ways.selectbox(
        _("{column} may move").format(column=label),
        list(words),
        format_func=lambda each: words[each],
        key=f"way_{key}_{column.name}",
    )
    if not column.kind.is_number:
        return Allowed(direction=way or 0)
    span = play.span(column)
    lowest = low.number_input(
        _("lowest"),
        value=None,
        format="%g",
        placeholder=figure(span[0]) if span else "",
        key=f"low_{key}_{column.name}",
    )
    highest = high.number_input(
        _("highest"),
        value=None,
        format="%g",
        placeholder=figure(span[1]) if span else "",
        key=f"high_{key}_{column.name}",
    )
    return Allowed(direction=way or 0, lowest=lowest, highest=highest, whole=play.is_whole(column))


def _show(play: Playground, row: Row, said: Mapping[str, Any], goal: Goal, found: Found, n_most: int) -> None:
    now = outcome_of(said, goal.answer)
    title = outcome_title(play.model.task, goal.answer)
    if found.nearest:
        st.write(_("These changes would be enough, the smallest first:"))
        for change in found.nearest:
            _change(play, row, change, goal)
    elif _is_so(said, goal):
        st.info(_("It is so already: nothing needs to change."))
    else:
        st.info(
            _("Nothing that was tried reaches that; at most {n} of these columns were changed at once.").format(
                n=n_most
            ),
        )
    if found.best is not None:
        st.write(
            plain(
                _("Best that can be reached within these limits: {title} {value}, from {now}.").format(
                    title=title, value=_told(found.best.outcome, goal), now=_told(now, goal)
                )
            )
        )
        if not found.nearest:
            _change(play, row, found.best, goal)
    st.caption(
        _(
            "This is what the model would say, not what would happen: to change a value in the world may do something "
            "else. Only values that the table has, or that lie between them, were tried."
        )
    )


def _is_so(said: Mapping[str, Any], goal: Goal) -> bool:
    if goal.number is None:
        return str(said["prediction"]) == goal.answer
    value = float(said["prediction"])
    return value >= goal.number if goal.upwards else value <= goal.number


def _change(play: Playground, row: Row, change: Change, goal: Goal) -> None:
    columns = {column.name: column for column in play.columns}
    after = _("{outcome} after it").format(outcome=_told(change.outcome, goal))
    rows = pd.DataFrame(
        {
            _("Column"): list(change.cells),
            _("Now"): [shown(row.get(name), columns[name]) for name in change.cells],
            _("Then"): [shown(cell, columns[name]) for name, cell in change.cells.items()],
        }
    )
    with st.container(border=True):
        st.table(rows.map(plain), hide_index=True)
        st.caption(plain(after))


def _told(value: float, goal: Goal) -> str:
    return percent(value, 1) if goal.answer else figure(value)
