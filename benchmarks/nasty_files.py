"""Reads files that readers get wrong and compares with what is known of them.

python benchmarks/nasty_files.py FOLDER

FOLDER/expected.json holds, by file name: "cols" (the right names) or "ncols" (accepted numbers of columns), "n" (rows),
"uniq" (names must be unique and not empty), "first" and "last" (cells that must read so), and "types" by column:
["num", sum, missing], ["bool", how many true] or ["date", first, [row, value] ...],
null for a day that is open. Ends with 1 when one file is wrong.
"""

import argparse
import json
import math
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from engine.errors import TableError
from engine.table.dataset import Dataset
from engine.table.reading import read_table
from engine.table.schema import ColumnSchema, Kind

TRUE = {"yes", "y", "true", "t", "1", "1.0", "on", "ja", "是"}


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    n_wrong = 0
    for name, facts in sorted(expected.items()):
        try:
            faults = list(differences(read_table(folder / name), facts))
        except TableError as refused:
            faults = [str(refused)]
        n_wrong += bool(faults)
        print(f"{name:32s} {'; '.join(faults) or 'right'}")
    print(f"{len(expected) - n_wrong} of {len(expected)} right")
    return int(n_wrong > 0)


def differences(table: Dataset, facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is not as expected."""
    names = [column.original_name.strip() for column in table.schema.columns]
    if "cols" in facts and names != facts["cols"]:
        yield f"columns {names}"
    if "ncols" in facts and len(names) not in facts["ncols"]:
        yield f"{len(names)} columns"
    if "n" in facts and table.n_rows != facts["n"]:
        yield f"{table.n_rows} rows"
    if facts.get("uniq") and (len(set(table.schema.names)) < len(names) or not all(table.schema.names)):
        yield f"names {table.schema.names}"
    by_name = dict(zip(names, table.schema.columns, strict=True))
    for name, expected in facts.get("types", {}).items():
        column = by_name.get(name)
        if column is None:
            yield f"no column {name}"
        elif not fits(table.frame[column.name], column, expected):
            yield f"{name} is {column.kind}: {list(table.frame[column.name].head(3))}"


def fits(cells: pd.Series, column: ColumnSchema, expected: list[Any]) -> bool:
    """Whether a column holds what it should."""
    if expected[0] == "num":
        numbers = pd.to_numeric(cells, errors="coerce")
        close = math.isclose(numbers.sum(), expected[1], rel_tol=1e-9, abs_tol=1e-6)
        return close and int(numbers.isna().sum()) == expected[2]
    if expected[0] == "bool":
        return column.kind is Kind.YES_NO and int(cells.astype(str).str.lower().isin(TRUE).sum()) == expected[1]
    if column.kind is not Kind.DATE:
        return False
    days = pd.Series(pd.NaT, index=cells.index)
    for form in column.date_formats:
        days = days.fillna(pd.to_datetime(cells, format=form, errors="coerce"))
    wanted = [(0, expected[1]), *((row, value) for row, value in expected[2:])]
    return all(value is None or days.iloc[row] == pd.Timestamp(value) for row, value in wanted)


if __name__ == "__main__":
    sys.exit(main())
