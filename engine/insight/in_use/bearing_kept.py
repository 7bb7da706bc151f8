"""What a model bears, from what its run has kept: read where it was worked out before, else made."""

import json

import pandas as pd

from engine.artifacts import Artifacts
from engine.insight.asking import Asked
from engine.insight.in_use.bearing import Bearing, bearing
from engine.insight.why import as_positions
from engine.model import open_model
from engine.progress import Progress
from engine.tasks.metric import metric_named
from engine.unseen import ANSWERS, CELLS, TABLE, TRUTH

BEARING = "bearing.json"
"""The name of the artifact that holds what was worked out."""


def kept_bearing(artifacts: Artifacts) -> Bearing | None:
    """Return what was worked out before; None when nothing was, or by another version."""
    if BEARING not in artifacts.names():
        return None
    return Bearing.from_json(json.loads(artifacts.fetch(BEARING).read_text(encoding="utf-8")))


def bearing_from_kept(artifacts: Artifacts, progress: Progress, *, seed: int = 0) -> Bearing | None:
    """Disturb the kept rows; None before the model is ready, where no rows were kept, and where no score is defined."""
    if progress.ready is None or progress.prepared is None:
        return None
    if not {progress.ready.path, TABLE} <= set(artifacts.names()):
        return None
    asked = Asked.of(open_model(artifacts.fetch(progress.ready.path)))
    facts = json.loads(artifacts.fetch(TABLE).read_text(encoding="utf-8"))
    told = sorted(progress.explained.importances, key=lambda each: -each.share) if progress.explained else ()
    return bearing(
        asked,
        pd.read_parquet(artifacts.fetch(CELLS)),
        as_positions(pd.read_parquet(artifacts.fetch(ANSWERS))[TRUTH], asked.task),
        metric_named(progress.prepared.metric),
        [each.column for each in told] or [column.name for column in asked.columns],
        held_out=bool(facts["held_out"]),
        seed=seed,
    )
