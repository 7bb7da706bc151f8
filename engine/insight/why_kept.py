"""Why a model predicts what it predicts, from what a run has kept: read where it was worked out before, else made."""

import json

import pandas as pd

from engine.artifacts import Artifacts
from engine.insight.asking import Asked
from engine.insight.why import Why, find_out_why
from engine.model import open_model
from engine.progress import Progress
from engine.unseen import ANSWERS, CELLS, TABLE, TRUTH

WHY = "why.json"
"""The name of the artifact that holds what was worked out."""


def kept_why(artifacts: Artifacts) -> Why | None:
    """Return what was worked out before; None when nothing was, or by another version."""
    if WHY not in artifacts.names():
        return None
    return Why.from_json(json.loads(artifacts.fetch(WHY).read_text(encoding="utf-8")))


def why_from_kept(artifacts: Artifacts, progress: Progress, *, seed: int = 0) -> Why | None:
    """Show the kept rows to the model's file; None before it is ready, and where no rows were kept."""
    if progress.ready is None or progress.prepared is None:
        return None
    if not {progress.ready.path, TABLE} <= set(artifacts.names()):
        return None
    facts = json.loads(artifacts.fetch(TABLE).read_text(encoding="utf-8"))
    return find_out_why(
        Asked.of(open_model(artifacts.fetch(progress.ready.path))),
        pd.read_parquet(artifacts.fetch(CELLS)),
        pd.read_parquet(artifacts.fetch(ANSWERS))[TRUTH],
        progress.prepared.metric,
        progress.explained.importances if progress.explained else (),
        held_out=bool(facts["held_out"]),
        seed=seed,
    )
