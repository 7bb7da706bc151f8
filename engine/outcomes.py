"""What events tell of: scores, certificates, members and other values that many of them share."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.messages import Message


@dataclass(frozen=True, kw_only=True)
class Member:
    """One member of the blend: a candidate and its weight."""

    number: int
    family: str
    weight: float


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A score with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """The proof that the file predicts what the libraries predict.

    `n_generated`: of `rows_checked`, made-up rows. `row_microseconds`, `row_p99_microseconds`: what half and 99 of 100
    single rows stay below; 0 for the latter where it was not measured.
    """

    max_abs_diff: float
    rows_checked: int
    n_generated: int
    sha256: str
    bytes: int
    row_microseconds: float
    row_p99_microseconds: float = 0.0
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Importance:
    """How much a column moves the prediction: mean absolute SHAP value on the link scale, and its share of all."""

    column: str
    value: float
    share: float


@dataclass(frozen=True, kw_only=True)
class Influence:
    """How much a parameter moved the score of a family's `n` candidates: its share of their variance."""

    family: str
    parameter: str
    share: float
    n: int


@dataclass(frozen=True, kw_only=True)
class SmallerModel:
    """A smaller version of the model, and what it costs.

    `path`: artifact name of its file. `how`: what was done. `score`: the run's metric on the hold-out, by the file.
    `decided`: see `ModelReady.decided`.
    """

    path: str
    how: Message
    bytes: int
    row_microseconds: float
    max_abs_diff: float
    sha256: str
    score: Estimate
    decided: Mapping[str, float] = field(default_factory=dict)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "SmallerModel":
        """Rebuild a stored version."""
        return SmallerModel(**{**data, "how": Message.from_json(data["how"]), "score": Estimate(**data["score"])})

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {**vars(self), "how": self.how.to_json(), "score": asdict(self.score)}
