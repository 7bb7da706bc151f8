"""Runs: everything that was trained, to open again or to delete."""

import streamlit as st

from app.bootstrap import OWNER
from app.language import _
from app.opened import workspace
from app.pieces import empty_state, metric_title, status_badge
from app.screen import Screen, go
from app.wording import duration, figure, moment, plain
from engine.messages import phrase
from engine.progress import ACTIVE, Progress
from storage.runs import RunRecord

REFRESH_SECONDS = 2.0
N_NEWEST = 30
MOST = 10_000


def render() -> None:
    """Draw the page; it polls only while something is training."""
    st.title(_("What has been trained?"), anchor=False)
    records = _records()
    if not records:
        empty_state(
            _("Nothing yet"),
            _("Each training is kept here with its score, its model and its settings. The first takes a minute."),
            "home",
            _("Start with a table"),
            ":material/arrow_forward:",
        )
        return
    busy = any(workspace().runs.progress(record.id).status in ACTIVE for record in records)
    if len(records) >= N_NEWEST:
        st.toggle(_("Show all runs, not only the newest"), key="every_run")
    st.fragment(_list, run_every=REFRESH_SECONDS if busy else None)(busy=busy)


def _records() -> list[RunRecord]:
    every = st.session_state.get("every_run", False)
    return workspace().runs.records(owner=OWNER, limit=MOST if every else N_NEWEST)


def _list(*, busy: bool) -> None:
    records = _records()
    standing = {record.id: workspace().runs.progress(record.id) for record in records}
    for record in records:
        _entry(record, standing[record.id])
    if busy and not any(progress.status in ACTIVE for progress in standing.values()):
        st.rerun()


def _entry(record: RunRecord, progress: Progress) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap="xxsmall"):
            st.markdown(f"**{plain(record.name)}**")
            st.caption(plain(_summary(record, progress)))
        status_badge(progress.status)
        if st.button(_("Open"), key=f"open_{record.id}", icon=":material/arrow_forward:"):
            go("quality" if progress.ready else "training", run=record.id)
        with st.popover(_("Delete"), icon=":material/delete:", type="tertiary", key=f"ask_{record.id}"):
            st.write(_("The run disappears from this list, and a training under way is stopped."))
            st.button(
                _("Delete this run"), key=f"delete_{record.id}", type="primary", on_click=_delete, args=(record.id,)
            )


def _summary(record: RunRecord, progress: Progress) -> str:
    parts = [moment(record.created_at), _("{time} of training").format(time=duration(progress.seconds))]
    scores = (progress.ready.holdout or progress.ready.validation) if progress.ready else {}
    if progress.prepared and progress.prepared.metric in scores:
        parts.append(f"{metric_title(progress)}: {figure(scores[progress.prepared.metric].value)}")
    elif progress.best is not None:
        parts.append(_("best so far: {score}").format(score=figure(progress.best.score)))
    return " · ".join(parts)


def _delete(run_id: str) -> None:
    workspace().runs.delete(run_id)
    if st.session_state.get("run") == run_id:
        del st.session_state["run"]


SCREEN = Screen(
    key="runs",
    title=phrase("screen_runs", "Runs"),
    icon=":material/history:",
    order=80,
    render=render,
)
