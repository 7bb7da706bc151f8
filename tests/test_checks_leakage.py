"""A column that gives the answer away is found, whatever its kind; strong but honest columns are not."""

from pathlib import Path

import numpy as np
import pytest

from engine.checks.check import Case, Finding, Severity
from engine.checks.leakage import ASK, LEAVE_OUT, SINGLE_COLUMN_LEAKAGE, single_column_powers
from engine.registry import Skip
from engine.table.dataset import Dataset
from engine.table.schema import Role
from engine.tasks.detection import task_of
from tests.tables import dataset

N = 1200
RNG = np.random.default_rng(7)
NOISE = RNG.normal(size=N).round(4).tolist()
BINARY = RNG.choice(["yes", "no"], N, p=[0.2, 0.8]).tolist()
CLASSES = RNG.choice(["a", "b", "c"], N).tolist()
AMOUNT = (RNG.lognormal(3, 1, N)).round(3).tolist()


def look(table: Dataset, target: str) -> tuple[Finding, ...]:
    asked = table.with_schema(table.schema.with_target(target))
    answer = SINGLE_COLUMN_LEAKAGE.look(Case(dataset=asked, task=task_of(table, target)))
    assert not isinstance(answer, Skip)
    return answer


@pytest.mark.parametrize(
    ("answers", "leak"),
    [
        (BINARY, [{"yes": "closed", "no": "open"}[answer] for answer in BINARY]),
        (
            BINARY,
            [(10.0 if answer == "yes" else 1.0) + abs(noise) for answer, noise in zip(BINARY, NOISE, strict=True)],
        ),
        (BINARY, ["2024-05-01" if answer == "yes" else None for answer in BINARY]),
        (CLASSES, [{"a": 3, "b": 1, "c": 2}[answer] for answer in CLASSES]),
        (AMOUNT, [round(amount * 1.19, 2) for amount in AMOUNT]),
        (AMOUNT, [f"{amount} EUR" for amount in AMOUNT]),
    ],
)
def test_leaks_of_every_kind_are_found_with_a_remedy(tmp_path: Path, answers: list[object], leak: list[object]) -> None:
    table = dataset(tmp_path, {"noise": NOISE, "leak": leak, "t": answers})
    table = table.with_schema(table.schema.replacing([c for c in table.schema.columns if c.role is Role.FEATURE]))
    (finding,) = look(table, "t")
    assert (finding.columns, finding.severity) == (("leak",), Severity.PLEASE_LOOK)
    assert finding.remedies[0].columns["leak"].role is Role.IGNORED


def test_strong_columns_are_asked_about_and_fair_ones_left_alone(tmp_path: Path) -> None:
    strong = [round(amount * float(np.exp(0.3 * noise)), 3) for amount, noise in zip(AMOUNT, NOISE, strict=True)]
    fair = [round(amount * float(np.exp(1.5 * noise)), 3) for amount, noise in zip(AMOUNT, NOISE, strict=True)]
    table = dataset(tmp_path, {"strong": strong, "fair": fair, "noise": NOISE, "t": AMOUNT})
    powers = single_column_powers(table, task_of(table, "t"))
    assert ASK <= powers["strong"] < LEAVE_OUT
    assert 0.2 < powers["fair"] < ASK
    assert powers["noise"] < 0.1
    (finding,) = look(table, "t")
    assert (finding.columns, finding.severity) == (("strong",), Severity.HANDLED)


def test_many_levels_do_not_pass_for_a_leak(tmp_path: Path) -> None:
    names = [f"name {i % 500}" for i in range(N)]
    table = dataset(tmp_path, {"names": names, "noise": NOISE, "t": BINARY})
    assert single_column_powers(table, task_of(table, "t"))["names"] < 0.3


def test_without_a_target_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    assert isinstance(SINGLE_COLUMN_LEAKAGE.look(Case(dataset=dataset(tmp_path, {"a": NOISE, "b": BINARY}))), Skip)
