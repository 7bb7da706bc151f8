"""The file that says what each column contributes: the same predictions, and contributions as stated."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli import main
from engine.blend.final import FinalModel
from engine.graph.assemble import assemble
from engine.graph.contributions import CONTRIBUTIONS, with_contributions
from engine.graph.session import open_session, run
from engine.model import open_model
from engine.table.schema import Cells, Kind, ReadingRules
from engine.tasks.task import PREDICTION, PROBABILITIES, TaskKind
from exporters.explained import FILE, typical_cells
from tests import asking
from tests.conftest import Trained
from tests.test_certificate import trained as made


def answers(model: FinalModel, frame: pd.DataFrame) -> np.ndarray:
    """Return what a contribution is a difference of [N, 1 or classes]."""
    predicted = model.predict(frame)
    if model.task.kind is TaskKind.REGRESSION:
        return predicted[:, None]
    logs = np.log(predicted)
    return logs if model.task.kind is TaskKind.MULTICLASS else logs[:, 1:] - logs[:, :1]


@pytest.mark.parametrize("kind", list(TaskKind))
def test_a_contribution_is_the_answer_less_that_with_a_typical_cell(kind: TaskKind, tmp_path: Path) -> None:
    model, frame = made(kind)
    frame = frame.head(7)
    (tmp_path / "model.onnx").write_bytes(assemble(model))
    typical = {c.name: 1.0 if c.cells is Cells.NUMBER else str(frame[c.name].dropna().iloc[0]) for c in model.columns}
    file = with_contributions(tmp_path / "model.onnx", model.columns, model.task, typical)
    session = open_session(file)
    wanted = [PREDICTION if kind is TaskKind.REGRESSION else PROBABILITIES, CONTRIBUTIONS]
    predicted, contributed = (each.astype(np.float64) for each in run(session, frame, model.columns, wanted))
    np.testing.assert_allclose(np.squeeze(predicted), np.squeeze(model.predict(frame)), rtol=1e-5, atol=1e-5)
    as_is = answers(model, frame)
    assert contributed.shape == (len(frame), len(model.columns), as_is.shape[1])
    for position, column in enumerate(model.columns):
        other = answers(model, frame.assign(**{column.name: typical[column.name]}))
        np.testing.assert_allclose(contributed[:, position], as_is - other, rtol=1e-3, atol=2e-3)


def test_typical_is_the_median_or_the_most_frequent_level(trained: Trained) -> None:
    columns = open_model(trained.bundle / "model.onnx").columns
    cells = typical_cells({"rooms": ["1", "5", "2"], "town": ["Ulm", "Kiel", "Kiel", ""], "remark": ["a"]}, columns)
    assert (cells["rooms"], cells["town"]) == (2.0, "Kiel")
    assert "remark" not in cells, "nobody's words leave"


def test_typical_of_numbers_that_are_written_as_texts_is_their_median() -> None:
    price = replace(asking.column("price", Kind.NUMBER_WITH_UNIT), rules=ReadingRules(number=True, decimal=","))
    cells = typical_cells({"price": ["1.5", "9.0", "", "2.0"]}, (price,))
    assert cells == {"price": "2.0"}
    assert typical_cells({"price": [""]}, (price,)) == {}


def test_the_file_leaves_through_the_terminal(trained: Trained, tmp_path: Path) -> None:
    run_id, place = str(trained.document["run_id"]), str(trained.workspace)
    assert main(["export", run_id, "--as", "explained", "--out", str(tmp_path), "--workspace", place]) == 0
    model = open_model(tmp_path / FILE)
    assert CONTRIBUTIONS in [output.name for output in model.session.get_outputs()]
    rows = pd.read_csv(trained.table, dtype=str).head(5)
    pd.testing.assert_frame_equal(model.predict(rows), open_model(trained.bundle / "model.onnx").predict(rows))
