"""Tables larger than memory: makes one, looks at all of it, trains on it, and says what that took.

`python -m benchmarks.out_of_core make --folder DIR --rows 50_000_000` writes 20 columns in chunks as a folder of
Parquet files (35 bytes a row); `inspect` and `train` then run the commands on it as a person would, with a limit on
memory, and print seconds, the most memory that all processes used together, and what the run says of the sample.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from benchmarks.large_table import GIGABYTE, MemoryWatch

N_NUMBERS, LEVELS = 13, (2, 5, 12, 40, 200, 1_500)
ROWS_PER_FILE = 1_000_000
BYTES_PER_ROW = 80
TARGET = "answer"


def made_up(n_rows: int, seed: int, *, rare: float) -> pa.Table:
    """Return 13 numbers, 6 categories and a yes/no answer of which about this share is yes.

    >>> made_up(1_000, 0, rare=0.02).shape
    (1000, 20)
    """
    random = np.random.default_rng([20261121, seed])
    fixed = np.random.default_rng(12345)  # what the levels of a category mean does not change from part to part
    numbers = random.normal(size=(N_NUMBERS, n_rows)).astype(np.float32)
    numbers[4:7] = np.exp(numbers[4:7])
    numbers[7:9] = numbers[7:9].round(1)
    logit: NDArray[Any] = 1.2 * numbers[0] - 0.8 * numbers[1] * numbers[2] + np.sin(3 * numbers[3])
    logit += 0.7 * np.log(numbers[4] / numbers[5]) + 0.5 * (numbers[7] > 0.5) * numbers[8]
    columns: dict[str, Any] = {}
    for position in range(N_NUMBERS):
        kept = numbers[position].round(4)
        gaps = random.random(n_rows) < 0.05 if position == 9 else None
        columns[f"n{position}"] = pa.array(kept, mask=gaps)
    for position, n_levels in enumerate(LEVELS):
        codes = (n_levels * random.random(n_rows) ** 1.5).astype(np.int32)
        logit += fixed.normal(scale=0.6, size=n_levels)[codes]
        levels = pa.array([f"L{i}" for i in range(n_levels)])
        columns[f"c{position}"] = pa.DictionaryArray.from_arrays(pa.array(codes), levels).cast(pa.string())
    chance = 1 / (1 + np.exp(-(logit + 1.6 * np.log(rare / (1 - rare)))))
    columns[TARGET] = pa.array(np.where(random.random(n_rows) < chance, "yes", "no"))
    return pa.table(columns)


def make(folder: Path, n_rows: int, rare: float) -> Path:
    """Write the table in parts, each a file of its own, unless it is there already."""
    place = folder / f"table_{n_rows}"
    if place.is_dir():
        return place
    if shutil.disk_usage(folder).free < 2 * BYTES_PER_ROW * n_rows:
        raise SystemExit(f"{folder} has too little free disk for {n_rows:,} rows.")
    part = folder / f".table_{n_rows}"
    part.mkdir(exist_ok=True)
    for number, first in enumerate(range(0, n_rows, ROWS_PER_FILE)):
        rows = made_up(min(ROWS_PER_FILE, n_rows - first), number, rare=rare)
        parquet.write_table(rows, part / f"part-{number:04d}.parquet", row_group_size=250_000)
    return part.rename(place)


def watched(arguments: list[str], folder: Path, memory_gb: float) -> tuple[dict[str, Any], float, MemoryWatch]:
    """Run a command of the terminal; returns its answer, the seconds, and the memory of all its processes."""
    workspace = folder / "workspace"
    command = [sys.executable, "-m", "app.cli", *arguments, "--workspace", str(workspace), "--json"]
    limits = {"TABLEWRIGHT_TABLE_MEMORY_GB": str(memory_gb), "TABLEWRIGHT_MLFLOW": "off"}
    began = time.monotonic()
    with MemoryWatch(workspace) as watch:
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, env={**os.environ, **limits})
    return json.loads(done.stdout), time.monotonic() - began, watch


def inspect(options: Namespace) -> None:
    """Look at all of the table."""
    table = make(options.folder, options.rows, options.rare)
    arguments = ["inspect", str(table), "--target", TARGET]
    found, seconds, watch = watched(arguments, options.folder, options.memory_gb)
    print(f"rows: {found['rows']:,}; inspected in {seconds:.1f} s; most memory {watch.peak_bytes / GIGABYTE:.2f} GB")


def train(options: Namespace) -> None:
    """Train within the budget."""
    table = make(options.folder, options.rows, options.rare)
    arguments = ["train", str(table), "--target", TARGET, "--metric", options.metric, "--seconds", str(options.budget)]
    found, seconds, watch = watched(arguments, options.folder, options.memory_gb)
    print(json.dumps({"seconds": found["seconds"], "large": found["large"], "blend": found["blend"]}, indent=1))
    print(f"hold-out {options.metric}: {found['holdout'][options.metric]}")
    ready = found["seconds"]["model_ready"]
    print(
        f"model ready after {ready:.1f} s, all in all {seconds:.1f}; most memory {watch.peak_bytes / GIGABYTE:.2f} GB"
    )


def main() -> None:
    """Make, inspect or train."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("make", "inspect", "train"))
    parser.add_argument("--folder", type=Path, required=True, help="for the table and the workspace")
    parser.add_argument("--rows", type=int, default=50_000_000)
    parser.add_argument("--rare", type=float, default=0.02, help="roughly the share of the rare answer")
    parser.add_argument("--budget", type=float, default=300)
    parser.add_argument("--metric", default="log_loss")
    parser.add_argument("--memory-gb", type=float, default=8, help="tables that take more count as too large")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.what == "make":
        print(make(options.folder, options.rows, options.rare))
    else:
        {"inspect": inspect, "train": train}[options.what](options)


if __name__ == "__main__":
    main()
