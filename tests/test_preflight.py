"""Before a run starts it is said whether it fits; a full disk ends it with its best."""

import os
import time
from pathlib import Path

import psutil
import pytest

from app import worker
from app.preflight import cautions, disk_needed, is_low_on_disk, refusals, require_fit, used_bytes, within_limits
from engine.config import ExperimentConfig
from engine.errors import ConfigError
from engine.events import Finished
from engine.progress import Command
from storage.strays import reap
from storage.workspace import open_workspace

CONFIG = ExperimentConfig(target="y")


def codes(folder: Path, n_rows: int, n_columns: int, config: ExperimentConfig = CONFIG) -> list[str]:
    return [message.code for message in refusals(folder, n_rows, n_columns, config)]


def test_an_ordinary_table_fits_without_a_word(tmp_path: Path) -> None:
    assert codes(tmp_path, 1000, 20) == []
    require_fit(tmp_path, 1000, 20, CONFIG)
    assert within_limits(tmp_path, CONFIG, 2) == CONFIG
    assert not is_low_on_disk(tmp_path)


# Megabytes of the table, seconds given, and megabytes on disk at the highest moment: `python -m benchmarks.disk`.
MEASURED = ((0.1, 20, 33.2), (0.1, 20, 112.0), (3.9, 20, 63.5), (3.9, 60, 248.6), (1.9, 60, 156.0), (4.3, 20, 29.1))


@pytest.mark.parametrize(("table", "seconds", "peak"), MEASURED)
def test_what_was_measured_on_disk_stays_below_what_is_said(
    monkeypatch: pytest.MonkeyPatch, table: float, seconds: float, peak: float
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    said = disk_needed(table * 1e6, ExperimentConfig(target="y", seconds=seconds)) / 1e6
    assert peak < said < peak + 600


def test_more_candidates_and_more_time_take_more_disk() -> None:
    asked = [ExperimentConfig(target="y", candidates=n) for n in (1, 10, 100)]
    few, some, many = (disk_needed(1e7, config) for config in asked)
    assert few < some < many
    short, long = (disk_needed(1e8, ExperimentConfig(target="y", seconds=seconds)) for seconds in (60, 3600))
    assert short < long < 41 * 6e8, "a search that may go on for ever is not expected to"
    assert disk_needed(1e9, ExperimentConfig(target="y", seconds=1)) > 5e9, "one candidate is always tried"


def test_a_table_larger_than_the_computer_does_not(tmp_path: Path) -> None:
    n_rows = psutil.virtual_memory().total // 8  # one column of it is as large as the memory
    assert "preflight_memory" in codes(tmp_path, n_rows, 10)
    assert [message.code for message in cautions(n_rows, 10)] == ["preflight_memory_now"]
    with pytest.raises(ConfigError, match="GB of memory"):
        require_fit(tmp_path, n_rows, 10, CONFIG)


def test_limits_of_the_workspace_are_kept_to_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ExperimentConfig(target="y", candidates=20)
    for variable, value, code in (
        ("MOST_ROWS", "500", "preflight_rows"),
        ("MOST_CANDIDATES", "10", "preflight_candidates"),
        ("MOST_MEMORY_GB", "0.0001", "preflight_memory"),
        ("MOST_DISK_GB", "0.0001", "preflight_disk"),
        ("LEAST_FREE_GB", "1000000", "preflight_disk"),
    ):
        monkeypatch.setenv(f"TABLEWRIGHT_{variable}", value)
        assert codes(tmp_path, 1000, 20, asked) == [code]
        monkeypatch.delenv(f"TABLEWRIGHT_{variable}")
    monkeypatch.setenv("TABLEWRIGHT_MOST_ROWS", "1000")
    monkeypatch.setenv("TABLEWRIGHT_MOST_CANDIDATES", "20")
    assert codes(tmp_path, 1000, 20, asked) == []


def test_memory_of_a_run_is_divided_among_its_trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEWRIGHT_MOST_MEMORY_GB", "3")
    assert within_limits(tmp_path, CONFIG, 2).memory_gb == 1.5
    small = ExperimentConfig(target="y", memory_gb=0.5)
    assert within_limits(tmp_path, small, 2).memory_gb == 0.5


@pytest.mark.parametrize("wrong", ["many", "-1", "0", "nan"])
def test_a_limit_that_is_no_number_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("TABLEWRIGHT_MOST_ROWS", wrong)
    with pytest.raises(ConfigError, match=f"TABLEWRIGHT_MOST_ROWS is {wrong}"):
        refusals(tmp_path, 10, 10, CONFIG)


def test_little_free_disk_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEWRIGHT_LEAST_FREE_GB", "1000000")
    assert is_low_on_disk(tmp_path)


def test_a_run_short_of_disk_is_told_to_stop_and_not_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LOOK_AT_DISK_SECONDS", 0.0)
    with open_workspace(tmp_path) as place:
        run_id = place.runs.create(owner="local", name="a", dataset_id="d", config=CONFIG)
        wishes = worker._Wishes(place.runs, run_id, place.folder)
        assert wishes.command() is Command.CONTINUE
        place.runs.request(run_id, Command.PAUSE)
        assert wishes.command() is Command.PAUSE
        monkeypatch.setenv("TABLEWRIGHT_LEAST_FREE_GB", "1000000")
        assert wishes.command() is Command.STOP
        monkeypatch.delenv("TABLEWRIGHT_LEAST_FREE_GB")
        assert wishes.command() is Command.STOP, "a run that is ending does not begin again"


def test_strays_go_and_what_is_used_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEWRIGHT_KEEP_PREDICTIONS", "2")
    with open_workspace(tmp_path) as place:
        ended = place.runs.create(owner="local", name="a", dataset_id="d", config=CONFIG)
        going = place.runs.create(owner="local", name="b", dataset_id="d", config=CONFIG)
        place.runs.append(ended, Finished(seconds=1.0))
        strays = [
            tmp_path / "datasets" / ".half",
            tmp_path / "datasets" / "noRow",
            tmp_path / "runs" / "gone",
            place.runs.folder(ended) / "scratch",
        ]
        kept = [place.runs.folder(going) / "scratch", place.runs.folder(ended) / "artifacts"]
        made = [place.runs.folder(ended) / "predictions" / f"p{n}" for n in range(4)]
        for number, folder in enumerate((*strays, *kept, *made)):
            folder.mkdir(parents=True)
            (folder / "file").write_text("x", encoding="utf-8")
            os.utime(folder, (time.time() - 9000 + number,) * 2)
        young = tmp_path / "datasets" / ".young"
        young.mkdir()
        assert set(reap(place)) == {*strays, *made[:2]}
        assert not any(each.exists() for each in (*strays, *made[:2]))
        assert all(each.exists() for each in (*kept, *made[2:], young))
        assert used_bytes(tmp_path) > 0
