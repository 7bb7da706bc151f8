"""What an expert may decide about the search; everything left open is chosen by the run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """How candidates are found.

    `way`: how the whole space is divided (joint, conditioning, alternating). `sampler`, `pruner`: keys of those that
    are installed. None lets the run choose. `space`: a person's own search space, see `engine.search.own_space`; None
    searches everything. `use_past`: begin with what worked on tables like this one.
    """

    way: str | None = None
    sampler: str | None = None
    pruner: str | None = None
    space: Mapping[str, Any] | None = None
    use_past: bool = True
