"""Binned rows are made once: what is read again gives the same model, to the last digit."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.families import lightgbm_rows
from engine.families.family import Parameters, Rows, Setting, family_named
from engine.families.lightgbm import State
from engine.tasks.task import TaskKind
from tests.contracts.family_cases import TASKS, make_rows

LIGHTGBM = family_named("lightgbm")


def fit(
    rows: Rows,
    stopping: Rows,
    store: Path | None,
    *,
    parameters: Parameters | None = None,
    seed: int = 0,
    monotone: tuple[int, ...] | None = None,
) -> State:
    setting = Setting(
        task=TASKS[TaskKind.REGRESSION],
        parameters={**LIGHTGBM.starting_points[0], **(parameters or {})},
        seed=seed,
        threads=1,
        stopping=stopping,
        rounds=30,
        store=store,
        monotone=monotone,
    )
    state: State = LIGHTGBM.fit(rows.X, rows.y, rows.weight, None, None, setting)
    return state


def same(first: State, second: State) -> bool:
    # The parameters at the end name the file that was read.
    one, other = (state.booster.model_to_string().split("\nparameters:")[0] for state in (first, second))
    return bool(one == other)


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> tuple[Rows, Rows]:
    monkeypatch.setattr(lightgbm_rows, "WORTH_KEEPING", 1)
    return make_rows("codes", TaskKind.REGRESSION, 400, 0), make_rows("codes", TaskKind.REGRESSION, 150, 10)


def test_what_is_read_again_gives_the_same_model(cells: tuple[Rows, Rows], tmp_path: Path) -> None:
    rows, stopping = cells
    first = fit(rows, stopping, tmp_path / "new")
    (kept,) = (tmp_path / "new").iterdir()
    made = kept.stat().st_mtime_ns
    others = {"num_leaves": 7, "min_data_in_leaf": 2, "extra_trees": True, "feature_fraction": 0.5, "cat_smooth": 1.0}
    several: tuple[dict[str, Any], ...] = (
        {},
        {"parameters": others, "seed": 5},
        {"monotone": (1, 0, 0, 0, 0, 0, 0, 0)},
    )
    for changes in several:
        assert same(fit(rows, stopping, kept.parent, **changes), fit(rows, stopping, None, **changes))
    assert [path.stat().st_mtime_ns for path in kept.parent.iterdir()] == [made]
    assert same(first, fit(rows, stopping, None))


def test_other_answers_and_weights_of_the_same_cells_count(cells: tuple[Rows, Rows], tmp_path: Path) -> None:
    rows, stopping = cells
    fit(rows, stopping, tmp_path)
    turned = Rows(X=rows.X, y=np.exp(rows.y), weight=np.linspace(0.1, 3.0, len(rows.y)))
    assert same(fit(turned, stopping, tmp_path), fit(turned, stopping, None))
    assert same(fit(rows, stopping, tmp_path), fit(rows, stopping, None))


@pytest.mark.parametrize("weighted_first", [True, False])
def test_weights_of_one_candidate_do_not_reach_the_next(
    cells: tuple[Rows, Rows], tmp_path: Path, weighted_first: bool
) -> None:
    rows, stopping = cells
    weighted = Rows(X=rows.X, y=rows.y, weight=np.where(rows.y.astype(np.float64) > 0, 50.0, 1.0))
    even = Rows(X=rows.X, y=rows.y, weight=np.ones(len(rows.y)))
    assert not same(fit(weighted, stopping, None), fit(rows, stopping, None))
    for each in (weighted, rows, even) if weighted_first else (rows, weighted, even):
        assert same(fit(each, stopping, tmp_path), fit(each, stopping, None))


def test_other_bins_are_kept_apart_and_few_cells_are_not_kept(
    cells: tuple[Rows, Rows], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, stopping = cells
    fit(rows, stopping, tmp_path)
    assert same(
        fit(rows, stopping, tmp_path, parameters={"max_bin": 15}), fit(rows, stopping, None, parameters={"max_bin": 15})
    )
    assert len(list(tmp_path.iterdir())) == 2
    monkeypatch.setattr(lightgbm_rows, "WORTH_KEEPING", 1_000_000)
    fit(rows, stopping, tmp_path / "few")
    assert not (tmp_path / "few").exists()
