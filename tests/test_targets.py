"""Turned targets: there and back again, in training, in the file and in explanations."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.blend.final import FinalMember, FinalModel, FittedModel, TargetScale
from engine.errors import ConfigError
from engine.families.family import Family, Parameters, Rows, Setting, family_named
from engine.features.pipeline import fit_pipeline, transform
from engine.features.step import Answers
from engine.graph.assemble import assemble
from engine.graph.certificate import TOLERANCE, certify
from engine.insight.explanation import contributions
from engine.registry import parts
from engine.search.data import RowSet, TrainingData
from engine.search.fitting import run_refit
from engine.search.kept import load_folds
from engine.search.order import Order
from engine.search.scoring import predicted
from engine.search.trial import run_trial
from engine.search.turning import class_weights, in_turns, target_choices, turn
from engine.targets.transform import PLAIN_TARGET, TargetTransform, transforms_for
from engine.targets.turned import MOST_FACTOR, turn_target, with_factor
from engine.tasks.task import Task, TaskKind
from tests.test_certificate import COLUMNS, table

REGRESSION = Task(kind=TaskKind.REGRESSION, targets=("y",))
BINARY = Task(kind=TaskKind.BINARY, targets=("y",), classes=("no", "yes"))
THREE = Task(kind=TaskKind.MULTICLASS, targets=("y",), classes=("a", "b", "c"))
TURNS = [each.key for each in parts("engine.targets", TargetTransform) if each.key != PLAIN_TARGET]


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.floats(0, 1e9), min_size=5, max_size=40),
    key=st.sampled_from(TURNS),
    unit=st.sampled_from([1e-6, 1.0, 1e6]),
)
def test_there_and_back_again(values: list[float], key: str, unit: float) -> None:
    y = np.array(values) * unit
    centre, scale = float(y.mean()), float(y.std()) or 1.0
    target = turn_target(key, (y - centre) / scale, centre, scale)
    assert target is not None
    turned = target.forward((y - centre) / scale)
    assert np.isfinite(turned).all()
    back = target.inverse(turned) * scale + centre
    np.testing.assert_allclose(back, y, rtol=1e-6, atol=1e-6 * max(y.max(), unit))


@pytest.mark.parametrize("key", TURNS)
def test_no_prediction_runs_away(key: str) -> None:
    y = np.random.default_rng(0).lognormal(size=500)
    target = turn_target(key, (y - 1) / 2, 1.0, 2.0)
    assert target is not None
    wild = target.inverse(np.array([-1e30, -50.0, 50.0, 1e30])) * 2 + 1
    assert np.isfinite(wild).all()
    assert wild.min() >= 0
    assert wild.max() <= 3 * y.max()
    assert (np.diff(target.inverse(np.linspace(-9, 9, 200))) >= 0).all()


def test_an_unknown_transform_is_told() -> None:
    with pytest.raises(ConfigError, match="There is no target transform called cube"):
        turn_target("cube", np.arange(30.0), 0.0, 1.0)


@pytest.mark.parametrize(
    ("y", "offered"),
    [
        (np.random.default_rng(0).lognormal(sigma=1.0, size=500), True),
        (np.random.default_rng(0).lognormal(sigma=1.0, size=500) - 1.0, False),  # some are negative
        (np.random.default_rng(0).normal(100.0, 5.0, 500), False),
        (np.repeat([1.0, 2.0, 50.0], 100), False),  # steps, not a scale
        (np.zeros(50), False),
    ],
)
def test_a_transform_is_offered_only_where_it_can_pay(y: np.ndarray, offered: bool) -> None:
    assert (len(transforms_for(y)) > 1) is offered


def test_the_factor_takes_the_bias_away_and_the_absolute_error_needs_none() -> None:
    draw = np.random.default_rng(1)
    mean = draw.normal(size=20_000)
    y = np.exp(mean + 0.7 * draw.normal(size=20_000))
    target = turn_target("log", y, 0.0, 1.0)
    assert target is not None
    raw = ((mean - target.turned_centre) / target.turned_scale)[:, None]
    squared = with_factor(target, raw, lambda made: float(np.mean((made[:, 0] - y) ** 2)))
    absolute = with_factor(target, raw, lambda made: float(np.mean(np.abs(made[:, 0] - y))))
    assert squared.factor == pytest.approx(np.exp(0.7**2 / 2), rel=0.1)
    assert absolute.factor == pytest.approx(1.0, abs=0.05)
    assert squared.factor <= MOST_FACTOR


def turned_model(key: str, family_key: str) -> tuple[FinalModel, pd.DataFrame]:
    frame, value = table(300)
    y = np.exp(value)
    scale = TargetScale(centre=float(y.mean()), scale=float(y.std()))
    standard = (y - scale.centre) / scale.scale
    target = turn_target(key, standard, scale.centre, scale.scale)
    assert target is not None
    family = family_named(family_key)
    pipeline = fit_pipeline(frame, COLUMNS, family.recipe, Answers(task=REGRESSION, y=standard))
    features = transform(pipeline, frame)
    turned = target.forward(standard)
    setting = Setting(
        task=REGRESSION,
        parameters=family.starting_points[0],
        seed=0,
        threads=1,
        stopping=Rows(X=features, y=turned),
        rounds=20,
    )
    state = family.fit(features, turned, None, None, None, setting)
    fitted = FittedModel(pipeline=pipeline, family=family_key, state=state, rounds=family.rounds(state), target=target)
    member = FinalMember(number=0, family=family_key, weight=1.0, bag=(fitted,))
    return FinalModel(task=REGRESSION, columns=COLUMNS, members=(member,), target_scale=scale), frame


@pytest.mark.parametrize("key", TURNS)
@pytest.mark.parametrize("family", ["lightgbm", "linear"])
def test_the_file_turns_back_and_explanations_add_up(key: str, family: str) -> None:
    model, frame = turned_model(key, family)
    assert certify(model, assemble(model), frame, seed=1).max_abs_diff <= TOLERANCE
    values, base = contributions(model, frame)
    np.testing.assert_allclose(values.sum(axis=1) + base, model.raw(frame), rtol=1e-9, atol=1e-9)


def on_disk(folder: Path, task: Task, y: np.ndarray, frame: pd.DataFrame, n_folds: int = 3) -> TrainingData:
    scale = TargetScale() if task.classes else TargetScale(centre=float(y.mean()), scale=float(y.std()))
    folds = (np.arange(len(y)) % n_folds).astype(np.int16)[None, :]
    rows = RowSet(source=frame, y=y)
    data = TrainingData(task=task, columns=COLUMNS, train=rows, holdout=rows, folds=folds, target_scale=scale)
    (folder / "data").mkdir()
    data.save(folder / "data")
    return data


def order(folder: Path, number: int, family: str, metric: str, **point: object) -> Order:
    parameters = {**family_named(family).starting_points[0], **point}
    return Order(folder=folder, number=number, family=family, parameters=parameters, metric=metric, seed=0, threads=1)


def test_a_trial_with_a_turned_target_answers_in_the_target_s_own_unit(tmp_path: Path) -> None:
    frame, value = table(400)
    y = np.exp(value)
    data = on_disk(tmp_path, REGRESSION, y, frame)
    plain = run_trial(order(tmp_path, 1, "linear", "rmse"))
    turned = run_trial(order(tmp_path, 2, "linear", "rmse", **{"target.transform": "log"}))
    assert turned.score < 0.9 * plain.score
    out_of_fold = predicted(np.load(tmp_path / "trials" / "2" / "oof.npy"), data)
    assert out_of_fold.mean() == pytest.approx(y.mean(), rel=0.1)
    folds = load_folds(tmp_path / "trials" / "2")
    factors = [fitted.target.factor for fitted in folds if fitted.target]
    assert len(set(factors)) == 3  # each fold has that of the others
    refitted = run_refit(order(tmp_path, 2, "linear", "rmse", **{"target.transform": "log"}), 0, 0)
    assert refitted.target is not None
    assert refitted.target.factor == pytest.approx(np.exp(np.mean(np.log(factors))))


@pytest.mark.parametrize("task", [BINARY, THREE], ids=["binary", "multiclass"])
def test_weighed_classes_leave_probabilities_as_they_are_in_the_table(tmp_path: Path, task: Task) -> None:
    frame, value = table(900)
    y = np.digitize(value, np.quantile(value, [0.85] if task is BINARY else [0.5, 0.9])).astype(np.int64)
    data = on_disk(tmp_path, task, y, frame)
    run_trial(order(tmp_path, 1, "linear", "log_loss", **{"target.class_weights": "balanced"}))
    chances = predicted(np.load(tmp_path / "trials" / "1" / "oof.npy"), data)
    shares = np.bincount(y) / len(y)
    np.testing.assert_allclose(chances.mean(axis=0), shares, atol=0.03)
    fitted = load_folds(tmp_path / "trials" / "1")[0]
    assert max(fitted.offset) > 1.0
    features = transform(fitted.pipeline, frame)
    values, base = fitted.contributions(features)
    np.testing.assert_allclose(values.sum(axis=1) + base, fitted.raw(features), atol=1e-9)
    member = FinalMember(number=1, family="linear", weight=1.0, bag=(fitted,))
    model = FinalModel(task=task, columns=COLUMNS, members=(member,))
    assert certify(model, assemble(model), frame, seed=1).max_abs_diff <= TOLERANCE


def test_an_absent_class_weighs_as_any_row_and_a_very_rare_one_not_without_end() -> None:
    absent = class_weights(np.repeat([0, 2], [90, 10]), None, 3, 1.0)
    assert absent[1] == 1.0
    np.testing.assert_allclose(absent[[0, 2]], class_weights(np.repeat([0, 1], [90, 10]), None, 2, 1.0))
    assert class_weights(np.zeros(50, np.int64), None, 2, 1.0).tolist() == [1.0, 1.0]
    y = np.repeat([0, 1], [99_999, 1])
    rare = class_weights(y, None, 2, 1.0)
    assert rare[1] / rare[0] == pytest.approx(100.0)
    assert rare[y].mean() == pytest.approx(1.0)


def test_a_fold_without_a_class_says_nothing_of_it(tmp_path: Path) -> None:
    frame, value = table(90)
    y = np.digitize(value, np.quantile(value, [0.5])).astype(np.int64)
    y[0] = 2  # in the first of three folds, so the models of that one never see it
    data = on_disk(tmp_path, THREE, y, frame)
    turned = turn({"class_weights": "balanced"}, data, data.fold_rows()[0][0])
    assert turned.offset[2] == 0.0
    assert turned.weight is not None
    assert turned.weight[0] == 1.0
    report = run_trial(order(tmp_path, 1, "linear", "log_loss", **{"target.class_weights": "balanced"}))
    assert report.score < 1.0


def test_unknown_class_weights_are_told(tmp_path: Path) -> None:
    frame, value = table(60)
    on_disk(tmp_path, BINARY, (value > np.median(value)).astype(np.int64), frame)
    with pytest.raises(ConfigError, match="There are no class weights called double"):
        run_trial(order(tmp_path, 1, "linear", "log_loss", **{"target.class_weights": "double"}))


def test_a_search_may_weigh_classes_only_where_one_is_rare(tmp_path: Path) -> None:
    frame, value = table(200)

    def choices(edge: float) -> dict[str, tuple[str, ...]]:
        folder = tmp_path / str(edge)
        folder.mkdir()
        y = (value > np.quantile(value, edge)).astype(np.int64)
        return target_choices(on_disk(folder, BINARY, y, frame))

    assert choices(0.6) == {}
    assert choices(0.9) == {"target.class_weights": ("equal", "softened", "balanced")}


def test_families_try_the_transforms_in_turns() -> None:
    baseline, one, other = (family_named(key) for key in ("baseline", "lightgbm", "linear"))
    points: list[tuple[Family, Parameters]] = [
        (baseline, {}),
        (one, {"a": 1}),
        (other, {}),
        (one, {"a": 2}),
        (one, {"a": 3, "target.transform": "plain"}),
    ]
    found = in_turns(points, {"target.transform": ("plain", "log", "root")})
    assert [point.get("target.transform") for _, point in found] == [None, None, "log", "log", "plain"]
    assert in_turns(points, {"target.class_weights": ("equal", "balanced")}) == points
