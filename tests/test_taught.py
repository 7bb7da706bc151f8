"""Of very many rows a family may want a sample: what it sees, and what is made of the other rows."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.blend.final import TargetScale
from engine.families.family import family_named
from engine.features.step import StepSpec
from engine.messages import Message
from engine.search import cache
from engine.search.cache import fold_features
from engine.search.data import RowSet, TrainingData
from engine.search.taught import taught_rows
from engine.table.schema import Cells, ColumnSchema, Kind
from engine.tasks.task import Task, TaskKind

N = 1_000
NUMBERS = (StepSpec("numbers"),)
X = ColumnSchema(
    name="x", original_name="x", position=0, kind=Kind.NUMBER, cells=Cells.NUMBER, reason=Message("test", {})
)


@pytest.fixture
def data(tmp_path: Path) -> TrainingData:
    folder = tmp_path / "data"
    folder.mkdir()
    rows = RowSet(source=pd.DataFrame({"x": np.arange(N, dtype=float)}), y=np.arange(N) % 2)
    TrainingData(
        task=Task(kind=TaskKind.BINARY, targets=("y",), classes=(0, 1)),
        columns=(X,),
        train=rows,
        holdout=rows.take(np.arange(0)),
        folds=np.zeros((1, N), np.int16),
        target_scale=TargetScale(),
    ).save(folder)
    return TrainingData.load(folder)


def test_a_sample_is_fitted_and_every_judged_row_is_needed() -> None:
    wanting = replace(family_named("linear"), most_rows=100)
    fold, judged = np.arange(900), np.arange(900, N)
    taught = taught_rows(wanting, "0", fold, judged, 7)
    assert len(np.unique(taught.rows)) == 100
    assert np.isin(taught.rows, fold).all()
    assert taught.needed is not None
    assert set(taught.needed) == set(taught.rows) | set(judged)
    assert taught.name != "0"
    assert np.array_equal(taught_rows(wanting, "0", fold, judged, 7).rows, taught.rows)
    everything = taught_rows(replace(wanting, most_rows=None), "0", fold, judged, 7)
    assert np.array_equal(everything.rows, fold)
    assert everything.needed is None


@pytest.mark.parametrize("needed", [None, np.array([3, 500, 501, 999])])
def test_features_are_made_of_the_needed_rows_some_at_a_time(
    data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needed: np.ndarray | None
) -> None:
    monkeypatch.setattr(cache, "CELLS_AT_ONCE", 300)
    made = fold_features(tmp_path, data, NUMBERS, "0", np.array([3, 500]), needed)[1].values
    looked_at = np.arange(N) if needed is None else needed
    assert made.shape == (N, 1)
    assert np.ptp(np.diff(made[looked_at, 0]) / np.diff(looked_at)) == pytest.approx(0)
    if needed is not None:
        assert not made[np.setdiff1d(np.arange(N), looked_at)].any()
    again = fold_features(tmp_path, data, NUMBERS, "0", np.array([3, 500]), needed)[1].values
    assert np.array_equal(again, made)


@pytest.mark.parametrize("rows", [np.array([7, 3]), np.arange(N)])
def test_features_on_disk_are_copied_as_often_as_they_are_asked_for(
    data: TrainingData, tmp_path: Path, rows: np.ndarray
) -> None:
    _, features = fold_features(tmp_path, data, NUMBERS, "0", np.arange(N))
    assert isinstance(features.values, np.memmap)
    taken = [features.take(rows).values for _ in range(2)]
    assert not isinstance(taken[0], np.memmap)
    assert np.array_equal(taken[0], taken[1])
    assert np.array_equal(taken[0], np.asarray(features.values)[rows])


def test_rows_on_disk_are_mapped_and_the_cells_read_only_when_asked_for(data: TrainingData, tmp_path: Path) -> None:
    assert isinstance(data.train.y, np.memmap)
    (tmp_path / "data" / "train.parquet").unlink()
    assert TrainingData.load(tmp_path / "data").answers().y.tolist() == (np.arange(N) % 2).tolist()
    with pytest.raises(FileNotFoundError):
        _ = data.train.frame
