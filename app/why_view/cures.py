"""What a no to a direction leads to: a new run with a rule for the column, or without it."""

from collections.abc import Mapping

import streamlit as st

from app.directions import Cure, Sense, cured, searched_for
from app.language import _
from app.opened import workspace
from app.pieces import refusal
from app.preflight import refusals
from app.screen import go
from app.tables import table
from app.waiting import start_or_wait
from app.wording import listed, plain
from engine.errors import InputError
from engine.table.schema import ColumnSchema
from engine.tasks.task import Task, TaskKind
from storage.runs import RunRecord


def cures(record: RunRecord, task: Task, columns: Mapping[str, ColumnSchema], said: Mapping[str, Sense]) -> None:
    """Offer to train again where a direction makes no sense; nothing where all do."""
    wrong = [name for name, sense in said.items() if sense is Sense.NO and name in columns]
    if not wrong:
        return
    st.header(_("What makes no sense can be ruled out"), anchor=False)
    with st.container(border=True):
        st.write(_("You said that this makes no sense: {names}.").format(names=plain(listed(wrong, 8))))
        chosen = {name: _cure(record.id, task, columns[name]) for name in wrong}
        taken = {name: cure for name, cure in chosen.items() if cure is not None}
        st.caption(_("The new run learns from the same table with the same settings, and this one stays as it is."))
        if record.config.again is not None:
            st.caption(_("It searches anew, in the time of the first search: this one was trained again without any."))
        if st.button(_("Train again with this"), type="primary", disabled=not taken, icon=":material/replay:"):
            _train(record, taken)


def _cure(run_id: str, task: Task, column: ColumnSchema) -> Cure | None:
    words = {
        Cure.LEAVE_OUT: _("leave the column out"),
        Cure.NEVER_FALL: _("when it rises, the prediction must never fall"),
        Cure.NEVER_RISE: _("when it rises, the prediction must never rise"),
    }
    # Of several classes no model can promise a direction.
    directed = column.kind.is_number and task.kind is not TaskKind.MULTICLASS
    offered = [Cure.NEVER_FALL, Cure.NEVER_RISE, Cure.LEAVE_OUT] if directed else [Cure.LEAVE_OUT]
    return st.selectbox(
        plain(column.name),
        offered,
        index=None,
        format_func=lambda each: words[each],
        placeholder=_("leave it as it is"),
        key=f"cure_{run_id}_{column.name}",
    )


def _train(record: RunRecord, taken: Mapping[str, Cure]) -> None:
    config = cured(searched_for(workspace().runs, record), taken)
    try:
        seen = table(record.dataset_id)
        problems = [
            *config.problems(seen.found),
            *refusals(workspace().folder, seen.n_rows, len(seen.schema.columns), config, is_sampled=seen.is_sampled),
        ]
    except InputError as gone:
        refusal(gone.message)
        return
    for problem in problems:
        refusal(problem)
    if problems:
        return
    run_id = workspace().runs.create(
        name=record.name, dataset_id=record.dataset_id, config=config, project=record.project
    )
    start_or_wait(workspace(), run_id)
    go("training", run=run_id)
