"""Runs in any state, made of real events in a real workspace."""

from engine.config import ExperimentConfig
from engine.events import (
    BlendChosen,
    CandidateFailed,
    CandidateFinished,
    CandidateStarted,
    DataPrepared,
    Event,
    Explained,
    Failed,
    FamilySkipped,
    Finished,
    ModelReady,
    RunStarted,
    SmallerReady,
    StageStarted,
)
from engine.messages import phrase
from engine.outcomes import Certificate, Estimate, Importance, Member, SmallerModel
from engine.tasks.task import Task, TaskKind
from storage.workspace import Workspace

TOOK_TOO_LONG = phrase("test_too_long", "It was stopped after {seconds} s.", "Give more time.")
LESS_OF_IT = phrase("test_less_of_it", "Less of it: {n}.")
NOT_FOR_THIS = phrase("test_not_for_this", "It needs at least {n} rows.")
TASK = Task(kind=TaskKind.BINARY, targets=("left",), classes=("no", "yes"))
REGRESSION = Task(kind=TaskKind.REGRESSION, targets=("price",))
SCORES = (("baseline", 0.5), ("linear", 0.79), ("lightgbm", 0.842), ("catboost", 0.851), ("lightgbm", 0.848))
COLUMNS = ("contract", "monthly_fee", "satisfaction", "support_calls", "joined", "outage_hours", "region", "newsletter")


def begun(task: Task = TASK) -> list[Event]:
    """Return the events of a search that has some scores, one failure and one candidate under way."""
    classes = task.kind is TaskKind.BINARY
    events: list[Event] = [
        RunStarted(seconds=0, process_id=1),
        StageStarted(seconds=0.1, stage="prepare"),
        DataPrepared(
            seconds=1,
            task=task,
            metric="auc" if classes else "rmse",
            greater_is_better=classes,
            n_rows=4000,
            n_columns=13,
            n_train=3200,
            n_holdout=800,
            n_folds=5,
            baseline=0.5 if classes else 2.0,
        ),
        StageStarted(seconds=1, stage="search"),
        FamilySkipped(seconds=1, family="nearest", reason=NOT_FOR_THIS(n=10000)),
    ]
    for number, (family, score) in enumerate(SCORES, 1):
        events += [
            CandidateStarted(seconds=4.0 * number - 3, number=number, family=family),
            CandidateFinished(
                seconds=4.0 * number,
                number=number,
                family=family,
                parameters={},
                score=score if classes else 2 - score,
                spread=0.011,
                fold_scores=(score,) * 5,
                train_seconds=2.5 + number / 3,
            ),
        ]
    cause = TOOK_TOO_LONG(seconds=9)
    failed = CandidateFailed(seconds=22, number=6, family="linear", parameters={}, cause=cause, train_seconds=9)
    return [*events, failed, CandidateStarted(seconds=22, number=7, family="catboost")]


def ready(task: Task = TASK) -> list[Event]:
    """Return the events up to a model that is verified and scored."""
    binary = task.kind is TaskKind.BINARY
    scores = {
        "auc": Estimate(value=0.8535, low=0.829, high=0.877),
        "accuracy": Estimate(value=0.907, low=0.886, high=0.927),
        "log_loss": Estimate(value=0.2814, low=0.25, high=0.31),
        "f1": Estimate(value=0.688, low=0.64, high=0.73),
    }
    errors = {
        "rmse": Estimate(value=26801.4, low=24100, high=29400),
        "mae": Estimate(value=15203.2, low=14800.7, high=15700),
        "r2": Estimate(value=0.91, low=0.89, high=0.92),
    }
    base = {"auc": 0.5, "accuracy": 0.81, "log_loss": 0.486, "f1": 0.0, "rmse": 79000.0, "mae": 55900.0, "r2": 0.0}
    return [
        *begun(task),
        StageStarted(seconds=50, stage="blend"),
        BlendChosen(
            seconds=51,
            members=(
                Member(number=4, family="catboost", weight=0.6),
                Member(number=5, family="lightgbm", weight=0.3),
                Member(number=2, family="linear", weight=0.1),
            ),
            score=0.856,
        ),
        StageStarted(seconds=58, stage="score"),
        ModelReady(
            seconds=59,
            path="model.onnx",
            certificate=Certificate(
                max_abs_diff=2.1e-7,
                rows_checked=1200,
                n_generated=400,
                sha256="3f" * 32,
                bytes=1_234_567,
                row_microseconds=142.0,
                versions={"onnxruntime": "1.31.1", "lightgbm": "4.7.0"},
            ),
            holdout=scores if binary else errors,
            validation={},
            baseline=base,
            read_seconds=0.5,
            search_seconds=49,
        ),
        StageStarted(seconds=59, stage="explain"),
    ]


def finished(task: Task = TASK) -> list[Event]:
    """Return all events of a run."""
    shares = (0.34, 0.21, 0.14, 0.11, 0.09, 0.07, 0.04, 0.0001)
    importances = tuple(Importance(column=c, value=s * 2, share=s) for c, s in zip(COLUMNS, shares, strict=True))
    explained = Explained(seconds=63, importances=importances, path="shap.npz", n_rows=2000, max_sum_diff=1e-7)
    return [*ready(task), explained, Finished(seconds=64)]


def with_smaller(task: Task = TASK) -> list[Event]:
    """Return all events of a run that has smaller versions of its model."""
    *events, end = finished(task)
    made = tuple(
        SmallerModel(
            path=f"smaller-{number}.onnx",
            how=LESS_OF_IT(n=number),
            bytes=n_bytes,
            row_microseconds=90.0 / number,
            max_abs_diff=1e-7,
            sha256="ab" * 32,
            score=Estimate(value=score, low=score - 0.02, high=score + 0.02),
        )
        for number, n_bytes, score in ((1, 400_000, 0.851), (2, 60_000, 0.84))
    )
    return [*events, SmallerReady(seconds=64, smaller=made), end]


def failed() -> list[Event]:
    """Return the events of a run that could not go on."""
    return [RunStarted(seconds=0, process_id=1), Failed(seconds=1, cause=TOOK_TOO_LONG(seconds=1))]


def keep(place: Workspace, events: list[Event], *, name: str = "Which customers will leave?", table: str = "") -> str:
    """Keep a run of these events and return its id."""
    config = ExperimentConfig(target="left", seconds=60)
    run_id = place.runs.create(owner="local", name=name, dataset_id=table or "none", config=config)
    for event in events:
        place.runs.append(run_id, event)
    return run_id
