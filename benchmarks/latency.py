"""Measures how long one row takes through a model file in onnxruntime.

python benchmarks/latency.py model.onnx [more.onnx ...] [--calls 2000]
"""

import argparse
import time
from pathlib import Path

import numpy as np
import onnxruntime


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--calls", type=int, default=2000)
    options = parser.parse_args()
    print("| model | MB | p50 ms | p99 ms |\n|---|---|---|---|")
    for path in options.models:
        times = one_row_seconds(path, options.calls)
        p50, p99 = np.percentile(times, [50, 99]) * 1000
        print(f"| {path} | {path.stat().st_size / 1e6:.2f} | {p50:.3f} | {p99:.3f} |", flush=True)


def one_row_seconds(path: Path, n_calls: int) -> list[float]:
    """Return the seconds of single-row calls, after a warm-up, on one thread; rows vary between missing and filled."""
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
    rows = [row_of(session, text, number) for text, number in (("", float("nan")), ("a", 1.0), ("2021-05-06", 42.5))]
    seconds = []
    for call in range(n_calls + 100):
        started = time.perf_counter()
        session.run(None, rows[call % len(rows)])
        seconds.append(time.perf_counter() - started)
    return seconds[100:]


def row_of(session: onnxruntime.InferenceSession, text: str, number: float) -> dict[str, np.ndarray]:
    """Return the inputs of one row."""
    return {
        each.name: np.array([[text]], dtype=object) if each.type == "tensor(string)" else np.array([[number]])
        for each in session.get_inputs()
    }


if __name__ == "__main__":
    main()
