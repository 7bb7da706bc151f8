"""Measures how long one row takes through a model file in onnxruntime: real rows, each of them new, on one thread.

    python -m benchmarks.latency MODEL.onnx ROWS.csv [--calls 2000]

Where a row goes over and over, the processor keeps the nodes that it passes near, and large models seem a quarter
quicker than they are.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from engine.graph.session import feeds, open_session
from engine.model import open_model
from engine.table.options import ReadingOptions

WARM_UP = 50


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--calls", type=int, default=2000)
    options = parser.parse_args()
    times = one_row_seconds(options.model, options.rows, options.calls)
    p50, p99 = np.percentile(times, [50, 99]) * 1000
    print(json.dumps({"row_p50_ms": round(p50, 4), "row_p99_ms": round(p99, 4), "n_rows": len(times)}))


def one_row_seconds(path: Path, rows: Path, n_calls: int) -> list[float]:
    """Return the seconds of single-row calls after a warm-up, one for each of the first `n_calls` rows of a table."""
    model, session = open_model(path), open_session(path)
    raw = model.read(rows, ReadingOptions(keep_all_rows=True)).frame.head(n_calls)
    cells = model.cells_of(raw)[0]
    calls = [feeds(cells.iloc[[row]], model.columns) for row in range(len(cells))]
    for _ in range(WARM_UP):
        session.run(None, calls[0])
    seconds = []
    for call in calls:
        started = time.perf_counter()
        session.run(None, call)
        seconds.append(time.perf_counter() - started)
    return seconds


if __name__ == "__main__":
    main()
