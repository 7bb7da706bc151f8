"""What if: one row to change, what the model says of it, and how the answer moves along a column."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.charts import along_category, along_number
from app.current import chosen_run, no_run_yet, not_ready_yet
from app.kept_rows import FIRST_ROW, KeptRows, choose_row, kept_rows, say_no_rows
from app.kept_why import can_say_why
from app.language import _
from app.opened import workspace
from app.pieces import question
from app.screen import Screen
from app.what_if import CHOSEN_FROM, Cell, Playground, Row
from app.why_view.answer import answer_of, outcome_title, show_answer
from app.why_view.changes import changes
from app.wording import plain, short
from engine.figures import figure
from engine.insight.positions import shown
from engine.messages import phrase
from engine.outcomes import Importance
from engine.table.schema import Cells, ColumnSchema
from storage.runs import RunRecord

N_FIRST = 8
"""Columns that can be changed at once, the most important ones; the others wait below."""


def render() -> None:
    """Draw the page."""
    title = _("What if it were different?")
    record = chosen_run()
    if record is None:
        no_run_yet(title, _("After a training, single rows can be changed here, to see what the model says then."))
        return
    progress = workspace().runs.progress(record.id)
    if progress.ready is None:
        not_ready_yet(record, title, _("Rows can be played with as soon as the model is ready."))
        return
    question(record.name)
    st.header(title, anchor=False)
    if not can_say_why(workspace().runs, record.id, progress):
        say_no_rows()
        return
    importances = progress.explained.importances if progress.explained is not None else ()
    rows = kept_rows(record.id, progress.ready.path)
    play = rows.play
    st.caption(_("Change a value; the answer follows. It comes from the model's file, as in use."))
    form, answer = st.columns([3, 4], gap="large")
    with form:
        start, row = _form(record, rows, importances)
    with answer:
        before, after = play.answers([start, row]).to_dict("records")
        show_answer(play.model.task, after, before)
        _along(record, play, importances, row, after)
    _scenarios(record, play, start, row, after)
    changes(play, row, after, f"whatif_{record.id}")


def _form(record: RunRecord, rows: KeptRows, importances: Sequence[Importance]) -> tuple[Row, Row]:
    """Draw the fields, the most important column first; returns the row that was begun with, and as it is now.

    `importances`: empty where they are not known; the columns are then in the order of the table.
    """
    play, place = rows.play, f"whatif_row_{record.id}"
    if (asked := st.query_params.pop(FIRST_ROW, "")).isdecimal() and int(asked) < len(rows.answers):
        st.session_state[place] = int(asked)
    number = choose_row(rows, _("Begin with row"), place, none=_("a typical one"))
    if number is None:
        st.caption(_("A typical row: medians and most frequent values."))
    start = play.typical() if number is None else play.row(number)
    ranked = [item.column for item in sorted(importances, key=lambda item: -item.share)]
    columns = sorted(
        play.columns, key=lambda column: ranked.index(column.name) if column.name in ranked else len(ranked)
    )
    key = f"whatif_{record.id}_{number}"
    row = {column.name: _field(play, column, start[column.name], key) for column in columns[:N_FIRST]}
    if len(columns) > N_FIRST:
        with st.expander(_("More columns: {n}").format(n=len(columns) - N_FIRST)):
            row |= {column.name: _field(play, column, start[column.name], key) for column in columns[N_FIRST:]}
    return start, row


def _field(play: Playground, column: ColumnSchema, cell: Cell, key: str) -> Cell:
    label, place = plain(column.name), f"{key}_{column.name}"
    if column.kind in CHOSEN_FROM and column.cells is Cells.TEXT:
        choices = play.choices(column)
        st.session_state.setdefault(place, str(cell) if cell in choices else None)  # an index could not be emptied
        chosen = st.selectbox(label, choices, index=None, key=place, accept_new_options=True, placeholder=_("no value"))
        if chosen is None or chosen in choices:
            return chosen
        return play.taken(str(chosen), column)
    if column.kind.is_number or column.cells is Cells.NUMBER:
        span = play.span(column)
        st.session_state.setdefault(place, None if cell is None else float(cell))  # a given value could not be emptied
        typed = st.number_input(
            label,
            value=None,
            step=_step(span),
            format="%g",
            key=place,
            placeholder=_("no value"),
            help=_("In the table: {low} to {high}.").format(low=figure(span[0]), high=figure(span[1]))
            if span
            else None,
        )
        return None if typed is None else float(typed) if column.cells is Cells.NUMBER else repr(float(typed))
    written = st.text_input(label, value=shown(cell, column), key=place, placeholder=_("no value"))
    if written == shown(cell, column):
        return cell
    taken = play.taken(written, column)
    if taken is None and written.strip():
        st.caption(_("{text} cannot be read here and counts as no value.").format(text=plain(short(written, 40))))
    return taken


def _step(span: tuple[float, float] | None) -> float:
    """Return a step of about a fiftieth of the width, rounded to one digit."""
    width = (span[1] - span[0]) / 50 if span else 0.0
    return float(f"{width:.0e}") if width > 0 else 1.0


def _along(
    record: RunRecord, play: Playground, importances: Sequence[Importance], row: Row, after: Mapping[str, Any]
) -> None:
    names = [column.name for column in play.columns]
    strongest = max(importances, key=lambda item: item.share).column if importances else ""
    chosen = st.selectbox(
        _("How the answer moves with"),
        names,
        index=names.index(strongest) if strongest in names else 0,
        key=f"whatif_along_{record.id}",
    )
    column = next(each for each in play.columns if each.name == chosen)
    moved = play.along(row, column)
    if moved.empty:
        st.caption(_("Nothing is known of the values of this column."))
        return
    label = answer_of(play.model.task, after)
    answer = f"probability_{label}" if label else "prediction"
    words = outcome_title(play.model.task, label)
    points = pd.DataFrame({"cell": moved["cell"], "answer": moved[answer].astype(float)})
    if column.kind.is_number:
        points = points.assign(cell=points["cell"].astype(float))
        own = row[column.name]
        chart = along_number(points, column.name, words, None if own is None else float(own), share=bool(label))
    else:
        points = points.assign(cell=[shown(cell, column) for cell in points["cell"]])
        chart = along_category(points, words, shown(row[column.name], column), share=bool(label))
    st.altair_chart(chart, alt=_("The answer for other values of this column, everything else as it is"))
    st.caption(_("Everything else stays as it is. It shows what the model has learnt, not what would happen."))


def _scenarios(record: RunRecord, play: Playground, start: Row, row: Row, after: Mapping[str, Any]) -> None:
    kept: list[dict[str, Any]] = st.session_state.setdefault(f"whatif_kept_{record.id}", [])
    with st.container(horizontal=True):
        if st.button(_("Keep this scenario"), icon=":material/bookmark_add:"):
            kept.append({**row, "prediction": after["prediction"], **_chances(after)})
        if kept and st.button(_("Forget all"), type="tertiary"):
            kept.clear()
    if not kept:
        return
    changed = [name for name in row if any(each.get(name) != start.get(name) for each in kept)]
    columns = {column.name: column for column in play.columns}
    names = ["prediction", *_chances(after), *changed]
    told = [{_title(name): _told(each.get(name), columns.get(name)) for name in names} for each in kept]
    table = pd.DataFrame(told).T
    table.columns = [_("Scenario {n}").format(n=number) for number in range(1, len(kept) + 1)]
    st.subheader(_("Scenarios side by side"), anchor=False)
    st.dataframe(table, alt=_("Scenarios with their answers"))


def _chances(after: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if str(name).startswith("probability_")}


def _title(name: str) -> str:
    if name == "prediction":
        return _("Prediction")
    if name.startswith("probability_"):
        return _("Chance: {answer}").format(answer=name.removeprefix("probability_"))
    return name


def _told(cell: object, column: ColumnSchema | None) -> str:
    if cell is None or isinstance(cell, float):
        return "" if cell is None else figure(cell)
    return str(cell) if column is None else shown(cell, column)


SCREEN = Screen(
    key="whatif",
    title=phrase("screen_what_if", "What if"),
    icon=":material/tune:",
    order=55,
    render=render,
)
