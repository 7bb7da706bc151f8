"""Why: which columns move the predictions, which way, and which of them work together."""

import json
from pathlib import Path

import streamlit as st

from app import jobs
from app.current import chosen_run, no_run_yet, not_ready_yet
from app.directions import kept_directions
from app.kept_why import can_say_why
from app.language import _, say
from app.opened import workspace
from app.pieces import facts, question, refusal, status_badge
from app.screen import Screen, go
from app.why_view.cures import cures
from app.why_view.effects import effects
from app.why_view.importance import importance
from app.why_view.together import together
from engine.errors import InputError
from engine.insight.why import NOT_CAUSES, Why
from engine.messages import phrase
from engine.progress import ACTIVE, Progress
from engine.table.schema import TableSchema
from storage.runs import RunRecord

REFRESH_SECONDS = 1.0


def render() -> None:
    """Draw the page."""
    title = _("What matters most?")
    record = chosen_run()
    if record is None:
        no_run_yet(title, _("After a training, this page shows which columns the model relies on."))
        return
    progress = workspace().runs.progress(record.id)
    if progress.ready is None:
        not_ready_yet(record, title, _("What matters is worked out from the finished model."))
        return
    question(record.name)
    _head(record, progress)
    st.header(title, anchor=False)
    if progress.explained is None and progress.status in ACTIVE:
        st.fragment(_wait, run_every=REFRESH_SECONDS)(record.id)
        return
    why = _why(record, progress)
    if progress.explained is not None:
        importance(progress.explained, why, _archive(record, progress.explained.path))
    else:
        st.info(_("There is no explanation for this model. Its predictions and its score are not affected."))
    if why is not None:
        _more(record, progress, why)
    elif progress.status in ACTIVE:
        st.caption(_("How the answer moves with each column follows when the training has ended."))


def _wait(run_id: str) -> None:
    progress = workspace().runs.progress(run_id)
    if progress.explained is not None or progress.status not in ACTIVE:
        st.rerun()
    st.skeleton(height=300)
    st.caption(_("Being worked out. This takes a few seconds."))


def _head(record: RunRecord, progress: Progress) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        status_badge(progress.status)
        st.caption(facts(progress))
        st.space("stretch")
        if st.button(_("Predict a file"), type="primary", icon=":material/table_view:"):
            go("predict", run=record.id)


def _why(record: RunRecord, progress: Progress) -> Why | None:
    """Return what is kept; what nobody has asked for before is worked out now."""
    from engine.insight.why_kept import kept_why

    runs = workspace().runs
    if not can_say_why(runs, record.id, progress):
        return None
    found = kept_why(runs.artifacts(record.id))
    if found is None:
        with st.spinner(_("Asking the model's file about each column …"), show_time=True):
            try:
                jobs.why(record.id)
            except InputError as refused:
                refusal(refused.message)
                return None
        found = kept_why(runs.artifacts(record.id))
    return found


def _archive(record: RunRecord, name: str) -> Path | None:
    files = workspace().runs.artifacts(record.id)
    return files.fetch(name) if name in files.names() else None


def _more(record: RunRecord, progress: Progress, why: Why) -> None:
    from engine.unseen import TABLE

    assert progress.prepared is not None
    runs = workspace().runs
    said = kept_directions(runs, record.id)
    effects(record.id, progress.prepared.task.target, why, said)
    kept = json.loads(runs.artifacts(record.id).fetch(TABLE).read_text(encoding="utf-8"))
    columns = {column.name: column for column in TableSchema.from_json(kept["schema"]).columns}
    cures(record, progress.prepared.task, columns, said)
    together(why)
    st.caption(say(NOT_CAUSES()))


SCREEN = Screen(
    key="why",
    title=phrase("screen_why", "Why"),
    icon=":material/insights:",
    order=50,
    render=render,
)
