"""How long single rows take through a file, on one thread."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnxruntime
import pandas as pd
from numpy.typing import NDArray

from engine.graph.session import feeds, open_session
from engine.table.schema import ColumnSchema

# Of few rows, the processor keeps the nodes that they pass near, which those of new rows are not.
N_ROWS, N_TURNS = 100, 8
FEWEST_ROWS, ENOUGH_SECONDS = 5, 0.6  # for files that are slow


@dataclass(frozen=True, kw_only=True)
class RowTimes:
    """Times of single rows, in microseconds.

    `usual`, `slow`: what half and 99 of 100 calls stay below. `calm`, `slowest`: of the row in the middle, and of the
    one that takes longest, what a quarter of its calls stay below, so that a computer that is busy with other things
    does not count against a file.
    """

    usual_microseconds: float
    calm_microseconds: float
    slow_microseconds: float
    slowest_microseconds: float


def row_times(file: bytes, columns: tuple[ColumnSchema, ...], rows: pd.DataFrame) -> RowTimes:
    """Send single rows through a file, again and again, in turn."""
    session, inputs = open_session(file), list[Mapping[str, NDArray[np.generic]]]()
    begun, first_turn_seconds = time.perf_counter(), 0.0
    while len(inputs) < min(N_ROWS, len(rows)):
        if len(inputs) >= FEWEST_ROWS and first_turn_seconds > ENOUGH_SECONDS / N_TURNS:
            break
        inputs.append(feeds(rows.iloc[[len(inputs)]], columns))
        session.run(None, inputs[-1])
        first_turn_seconds = time.perf_counter() - begun
    as_many_calls = N_TURNS * N_ROWS // len(inputs)
    n_turns = max(N_TURNS, min(as_many_calls, int(ENOUGH_SECONDS / first_turn_seconds)))
    turns = [[_seconds(session, each) for each in inputs] for _turn in range(n_turns)]
    seconds = np.array(turns)
    usual, slow = np.quantile(seconds, [0.5, 0.99])
    undisturbed = np.quantile(seconds, 0.25, axis=0)
    return RowTimes(
        usual_microseconds=float(usual) * 1e6,
        calm_microseconds=float(np.median(undisturbed)) * 1e6,
        slow_microseconds=float(slow) * 1e6,
        slowest_microseconds=float(undisturbed.max()) * 1e6,
    )


def _seconds(session: onnxruntime.InferenceSession, row: Mapping[str, NDArray[np.generic]]) -> float:
    start = time.perf_counter()
    session.run(None, row)
    return time.perf_counter() - start
