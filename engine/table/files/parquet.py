"""Parquet files become tables of texts, so that every door goes through the same judgement of columns."""

import pyarrow as pa

from engine.errors import TableError
from engine.messages import phrase
from engine.table.files.arrow_texts import arrow_table, refuse_damage
from engine.table.files.raw import RawTable, Source
from engine.table.options import ReadingOptions

DAMAGED_PARQUET = phrase(
    "table_parquet_damaged",
    "{name} cannot be opened as Parquet; it may be cut off or be another kind of file.",
    "Write it again, or save the table as CSV.",
)


def read_parquet(source: Source, options: ReadingOptions) -> RawTable:
    """Read what the columns are; the cells of a column stay in the file until they are asked for.

    Raises TableError when the file is damaged, also later, when a damaged column is asked for.
    """
    from pyarrow import parquet

    def load(position: int) -> pa.ChunkedArray:
        name = names[position]
        try:
            with parquet.ParquetFile(source.path, metadata=metadata) as file:
                found = file.read(columns=[name])
            for column in found.columns:
                refuse_damage(column)
        except (pa.ArrowException, OSError, ValueError) as problem:
            raise TableError(DAMAGED_PARQUET(name=source.name)) from problem
        # Names repeat in some files, and fields of records come along when their name is "column.field".
        same = [i for i, each in enumerate(found.column_names) if each == name]
        return found.column(same[names[:position].count(name)])

    try:
        with parquet.ParquetFile(source.path) as file:
            schema, metadata = file.schema_arrow, file.metadata
        names = schema.names  # a damaged one is no text
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise TableError(DAMAGED_PARQUET(name=source.name)) from problem
    return arrow_table(schema, load, metadata.num_rows, source.name, options)
