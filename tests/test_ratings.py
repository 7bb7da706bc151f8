"""Ratings are scales: numbers to be predicted, and answers with an order, whoever refuses to answer."""

from pathlib import Path

import pandas as pd
import pytest

from engine.messages import render
from engine.table.columns.kinds import find_column
from engine.table.schema import Kind, Subkind
from engine.tasks.detection import find_task
from engine.tasks.task import TaskKind
from tests.tables import dataset

N = 240
PLAIN = [i * 37 % 101 / 4 for i in range(N)]


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("NPS (0-10)", 0, 10), ("rating", 1, 5), ("Q1", 1, 7), ("Zufriedenheit", 1, 5), ("评分", 1, 10)],
)
def test_ratings_are_predicted_as_numbers(tmp_path: Path, name: str, low: int, high: int) -> None:
    steps = list(range(low, high + 1))
    table = dataset(tmp_path, {"x": PLAIN, name: [steps[i * 7919 % len(steps)] for i in range(N)]})
    found = find_task(table, table.schema.columns[1].name)
    assert found.task.kind is TaskKind.REGRESSION
    assert f"from {low} to {high}" in render(found.reason)


@pytest.mark.parametrize(("name", "low", "high"), [("class", 0, 9), ("vowel", 0, 10), ("rating", 1, 4), ("type", 1, 5)])
def test_other_whole_numbers_stay_classes(tmp_path: Path, name: str, low: int, high: int) -> None:
    steps = list(range(low, high + 1))
    table = dataset(tmp_path, {"x": PLAIN * 5, name: [steps[i % len(steps)] for i in range(5 * N)]})
    assert find_task(table, name).task.kind is TaskKind.MULTICLASS


@pytest.mark.parametrize(
    ("steps", "refusal"),
    [
        (["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"], "Prefer not to say"),
        (["never", "sometimes", "often", "always"], "Don't know"),
        (["nie", "manchmal", "oft", "immer"], "weiß nicht"),
        (["不同意", "一般", "同意"], "不知道"),
        (["18-24", "25-34", "35-49", "50+"], "Refused"),
    ],
)
def test_who_refuses_to_answer_stands_outside_the_order(steps: list[str], refusal: str) -> None:
    found = find_column(pd.Series([*steps, refusal] * 20, name="answer", dtype="str"))
    assert (found.kind, found.subkind) == (Kind.CATEGORY, Subkind.ORDERED)
    assert [level for level in found.order if level != refusal] == steps
    assert found.n_missing == 0


def test_the_reason_names_who_stands_outside() -> None:
    found = find_column(pd.Series(["low", "medium", "high", "No answer"] * 20, name="risk", dtype="str"))
    assert found.order == ("low", "medium", "high")
    assert "No answer" in render(found.reason)


def test_other_levels_beside_an_order_leave_none() -> None:
    assert not find_column(pd.Series(["low", "medium", "high", "Berlin"] * 20, name="c", dtype="str")).order
