"""Text whose rows are not all alike becomes a table row by row."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice

import pandas as pd
import pyarrow as pa

from engine.table.files.dialect import Row
from engine.table.files.kept_texts import TextsWriter
from engine.table.files.layout import Layout
from engine.table.files.raw import FrameTexts, RawTable, Source, Texts, named
from engine.table.files.records import records
from engine.table.files.rows import RowSorter, sorted_rows
from engine.table.files.text_lines import text_lines
from engine.table.options import ReadingOptions


def read_patiently(layout: Layout, source: Source, options: ReadingOptions) -> RawTable:
    """Read rows of any width: short ones are padded, and what is no row of the table is left out and told."""
    dialect, width = layout.dialect, layout.n_columns
    lines = chain.from_iterable(text_lines(layout.path, start, end) for start, end in layout.spans)
    cut = records(lines, dialect, n_columns=width, first_line=layout.first_line)
    sorter = RowSorter(
        header=layout.header,
        n_columns=width,
        separator=dialect.separator,
        comment=dialect.comment,
        keep_totals=options.keep_totals,
        keep_all_rows=options.keep_all_rows,
        leftovers=layout.leftovers,
    )
    texts = sorter.without_inner_totals(_kept(sorted_rows(cut, sorter), source, width))
    table = named(texts, layout.originals, header=bool(layout.header), name=source.name)
    done, left_out = sorter.leftovers.told()
    return replace(table, done=(*done, *table.done), left_out=left_out)


def _kept(chunks: Iterator[list[Row]], source: Source, width: int) -> Texts:
    """Keep few rows in memory, and many in a file."""
    first = list(islice(chunks, 2))
    if len(first) < 2:
        if not first or not first[0]:
            return FrameTexts(pd.DataFrame())
        columns = _columns(first[0], width)
        return FrameTexts(pd.DataFrame({i: pd.Series(column, dtype="str") for i, column in enumerate(columns)}))
    writer = TextsWriter(source.room / "rows.parquet", width)
    with writer:
        for rows in chain(first, chunks):
            arrays = [pa.array(column, pa.string()) for column in _columns(rows, width)]
            writer.write(pa.record_batch(arrays, schema=writer.schema))
    return writer.texts()


def _columns(rows: list[Row], width: int) -> list[list[str | None]]:
    if not rows:
        return [[] for _ in range(width)]
    return [[cell or None for cell in column] for column in zip(*rows, strict=True)]
