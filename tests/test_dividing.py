"""The question is settled and the rows are divided, or a sentence says why that is impossible."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.errors import ConfigError
from engine.limits import ModelLimits
from engine.messages import Message
from engine.run.dividing import divide_rows
from engine.run.division import expected_division
from engine.run.question import settle_question
from engine.search.data import TrainingData
from engine.search.guard import start_method
from engine.search.validation import CHOSEN, FOLDS, REPEATED, ValidationSettings
from engine.table.schema import Kind, Known, Role
from engine.tasks.metric import metrics_for
from engine.tasks.task import Task, TaskKind
from tests.tables import dataset

N = 120
NUMBERS = [i * 37 % 101 / 4 for i in range(N)]
ANSWERS = ["yes", "no", "no"] * (N // 3)

A_RUN = """
import json, sys
from pathlib import Path
from engine import ExperimentConfig, read_table, run_experiment

events = []
config = ExperimentConfig(target="t", candidates=1, holdout=0.2)
run_experiment(read_table(Path(sys.argv[1])), config, emit=events.append, folder=Path(sys.argv[2]))
print(json.dumps({"modules": sorted(sys.modules)}))
"""

Cells = Mapping[str, Sequence[object]]


def divided(folder: Path, cells: Cells, **settings: object) -> TrainingData:
    config = ExperimentConfig(**{"target": "t", **settings})  # type: ignore[arg-type]
    question = settle_question(dataset(folder, {"x": NUMBERS, **cells}), config)
    return divide_rows(question, config)[0]


def refused(folder: Path, cells: Cells, **settings: object) -> str:
    with pytest.raises(ConfigError) as caught:
        divided(folder, cells, **settings)
    assert "{" not in str(caught.value)
    return caught.value.message.code


def as_role(name: str, role: Role) -> dict[str, ColumnChoice]:
    return {name: ColumnChoice(role=role)}


def test_a_metric_of_another_task_is_refused_when_the_task_was_left_open(tmp_path: Path) -> None:
    assert refused(tmp_path, {"t": NUMBERS[::-1]}, metric="auc") == "config_metric"


def test_a_metric_that_the_answers_do_not_allow_is_refused(tmp_path: Path) -> None:
    below = [value - 3 for value in NUMBERS]
    assert refused(tmp_path, {"t": below}, metric="rmsle") == "config_metric_undefined"
    assert len(divided(tmp_path, {"t": NUMBERS[::-1]}, metric="rmsle").train.y)


@pytest.mark.parametrize("kind", list(TaskKind))
def test_every_metric_of_a_task_is_accepted(tmp_path: Path, kind: TaskKind) -> None:
    answers: dict[TaskKind, Sequence[object]] = {
        TaskKind.BINARY: ANSWERS,
        TaskKind.MULTICLASS: ["a", "b", "c"] * (N // 3),
        TaskKind.REGRESSION: NUMBERS,
    }
    for metric in metrics_for(kind):
        config = ExperimentConfig(target="t", metric=metric.key)
        assert settle_question(dataset(tmp_path, {"x": NUMBERS, "t": answers[kind]}), config).metric is metric


def test_directions_are_refused_for_several_answers_whether_or_not_the_task_is_named(tmp_path: Path) -> None:
    limits = ModelLimits(monotone={"x": 1})
    several = ["a", "b", "c"] * (N // 3)
    for task in (None, TaskKind.MULTICLASS):
        assert refused(tmp_path, {"t": several}, limits=limits, task=task) == "config_directions_of_classes"
    with pytest.raises(ConfigError, match=r"two answers only; the target t has 3.*Take the directions back"):
        divided(tmp_path, {"t": several}, limits=limits)
    for answers in (ANSWERS, NUMBERS[::-1]):
        assert divided(tmp_path, {"t": answers}, limits=limits).monotone == {"x": 1}
    assert divided(tmp_path, {"t": several}).monotone == {}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"holdout": 0.0},
        {"holdout": 0.3, "seconds": 10.0},
        {"validation": ValidationSettings(scheme="single")},
        {"validation": ValidationSettings(n_folds=3, n_repeats=2)},
        {"columns": as_role("at", Role.TIME)},
        {"validation": ValidationSettings(scheme="forward")},
    ],
)
def test_what_is_said_before_about_the_rows_is_how_they_are_divided(
    tmp_path: Path, settings: Mapping[str, object]
) -> None:
    days = [f"2024-{1 + i // 28:02}-{1 + i % 28:02}" for i in range(N)]
    read = dataset(tmp_path, {"x": NUMBERS, "at": days, "t": [*ANSWERS[:-4], None, None, None, None]})
    config = ExperimentConfig(**{"target": "t", **settings})  # type: ignore[arg-type]
    task = Task(kind=TaskKind.BINARY, targets=("t",), classes=("no", "yes"))
    expected = expected_division(config, config.apply(read.schema), task, N - 4)
    if config.validation.scheme == "forward":
        assert expected is None, "no column says in which order the rows are, so the run would refuse"
        return
    data, plan = divide_rows(settle_question(read, config), config)
    assert expected is not None
    assert expected.plan == plan
    assert expected.n_learn == pytest.approx(len(data.train.y), abs=2)
    assert expected.n_final == pytest.approx(len(data.holdout.y), abs=2)


@pytest.mark.parametrize(("kind", "n_folds"), [(Kind.CATEGORY, 5), (Kind.TEXT, 3)])
def test_a_column_of_texts_takes_as_long_as_many_columns(tmp_path: Path, kind: Kind, n_folds: int) -> None:
    schema = dataset(tmp_path, {"message": NUMBERS, "t": ANSWERS}).schema.with_target("t")
    schema = replace(schema, columns=tuple(replace(column, kind=kind) for column in schema.columns))
    task = Task(kind=TaskKind.BINARY, targets=("t",), classes=("no", "yes"))
    division = expected_division(ExperimentConfig(target="t", seconds=10, holdout=0.0), schema, task, 4_000)
    assert division is not None
    assert division.plan.n_folds == n_folds


@pytest.mark.parametrize(("n_columns", "seconds", "n_folds"), [(50, 20, 5), (2_000, 20, 3), (2_000, 60, 5)])
def test_many_columns_take_long_however_few_their_rows(
    tmp_path: Path, n_columns: int, seconds: float, n_folds: int
) -> None:
    schema = dataset(tmp_path, {"size": NUMBERS, "t": ANSWERS}).schema.with_target("t")
    size, target = schema.columns
    columns = tuple(replace(size, name=f"size {place}", position=place) for place in range(n_columns))
    task = Task(kind=TaskKind.BINARY, targets=("t",), classes=("no", "yes"))
    config = ExperimentConfig(target="t", seconds=seconds, holdout=0.0)
    division = expected_division(config, replace(schema, columns=(*columns, target)), task, 160)
    assert division is not None
    assert division.plan.n_folds == n_folds


def test_a_target_given_as_a_role_is_asked_about(tmp_path: Path) -> None:
    cells: Cells = {"t": ANSWERS, "churn": NUMBERS[::-1]}
    assert divided(tmp_path, cells, target=None, columns=as_role("t", Role.TARGET)).task.target == "t"


def test_rows_without_a_weight_above_zero_are_left_out(tmp_path: Path) -> None:
    weights = [(1.5, 0, None, 2.25, -1.5, 3.5)[i % 6] for i in range(N)]
    data = divided(tmp_path, {"t": ANSWERS, "w": weights}, columns=as_role("w", Role.WEIGHT))
    used = np.concatenate([data.train.weight, data.holdout.weight])
    assert len(used) == N // 2
    assert (used > 0).all()


def test_too_few_weighted_rows_are_refused(tmp_path: Path) -> None:
    role = as_role("w", Role.WEIGHT)
    few = [1.5 + i if i < 40 else 0 for i in range(N)]
    assert refused(tmp_path, {"t": ANSWERS, "w": few}, columns=role) == "config_few_weighted"
    one_sided = [0 if answer == "yes" else 1.5 + i for i, answer in enumerate(ANSWERS)]
    assert refused(tmp_path, {"t": ANSWERS, "w": one_sided}, columns=role) == "config_unweighted_class"


@pytest.mark.parametrize("groups", [["a"] * N, [None] * N, ["a", "b"] * (N // 2)], ids=["one", "none", "two"])
def test_groups_that_cannot_be_kept_apart_are_refused(tmp_path: Path, groups: Sequence[object]) -> None:
    assert refused(tmp_path, {"t": ANSWERS, "g": groups}, columns=as_role("g", Role.GROUP)) == "config_few_groups"


def test_rows_without_a_group_are_groups_of_their_own(tmp_path: Path) -> None:
    groups = [None if i % 2 else f"g{i % 8}" for i in range(N)]
    data = divided(tmp_path, {"t": ANSWERS, "g": groups}, columns=as_role("g", Role.GROUP))
    both = np.concatenate([data.train.groups, data.holdout.groups])
    assert len(np.unique(both)) == 4 + N // 2


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, FOLDS(n_folds=3)),
        ({"n_folds": 5}, FOLDS(n_folds=3)),
        ({"n_folds": 3}, CHOSEN(n_folds=3)),
        ({"n_folds": 2, "n_repeats": 10}, REPEATED(n_folds=2, n_repeats=3)),
    ],
)
def test_what_is_said_of_few_groups_is_how_they_were_divided(
    tmp_path: Path, settings: Mapping[str, int], reason: Message
) -> None:
    cells: Cells = {"t": NUMBERS[::-1], "g": [f"g{i % 3}" for i in range(N)]}
    validation = ValidationSettings(**settings)  # type: ignore[arg-type]
    config = ExperimentConfig(target="t", holdout=0.0, columns=as_role("g", Role.GROUP), validation=validation)
    data, plan = divide_rows(settle_question(dataset(tmp_path, {"x": NUMBERS, **cells}), config), config)
    assert plan.reason == reason
    assert (plan.n_repeats, plan.n_folds) == (len(data.folds), data.folds.max() + 1)


@pytest.mark.parametrize("answers", [ANSWERS, NUMBERS[::-1]], ids=["classes", "numbers"])
def test_time_sets_the_last_rows_aside(tmp_path: Path, answers: Sequence[object]) -> None:
    days = [f"2024-{1 + i // 28:02}-{1 + i % 28:02}" for i in range(N)]
    cells = {"t": answers[::-1], "day": days[::-1], "at": [i + 0.5 for i in range(N)][::-1]}
    for name in ("day", "at"):
        data = divided(tmp_path, cells, columns=as_role(name, Role.TIME), holdout=0.25)
        assert data.holdout.frame["x"].tolist() == NUMBERS[: N // 4]
        assert name in data.train.frame, "seasons and trends are in it"
        assert data.folds.shape == (4, N - N // 4)
        late = {name: ColumnChoice(role=Role.TIME, known=Known.AFTER)}
        data = divided(tmp_path, cells, columns=late, holdout=0.25)
        assert data.holdout.frame["x"].tolist() == NUMBERS[: N // 4]
        assert name not in data.train.frame, "known only after the outcome"


def test_an_order_in_time_that_keeps_answers_apart_is_refused(tmp_path: Path) -> None:
    role = as_role("at", Role.TIME)
    at = [i + 0.5 for i in range(N)]
    late = ["a", "b"] * (N // 2 - 5) + ["c"] * 10
    assert refused(tmp_path, {"t": late, "at": at}, columns=role) == "config_one_sided"
    assert refused(tmp_path, {"t": ANSWERS, "at": [1.5] * N}, columns=role) == "config_no_times"


def test_few_times_make_fewer_turns_and_the_reason_says_how_many(tmp_path: Path) -> None:
    cells: Cells = {"t": NUMBERS[::-1], "year": [2020 + i * 4 // N for i in range(N)]}
    config = ExperimentConfig(target="t", columns=as_role("year", Role.TIME))
    data, plan = divide_rows(settle_question(dataset(tmp_path, {"x": NUMBERS, **cells}), config), config)
    n_turns = 2  # the last year is held out
    assert len(data.fold_rows()) == plan.n_folds == plan.reason.parameters["n_folds"] == n_turns


def test_an_order_in_time_that_leaves_nothing_to_learn_from_is_refused(tmp_path: Path) -> None:
    at: Cells = {"t": NUMBERS[::-1], "at": [i + 0.5 for i in range(N)]}
    role = as_role("at", Role.TIME)
    for gap_rows in (77, 79, 80, 1_000):
        gap = ValidationSettings(gap_rows=gap_rows)
        assert refused(tmp_path, at, columns=role, validation=gap) == "config_large_gap"
    one_day: Cells = {**at, "at": [1.5] * 110 + [2.5] * 10}
    assert refused(tmp_path, one_day, columns=role) == "config_few_times"
    unanswered: Cells = {"t": [*NUMBERS[:60], *[None] * 60], "at": [1.5] * 60 + [2.5] * 60}
    assert refused(tmp_path, unanswered, columns=role) == "config_no_times"


def test_too_little_to_compare_candidates_on_is_refused(tmp_path: Path) -> None:
    role = as_role("at", Role.TIME)
    one_late: Cells = {"t": NUMBERS[::-1], "at": [1.5] * (N - 1) + [2.5]}
    assert refused(tmp_path, one_late, columns=role, holdout=0.0) == "config_few_compared"
    early: Cells = {"t": ["yes", "no"] * 10 + ["no"] * (N - 20), "at": [i + 0.5 for i in range(N)]}
    assert refused(tmp_path, early, columns=role, holdout=0.0) == "config_few_compared"


def test_the_weight_of_a_row_in_the_table_is_known(tmp_path: Path) -> None:
    weights = [1_000.0 * (1 + i % 3) for i in range(N)]
    data = divided(tmp_path, {"t": ANSWERS, "w": weights}, columns=as_role("w", Role.WEIGHT))
    assert data.train.weight is not None
    assert data.train.places is not None
    np.testing.assert_allclose(data.weight_unit * data.train.weight, np.array(weights)[data.train.places])


def test_only_the_ratios_of_weights_are_meant(tmp_path: Path) -> None:
    weights = [1 + i % 3 for i in range(N)]
    role = as_role("w", Role.WEIGHT)
    usual, tiny = (
        divided(tmp_path, {"t": ANSWERS, "w": [unit * each for each in weights]}, columns=role) for unit in (1, 1e-6)
    )
    assert usual.train.weight is not None
    assert usual.train.weight.mean() == pytest.approx(1.0)
    for one, other in ((usual.train, tiny.train), (usual.holdout, tiny.holdout)):
        np.testing.assert_allclose(one.weight, other.weight)  # type: ignore[arg-type]


@pytest.mark.skipif(start_method() != "forkserver", reason="a process that is spawned imports everything again")
def test_rows_are_divided_where_the_libraries_are_imported_already(tmp_path: Path) -> None:
    table = dataset(tmp_path, {"x": NUMBERS, "t": ANSWERS})
    config = ExperimentConfig(target="t", candidates=1, holdout=0.2)
    divided_here, _ = divide_rows(settle_question(table, config), config)

    ran = subprocess.run(
        [sys.executable, "-c", A_RUN, str(tmp_path / "table.csv"), str(tmp_path / "run")],
        check=True,
        capture_output=True,
        text=True,
    )

    divided_there = TrainingData.load(tmp_path / "run" / "data")
    assert (divided_there.folds == divided_here.folds).all()
    assert divided_there.holdout.places is not None
    assert divided_here.holdout.places is not None
    assert (divided_there.holdout.places == divided_here.holdout.places).all()
    assert not {"sklearn", "scipy", "lightgbm"} & set(json.loads(ran.stdout)["modules"])
