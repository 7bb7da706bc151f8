"""The kind of question that a target column asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

PREDICTION, PROBABILITIES = "prediction", "probabilities"
"""The names of a model file's outputs."""
INTERVAL, POSSIBLE, UNLIKE = "interval", "possible", "unlike"
"""Further outputs: the ends of the interval around a number; classes not ruled out; cells unlike those learnt from."""


class TaskKind(StrEnum):
    """What is predicted: one of two classes, one of several classes, a number."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"


@dataclass(frozen=True, kw_only=True)
class Task:
    """A kind of task. `targets`: the columns to predict; every kind that exists so far has exactly one.

    `classes`: the labels in the order of the probability columns (for a binary task the second one is the
    positive class); all of one type, str or int; empty for regression.
    """

    kind: TaskKind
    targets: tuple[str, ...]
    classes: tuple[str, ...] | tuple[int, ...] = ()

    @property
    def target(self) -> str:
        """The one column that is predicted."""
        (target,) = self.targets
        return target

    @property
    def n_outputs(self) -> int:
        """How many link-scale scores a model gives per row: 1, or one per class of a multiclass task."""
        return len(self.classes) if self.kind is TaskKind.MULTICLASS else 1

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this task."""
        return {"kind": str(self.kind), "targets": list(self.targets), "classes": list(self.classes)}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Task":
        """Rebuild a stored task."""
        return Task(kind=TaskKind(data["kind"]), targets=tuple(data["targets"]), classes=tuple(data["classes"]))
