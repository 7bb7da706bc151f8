"""Says how long a training will still take, and whether memory is short."""

import psutil

from app.language import _
from app.wording import duration, percent, size
from engine.progress import ACTIVE, Progress, Status
from storage.runs import RunRecord

SEARCHING = ("", "prepare", "search")  # stages at which more time still finds something
LEAST_TRIED = 2  # candidates, before their pace says anything
SHORT_OF_MEMORY = 0.1  # of the memory: with less left the system begins to slow down, and to kill
GIBIBYTE = 1024**3


def time_left(record: RunRecord, progress: Progress) -> str:
    """Say in a sentence when the model will be ready; empty where that cannot be said."""
    if progress.status not in ACTIVE or progress.status is Status.PAUSED or progress.ready is not None:
        return ""
    if progress.stage not in SEARCHING:
        return _("The model is ready in a moment.")
    if record.config.candidates is not None:
        return _by_pace(record.config.candidates, progress)
    left_seconds = record.budget_seconds - progress.seconds
    if left_seconds <= 0:
        return _("The time is up; the model is ready in a moment.")
    return _("The model is ready in {time} at most.").format(time=duration(_coarse(left_seconds)))


def memory(progress: Progress) -> str:
    """Say what one candidate took at most and what is free; empty before a candidate has ended, and when all have."""
    if progress.status not in ACTIVE:
        return ""
    most = max((each.memory_bytes for each in progress.finished), default=0)
    if not most:
        return ""
    room = psutil.virtual_memory()
    said = _("One candidate took up to {most} of memory; {free} GB are free on this computer.")
    told = said.format(most=size(most), free=f"{room.available / GIBIBYTE:.1f}")
    return told if not is_short(room.available, room.total) else f"{told} {_short(room.available / room.total)}"


def is_short(available: int, total: int) -> bool:
    """Whether so little memory is left that something may break.

    >>> is_short(1, 8), is_short(1, 16)
    (False, True)
    """
    return available < SHORT_OF_MEMORY * total


def _short(share: float) -> str:
    return _("That is only {share}: close other programs, or candidates may fail.").format(share=percent(share))


def _by_pace(candidates: int, progress: Progress) -> str:
    tried = progress.n_tried
    left = candidates + len(progress.begun) - tried
    if tried < LEAST_TRIED or left <= 0:
        return ""
    seconds = left * progress.seconds / tried
    return _("About {time} more, if the others take as long as those so far.").format(time=duration(_coarse(seconds)))


def _coarse(seconds: float) -> float:
    """Return a time that does not change with every look at it.

    >>> _coarse(284.0), _coarse(42.0), _coarse(4.2)
    (300.0, 40.0, 5.0)
    """
    step = 60.0 if seconds >= 120 else 10.0 if seconds >= 20 else 5.0
    return max(5.0, step * round(seconds / step))
