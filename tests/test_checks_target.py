"""What is wrong with the answers themselves is found."""

from collections.abc import Sequence
from pathlib import Path

from engine.checks.check import Case, Check, Finding, Severity
from engine.checks.target import ANSWERS, CLASSES
from engine.registry import Skip
from engine.tasks.task import Task, TaskKind
from tests.tables import dataset

N = 400
KINDS = {TaskKind.BINARY, TaskKind.MULTICLASS}


def found(check: Check, folder: Path, answers: Sequence[object], kind: TaskKind) -> tuple[Finding, ...] | Skip:
    table = dataset(folder, {"x": [i * 37 % 1009 / 4 for i in range(len(answers))], "t": answers})
    levels = sorted({str(each) for each in answers if answers.count(each) > 1}) if kind in KINDS else ()
    task = Task(kind=kind, targets=("t",), classes=tuple(levels))
    return check.look(Case(dataset=table, task=task))


def codes(answer: tuple[Finding, ...] | Skip) -> list[tuple[str, Severity]]:
    assert not isinstance(answer, Skip)
    return [(finding.code, finding.severity) for finding in answer]


def test_good_answers_are_left_alone(tmp_path: Path) -> None:
    for check in (ANSWERS, CLASSES):
        assert codes(found(check, tmp_path, ["a", "b"] * 200, TaskKind.BINARY)) == []


def test_rows_without_an_answer_are_counted(tmp_path: Path) -> None:
    few, many = ["a", "b", None] + ["a", "b"] * 200, ["a", "b", None] * 100
    assert codes(found(ANSWERS, tmp_path, few, TaskKind.BINARY)) == [("target_unanswered", Severity.HANDLED)]
    assert codes(found(ANSWERS, tmp_path, many, TaskKind.BINARY)) == [("target_many_unanswered", Severity.PLEASE_LOOK)]
    assert codes(found(ANSWERS, tmp_path, ["a"] * N, TaskKind.BINARY)) == [("target_constant", Severity.MUST_FIX)]
    assert codes(found(ANSWERS, tmp_path, [None] * N, TaskKind.BINARY)) == [("target_constant", Severity.MUST_FIX)]


def test_rare_classes_and_imbalance(tmp_path: Path) -> None:
    rare = ["a", "b"] * 100 + ["c"] * 9
    assert codes(found(CLASSES, tmp_path, rare, TaskKind.MULTICLASS)) == [("rare_classes", Severity.PLEASE_LOOK)]
    single = ["a", "b"] * 100 + ["c"]
    assert codes(found(CLASSES, tmp_path, single, TaskKind.MULTICLASS)) == [
        ("target_single_left_out", Severity.HANDLED)
    ]
    uneven = ["a"] * 380 + ["b"] * 20
    assert codes(found(CLASSES, tmp_path, uneven, TaskKind.BINARY)) == [("imbalance", Severity.HANDLED)]


def test_classes_are_not_looked_for_among_numbers(tmp_path: Path) -> None:
    answer = found(CLASSES, tmp_path, [i / 4 for i in range(N)], TaskKind.REGRESSION)
    assert isinstance(answer, Skip)
