"""What is written while a file is read goes away: when reading ends, when it is ended, and after it was killed."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from engine.table.files import rooms
from engine.table.files.rooms import make_room
from engine.table.reading import read_raw

HOUR_SECONDS = 3600


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where rooms are made, looked at for the first time."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    rooms._sweep.cache_clear()
    return tmp_path


def left_by(pid: int, place: Path, *, hours: float, computer: str = "") -> Path:
    room = place / f"tablewright-read-{pid}-{computer or rooms._computer()}-abc"
    room.mkdir()
    (room / "text").write_text("secret", encoding="utf-8")
    then = time.time() - hours * HOUR_SECONDS
    os.utime(room, (then, then))
    return room


def gone() -> int:
    """Return the number of a process that has ended."""
    return next(number for number in range(400_000, 900_000) if not psutil.pid_exists(number))


def test_rooms_of_processes_that_are_gone_are_removed(place: Path) -> None:
    old = left_by(gone(), place, hours=2)
    kept = [
        left_by(gone() + 1, place, hours=0.5),
        left_by(os.getpid(), place, hours=2),
        left_by(gone(), place, hours=2, computer="0" * 8),
    ]
    made = make_room()
    assert not old.exists()
    assert all(room.exists() for room in kept)
    assert made.is_dir()
    assert str(os.getpid()) in made.name


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="links need rights on Windows")
def test_a_link_with_the_name_of_a_room_is_left_alone(place: Path) -> None:
    target = place / "mine"
    target.mkdir()
    (target / "file").write_text("mine", encoding="utf-8")
    (place / f"tablewright-read-{gone()}-{rooms._computer()}-abc").symlink_to(target)
    make_room()
    assert (target / "file").exists()


def test_a_room_goes_with_the_table(place: Path) -> None:
    path = place / "a.csv"
    path.write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    raw = read_raw(path)
    assert raw.n_rows == 2
    del raw
    assert list(place.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="there a process cannot be asked to end")
def test_a_command_that_is_asked_to_end_leaves_nothing(place: Path) -> None:
    path = place / "large.csv"
    path.write_text("a,b\n" + "".join(f"{i},x{i}\n" for i in range(300_000)), encoding="utf-8")
    room = place / "rooms"
    room.mkdir()
    command = [sys.executable, "-m", "app.cli", "inspect", str(path), "--workspace", str(place / "workspace")]
    process = subprocess.Popen(
        command, env={**os.environ, "TMPDIR": str(room)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and not list(room.glob("tablewright-read-*/*")):
        time.sleep(0.005)
    process.terminate()
    assert process.wait(timeout=60) == 143
    assert not list(room.glob("tablewright-*"))
