"""The verdict says ready only where nothing speaks against it, and every reason is given only where it holds."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.phrasebook import learn
from engine import ExperimentConfig, run_experiment
from engine.checks.check import Finding, Severity
from engine.checks.leakage import LEAKS as LEFT_OUT
from engine.checks.leakage import MAY_LEAK
from engine.checks.rows import FEW_ROWS, SAME_ROWS
from engine.events import CandidateFinished, Event
from engine.families import BASELINE
from engine.families.family import families
from engine.insight.quality import judgement
from engine.insight.quality.comparison import Comparison, compared
from engine.insight.quality.judgement import Judgement, Level, judge
from engine.insight.quality.money import Prices
from engine.insight.quality.quality import how_good, judgement_of
from engine.insight.quality.ties import ALONE, BEST_IS_SIMPLEST, FOLLOWED, ONE_FOLD, TIED, Ties, find_ties, is_tied
from engine.limits import ModelLimits
from engine.messages import render
from engine.outcomes import Estimate, Member
from engine.progress import fold
from engine.table.reading import read_table
from engine.table.schema import Role
from tests import judged_rows
from tests.app import made_runs

GOOD = Comparison(
    metric="auc",
    title="AUC",
    greater_is_better=True,
    held_out=True,
    score=Estimate(value=0.80, low=0.76, high=0.84),
    baseline=0.5,
    folds=Estimate(value=0.81, low=0.79, high=0.83),
    simple=0.79,
    simple_family="linear",
    simple_number=2,
    spread=0.02,
)
SUSPECT = Finding(severity=Severity.PLEASE_LOOK, message=MAY_LEAK(columns="code"))
COPIES = Finding(severity=Severity.PLEASE_LOOK, message=SAME_ROWS(n=9, share=9))

Turn = Callable[[Comparison], Comparison]


def judged(
    comparison: Comparison | None = GOOD, *findings: Finding, answers_help: bool = True, has_holdout: bool = True
) -> Judgement:
    return judge(comparison, findings, answers_help=answers_help, has_holdout=has_holdout, was_alone=False)


def codes(found: Judgement) -> list[str]:
    return [reason.code for reason in found.reasons]


def errors(comparison: Comparison) -> Comparison:
    """Return the same case for a metric of which less is better."""
    turned = {name: 1 - getattr(comparison, name) for name in ("baseline", "simple")}
    turned |= {
        name: Estimate(value=1 - each.value, low=1 - each.high, high=1 - each.low)
        for name in ("score", "folds")
        if (each := getattr(comparison, name)) is not None
    }
    return replace(comparison, greater_is_better=False, **turned)


@pytest.mark.parametrize("turn", [lambda case: case, errors], ids=["more is better", "less is better"])
def test_a_sound_model_is_ready_and_why_is_said(turn: Turn) -> None:
    found = judged(turn(GOOD))
    assert found.level is Level.READY
    assert codes(found) == ["quality_better", "quality_agrees", "quality_no_leak_open"]
    assert found.title.code == "quality_ready_title"


@pytest.mark.parametrize("turn", [lambda case: case, errors], ids=["more is better", "less is better"])
def test_an_interval_that_touches_the_baseline_is_never_ready(turn: Turn) -> None:
    sure = Estimate(value=0.6, low=0.57, high=0.63)
    touching = replace(GOOD, score=Estimate(value=0.6, low=0.49, high=0.71), folds=sure)
    found = judged(turn(touching))
    assert (found.level, codes(found)) == (Level.CARE, ["quality_touches"])
    unproven = judged(turn(replace(touching, folds=Estimate(value=0.58, low=0.49, high=0.67))))
    assert (unproven.level, codes(unproven)) == (Level.NOT_USEFUL, ["quality_unproven"])
    assert judged(turn(replace(touching, folds=None))).level is Level.NOT_USEFUL
    useless = judged(turn(replace(touching, score=Estimate(value=0.48, low=0.4, high=0.56))))
    assert (useless.level, codes(useless)[0]) == (Level.NOT_USEFUL, "quality_no_better")


@pytest.mark.parametrize("turn", [lambda case: case, errors], ids=["more is better", "less is better"])
def test_a_gain_on_the_same_rows_proves_what_the_interval_of_the_score_leaves_open(turn: Turn) -> None:
    touching = replace(GOOD, score=Estimate(value=0.6, low=0.49, high=0.71), folds=None)
    sure = replace(turn(touching), gain=Estimate(value=0.1, low=0.05, high=0.15))
    found = judged(sure)
    assert (found.level, codes(found)) == (Level.CARE, ["quality_better_row_by_row"])
    assert "by 0.050 to 0.150" in render(found.reasons[0])
    assert codes(judged(replace(sure, gain=Estimate(value=0.1, low=-0.01, high=0.2)))) == ["quality_unproven"]


def test_the_folds_alone_prove_nothing_where_they_are_what_is_judged() -> None:
    same = Estimate(value=0.6, low=0.49, high=0.71)
    sure = Estimate(value=0.6, low=0.55, high=0.65)
    without = judged(replace(GOOD, held_out=False, score=same, folds=sure), has_holdout=False)
    assert codes(without) == ["quality_unproven", "quality_no_holdout"]


def test_where_nothing_else_came_to_an_end_only_more_time_is_asked_for() -> None:
    same = Estimate(value=0.5, low=0.5, high=0.5)
    alone = replace(GOOD, score=same, folds=same, simple=None)
    found = judge(alone, (), answers_help=False, has_holdout=True, was_alone=True)
    assert (found.level, codes(found)) == (Level.NOT_USEFUL, ["quality_nothing_else"])
    assert "Train again with more time" in render(found.reasons[0])


def test_where_nothing_could_be_made_into_a_file_it_says_why(tmp_path: Path) -> None:
    table = tmp_path / "numbers.csv"
    rows = [f"{i % 50 / 4},{i % 7 / 2},{i % 50 + 5 * (i % 7) + i * 37 % 101 / 3:.2f}" for i in range(300)]
    table.write_text("\n".join(["x,z,y", *rows]), encoding="utf-8")
    events: list[Event] = []
    limits = ModelLimits(largest_file_mb=0.01)
    config = ExperimentConfig(target="y", candidates=2, families=("lightgbm",), limits=limits)
    run_experiment(read_table(table), config, folder=tmp_path / "run", emit=events.append)
    progress = fold(events)
    assert progress.says_the_same
    found = judgement_of(progress, Prices())
    assert (found.level, codes(found)) == (Level.NOT_USEFUL, ["quality_nothing_kept", "model_over_limits"])


def test_of_a_model_that_says_the_same_for_every_row_nothing_is_to_be_found() -> None:
    learnt = fold(made_runs.finished())
    assert learnt.blend is not None
    same = replace(learnt, blend=replace(learnt.blend, members=(Member(number=0, family=BASELINE, weight=1.0),)))
    rows = judged_rows.judged(made_runs.TASK, np.arange(60) % 2, np.full((60, 2), 0.5), {"x": np.arange(60.0)})
    for progress, is_said in ((learnt, True), (same, False)):
        found = how_good(progress, rows, Prices())
        assert found is not None
        assert ("quality_never_names" in [each.code for each in found.words]) is is_said


def test_no_holdout_is_a_reason_for_care() -> None:
    found = judged(replace(GOOD, held_out=False), has_holdout=False)
    assert (found.level, codes(found)) == (Level.CARE, ["quality_no_holdout"])


def test_an_open_leak_is_named_and_one_that_was_left_out_is_not() -> None:
    found = judged(GOOD, SUSPECT)
    assert (found.level, codes(found)) == (Level.CARE, ["quality_leak_open", "may_leak"])
    settled = Finding(severity=Severity.PLEASE_LOOK, message=LEFT_OUT(column="code", power="1.000"), automatic=True)
    assert judged(GOOD, settled).level is Level.READY
    assert judged(GOOD, replace(SUSPECT, severity=Severity.HANDLED)).level is Level.READY
    assert judged(GOOD, Finding(severity=Severity.PLEASE_LOOK, message=FEW_ROWS(n=9))).level is Level.READY
    assert codes(judged(GOOD, COPIES)) == ["quality_tested_easily", "same_rows"]


@pytest.mark.parametrize("turn", [lambda case: case, errors], ids=["more is better", "less is better"])
@pytest.mark.parametrize(("folds", "code"), [(0.95, "quality_worse_than_folds"), (0.65, "quality_better_than_folds")])
def test_disagreement_beyond_noise_is_said_in_its_direction(turn: Turn, folds: float, code: str) -> None:
    sure = Estimate(value=folds, low=folds - 0.01, high=folds + 0.01)
    found = judged(turn(replace(GOOD, folds=sure)))
    assert (found.level, codes(found)) == (Level.CARE, [code])
    unsure = Estimate(value=folds, low=folds - 0.2, high=folds + 0.2)
    assert judged(turn(replace(GOOD, folds=unsure))).level is Level.READY, "within the noise"


def test_a_difference_that_is_a_trifle_does_not_count_however_sure_it_is() -> None:
    score, folds = Estimate(value=0.8, low=0.7999, high=0.8001), Estimate(value=0.81, low=0.8099, high=0.8101)
    exact = replace(GOOD, score=score, folds=folds)
    assert judged(exact).level is Level.READY
    assert judged(replace(exact, baseline=0.75)).level is Level.CARE, "a fifth of what it gains is no trifle"


def test_answers_that_need_no_model_are_not_praised() -> None:
    found = judged(GOOD, answers_help=False)
    assert (found.level, codes(found)) == (Level.CARE, ["quality_answers_no_better"])


def test_what_was_not_measured_is_not_useful() -> None:
    assert codes(judged(None)) == ["quality_unmeasured"]


def test_the_codes_of_findings_are_those_that_exist() -> None:
    known = {each.code for each in learn()}
    assert known >= judgement.LEAKS | judgement.EASY_TESTS
    too_good = {each.code for each in learn() if "too good" in each.price}
    assert too_good <= judgement.LEAKS | judgement.EASY_TESTS | {"leak_confirmed"}


def test_a_run_is_judged_by_its_events() -> None:
    progress = fold(made_runs.finished())
    assert judgement_of(progress, Prices()).level is Level.READY
    comparison = compared(progress)
    assert comparison is not None
    assert (comparison.score.value, comparison.baseline, comparison.simple) == (0.8535, 0.5, 0.79)
    assert comparison.folds is not None
    assert comparison.folds.value == 0.856
    # Beside the blend, which is scored on the rows of all folds together, stands the simple model scored likewise.
    pooled = [
        replace(e, pooled_score=0.75) if isinstance(e, CandidateFinished) and e.family == "linear" else e
        for e in made_runs.finished()
    ]
    other = compared(fold(pooled))
    assert other is not None
    assert other.simple == 0.75
    assert compared(fold(made_runs.begun())) is None


@pytest.mark.parametrize("held_out", [True, False])
def test_how_it_was_measured_is_said(held_out: bool) -> None:
    progress = fold(made_runs.finished())
    ready = progress.ready
    assert ready is not None
    if not held_out:
        ready = replace(ready, holdout=None, validation=ready.holdout or {})
        progress = replace(progress, ready=ready)
    y = np.arange(60) % 2
    half = np.full(60, 0.5)
    whole = judged_rows.judged(made_runs.TASK, y, np.column_stack([half, half]), {"x": np.arange(60.0)})
    part = replace(whole, n_rows=9_000)
    weighed = replace(whole, schema=judged_rows.column_of(whole.schema, "x", role=Role.WEIGHT))
    first = "quality_on_holdout" if held_out else "quality_on_folds"
    for rows, more in ((whole, []), (part, ["quality_some_rows"]), (weighed, ["quality_unweighted"])):
        found = how_good(progress, rows, Prices(miss=1.0, alarm=1.0))
        assert found is not None
        assert [each.code for each in found.how] == [first, *more]
        assert ("quality_orders" in [each.code for each in found.words]) is ("auc" in found.scores)
    useless = replace(progress, ready=replace(ready, holdout={"auc": Estimate(value=0.5, low=0.4, high=0.6)}))
    assert judgement_of(progress, Prices()).title.code == ("quality_ready_title" if held_out else "quality_care_title")
    assert judgement_of(useless, Prices()).title.code == "quality_not_useful_title"


def candidate(number: int, family: str, scores: tuple[float, ...], n_nodes: int = 0) -> CandidateFinished:
    mean = sum(scores) / len(scores)
    return CandidateFinished(
        number=number,
        family=family,
        score=mean,
        fold_scores=scores,
        parameters={},
        spread=0.01,
        train_seconds=1.0,
        seconds=1.0,
        n_nodes=n_nodes,
    )


BEST = candidate(1, "lightgbm", (0.80, 0.84, 0.82, 0.86, 0.83), 900)
CLOSE = (0.81, 0.83, 0.81, 0.86, 0.82)
FAR = (0.70, 0.74, 0.72, 0.76, 0.73)


def ties_of(*candidates: CandidateFinished) -> Ties:
    found = find_ties(replace(fold(made_runs.begun()), finished=candidates))
    assert found is not None
    return found


def test_ties_are_named_and_the_simplest_of_them_recommended() -> None:
    others = (candidate(2, "linear", CLOSE), candidate(3, "catboost", CLOSE, 50), candidate(4, "linear", FAR))
    found = ties_of(BEST, *others)
    assert (set(found.numbers), found.simplest, found.said.code) == ({1, 2, 3}, 2, TIED.code)
    assert found.said.parameters["n"] == 2
    smaller = ties_of(BEST, candidate(2, "network", CLOSE), candidate(3, "catboost", CLOSE, 50))
    assert smaller.simplest == 3, "fewer nodes are simpler; a network is not simple"
    simplest = ties_of(BEST, candidate(2, "catboost", CLOSE, 9000))
    assert (simplest.simplest, simplest.said.code) == (1, BEST_IS_SIMPLEST.code)
    alone = ties_of(BEST, candidate(2, "linear", FAR))
    assert (alone.numbers, alone.said.code) == ((1,), ALONE.code)
    assert ties_of(candidate(1, "linear", (0.8,)), candidate(2, "linear", (0.8,))).said.code == ONE_FOLD.code


def test_what_loses_much_is_no_tie_though_few_unsteady_folds_do_not_tell_it_apart() -> None:
    best = candidate(1, "lightgbm", (0.95, 0.60, 0.98, 0.55, 0.97))
    unsteady = candidate(2, "linear", (0.55, 0.62, 0.60, 0.56, 0.99))
    near = candidate(3, "linear", (0.94, 0.61, 0.97, 0.55, 0.96))
    assert is_tied(best, unsteady), "the folds alone do not tell them apart"
    assert ties_of(best, unsteady).said.code == ALONE.code
    assert ties_of(best, unsteady, near).simplest == 3
    hopeless = candidate(1, "lightgbm", (0.52, 0.49, 0.53, 0.50, 0.51))
    same = candidate(2, "baseline", (0.5, 0.5, 0.5, 0.5, 0.5))
    assert ties_of(hopeless, same).simplest == 1, "whether it is better than nothing, the verdict says"
    guessing = candidate(3, "baseline", (0.1, 0.9, 0.0, 0.8, 0.0))
    middling = candidate(2, "linear", (0.94, 0.59, 0.97, 0.54, 0.91))
    assert ties_of(best, middling).said.code == ALONE.code
    assert ties_of(best, middling, guessing).simplest == 2, "it loses little of the lead over guessing on these folds"


def test_simple_families_are_those_that_a_person_can_follow() -> None:
    assert {family.key for family in families() if family.interpretable} - {"baseline"} == FOLLOWED
