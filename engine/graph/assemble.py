"""Assembles the whole model, preprocessing and blend included, into one ONNX graph."""

import numpy as np
import spox
import spox.opset.ai.onnx.v21 as op
from spox import Var

from engine.blend.final import FinalModel
from engine.graph.columns import ColumnReader, union
from engine.tasks.task import PREDICTION, PROBABILITIES, Task, TaskKind


def assemble(model: FinalModel) -> bytes:
    """Return the ONNX file of a model: its columns in, `prediction` (and `probabilities`) out.

    Members are summed in double, so that the order of summation does not show in the result.
    """
    vocabularies = union(fitted.pipeline.vocabularies for member in model.members for fitted in member.bag)
    reader = ColumnReader(model.columns, vocabularies)
    total = None
    for member in model.members:
        for fitted in member.bag:
            share = member.weight / len(member.bag) / model.temperature
            term = op.mul(fitted.graph(reader), op.const(share))
            total = term if total is None else op.add(total, term)
    if total is None:
        raise ValueError("a model needs at least one member")
    outputs = _outputs(total, model)
    file = spox.build(inputs=reader.inputs, outputs=outputs)
    file.producer_name = "tablewright"
    return bytes(file.SerializeToString())


def _outputs(total: Var, model: FinalModel) -> dict[str, Var]:
    task = model.task
    if task.kind is TaskKind.REGRESSION:
        scale = model.target_scale
        value = op.add(op.mul(total, op.const(scale.scale)), op.const(scale.centre))
        return {PREDICTION: op.cast(value, to=np.float32)}
    probabilities = op.cast(_probabilities(total, task), to=np.float32)
    best = op.arg_max(probabilities, axis=1, keepdims=1)
    kind = np.int64 if isinstance(task.classes[0], int) else np.str_
    label = op.gather(op.const(np.array(task.classes, dtype=kind)), best)
    return {PREDICTION: label, PROBABILITIES: probabilities}


def _probabilities(total: Var, task: Task) -> Var:
    if task.kind is TaskKind.MULTICLASS:
        return op.softmax(total, axis=1)
    return op.concat([op.sigmoid(op.neg(total)), op.sigmoid(total)], axis=1)
