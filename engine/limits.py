"""What the model must keep to, whatever it costs in accuracy."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LARGEST_FILE_MB = 30.0
SLOWEST_ROW_MS = 1.0


@dataclass(frozen=True, kw_only=True)
class ModelLimits:
    """Limits of the file.

    `slowest_row_ms`: the time that 99 of 100 single rows stay below, on one thread. `interpretable`: only families that
    a person can follow. `monotone`: 1 or -1 for columns with which the prediction must never fall or rise.
    """

    largest_file_mb: float = LARGEST_FILE_MB
    slowest_row_ms: float = SLOWEST_ROW_MS
    interpretable: bool = False
    monotone: Mapping[str, int] = field(default_factory=dict)
