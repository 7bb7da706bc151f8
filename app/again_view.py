"""Train again with new rows: the recipe of a run once more, without a search, beside the model there is."""

import streamlit as st

from app import jobs
from app.language import _, say
from app.opened import workspace
from app.pieces import refusal
from app.retraining import Prepared, start
from app.screen import go, show_here
from app.upload_box import upload_box
from app.uploads import Upload, discard, uploaded
from app.waiting import start_or_wait
from app.wording import duration, plain
from engine.errors import InputError
from storage.runs import RunRecord

ASKED = "again"  # in the address of the page Hand over: only this is to be shown


def way_to_again(run_id: str) -> None:
    """Draw the link to the page on which a run is trained again."""
    st.header(_("When there are new rows"), anchor=False)
    st.write(
        _(
            "Once it is known what really came of new rows, the same recipe can learn from them too. "
            "The new model is then held against this one."
        )
    )
    show_here(_("Train again with new rows"), icon=":material/replay:", key=ASKED, run=run_id, **{ASKED: "1"})


def train_again(record: RunRecord) -> None:
    """Draw the page."""
    st.header(_("Train again with new rows"), anchor=False)
    show_here(_("Back to the files of this model"), icon=":material/arrow_back:", key="back", run=record.id)
    st.write(
        _(
            "What this model is made of is trained again, without a new search, usually in a quarter of the time. "
            "Add a file with new rows and their answers. It may hold the earlier rows too; they count once. "
            "Some of the new rows are set aside, and both models are scored on rows that neither has learnt from."
        )
    )
    alone = st.toggle(
        _("Learn from the new rows alone"),
        key=f"again_alone_{record.id}",
        help=_("For a world that has changed: the earlier rows are forgotten, but for those of the test."),
    )
    seconds = st.number_input(
        _("Exact time in seconds"),
        min_value=5,
        value=None,
        placeholder=_("a quarter of what the earlier training took"),
        key=f"again_seconds_{record.id}",
    )
    arrived = upload_box(f"again_upload_{record.id}", _("Add new rows with their answers"), stands_out=False)
    key = f"again_{record.id}"
    if arrived is not None:
        st.session_state.pop(key, None)
        _prepare(record, arrived, key, alone=alone, seconds=seconds)
    if key in st.session_state:
        kept = st.session_state[key]
        if kept["asked"] == (alone, seconds):
            _confirm(record, Prepared.from_json(kept["prepared"]))
        else:
            st.info(_("The file was compared under other choices than those above. Add it again, or take them back."))


def _prepare(record: RunRecord, arrived: Upload, key: str, *, alone: bool, seconds: float | None) -> None:
    folder = workspace().folder
    with st.spinner(_("Comparing {name} with the earlier table …").format(name=plain(arrived.name)), show_time=True):
        try:
            file = uploaded(folder, arrived.id)
            found = jobs.train_again(record.id, file, arrived.name, alone=alone, seconds=seconds)
        except InputError as wrong:
            refusal(wrong.message, _("This file cannot be learnt from yet"))
            return
        finally:
            discard(folder, arrived.id)
    st.session_state[key] = {"prepared": dict(found), "asked": (alone, seconds)}


def _confirm(record: RunRecord, prepared: Prepared) -> None:
    """Draw what is different, before anything is trained, and the button that begins."""
    with st.container(border=True):
        st.subheader(_("Before it begins"), anchor=False)
        for message in prepared.told:
            st.markdown(plain(say(message)))
        if prepared.config.candidates is None:
            st.caption(_("It takes about {time}.").format(time=duration(prepared.config.seconds)))
        if st.button(_("Train again"), type="primary", key=f"again_start_{record.id}", icon=":material/replay:"):
            try:
                run_id = start(workspace(), record, prepared)
                start_or_wait(workspace(), run_id)
            except InputError as refused:
                refusal(refused.message)
                return
            del st.session_state[f"again_{record.id}"]
            go("training", run=run_id)
