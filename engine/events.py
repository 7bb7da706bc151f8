"""What happens during a run, as frozen records. Screens, terminal and MLflow are readers of these."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, TypeVar

from engine.checks.check import Finding
from engine.messages import Message
from engine.outcomes import Certificate, Estimate, Importance, Influence, Member, SmallerModel
from engine.search.option import Option
from engine.search.table_features import TableFeatures
from engine.tasks.task import Task

EVENT_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened. `seconds`: active seconds since the run's clock started, pauses excluded."""

    kind: ClassVar[str] = ""
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return plain data, with kind and version, that `event_from_json` turns back into this event."""
        data = {f.name: _plain(getattr(self, f.name)) for f in fields(self)}
        return {"kind": self.kind, "version": EVENT_VERSION, **data}


@dataclass(frozen=True, kw_only=True)
class RunStarted(Event):
    """The worker has begun (or begun again, when `resumed`)."""

    kind: ClassVar[str] = "run_started"
    process_id: int
    resumed: bool = False


@dataclass(frozen=True, kw_only=True)
class DataPrepared(Event):
    """The question is settled and the rows are divided."""

    kind: ClassVar[str] = "data_prepared"
    task: Task
    metric: str
    greater_is_better: bool
    n_rows: int
    n_columns: int
    n_train: int
    n_holdout: int
    n_folds: int
    baseline: float  # the metric of predicting the same for every row, on the training rows
    metric_reason: Message | None = None
    how_validated: Message | None = None  # how candidates are compared, and why so


@dataclass(frozen=True, kw_only=True)
class Sampled(Event):
    """A sample of a table larger than memory was drawn. `classes`: of each answer the rows, and those in the sample."""

    kind: ClassVar[str] = "sampled"
    n_rows: int
    n_sample: int
    n_held: int
    classes: Mapping[str, tuple[int, int]]
    said: tuple[Message, ...]


@dataclass(frozen=True, kw_only=True)
class AllRowsTried(Event):
    """The model of a sample was fitted on `n_used` rows, 0 where not. `before`, `after`: how both compare, if so."""

    kind: ClassVar[str] = "all_rows_tried"
    n_used: int
    before: float | None
    after: float | None
    kept: bool
    members: tuple[Member, ...]
    reason: Message
    problem: Message | None = None


@dataclass(frozen=True, kw_only=True)
class TableDescribed(Event):
    """What the table is like, for later runs. `alike`: earlier runs on tables like it that this one begins with."""

    kind: ClassVar[str] = "table_described"
    features: TableFeatures
    alike: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Checked(Event):
    """The traps that the checks found in the table, the most severe first."""

    kind: ClassVar[str] = "checked"
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class StageStarted(Event):
    """The run entered a stage: prepare, search, blend, refit, export, certify, score, explain."""

    kind: ClassVar[str] = "stage_started"
    stage: str


@dataclass(frozen=True, kw_only=True)
class CandidateStarted(Event):
    """A candidate began to train. `request`: of the person who asked for it; empty when the search proposed it."""

    kind: ClassVar[str] = "candidate_started"
    number: int
    family: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    request: str = ""


@dataclass(frozen=True, kw_only=True)
class CandidateFinished(Event):
    """A candidate has a score.

    `score`: the mean of `fold_scores`; `pooled_score`: of all rows of the folds together, as the blend is scored; None
    where it was given up or is not defined. `spread`: standard deviation over folds. `rounds`: boosting rounds, 0 if
    none. `n_nodes`, `n_steps`: of the trees of all folds, see `TreeSizes`.
    `n_unscored`: folds beyond those of the scores, see `Report`.
    `pruned`: it was given up after some folds because it could not win; its score covers those folds.
    `files`: where what it has left goes to other computers, the SHA-256 of each file by its path in the run's folder.
    """

    kind: ClassVar[str] = "candidate_finished"
    number: int
    family: str
    parameters: Mapping[str, Any]
    score: float
    spread: float
    fold_scores: tuple[float, ...]
    train_seconds: float
    rounds: int = 0
    n_nodes: int = 0
    n_steps: int = 0
    n_unscored: int = 0
    memory_bytes: int = 0
    pruned: bool = False
    pooled_score: float | None = None
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CandidateFailed(Event):
    """A candidate failed, alone."""

    kind: ClassVar[str] = "candidate_failed"
    number: int
    family: str
    parameters: Mapping[str, Any]
    cause: Message
    train_seconds: float


@dataclass(frozen=True, kw_only=True)
class FamilySkipped(Event):
    """A family does not apply to this table."""

    kind: ClassVar[str] = "family_skipped"
    family: str
    reason: Message


@dataclass(frozen=True, kw_only=True)
class SearchEnded(Event):
    """No further candidate is tried, and why."""

    kind: ClassVar[str] = "search_ended"
    reason: Message


@dataclass(frozen=True, kw_only=True)
class Paused(Event):
    """The run stands still; its clock too."""

    kind: ClassVar[str] = "paused"


@dataclass(frozen=True, kw_only=True)
class Continued(Event):
    """The run goes on after a pause."""

    kind: ClassVar[str] = "continued"


@dataclass(frozen=True, kw_only=True)
class StopRequested(Event):
    """The person asked to stop and keep the best."""

    kind: ClassVar[str] = "stop_requested"


@dataclass(frozen=True, kw_only=True)
class TimeAdded(Event):
    """The person gave the search more time: so much in all, on top of the budget that it began with."""

    kind: ClassVar[str] = "time_added"
    added_seconds: float


@dataclass(frozen=True, kw_only=True)
class SearchOpened(Event):
    """The search begins. `options`: what can be set in a candidate, by family."""

    kind: ClassVar[str] = "search_opened"
    options: Mapping[str, tuple[Option, ...]]


@dataclass(frozen=True, kw_only=True)
class CandidateAsked(Event):
    """The person asked to try this candidate next. `like`: the number of the candidate that it was made from."""

    kind: ClassVar[str] = "candidate_asked"
    request: str
    family: str
    parameters: Mapping[str, Any]
    like: int | None = None


@dataclass(frozen=True, kw_only=True)
class FamilyBanned(Event):
    """The person asked for no new candidates of a family, or, when `lifted`, for them again."""

    kind: ClassVar[str] = "family_banned"
    request: str
    family: str
    lifted: bool = False


@dataclass(frozen=True, kw_only=True)
class CandidatePinned(Event):
    """The person pinned a candidate, or, when `lifted`, no longer does."""

    kind: ClassVar[str] = "candidate_pinned"
    request: str
    number: int
    lifted: bool = False


@dataclass(frozen=True, kw_only=True)
class RequestAnswered(Event):
    """The search heard what a person asked for, while `before` was the next candidate; `problem`: why it cannot be."""

    kind: ClassVar[str] = "request_answered"
    request: str
    before: int
    problem: Message | None = None


@dataclass(frozen=True, kw_only=True)
class BlendChosen(Event):
    """Which candidates make the final model, and the score of the blend on out-of-fold rows (nested).

    `reason`: why not all candidates were chosen among; None where they were. `no_room`: which ones are better than each
    member, but too slow or too large for the file; None where there are none.
    """

    kind: ClassVar[str] = "blend_chosen"
    members: tuple[Member, ...]
    score: float
    reason: Message | None = None
    no_room: Message | None = None

    @property
    def said(self) -> tuple[Message, ...]:
        """What there is to say about the choice."""
        return tuple(message for message in (self.reason, self.no_room) if message is not None)


@dataclass(frozen=True, kw_only=True)
class ModelRefused(Event):
    """These members could not be made into a certified file; the run falls back to the next best."""

    kind: ClassVar[str] = "model_refused"
    cause: Message
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ModelReady(Event):
    """The file is written, verified and scored.

    `path`: artifact name of the file. `holdout`: scores of the file by metric, or None with `--holdout 0`; then
    `validation` holds the nested out-of-fold scores. `baseline`: the same metrics of predicting the same for every row,
    on the same rows. `decided`: how the file's decisions do on rows that did not fit them: the `wanted` coverage of its
    intervals, or of the classes that it does not rule out, the `coverage` found and on how many rows (`n_rows`, of the
    hold-out), and the mean `width` of the intervals or the share of rows with several possible classes (`unsure`).
    `gain`: by how much the file is better than the baseline in the run's metric, row by row on the hold-out; None
    without one.
    """

    kind: ClassVar[str] = "model_ready"
    path: str
    certificate: Certificate
    holdout: Mapping[str, Estimate] | None
    validation: Mapping[str, Estimate]
    baseline: Mapping[str, float]
    read_seconds: float  # from the start of the process to the first candidate
    search_seconds: float
    decided: Mapping[str, float] = field(default_factory=dict)
    gain: Estimate | None = None


@dataclass(frozen=True, kw_only=True)
class Explained(Event):
    """What matters most.

    `path`: artifact with the SHAP values behind it. `max_sum_diff`: largest difference of their sums to the file.
    """

    kind: ClassVar[str] = "explained"
    importances: tuple[Importance, ...]
    path: str
    n_rows: int
    max_sum_diff: float


@dataclass(frozen=True, kw_only=True)
class ExplanationFailed(Event):
    """What matters most could not be found out; the model is not touched by that."""

    kind: ClassVar[str] = "explanation_failed"
    cause: Message


@dataclass(frozen=True, kw_only=True)
class SearchSummarised(Event):
    """Which choices of the search made the difference, by family, the largest first."""

    kind: ClassVar[str] = "search_summarised"
    influences: tuple[Influence, ...]


@dataclass(frozen=True, kw_only=True)
class SmallerReady(Event):
    """Smaller versions of the model are written, verified and scored, the largest first."""

    kind: ClassVar[str] = "smaller_ready"
    smaller: tuple[SmallerModel, ...]


@dataclass(frozen=True, kw_only=True)
class Finished(Event):
    """The run came to its end. `stopped`: because the person asked; the best was kept."""

    kind: ClassVar[str] = "finished"
    stopped: bool = False


@dataclass(frozen=True, kw_only=True)
class Failed(Event):
    """The run cannot go on."""

    kind: ClassVar[str] = "failed"
    cause: Message


@dataclass(frozen=True, kw_only=True)
class Mirrored(Event):
    """The run stands in MLflow too; `problem` says why not, when it does not."""

    kind: ClassVar[str] = "mirrored"
    mlflow_run_id: str = ""
    problem: Message | None = None


Request = CandidateAsked | FamilyBanned | CandidatePinned  # written by the doors, while the run is under way
REQUESTS = (CandidateAsked, FamilyBanned, CandidatePinned)


def _plain(value: Any) -> Any:
    if hasattr(value, "to_json"):
        return value.to_json()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Member | Importance | Influence | Certificate | Estimate):
        return asdict(value)
    return value


E = TypeVar("E", bound=Event)


def of_kind(events: Iterable[Event], kind: type[E]) -> list[E]:
    """Return the events of one kind, in order."""
    return [event for event in events if isinstance(event, kind)]
