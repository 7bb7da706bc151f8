"""One run in the list: what it was, how it stands, and what can be done with it."""

import streamlit as st

from app import jobs
from app.again_view import ASKED
from app.language import _
from app.opened import workspace
from app.pieces import metric_title, refusal, status_badge
from app.runs_view.deleted import delete
from app.runs_view.lineage import lineage
from app.screen import go, link
from app.wording import duration, moment, plain, short
from engine.config import ExperimentConfig
from engine.errors import InputError
from engine.figures import figure
from engine.progress import Progress
from storage.runs import RunRecord

LONGEST_NOTE = 240  # letters shown in the list


def pick_key(run_id: str) -> str:
    """Return the key of the box that picks a run for comparing."""
    return f"pick_{run_id}"


def entry(record: RunRecord, progress: Progress, table: str | None) -> None:
    """Draw one run. `table`: the name of what it learnt from, if that is still there."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        label = _("Compare {name}").format(name=plain(record.name))
        st.checkbox(label, key=pick_key(record.id), label_visibility="collapsed", width=28)
        with st.container(width="stretch", gap="xxsmall"):
            st.markdown(f"**{plain(record.name)}**")
            st.caption(plain(summary(record, progress, table)))
            lineage(record, is_ready=progress.ready is not None)
            if record.notes:
                st.markdown(plain(short(record.notes, LONGEST_NOTE)))
            if record.tags:
                with st.container(horizontal=True, gap="xsmall"):
                    for tag in record.tags:
                        st.badge(plain(tag), color="gray")
        status_badge(progress.status)
        if st.button(_("Open"), key=f"open_{record.id}", icon=":material/arrow_forward:"):
            go("quality" if progress.ready else "training", run=record.id)
        with st.popover(_("More"), type="tertiary", key=f"more_{record.id}"):
            _words(record)
            if progress.ready is not None:
                label = _("Train again with new rows")
                link("handover", label, icon=":material/replay:", run=record.id, **{ASKED: "1"})
            clone = st.button(_("Clone with changes"), key=f"clone_{record.id}", icon=":material/content_copy:")
            st.button(_("Delete"), key=f"delete_{record.id}", icon=":material/delete:", on_click=delete, args=(record,))
    if clone:
        _clone(record)


def summary(record: RunRecord, progress: Progress, table: str | None) -> str:
    """Say in one line when a run was, of what, and what came of it."""
    what = [part for part in (table, record.config.chosen_target) if part]
    parts = [moment(record.created_at), *([" → ".join(what)] if what else [])]
    parts.append(_("{time} of training").format(time=duration(progress.seconds)))
    scores = (progress.ready.holdout or progress.ready.validation) if progress.ready else {}
    if progress.prepared and progress.prepared.metric in scores:
        parts.append(f"{metric_title(progress)}: {figure(scores[progress.prepared.metric].value)}")
    elif progress.best is not None:
        parts.append(_("best so far: {score}").format(score=figure(progress.best.score)))
    return " · ".join(parts)


def _words(record: RunRecord) -> None:
    """Draw the form for what is written beside a run."""
    with st.form(f"words_{record.id}", border=False):
        name = st.text_input(_("Name"), record.name, key=f"name_{record.id}")
        notes = st.text_area(_("Notes"), record.notes, key=f"notes_{record.id}", height="content")
        tags = st.multiselect(
            _("Tags"),
            list(record.tags),
            default=list(record.tags),
            accept_new_options=True,
            placeholder=_("Write a word and press Enter"),
            key=f"tags_{record.id}",
        )
        saved = st.form_submit_button(_("Save"), type="primary")
    if not saved:
        return
    runs = workspace().runs
    try:
        runs.rename(record.id, name)
    except InputError as wrong:
        refusal(wrong.message)
        return
    runs.note(record.id, notes)
    runs.tag(record.id, tags)
    st.rerun()


def _clone(record: RunRecord) -> None:
    """Open the goal page with the table, its columns as they were meant then, and every choice of the run."""
    config = record.config
    of_the_table = ExperimentConfig(
        target=config.target,
        task=config.task,
        positive=config.positive,
        columns=config.columns,
        drop_copies=config.drop_copies,
        drop_alike=config.drop_alike,
    )
    try:
        with st.spinner(_("Looking at the table again …")):
            jobs.review(record.dataset_id, of_the_table)
    except InputError as wrong:
        refusal(wrong.message)
        return
    go("goal", table=record.dataset_id, clone=record.id)
