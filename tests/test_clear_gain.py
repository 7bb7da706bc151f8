"""What is tried after the first candidates must make the model clearly better: otherwise luck would choose."""

from pathlib import Path

import numpy as np
import pytest

from engine.blend.choice import Choice, choose_members
from engine.blend.clear_gain import is_clearly_better
from engine.blend.final import TargetScale
from engine.blend.link import link_to_prediction
from engine.tasks.metric import metric_named
from engine.tasks.task import TaskKind
from tests.test_blend import TASKS, kept

AUC, RMSE = metric_named("auc"), metric_named("rmse")
BINARY = TASKS[TaskKind.BINARY]


def two_ways(n_rows: int, *, further: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return answers, and predictions of which the second have less noise."""
    random = np.random.default_rng(seed)
    y = random.normal(size=n_rows)
    return y, y + random.normal(size=n_rows), y + (1 - further) * random.normal(size=n_rows)


def called_clear(n_rows: int, *, further: float, n_tables: int) -> float:
    """Return in which share of tables the second way is called clearly better."""
    tables = [two_ways(n_rows, further=further, seed=seed) for seed in range(n_tables)]
    return float(np.mean([is_clearly_better(RMSE, y, new, old) for y, old, new in tables]))


def test_a_large_gain_is_clear_and_a_small_one_only_with_many_rows() -> None:
    y, old, new = two_ways(300, further=0.3)
    assert is_clearly_better(RMSE, y, new, old)
    assert not is_clearly_better(RMSE, y, old, new)
    assert not is_clearly_better(RMSE, y, old, old)
    assert called_clear(300, further=0.02, n_tables=40) < 0.5
    assert called_clear(50_000, further=0.02, n_tables=5) == 1.0


def test_luck_is_seldom_called_clear() -> None:
    assert called_clear(300, further=0.0, n_tables=100) <= 0.25


def test_rows_that_belong_together_are_drawn_together() -> None:
    """What is better in all rows of most groups is clear by rows, but with five groups it may be luck."""
    random = np.random.default_rng(3)
    groups = np.repeat(np.arange(5), 200)
    y = np.zeros(1_000)
    helps = np.repeat([0.5, 0.5, 0.5, -0.3, -0.4], 200)
    old = 1 + 0.1 * random.normal(size=1_000)
    new = old - 0.2 * helps
    assert is_clearly_better(RMSE, y, new, old)
    assert not is_clearly_better(RMSE, y, new, old, groups=groups)


def test_draws_without_a_class_or_a_weight_say_nothing() -> None:
    y = np.array([0] * 30 + [1])
    raw = np.linspace(-2, 2, 31)[:, None]
    new, old = link_to_prediction(raw, BINARY), link_to_prediction(-raw, BINARY)
    weight = np.zeros(31)
    weight[[0, 30]] = 1.0
    assert is_clearly_better(AUC, y, new, old)
    # Most draws have no row of the rare class or no weight at all; the others agree.
    assert is_clearly_better(AUC, y, new, old, weight)
    assert not is_clearly_better(AUC, y, old, new, weight)


def chosen(folder: Path, further: list[np.ndarray], y: np.ndarray, first: list[np.ndarray]) -> Choice:
    candidates = [*first, *further]
    numbers, early = list(range(len(candidates))), list(range(len(first)))
    return choose_members(kept(folder, BINARY, y, TargetScale(), candidates), numbers, "auc", 0, earlier=[early])


@pytest.mark.parametrize("is_better", [False, True])
def test_later_candidates_enter_only_when_they_clearly_help(tmp_path: Path, is_better: bool) -> None:
    random = np.random.default_rng(5)
    y = random.integers(0, 2, 500)
    truth = (2 * y - 1)[:, None]

    def like(share: float) -> np.ndarray:
        return share * truth + random.normal(size=(500, 1))

    first = [like(0.7), like(0.6)]
    copies = [first[0] + 0.1 * random.normal(size=(500, 1)) for _ in range(20)]
    further = [*copies, like(1.5)] if is_better else copies
    choice = chosen(tmp_path, further, y, first)
    assert choice.stage == (None if is_better else 0)
    assert all(number < 2 for number, _ in choice.members) == (not is_better)
    alone = choose_members(tmp_path, [0, 1], "auc", 0)
    assert (choice.score == alone.score) == (not is_better)
