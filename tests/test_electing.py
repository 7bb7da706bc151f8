"""The election of members: quick ones where rows take too long, late ones only where they clearly help."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine import ExperimentConfig, run_experiment
from engine.column_choice import ColumnChoice
from engine.events import BlendChosen, Event, of_kind
from engine.limits import ModelLimits
from engine.progress import Command
from engine.run.electing import Election
from engine.run.members import Room
from engine.run.process import RunProcess
from engine.search.clock import Clock
from engine.search.data import TrainingData
from engine.search.past import past_results
from engine.search.surroundings import Surroundings
from engine.search.validation import ValidationSettings
from engine.table.reading import read_table
from engine.table.schema import Known, Role
from engine.tasks.metric import metric_named


def write_curved(path: Path) -> Path:
    """Write a table that lines cannot follow."""
    random = np.random.default_rng(0)
    columns = {name: random.normal(size=300) for name in "abcd"}
    corner = 2.0 * ((columns["a"] > 0) ^ (columns["b"] > 0) ^ (columns["c"] > 0.5))
    answers = columns["a"] + corner + 0.7 * random.normal(size=300)
    pd.DataFrame({**columns, "y": answers}).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ExperimentConfig, tuple[Event, ...]]:
    """A finished run with a choice after two candidates and one of all, which can be elected from once more."""
    place = tmp_path_factory.mktemp("elected")
    config = ExperimentConfig(target="y", families=("linear", "lightgbm"), candidates=3, holdout=0)
    events: list[Event] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("engine.run.electing.stages_of", lambda *_, **__: [2])
        run_experiment(read_table(write_curved(place / "curved.csv")), config, folder=place / "run", emit=events.append)
    return place / "run", config, tuple(events)


def election(searched: tuple[Path, ExperimentConfig, tuple[Event, ...]], slowest_row_ms: float) -> Election:
    folder, config, events = searched
    around = Surroundings(folder=folder, clock=Clock(60.0), emit=lambda _event: None, control=lambda: Command.CONTINUE)
    data, limits = TrainingData.load(folder / "data"), ModelLimits(slowest_row_ms=slowest_row_ms)
    return Election(
        process=RunProcess(around, events),
        config=replace(config, candidates=None, limits=limits),
        metric="rmse",
        results=past_results(events, folder, metric_named("rmse")),
        baseline_loss=np.inf,
        n_rows=len(data.train.y),
        room=Room.within(limits, 20, len(data.train.y)),
    )


def test_where_rows_take_too_long_quicker_members_are_elected(
    searched: tuple[Path, ExperimentConfig, tuple[Event, ...]],
) -> None:
    free = election(searched, slowest_row_ms=1e6)
    assert "linear" not in {member.family for member in free.elect(free.standing).members}
    # Nothing answers in so short a time: what is left is the one candidate that comes nearest.
    tight = election(searched, slowest_row_ms=1e-4)
    (member,) = tight.elect(tight.standing).members
    assert (member.family, member.weight) == ("linear", 1.0)


def test_where_a_late_candidate_does_not_clearly_help_the_first_stay_and_the_run_says_so(
    searched: tuple[Path, ExperimentConfig, tuple[Event, ...]],
) -> None:
    (chosen,) = of_kind(searched[2], BlendChosen)
    assert chosen.reason is not None
    assert (chosen.reason.code, chosen.reason.parameters["n_candidates"]) == ("blend_of_first", 2)
    assert chosen.no_room is None
    assert max(member.number for member in chosen.members) <= 2


def test_where_only_a_late_candidate_fits_the_first_do_not_stay(
    searched: tuple[Path, ExperimentConfig, tuple[Event, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.run.electing.stages_of", lambda *_, **__: [2])
    loads = {0: 0.1, 1: 9.0, 2: 9.0, 3: 0.5}
    monkeypatch.setattr("engine.run.electing.room_taken", lambda result, _room: loads[result.proposal.number])
    late = election(searched, slowest_row_ms=1e6)
    elected = late.elect(late.standing)
    assert [member.number for member in elected.members] == [3]
    assert elected.reason is None
    better = [n for n in (1, 2) if late.results[n].loss < late.results[3].loss]
    assert better
    assert elected.no_room is not None
    assert sorted(str(elected.no_room.parameters["numbers"]).split(", ")) == [str(n) for n in better]


def test_forward_in_time_candidates_are_held_against_guessing_on_the_same_folds(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(size=(2, 300))
    days = pd.date_range("2024-01-01", periods=300)
    answers = np.arange(300) / 20 + a + b + 0.1 * random.normal(size=300)
    pd.DataFrame({"day": days, "a": a, "b": b, "y": answers}).to_csv(tmp_path / "rising.csv", index=False)
    config = ExperimentConfig(
        target="y",
        metric="r2",
        columns={"day": ColumnChoice(role=Role.TIME, known=Known.AFTER)},  # nothing tells of the trend
        families=("linear", "lightgbm"),
        candidates=2,
        holdout=0,
        validation=ValidationSettings(n_folds=3),
    )
    progress = run_experiment(read_table(tmp_path / "rising.csv"), config, folder=tmp_path / "run").progress
    assert progress.prepared is not None
    assert progress.best is not None
    assert progress.baseline is not None
    assert progress.prepared.baseline == 0.0 > progress.best.score > progress.baseline
    assert progress.blend is not None
    assert {member.family for member in progress.blend.members} == {"linear", "lightgbm"}


def test_what_a_person_pinned_is_not_held_back(
    searched: tuple[Path, ExperimentConfig, tuple[Event, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.run.electing.stages_of", lambda *_, **__: [2])
    monkeypatch.setattr("engine.run.electing.Election._pinned", {3})
    assert election(searched, slowest_row_ms=1e6)._stages() == {}
    monkeypatch.setattr("engine.run.electing.Election._pinned", set())
    assert list(election(searched, slowest_row_ms=1e6)._stages()) == [2]
