"""Which cells are unlike those of the rows that the model has learnt from, in the graph."""

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from engine.blend.familiar import Familiar
from engine.graph.columns import ColumnReader


def unlike(familiar: Familiar, reader: ColumnReader) -> Var:
    """Return marks [N, C] as booleans, one column for each input, in their order."""
    nothing = op.cast(reader.zeros(), to=np.bool_)
    blocks, order = [nothing], dict.fromkeys(reader.columns, 0)
    numbers = tuple(name for name in reader.columns if name in familiar.ranges)
    if numbers:
        lows, highs = np.array([familiar.ranges[name] for name in numbers]).T
        cells = reader.numbers(numbers)
        too_low, too_high = op.less(cells, op.const(lows[None, :])), op.greater(cells, op.const(highs[None, :]))
        blocks.append(op.or_(too_low, too_high))
        order |= {name: 1 + position for position, name in enumerate(numbers)}
    levels = {name: familiar.levels[name] for name in reader.columns if name in familiar.levels}
    if levels:
        unknown = np.array([[len(vocabulary) for vocabulary in levels.values()]])
        blocks.append(op.equal(reader.codes(levels), op.const(unknown)))
        order |= {name: 1 + len(numbers) + position for position, name in enumerate(levels)}
    return op.gather(op.concat(blocks, axis=1), op.const(np.array(list(order.values()))), axis=1)
