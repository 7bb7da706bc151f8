"""Columns that differ between the first and the last rows are named, with figures; chance is not taken for drift."""

from pathlib import Path

import numpy as np
import pandas as pd

from engine.checks.check import Case, Finding, Severity
from engine.checks.drift import DRIFT
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.registry import Skip
from engine.table.schema import Role
from engine.tasks.detection import task_of
from tests.tables import dataset

N = 1000
RNG = np.random.default_rng(9)
DAYS = pd.date_range("2021-01-01", periods=N).strftime("%Y-%m-%d").to_numpy()
LATE = np.linspace(0, 1, N)
NOISE = RNG.normal(size=N).round(3)
LEVELS = np.where(RNG.random(N) < LATE, "new", "old")
CAME = np.where((LATE > 0.5), NOISE.astype(str), "").tolist()
Y = RNG.choice(["yes", "no"], N)


def look(folder: Path, columns: dict[str, object], config: ExperimentConfig | None = None) -> tuple[Finding, ...]:
    table = dataset(folder, columns)  # type: ignore[arg-type]
    config = config or ExperimentConfig(target="t")
    table = table.with_schema(config.apply(table.schema))
    answer = DRIFT.look(Case(dataset=table, task=task_of(table, "t"), config=config))
    assert not isinstance(answer, Skip)
    return answer


def test_columns_that_change_are_named_with_figures(tmp_path: Path) -> None:
    columns = {"moved": (NOISE + 2 * LATE).round(3), "levels": LEVELS, "x": NOISE, "came": CAME, "t": Y}
    stopped, moved = look(tmp_path, columns)
    assert (stopped.code, stopped.columns, stopped.severity) == ("drift_filled", ("came",), Severity.PLEASE_LOOK)
    assert stopped.evidence[0].parameters == {"column": "came", "before": 0, "after": 100}
    assert (moved.code, moved.severity) == ("drift_columns", Severity.HANDLED)
    assert set(moved.columns) == {"moved", "levels"}
    assert {message.code for message in moved.evidence} == {"evidence_moved", "evidence_changed"}


def test_the_chosen_time_orders_the_rows(tmp_path: Path) -> None:
    mixed = RNG.permutation(N)
    columns = {"day": DAYS[mixed], "levels": LEVELS[mixed], "x": NOISE, "t": Y}
    assert look(tmp_path, columns) == ()
    (finding,) = look(tmp_path, columns, ExperimentConfig(target="t", columns={"day": ColumnChoice(role=Role.TIME)}))
    assert finding.columns == ("levels",)


def test_a_target_that_changes_along_time_is_told(tmp_path: Path) -> None:
    (finding,) = look(tmp_path, {"day": DAYS, "x": NOISE, "t": (NOISE + 2 * LATE).round(3)})
    assert (finding.code, finding.columns) == ("drift_target", ("t", "day"))
    assert finding.remedies[0].columns["day"].role is Role.TIME


def test_levels_are_named_as_they_are_written_and_empty_cells_by_a_sentence(tmp_path: Path) -> None:
    kept = np.where(RNG.random(N) < LATE, "", RNG.choice(["a", "b"], N))
    (_, emptied) = look(tmp_path, {"levels": kept, "x": NOISE, "t": Y})
    assert [message.code for message in emptied.evidence] == ["evidence_changed_empty"]
    grade = np.where(RNG.random(N) < LATE, 2, RNG.choice([0, 1], N))
    (finding,) = look(tmp_path, {"day": DAYS, "x": NOISE, "t": grade})
    (said,) = finding.evidence
    assert (said.code, said.parameters["level"]) == ("evidence_changed", "2")


def test_chance_is_no_drift(tmp_path: Path) -> None:
    many = [f"k{i}" for i in RNG.integers(0, 600, N)]
    assert look(tmp_path, {"many": many, "few": RNG.choice(list("abc"), N), "x": NOISE, "t": Y}) == ()


def test_rows_sorted_by_the_answers_are_no_drift(tmp_path: Path) -> None:
    answers = np.sort(Y)
    x = np.where(answers == "yes", 3.0, 0.0) + NOISE
    assert look(tmp_path, {"x": x.round(3), "t": answers}) == ()
