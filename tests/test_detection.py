"""The target and the kind of question are suggested; targets that cannot be predicted are refused in one sentence."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.config import ExperimentConfig
from engine.errors import ConfigError, TargetError
from engine.messages import render
from engine.run.again import Again
from engine.run.question import settle_question
from engine.tasks.detection import encode_target, find_task, task_of
from engine.tasks.suggestions import MOST_SUGGESTIONS, TargetSuggestion, suggest_targets
from engine.tasks.task import Task, TaskKind
from tests.tables import dataset

N = 120
NUMBERS = [i * 37 % 101 / 4 for i in range(N)]
COUNTS = [int(count) for count in np.random.default_rng(1).poisson(4, 2000)]
QUANTITIES = {f"f{i}": NUMBERS[i:] + NUMBERS[:i] for i in range(5)}
BINARY = TaskKind.BINARY
BELL = [int(level) for level in np.clip(np.round(np.random.default_rng(0).normal(6, 1.1, 2000)), 3, 9)]


@pytest.mark.parametrize(
    ("columns", "target", "kind"),
    [
        ({"x": NUMBERS, "churn": ["yes", "no"] * 60, "z": NUMBERS[::-1]}, "churn", TaskKind.BINARY),
        (
            {"a": NUMBERS, "SalePrice": [i * 37 % 1009 for i in range(N)], "b": NUMBERS[::-1]},
            "SalePrice",
            TaskKind.REGRESSION,
        ),
        ({"a": NUMBERS, "b": NUMBERS[::-1], "c": [1, 0] * 60}, "c", TaskKind.BINARY),
        ({"species": ["a", "b", "c"] * 40, "x": NUMBERS, "z": NUMBERS[::-1]}, "species", TaskKind.MULTICLASS),
        ({"x": NUMBERS, "y": NUMBERS[::-1], "z": [*NUMBERS[1:], 1], "price": NUMBERS}, "price", TaskKind.REGRESSION),
        ({"target": [1, 2, 3] * 40, "x": NUMBERS, "customer_id": range(N)}, "target", TaskKind.MULTICLASS),
        ({"a": NUMBERS, "b": [f"{v} kg" for v in NUMBERS]}, "b", TaskKind.REGRESSION),
        ({"a": NUMBERS, "level": ["x", "y"] * 60, "day": ["2024-01-01", "2024-02-01"] * 60}, "level", TaskKind.BINARY),
        ({"type": ["x", "y"] * 60, "a": ["k", "l", "m"] * 40, "b": ["o", "p", "q"] * 40}, "type", TaskKind.BINARY),
        ({"a": NUMBERS, "type": ["x", "y"] * 60, "size": NUMBERS[::-1]}, "size", TaskKind.REGRESSION),
        ({"sort": ["x", "y", "z"] * 40, **QUANTITIES}, "sort", TaskKind.MULTICLASS),
        ({"a": NUMBERS, "member": ["x", "y"] * 60, "was_returned": [0, 1] * 60, "b": NUMBERS}, "was_returned", BINARY),
        ({"a": NUMBERS, "weekly_sales": NUMBERS[::-1], "rate": [*NUMBERS[1:], 1]}, "weekly_sales", TaskKind.REGRESSION),
        ({"a": NUMBERS, "isFraud": [0, 1] * 60, "isFlaggedFraud": [1, 0] * 60}, "isFraud", BINARY),
        ({"a": NUMBERS, "marital_status": ["x", "y", "z"] * 40, "g3": NUMBERS[::-1]}, "g3", TaskKind.REGRESSION),
        ({"面积": NUMBERS, "价格": NUMBERS[::-1], "楼层": [*NUMBERS[1:], 1]}, "价格", TaskKind.REGRESSION),
        ({"a": NUMBERS, "value": NUMBERS[::-1], "longitude": [*NUMBERS[1:], 1]}, "longitude", TaskKind.REGRESSION),
    ],
)
def test_the_target_is_suggested_by_name_place_and_kind(
    tmp_path: Path, columns: dict[str, Sequence[object]], target: str, kind: TaskKind
) -> None:
    suggestion = suggest_targets(dataset(tmp_path, columns))[0]
    assert (suggestion.column, suggestion.task) == (target, kind)
    assert 0.5 <= suggestion.probability <= 1
    assert len(suggestion.reasons) >= 2
    assert TargetSuggestion.from_json(suggestion.to_json()) == suggestion


def test_suggestions_are_ranked_with_their_reasons(tmp_path: Path) -> None:
    columns = {f"f{i}": NUMBERS[i:] + NUMBERS[:i] for i in range(8)}
    ranked = suggest_targets(dataset(tmp_path, {"customer_no": range(N), "grade": ["a", "b", "c"] * 40, **columns}))
    assert len(ranked) == MOST_SUGGESTIONS
    assert [each.column for each in ranked[:2]] == ["grade", "f7"]
    probabilities = [each.probability for each in ranked]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) <= 1.01
    said = [{reason.code for reason in each.reasons} for each in ranked]
    assert {"target_by_name", "target_by_start", "target_by_kind", "target_n_classes"} <= said[0]
    assert {"target_by_place", "target_numbers"} <= said[1]


def test_nothing_is_suggested_where_nothing_can_be_predicted(tmp_path: Path) -> None:
    table = dataset(tmp_path, {"row_id": range(N), "same": ["x"] * N})
    with pytest.raises(TargetError, match="No column"):
        suggest_targets(table)


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        (BELL, TaskKind.REGRESSION),
        ([(1, 2, 3, 4, 5, 7)[i * i % 6] for i in range(2000)], TaskKind.MULTICLASS),
        ([i % 10 for i in range(2000)], TaskKind.MULTICLASS),
        ([i * 7 % 400 for i in range(2000)], TaskKind.REGRESSION),
        ([i * 7 % 40 for i in range(2000)], TaskKind.REGRESSION),
        ([i % 3 / 2 for i in range(2000)], TaskKind.REGRESSION),
        (["a", "b", "c", "d"] * 500, TaskKind.MULTICLASS),
        ([0, 0, 0, 1] * 500, TaskKind.BINARY),
        (COUNTS, TaskKind.REGRESSION),
        ([*COUNTS[:-3], 17, 19, 20], TaskKind.REGRESSION),
        (["low", "medium", "high"] * 666 + ["low", "low"], TaskKind.MULTICLASS),
    ],
)
def test_numbers_are_told_from_classes(tmp_path: Path, answers: list[object], kind: TaskKind) -> None:
    table = dataset(tmp_path, {"x": [i / 4 for i in range(2000)], "t": answers})
    found = find_task(table, "t")
    assert found.task.kind is kind
    assert "t" in render(found.reason)
    assert found.task == task_of(table, "t")


def test_a_task_that_was_chosen_says_so(tmp_path: Path) -> None:
    table = dataset(tmp_path, {"x": NUMBERS, "t": [1, 2, 3] * 40})
    assert find_task(table, "t").reason.code == "task_codes"
    chosen = find_task(table, "t", TaskKind.REGRESSION)
    assert (chosen.task.kind, chosen.reason.code) == (TaskKind.REGRESSION, "task_chosen")


@pytest.mark.parametrize(
    ("answers", "positive", "classes", "reason"),
    [
        (["no", "no", "yes"], None, ("no", "yes"), "positive_yes"),
        (["good", "bad", "good"], None, ("good", "bad"), "positive_rarer"),
        (["good", "bad", "good", "bad"], None, None, "positive_equal"),
        (["good", "bad", "good"], "good", ("bad", "good"), "positive_chosen"),
        (["no", "no", "yes"], "NO", ("yes", "no"), "positive_chosen"),
        ([0, 1, 1], "0", (1, 0), "positive_chosen"),
    ],
)
def test_the_positive_class_is_named_and_can_be_chosen(
    tmp_path: Path, answers: list[object], positive: str | None, classes: tuple[object, ...] | None, reason: str
) -> None:
    table = dataset(tmp_path, {"x": NUMBERS, "t": answers * (N // len(answers))})
    found = find_task(table, "t", None, positive)
    assert found.positive_reason is not None
    assert found.positive_reason.code == reason
    assert str(found.task.classes[-1]) in render(found.positive_reason)
    assert classes is None or found.task.classes == classes
    encoded = encode_target(table, found.task)
    assert [str(found.task.classes[position]) for position in encoded[:3]] == [str(each) for each in answers[:3]]


def test_a_positive_class_that_cannot_be_is_refused(tmp_path: Path) -> None:
    table = dataset(tmp_path, {"x": NUMBERS, "t": ["a", "b"] * 60, "u": ["a", "b", "c"] * 40})
    with pytest.raises(TargetError, match=r"Choose [ab] or [ab]"):
        task_of(table, "t", None, "c")
    for target in ("u", "x"):
        with pytest.raises(TargetError, match="no question with two answers"):
            task_of(table, target, None, "a")


def test_a_positive_class_can_be_chosen_beside_a_value_that_a_single_row_has(tmp_path: Path) -> None:
    table = dataset(tmp_path, {"x": NUMBERS, "t": [*["yes", "no", "no"] * 39, "no", "no", "nno"]})
    found = find_task(table, "t", None, "no")
    assert (found.task.kind, found.task.classes) == (BINARY, ("yes", "no"))
    assert found.left_out is not None


def test_another_positive_class_turns_a_run_around(tmp_path: Path) -> None:
    table = dataset(tmp_path, {"x": NUMBERS, "t": ["yes", "no"] * 60})
    config = ExperimentConfig(target="t", positive="no")
    assert settle_question(table, config).task.classes == ("yes", "no")
    assert settle_question(table, ExperimentConfig(target="t")).task.classes == ("no", "yes")
    assert ExperimentConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_the_measure_of_an_earlier_training_is_not_said_to_be_chosen(tmp_path: Path) -> None:
    table = dataset(tmp_path, {"x": NUMBERS, "t": ["yes", "no"] * 60})
    chosen = ExperimentConfig(target="t", metric="log_loss")
    assert settle_question(table, chosen).metric_reason.code == "metric_chosen"
    again = settle_question(table, replace(chosen, again=Again(of="first", candidates=())))
    assert render(again.metric_reason) == "Judged by Surprise at the answers (log loss), as in the earlier training."


@pytest.mark.parametrize(
    ("answers", "classes"),
    [
        (["no", "no", "yes"], ("no", "yes")),
        (["yes", "yes", "no"], ("no", "yes")),
        (["1", "1", "0"], (0, 1)),
        (["1", "1", "-1"], (-1, 1)),
        (["1", "1", "2"], (1, 2)),
        (["2", "2", "1"], (2, 1)),
        (["good", "bad", "good"], ("good", "bad")),
        (["True", "True", "False"], ("False", "True")),
        (["3", "1", "2"], (1, 2, 3)),
        (["b", "c", "a"], ("a", "b", "c")),
        (["1.5", "2.5", "0.5"], ("0.5", "1.5", "2.5")),
    ],
)
def test_classes_are_ordered_and_the_positive_one_comes_second(
    tmp_path: Path, answers: list[str], classes: tuple[str | int, ...]
) -> None:
    table = dataset(tmp_path, {"x": NUMBERS, "t": answers * 40})
    kind = TaskKind.BINARY if len(classes) == 2 else TaskKind.MULTICLASS
    task = task_of(table, "t", kind)
    assert task.classes == classes
    encoded = encode_target(table, task)
    assert encoded.dtype == np.int64
    assert [str(classes[position]) for position in encoded[:3]] == answers


def test_missing_answers_are_marked(tmp_path: Path) -> None:
    table = dataset(
        tmp_path,
        {
            "x": NUMBERS,
            "c": ["a", "b", None] * 40,
            "r": [None, *NUMBERS[1:]],
            "u": ["? ", *(f"{v} kg" for v in NUMBERS[1:])],
        },
    )
    assert encode_target(table, task_of(table, "c"))[:3].tolist() == [0, 1, -1]
    for target in ("r", "u"):
        values = encode_target(table, task_of(table, target))
        assert np.isnan(values[0])
        assert values[1:].tolist() == NUMBERS[1:]


def test_labels_that_a_task_does_not_know_are_marked(tmp_path: Path) -> None:
    table = dataset(tmp_path, {"x": NUMBERS, "c": ["a", "b", "c"] * 40})
    task = Task(kind=TaskKind.BINARY, targets=("c",), classes=("a", "b"))
    assert encode_target(table, task)[:3].tolist() == [0, 1, -1]


def refused(tmp_path: Path, answers: Sequence[object], kind: TaskKind | None = None) -> str:
    table = dataset(tmp_path, {"x": [i / 4 for i in range(len(answers))], "t": answers})
    with pytest.raises(TargetError) as caught:
        task_of(table, "t", kind)
    assert "t" in str(caught.value)
    return caught.value.message.code


def test_targets_that_cannot_be_predicted_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, [None] * N) == "target_missing"
    assert refused(tmp_path, ["a"] * N) == "target_constant"
    assert refused(tmp_path, [None, "a"] * (N // 2)) == "target_one_or_nothing"
    days = [f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(N)]
    assert refused(tmp_path, days) == "target_dates"
    dates = dataset(tmp_path, {"x": NUMBERS, "t": days[:60] * (len(NUMBERS) // 60)})
    assert task_of(dates, "t", TaskKind.MULTICLASS).kind is TaskKind.MULTICLASS
    assert refused(tmp_path, ["a", "b"] * 20) == "target_few_rows"
    assert refused(tmp_path, [None, None, None, "a", None, "b"] * 20) == "target_few_rows"
    assert refused(tmp_path, [f"level {i % 600}" for i in range(1800)]) == "target_classes"
    assert refused(tmp_path, ["a"] * 120 + ["c"]) == "target_class_rare"
    assert refused(tmp_path, ["a", "b"] * 60 + [f"only {i}" for i in range(10)]) == "target_class_rare"
    assert refused(tmp_path, [f"R{i:05}" for i in range(N)]) == "target_all_unique"
    assert refused(tmp_path, range(1000, 1000 + N)) == "target_all_unique"
    assert refused(tmp_path, [f"the {i}th of many words" for i in range(N)]) == "target_all_unique"
    assert refused(tmp_path, [f"the {i}th of many words" for i in range(N)], TaskKind.REGRESSION) == "target_no_numbers"
    assert refused(tmp_path, ["a", "b", "c"] * 40, TaskKind.BINARY) == "target_not_two"
    assert refused(tmp_path, ["a", "b", "c"] * 40, TaskKind.REGRESSION) == "target_no_numbers"


@pytest.mark.parametrize("written", [("0,0", "1,0"), ("0 %", "1 %"), ("$0", "$1"), ("0", "1"), ("0.0", "1.0")])
def test_one_beside_zero_means_yes_however_both_are_written(tmp_path: Path, written: tuple[str, str]) -> None:
    answers = [f'"{written[i % 3 > 0]}"' for i in range(N)]  # one is the commoner answer
    table = dataset(tmp_path, {"x": NUMBERS, "t": answers})
    found = find_task(table, "t")
    assert found.task.classes == (0, 1)
    assert found.left_out is None
    assert encode_target(table, found.task)[:4].tolist() == [0, 1, 1, 0]


def test_plus_beside_minus_means_yes(tmp_path: Path) -> None:
    table = dataset(tmp_path, {"x": NUMBERS, "t": ["-", "+", "+"] * (N // 3)})
    assert task_of(table, "t").classes == ("-", "+")


@pytest.mark.parametrize(
    ("answers", "kind", "classes"),
    [
        (["a", "b"] * 60 + ["bb"], TaskKind.BINARY, ("a", "b")),
        (["a", "b", "c"] * 40 + ["d", "e"], TaskKind.MULTICLASS, ("a", "b", "c")),
        ([1, 2, 3] * 40 + [7], TaskKind.MULTICLASS, (1, 2, 3)),
    ],
)
def test_values_of_a_single_row_are_no_classes(
    tmp_path: Path, answers: list[str] | list[int], kind: TaskKind, classes: tuple[str, ...] | tuple[int, ...]
) -> None:
    table = dataset(tmp_path, {"x": [i / 4 for i in range(len(answers))], "t": answers})
    for chosen in (None, kind):
        found = find_task(table, "t", chosen)
        assert found.task.kind is kind
        assert sorted(found.task.classes) == sorted(classes)
        assert found.left_out is not None
        n = len({*answers} - {*classes})
        assert str(n) in render(found.left_out)
    encoded = encode_target(table, found.task).astype(np.int64)
    assert (encoded[: 3 * 40] >= 0).all()
    assert (encoded[-n:] == -1).all()


def test_a_target_that_does_not_exist_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="x, t"):
        task_of(dataset(tmp_path, {"x": NUMBERS, "t": NUMBERS}), "nothing")


def test_a_number_target_needs_enough_finite_numbers_that_differ(tmp_path: Path) -> None:
    words = ["a", "b", "c"] * 40
    assert refused(tmp_path, [*words, 7], TaskKind.REGRESSION) == "target_few_numbers"
    assert refused(tmp_path, [*words, *[7] * 60], TaskKind.REGRESSION) == "target_constant"
    assert refused(tmp_path, [*words, *["inf"] * 60], TaskKind.REGRESSION) == "target_no_numbers"
