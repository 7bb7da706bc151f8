"""Files of runs: whole or not at all, wherever they are kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.artifacts import Artifacts
from engine.config import ExperimentConfig
from engine.errors import WorkspaceError
from storage.runs import RunStore
from storage.workspace import open_workspace
from tests.servers import object_store


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    with object_store() as address:
        yield address


@pytest.fixture(params=["folder", "file", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    match request.param:
        case "folder":
            address = ""
        case "file":
            address = (tmp_path / "elsewhere").as_uri()
        case "memory":
            address = f"memory://{tmp_path.name}"
        case "s3":
            address = f"{request.getfixturevalue('bucket')}/{tmp_path.name}"
    monkeypatch.setenv("TABLEWRIGHT_ARTIFACTS", address)
    with open_workspace(tmp_path / "workspace") as place:
        yield place.runs


@pytest.fixture
def artifacts(store: RunStore) -> Artifacts:
    return store.artifacts(new_run(store))


def new_run(store: RunStore) -> str:
    return store.create(owner="ada", name="n", dataset_id="d", config=ExperimentConfig())


def keep(artifacts: Artifacts, name: str, content: bytes, folder: Path) -> None:
    path = folder / "finished"
    path.write_bytes(content)
    artifacts.save(name, path)


def test_files_come_back_by_name(artifacts: Artifacts, tmp_path: Path) -> None:
    assert artifacts.names() == ()
    keep(artifacts, "model.onnx", b"model", tmp_path)
    keep(artifacts, "trials/3/folds.npy", b"folds", tmp_path)
    assert artifacts.names() == ("model.onnx", "trials/3/folds.npy")
    assert artifacts.fetch("model.onnx").read_bytes() == b"model"
    assert artifacts.fetch("trials/3/folds.npy").read_bytes() == b"folds"
    assert artifacts.fetch("model.onnx").suffix == ".onnx"


def test_a_newer_file_takes_the_place_of_the_older(artifacts: Artifacts, tmp_path: Path) -> None:
    keep(artifacts, "model.onnx", b"old", tmp_path)
    assert artifacts.fetch("model.onnx").read_bytes() == b"old"
    keep(artifacts, "model.onnx", b"newer", tmp_path)
    assert artifacts.fetch("model.onnx").read_bytes() == b"newer"
    assert artifacts.names() == ("model.onnx",)


def test_a_file_that_was_never_kept_is_not_found(artifacts: Artifacts) -> None:
    with pytest.raises(FileNotFoundError, match=r"model\.onnx"):
        artifacts.fetch("model.onnx")


def test_runs_do_not_see_the_files_of_others(store: RunStore, tmp_path: Path) -> None:
    mine, other = store.artifacts(new_run(store)), store.artifacts(new_run(store))
    keep(mine, "model.onnx", b"mine", tmp_path)
    assert other.names() == ()


def test_a_place_that_cannot_keep_a_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TABLEWRIGHT_ARTIFACTS", (tmp_path / "file" / "inside").as_uri())
    with open_workspace(tmp_path / "workspace") as place:
        artifacts = place.runs.artifacts(new_run(place.runs))
        with pytest.raises(WorkspaceError, match=r"model\.onnx could not be kept at .*TABLEWRIGHT_ARTIFACTS"):
            keep(artifacts, "model.onnx", b"x", tmp_path)


@pytest.mark.parametrize("address", ["nowhere://bucket/folder", "libarchive://bucket"])
def test_an_address_that_nothing_here_understands_is_named(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLEWRIGHT_ARTIFACTS", address)
    with (
        open_workspace(tmp_path) as place,
        pytest.raises(WorkspaceError, match=r"cannot be kept at .*TABLEWRIGHT_ARTIFACTS.* pip install s3fs"),
    ):
        place.runs.artifacts("abc")


def test_a_place_that_cannot_be_reached_is_not_an_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TABLEWRIGHT_ARTIFACTS", (tmp_path / "file" / "inside").as_uri())
    with open_workspace(tmp_path / "workspace") as place:
        artifacts = place.runs.artifacts(new_run(place.runs))
        for ask in (artifacts.names, lambda: artifacts.fetch("model.onnx")):
            with pytest.raises(WorkspaceError, match=r"could not be read: .*TABLEWRIGHT_ARTIFACTS"):
                ask()
