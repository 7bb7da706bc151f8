"""Questions that are not answered are recognised, named and refused with what can be done instead."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.checks.check import Case, Finding, Severity
from engine.checks.questions import OTHER_QUESTIONS as CHECK
from engine.config import ExperimentConfig
from engine.errors import ConfigError, TargetError
from engine.messages import render
from engine.registry import Skip
from engine.table.inspection import inspect_table
from engine.table.schema import Role
from engine.tasks.detection import task_of
from engine.tasks.questions import OTHER_QUESTIONS, one_target, task_named
from engine.tasks.task import TaskKind
from tests.tables import dataset

N = 120
CHANCE = np.random.default_rng(0)
NOISE = [round(float(value), 3) for value in CHANCE.normal(100, 15, 2 * N)]
MORE = [round(float(value), 3) for value in CHANCE.normal(5, 1, 2 * N)]

Columns = dict[str, Sequence[object]]


def noticed(
    tmp_path: Path, columns: Columns, target: str | None, config: ExperimentConfig | None = None
) -> tuple[Finding, ...]:
    """Return what the check notices about a table."""
    config = config or ExperimentConfig(target=target)
    table = dataset(tmp_path, columns)
    table = table.with_schema(config.apply(table.schema))
    task = task_of(table, target) if target is not None else None
    found = CHECK.look(Case(dataset=table, task=task, config=config))
    assert not isinstance(found, Skip)
    assert all("{" not in render(each.message) for each in found)
    return found


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("binary", TaskKind.BINARY),
        ("yes/no", TaskKind.BINARY),
        ("Multi-Class", TaskKind.MULTICLASS),
        ("multiclass classification", TaskKind.MULTICLASS),
        ("Regression ", TaskKind.REGRESSION),
        ("number", TaskKind.REGRESSION),
    ],
)
def test_a_task_may_be_called_by_its_usual_names(word: str, kind: TaskKind) -> None:
    assert task_named(word) is kind


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("clustering", "asked_clustering"),
        ("Segmentation", "asked_clustering"),
        ("learning_to_rank", "asked_ranking"),
        ("ranking", "asked_ranking"),
        ("forecast", "asked_forecasting"),
        ("time series", "asked_forecasting"),
        ("multi_label", "asked_several_targets"),
        ("anomaly detection", "asked_anomalies"),
        ("survival", "asked_survival"),
        ("recommender", "asked_recommending"),
        ("uplift", "asked_effects"),
        ("classification", "asked_classification"),
        ("poetry", "asked_unknown_task"),
        ("", "asked_unknown_task"),
        ("{word}", "asked_unknown_task"),
    ],
)
def test_any_other_question_is_refused_in_words(word: str, code: str) -> None:
    with pytest.raises(ConfigError) as refused:
        task_named(word)
    assert refused.value.message.code == code
    assert len(str(refused.value)) > 40


def test_no_word_means_two_questions() -> None:
    words = [word for question in OTHER_QUESTIONS for word in question.words]
    assert len(words) == len(set(words))
    for word in words:
        with pytest.raises(ConfigError) as refused:
            task_named(word)
        assert refused.value.message.code != "asked_unknown_task", word


def test_several_targets_are_refused_unless_a_column_is_called_so() -> None:
    names = ("a", "b", "last, first")
    assert one_target([], names) is None
    assert one_target(["a"], names) == "a"
    assert one_target(["a", "a"], names) == "a"
    assert one_target(["last, first"], names) == "last, first"
    assert one_target(["c,d"], names) == "c,d"  # no column at all: told as such
    for given in (["a", "b"], ["a,b"], ["a; b"], ["a, nowhere"]):
        with pytest.raises(TargetError, match="2 targets"):
            one_target(given, names)


def test_a_table_without_a_possible_target_asks_for_groups(tmp_path: Path) -> None:
    columns: Columns = {"row_id": range(N), "same": ["x"] * N}
    assert [each.code for each in noticed(tmp_path, columns, None)] == ["question_clustering"]
    found = inspect_table(dataset(tmp_path, columns))
    assert found.problem is not None
    assert found.problem.code == "target_none"
    assert noticed(tmp_path, {"a": NOISE, "b": MORE}, None) == ()


def series(freq: str, n: int = N, form: str = "%Y-%m-%d %H:%M") -> list[str]:
    """Return the moments of a series as texts."""
    return [str(text) for text in pd.date_range("2015-01-01", periods=n, freq=freq).strftime(form)]


@pytest.mark.parametrize(
    ("freq", "form", "step"),
    [
        ("h", "%Y-%m-%d %H:%M", "hour"),
        ("B", "%Y-%m-%d", "working day"),
        ("MS", "%Y-%m-%d", "month"),
    ],
)
def test_a_regular_series_asks_for_its_next_values(tmp_path: Path, freq: str, form: str, step: str) -> None:
    columns: Columns = {"when": series(freq, form=form), "promotion": MORE[:N], "sold": NOISE[:N]}
    (found,) = noticed(tmp_path, columns, "sold")
    assert (found.code, found.severity) == ("question_forecasting", Severity.PLEASE_LOOK)
    assert found.message.parameters["step"] == step
    (remedy,) = found.remedies
    assert remedy.columns["when"].role is Role.TIME
    settled = ExperimentConfig(target="sold").remedied(remedy)
    assert settled.problems(dataset(tmp_path, columns).schema) == ()
    (after,) = noticed(tmp_path, columns, "sold", settled)
    assert after.severity is Severity.HANDLED
    assert after.remedies == ()


def test_a_series_with_nothing_else_cannot_be_divided_by_time(tmp_path: Path) -> None:
    (found,) = noticed(tmp_path, {"month": series("MS", form="%Y-%m-%d"), "passengers": NOISE[:N]}, "passengers")
    assert found.code == "question_series"
    assert found.remedies == ()


def test_a_series_for_each_shop_is_one_too(tmp_path: Path) -> None:
    columns: Columns = {
        "day": [day for day in series("D", form="%Y-%m-%d") for _shop in range(2)],
        "shop": ["north", "south"] * N,
        "sold": NOISE,
    }
    assert [each.code for each in noticed(tmp_path, columns, "sold")] == ["question_forecasting"]


def test_years_make_a_series_when_each_comes_once(tmp_path: Path) -> None:
    columns: Columns = {"year": range(1900, 1900 + N), "rain": MORE[:N], "harvest": NOISE[:N]}
    assert [each.message.parameters["step"] for each in noticed(tmp_path, columns, "harvest")] == ["year"]
    many = {**columns, "year": [1990 + i % 30 for i in range(N)]}
    assert noticed(tmp_path, many, "harvest") == ()


def test_dates_of_events_are_no_series(tmp_path: Path) -> None:
    days = np.sort(CHANCE.choice(3000, N, replace=False))
    when = [str((pd.Timestamp("2015-01-01") + pd.Timedelta(days=int(day))).date()) for day in days]
    assert noticed(tmp_path, {"when": when, "size": MORE[:N], "cost": NOISE[:N]}, "cost") == ()
    wide: Columns = {"when": series("D", form="%Y-%m-%d"), **{f"f{i}": MORE[i : i + N] for i in range(9)}}
    assert noticed(tmp_path, {**wide, "cost": NOISE[:N]}, "cost") == ()
    yes_no: Columns = {"when": series("D", form="%Y-%m-%d"), "a": MORE[:N], "late": ["yes", "no"] * (N // 2)}
    assert noticed(tmp_path, yes_no, "late") == ()


@pytest.mark.parametrize(("group", "grade"), [("qid", "relevance"), ("search_id", "clicked"), ("query_id", "label")])
def test_graded_rows_of_queries_ask_for_an_order(tmp_path: Path, group: str, grade: str) -> None:
    columns: Columns = {group: [i // 8 for i in range(2 * N)], "a": NOISE, grade: [i * 7 % 5 for i in range(2 * N)]}
    (found,) = noticed(tmp_path, columns, grade)
    assert (found.code, found.severity) == ("question_ranking", Severity.PLEASE_LOOK)
    settled = ExperimentConfig(target=grade).remedied(found.remedies[0])
    assert settled.problems(dataset(tmp_path, columns).schema) == ()
    (after,) = noticed(tmp_path, columns, grade, settled)
    assert after.severity is Severity.HANDLED


def test_groups_or_grades_alone_are_no_ranking(tmp_path: Path) -> None:
    grades = [i * 7 % 5 for i in range(2 * N)]
    assert noticed(tmp_path, {"shop": [i // 8 for i in range(2 * N)], "a": NOISE, "label": grades}, "label") == ()
    assert noticed(tmp_path, {"qid": [i // 8 for i in range(2 * N)], "b": grades, "cost": NOISE}, "cost") == ()


@pytest.mark.parametrize("names", [("y1", "y2"), ("target_heat", "target_cold"), ("Output 1", "Output 2")])
def test_several_targets_are_seen_in_the_table(tmp_path: Path, names: tuple[str, str]) -> None:
    columns: Columns = {"x1": MORE, "x2": MORE[::-1], names[0]: NOISE, names[1]: NOISE[::-1]}
    (found,) = noticed(tmp_path, columns, names[1])
    assert (found.code, found.columns) == ("question_several_targets", names)
    assert set(found.remedies[0].columns) == {names[0]}
    settled = ExperimentConfig(target=names[1]).remedied(found.remedies[0])
    assert noticed(tmp_path, columns, names[1], settled) == ()


def test_coordinates_are_not_several_targets(tmp_path: Path) -> None:
    columns: Columns = {"x1": MORE, "y1": MORE[::-1], "x2": [*NOISE[1:], 1], "y2": NOISE}
    assert noticed(tmp_path, columns, "y2") == ()
    assert noticed(tmp_path, {"c1": MORE, "c2": MORE[::-1], "c3": NOISE}, "c3") == ()
