"""The families' own explanations and graphs, held against the reference implementations: shap and skl2onnx."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.families.family import Family, Rows, Setting, family_named
from engine.features.step import FeatureColumn, Matrix
from engine.graph.session import open_session
from engine.tasks.task import Task, TaskKind

TASK = Task(kind=TaskKind.REGRESSION, targets=("y",))
BINARY = Task(kind=TaskKind.BINARY, targets=("y",), classes=("no", "yes"))

# The references draw on libraries whose own deprecations are not ours to mend.
THIRD_PARTY = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::PendingDeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)


def rows(n_rows: int = 300) -> Rows:
    values = np.random.default_rng(3).normal(size=(n_rows, 4)).astype(np.float32)
    y = values[:, 0] * 2 - values[:, 1] + values[:, 2] * values[:, 0]
    columns = tuple(FeatureColumn(f"x{i}", (f"x{i}",)) for i in range(4))
    return Rows(X=Matrix(values, columns), y=y.astype(np.float64))


def fitted(key: str, task: Task, y: NDArray[np.generic]) -> tuple[Family, Any]:
    family = family_named(key)
    setting = Setting(task=task, parameters=family.starting_points[0], seed=0, threads=1, rounds=30)
    return family, family.fit(rows().X, y, None, None, None, setting)


@THIRD_PARTY
@pytest.mark.parametrize("key", ["lightgbm", "catboost"])
def test_tree_explanations_are_those_of_the_shap_package(key: str) -> None:
    import shap

    data = rows()
    family, state = fitted(key, TASK, data.y)
    values, base = family.contributions(state, data.X, family.rounds(state))
    model = state.booster if key == "lightgbm" else state.model
    reference = shap.TreeExplainer(model)
    np.testing.assert_allclose(values[:, :, 0], reference.shap_values(data.X.values), atol=1e-6)
    np.testing.assert_allclose(base[0], np.ravel(reference.expected_value)[0], atol=1e-6)


@THIRD_PARTY
def test_a_linear_explanation_is_that_of_the_shap_package() -> None:
    import shap

    data = rows()
    family, state = fitted("linear", TASK, data.y)
    values, base = family.contributions(state, data.X, 0)
    background = shap.maskers.Independent(data.X.values.astype(np.float64), max_samples=len(data.y))
    model = (state.coefficients[:, 0], state.intercepts[0])
    reference = shap.LinearExplainer(model, background)
    np.testing.assert_allclose(values[:, :, 0], reference.shap_values(data.X.values), atol=1e-5)
    np.testing.assert_allclose(base[0], reference.expected_value, atol=1e-5)


@THIRD_PARTY
def test_the_linear_graph_is_that_of_a_converted_scikit_learn_model() -> None:
    import spox
    from skl2onnx import to_onnx
    from sklearn.linear_model import LogisticRegression

    data = rows()
    y = (data.y.astype(np.float64) > 0).astype(np.int64)
    family, state = fitted("linear", BINARY, y)
    twin = LogisticRegression().fit(data.X.values, y)
    twin.coef_, twin.intercept_ = state.coefficients.T, state.intercepts
    converted = to_onnx(twin, data.X.values[:1], target_opset={"": 21, "ai.onnx.ml": 3}, options={"zipmap": False})
    reference = open_session(converted.SerializeToString()).run(None, {"X": data.X.values})[1][:, 1]
    x = spox.argument(spox.Tensor(np.float32, ("N", 4)))
    ours = spox.build({"X": x}, {"raw": family.graph(state, x, 0)})
    raw = open_session(ours.SerializeToString()).run(None, {"X": data.X.values})[0][:, 0]
    np.testing.assert_allclose(1 / (1 + np.exp(-raw)), reference, atol=1e-6)
