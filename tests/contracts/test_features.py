"""Every feature step's graph is held against an independent numpy twin, and against the rules of the contract."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.features.pipeline import FittedPipeline, fit_pipeline, step_named, transform
from engine.features.step import Answers, FeatureStep, StepSpec
from engine.registry import parts
from engine.table.schema import Cells, Kind
from engine.tasks.task import Task, TaskKind
from tests.contracts.feature_twins import CITIES, COLUMNS, TWINS, column, table

STEPS = parts("engine.features", FeatureStep)


def answers_for(frame: pd.DataFrame) -> Answers:
    """Make answers by chance; where there is a price, they say whether it is high for its city."""
    kind = Task(kind=TaskKind.BINARY, targets=("y",), classes=("no", "yes"))
    y = np.random.default_rng(0).integers(0, 2, len(frame))
    if "price" in frame and "city" in frame:
        usual = 100.0 * frame["city"].map({name: i for i, name in enumerate(CITIES)}).astype(float)
        known = (frame["price"].notna() & usual.notna()).to_numpy()
        y[known] = (frame["price"] > usual).to_numpy()[known]
    return Answers(task=kind, y=y)


# A step that looks for what is worth it needs rows enough to find it.
N_ROWS = {"group_relative": 1500, "category_crosses": 1500}


def fitted(key: str) -> FittedPipeline:
    rows = table(N_ROWS.get(key, 400), 1)
    return fit_pipeline(rows, COLUMNS, (StepSpec(key),), answers_for(rows))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
class TestEveryStep:
    def test_graph_agrees_with_an_independent_twin(self, step: FeatureStep) -> None:
        pipeline = fitted(step.key)
        rows = table(200, 2, hard=True)
        expected = TWINS[step.key](pipeline.steps[0].state, rows)
        np.testing.assert_allclose(transform(pipeline, rows).values, expected, rtol=2e-6, atol=2e-6)

    def test_says_what_it_makes(self, step: FeatureStep) -> None:
        matrix = transform(fitted(step.key), table(20, 3))
        assert matrix.values.shape == (20, len(matrix.columns))
        assert len({made.name for made in matrix.columns}) == len(matrix.columns)
        known = {c.name for c in COLUMNS if c.kind in step.kinds}
        assert all(made.sources and set(made.sources) <= known for made in matrix.columns)

    def test_codes_stay_within_their_levels(self, step: FeatureStep) -> None:
        matrix = transform(fitted(step.key), table(50, 4, hard=True))
        for position in matrix.codes:
            values = matrix.values[:, position]
            assert (values == values.round()).all()
            assert values.min() >= 0
            assert values.max() < matrix.columns[position].n_levels

    def test_has_nothing_to_offer_for_empty_columns(self, step: FeatureStep) -> None:
        taken = tuple(c for c in COLUMNS if c.kind in step.kinds)
        empty = pd.DataFrame({c.name: [None] * 60 for c in taken}).astype(
            {c.name: float if c.cells is Cells.NUMBER else object for c in taken}
        )
        pipeline = fit_pipeline(empty, taken, (StepSpec(step.key),), answers_for(empty))
        values = transform(pipeline, empty).values
        assert values.shape[0] == 60

    def test_one_row_alone_reads_as_among_others(self, step: FeatureStep) -> None:
        pipeline, rows = fitted(step.key), table(30, 5, hard=True)
        together = transform(pipeline, rows).values
        for position in (0, 7, len(rows) - 1):
            alone = transform(pipeline, rows.iloc[[position]]).values
            np.testing.assert_array_equal(alone[0], together[position])


def test_pipelines_share_what_they_read() -> None:
    """Two pipelines with different vocabularies read the same cells through one look-up and stay right."""
    import spox

    from engine.graph.columns import ColumnReader, union
    from engine.graph.session import open_session, run

    recipe = (StepSpec("category_codes"), StepSpec("yes_no"))
    few, many = table(40, 1), table(400, 2, hard=True)
    first = fit_pipeline(few, COLUMNS, recipe, answers_for(few))
    second = fit_pipeline(many, COLUMNS, recipe, answers_for(many))
    reader = ColumnReader(COLUMNS, union([first.vocabularies, second.vocabularies]))
    model = spox.build(reader.inputs, {"a": first.graph(reader), "b": second.graph(reader)})
    look_ups = [node for node in model.graph.node if node.op_type == "LabelEncoder"]
    assert len(look_ups) == 7
    rows = table(100, 3, hard=True)
    together = run(open_session(model.SerializeToString()), rows, COLUMNS)
    for pipeline, values in zip((first, second), together, strict=True):
        np.testing.assert_array_equal(values, transform(pipeline, rows).values)


NUMBER_TEXTS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(repr),
    st.integers(-(10**12), 10**12).map(str),
    st.text(max_size=6).filter(lambda text: "\x00" not in text),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(NUMBER_TEXTS, min_size=1, max_size=20))
def test_any_text_in_a_number_column_is_a_number_or_missing(texts: list[str]) -> None:
    frame = pd.DataFrame({"typed": ["0.0"] * 3})
    pipeline = fit_pipeline(frame, (column("typed", Kind.NUMBER),), (StepSpec("numbers"),), answers_for(frame))
    values = transform(pipeline, pd.DataFrame({"typed": texts})).values[:, 0]
    for text, value in zip(texts, values, strict=True):
        if not math.isnan(value):
            assert value == np.float32(np.clip(float(text), -1e30, 1e30))


def test_every_step_has_a_twin_here() -> None:
    assert {step.key for step in STEPS} == set(TWINS)
    assert step_named("numbers").title
