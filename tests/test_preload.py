"""What every trial needs is there when it starts, and no trial looks through it for garbage."""

import gc
import subprocess
import sys

import pytest

from engine.search.guard import GuardedCall, start_method
from engine.search.preload import modules, preload


def found() -> tuple[set[str], int, bool]:
    """Return what this process has imported, how many objects are put aside, and whether it looks for garbage."""
    return set(sys.modules), gc.get_freeze_count(), gc.isenabled()


def main() -> None:
    """Start a trial as a run does, and say what it lacks."""
    preload()
    done = GuardedCall.start(found, (), deadline_seconds=60, memory_bytes=None).wait(60)
    assert done is not None
    assert done.value is not None
    imported, n_put_aside, looks = done.value
    print(sorted(set(modules()) - imported), n_put_aside > len(modules()), looks)


@pytest.mark.skipif(start_method() != "forkserver", reason="nothing is imported beforehand where processes are spawned")
def test_a_trial_finds_everything_imported_and_put_aside() -> None:
    code = "from tests.test_preload import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "[] True True"
