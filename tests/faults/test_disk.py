"""The disk fills up, turns read-only, or may no longer be written to: a small one, where one can be made."""

import ctypes
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import main
from app.launch import launch
from engine.config import ExperimentConfig
from engine.errors import WorkspaceError
from engine.events import CandidateFinished, Failed, StageStarted, of_kind
from engine.progress import Status
from storage.workspace import Workspace, open_workspace
from tests.faults.test_databases import LONGER, ends_well, interrupted
from tests.test_worker import log_of, new_run, wait_for, wait_until

N_PAGES_MORE = 6
SMALL_BYTES = 280_000_000
DROP_FROM_BOUNDING_SET, MAY_WRITE_ANYTHING, MAY_READ_ANYTHING = 24, 1, 2  # of prctl and capabilities
ROOTLESS = "import ctypes, os, sys\n" + "".join(
    f"assert ctypes.CDLL(None).prctl({DROP_FROM_BOUNDING_SET}, {each}, 0, 0, 0) == 0\n"
    for each in (MAY_WRITE_ANYTHING, MAY_READ_ANYTHING)
)
LONG = ExperimentConfig(**{**vars(LONGER), "candidates": 60, "families": ("linear", "lightgbm")})


def test_a_database_that_cannot_grow_says_so_and_loses_nothing(tmp_path: Path) -> None:
    with open_workspace(tmp_path) as place:
        run_id = place.runs.create(owner="ada", name="n", dataset_id="d", config=ExperimentConfig())
        limit = _limit_pages(place, N_PAGES_MORE)
        with pytest.raises(WorkspaceError, match=r"full.*Check that the disk is not full"):
            _write_until_it_fails(place, run_id)
        n_kept = len(place.runs.events(run_id))
        assert 0 < n_kept < 1000
        assert [event.seconds for _, event in place.runs.events(run_id)] == [float(number) for number in range(n_kept)]
        _limit_pages(place, 10 * limit)
        place.runs.append(run_id, StageStarted(seconds=float(n_kept), stage="search"))
        assert len(place.runs.events(run_id)) == n_kept + 1


def _write_until_it_fails(place: Workspace, run_id: str) -> None:
    for number in range(1000):
        place.runs.append(run_id, StageStarted(seconds=float(number), stage="x" * 300))
        assert len(place.runs.events(run_id)) == number + 1


def _limit_pages(place: Workspace, n_more: int) -> int:
    with place.engine.connect() as connection:
        n_pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())
        return int(connection.exec_driver_sql(f"PRAGMA max_page_count={n_pages + n_more}").scalar_one())


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A disk in memory, of a few hundred megabytes."""
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
    monkeypatch.setenv("TABLEWRIGHT_LEAST_FREE_GB", "0.000001")  # else the run would end in time, which is another test
    folder = tmp_path / "small"
    folder.mkdir()
    yield from _mounted(folder, ["-t", "tmpfs", "-o", f"size={SMALL_BYTES}", "tmpfs"])


@pytest.fixture
def fragile_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A disk in a file, which turns read-only at the first error."""
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
    monkeypatch.setenv("TABLEWRIGHT_LEAST_FREE_GB", "0.000001")
    image, folder = tmp_path / "image", tmp_path / "fragile"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(2 * SMALL_BYTES)
    _must_work(["mkfs.ext4", "-q", "-F", str(image)])
    yield from _mounted(folder, ["-o", "loop,errors=remount-ro", str(image)])


def _mounted(folder: Path, what: list[str]) -> Iterator[Path]:
    _must_work(["mount", *what, str(folder)])
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


def _must_work(command: list[str]) -> None:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip(f"this system has no {command[0]}")
    if done.returncode:
        pytest.skip(f"a disk can be made only by who may mount: {done.stderr.strip()}")


@pytest.mark.long
def test_a_disk_that_fills_up_in_mid_run_is_said_and_the_run_resumes(
    small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_workspace(small_disk / "workspace") as place:
        run_id = new_run(place, LONG)
        launch(run_id, place.folder)
        wait_for(place.runs, run_id, CandidateFinished, 2)
        ballast = small_disk / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while file.write(b"\0" * 4096):
                    pass
            except OSError:
                assert shutil.disk_usage(small_disk).free < 4096
        acknowledged = place.runs.events(run_id)
        log = place.runs.folder(run_id) / "worker.log"
        wait_until(lambda: not place.runs.is_alive(run_id), log)
        assert place.runs.events(run_id)[: len(acknowledged)] == acknowledged
        status = place.runs.progress(run_id).status
        assert status in {Status.INTERRUPTED, Status.FAILED}
        assert main(["resume", run_id, "--workspace", str(place.folder)]) != 0
        said = capsys.readouterr().err
        failures = of_kind((event for _, event in place.runs.events(run_id)), Failed)
        assert "disk" in said
        assert all(each.cause.code == "worker_disk_full" for each in failures)
        ballast.unlink()
        ends_well(place, run_id)
        assert place.runs.events(run_id)[: len(acknowledged)] == acknowledged


@pytest.mark.long
def test_a_file_system_that_turned_read_only_is_said_and_the_run_resumes_later(
    fragile_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = fragile_disk / "workspace"
    place = open_workspace(folder)
    run_id = new_run(place, LONG)
    launch(run_id, folder)
    wait_for(place.runs, run_id, CandidateFinished, 2)
    acknowledged = place.runs.events(run_id)
    os.sync()  # what the file system had no time for is not what this is about
    _break(fragile_disk)
    log = folder / "runs" / run_id / "worker.log"
    wait_until(lambda: not place.runs.is_alive(run_id), log)
    place.close()
    assert main(["resume", run_id, "--workspace", str(folder)]) != 0
    assert "cannot be written to" in capsys.readouterr().err
    wait_until(lambda: subprocess.run(["umount", str(fragile_disk)], check=False).returncode == 0, log)
    image = fragile_disk.with_name("image")
    subprocess.run(["e2fsck", "-p", "-f", str(image)], check=False, capture_output=True)
    subprocess.run(["mount", "-o", "loop", str(image), str(fragile_disk)], check=True)
    with open_workspace(folder) as place:
        assert place.runs.events(run_id)[: len(acknowledged)] == acknowledged
        ends_well(place, run_id)


def _break(disk: Path) -> None:
    """Make the file system find an error in itself, as a dying disk would."""
    device = subprocess.run(["findmnt", "-no", "SOURCE", str(disk)], check=True, capture_output=True, text=True)
    trigger = Path("/sys/fs/ext4") / Path(device.stdout.strip()).name / "trigger_fs_error"
    trigger.write_text("dead", encoding="ascii")
    with pytest.raises(OSError, match="Read-only"):
        (disk / "probe").touch()


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="rights are lost in another way there")
def test_a_permission_lost_in_mid_run_is_said_and_the_run_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
    with open_workspace(tmp_path / "workspace") as place:
        run_id = new_run(place, LONG)
        place.runs.note_launch(run_id)
        # Rights do not bind root, so the worker gives that up first.
        become = f"sys.argv = ['worker', {run_id!r}, '--workspace', {str(place.folder)!r}]\n"
        command = [sys.executable, "-P", "-c", f"{ROOTLESS if _is_root() else 'import os, sys'}\n{become}{WORKER}"]
        log = place.runs.folder(run_id) / "worker.log"
        with log.open("ab") as said:
            worker = subprocess.Popen(command, stdout=said, stderr=said)
        wait_for(place.runs, run_id, CandidateFinished, 2)
        scratch = place.runs.folder(run_id) / "scratch"
        locked = [scratch, *(each for each in scratch.rglob("*") if each.is_dir())]
        for each in locked:
            each.chmod(stat.S_IRUSR | stat.S_IXUSR)
        acknowledged = place.runs.events(run_id)
        worker.wait(timeout=100)
        assert worker.returncode == 1, log_of(place, run_id)
        progress = place.runs.progress(run_id)
        assert progress.status is Status.FAILED
        assert progress.failure is not None
        assert progress.failure.cause.code == "worker_not_written"
        for each in locked:
            each.chmod(stat.S_IRWXU)
        ends_well(place, run_id)
        assert place.runs.events(run_id)[: len(acknowledged)] == acknowledged


WORKER = "os.execv(sys.executable, [sys.executable, '-P', '-m', 'app.worker', *sys.argv[1:]])"


def _is_root() -> bool:
    return hasattr(ctypes, "CDLL") and os.geteuid() == 0


@pytest.mark.long
def test_an_interrupted_run_is_left_alone_on_a_disk_without_room(
    small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_workspace(small_disk / "workspace") as place:
        run_id = new_run(place, LONGER)
        kept = interrupted(place, run_id)
        with (small_disk / "ballast").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(small_disk).free - 3_000_000)
        main(["resume", run_id, "--workspace", str(place.folder)])
        assert "GB of disk" in capsys.readouterr().err
        progress = place.runs.progress(run_id)
        assert progress.failure is not None
        assert progress.failure.cause.code == "preflight_disk"
        (small_disk / "ballast").unlink()
        ends_well(place, run_id, kept)
