"""One candidate in a process of its own, with the processor time that it took."""

import time
from dataclasses import dataclass

from engine.search.order import Order
from engine.search.trial import run_trial


@dataclass(frozen=True, kw_only=True)
class Timed:
    """What a candidate scored. `seconds`: of the processor, which other programs on the machine do not stretch."""

    score: float
    fold_scores: tuple[float, ...]
    seconds: float


def timed_trial(order: Order) -> Timed:
    """Run a trial and measure it."""
    started = time.process_time()
    report = run_trial(order)
    return Timed(score=report.score, fold_scores=report.fold_scores, seconds=time.process_time() - started)
