"""Loads the model for MLflow: raw cells in, predictions out. Needs only numpy, onnxruntime and pandas.

MLflow calls `_load_pyfunc`. The rules that make raw cells canonical (units, thousands signs, decimal commas, words for
"missing") are data in the model file; `tablewright_reading` beside this file applies them.
"""

import json
import math
import numbers
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
from numpy.typing import NDArray

Column = Mapping[str, Any]
Cells = NDArray[np.float64] | NDArray[np.object_]
MOMENT = "%Y-%m-%d %H:%M:%S"
LARGEST_WHOLE = 2**53


class Predictor:
    """The opened model, as MLflow wants it."""

    def __init__(self, path: Path, canonical: Callable[[str, Column], float | str]) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        facts = self.session.get_modelmeta().custom_metadata_map
        self.columns: list[Column] = json.loads(facts["tablewright.schema"])
        self.classes: list[str | int] = json.loads(facts["tablewright.classes"])
        self.canonical = canonical

    def predict(self, model_input: Any, params: Mapping[str, Any] | None = None) -> pd.DataFrame:  # noqa: ARG002
        """Predict for raw cells, typed or as texts; a column that is absent counts as missing in every row.

        Raises ValueError, naming the columns, when none of the model's columns is there.
        """
        frame = pd.DataFrame(model_input)
        names = [column["name"] for column in self.columns]
        if not any(name in frame for name in names):
            raise ValueError(f"None of the columns is there: {', '.join(names)}.")
        feed = {column["name"]: self._cells(frame, column) for column in self.columns}
        wanted = ["prediction", "probabilities"] if self.classes else ["prediction"]
        values = dict(zip(wanted, self.session.run(wanted, feed), strict=True))
        made = {"prediction": values["prediction"][:, 0]}
        made |= {f"probability_{label}": values["probabilities"][:, i] for i, label in enumerate(self.classes)}
        return pd.DataFrame(made, index=frame.index)

    def _cells(self, frame: pd.DataFrame, column: Column) -> Cells:
        raw = frame[column["name"]] if column["name"] in frame else [""] * len(frame)
        kind = np.float64 if column["cells"] == "number" else object
        return np.array([self.canonical(as_text(cell, column), column) for cell in raw], dtype=kind).reshape(-1, 1)


def as_text(cell: Any, column: Column) -> str:
    """Write a typed cell as the file that the model was trained on would hold it."""
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool) or type(cell).__name__ in {"bool", "bool_"}:
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        moment = cell.astimezone(UTC) if cell.tzinfo else cell
        return moment.strftime(column["date_formats"][0] if column["date_formats"] else MOMENT)
    if isinstance(cell, date):
        return cell.isoformat()
    return _number_text(cell, column) if isinstance(cell, numbers.Real) else str(cell)


def _number_text(cell: numbers.Real, column: Column) -> str:
    number = float(cell)
    if math.isnan(number):
        return ""
    if number.is_integer() and abs(number) < LARGEST_WHOLE:
        return str(int(number))
    text = repr(number)
    rules = column["rules"]
    # A point in a column of decimal commas could be taken for the sign between thousands.
    return text.replace(".", rules["decimal"]) if column["cells"] != "number" and rules["number"] else text


def _load_pyfunc(data_path: str) -> Predictor:
    """Open the model file; MLflow has put the folder of this file on the path."""
    return Predictor(Path(data_path), import_module("tablewright_reading").canonical)
