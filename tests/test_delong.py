"""DeLong's interval of the area under the ROC curve is what its definition says, and covers the truth."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.insight.delong import area_interval, delong
from engine.insight.intervals import estimate
from engine.tasks.metric import metric_named

AUC_TRUTH = 0.7602499  # P(a > b) of normals whose means are one standard deviation apart: Phi(1 / sqrt 2)


def by_definition(hits: np.ndarray, misses: np.ndarray) -> tuple[float, float]:
    """Return the U-statistic and its variance by comparing every hit with every miss."""
    wins = np.array([[1.0 if a > b else 0.5 if a == b else 0.0 for b in misses] for a in hits])
    of_hits, of_misses = wins.mean(axis=1), wins.mean(axis=0)
    return float(wins.mean()), float(of_hits.var(ddof=1) / len(hits) + of_misses.var(ddof=1) / len(misses))


@settings(max_examples=40, deadline=None)
@given(n_hits=st.integers(2, 12), n_misses=st.integers(2, 12), n_levels=st.integers(1, 9), seed=st.integers(0, 99))
def test_it_is_the_u_statistic_with_its_variance(n_hits: int, n_misses: int, n_levels: int, seed: int) -> None:
    score = np.random.default_rng(seed).integers(0, n_levels, n_hits + n_misses).astype(np.float64)
    hit = np.arange(len(score)) < n_hits
    assert delong(hit, score) == pytest.approx(by_definition(score[hit], score[~hit]))
    shuffled = np.random.default_rng(seed).permutation(len(score))
    assert delong(hit[shuffled], np.exp(score)[shuffled]) == pytest.approx(delong(hit, score)), "only the order counts"


@pytest.mark.parametrize(("n_rows", "share"), [(120, 0.5), (400, 0.1)])
def test_95_percent_intervals_cover_the_truth_in_about_95_percent(n_rows: int, share: float) -> None:
    random = np.random.default_rng(5)
    hit = np.arange(n_rows) < share * n_rows
    covered = []
    for _draw in range(1_000):
        score = random.normal(size=n_rows) + hit
        found = area_interval(delong(hit, score)[0], hit, score)
        assert found is not None
        covered.append(found.low <= AUC_TRUTH <= found.high)
    assert 0.93 <= np.mean(covered) <= 0.97


def test_no_end_is_beyond_what_an_area_can_be_and_a_perfect_one_leaves_room() -> None:
    score = np.linspace(0, 1, 80)
    for n_hits, swapped in product((20, 40), (False, True)):
        hit = (np.arange(80) < n_hits) if swapped else (np.arange(80) >= 80 - n_hits)
        found = area_interval(float(not swapped), hit, score)
        assert found is not None
        assert (found.low, found.high) == ((0.0, 3 / n_hits) if swapped else (1 - 3 / n_hits, 1.0))
    near = np.where(np.arange(80) == 0, 0.99, score)
    found = area_interval(delong(score > 0.5, near)[0], score > 0.5, near)
    assert found is not None
    assert 0 < found.low < found.value < found.high < 1


def test_with_a_single_row_of_a_kind_there_is_no_variance() -> None:
    assert area_interval(1.0, np.array([True, False, False]), np.array([3.0, 1.0, 2.0])) is None
    assert np.isnan(delong(np.array([False, False]), np.array([1.0, 2.0]))[0])


def test_scores_of_two_answers_use_it_and_others_do_not() -> None:
    random = np.random.default_rng(1)
    y = np.arange(200) % 2
    chance = 1 / (1 + np.exp(-random.normal(size=200) - y))
    two, auc = np.column_stack([1 - chance, chance]), metric_named("auc")
    expected = area_interval(delong(y == 1, chance)[0], y == 1, chance)
    assert expected is not None
    assert vars(estimate(auc, y, two)) == pytest.approx(vars(expected))
    weighted = estimate(auc, y, two, np.ones(200))
    assert weighted.value == pytest.approx(expected.value)
    assert weighted.low != pytest.approx(expected.low, abs=1e-9), "weighted rows are drawn"
    three = np.column_stack([two * 0.5, np.full(200, 0.5)])
    assert estimate(auc, y, three, seed=1) != estimate(auc, y, three, seed=2)
