"""Numbers that are looked up in tables by whole-number codes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var


def looked_up(codes: Var, tables: Sequence[NDArray[np.floating[Any]]]) -> Var:
    """Look codes [N, C] up in one table [codes, S] per column: [N, C * S], in the type of the tables."""
    first = np.cumsum([0, *(len(table) for table in tables[:-1])])
    found = op.gather(op.const(np.concatenate(tables)), op.add(codes, op.const(first[None, :])))
    return op.reshape(found, op.const(np.array([-1, sum(table.shape[1] for table in tables)])))
