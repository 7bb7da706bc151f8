"""The proof that a file is the model, and that the proof can fail."""

from dataclasses import replace

import numpy as np
import onnx
import pandas as pd
import pytest

from engine.blend.calibration import Calibration
from engine.blend.decision import Decision
from engine.blend.final import FinalMember, FinalModel, FittedModel, TargetScale
from engine.errors import CertificateError
from engine.families.family import Rows, Setting, family_named
from engine.features.pipeline import fit_pipeline, transform
from engine.features.step import Answers
from engine.graph.assemble import assemble
from engine.graph.certificate import TOLERANCE, certify, largest_difference, n_decided_otherwise
from engine.graph.probes import probe_rows
from engine.graph.row_times import RowTimes
from engine.messages import Message
from engine.table.schema import Cells, ColumnSchema, Kind
from engine.tasks.task import Task, TaskKind


def column(name: str, kind: Kind, cells: Cells) -> ColumnSchema:
    return ColumnSchema(
        name=name,
        original_name=name,
        position=0,
        kind=kind,
        cells=cells,
        reason=Message("test"),
        date_formats=("%Y-%m-%d",) if kind is Kind.DATE else (),
    )


COLUMNS = (
    column("size", Kind.NUMBER, Cells.NUMBER),
    column("colour", Kind.CATEGORY, Cells.TEXT),
    column("sold", Kind.DATE, Cells.TEXT),
    column("words", Kind.TEXT, Cells.TEXT),
)
TASKS = {
    TaskKind.BINARY: Task(kind=TaskKind.BINARY, targets=("y",), classes=("no", "yes")),
    TaskKind.MULTICLASS: Task(kind=TaskKind.MULTICLASS, targets=("y",), classes=(1, 2, 7)),
    TaskKind.REGRESSION: Task(kind=TaskKind.REGRESSION, targets=("y",)),
}
TIMES = RowTimes(
    usual_microseconds=1.0, calm_microseconds=1.0, slow_microseconds=1.0, slowest_microseconds=1.0
)  # measured elsewhere


def table(n_rows: int) -> tuple[pd.DataFrame, np.ndarray]:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": draw.normal(50, 20, n_rows),
            "colour": draw.choice(["red", "green", "blue"], n_rows),
            "sold": (pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 900, n_rows), "D")).strftime(
                "%Y-%m-%d"
            ),
            "words": [" ".join(draw.choice(["good", "bad", "large", "small"], 4)) for _ in range(n_rows)],
        }
    )
    value = frame["size"] / 20 + (frame["colour"] == "red") + frame["words"].str.count("good")
    return frame, (value + draw.normal(0, 0.3, n_rows)).to_numpy()


def trained(
    kind: TaskKind, keys: tuple[str, ...] = ("lightgbm", "catboost", "linear")
) -> tuple[FinalModel, pd.DataFrame]:
    frame, value = table(300)
    task = TASKS[kind]
    scale = TargetScale(centre=20_000.0, scale=8_000.0) if kind is TaskKind.REGRESSION else TargetScale()
    edges = np.quantile(value, [0.5] if kind is TaskKind.BINARY else [0.33, 0.66])
    y = value if kind is TaskKind.REGRESSION else np.digitize(value, edges)
    members = []
    for number, key in enumerate(keys):
        family = family_named(key)
        pipeline = fit_pipeline(frame, COLUMNS, family.recipe, Answers(task=task, y=np.asarray(y)))
        features = transform(pipeline, frame)
        setting = Setting(
            task=task,
            parameters=family.starting_points[0],
            seed=0,
            threads=1,
            stopping=Rows(X=features, y=y),
            rounds=20,
        )
        state = family.fit(features, y, None, None, None, setting)
        bag = (FittedModel(pipeline=pipeline, family=key, state=state, rounds=family.rounds(state)),)
        members.append(FinalMember(number=number, family=key, weight=1 / len(keys), bag=bag))
    shifts = {TaskKind.REGRESSION: (), TaskKind.BINARY: (0.7,), TaskKind.MULTICLASS: (0.7, -0.2, 0.1)}[kind]
    calibrated = Calibration(temperature=1.2, shifts=shifts)
    return (
        FinalModel(task=task, columns=COLUMNS, members=tuple(members), calibration=calibrated, target_scale=scale),
        frame,
    )


@pytest.mark.parametrize("kind", list(TaskKind))
def test_the_whole_blend_is_certified_for_every_task(kind: TaskKind) -> None:
    model, frame = trained(kind)
    certificate = certify(model, assemble(model), frame, seed=1)
    assert certificate.max_abs_diff <= TOLERANCE
    assert certificate.rows_checked == len(frame) + certificate.n_generated
    assert certificate.n_generated >= 100


@pytest.mark.parametrize("kind", list(TaskKind))
def test_one_broken_threshold_is_noticed(kind: TaskKind) -> None:
    model, frame = trained(kind, ("lightgbm",))
    proto = onnx.load_from_string(assemble(model))
    node = next(node for node in proto.graph.node if node.op_type.startswith("TreeEnsemble"))
    for attribute in node.attribute:
        if attribute.name in {"nodes_splits", "nodes_values_as_tensor"}:
            values = onnx.numpy_helper.to_array(attribute.t).copy()
            values[0] += 5.0
            attribute.t.CopyFrom(onnx.numpy_helper.from_array(values))
            break
        if attribute.name == "nodes_values":
            attribute.floats[0] += 5.0
            break
    else:
        pytest.fail("the tree node keeps its thresholds elsewhere")
    with pytest.raises(CertificateError, match="differs from the trained model"):
        certify(model, proto.SerializeToString(), frame, seed=1)


COSTS = ((0.0, 1.0, 1.0), (1.0, 0.0, 3.0), (8.0, 1.0, 0.0))


@pytest.mark.parametrize(
    ("said", "done"),
    [
        (Decision(threshold=0.2, costs=COSTS), Decision(threshold=0.2)),
        (Decision(threshold=0.2, costs=COSTS), Decision(threshold=0.6, costs=COSTS)),
        (Decision(knots=(0.0,), widths=(500.0,)), Decision(knots=(0.0,), widths=(501.0,))),
        (
            Decision(knots=(10_000.0, 30_000.0), widths=(100.0, 4000.0)),
            Decision(knots=(10_000.0, 30_000.0), widths=(100.0, 4000.0), lowest=20_000.0),
        ),
    ],
    ids=["label", "possible", "width", "lowest"],
)
def test_a_file_that_decides_otherwise_is_noticed(said: Decision, done: Decision) -> None:
    kind = TaskKind.REGRESSION if said.knots else TaskKind.MULTICLASS
    model, frame = trained(kind, ("linear",))
    told = replace(model, decision=said)
    assert certify(told, assemble(told), frame, seed=1, times=TIMES).max_abs_diff <= TOLERANCE
    with pytest.raises(CertificateError) as caught:
        certify(told, assemble(replace(model, decision=done)), frame, seed=1, times=TIMES)
    assert ("rows" in str(caught.value)) is (kind is TaskKind.MULTICLASS)


def test_labels_may_differ_only_where_classes_are_as_good_as_equal() -> None:
    decision = Decision(threshold=0.3)
    chances = np.array([[0.5 - 1e-8, 0.5 + 1e-8, 0.0], [0.3 - 1e-8, 0.7, 1e-8], [0.5 - 1e-5, 0.5 + 1e-5, 0.0]])
    possible = decision.possible(chances)
    named = decision.named(chances)
    assert n_decided_otherwise(decision, chances, named, possible) == 0
    assert n_decided_otherwise(decision, chances, np.array([0, 1, 1]), possible) == 0
    assert n_decided_otherwise(decision, chances, np.array([1, 1, 0]), possible) == 1
    assert n_decided_otherwise(decision, chances, named, ~possible) == 3
    near = possible.copy()
    near[1, 0] = ~near[1, 0]
    assert n_decided_otherwise(decision, chances, named, near) == 0
    assert n_decided_otherwise(decision, chances, named, None) == 0


def test_a_steep_interval_is_not_refused_for_the_last_digit_of_a_prediction() -> None:
    model, frame = trained(TaskKind.REGRESSION, ("linear",))
    at = float(model.predict(frame)[0])
    steep = replace(model, decision=Decision(knots=(at - 1e-6, at + 1e-6), widths=(1.0, 90_000.0)))
    assert certify(steep, assemble(steep), frame, seed=1, times=TIMES).max_abs_diff <= TOLERANCE


def test_only_core_operators_are_used() -> None:
    model, _ = trained(TaskKind.BINARY)
    proto = onnx.load_from_string(assemble(model))
    assert {node.domain for node in proto.graph.node} <= {"", "ai.onnx.ml"}
    versions = {opset.domain: opset.version for opset in proto.opset_import}
    assert versions[""] <= 21
    assert versions["ai.onnx.ml"] <= 5
    onnx.checker.check_model(proto)


def test_a_difference_counts_relative_to_the_size_of_the_numbers() -> None:
    assert largest_difference(np.array([1e6]), np.array([1e6 + 5]), 1) == pytest.approx(5e-6)
    assert largest_difference(np.array([0.2]), np.array([0.3]), 1) == pytest.approx(0.1)
    assert largest_difference(np.array([np.nan]), np.array([0.3]), 1) == float("inf")


def test_probe_rows_copy_no_row_and_hold_what_is_hard() -> None:
    frame, _ = table(300)
    probes = probe_rows(frame, COLUMNS, n_rows=200, seed=0)
    assert list(probes) == [c.name for c in COLUMNS]
    assert probes.iloc[0].isna().all()
    known = set(frame.itertuples(index=False, name=None))
    assert not [row for row in probes.itertuples(index=False, name=None) if row in known]
    assert np.isinf(probes["size"]).any()
    assert (probes["sold"] == "2023-02-30").any()
    assert "😀" in set(probes["colour"])
