"""Makes a model smaller until its file keeps the limits: first fewer fold models, then fewer members, then rounds."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from engine.blend.final import FinalMember, FinalModel
from engine.errors import CertificateError
from engine.graph.row_times import RowTimes, row_times
from engine.limits import ModelLimits
from engine.messages import phrase

MOST_ATTEMPTS = 8
SAFETY = 0.9  # of a limit: what is measured differs a little from call to call

OVER_LIMITS = phrase(
    "model_over_limits",
    "The file has {megabytes} MB and takes {milliseconds} ms for its slowest row, which is above the limits.",
    "Allow a larger file or a slower row.",
    "The run goes on with the next best model.",
)


@dataclass(frozen=True, kw_only=True)
class Trimmed:
    """A model that keeps the limits, its file without metadata, and how long rows take through it."""

    model: FinalModel
    file: bytes
    times: RowTimes


def within_limits(
    model: FinalModel, rows: pd.DataFrame, limits: ModelLimits, assemble: Callable[[FinalModel], bytes]
) -> Trimmed:
    """Return the model, or a smaller one made of its parts, with its file.

    `rows`: canonical ones to time. Raises CertificateError when not even one small model keeps the limits.
    """
    for _ in range(MOST_ATTEMPTS):
        file = assemble(model)
        times = row_times(file, model.columns, rows)
        excess = max(len(file) / limits.largest_file_bytes, times.slowest_microseconds / 1e3 / limits.slowest_row_ms)
        if excess <= 1:
            return Trimmed(model=model, file=file, times=times)
        smaller = trimmed(model, SAFETY / excess)
        if smaller is None:
            break
        model = smaller
    raise CertificateError(
        OVER_LIMITS(megabytes=f"{len(file) / 1e6:.2f}", milliseconds=f"{times.slowest_microseconds / 1e3:.2f}")
    )


def trimmed(model: FinalModel, share: float) -> FinalModel | None:
    """Return about this share of a model; None when nothing of it can be taken away."""
    n_models = sum(len(member.bag) for member in model.members)
    wanted = max(1, int(n_models * share))
    members = list(model.members)
    while sum(len(member.bag) for member in members) > wanted:
        largest = max(range(len(members)), key=lambda i: (len(members[i].bag), -members[i].weight))
        if len(members[largest].bag) > 1:
            members[largest] = replace(members[largest], bag=members[largest].bag[:-1])
        else:
            members.remove(min(members, key=lambda member: member.weight))
    if n_models > 1:
        return replace(model, members=_weighed(members))
    (only,) = members
    (fitted,) = only.bag
    if fitted.rounds <= 1:
        return None
    cut = replace(fitted, rounds=max(1, int(fitted.rounds * share)))
    return replace(model, members=(replace(only, bag=(cut,)),))


def _weighed(members: list[FinalMember]) -> tuple[FinalMember, ...]:
    total = sum(member.weight for member in members)
    return tuple(replace(member, weight=member.weight / total) for member in members)
