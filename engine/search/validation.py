"""How candidates are compared: on which rows, how often; everything left open is chosen by the table."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ValidationSettings:
    """How the training rows are divided to compare candidates.

    `scheme`: one of "single", "folds", "forward"; None chooses by rows and roles. `n_folds`, `n_repeats`: None chooses.
    `gap_rows`: with "forward", rows in time order between those trained on and those validated on that are left out.
    """

    scheme: str | None = None
    n_folds: int | None = None
    n_repeats: int | None = None
    gap_rows: int = 0
