"""The archive of an explanation: small, and readable without pickle."""

from pathlib import Path

import numpy as np
import pandas as pd

from engine.blend.final import FinalModel
from engine.insight.explanation import LONGEST_CELL, write
from engine.messages import Message
from engine.table.schema import Cells, ColumnSchema, Kind
from engine.tasks.task import Task, TaskKind


def column(name: str, position: int, kind: Kind, cells: Cells) -> ColumnSchema:
    reason = Message("Told by the test.")
    return ColumnSchema(name=name, original_name=name, position=position, kind=kind, cells=cells, reason=reason)


def test_one_long_text_does_not_make_every_cell_long(tmp_path: Path) -> None:
    columns = (column("note", 0, Kind.TEXT, Cells.TEXT), column("age", 1, Kind.NUMBER, Cells.NUMBER))
    model = FinalModel(task=Task(kind=TaskKind.REGRESSION, targets=("y",)), columns=columns, members=())
    frame = pd.DataFrame({"note": ["word " * 100_000, "short", None], "age": [1.5, np.nan, 3.0]})
    write(tmp_path / "explanation.npz", model, frame, np.zeros((3, 2, 1)), np.zeros(1))
    with np.load(tmp_path / "explanation.npz", allow_pickle=False) as archive:
        cells = archive["cells"]
    assert cells.tolist() == [[("word " * 100_000)[:LONGEST_CELL], "1.5"], ["short", ""], ["", "3.0"]]
    assert cells.dtype == np.dtype(f"<U{LONGEST_CELL}")
