"""A Tablewright model as a scikit-learn pipeline: raw cells in, answers out. What a .skops file needs to be loaded.

    from skops.io import load
    from tablewright_sklearn import TRUSTED

    model = load("model.skops", trusted=TRUSTED)
    model.predict(pandas.read_csv("new.csv"))

The pipeline has two steps. `read` makes raw cells canonical (units, thousands signs, decimal commas, words for
"missing"); `model` runs the certified ONNX file, whose bytes it holds. It needs numpy, onnxruntime, scikit-learn and
skops, and nothing of the program that trained it.
"""

import json
import re
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as faults
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.pipeline import Pipeline

from exporters.predictor.reading import Column, as_text, canonical, is_lost, places_of

TRUSTED = ["tablewright_sklearn.CellReader", "tablewright_sklearn.OnnxClassifier", "tablewright_sklearn.OnnxRegressor"]
"""The only types beside scikit-learn's own that a file may hold: the reader, and one of the other two."""

OLDEST_ONNXRUNTIME = "1.24.1"
"""The lowest version that was tried and agrees; 1.21 to 1.23 give other answers and say nothing, before that none."""

CHUNK_ROWS = 1024
"""Rows per call: long texts take much room inside."""

COLUMN_FACTS = ("name", "original_name", "position", "kind", "cells", "date_formats", "rules")
"""What the reader must know of a column."""

DAMAGED = (faults.InvalidProtobuf, faults.InvalidGraph, faults.Fail, faults.InvalidArgument)
TRAINED = (
    "This model is trained, and cannot be trained anew here: the training is done by Tablewright. Where a tool of "
    "scikit-learn fits what it is given, hand it over as sklearn.frozen.FrozenEstimator(model); a cross-validation "
    "would then ask the model about rows that it has learnt from."
)
NOT_WHOLE = "The file does not hold a whole model. Copy it once more, or export it again."


class Trained(BaseEstimator):  # type: ignore[misc]
    """Is what it is: nothing of it is learnt anew, and raw cells of any kind are welcome."""

    def __sklearn_clone__(self) -> Self:
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = tags.input_tags.categorical = tags.input_tags.allow_nan = True
        return tags


class CellReader(TransformerMixin, Trained, auto_wrap_output_keys=None):  # type: ignore[misc, call-arg]
    """Makes raw cells canonical, column by column. `columns`: what the model knows of them, as JSON."""

    def __init__(self, columns: str) -> None:
        self.columns = columns

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        if set(state) != {"columns"} or not isinstance(state["columns"], str):
            raise ValueError(NOT_WHOLE)
        super().__setstate__(state)

    @property
    def feature_names_in_(self) -> NDArray[np.object_]:
        """The columns that the model looks at; a table may have others, in any order."""
        return np.array([column["name"] for column in self._columns()], dtype=object)

    @property
    def n_features_in_(self) -> int:
        """How many columns the model looks at."""
        return len(self._columns())

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return the columns in the order in which `transform` gives them."""
        return self.feature_names_in_

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002
        """Do nothing: the rules are known."""
        return self

    def transform(self, X: Any) -> NDArray[np.object_]:
        """Return canonical cells: numbers (missing is NaN) and texts (missing is empty).

        `X`: a data frame, or an array whose columns stand in the order of `feature_names_in_`. Raises ValueError,
        naming them, when columns are absent; warns of cells that cannot be read and count as missing.
        """
        columns, lost = self._columns(), Counter[str]()
        read = [_read(cells, column, lost) for cells, column in zip(_cells(X, columns), columns, strict=True)]
        if lost:
            told = ", ".join(f"{name} {n}" for name, n in lost.items())
            warnings.warn(f"Cells that could not be read and count as missing: {told}.", UserWarning, stacklevel=2)
        made = np.empty((len(read[0]), len(read)), dtype=object)
        for place, cells in enumerate(read):
            made[:, place] = cells
        return made

    def _columns(self) -> list[Column]:
        found: list[Column] = json.loads(self.columns)
        return found


class OnnxModel(Trained):
    """Runs an ONNX file. `model`: its bytes, as numbers from 0 to 255; ValueError where they are no whole model."""

    def __init__(self, model: NDArray[np.uint8]) -> None:
        self.model = model

    def __getstate__(self) -> dict[str, Any]:
        return {"model": self.model}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        model = state.get("model")
        if set(state) != {"model"} or not isinstance(model, np.ndarray) or model.dtype != np.uint8 or model.ndim != 1:
            raise ValueError(NOT_WHOLE)
        super().__setstate__(state)

    @property
    def feature_names_in_(self) -> NDArray[np.object_]:
        """The columns that the file takes, in the order of the reader's answer."""
        return np.array([column["name"] for column in self._told("schema")], dtype=object)

    @property
    def n_features_in_(self) -> int:
        """How many columns the file takes."""
        return len(self._told("schema"))

    def fit(self, X: Any, y: Any = None) -> NoReturn:
        """Refuse: the model is trained."""
        raise NotImplementedError(TRAINED)

    def _run(self, X: Any, output: str) -> NDArray[Any]:
        """Return an output of the file for canonical cells, as the reader gives them."""
        columns, cells = self._told("schema"), np.asarray(X, dtype=object)
        if cells.ndim != 2 or cells.shape[1] != len(columns) or not len(cells):
            raise ValueError(f"A table of {len(columns)} columns and at least one row is wanted; {cells.shape} came.")
        kinds = [np.float64 if column["cells"] == "number" else object for column in columns]
        feed = {
            column["name"]: cells[:, [place]].astype(kind)
            for place, (column, kind) in enumerate(zip(columns, kinds, strict=True))
        }
        starts = range(0, len(cells), CHUNK_ROWS)
        parts = ({name: column[first : first + CHUNK_ROWS] for name, column in feed.items()} for first in starts)
        return np.concatenate([self._session().run([output], part)[0] for part in parts])

    def _told(self, what: str) -> Any:
        """Return what the file says of itself."""
        told = self._session().get_modelmeta().custom_metadata_map
        if f"tablewright.{what}" not in told:
            raise ValueError(NOT_WHOLE)
        return json.loads(told[f"tablewright.{what}"])

    def _session(self) -> Any:
        """Return the opened file: opened when it is first asked, and never kept in a file or sent to a process."""
        opened = vars(self).get("_opened")
        if opened is None or opened[0] is not self.model:
            self._opened = opened = (self.model, opened_session(self.model.tobytes()))
        return opened[1]


class OnnxClassifier(ClassifierMixin, OnnxModel):  # type: ignore[misc]
    """Answers with one of several classes.

    `predict` gives the answers of the file, which may follow the costs of mistakes: not always the likeliest class.
    """

    @property
    def classes_(self) -> NDArray[Any]:
        """The classes, sorted as scikit-learn wants them."""
        return np.sort(np.array(self._told("classes")))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the answer for each row."""
        return self._run(X, "prediction")[:, 0].astype(self.classes_.dtype)

    def predict_proba(self, X: Any) -> NDArray[np.float32]:
        """Return how probable each class is, in the order of `classes_`."""
        return self._run(X, "probabilities")[:, np.argsort(np.array(self._told("classes")))]


class OnnxRegressor(RegressorMixin, OnnxModel):  # type: ignore[misc]
    """Answers with a number."""

    def predict(self, X: Any) -> NDArray[np.float32]:
        """Return the answer for each row."""
        return self._run(X, "prediction")[:, 0]


def pipeline_of(model: bytes) -> Pipeline:
    """Return the bytes of a model file as a pipeline."""
    told = opened_session(model).get_modelmeta().custom_metadata_map
    kind = OnnxClassifier if json.loads(told["tablewright.classes"]) else OnnxRegressor
    columns = [{fact: column[fact] for fact in COLUMN_FACTS} for column in json.loads(told["tablewright.schema"])]
    reader = CellReader(json.dumps(columns, ensure_ascii=False))
    return Pipeline([("read", reader), ("model", kind(np.frombuffer(model, dtype=np.uint8)))])


def opened_session(model: bytes) -> Any:
    """Open a model file on one thread, so that it answers the same on every computer."""
    if version_of(onnxruntime.__version__) < version_of(OLDEST_ONNXRUNTIME):
        raise ImportError(f"onnxruntime {onnxruntime.__version__} is too old: take {OLDEST_ONNXRUNTIME} or later.")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except DAMAGED:
        raise ValueError(NOT_WHOLE) from None


def version_of(text: str) -> list[int]:
    """Return a version as numbers that compare rightly."""
    return [int(number) for number in re.findall(r"\d+", text)[:3]]


def _cells(X: Any, columns: Sequence[Column]) -> list[Sequence[Any]]:
    """Return the raw cells of each column of the model."""
    if hasattr(X, "columns"):
        places = places_of([str(name) for name in X.columns], columns)
        wanted = [places[column["name"]] for column in columns]
        cells: list[Sequence[Any]] = [
            list(X.iloc[:, each] if hasattr(X, "iloc") else X[X.columns[each]]) for each in wanted
        ]
    else:
        table = np.asarray(X, dtype=object)
        if table.ndim != 2 or table.shape[1] != len(columns):
            raise ValueError(f"A table of {len(columns)} columns is wanted; one of shape {table.shape} came.")
        cells = [table[:, place].tolist() for place in range(len(columns))]
    if not cells[0]:
        raise ValueError("The table has no rows; at least one is wanted.")
    return cells


def _read(cells: Sequence[Any], column: Column, lost: Counter[str]) -> list[float | str]:
    """Return canonical cells, each text read once; counts in `lost` those that could not be read."""
    texts = [as_text(cell, column) for cell in cells]
    known = {text: canonical(text, column) for text in set(texts)}
    unread = {text for text, made in known.items() if is_lost(text, made, column)}
    if n_lost := sum(text in unread for text in texts) if unread else 0:
        lost[column["name"]] += n_lost
    return [known[text] for text in texts]
