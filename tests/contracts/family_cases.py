"""The cases that every model family is tried on."""

from functools import cache
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from spox import Tensor, argument, build

from engine.families.family import Family, Rows, Setting, families, family_named
from engine.features.step import FeatureColumn, Matrix
from engine.tasks.task import Task, TaskKind

FAMILIES = [family.key for family in families()]
KINDS = list(TaskKind)
CASES = ["numbers", "codes", "weights", "single", "constant"]
TASKS = {
    TaskKind.BINARY: Task(kind=TaskKind.BINARY, targets=("t",), classes=("no", "yes")),
    TaskKind.MULTICLASS: Task(kind=TaskKind.MULTICLASS, targets=("t",), classes=("a", "b", "c")),
    TaskKind.REGRESSION: Task(kind=TaskKind.REGRESSION, targets=("t",)),
}
N_LEVELS = (3, 12, 80)


def number(position: int) -> FeatureColumn:
    return FeatureColumn(f"n{position}", (f"n{position}",))


def make_matrix(case: str, n_rows: int, seed: int, *, unseen: bool = False) -> Matrix:
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(n_rows, 5)).astype(np.float32)
    columns = tuple(number(i) for i in range(5))
    if case == "single":
        return Matrix(values[:, :1], columns[:1])
    if case == "constant":
        return Matrix(np.hstack([values[:, :1], np.ones((n_rows, 1), np.float32)]), columns[:2])
    values[generator.random(n_rows) < 0.2, 3] = np.nan
    if case != "codes":
        return Matrix(values, columns)
    codes = [generator.integers(0, n if unseen else n - 1, n_rows) for n in N_LEVELS]
    coded = tuple(FeatureColumn(f"c{n}", (f"c{n}",), n) for n in N_LEVELS)
    return Matrix(np.hstack([values, np.column_stack(codes).astype(np.float32)]), columns + coded)


def make_rows(case: str, kind: TaskKind, n_rows: int, seed: int) -> Rows:
    X = make_matrix(case, n_rows, seed)
    generator = np.random.default_rng(seed + 1)
    signal = X.values[:, 0].astype(np.float64) + 0.3 * generator.normal(size=n_rows)
    for column in X.codes:
        signal += np.sin(X.values[:, column] * 2.0)
    weight = generator.uniform(0.1, 3.0, n_rows) if case == "weights" else None
    if kind is TaskKind.REGRESSION:
        return Rows(X=X, y=(signal - signal.mean()) / signal.std(), weight=weight)
    edges = [0.0] if kind is TaskKind.BINARY else [-0.6, 0.6]
    return Rows(X=X, y=np.digitize(signal, edges).astype(np.int64), weight=weight)


def without_missing(family: Family, X: Matrix) -> Matrix:
    """Families whose recipe scales the numbers are never given missing values or codes."""
    if not family.needs_complete:
        return X
    kept = [i for i in range(len(X.columns)) if i not in X.codes] or [0]
    filled = np.nan_to_num(X.values[:, kept], nan=0.0, posinf=1e30, neginf=-1e30)
    return Matrix(filled, tuple(FeatureColumn(X.columns[i].name, X.columns[i].sources) for i in kept))


def given(family: Family, rows: Rows) -> Rows:
    return Rows(X=without_missing(family, rows.X), y=rows.y, weight=rows.weight)


@cache
def fitted(key: str, kind: TaskKind, case: str, start: int = 0) -> Any:
    family = family_named(key)
    rows = given(family, make_rows(case, kind, 400, 0))
    stopping = given(family, make_rows(case, kind, 150, 10))
    return fit(family, rows, stopping, kind, start=start)


def fit(
    family: Family,
    rows: Rows,
    stopping: Rows | None,
    kind: TaskKind,
    *,
    start: int = 0,
    deadline: float | None = None,
    rounds: int | None = 40,
) -> Any:
    setting = Setting(
        task=TASKS[kind],
        parameters=family.starting_points[start],
        seed=3,
        threads=1,
        stopping=stopping,
        rounds=rounds,
    )
    return family.fit(rows.X, rows.y, rows.weight, None, deadline, setting)


def generated(X: Matrix) -> Matrix:
    """Rows that no table would hold: missing, huge, zero and never seen values in all combinations."""
    generator = np.random.default_rng(5)
    strange = np.array([np.nan, 1e30, -1e30, 0.0, 1e-38, 1.0, -1.0], np.float32)
    values = generator.choice(strange, size=(200, X.values.shape[1]))
    for column in X.codes:
        levels = X.columns[column].n_levels or 1
        values[:, column] = generator.integers(0, levels, len(values))
        values[:50, column] = levels - 1
    return Matrix(values, X.columns)


def run_graph(family: Family, state: Any, X: Matrix, rounds: int) -> NDArray[np.float64]:
    x = argument(Tensor(np.float32, ("N", X.values.shape[1])))
    model = build({"x": x}, {"y": family.graph(state, x, rounds)})
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (scores,) = session.run(None, {"x": X.values})
    return np.asarray(scores, np.float64)


def assert_same(expected: NDArray[np.float64], found: NDArray[np.float64], tolerance: float = 1e-5) -> None:
    assert found.shape == expected.shape
    difference = np.abs(found - expected) / np.maximum(1.0, np.abs(expected))
    assert difference.max() <= tolerance
