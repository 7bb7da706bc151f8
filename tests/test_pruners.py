"""When a candidate gives up: each rule on losses fold by fold."""

import pytest

from engine.search.pruners.pruner import Losses, Race, pruner_named, pruners

RIVALS = ((0.2, 0.2, 0.2, 0.2, 0.2), (0.3, 0.3, 0.3, 0.3, 0.3), (0.4, 0.4, 0.4, 0.4, 0.4), (0.5, 0.5))


def after(
    key: str,
    losses: Losses,
    *,
    number: int = 0,
    margin: float = 0.05,
    rivals: tuple[tuple[float, ...], ...] = RIVALS,
) -> bool:
    return pruner_named(key).gives_up(losses, Race(number=number, rivals=rivals, margin=margin))


@pytest.mark.parametrize("key", [pruner.key for pruner in pruners()])
def test_the_best_never_gives_up_and_nobody_runs_alone(key: str) -> None:
    for n_folds in range(1, 6):
        assert not after(key, [0.1] * n_folds)
        assert not after(key, [0.9] * n_folds, rivals=())


def test_the_race_grants_a_margin_and_twice_as_much_after_one_fold() -> None:
    assert not after("race", [0.29])
    assert after("race", [0.31])
    assert not after("race", [0.29, 0.2])
    assert after("race", [0.29, 0.26])


def test_a_fold_without_a_loss_says_nothing() -> None:
    assert not after("race", [float("nan")])
    assert after("race", [float("nan"), 0.4])
    assert not after("median", [float("nan"), 0.2])


def test_wilcoxon_needs_four_folds_that_agree() -> None:
    assert not after("wilcoxon", [0.9, 0.8, 0.7])
    assert after("wilcoxon", [0.9, 0.8, 0.7, 0.6])
    assert not after("wilcoxon", [0.9, 0.8, 0.1, 0.05])
    assert not after("wilcoxon", [0.2, 0.2, 0.2, 0.2])


def test_the_median_needs_four_rivals_that_came_as_far() -> None:
    assert after("median", [0.36, 0.36])
    assert not after("median", [0.34, 0.34])
    assert not after("median", [0.9, 0.9, 0.9])


def test_halving_judges_after_one_two_and_four_folds() -> None:
    assert after("halving", [0.45])
    assert not after("halving", [0.25])
    assert not after("halving", [0.9, 0.9, 0.9])
    assert after("halving", [0.9, 0.9, 0.9, 0.9])


def test_hyperband_lets_some_candidates_enter_later() -> None:
    assert [after("hyperband", [0.9], number=number) for number in range(3)] == [True, False, False]
    assert [after("hyperband", [0.9, 0.9], number=number) for number in range(3)] == [True, True, False]
    assert all(after("hyperband", [0.9] * 4, number=number) for number in range(3))
