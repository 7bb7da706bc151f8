"""Brings together what a run kept and what is to be said of it: the page and the terminal read the same."""

import math

from engine.errors import InputError
from engine.events import ModelReady
from engine.insight.fairness.fairness import Fairness, how_fair
from engine.insight.fairness.sensitive import suggested
from engine.insight.quality.judged import Judged, read_judged
from engine.insight.quality.money import Prices, prices_of
from engine.insight.quality.more_rows import read_more_rows
from engine.insight.quality.quality import Quality, how_good
from engine.messages import phrase
from engine.progress import Progress
from storage.runs import RunRecord, RunStore

NOT_READY = phrase(
    "quality_not_ready",
    "The run {run_id} has no model yet; it is {status}.",
    "Wait until its model is ready; see: tablewright status {run_id}.",
)
BAD_PRICE = phrase("quality_bad_price", "The price {price} is no amount of money.", "Give a number, such as 50.")
NOT_KEPT = phrase(
    "quality_not_kept",
    "This run has not kept what it predicted for rows it never saw, so there are no figures about single rows, groups "
    "or thresholds.",
    "Train again: runs of an older version, and those that ran out of memory at the end, have not kept them.",
)


def kept_rows(store: RunStore, run_id: str, progress: Progress) -> Judged | None:
    """Read the rows that the model of a run never saw; None where the run kept none."""
    return read_judged(store.artifacts(run_id), progress.prepared.task) if progress.prepared else None


def usual_prices(record: RunRecord, progress: Progress) -> Prices:
    """Return the prices that follow from the costs of mistakes given for the run."""
    return prices_of(record.config.decisions.costs, progress.prepared.task.classes if progress.prepared else ())


def quality_of(store: RunStore, record: RunRecord, prices: Prices | None = None) -> Quality:
    """Work out how good the model of a run is; raises InputError while there is none, or for prices that are none."""
    progress = store.progress(record.id)
    given = prices or usual_prices(record, progress)
    for price in vars(given).values():
        if not math.isfinite(price):
            raise InputError(BAD_PRICE(price=price))
    more_rows, seed = read_more_rows(store.artifacts(record.id)), record.config.seed
    found = how_good(progress, kept_rows(store, record.id, progress), given, more_rows=more_rows, seed=seed)
    if found is None:
        raise InputError(NOT_READY(run_id=record.id, status=str(progress.status)))
    return found


def fairness_of(store: RunStore, record: RunRecord, column: str) -> Fairness:
    """Work out how the groups of a column are treated; raises InputError without such a column, or without rows."""
    judged = kept_rows(store, record.id, store.progress(record.id))
    if judged is None:
        raise InputError(NOT_KEPT())
    return how_fair(judged, column, seed=record.config.seed)


def suggested_of(store: RunStore, record: RunRecord) -> tuple[str, ...]:
    """Return the columns by whose groups to ask whether a model is fair; none where the run kept no rows."""
    judged = kept_rows(store, record.id, store.progress(record.id))
    return () if judged is None else suggested(judged.cells, judged.schema)


def n_looks(store: RunStore, record: RunRecord) -> int:
    """Count the trainings of an owner whose models were scored on rows set aside of the same table and target.

    Those that were deleted have been looked at too.
    """
    same = {
        each.id
        for each in store.records(owner=record.owner, with_deleted=True)
        if each.dataset_id == record.dataset_id and each.config.target == record.config.target
    }
    events = store.events_of_kinds(same, {ModelReady.kind})
    return sum(
        any(isinstance(event, ModelReady) and event.holdout is not None for event in found) for found in events.values()
    )
