"""Would more rows help? The curve is right where the truth is planted, and each answer is said where it is true."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.blend.final import TargetScale
from engine.events import CandidateFinished
from engine.families.family import family_named
from engine.insight.learning_curve import candidate_for, learning_curve, share_of_rows, with_rows_kept_apart
from engine.insight.quality.more_rows import MoreRows, Point, in_words
from engine.outcomes import Estimate
from engine.search.data import RowSet, TrainingData
from engine.tasks.task import Task, TaskKind
from tests.judged_rows import rows_of

NUMBER = Task(kind=TaskKind.REGRESSION, targets=("y",))
THREE = Task(kind=TaskKind.MULTICLASS, targets=("y",), classes=("a", "b", "c"))


def candidate(number: int = 3, family: str = "linear", seconds: float = 1.0, score: float = 1.0) -> CandidateFinished:
    return CandidateFinished(
        seconds=1,
        number=number,
        family=family,
        parameters=dict(family_named("linear").starting_points[0]),
        score=score,
        spread=0.1,
        fold_scores=(score,) * 3,
        train_seconds=seconds,
    )


def made(n: int, n_columns: int, noise: float, *, task: Task = NUMBER, n_folds: int = 3) -> TrainingData:
    """Return rows whose answers are a sum of all columns and noise; for classes cut at two places."""
    random = np.random.default_rng(4)
    X = random.normal(size=(n, n_columns))
    value = X @ random.normal(size=n_columns) / np.sqrt(n_columns) + noise * random.normal(size=n)
    y = np.digitize(value, [-1.0, 1.0]).astype(np.int64) if task.classes else value
    frame, schema = rows_of({f"x{i}": X[:, i] for i in range(n_columns)})
    rows = RowSet(source=frame, y=y)
    folds = (np.arange(n) % n_folds).astype(np.int16)[None, :]
    if n_folds == 1:
        folds = np.where(np.arange(n) % 4 == 0, 0, -1).astype(np.int16)[None, :]
    scale = TargetScale() if task.classes else TargetScale(centre=float(y.mean()), scale=float(y.std()))
    return TrainingData(
        task=task, columns=schema.columns, train=rows, holdout=rows.take(np.arange(0)), folds=folds, target_scale=scale
    )


def curve(folder: Path, data: TrainingData, metric: str, baseline: float) -> MoreRows:
    heard: list[tuple[int, int]] = []
    found = learning_curve(
        folder, data, candidate(), 3, metric, threads=1, told=lambda done, of: heard.append((done, of))
    )
    assert heard[0][0] == 0
    assert heard[-1][0] == heard[-1][1] >= 2
    return in_words(found, baseline)


def test_where_each_column_must_be_learnt_more_rows_help(tmp_path: Path) -> None:
    found = curve(tmp_path, made(360, 60, 0.2), "rmse", 1.0)
    assert found.said[0].code == "more_rows_help"
    scores = [point.score.value for point in found.points]
    assert scores == sorted(scores, reverse=True)
    assert [point.n_rows for point in found.points] == [30, 60, 120, 240]
    assert found.gain is not None
    assert found.gain.value == pytest.approx(scores[-2] - scores[-1])


def test_where_one_column_says_it_all_the_curve_is_flat(tmp_path: Path) -> None:
    found = curve(tmp_path, made(1_200, 1, 1.0), "rmse", 1.4)
    assert found.said[0].code == "more_rows_flat"
    assert found.points[-1].score.value == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize("n_folds", [1, 3])
def test_classes_and_a_single_fold_have_a_curve_too(tmp_path: Path, n_folds: int) -> None:
    found = curve(tmp_path, made(400, 3, 0.3, task=THREE, n_folds=n_folds), "log_loss", 0.9)
    assert len(found.points) >= 3
    assert found.points[-1].score.value < 0.7


def test_shares_lie_within_each_other_and_keep_folds_classes_and_groups() -> None:
    data = made(300, 2, 0.5, task=THREE)
    few, half = share_of_rows(data, 0.25), share_of_rows(data, 0.5)
    assert np.isin(few, half).all()
    assert len(few) == pytest.approx(75, abs=5)
    for label in range(3):
        assert (data.train.y[half] == label).sum() == pytest.approx((data.train.y == label).sum() / 2, abs=3)
    assert np.bincount(data.folds[0][half]).tolist() == pytest.approx([50, 50, 50], abs=3)
    groups = np.arange(300) // 3 % 25
    folds = (groups % 3).astype(np.int16)[None, :]
    grouped = replace(data, train=replace(data.train, groups=groups), folds=folds)
    taken = share_of_rows(grouped, 0.5)
    assert set(np.unique(groups[taken])) & set(np.unique(np.delete(groups, taken))) == set()
    assert share_of_rows(data, 1.0).tolist() == list(range(300))


def test_rows_that_stop_a_single_fold_do_not_score_it() -> None:
    data = made(200, 2, 0.5, n_folds=1)
    apart, judged = with_rows_kept_apart(data)
    ((train, stops),) = apart.fold_rows()
    assert len(judged[0]) == len(stops) == 25
    assert not set(judged[0]) & (set(train) | set(stops))


def test_a_slow_winner_has_a_stand_in_and_that_is_said() -> None:
    board = [candidate(9, seconds=300.0), candidate(8, "baseline", 0.1), candidate(5, seconds=2.0), candidate(4)]
    chosen = candidate_for(board)
    assert chosen is not None
    assert chosen.number == 5
    slow = candidate_for(board[:2])
    assert slow is not None
    assert slow.number == 9
    assert candidate_for(board[1:2]) is None
    assert said_of(0.1, best=9)[1] == "more_rows_stand_in"
    assert said_of(0.1, best=5)[1] == "more_rows_best_alone"
    assert said_of(0.1, best=5, group="person")[2] == "more_rows_groups"


def said_of(gain: float | None, width: float = 0.01, best: int = 5, group: str = "", after: float = 0.8) -> list[str]:
    points = tuple(Point(n_rows=n, score=Estimate(value=v, low=v, high=v)) for n, v in ((50, 0.6), (100, after)))
    bought = None if gain is None else Estimate(value=gain, low=gain - width, high=gain + width)
    found = MoreRows(metric="auc", number=5, family="linear", best=best, points=points, gain=bought)
    told = in_words(found, 0.5, group)
    assert MoreRows.from_json(told.to_json()) == told
    return [message.code for message in told.said]


def test_each_answer_is_said_where_it_is_true() -> None:
    assert said_of(0.1)[0] == "more_rows_help"
    assert said_of(0.0, 0.005)[0] == "more_rows_flat"
    assert said_of(0.0025, 0.001)[0] == "more_rows_flat"  # sure, but a trifle of the way from 0.5 to 0.8
    assert said_of(0.1, 0.2)[0] == "more_rows_open"
    assert said_of(-0.1)[0] == "more_rows_worse"
    assert said_of(0.1, after=0.98)[0] == said_of(-0.1, after=0.98)[0] == "more_rows_almost_perfect"
    assert said_of(0.1, after=0.95)[0] == "more_rows_help"
    assert said_of(None)[0] == "more_rows_too_few"
