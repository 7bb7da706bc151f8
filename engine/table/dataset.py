"""A table that has been read: canonical cells, schema, and what was done to the file."""

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from engine.messages import Message
from engine.table.fingerprint import fingerprint
from engine.table.large.drawn import Drawn
from engine.table.large.whole import OWN_FOLDER, Whole
from engine.table.options import AUTOMATIC, NO_CHOICES, FileChoices, LeftOut, ReadingOptions
from engine.table.schema import TableSchema

if TYPE_CHECKING:
    from engine.table.profile import ColumnProfile

WHOLE_FILE = "whole.json"
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
    `whole`: all rows, where they do not fit into memory; `frame` is a sample of them then, `figures` what is known of
    the columns of all rows, and `drawn` how the sample of a run was drawn.
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
    whole: Whole | None = None
    figures: tuple["ColumnProfile", ...] = ()
    drawn: Drawn | None = None

    @property
    def n_rows(self) -> int:
        """The number of rows in memory."""
        return len(self.frame)

    @property
    def n_rows_in_all(self) -> int:
        """The number of rows, those included that stay on disk because memory does not hold them."""
        return len(self.frame) if self.whole is None else self.whole.n_rows

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
        if self.whole is not None:
            self._save_whole(self.whole, folder)

    def _save_whole(self, whole: Whole, folder: Path) -> None:
        """Keep what is known of all rows, and the files with them where nobody else keeps these."""
        if whole.is_own:
            (folder / OWN_FOLDER).mkdir(exist_ok=True)
            for part in whole.parts:
                shutil.copyfile(part.path, folder / OWN_FOLDER / part.path.name)
        known = {"rows": whole.to_json(), "figures": [each.to_json() for each in self.figures]}
        (folder / WHOLE_FILE).write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")

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
            **_whole(folder),
        )


def _whole(folder: Path) -> dict[str, Any]:
    """Return what is known of rows that are not in memory; nothing of a table that has none."""
    from engine.table.profile import ColumnProfile

    if not (folder / WHOLE_FILE).is_file():
        return {}
    known = json.loads((folder / WHOLE_FILE).read_text(encoding="utf-8"))
    figures = tuple(ColumnProfile.from_json(each) for each in known["figures"])
    return {"whole": Whole.from_json(known["rows"]).with_own_in(folder / OWN_FOLDER), "figures": figures}


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
