"""The skops file: the certified model inside scikit-learn, by a short list of types, with and without Tablewright."""

import ast
import io
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.metrics import get_scorer, log_loss
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import Pipeline
from skops.io import dumps, get_untrusted_types, load, loads
from skops.io.exceptions import UntrustedTypesFoundException

from app.bootstrap import workspace
from app.cli import main
from app.handing_over import source_of
from engine.graph.assemble import assemble
from engine.graph.known_levels import known_levels
from engine.graph.probes import probe_rows
from engine.graph.session import feeds
from engine.model import Model, open_model
from engine.tasks.task import TaskKind
from exporters.golden import golden_rows
from exporters.predictor import predict as script
from exporters.skops_model import MODEL_FILE, SKOPS, module_text, types_module
from tests.conftest import Trained
from tests.test_certificate import trained as made

tablewright_sklearn = types_module()
NOT_WHOLE, TRUSTED = tablewright_sklearn.NOT_WHOLE, tablewright_sklearn.TRUSTED
OnnxClassifier, OnnxModel = tablewright_sklearn.OnnxClassifier, tablewright_sklearn.OnnxModel
pipeline_of = tablewright_sklearn.pipeline_of

# Runs code where this project cannot be imported; what lies in the folder can.
ALONE = """
import sys, warnings
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("engine", "app", "exporters", "storage"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Refuse())
sys.path.insert(0, sys.argv[1])
warnings.simplefilter("error")
"""


@pytest.fixture(scope="module")
def folder(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is written for the run that everybody shares."""
    place = tmp_path_factory.mktemp("skops")
    words = ["export", str(trained.document["run_id"]), "--as", "skops", "--out", str(place)]
    assert main([*words, "--workspace", str(trained.workspace)]) == 0
    return place


@pytest.fixture(scope="module")
def model(folder: Path) -> Pipeline:
    """The file, loaded."""
    return load(folder / MODEL_FILE, trusted=TRUSTED)


@pytest.fixture(scope="module")
def own(trained: Trained) -> Model:
    """The certified file of the same run."""
    return open_model(trained.bundle / "model.onnx")


@pytest.fixture
def typed(trained: Trained) -> pd.DataFrame:
    """The table, as pandas reads it."""
    return pd.read_csv(trained.table)


def told_list(folder: Path) -> list[str]:
    """Return the list of types that the page beside the file gives."""
    page = (folder / "README.md").read_text(encoding="utf-8")
    found: list[str] = ast.literal_eval(re.findall(r"TRUSTED = (\[.*?\])", page, flags=re.DOTALL)[0])
    return found


def test_the_file_needs_the_types_that_are_told_and_no_other(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", MODEL_FILE, "tablewright_sklearn.py"]
    told = told_list(folder)
    assert get_untrusted_types(file=folder / MODEL_FILE) == told
    assert told == ["tablewright_sklearn.CellReader", "tablewright_sklearn.OnnxClassifier"]
    assert set(told) <= set(TRUSTED)
    assert isinstance(load(folder / MODEL_FILE, trusted=told), Pipeline)
    for some in ([], told[:1], told[1:]):
        with pytest.raises(UntrustedTypesFoundException):
            load(folder / MODEL_FILE, trusted=some)


@pytest.mark.parametrize(
    "strange",
    [
        {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode", "content": {}},
        {"__class__": "Popen", "__module__": "subprocess", "__loader__": "ObjectNode"},
    ],
)
def test_a_file_that_asks_for_more_is_refused(folder: Path, strange: dict[str, Any]) -> None:
    changed = io.BytesIO()
    with zipfile.ZipFile(folder / MODEL_FILE) as before, zipfile.ZipFile(changed, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "schema.json":
                schema = json.loads(content)
                schema["content"]["content"]["memory"] = {**strange, "__id__": 999}
                content = json.dumps(schema).encode()
            after.writestr(name, content)
    with pytest.raises(UntrustedTypesFoundException, match=strange["__class__"]):
        loads(changed.getvalue(), trusted=TRUSTED)


def test_it_holds_the_certified_file_and_no_session(model: Pipeline, trained: Trained, own: Model) -> None:
    whole = (trained.bundle / "model.onnx").read_bytes()
    assert model["model"].model.tobytes() == whole
    rows = golden_rows(own.columns, known_levels(own.path), 2)
    before = model.predict_proba(rows)
    again = loads(dumps(model), trusted=TRUSTED)
    assert set(vars(again["model"])) == {"model"}
    assert np.array_equal(again.predict_proba(rows), before)


def test_it_answers_as_the_file_does(model: Pipeline, own: Model, trained: Trained, typed: pd.DataFrame) -> None:
    raw = pd.read_csv(trained.table, dtype="str", keep_default_na=False)
    missing_and_unseen = golden_rows(own.columns, known_levels(own.path), 5)
    assert (missing_and_unseen == "never seen before").any().any()
    for rows, as_read in ((raw, raw), (typed, raw), (missing_and_unseen, missing_and_unseen)):
        expected = own.predict(as_read)
        assert model.predict(rows).tolist() == expected["prediction"].tolist()
        chances = expected[[f"probability_{label}" for label in model.classes_]].to_numpy()
        assert np.array_equal(model.predict_proba(rows), chances)
    assert model.classes_.tolist() == ["cheap", "dear"]
    assert model.feature_names_in_.tolist() == [column.name for column in own.columns]
    assert model.n_features_in_ == len(own.columns)
    with pytest.warns(UserWarning, match="could not be read and count as missing: sold on 2"):
        odd = model.predict_proba(typed.head(2).assign(**{"sold on": ["31.02.2020", 0.5]}))
    assert np.array_equal(odd, model.predict_proba(typed.head(2).assign(**{"sold on": None})))


@pytest.mark.parametrize("kind", list(TaskKind))
def test_every_question_is_answered_as_the_file_does(kind: TaskKind, tmp_path: Path) -> None:
    final, frame = made(kind, ("linear",))
    # The last by name comes first: scikit-learn wants classes sorted.
    unsorted: dict[TaskKind, tuple[str, ...] | tuple[int, ...]] = {
        TaskKind.BINARY: ("yes", "no"),
        TaskKind.MULTICLASS: (7, 1, 2),
        TaskKind.REGRESSION: (),
    }
    classes = unsorted[kind]
    final = replace(final, task=replace(final.task, classes=classes))
    facts = {
        "schema": [each.to_json() for each in final.columns],
        "task": final.task.to_json(),
        "classes": list(classes),
    }
    proto = onnx.load_from_string(assemble(final))
    onnx.helper.set_model_props(proto, {f"tablewright.{name}": json.dumps(fact) for name, fact in facts.items()})
    path = tmp_path / "model.onnx"
    path.write_bytes(proto.SerializeToString())
    file = open_model(path)

    loaded = loads(dumps(pipeline_of(path.read_bytes())), trusted=TRUSTED)
    own_type = "OnnxClassifier" if classes else "OnnxRegressor"
    assert get_untrusted_types(data=dumps(loaded)) == [
        "tablewright_sklearn.CellReader",
        f"tablewright_sklearn.{own_type}",
    ]
    assert (is_classifier(loaded), is_regressor(loaded)) == (bool(classes), not classes)
    hard = probe_rows(frame, final.columns, n_rows=60, seed=1)
    for rows in (frame, hard):
        expected = file.predict_cells(rows)
        canonical = np.column_stack([cells.ravel().astype(object) for cells in feeds(rows, final.columns).values()])
        assert loaded["model"].predict(canonical).tolist() == expected["prediction"].tolist()
        if classes:
            assert loaded.classes_.tolist() == sorted(classes)
            chances = expected[[f"probability_{label}" for label in sorted(classes)]].to_numpy()
            assert np.array_equal(loaded["model"].predict_proba(canonical), chances)
    assert loaded.predict(frame).tolist() == file.predict(frame.astype("str"))["prediction"].tolist()


def test_scikit_learns_tools_take_it(model: Pipeline, typed: pd.DataFrame) -> None:
    rows, answers = typed.drop(columns="dear"), typed["dear"]
    accuracy = (model.predict(rows) == answers).mean()
    assert model.score(rows, answers) == accuracy > 0.8
    assert get_scorer("roc_auc")(model, rows, answers) > 0.9
    assert get_scorer("neg_log_loss")(model, rows, answers) == -log_loss(answers, model.predict_proba(rows))
    found = permutation_importance(model, rows, answers, n_repeats=2, random_state=0).importances_mean
    assert rows.columns[found.argmax()] == "Fläche"
    curve = partial_dependence(model, rows.astype({"rooms": float}), ["rooms"], kind="average")
    assert curve["average"].shape[0] == 1
    assert cross_val_score(FrozenEstimator(model), rows, answers, cv=2).mean() == pytest.approx(accuracy)
    assert clone(model).predict(rows.head()).tolist() == model.predict(rows.head()).tolist()
    assert set(model["model"].get_params()) == {"model"}
    assert "Pipeline" in model._repr_html_()


def test_it_cannot_be_trained_anew(model: Pipeline, typed: pd.DataFrame) -> None:
    rows, answers = typed.drop(columns="dear"), typed["dear"]
    for each in (model, clone(model)):
        with pytest.raises(NotImplementedError, match="done by Tablewright"):
            each.fit(rows, answers)
    with pytest.raises(ValueError, match="done by Tablewright"):
        cross_val_score(model, rows, answers, cv=2)


def test_columns_are_found_by_name_and_arrays_by_place(model: Pipeline, typed: pd.DataFrame) -> None:
    expected = model.predict_proba(typed)
    shuffled = typed[typed.columns[::-1]].assign(more=1)
    assert np.array_equal(model.predict_proba(shuffled), expected)
    assert np.array_equal(model.predict_proba(typed[model.feature_names_in_].to_numpy()), expected)
    with pytest.raises(ValueError, match="lacks what the model needs: town, noise"):
        model.predict(typed.drop(columns=["noise", "town"]))
    with pytest.raises(ValueError, match="7 columns is wanted"):
        model.predict(typed[["town"]].to_numpy())
    with pytest.raises(ValueError, match="no rows"):
        model.predict(typed.head(0))


@pytest.mark.parametrize("state", [{}, {"model": [1]}, {"model": np.zeros(3)}, {"model": np.zeros(3, "u1"), "x": 1}])
def test_a_file_without_a_model_is_refused(state: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=NOT_WHOLE):
        OnnxModel.__new__(OnnxModel).__setstate__(state)
    with pytest.raises(ValueError, match=NOT_WHOLE):
        OnnxClassifier(np.zeros(3, dtype=np.uint8)).predict(np.zeros((1, 1)))


def test_an_onnxruntime_that_is_too_old_is_refused(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tablewright_sklearn.OLDEST_ONNXRUNTIME == script.OLDEST_ONNXRUNTIME
    monkeypatch.setattr(tablewright_sklearn.onnxruntime, "__version__", "1.23.2")
    with pytest.raises(ImportError, match=r"1\.23\.2 is too old"):
        pipeline_of((trained.bundle / "model.onnx").read_bytes())


def test_the_module_beside_it_is_whole_and_says_nothing_twice() -> None:
    code = ast.parse(module_text())
    named = [node.name for node in code.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    named += [ast.unparse(each) for node in code.body if isinstance(node, ast.Assign) for each in node.targets]
    assert {"canonical", "CellReader", "TRUSTED"} <= set(named)
    assert [name for name, n in Counter(named).items() if n > 1] == []
    imported = {node.module for node in code.body if isinstance(node, ast.ImportFrom)}
    assert not any(name.startswith("exporters") for name in imported if name)


def test_without_tablewright_the_page_beside_it_is_enough(
    folder: Path, model: Pipeline, trained: Trained, tmp_path: Path, typed: pd.DataFrame
) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    typed.drop(columns="dear").to_csv(tmp_path / "new.csv", index=False)
    blocks = re.findall(r"```python\n(.*?)```", (tmp_path / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 2
    asked = "print(importance(rows.head(40), pd.Series(model.predict(rows.head(40)))).index[0])"
    more = ["import tablewright_sklearn", "print(tablewright_sklearn.__file__)", "print(','.join(model.predict(rows)))"]
    code = "\n".join([ALONE, *blocks, asked, *more])
    finished = subprocess.run(
        [sys.executable, "-I", "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=tmp_path,
    )
    assert finished.returncode == 0, finished.stderr
    important, module, answers = finished.stdout.splitlines()[-3:]
    assert important == "Fläche"
    assert Path(module) == tmp_path / "tablewright_sklearn.py"
    assert answers.split(",") == model.predict(typed).tolist()


def test_the_file_is_the_same_wherever_it_is_written(folder: Path, trained: Trained, tmp_path: Path) -> None:
    with workspace(trained.workspace) as place:
        source = source_of(place.runs, place.runs.get(trained.document["run_id"]))
        (file, *_others) = SKOPS.write(source, tmp_path)
    assert file.read_bytes() == (folder / MODEL_FILE).read_bytes()
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == ["1.npy", "schema.json"]
