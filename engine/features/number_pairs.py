"""Sums, differences, products and ratios of two numbers, where they tell more than the numbers alone."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.features.numbers import LARGEST, medians_of, numbers_of
from engine.features.quick_trees import Floats, grow
from engine.features.statistics import some_rows
from engine.features.step import Answers, FeatureColumn, FeatureStep, Parameters
from engine.graph.columns import ColumnReader
from engine.shape import Shape
from engine.table.schema import ColumnSchema, Kind

SLICE_ROWS = 10_000
LEAST_ROWS = 2_000
MOSTLY = 0.75  # of the columns are numbers: beside dates and many categories, pairs were measured to do harm
PARENTS = 12  # the most telling columns, of which all pairs are looked at
SHORT_LIST = 40
SIGNS = ("-", "+", "×", "/")


@dataclass(frozen=True)
class Pair:
    """Two numbers and what is done with them: one of SIGNS."""

    left: str
    sign: str
    right: str

    @property
    def title(self) -> str:
        """The pair as people write it."""
        return f"{self.left} {self.sign} {self.right}"


@dataclass(frozen=True)
class PairsState:
    """The pairs, sorted by sign, and the training medians of their values."""

    pairs: tuple[Pair, ...]
    medians: NDArray[np.float64]


def _fit(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], parameters: Parameters, answers: Answers
) -> PairsState | None:
    rows = some_rows(answers, SLICE_ROWS)
    values, known = numbers_of(frame.iloc[rows], columns), answers.take(rows)
    if len(columns) < 2 or len(np.unique(known.y)) < 2:
        return None
    chosen = _chosen(values, known, parameters.get("n_most", 20))
    if not chosen:
        return None
    names = [column.name for column in columns]
    pairs = tuple(Pair(names[left], sign, names[right]) for left, sign, right in chosen)
    made = np.column_stack([_combined(values, *pair) for pair in chosen])
    return PairsState(pairs, medians_of(made))


Positions = tuple[int, str, int]


def _chosen(values: Floats, answers: Answers, n_most: int) -> list[Positions]:
    """Return the pairs that trees split on most, where they may choose between them and the numbers, sorted by sign.

    What a pair tells alone says little: it was measured to miss the best ones, which tell something only beside others.
    """
    parents = np.sort(np.argsort(-grow(values, answers).gains, kind="stable")[:PARENTS])
    pairs = [pair for left, right in combinations(parents.tolist(), 2) for pair in _signed(values, left, right)]
    for n_kept in (SHORT_LIST, n_most):
        if pairs:
            made = np.column_stack([_combined(values, *pair) for pair in pairs])
            pairs = _best(pairs, grow(np.column_stack([values, made]), answers).gains, n_kept)
    return sorted(pairs, key=lambda pair: (SIGNS.index(pair[1]), pair))


def _best(pairs: list[Positions], gains: Floats, n_kept: int) -> list[Positions]:
    """Return the pairs of the highest gain, if above that of a parent. `gains`: of all numbers, then of the pairs."""
    own, told = gains[: -len(pairs)], gains[-len(pairs) :]
    best = np.argsort(-told, kind="stable")[:n_kept]
    return [pairs[i] for i in best if told[i] > min(own[pairs[i][0]], own[pairs[i][2]])]


def _signed(values: Floats, left: int, right: int) -> list[Positions]:
    """Return what can be done with two columns; of the two ratios the one without a divisor that changes its sign.

    The other ratio would put the rows in the reverse order: to trees it says the same.
    """
    changes = [len(np.unique(np.sign(column[~np.isnan(column)]))) > 1 for column in (values[:, left], values[:, right])]
    ratio = (right, "/", left) if changes[1] and not changes[0] else (left, "/", right)
    return [(left, "-", right), (left, "+", right), (left, "×", right), ratio]


def _combined(values: Floats, left: int, sign: str, right: int) -> Floats:
    """Return the values of a pair; infinite ones and those of a division by zero are missing."""
    a, b = values[:, left], values[:, right]
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        made = a - b if sign == "-" else a + b if sign == "+" else a * b if sign == "×" else a / b
    return np.where(np.isfinite(made), made, np.nan)


def _outputs(state: PairsState) -> tuple[FeatureColumn, ...]:
    return tuple(FeatureColumn(pair.title, (pair.left, pair.right)) for pair in state.pairs)


def _graph(state: PairsState, reader: ColumnReader) -> Var:
    names = tuple(sorted({name for pair in state.pairs for name in (pair.left, pair.right)}))
    cells = reader.numbers(names)
    blocks = []
    for sign in SIGNS:
        pairs = [pair for pair in state.pairs if pair.sign == sign]
        if pairs:
            left = op.gather(cells, op.const(np.array([names.index(pair.left) for pair in pairs])), axis=1)
            right = op.gather(cells, op.const(np.array([names.index(pair.right) for pair in pairs])), axis=1)
            blocks.append(_calculated(left, sign, right))
    made = op.concat(blocks, axis=1) if len(blocks) > 1 else blocks[0]
    difference = op.sub(made, op.const(state.medians[None, :]))
    return op.cast(op.clip(difference, op.const(-LARGEST), op.const(LARGEST)), to=np.float32)


def _calculated(left: Var, sign: str, right: Var) -> Var:
    if sign == "/":
        nothing = op.equal(right, op.const(np.array(0.0)))
        return op.where(nothing, op.const(np.array(np.nan)), op.div(left, right))
    return {"-": op.sub, "+": op.add, "×": op.mul}[sign](left, right)


def _offered(shape: Shape) -> bool:
    return shape.n_rows >= LEAST_ROWS and shape.n_numbers >= max(2.0, MOSTLY * shape.n_columns)


NUMBER_PAIRS = FeatureStep(
    key="number_pairs",
    title="Sums, differences, products and ratios of numbers",
    kinds=frozenset({Kind.NUMBER, Kind.NUMBER_WITH_UNIT}),
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
    offers={"5": {"n_most": 5}, "20": {"n_most": 20}},
    offered=_offered,
)
