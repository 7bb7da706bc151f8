"""The object store goes down in the middle of an upload."""

import os
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.launch import launch
from engine.errors import WorkspaceError
from engine.progress import Status
from storage.remote_artifacts import RemoteArtifacts
from storage.workspace import open_workspace
from tests.servers import object_store
from tests.test_worker import TINY, log_of, new_run, wait_for_end

LARGE_BYTES = 3_000_000


class Wire(socketserver.ThreadingTCPServer):
    """What lies between us and a store; where `most_bytes` is set, it breaks after so many went there."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, store: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.store = store
        self.most_bytes: int | None = None
        self.n_broken = 0


class Passing(socketserver.BaseRequestHandler):
    """One connection."""

    server: Wire

    def handle(self) -> None:
        with suppress(OSError), socket.create_connection(self.server.store) as store:
            threading.Thread(target=self._bring_back, args=(store,), daemon=True).start()
            n_passed = 0
            while data := self.request.recv(65_536):
                n_passed += len(data)
                if self.server.most_bytes is not None and n_passed > self.server.most_bytes:
                    self.server.n_broken += 1
                    break
                store.sendall(data)
        with suppress(OSError):
            self.request.shutdown(socket.SHUT_RDWR)

    def _bring_back(self, store: socket.socket) -> None:
        with suppress(OSError):
            while data := store.recv(65_536):
                self.request.sendall(data)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Wire, str]]:
    """A store, and the wire to it."""
    import s3fs

    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)  # who waits for a store that comes back only makes tests long
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with object_store() as bucket:
        there = urlsplit(os.environ["AWS_ENDPOINT_URL"])
        with Wire((str(there.hostname), int(there.port or 0))) as between:
            threading.Thread(target=between.serve_forever, daemon=True).start()
            monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{between.server_address[1]}")
            s3fs.S3FileSystem.clear_instance_cache()
            yield between, bucket
            between.shutdown()
            s3fs.S3FileSystem.clear_instance_cache()


def saved(artifacts: RemoteArtifacts, content: bytes, folder: Path) -> None:
    path = folder / "finished"
    path.write_bytes(content)
    artifacts.save("model.onnx", path)


def test_a_store_that_breaks_off_in_mid_upload_is_named_and_keeps_the_older_file(
    tmp_path: Path, wire: tuple[Wire, str]
) -> None:
    between, bucket = wire
    artifacts = RemoteArtifacts(f"{bucket}/{tmp_path.name}", cache=tmp_path / "cache")
    saved(artifacts, b"old", tmp_path)
    between.most_bytes = LARGE_BYTES // 2
    with pytest.raises(
        WorkspaceError, match=r"model\.onnx could not be kept at .*TABLEWRIGHT_ARTIFACTS.*resume the run"
    ):
        saved(artifacts, b"x" * LARGE_BYTES, tmp_path)
    assert between.n_broken
    between.most_bytes = None
    assert artifacts.names() == ("model.onnx",)
    assert artifacts.fetch("model.onnx").read_bytes() == b"old"
    between.most_bytes = 0
    for ask in (artifacts.names, lambda: artifacts.fetch("model.onnx")):
        with pytest.raises(WorkspaceError, match=r"could not be read: .*TABLEWRIGHT_ARTIFACTS"):
            ask()
    between.most_bytes = None
    saved(artifacts, b"new", tmp_path)
    assert artifacts.fetch("model.onnx").read_bytes() == b"new"


@pytest.mark.long
def test_a_run_whose_store_is_down_says_so_and_ends_well_when_it_is_back(
    tmp_path: Path, wire: tuple[Wire, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    between, bucket = wire
    monkeypatch.setenv("TABLEWRIGHT_ARTIFACTS", bucket)
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
    with open_workspace(tmp_path / "workspace") as place:
        run_id = new_run(place, TINY)
        between.most_bytes = 0
        launch(run_id, place.folder)
        progress = wait_for_end(place.runs, run_id)
        assert progress.status is Status.FAILED, log_of(place, run_id)
        assert progress.failure is not None
        assert progress.failure.cause.code in {"artifacts_unreachable", "artifacts_unreadable"}
        kept: Any = progress.finished
        between.most_bytes = None
        launch(run_id, place.folder)
        progress = wait_for_end(place.runs, run_id)
        assert progress.status is Status.FINISHED, (progress.failure, log_of(place, run_id))
        assert progress.finished[: len(kept)] == kept
        assert place.runs.artifacts(run_id).fetch("model.onnx").stat().st_size > 0
