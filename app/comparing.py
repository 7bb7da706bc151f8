"""Two or more runs side by side: what was asked differently, what came of it, and whether that may be compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from engine.messages import Message, phrase
from engine.outcomes import Estimate
from engine.progress import Progress
from engine.table.schema import Role
from storage.runs import RunRecord
from storage.workspace import Workspace

HARDLY_USED = 0.001  # share of all movement below which a column is not counted as used
OTHER_TARGETS = phrase(
    "compare_targets",
    "The runs predict different columns: {targets}.",
    "Scores of different questions say nothing about each other.",
)
OTHER_TABLES = phrase(
    "compare_tables",
    "The runs learnt from different tables: {tables}.",
    "Look at each by itself; their scores cannot be compared.",
)
TRAINED_AGAIN = phrase(
    "compare_again",
    "One run was trained again from another, with other rows: {tables}. Both models are held against each other on "
    "rows that neither has learnt from; the scores of the single runs are of different rows.",
)
OTHER_METRICS = phrase(
    "compare_metrics",
    "The runs were asked to be good at different things: {metrics}.",
    "The score shown is that of the first run, which the others were not chosen for.",
)
OTHER_ROWS = phrase(
    "compare_rows",
    "The runs were scored on different rows.",
    "Do not read much into small differences; the same seed and final test in both make them comparable.",
)
OTHER_WAYS = phrase(
    "compare_ways",
    "The runs were tested in different ways: in some of them rows were kept together, or divided in time, by a column.",
    "Their scores answer different questions: how well is predicted for what is known already, or for what is new?",
)
NOT_READY = phrase(
    "compare_not_ready",
    "Not every run has a model yet.",
    "Scores stand only beside those that do; wait, or resume them.",
)
MAY_BE_CHANCE = phrase(
    "compare_chance",
    "The intervals of the scores overlap.",
    "The differences may be chance; prefer the simpler or the faster model.",
)


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One of several runs: what was asked, and what came of it; what is not known is None or empty.

    `table`: its name; `fingerprint`: of its contents. `scores`, `baseline`: by metric. `families`: their shares in the
    blend. `columns`: those that move the prediction.
    """

    record: RunRecord
    progress: Progress
    table: str
    fingerprint: str

    @property
    def target(self) -> str | None:
        """The column that is predicted."""
        prepared = self.progress.prepared
        return prepared.task.target if prepared is not None else self.record.config.chosen_target

    @property
    def metric(self) -> str | None:
        """What the run was to be good at."""
        return self.progress.prepared.metric if self.progress.prepared is not None else self.record.config.metric

    @property
    def scores(self) -> Mapping[str, Estimate]:
        """How well the model does, with intervals."""
        ready = self.progress.ready
        return {} if ready is None else ready.validation if ready.holdout is None else ready.holdout

    @property
    def baseline(self) -> Mapping[str, float]:
        """How well the same answer for every row does."""
        return self.progress.ready.baseline if self.progress.ready is not None else {}

    @property
    def families(self) -> Mapping[str, float]:
        """The model families in the blend, the largest share first."""
        shares: dict[str, float] = {}
        for member in self.progress.blend.members if self.progress.blend is not None else ():
            shares[member.family] = shares.get(member.family, 0.0) + member.weight
        return dict(sorted(shares.items(), key=lambda pair: -pair[1]))

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The columns that the model uses, the strongest first; None before that is known."""
        if self.progress.explained is None:
            return None
        return tuple(each.column for each in self.progress.explained.importances if each.share >= HARDLY_USED)


def gathered(place: Workspace, run_ids: Sequence[str]) -> list[Compared]:
    """Return runs to compare; raises InputError when one of them is not there."""
    records = [place.runs.get(run_id) for run_id in run_ids]
    tables = {table.id: table for table in place.datasets.records()}
    found = []
    for record in records:
        table = tables.get(record.dataset_id)
        found.append(
            Compared(
                record=record,
                progress=place.runs.progress(record.id),
                table=table.name if table else record.dataset_id,
                fingerprint=table.fingerprint if table else record.dataset_id,
            )
        )
    return found


def are_comparable(runs: Sequence[Compared]) -> bool:
    """Whether the runs answer the same question about the same table."""
    return len({(run.target, run.fingerprint) for run in runs}) == 1


def are_again(runs: Sequence[Compared]) -> bool:
    """Whether all of the runs but the first were trained again from another one of them, for the same target."""
    known = {run.record.id for run in runs}
    made_of = [run.record.config.again.of for run in runs if run.record.config.again is not None]
    return len({run.target for run in runs}) == 1 and sum(of in known for of in made_of) >= len(runs) - 1 > 0


def remarks(runs: Sequence[Compared]) -> list[Message]:
    """Return what to bear in mind when the runs are compared, the gravest first."""
    said = []
    if len({run.target for run in runs}) > 1:
        said.append(OTHER_TARGETS(targets=_listed(run.target for run in runs)))
    if len({run.fingerprint for run in runs}) > 1:
        words = TRAINED_AGAIN if are_again(runs) else OTHER_TABLES
        said.append(words(tables=_listed(run.table for run in runs)))
    if said:
        return said
    if any(run.progress.ready is None for run in runs):
        said.append(NOT_READY())
    known = [run.metric for run in runs if run.metric is not None]  # one that has not begun has not chosen yet
    if len(set(known)) > 1:
        said.append(OTHER_METRICS(metrics=_listed(known)))
    if len({_divided_by(run) for run in runs}) > 1:
        said.append(OTHER_WAYS())
    elif len({tested for run in runs if (tested := _tested_on(run)) is not None}) > 1:
        said.append(OTHER_ROWS())
    metric = runs[0].metric or ""
    found = [run.scores[metric] for run in runs if metric in run.scores]
    if any(one.low <= two.high and two.low <= one.high for one, two in combinations(found, 2)):
        said.append(MAY_BE_CHANCE())
    return said


def different_settings(runs: Sequence[Compared]) -> dict[str, tuple[Any, ...]]:
    """Return the settings in which the runs differ: by dotted name, the value of each run."""
    flat = [dict(_flat(run.record.config.to_json())) for run in runs]
    for values, run in zip(flat, runs, strict=True):
        if run.record.added_seconds:
            values["added_seconds"] = run.record.added_seconds
    names = dict.fromkeys(name for values in flat for name in values)
    rows = {name: tuple(values.get(name) for values in flat) for name in names}
    return {name: row for name, row in rows.items() if any(value != row[0] for value in row[1:])}


def _divided_by(run: Compared) -> frozenset[tuple[str, Role]]:
    chosen = run.record.config.columns or {}
    return frozenset((name, each.role) for name, each in chosen.items() if each.role in {Role.GROUP, Role.TIME})


def _tested_on(run: Compared) -> tuple[Any, ...] | None:
    """Return what decides which rows a run is scored on; None before they are divided."""
    prepared, config = run.progress.prepared, run.record.config
    if prepared is None:
        return None
    seed = config.seed if config.again is None else config.again.split_seed
    return (prepared.n_rows, prepared.n_holdout, seed, config.drop_copies, config.drop_alike)


def _listed(names: Any) -> str:
    return ", ".join(dict.fromkeys(str(name) for name in names))


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Any:
    for name, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{name}.")
        elif prefix == "again." and name != "of":
            continue  # what was trained again follows from the run that it was taken from
        elif value or value == 0:  # an empty setting is the same as none
            yield f"{prefix}{name}", value
