"""Training: what is happening now, and the buttons to pause, stop and resume it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from app.charts import best_so_far
from app.current import chosen_run, no_run_yet
from app.influence_view import influences
from app.language import _, close_up, current_language
from app.opened import workspace
from app.past_view import begun_with
from app.pieces import facts, failures, family_title, leaderboard, question, refusal, status_badge
from app.screen import Screen, go, link
from app.training_view.details import details
from app.training_view.effort import SEARCHING, memory, time_left
from app.training_view.notice import notice_when_done, ready_text
from app.waiting import start_now, start_or_wait
from app.wording import count, duration
from engine.messages import phrase
from engine.progress import ACTIVE, Command, Progress, Status
from storage.runs import RunRecord

REFRESH_SECONDS = 1.5
REFRESH_FOUND_SECONDS = 3.0
REFRESH_DETAILS_SECONDS = 4.0
MORE_SECONDS = (60.0, 300.0)


def render() -> None:
    """Draw the page; it polls only while the run is active."""
    record = chosen_run()
    if record is None:
        no_run_yet(_("Is it still training?"), _("Candidates appear here, live, once a training has started."))
        return
    question(record.name)
    active = workspace().runs.progress(record.id).status in ACTIVE
    st.fragment(_panel, run_every=REFRESH_SECONDS if active else None)(record, active=active)
    st.fragment(_found, run_every=REFRESH_FOUND_SECONDS if active else None)(record)
    st.fragment(details, run_every=REFRESH_DETAILS_SECONDS if active else None)(record)


def _panel(record: RunRecord, *, active: bool) -> None:
    runs = workspace().runs
    progress = runs.progress(record.id)
    if active and progress.status not in ACTIVE:
        st.rerun()  # one whole run of the page turns the polling off
    record = replace(record, added_seconds=runs.wish(record.id).added_seconds)
    waiting = runs.place_in_queue(record.id) if progress.status is Status.QUEUED else None
    _head(record, progress, waiting)
    if waiting is not None:
        _waiting(waiting)
    elif progress.status in ACTIVE:
        st.progress(min(1.0, _share_done(record, progress)))
        st.write(_asked(record, progress) or _now(progress))
        if effort := close_up(" ".join(filter(None, (time_left(record, progress), memory(progress))))):
            st.caption(effort)
        if progress.status is not Status.PAUSED:
            st.caption(_("Closing this page is safe: training goes on, and the page finds it again."))
    if waiting is None:
        notice_when_done(record, progress)
    _ending(record, progress)


def _found(record: RunRecord) -> None:
    """Draw what the search has found so far."""
    runs = workspace().runs
    progress = runs.progress(record.id)
    waits = progress.status is Status.QUEUED and runs.place_in_queue(record.id) is not None
    if progress.leaderboard or not waits:
        _candidates(record.id, progress)
    begun_with(progress)
    influences(progress)
    failures(progress)


def _head(record: RunRecord, progress: Progress, waiting: int | None) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            status_badge(progress.status)
            if waiting is None:
                st.caption(_used(record, progress))
        with st.container(horizontal=True, width="content"):
            _buttons(record, progress, waiting)


def _buttons(record: RunRecord, progress: Progress, waiting: int | None) -> None:
    if waiting is not None:
        _button("now", _("Start now"), ":material/play_arrow:", start_now, workspace(), record.id)
        _button("leave", _("Leave the queue"), ":material/stop:", workspace().runs.leave_queue, record.id)
        return
    if progress.ready or _asked(record, progress):
        return
    if progress.status in ACTIVE and progress.stage in SEARCHING and record.config.candidates is None:
        _more_time(record)
    if progress.status in (Status.QUEUED, Status.TRAINING):
        _command(record, Command.PAUSE, _("Pause"), ":material/pause:")
    if progress.status is Status.PAUSED:
        _command(record, Command.CONTINUE, _("Continue"), ":material/play_arrow:")
    if progress.status in ACTIVE:
        _command(record, Command.STOP, _("Stop and keep the best"), ":material/stop:")


def _command(record: RunRecord, command: Command, label: str, icon: str) -> None:
    _button(f"command_{command}", label, icon, workspace().runs.request, record.id, command)


def _more_time(record: RunRecord) -> None:
    for seconds in MORE_SECONDS:
        label = _("{n} more min").format(n=f"{seconds / 60:g}")
        _button(f"more_{seconds:g}", label, ":material/more_time:", workspace().runs.add_time, record.id, seconds)


def _button(key: str, label: str, icon: str, does: Callable[..., None], *what: object) -> None:
    st.button(label, icon=icon, key=key, on_click=does, args=what)


def _waiting(place: int) -> None:
    """Say how long the queue is before a run that waits for room."""
    if place == 1:
        st.write(_("Next in the queue. It starts by itself as soon as a training under way has ended."))
    else:
        said = _("Place {n} in the queue. It starts by itself when those before it have ended.")
        st.write(said.format(n=count(place)))
    st.caption(
        _("This computer trains only so many at once, so that each gets the time it was promised. Settings change it.")
    )


def _used(record: RunRecord, progress: Progress) -> str:
    if progress.status not in ACTIVE:
        return facts(progress)
    tried = progress.n_tried
    if record.config.candidates is not None:
        said = _("{n} of {all} candidates tried").format(n=count(tried), all=count(record.config.candidates))
        return f"{duration(progress.seconds)} · {said}"
    used = _("{used} of {budget} used").format(used=duration(progress.seconds), budget=duration(record.budget_seconds))
    return f"{used} · " + _("candidates tried: {n}").format(n=count(tried))


def _share_done(record: RunRecord, progress: Progress) -> float:
    """Return how much is done, by the clock, or by candidates where their number is given."""
    if record.config.candidates is not None:
        return progress.n_tried / (record.config.candidates + 1)  # the last part is the making of the file
    return progress.seconds / record.budget_seconds


def _asked(record: RunRecord, progress: Progress) -> str:
    """Say what has been asked and is about to happen; empty when nothing is."""
    asked = workspace().runs.command(record.id)
    if asked is Command.STOP and progress.status in ACTIVE:
        return _("Stopping: the best so far is being made into the model.")
    if asked is Command.PAUSE and progress.status is Status.TRAINING:
        return _("Pausing, as soon as the step under way allows it.")
    return ""


def _now(progress: Progress) -> str:
    if progress.status is Status.PAUSED:
        return _("Standing still. The clock stands still too.")
    busy = ", ".join(dict.fromkeys(family_title(candidate.family) for candidate in progress.under_way))
    search = _("Training now: {families}.").format(families=busy) if busy else _("Choosing what to try next.")
    stages = {
        "prepare": _("Reading the table and setting rows aside for the final test."),
        "search": search,
        "blend": _("Combining the best candidates into one model."),
        "refit": _("Training the chosen candidates again on all training rows."),
        "all rows": _("Training on all rows, those included that do not fit into memory."),
        "export": _("Writing the ONNX file."),
        "certify": _("Checking that the file predicts exactly what the models predict."),
        "score": _("Scoring the file on rows it has never seen."),
        "explain": _("Working out what matters most. The model itself is ready."),
    }
    return stages.get(progress.stage, _("Getting ready. The first candidate takes a few seconds."))


def _ending(record: RunRecord, progress: Progress) -> None:
    if progress.status is Status.INTERRUPTED and not progress.stage:
        st.info(_("Nothing has been tried yet. It can start at any time."), title=_("The training has not begun"))
        _resume(record, _("Start training"))
    elif progress.status is Status.INTERRUPTED:
        st.warning(
            _("The training process is gone. Every finished candidate is kept; resuming goes on from there."),
            title=_("Training was interrupted"),
            icon=":material/power_off:",
        )
        _resume(record, _("Resume training"))
    if progress.failure is not None and progress.status is Status.FAILED:
        refusal(progress.failure.cause, _("Training could not go on"))
        _resume(record, _("Resume training"))
        link("goal", _("Change the goal and start again"), icon=":material/arrow_back:", table=record.dataset_id)
    if progress.ready is not None:
        if progress.status in (Status.FINISHED, Status.STOPPED):
            st.write(ready_text(progress))
        if st.button(_("See how good it is"), type="primary", icon=":material/arrow_forward:"):
            go("quality", run=record.id)


def _resume(record: RunRecord, label: str) -> None:
    if st.button(label, type="primary", icon=":material/restart_alt:"):
        start_or_wait(workspace(), record.id)
        st.rerun()


def _candidates(run_id: str, progress: Progress) -> None:
    if not progress.leaderboard:
        if progress.status in ACTIVE:
            st.skeleton(height=220)
        return
    table, chart = st.columns([3, 2], gap="medium")
    with table:
        st.header(_("Leaderboard"), anchor=False)
        leaderboard(progress, most_height=318)
    with chart:
        st.header(_("Best so far"), anchor=False)
        st.caption(
            _("The best score at each moment, against the same answer for every row; the band: how far folds differ")
        )
        drawn = _drawn((run_id, len(progress.finished), progress.seconds, current_language()), progress)
        if drawn is not None:
            st.vega_lite_chart(spec=drawn, width="stretch", alt=_("Best score so far over time, against the baseline"))


@st.cache_data(max_entries=64, show_spinner=False)
def _drawn(key: tuple[str, int, float, str], _progress: Progress) -> dict[str, Any] | None:  # noqa: ARG001 - cached by it
    """Return the picture of the best so far, made once for all pages that show it."""
    figure = best_so_far(_progress)
    return None if figure is None else dict(figure.to_dict(validate=False))


SCREEN = Screen(
    key="training",
    title=phrase("screen_training", "Training"),
    icon=":material/model_training:",
    order=30,
    render=render,
)
