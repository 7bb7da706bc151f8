"""Takes fold models out of a model until its file keeps the limits; more than that would be another model."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from engine.blend.final import FinalModel
from engine.errors import CertificateError
from engine.graph.row_times import RowTimes, row_times
from engine.limits import BEARABLE, ModelLimits
from engine.messages import phrase

MOST_ATTEMPTS = 8
MOST_UNASKED = 2  # times that a file is made smaller for the sake of a time that nobody asked for
CALM_SHARE = 0.45  # of the time of the slowest row, for the usual one on a calm computer: half of it for most calls
SAFETY = 0.9  # of a limit: what is measured differs a little from call to call

OVER_LIMITS = phrase(
    "model_over_limits",
    "The file has {megabytes} MB and takes {milliseconds} ms for its slowest row, which is above the limits.",
    "Allow a larger file or a slower row.",
    "The run goes on with fewer models, or the next best one.",
)


@dataclass(frozen=True, kw_only=True)
class Trimmed:
    """A model that keeps the limits, its file without metadata, and how long rows take through it."""

    model: FinalModel
    file: bytes
    times: RowTimes


def within_limits(
    model: FinalModel,
    rows: pd.DataFrame,
    limits: ModelLimits,
    assemble: Callable[[FinalModel], bytes],
    *,
    timed: bool = True,
) -> Trimmed:
    """Return the model, or one with fewer fold models, with its file.

    `rows`: canonical ones to time. Only fold models are taken out: what is known of members from rows that they have
    not seen stays true then. `timed`: whether the time of a row counts; without it the same run gives the same file on
    any machine. The usual row should take half of the time of the slowest: where that can be had, it is. Raises
    CertificateError when members would have to go; for a time that nobody asked for only where it is far exceeded.
    """
    row_ms = limits.row_ms(len(model.columns))
    for attempt in range(MOST_ATTEMPTS):
        file = assemble(model)
        times = row_times(file, model.columns, rows)
        too_large = len(file) / limits.largest_file_bytes
        too_slow = times.slowest_microseconds / 1e3 / row_ms if timed else 0.0
        share = max(too_large, too_slow, _usual_row(times, limits, row_ms) if timed else 0.0)
        smaller = trimmed(model, SAFETY / share) if share > 1 else None
        if too_large <= 1 and _is_quick(too_slow, limits, model) and (smaller is None or attempt >= MOST_UNASKED):
            return Trimmed(model=model, file=file, times=times)
        if smaller is None:
            break
        model = smaller
    raise CertificateError(
        OVER_LIMITS(megabytes=f"{len(file) / 1e6:.2f}", milliseconds=f"{times.slowest_microseconds / 1e3:.2f}")
    )


def _is_quick(too_slow: float, limits: ModelLimits, model: FinalModel) -> bool:
    if too_slow <= 1 or limits.slowest_row_ms is not None:
        return too_slow <= 1
    return too_slow <= BEARABLE or (len(model.members) == 1 and len(model.members[0].bag) == 1)


def _usual_row(times: RowTimes, limits: ModelLimits, row_ms: float) -> float:
    """Return how long the usual row takes beside what is wished for, where nobody asked for a time."""
    return times.calm_microseconds / 1e3 / (CALM_SHARE * row_ms) if limits.slowest_row_ms is None else 0.0


def trimmed(model: FinalModel, share: float) -> FinalModel | None:
    """Return a model of about this share of the fitted models, one of each member at least; None when none can go."""
    sizes = [len(member.bag) for member in model.members]
    wanted = max(len(sizes), int(sum(sizes) * share))
    while sum(sizes) > wanted:
        largest = max(range(len(sizes)), key=lambda i: (sizes[i], -model.members[i].weight))
        sizes[largest] -= 1
    if sum(sizes) == sum(len(member.bag) for member in model.members):
        return None
    kept = (replace(member, bag=member.bag[-size:]) for member, size in zip(model.members, sizes, strict=True))
    return replace(model, members=tuple(kept))
