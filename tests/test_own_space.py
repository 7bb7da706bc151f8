"""A person's own search space: obeyed where it can be, refused in words where it cannot."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.search_options import space_written
from engine.config import ExperimentConfig
from engine.errors import ConfigError
from engine.families.family import families, family_named
from engine.messages import render
from engine.search.own_space import space_problems
from engine.search.point import feature_choices
from engine.search.proposals import Proposer
from engine.search.settings import SearchSettings
from engine.shape import Shape
from engine.tasks.task import TaskKind
from tests.proposing import proposed

FAMILIES = tuple(family_named(key) for key in ("baseline", "linear", "lightgbm"))
SHAPE = Shape(n_rows=4000, n_columns=8, n_classes=2, kind=TaskKind.BINARY, n_numbers=6, n_categories=2, n_levels=80)
OWN: dict[str, dict[str, Any]] = {
    "lightgbm": {
        "num_leaves": {"_type": "randint", "_value": [4, 20]},
        "learning_rate": {"_type": "loguniform", "_value": [0.01, 0.1]},
        "min_data_in_leaf": {"_type": "quniform", "_value": [10, 50, 10]},
        "feature_fraction": {"_type": "uniform", "_value": [0.4, 0.9]},
        "extra_trees": {"_type": "choice", "_value": [True]},
    },
    "features.target_statistics": {"_type": "choice", "_value": ["off", "all levels"]},
}


def test_only_what_is_named_is_searched_and_only_within_its_bounds() -> None:
    proposer = Proposer(FAMILIES, SHAPE, seed=0, settings=SearchSettings(space=OWN))
    made = []
    for number in range(40):
        made.append(proposed(proposer))
        proposer.tell(made[-1].number, float(number % 7))
    assert {proposal.family for proposal in made} == {"baseline", "lightgbm"}
    searched = [proposal.parameters for proposal in made if proposal.searched]
    assert len(searched) > 30
    assert {point["num_leaves"] for point in searched} <= set(range(4, 20))
    assert all(0.01 <= point["learning_rate"] <= 0.1 for point in searched)
    assert {point["min_data_in_leaf"] for point in searched} <= {10, 20, 30, 40, 50}
    assert all(isinstance(point["min_data_in_leaf"], int) for point in searched)
    assert {point["extra_trees"] for point in searched} == {True}
    assert {point["features.target_statistics"] for point in searched} == {"off", "all levels"}
    first = FAMILIES[2].starting_points[0]
    for name in {name for point in searched for name in point} - {*OWN["lightgbm"], *OWN}:
        assert {str(point[name]) for point in searched} == {str(first[name])}


def test_starting_points_outside_of_the_space_are_not_tried() -> None:
    few = {"lightgbm": {"num_leaves": {"_type": "choice", "_value": [8]}}}
    proposer = Proposer(FAMILIES, SHAPE, seed=0, settings=SearchSettings(space=few))
    points = [proposed(proposer).parameters for _ in range(2)]
    assert points[0] == {}
    assert points[1]["num_leaves"] == 8


def test_a_search_goes_on_while_the_first_results_are_still_out() -> None:
    few = {"lightgbm": {"num_leaves": {"_type": "randint", "_value": [4, 20]}}}
    proposer = Proposer(FAMILIES, SHAPE, seed=0, settings=SearchSettings(space=few))
    made = [proposed(proposer) for _ in range(8)]
    assert [proposal.number for proposal in made] == list(range(8))
    assert sum(proposal.searched for proposal in made) > 4


@pytest.mark.parametrize(
    ("written", "code", "named"),
    [
        ([1, 2], "space_not_an_object", "_type"),
        ({}, "space_not_an_object", "_type"),
        ({"lightgmb": {}}, "space_family_unknown", "lightgbm"),
        ({"linear": 3}, "space_not_an_object", "_type"),
        ({"linear": {"leaves": {"_type": "choice", "_value": [1]}}}, "space_parameter_unknown", "strength"),
        ({"linear": {"strength": {"_type": "gaussian", "_value": [1, 2]}}}, "space_type_unknown", "loguniform"),
        ({"linear": {"strength": {"_type": "uniform", "_value": [2, 1]}}}, "space_value_bad", "[2, 1]"),
        ({"linear": {"strength": {"_type": "loguniform", "_value": [0, 1]}}}, "space_value_bad", "above 0"),
        ({"linear": {"strength": {"_type": "uniform", "_value": [0, True]}}}, "space_value_bad", "two numbers"),
        ({"linear": {"strength": [0, 1]}}, "space_not_an_object", "_type"),
        ({"linear": {"strength": {"_type": ["uniform"], "_value": [0, 1]}}}, "space_type_unknown", "uniform"),
        ({"lightgbm": {"num_leaves": {"_type": "uniform", "_value": [4, 64]}}}, "space_not_whole", "randint"),
        ({"lightgbm": {"num_leaves": {"_type": "choice", "_value": [8, 4.5, "abc"]}}}, "space_value_unfit", "4.5, abc"),
        ({"lightgbm": {"num_leaves": {"_type": "randint", "_value": [-5, 1]}}}, "space_value_unfit", "4 – 255"),
        ({"lightgbm": {"learning_rate": {"_type": "choice", "_value": ["fast"]}}}, "space_value_unfit", "0.01 – 0.2"),
        ({"lightgbm": {"extra_trees": {"_type": "choice", "_value": ["yes"]}}}, "space_value_unfit", "False, True"),
        ({"lightgbm": {"extra_trees": {"_type": "randint", "_value": [0, 2]}}}, "space_value_unfit", "False, True"),
        ({"network": {"activation": {"_type": "choice", "_value": ["tanh"]}}}, "space_value_unfit", "silu, relu"),
        ({"network": {"width": {"_type": "choice", "_value": [100.5]}}}, "space_value_unfit", "64, 96"),
        ({"features.magic": {"_type": "choice", "_value": ["off"]}}, "space_parameter_unknown", "number_pairs"),
        ({"features.number_pairs": {"_type": "choice", "_value": ["many"]}}, "space_choice_unknown", "many"),
        ({"features.selection": {"_type": "choice", "_value": ["off", "7"]}}, "space_choice_unknown", "200"),
        ({"features.numbers": {"_type": "choice", "_value": ["off"]}}, "space_parameter_unknown", "selection"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(written: dict[str, Any], code: str, named: str) -> None:
    problems = list(space_problems(written))
    assert [problem.code for problem in problems] == [code]
    assert named in render(problems[0])


def test_values_beyond_what_is_usually_searched_can_be_named() -> None:
    written = {
        "lightgbm": {
            "num_leaves": {"_type": "choice", "_value": [2, 1000]},
            "bagging_freq": {"_type": "choice", "_value": [0]},
        },
        "network": {"width": {"_type": "choice", "_value": [256]}, "dropout": {"_type": "uniform", "_value": [0, 0.9]}},
    }
    assert not list(space_problems(written))


def test_whatever_the_search_offers_can_be_named() -> None:
    wide = replace(SHAPE, n_columns=500, n_dates=2, n_texts=2, kind=TaskKind.REGRESSION, n_classes=0)
    for family in families():
        for name, choices in feature_choices(family, wide).items():
            assert not list(space_problems({name: {"_type": "choice", "_value": list(choices)}})), name
    own = {"linear": {}, "features.selection": {"_type": "choice", "_value": ["200"]}}
    proposer = Proposer(FAMILIES, wide, seed=0, settings=SearchSettings(space=own))
    made = [proposed(proposer) for _ in range(3)]
    assert {point.parameters.get("features.selection") for point in made if point and point.searched} == {"200"}


def test_every_problem_is_told_at_once() -> None:
    written = {"nothing": {}, "linear": {"leaves": {}, "strength": {"_type": "uniform", "_value": "wide"}}}
    assert [problem.code for problem in space_problems(written)] == [
        "space_family_unknown",
        "space_parameter_unknown",
        "space_value_bad",
    ]
    config = ExperimentConfig(target="x", search=SearchSettings(space=written))
    assert ExperimentConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_a_file_that_is_no_json_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "space.json"
    file.write_text(json.dumps(OWN), encoding="utf-8-sig")
    assert space_written(file) == OWN
    file.write_text('{"linear": ', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"space\.json.*line 1"):
        space_written(file)
    with pytest.raises(ConfigError, match=r"none\.json cannot be read as a text file: No such file"):
        space_written(tmp_path / "none.json")
    file.write_bytes(b"\xff\xfe{}")
    with pytest.raises(ConfigError, match="cannot be read as a text file"):
        space_written(file)
