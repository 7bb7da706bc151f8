"""Writes tables for spreadsheet programs, so that no cell of theirs is ever run as a formula."""

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

EXCEL_ROWS = 1_048_575
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)*|[.,]\d+)([eE][+-]?\d+)?%?\s*")


def harmless(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula: one that could be gets a leading apostrophe.

    >>> harmless("=1+1"), harmless("-12.5"), harmless("plain")
    ("'=1+1", '-12.5', 'plain')
    """
    risky = text.lstrip(" ")[:1] in {"=", "+", "-", "@"} or text[:1] in {"\t", "\r", "\n"}
    return f"'{text}" if risky and not _NUMBER.fullmatch(text) else text


def harmless_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with every text cell and every column name made harmless."""
    made = frame.rename(columns=lambda name: harmless(str(name)))
    for position, kind in enumerate(frame.dtypes):
        if not pd.api.types.is_numeric_dtype(kind):
            cells = frame.iloc[:, position]
            made.isetitem(position, cells.map(lambda cell: harmless(cell) if isinstance(cell, str) else cell))
    return made


def empty_table(names: Iterable[str]) -> bytes:
    """Return a CSV file of these columns and no rows, for spreadsheet programs to fill in."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(harmless(name) for name in names)
    return line.getvalue().encode("utf-8-sig")


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a CSV file that Excel, too, opens with the right letters."""
    harmless_frame(frame).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return the same as bytes."""
    text: str = harmless_frame(frame).to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8-sig")


def write_excel(frame: pd.DataFrame, path: Path) -> None:
    """Write an Excel file; the rows must be at most `EXCEL_ROWS`."""
    harmless_frame(frame).to_excel(path, index=False, sheet_name="predictions", engine="openpyxl")
