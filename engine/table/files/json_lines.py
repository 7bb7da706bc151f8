"""JSON becomes a table of texts: a record a row, a key a column; records inside records get columns of their own."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any

import pandas as pd

from engine.errors import TableError
from engine.messages import phrase
from engine.table.files.arrow_texts import LISTS, NESTED, SPREAD, some
from engine.table.files.cell_text import cell_text
from engine.table.files.json_records import Record, Unread, find_records
from engine.table.files.raw import RawTable, Source, named
from engine.table.files.rows import raw_table
from engine.table.files.text_parts import TextParts
from engine.table.options import LeftOut, ReadingOptions

DAMAGED_JSON = phrase(
    "table_json_damaged",
    "{name} holds no records that can be read as JSON: {text}.",
    "Write one record a line, or one list of records; or save the table as CSV.",
)
UNDER_KEY = phrase("read_under_key", "The rows were found under {key}; what stands beside it was left out.")
BAD_RECORDS = phrase(
    "read_bad_records",
    "Lines or entries that are no JSON record, or are cut off, left out: {n}.",
    "If they should be rows, correct them and add the file again.",
)

_ROWS_AT_ONCE = 20_000
_MOST_KEPT = 1000


def read_json(source: Source, options: ReadingOptions) -> RawTable:
    """Read records that stand one a line, in an array, under a key, or column by column.

    Raises TableError when there are none.
    """
    found = find_records(source.path)
    unread = _Unread()
    records = unread.passing_by(found.each)
    first = next(records, None)
    if first is None:
        raise TableError(DAMAGED_JSON(name=source.name, text=unread.kept[0].text[:80] if unread.kept else "{}"))
    everything = chain([first], records)
    raw = _of_rows(everything, source.name) if isinstance(first, list) else _of_records(everything, source)
    told = [UNDER_KEY(key=found.key)] if found.key else []
    why = BAD_RECORDS(n=unread.n)
    return replace(
        raw,
        done=(*told, *raw.done, *([why] if unread.n else [])),
        left_out=(*raw.left_out, *(LeftOut(line=each.line, why=why, text=each.text) for each in unread.kept)),
        read_as=options.about_cells,
    )


@dataclass
class _Unread:
    """What was no record: how often, and the first of them."""

    n: int = 0
    kept: list[Unread] = field(default_factory=list)

    def passing_by(self, each: Iterator[Record | list[Any] | Unread]) -> Iterator[Record | list[Any]]:
        """Yield what is a record and keep the rest."""
        for record in each:
            if isinstance(record, Unread):
                self.n += 1
                if len(self.kept) < _MOST_KEPT:
                    self.kept.append(record)
            else:
                yield record


def _of_rows(rows: Iterator[Record | list[Any]], name: str) -> RawTable:
    return raw_table([[cell_text(cell) or "" for cell in row] for row in rows if isinstance(row, list)], name)


def _of_records(records: Iterator[Record | list[Any]], source: Source) -> RawTable:
    parts = TextParts(room=source.room)
    on_top: set[str] = set()
    lists: dict[str, bool] = {}  # columns with lists in them, and whether all their items are plain
    while rows := list(islice(records, _ROWS_AT_ONCE)):
        chunk = [row if isinstance(row, dict) else {f"c{n}": cell for n, cell in enumerate(row, 1)} for row in rows]
        on_top.update(*chunk)
        frame = pd.json_normalize(chunk)
        columns = {str(name): frame[name].tolist() for name in frame.columns}
        for name, cells in columns.items():
            found = [cell for cell in cells if isinstance(cell, list)]
            if found:
                lists[name] = lists.get(name, True) and all(map(_is_plain, chain.from_iterable(found)))
        parts.add({name: list(map(cell_text, cells)) for name, cells in columns.items()}, len(rows))
    nested = [name for name, plain in lists.items() if not plain]
    parts.keys = [name for name in parts.keys if name not in nested]
    told = [NESTED(n=len(nested), names=some(nested))] if nested else []
    spread = [name for name in parts.keys if name not in on_top]
    told += [SPREAD(n=len(spread), names=some(spread))] if spread else []
    joined = [name for name, plain in lists.items() if plain]
    told += [LISTS(names=some(joined))] if joined else []
    return named(parts, tuple(parts.keys), header=True, name=source.name, done=told)


def _is_plain(item: object) -> bool:
    return not isinstance(item, list | dict)
