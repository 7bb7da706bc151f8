"""Functions of a training script that read the table and divide its rows."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exporters.predictor.reading import as_text, canonical
from exporters.script_parts.facts import (
    CLASSES,
    COLUMNS,
    COMPARED,
    HOLDOUT,
    HOLDOUT_ROWS,
    READ,
    SEED,
    SKIPPED_LINES,
    TARGET,
    WEIGHT,
)


def read_cells(path: Path) -> pd.DataFrame:
    """Read a file; columns are numbered as they stand in it."""
    kind = path.suffix.lower()
    if kind in {".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"}:
        table = pd.read_excel(path, sheet_name=READ["sheet"] or 0, header=None, dtype=str, engine="calamine")
        return table.drop(index=list(SKIPPED_LINES), errors="ignore").fillna("").reset_index(drop=True)
    if kind in {".json", ".jsonl", ".ndjson"}:
        found = pd.json_normalize(records_of(path)).map(joined)
        return found.rename(columns={column["original_name"]: column["position"] for column in COLUMNS})
    if kind in {".parquet", ".pq", ".feather", ".arrow", ".ipc"}:
        return typed_cells(path, is_parquet=kind in {".parquet", ".pq"})
    n_columns = 1 + max(column["position"] for column in COLUMNS)
    return pd.read_csv(
        path,
        sep=READ["separator"] or ",",
        encoding=READ["encoding"] or "utf-8-sig",
        header=None,
        names=range(n_columns),
        usecols=range(n_columns),  # a line with more cells than there are columns is no error
        skiprows=list(SKIPPED_LINES),
        dtype=str,
        keep_default_na=False,
        low_memory=False,
    )


def typed_cells(path: Path, *, is_parquet: bool) -> pd.DataFrame:
    """Read typed columns, also those that pandas takes for an index; what is inside of records is spread."""
    import pyarrow as pa
    from pyarrow import feather, parquet

    found = parquet.ParquetFile(path).read() if is_parquet else feather.read_table(path)
    while any(pa.types.is_struct(field.type) for field in found.schema):
        found = found.flatten()
    typed = found.to_pandas(ignore_metadata=True)
    return typed.set_axis(range(typed.shape[1]), axis=1)


def records_of(path: Path) -> list[dict[str, Any]]:
    """Return a list of records, or one record a line; ends the program in words where JSON is neither."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        is_list = text.lstrip().startswith("[")
        records = json.loads(text) if is_list else [json.loads(line) for line in text.split("\n") if line.strip()]
    except ValueError:
        records = []
    if len(records) < 2 or not all(isinstance(record, dict) for record in records):
        sys.exit(f"{path} is neither a list of records nor one record a line: save the table as CSV and name that.")
    return records


def joined(cell: Any) -> Any:
    """Return a list as one text, anything else as it is."""
    return "; ".join(map(str, cell)) if isinstance(cell, list) else cell


def read_table(path: Path) -> pd.DataFrame:
    """Return the used columns with canonical cells: numbers as floats, everything else as texts, missing as NaN."""
    cells = read_cells(path)
    made = {}
    for column in COLUMNS:
        texts = pd.Series([as_text(cell, column) for cell in cells[column["position"]]], dtype=object)
        known = {text: canonical(text, column) for text in texts.unique()}
        made[column["name"]] = texts.map(known).replace("", np.nan)
        if column["cells"] == "number" or column["rules"]["number"]:
            made[column["name"]] = pd.to_numeric(made[column["name"]]).astype(float)
    table = pd.DataFrame(made)
    # Rows that are equal to earlier ones in these columns are left out, as they were by the run.
    return table[~table[COMPARED].duplicated()].reset_index(drop=True) if COMPARED else table


def answers_of(table: pd.DataFrame) -> NDArray[Any]:
    """Return the target: numbers, or positions in CLASSES; NaN or -1 where the answer is missing."""
    if not CLASSES:
        return np.asarray(pd.to_numeric(table[TARGET], errors="coerce"), float)
    are_numbers = pd.api.types.is_float_dtype(table[TARGET])
    labels = pd.Index([float(label) if are_numbers else label for label in CLASSES])
    return np.asarray(labels.get_indexer(pd.Index(table[TARGET])))


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
