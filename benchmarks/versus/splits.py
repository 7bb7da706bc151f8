"""The split of a table that every system gets: the same rows for learning and for scoring."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

TEST_SHARE = 0.25
REGRESSION = "regression"
_FLOAT_BYTES = 8


@dataclass(frozen=True, kw_only=True)
class Split:
    """Files of one split. `test`: the rows to score without their answers, which are in `truth`."""

    train: Path
    test: Path
    truth: tuple[str, ...]
    n_train: int
    n_columns: int

    @property
    def float64_bytes(self) -> int:
        """What the training table would need as 64-bit numbers."""
        return self.n_train * self.n_columns * _FLOAT_BYTES


def read_index(path: Path) -> list[dict[str, Any]]:
    """Return the tables of an index: name, target, task and how the file is read."""
    return list(json.loads(path.read_text(encoding="utf-8")))


def read_cells(path: Path, entry: Mapping[str, Any]) -> tuple[pd.DataFrame, pd.Series]:
    """Return a table's cells as text, and its target as pandas understands it, which orders the classes.

    Rows without a target and columns that give the answer away (`leaks`) are gone, and so are rows whose class nobody
    else has.
    """
    how: dict[str, Any] = {
        "sep": entry.get("sep", ","),
        "header": 0 if entry.get("header", True) else None,
        "encoding": entry.get("encoding", "utf-8"),
        "na_values": ["?"],
    }
    cells = pd.read_csv(path, dtype=str, **how)
    if how["header"] is None:
        cells.columns = pd.Index([f"c{i + 1}" for i in range(cells.shape[1])])
    position = cells.columns.get_loc(entry["target"])
    understood = pd.read_csv(path, usecols=[position], low_memory=False, **how).iloc[:, 0]
    kept = understood.notna()
    if entry["task"] != REGRESSION:
        kept &= understood.map(understood.value_counts()).astype(float) >= 2
    return cells.loc[kept].drop(columns=entry.get("leaks", [])), understood.loc[kept]


def divide(cells: pd.DataFrame, understood: pd.Series, *, split: int, task: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows for learning and those for scoring; `split` is the seed."""
    from sklearn.model_selection import train_test_split

    classes = None if task == REGRESSION else understood.to_numpy()
    train, test = train_test_split(cells, test_size=TEST_SHARE, random_state=split, stratify=classes)
    return train, test


def make_split(path: Path, entry: Mapping[str, Any], split: int, folder: Path) -> Split:
    """Write the files of one split into a folder, for an application that knows nothing but files."""
    cells, understood = read_cells(path, entry)
    train, test = divide(cells, understood, split=split, task=entry["task"])
    folder.mkdir(parents=True, exist_ok=True)
    files = {"train": train, "test": test.drop(columns=entry["target"])}
    for name, rows in files.items():
        rows.to_csv(folder / f"{name}.csv", index=False)
    return Split(
        train=folder / "train.csv",
        test=folder / "test.csv",
        truth=tuple(test[entry["target"]]),
        n_train=len(train),
        n_columns=train.shape[1],
    )
