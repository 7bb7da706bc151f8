"""Goal: what to predict, what stands in the way, and how long the search may take."""

from dataclasses import replace

import streamlit as st

from app.charts import distribution
from app.current import chosen_dataset, forget_dataset
from app.findings import review, show_findings
from app.goal_view.beginning import Beginning, beginning, say_beginning
from app.goal_view.decisions import decisions_form
from app.goal_view.limits import limits_form
from app.goal_view.resources import resources_form
from app.goal_view.search import search_form
from app.goal_view.validation import validation_form
from app.language import _, close_up, say
from app.opened import workspace
from app.phrasebook import titles
from app.pieces import FAMILIES, empty_state, family_title, refusal
from app.preflight import cautions, refusals
from app.screen import Screen, go
from app.tables import Table, table, with_target
from app.waiting import start_or_wait
from app.wording import count, plain
from engine.config import ExperimentConfig
from engine.errors import InputError
from engine.messages import Message, phrase
from engine.table.schema import Kind
from engine.tasks.metric import metric_named, metrics_for
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
    _target(seen)
    show_findings(seen)
    _start(seen, begin)


def _without_table() -> None:
    st.title(_("What do you want to know?"), anchor=False)
    what = _("With a table, one of its columns can be chosen here: the one whose value you want to know beforehand.")
    empty_state(_("No table yet"), what, "data", _("Add a table"), ":material/arrow_forward:")


def _target(seen: Table) -> None:
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
            _task(seen)
    with figure:
        if seen.target is not None:
            st.caption(_("How the values of {column} are spread").format(column=f"**{plain(seen.target)}**"))
            alt = _("How often each value of the target occurs")
            st.altair_chart(distribution(seen.profile(seen.target), seen.n_rows), alt=alt)


def _task(seen: Table) -> None:
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
    if seen.inspection.task_reason is not None:
        st.caption(plain(say(seen.inspection.task_reason)))
    if kind is TaskKind.BINARY and seen.inspection.task is not None:
        _positive(seen, [str(label) for label in seen.inspection.task.classes])


def _positive(seen: Table, classes: list[str]) -> None:
    chosen = st.selectbox(
        _("The answer that is looked for"),
        sorted(classes),
        index=sorted(classes).index(classes[-1]),
        key=f"positive_{seen.id}_{seen.target}",
    )
    if chosen and chosen != classes[-1]:
        review(seen, replace(seen.config, positive=chosen))
    if seen.inspection.positive_reason is not None:
        st.caption(plain(say(seen.inspection.positive_reason)))


def _start(seen: Table, begin: Beginning) -> None:
    st.header(_("How long may the search take?"), anchor=False)
    with st.container(border=True):
        minutes = st.segmented_control(
            _("Minutes"),
            sorted({*MINUTES, begin.config.seconds / 60}),
            default=begin.config.seconds / 60,
            required=True,
            format_func=lambda each: _("1 hour") if each == 60 else _("{n} min").format(n=f"{each:.3g}"),
            key=f"minutes_{begin.key}",
            label_visibility="collapsed",
        )
        st.caption(
            _("The model is ready, checked and scored when the time is up. You can stop earlier and keep the best.")
        )
        details = _details(seen, begin)
        problems = () if seen.target is None else (*details.problems(seen.found), *_unfit(seen, details))
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
        seconds = (
            details.seconds
            if details.seconds != ExperimentConfig().seconds
            else round(60 * (minutes or USUAL_MINUTES), 3)
        )
        _launch(seen, replace(details, seconds=seconds), begin)


def _unfit(seen: Table, config: ExperimentConfig) -> list[Message]:
    """Say what will be short, and return what is too short to start."""
    n_columns = len(seen.schema.columns)
    found = refusals(workspace().folder, seen.n_rows, n_columns, config, is_sampled=seen.is_sampled)
    for caution in () if found else cautions(seen.n_rows, n_columns, is_sampled=seen.is_sampled):
        st.warning(plain(say(caution)), icon=":material/memory:")
    return found


def _details(seen: Table, begin: Beginning) -> ExperimentConfig:
    before, key = begin.config, begin.key
    kind = seen.inspection.task.kind if seen.inspection.task else None
    with st.expander(_("More choices: measure, final test, families, exact time")):
        left, right = st.columns(2, gap="large")
        with left:
            metric = _metric(key, kind, before.metric)
            holdout = (
                st.slider(
                    _("Share of rows for the final test (hold-out)"),
                    0,
                    50,
                    None if before.holdout is None else round(100 * before.holdout),
                    step=5,
                    format="%d %%",
                    key=f"holdout_{key}",
                    help=_(
                        "Rows that the model never sees; its score is measured on them. At 0 % all rows are trained on."
                    ),
                )
                if st.toggle(
                    _("Choose the size of the final test"),
                    value=before.holdout is not None,
                    key=f"own_holdout_{key}",
                )
                else None
            )
            seconds = st.number_input(
                _("Exact time in seconds"),
                min_value=5,
                value=None,
                placeholder=_("as chosen above"),
                key=f"seconds_{key}",
            )
        with right:
            families = st.multiselect(
                _("Model families to try"),
                sorted(titles(FAMILIES)),
                default=[each for each in before.families if each in titles(FAMILIES)],
                format_func=family_title,
                placeholder=_("all that apply"),
                key=f"families_{key}",
            )
            validation = validation_form(key, before.validation)
            seed = st.number_input(_("Seed of the random numbers"), min_value=0, value=before.seed, key=f"seed_{key}")
            candidates = st.number_input(
                _("Exact number of candidates"),
                min_value=1,
                value=before.candidates,
                placeholder=_("as many as time allows"),
                key=f"candidates_{key}",
                help=_(
                    "With the same seed and number, every run gives the same leaderboard; the clock decides nothing."
                ),
            )
    with st.expander(_("What the model must keep to, and how sure it shall be")):
        numbers = [c.name for c in seen.schema.features if c.kind.is_number and c.name != seen.target]
        limits = limits_form(key, numbers, before.limits)
        classes = [str(label) for label in seen.inspection.task.classes] if seen.inspection.task else []
        decisions = decisions_form(f"{key}_{seen.target}", classes, before.decisions)
    with st.expander(_("For experts: how candidates are searched")):
        search = search_form(key, before.search)
        resources = resources_form(key, before)
    return replace(
        seen.config,
        target=seen.target,
        task=kind,
        metric=metric,
        holdout=None if holdout is None else holdout / 100,
        validation=validation,
        search=search,
        limits=limits,
        decisions=decisions,
        seed=int(seed),
        candidates=candidates,
        families=tuple(families),
        jobs=resources.jobs,
        memory_gb=resources.memory_gb,
        seconds=float(seconds) if seconds else ExperimentConfig().seconds,
    )


def _metric(key: str, kind: TaskKind | None, before: str | None) -> str | None:
    """Return the measure that was chosen; None leaves the usual one of the task, so that the run says why it is."""
    keys = [metric.key for metric in metrics_for(kind)] if kind else []
    chosen = st.selectbox(
        _("Measure of success"),
        keys,
        index=keys.index(before) if before in keys else 0,
        format_func=lambda each: _(metric_named(each).title),
        key=f"metric_{key}_{kind}",
    )
    return None if chosen in keys[:1] else chosen


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
