"""Parquet files become tables of texts, so that every door goes through the same judgement of columns."""

import pyarrow as pa
import pyarrow.compute as pc

from engine.errors import TableError
from engine.messages import phrase
from engine.table.options import ReadingOptions
from engine.table.raw import FrameTexts, RawTable, Source, named

DAMAGED_PARQUET = phrase(
    "table_parquet_damaged",
    "{name} cannot be opened as Parquet; it may be cut off or be another kind of file.",
    "Write it again, or save the table as CSV.",
)
NESTED = phrase("read_nested", "Columns with lists or records inside, left out ({n}): {names}.")


def read_parquet(source: Source, options: ReadingOptions) -> RawTable:
    """Read all row groups; columns that hold lists or records are left out and told.

    Raises TableError when the file is damaged.
    """
    from pyarrow import parquet

    try:
        table = parquet.read_table(source.path)
    except (pa.ArrowException, OSError) as problem:
        raise TableError(DAMAGED_PARQUET(name=source.name)) from problem
    nested = [field.name for field in table.schema if pa.types.is_nested(field.type)]
    flat = [i for i, field in enumerate(table.schema) if not pa.types.is_nested(field.type)]
    originals = tuple(table.column_names[i] for i in flat)
    texts = pa.table([_texts(table.column(i)) for i in flat], names=[str(i) for i in flat])
    done = [NESTED(n=len(nested), names=", ".join(nested[:5]))] if nested else []
    return named(FrameTexts(texts.to_pandas().astype("str")), originals, header=True, name=source.name, done=done)


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type):
        seconds = column.cast(pa.timestamp("s", tz=column.type.tz), safe=False)
        plain = seconds.cast(pa.timestamp("s"))
        days = plain.cast(pa.date32(), safe=False)
        if pc.all(pc.equal(days.cast(pa.timestamp("s")), plain)).as_py():
            return days.cast(pa.string())
        return pc.strftime(plain, format="%Y-%m-%d %H:%M:%S")
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        column = column.cast(pa.large_string(), safe=False)
    text = column.cast(pa.string())
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
