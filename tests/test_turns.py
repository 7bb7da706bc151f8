"""A trial and its turns: short of time, forward in time, and with a single fold; and refits that time ends."""

from pathlib import Path

import numpy as np
import pytest

from engine.blend.final import TargetScale
from engine.errors import TrialTimeoutError
from engine.run.finish import refit, refits_kept
from engine.search.data import RowSet, TrainingData
from engine.search.folds import LEFT_OUT, NEVER
from engine.search.order import Order
from engine.search.proposal import Proposal
from engine.search.surroundings import Result
from engine.search.trial import _judged, run_trial
from engine.tasks.task import TaskKind
from tests.test_certificate import COLUMNS, TASKS, table
from tests.test_targets import on_disk, order

N_ROWS = 400


def short(folder: Path, number: int, seconds: float) -> Order:
    asked = order(folder, number, "linear", "log_loss")
    return Order(**{**vars(asked), "seconds": seconds})


def forward(folder: Path) -> TrainingData:
    """Rows in time order, validated on three of four blocks."""
    frame, value = table(N_ROWS)
    data = on_disk(folder, TASKS[TaskKind.BINARY], (value > np.median(value)).astype(np.int64), frame)
    block = np.arange(N_ROWS) * 4 // N_ROWS
    folds = [np.where(block < turn, NEVER, np.where(block == turn, 0, LEFT_OUT)) for turn in (1, 2, 3)]
    ordered = TrainingData(**{**vars(data), "folds": np.array(folds, np.int16)})
    ordered.save(folder / "data")
    return ordered


def test_forward_in_time_a_late_candidate_is_not_judged_by_its_first_turn_alone(tmp_path: Path) -> None:
    forward(tmp_path)
    report = run_trial(short(tmp_path, 1, 0.001))
    assert len(report.fold_scores) == 3
    validated = np.isfinite(np.load(tmp_path / "trials" / "1" / "oof.npy")).all(axis=1)
    assert validated.tolist() == [False] * 100 + [True] * 300


def test_drawn_twice_a_late_candidate_ends_with_the_first_drawing(tmp_path: Path) -> None:
    frame, value = table(N_ROWS)
    data = on_disk(tmp_path, TASKS[TaskKind.BINARY], (value > np.median(value)).astype(np.int64), frame)
    uneven = np.vstack([np.arange(N_ROWS) % 3, np.arange(N_ROWS) % 2]).astype(np.int16)
    TrainingData(**{**vars(data), "folds": uneven}).save(tmp_path / "data")
    assert len(run_trial(short(tmp_path, 1, 0.001)).fold_scores) == 3
    assert np.isfinite(np.load(tmp_path / "trials" / "1" / "oof.npy")).all()


def test_where_no_fold_has_a_score_what_was_fitted_counts_all_the_same(tmp_path: Path) -> None:
    frame, value = table(N_ROWS)
    y = (value > np.median(value)).astype(np.int64)
    data = on_disk(tmp_path, TASKS[TaskKind.BINARY], y, frame)
    one_answer_each = (2 * y + np.arange(N_ROWS) % 2).astype(np.int16)[None, :]
    TrainingData(**{**vars(data), "folds": one_answer_each}).save(tmp_path / "data")
    asked = order(tmp_path, 1, "linear", "auc")
    report = run_trial(asked)
    assert report.fold_scores == (report.pooled_score,)
    proposal = Proposal(number=1, family="linear", parameters={})
    assert Result(proposal=proposal, report=report, seconds=1.0, loss=0.5).n_folds == 4


@pytest.mark.parametrize("grouped", [False, True])
def test_both_halves_of_a_single_fold_have_the_rare_answer(grouped: bool) -> None:
    frame, _value = table(N_ROWS)
    for seed in range(20):
        y = np.zeros(N_ROWS, np.int64)
        y[[200, 399]] = 1
        groups = np.arange(N_ROWS) // 200 if grouped else None  # all rare answers of the fold are in one group
        rows = RowSet(source=frame, y=y, groups=groups)
        folds = np.where(np.arange(N_ROWS) < 150, NEVER, 0).astype(np.int16)[None, :]
        data = TrainingData(
            task=TASKS[TaskKind.BINARY],
            columns=COLUMNS,
            train=rows,
            holdout=rows,
            folds=folds,
            target_scale=TargetScale(),
        )
        ((_train, scored),), (stops,) = _judged(data, seed)
        assert (y[scored].sum(), y[stops].sum()) == (1, 1)
        assert sorted([*scored, *stops]) == list(range(150, N_ROWS))


def test_a_refit_that_time_broke_off_is_not_kept(tmp_path: Path) -> None:
    frame, value = table(N_ROWS)
    on_disk(tmp_path, TASKS[TaskKind.BINARY], (value > np.median(value)).astype(np.int64), frame)
    asked = order(tmp_path, 1, "linear", "log_loss")
    run_trial(asked)
    with pytest.raises(TrialTimeoutError, match="to the end"):
        refit(short(tmp_path, 1, 0.0), 0, 0)
    assert refits_kept(asked.place) == 0
    refit(asked, 0, 0)
    assert refits_kept(asked.place) == 1
