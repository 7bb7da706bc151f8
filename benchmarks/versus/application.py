"""Runs the application as a person would, through the terminal in processes of its own, and takes its figures."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.versus.records import Record
from benchmarks.versus.scores import METRICS, score
from benchmarks.versus.splits import Split
from benchmarks.versus.watch import Watch

MODEL_FILE = "model.onnx"
HOUSE = Path(__file__).parents[2]
_MEGABYTE = 1_000_000
_AFTERWARDS_SECONDS = 120.0  # what a run leaves behind, its copy in MLflow, must not disturb the next
_GRACE_SECONDS = 180.0


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one run happens. `note`: names its processes, see `Watch`."""

    folder: Path
    note: Path

    @property
    def out(self) -> Path:
        """Where the bundle goes."""
        return self.folder / "out"

    @property
    def workspace(self) -> Path:
        """A workspace that has seen no other run: runs learn nothing from each other."""
        return self.folder / "workspace"


def run(place: Place, split: Split, entry: Mapping[str, Any], *, key: Record, train: Sequence[str] = ()) -> Record:
    """Train, predict and measure; return the record. What fails is said in its `problem`."""
    started, (code, said, figures) = time.monotonic(), _train(place, split, entry, key, train)
    model = place.out / MODEL_FILE
    if code != 0 or not model.is_file():
        minutes = (time.monotonic() - started) / 60
        problem = _last_line(said, place.folder) or f"ended with {code} after {minutes:.1f} min"
        return {**figures, "exit_code": code, "problem": problem}
    trained = json.loads(said)
    try:
        value, times = _score(place, split, entry, trained), _row_times(model.resolve(), split.test.resolve())
    except (subprocess.CalledProcessError, ValueError, KeyError) as fault:
        said = fault.stderr if isinstance(fault, subprocess.CalledProcessError) else str(fault)
        return {**figures, **_told(place, trained), "problem": f"scoring: {_last_line(said, place.folder)}"}
    return {**figures, "score": round(value, 7), **_told(place, trained), **times}


def _train(
    place: Place, split: Split, entry: Mapping[str, Any], key: Record, train: Sequence[str]
) -> tuple[int, str, Record]:
    """Return the exit code, what was printed (or, when it failed, complained of) and what was seen from outside."""
    question = ["--target", entry["target"], "--task", entry["task"], "--holdout", "0", "--seed", str(key["split"])]
    budget = float(key["seconds"])
    where = ["--workspace", str(place.workspace), "--out", str(place.out), "--json"]
    command = [*_TERMINAL, "train", str(split.train), *question, "--seconds", f"{budget:g}", *where, *train]
    printed, complained = place.folder / "printed.json", place.folder / "said.txt"
    with printed.open("wb") as out, complained.open("wb") as err:
        started = time.monotonic()
        process = subprocess.Popen(command, stdout=out, stderr=err, cwd=place.folder, env=_environment())
        watch = Watch(process.pid, place.note)
        try:
            code = process.wait(4 * budget + _GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            code = -1
        except BaseException:  # someone ends the benchmark: nothing of the run stays behind, and the reason goes on
            watch.stop()
            watch.wait_for_all(0.0)
            raise
        exit_seconds = time.monotonic() - started
    watch.stop()
    watch.wait_for_all(_AFTERWARDS_SECONDS if code >= 0 else 0.0)
    figures: Record = {
        "exit_seconds": round(exit_seconds, 2),
        "private_megabytes": round(watch.peak_private_bytes / _MEGABYTE),
        "float64_megabytes": round(split.float64_bytes / _MEGABYTE, 3),
    }
    return code, (printed if code == 0 else complained).read_text(encoding="utf-8", errors="replace"), figures


def _score(place: Place, split: Split, entry: Mapping[str, Any], trained: Mapping[str, Any]) -> float:
    """Predict the test rows with nothing but the file, and score that."""
    answers = place.folder / "answers.csv"
    command = [*_TERMINAL, "predict", str(place.out / MODEL_FILE), str(split.test), "--out", str(answers)]
    subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8", env=_environment())
    given = pd.read_csv(answers)
    if len(given) != len(split.truth):
        raise ValueError(f"{len(given)} answers to {len(split.truth)} rows")
    if entry["task"] == "regression":
        return score(entry["task"], split.truth, given["prediction"].to_numpy(float))
    probabilities = given[[f"probability_{name}" for name in trained["classes"]]].to_numpy(float)
    return score(entry["task"], split.truth, np.ascontiguousarray(probabilities), trained["classes"])


def _told(place: Place, trained: Mapping[str, Any]) -> Record:
    """Take from the run's document, and from the events it has kept, what is compared."""
    from app.bootstrap import workspace
    from app.phrasebook import learn
    from engine.events import CandidateFinished, SearchEnded, of_kind

    learn()
    with workspace(place.workspace) as opened:
        events = [event for _number, event in opened.runs.events(trained["run_id"])]
    finished, ended = of_kind(events, CandidateFinished), of_kind(events, SearchEnded)
    return {
        "model_ready_seconds": round(trained["seconds"]["model_ready"], 2),
        "search_ended": ended[-1].reason.code if ended else None,
        "n_candidates": len(finished),
        "n_folds": trained["rows"]["folds"],
        "blend": {str(member["number"]): f"{member['weight']:.2f} {member['family']}" for member in trained["blend"]},
        "model_megabytes": round((place.out / MODEL_FILE).stat().st_size / _MEGABYTE, 3),
        "max_abs_diff": float(f"{trained['onnx']['max_abs_diff']:.1e}"),
    }


def _row_times(model: Path, rows: Path) -> Record:
    """Time single rows in a process of their own, where nothing else has started threads."""
    command = [sys.executable, "-m", "benchmarks.latency", str(model), str(rows)]
    times: Record = json.loads(subprocess.run(command, cwd=HOUSE, check=True, capture_output=True, text=True).stdout)
    return {key: times[key] for key in ("row_p50_ms", "row_p99_ms")}


def metric_of(entry: Mapping[str, Any]) -> str:
    """Return the metric by which a table's systems are compared."""
    return METRICS[entry["task"]]


def _environment() -> dict[str, str]:
    root = str(Path(__file__).parents[2])
    return {**os.environ, "PYTHONPATH": root, "PYTHONUTF8": "1", "MPLBACKEND": "Agg"}


def _last_line(said: str, folder: Path) -> str:
    """Return the last thing said, without the names of this computer's folders."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1].replace(str(folder), "…")[-300:] if lines else ""


_TERMINAL = [sys.executable, "-m", "app.cli"]
