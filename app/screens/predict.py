"""Predict: a file of new rows in, the same file with predictions out."""

from typing import Any

import pandas as pd
import streamlit as st

from app import jobs
from app.charts import distribution
from app.current import chosen_run, no_run_yet, not_ready_yet
from app.how_written import how_written
from app.language import _, say
from app.opened import workspace
from app.pieces import question, refusal
from app.predictions import CSV, EXCEL, FOLDER, Predictions, load_summary
from app.screen import Screen
from app.spreadsheets import empty_table
from app.tables import table
from app.upload_box import upload_box
from app.uploads import Upload, discard, uploaded
from app.wording import count, listed, plain
from engine.errors import InputError
from engine.messages import phrase
from engine.new_rows.fit import MISSING_COLUMNS, Fit
from engine.table.options import ReadingOptions
from engine.table.profile import ColumnProfile
from engine.table.schema import Role
from engine.tasks.task import UNLIKE
from storage.runs import RunRecord

SHOWN_PLACES = 3
MOST_LIGHTS = 40
MOST_NAMED = 60
PREDICTED, UNSURE, POSSIBLE, PROBABILITY = "prediction", "unsure", "possible", "probability_"  # in the file
LOW, HIGH = "low", "high"


def render() -> None:
    """Draw the page."""
    title = _("What does it say about new rows?")
    record = chosen_run()
    if record is None:
        no_run_yet(title, _("After a training, new rows can be dropped here, and come back with predictions."))
        return
    if workspace().runs.progress(record.id).ready is None:
        not_ready_yet(record, title, _("New rows can be predicted as soon as the file of the model is written."))
        return
    question(record.name)
    st.header(title, anchor=False)
    _contract(record)
    with st.container(horizontal=True, vertical_alignment="center"):
        options = how_written("predict")
        doubt = st.toggle(
            _("Add how sure the model is"),
            value=True,
            key="predict_doubt",
            help=_("Of a number: the range that it lies in. Of classes: which answers are possible."),
        )
    predicted = f"predictions_{record.id}" in st.session_state
    arrived = upload_box(f"predict_upload_{record.id}", _("Add the rows to predict"), stands_out=not predicted)
    if arrived is not None and _predict(record, arrived, options, doubt=doubt):
        st.rerun()  # what stands out now is the download
    made = load_summary(record.id, st.session_state.get(f"predictions_{record.id}", ""))
    if made is not None:
        _result(record, made)


def _contract(record: RunRecord) -> None:
    try:
        seen = table(record.dataset_id)
    except InputError:
        return
    columns = [column for column in record.config.apply(seen.found).columns if column.role is Role.FEATURE]
    said = _("The file needs these {n} columns, by these names and in any order: {names}.")
    st.write(said.format(n=len(columns), names=plain(listed([column.name for column in columns], MOST_NAMED))))
    st.download_button(
        _("Download an empty table with these columns"),
        empty_table(column.name for column in columns),
        file_name="rows_to_predict.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def _predict(record: RunRecord, arrived: Upload, options: ReadingOptions, *, doubt: bool) -> bool:
    """Predict a file, or say why that cannot be; returns whether it was done."""
    folder = workspace().folder
    said = _("Checking {name} against the model and predicting …").format(name=plain(arrived.name))
    with st.spinner(said, show_time=True):
        try:
            jobs.predict(record.id, uploaded(folder, arrived.id), arrived.name, arrived.id, options, doubt=doubt)
        except InputError as wrong:
            st.session_state.pop(f"predictions_{record.id}", None)
            refusal(wrong.message, _("This file cannot be predicted yet"))
            if wrong.message.code == MISSING_COLUMNS.code:
                absent = plain(wrong.message.parameters["columns"])
                st.badge(_("Absent: {names}").format(names=absent), icon=":material/close:", color="red")
            return False
        finally:
            discard(folder, arrived.id)
    st.session_state[f"predictions_{record.id}"] = arrived.id
    return True


def _result(record: RunRecord, made: Predictions) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        _headline(made.fit)
        st.caption(_("{name}: {n} rows predicted").format(name=plain(made.name), n=count(made.n_rows)))
        st.space("stretch")
        place = f"/api/download/{record.id}/{FOLDER}/{made.id}"
        st.link_button(_("Download CSV"), f"{place}/{CSV}", type="primary", icon=":material/download:")
        if made.has_excel:
            st.link_button(_("Download Excel"), f"{place}/{EXCEL}", icon=":material/download:")
    _lights(made.fit)
    if made.extra:
        st.caption(_("Not used: {names}.").format(names=plain(listed(list(made.extra), 8))))
    for message in (*made.done, *made.fit.told):
        st.caption(plain(say(message)))
    rows, spread = st.columns([3, 2], gap="medium")
    with rows:
        st.subheader(_("The first rows"), anchor=False)
        preview = pd.DataFrame(list(made.preview), columns=list(made.preview_columns)).round(SHOWN_PLACES)
        st.dataframe(
            preview,
            hide_index=True,
            height=360,
            placeholder="",
            column_config=_titles(preview),
            alt=_("Rows with predictions"),
        )
    with spread:
        st.subheader(_("All predictions"), anchor=False)
        st.altair_chart(
            distribution(ColumnProfile.from_json(made.outcome), made.n_rows), alt=_("How often each prediction occurs")
        )


def _headline(fit: Fit) -> None:
    n = fit.n_to_look_at
    if not n:
        st.badge(_("Fits the model"), icon=":material/check:", color="green")
        return
    said = _("Look at 1 column") if n == 1 else _("Look at {n} columns").format(n=count(n))
    st.badge(said, icon=":material/visibility:", color="yellow")


def _lights(fit: Fit) -> None:
    """Draw a light per column, and in words what is not as it should be."""
    for column in fit.columns:
        for message in column.told:
            (st.caption if column.is_good else st.warning)(plain(say(message)))
    with st.container(horizontal=True):
        for column in sorted(fit.columns, key=lambda column: column.is_good)[:MOST_LIGHTS]:
            icon, colour = (":material/check:", "green") if column.is_good else (":material/visibility:", "yellow")
            st.badge(plain(column.name), icon=icon, color=colour)  # type: ignore[arg-type]
        if len(fit.columns) > MOST_LIGHTS:
            st.caption(_("and {n} more").format(n=count(len(fit.columns) - MOST_LIGHTS)))


def _titles(preview: pd.DataFrame) -> dict[str, Any]:
    """Return how the columns are shown: the file keeps the names that programs read."""
    known = {
        PREDICTED: _("Prediction"),
        LOW: _("Range from"),
        HIGH: _("Range to"),
        UNSURE: _("Unsure"),
        POSSIBLE: _("Possible answers"),
        UNLIKE: _("Unlike the training"),
    }
    titles: dict[str, Any] = {name: title for name, title in known.items() if name in preview.columns}
    if UNLIKE in preview.columns and not preview[UNLIKE].astype(str).str.strip().any():
        titles[UNLIKE] = None
    for name in map(str, preview.columns):
        if name.startswith(PROBABILITY):
            title = _("Chance: {answer}").format(answer=name.removeprefix(PROBABILITY))
            titles[name] = st.column_config.NumberColumn(title, format="percent", width=120)
    return titles


SCREEN = Screen(
    key="predict",
    title=phrase("screen_predict", "Predict"),
    icon=":material/table_view:",
    order=60,
    render=render,
)
