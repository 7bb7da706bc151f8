"""The facts that every training script begins with, here with values that mean nothing."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

COLUMNS: list[Mapping[str, Any]] = []
READ: Mapping[str, Any] = {}
SKIPPED_LINES: tuple[int, ...] = ()
COMPARED: list[str] = []
TARGET = ""
CLASSES: list[Any] = []
WEIGHT: str | None = None
SEED = 0
HOLDOUT = 0.2
HOLDOUT_ROWS: NDArray[np.int64] | None = None
METRIC = ""
N_ROWS = 0
SCORE = 0.0
MEASURED_ON = ""
