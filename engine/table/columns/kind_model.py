"""What the learned model says of columns: the probability of each of the nine classes."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.table.columns.kind_classes import CLASSES
from engine.table.columns.kind_facts import ColumnFacts
from engine.table.columns.kind_features import describe
from engine.table.columns.kind_names import hashed

if TYPE_CHECKING:
    import onnxruntime

MODEL_FILE = Path(__file__).parent / "kinds.onnx"
_COLUMNS_PER_CALL = 500


def class_probabilities(facts: Sequence[ColumnFacts]) -> NDArray[np.float64]:
    """Return the probability of each of `CLASSES` for each column: [N, 9], rows adding up to 1.

    >>> sizes = ColumnFacts(name="price", n_rows=90, n_missing=0, n_distinct=80, samples=("12 kg", "3.5 kg", "4 kg"))
    >>> CLASSES[int(class_probabilities([sizes]).argmax())]
    'embedded-number'
    """
    starts = range(0, len(facts), _COLUMNS_PER_CALL)
    parts = [_probabilities(facts[start : start + _COLUMNS_PER_CALL]) for start in starts]
    return np.concatenate(parts) if parts else np.empty((0, len(CLASSES)))


def _probabilities(facts: Sequence[ColumnFacts]) -> NDArray[np.float64]:
    inputs = {
        "measures": np.stack([describe(each) for each in facts]),
        "terms": np.stack([hashed(each) for each in facts]),
    }
    (found,) = _session().run(["probabilities"], inputs)
    return np.asarray(found, np.float64)


@cache
def _session() -> "onnxruntime.InferenceSession":
    from engine.graph.session import open_session

    return open_session(MODEL_FILE)
