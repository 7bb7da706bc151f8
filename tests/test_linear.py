"""The linear family chooses how much to hold back, on rows that do not score it."""

import numpy as np
import pytest

from engine.families.family import Rows, Setting, family_named
from engine.features.step import Matrix
from engine.tasks.task import TaskKind
from tests.contracts.family_cases import KINDS, TASKS, assert_same, fit, given, make_rows, number


@pytest.mark.parametrize("kind", KINDS)
def test_linear_holds_back_among_noise_and_lets_go_of_a_clear_signal(kind: TaskKind) -> None:
    family = family_named("linear")
    generator = np.random.default_rng(0)

    def noisy(n_rows: int, seed: int) -> Rows:
        rows = given(family, make_rows("single", kind, n_rows, seed))
        values = np.hstack([rows.X.values, generator.normal(size=(n_rows, 60)).astype(np.float32)])
        return Rows(X=Matrix(values, tuple(number(i) for i in range(61))), y=rows.y)

    def chosen(rows: Rows, stopping: Rows, strength: float) -> float:
        setting = Setting(task=TASKS[kind], parameters={"strength": strength}, seed=0, threads=1, stopping=stopping)
        state = family.fit(rows.X, rows.y, None, None, None, setting)
        return float(family.refit_parameters([state], setting.parameters)["strength"])

    assert chosen(noisy(100, 0), noisy(200, 10), 1e3) < 1e3
    clear = given(family, make_rows("single", kind, 300, 0))
    assert chosen(clear, clear, 1e-3) > 1e-3
    few = Rows(X=clear.X.take(np.arange(40)), y=clear.y[:40])
    assert chosen(few, clear, 1e-3) == 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_linear_does_not_look_at_the_rows_that_score_it(kind: TaskKind) -> None:
    family = family_named("linear")
    rows = given(family, make_rows("weights", kind, 300, 0))
    stopping = given(family, make_rows("weights", kind, 300, 10))
    # No effect at all is what these rows would ask for.
    useless = Rows(X=stopping.X, y=np.random.default_rng(0).permutation(stopping.y), weight=stopping.weight)
    found, other = (fit(family, rows, each, kind) for each in (stopping, useless))
    np.testing.assert_array_equal(family.raw(found, rows.X, 0), family.raw(other, rows.X, 0))
    settled = family.refit_parameters([found], family.starting_points[0])
    setting = Setting(task=TASKS[kind], parameters=settled, seed=0, threads=1)
    alone = family.fit(rows.X, rows.y, rows.weight, None, None, setting)
    assert_same(family.raw(alone, rows.X, 0), family.raw(found, rows.X, 0), 0.05)
