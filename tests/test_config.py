"""Settings that cannot work are refused in one sentence before anything is trained."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig, Remedy
from engine.intended_use import IntendedUse
from engine.limits import ModelLimits
from engine.messages import Message, render
from engine.search.settings import SearchSettings
from engine.search.validation import Scheme, ValidationSettings
from engine.table.dataset import Dataset
from engine.table.schema import Kind, ReadingRules, Role, TableSchema
from engine.tasks.task import TaskKind
from tests.tables import dataset

N = 120


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return dataset(
        tmp_path_factory.mktemp("table"),
        {
            "number": [i * 37 % 101 / 4 for i in range(N)],
            "other": [i * 53 % 97 / 4 for i in range(N)],
            "colour": ["red", "green", "blue"] * (N // 3),
            "day": [f"2024-{1 + i % 12:02}-{1 + i % 28:02}" for i in range(N)],
            "row_id": [f"R{i:05}" for i in range(N)],
            "same": ["x"] * N,
            "answer": ["yes", "no"] * (N // 2),
        },
    )


def codes(table: Dataset, **settings: object) -> list[str]:
    found = ExperimentConfig(**{"target": "answer", **settings}).problems(table.schema)  # type: ignore[arg-type]
    assert all("{" not in render(problem) for problem in found)
    return [problem.code for problem in found]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"seconds": 1}, "config_seconds"),
        ({"seconds": float("nan")}, "config_seconds"),
        ({"seconds": float("inf")}, "config_seconds"),
        ({"holdout": float("nan")}, "config_holdout"),
        ({"candidates": 0}, "config_candidates"),
        ({"seed": -1}, "config_seed"),
        ({"seed": 2**32}, "config_seed"),
        ({"jobs": 0}, "config_jobs"),
        ({"memory_gb": 0.0}, "config_memory"),
        ({"memory_gb": float("nan")}, "config_memory"),
        ({"task": TaskKind.REGRESSION, "metric": "auc"}, "config_metric"),
        ({"use": IntendedUse(when="w" * 201)}, "use_too_long"),
        ({"target": "elsewhere"}, "target_unknown"),
        ({"columns": {"elsewhere": ColumnChoice(role=Role.IGNORED)}}, "column_unknown"),
    ],
)
def test_each_impossible_setting_is_told(table: Dataset, settings: Mapping[str, object], code: str) -> None:
    assert codes(table, **settings) == [code]


def test_the_ends_of_what_is_possible_are_accepted(table: Dataset) -> None:
    assert codes(table, seed=2**32 - 1, jobs=1, memory_gb=0.5, seconds=5, holdout=0.5) == []


@pytest.mark.parametrize("role", [Role.GROUP, Role.WEIGHT, Role.TIME, Role.STRATIFY])
def test_one_column_only_can_group_weigh_or_order(table: Dataset, role: Role) -> None:
    columns = {name: ColumnChoice(role=role) for name in ("number", "other")}
    assert codes(table, columns=columns) == ["config_two_of_one_role"]


def test_roles_that_cannot_be_played_are_told(table: Dataset) -> None:
    assert codes(table, columns={"colour": ColumnChoice(role=Role.STRATIFY)}) == []
    assert codes(table, columns={"colour": ColumnChoice(role=Role.TIME)}) == ["config_no_time"]
    assert codes(table, columns={"day": ColumnChoice(role=Role.TIME)}) == []
    for role in (Role.GROUP, Role.STRATIFY):
        both = {"day": ColumnChoice(role=Role.TIME), "colour": ColumnChoice(role=role)}
        assert codes(table, columns=both) == ["config_time_with_other"]


@pytest.mark.parametrize(
    ("name", "choice", "code"),
    [
        ("number", ColumnChoice(kind=Kind.TEXT), "config_not_text"),
        ("number", ColumnChoice(kind=Kind.DATE), "config_not_date"),
        ("colour", ColumnChoice(kind=Kind.DATE), "config_not_date"),
        ("colour", ColumnChoice(kind=Kind.YES_NO), "config_not_yes_no"),
        ("same", ColumnChoice(role=Role.FEATURE), "config_constant"),
    ],
)
def test_a_kind_that_the_cells_cannot_bear_is_told(table: Dataset, name: str, choice: ColumnChoice, code: str) -> None:
    assert codes(table, columns={name: choice}) == [code]
    ignored = ColumnChoice(kind=choice.kind, role=Role.IGNORED)
    assert codes(table, columns={name: ignored}) == []


def test_an_id_that_shall_be_a_feature_becomes_a_category(table: Dataset) -> None:
    assert table.schema["row_id"].kind is Kind.ID
    config = ExperimentConfig(target="answer", columns={"row_id": ColumnChoice(role=Role.FEATURE)})
    column = config.apply(table.schema)["row_id"]
    assert (column.kind, column.role) == (Kind.CATEGORY, Role.FEATURE)


def test_a_column_declared_an_id_is_left_out(table: Dataset) -> None:
    config = ExperimentConfig(target="answer", columns={"number": ColumnChoice(kind=Kind.ID)})
    assert config.apply(table.schema)["number"].role is Role.IGNORED


def test_a_target_given_as_a_role_is_the_target(table: Dataset) -> None:
    chosen = ExperimentConfig(columns={"colour": ColumnChoice(role=Role.TARGET)})
    assert chosen.chosen_target == "colour"
    assert chosen.problems(table.schema) == ()
    assert ExperimentConfig().chosen_target is None
    two = {name: ColumnChoice(role=Role.TARGET) for name in ("colour", "answer")}
    assert codes(table, target=None, columns=two) == ["config_two_of_one_role"]


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"answer": ColumnChoice(role=Role.IGNORED)}, "config_target_of_other_role"),
        ({"colour": ColumnChoice(role=Role.TARGET)}, "config_two_targets"),
        ({"number": ColumnChoice(same=(("1.5", "2"),))}, "config_spellings_of_numbers"),
        ({"number": ColumnChoice(lowest=5, highest=4)}, "config_nothing_between"),
        ({"colour": ColumnChoice(role=Role.WEIGHT)}, "config_no_weight"),
        ({"moment": ColumnChoice(kind=Kind.NUMBER)}, "config_counted_moments"),
        ({"spring": ColumnChoice(kind=Kind.NUMBER)}, "config_not_numbers"),
    ],
)
def test_settings_that_contradict_each_other_are_told(
    table: Dataset, columns: Mapping[str, ColumnChoice], code: str
) -> None:
    moment = replace(table.schema["day"], name="moment", rules=ReadingRules(moments=("epoch_s",)))
    spring = replace(table.schema["day"], name="spring", rules=ReadingRules(words=(("märz", "Mar"),)))
    schema = TableSchema((*table.schema.columns, moment, spring))
    found = ExperimentConfig(target="answer", columns=columns).problems(schema)
    assert [problem.code for problem in found] == [code]
    if code == "config_not_numbers":
        left_out = {name: replace(choice, role=Role.IGNORED) for name, choice in columns.items()}
        assert ExperimentConfig(target="answer", columns=left_out).problems(schema) == ()


def test_what_would_only_be_found_out_in_the_run_is_told_before(table: Dataset) -> None:
    forward = ValidationSettings(scheme=Scheme.FORWARD)
    assert codes(table, target="answer", validation=forward) == ["validation_no_order"]
    day = {"day": ColumnChoice(role=Role.TIME)}
    assert codes(table, target="answer", validation=forward, columns=day) == []
    followed = ModelLimits(interpretable=True)
    assert codes(table, target="answer", families=("lightgbm",), limits=followed) == ["limits_no_family_left"]
    assert codes(table, target="answer", families=("lightgbm", "linear"), limits=followed) == []
    own = SearchSettings(space={"lightgbm": {}})
    assert codes(table, target="answer", families=("linear",), search=own) == ["space_families_not_allowed"]
    assert codes(table, target="answer", families=("linear", "lightgbm"), search=own) == []
    assert codes(table, target="answer", limits=followed, search=own) == ["limits_no_family_left"]
    both = ModelLimits(interpretable=True, monotone={"number": 1})
    assert codes(table, target="answer", limits=both) == ["limits_no_family_left"], "not a model that only guesses"


def test_remedies_add_up_and_an_edit_replaces() -> None:
    title = Message("none")
    wide = Remedy(title=title, columns={"x": ColumnChoice(lowest=0, highest=120)})
    narrow = Remedy(title=title, columns={"x": ColumnChoice(highest=100)})
    for first, then in ((wide, narrow), (narrow, wide)):
        made = ExperimentConfig().remedied(first).remedied(then).columns
        assert made == {"x": ColumnChoice(lowest=0, highest=100)}
    assert ColumnChoice(lowest=-5, highest=200).over(ColumnChoice(lowest=0, highest=100)).highest == 200


def test_columns_compared_for_rows_alike_survive_storing() -> None:
    remedy = Remedy(title=Message("none"), drop_alike=("a", "b"))
    config = ExperimentConfig().remedied(remedy)
    for made in (Remedy, ExperimentConfig):
        each = remedy if made is Remedy else config
        assert made.from_json(json.loads(json.dumps(each.to_json()))) == each


def test_settings_of_an_earlier_version_can_still_be_read() -> None:
    data = ExperimentConfig(target="y", seconds=60).to_json()
    earlier = {key: value for key, value in data.items() if key not in {"search", "validation", "limits", "decisions"}}
    assert ExperimentConfig.from_json(earlier) == ExperimentConfig(target="y", seconds=60)
