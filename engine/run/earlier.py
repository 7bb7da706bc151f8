"""What an earlier run leaves to be trained again, and how much time that may take."""

from collections.abc import Sequence

from engine.events import CandidateFinished
from engine.progress import Progress
from engine.run.again import GivenCandidate

LEAST_SECONDS = 10.0  # what a run of several candidates needs to start and to end
QUARTER = 0.25  # of the time until the earlier model was ready
LEARNING_SHARE = 0.3  # of that, for the folds; the rest is for reading, refits, the file and its proof
FEWER_FOLDS = (5, 3, 2)


def members_of(progress: Progress) -> tuple[GivenCandidate, ...]:
    """Return the candidates that made the final model of a run, the heaviest first."""
    found = {result.number: result for result in progress.finished}
    members = progress.blend.members if progress.blend is not None else ()
    heaviest = sorted(members, key=lambda member: (-member.weight, member.number))
    return tuple(_given(found[member.number], member.weight) for member in heaviest if member.number in found)


def all_of(progress: Progress) -> tuple[GivenCandidate, ...]:
    """Return every candidate of a run that came through all folds, in the order of their numbers."""
    shares = {member.number: member.weight for member in progress.blend.members} if progress.blend is not None else {}
    whole = sorted((result for result in progress.finished if not result.pruned), key=lambda result: result.number)
    return tuple(_given(result, shares.get(result.number, 0.0)) for result in whole)


def seconds_for(progress: Progress) -> float:
    """Return the time for training a finished run again: a quarter of what it took, and what any run needs at least."""
    ready_seconds = progress.ready.seconds if progress.ready is not None else progress.seconds
    return max(LEAST_SECONDS, QUARTER * ready_seconds)


def folds_in_time(progress: Progress, *, more_rows: float, seconds: float, slots: int) -> int | None:
    """Return how many folds there is time for, judged by what the members took; None for all that there were.

    `more_rows`: how many times the rows that they learnt from then.
    """
    n_folds = progress.prepared.n_folds if progress.prepared is not None else 1
    numbers = {member.number for member in progress.blend.members} if progress.blend is not None else set()
    took = [result.train_seconds for result in progress.finished if result.number in numbers]
    if _seconds_of(took, slots) * more_rows <= LEARNING_SHARE * seconds:
        return None
    fewer = [n for n in FEWER_FOLDS if n < n_folds]
    affordable = (n for n in fewer if _seconds_of(took, slots) * more_rows * n / n_folds <= LEARNING_SHARE * seconds)
    return next(affordable, fewer[-1] if fewer else None)


def _seconds_of(took: Sequence[float], slots: int) -> float:
    """Return how long candidates take together, several at once."""
    return max([sum(took) / max(1, slots), *took])


def _given(result: CandidateFinished, share: float) -> GivenCandidate:
    return GivenCandidate(family=result.family, parameters=dict(result.parameters), share=share)
