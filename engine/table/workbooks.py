"""Spreadsheets (Excel and OpenDocument) become tables of texts."""

import datetime as dt
import io
import zipfile
from dataclasses import replace
from pathlib import Path

from engine.errors import TableError
from engine.messages import phrase
from engine.table.dialect import usual_width
from engine.table.options import ReadingOptions
from engine.table.raw import EMPTY, RawTable, Source, raw_table

ENCRYPTED = phrase(
    "table_encrypted",
    "{name} is protected by a password.",
    "Remove the password in the spreadsheet program and save it.",
)
DAMAGED_WORKBOOK = phrase(
    "table_workbook_damaged",
    "{name} cannot be opened as a spreadsheet; it may be cut off or be another kind of file.",
    "Open it in a spreadsheet program, save it again, or save it as CSV.",
)
TOO_LARGE_INSIDE = phrase(
    "table_too_large_inside",
    "{name} unpacks to {gigabytes} GB, more than can be read safely.",
    "Save the table as Parquet or as several smaller files.",
)
SHEET_CHOSEN = phrase("read_sheet", "The file has {n} sheets; {sheet} was read.")
TITLE_ROWS = phrase("read_title_rows", "Rows before the table that were left out: {n}.")

MOST_BYTES = 4_000_000_000
MOST_RATIO = 400  # sheets of real data pack 5 to 50 times
_OLE = b"\xd0\xcf\x11\xe0"


def read_workbook(source: Source, options: ReadingOptions) -> RawTable:
    """Read the first sheet that is not empty.

    Raises TableError when the file is damaged, protected, empty, or unpacks to an unreasonable size.
    """
    import python_calamine as calamine

    data, name = source.path.read_bytes(), source.name
    if data.startswith(b"PK"):
        refuse_bomb(source.path, name)
    elif data.startswith(_OLE) and "EncryptedPackage".encode("utf-16-le") in data:
        raise TableError(ENCRYPTED(name=name))
    try:
        book = calamine.load_workbook(io.BytesIO(data))
        names = book.sheet_names
        for sheet in names:
            rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=True)
            if any(cell != "" for row in rows for cell in row):
                break
        else:
            raise TableError(EMPTY(name=name))
    except calamine.PasswordError as problem:
        raise TableError(ENCRYPTED(name=name)) from problem
    except (calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError) as problem:
        raise TableError(DAMAGED_WORKBOOK(name=name)) from problem
    texts = [[_text(cell) for cell in row] for row in rows]
    n_titles = _n_titles(texts)
    table = raw_table(texts[n_titles:], name)
    told = [SHEET_CHOSEN(n=len(names), sheet=sheet)] if len(names) > 1 else []
    told += [TITLE_ROWS(n=n_titles)] if n_titles else []
    return replace(table, done=(*told, *table.done))


def refuse_bomb(path: Path, name: str) -> None:
    """Raise TableError when a zip archive is damaged or unpacks to far more than it should."""
    try:
        with zipfile.ZipFile(path) as archive:
            n_bytes = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as problem:
        raise TableError(DAMAGED_WORKBOOK(name=name)) from problem
    if n_bytes > MOST_BYTES or (n_bytes > 200_000_000 and n_bytes > MOST_RATIO * path.stat().st_size):
        raise TableError(TOO_LARGE_INSIDE(name=name, gigabytes=round(n_bytes / 1e9, 1)))


def _text(cell: object) -> str:
    """Write a cell as a CSV file would hold it: whole numbers without a point, dates in ISO order."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ", timespec="seconds") if cell.time() != dt.time() else cell.date().isoformat()
    return str(cell)


def _n_titles(rows: list[list[str]]) -> int:
    """Count the rows above the table that fill far fewer cells than its rows do."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows[:200]]
    width = usual_width([[""] * n for n in filled if n])
    if width < 3:
        return 0
    return next((n for n, cells in enumerate(filled[:30]) if cells > max(1, width // 3)), 0)
