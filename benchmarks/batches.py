"""Measures how quickly a model's file predicts many rows, beside the fitted pipelines and models that it was made of.

python benchmarks/batches.py [TABLE:TARGET ...] [--rows 10000] [--seconds 30]

Without tables: the samples. Each is trained; then its rows, repeated up to `--rows`, go through the file in onnxruntime
and through the libraries' own predict, in turns, on one thread each; the middle of the turns counts. Both begin with
canonical cells: reading the table is the same for both.
"""

import argparse
import pickle
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pandas as pd
from threadpoolctl import threadpool_limits

from engine import ExperimentConfig, run_experiment
from engine.blend.final import FinalModel
from engine.graph.session import open_session, run
from engine.search.data import TrainingData
from engine.table.reading import read_table
from engine.tasks.task import PREDICTION, PROBABILITIES
from sample_data.catalogue import SAMPLES

N_TURNS = 7


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", default=[f"{each.path}:{each.target}" for each in SAMPLES])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    print("| table | members | file s | libraries s | speed beside the libraries |\n|---|---|---|---|---|")
    ratios = []
    for table in options.tables:
        path, _, target = table.rpartition(":")
        with tempfile.TemporaryDirectory() as folder:
            members, file_seconds, library_seconds = measure(Path(path), target, Path(folder), options)
        ratios.append(library_seconds / file_seconds)
        figures = f"{file_seconds:.2f} | {library_seconds:.2f} | {ratios[-1]:.2f}"
        print(f"| {Path(path).stem} | {members} | {figures} |", flush=True)
    print(f"\nMedian {median(ratios):.2f} of the libraries' speed.")


def measure(path: Path, target: str, folder: Path, options: argparse.Namespace) -> tuple[str, float, float]:
    """Train on a table; return the members and the seconds for all rows, by the file and by the libraries."""
    config = ExperimentConfig(target=target, seconds=options.seconds)
    outcome = run_experiment(read_table(path), config, folder=folder)
    data = TrainingData.load(folder / "data")
    model: FinalModel = pickle.loads((folder / "final.pkl").read_bytes())
    frame = data.train.frame
    rows = pd.concat([frame] * (options.rows // len(frame) + 1), ignore_index=True).head(options.rows)
    output = PROBABILITIES if model.task.classes else PREDICTION
    session = open_session(outcome.model_path)
    by_file, by_libraries = in_turns(
        lambda: run(session, rows, model.columns, [output]),
        lambda: model.predict(rows),
    )
    members = ", ".join(f"{each.family} {len(each.bag)}" for each in model.members)
    return members, by_file, by_libraries


def in_turns(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Return the middle of the seconds of each, called in turns after a first call that does not count."""
    seconds: tuple[list[float], list[float]] = ([], [])
    with threadpool_limits(1):
        for turn in range(N_TURNS + 1):
            for kept, call in zip(seconds, (one, other), strict=True):
                started = time.perf_counter()
                call()
                if turn:
                    kept.append(time.perf_counter() - started)
    return median(seconds[0]), median(seconds[1])


if __name__ == "__main__":
    main()
