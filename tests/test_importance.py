"""Importance: contributions of features become those of table columns, and nothing is lost on the way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.features.step import FeatureColumn
from engine.insight.importance import fold_to_columns, importances

NAMES = ("a", "b", "c")


@settings(max_examples=40, deadline=None)
@given(
    lineage=st.lists(st.sets(st.sampled_from(NAMES), min_size=1), min_size=1, max_size=6),
    n_outputs=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_folding_keeps_the_sums_and_the_shares_add_up(lineage: list[set[str]], n_outputs: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(5, len(lineage), n_outputs))
    columns = tuple(FeatureColumn(f"f{i}", tuple(sorted(sources))) for i, sources in enumerate(lineage))
    folded = fold_to_columns(values, columns, NAMES)
    assert folded.shape == (5, 3, n_outputs)
    np.testing.assert_allclose(folded.sum(axis=1), values.sum(axis=1))
    found = importances(folded, NAMES)
    assert sum(each.share for each in found) == pytest.approx(1)
    assert {each.column for each in found} == set(NAMES)
    assert [each.value for each in found] == sorted((each.value for each in found), reverse=True)
    unused = set(NAMES).difference(*lineage)
    assert all(each.value == 0 for each in found if each.column in unused)


def test_a_feature_of_several_columns_is_shared_equally() -> None:
    values = np.array([[[3.0], [1.0]]])
    columns = (FeatureColumn("a x b x c", NAMES), FeatureColumn("log b", ("b",)))
    np.testing.assert_allclose(fold_to_columns(values, columns, NAMES)[0, :, 0], [1, 2, 1])


def test_opposite_contributions_of_one_column_cancel_before_importance() -> None:
    columns = (FeatureColumn("a", ("a",)), FeatureColumn("a is missing", ("a",)), FeatureColumn("b", ("b",)))
    folded = fold_to_columns(np.array([[[5.0], [-5.0], [1.0]]]), columns, ("a", "b"))
    assert [each.column for each in importances(folded, ("a", "b"))] == ["b", "a"]


def test_a_model_that_nothing_moves_has_no_shares() -> None:
    assert [each.share for each in importances(np.zeros((4, 2, 1)), ("a", "b"))] == [0, 0]


def test_a_source_that_is_no_column_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        fold_to_columns(np.ones((1, 1, 1)), (FeatureColumn("z", ("z",)),), NAMES)
