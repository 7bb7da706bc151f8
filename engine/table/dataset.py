"""A table that has been read: canonical cells, schema, and what was done to the file."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from engine.messages import Message
from engine.table.fingerprint import fingerprint
from engine.table.options import AUTOMATIC, NO_CHOICES, FileChoices, LeftOut, ReadingOptions
from engine.table.schema import TableSchema

_CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A table in memory.

    `frame`: one column per schema column, same names and order. Columns with `Cells.NUMBER` are float64 with NaN
    for missing; columns with `Cells.TEXT` are pandas `str` with NaN for missing, already canonical (units,
    thousands signs and disguised missing values repaired by the column's reading rules).
    `name`: the file's name, for titles. `done_to_the_file`: what reading changed or left out, in order.
    `fingerprint`: the SHA-256 of the cells and names, 16 hex digits. `left_out`: lines of the file that are not in the
    table. `read_as`: how the file was read. `choices`: what else there is in it. `n_copies_left_out`: rows that the
    person has left out, because they are copies of others; of a table as it was read, none.
    """

    frame: pd.DataFrame
    schema: TableSchema
    name: str
    fingerprint: str
    done_to_the_file: tuple[Message, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    read_as: ReadingOptions = AUTOMATIC
    choices: FileChoices = NO_CHOICES
    n_copies_left_out: int = 0

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.frame)

    def with_schema(self, schema: TableSchema) -> "Dataset":
        """Return the same cells under a changed schema (kinds and roles, never names)."""
        return replace(self, schema=schema)

    def with_frame(self, frame: pd.DataFrame) -> "Dataset":
        """Return the same columns with other cells or fewer rows."""
        if frame is self.frame:
            return self
        return replace(self, frame=frame, fingerprint=fingerprint(frame))

    def save(self, folder: Path) -> None:
        """Write `table.parquet` and `table.json` into a folder that exists; `load` reads them back."""
        _write_frame(self.frame, folder / "table.parquet")
        facts = {
            "schema": self.schema.to_json(),
            "name": self.name,
            "fingerprint": self.fingerprint,
            "done_to_the_file": [message.to_json() for message in self.done_to_the_file],
            "left_out": [line.to_json() for line in self.left_out],
            "read_as": self.read_as.to_json(),
            "choices": self.choices.to_json(),
        }
        (folder / "table.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")

    @staticmethod
    def load(folder: Path) -> "Dataset":
        """Read what `save` wrote."""
        facts = json.loads((folder / "table.json").read_text(encoding="utf-8"))
        return Dataset(
            frame=_frame(folder / "table.parquet"),
            schema=TableSchema.from_json(facts["schema"]),
            name=facts["name"],
            fingerprint=facts["fingerprint"],
            done_to_the_file=tuple(Message.from_json(m) for m in facts["done_to_the_file"]),
            left_out=tuple(LeftOut.from_json(line) for line in facts["left_out"]),
            read_as=ReadingOptions.from_json(facts["read_as"]),
            choices=FileChoices.from_json(facts["choices"]),
        )


def _write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write some rows at a time: a copy of the whole would need as much memory again."""
    n_rows = max(_CELLS_AT_ONCE // max(len(frame.columns), 1), 1)
    schema = pa.Schema.from_pandas(frame.head(1), preserve_index=False)
    with parquet.ParquetWriter(path, schema) as writer:
        for start in range(0, max(len(frame), 1), n_rows):
            part = frame.iloc[start : start + n_rows]
            writer.write_table(pa.Table.from_pandas(part, schema=schema, preserve_index=False))


def _frame(path: Path) -> pd.DataFrame:
    """Read a frame, giving the memory of each column as it was read back at once."""
    table = parquet.read_table(path)
    frame: pd.DataFrame = table.to_pandas(split_blocks=True, self_destruct=True)
    return frame
