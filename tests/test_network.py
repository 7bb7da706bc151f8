"""The small neural network: its slopes are right, it ends when it should, and it explains itself by table columns."""

import time
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.families.family import Rows, Setting
from engine.families.network import MAX_COLUMNS, MAX_ROWS, N_BACKGROUND, NETWORK
from engine.features.step import FeatureColumn, Matrix
from engine.network import training
from engine.network.activations import ACTIVATIONS
from engine.network.contributions import walk_contributions
from engine.network.layout import Layout
from engine.network.optimizer import OPTIMIZERS
from engine.network.passes import backward, forward, outputs_of
from engine.network.start import start
from engine.network.state import Network
from engine.registry import Skip
from engine.shape import Shape
from engine.tasks.task import Task, TaskKind

REGRESSION = Task(kind=TaskKind.REGRESSION, targets=("t",))


def layout_of(activation: str, *, skip: bool) -> Layout:
    return Layout(
        n_inputs=3,
        numbers=(0, 2),
        n_waves=4,
        n_mixed=2,
        widths=(5, 4),
        n_outputs=2,
        activation=activation,
        skip=skip,
    )


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_slopes_are_those_of_small_changes(activation: str, skip: bool) -> None:
    layout = layout_of(activation, skip=skip)
    generator = np.random.default_rng(0)
    # In double, so that small changes are seen; training itself is in single precision.
    x: NDArray[Any] = generator.normal(size=(6, 3))
    flat: NDArray[Any] = generator.normal(size=layout.n_parameters)
    given: NDArray[Any] = generator.normal(size=(6, 2))
    masks = [(generator.random((6, width)) > 0.3) * 1.4 for width in layout.widths]

    def value(parameters: NDArray[Any]) -> float:
        return float((forward(layout, layout.views(parameters), x, masks)[0] * given).sum())

    found: NDArray[Any] = np.zeros_like(flat)
    _, trace = forward(layout, layout.views(flat), x, masks)
    backward(layout, layout.views(flat), layout.views(found), trace, given)
    for position in range(len(flat)):
        change = np.zeros_like(flat)
        change[position] = 1e-6
        expected = (value(flat + change) - value(flat - change)) / 2e-6
        assert found[position] == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_many_rows_are_answered_as_few_are() -> None:
    layout = layout_of("silu", skip=True)
    x = np.random.default_rng(0).normal(size=(2_500, 3)).astype(np.float32)
    views = layout.views(start(layout, x, np.zeros(2, np.float32), 0.1, np.random.default_rng(1)))
    views["weight2"][...] = np.random.default_rng(2).normal(size=views["weight2"].shape)
    np.testing.assert_allclose(outputs_of(layout, views, x), forward(layout, views, x)[0], atol=1e-5)


def wave_rows(n_rows: int, seed: int) -> Rows:
    generator = np.random.default_rng(seed)
    level = generator.integers(0, 3, n_rows)
    numbers = generator.normal(size=(n_rows, 2)).astype(np.float32)
    values = np.hstack([numbers, level[:, None] == np.arange(3)]).astype(np.float32)
    columns = (
        FeatureColumn("a", ("a",)),
        FeatureColumn("b", ("b",)),
        *(FeatureColumn(f"c is {i}", ("c",)) for i in range(3)),
    )
    y = np.sin(2.0 * numbers[:, 0]) + 0.5 * numbers[:, 1] * (level == 1)
    return Rows(X=Matrix(values, columns), y=(y / y.std()).astype(np.float64))


def fit_waves(rows: Rows, stopping: Rows | None, *, deadline: float | None = None, **parameters: object) -> Network:
    setting = Setting(
        task=REGRESSION, parameters={**NETWORK.starting_points[0], **parameters}, seed=1, threads=1, stopping=stopping
    )
    state: Network = NETWORK.fit(rows.X, rows.y, None, None, deadline, setting)
    return state


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_learns_a_wave_that_no_line_follows(optimizer: str) -> None:
    rows, test = wave_rows(800, 0), wave_rows(400, 1)
    state = fit_waves(rows, wave_rows(200, 2), optimizer=optimizer, most_rounds=40)
    found = NETWORK.raw(state, test.X, NETWORK.rounds(state))[:, 0]
    assert np.mean((found - test.y.astype(np.float64)) ** 2) < 0.1


def test_training_ends_when_the_stopping_rows_see_no_gain() -> None:
    rows, stopping = wave_rows(300, 0), wave_rows(200, 1)
    useless = Rows(X=stopping.X, y=np.random.default_rng(0).permutation(stopping.y))
    ended, went_on = fit_waves(rows, useless), fit_waves(rows, stopping)
    assert max(ended.snapshots) < max(went_on.snapshots)
    assert ended.best < went_on.best


def test_a_large_network_keeps_the_weights_of_few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, stopping = wave_rows(300, 0), wave_rows(200, 1)
    usual = fit_waves(rows, stopping, most_rounds=40)
    monkeypatch.setattr(training, "MOST_KEPT", 10 * usual.layout.n_parameters)
    few = fit_waves(rows, stopping, most_rounds=40)
    assert len(few.snapshots) <= 11 < len(usual.snapshots)
    assert few.best in few.snapshots
    assert few.best == pytest.approx(usual.best, abs=4)


def test_training_ends_at_its_deadline() -> None:
    started = time.monotonic()
    rows = wave_rows(3_000, 0)
    state = fit_waves(rows, None, deadline=started + 0.2, most_rounds=100_000)
    assert max(state.snapshots) == state.best < 100_000


def test_columns_of_one_source_are_explained_together_and_add_up() -> None:
    rows = wave_rows(300, 0)
    state = fit_waves(rows, None, most_rounds=4, skip=True)
    rounds = NETWORK.rounds(state)
    values, base = walk_contributions(state, rows.X.values[:30], rounds)
    raw = NETWORK.raw(state, rows.X.take(np.arange(30)), rounds)
    np.testing.assert_allclose(values.sum(axis=1) + base, raw, atol=1e-5)
    assert not values[:, 3:].any()
    assert values[:, 2].any()
    assert len(state.background) == N_BACKGROUND
    np.testing.assert_allclose(base, state.outputs(state.background, rounds).mean(axis=0), atol=1e-5)


def test_answers_stay_within_those_seen() -> None:
    rows = wave_rows(300, 0)
    state = fit_waves(rows, None, most_rounds=4)
    extreme = Matrix(np.full((1, 5), 1e30, np.float32), rows.X.columns)
    assert rows.y.min() - 1e-6 <= NETWORK.raw(state, extreme, 4)[0, 0] <= rows.y.max() + 1e-6


def test_declines_tables_that_it_learns_too_slowly_from() -> None:
    fitting = Shape(n_rows=MAX_ROWS, n_columns=MAX_COLUMNS, n_classes=0, kind=TaskKind.REGRESSION)
    assert NETWORK.applies(fitting) is None
    long = Shape(n_rows=MAX_ROWS + 1, n_columns=5, n_classes=0, kind=TaskKind.REGRESSION)
    wide = Shape(n_rows=100, n_columns=MAX_COLUMNS + 1, n_classes=0, kind=TaskKind.REGRESSION)
    for shape in (long, wide):
        assert isinstance(NETWORK.applies(shape), Skip)
