"""Linear models: logistic regression, multinomial regression, ridge regression."""

import time as clock
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.families.baseline import prior
from engine.families.family import Family, Floats, Parameters, Rows, Setting, Trial
from engine.families.products import ROWS_AT_ONCE, products_of
from engine.families.recipes import SCALED_IN_BINS
from engine.features.step import Matrix
from engine.shape import Shape
from engine.tasks.task import Task, TaskKind

# More steps than these improve no score that was looked at, and cost up to four times as much.
MAX_STEPS = 50
TOLERANCE = 1e-5
# More rows move no coefficient by more than its own uncertainty, which is below what the other families differ by.
MOST_ROWS = 150_000
# Each strength is this many times the one before, when there are rows to choose by.
STEP = 10.0
MAX_STRENGTHS = 4
# The strength is chosen on this share of the training rows; few rows take turns, fewer still cannot choose.
SHARE = 0.2
FEWEST_ROWS, FEW_ROWS = 50, 2_000
# Choosing looks at no more cells and outputs than these: a strength needs few rows to be told from ten times as much.
MOST_CELLS_TO_CHOOSE = 1_000_000
# The part of the time that choosing may take; the rest is for the fit on all rows.
CHOOSING = 0.7


@dataclass(frozen=True, kw_only=True)
class State:
    """Fitted coefficients [F, n_outputs] and intercepts; `mean`: of the training rows, where contributions are zero.

    `strength`: how freely the coefficients could grow; larger is freer. `is_whole`: time did not end the fit.
    """

    coefficients: Floats
    intercepts: Floats
    mean: Floats
    strength: float
    is_whole: bool = True


def _fit(
    X: Matrix,
    y: NDArray[np.generic],
    weight: Floats | None,
    groups: NDArray[np.generic] | None,
    deadline: float | None,
    setting: Setting,
) -> State:
    rows = Rows(X=X, y=y, weight=weight)
    strength = float(setting.parameters.get("strength", 1.0))
    n_outputs = setting.task.n_outputs
    splits = _splits(rows, groups, setting.seed, n_outputs) if setting.stopping is not None else []
    if not splits:
        return _solver(rows, setting.task, deadline)(strength)
    chosen = _choose(splits, strength, setting.task, _share(deadline))
    return _solver(rows, setting.task, deadline, start=chosen)(chosen.strength)


def _splits(rows: Rows, groups: NDArray[np.generic] | None, seed: int, n_outputs: int) -> list[tuple[Rows, Rows]]:
    """Return (rows to fit, rows to judge by) of a sample of the training rows; the rows of a group stay together.

    The stopping rows are not for this: they score the fit afterwards.
    """
    counted = np.arange(len(rows.y)) if rows.weight is None else np.flatnonzero(rows.weight > 0)
    most = max(FEW_ROWS, MOST_CELLS_TO_CHOOSE // (max(1, rows.X.values.shape[1]) * n_outputs))
    if len(counted) > most:
        counted = np.sort(np.random.default_rng(seed).choice(counted, most, replace=False))
    _, group = np.unique(counted if groups is None else groups[counted], return_inverse=True)
    n_groups, n_parts = int(group.max(initial=-1)) + 1, round(1 / SHARE)
    if len(counted) < FEWEST_ROWS or n_groups < n_parts:
        return []
    part = (np.random.default_rng(seed).permutation(n_groups) % n_parts)[group]
    n_turns = n_parts if len(counted) < FEW_ROWS else 1
    return [(_take(rows, counted[part != turn]), _take(rows, counted[part == turn])) for turn in range(n_turns)]


def _take(rows: Rows, kept: NDArray[np.int64]) -> Rows:
    return Rows(X=rows.X.take(kept), y=rows.y[kept], weight=None if rows.weight is None else rows.weight[kept])


def _share(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    now = clock.monotonic()
    return now + CHOOSING * (deadline - now)


def _solver(rows: Rows, task: Task, deadline: float | None, start: State | None = None) -> Callable[[float], State]:
    """Return a function that fits these rows with a strength; `start`: a fit of similar rows."""
    X, y, weight = rows.X, rows.y, rows.weight
    weights = np.full(len(y), 1.0 / len(y)) if weight is None else weight / weight.sum()
    mean = _mean(X.values, weights)
    if task.kind is TaskKind.REGRESSION:
        fit = _ridge(X, y.astype(np.float64), weights, mean)
    else:
        fit = _logistic(X, y.astype(np.int64), weights, mean, task, deadline, start)

    def solve(strength: float) -> State:
        return State(**fit(strength), mean=mean, strength=strength)

    return solve


def _mean(values: NDArray[np.float32], weights: Floats) -> Floats:
    """Return the weighted mean of each column, as a number of single precision, without a copy of all in double."""
    blocks = range(0, len(values), ROWS_AT_ONCE)
    total = sum(
        (weights[i : i + ROWS_AT_ONCE] @ values[i : i + ROWS_AT_ONCE] for i in blocks), np.zeros(values.shape[1])
    )
    return total.astype(np.float32).astype(np.float64)


def _choose(splits: list[tuple[Rows, Rows]], strength: float, task: Task, deadline: float | None) -> State:
    """Walk up from a tenth of the strength while the rows held back gain; if the first step does not pay, walk down.

    Returns the first split's fit with the best strength.
    """
    solvers = [(_solver(fitted, task, deadline), judged) for fitted, judged in splits]

    def judge(value: float) -> tuple[State, float]:
        states = [(solve(value), judged) for solve, judged in solvers]
        return states[0][0], float(np.mean([_loss(state, judged, task) for state, judged in states]))

    best, best_loss = judge(strength / STEP)
    for factor in (STEP, 1.0 / STEP):
        start = best.strength
        for _ in range(MAX_STRENGTHS - 1):
            if _late(deadline):
                return best
            state, loss = judge(best.strength * factor)
            if loss >= best_loss:
                break
            best, best_loss = state, loss
        if best.strength > start:
            break
    return best


def _late(deadline: float | None) -> bool:
    return deadline is not None and clock.monotonic() >= deadline


def _ridge(X: Matrix, y: Floats, weights: Floats, mean: Floats) -> Callable[[float], dict[str, Any]]:
    """Return a function of the strength: one decomposition serves them all."""
    products, level = products_of(X.values, mean), float(weights @ y)
    values, vectors = np.linalg.eigh(products.squares(weights))
    projected = vectors.T @ products.backwards((weights * (y - level))[:, None])[:, 0]

    def solve(strength: float) -> dict[str, Any]:
        penalty = 1.0 / (strength * len(y))
        coefficients = vectors @ (projected / (np.maximum(values, 0.0) + penalty))
        return {"coefficients": coefficients[:, None], "intercepts": np.array([level - mean @ coefficients])}

    return solve


def _logistic(
    X: Matrix,
    y: NDArray[np.int64],
    weights: Floats,
    mean: Floats,
    task: Task,
    deadline: float | None,
    first: State | None,
) -> Callable[[float], dict[str, Any]]:
    """Return a function of the strength; each call starts where the last one ended, the first one at `first`."""
    n_features, n_outputs = X.values.shape[1], task.n_outputs
    # Centering makes the intercepts independent of the slopes, so that few steps are enough.
    products = products_of(X.values, mean)
    wanted = np.zeros((len(y), n_outputs))
    wanted[np.arange(len(y))[y > 0], 0] = 1.0
    if n_outputs > 1:
        wanted = (y[:, None] == np.arange(n_outputs)).astype(np.float64)
    start = np.zeros((n_features + 1, n_outputs))
    start[-1] = prior(task, y, weights * len(y))
    if first is not None:
        start[:-1], start[-1] = first.coefficients, mean @ first.coefficients + first.intercepts

    def cost(flat: Floats, penalty: float) -> tuple[float, Floats]:
        found = flat.reshape(start.shape)
        scores = products.forwards(found[:-1]) + found[-1]
        losses, given = _losses(scores, wanted)
        slope = (given - wanted) * weights[:, None]
        gradient = np.vstack([products.backwards(slope), slope.sum(axis=0)])
        gradient[:-1] += penalty * found[:-1]
        return float(weights @ losses + 0.5 * penalty * (found[:-1] ** 2).sum()), gradient.ravel()

    is_broken_off = False

    def stop_when_late(intermediate_result: object) -> None:  # noqa: ARG001
        nonlocal is_broken_off
        if _late(deadline):
            is_broken_off = True
            raise StopIteration

    def solve(strength: float) -> dict[str, Any]:
        from scipy.optimize import minimize

        nonlocal is_broken_off
        is_broken_off = False
        penalty = 1.0 / (strength * len(y))
        options = {"maxiter": MAX_STEPS, "ftol": TOLERANCE, "gtol": 1e-6}
        done = minimize(cost, start.ravel(), (penalty,), "L-BFGS-B", jac=True, options=options, callback=stop_when_late)
        found = np.asarray(done.x).reshape(start.shape)
        start[:] = found
        intercepts = found[-1] - mean @ found[:-1]
        return {"coefficients": found[:-1].copy(), "intercepts": intercepts, "is_whole": not is_broken_off}

    return solve


def _losses(scores: Floats, wanted: Floats) -> tuple[Floats, Floats]:
    """Return each row's log loss and the probabilities that the scores mean."""
    if scores.shape[1] == 1:
        losses = np.logaddexp(0.0, scores) - wanted * scores
        return losses[:, 0], 0.5 * (1.0 + np.tanh(scores / 2))
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_given = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(wanted * log_given).sum(axis=1), np.exp(log_given)


def _loss(state: State, rows: Rows, task: Task) -> float:
    scores = _raw(state, rows.X, 0)
    if task.kind is TaskKind.REGRESSION:
        losses = (scores[:, 0] - rows.y.astype(np.float64)) ** 2
    elif scores.shape[1] == 1:
        losses = _losses(scores, rows.y.astype(np.float64)[:, None])[0]
    else:
        losses = _losses(scores, (rows.y[:, None] == np.arange(scores.shape[1])).astype(np.float64))[0]
    return float(np.average(losses, weights=rows.weight))


def _raw(state: State, X: Matrix, _rounds: int) -> Floats:
    return X.values.astype(np.float64) @ state.coefficients + state.intercepts


def _graph(state: State, x: Var, _rounds: int) -> Var:
    # In double: the coefficients can be large and cancel each other.
    summed = op.matmul(op.cast(x, to=np.float64), op.const(state.coefficients))
    return op.add(summed, op.const(state.intercepts[None, :]))


def _contributions(state: State, X: Matrix, _rounds: int) -> tuple[Floats, Floats]:
    """For a linear model the SHAP values are exact: coefficient times distance from the mean row."""
    distance = X.values.astype(np.float64) - state.mean
    return distance[:, :, None] * state.coefficients[None], state.mean @ state.coefficients + state.intercepts


def _refit_parameters(states: Sequence[State], parameters: Parameters) -> Parameters:
    # Strengths are powers of ten apart: of two in the middle the careful one, their mean would be the bold one.
    return {**parameters, "strength": median_low(state.strength for state in states)}


def _space(trial: Trial, _shape: Shape) -> Parameters:
    return {"strength": trial.suggest_float("strength", 1e-3, 1e3, log=True)}


LINEAR = Family(
    key="linear",
    needs_complete=True,
    interpretable=True,
    most_rows=MOST_ROWS,
    title="Linear model",
    tasks=frozenset(TaskKind),
    relative_cost=0.1,
    recipe=SCALED_IN_BINS,
    starting_points=({"strength": 1.0},),  # the folds' fits find the strength themselves, a refit is told
    space=_space,
    fit=_fit,
    raw=_raw,
    graph=_graph,
    contributions=_contributions,
    refit_parameters=_refit_parameters,
    is_whole=lambda state: bool(state.is_whole),
)
