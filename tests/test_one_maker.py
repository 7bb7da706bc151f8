"""Features that two candidates want at once are made once, and nobody waits for a process that is no more."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from engine.features.step import StepSpec
from engine.search import cache
from engine.search.cache import fold_features, recipe_key
from engine.search.one_maker import one_maker
from engine.tasks.task import TaskKind
from tests.test_certificate import TASKS, table
from tests.test_targets import on_disk

NUMBERS = (StepSpec("numbers"),)
HOLD = """
import sys, time
from pathlib import Path
from engine.search.one_maker import one_maker
with one_maker(Path(sys.argv[1]), lambda: False):
    print("held", flush=True)
    time.sleep(600)
"""


@contextmanager
def another_maker(lock: Path) -> Iterator[subprocess.Popen[str]]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_one_that_hangs_is_not_waited_for_long_and_one_that_was_killed_not_at_all(tmp_path: Path) -> None:
    with another_maker(tmp_path / "0.lock") as process:
        started = time.monotonic()
        with one_maker(tmp_path / "0.lock", lambda: False, most_seconds=0.2):
            assert time.monotonic() - started >= 0.2
        process.kill()
        process.wait()
        with one_maker(tmp_path / "0.lock", lambda: False, most_seconds=100_000.0):
            pass
    with one_maker(tmp_path / "0.lock", lambda: False, most_seconds=100_000.0):
        pass


def test_what_a_neighbour_is_making_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame, value = table(60)
    data, rows = on_disk(tmp_path, TASKS[TaskKind.REGRESSION], value, frame), np.arange(40)
    expected = fold_features(tmp_path / "neighbour", data, NUMBERS, "0", rows)[1].values
    made, place = (tmp_path / of / "features" / recipe_key(NUMBERS) for of in ("neighbour", "own"))
    monkeypatch.setattr(cache, "_make", lambda *_: pytest.fail("made twice"))
    with ThreadPoolExecutor(1) as pool, another_maker(place / "0.lock"):
        waiting = pool.submit(fold_features, tmp_path / "own", data, NUMBERS, "0", rows)
        time.sleep(0.1)
        assert not waiting.done()
        shutil.copy(made / "0.npy", place)
        shutil.copy(made / "0.pkl", place / "part")
        (place / "part").replace(place / "0.pkl")
        np.testing.assert_array_equal(waiting.result(100)[1].values, expected)


def test_features_that_a_neighbour_has_mapped_stay_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame, value = table(60)
    data, rows = on_disk(tmp_path, TASKS[TaskKind.REGRESSION], value, frame), np.arange(40)
    place = tmp_path / "features" / recipe_key(NUMBERS)
    expected = fold_features(tmp_path, data, NUMBERS, "0", rows)[1].values
    (place / "0.pkl").unlink()
    replace = Path.replace

    def as_on_windows(part: Path, path: Path) -> Path:
        if path.exists() or path.stem == "1":
            raise PermissionError(path)
        return replace(part, path)

    monkeypatch.setattr(Path, "replace", as_on_windows)
    np.testing.assert_array_equal(fold_features(tmp_path, data, NUMBERS, "0", rows)[1].values, expected)
    assert {path.name for path in place.iterdir()} == {"0.lock", "0.npy", "0.pkl"}
    with pytest.raises(PermissionError):  # nothing is there, so something else is wrong
        fold_features(tmp_path, data, NUMBERS, "1", rows)
