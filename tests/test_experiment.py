"""A whole run through the engine: the same seed gives the same leaderboard; stopping and resuming lose nothing."""

import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import ExperimentConfig, FinishedRun, open_model, run_experiment
from engine.column_choice import ColumnChoice
from engine.errors import ConfigError, RunError, TargetError
from engine.events import (
    CandidateFailed,
    CandidateFinished,
    Event,
    ModelReady,
    RunStarted,
    SearchEnded,
    StageStarted,
    of_kind,
)
from engine.progress import Command, Progress, Status
from engine.search import loop
from engine.search.validation import ValidationSettings
from engine.table.dataset import Dataset
from engine.table.reading import read_table
from engine.table.schema import Role
from engine.tasks.task import TaskKind
from tests.conftest import flats


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A table with every kind of column."""
    path = tmp_path_factory.mktemp("table") / "flats.csv"
    flats().to_csv(path, index=False)
    return read_table(path)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A table whose candidates take a moment each: enough for what happens in a run, whatever its columns are."""
    path = tmp_path_factory.mktemp("small") / "flats.csv"
    flats()[["Fläche", "rooms", "town", "worth", "dear"]].head(160).to_csv(path, index=False)
    return read_table(path)


def config(**changes: Any) -> ExperimentConfig:
    usual: dict[str, Any] = {
        "target": "dear",
        "columns": {"worth": ColumnChoice(role=Role.IGNORED)},
        "candidates": 2,
        "seed": 5,
        "families": ("linear", "lightgbm"),
        "validation": ValidationSettings(n_folds=3, n_repeats=1),
    }
    return ExperimentConfig(**{**usual, **changes})


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A run on the table with every kind of column that has come to its end, and what it told."""

    outcome: FinishedRun
    events: tuple[Event, ...]


@pytest.fixture(scope="module")
def finished(table: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    events: list[Event] = []
    outcome = run_experiment(table, config(), folder=tmp_path_factory.mktemp("finished"), emit=events.append)
    return Finished(outcome=outcome, events=tuple(events))


def scores(progress: Progress) -> list[tuple[int, str, float]]:
    return [(result.number, result.family, result.score) for result in progress.leaderboard]


def test_the_same_seed_gives_the_same_leaderboard_whatever_the_number_of_jobs(small: Dataset, tmp_path: Path) -> None:
    one = run_experiment(small, config(candidates=11, jobs=1), folder=tmp_path / "one").progress
    two = run_experiment(small, config(candidates=11, jobs=2), folder=tmp_path / "two").progress
    assert scores(one) == scores(two)
    assert one.blend is not None
    assert two.blend is not None
    assert one.blend.members == two.blend.members
    assert len(one.finished) + len(one.failed) == 12  # the baseline stands beside the 11


def test_a_finished_run_has_scored_its_file_on_rows_it_never_saw(finished: Finished, table: Dataset) -> None:
    outcome = finished.outcome
    ready, prepared = outcome.progress.ready, outcome.progress.prepared
    assert outcome.progress.status is Status.FINISHED
    assert ready is not None
    assert prepared is not None
    assert prepared.n_train + prepared.n_holdout == table.n_rows
    assert ready.certificate.max_abs_diff <= 1e-5
    assert ready.holdout is not None
    score = ready.holdout["auc"]
    assert score.low <= score.value <= score.high
    assert score.value > ready.baseline["auc"]
    model = open_model(outcome.model_path)
    assert set(model.task.classes) == {"cheap", "dear"}
    assert "worth" not in [column.name for column in model.columns]


def test_shap_sums_agree_with_the_file_and_name_the_columns(finished: Finished, table: Dataset) -> None:
    explained = finished.outcome.progress.explained
    assert explained is not None
    assert explained.max_sum_diff < 1e-4
    assert sum(item.share for item in explained.importances) == pytest.approx(1)
    assert explained.importances[0].column == "Fläche"
    assert {item.column for item in explained.importances} <= set(table.schema.names)


def test_without_a_holdout_the_score_is_nested_out_of_fold(small: Dataset, tmp_path: Path) -> None:
    progress = run_experiment(small, config(holdout=0.0), folder=tmp_path).progress
    assert progress.ready is not None
    assert progress.ready.holdout is None
    assert progress.ready.validation["auc"].value > 0.8
    assert progress.smaller is not None
    assert progress.smaller.smaller == ()  # nobody knows what they would cost


@pytest.mark.parametrize(
    ("target", "kind", "metric"), [("town", TaskKind.MULTICLASS, "log_loss"), ("worth", TaskKind.REGRESSION, "rmse")]
)
def test_other_tasks(table: Dataset, tmp_path: Path, target: str, kind: TaskKind, metric: str) -> None:
    left_out = {"dear": ColumnChoice(role=Role.IGNORED)}
    progress = run_experiment(table, config(target=target, columns=left_out), folder=tmp_path).progress
    assert progress.prepared is not None
    assert progress.prepared.task.kind is kind
    assert progress.prepared.metric == metric
    assert progress.ready is not None
    assert progress.ready.holdout is not None
    assert progress.ready.holdout[metric].value < progress.ready.baseline[metric]


def test_a_stop_at_once_still_leaves_a_verified_model(small: Dataset, tmp_path: Path) -> None:
    events: list[Event] = []
    outcome = run_experiment(small, config(), folder=tmp_path, emit=events.append, control=lambda: Command.STOP)
    assert outcome.progress.status is Status.STOPPED
    assert outcome.model_path.is_file()
    assert [event.reason.code for event in of_kind(events, SearchEnded)] == ["search_stopped"]


def test_a_stop_during_refits_does_not_wait_for_them(table: Dataset, tmp_path: Path) -> None:
    events: list[Event] = []

    def control() -> Command:
        refitting = any(isinstance(event, StageStarted) and event.stage == "refit" for event in events)
        return Command.STOP if refitting else Command.CONTINUE

    in_time = {
        "sold on": ColumnChoice(role=Role.TIME),
        "worth": ColumnChoice(role=Role.IGNORED),
    }  # forward in time every member is refitted
    asked = config(columns=in_time, families=("lightgbm",), candidates=1)
    outcome = run_experiment(table, asked, folder=tmp_path, emit=events.append, control=control)
    assert outcome.progress.ready is not None
    assert not list(tmp_path.glob("trials/*/refit-*.pkl"))


def test_a_run_that_began_too_late_for_any_candidate_still_leaves_a_verified_model(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "GRACE_SECONDS", -100.0)  # every deadline has passed already
    late = config(candidates=None, seconds=10)
    outcome = run_experiment(small, late, folder=tmp_path, clock_started=time.time() - 60)
    assert {result.family for result in outcome.progress.finished} == {"baseline"}
    assert outcome.model_path.is_file()


def test_a_search_says_why_it_ended(finished: Finished) -> None:
    assert [event.reason.code for event in of_kind(finished.events, SearchEnded)] == ["search_all_tried"]


def test_a_pause_stops_the_clock_and_is_told(small: Dataset, tmp_path: Path) -> None:
    events: list[Event] = []
    asked = iter([Command.CONTINUE] * 20 + [Command.PAUSE] * 5)
    run_experiment(small, config(), folder=tmp_path, emit=events.append, control=lambda: next(asked, Command.CONTINUE))
    kinds = [event.kind for event in events]
    assert kinds.index("continued") == kinds.index("paused") + 1
    assert events[kinds.index("continued")].seconds - events[kinds.index("paused")].seconds < 0.1


def test_candidates_that_need_too_much_memory_fail_alone_and_say_so(table: Dataset, tmp_path: Path) -> None:
    events: list[Event] = []
    with pytest.raises(RunError, match="No candidate could be trained"):
        run_experiment(table, config(memory_gb=0.001), folder=tmp_path, emit=events.append)
    causes = {event.cause.code for event in of_kind(events, CandidateFailed)}
    assert causes == {"trial_too_big"}


class GoneError(Exception):
    """The process is no more."""


def test_a_resumed_run_keeps_every_finished_candidate(small: Dataset, tmp_path: Path) -> None:
    before: list[Event] = []

    def vanish(event: Event) -> None:
        before.append(event)
        if len(of_kind(before, CandidateFinished)) == 4:
            raise GoneError

    with pytest.raises(GoneError):
        run_experiment(small, config(candidates=6), folder=tmp_path, emit=vanish)
    after: list[Event] = []
    outcome = run_experiment(small, config(candidates=6), folder=tmp_path, emit=after.append, past=tuple(before))
    assert of_kind(after, RunStarted)[0].resumed
    done_before = {event.number for event in of_kind(before, CandidateFinished)}
    assert not done_before & {event.number for event in of_kind(after, CandidateFinished)}
    assert {result.number for result in outcome.progress.finished} == set(range(7))
    assert outcome.progress.seconds >= before[-1].seconds


def test_a_run_that_broke_off_after_its_score_does_not_look_at_the_holdout_again(
    small: Dataset, tmp_path: Path
) -> None:
    before: list[Event] = []

    def vanish(event: Event) -> None:
        before.append(event)
        if isinstance(event, ModelReady):
            raise GoneError

    with pytest.raises(GoneError):
        run_experiment(small, config(), folder=tmp_path, emit=vanish)
    after: list[Event] = []
    outcome = run_experiment(small, config(), folder=tmp_path, emit=after.append, past=tuple(before))
    assert not of_kind(after, ModelReady)
    assert outcome.progress.status is Status.FINISHED
    assert outcome.progress.explained is not None


def test_a_stopped_run_that_broke_off_after_its_score_is_still_told_as_stopped(small: Dataset, tmp_path: Path) -> None:
    before: list[Event] = []

    def vanish(event: Event) -> None:
        before.append(event)
        if isinstance(event, ModelReady):
            raise GoneError

    with pytest.raises(GoneError):
        run_experiment(small, config(), folder=tmp_path, emit=vanish, control=lambda: Command.STOP)
    outcome = run_experiment(small, config(), folder=tmp_path, past=tuple(before))
    assert outcome.progress.status is Status.STOPPED


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"target": "nothing"}, ConfigError, "no column called nothing"),
        ({"holdout": 0.9}, ConfigError, "hold-out share is 0.9"),
        ({"seconds": 1.0}, ConfigError, "seconds from 5 on"),
        ({"seconds": float("inf")}, ConfigError, "seconds from 5 on"),
        ({"metric": "rmse", "task": TaskKind.BINARY}, ConfigError, "does not measure"),
        ({"families": ("magic",)}, ConfigError, "no family called magic"),
        ({"columns": {"elsewhere": ColumnChoice(role=Role.IGNORED)}}, ConfigError, "no column called elsewhere"),
    ],
)
def test_settings_that_cannot_work_are_refused_in_words(
    table: Dataset, tmp_path: Path, changes: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        run_experiment(table, config(**changes), folder=tmp_path)
    assert not list(Path(tmp_path).rglob("*.onnx"))


def test_a_constant_target_is_refused_in_words(table: Dataset, tmp_path: Path) -> None:
    constant = Dataset(
        frame=table.frame.assign(dear="dear"),
        schema=table.schema,
        name=table.name,
        fingerprint=table.fingerprint,
    )
    with pytest.raises(TargetError, match=r"same value|one value|only"):
        run_experiment(constant, config(), folder=tmp_path)


def test_a_single_fold_is_scored_on_rows_that_did_not_stop_the_fit(tmp_path: Path) -> None:
    """Above 60,000 rows there is one fold: half of its rows stop the fit, the other half score it."""
    n_rows = 61_000
    draw = random.Random(1)
    lines = [f"{draw.random():.4f},{draw.randint(1, 9)},{draw.choice('ab')}" for _ in range(n_rows)]
    path = tmp_path / "large.csv"
    path.write_text("\n".join(["size,count,answer", *lines]))
    quick = ExperimentConfig(target="answer", candidates=1, holdout=0.0, families=("linear",))
    place = tmp_path / "run"
    progress = run_experiment(read_table(path), quick, folder=place).progress
    scored = np.isfinite(np.load(place / "trials" / "1" / "oof.npy")).sum()
    assert progress.prepared is not None
    assert progress.prepared.n_folds == 1
    assert scored == pytest.approx(n_rows / 20, abs=5)
