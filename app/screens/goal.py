"""Goal: what to predict, what stands in the way, and how long the search may take."""

from dataclasses import replace

import streamlit as st

from app.charts import distribution
from app.current import chosen_dataset, forget_dataset
from app.findings import review, show_findings
from app.goal_view.beginning import Beginning, beginning, say_beginning
from app.goal_view.details import details_form, exact_seconds
from app.goal_view.expectation import expectation
from app.goal_view.mistakes import Costs, mistakes_form
from app.goal_view.strip import strip
from app.goal_view.use import use_form
from app.language import _, close_up, say
from app.opened import workspace
from app.pieces import empty_state, refusal
from app.preflight import cautions, refusals
from app.screen import Screen, go
from app.tables import Table, table, with_target
from app.waiting import start_or_wait
from app.wording import count, duration, plain
from engine.config import ExperimentConfig
from engine.errors import InputError
from engine.intended_use import IntendedUse
from engine.messages import Message, phrase
from engine.table.schema import Kind
from engine.tasks.task import TaskKind

MINUTES = (1.0, 5.0, 15.0, 60.0)
USUAL_MINUTES = 5.0
AUTOMATIC = ""


def render() -> None:
    """Draw the page."""
    chosen = chosen_dataset()
    if chosen is None:
        _without_table()
        return
    try:
        seen = table(chosen)
    except InputError:
        forget_dataset()
        st.rerun()
    st.title(_("What do you want to know?"), anchor=False)
    sizes = _("{rows} rows · {columns} columns").format(rows=count(seen.n_rows), columns=len(seen.schema.columns))
    st.caption(f"{plain(seen.name)} · {sizes}")
    begin = beginning(seen)
    say_beginning(begin, seen)
    _target(seen, begin)
    use = use_form(begin.key, begin.config.use)
    show_findings(seen)
    costs = _mistakes(seen, begin)
    _start(seen, begin, use, costs)


def _without_table() -> None:
    st.title(_("What do you want to know?"), anchor=False)
    what = _("With a table, one of its columns can be chosen here: the one whose value you want to know beforehand.")
    empty_state(_("No table yet"), what, "data", _("Add a table"), ":material/arrow_forward:")


def _target(seen: Table, begin: Beginning) -> None:
    choices, figure = st.columns([2, 3], gap="large")
    with choices:
        names = [column.name for column in seen.schema.columns if column.kind is not Kind.CONSTANT]
        target = st.selectbox(
            _("Predict this column"),
            names,
            index=names.index(seen.target) if seen.target in names else None,
            placeholder=_("Choose a column"),
            key=f"target_{seen.id}",
        )
        if target and target != seen.target:
            review(seen, with_target(seen.config, target))
        suggestion = seen.inspection.suggestion
        if suggestion is not None and seen.target == suggestion.column:
            reasons = close_up(" ".join(say(reason) for reason in suggestion.reasons))
            st.caption(_("Suggested. {reason}").format(reason=plain(reasons)))
        if seen.inspection.problem is not None:
            refusal(seen.inspection.problem)
        if seen.target is not None:
            _task(seen, begin)
    with figure:
        if seen.target is not None:
            st.caption(_("How the values of {column} are spread").format(column=f"**{plain(seen.target)}**"))
            alt = _("How often each value of the target occurs")
            st.altair_chart(distribution(seen.profile(seen.target), seen.n_rows), alt=alt)


def _task(seen: Table, begin: Beginning) -> None:
    kind = seen.inspection.task.kind if seen.inspection.task else seen.config.task
    words = {
        TaskKind.BINARY: _("one of two answers"),
        TaskKind.MULTICLASS: _("one of several answers"),
        TaskKind.REGRESSION: _("a number"),
    }
    kinds = list(TaskKind)
    chosen = st.selectbox(
        _("The answer is"),
        kinds,
        index=kinds.index(kind) if kind else None,
        format_func=lambda each: words[each],
        key=f"task_{seen.id}_{seen.target}",
    )
    if chosen and chosen is not kind:
        review(seen, replace(seen.config, task=chosen, positive=None, metric=None))
    _reason(seen.inspection.task_reason, is_cloned=begin.config.task is not None and _is_as_in(begin, seen))
    if kind is TaskKind.BINARY and seen.inspection.task is not None:
        _positive(seen, begin, [str(label) for label in seen.inspection.task.classes])


def _is_as_in(begin: Beginning, seen: Table) -> bool:
    return (begin.config.chosen_target, begin.config.task) == (seen.target, seen.config.task)


def _reason(found: Message | None, *, is_cloned: bool) -> None:
    """Say why the question is as it is; of what came from the run that is cloned, that nobody need have chosen it."""
    if is_cloned:
        st.caption(_("As in the run that is cloned."))
    elif found is not None:
        st.caption(plain(say(found)))


def _positive(seen: Table, begin: Beginning, classes: list[str]) -> None:
    chosen = st.selectbox(
        _("The answer that is looked for"),
        sorted(classes),
        index=sorted(classes).index(classes[-1]),
        key=f"positive_{seen.id}_{seen.target}",
    )
    if chosen and chosen != classes[-1]:
        review(seen, replace(seen.config, positive=chosen))
    before = begin.config.positive
    is_cloned = before is not None and before == seen.config.positive and _is_as_in(begin, seen)
    _reason(seen.inspection.positive_reason, is_cloned=is_cloned)


def _mistakes(seen: Table, begin: Beginning) -> Costs | None:
    """Ask what mistakes cost, where answers are told apart."""
    classes = [str(label) for label in seen.inspection.task.classes] if seen.inspection.task else []
    return mistakes_form(f"{begin.key}_{seen.target}", classes, begin.config.decisions.costs or {}) if classes else None


def _start(seen: Table, begin: Beginning, use: IntendedUse, costs: Costs | None) -> None:
    st.header(_("How long may the search take?"), anchor=False)
    exact = exact_seconds(begin)
    with st.container(border=True):
        minutes = st.segmented_control(
            _("Minutes"),
            sorted({*MINUTES, begin.config.seconds / 60}),
            default=begin.config.seconds / 60,
            required=True,
            format_func=lambda each: _("1 hour") if each == 60 else duration(60 * each),
            key=f"minutes_{begin.key}",
            persist_state="session",
            label_visibility="collapsed",
            disabled=exact is not None,
        )
        ready = _("The model is ready, checked and scored when the time is up. You can stop earlier and keep the best.")
        if exact is not None:
            counts = _("The exact time given under “More choices” counts: {time}.").format(time=duration(exact))
            ready = close_up(f"{counts} {ready}")
        st.caption(ready)  # always one element: one more above it would close what is folded out below
        expectation(seen)
        check = st.container()
        details = details_form(seen, begin, has_costs=costs is not None)
        config = replace(
            details,
            seconds=exact or round(60 * (minutes or USUAL_MINUTES), 3),
            decisions=replace(details.decisions, costs=costs),
            use=use,
        )
        with check:
            strip(seen, config)
        problems = () if seen.target is None else (*config.problems(seen.found), *_unfit(seen, config))
        for problem in problems:
            refusal(problem)
        if seen.blocked:
            st.caption(_("Training can start when what must be fixed is fixed."))
        pressed = st.button(
            _("Start training"),
            type="primary",
            icon=":material/play_arrow:",
            disabled=seen.blocked or bool(problems),
        )
    if pressed:
        _launch(seen, config, begin)


def _unfit(seen: Table, config: ExperimentConfig) -> list[Message]:
    """Say what will be short, and return what is too short to start."""
    n_columns = len(seen.schema.columns)
    found = refusals(workspace().folder, seen.n_rows, n_columns, config, is_sampled=seen.is_sampled)
    for caution in () if found else cautions(seen.n_rows, n_columns, is_sampled=seen.is_sampled):
        st.warning(plain(say(caution)), icon=":material/memory:")
    return found


def _launch(seen: Table, config: ExperimentConfig, begin: Beginning) -> None:
    suggestion = seen.inspection.suggestion
    name = seen.question if suggestion and seen.target == suggestion.column else ""
    if begin.name and seen.target == begin.config.chosen_target:
        name = _("{name}, changed").format(name=begin.name)
    run_id = workspace().runs.create(
        name=name or _("What will {target} be?").format(target=seen.target),
        dataset_id=seen.id,
        config=config,
        project=workspace().datasets.record(seen.id).project,  # what was learnt lies where the table does
    )
    start_or_wait(workspace(), run_id)
    go("training", run=run_id)


SCREEN = Screen(
    key="goal",
    title=phrase("screen_goal", "Goal"),
    icon=":material/flag:",
    order=20,
    render=render,
)
