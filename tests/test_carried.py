"""What goes from computer to computer arrives as it was kept, or not at all."""

from pathlib import Path

import pytest

from storage.carried import Carried
from storage.remote_artifacts import RemoteArtifacts


@pytest.fixture
def carried(tmp_path: Path) -> Carried:
    return Carried((tmp_path / "store").as_uri())


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    (folder / "trials").mkdir(parents=True)
    (folder / "trials" / "folds.pkl").write_bytes(b"models")
    (folder / "trials" / "oof.npy").write_bytes(b"scores")
    return folder


NAMES = ("trials/folds.pkl", "trials/oof.npy")


def test_only_files_that_are_as_they_were_kept_are_brought(carried: Carried, trained: Path, tmp_path: Path) -> None:
    checksums = carried.put(trained, NAMES)
    (tmp_path / "store" / "trials" / "folds.pkl").write_bytes(b"something else")
    (tmp_path / "store" / "trials" / "more.pkl").write_bytes(b"that nobody kept")
    carried.bring(tmp_path / "there", checksums)
    assert [path.name for path in (tmp_path / "there").rglob("*.*")] == ["oof.npy"]
    carried.bring(tmp_path / "elsewhere")
    assert len(list((tmp_path / "elsewhere").rglob("*.*"))) == 3


def test_what_is_there_is_replaced_only_when_it_is_made_anew(carried: Carried, trained: Path, tmp_path: Path) -> None:
    carried.put(trained, NAMES)
    (trained / "trials" / "oof.npy").write_bytes(b"other scores")
    carried.put(trained, NAMES)
    assert (tmp_path / "store" / "trials" / "oof.npy").read_bytes() == b"scores"
    checksums = carried.put(trained, NAMES, anew=True)
    carried.bring(tmp_path / "there", checksums)
    assert (tmp_path / "there" / "trials" / "oof.npy").read_bytes() == b"other scores"


def test_no_file_is_brought_to_a_place_outside(
    carried: Carried, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "in_store.npy").write_bytes(b"scores")
    monkeypatch.setattr(RemoteArtifacts, "names", lambda _store: ("inner/../../in_store.npy",))
    (tmp_path / "a" / "there" / "inner").mkdir(parents=True)
    (tmp_path / "store" / "inner").mkdir()
    carried.bring(tmp_path / "a" / "there")
    assert not (tmp_path / "a" / "in_store.npy").exists()
