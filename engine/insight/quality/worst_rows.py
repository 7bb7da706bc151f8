"""The rows that a model is most wrong about, to be looked at one by one."""

from dataclasses import dataclass

import numpy as np

from engine.insight.quality.judged import Judged

N_ROWS = 20


@dataclass(frozen=True, kw_only=True)
class WorstRow:
    """One row. `place`: where it stands among the judged rows; `row`: its number in the table, from 1.

    `off`: for a number the prediction less the truth; for a class how improbable the true one was said to be, from 0
    to 1. `unlike`: columns whose cells are unlike those learnt from.
    """

    place: int
    row: int
    truth: str | float
    prediction: str | float
    off: float
    unlike: str = ""


def find_worst(judged: Judged, n_rows: int = N_ROWS) -> tuple[WorstRow, ...]:
    """Return the rows whose answers are furthest off, the worst first; right answers are never among them."""
    labels = [str(label) for label in judged.task.classes]
    if labels:
        off = 1.0 - judged.predicted[np.arange(len(judged.y)), judged.y.astype(np.int64)]
        wrong = judged.named != judged.y
    else:
        off = judged.predicted - judged.y.astype(np.float64)
        wrong = off != 0
    order = [int(place) for place in np.argsort(-np.abs(off), kind="stable") if wrong[place]]
    return tuple(
        WorstRow(
            place=place,
            row=int(judged.rows[place]) + 1,
            truth=labels[int(judged.y[place])] if labels else float(judged.y[place]),
            prediction=labels[int(judged.named[place])] if labels else float(judged.predicted[place]),
            off=float(off[place]),
            unlike=judged.unlike[place] if judged.unlike else "",
        )
        for place in order[:n_rows]
    )
