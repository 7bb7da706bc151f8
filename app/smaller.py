"""Chooses among the versions of a model: the best one that keeps to a size and a time."""

from dataclasses import dataclass, replace

from engine.errors import InputError
from engine.events import ModelReady
from engine.messages import phrase
from engine.outcomes import Certificate, SmallerModel
from engine.progress import Progress

NONE_FITS = phrase(
    "export_none_fits",
    "No version of this model keeps to that: the smallest file has {megabytes} MB, the quickest row takes {ms} ms.",
    "Allow more, or train again with limits of file and row, which are kept from the start.",
)


@dataclass(frozen=True, kw_only=True)
class Most:
    """What a version may take at most; None for any. `row_ms`: the usual time of a row on one thread."""

    file_mb: float | None = None
    row_ms: float | None = None

    def allows(self, n_bytes: int, row_microseconds: float) -> bool:
        """Say whether a file keeps to it."""
        small = self.file_mb is None or n_bytes <= self.file_mb * 1e6
        return small and (self.row_ms is None or row_microseconds <= self.row_ms * 1e3)


ANY = Most()


def best_within(progress: Progress, most: Most) -> Progress:
    """Return the run as if its best version that keeps to this were its model.

    Raises InputError when no version does. Before the model is ready the run comes back as it is.
    """
    ready = progress.ready
    if ready is None or most.allows(ready.certificate.bytes, ready.certificate.row_microseconds):
        return progress
    made = progress.smaller.smaller if progress.smaller else ()
    fitting = [each for each in made if most.allows(each.bytes, each.row_microseconds)]
    if not fitting or progress.prepared is None:
        sizes = [ready.certificate.bytes, *(each.bytes for each in made)]
        times = [ready.certificate.row_microseconds, *(each.row_microseconds for each in made)]
        raise InputError(NONE_FITS(megabytes=f"{min(sizes) / 1e6:.2f}", ms=f"{min(times) / 1e3:.3f}"))
    sign = 1 if progress.prepared.greater_is_better else -1
    best = max(fitting, key=lambda each: sign * each.score.value)
    return replace(progress, ready=_as_model(best, ready, progress.prepared.metric))


def _as_model(version: SmallerModel, ready: ModelReady, metric: str) -> ModelReady:
    """Return the facts of a version in place of those of the whole model; what is known of that one alone is gone."""
    proof: Certificate = replace(
        ready.certificate,
        bytes=version.bytes,
        sha256=version.sha256,
        max_abs_diff=version.max_abs_diff,
        row_microseconds=version.row_microseconds,
        row_p99_microseconds=0.0,
    )
    return replace(
        ready,
        path=version.path,
        certificate=proof,
        holdout={metric: version.score},
        validation={},
        decided=version.decided,
    )
