"""In use: whether new rows still look like those of the training, how good the model is on them, what to label next."""

import streamlit as st

from app import jobs
from app.again_view import ASKED
from app.current import chosen_run, no_run_yet, not_ready_yet
from app.how_written import how_written
from app.in_use import kept_looks
from app.in_use_view import bearing, labels, light, score
from app.language import _, say
from app.opened import workspace
from app.pieces import question, refusal
from app.screen import Screen, link
from app.upload_box import upload_box
from app.uploads import Upload, discard, uploaded
from app.wording import count, plain
from engine.errors import InputError
from engine.insight.in_use.drift import Light
from engine.insight.in_use.look import Look
from engine.insight.in_use.scored import Standing
from engine.messages import phrase
from engine.table.options import ReadingOptions
from storage.runs import RunRecord


def render() -> None:
    """Draw the page."""
    title = _("Is it still right?")
    record = chosen_run()
    if record is None:
        no_run_yet(title, _("After a training, this page says whether new rows are still like those it learnt from."))
        return
    progress = workspace().runs.progress(record.id)
    if progress.ready is None:
        not_ready_yet(record, title, _("New rows can be looked at as soon as the model is ready."))
        return
    question(record.name)
    st.header(title, anchor=False)
    st.write(
        _(
            "Add rows as they come now: this page says whether they still look like the table of the training. Where "
            "the file holds what really happened, the model is scored on it; where it does not, the rows worth finding "
            "out about are listed."
        )
    )
    options = how_written(f"in_use_{record.id}")
    arrived = upload_box(f"in_use_upload_{record.id}", _("Add new rows, with or without their outcomes"))
    if arrived is not None:
        _look(record, arrived, options)
    looks = kept_looks(workspace().runs, record.id)
    if looks:
        _show(record, _chosen(record, looks))
    bearing.bearing(record, progress)


def _look(record: RunRecord, arrived: Upload, options: ReadingOptions) -> None:
    folder = workspace().folder
    said = _("Comparing {name} with the table of the training …").format(name=plain(arrived.name))
    with st.spinner(said, show_time=True):
        try:
            jobs.look_in_use(record.id, uploaded(folder, arrived.id), arrived.name, arrived.id, options)
        except InputError as wrong:
            refusal(wrong.message, _("This file cannot be compared yet"))
            return
        finally:
            discard(folder, arrived.id)
    st.session_state[f"look_{record.id}"] = arrived.id


def _chosen(record: RunRecord, looks: list[Look]) -> Look:
    """Return the file to show: the one that has just come, else the one that is chosen among those of before."""
    by_id = {look.id: look for look in looks}
    just_come = st.session_state.pop(f"look_{record.id}", None)
    key = f"in_use_file_{record.id}"
    if just_come in by_id:
        st.session_state[key] = just_come
    if len(looks) == 1:
        return looks[0]
    chosen = st.selectbox(_("File"), list(by_id), format_func=lambda each: light.name_of(by_id[each]), key=key)
    return by_id[chosen] if chosen in by_id else looks[0]


def _show(record: RunRecord, look: Look) -> None:
    st.caption(_("{name}: {n} rows").format(name=plain(look.file), n=count(look.n_rows)))
    for message in (*look.done, *look.fit):
        st.caption(plain(say(message)))
    if look.drift is not None:
        light.light(look.drift)
    if look.scored is not None:
        score.score(look.scored)
    if look.labels is not None:
        labels.labels(record.id, look)
    alarming = look.drift is not None and look.drift.light is Light.RED
    if alarming or (look.scored is not None and look.scored.standing is Standing.WORSE):
        again = {"run": record.id, ASKED: "1"}
        link("handover", _("Train again with new rows"), icon=":material/replay:", **again)


SCREEN = Screen(
    key="in_use",
    title=phrase("screen_in_use", "In use"),
    icon=":material/monitor_heart:",
    order=63,
    render=render,
)
