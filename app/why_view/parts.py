"""Why the model says this of one row: a waterfall in the table's own columns, and rows like it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.language import _, close_up
from app.what_if import Cell, Playground, Row
from app.why_view.answer import answer_of, outcome_title
from app.why_view.charts import waterfall_chart
from app.why_view.force import force_chart, forces
from app.wording import count, percent, plain, short
from engine.figures import figure
from engine.insight.asking import Asked, answers_of
from engine.insight.positions import as_taken, shown
from engine.insight.row_parts import RowParts, largest, row_parts
from engine.insight.similar import most_similar

N_PARTS = 8
N_SIMILAR = 5
N_SHOWN = 8


def parts(play: Playground, row: Row, said: Mapping[str, Any]) -> None:
    """Draw what adds up to the outcome for a row."""
    task = play.model.task
    answer = answer_of(task, said)
    k = answers_of(task).index(answer) if answer else 0
    found = _worked_out(str(play.model.path), tuple(sorted(row.items())), k, play)
    told = {column.name: short(shown(row.get(column.name), column) or _("no value"), 60) for column in play.columns}
    st.header(_("Why this answer?"), anchor=False)
    st.markdown(sentence(found, told, share=bool(answer)))
    chart = waterfall_chart(steps(found, told, share=bool(answer)), outcome_title(task, answer), share=bool(answer))
    st.altair_chart(chart, alt=_("What each column adds to the answer or takes from it"))
    st.caption(
        _(
            "From the average answer to the one for this row; the parts add up exactly. They are Shapley values, "
            "worked out with the model's file by comparing the row with {n} rows of the table, column by column. "
            "Associations, not causes."
        ).format(n=count(found.n_walks // 2))
    )
    with st.expander(_("The same as a force picture")):
        pushed = force_chart(forces(found, told), found, outcome_title(task, answer), share=bool(answer))
        st.altair_chart(pushed, alt=_("What pushes the answer up from the left, and down from the right"))
        st.caption(
            _(
                "From the left push the columns that raise the answer, from the right those that lower it; they meet "
                "at the answer. The dashed line is the average answer."
            )
        )


@st.cache_data(max_entries=64, show_spinner=False)
def _worked_out(
    model: str,  # noqa: ARG001 - names what is kept
    cells: tuple[tuple[str, Cell], ...],
    k: int,
    _play: Playground,
) -> RowParts:
    row, index = dict(cells), pd.RangeIndex(1)
    alone = pd.DataFrame({column.name: as_taken([row.get(column.name)], column, index) for column in _play.columns})
    return row_parts(Asked.of(_play.model), alone, _play.rows, k)


def steps(found: RowParts, told: Mapping[str, str], *, share: bool) -> list[tuple[str, float, float]]:
    """Return the steps of a waterfall: (name, from, to), from the average to the outcome."""
    strongest, rest = largest(found.parts, N_PARTS)
    named = [(f"{name} = {short(told[name], 24)}", value) for name, value in strongest]
    if rest or len(found.parts) > N_PARTS:
        named.append((_("all other columns"), rest))
    levels = [found.base]
    for _name, value in named:
        levels.append(levels[-1] + value)
    # A chance begins at nothing; a number may lie far from 0, where all parts would look alike.
    start = 0.0 if share else min(levels) - (max(levels) - min(levels)) / 5
    moves = [(name, before, after) for (name, _part), before, after in zip(named, levels, levels[1:], strict=False)]
    return [(_("average"), start, found.base), *moves, (_("this row"), start, found.outcome)]


def sentence(found: RowParts, told: Mapping[str, str], *, share: bool) -> str:
    """Say what raises the outcome of the row most, and what lowers it most. `told`: its cells, as they are shown."""
    ranked, _rest = largest(found.parts, len(found.parts))
    raising = next(((name, value) for name, value in ranked if value > 0), None)
    lowering = next(((name, value) for name, value in ranked if value < 0), None)
    said = [
        words.format(column=plain(name), value=plain(told[name]), by=_by(value, share=share))
        for words, part in (
            (_("What raises it most is **{column}** = {value} (by {by})."), raising),
            (_("What lowers it most is **{column}** = {value} (by {by})."), lowering),
        )
        if part is not None
        for name, value in [part]
    ]
    return close_up(" ".join(said)) or _("Nothing about this row moves the answer away from the average.")


def _by(value: float, *, share: bool) -> str:
    return _("{n} points").format(n=f"{100 * abs(value):.1f}") if share else figure(abs(value))


def similar(
    play: Playground,
    row: Row,
    answers: pd.DataFrame,
    weights: Mapping[str, float],
    *,
    without: Sequence[int],
    held_out: bool,
) -> None:
    """Draw rows like this one with their answers. `answers`: `row`, `truth` and `prediction` of all of them."""
    st.header(_("Rows most like it"), anchor=False)
    near, far = most_similar(row, play.rows, play.columns, weights, N_SIMILAR + len(without))
    pairs = [(position, distance) for position, distance in zip(near, far, strict=True) if position not in without]
    chosen = [position for position, _distance in pairs[:N_SIMILAR]]
    if not chosen:
        st.caption(_("There are no other rows to compare with."))
        return
    columns = sorted(play.columns, key=lambda column: -weights.get(column.name, 0.0))[:N_SHOWN]
    lines = pd.DataFrame(
        {
            _("Row"): answers["row"].iloc[chosen].to_numpy() + 1,
            _("True answer"): [_answer(value) for value in answers["truth"].iloc[chosen]],
            _("Model said"): [_answer(value) for value in answers["prediction"].iloc[chosen]],
            _("Likeness"): [percent(1 - distance) for _position, distance in pairs[:N_SIMILAR]],
            **{
                column.name: [shown(cell, column) for cell in play.rows[column.name].iloc[chosen]] for column in columns
            },
        }
    )
    st.dataframe(lines, hide_index=True, alt=_("The rows most like this one, with their true answers"))
    where = (
        _("From the rows that were set aside, whose answers are known and from which the model has not learnt.")
        if held_out
        else _("From the rows that the model has learnt from.")
    )
    st.caption(where + " " + _("Likeness counts each column as much as it matters to the model."))


def _answer(value: object) -> str:
    return figure(value) if isinstance(value, float) else str(value)
