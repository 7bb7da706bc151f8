"""Spreadsheets (Excel and OpenDocument) become tables of texts: one table of one sheet."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.errors import TableError
from engine.messages import Message, phrase
from engine.table.files.archives import PROBLEMS, ZIP_MARKS, refuse_bomb
from engine.table.files.dialect import Row, usual_width
from engine.table.files.header import count_header_rows, surely_has_header
from engine.table.files.raw import EMPTY, RawTable, Source
from engine.table.files.rows import raw_table
from engine.table.files.sheet_extent import refuse_far_cells
from engine.table.files.sheet_formulas import count_lacking
from engine.table.files.sheet_tables import Block, find_blocks, side_by_side
from engine.table.files.sheets import ERRORS, Grid, fill_body, fill_header, grid_of, inside
from engine.table.options import FileChoices, LeftOut, ReadingOptions

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
NO_SUCH_SHEET = phrase("table_no_such_sheet", "{name} has no sheet called {sheet}.", "It has these: {choices}.")
EMPTY_SHEET = phrase("table_sheet_empty", "The sheet {sheet} of {name} is empty.", "Choose another sheet: {choices}.")
ONLY_HIDDEN = phrase(
    "table_only_hidden",
    "All sheets of {name} that can be seen are empty; these are hidden: {choices}.",
    "Choose a hidden sheet by its name, or show it in the spreadsheet program and save.",
)
NO_SUCH_BLOCK = phrase(
    "table_no_such_block", "The sheet {sheet} holds {n} tables; there is no table {table}.", "Choose one of them."
)
NOTHING_BELOW = phrase(
    "table_nothing_below", "The sheet {sheet} holds no table below row {n}.", "Leave out fewer rows at its beginning."
)
SHEET_CHOSEN = phrase(
    "read_sheet",
    "The file has {n} sheets; {sheet}, which has the most cells, was read. The others: {others}.",
    "Choose another sheet if this is not the one.",
)
HIDDEN_SHEETS = phrase("read_hidden_sheets", "Hidden sheets were not looked at: {names}.")
TABLES_IN_SHEET = phrase(
    "read_tables_in_sheet",
    "The sheet holds {n} tables; table {table}, in rows {first} to {last}, was read and the others were left out.",
    "Choose another table if this is not the one.",
)
TOGETHER = phrase(
    "read_tables_together",
    "Tables that stand side by side over the same rows can also be read as one, as table {table}.",
    "Choose that one if they belong together.",
)
SPACERS = phrase("read_spacers", "Empty columns inside the table were left out: {n}.")
BESIDE = phrase("read_beside", "Rows above, below or beside the table that were left out: {n}.")
TITLE_ROWS = phrase("read_title_rows", "Rows before the table that were left out: {n}.")
MERGED = phrase("read_merged", "Merged cells: their value was written into every row they cover ({n} cells).")
FORMULAS = phrase(
    "read_formulas",
    "Formulas whose results the file does not hold count as missing: {n}.",
    "Open the file in a spreadsheet program, save it, and add it again.",
    "What these cells should show is not known.",
)

OLE_MARK = b"\xd0\xcf\x11\xe0"
_LOCKED_PART = "EncryptedPackage".encode("utf-16-le")
_MOST_LEFT_OUT = 1000
_MOST_TITLE_ROWS = 30


@dataclass(frozen=True, kw_only=True)
class _Sheet:
    """One sheet, and the blocks of cells in it. `position`: among all sheets, from 0."""

    name: str
    position: int
    grid: Grid
    blocks: tuple[Block, ...]

    @property
    def tables(self) -> list[Block]:
        """The blocks that have rows and columns; all blocks if none has."""
        return [block for block in self.blocks if block.is_table(self.grid.rows)] or list(self.blocks)

    @property
    def largest(self) -> int:
        """The number of cells in the largest table."""
        return max((block.n_filled(self.grid.rows) for block in self.tables), default=0)


def read_workbook(source: Source, options: ReadingOptions) -> RawTable:
    """Read one table of one sheet; those not named are found by their size.

    Raises TableError when the file is damaged, protected, empty, or unpacks to an unreasonable size.
    """
    import python_calamine as calamine

    data, name = source.path.read_bytes(), source.name
    if data.startswith(OLE_MARK) and _LOCKED_PART in data:
        raise TableError(ENCRYPTED(name=name))
    try:
        if data.startswith(ZIP_MARKS):
            refuse_bomb(source.path, name)
            refuse_far_cells(source)
        book = calamine.load_workbook(io.BytesIO(data))
        sheet, told = _choose(book, name, options)
    except calamine.PasswordError as problem:
        raise TableError(ENCRYPTED(name=name)) from problem
    except (calamine.CalamineError, *PROBLEMS) as problem:
        raise TableError(DAMAGED_WORKBOOK(name=name)) from problem
    n_errors, n_unsolved = count_lacking(source.path, sheet.position)
    told += [ERRORS(n=n_errors)] if n_errors else []
    told += [FORMULAS(n=n_unsolved)] if n_unsolved else []
    raw = _table(sheet, name, options)
    return replace(raw, done=(*told, *raw.done), choices=replace(raw.choices, sheets=tuple(book.sheet_names)))


def _choose(book: Any, name: str, options: ReadingOptions) -> tuple[_Sheet, list[Message]]:
    """Return the sheet that is asked for, else the one that can be seen with the most cells in a table."""
    names = list(book.sheet_names)
    if options.sheet is not None:
        if options.sheet not in names:
            raise TableError(NO_SUCH_SHEET(name=name, sheet=options.sheet, choices=", ".join(names)))
        sheet = _sheet(book, names.index(options.sheet))
        if not sheet.blocks:
            raise TableError(EMPTY_SHEET(name=name, sheet=sheet.name, choices=", ".join(names)))
        return sheet, []
    seen = [n for n, facts in enumerate(book.sheets_metadata) if _is_sheet(facts) and _can_be_seen(facts)]
    hidden = [facts.name for facts in book.sheets_metadata if _is_sheet(facts) and not _can_be_seen(facts)]
    best: _Sheet | None = None
    for position in seen:
        sheet = _sheet(book, position)
        if sheet.blocks and (best is None or sheet.largest > best.largest):
            best = sheet
    if best is None:
        raise TableError(ONLY_HIDDEN(name=name, choices=", ".join(hidden)) if hidden else EMPTY(name=name))
    others = [names[n] for n in seen if names[n] != best.name]
    told = [SHEET_CHOSEN(n=len(names), sheet=best.name, others=", ".join(others)[:300])] if others else []
    told += [HIDDEN_SHEETS(names=", ".join(hidden)[:300])] if hidden else []
    return best, told


def _is_sheet(facts: Any) -> bool:
    return str(facts.typ).endswith("WorkSheet")


def _can_be_seen(facts: Any) -> bool:
    return str(facts.visible).endswith(".Visible")


def _sheet(book: Any, position: int) -> _Sheet:
    found = book.get_sheet_by_index(position)
    cells = found.to_python(skip_empty_area=True)
    grid = grid_of(cells, found.start or (0, 0), found.merged_cell_ranges)
    return _Sheet(name=found.name, position=position, grid=grid, blocks=tuple(find_blocks(grid.rows)))


def _table(sheet: _Sheet, name: str, options: ReadingOptions) -> RawTable:
    """Read one of the tables of a sheet; what stands around it is told."""
    grid, n_apart = sheet.grid, len(sheet.tables)
    tables = [*sheet.tables, *side_by_side(sheet.tables)]
    if options.table is not None and not 1 <= options.table <= len(tables):
        raise TableError(NO_SUCH_BLOCK(sheet=sheet.name, n=len(tables), table=options.table))
    below = max((options.n_skipped_rows or 0) + 1 - grid.first_row, 0)
    cut = [replace(block, top=min(max(block.top, below), block.bottom)) for block in tables]
    sizes = [block.n_filled(grid.rows) for block in cut]
    if not any(sizes):
        raise TableError(NOTHING_BELOW(sheet=sheet.name, n=options.n_skipped_rows or 0))
    wanted = options.table if options.table and sizes[options.table - 1] else None
    number = wanted or sizes.index(max(sizes[:n_apart])) + 1
    block = cut[number - 1]
    rows = [list(row) for row in block.cells(grid.rows)]
    n_titles = _n_titles(rows) if options.n_skipped_rows is None else 0
    merged = inside(grid.merged or (), block.top + n_titles, block.bottom, block.left, block.right)
    body, first = rows[n_titles:], grid.first_row + block.top + n_titles
    n_filled = _fill(body, merged, options)
    spacers = set(block.spacers(grid.rows))
    columns = [i for i in range(block.right - block.left) if i not in spacers]
    if spacers:
        body = [[row[i] for i in columns] for row in body]
    raw = raw_table(body, name, options, first_line=first)
    told, left_out = _around(sheet, tables[number - 1], block.top + n_titles)
    if n_apart > 1 and options.table is None:
        last = grid.first_row + block.bottom - 1
        told.insert(0, TABLES_IN_SHEET(n=n_apart, table=number, first=first, last=last))
        wider = [n for n in range(n_apart, len(tables)) if tables[n].holds(tables[number - 1])]
        told += [TOGETHER(table=n + 1) for n in wider]
    told += [SPACERS(n=len(spacers))] if spacers else []
    told += [MERGED(n=n_filled)] if n_filled else []
    return replace(
        raw,
        places=tuple(grid.first_column - 1 + block.left + columns[place] for place in raw.places),
        done=(*grid.done, *told, *raw.done),
        left_out=tuple(sorted((*left_out, *raw.left_out), key=lambda each: each.line)),
        read_as=replace(
            options.about_cells,
            sheet=sheet.name,
            table=number,
            n_skipped_rows=first - 1,
            n_header_rows=raw.read_as.n_header_rows,
        ),
        choices=FileChoices(n_tables=len(tables)),
    )


def _fill(rows: list[Row], merged: Sequence[tuple[tuple[int, int], tuple[int, int]]], options: ReadingOptions) -> int:
    """Fill merged cells, first those that may be names: how many rows of names there are depends on them."""
    tall = max((bottom + 1 for (top, _left), (bottom, _right) in merged if top == 0), default=1)
    filled = [list(row) for row in rows[:200]]
    fill_header(filled, [each for each in merged if each[0][0] < tall], 1)
    told = options.n_header_rows
    n_header = count_header_rows([row for row in filled if any(row)]) if told is None else told
    n_header = min(n_header, len(rows))
    if merged:
        fill_header(rows, merged, n_header)
    return fill_body(rows, merged, n_header)


def _around(sheet: _Sheet, chosen: Block, first: int) -> tuple[list[Message], list[LeftOut]]:
    """Tell of the rows above the first one of the table, and of what stands in other blocks."""
    grid = sheet.grid
    titles = [n for n in range(first) if any(grid.rows[n])]
    titles = [n for n in titles if not any(_holds(block, n) for block in sheet.tables if not chosen.holds(block))]
    others = [
        (n, grid.rows[n][block.left : block.right])
        for block in sheet.blocks
        if not chosen.holds(block)
        for n in range(block.top, block.bottom)
        if n not in titles and any(grid.rows[n][block.left : block.right])
    ]
    told = [say(n=n) for say, n in ((TITLE_ROWS, len(titles)), (BESIDE, len(others))) if n]
    left_out = [_left_out(grid, n, TITLE_ROWS(n=len(titles)), grid.rows[n]) for n in titles]
    left_out += [_left_out(grid, n, BESIDE(n=len(others)), row) for n, row in others]
    return told, left_out[:_MOST_LEFT_OUT]


def _holds(block: Block, row: int) -> bool:
    return block.top <= row < block.bottom


def _left_out(grid: Grid, row: int, why: Message, cells: Row) -> LeftOut:
    return LeftOut(line=grid.first_row + row, why=why, text=", ".join(filter(None, cells))[:1000])


def _n_titles(rows: list[Row]) -> int:
    """Count the rows above the table that fill far fewer cells than its rows do."""
    filled = [sum(map(bool, row)) for row in rows[:200]]
    width = usual_width([[""] * n for n in filled if n])
    if width < 3:
        alone = width == 2 and filled[0] == 1 and surely_has_header(rows[1:200])
        return int(alone)
    return next((n for n, row in enumerate(rows[:_MOST_TITLE_ROWS]) if not _is_title(row, width)), 0)


def _is_title(row: Row, width: int) -> bool:
    """Know a title by its few cells, all at the left; groups of columns leave gaps between their names."""
    filled = [n for n, cell in enumerate(row) if cell]
    return len(filled) <= max(1, width // 3) and (len(filled) < 2 or filled[-1] == len(filled) - 1)
