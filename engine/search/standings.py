"""How the blend of what is known stands, scored now and then beside the trials: a search ends when it stands still."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.blend.choice import Choice, choose_members
from engine.blend.decisions import USUAL_DECISIONS
from engine.blend.election import standing_candidates, with_room
from engine.logs import event
from engine.search.guard import GuardedCall
from engine.search.policy import LEAST_SECONDS_TO_WATCH, BlendStanding
from engine.search.surroundings import Result
from engine.tasks.metric import Metric

logger = logging.getLogger(__name__)

EVERY = 3  # candidates: so often the blend is scored


@dataclass(kw_only=True)
class Standings:
    """How the blend stood so far, `found`, and what scores it at the moment, `call`.

    `folder`: of the run. `memory_bytes`: that scoring may take; None as much as it needs.
    """

    folder: Path
    metric: Metric
    seed: int
    memory_bytes: int | None
    found: list[BlendStanding] = field(default_factory=list)
    call: GuardedCall | None = None
    _n_ended: int = -EVERY  # candidates that had ended when the blend was scored last, or failed to be

    def collect(self) -> None:
        """Take what was found out, once it is."""
        if self.call is not None and (outcome := self.call.poll()) is not None:
            self.call = None
            if isinstance(outcome.value, Choice):
                loss = self.metric.loss(outcome.value.score)
                self.found.append(BlendStanding(n_candidates=self._n_ended, loss=loss))
            elif outcome.error is not None:
                told = event(code=outcome.error.message.code)
                logger.warning("The blend could not be scored %s", outcome.traceback, extra=told)

    def are_due(self, n_ended: int) -> bool:
        """Say whether enough candidates have ended since the blend was scored last."""
        return self.call is None and n_ended - self._n_ended >= EVERY

    def score(
        self, results: Mapping[int, Result], room_taken: Callable[[Result], float], *, n_ended: int, seconds_left: float
    ) -> None:
        """Have the blend of these candidates scored, where there is time for it. `n_ended`: that ended, however."""
        known = [n for n, result in results.items() if n and not result.report.pruned]  # the baseline is no member
        if not known or seconds_left <= LEAST_SECONDS_TO_WATCH:
            return
        loads = {number: room_taken(results[number]) for number in known}
        ranked = sorted(with_room(known, loads), key=lambda number: (results[number].loss, number))
        standing = standing_candidates(ranked, {number: results[number].proposal.family for number in ranked})
        room = {number: loads[number] for number in standing}
        self._n_ended = n_ended
        self.call = GuardedCall.start(
            choose_members,
            (self.folder, standing, self.metric.key, self.seed, USUAL_DECISIONS, None, room),
            deadline_seconds=seconds_left,
            memory_bytes=self.memory_bytes,
            record=self.folder,
        )
