"""Searches on some drawn rows of a table, judged by thousands of others, so that the luck of a test plays no part."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.kept_search import KeptSearch, searched
from benchmarks.versus.splits import read_cells
from engine.config import ExperimentConfig
from engine.search.data import RowSet
from engine.table.dataset import Dataset
from engine.table.reading import read_table
from engine.tasks.detection import encode_target

MOST_UNSEEN = 8_000
FEWEST_UNSEEN = 0.2  # of a table


def table_of(folder: Path, entry: Mapping[str, Any]) -> Dataset:
    """Return a table of an index, read as a file of its cells is."""
    with TemporaryDirectory() as name:
        made = Path(name) / f"{entry['name']}.csv"
        read_cells(folder / entry.get("file", f"{entry['name']}.csv"), entry)[0].to_csv(made, index=False)
        return read_table(made)


def drawn_search(
    dataset: Dataset, n_rows: int, *, target: str, seed: int, seconds: float
) -> Iterator[tuple[str, KeptSearch]]:
    """Search on so many drawn rows, and yield it with the table's name; nothing where too few others are left."""
    if n_rows < (1 - FEWEST_UNSEEN) * len(dataset.frame):
        order = np.random.default_rng(seed).permutation(len(dataset.frame))
        learnt, unseen = (rows_of(dataset, rows) for rows in (order[:n_rows], order[n_rows:][:MOST_UNSEEN]))
        yield from judged_search(learnt, unseen, target=target, seed=seed, seconds=seconds)


def judged_search(
    learnt: Dataset, unseen: Dataset, *, target: str, seed: int, seconds: float
) -> Iterator[tuple[str, KeptSearch]]:
    """Search on the rows of one table, and yield it with those of another set aside; classes count as often in both."""
    with searched(learnt, ExperimentConfig(target=target, holdout=0.0, seed=seed, seconds=seconds)) as kept:
        y = encode_target(unseen, kept.data.task)
        is_class = bool(kept.data.task.classes)
        known = np.flatnonzero(y.astype(np.int64) >= 0 if is_class else np.isfinite(y.astype(np.float64)))
        weight = _as_often(y[known].astype(np.int64), kept.data.train.y.astype(np.int64)) if is_class else None
        aside = RowSet(source=rows_of(unseen, known).frame, y=y[known], weight=weight)
        yield learnt.name, replace(kept, data=replace(kept.data, holdout=aside))


def rows_of(dataset: Dataset, rows: np.ndarray) -> Dataset:
    """Return some rows of a table."""
    return dataset.with_frame(dataset.frame.iloc[rows].reset_index(drop=True))


def _as_often(y: np.ndarray, learnt: np.ndarray) -> np.ndarray:
    """Return weights of rows under which each class is as frequent as among those learnt from."""
    n_classes = int(max(y.max(), learnt.max())) + 1
    wanted, there = (np.bincount(each, minlength=n_classes) / len(each) for each in (learnt, y))
    return np.asarray((wanted / np.maximum(there, 1e-9))[y])
