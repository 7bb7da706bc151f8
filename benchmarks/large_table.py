"""Trains on a made-up table of 1,000,000 rows and 30 columns, and compares with LightGBM's defaults on all of its rows.

Run `python benchmarks/large_table.py` (about four minutes): it prints both scores on 200,000 further rows, the seconds,
and the most memory that all processes of the run used together.
"""

import json
import os
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import psutil
from numpy.typing import NDArray

N_TEST = 200_000
SAMPLE_SECONDS = 0.1
GIGABYTE = 1e9


def made_up(n_rows: int, seed: int) -> pd.DataFrame:
    """Return a table with 22 numbers, 8 categories and a yes/no answer that depends on them in several ways.

    >>> made_up(100, 0).shape
    (100, 31)
    """
    random = np.random.default_rng(seed)
    fixed = np.random.default_rng(12345)  # what the levels of a category mean does not change from table to table
    numbers = random.normal(size=(n_rows, 22)).astype(np.float32)
    numbers[:, 5:8] = np.exp(numbers[:, 5:8])
    numbers[:, 8:10] = numbers[:, 8:10].round(1)
    logit: NDArray[Any] = 1.2 * numbers[:, 0] - 0.8 * numbers[:, 1] * numbers[:, 2] + np.sin(3 * numbers[:, 3])
    logit += 0.7 * np.log(numbers[:, 5] / numbers[:, 6]) + 0.5 * (numbers[:, 8] > 0.5) * numbers[:, 9]
    logit += 0.3 * np.abs(numbers[:, 10:14]).sum(axis=1) - 1.0
    table = {f"n{i}": numbers[:, i].round(4) for i in range(22)}
    for position, n_levels in enumerate((2, 3, 5, 12, 40, 150, 600, 3_000)):
        level = (n_levels * random.random(n_rows) ** 1.5).astype(np.int64)
        logit += fixed.normal(scale=0.5, size=n_levels)[level]
        table[f"c{position}"] = np.array([f"L{i}" for i in range(n_levels)], dtype=object)[level]
    answer = random.random(n_rows) < 1 / (1 + np.exp(-logit))
    frame = pd.DataFrame(table)
    frame.loc[random.random(n_rows) < 0.05, "n4"] = np.nan
    frame["answer"] = np.where(answer, "yes", "no")
    return frame


class MemoryWatch:
    """Measures, beside the run, the private memory of all processes that were started from here or name a folder."""

    def __init__(self, workspace: Path) -> None:
        self.peak_bytes = 0
        self.peak_of: dict[str, int] = {}
        self._workspace = str(workspace)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            used = {process.pid: private_bytes(process) for process in self._family()}
            if sum(used.values()) > self.peak_bytes:
                self.peak_bytes, self.peak_of = sum(used.values()), {str(key): value for key, value in used.items()}

    def _family(self) -> list[psutil.Process]:
        found = psutil.Process().children(recursive=True)
        for process in psutil.process_iter(["cmdline"]):  # the worker stands apart from the one who started it
            if self._workspace in " ".join(process.info["cmdline"] or ()):
                found.append(process)
                try:
                    found.extend(process.children(recursive=True))
                except psutil.Error:
                    continue
        return list({process.pid: process for process in found}.values())


def private_bytes(process: psutil.Process) -> int:
    """Return what only this process holds in memory; pages that it shares with others count for none."""
    try:
        shares = Path(f"/proc/{process.pid}/smaps_rollup")  # what Linux tells, others do not
        if not shares.exists():
            return int(process.memory_info().rss)
        lines = [line.split() for line in shares.read_text(encoding="ascii").splitlines()]
        return sum(int(line[1]) for line in lines if line[0].startswith("Private_")) * 1024
    except (psutil.Error, OSError):
        return 0


def train(table: Path, folder: Path, seconds: float) -> tuple[dict[str, Any], float, MemoryWatch]:
    """Train with the command; returns its answer, the seconds of wall time, and the memory."""
    command = [sys.executable, "-m", "app.cli", "train", str(table), "--target", "answer", "--metric", "auc"]
    command += ["--seconds", str(seconds), "--holdout", "0", "--workspace", str(folder / "workspace")]
    began = time.monotonic()
    with MemoryWatch(folder / "workspace") as watch:
        done = subprocess.run(
            [*command, "--out", str(folder / "bundle"), "--json"],
            stdout=subprocess.PIPE,
            check=True,
            text=True,
            env={**os.environ, "TABLEWRIGHT_MLFLOW": "off"},
        )
    return json.loads(done.stdout), time.monotonic() - began, watch


def lightgbm_defaults(train_rows: pd.DataFrame, test_rows: pd.DataFrame) -> tuple[float, float]:
    """Return AUC and seconds of LightGBM with its defaults, trained on all rows with text columns as categories."""
    import lightgbm
    from sklearn.metrics import roc_auc_score

    def encoded(frame: pd.DataFrame) -> pd.DataFrame:
        inputs = frame.drop(columns="answer")
        for name in inputs.columns[inputs.columns.str.startswith("c")]:
            inputs[name] = pd.Categorical(inputs[name], categories=sorted(train_rows[name].unique()))
        return inputs

    began = time.monotonic()
    model = lightgbm.LGBMClassifier(n_jobs=2, verbose=-1).fit(encoded(train_rows), train_rows["answer"] == "yes")
    seconds = time.monotonic() - began
    return float(roc_auc_score(test_rows["answer"] == "yes", model.predict_proba(encoded(test_rows))[:, 1])), seconds


def main() -> None:
    """Make the tables where they are not there yet, train, compare and print."""
    from sklearn.metrics import roc_auc_score

    from engine.model import open_model

    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="for the table, the workspace and the bundle")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--format", choices=("parquet", "csv"), default="parquet")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    table = options.folder / f"table_{options.rows}.{options.format}"
    if not table.exists():
        made = made_up(options.rows, seed=0)
        made.to_parquet(table) if options.format == "parquet" else made.to_csv(table, index=False)
        del made
    answer, seconds, watch = train(table, options.folder, options.seconds)
    test_rows = made_up(N_TEST, seed=1)
    predicted = open_model(options.folder / "bundle" / "model.onnx").predict(test_rows.drop(columns="answer"))
    ours = float(roc_auc_score(test_rows["answer"] == "yes", predicted["probability_yes"]))
    theirs, their_seconds = lightgbm_defaults(made_up(options.rows, seed=0), test_rows)
    print(json.dumps(answer["seconds"]), json.dumps(answer["blend"]), json.dumps(answer["leaderboard"], indent=1))
    print(f"seconds until the model was ready: {answer['seconds']['model_ready']:.1f}, all in all {seconds:.1f}")
    print(f"most memory, all processes: {watch.peak_bytes / GIGABYTE:.2f} GB {watch.peak_of}")
    print(f"AUC {ours:.5f}; LightGBM's defaults on all rows {theirs:.5f} in {their_seconds:.1f} s")


if __name__ == "__main__":
    main()
