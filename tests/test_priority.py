"""What a page has started runs behind the pages, its trials too; what a terminal has started does not."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from app import launch, worker
from engine.priority import BEHIND, step_back
from engine.search.guard import GuardedCall

AUTOGROUP = Path("/proc/self/autogroup")


def standing() -> tuple[int, int]:
    """Return how far behind this process is, and its session: 0 is in front."""
    group = int(AUTOGROUP.read_text(encoding="ascii").split()[-1]) if AUTOGROUP.exists() else psutil.Process().nice()
    return psutil.Process().nice(), group


def main() -> None:
    """Step back, and say how far behind this process is, and one that works for it."""
    step_back()
    done = GuardedCall.start(standing, (), deadline_seconds=60, memory_bytes=None).wait(60)
    assert done is not None
    assert done.value is not None
    print(psutil.Process().nice(), *done.value)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has classes of priority in place of numbers")
def test_trials_stay_as_far_behind_as_the_worker_that_starts_them() -> None:
    code = "from tests.test_priority import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, start_new_session=True
    )
    assert done.stdout.split() == [str(max(BEHIND, psutil.Process().nice()))] * 3


def test_only_what_waits_for_a_page_is_told_to_stay_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(launch, "start_detached", lambda _module, arguments, *, log: asked.append(arguments))
    monkeypatch.setattr(launch, "_note_launch", lambda _run, folder: folder / "worker.log")
    launch.launch("a", tmp_path)
    launch.launch("b", tmp_path, behind=True)
    assert [worker._parse(arguments).behind for arguments in asked] == [False, True]
