"""A run that was trained again, beside the run that it was made from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.insight.again.challenge import Challenge, challenge
from engine.insight.quality.judged import read_judged
from engine.model import open_model
from storage.runs import RunRecord, RunStore

if TYPE_CHECKING:
    from app.comparing import Compared


def challenge_of(store: RunStore, champion: RunRecord, challenger: RunRecord) -> Challenge | None:
    """Hold a run against the one that it was trained again from; None while one has no model, or where it is gone."""
    before, now = store.progress(champion.id), store.progress(challenger.id)
    again = challenger.config.again
    if before.ready is None or now.ready is None or now.prepared is None or again is None:
        return None
    judged = read_judged(store.artifacts(challenger.id), now.prepared.task)
    first_new = now.prepared.n_rows - again.n_new
    try:
        file = store.artifacts(champion.id).fetch(before.ready.path)
    except FileNotFoundError:
        return None
    return challenge(
        open_model(file),
        judged,
        now.prepared.metric,
        n_new=0 if judged is None else int((judged.rows >= first_new).sum()),
        seed=again.split_seed,
    )


def pairs(runs: "Sequence[Compared]") -> "list[tuple[Compared, Compared]]":
    """Return each run that was trained again from another of these, behind that one."""
    known = {run.record.id: run for run in runs}
    return [
        (known[run.record.config.again.of], run)
        for run in runs
        if run.record.config.again is not None and run.record.config.again.of in known
    ]
