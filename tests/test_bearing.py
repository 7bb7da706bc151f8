"""A column that a model needs shows as fragile; one that it does not look at costs nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.insight.asking import Asked
from engine.insight.in_use import bearing as bearing_module
from engine.insight.in_use.bearing import Bearing, bearing
from engine.messages import render
from engine.table.schema import Kind, Subkind
from engine.tasks.metric import metric_named
from tests.asking import column, deciding, drawn, numbers, predicting

ROWS = drawn(500, "a", "b", "c").assign(
    town=pd.Series(np.random.default_rng(1).choice(["Ulm", "Bonn"], 500), dtype="str"),
    day=pd.Series(pd.date_range("2020-01-01", periods=500).strftime("%Y-%m-%d"), dtype="str"),
)
COLUMNS = (
    *numbers("a", "b", "c"),
    column("town", Kind.CATEGORY),
    column("day", Kind.DATE, date_formats=("%Y-%m-%d",)),
)
NAMES = [each.name for each in COLUMNS]


def looked(asked: Asked, truth: np.ndarray, metric: str, *, held_out: bool = True) -> Bearing:
    found = bearing(asked, ROWS, truth, metric_named(metric), NAMES, held_out=held_out)
    assert found is not None
    return found


def words(found: Bearing) -> str:
    return " ".join(map(render, found.said))


def by_name(found: Bearing) -> dict[str, bearing_module.Borne]:
    return {each.column: each for each in found.columns}


def formula(rows: pd.DataFrame) -> np.ndarray:
    town = (rows["town"] == "Ulm").astype(float)
    return np.asarray(10 * rows["a"].fillna(0.0) + 0.2 * rows["b"].fillna(0.5) + 4 * town, dtype=float)


def test_a_column_that_the_model_needs_is_fragile_and_an_unused_one_is_not() -> None:
    found = looked(predicting(COLUMNS, formula), formula(ROWS), "rmse")
    assert found.columns[0].column == "a"
    each = by_name(found)
    assert each["a"].missing.is_fragile
    assert each["a"].shifted is not None
    assert each["a"].shifted.is_fragile
    assert each["a"].amount == "0.227"
    assert each["a"].noisy.is_fragile
    assert each["town"].shifted is None
    assert not each["b"].missing.is_fragile
    assert (each["c"].missing.loss, each["c"].missing.is_felt, each["day"].noisy.loss) == (0.0, False, 0.0)
    assert "It leans on a: with all its cells empty" in words(found)
    assert "with every value 0.227 higher" in words(found)
    assert "It leans on b" not in words(found)
    assert "withstands the loss of any single column" not in words(found)
    assert Bearing.from_json(found.to_json()) == found
    assert Bearing.from_json({**found.to_json(), "version": 0}) is None


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ({"a": 10.0}, {("bearing_leans", "a"), ("bearing_shifts", "a"), ("bearing_noisy", "a")}),
        ({"town": 4.0}, {("bearing_leans", "town"), ("bearing_swapped", "town")}),
        ({"a": 0.2, "b": 0.2, "c": 0.2, "town": 0.1, "day": 0.0}, None),
    ],
)
def test_each_column_is_told_of_for_what_it_cannot_bear(
    weights: dict[str, float], told: set[tuple[str, str]] | None
) -> None:
    def weighed(rows: pd.DataFrame) -> np.ndarray:
        values = {name: rows[name].fillna(0.0) for name in ("a", "b", "c")}
        values["town"] = (rows["town"] == "Ulm").astype(float)
        return sum((weight * values[name] for name, weight in weights.items() if name != "day"), np.zeros(len(rows)))

    found = looked(predicting(COLUMNS, weighed), np.asarray(weighed(ROWS), dtype=float), "rmse")
    said = {(each.code, str(each.parameters.get("column", ""))) for each in found.said}
    if told is not None:
        assert said == told
    else:
        assert {code for code, _column in said} & {"bearing_leans", "bearing_swapped"}
        assert not {column for _code, column in said} & {"day"}, "what it does not look at costs nothing"


def test_a_file_that_names_an_answer_below_a_half_is_judged_by_what_it_names() -> None:
    asked = deciding(COLUMNS, lambda rows: rows["a"].fillna(0.0) / 3, threshold=0.3)
    found = looked(asked, (ROWS["a"] > 0.9).to_numpy(np.int64), "f1")
    assert (found.score, found.baseline) == (1.0, 0.0)
    assert by_name(found)["a"].missing.is_fragile


def test_switched_off_nothing_is_fragile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bearing_module, "with_cell", lambda rows, *_changed: rows)
    found = looked(predicting(COLUMNS, formula), formula(ROWS), "rmse")
    assert not any(each.missing.is_felt for each in found.columns)
    assert "It leans on" not in words(found)


def test_levels_and_dates_are_disturbed_as_such() -> None:
    truth = (ROWS["town"] == "Ulm").to_numpy(np.int64)
    town = looked(deciding(COLUMNS, lambda rows: 0.1 + 0.8 * (rows["town"] == "Ulm")), truth, "auc")
    assert by_name(town)["town"].noisy.is_felt
    assert "It leans on town" in words(town)
    spring = (pd.to_datetime(ROWS["day"]).dt.month < 6).to_numpy(np.int64)
    asked = deciding(COLUMNS, lambda rows: 0.1 + 0.8 * (pd.to_datetime(rows["day"]).dt.month < 6))
    dated = looked(asked, spring, "auc")
    assert "with every date 112 days later" in words(dated)
    assert "dates off by about 112 days" in words(dated)
    by_day = {each.code for each in dated.said if each.parameters.get("column") == "day"}
    assert by_day == {"bearing_leans", "bearing_later", "bearing_inexact"}


def test_times_of_day_are_shifted_within_the_day_and_told_in_hours() -> None:
    at = replace(column("at", Kind.DATE, date_formats=("%Y-%m-%d %H:%M:%S",)), subkind=Subkind.TIME)
    rows = pd.DataFrame({"at": [f"1970-01-01 {i % 24:02d}:{i % 60:02d}:00" for i in range(300)]})
    seen: list[str] = []

    def hours(table: pd.DataFrame) -> np.ndarray:
        seen.extend(table["at"].dropna())
        return np.asarray(pd.to_datetime(table["at"]).dt.hour.fillna(12), dtype=float)

    truth = hours(rows)
    found = bearing(predicting([at], hours), rows, truth, metric_named("rmse"), ["at"], held_out=True)
    assert found is not None
    assert {cell[:10] for cell in seen} == {"1970-01-01"}
    assert found.columns[0].amount.endswith(" h")
    assert "days" not in words(found)


def test_a_step_among_small_numbers_is_told_beside_a_huge_one() -> None:
    rows = pd.DataFrame({"x": [*np.linspace(0.0, 100.0, 299).tolist(), 1e9]})
    found = bearing(
        predicting(numbers("x"), lambda table: table["x"].clip(0, 200)),
        rows,
        rows["x"].clip(0, 200).to_numpy(),
        metric_named("rmse"),
        ["x"],
        held_out=True,
    )
    assert found is not None
    assert 15 < float(found.columns[0].amount) < 35


def of_many(off: float, names: list[str], *, held_out: bool = True) -> Bearing:
    """Disturb a model of twelve columns that matter alike. `off`: how far its answers are from the truth."""
    rows = drawn(500, *(f"x{i}" for i in range(12)), "idle")
    asked = predicting(numbers(*rows.columns), lambda table: table.drop(columns="idle").fillna(0.5).sum(axis=1))
    truth = rows.drop(columns="idle").sum(axis=1).to_numpy() + np.random.default_rng(2).normal(off, 0.5, 500)
    found = bearing(asked, rows, truth, metric_named("mae"), names, held_out=held_out)
    assert found is not None
    return found


def test_two_numbers_are_a_yes_and_a_no_and_are_not_shifted() -> None:
    rows = ROWS.assign(c=(ROWS["c"] > 0.5) * 1.0)
    asked = predicting(COLUMNS, lambda table: 5 * table["c"].fillna(0.0) + table["a"].fillna(0.0))
    truth = 5 * rows["c"] + rows["a"]
    found = bearing(asked, rows, truth.to_numpy(float), metric_named("rmse"), NAMES, held_out=True)
    assert found is not None
    c, a = by_name(found)["c"], by_name(found)["a"]
    assert (c.shifted, c.amount) == (None, "")
    assert a.shifted is not None
    assert ("bearing_swapped", "c") in {(each.code, each.parameters.get("column")) for each in found.said}


def test_where_no_loss_is_much_the_dearest_is_told() -> None:
    sturdy = words(of_many(0, [f"x{i}" for i in range(12)]))
    assert "It withstands the loss of any single column" in sturdy
    assert "No single column" not in sturdy
    assert "Whichever single column is empty" in words(of_many(0, ["idle"]))


def test_what_is_worth_nothing_has_nothing_to_lose() -> None:
    poor, good = of_many(5, ["x1", "x2"]), of_many(0, ["x1", "x2"], held_out=False)
    assert "is no better than the same answer for every row, so" in words(poor)
    assert "so there is nothing" not in words(good)
    assert [each.code for each in poor.said] == ["bearing_poor"]
    assert "bearing_seen" in [each.code for each in good.said]


def test_no_score_no_bearing() -> None:
    asked = deciding(numbers("a"), lambda rows: rows["a"])
    assert bearing(asked, ROWS, np.ones(500, np.int64), metric_named("auc"), ["a"], held_out=True) is None
