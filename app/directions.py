"""What a person says about the directions that a model has learnt, and what is done about a no."""

import json
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from app.kept_why import keep_text
from app.tables import with_columns
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.errors import InputError
from engine.table.schema import Role
from storage.runs import RunRecord, RunStore

FILE = "directions.json"


class Sense(StrEnum):
    """Whether a direction makes sense to a person."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class Cure(StrEnum):
    """What is done about a column whose direction makes no sense."""

    LEAVE_OUT = "leave out"
    NEVER_FALL = "never fall"
    NEVER_RISE = "never rise"


def kept_directions(store: RunStore, run_id: str) -> dict[str, Sense]:
    """Return what was said, by column."""
    artifacts = store.artifacts(run_id)
    if FILE not in artifacts.names():
        return {}
    said: Mapping[str, str] = json.loads(artifacts.fetch(FILE).read_text(encoding="utf-8"))
    return {column: Sense(sense) for column, sense in said.items()}


def keep_direction(store: RunStore, run_id: str, column: str, sense: Sense) -> None:
    """Keep what is said of a column, with the run."""
    said = {**kept_directions(store, run_id), column: sense}
    keep_text(store, run_id, FILE, json.dumps({name: str(each) for name, each in said.items()}, ensure_ascii=False))


def searched_for(runs: RunStore, record: RunRecord) -> ExperimentConfig:
    """Return the settings of a run; of one that was trained again, with the time that the search before it had.

    It keeps its own time where that search is no longer here.
    """
    first = record
    while first.config.again is not None:
        try:
            first = runs.get(first.config.again.of)
        except InputError:
            return record.config
    return replace(record.config, seconds=first.config.seconds, candidates=first.config.candidates)


def cured(config: ExperimentConfig, cures: Mapping[str, Cure]) -> ExperimentConfig:
    """Return settings for a new run in which each column is treated as chosen.

    It searches, even where the run was trained again: a given recipe may hold what cannot keep a direction.

    >>> cured(ExperimentConfig(), {"size": Cure.NEVER_FALL}).limits.monotone
    {'size': 1}
    """
    signs = {Cure.NEVER_FALL: 1, Cure.NEVER_RISE: -1}
    directed = {name: signs[cure] for name, cure in cures.items() if cure in signs}
    dropped = [name for name, cure in cures.items() if cure is Cure.LEAVE_OUT]
    kept = {name: sign for name, sign in config.limits.monotone.items() if name not in dropped}
    changed = replace(config, limits=replace(config.limits, monotone={**kept, **directed}), again=None)
    return with_columns(changed, {name: ColumnChoice(role=Role.IGNORED) for name in dropped}) if dropped else changed
