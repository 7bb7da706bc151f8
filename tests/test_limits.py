"""Limits that a person sets are kept by the finished file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine import ExperimentConfig, run_experiment
from engine.column_choice import ColumnChoice
from engine.errors import CertificateError
from engine.events import Event, FamilySkipped, ModelReady, of_kind
from engine.families.family import families
from engine.graph.assemble import assemble
from engine.graph.certificate import TOLERANCE, certify
from engine.graph.row_times import RowTimes
from engine.limits import ModelLimits, refusal
from engine.messages import render
from engine.model import open_model
from engine.outcomes import Member
from engine.run.members import (
    BYTES_PER_NODE,
    Room,
    likely_members,
    load_of,
    plan_members,
    refit_seconds,
    room_taken,
    with_refits_done,
)
from engine.run.trimming import trimmed, within_limits
from engine.search.order import Report
from engine.search.proposal import Proposal
from engine.search.surroundings import Result
from engine.search.validation import ValidationSettings
from engine.table.reading import read_table
from engine.table.schema import Role
from engine.tasks.task import TaskKind
from tests.conftest import flats
from tests.test_certificate import trained

STEPS_OF_A_NODE = 0.06  # in trees of about 50 leaves
FREE = ModelLimits(largest_file_mb=1e6, slowest_row_ms=1e6)


def test_a_file_that_is_too_large_is_made_of_fewer_parts() -> None:
    model, frame = trained(TaskKind.MULTICLASS)
    first, *others = model.members
    model = replace(model, members=(replace(first, bag=first.bag * 3), *others))
    whole = within_limits(model, frame, FREE, assemble)
    assert whole.model is model
    largest = 0.8 * len(whole.file)
    kept = within_limits(model, frame, replace(FREE, largest_file_mb=largest / 1e6), assemble)
    assert len(kept.file) <= largest
    assert [member.weight for member in kept.model.members] == [member.weight for member in model.members]
    assert certify(kept.model, kept.file, frame, seed=0, times=kept.times).max_abs_diff <= TOLERANCE


def test_what_cannot_be_kept_is_refused() -> None:
    model, frame = trained(TaskKind.BINARY, ("linear",))
    with pytest.raises(CertificateError, match="above the limits"):
        within_limits(model, frame, replace(FREE, largest_file_mb=1e-3), assemble)
    slow = replace(FREE, slowest_row_ms=1e-4)
    with pytest.raises(CertificateError, match="above the limits"):
        within_limits(model, frame, slow, assemble)
    assert within_limits(model, frame, slow, assemble, seconds=None).model is model


def test_the_usual_time_of_a_row_refuses_no_single_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.limits.SLOWEST_ROW_MS", 1e-4)
    usual = ModelLimits(largest_file_mb=1e6)
    alone, frame = trained(TaskKind.BINARY, ("linear",))
    assert within_limits(alone, frame, usual, assemble).model is alone
    several, frame = trained(TaskKind.BINARY)  # far too slow, where a little would have been borne
    with pytest.raises(CertificateError, match="above the limits"):
        within_limits(several, frame, usual, assemble)


def test_half_the_time_is_wished_for_the_usual_row_and_refuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    model, frame = trained(TaskKind.BINARY)
    first, *others = model.members
    bagged = replace(model, members=(replace(first, bag=first.bag * 4), *others))
    times = RowTimes(
        usual_microseconds=700.0, calm_microseconds=540.0, slow_microseconds=990.0, slowest_microseconds=900.0
    )

    def each_takes_90(file: bytes, *_: object) -> RowTimes:
        return replace(times, calm_microseconds=90.0 * len(file))

    monkeypatch.setattr("engine.run.trimming.row_times", each_takes_90)
    kept = within_limits(bagged, frame, ModelLimits(), lambda one: bytes(sum(len(m.bag) for m in one.members)))
    assert [len(member.bag) for member in kept.model.members] == [2, 1, 1]
    monkeypatch.setattr("engine.run.trimming.row_times", lambda *_: times)
    kept = within_limits(bagged, frame, ModelLimits(), assemble)
    assert [len(member.bag) for member in kept.model.members] == [1, 1, 1]
    asked = ModelLimits(slowest_row_ms=1.0)
    assert within_limits(bagged, frame, asked, assemble).model is bagged
    slower = replace(times, slowest_microseconds=1_400.0)
    monkeypatch.setattr("engine.run.trimming.row_times", lambda *_: slower)
    assert within_limits(model, frame, ModelLimits(), assemble).model is model
    with pytest.raises(CertificateError, match="above the limits"):
        within_limits(model, frame, asked, assemble)


def test_a_run_is_not_late_for_a_time_that_nobody_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    model, frame = trained(TaskKind.BINARY)
    first, *others = model.members
    bagged = replace(model, members=(replace(first, bag=first.bag * 4), *others))
    monkeypatch.setattr("engine.limits.SLOWEST_ROW_MS", 1e-4)
    assert within_limits(bagged, frame, ModelLimits(), assemble, seconds=0.0).model is bagged
    with pytest.raises(CertificateError, match="above the limits"):
        within_limits(bagged, frame, ModelLimits(slowest_row_ms=1e-4), assemble, seconds=0.0)
    with pytest.raises(CertificateError, match="above the limits"):
        within_limits(bagged, frame, ModelLimits(largest_file_mb=1e-3), assemble, seconds=0.0)


def test_where_time_is_short_bags_shrink_without_timing_each_member(monkeypatch: pytest.MonkeyPatch) -> None:
    model, frame = trained(TaskKind.BINARY)
    first, *others = model.members
    bagged = replace(model, members=(replace(first, bag=first.bag * 4), *others))
    timed: list[int] = []

    def each_takes_150(file: bytes, *_: object) -> RowTimes:
        timed.append(len(file))
        us = 150.0 * len(file)
        return RowTimes(usual_microseconds=us, calm_microseconds=us, slow_microseconds=us, slowest_microseconds=us)

    monkeypatch.setattr("engine.run.trimming.row_times", each_takes_150)
    kept = within_limits(
        bagged, frame, ModelLimits(), lambda one: bytes(sum(len(m.bag) for m in one.members)), seconds=0.5
    )
    assert [len(member.bag) for member in kept.model.members] == [1, 1, 1]
    assert timed == [6, 3]


def test_bags_shrink_and_members_stay() -> None:
    model, _ = trained(TaskKind.BINARY)
    first, second, third = model.members
    bagged = replace(model, members=(replace(first, bag=first.bag * 5), second, third))
    smaller = trimmed(bagged, 8.0, 5.0, lambda _: 2.0)  # one of them common to all files
    assert smaller is not None
    assert [len(member.bag) for member in smaller.members] == [2, 1, 1]
    smallest = trimmed(bagged, 8.0, 0.5, lambda _: 2.0)
    assert smallest is not None
    assert trimmed(smallest, 4.0, 0.5, lambda _: 2.0) is None


def test_what_costs_most_and_weighs_least_goes_first() -> None:
    model, _ = trained(TaskKind.BINARY)
    weighty, slow, quick = (
        replace(member, bag=member.bag * 5, weight=weight)
        for member, weight in zip(model.members, (0.6, 0.2, 0.2), strict=True)
    )
    bagged = replace(model, members=(weighty, slow, quick))
    milliseconds = {weighty.number: 1.0, slow.number: 3.0, quick.number: 0.1}
    smaller = trimmed(bagged, 20.5, 11.5, lambda one: milliseconds[one.members[0].number])
    assert smaller is not None
    assert [len(member.bag) for member in smaller.members] == [5, 2, 5]


def result(number: int, n_nodes: int, family: str = "extra_trees", *, n_folds: int = 5) -> Result:
    n_steps = round(STEPS_OF_A_NODE * n_nodes)
    report = Report(
        fold_scores=(1.0,) * n_folds,
        score=1.0,
        pooled_score=1.0,
        spread=0.0,
        rounds=10,
        n_nodes=n_nodes,
        n_steps=n_steps,
        pruned=False,
    )
    return Result(proposal=Proposal(number=number, family=family, parameters={}), report=report, seconds=5.0, loss=1.0)


def planned(family: str, n_nodes: int, room: Room, n_members: int = 3) -> tuple[list[int], list[int]]:
    """Return the refits and the fold models of members alike."""
    members = [Member(number=n, family=family, weight=1 / n_members) for n in range(n_members)]
    results = {n: result(n, n_nodes, family) for n in range(n_members)}
    plans = plan_members(members, results, room)
    return [plan.n_refits for plan in plans], [plan.n_folds for plan in plans]


def test_the_plan_follows_the_limits() -> None:
    free, usual, tight = (
        Room.within(limits, 20, 1_000) for limits in (FREE, ModelLimits(), ModelLimits(largest_file_mb=1.0))
    )
    assert tight.n_nodes == 1e6 / BYTES_PER_NODE
    assert planned("extra_trees", 80_000, free) == ([0, 0, 0], [5, 5, 5])
    assert planned("extra_trees", 80_000, usual) == ([0, 0, 3], [5, 5, 0])
    assert planned("extra_trees", 80_000, replace(usual, n_rows=5_000)) == ([3, 3, 3], [0, 0, 0])
    assert planned("extra_trees", 80_000, tight) == ([1, 1, 1], [0, 0, 0])


def test_boosted_trees_are_fitted_again_as_often_as_there_is_room() -> None:
    free, usual, tight = (
        Room.within(limits, 20, 1_000) for limits in (FREE, ModelLimits(), ModelLimits(largest_file_mb=1.0))
    )
    assert planned("lightgbm", 100_000, free) == ([3, 3, 3], [0, 0, 0])
    assert planned("lightgbm", 100_000, usual) == ([3, 3, 3], [0, 0, 0])
    assert planned("lightgbm", 250_000, usual) == ([2, 1, 1], [0, 0, 0])
    assert planned("lightgbm", 100_000, tight) == ([1, 1, 1], [0, 0, 0])
    assert planned("lightgbm", 10_000, replace(usual, n_rows=900), n_members=2) == ([0, 0], [5, 5])


def test_a_split_takes_the_longer_the_more_nodes_there_are_and_few_candidates_are_too_slow() -> None:
    few, many = (load_of(result(0, n_nodes)) for n_nodes in (50_000, 500_000))
    assert many.tree_ms > 20 * few.tree_ms > 0
    room = Room.within(ModelLimits(), 20, None)
    small, usual, large = (result(n, 10**power) for n, power in enumerate((4, 5, 6)))
    assert 0 < room_taken(small, room) < room_taken(usual, room) < 0.5
    assert room_taken(large, room) > 1
    best_last = {
        n: replace(result(n, each.report.n_nodes), loss=3.0 - n) for n, each in enumerate((small, usual, large), 1)
    }
    assert [member.number for member in likely_members(best_last, room)] == [2, 1]  # no time for what cannot be had


def test_a_repeated_bag_that_does_not_fit_is_one_of_a_single_drawing() -> None:
    members = [Member(number=n, family="extra_trees", weight=0.5) for n in range(2)]
    results = {n: result(n, 1_000, "extra_trees", n_folds=10) for n in range(2)}
    plans = plan_members(members, results, Room.within(ModelLimits(), 20, 900))
    assert [(plan.n_refits, plan.n_folds) for plan in plans] == [(0, 10), (3, 0)]
    alone = plan_members(members[:1], results, Room.within(ModelLimits(slowest_row_ms=0.6), 20, 900))
    assert [(plan.n_refits, plan.n_folds) for plan in alone] == [(0, 5)]


def test_what_is_spare_takes_no_room_from_what_is_usual() -> None:
    members = [Member(number=n, family=family, weight=0.5) for n, family in enumerate(("lightgbm", "network"))]
    results = {n: result(n, 100, member.family) for n, member in enumerate(members)}
    for slowest_ms in (0.35, 0.4, 0.45, 1.0):
        room = Room.within(ModelLimits(slowest_row_ms=slowest_ms), 20, None)
        usual, spare = (plan_members(members, results, room, most_refits=most) for most in (0, 9))
        assert all(more.n_refits >= plan.n_refits for plan, more in zip(usual, spare, strict=True))
    assert [plan.n_refits for plan in usual] == [3, 5]
    assert min(plan.n_refits for plan in spare) > 5


def test_few_folds_make_no_bag_because_each_has_learnt_from_too_little() -> None:
    members = [Member(number=0, family="lightgbm", weight=1.0)]
    for n_folds, entering in ((1, (3, 0)), (2, (3, 0)), (5, (0, 5))):
        results = {0: result(0, 1_000, "lightgbm", n_folds=n_folds)}
        (plan,) = plan_members(members, results, Room.within(ModelLimits(), 20, 900))
        assert (plan.n_refits, plan.n_folds) == entering


def test_what_was_fitted_in_one_drawing_of_two_is_reckoned_by_its_own_folds() -> None:
    whole, half = (result(0, 1_000, "lightgbm", n_folds=n) for n in (10, 5))
    late = replace(half, seconds=whole.seconds / 2, report=replace(half.report, n_nodes=whole.report.n_nodes // 2))
    assert refit_seconds(late) == pytest.approx(refit_seconds(whole))
    assert load_of(late).n_nodes == pytest.approx(load_of(whole).n_nodes)


def test_without_time_fold_models_stand_in() -> None:
    room = Room.within(ModelLimits(), 20, 1_000)
    members = [Member(number=n, family="lightgbm", weight=1 / 3) for n in range(3)]
    results = {n: result(n, 10_000, "lightgbm") for n in range(3)}
    plans = plan_members(members, results, room)
    settled = with_refits_done(plans, {0: 3, 1: 1, 2: 0}, results, room)
    assert [(plan.n_refits, plan.n_folds) for plan in settled] == [(3, 0), (1, 0), (0, 4)]
    single_leaves = replace(results[2], report=replace(results[2].report, n_steps=0))
    settled = with_refits_done(plans, {0: 3, 1: 1, 2: 0}, {**results, 2: single_leaves}, room)
    assert (settled[2].n_refits, settled[2].n_folds) == (0, 4)


def test_forward_in_time_no_member_is_a_bag_of_folds() -> None:
    room = Room.within(ModelLimits(), 20, None)
    assert planned("extra_trees", 100, room) == ([3, 3, 3], [0, 0, 0])
    members = [Member(number=0, family="extra_trees", weight=1.0)]
    results = {0: result(0, 100)}
    (late,) = with_refits_done(plan_members(members, results, room), {0: 0}, results, room)
    assert (late.n_refits, late.n_folds) == (0, 1)


def test_families_that_cannot_keep_the_limits_say_so() -> None:
    followed = {each.key for each in families() if not refusal(each, ModelLimits(interpretable=True))}
    rising = {each.key for each in families() if not refusal(each, ModelLimits(monotone={"x": 1}))}
    assert followed == {"baseline", "linear"}
    assert {"baseline", "lightgbm"} <= rising
    assert "linear" not in rising


def test_a_run_keeps_directions_and_tells_who_cannot(tmp_path: Path) -> None:
    path = tmp_path / "flats.csv"
    flats().to_csv(path, index=False)
    events: list[Event] = []
    outcome = run_experiment(
        read_table(path),
        ExperimentConfig(
            target="worth",
            columns={"dear": ColumnChoice(role=Role.IGNORED)},
            candidates=3,
            holdout=0.3,
            families=("linear", "lightgbm", "extra_trees"),
            validation=ValidationSettings(n_folds=3, n_repeats=1),
            limits=ModelLimits(monotone={"rooms": -1}, largest_file_mb=0.5),
        ),
        folder=tmp_path / "run",
        emit=events.append,
    )
    assert [event.family for event in of_kind(events, FamilySkipped)] == ["linear"]
    (ready,) = of_kind(events, ModelReady)
    assert ready.certificate.bytes <= 0.5e6
    assert ready.certificate.row_p99_microseconds >= ready.certificate.row_microseconds > 0
    assert outcome.progress.smaller is not None
    rows = pd.concat([flats().drop(columns=["worth", "dear"]).head(40)] * 30, ignore_index=True)
    rows["rooms"] = np.repeat(np.linspace(-3, 12, 30), 40)
    for name in (outcome.model_path.name, *(each.path for each in outcome.progress.smaller.smaller)):
        answers = open_model(outcome.model_path.parent / name).predict(rows)["prediction"].to_numpy().reshape(30, 40)
        assert (np.diff(answers, axis=0) <= 1e-4 * np.abs(answers).max()).all(), name


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (ModelLimits(largest_file_mb=0), "The largest file is 0 MB"),
        (ModelLimits(slowest_row_ms=-1), "The slowest row is -1 ms"),
        (ModelLimits(monotone={"height": 1}), "height"),
        (ModelLimits(monotone={"rooms": 2}), "The direction of the column rooms is 2"),
        (ModelLimits(monotone={"town": 1}), "The column town holds category values"),
        (ModelLimits(monotone={"worth": 1}), "The column worth has the role target"),
    ],
)
def test_limits_that_make_no_sense_are_told(tmp_path: Path, limits: ModelLimits, said: str) -> None:
    path = tmp_path / "flats.csv"
    flats().to_csv(path, index=False)
    (problem,) = ExperimentConfig(target="worth", limits=limits).problems(read_table(path).schema)
    assert said in render(problem)
    assert not ExperimentConfig(target="worth", limits=ModelLimits(monotone={"rooms": 1})).problems(
        read_table(path).schema
    )
