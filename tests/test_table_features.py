"""Cheap facts of a table: what they tell apart, and that they never depend on which rows they come from."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.config import ExperimentConfig
from engine.run.dividing import divide_rows
from engine.run.question import settle_question
from engine.search.data import TrainingData
from engine.search.describing import describe
from engine.search.table_features import TableFeatures, distance
from engine.table.reading import read_table

Described = Callable[[pd.DataFrame, str], TableFeatures]


@pytest.fixture
def described(tmp_path: Path) -> Described:
    def of(frame: pd.DataFrame, target: str) -> TableFeatures:
        return describe(training_data(frame, target))

    def training_data(frame: pd.DataFrame, target: str) -> TrainingData:
        path = tmp_path / "table.csv"
        frame.to_csv(path, index=False)
        config = ExperimentConfig(target=target, holdout=0.0)
        return divide_rows(settle_question(read_table(path), config), config)[0]

    return of


def table(n_rows: int = 600, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"width": random.normal(0, 2, n_rows).round(3), "height": random.normal(0, 1, n_rows).round(3)}
    )
    frame["town"] = random.choice([f"town {letter}" for letter in "abcdefgh"], n_rows)
    frame["along"] = (frame["width"] + random.normal(0, 0.1, n_rows)).round(3)
    frame["around"] = (frame["width"] ** 2 + random.normal(0, 0.1, n_rows)).round(3)
    return frame


def test_the_same_question_is_known_again_by_its_names_alone(described: Described) -> None:
    once = described(table().drop(columns="around"), "along")
    again = described(table(300, seed=1).drop(columns="around"), "along")
    assert once.is_same_table(again)
    assert once.log_rows != again.log_rows
    assert not once.is_same_table(described(table().drop(columns="along"), "around"))
    renamed = table().drop(columns="around").rename(columns={"width": "a", "height": "b", "town": "c"})
    assert not once.is_same_table(described(renamed, "along"))


def test_a_plane_and_a_curve_are_told_apart(described: Described) -> None:
    straight = described(table().drop(columns="around"), "along")
    curved = described(table().drop(columns="along"), "around")
    assert straight.linear > 0.9
    assert straight.bent < 0.1
    assert curved.linear < 0.1
    assert curved.bent > 0.6


def test_columns_and_classes_are_counted(described: Described) -> None:
    frame = table()[["width", "height", "town"]]
    frame["dear"] = np.where(np.arange(len(frame)) % 10 == 0, "yes", "no")
    frame.loc[::2, "height"] = np.nan
    found = described(frame, "dear")
    assert (found.n_classes, round(found.rarest, 2)) == (2, 0.1)
    assert round(found.numbers, 2) == 0.67
    assert round(found.categories, 2) == 0.33
    assert found.missing == pytest.approx(1 / 6, abs=0.01)
    assert found.log_levels == pytest.approx(np.log10(8), abs=0.01)


def test_lopsided_targets_and_heavy_tails_are_seen(described: Described) -> None:
    frame = table()[["width", "height"]]
    frame["price"] = np.exp(np.random.default_rng(2).normal(0, 1.5, len(frame))).round(4)
    lopsided = described(frame, "price")
    assert lopsided.skewness > 0.5
    assert lopsided.tails > 0.3


def test_tables_that_look_alike_are_near_and_features_survive_storage(described: Described) -> None:
    one = described(table().drop(columns="around"), "along")
    like = described(table(500, seed=3).drop(columns="around"), "along")
    other = described(table().drop(columns="along"), "around")
    assert distance(one, one) == 0
    assert distance(one, like) < distance(one, other)
    assert TableFeatures.from_json(json.loads(json.dumps(one.to_json()))) == one
    assert TableFeatures.from_json({**one.to_json(), "of_a_newer_version": 1}) == one
