"""What the computer offers, and how a run divides it among its trials."""

import os

from engine.config import ExperimentConfig
from engine.search.executors.executor import Executor
from engine.search.fair_memory import fair_memory_bytes
from engine.search.proposals import most_candidates
from engine.search.surroundings import Limits

WIDE_BELOW_ROWS = 50_000  # below, two fits on one thread each do more than one fit on two


def usable_cores() -> int:
    """Return the number of processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def limits_for(config: ExperimentConfig, n_rows: int, executor: Executor) -> Limits:
    """Return how many trials run at once, on how many threads, with how much memory each.

    With a fixed number of candidates every trial has one thread, so that no machine sums in another order. On other
    computers a trial has one thread, too, and what memory is there.
    """
    cores = usable_cores()
    fixed = config.candidates is not None
    usual = cores if fixed or n_rows < WIDE_BELOW_ROWS else max(1, cores // 2)
    slots = executor.n_slots or config.jobs or usual
    slots_here = config.jobs or usual if executor.is_elsewhere else slots
    memory_bytes = None if config.memory_gb is None else int(config.memory_gb * 1e9)
    if memory_bytes is None and not executor.is_elsewhere:
        memory_bytes = fair_memory_bytes(slots)
    return Limits(
        slots=slots,
        slots_here=slots_here,
        threads=1 if fixed or executor.is_elsewhere else max(1, cores // slots),
        memory_bytes=memory_bytes,
        candidates=config.candidates,
        cap=None if config.search.use_all_time else most_candidates(n_rows),
    )
