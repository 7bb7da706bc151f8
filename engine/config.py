"""Everything that a run depends on, as one frozen value."""

import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from engine.blend.decisions import DecisionSettings, wrong_decisions
from engine.column_choice import ColumnChoice, changed, wrong_rewriting
from engine.errors import ConfigError
from engine.families import BASELINE
from engine.intended_use import IntendedUse
from engine.limits import NO_FAMILY_LEFT, ModelLimits, limit_problems, refusal
from engine.messages import Message, listed, phrase
from engine.run.again import Again
from engine.search.settings import SearchSettings
from engine.search.validation import NO_ORDER, Scheme, ValidationSettings
from engine.table.schema import (
    UNKNOWN_COLUMN,
    Role,
    TableSchema,
)
from engine.table.unfit import unfit_kind, unfit_roles
from engine.tasks.metric import metric_named
from engine.tasks.task import TaskKind

BAD_SECONDS = phrase(
    "config_seconds", "The time budget is {seconds} seconds.", "Give a number of seconds from 5 on, such as 60."
)
BAD_HOLDOUT = phrase(
    "config_holdout",
    "The hold-out share is {holdout}.",
    "Give 0 for none, or a share of at most 0.5, such as 0.2.",
)
BAD_CANDIDATES = phrase("config_candidates", "The number of candidates is {candidates}.", "Give at least 1.")
BAD_METRIC = phrase("config_metric", "The metric {metric} does not measure a {task} task.", "Choose another metric.")
NO_FEATURES = phrase(
    "config_no_features",
    "No column is left to predict from.",
    "Give at least one column besides the target the role feature.",
)
TARGET_MISSING = phrase("target_unknown", "The table has no column called {target}.", "Choose one of: {choices}.")
BAD_SEED = phrase("config_seed", "The seed is {seed}.", "Give a whole number from 0 to 4294967295.")
BAD_JOBS = phrase("config_jobs", "The number of candidates trained at once is {jobs}.", "Give at least 1.")
BAD_MEMORY = phrase(
    "config_memory", "The memory limit of a candidate is {memory_gb} GB.", "Give a number of GB above 0, such as 2."
)
TARGET_OF_OTHER_ROLE = phrase(
    "config_target_of_other_role",
    "The column {target} is the target and has the role {role} at the same time.",
    "Take the role {role} back, or choose another target.",
)
TWO_TARGETS = phrase(
    "config_two_targets",
    "Two columns are to be predicted: {target} is the target, and {other} has the role target.",
    "Choose one of them.",
)

MOST_SEED = 2**32 - 1  # what the libraries take
MOST_NAMED = 20  # columns of a table, where one that it lacks was asked for


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """Changes to the settings that would settle a finding. `title`: what they do, as the words of a button.

    `columns`: by name. `task`, `metric`, `holdout`: None leaves them; another task forgets the metric.
    `drop_copies`: leave out rows that are copies of others.
    `drop_alike`: leave out rows that are equal to others in these columns, which are the ones used; empty leaves it.
    """

    title: Message
    columns: Mapping[str, ColumnChoice] = field(default_factory=dict)
    task: TaskKind | None = None
    metric: str | None = None
    holdout: float | None = None
    drop_copies: bool = False
    drop_alike: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this remedy."""
        data = asdict(self)
        data["title"], data["drop_alike"] = self.title.to_json(), list(self.drop_alike)
        return data

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Remedy":
        """Rebuild a stored remedy."""
        columns = {name: ColumnChoice.from_json(choice) for name, choice in data["columns"].items()}
        task = TaskKind(data["task"]) if data["task"] else None
        title, alike = Message.from_json(data["title"]), tuple(data["drop_alike"])
        return Remedy(**{**data, "title": title, "columns": columns, "task": task, "drop_alike": alike})


@dataclass(frozen=True, kw_only=True)
class ExperimentConfig:
    """The settings of one run.

    `target`, `task`, `metric`: None means: suggest one. `columns`: changes to what was found out, by column name.
    `positive`: the class looked for in a question with two answers; None takes the one that means yes, or the rarer.
    `seconds`: time from the start of the process to a verified, scored model.
    `candidates`: try exactly this many and let the clock decide nothing; None means the clock decides.
    `holdout`: share of rows set aside for the final score; None chooses by size; 0 trains on all rows.
    `jobs`: candidates trained at once; None chooses by rows and cores.
    `memory_gb`: limit of one candidate's process; None takes an equal share of what is free.
    `families`: keys of the model families to try; empty means all that apply.
    `drop_copies`: rows that are exact copies of earlier ones are left out. `drop_alike`: also those that are equal to
    earlier ones in these columns: the ones that were used when it was chosen, whatever is changed later.
    `search`, `validation`, `limits`, `decisions`: what experts may decide besides. `again`: what an earlier run has
    found is trained, and nothing is searched; None searches. `use`: what the answer is for, which training ignores.
    """

    target: str | None = None
    task: TaskKind | None = None
    positive: str | None = None
    metric: str | None = None
    columns: Mapping[str, ColumnChoice] | None = None
    seconds: float = 300.0
    candidates: int | None = None
    holdout: float | None = None
    seed: int = 0
    jobs: int | None = None
    memory_gb: float | None = None
    families: tuple[str, ...] = ()
    drop_copies: bool = False
    drop_alike: tuple[str, ...] = ()
    search: SearchSettings = field(default_factory=SearchSettings)
    validation: ValidationSettings = field(default_factory=ValidationSettings)
    limits: ModelLimits = field(default_factory=ModelLimits)
    decisions: DecisionSettings = field(default_factory=DecisionSettings)
    again: Again | None = None
    use: IntendedUse = field(default_factory=IntendedUse)

    @property
    def chosen_target(self) -> str | None:
        """The target, named or given to a column as its role; None when it is left open."""
        if self.target is not None:
            return self.target
        return next((name for name, choice in (self.columns or {}).items() if choice.role is Role.TARGET), None)

    def problems(self, schema: TableSchema) -> tuple[Message, ...]:
        """List everything that is wrong at once; empty when the run can start."""
        return (*self._wrong_values(), *self._wrong_columns(schema))

    def _wrong_values(self) -> Iterator[Message]:
        if not 5 <= self.seconds < math.inf:
            yield BAD_SECONDS(seconds=self.seconds)
        if self.holdout is not None and not 0 <= self.holdout <= 0.5:
            yield BAD_HOLDOUT(holdout=self.holdout)
        if self.candidates is not None and self.candidates < 1:
            yield BAD_CANDIDATES(candidates=self.candidates)
        if not 0 <= self.seed <= MOST_SEED:
            yield BAD_SEED(seed=self.seed)
        if self.jobs is not None and self.jobs < 1:
            yield BAD_JOBS(jobs=self.jobs)
        if self.memory_gb is not None and not 0 < self.memory_gb < math.inf:
            yield BAD_MEMORY(memory_gb=self.memory_gb)
        yield from self.validation.problems()
        yield from self.search.problems()
        yield from wrong_decisions(self.decisions)
        yield from self.use.problems()
        yield from self._wrong_families()
        if self.metric is not None:
            try:
                metric = metric_named(self.metric)
            except ConfigError as unknown:
                yield unknown.message
                return
            if self.task is not None and self.task not in metric.tasks:
                yield BAD_METRIC(metric=self.metric, task=str(self.task))

    def _wrong_families(self) -> Iterator[Message]:
        if not self.families and self.search.space is None and not (self.limits.interpretable and self.limits.monotone):
            return  # whichever of the two is asked for, some family can do it
        from engine.families.family import families, family_named
        from engine.search.own_space import NONE_ALLOWED, families_named

        try:
            chosen = [family_named(key) for key in self.families]
        except ConfigError as unknown:
            yield unknown.message
            return
        chosen = chosen or [family for family in families() if family.key != BASELINE]
        named = families_named(self.search.space)
        searched = [family for family in chosen if not named or family.key in named]
        if not searched:
            yield NONE_ALLOWED(named=", ".join(named), families=", ".join(family.key for family in chosen))
        elif all(refusal(family, self.limits) for family in searched):
            yield NO_FAMILY_LEFT(families=", ".join(family.key for family in searched))

    def _wrong_columns(self, schema: TableSchema) -> Iterator[Message]:
        unknown = [name for name in self.columns or {} if name not in schema]
        if unknown:
            yield UNKNOWN_COLUMN(column=unknown[0], choices=_choices(unknown[0], schema.names))
            return
        target = self.chosen_target
        if target is not None and target not in schema:
            yield TARGET_MISSING(target=target, choices=_choices(target, schema.names))
            return
        yield from self._two_ways()
        applied = self.apply(schema)
        yield from unfit_roles(applied)
        yield from limit_problems(self.limits, applied)
        if self.validation.scheme == Scheme.FORWARD and not applied.with_role(Role.TIME):
            yield NO_ORDER()
        for name, choice in (self.columns or {}).items():
            yield from wrong_rewriting(schema[name], applied[name], choice)
            if applied[name].role is Role.FEATURE:
                yield from unfit_kind(applied[name])
        if not [column for column in applied.features if column.name != target]:
            yield NO_FEATURES()

    def _two_ways(self) -> Iterator[Message]:
        """Tell a target that is chosen in two ways which contradict each other."""
        for name, choice in (self.columns or {}).items():
            if self.target is None or choice.role is None:
                continue
            if name == self.target and choice.role is not Role.TARGET:
                yield TARGET_OF_OTHER_ROLE(target=name, role=str(choice.role))
            elif name != self.target and choice.role is Role.TARGET:
                yield TWO_TARGETS(target=self.target, other=name)

    def remedied(self, remedy: Remedy) -> "ExperimentConfig":
        """Return these settings with what a remedy changes."""
        columns = dict(self.columns or {})
        for name, choice in remedy.columns.items():
            columns[name] = choice.beside(columns.get(name, ColumnChoice()))
        other_task = remedy.task is not None and remedy.task is not self.task
        return replace(
            self,
            columns=columns or None,
            task=remedy.task or self.task,
            metric=remedy.metric or (None if other_task else self.metric),
            positive=None if other_task else self.positive,
            holdout=self.holdout if remedy.holdout is None else remedy.holdout,
            drop_copies=self.drop_copies or remedy.drop_copies,
            drop_alike=remedy.drop_alike or self.drop_alike,
        )

    def fitted(self, schema: TableSchema) -> "ExperimentConfig":
        """Return what of these settings can be said of another reading of the same file."""
        columns = {name: choice for name, choice in (self.columns or {}).items() if name in schema}
        fitting = replace(self, columns=columns or None, target=self.target if self.target in schema else None)
        if fitting.target is None:
            fitting = replace(fitting, task=None, metric=None, positive=None)
        return replace(fitting, columns=None) if fitting.problems(schema) else fitting

    def apply(self, schema: TableSchema) -> TableSchema:
        """Return the schema with the person's changes and the chosen target.

        An id that shall be a feature becomes a category; a column declared an id or constant is left out.
        Raises ConfigError when a changed column does not exist.
        """
        schema = schema.replacing([changed(schema[name], choice) for name, choice in (self.columns or {}).items()])
        return schema.with_target(self.target) if self.target is not None and self.target in schema else schema

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this configuration."""
        data = asdict(self)
        data["families"], data["drop_alike"] = list(self.families), list(self.drop_alike)
        if self.again is not None:
            data["again"]["candidates"] = list(data["again"]["candidates"])
        return data

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "ExperimentConfig":
        """Rebuild a stored configuration."""
        columns = {name: ColumnChoice.from_json(choice) for name, choice in (data.get("columns") or {}).items()}
        return ExperimentConfig(
            **{
                **data,
                "task": TaskKind(data["task"]) if data.get("task") else None,
                "columns": columns or None,
                "families": tuple(data.get("families") or ()),
                "drop_alike": tuple(data.get("drop_alike") or ()),
                "search": SearchSettings(**data.get("search", {})),
                "validation": ValidationSettings(**data.get("validation", {})),
                "limits": ModelLimits(**data.get("limits", {})),
                "decisions": DecisionSettings(**data.get("decisions", {})),
                "again": Again.from_json(data["again"]) if data.get("again") else None,
                "use": IntendedUse(**data.get("use", {})),
            }
        )


def _choices(wanted: str, names: Sequence[str]) -> str:
    """Name the columns that there are, those first that may be meant.

    >>> _choices("Age", ["id", "town", "age"])
    'age, id, town'
    """
    by_letters = {name.casefold(): name for name in names}
    near = [by_letters[each] for each in difflib.get_close_matches(wanted.casefold(), by_letters)]
    return listed([*near, *(name for name in names if name not in near)], MOST_NAMED)
