"""Rows in the order of time are found, with the role time as the remedy; mixed rows are left alone."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.checks.check import Case, Finding, Severity
from engine.checks.date_ranges import DATE_RANGES
from engine.checks.time_order import TIME_ORDER
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.registry import Skip
from engine.table.schema import Role
from engine.tasks.detection import task_of
from tests.tables import dataset

N = 600
RNG = np.random.default_rng(2)
DAYS = pd.date_range("2021-01-01", periods=N).strftime("%Y-%m-%d").to_numpy()
ODD_DAYS = np.sort(RNG.choice(pd.date_range("2015-01-01", "2024-12-31").strftime("%Y-%m-%d").to_numpy(), N))
SLOW = (np.cumsum(RNG.normal(size=N)) + RNG.normal(size=N)).round(3)
RAIN = np.where(RNG.random(N) < 0.97, 0.0, RNG.gamma(2.0, size=N).round(2))
WEEKLY = np.tile([2.0, 0.0, 1.0, 0.0, 2.0, 0.0], N // 6)
RISING = (np.arange(N) / N * 1.5 + RNG.normal(size=N)).round(3)
NOISE = RNG.normal(size=N).round(3)
MIXED = RNG.permutation(N)


def look(folder: Path, columns: dict[str, object], config: ExperimentConfig | None = None) -> tuple[Finding, ...]:
    table = dataset(folder, columns)  # type: ignore[arg-type]
    config = config or ExperimentConfig(target="t")
    table = table.with_schema(config.apply(table.schema))
    answer = TIME_ORDER.look(Case(dataset=table, task=task_of(table, "t"), config=config))
    assert not isinstance(answer, Skip)
    return answer


@pytest.mark.parametrize(
    ("columns", "code", "severity"),
    [
        ({"day": DAYS, "x": NOISE, "t": SLOW}, "rows_in_time_order", Severity.PLEASE_LOOK),
        ({"day": DAYS[::-1], "x": NOISE, "t": NOISE}, "rows_in_order", Severity.HANDLED),
        ({"day": DAYS, "x": NOISE, "t": (WEEKLY + NOISE).round(3)}, "rows_in_order", Severity.PLEASE_LOOK),
        ({"day": ODD_DAYS, "x": NOISE, "t": NOISE[MIXED]}, "rows_in_order", Severity.HANDLED),
        ({"day": ODD_DAYS, "x": NOISE, "t": RISING}, "rows_change_along", Severity.PLEASE_LOOK),
        ({"day": DAYS[MIXED], "x": NOISE, "t": SLOW[MIXED]}, "rows_along_time", Severity.PLEASE_LOOK),
        ({"timestamp": np.arange(N) * 60 + 1e6, "x": NOISE, "t": SLOW}, "rows_in_time_order", Severity.PLEASE_LOOK),
        ({"day": ODD_DAYS, "x": NOISE, "t": RAIN}, "rows_in_order", Severity.HANDLED),
        ({"day": np.arange(N) // 5 % 30, "x": NOISE, "t": SLOW}, "rows_alike", Severity.PLEASE_LOOK),
        ({"x": NOISE, "t": SLOW}, "rows_alike", Severity.PLEASE_LOOK),
        ({"x": NOISE, "t": np.sort(NOISE)}, "rows_sorted_by_target", Severity.HANDLED),
        ({"x": NOISE, "t": np.repeat(["a", "b", "c"], N // 3)}, "rows_sorted_by_target", Severity.HANDLED),
    ],
)
def test_orders_of_rows(tmp_path: Path, columns: dict[str, object], code: str, severity: Severity) -> None:
    (finding,) = look(tmp_path, columns)
    assert (finding.code, finding.severity) == (code, severity)
    time = next((name for name in columns if name in {"day", "timestamp"} and code != "rows_alike"), None)
    assert [dict(remedy.columns) for remedy in finding.remedies] == (
        [{time: ColumnChoice(role=Role.TIME)}] if time else []
    )


def test_mixed_rows_are_left_alone(tmp_path: Path) -> None:
    assert look(tmp_path, {"day": DAYS[MIXED], "x": NOISE, "t": NOISE[::-1]}) == ()
    assert look(tmp_path, {"birth_date": ODD_DAYS, "x": NOISE, "t": NOISE[::-1]}) == ()


def test_what_a_column_explains_is_no_order(tmp_path: Path) -> None:
    kind = np.repeat(["a", "b", "c", "d"], N // 4)
    level = np.repeat([0.0, 9.0, 3.0, 6.0], N // 4)
    assert look(tmp_path, {"kind": kind, "x": NOISE, "t": (level + NOISE).round(3)}) == ()


def test_a_chosen_time_settles_it(tmp_path: Path) -> None:
    columns = {"day": DAYS, "x": NOISE, "t": SLOW}
    (finding,) = look(tmp_path, columns)
    table = dataset(tmp_path, columns)
    config = ExperimentConfig(target="t").remedied(finding.remedies[0])
    assert config.problems(table.schema) == ()
    settled = table.with_schema(config.apply(table.schema))
    assert isinstance(TIME_ORDER.look(Case(dataset=settled, task=task_of(settled, "t"), config=config)), Skip)


def test_dates_that_stop_early(tmp_path: Path) -> None:
    called = np.where(np.arange(N) < N // 2, DAYS, "").tolist()
    born = pd.date_range("1960-01-01", periods=N).strftime("%Y-%m-%d").to_numpy()
    table = dataset(tmp_path, {"sold": DAYS, "called": called, "born": born, "t": SLOW})  # type: ignore[dict-item]
    answer = DATE_RANGES.look(Case(dataset=table))
    assert not isinstance(answer, Skip)
    assert [finding.columns for finding in answer] == [("called", "sold")]
