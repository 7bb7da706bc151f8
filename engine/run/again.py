"""What a run trains that is no search: the candidates of an earlier run, once more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class GivenCandidate:
    """A candidate that is trained as it is: a family with its point of the search space.

    `share`: its weight in the blend; 0 trains it without taking it into the model.
    """

    family: str
    parameters: Mapping[str, Any]
    share: float


@dataclass(frozen=True, kw_only=True)
class Again:
    """What an earlier run has found, to be trained without a search.

    `of`: that run. `n_held`: the last so many rows of the table are set aside, of which the last `n_new` are new; 0
    divides the rows as usual, by `split_seed`. `n_folds`: so many folds at most, drawn once; None as usual.
    """

    of: str
    candidates: tuple[GivenCandidate, ...]
    n_held: int = 0
    n_new: int = 0
    split_seed: int = 0
    n_folds: int | None = None

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Again":
        """Rebuild what was stored."""
        return Again(**{**data, "candidates": tuple(GivenCandidate(**each) for each in data["candidates"])})
