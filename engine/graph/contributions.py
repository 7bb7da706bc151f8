"""A file that also says, for each row, what each column contributes: the whole model inside a graph that asks it again.

What a column contributes is stated as: the answer, less the answer with that column at its typical value. For numbers
the answer is the prediction itself, of two classes the log-odds of the second, of several the log-probability of each.
This is no Shapley value: columns that stand in for each other contribute little each.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import spox
import spox.opset.ai.onnx.v21 as op
from spox import Tensor, Var, argument

from engine.graph.constants import places, whole
from engine.table.schema import Cells, ColumnSchema
from engine.tasks.task import PREDICTION, PROBABILITIES, Task, TaskKind

CONTRIBUTIONS = "contributions"
SMALLEST = 1e-7  # probabilities are told in single precision

Typical = Mapping[str, float | str]


def with_contributions(file: Path, columns: tuple[ColumnSchema, ...], task: Task, typical: Typical) -> bytes:
    """Return a file with the outputs of `file` and `contributions` [N, columns, 1, or classes where there are several].

    `typical`: a cell for each column; NaN or the empty text where nothing is typical.
    """
    import onnx

    model = onnx.load(str(file))
    inputs = {
        column.name: argument(Tensor(np.float64 if column.cells is Cells.NUMBER else np.str_, ("N", 1)))
        for column in columns
    }
    n_rows = op.gather(op.shape(next(iter(inputs.values()))), places(0))
    n_asked = op.mul(n_rows, op.const(np.array([len(columns) + 1])))
    zero, one = whole(0), whole(1)
    position = op.range(zero, op.squeeze(n_asked, places(0)), one)
    row, turn = op.mod(position, n_rows), op.reshape(op.div(position, n_rows), op.const(np.array([-1, 1])))
    asked = {
        column.name: op.where(
            op.equal(turn, op.const(np.array([[number]]))),
            op.const(_cell(column, typical)),
            op.gather(inputs[column.name], row, axis=0),
        )
        for number, column in enumerate(columns, start=1)
    }
    answers = spox.inline(model)(**asked)
    first = op.range(zero, op.squeeze(n_rows, places(0)), one)
    outputs = {name: op.gather(answer, first, axis=0) for name, answer in answers.items()}
    size = _size(answers, task)
    shape = op.concat([op.const(np.array([len(columns) + 1])), n_rows, op.const(np.array([-1]))], axis=0)
    by_turn = op.reshape(size, shape)
    as_is = op.gather(by_turn, places(0), axis=0)
    others = op.gather(by_turn, op.const(np.arange(1, len(columns) + 1)), axis=0)
    outputs[CONTRIBUTIONS] = op.transpose(op.sub(as_is, others), perm=[1, 0, 2])
    built = spox.build(inputs=inputs, outputs=outputs)
    built.producer_name = model.producer_name
    onnx.helper.set_model_props(built, {each.key: each.value for each in model.metadata_props})
    return bytes(built.SerializeToString())


def _size(answers: Mapping[str, Var], task: Task) -> Var:
    if task.kind is TaskKind.REGRESSION:
        return answers[PREDICTION]
    small, large = op.const(np.float32(SMALLEST)), op.const(np.float32(1.0 - SMALLEST))
    logs = op.log(op.clip(answers[PROBABILITIES], small, large))
    if task.kind is TaskKind.MULTICLASS:
        return logs
    first, second = places(0), places(1)
    return op.sub(op.gather(logs, second, axis=1), op.gather(logs, first, axis=1))


def _cell(column: ColumnSchema, typical: Typical) -> np.ndarray:
    if column.cells is Cells.NUMBER:
        return np.array([[typical.get(column.name, np.nan)]], np.float64)
    return np.array([[typical.get(column.name, "")]], np.str_)
