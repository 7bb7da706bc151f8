"""Loads the model for MLflow: raw cells in, predictions out. Needs only numpy, onnxruntime and pandas.

MLflow calls `_load_pyfunc`. The rules that make raw cells canonical (units, thousands signs, decimal commas, words for
"missing") are data in the model file; `tablewright_reading` beside this file applies them.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
from numpy.typing import NDArray

Column = Mapping[str, Any]
Cells = NDArray[np.float64] | NDArray[np.object_]

CHUNK_ROWS = 1024
"""Rows per call: text is split into a table of tokens as wide as the longest text, so calls must stay bounded."""


class Predictor:
    """The opened model, as MLflow wants it."""

    def __init__(self, path: Path, read: Callable[[Any, Column], float | str]) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        facts = self.session.get_modelmeta().custom_metadata_map
        self.columns: list[Column] = json.loads(facts["tablewright.schema"])
        self.classes: list[str | int] = json.loads(facts["tablewright.classes"])
        self.names = input_names(self.columns)
        self.read = read

    def predict(self, model_input: Any, params: Mapping[str, Any] | None = None) -> pd.DataFrame:  # noqa: ARG002
        """Predict for raw cells, typed or as texts; a column that is absent counts as missing in every row.

        Raises ValueError, naming the columns, when none of the model's columns is there.
        """
        frame = pd.DataFrame(model_input)
        if not any(self._name(frame, column) for column in self.columns):
            raise ValueError(f"None of the columns is there: {', '.join(self.names.values())}.")
        # Some operators refuse a table without rows: such a one is asked with a row of missing cells.
        asked = frame if len(frame) else frame.reset_index(drop=True).reindex([0])
        parts = [self._answers(asked.iloc[first : first + CHUNK_ROWS]) for first in range(0, len(asked), CHUNK_ROWS)]
        return pd.concat(parts, ignore_index=True).head(len(frame)).set_axis(frame.index)

    def _answers(self, frame: pd.DataFrame) -> pd.DataFrame:
        feed = {column["name"]: self._cells(frame, column) for column in self.columns}
        wanted = ["prediction", "probabilities"] if self.classes else ["prediction"]
        values = dict(zip(wanted, self.session.run(wanted, feed), strict=True))
        made = {"prediction": values["prediction"][:, 0]}
        made |= {f"probability_{label}": values["probabilities"][:, i] for i, label in enumerate(self.classes)}
        return pd.DataFrame(made)

    def _name(self, frame: pd.DataFrame, column: Column) -> str | None:
        return next((name for name in (self.names[column["name"]], column["name"]) if name in frame), None)

    def _cells(self, frame: pd.DataFrame, column: Column) -> Cells:
        name = self._name(frame, column)
        raw = frame[name] if name else [""] * len(frame)
        kind = np.float64 if column["cells"] == "number" else object
        return np.array([self.read(cell, column) for cell in raw], dtype=kind).reshape(-1, 1)


def input_names(columns: Sequence[Column]) -> dict[str, str]:
    """Return what the columns are called in a table, by the names of the file's inputs, which may have been tidied."""
    wanted = [column["original_name"] for column in columns]
    return {
        column["name"]: name if name.strip() and wanted.count(name) == 1 else column["name"]
        for column, name in zip(columns, wanted, strict=True)
    }


def _load_pyfunc(data_path: str) -> Predictor:
    """Open the model file; MLflow has put the folder of this file on the path."""
    rules = import_module("tablewright_reading")
    return Predictor(Path(data_path), lambda cell, column: rules.canonical(rules.as_text(cell, column), column))
