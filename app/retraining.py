"""Trains a run again without a search: the same recipe with new rows, other rules or another seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.errors import ConfigError, InputError
from engine.families import BASELINE
from engine.messages import Message, listed, phrase
from engine.outcomes import Member
from engine.progress import Progress
from engine.run.again import Again, GivenCandidate
from engine.run.earlier import folds_in_time, members_of, seconds_for
from engine.table.options import ReadingOptions
from engine.table.schema import Role, TableSchema
from storage.runs import RunRecord
from storage.workspace import Workspace

TOO_LARGE_TO_JOIN = phrase(
    "retrain_large",
    "The table of this run has {n_rows} rows and stays on disk, so new rows cannot be joined to it.",
    "Put the new rows beside the others, as a further Parquet file of the folder, and train on the folder.",
)
NOT_READY = phrase(
    "retrain_not_ready",
    "The run {run_id} has no model yet, so there is no recipe to train again; it is {status}.",
    "Wait until its model is ready; see: tablewright status {run_id}.",
)
NO_RECIPE = phrase(
    "retrain_no_recipe",
    "The run {run_id} has not kept what its model is made of.",
    "Train a new run on the table.",
)
NOTHING_ASKED = phrase(
    "retrain_nothing_asked",
    "Nothing was said that would make the new model another one.",
    "Give a file with new rows, a rule for a column, a column to leave out, or a number of seeds.",
)
CANNOT_KEEP = phrase(
    "retrain_cannot_keep",
    "{families} cannot keep a direction; what the recipe has of it is left out.",
)
NONE_CAN_KEEP = phrase(
    "retrain_none_can_keep",
    "No part of the recipe can keep the direction that was asked for: {families}.",
    "Train a new run with this rule: its search takes families that can keep it.",
)
DIVIDES = phrase(
    "retrain_divides",
    "The column {column} decides which rows are set aside; without it the new model would be judged by rows that the "
    "old one has learnt from.",
    "Train a new run without it, or train again with a file of new rows.",
)
LEFT_OUT_MEMBERS = phrase(
    "retrain_members_lost",
    "{n} of the {wanted} parts of the recipe could not be trained this time; the model is made of the others.",
    "Look at the candidates that failed, or give more time: the recipe may need it for so many rows.",
)
NO_MEMBER_LEFT = phrase(
    "retrain_no_member_left",
    "No part of the recipe could be trained in time: the new model gives the same answer to every row.",
    "Do not use it; train again with more time.",
)
FEWER_FOLDS = phrase(
    "retrain_fewer_folds",
    "Each part is tested on {n} folds, fewer than then, so that the new model is ready in time.",
)


DIVIDING = (Role.GROUP, Role.TIME, Role.STRATIFY, Role.WEIGHT)


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What is to be different. `monotone`: directions by column; `ignore`: columns to leave out; `seed`: another one.

    `alone`: learn from the new rows alone. `seconds`: until the new model is ready; None: a quarter of
    what the earlier one took.
    """

    monotone: Mapping[str, int] = field(default_factory=dict)
    ignore: Sequence[str] = ()
    seed: int | None = None
    alone: bool = False
    seconds: float | None = None

    @property
    def any(self) -> bool:
        """Whether the recipe changes."""
        return bool(self.monotone or self.ignore or self.seed is not None)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A training that may begin. `told`: what is different in the file and in the recipe."""

    config: ExperimentConfig
    dataset_id: str
    name: str
    told: tuple[Message, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this."""
        return {**vars(self), "config": self.config.to_json(), "told": [message.to_json() for message in self.told]}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Prepared":
        """Rebuild what was stored."""
        told = tuple(map(Message.from_json, data["told"]))
        return Prepared(**{**data, "config": ExperimentConfig.from_json(data["config"]), "told": told})


def recipe_of(place: Workspace, record: RunRecord) -> tuple[Progress, tuple[GivenCandidate, ...]]:
    """Return how a run ended and what its model is made of; raises InputError where that is not known."""
    progress = place.runs.progress(record.id)
    if progress.ready is None or progress.prepared is None:
        raise InputError(NOT_READY(run_id=record.id, status=str(progress.status)))
    members = members_of(progress)
    if not members:
        raise InputError(NO_RECIPE(run_id=record.id))
    return progress, members


def again_on_same_rows(place: Workspace, record: RunRecord, changes: Changes) -> Prepared:
    """Prepare the same recipe on the same table, with other rules or another seed; the same rows are set aside."""
    if not changes.any:
        raise InputError(NOTHING_ASKED())
    progress, members = recipe_of(place, record)
    before = record.config.again
    again = Again(
        of=record.id,
        candidates=members,
        n_held=before.n_held if before else 0,
        n_new=before.n_new if before else 0,
        split_seed=before.split_seed if before else record.config.seed,
    )
    config, told = _changed(record, progress, again, changes, more_rows=1.0)
    schema = place.datasets.load(record.dataset_id).schema
    _refuse(config, schema)
    used = record.config.apply(schema)
    for name in changes.ignore if not again.n_held else ():
        if used[name].role in DIVIDING:
            raise InputError(DIVIDES(column=name))
    return Prepared(config=config, dataset_id=record.dataset_id, name=record.name, told=told)


def again_with_file(
    place: Workspace,
    record: RunRecord,
    file: Path,
    name: str,
    options: ReadingOptions,
    changes: Changes,
    *,
    owner: str = "",
) -> Prepared:
    """Prepare the same recipe on the table of a run and the new rows of a file; keeps the joined table.

    `owner`: whose that table is; empty: whose the run is.

    Raises InputError, saying what to do, where the file cannot be learnt from.
    """
    from engine.insight.quality.judged import read_judged
    from engine.model import open_model
    from engine.new_rows.joined import with_new_rows

    progress, members = recipe_of(place, record)
    assert progress.prepared is not None
    assert progress.ready is not None
    artifacts, task = place.runs.artifacts(record.id), progress.prepared.task
    model = open_model(artifacts.fetch(progress.ready.path))
    judged = read_judged(artifacts, task)
    held = judged.rows if judged is not None and judged.held_out else np.zeros(0, np.int64)
    again = Again(of=record.id, candidates=members)
    config, told = _changed(record, progress, again, changes, more_rows=1.0)
    old = place.datasets.load(record.dataset_id)
    if old.whole is not None:
        raise InputError(TOO_LARGE_TO_JOIN(n_rows=f"{old.n_rows_in_all:,}"))
    _refuse(config, old.schema)
    rows = with_new_rows(
        old,
        config,
        task,
        held,
        model.read(file, options),
        model,
        name=name,
        options=options,
        alone=changes.alone,
    )
    again = replace(again, n_held=rows.n_held, n_new=rows.n_new_held)
    more_rows = (rows.dataset.n_rows - rows.n_held) / max(1, progress.prepared.n_train)
    config, told = _changed(record, progress, again, changes, more_rows=more_rows)
    return Prepared(
        config=config,
        dataset_id=place.datasets.save(rows.dataset, owner=owner or record.owner, project=record.project),
        name=record.name,
        told=(*rows.told, *told),
    )


def start(place: Workspace, record: RunRecord, prepared: Prepared) -> str:
    """Keep the new run, and return its id; nobody has launched it yet."""
    return place.runs.create(
        owner=record.owner,
        name=prepared.name,
        dataset_id=prepared.dataset_id,
        config=prepared.config,
        project=record.project,
    )


def lost_members(config: ExperimentConfig, progress: Progress) -> Message | None:
    """Say that parts of the recipe are not in the new model; None where all are."""
    wanted = [each for each in (config.again.candidates if config.again else ()) if each.share > 0]
    members: tuple[Member, ...] = progress.blend.members if progress.blend is not None else ()
    stand_ins = set() if any(each.family == BASELINE for each in wanted) else {BASELINE}
    n_trained = sum(member.family not in stand_ins for member in members)
    if wanted and not n_trained:
        return NO_MEMBER_LEFT()
    lost = len(wanted) - n_trained
    return LEFT_OUT_MEMBERS(n=lost, wanted=len(wanted)) if lost > 0 else None


def _changed(
    record: RunRecord, progress: Progress, again: Again, changes: Changes, *, more_rows: float
) -> tuple[ExperimentConfig, tuple[Message, ...]]:
    """Return the settings of the new run, and what is to be said of them."""
    from engine.run.resources import usable_cores

    config, prepared = _without_leaks(record.config, progress), progress.prepared
    assert prepared is not None
    task, told = prepared.task, list[Message]()
    if changes.monotone:
        again, lost = keeping_directions(again)
        told += [CANNOT_KEEP(families=listed(lost))] if lost else []
    columns = dict(config.columns or {})
    for name in changes.ignore:
        columns[name] = ColumnChoice(role=Role.IGNORED).over(columns.get(name, ColumnChoice()))
    timed = config.candidates is None or changes.seconds is not None
    usual = seconds_for(progress) if timed else config.seconds
    seconds = usual if changes.seconds is None else changes.seconds
    if timed:
        n_folds = folds_in_time(progress, more_rows=more_rows, seconds=seconds, slots=config.jobs or usable_cores())
        again = replace(again, n_folds=n_folds)
        told += [FEWER_FOLDS(n=n_folds)] if n_folds is not None else []
    monotone = {name: sign for name, sign in config.limits.monotone.items() if name not in changes.ignore}
    changed = replace(
        config,
        target=task.target,
        task=task.kind,
        positive=str(task.classes[1]) if len(task.classes) == 2 else None,
        metric=prepared.metric,
        columns=columns or None,
        seconds=seconds,
        candidates=None if timed else max(1, sum(each.family != BASELINE for each in again.candidates)),
        seed=config.seed if changes.seed is None else changes.seed,
        limits=replace(config.limits, monotone={**monotone, **changes.monotone}),
        again=again,
    )
    return changed, tuple(told)


def keeping_directions(again: Again) -> tuple[Again, list[str]]:
    """Leave out what cannot keep directions, and return its families; raises ConfigError when nothing would be left."""
    from engine.families.family import family_named

    able = tuple(each for each in again.candidates if family_named(each.family).monotone)
    lost = [each.family for each in again.candidates if each not in able]
    titles = list(dict.fromkeys(family_named(key).title for key in lost))
    if not able:
        raise ConfigError(NONE_CAN_KEEP(families=listed(titles)))
    return replace(again, candidates=able), titles


def _without_leaks(config: ExperimentConfig, progress: Progress) -> ExperimentConfig:
    """Leave out what the earlier run has left out by itself: other rows must not bring it back."""
    for finding in progress.checked.findings if progress.checked is not None else ():
        if finding.automatic:
            config = config.remedied(finding.remedies[0])
    return config


def _refuse(config: ExperimentConfig, schema: TableSchema) -> None:
    problems = config.problems(schema)
    if problems:
        raise ConfigError(problems[0])
