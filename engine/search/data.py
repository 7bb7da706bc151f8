"""The rows of a run on disk, where the process of each trial finds them by reference."""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.blend.final import TargetScale
from engine.features.step import Answers
from engine.search.folds import Indices, fold_rows
from engine.shape import Shape
from engine.table.schema import ColumnSchema, Kind
from engine.tasks.task import Task

Floats = NDArray[np.float64]
_ARRAYS = ("y", "weight", "groups", "places")
_FACTS = ("task", "columns", "target_scale", "seed", "weight_unit")


@dataclass(frozen=True, kw_only=True)
class RowSet:
    """Rows with answers.

    `source`: their cells, or the Parquet file that holds them. `y`: class positions, or the target as it is, not
    standardised; `weight`: None for equal. `places`: the positions of the rows in the table, where they are told.
    """

    source: pd.DataFrame | Path
    y: NDArray[np.generic]
    weight: Floats | None = None
    groups: NDArray[np.generic] | None = None
    places: NDArray[np.integer] | None = None

    @property
    def frame(self) -> pd.DataFrame:
        """The cells; rows on disk are read anew each time, so that nobody holds them longer than they are needed."""
        return self.source if isinstance(self.source, pd.DataFrame) else pd.read_parquet(self.source)

    def take(self, rows: Indices) -> "RowSet":
        """Return some of the rows, renumbered; all of them in their order are not copied."""
        frame = self.frame
        if np.array_equal(rows, np.arange(len(self.y))):
            return replace(self, source=frame.reset_index(drop=True))
        return RowSet(
            source=frame.iloc[rows].reset_index(drop=True),
            y=self.y[rows],
            weight=None if self.weight is None else self.weight[rows],
            groups=None if self.groups is None else self.groups[rows],
            places=None if self.places is None else self.places[rows],
        )

    def save(self, folder: Path, name: str) -> None:
        """Write the rows below a folder under this name."""
        self.frame.to_parquet(folder / f"{name}.parquet")
        for part in _ARRAYS:
            values = getattr(self, part)
            if values is not None:
                np.save(folder / f"{name}_{part}.npy", values)

    @staticmethod
    def load(folder: Path, name: str) -> "RowSet":
        """Return what `save` wrote, without reading it: arrays are mapped into memory, which all processes share."""
        paths = {part: folder / f"{name}_{part}.npy" for part in _ARRAYS}
        arrays = {part: np.load(path, mmap_mode="r") for part, path in paths.items() if path.exists()}
        return RowSet(source=folder / f"{name}.parquet", **arrays)


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """What the trials of a run share.

    `folds`: as made by `assign_folds`. `columns`: the features. `monotone`: 1 or -1 for columns with which the
    prediction must never fall or rise. `weight_unit`: what a weight of 1 is in the table. `compared`: of a sample of a
    large table, rows that neither train nor score; they say whether training on all rows has made the model better.
    """

    task: Task
    columns: tuple[ColumnSchema, ...]
    train: RowSet
    holdout: RowSet
    folds: NDArray[np.int16]
    target_scale: TargetScale
    seed: int = 0
    weight_unit: float = 1.0
    monotone: Mapping[str, int] = field(default_factory=dict)
    compared: RowSet | None = None

    def save(self, folder: Path) -> None:
        """Write everything below a folder that exists."""
        self.train.save(folder, "train")
        self.holdout.save(folder, "holdout")
        if self.compared is not None:
            self.compared.save(folder, "compared")
        np.save(folder / "folds.npy", self.folds)
        facts = {name: getattr(self, name) for name in _FACTS}
        (folder / "facts.pkl").write_bytes(pickle.dumps({**facts, "monotone": dict(self.monotone)}))

    @staticmethod
    def load(folder: Path) -> "TrainingData":
        """Return what `save` wrote in this run's own folder; cells are read when they are asked for."""
        facts = pickle.loads((folder / "facts.pkl").read_bytes())  # noqa: S301 - written by this run itself
        return TrainingData(
            train=RowSet.load(folder, "train"),
            holdout=RowSet.load(folder, "holdout"),
            folds=np.load(folder / "folds.npy", mmap_mode="r"),
            compared=RowSet.load(folder, "compared") if (folder / "compared_y.npy").exists() else None,
            **facts,
        )

    def fold_rows(self) -> list[tuple[Indices, Indices]]:
        """Return (training rows, validation rows) of every fold."""
        return fold_rows(self.folds)

    def answers(self) -> Answers:
        """Return what feature steps may know of the training rows besides their cells."""
        return Answers(
            task=self.task,
            y=self.standardised(),
            weight=self.train.weight,
            groups=self.train.groups,
            seed=self.seed,
            directed=frozenset(self.monotone),
        )

    def standardised(self) -> NDArray[np.generic]:
        """Return the answers as families are fitted on them."""
        if self.task.classes:
            return self.train.y
        values = self.train.y.astype(np.float64)
        return (values - self.target_scale.centre) / self.target_scale.scale


def shape_of(data: TrainingData) -> Shape:
    """Return the size of a training task."""
    categories = [column.name for column in data.columns if column.kind in {Kind.CATEGORY, Kind.YES_NO}]
    return Shape(
        n_rows=len(data.train.y),
        n_columns=len(data.columns),
        n_classes=len(data.task.classes),
        kind=data.task.kind,
        n_numbers=sum(column.kind.is_number for column in data.columns),
        n_categories=len(categories),
        n_levels=max((data.train.frame[name].nunique() for name in categories), default=0),
        n_dates=sum(column.kind is Kind.DATE for column in data.columns),
        n_texts=sum(column.kind.is_words for column in data.columns),
    )
