"""Made-up rows and cells that go into a bundle with the answers they should get."""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from engine.table.rules import canonical_cells
from engine.table.schema import Cells, ColumnSchema, Kind, ReadingRules

N_ROWS = 24
NUMBERS = ("0", "1", "2", "5", "10", "42", "100", "1000", "0.5", "-1.5", "37.25", "")
TEXTS = ("", "never seen before", "yes", "no", "A few words of text.", "naïve", "价格")
DATES = ((2024, 2, 29, 13, 45, 10), (2019, 12, 31, 0, 0, 0), (2021, 7, 4, 23, 59, 59))
ISO = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S")
EPOCHS = ("0", "1709214310", "1709214310250", "44561", "44561.75", "99999999999999999")
HARD = ("", "  ", "0", " 12 ", "-3.5", "+7", ".5", "1e3", "1e400", "NaN", "abc", "12 abc", "١٢", "=1+1", "😀")


def golden_rows(columns: Iterable[ColumnSchema], levels: Mapping[str, tuple[str, ...]], seed: int) -> pd.DataFrame:
    """Return raw rows of texts, made up column by column; no row of the training table is among them.

    `levels`: what the file itself knows a column's levels to be. The first row is missing everywhere.
    """
    draw = np.random.default_rng(seed)
    made = {}
    for column in columns:
        choices = _readable(_choices(column, levels.get(column.name, ())), column)
        cells = draw.choice(np.array(choices, dtype=object), N_ROWS)
        cells[0] = ""
        made[column.name] = pd.Series(cells, dtype="str")
    return pd.DataFrame(made)


def _readable(choices: list[str], column: ColumnSchema) -> list[str]:
    """Leave out what counts as missing because it cannot be read: a service refuses that."""
    made = canonical_cells(pd.Series(choices, dtype="str"), column)
    return [choice for choice, cell in zip(choices, made, strict=True) if not choice or not _is_missing(cell)]


def _is_missing(cell: Any) -> bool:
    return cell is None or cell != cell or cell == ""


def canonical_rows(rows: pd.DataFrame, columns: Iterable[ColumnSchema]) -> list[list[float | str | None]]:
    """Return the rows as the file takes them, for programs that do not know the reading rules; missing is null."""
    cells = {column.name: canonical_cells(rows[column.name], column) for column in columns}
    made = ([None if _is_missing(cell) else cell for cell in cells[name].tolist()] for name in rows.columns)
    return [list(row) for row in zip(*made, strict=True)]


def reading_cases(columns: Iterable[ColumnSchema]) -> list[dict[str, Any]]:
    """Return raw cells and the canonical cells they become, for every column."""
    return [
        {"column": column.name, "raw": raw, "canonical": canonical}
        for column in columns
        for raw, canonical in zip(_raw_cells(column), _canonical(column), strict=True)
    ]


def _canonical(column: ColumnSchema) -> list[float | str | None]:
    cells = canonical_cells(pd.Series(_raw_cells(column), dtype="str"), column)
    if column.cells is Cells.NUMBER:
        return [None if math.isnan(cell) else float(cell) for cell in cells]
    return ["" if _is_missing(cell) else str(cell) for cell in cells]


def _raw_cells(column: ColumnSchema) -> list[str]:
    cells = [*HARD, *column.rules.missing, *(written for written, _level in column.rules.same)]
    rules = column.rules
    limits = [limit for limit in (rules.lowest, rules.highest) if limit is not None]
    cells.extend(repr(edge) for limit in limits for edge in (limit - 1, limit, limit + 1))
    cells.extend(repr(number) for number in rules.missing_numbers)
    if rules.number:
        cells.extend(_written_numbers(column.rules))
    cells.extend(_dates(column))
    return list(dict.fromkeys(cells))


def _written_numbers(rules: ReadingRules) -> list[str]:
    point, group = rules.decimal, rules.thousands
    plain = [f"1{group}234{point}5", f"12{group}345{group}678", f"0{point}25", f"1{group}23"]
    marked = [f"{prefix}{plain[0]}" for prefix in rules.prefixes] + [f"-{prefix} 3" for prefix in rules.prefixes]
    marked += [f"{plain[0]}{suffix}" for suffix in rules.suffixes] + [f"3 {suffix}" for suffix in rules.suffixes]
    marked += [f"{number}{unit}" for unit, _ in rules.factors for number in (plain[0], "3 ")]
    dashes = [f"-  {suffix}" for suffix in rules.suffixes] + [f"{prefix} -" for prefix in rules.prefixes]
    marked += [*dashes, *(f"– {unit}" for unit, _ in rules.factors)] if rules.dash_zero else []
    ranges = ["10 - 20", "10-20", f"1{point}5 - 2{point}5", "20-10"] if rules.ranges else []
    ranges += [f"1 - 2 {unit}" for unit, _ in rules.factors] if rules.ranges else []
    return [*plain, *marked, *ranges, "(12)", f"({plain[0]})", "12-", "12 -", "−3", "１２", "1,23,456", "1’234"]


def _dates(column: ColumnSchema) -> list[str]:
    dates = [datetime(*parts, tzinfo=UTC) for parts in DATES]
    strptime = [moment for moment in column.rules.moments if "%" in moment]
    forms = [*column.date_formats, *strptime, *(ISO if column.date_formats else ())]
    written = [date.strftime(form) for form in forms for date in dates]
    written += ["10:21", "10:21:30.5", "25:00"] if column.rules.are_times else []
    words = [f"3. {word} 2024" for word, _ in column.rules.words]
    words += [_in_words(date, column.rules) for date in written] if words else []
    return [*written, *words, *(EPOCHS if len(strptime) < len(column.rules.moments) else ())]


def _in_words(date: str, rules: ReadingRules) -> str:
    for word, meaning in rules.words:
        date = date.replace(meaning, f" {word} ") if len(meaning) > 1 else date
    return date


def _choices(column: ColumnSchema, levels: tuple[str, ...]) -> list[str]:
    if column.rules.are_times:
        return ["", *(datetime(*parts, tzinfo=UTC).strftime(form) for form in column.rules.moments for parts in DATES)]
    if column.kind is Kind.DATE and column.date_formats:
        return ["", *_dates(column)]
    if levels:
        return ["", "never seen before", *levels[:40]]
    return list(NUMBERS if column.cells is Cells.NUMBER or column.rules.number else TEXTS)
