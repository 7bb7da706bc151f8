"""Made-up rows that a file must survive: missing, unseen, huge, tiny, empty, emoji, impossible dates."""

import numpy as np
import pandas as pd

from engine.table.schema import Cells, ColumnSchema, Kind

NUMBERS = (np.nan, 0.0, -0.0, 1e300, -1e300, np.inf, -np.inf, 1e-300, 1.0, -1.0, 2.0**53, 16_777_217.0)
NUMBER_TEXTS = ("", "0", "-1.5", "1e20", "abc", "1e999", "NaN", "١٢")
TEXTS = ("", " ", "never seen before", "😀", "naïve", "价格", "'; --", "=1+1", "x" * 300)
DATES = ("", "2023-02-30", "31/11/2020", "2024-02-29", "9999-12-31", "0001-01-01", "yesterday", "2024-13-01 25:61:61")


def probe_rows(frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], *, n_rows: int, seed: int) -> pd.DataFrame:
    """Return canonical rows in the schema of a table, mostly like its own, with hard cells mixed in.

    The first row is missing everywhere, the second holds what was never seen anywhere; in the others about one cell in
    four is hard and the rest are cells of the table, shuffled column by column so that no row of the table is copied.
    """
    draw = np.random.default_rng(seed)
    made = {}
    for column in columns:
        hard = _hard(column)
        usual = frame[column.name].to_numpy(dtype=object)
        cells = draw.choice(usual, n_rows) if len(usual) else np.array([hard[0]] * n_rows, dtype=object)
        replaced = draw.random(n_rows) < 0.25
        cells[replaced] = draw.choice(np.array(hard, dtype=object), int(replaced.sum()))
        cells[:2] = [hard[0], hard[3]][: len(cells)]
        made[column.name] = _series(cells, column.cells)
    return pd.DataFrame(made)


def _hard(column: ColumnSchema) -> tuple[object, ...]:
    if column.cells is Cells.NUMBER:
        return NUMBERS
    if column.kind.is_number:
        return NUMBER_TEXTS
    return DATES if column.kind is Kind.DATE else TEXTS


def _series(cells: np.ndarray, kind: Cells) -> pd.Series:
    if kind is Cells.NUMBER:
        return pd.Series([float(cell) for cell in cells], dtype=np.float64)
    return pd.Series([None if cell is None or cell != cell or cell == "" else str(cell) for cell in cells], dtype="str")
