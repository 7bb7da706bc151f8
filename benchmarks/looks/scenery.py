"""A workspace to look at: three samples trained for a moment, a training that goes on, and one that was broken off."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from app.bootstrap import OWNER, workspace
from app.language import catalogue
from benchmarks.looks import chinese
from engine.events import CandidateStarted, Event, StageStarted
from sample_data.catalogue import SAMPLES
from storage.runs import RunStore
from storage.workspace import Workspace

TRAINED = ("customers", "houses", "machines")  # one of two answers, a number, one of several
CHINESE = "chinese"  # the customers again, with Chinese names and values
N_CANDIDATES = 4
LIVE, BROKEN_OFF = "customers, live", "customers, broken off"


@dataclass(frozen=True, kw_only=True)
class Scenery:
    """The ids of runs by the name of their sample, or of their state; and those of the tables."""

    folder: Path
    runs: dict[str, str]
    tables: dict[str, str]


@contextmanager
def scenery(folder: Path) -> Iterator[Scenery]:
    """Make the workspace where it is not there yet; while this is open, one of its runs seems to train."""
    samples = {sample.key: sample for sample in SAMPLES}
    folder.mkdir(parents=True, exist_ok=True)
    for key in TRAINED:
        _train_once(key, samples[key].path, samples[key].target, folder)
    _train_once(CHINESE, chinese.write(folder), chinese.TARGET, folder)
    with workspace(folder) as place, ExitStack() as held:
        newest_first = place.runs.records(owner=OWNER)  # so that of one target the oldest stays: the trained one
        records = {record.config.chosen_target: record for record in newest_first}
        targets = {**{key: samples[key].target for key in TRAINED}, CHINESE: chinese.TARGET}
        runs = {key: records[target].id for key, target in targets.items()}
        tables = {key: records[target].dataset_id for key, target in targets.items()}
        for state in (LIVE, BROKEN_OFF):
            runs[state] = _half(place, runs["customers"], folder / state)
        held.enter_context(place.runs.hold_lock(runs[LIVE]))
        yield Scenery(folder=folder, runs=runs, tables=tables)


def speak(seen: Scenery, language: str) -> None:
    """Name the runs by their questions in a language, as a person who reads it would have."""
    known = catalogue(language)
    with workspace(seen.folder) as place:
        for name, run_id in seen.runs.items():
            sample_key = name.replace(CHINESE, "customers").partition(",")[0]
            question = next(sample.question for sample in SAMPLES if sample.key == sample_key)
            place.runs.rename(run_id, known.get(question, question))


def _train_once(key: str, table: Path, target: str, folder: Path) -> None:
    mark = folder / f"{key}.trained"
    if mark.exists():
        return
    words = ["--target", target, "--candidates", str(N_CANDIDATES), "--seed", "1", "--workspace", str(folder)]
    command = [sys.executable, "-m", "app.cli", "train", str(table), *words]
    subprocess.run(command, check=True, env={**os.environ, "TABLEWRIGHT_MLFLOW": "off"}, stdout=subprocess.DEVNULL)
    mark.touch()


def _half(place: Workspace, trained: str, mark: Path) -> str:
    """Return a run that has come as far as a search comes before its end; it is made once."""
    if mark.exists():
        return mark.read_text(encoding="utf-8")
    record = place.runs.get(trained)
    run_id = place.runs.create(
        owner=OWNER,
        name=record.name,
        dataset_id=record.dataset_id,
        config=replace(record.config, seconds=300.0, candidates=None),
    )
    for event in _first_half(place.runs, trained):
        place.runs.append(run_id, event)
    mark.write_text(run_id, encoding="utf-8")
    return run_id


def _first_half(runs: RunStore, trained: str) -> Iterator[Event]:
    """Return what happened before the candidates were blended, and one more that has just begun."""
    seconds = 0.0
    for _number, event in runs.events(trained):
        if isinstance(event, StageStarted) and event.stage == "blend":
            break
        seconds = event.seconds
        yield event
    yield CandidateStarted(seconds=seconds, number=N_CANDIDATES + 1, family="catboost")
