"""The fields of a page's form: what to choose from, what is usual, how to write it.

What is usual comes from rows that the run explained, as a few rounded figures of each column: no row leaves.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.table.dates import dates_of
from engine.table.rules import canonical_cells
from engine.table.schema import Cells, ColumnSchema, Kind, Subkind

Usual = Mapping[str, Any]

LEAST_ROWS = 20  # fewer cells say too much about single rows
MOST_CHOICES = 1_000
SHARES = (0.05, 0.5, 0.95)
EXAMPLE = datetime(2024, 12, 31, 13, 45, 10, tzinfo=UTC)
IN_WORDS = {
    "%Y": "YYYY", "%y": "YY", "%m": "MM", "%d": "DD", "%H": "hh", "%I": "hh", "%M": "mm", "%S": "ss", "%p": "AM or PM",
    "%b": "Jan", "%B": "January", "%a": "Mon", "%A": "Monday", "%f": "ffffff", "%z": "Z",
}  # fmt: skip
COUNTED = {
    "epoch_s": "or seconds since 1970",
    "epoch_ms": "or milliseconds since 1970",
    "epoch_us": "or microseconds since 1970",
    "epoch_ns": "or nanoseconds since 1970",
    "excel": "or a spreadsheet's number of days",
}


def explained_cells(path: Path) -> dict[str, list[str]]:
    """Return the cells of the explained rows by column, from the archive that `engine.insight.explanation` writes."""
    with np.load(path) as kept:
        return {str(name): kept["cells"][:, place].tolist() for place, name in enumerate(kept["columns"])}


def fields(
    columns: Sequence[ColumnSchema], levels: Mapping[str, tuple[str, ...]], cells: Mapping[str, list[str]]
) -> list[dict[str, Any]]:
    """Return what the page needs to know of each column.

    `levels`: what the file itself knows a column's levels to be. `cells`: canonical cells of some rows.
    """
    return [_field(column, levels.get(column.name, ()), cells.get(column.name, [])) for column in columns]


def _field(column: ColumnSchema, levels: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    known = _choices(column, levels)
    form = _form(column)
    usual = _usual(column, form, cells)
    filled = [cell for cell in cells if cell not in {"", "nan"}]
    start = _most_common(known, filled) if known else usual.get("start", "")
    return {
        "name": column.name,
        "label": column.original_name.strip() or column.name,
        "cells": str(column.cells),
        "rules": column.to_json()["rules"],
        "date_formats": list(column.date_formats),
        "written": usual.get("written", ""),
        "missing_texts": [text for n in column.rules.missing_numbers for text in (repr(n), f"{n:g}")],
        "form": form,
        "long": form == "text" and column.kind.is_words,
        "choices": list(known)[:MOST_CHOICES],
        "known": list(known.values()),
        "whole": column.subkind is Subkind.WHOLE,
        "decimal": column.rules.decimal if _is_written(column) else ".",
        "example": _example(column, form),
        "low": usual.get("low"),
        "high": usual.get("high"),
        "start": start,
        "hint": _hint(column, form, {} if known else usual),
    }


def _form(column: ColumnSchema) -> str:
    if column.date_formats:
        return "date"
    return "number" if column.cells is Cells.NUMBER or column.rules.number else "text"


def _is_written(column: ColumnSchema) -> bool:
    """Whether numbers are written as in the training table, with its decimal sign."""
    return column.cells is Cells.TEXT and column.rules.number


def _choices(column: ColumnSchema, levels: Sequence[str]) -> dict[str, str | float]:
    """Return what can be chosen, as it is written, with the canonical cell that it becomes."""
    if column.kind not in {Kind.CATEGORY, Kind.YES_NO, Kind.CONSTANT} or column.date_formats:
        return {}
    numbers = column.cells is Cells.NUMBER or column.rules.number
    meant = {level: written for written, level in reversed(column.rules.same)} if numbers else {}
    if column.kind is Kind.YES_NO and not levels and column.cells is Cells.NUMBER:
        levels = ("0.0", "1.0")
    ordered = sorted(levels, key=_natural)
    if column.order:
        ordered.sort(key=lambda level: column.order.index(level) if level in column.order else len(column.order))
    written = [meant.get(text, text) for text in (_as_written(level, column) for level in ordered) if text]
    cells = canonical_cells(pd.Series(written, dtype="str"), column)
    return {text: cell for text, cell in zip(written, cells.tolist(), strict=True) if cell == cell and cell is not None}


def _natural(level: str) -> tuple[float, str]:
    try:
        return float(level), ""
    except ValueError:
        return math.inf, level.casefold()


def _as_written(level: str, column: ColumnSchema) -> str:
    if not (column.cells is Cells.NUMBER or column.rules.number):
        return level
    try:
        return _number(float(level), column)
    except ValueError:
        return ""


def _number(value: float, column: ColumnSchema) -> str:
    """Write a number as a person would write it in this column."""
    text = str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return text.replace(".", column.rules.decimal) if _is_written(column) else text


def _most_common(known: Mapping[str, str | float], filled: Sequence[str]) -> str:
    """Return the choice that comes most often; the first one where that is not known."""
    counts = pd.Series(filled, dtype="str").value_counts()
    cells = {str(cell): text for text, cell in known.items()}
    return next((cells[cell] for cell in counts.index if cell in cells), next(iter(known)))


def _usual(column: ColumnSchema, form: str, cells: Sequence[str]) -> Usual:
    """Return the ends between which 9 of 10 cells lie, and the middle as a text to start with, all rounded."""
    if form == "text" or column.kind is Kind.ID:
        return {}
    texts = pd.Series(cells, dtype="str")
    if form == "date":
        dates = dates_of(texts, column.date_formats).dropna()
        values = dates.astype("datetime64[s]").astype("int64").to_numpy(np.float64)
    else:
        values = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64)
    values = values[np.isfinite(values)]
    if len(values) < LEAST_ROWS:
        return {}
    low, middle, high = _rounded(np.quantile(values, SHARES), whole=column.subkind is Subkind.WHOLE, form=form)
    shapes = [*filter(None, [column.written_format]), column.date_formats[0]] if form == "date" else [""]
    for shape in shapes:
        start = _date(middle, shape) if shape else _number(middle, column)
        made = canonical_cells(pd.Series([start], dtype="str"), column).iloc[0]
        if made == made and made is not None:
            return {"low": low, "high": high, "start": start, "written": shape}
    return {}


def _rounded(values: NDArray[np.float64], *, whole: bool, form: str) -> list[float]:
    """Round to a hundredth of what lies between the ends; dates to days where that is more than a day.

    >>> _rounded(np.array([12.34567, 50.0001, 112.9]), whole=False, form="number")
    [12.0, 50.0, 113.0]
    """
    spread = float(values[-1] - values[0]) or abs(float(values[0])) or 1.0
    step = 10.0 ** math.floor(math.log10(spread / 50))
    if form == "date":
        step = 86_400.0 if spread > 30 * 86_400 else 60.0
    if whole:
        step = max(step, 1.0)
    n_decimals = max(0, -math.floor(math.log10(step)))
    return [round(round(float(value) / step) * step, n_decimals) for value in values]


def _date(seconds: float, shape: str) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).strftime(shape.replace("%z", "Z"))


def _example(column: ColumnSchema, form: str) -> str:
    if form == "date":
        return EXAMPLE.strftime((column.written_format or column.date_formats[0]).replace("%z", "Z"))
    return _number(37.5, column) if form == "number" and column.subkind is not Subkind.WHOLE else ""


def _hint(column: ColumnSchema, form: str, usual: Usual) -> str:
    """Say in a line how to write a value, and which ones are usual."""
    parts = []
    if form == "date":
        shape = usual.get("written") or column.written_format or column.date_formats[0]
        for part, words in IN_WORDS.items():
            shape = shape.replace(part, words)
        parts.append(shape)
        parts += [COUNTED[moment] for moment in column.rules.moments if moment in COUNTED]
    unit = _unit(column)
    if unit:
        parts.append(f"in {unit}")
    if usual:
        ends = [
            _date(usual[end], usual["written"]) if form == "date" else _number(usual[end], column)
            for end in ("low", "high")
        ]
        parts.append(f"mostly {ends[0]} to {ends[1]}" if ends[0] != ends[1] else f"mostly {ends[0]}")
    if form == "text" and column.kind.is_words:
        parts.append("any text")
    text = ", ".join(parts)
    return text if form == "date" else text[:1].upper() + text[1:]


def _unit(column: ColumnSchema) -> str:
    if not _is_written(column):
        return ""
    single = [unit for unit, factor in column.rules.factors if factor == 1.0]
    return next(iter([*single, *column.rules.suffixes, *column.rules.prefixes]), "")
