"""A model is its ONNX file: opens it, checks a table against its contract, predicts, by onnxruntime alone."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.errors import ModelError
from engine.graph.known_levels import known_levels
from engine.graph.session import open_session, run
from engine.messages import phrase
from engine.new_rows.cells import fitted
from engine.new_rows.fit import MISSING_COLUMNS, Fit
from engine.new_rows.matching import matched
from engine.table.files.raw import RawTable
from engine.table.options import AUTOMATIC, ReadingOptions
from engine.table.reading import read_raw
from engine.table.schema import ColumnSchema, Kind, TableSchema
from engine.tasks.task import INTERVAL, POSSIBLE, PREDICTION, PROBABILITIES, UNLIKE, Task
from engine.unused import LEFT_OUT, UnusedColumn

NO_FILE = phrase("model_missing", "There is no model file at {path}.", "Check the path, or give the id of a run.")
BROKEN = phrase(
    "model_broken",
    "{path} is not a whole model file.",
    "Export the model again, or copy it once more: it may have been cut off on the way.",
)
FOREIGN = phrase(
    "model_foreign",
    "{path} was not made by Tablewright: it does not say which columns it needs.",
    "Give the model.onnx of a bundle, a bundle folder or the id of a run.",
)


@dataclass(frozen=True, kw_only=True)
class Model:
    """An opened model file. `columns`: its inputs; `metadata`: what the file says about itself."""

    path: Path
    columns: tuple[ColumnSchema, ...]
    task: Task
    metadata: dict[str, str]
    session: Any

    @property
    def left_out(self) -> tuple[UnusedColumn, ...]:
        """The columns of the training table that the model does not look at, and why."""
        return tuple(UnusedColumn.from_json(column) for column in json.loads(self.metadata.get(LEFT_OUT, "[]")))

    def missing_columns(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the columns that the model needs and a table with these columns lacks."""
        present = matched(names, self.columns)
        return tuple(column.original_name for column in self.columns if column.name not in present)

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Predict for raw cells, as they come from a file.

        Returns `prediction` and, for classification, `probability_<class>`, with the index of `frame`.
        Raises ModelError, naming the columns, when some are missing.
        """
        return self.predict_and_tell(frame)[0]

    def predict_and_tell(
        self, frame: pd.DataFrame, options: ReadingOptions = AUTOMATIC, *, doubt: bool = False
    ) -> tuple[pd.DataFrame, Fit]:
        """Predict for raw cells, and say how far they fit the model: what could not be read, what it does not know.

        `options`: the decimal sign and the order of dates of the file, where a person has said them. `doubt`: add how
        sure the model is: `low` and `high` of a number; `unsure` and `possible` where several classes are possible;
        `unlike`, the columns with a cell such as no row that it has learnt from has, or only one.
        Raises ModelError, naming the columns, when some are missing.
        """
        cells, fit = self.cells_of(frame, options)
        values = self._values(cells)
        if UNLIKE in values:
            outside = {
                column.name: cells[column.name][values[UNLIKE][:, position]]
                for position, column in enumerate(self.columns)
                if column.kind.is_number or column.kind is Kind.DATE
            }
            fit = fit.with_outside(outside)
        return self._table(values, frame.index, doubt=doubt), fit

    def cells_of(self, frame: pd.DataFrame, options: ReadingOptions = AUTOMATIC) -> tuple[pd.DataFrame, Fit]:
        """Return the canonical cells of raw ones, as `predict_cells` takes them, and how far they fit the model.

        Raises ModelError, naming the columns, when some are missing.
        """
        lacking = self.missing_columns(tuple(frame.columns))
        if lacking:
            raise ModelError(MISSING_COLUMNS(columns=", ".join(lacking)))
        return fitted(frame, self.columns, lambda: known_levels(self.path), options)

    def predict_cells(self, frame: pd.DataFrame, *, index: pd.Index | None = None, doubt: bool = False) -> pd.DataFrame:
        """Predict for canonical cells."""
        return self._table(self._values(frame), frame.index if index is None else index, doubt=doubt)

    def _values(self, cells: pd.DataFrame) -> dict[str, Any]:
        outputs = [output.name for output in self.session.get_outputs()]
        return dict(zip(outputs, run(self.session, cells, self.columns), strict=True))

    def _table(self, values: dict[str, Any], index: pd.Index, *, doubt: bool) -> pd.DataFrame:
        table = {PREDICTION: values[PREDICTION][:, 0]}
        if self.task.classes:
            chances: NDArray[np.float32] = values[PROBABILITIES]
            table |= {f"probability_{label}": chances[:, i] for i, label in enumerate(self.task.classes)}
        if doubt and INTERVAL in values:
            table |= {"low": values[INTERVAL][:, 0], "high": values[INTERVAL][:, 1]}
        if doubt and POSSIBLE in values:
            labels = np.array([str(label) for label in self.task.classes], dtype=object)
            table["unsure"] = values[POSSIBLE].sum(axis=1) > 1
            table["possible"] = np.array([", ".join(labels[row]) for row in values[POSSIBLE]], dtype=object)
        if doubt and UNLIKE in values:
            names = np.array([column.name for column in self.columns], dtype=object)
            table[UNLIKE] = np.array([", ".join(names[row]) for row in values[UNLIKE]], dtype=object)
        return pd.DataFrame(table, index=index)

    def read(self, path: Path | str, options: ReadingOptions) -> RawTable:
        """Read a table to predict; where its first line names what the model needs, that line is the header.

        A single column of texts does not show by itself which of its lines is a name.
        """
        raw = read_raw(path, options)
        if options.n_header_rows is not None or not self.missing_columns(tuple(raw.frame.columns)):
            return raw
        plain = replace(options, n_skipped_rows=options.n_skipped_rows or 0, n_header_rows=1)
        named = read_raw(path, plain)
        return raw if self.missing_columns(tuple(named.frame.columns)) else named

    def predict_file(self, path: Path | str) -> pd.DataFrame:
        """Read a table and return its columns as text, with the predictions beside them."""
        raw = self.read(path, ReadingOptions(keep_all_rows=True)).frame
        return pd.concat([raw, self.predict(raw)], axis=1)


def open_model(path: Path | str) -> Model:
    """Open a `model.onnx`.

    Raises ModelError when there is no such file, when it is damaged, or when it was not made by Tablewright.
    """
    place = Path(path)
    if not place.is_file():
        raise ModelError(NO_FILE(path=str(path)))
    session = _session(place)
    metadata = dict(session.get_modelmeta().custom_metadata_map)
    if "tablewright.schema" not in metadata:
        raise ModelError(FOREIGN(path=str(path)))
    return Model(
        path=place,
        columns=TableSchema.from_json(json.loads(metadata["tablewright.schema"])).columns,
        task=Task.from_json(json.loads(metadata["tablewright.task"])),
        metadata=metadata,
        session=session,
    )


def _session(path: Path) -> Any:
    from onnxruntime.capi import onnxruntime_pybind11_state as faults

    damaged = (faults.InvalidProtobuf, faults.InvalidGraph, faults.Fail, faults.InvalidArgument, faults.NoModel)
    try:
        return open_session(path)
    except damaged as fault:
        raise ModelError(BROKEN(path=str(path))) from fault
