"""Columns that cannot help or stand there twice are found, with a remedy; good columns are left alone."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from engine.checks.check import Severity
from engine.checks.columns import ALMOST_CONSTANTS, ALMOST_IDS, CONSTANTS, DATE_ORDER, IDS, LEVELS
from engine.checks.missing import MISSING
from engine.checks.twins import TWINS
from engine.table.dataset import Dataset
from engine.table.inspection import inspect_table
from engine.table.schema import Role
from tests.checking import found, said, settles, the
from tests.tables import dataset

N = 100
GOOD: dict[str, Sequence[object]] = {"x": [i * 37 % 101 / 4 for i in range(N)], "level": ["a", "b", "c", "d"] * 25}


OF_LEVELS = (ALMOST_IDS, LEVELS, ALMOST_CONSTANTS)


def using(table: Dataset, name: str) -> Dataset:
    return table.with_schema(table.schema.replacing([replace(table.schema[name], role=Role.FEATURE)]))


def test_good_columns_are_left_alone(tmp_path: Path) -> None:
    table = dataset(tmp_path, GOOD)
    assert not any(found(check, table) for check in (IDS, CONSTANTS, MISSING, TWINS, DATE_ORDER, *OF_LEVELS))


def test_ids_and_constants_are_left_out_and_warned_of_when_used(tmp_path: Path) -> None:
    table = dataset(tmp_path, {**GOOD, "row_id": range(N), "same": ["x"] * N})
    for check, name in ((IDS, "row_id"), (CONSTANTS, "same")):
        (told,) = found(check, table)
        assert (told.severity, told.columns, told.remedies) == (Severity.HANDLED, (name,), ())
        (warned,) = found(check, using(table, name))
        assert warned.severity is Severity.PLEASE_LOOK
        assert warned.remedies[0].columns[name].role is Role.IGNORED


@pytest.mark.parametrize(
    ("name", "value", "code"), [("churn", "yes", "constant_target"), ("target", None, "empty_target")]
)
def test_a_target_that_says_nothing_is_asked_about(tmp_path: Path, name: str, value: str | None, code: str) -> None:
    table = dataset(tmp_path, {name: [value] * N, "same": ["x"] * N, **GOOD})
    shown = inspect_table(table)
    (asked,) = [finding for finding in shown.findings if finding.columns == (name,)]
    assert (asked.code, asked.severity) == (code, Severity.PLEASE_LOOK)
    assert shown.config.target in GOOD
    (constants,) = [finding for finding in shown.findings if finding.code == "constants_left_out"]
    assert constants.columns == ("same",)
    again = inspect_table(table, shown.config.remedied(asked.remedies[0]))
    assert code not in [finding.code for finding in again.findings]
    named = dataset(tmp_path, {**GOOD, name: [value] * N, "outcome": ["won", "lost"] * (N // 2)})
    assert code not in [finding.code for finding in inspect_table(named).findings]


def test_missing_shares_are_judged_at_half_and_at_nearly_all(tmp_path: Path) -> None:
    def with_missing(n_missing: int) -> list[object]:
        return [None if i < n_missing else i % 7 / 2 for i in range(N)]

    columns = {**GOOD, "half": with_missing(50), "more": with_missing(60), "most": with_missing(97)}
    nearly_all, half = found(MISSING, dataset(tmp_path, columns))
    assert (nearly_all.columns, half.columns) == (("most",), ("more",))
    assert set(nearly_all.remedies[0].columns) == {"most"}
    assert set(half.remedies[0].columns) == {"more"}


def test_dates_without_an_order_are_asked_about(tmp_path: Path) -> None:
    (unsure,) = found(DATE_ORDER, dataset(tmp_path, {**GOOD, "d": [f"{i % 9 + 1:02d}/03/2024" for i in range(N)]}))
    assert unsure.columns == ("d",)
    assert not found(DATE_ORDER, dataset(tmp_path, {**GOOD, "d": [f"{i % 28 + 1:02d}/03/2024" for i in range(N)]}))


def test_values_that_hardly_repeat(tmp_path: Path) -> None:
    tickets = [f"T{i}" if i % 10 < 7 else "none" for i in range(N)]
    places = [f"place {i % 60}" if i % 2 else "home" for i in range(6 * N)]
    table = dataset(tmp_path, {"ticket": tickets, **GOOD})
    finding = the("near_ids", ALMOST_IDS, table)
    assert (finding.columns, finding.severity) == (("ticket",), Severity.PLEASE_LOOK)
    assert "71 | 100" in said(finding)
    assert settles(ALMOST_IDS, table, finding)
    many = dataset(tmp_path, {"place": [f"{place} {i % 7}" for i, place in enumerate(places)], "x": range(6 * N)})
    assert the("many_levels", LEVELS, many).columns == ("place",)
    assert found(LEVELS, table) == ()


def test_columns_that_hardly_change(tmp_path: Path) -> None:
    n = 1000

    def but(n_others: int, usual: object, other: object) -> list[object]:
        return [other if i < n_others else usual for i in range(n)]

    columns = {"number": but(4, 0, 7.5), "word": but(3, "no", "perhaps"), "empty": but(5, None, "x")}
    table = dataset(tmp_path, {**columns, "often": but(30, "no", "perhaps"), "x": [i * 37 % 101 / 4 for i in range(n)]})
    finding = the("near_constants", ALMOST_CONSTANTS, table)
    assert (finding.columns, finding.severity) == (("number", "word", "empty"), Severity.HANDLED)
    assert "0 | 4 | 1000" in said(finding)
    assert settles(ALMOST_CONSTANTS, table, finding)
