"""Home: where to start, and what is under way."""

from collections.abc import Sequence

import streamlit as st

from app.language import _
from app.opened import workspace
from app.pieces import status_badge
from app.project_choice import project_choice
from app.runs_view.entry import summary
from app.screen import Screen, go
from app.table_view.adding import add_table, read, show_refusal
from app.wording import duration, plain
from engine.messages import phrase
from engine.progress import ACTIVE, Command, Progress, Status
from sample_data.catalogue import SAMPLES, Sample
from storage.runs import RunRecord

N_RECENT = 20  # among them is looked for runs under way
N_MODELS = 3
SAMPLE_COLUMNS = 3
Standing = Sequence[tuple[RunRecord, Progress]]


def render() -> None:
    """Draw the page."""
    st.title(_("What would you like to predict?"), anchor=False)
    st.caption(
        _("Give a table and a question. You get a tested model in one file, and an honest word on how good it is.")
    )
    records = workspace().runs.records(limit=N_RECENT)
    standing = [(record, workspace().runs.progress(record.id)) for record in records]
    _running(standing)
    show_refusal()
    project_choice()
    add_table("home", _("Start with your own table"))
    _models(standing)
    _samples()


def _running(standing: Standing) -> None:
    for title, which in ((_("Under way"), ACTIVE), (_("Interrupted"), {Status.INTERRUPTED})):
        wanted = [pair for pair in standing if pair[1].status in which]
        if wanted:
            st.header(title, anchor=False)
        for record, progress in wanted:
            _under_way(record, progress)


def _under_way(record: RunRecord, progress: Progress) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap="xxsmall"):
            st.markdown(f"**{plain(record.name)}**")
            used = duration(progress.seconds)
            st.caption(_("{used} of {budget} used").format(used=used, budget=duration(record.budget_seconds)))
        status_badge(progress.status)
        if progress.status in (Status.TRAINING, Status.PAUSED) and progress.ready is None:
            ask = workspace().runs.request
            words = _("Stop and keep the best")
            st.button(words, key=f"stop_{record.id}", on_click=ask, args=(record.id, Command.STOP), type="tertiary")
        if st.button(_("Open"), key=f"watch_{record.id}", icon=":material/arrow_forward:"):
            go("training", run=record.id)


def _models(standing: Standing) -> None:
    """Draw the way back to the models that were made last."""
    ready = [pair for pair in standing if pair[1].ready is not None and pair[1].status not in ACTIVE][:N_MODELS]
    if not ready:
        return
    st.header(_("Your latest models"), anchor=False)
    tables = {table.id: table.name for table in workspace().datasets.records()}
    for record, progress in ready:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch", gap="xxsmall"):
                st.markdown(f"**{plain(record.name)}**")
                st.caption(plain(summary(record, progress, tables.get(record.dataset_id))))
            if st.button(_("Open"), key=f"model_{record.id}", icon=":material/arrow_forward:"):
                go("quality", run=record.id)


def _samples() -> None:
    st.header(_("Or try a sample"), anchor=False)
    pressed: Sample | None = None
    with st.grid(SAMPLE_COLUMNS, border=True):
        for sample in SAMPLES:
            with st.container(gap="small", height="stretch"):
                st.markdown(f"**{plain(_(sample.question))}**")
                st.caption(plain(_(sample.story)))
                st.space("stretch")
                if st.button(_("Try it"), key=f"sample_{sample.key}", icon=":material/arrow_forward:"):
                    pressed = sample
    if pressed is not None:
        read(pressed.path, pressed.path.name, question=_(pressed.question), target=pressed.target)


SCREEN = Screen(
    key="home",
    title=phrase("screen_home", "Home"),
    icon=":material/home:",
    order=0,
    render=render,
)
