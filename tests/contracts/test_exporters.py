"""What every exporter must do: write whole files that predict what the run's own file predicts."""

from pathlib import Path

import pandas as pd
import pytest

from app.bootstrap import workspace
from app.handing_over import hand_over, source_of
from engine.errors import InputError
from engine.model import open_model
from engine.registry import parts
from exporters.exporter import Exporter
from tests.conftest import Trained

EXPORTERS = parts("exporters", Exporter)
pytestmark = pytest.mark.usefixtures("page_runtime", "printing_browser")
each_exporter = pytest.mark.parametrize("exporter", EXPORTERS, ids=[exporter.key for exporter in EXPORTERS])


def test_there_are_exporters() -> None:
    assert {"bundle", "mlflow", "onnx", "predictions", "report-pdf", "script", "skops"} <= {
        exporter.key for exporter in EXPORTERS
    }


@each_exporter
def test_it_says_what_it_is_good_for(exporter: Exporter) -> None:
    assert exporter.title
    assert exporter.summary.endswith(".")


@each_exporter
def test_it_writes_whole_files_and_nothing_else(exporter: Exporter, trained: Trained, tmp_path: Path) -> None:
    with workspace(trained.workspace) as place:
        written = exporter.write(source_of(place.runs, place.runs.get(trained.document["run_id"])), tmp_path)
    assert written
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(written)
    assert all(path.stat().st_size for path in written)


@each_exporter
def test_written_twice_it_is_the_same(exporter: Exporter, trained: Trained, tmp_path: Path) -> None:
    with workspace(trained.workspace) as place:
        source = source_of(place.runs, place.runs.get(trained.document["run_id"]))
        first = {path.name: path.read_bytes() for path in exporter.write(source, tmp_path)}
        again = {path.name: path.read_bytes() for path in exporter.write(source, tmp_path)}
    assert first == again


@each_exporter
def test_its_model_is_the_certified_one(exporter: Exporter, trained: Trained, tmp_path: Path) -> None:
    with workspace(trained.workspace) as place:
        source = source_of(place.runs, place.runs.get(trained.document["run_id"]))
        written = exporter.write(source, tmp_path)
        own = open_model(source.model)
    for path in written:
        if path.suffix == ".onnx":
            rows = pd.read_csv(trained.table, dtype="str").head(20)
            pd.testing.assert_frame_equal(open_model(path).predict(rows), own.predict(rows))


@each_exporter
def test_it_does_not_write_over_a_file(exporter: Exporter, trained: Trained, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    with workspace(trained.workspace) as place:
        record = place.runs.get(trained.document["run_id"])
        with pytest.raises(InputError, match="not a folder"):
            hand_over(place.runs, record, exporter.key, taken)
    assert taken.read_text() == "mine"
