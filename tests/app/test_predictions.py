"""A file of new rows comes back with predictions; the bundle is made when it is asked for."""

import json
import shutil
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from app import jobs
from app.downloads import address_of, download_route, file_of
from app.kept_why import keep_text
from app.opened import settle
from app.predictions import CSV, EXCEL, folder_of, load_summary
from engine.errors import InputError
from engine.insight.quality.more_rows import MORE_ROWS
from engine.table.options import ReadingOptions
from engine.table.reading import read_table
from engine.unseen import TABLE
from sample_data.catalogue import SAMPLES
from storage.workspace import Workspace
from tests.app import made_runs
from tests.app.asgi import ask
from tests.app.looking import Show, run, said


@pytest.fixture
def run_id(trained: Any, place: Workspace) -> str:
    """A really trained run, in a workspace of one's own."""
    place.close()
    shutil.copytree(trained.workspace, place.folder, dirs_exist_ok=True)
    return str(trained.document["run_id"])


def test_rows_come_back_with_their_predictions(run_id: str, trained: Any, show: Show) -> None:
    jobs.predict(run_id, trained.table, "new <rows>.csv", "a1")
    made = load_summary(run_id, "a1")
    assert made is not None
    given = pd.read_csv(trained.table)
    assert made.n_rows == len(given)
    assert made.extra == ("dear",)
    assert made.preview_columns[:3] == ("prediction", "probability_cheap", "probability_dear")
    written = pd.read_csv(folder_of(run_id, "a1") / CSV)
    assert list(written.columns[: given.shape[1]]) == list(given.columns)
    assert set(written["prediction"]) <= {"cheap", "dear"}
    assert (folder_of(run_id, "a1") / EXCEL).is_file()
    page = show("predict", run=run_id)
    page.session_state[f"predictions_{run_id}"] = "a1"
    page.run()
    assert not page.exception
    assert "240 rows predicted" in said(page)
    assert len(page.dataframe[0].value) == 100


def test_how_sure_the_model_is_comes_along_where_it_is_asked_for(run_id: str, trained: Any) -> None:
    jobs.predict(run_id, trained.table, "rows.csv", "d1", doubt=True)
    made = load_summary(run_id, "d1")
    assert made is not None
    assert made.preview_columns[3:5] == ("unsure", "possible")
    written = pd.read_csv(folder_of(run_id, "d1") / CSV)
    assert set(written["possible"]) <= {"cheap", "dear", "cheap, dear"}
    assert (written["unsure"] == (written["possible"] == "cheap, dear")).all()


def test_a_file_without_a_needed_column_is_refused_by_name(run_id: str, trained: Any, tmp_path: Path) -> None:
    short = tmp_path / "short.csv"
    pd.read_csv(trained.table).drop(columns="rooms").to_csv(short, index=False)
    with pytest.raises(InputError, match="rooms"):
        jobs.predict(run_id, short, "short.csv", "b1")
    assert load_summary(run_id, "b1") is None
    assert not folder_of(run_id, "b1").exists(), "nothing half-written"


def shown(show: Show, run_id: str, predictions_id: str) -> AppTest:
    page = show("predict", run=run_id)
    page.session_state[f"predictions_{run_id}"] = predictions_id
    return run(page)


def test_a_file_fits_only_when_every_cell_does(run_id: str, trained: Any, tmp_path: Path, show: Show) -> None:
    jobs.predict(run_id, trained.table, "new.csv", "d1")
    assert "Fits the model" in said(shown(show, run_id, "d1"))
    table = pd.read_csv(trained.table, dtype=str)
    table["rooms"] = table["rooms"] + "?!"
    table.loc[:2, "town"] = "Oslo"
    table.to_csv(tmp_path / "odd.csv", index=False)
    jobs.predict(run_id, tmp_path / "odd.csv", "odd.csv", "d2")
    words = said(shown(show, run_id, "d2"))
    assert "Fits the model" not in words
    assert "Look at 2 columns" in words
    assert f"{len(table)} of {len(table)} cells could not be read as numbers" in words
    assert "Oslo" in words


def test_the_decimal_sign_that_the_page_asks_for_has_effect(run_id: str, trained: Any, tmp_path: Path) -> None:
    table = pd.read_csv(trained.table, dtype=str)
    table["noise"] = table["noise"].str.slice(0, 6)
    table.to_csv(tmp_path / "points.csv", index=False)
    table.assign(noise=table["noise"].str.replace(".", ",")).to_csv(tmp_path / "commas.csv", index=False)
    jobs.predict(run_id, tmp_path / "points.csv", "points.csv", "e1")
    jobs.predict(run_id, tmp_path / "commas.csv", "commas.csv", "e2", ReadingOptions(decimal=","))
    points, commas = (pd.read_csv(folder_of(run_id, name) / CSV)["probability_dear"] for name in ("e1", "e2"))
    pd.testing.assert_series_equal(points, commas)
    made = load_summary(run_id, "e2")
    assert made is not None
    assert made.fit.n_to_look_at == 0
    assert [message.code for message in made.fit.messages] == ["fit_read_comma"]


def test_predictions_are_found_by_plain_names_only(run_id: str) -> None:
    assert load_summary(run_id, "../../etc") is None
    assert load_summary(run_id, "") is None


def test_the_bundle_holds_the_model_and_is_made_once(run_id: str) -> None:
    path = file_of(run_id, "exports/bundle")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        certificate = json.loads(archive.read("bundle/certificate.json"))
    assert "bundle/model.onnx" in names
    assert certificate
    before = path.stat().st_mtime_ns
    assert file_of(run_id, "exports/bundle").stat().st_mtime_ns == before


def test_a_bundle_from_before_the_explanation_is_made_again(place: Workspace, run_id: str) -> None:
    path = file_of(run_id, "exports/bundle")
    assert place.runs.progress(run_id).explained is not None
    early = path.rename(path.with_name(path.name.replace("_explained", "_unexplained")))
    assert file_of(run_id, "exports/bundle") != early


def test_a_bundle_of_a_model_that_was_written_anew_is_made_anew(place: Workspace, run_id: str) -> None:
    before = file_of(run_id, "exports/bundle")
    ready = place.runs.progress(run_id).ready
    assert ready is not None
    other = replace(ready.certificate, sha256="3f" * 32)
    place.runs.append(run_id, replace(ready, certificate=other))
    assert file_of(run_id, "exports/bundle") != before


def test_an_export_is_made_anew_when_what_a_report_tells_has_changed(place: Workspace, run_id: str) -> None:
    places = {file_of(run_id, "exports/onnx")}
    keep_text(place.runs, run_id, MORE_ROWS, "{}")
    places.add(file_of(run_id, "exports/onnx"))
    record, ready = place.runs.get(run_id), place.runs.progress(run_id).ready
    assert ready is not None
    other = place.runs.create(owner=record.owner, name="n", dataset_id=record.dataset_id, config=record.config)
    place.runs.append(other, replace(ready, holdout=ready.validation))
    places.add(file_of(run_id, "exports/onnx"))
    (place.runs.artifacts(run_id).fetch(TABLE)).unlink()
    places.add(file_of(run_id, "exports/onnx"))
    assert len(places) == 4
    assert file_of(run_id, "exports/onnx") in places


def test_two_who_ask_for_the_bundle_at_once_both_get_it(run_id: str) -> None:
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(lambda name: file_of(run_id, name), ["exports/bundle"] * 2)
    assert first == second
    with zipfile.ZipFile(first) as archive:
        assert archive.testzip() is None
    assert [path.name for path in first.parent.iterdir()] == [first.name], "nothing half-made is left"


def test_a_download_is_called_after_the_run_and_its_form(place: Workspace, run_id: str) -> None:
    app = Starlette(routes=[download_route()])
    answer = ask(app, address_of(run_id, "onnx"))
    assert 'filename="flats-dear-onnx.onnx"' in answer.headers["content-disposition"]
    assert file_of(run_id, "exports/onnx").read_bytes() == file_of(run_id, "model.onnx").read_bytes()
    early = file_of(run_id, "exports/bundle")
    place.runs.rename(run_id, "High rents?")
    answer = ask(app, address_of(run_id, "bundle"))
    assert 'filename="high-rents-bundle.zip"' in answer.headers["content-disposition"]
    with zipfile.ZipFile(file_of(run_id, "exports/bundle")) as archive:
        assert b"High rents?" in archive.read("bundle/README.md")
    assert file_of(run_id, "exports/bundle") != early


@pytest.mark.parametrize("form", ["none", "..", "bundle/../../../tablewright.db", ""])
def test_what_is_no_export_is_refused(place: Workspace, form: str) -> None:
    run_id = made_runs.keep(place, made_runs.finished())
    with pytest.raises(InputError, match="There is no exporter called"):
        file_of(run_id, f"exports/{form}")


def test_an_export_that_is_refused_is_answered_in_words(
    run_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLEWRIGHT_PAGE_RUNTIME", str(tmp_path))
    answer = ask(Starlette(routes=[download_route()]), address_of(run_id, "page"))
    assert answer.status == 404
    assert "npm pack onnxruntime-web" in answer.body.decode()


def test_the_model_and_the_predictions_can_be_downloaded_but_nothing_else(run_id: str, trained: Any) -> None:
    jobs.predict(run_id, trained.table, "rows.csv", "c1")
    assert file_of(run_id, "model.onnx").stat().st_size > 1000
    assert file_of(run_id, f"predictions/c1/{CSV}").is_file()
    for name in (
        "worker.log",
        "predictions/../worker.log",
        "../../tablewright.db",
        "predictions/c1/none.csv",
        "/etc/passwd",
    ):
        with pytest.raises(FileNotFoundError):
            file_of(run_id, name)


def test_nothing_of_somebody_elses_run_is_handed_out(place: Workspace) -> None:
    from engine.config import ExperimentConfig

    theirs = place.runs.create(owner="somebody", name="Secret", dataset_id="none", config=ExperimentConfig())
    with pytest.raises(InputError):
        file_of(theirs, "model.onnx")


def test_a_run_without_a_model_has_no_bundle(place: Workspace) -> None:
    from engine.config import ExperimentConfig

    mine = place.runs.create(owner="local", name="Early", dataset_id="none", config=ExperimentConfig())
    with pytest.raises(InputError):
        file_of(mine, "exports/bundle")


def test_a_job_that_dies_is_answered_in_words(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset_id = place.datasets.save(read_table(SAMPLES[0].path), owner="local")
    monkeypatch.setattr(sys, "executable", shutil.which("false") or "false")
    with pytest.raises(InputError, match="broke off"):
        jobs.review(dataset_id, config=_config())
    settle(place.folder)


def _config() -> Any:
    from engine.config import ExperimentConfig

    return ExperimentConfig()
