"""JSON becomes a table of texts: a record a row, a key a column; records inside records get columns of their own."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from engine.errors import TableError
from engine.messages import listed, phrase
from engine.table.files.arrow_texts import LISTS, NESTED, SPREAD
from engine.table.files.cell_text import cell_text
from engine.table.files.json_columns import JsonColumns
from engine.table.files.json_records import Record, Unread, find_records
from engine.table.files.kept_texts import TextsWriter
from engine.table.files.raw import ChosenTexts, RawTable, Source, named
from engine.table.files.rows import raw_table
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

_MOST_KEPT = 1000


def read_json(source: Source, options: ReadingOptions) -> RawTable:
    """Read records that stand one a line, in an array, under a key, or column by column.

    Raises TableError when there are none.
    """
    found = find_records(source.path)
    unread = _Unread(keep_empty=options.keep_all_rows)
    records = unread.passing_by(found.each)
    first = next(records, None)
    if first is None:
        raise TableError(DAMAGED_JSON(name=source.name, text=unread.kept[0].text[:80] if unread.kept else "{}"))
    everything = chain([first], records)
    raw = _of_rows(everything, source.name, options) if isinstance(first, list) else _of_records(everything, source)
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

    keep_empty: bool = False
    n: int = 0
    kept: list[Unread] = field(default_factory=list)

    def passing_by(self, each: Iterator[Record | list[Any] | Unread]) -> Iterator[Record | list[Any]]:
        """Yield what is a record and keep the rest."""
        for record in each:
            if isinstance(record, Unread) and self.keep_empty and record.text in {"{}", "[]"}:
                yield {}
            elif isinstance(record, Unread):
                self.n += 1
                if len(self.kept) < _MOST_KEPT:
                    self.kept.append(record)
            else:
                yield record


def _of_rows(rows: Iterator[Record | list[Any]], name: str, options: ReadingOptions) -> RawTable:
    cells = [[cell_text(cell) or "" for cell in row] for row in rows if isinstance(row, list)]
    return raw_table(cells, name, options.about_cells)


def _of_records(records: Iterator[Record | list[Any]], source: Source) -> RawTable:
    with TextsWriter(source.room / "records.parquet") as writer:
        columns = JsonColumns(name=source.name, writer=writer)
        for row in records:
            columns.add(row if isinstance(row, dict) else {f"c{n}": cell for n, cell in enumerate(row, 1)})
        columns.write()
    names = {position: ".".join(keys) for keys, position in columns.columns().items()}
    nested = {position for position, plain in columns.lists.items() if not plain}
    kept = tuple(position for position in names if position not in nested)
    told = [NESTED(n=len(nested), names=listed([names[position] for position in sorted(nested)]))] if nested else []
    spread = [names[position] for keys, position in columns.positions.items() if len(keys) > 1 and position in kept]
    told += [SPREAD(n=len(spread), names=listed(spread))] if spread else []
    joined = [names[position] for position in columns.lists if position not in nested]
    told += [LISTS(names=listed(joined))] if joined else []
    texts = ChosenTexts(writer.texts(), kept)
    return named(texts, tuple(names[position] for position in kept), header=True, name=source.name, done=told)
