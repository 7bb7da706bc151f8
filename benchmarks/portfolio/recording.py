"""Tables as a run leaves them, and what their candidates scored: kept in a folder outside of the project."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.portfolio.configurations import configurations, fits
from benchmarks.portfolio.trying import Timed, timed_trial
from engine.checks.check import Case
from engine.chosen import chosen_dataset
from engine.config import ExperimentConfig
from engine.experiment import leaks_found
from engine.families.family import Family
from engine.run.dividing import divide_rows
from engine.run.question import settle_question, without_leaks
from engine.search.data import TrainingData, shape_of
from engine.search.guard import GuardedCall
from engine.search.identity import identity
from engine.search.order import Order
from engine.search.preload import preload
from engine.search.turning import target_choices
from engine.shape import Shape
from engine.table.options import ReadingOptions
from engine.table.reading import read_table
from engine.tasks.metric import metric_named
from engine.tasks.task import TaskKind

N_FOLDS = 3
MOST_SECONDS = 40.0  # by the clock on the wall; the processor gives a fraction of that where it is shared


def record(tables: Path, index: Path, cache: Path, n_rows: int) -> None:
    """Record configuration by configuration on all tables, so that what is there is balanced whenever it is stopped."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    preload()
    cache.mkdir(parents=True, exist_ok=True)
    done = {(line["table"], line["identity"]) for line in read_records(cache) if line["loss"] is not None}
    with tempfile.TemporaryDirectory() as place:
        entries = json.loads(index.read_text(encoding="utf-8"))
        worlds = [_World(entry, tables, cache, Path(place), n_rows) for entry in entries]
        for family, point in configurations():
            for world in worlds:
                if (world.name, identity(family.key, point)) not in done and world.takes(family, point):
                    _append(cache / "records.jsonl", world.tried(family, point))
            print(family.key, dict(point), flush=True)


def read_records(cache: Path) -> list[dict[str, Any]]:
    """Return what was recorded."""
    path = cache / "records.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class _World:
    """A table, divided and left on disk as a run leaves it; read when it is first looked at."""

    def __init__(self, entry: Mapping[str, Any], tables: Path, cache: Path, place: Path, n_rows: int) -> None:
        self.name: str = entry["name"]
        self._entry, self._tables, self._cache, self._n_rows = entry, tables, cache / self.name, n_rows
        self._folder = place / self.name
        self._n_tried = 0

    @cached_property
    def _prepared(self) -> tuple[Shape, Mapping[str, tuple[str, ...]], str]:
        """Return the shape, the ways of turning the target, and the metric; the rows are on disk then."""
        entry = self._entry
        reading = ReadingOptions() if entry.get("header", True) else ReadingOptions(n_header_rows=0)
        dataset = read_table(self._tables / (entry.get("file") or f"{self.name}.csv"), reading)
        target = entry["target"] if entry["target"] in dataset.schema else dataset.schema.names[-1]
        config = ExperimentConfig(target=target, task=TaskKind(entry["task"]), holdout=0.0, seed=0)
        question = settle_question(chosen_dataset(dataset, config), config)
        question = without_leaks(
            question, leaks_found(Case(dataset=question.dataset, task=question.task, config=config))
        )
        data, _plan = divide_rows(question, config)
        rows = np.sort(np.random.default_rng(0).permutation(len(data.train.y))[: self._n_rows])
        folds = _even_folds(data.train.y[rows], bool(data.task.classes))
        data = replace(data, train=data.train.take(rows), holdout=data.holdout.take(rows[:0]), folds=folds[None, :])
        for place in (self._folder, self._cache):
            (place / "data").mkdir(parents=True, exist_ok=True)
            data.save(place / "data")
        return shape_of(data), target_choices(data), question.metric.key

    def takes(self, family: Family, point: Mapping[str, Any]) -> bool:
        shape, targets, _metric = self._prepared
        return fits(family, point, shape, targets)

    def tried(self, family: Family, point: Mapping[str, Any]) -> dict[str, Any]:
        """Fit a candidate; return its line. A candidate that fails has no score."""
        _shape, _targets, metric = self._prepared
        self._n_tried += 1
        order = Order(
            folder=self._folder,
            number=self._n_tried,
            family=family.key,
            parameters=point,
            metric=metric,
            seed=0,
            threads=1,
            seconds=MOST_SECONDS,
        )
        call = GuardedCall.start(timed_trial, (order,), deadline_seconds=2 * MOST_SECONDS, memory_bytes=None)
        outcome = call.wait(3 * MOST_SECONDS)
        line: dict[str, Any] = {
            "table": self.name,
            "metric": metric,
            "identity": identity(family.key, point),
            "family": family.key,
            "parameters": dict(point),
        }
        if outcome is None or not isinstance(outcome.value, Timed):
            reason = "no result" if outcome is None or outcome.error is None else str(outcome.error)
            return {**line, "loss": None, "seconds": None, "reason": reason}
        (self._cache / "oof").mkdir(exist_ok=True)
        kept = np.load(order.place / "oof.npy").astype(np.float32)
        np.save(self._cache / "oof" / f"{_file_name(line['identity'])}.npy", kept)
        shutil.rmtree(order.place)
        loss = metric_named(metric).loss(outcome.value.score)
        return {**line, "loss": loss, **asdict(outcome.value)}


def predictions(cache: Path, line: Mapping[str, Any]) -> "np.ndarray[Any, np.dtype[np.float32]]":
    """Return the out-of-fold scores [N, n_outputs] of a recorded candidate."""
    path = cache / line["table"] / "oof" / f"{_file_name(line['identity'])}.npy"
    return np.asarray(np.load(path))


def recorded_data(cache: Path, table: str) -> TrainingData:
    """Return the rows on which a table's candidates were recorded."""
    return TrainingData.load(cache / table / "data")


def _file_name(identity_text: str) -> str:
    import hashlib

    return hashlib.sha256(identity_text.encode()).hexdigest()[:16]


def _even_folds(y: "np.ndarray[Any, Any]", classes: bool) -> "np.ndarray[Any, np.dtype[np.int16]]":
    """Return the fold of each row; classes are spread evenly."""
    order = np.random.default_rng(1).permutation(len(y))
    if classes:
        order = order[np.argsort(y[order], kind="stable")]
    folds = np.empty(len(y), dtype=np.int16)
    folds[order] = np.arange(len(y)) % N_FOLDS
    return folds


def _append(path: Path, line: Mapping[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
