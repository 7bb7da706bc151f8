"""A model is its file: what opens, what is refused, in which words."""

from pathlib import Path

import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper

from engine import ExperimentConfig, run_experiment
from engine.errors import ModelError
from engine.messages import render
from engine.model import open_model
from engine.search.validation import ValidationSettings
from engine.table.reading import read_table
from engine.table.schema import Kind
from tests.conftest import Trained


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model file"):
        open_model(tmp_path / "nothing.onnx")


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x0a\x12"])
def test_a_damaged_file_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"not a whole model file|not made by Tablewright"):
        open_model(path)


def test_a_truncated_model_says_so(tmp_path: Path, trained: Trained) -> None:
    whole = (trained.bundle / "model.onnx").read_bytes()
    path = tmp_path / "model.onnx"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="not a whole model file"):
        open_model(path)


def test_a_foreign_model_says_so(tmp_path: Path) -> None:
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 1])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [value], [result])
    foreign = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.save(foreign, tmp_path / "model.onnx")
    with pytest.raises(ModelError, match="not made by Tablewright"):
        open_model(tmp_path / "model.onnx")


def test_missing_columns_are_named(trained: Trained) -> None:
    model = open_model(trained.bundle / "model.onnx")
    with pytest.raises(ModelError, match=model.columns[0].name):
        model.predict(pd.DataFrame({model.columns[1].name: ["1"]}))


def test_order_extra_columns_and_unseen_cells_do_not_matter(trained: Trained) -> None:
    model = open_model(trained.bundle / "model.onnx")
    table = pd.read_csv(trained.table, dtype=str, keep_default_na=False)
    usual = model.predict(table)
    shuffled = table[table.columns[::-1]].assign(extra="?")
    pd.testing.assert_frame_equal(model.predict(shuffled), usual)
    strange = table.assign(**{column.name: "never seen 😀" for column in model.columns})
    assert model.predict(strange).notna().all().all()


def test_an_empty_table_gives_no_predictions(trained: Trained) -> None:
    model = open_model(trained.bundle / "model.onnx")
    table = pd.read_csv(trained.table, dtype=str, keep_default_na=False).head(0)
    assert len(model.predict(table)) == 0


def test_what_a_file_does_not_fit_in_is_told_with_the_predictions(trained: Trained) -> None:
    model = open_model(trained.bundle / "model.onnx")
    table = pd.read_csv(trained.table, dtype=str, keep_default_na=False)
    _usual, fit = model.predict_and_tell(table)
    assert [column for column in fit.columns if not column.is_good] == []
    assert fit.extra == ("dear",)
    name = next(column.name for column in model.columns if column.kind is Kind.NUMBER)
    strange, fit = model.predict_and_tell(table.assign(**{name: "?!"}))
    assert [column.name for column in fit.columns if column.n_unread == len(table)] == [name]
    pd.testing.assert_frame_equal(strange, model.predict(table.assign(**{name: ""})))
    halves = table.assign(**{name: table[name] + ".5"})
    commas, fit = model.predict_and_tell(table.assign(**{name: table[name] + ",5"}))
    pd.testing.assert_frame_equal(commas, model.predict(halves))
    assert f"{name}: {len(table)} cells were read with a decimal comma." in map(render, fit.messages)


def test_a_file_with_a_single_column_of_texts_is_read_by_the_names_that_the_model_needs(tmp_path: Path) -> None:
    texts = ["Go until jurong point, crazy.. there", "Ok lar... joking", "Free entry in 2 a weekly comp, text now"] * 40
    table = tmp_path / "sms.csv"
    pd.DataFrame({"label": ["ham", "ham", "spam"] * 40, "text": texts}).to_csv(table, index=False)
    quick = ValidationSettings(n_folds=3, n_repeats=1)
    asked = ExperimentConfig(target="label", candidates=1, holdout=0, families=("linear",), validation=quick)
    outcome = run_experiment(read_table(table), asked, folder=tmp_path / "run")
    new = tmp_path / "new.csv"
    pd.DataFrame({"text": texts[:50]}).to_csv(new, index=False)
    found = open_model(outcome.model_path).predict_file(new)
    assert list(found["text"]) == texts[:50]
    assert list(found["prediction"][:3]) == ["ham", "ham", "spam"]
