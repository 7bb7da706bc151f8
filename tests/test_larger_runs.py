"""Runs on tables larger than memory: the search sees a sample, the model is fitted on all rows where that helps."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.blend.all_rows import FITTED, AllRows
from engine.blend.calibration import UNCALIBRATED
from engine.config import ExperimentConfig
from engine.events import AllRowsTried, Continued, Event, Paused, Sampled, of_kind
from engine.experiment import FinishedRun, run_experiment
from engine.families.family import Blocks, Rows, Setting, family_named
from engine.families.pace import MEASURED_ROUNDS, Pace
from engine.features.step import FeatureColumn, Matrix
from engine.messages import render
from engine.model import open_model
from engine.outcomes import Member
from engine.progress import Command, fold
from engine.run.finish import MemberPlan
from engine.run.larger import Larger, judged, refusal, sample_in_words
from engine.run.process import RunProcess
from engine.search.clock import Clock
from engine.search.data import TrainingData
from engine.search.order import Report
from engine.search.proposal import Proposal
from engine.search.surroundings import Result, Surroundings
from engine.search.validation import ValidationSettings
from engine.stored_events import event_from_json
from engine.table.dataset import Dataset
from engine.table.large.drawn import Drawn
from engine.table.reading import read_table
from engine.tasks.task import Task, TaskKind
from engine.unseen import ROW, TRUTH, as_often_as_in_the_table

N_ROWS = 24_000
SMALL = 1_500_000.0
BEGUN = "begun"


def made_up(n_rows: int, seed: int) -> pd.DataFrame:
    """Return rows whose answer hangs on many levels: hardly to be learnt from few rows, easily from many."""
    random = np.random.default_rng(seed)
    effect = np.random.default_rng(99).normal(scale=1.5, size=150)
    place = random.integers(0, 150, n_rows)
    size = random.normal(size=n_rows)
    yes = random.random(n_rows) < 1 / (1 + np.exp(3.2 - effect[place] - size))
    return pd.DataFrame(
        {
            "place": np.array([f"p{i}" for i in range(150)])[place],
            "size": size.round(3),
            "step": random.integers(0, 30, n_rows),
            "answer": np.where(yes, "yes", "no"),
        }
    )


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    place = tmp_path_factory.mktemp("rows")
    for part in range(3):
        made_up(N_ROWS // 3, part).to_parquet(place / f"part-{part}.parquet", row_group_size=2_000)
    return read_table(place, most_bytes=SMALL)


def config(**settings: object) -> ExperimentConfig:
    once = ValidationSettings(n_folds=3, n_repeats=1)
    usual = {"target": "answer", "metric": "log_loss", "candidates": 1, "families": ("lightgbm",), "validation": once}
    return ExperimentConfig(**{**usual, **settings})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def ran(large: Dataset, tmp_path_factory: pytest.TempPathFactory) -> tuple[FinishedRun, list[Event], Path]:
    events: list[Event] = []
    folder = tmp_path_factory.mktemp("run")
    return run_experiment(large, config(), folder=folder, emit=events.append), events, folder


def test_the_model_of_all_rows_is_kept_where_it_is_better(ran: tuple[FinishedRun, list[Event], Path]) -> None:
    outcome, events, _folder = ran
    (sampled,), (tried,) = of_kind(events, Sampled), of_kind(events, AllRowsTried)
    assert sampled.n_rows == N_ROWS
    assert sampled.n_sample < N_ROWS / 4
    assert tried.kept
    assert tried.n_used > 0.5 * N_ROWS
    assert tried.before is not None
    assert tried.after is not None
    assert tried.after < tried.before
    assert "is better than" in render(tried.reason)
    assert f"{tried.n_used:,} rows" in render(tried.reason)
    prepared = outcome.progress.prepared
    assert prepared is not None
    assert (prepared.n_rows, prepared.n_holdout) == (N_ROWS, sampled.n_held)


def test_probabilities_stay_those_of_the_table(ran: tuple[FinishedRun, list[Event], Path]) -> None:
    outcome, events, _folder = ran
    (sampled,) = of_kind(events, Sampled)
    n_yes, taken = sampled.classes["yes"]
    assert taken / sampled.n_sample > 1.5 * n_yes / sampled.n_rows  # drawn more often than others
    assert any("so that probabilities stay" in render(each) for each in sampled.said)
    new = made_up(8_000, 77)
    said = open_model(outcome.model_path).predict(new.drop(columns="answer"))["probability_yes"]
    assert said.mean() == pytest.approx((new["answer"] == "yes").mean(), rel=0.08)


def test_rows_kept_for_figures_have_the_answers_as_often_as_the_table() -> None:
    is_yes = np.arange(8_000) % 4 == 0  # drawn ten times as often as others
    weight = np.where(is_yes, 0.2, 2.0)
    drawn = Drawn(weight=weight, rows=np.arange(8_000), level=is_yes.astype(np.int64), n_held=8_000, n_compared=0)
    held = pd.DataFrame({ROW: np.arange(8_000), TRUTH: np.where(is_yes, "yes", "no")})
    kept = as_often_as_in_the_table(held, drawn, seed=1)
    assert (kept[TRUTH] == "no").sum() == 6_000
    assert (kept[TRUTH] == "yes").mean() == pytest.approx((weight * is_yes).sum() / weight.sum(), rel=0.25)
    assert as_often_as_in_the_table(held, replace(drawn, weight=None), seed=1) is held


def test_a_run_that_is_resumed_keeps_what_was_fitted_on_all_rows(
    large: Dataset, ran: tuple[FinishedRun, list[Event], Path], tmp_path: Path
) -> None:
    _outcome, events, folder = ran
    shutil.copytree(folder, tmp_path / "run")
    (fitted,) = (tmp_path / "run").rglob(FITTED)
    before = fitted.stat().st_mtime_ns
    ended = next(number for number, each in enumerate(events) if isinstance(each, AllRowsTried))
    again: list[Event] = []
    run_experiment(large, config(), folder=tmp_path / "run", emit=again.append, past=tuple(events[:ended]))
    (tried,), (first,) = of_kind(again, AllRowsTried), of_kind(events, AllRowsTried)
    assert (tried.n_used, tried.before, tried.after) == (first.n_used, first.before, first.after)
    assert fitted.stat().st_mtime_ns == before
    assert not list((tmp_path / "run").rglob("all_rows"))


def never_ready_at_first(asked: AllRows) -> int:
    """Wait until somebody ends this; begun anew, be ready at once."""
    if not (asked.order.folder / BEGUN).exists():
        (asked.order.folder / BEGUN).touch()
        time.sleep(600)
    return 20_000


def test_after_a_pause_the_fit_on_all_rows_begins_anew_because_its_own_clock_went_on(
    ran: tuple[FinishedRun, list[Event], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _outcome, _events, folder = ran
    monkeypatch.setattr("engine.run.larger.fit_on_all_rows", never_ready_at_first)
    told: list[Event] = []

    def control() -> Command:
        paused = (tmp_path / BEGUN).exists() and not of_kind(told, Paused)
        return Command.PAUSE if paused else Command.CONTINUE

    report = Report(
        fold_scores=(0.3,), score=0.3, pooled_score=0.3, spread=0.0, rounds=9, n_nodes=0, n_steps=0, pruned=False
    )
    proposal = Proposal(number=1, family="lightgbm", parameters={})
    larger = Larger(
        process=RunProcess(Surroundings(folder=tmp_path, clock=Clock(60.0), emit=told.append, control=control), ()),
        config=config(),
        data=TrainingData.load(folder / "data"),
        metric="log_loss",
        results={1: Result(proposal=proposal, report=report, seconds=1.0, loss=0.3)},
        threads=1,
        end_seconds=50.0,
        calibration=UNCALIBRATED,
        most_bytes=None,
        stopped=False,
    )
    member = Member(number=1, family="lightgbm", weight=1.0)
    assert larger._fitted(MemberPlan(member=member, n_refits=1, n_folds=3)) == 20_000
    assert (len(of_kind(told, Paused)), len(of_kind(told, Continued))) == (1, 1)


def test_what_was_sampled_survives_being_stored(ran: tuple[FinishedRun, list[Event], Path]) -> None:
    _outcome, events, _folder = ran
    again = [event_from_json(each.to_json()) for each in events]
    progress = fold([each for each in again if each is not None])
    assert progress.sampled == of_kind(events, Sampled)[0]
    assert progress.all_rows == of_kind(events, AllRowsTried)[0]


def test_without_rows_for_comparing_the_sample_has_the_last_word(large: Dataset, tmp_path: Path) -> None:
    events: list[Event] = []
    run_experiment(large, config(holdout=0.0, families=("linear",)), folder=tmp_path, emit=events.append)
    (tried,) = of_kind(events, AllRowsTried)
    assert not tried.kept
    assert "without rows set aside" in render(tried.reason)
    assert not list(tmp_path.rglob(FITTED))


def test_the_sample_is_kept_where_all_rows_made_nothing_better_whichever_way_a_metric_goes() -> None:
    sizes = {"n_used": 5_000, "n_sample": 900, "n": 400}
    best, new, said = judged([0.30, 0.25, 0.28], "log_loss", **sizes)
    assert (best, new, said.code) == (1, 1, "all_rows_gained")
    best, new, said = judged([0.30, 0.25, 0.28], "auc", **sizes)
    assert (best, new, said.code) == (0, 2, "all_rows_not_gained")
    assert "is no better than" in render(said)
    assert "0.28000 against 0.30000, on 400 further rows" in render(said)


def test_why_all_rows_are_not_tried_is_said() -> None:
    usual = {"is_able": True, "is_compared": True, "stopped": False}
    assert refusal(config(), **usual) is None
    for changed, code in (
        ({"is_able": False}, "all_rows_no_member"),
        ({"is_compared": False}, "all_rows_not_compared"),
        ({"stopped": True}, "all_rows_stopped"),
    ):
        said = refusal(config(), **{**usual, **changed})
        assert said is not None
        assert said.code == code
    said = refusal(config(drop_copies=True), **usual)
    assert said is not None
    assert said.code == "all_rows_copies"


def test_it_is_said_whether_all_rows_of_the_rare_answer_were_drawn() -> None:
    drawn = Drawn(weight=np.ones(5), rows=np.arange(5), level=np.zeros(5, np.int64), n_held=1, n_compared=1)
    whole = sample_in_words({"no": (9_000, 500), "yes": (100, 96)}, 9_100, 596, drawn, 0.02)
    assert [each.code for each in whole] == ["sample_drawn", "sample_rare_whole"]
    part = sample_in_words({"no": (9_000, 300), "yes": (900, 300)}, 9_900, 600, drawn, 0.02)
    assert [each.code for each in part] == ["sample_drawn", "sample_rare_part"]
    evenly = sample_in_words({"no": (500, 50), "yes": (500, 50)}, 1_000, 100, replace(drawn, weight=None), 0.02)
    assert [each.code for each in evenly] == ["sample_drawn"]


@pytest.mark.parametrize("key", ["lightgbm", "xgboost"])
def test_a_fit_on_blocks_is_the_fit_on_all_of_them(key: str, tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    columns = (FeatureColumn("a", ("a",)), FeatureColumn("b", ("b",)), FeatureColumn("c", ("c",), n_levels=4))
    values = np.column_stack([random.integers(0, 50, (3_000, 2)), random.integers(0, 4, 3_000)]).astype(np.float32)
    y = (values[:, 0] + 12 * (values[:, 2] == 1) + random.normal(0, 5, 3_000) > 35).astype(np.int64)
    weight = random.uniform(0.5, 2, 3_000)
    paths = []
    for number, first in enumerate((1_000, 1_700)):
        paths.append(tmp_path / f"{number}.npy")
        np.save(paths[-1], values[first : (1_700, 3_000)[number]])
    family = family_named(key)
    setting = Setting(
        task=Task(kind=TaskKind.BINARY, targets=("y",), classes=("no", "yes")),
        parameters=dict(family.starting_points[-1]) if key == "xgboost" else {"num_leaves": 8},
        seed=1,
        threads=1,
        rounds=20,
        store=tmp_path,
    )
    assert family.fit_blocks is not None
    blocks = Blocks(first=Matrix(values[:1_000], columns), paths=tuple(paths), y=y, weight=weight)
    state = family.fit_blocks(blocks, None, setting)
    whole = Matrix(values, columns)
    usual = family.fit(whole, y, weight, None, None, replace(setting, store=None))
    assert family.rounds(state) == 20
    ours, theirs = family.raw(state, whole, 20), family.raw(usual, whole, 20)
    assert np.abs(ours - theirs).mean() < (1e-9 if key == "lightgbm" else 0.05) * np.abs(theirs).mean()
    assert Rows(X=whole, y=y).weight is None


def test_a_fit_on_all_rows_that_has_little_time_learns_faster_in_place_of_less() -> None:
    slow = Pace(
        rate=0.05,
        learned=15,
        highest=0.25,
        patience=None,
        deadline=time.monotonic() + 1.0,
        n_asked=25,
        n_rounds=MEASURED_ROUNDS,
    )
    slow._first = time.monotonic() - 0.4  # a tenth of a second for each round: about ten are left
    assert slow.wanted_rate() == pytest.approx(0.1, rel=0.1)
    assert replace(slow, n_asked=9).wanted_rate() == 0.05
    assert replace(slow, n_asked=None).wanted_rate() == 0.05  # nothing stops it and nothing hurries it
    assert replace(slow, n_rounds=MEASURED_ROUNDS + 1).wanted_rate() == 0.05
