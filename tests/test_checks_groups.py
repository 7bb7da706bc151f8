"""Rows that belong together are found by what the column is called and how it repeats."""

from pathlib import Path

import numpy as np
import pytest

from engine.checks.check import Case, Finding, Severity
from engine.checks.groups import COPIES_ACROSS_GROUPS, GROUPS
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.registry import Skip
from engine.table.schema import Role
from engine.tasks.detection import task_of
from tests.tables import dataset

N = 400
RNG = np.random.default_rng(4)
NOISE = RNG.normal(size=N).round(3)
Y = RNG.choice(["yes", "no"], N)


def case(folder: Path, columns: dict[str, object], choices: dict[str, ColumnChoice] | None = None) -> Case:
    table = dataset(folder, columns)  # type: ignore[arg-type]
    config = ExperimentConfig(target="t", columns=choices)
    table = table.with_schema(config.apply(table.schema))
    return Case(dataset=table, task=task_of(table, "t"), config=config)


def look(check: object, asked: Case) -> tuple[Finding, ...]:
    answer = check.look(asked)  # type: ignore[attr-defined]
    assert not isinstance(answer, Skip)
    return answer  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("patient_id", [f"P{i // 4:04d}" for i in range(N)]),
        ("Customer No", [1000 + i % 80 for i in range(N)]),
        ("machine", [f"M{i % 40}" for i in range(N)]),
        ("pid", [f"a{i % 80}" for i in range(N)]),
        ("business_name", [f"BAR {'ABCDEFGHIJ'[i % 10]}{'ABCDEFG'[i % 7]}" for i in range(N)]),
        ("account no", [f'"{1000 + 37 * (i % 80):,}"' for i in range(N)]),
        ("MRN", [70_000 + i % 80 for i in range(N)]),
        ("Kundennummer", [f"K{i % 80}" for i in range(N)]),
        ("Kunden_Nr", [1000 + i % 80 for i in range(N)]),
        ("cliente", [f"c{i % 80}" for i in range(N)]),
        ("numero_client", [f"c{i % 80}" for i in range(N)]),
        ("Código do aluno", [f"c{i % 80}" for i in range(N)]),
        ("Maschine", [f"M{i % 40}" for i in range(N)]),
        ("станок", [f"C{i % 40}" for i in range(N)]),
        ("wer", [f"P{i % 80:04d}" for i in range(N)]),  # numbered codes, whatever they are called
        ("患者编号", [f"甲{i // 5}" for i in range(N)]),
    ],
)
def test_ids_that_repeat_are_groups(tmp_path: Path, name: str, ids: list[object]) -> None:
    (finding,) = look(GROUPS, case(tmp_path, {name: ids, "x": NOISE, "t": Y}))
    assert (finding.columns, finding.severity) == ((name,), Severity.PLEASE_LOOK)
    (remedy,) = finding.remedies
    assert remedy.columns[name].role is Role.GROUP
    asked = case(tmp_path, {name: ids, "x": NOISE, "t": Y}, dict(remedy.columns))
    assert asked.config.problems(asked.dataset.schema) == ()
    assert isinstance(GROUPS.look(asked), Skip)


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("patient_id", [f"P{i:04d}" for i in range(N)]),  # none repeats
        ("shop", [f"S{i % 3}" for i in range(N)]),  # few: new rows will come from the same ones
        ("colour", [f"c{i % 40}" for i in range(N)]),
        ("diagnosis", [f"D{i % 40:03d}" for i in range(N)]),
        ("town", [f"{'ABCD'[i % 4]}{i % 40:03d}" for i in range(N)]),
        ("city", [["Ulm", "Bonn", "Kiel", "Trier"][i % 4] + "berg" * (i % 9) for i in range(N)]),
        ("model_number", [f"M{i % 40:03d}" for i in range(N)]),
        ("age", [20 + i % 50 for i in range(N)]),
    ],
)
def test_other_columns_are_not(tmp_path: Path, name: str, ids: list[object]) -> None:
    assert look(GROUPS, case(tmp_path, {name: ids, "x": NOISE, "t": Y})) == ()


def test_what_stays_the_same_within_a_group_is_evidence(tmp_path: Path) -> None:
    ids, sex = [f"P{i // 4:04d}" for i in range(N)], ["fm"[i // 4 % 2] for i in range(N)]
    (finding,) = look(GROUPS, case(tmp_path, {"patient_id": ids, "sex": sex, "x": NOISE, "t": Y}))
    assert [m.parameters["columns"] for m in finding.evidence if m.code == "evidence_same_within"] == ["sex"]


def test_copies_for_another_group_are_told(tmp_path: Path) -> None:
    groups = [f"g{i % 40}" for i in range(N)]
    x = np.where(np.arange(N) < 50, 9999 + np.arange(N) // 2, np.arange(N))
    y = np.where(np.arange(N) < 50, "yes", Y)
    columns = {"user_id": groups, "x": x, "t": y}
    (finding,) = look(COPIES_ACROSS_GROUPS, case(tmp_path, columns, {"user_id": ColumnChoice(role=Role.GROUP)}))
    assert finding.message.parameters["n"] == 50
    assert isinstance(COPIES_ACROSS_GROUPS.look(case(tmp_path, columns)), Skip)
