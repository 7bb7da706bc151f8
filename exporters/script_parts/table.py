"""Functions of a training script that read the table and divide its rows."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exporters.predictor.reading import canonical
from exporters.script_parts.facts import (
    CLASSES,
    COLUMNS,
    DROP_COPIES,
    HOLDOUT,
    HOLDOUT_ROWS,
    READ,
    SEED,
    SKIPPED_LINES,
    TARGET,
    WEIGHT,
)


def read_cells(path: Path) -> pd.DataFrame:
    """Read a file as texts; columns are numbered as they stand in it."""
    kind = path.suffix.lower()
    if kind in {".xlsx", ".xls", ".ods"}:
        table = pd.read_excel(path, sheet_name=READ["sheet"] or 0, header=None, dtype=str, engine="calamine")
        return table.drop(index=list(SKIPPED_LINES), errors="ignore").fillna("").reset_index(drop=True)
    if kind == ".parquet":
        typed = pd.read_parquet(path)
        return typed.astype(object).where(typed.notna(), "").astype(str).set_axis(range(typed.shape[1]), axis=1)
    return pd.read_csv(
        path,
        sep=READ["separator"] or ",",
        encoding=READ["encoding"] or "utf-8-sig",
        header=None,
        skiprows=list(SKIPPED_LINES),
        dtype=str,
        keep_default_na=False,
        low_memory=False,
    )


def read_table(path: Path) -> pd.DataFrame:
    """Return the used columns with canonical cells: numbers as floats, everything else as texts, missing as NaN."""
    cells = read_cells(path)
    if DROP_COPIES:
        cells = cells.drop_duplicates().reset_index(drop=True)
    made = {}
    for column in COLUMNS:
        texts = cells[column["position"]]
        known = {text: canonical(text, column) for text in texts.unique()}
        made[column["name"]] = texts.map(known).replace("", np.nan)
        if column["cells"] == "number" or column["rules"]["number"]:
            made[column["name"]] = pd.to_numeric(made[column["name"]]).astype(float)
    return pd.DataFrame(made)


def answers_of(table: pd.DataFrame) -> NDArray[Any]:
    """Return the target: numbers, or positions in CLASSES; NaN or -1 where the answer is missing."""
    if not CLASSES:
        return np.asarray(pd.to_numeric(table[TARGET], errors="coerce"), float)
    if isinstance(CLASSES[0], int):
        return np.asarray(pd.Index([float(label) for label in CLASSES]).get_indexer(pd.Index(table[TARGET])))
    # Labels that are numbers are written without a needless point: 1, not 1.0.
    labels = table[TARGET].map(lambda cell: f"{cell:g}" if isinstance(cell, float) else cell, na_action="ignore")
    return np.asarray(pd.Index(CLASSES).get_indexer(pd.Index(labels)))


def weights_of(table: pd.DataFrame) -> NDArray[np.float64] | None:
    """Return the weight of each row; None where all count the same."""
    if WEIGHT is None:
        return None
    values = pd.to_numeric(table[WEIGHT], errors="coerce").to_numpy(float)
    return np.where(values > 0, values, 0.0)


def hold_out(usable: NDArray[np.int64], y: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark the rows that were set aside, among the usable rows with these answers."""
    from sklearn.model_selection import train_test_split

    if HOLDOUT_ROWS is not None:  # by time or by group: their numbers are in a file
        return np.isin(usable, HOLDOUT_ROWS)
    held = np.zeros(len(y), bool)
    n_held = int(np.ceil(HOLDOUT * len(y)))
    counts = np.unique(y, return_counts=True)[1]
    evenly = bool(CLASSES) and len(counts) > 1 and counts.min() >= 2 and len(counts) <= min(n_held, len(y) - n_held)
    parts = train_test_split(np.arange(len(y)), test_size=n_held, random_state=SEED, stratify=y if evenly else None)
    held[parts[1]] = True
    for label in range(len(CLASSES)):  # a class that would lose its training rows keeps them
        if ((y == label) & ~held).sum() < 2:
            held[y == label] = False
    return held
