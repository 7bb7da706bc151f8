"""Cheap facts of a training task, by which tables are found that resemble it."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from engine.tasks.task import TaskKind

SAME_TABLE = 0.5  # of the columns of two tables: with so many in common, and the same target, they are one


@dataclass(frozen=True, kw_only=True)
class TableFeatures:
    """What a task is like.

    `target`, `columns`: short hashes of names, whatever the rows are. `log_rows`, `log_columns`, `log_levels`: base 10.
    Shares lie from 0 to 1; `missing` is that of empty cells. `rarest`: share of the rarest class, 0 for a regression.
    `skewness`, `tails`: of the target, from the shape of its quantiles. `linear`: the share of the target's variance
    that a plane through the numbers explains; `bent`: what curves explain on top of it.
    """

    kind: TaskKind
    target: str
    columns: tuple[str, ...]
    log_rows: float = 0.0
    log_columns: float = 0.0
    numbers: float = 0.0
    categories: float = 0.0
    texts: float = 0.0
    missing: float = 0.0
    log_levels: float = 0.0
    n_classes: int = 0
    rarest: float = 0.0
    skewness: float = 0.0
    tails: float = 0.0
    linear: float = 0.0
    bent: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into these features."""
        return {**asdict(self), "kind": str(self.kind), "columns": list(self.columns)}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "TableFeatures":
        """Rebuild stored features; those that another version knows are passed over."""
        known = {field.name: data[field.name] for field in fields(TableFeatures) if field.name in data}
        return TableFeatures(**{**known, "kind": TaskKind(data["kind"]), "columns": tuple(data["columns"])})

    def is_same_table(self, other: "TableFeatures") -> bool:
        """Say whether both ask the same question of the same table, with whatever rows: judged by names alone."""
        ours, theirs = set(self.columns), set(other.columns)
        return self.target == other.target and len(ours & theirs) >= SAME_TABLE * len(ours | theirs)


# What a difference of 1 between two tables is worth, by feature; what is not listed plays no part.
SCALES: Mapping[str, float] = {
    "log_rows": 1.0,
    "log_columns": 0.7,
    "numbers": 1.5,
    "categories": 1.5,
    "texts": 4.0,
    "missing": 1.0,
    "log_levels": 0.5,
    "rarest": 1.0,
    "skewness": 1.0,
    "tails": 0.5,
    "linear": 1.5,
    "bent": 2.0,
}
OTHER_TASK = 3.0  # the distance between a regression and a classification, besides
OTHER_CLASSES = 1.0


def distance(one: TableFeatures, other: TableFeatures) -> float:
    """Return how different two tables are; 0 for tables that look alike."""
    squares = sum((scale * (getattr(one, key) - getattr(other, key))) ** 2 for key, scale in SCALES.items())
    if one.kind is not other.kind:
        regression = TaskKind.REGRESSION in {one.kind, other.kind}
        squares += (OTHER_TASK if regression else OTHER_CLASSES) ** 2
    return math.sqrt(squares)
