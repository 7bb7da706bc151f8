"""Locks tell the living from the dead."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.errors import WorkspaceError
from storage.locks import hold, is_held

HOLDER = """
import sys
from pathlib import Path
from storage.locks import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_is_let_go_when_its_holder_is_killed(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert not is_held(lock)
    command = [sys.executable, "-c", HOLDER, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        assert is_held(lock)
        with pytest.raises(WorkspaceError, match="already working"), hold(lock, wait_seconds=0.1):
            pass
        holder.kill()
        holder.wait()
    assert not is_held(lock)
    with hold(lock):
        assert is_held(lock)


def test_looking_at_a_lock_does_not_take_it_from_its_holder(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    ask = f"from pathlib import Path; from storage.locks import is_held; print(is_held(Path({str(lock)!r})))"
    with hold(lock):
        assert is_held(lock)
        seen = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "True"


def test_taking_a_lock_succeeds_while_others_look_at_it(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.touch()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            is_held(lock)

    lookers = [threading.Thread(target=look) for _ in range(3)]
    for looker in lookers:
        looker.start()
    try:
        for _ in range(50):
            with hold(lock):
                pass
    finally:
        stop.set()
        for looker in lookers:
            looker.join()


def test_a_second_part_of_the_process_waits_its_turn(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    inside, leave = threading.Event(), threading.Event()

    def first() -> None:
        with hold(lock):
            inside.set()
            leave.wait(30)

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(30)
    threading.Timer(0.1, leave.set).start()
    with hold(lock, wait_seconds=30):
        assert leave.is_set()
    thread.join()
