"""Pairs of numbers, crosses of categories and the selection of features find what tells something, and only that."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.families.family import family_named
from engine.features.category_crosses import CATEGORY_CROSSES
from engine.features.cross_search import find_crosses
from engine.features.group_relative import GROUP_RELATIVE
from engine.features.number_pairs import NUMBER_PAIRS
from engine.features.pipeline import FittedPipeline, fit_pipeline, training_features, transform
from engine.features.statistics import inner_folds
from engine.features.step import Answers, StepSpec
from engine.messages import Message
from engine.search.point import feature_choices, pipeline_spec
from engine.shape import Shape
from engine.table.schema import Cells, ColumnSchema, Kind
from engine.tasks.task import Task, TaskKind

NUMBER = Task(kind=TaskKind.REGRESSION, targets=("y",))
SHAPE = Shape(n_rows=20_000, n_columns=12, n_classes=0, kind=TaskKind.REGRESSION, n_numbers=9, n_categories=3)


def column(name: str, kind: Kind) -> ColumnSchema:
    cells = Cells.NUMBER if kind is Kind.NUMBER else Cells.TEXT
    return ColumnSchema(name=name, original_name=name, position=0, kind=kind, cells=cells, reason=Message("test"))


def numbers(n_rows: int, n_columns: int, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame({f"x{i}": draw.uniform(1, 3, n_rows) for i in range(n_columns)})


def columns_of(frame: pd.DataFrame, kind: Kind = Kind.NUMBER) -> tuple[ColumnSchema, ...]:
    return tuple(column(name, kind) for name in frame)


def answers(y: np.ndarray) -> Answers:
    return Answers(task=NUMBER, y=(y - y.mean()) / y.std())


def fitted(frame: pd.DataFrame, y: np.ndarray, *recipe: StepSpec, kind: Kind = Kind.NUMBER) -> FittedPipeline:
    return fit_pipeline(frame, columns_of(frame, kind), recipe, answers(y))


def test_the_ratio_that_the_answer_is_made_of_is_found_first() -> None:
    frame = numbers(2_000, 5)
    y = (frame["x1"] / frame["x3"]).to_numpy()
    pipeline = fitted(frame, y, StepSpec("number_pairs", {"n_most": 1}))
    assert [made.name for made in pipeline.outputs] == ["x1 / x3"]
    assert pipeline.outputs[0].sources == ("x1", "x3")


def test_a_ratio_divides_by_the_column_that_keeps_its_sign() -> None:
    frame = numbers(2_000, 3)
    frame["x2"] -= 2.0
    y = (frame["x2"] / frame["x0"]).to_numpy()
    pipeline = fitted(frame, y, StepSpec("number_pairs"))
    names = [made.name for made in pipeline.outputs]
    assert "x2 / x0" in names
    assert "x0 / x2" not in names


def test_no_pair_is_made_with_an_answer_that_never_changes() -> None:
    frame = numbers(200, 3)
    known = Answers(task=NUMBER, y=np.zeros(200))
    assert not fit_pipeline(frame, columns_of(frame), (StepSpec("number_pairs"),), known).steps


def test_division_by_zero_is_missing() -> None:
    frame = numbers(2_000, 2)
    y = (frame["x0"] / frame["x1"]).to_numpy()
    pipeline = fitted(frame, y, StepSpec("number_pairs", {"n_most": 1}))
    asked = pd.DataFrame({"x0": [1.0, 0.0, 2.0], "x1": [0.0, 0.0, 1.0]})
    assert np.isnan(transform(pipeline, asked).values[:, 0]).tolist() == [True, True, False]


def interacting(n_rows: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Make rows whose answer depends on two of four categories together, and on neither alone."""
    draw = np.random.default_rng(1)
    codes = draw.integers(0, 12, (n_rows, 4))
    effect = draw.normal(size=(12, 12))
    effect -= effect.mean(axis=0, keepdims=True)
    effect -= effect.mean(axis=1, keepdims=True)
    frame = pd.DataFrame({name: [f"v{code}" for code in codes[:, i]] for i, name in enumerate("abcd")})
    return frame, effect[codes[:, 1], codes[:, 3]] + 0.5 * draw.normal(size=n_rows)


def test_the_cross_that_the_answer_depends_on_is_found_and_named() -> None:
    frame, y = interacting(6_000)
    pipeline = fitted(frame, y, StepSpec("category_crosses"), kind=Kind.CATEGORY)
    assert pipeline.outputs[0].name == "average y by b × d"
    assert pipeline.outputs[0].sources == ("b", "d")
    told = transform(pipeline, frame).values[:, 0]
    assert np.corrcoef(told, y)[0, 1] > 0.8


def test_rows_do_not_see_their_own_answers_in_a_cross() -> None:
    frame, y = interacting(3_000)
    chance = np.random.default_rng(2).normal(size=len(y))
    pipeline = fitted(frame, y, StepSpec("category_crosses"), kind=Kind.CATEGORY)
    state = pipeline.steps[0].state
    assert CATEGORY_CROSSES.training is not None
    own = CATEGORY_CROSSES.training(state, frame, answers(chance))[:, 0]
    assert abs(np.corrcoef(own, chance)[0, 1]) < 0.1


@pytest.mark.parametrize("n_groups", [1, 2, 3, 4])
def test_few_groups_are_no_reason_to_fail(n_groups: int) -> None:
    frame, y = interacting(2_000)
    known = replace(answers(y), groups=np.arange(2_000) % n_groups)
    fit_pipeline(frame, columns_of(frame, Kind.CATEGORY), (StepSpec("category_crosses"),), known)


def test_rows_of_a_group_are_never_on_both_sides_of_a_division() -> None:
    groups = np.random.default_rng(8).integers(0, 40, 900)
    parts = inner_folds(Answers(task=NUMBER, y=np.arange(900.0), groups=groups), 4)
    assert all(len(np.unique(parts[groups == group])) == 1 for group in np.unique(groups))
    assert np.bincount(parts).min() > 100


def test_too_few_groups_find_nothing_and_break_nothing() -> None:
    frame = pd.DataFrame({"size": np.arange(400.0) % 17, "shop": np.where(np.arange(400) % 3, "a", "b")})
    columns = (column("size", Kind.NUMBER), column("shop", Kind.CATEGORY))
    known = Answers(task=NUMBER, y=np.arange(400.0) % 5, groups=np.arange(400) // 200)
    assert GROUP_RELATIVE.fit(frame, columns, {}, known) is None


def test_no_cross_is_found_in_chance() -> None:
    draw = np.random.default_rng(3)
    codes = draw.integers(0, 6, (4_000, 5))
    assert find_crosses(codes, [6] * 5, draw.normal(size=(4_000, 1)), np.arange(4_000) % 2 == 0, n_most=10) == ()


def test_a_longer_cross_is_built_from_a_shorter_one() -> None:
    draw = np.random.default_rng(4)
    codes = draw.integers(0, 3, (8_000, 4))
    together = draw.normal(size=(3, 3, 3))[codes[:, 0], codes[:, 1], codes[:, 2]]
    found = find_crosses(codes, [3] * 4, together[:, None], np.arange(8_000) % 2 == 0, n_most=5)
    assert (0, 1, 2) in found


def test_a_wide_table_keeps_the_features_that_tell() -> None:
    frame = numbers(800, 60)
    y = (frame["x7"] + 2 * frame["x31"]).to_numpy()
    recipe = (StepSpec("numbers"), StepSpec("selection", {"n_most": 5}))
    narrow, wide = fitted(frame, y, *recipe), fitted(frame, y, recipe[0])
    names = [made.name for made in narrow.outputs]
    assert len(names) <= 5
    assert {"x7", "x31"} <= set(names)
    everything = transform(wide, frame).values
    positions = [[made.name for made in wide.outputs].index(name) for name in names]
    np.testing.assert_array_equal(transform(narrow, frame).values, everything[:, positions])


def test_kept_features_are_made_without_the_own_answers_of_the_rows() -> None:
    frame, y = interacting(4_000)
    frame["x"] = np.random.default_rng(5).normal(size=len(y))
    columns = (*columns_of(frame[list("abcd")], Kind.CATEGORY), column("x", Kind.NUMBER))
    known = answers(y)
    recipe = (StepSpec("numbers"), StepSpec("category_codes"), StepSpec("category_crosses", {"n_most": 1}))
    pipeline = fit_pipeline(frame, columns, (*recipe, StepSpec("selection", {"n_most": 1})), known)
    assert [made.name for made in pipeline.outputs] == ["average y by b × d"]
    whole = replace(pipeline, kept=None)
    everything = training_features(whole, frame, known, transform(whole, frame)).values
    kept = training_features(pipeline, frame, known, transform(pipeline, frame)).values
    np.testing.assert_array_equal(kept, everything[:, pipeline.kept])


def test_what_can_be_chosen_depends_on_the_table() -> None:
    trees, linear = family_named("lightgbm"), family_named("linear")
    assert feature_choices(trees, SHAPE)["features.number_pairs"] == ("off", *NUMBER_PAIRS.offers)
    assert "features.number_pairs" not in feature_choices(linear, SHAPE)
    assert "features.category_crosses" in feature_choices(linear, SHAPE)
    small = replace(SHAPE, n_rows=1_000)
    assert not {"features.number_pairs", "features.category_crosses"} & set(feature_choices(trees, small))
    assert "features.number_pairs" not in feature_choices(trees, replace(SHAPE, n_numbers=6, n_categories=6))
    assert "features.selection" not in feature_choices(trees, SHAPE)
    assert feature_choices(trees, replace(SHAPE, n_columns=500))["features.selection"] == ("off", "200")


def test_a_point_with_a_selection_ends_its_recipe_with_it() -> None:
    spec = pipeline_spec(family_named("lightgbm"), {"features.selection": "200", "features.number_pairs": "5"})
    assert {each.key: dict(each.parameters) for each in spec.recipe}["selection"] == {"n_most": 200}
    none = pipeline_spec(family_named("lightgbm"), {"features.selection": "off"})
    assert none.recipe == family_named("lightgbm").recipe
