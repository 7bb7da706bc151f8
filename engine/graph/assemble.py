"""Assembles the whole model, preprocessing and blend included, into one ONNX graph."""

import numpy as np
import spox
import spox.opset.ai.onnx.v21 as op
from spox import Var

from engine.blend.decision import Decision
from engine.blend.final import FinalModel
from engine.graph import decision
from engine.graph.columns import ColumnReader, union
from engine.graph.unlike import unlike
from engine.tasks.task import INTERVAL, POSSIBLE, PREDICTION, PROBABILITIES, UNLIKE, Task, TaskKind


def assemble(model: FinalModel) -> bytes:
    """Return the ONNX file of a model: its columns in, `prediction` (and `probabilities`) out.

    With a decision also `interval`, of a regression, or `possible`, the classes that are not ruled out; and `unlike`,
    which cells are unlike those that the model has learnt from, where that is known.
    Members are summed in double, so that the order of summation does not show in the result.
    """
    pipelines = model.by_pipeline()
    known = model.familiar.levels if model.familiar else {}
    vocabularies = union([*(pipeline.vocabularies for pipeline, _ in pipelines), known])
    reader = ColumnReader(model.columns, vocabularies)
    calibration, total = model.calibration, None
    for pipeline, models in pipelines:
        features = pipeline.graph(reader)
        for share, fitted in models:
            term = op.mul(fitted.graph(features), op.const(share / calibration.temperature))
            total = term if total is None else op.add(total, term)
    if total is None:
        raise ValueError("a model needs at least one member")
    if calibration.shifts:
        total = op.add(total, op.const(np.array(calibration.shifts)[None, :]))
    outputs = _outputs(total, model)
    if model.familiar is not None:
        outputs[UNLIKE] = unlike(model.familiar, reader)
    file = spox.build(inputs=reader.inputs, outputs=outputs)
    file.producer_name = "tablewright"
    return bytes(file.SerializeToString())


def _outputs(total: Var, model: FinalModel) -> dict[str, Var]:
    task = model.task
    if task.kind is TaskKind.REGRESSION:
        scale = model.target_scale
        value = op.add(op.mul(total, op.const(scale.scale)), op.const(scale.centre))
        outputs = {PREDICTION: op.cast(value, to=np.float32)}
        if model.decision is not None:
            outputs[INTERVAL] = op.cast(decision.interval(model.decision, value), to=np.float32)
        return outputs
    probabilities = op.cast(_probabilities(total, task), to=np.float32)
    # What is decided follows from the probabilities as they are given, to the last digit.
    given = op.cast(probabilities, to=np.float64)
    name = decision.named(model.decision or Decision(), given)
    kind = np.int64 if isinstance(task.classes[0], int) else np.str_
    outputs = {PREDICTION: op.gather(op.const(np.array(task.classes, dtype=kind)), name), PROBABILITIES: probabilities}
    if model.decision is not None:
        outputs[POSSIBLE] = decision.possible(model.decision, given, name)
    return outputs


def _probabilities(total: Var, task: Task) -> Var:
    if task.kind is TaskKind.MULTICLASS:
        return op.softmax(total, axis=1)
    return op.concat([op.sigmoid(op.neg(total)), op.sigmoid(total)], axis=1)
