"""Remembers how far the events of runs have been added up, so that whoever looks often reads only the new ones."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from engine.events import REQUESTS, Event, Mirrored
from engine.progress import Progress, fold

MOST_RUNS = 256
NumberedEvents = Sequence[tuple[int, float, Event]]


@dataclass(frozen=True, kw_only=True)
class Folded:
    """What the events numbered up to `last` add up to. `heard_at`: when the worker last spoke; None before it has."""

    progress: Progress = field(default_factory=Progress)
    last: int = 0
    heard_at: float | None = None

    def further(self, events: NumberedEvents) -> "Folded":
        """Return the same with further events, in order: their numbers, when they were written, and what they say.

        >>> from engine.events import RunStarted
        >>> Folded().further([(1, 5.0, RunStarted(seconds=0, process_id=1))]).heard_at
        5.0
        """
        if not events:
            return self
        # the mirror of the attempt before, and a person, may speak long after a new worker was launched
        heard = [written_at for _, written_at, event in events if not isinstance(event, (Mirrored, *REQUESTS))]
        return Folded(
            progress=fold((event for _, _, event in events), self.progress),
            last=events[-1][0],
            heard_at=heard[-1] if heard else self.heard_at,
        )


class FoldedRuns:
    """What is remembered of the runs that were looked at last. Events are only ever added, so it never gets wrong."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Folded] = OrderedDict()

    def up_to_now(self, run_id: str, events_after: Callable[[int], NumberedEvents]) -> Folded:
        """Return a run with the events that were written since it was looked at."""
        before = self._kept.get(run_id, Folded())
        now = before.further(events_after(before.last))
        self._kept[run_id] = (
            now  # of two threads that look at once either may be the last; the next look makes up for it
        )
        self._kept.move_to_end(run_id)
        while len(self._kept) > MOST_RUNS:
            self._kept.popitem(last=False)
        return now
