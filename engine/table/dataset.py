"""A table that has been read: canonical cells, schema, and what was done to the file."""

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from engine.messages import Message
from engine.table.options import AUTOMATIC, NO_CHOICES, FileChoices, LeftOut, ReadingOptions
from engine.table.schema import TableSchema


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A table in memory.

    `frame`: one column per schema column, same names and order. Columns with `Cells.NUMBER` are float64 with NaN
    for missing; columns with `Cells.TEXT` are pandas `str` with NaN for missing, already canonical (units,
    thousands signs and disguised missing values repaired by the column's reading rules).
    `name`: the file's name, for titles. `done_to_the_file`: what reading changed or left out, in order.
    `fingerprint`: the SHA-256 of the cells and names, 16 hex digits. `left_out`: lines of the file that are not in the
    table. `read_as`: how the file was read. `choices`: what else there is in it.
    """

    frame: pd.DataFrame
    schema: TableSchema
    name: str
    fingerprint: str
    done_to_the_file: tuple[Message, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    read_as: ReadingOptions = AUTOMATIC
    choices: FileChoices = NO_CHOICES

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
        self.frame.to_parquet(folder / "table.parquet")
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
            frame=pd.read_parquet(folder / "table.parquet"),
            schema=TableSchema.from_json(facts["schema"]),
            name=facts["name"],
            fingerprint=facts["fingerprint"],
            done_to_the_file=tuple(Message.from_json(m) for m in facts["done_to_the_file"]),
            left_out=tuple(LeftOut.from_json(line) for line in facts["left_out"]),
            read_as=ReadingOptions.from_json(facts["read_as"]),
            choices=FileChoices.from_json(facts["choices"]),
        )


def fingerprint(frame: pd.DataFrame) -> str:
    """Return 16 hex digits that depend on every name and cell of a table."""
    digest = hashlib.sha256("\x1f".join(frame.columns).encode())
    digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()[:16]
