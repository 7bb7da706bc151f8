"""One row: why the model says this of it, which rows are like it, and what would change the answer."""

import streamlit as st

from app.current import chosen_run, no_run_yet, not_ready_yet
from app.kept_rows import FIRST_ROW, KeptRows, choose_row, kept_rows, say_no_rows
from app.kept_why import can_say_why
from app.language import _
from app.opened import workspace
from app.pieces import question
from app.screen import Screen, link
from app.why_view.answer import show_answer
from app.why_view.changes import changes
from app.why_view.parts import parts, similar
from app.wording import plain
from engine.figures import figure
from engine.messages import phrase
from engine.progress import Progress


def render() -> None:
    """Draw the page."""
    title = _("Why does it say this of one row?")
    record = chosen_run()
    if record is None:
        no_run_yet(title, _("After a training, single rows can be looked at here, with the reasons for their answers."))
        return
    progress = workspace().runs.progress(record.id)
    if progress.ready is None:
        not_ready_yet(record, title, _("Rows can be looked at as soon as the model is ready."))
        return
    question(record.name)
    st.header(title, anchor=False)
    if not can_say_why(workspace().runs, record.id, progress):
        say_no_rows()
        return
    _page(record.id, progress, kept_rows(record.id, progress.ready.path))


def _page(run_id: str, progress: Progress, rows: KeptRows) -> None:
    play = rows.play
    position = choose_row(rows, _("Row of your table"), f"one_row_{run_id}") or 0
    row = play.row(position)
    (said,) = play.answers([row]).to_dict("records")
    answer, why = st.columns([2, 5], gap="large")
    with answer:
        show_answer(play.model.task, said)
        truth = rows.answers["truth"].iloc[position]
        told = figure(truth) if isinstance(truth, float) else str(truth)
        st.caption(_("The true answer is {answer}.").format(answer=plain(told)))
        number = {FIRST_ROW: str(position)}
        link("whatif", _("Change this row by hand"), icon=":material/tune:", run=run_id, **number)
    with why:
        parts(play, row, said)
    weights = {each.column: each.share for each in progress.explained.importances} if progress.explained else {}
    weights = weights or {column.name: 1.0 for column in play.columns}
    similar(play, row, rows.answers, weights, without=[position], held_out=rows.held_out)
    changes(play, row, said, f"{run_id}_{position}")


SCREEN = Screen(
    key="one_row",
    title=phrase("screen_one_row", "One row"),
    icon=":material/person_search:",
    order=53,
    render=render,
)
