"""A project that is deleted is gone from every file of the workspace, and nothing else is."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from app.cli import main
from engine.config import ExperimentConfig
from engine.events import CandidateFinished, Finished, ModelReady
from engine.outcomes import Certificate
from engine.table.reading import read_table
from storage.locks import hold
from storage.removal import contents, stop
from storage.workspace import Workspace, open_workspace

PLANTED = "zqxplantedvalue"
KEPT = "stays with the others"


def write_model(path: Path, word: str) -> None:
    """Write a small model whose file holds a word."""
    x = helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["N", 1])
    y = helper.make_tensor_value_info("prediction", TensorProto.DOUBLE, ["N", 1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["prediction"], doc_string=word)], "g", [x], [y])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), path)


def fill(place: Workspace, folder: Path, *, word: str, owner: str, project: str) -> str:
    """Keep a table and a finished run, with the word wherever a person's words and cells end up."""
    table = folder / f"{word.replace(' ', '_')}.csv"
    table.write_text("town,price\n" + "".join(f"{word},{n}\n" for n in range(40)), encoding="utf-8")
    dataset_id = place.datasets.save(read_table(table), owner=owner, project=project, source=table)
    place.datasets.save_inspection(dataset_id, {"preview": [[word]]})
    config = ExperimentConfig(target="price")
    run_id = place.runs.create(owner=owner, project=project, name=word, dataset_id=dataset_id, config=config)
    place.runs.note(run_id, word)
    place.runs.tag(run_id, [word])
    model = folder / "model.onnx"
    write_model(model, word)
    certificate = Certificate(
        max_abs_diff=0.0, rows_checked=1, n_generated=1, sha256="0" * 64, bytes=1, row_microseconds=1.0
    )
    parameters = {"words": word}
    place.runs.append(
        run_id,
        CandidateFinished(
            seconds=1.0,
            number=1,
            family="linear",
            parameters=parameters,
            score=1.0,
            spread=0.1,
            fold_scores=(1.0,),
            train_seconds=1.0,
        ),
    )
    place.runs.append(
        run_id,
        ModelReady(
            seconds=2.0,
            path="model.onnx",
            certificate=certificate,
            holdout=None,
            validation={},
            baseline={},
            read_seconds=0.1,
            search_seconds=1.0,
        ),
    )
    place.runs.append(run_id, Finished(seconds=3.0))
    place.runs.artifacts(run_id).save("model.onnx", model)
    predictions = place.runs.folder(run_id) / "predictions" / "p1"
    predictions.mkdir(parents=True)
    (predictions / "predictions.csv").write_text(word, encoding="utf-8")
    room = place.folder / "readings" / f"{owner}{project}".encode().hex()[:12]
    room.mkdir(parents=True)
    order = {"name": word, "owner": owner, "project": project}
    (room / "order.json").write_text(json.dumps(order), encoding="utf-8")
    return run_id


# In a process of their own, because MLflow takes over the process it runs in; the second number is seen in between.
BOTH = """
import sys
from pathlib import Path
from app.mirror import main as mirror
from app.cli import main
folder, run_id, project, word = sys.argv[1:]
assert mirror([run_id, "--workspace", folder]) == 0
copies = [path for path in Path(folder).rglob("*") if "mlflow" in str(path.relative_to(folder)) and path.is_file()]
print(sum(word.encode() in path.read_bytes() for path in copies))
sys.exit(main(["project", project, "--delete", "--yes", "--workspace", folder]))
"""


def files_with(folder: Path, word: str) -> list[str]:
    """Return every file that holds a word, also as UTF-16, and every name that does."""
    marks = (word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be"))
    files = [path for path in folder.rglob("*") if path.is_file()]
    inside = [str(path) for path in files if any(mark in path.read_bytes() for mark in marks)]
    return inside + [str(path) for path in folder.rglob(f"*{word}*")]


def test_a_deleted_project_is_in_no_file_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TABLEWRIGHT_MLFLOW", raising=False)
    outside, folder = tmp_path / "outside", tmp_path / "workspace"
    outside.mkdir()
    with open_workspace(folder) as place:
        place.people.create_project(f"p {PLANTED}", owner="ada")
        run_id = fill(place, outside, word=PLANTED, owner="ada", project=f"p {PLANTED}")
        other = fill(place, outside, word=KEPT, owner="ada", project="default")
        assert len(files_with(folder, PLANTED)) > 5
        words = [str(folder), run_id, f"p {PLANTED}", PLANTED]
        done = subprocess.run([sys.executable, "-c", BOTH, *words], check=True, capture_output=True, text=True)
        assert int(done.stdout.split()[0]) > 1, "it was in MLflow's files"
        assert files_with(folder, PLANTED) == []
        assert place.runs.get(other).notes == KEPT
        assert place.datasets.load(place.runs.get(other).dataset_id).n_rows == 40
        assert place.people.projects() == []


def test_a_project_that_is_not_shared_is_only_its_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
    (tmp_path / "out").mkdir()
    with open_workspace(tmp_path / "workspace") as place:
        mine = fill(place, tmp_path / "out", word=PLANTED, owner="local", project="default")
        theirs = fill(place, tmp_path / "out", word=KEPT, owner="bob", project="default")
    words = ["project", "default", "--delete", "--workspace", str(tmp_path / "workspace")]
    assert main(words) == 2, "it asks for --yes"
    assert files_with(tmp_path / "workspace", PLANTED)
    assert main([*words, "--yes"]) == 0
    with open_workspace(tmp_path / "workspace") as place:
        assert [record.id for record in place.runs.records()] == [theirs]
        assert files_with(place.folder, PLANTED) == []
        assert files_with(place.folder, mine) == []


def test_a_training_that_does_not_end_keeps_its_project(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with open_workspace(tmp_path / "workspace") as place:
        run_id = fill(place, tmp_path / "out", word=PLANTED, owner="local", project="default")
        found = contents(place, "default", owner="local")
        with hold(place.folder / "runs" / run_id / "lock"), pytest.raises(Exception, match="1 of its trainings"):
            stop(place, found, patience_seconds=0.3)
        assert place.runs.get(run_id).name == PLANTED
        assert np.isfinite(place.runs.progress(run_id).seconds)
