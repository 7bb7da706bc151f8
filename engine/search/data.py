"""The rows of a run on disk, where the process of each trial finds them by reference."""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True, kw_only=True)
class RowSet:
    """Rows with answers. `y`: class positions, or the target as it is, not standardised; `weight`: None for equal."""

    frame: pd.DataFrame
    y: NDArray[np.generic]
    weight: Floats | None = None
    groups: NDArray[np.generic] | None = None

    def take(self, rows: Indices) -> "RowSet":
        """Return some of the rows, renumbered."""
        return RowSet(
            frame=self.frame.iloc[rows].reset_index(drop=True),
            y=self.y[rows],
            weight=None if self.weight is None else self.weight[rows],
            groups=None if self.groups is None else self.groups[rows],
        )


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """What the trials of a run share.

    `folds`: as made by `assign_folds`. `columns`: the features. `monotone`: 1 or -1 for columns with which the
    prediction must never fall or rise.
    """

    task: Task
    columns: tuple[ColumnSchema, ...]
    train: RowSet
    holdout: RowSet
    folds: NDArray[np.int16]
    target_scale: TargetScale
    seed: int = 0
    monotone: Mapping[str, int] = field(default_factory=dict)

    def save(self, folder: Path) -> None:
        """Write everything below a folder that exists."""
        self.train.frame.to_parquet(folder / "train.parquet")
        self.holdout.frame.to_parquet(folder / "holdout.parquet")
        facts = {
            "task": self.task,
            "columns": self.columns,
            "folds": self.folds,
            "target_scale": self.target_scale,
            "seed": self.seed,
            "monotone": dict(self.monotone),
            **{f"train_{name}": getattr(self.train, name) for name in ("y", "weight", "groups")},
            **{f"holdout_{name}": getattr(self.holdout, name) for name in ("y", "weight", "groups")},
        }
        (folder / "facts.pkl").write_bytes(pickle.dumps(facts))

    @staticmethod
    def load(folder: Path) -> "TrainingData":
        """Read what `save` wrote in this run's own folder."""
        facts = pickle.loads((folder / "facts.pkl").read_bytes())  # noqa: S301 - written by this run itself
        sets = {
            part: RowSet(
                frame=pd.read_parquet(folder / f"{part}.parquet"),
                **{name: facts[f"{part}_{name}"] for name in ("y", "weight", "groups")},
            )
            for part in ("train", "holdout")
        }
        return TrainingData(
            task=facts["task"],
            columns=facts["columns"],
            folds=facts["folds"],
            target_scale=facts["target_scale"],
            seed=facts["seed"],
            monotone=facts["monotone"],
            **sets,
        )

    def fold_rows(self) -> list[tuple[Indices, Indices]]:
        """Return (training rows, validation rows) of every fold."""
        return fold_rows(self.folds)

    def answers(self) -> Answers:
        """Return what feature steps may know of the training rows besides their cells."""
        return Answers(
            task=self.task, y=self.standardised(), weight=self.train.weight, groups=self.train.groups, seed=self.seed
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
    )
