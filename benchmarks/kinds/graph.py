"""Writes a learnt model of column kinds as an ONNX graph."""

import numpy as np
import onnx
import spox.opset.ai.onnx.v21 as op
from spox import Tensor, Var, argument, build

from benchmarks.kinds.learner import SOFTEST, TERM_WEIGHT, WIDEST, Learnt
from engine.graph.lightgbm_trees import read_trees
from engine.graph.trees import tree_ensemble
from engine.table.columns.kind_classes import CLASSES
from engine.table.columns.kind_features import NAMES
from engine.table.columns.kind_names import N_TERMS


def graph_of(learnt: Learnt) -> onnx.ModelProto:
    """Return a graph: float32 `measures` [N, F] and `terms` [N, T] in, double `probabilities` [N, 9] out."""
    measures = argument(Tensor(np.float32, ("N", len(NAMES))))
    terms = argument(Tensor(np.float32, ("N", N_TERMS)))
    boosted = [op.softmax(tree_ensemble(measures, read_trees(t, len(CLASSES)), len(CLASSES))) for t in learnt.trees]
    linear = op.softmax(_linear(op.cast(measures, to=np.float64), op.cast(terms, to=np.float64), learnt))
    mean = op.div(op.add(op.div(op.sum(boosted), _number(len(boosted))), linear), _number(2))
    raised = op.pow(op.max([mean, _number(SOFTEST)]), _number(1 / learnt.temperature))
    total = op.reduce_sum(raised, op.const(np.array([1])), keepdims=1)
    model = build({"measures": measures, "terms": terms}, {"probabilities": op.div(raised, total)})
    onnx.helper.set_model_props(model, {"classes": ",".join(CLASSES), "temperature": f"{learnt.temperature:.2f}"})
    return model


def _linear(measures: Var, terms: Var, learnt: Learnt) -> Var:
    logs = op.mul(op.sign(measures), op.log(op.add(op.abs(measures), _number(1))))
    scaled = op.div(op.sub(logs, op.const(learnt.center[None, :])), op.const(learnt.scale[None, :] * WIDEST))
    kept = op.clip(scaled, op.const(np.float64(-1)), op.const(np.float64(1)))
    split = len(learnt.center)
    of_measures = op.matmul(kept, op.const(learnt.weights[:split]))
    of_terms = op.matmul(terms, op.const(TERM_WEIGHT * learnt.weights[split:]))
    return op.add(op.add(of_measures, of_terms), op.const(learnt.bias[None, :]))


def _number(value: float) -> Var:
    return op.const(np.float64(value))
