"""What is folded away below the time: measure, final test, families, limits, and how the search works."""

from dataclasses import replace

import streamlit as st

from app.goal_view.beginning import Beginning
from app.goal_view.limits import limits_form
from app.goal_view.resources import resources_form
from app.goal_view.search import search_form
from app.goal_view.validation import validation_form
from app.language import _
from app.phrasebook import titles
from app.pieces import FAMILIES, family_title
from app.tables import Table
from engine.blend.decisions import DecisionSettings
from engine.config import ExperimentConfig
from engine.tasks.metric import metric_named, metrics_for
from engine.tasks.metric_choice import usual_metric
from engine.tasks.task import TaskKind


def exact_seconds(begin: Beginning) -> float | None:
    """Return the time that was given to the second; None where the field for it is empty."""
    given: int | None = st.session_state.get(_seconds_key(begin))
    return None if given is None else float(given)


def _seconds_key(begin: Beginning) -> str:
    return f"seconds_{begin.key}"


def details_form(seen: Table, begin: Beginning, *, has_costs: bool) -> ExperimentConfig:
    """Draw what is folded away, and return all settings of the page but what is asked above it.

    `has_costs`: whether mistakes have costs; the usual measure follows from that.
    """
    before, key = begin.config, begin.key
    kind = seen.inspection.task.kind if seen.inspection.task else None
    with st.expander(_("More choices: measure, final test, families, exact time")):
        left, right = st.columns(2, gap="large")
        with left:
            metric = _metric(key, kind, before, has_costs=has_costs) if kind else None
            holdout = (
                _share(
                    _("Share of rows for the final test (hold-out)"),
                    (0, 50),
                    before.holdout or 0.0,
                    step=5,
                    key=f"holdout_{key}",
                    told=_(
                        "Rows that the model never sees; its score is measured on them. At 0 % all rows are trained on."
                    ),
                )
                if st.toggle(
                    _("Choose the size of the final test"),
                    value=before.holdout is not None,
                    key=f"own_holdout_{key}",
                    persist_state="session",
                )
                else None
            )
            st.number_input(
                _("Exact time in seconds"),
                min_value=5,
                value=None,
                placeholder=_("as chosen above"),
                key=_seconds_key(begin),
                persist_state="session",
            )
        with right:
            families = st.multiselect(
                _("Model families to try"),
                sorted(titles(FAMILIES)),
                default=[each for each in before.families if each in titles(FAMILIES)],
                format_func=family_title,
                placeholder=_("all that apply"),
                key=f"families_{key}",
                persist_state="session",
            )
            validation = validation_form(key, before.validation)
            seed = st.number_input(
                _("Seed of the random numbers"),
                min_value=0,
                value=before.seed,
                key=f"seed_{key}",
                persist_state="session",
            )
            candidates = st.number_input(
                _("Exact number of candidates"),
                min_value=1,
                value=before.candidates,
                placeholder=_("as many as time allows"),
                key=f"candidates_{key}",
                persist_state="session",
                help=_(
                    "With the same seed and number, every run gives the same leaderboard; the clock decides nothing."
                ),
            )
    with st.expander(_("What the model must keep to, and how sure it shall be")):
        numbers = [c.name for c in seen.schema.features if c.kind.is_number and c.name != seen.target]
        limits = limits_form(key, numbers, before.limits)
        coverage = _share(
            _("How often the range of a prediction shall hold the truth"),
            (50, 99),
            before.decisions.coverage,
            step=1,
            key=f"coverage_{key}",
            told=_("Of a number: the range around it. Of classes: those that are not ruled out."),
        )
    with st.expander(_("For experts: how candidates are searched")):
        search = search_form(key, before.search)
        resources = resources_form(key, before)
    return replace(
        seen.config,
        target=seen.target,
        task=kind,
        metric=metric,
        holdout=holdout,
        validation=validation,
        search=search,
        limits=limits,
        decisions=DecisionSettings(coverage=coverage),
        seed=int(seed),
        candidates=candidates,
        families=tuple(families),
        jobs=resources.jobs,
        memory_gb=resources.memory_gb,
    )


def _metric(key: str, kind: TaskKind, begin: ExperimentConfig, *, has_costs: bool) -> str | None:
    """Return the measure that was chosen; None leaves the usual one of the task, so that the run says why it is.

    A run that was trained again has the measure of the earlier one, which nobody need have chosen.
    """
    before = begin.metric
    keys = [metric.key for metric in metrics_for(kind)]
    usual = usual_metric(kind, has_costs=has_costs).key
    chosen = st.selectbox(
        _("Measure of success"),
        keys,
        index=keys.index(before if before in keys else usual),
        format_func=lambda each: _(metric_named(each).title),
        key=f"metric_{key}_{kind}_{usual}",
        persist_state="session",
    )
    return None if chosen == usual and (chosen != before or begin.again is not None) else chosen


def _share(label: str, ends: tuple[int, int], before: float, *, step: int, key: str, told: str) -> float:
    """Draw a share in per cent and return it: to the letter as it was `before` where nobody moved it."""
    at_first = 100 * before
    chosen: float = st.slider(
        label,
        float(ends[0]),
        max(float(ends[1]), at_first),
        at_first,
        step=float(step),
        format="%g %%",
        key=key,
        persist_state="session",
        help=told,
    )
    return before if chosen == at_first else chosen / 100
