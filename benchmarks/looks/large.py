"""A workspace with a large table in it, and with runs of many candidates: one finished, one that goes on."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from app.bootstrap import OWNER, workspace
from benchmarks.large_table import made_up
from engine.events import CandidateFinished, CandidateStarted, Event, SearchEnded, StageStarted
from storage.runs import RunRecord
from storage.workspace import Workspace

N_ROWS, N_COLUMNS, N_CANDIDATES = 500_000, 50, 200
N_DATES = 5
FAMILIES = ("lightgbm", "catboost", "linear", "xgboost", "network", "extra_trees")
TARGET = "answer"


@dataclass(frozen=True, kw_only=True)
class Large:
    """The ids of the table, of a run that has finished, and of one that seems to train while this is open."""

    folder: Path
    table: str
    finished: str
    live: str
    place: Workspace


@contextmanager
def large(folder: Path) -> Iterator[Large]:
    """Make the workspace where it is not there yet, which takes some minutes."""
    mark = folder / "run-of-many"
    if not mark.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _train_once(folder)
        with workspace(folder) as place:
            trained = place.runs.records(owner=OWNER)[-1]  # the oldest
            mark.write_text(_copied(place, trained, with_many(_events(place, trained))), encoding="utf-8")
    with workspace(folder) as place:
        finished = mark.read_text(encoding="utf-8")
        trained = place.runs.records(owner=OWNER)[-1]
        live = _copied(place, trained, _before_the_blend(_events(place, trained)))  # anew, because it goes on
        try:
            with place.runs.hold_lock(live):
                yield Large(folder=folder, table=trained.dataset_id, finished=finished, live=live, place=place)
        finally:
            place.runs.delete(live)


def _events(place: Workspace, run: RunRecord) -> list[Event]:
    return [event for _number, event in place.runs.events(run.id)]


def table() -> pd.DataFrame:
    """Return numbers, categories, dates and the answer, always the same."""
    draw = np.random.default_rng(7)
    first = made_up(N_ROWS, 0)
    days = {f"seen{number}": pd.to_timedelta(draw.integers(0, 900, N_ROWS), unit="D") for number in range(N_DATES)}
    dates = pd.DataFrame({name: (pd.Timestamp("2023-01-01") + values) for name, values in days.items()})
    further = made_up(N_ROWS, 1).add_prefix("second_")
    further = further[further.columns[: N_COLUMNS - len(first.columns) - N_DATES]]
    return pd.concat([dates, further, first], axis=1)


def with_many(events: Iterable[Event]) -> Iterator[Event]:
    """Return the events of a run as if so many more candidates had been tried."""
    for event in events:
        if isinstance(event, SearchEnded):
            yield from _candidates(event.seconds)
        yield event


def _candidates(seconds: float) -> Iterator[Event]:
    draw = np.random.default_rng(1)
    for number in range(2, N_CANDIDATES):
        family = FAMILIES[number % len(FAMILIES)]
        score = round(0.76 - 0.2 / number + float(draw.normal(scale=0.004)), 5)
        yield CandidateStarted(seconds=seconds, number=number, family=family)
        yield CandidateFinished(
            seconds=seconds,
            number=number,
            family=family,
            parameters={"learning_rate": 0.1, "n_trees": 10 * number, "features.number_pairs": number % 2},
            score=score,
            spread=0.004,
            fold_scores=(score,) * 5,
            train_seconds=1.5,
        )


def _before_the_blend(events: Iterable[Event]) -> Iterator[Event]:
    for event in with_many(events):
        if isinstance(event, SearchEnded) or (isinstance(event, StageStarted) and event.stage == "blend"):
            return
        yield event
    raise AssertionError("the search never ended")


def _copied(place: Workspace, trained: RunRecord, events: Iterable[Event]) -> str:
    config = replace(trained.config, seconds=3600.0, candidates=None)
    made = place.runs.create(owner=OWNER, name=trained.name, dataset_id=trained.dataset_id, config=config)
    left_behind = shutil.ignore_patterns("scratch", "lock")
    shutil.copytree(place.runs.folder(trained.id), place.runs.folder(made), ignore=left_behind, dirs_exist_ok=True)
    for event in events:
        place.runs.append(made, event)
    return made


def _train_once(folder: Path) -> None:
    """Read the table and train one small model on it, so that every page has something to show."""
    file, mark = folder / "large.parquet", folder / "trained"
    if mark.exists():
        return
    table().to_parquet(file, index=False)
    words = ["--target", TARGET, "--candidates", "1", "--interpretable", "--seed", "1", "--workspace", str(folder)]
    command = [sys.executable, "-m", "app.cli", "train", str(file), *words]
    subprocess.run(command, check=True, env={**os.environ, "TABLEWRIGHT_MLFLOW": "off"}, stdout=subprocess.DEVNULL)
    mark.touch()
