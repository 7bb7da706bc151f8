"""Takes fold models out of a model until its file keeps the limits; more than that would be another model."""

import math
import time as clock
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from engine.blend.final import FinalMember, FinalModel
from engine.errors import CertificateError
from engine.graph.row_times import RowTimes, row_times
from engine.limits import BEARABLE, ModelLimits
from engine.messages import phrase

MOST_ATTEMPTS = 8
MOST_UNASKED = 2  # times that a file is made smaller for the sake of a time that nobody asked for
CALM_SHARE = 0.45  # of the time of the slowest row, for the usual one on a calm computer: half of it for most calls
SAFETY = 0.9  # of a limit: what is measured differs a little from call to call
PUT_TOGETHER = 3  # times that a file is put together before the end of a run, if it is made smaller once more
SECONDS_PER_MEMBER = 0.3  # for finding out what each member takes
IN_HASTE = 0.8  # of the time for putting it together, without finding that out: boosters are read, so it takes .5 to .7
MOST_COMMON = 0.9  # of the file of one fitted model: what other files have as well

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
    seconds: float | None = math.inf,
) -> Trimmed:
    """Return the model, or one with fewer fold models, with its file.

    `rows`: canonical ones to time. Only fold models are taken out: what is known of members from rows that they have
    not seen stays true then. The usual row should take half of the time of the slowest: where that can be had, it is.
    `seconds`: until the run must be over, a pause included; a time that nobody asked for is not worth being late. None:
    the clock decides nothing, so the time of a row does not count, and a run gives the same file on any machine. Raises
    CertificateError when members would have to go; for a time that nobody asked for only where it is far exceeded.
    """
    row_ms, started = limits.row_ms(len(model.columns)), clock.monotonic()
    for attempt in range(MOST_ATTEMPTS):
        attempted = clock.monotonic()
        file = assemble(model)
        times = row_times(file, model.columns, rows)
        too_large = len(file) / limits.largest_file_bytes
        too_slow = times.slowest_microseconds / 1e3 / row_ms if seconds is not None else 0.0
        slower = _slowness(times, limits, len(model.columns)) if seconds is not None else 0.0
        smaller, now = None, clock.monotonic()
        another = PUT_TOGETHER * (now - attempted) + SECONDS_PER_MEMBER * len(model.members)
        left = math.inf if seconds is None else seconds - (now - started)
        if too_large <= 1 and another > left and limits.slowest_row_ms is None:
            smaller = _in_haste(model, slower) if slower > 1 and IN_HASTE * (now - attempted) <= left else None
            if smaller is None:
                return Trimmed(model=model, file=file, times=times)
            model = smaller
            continue
        if too_large > max(1.0, slower):
            smaller = trimmed(model, len(file), SAFETY * limits.largest_file_bytes, lambda one: len(assemble(one)))
        elif slower > 1:
            calm = times.calm_microseconds
            smaller = trimmed(model, calm, SAFETY * calm / slower, partial(_calm, rows=rows, assemble=assemble))
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


def _in_haste(model: FinalModel, slower: float) -> FinalModel | None:
    """Return the model with fewer fitted models of each member, as if each took the same; None when none would go."""
    sizes = [len(member.bag) for member in model.members]
    fewer = [max(1, int(size * SAFETY / slower)) for size in sizes]
    return None if fewer == sizes else _of_sizes(model, fewer)


def _of_sizes(model: FinalModel, sizes: Sequence[int]) -> FinalModel:
    kept = (replace(member, bag=member.bag[-size:]) for member, size in zip(model.members, sizes, strict=True))
    return replace(model, members=tuple(kept))


def _calm(model: FinalModel, rows: pd.DataFrame, assemble: Callable[[FinalModel], bytes]) -> float:
    return row_times(assemble(model), model.columns, rows).calm_microseconds


def _slowness(times: RowTimes, limits: ModelLimits, n_columns: int) -> float:
    """Return how long rows take beside what is wished for; above 1 is too long.

    Where nobody asked for a time, the usual row should take half of that of the slowest.
    """
    row_us = 1e3 * limits.row_ms(n_columns)
    usual = times.calm_microseconds / (CALM_SHARE * row_us) if limits.slowest_row_ms is None else 0.0
    return max(times.slowest_microseconds / row_us, usual)


def trimmed(model: FinalModel, whole: float, wanted: float, cost: Callable[[FinalModel], float]) -> FinalModel | None:
    """Return the model with as few fitted models less as bring its cost down to what is wanted; None when none can go.

    `whole`: its cost. `cost`: of the file of another model, in the same unit. One fitted model of each member stays.
    The one goes first that adds least noise for what it costs: where members err independently, the answer of one of
    weight w and n fitted models has the variance w^2 / n.
    """
    sizes = [len(member.bag) for member in model.members]
    if max(sizes) == 1:
        return None
    costs = own_costs(whole, sizes, [cost(_one_of(member, model)) for member in model.members])
    while whole > wanted and max(sizes) > 1:
        spare = [i for i, size in enumerate(sizes) if size > 1]
        least = min(spare, key=lambda i: model.members[i].weight ** 2 / (sizes[i] * (sizes[i] - 1)) / costs[i])
        sizes[least] -= 1
        whole -= costs[least]
    return _of_sizes(model, sizes)


def own_costs(whole: float, sizes: Sequence[int], alone: Sequence[float]) -> list[float]:
    """Return what one fitted model of each member costs beyond what any file costs.

    `alone`: files of one fitted model each. What they have in common is what they come to together beyond the `whole`.

    >>> own_costs(17.0, [2, 3], [4.0, 6.0])
    [1.75, 3.75]
    """
    together = sum(size * each for size, each in zip(sizes, alone, strict=True))
    common = min(max(0.0, (together - whole) / (sum(sizes) - 1)), MOST_COMMON * min(alone))
    return [each - common for each in alone]


def _one_of(member: FinalMember, model: FinalModel) -> FinalModel:
    return replace(model, members=(replace(member, bag=member.bag[-1:]),))
