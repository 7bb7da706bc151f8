"""Measures how long it takes to read, type and profile big tables, and how much memory that needs.

python benchmarks/big_tables.py --folder /somewhere/with/space [--case NAME ...] [--times 3] [--inspect]

Writes each table into the folder once, then measures each case in a fresh process: seconds by stage and the largest
memory of the whole process, its imports included.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

_ROWS_AT_ONCE = 200_000
_MEGABYTE = 1_000_000


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where the tables are kept")
    parser.add_argument("--case", choices=list(TABLES), nargs="*", default=list(TABLES))
    parser.add_argument("--times", type=int, default=3, help="the best of so many is shown")
    parser.add_argument("--inspect", action="store_true", help="also run the checks and suggest a target")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measured(options.measure, inspect=options.inspect)))
        return
    options.folder.mkdir(parents=True, exist_ok=True)
    for case in options.case:
        path = options.folder / f"{case}.csv"
        if not path.exists():
            partial = path.with_suffix(".partial")
            TABLES[case](partial)
            partial.rename(path)
        more = ("--inspect",) if options.inspect else ()
        runs = [in_fresh_process(path, *more) for _ in range(options.times)]
        best = min(runs, key=lambda run: sum(run["seconds"].values()))
        stages = "  ".join(f"{stage} {seconds:.1f}" for stage, seconds in best["seconds"].items())
        size = path.stat().st_size / _MEGABYTE
        processor = f"processor {best['processor_seconds']:.1f} s"
        print(
            f"{case} ({size:.0f} MB, {best['rows']:,} x {best['columns']}): {sum(best['seconds'].values()):.1f} s"
            f"  [{stages}]  {processor}  peak {best['peak_megabytes']:.0f} MB  load {best['load']:.1f}",
            flush=True,
        )


def in_fresh_process(path: Path, *more: str) -> dict[str, Any]:
    """Measure one table in a process of its own."""
    command = [sys.executable, __file__, "--folder", str(path.parent), "--measure", str(path), *more]
    root = str(Path(__file__).resolve().parents[1])
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": root}
    )
    return dict(json.loads(done.stdout))


def measured(path: Path, *, inspect: bool) -> dict[str, Any]:
    """Read, type and profile one table in this process."""
    seconds: dict[str, float] = {}

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        seconds[name] = time.perf_counter() - started

    with stage("import"):
        from engine.table.first_look import first_look
        from engine.table.profile import profile
        from engine.table.reading import dataset_of, read_raw
    with stage("first look"):
        first_look(path)
    with stage("read"):
        raw = read_raw(path)
    with stage("type"):
        dataset = dataset_of(raw, name=path.name)
        del raw
    with stage("profile"):
        profile(dataset)
    peak = _peak_megabytes()
    if inspect:
        from engine.table.inspection import inspect_table

        with stage("inspect"):
            inspect_table(dataset)
        peak = _peak_megabytes()
    return {
        "rows": dataset.n_rows,
        "columns": len(dataset.schema.columns),
        "seconds": seconds,
        "processor_seconds": time.process_time(),
        "peak_megabytes": peak,
        "load": os.getloadavg()[0],
    }


def _peak_megabytes() -> float:
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset / _MEGABYTE
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / _MEGABYTE


def long_table(path: Path, n_bytes: int = 500 * _MEGABYTE) -> None:
    """Write 17 columns of every sort, with gaps, until the file has its size."""
    random = np.random.default_rng(0)
    start = 0
    with csv.CSVWriter(path, _sales(random, 0, 1).schema, write_options=csv.WriteOptions(quoting_style="none")) as file:
        while path.stat().st_size < n_bytes:
            file.write_table(_sales(random, start, _ROWS_AT_ONCE))
            start += _ROWS_AT_ONCE


def _sales(random: np.random.Generator, start: int, n: int) -> pa.Table:
    words = np.array("old new big red blue fast slow warm cold late early light heavy fine wide".split())
    seconds = 1_577_836_800 + random.integers(0, 150_000_000, n)
    moments = pa.array(seconds, pa.timestamp("s"))
    number = random.integers(0, 1_000_000, n).astype("U")
    notes = np.strings.add(np.strings.add(random.choice(words, n), " "), number)
    columns = {
        "order_id": pa.array(np.arange(start, start + n)),
        "customer": pa.array(random.integers(10_000, 600_000, n)),
        "ordered_on": pc.strftime(moments, format="%Y-%m-%d"),
        "shipped_at": pc.strftime(pc.add(moments, pa.scalar(90_061, pa.duration("s"))), format="%Y-%m-%d %H:%M:%S"),
        "country": pa.array(random.choice(np.array("DE FR IT ES PL NL BE AT CH SE".split()), n)),
        "city": _with_gaps(random, np.strings.add("city ", random.integers(0, 2000, n).astype("U")), 0.02),
        "product": pa.array(np.strings.add("P", random.integers(0, 200_000, n).astype("U"))),
        "price": pa.array(np.round(random.gamma(2.0, 40.0, n), 2)),
        "discount": _with_gaps(random, np.round(random.random(n) * 30, 1), 0.1),
        "quantity": pa.array(random.poisson(3, n) + 1),
        "weight_kg": _with_gaps(random, np.round(random.gamma(1.5, 2.0, n), 3), 0.05),
        "status": _with_gaps(random, random.choice(np.array("open paid sent returned lost".split()), n), 0.01),
        "member": pa.array(random.choice(np.array(["yes", "no"]), n)),
        "note": _with_gaps(random, notes, 0.3),
        "score": pa.array(np.round(random.normal(0, 1, n), 6)),
        "channel": pa.array(random.choice(np.array("web shop phone app".split()), n)),
        "returned": pa.array((random.random(n) < 0.1).astype(np.int8)),
    }
    return pa.table(columns)


def _with_gaps(random: np.random.Generator, values: np.ndarray, share: float) -> pa.Array:
    return pa.array(values, mask=random.random(len(values)) < share)


def wide_table(path: Path, n_columns: int = 2000, n_rows: int = 10_000) -> None:
    """Write many columns: decimals, whole numbers, classes and days in turn."""
    random = np.random.default_rng(0)
    letters = np.array(list("abcdefghijkl"))
    days = np.datetime64("2020-01-01") + np.arange(2000)
    makers: tuple[Callable[[], pa.Array], ...] = (
        lambda: pa.array(np.round(random.normal(0, 100, n_rows), 3)),
        lambda: pa.array(random.integers(0, 1000, n_rows)),
        lambda: _with_gaps(random, np.round(random.random(n_rows), 4), 0.1),
        lambda: _with_gaps(random, random.choice(letters, n_rows), 0.05),
        lambda: pa.array(random.choice(days, n_rows).astype("U")),
    )
    table = pa.table({f"v{i}": makers[i % len(makers)]() for i in range(n_columns)})
    csv.write_csv(table, path)


TABLES: Mapping[str, Callable[[Path], None]] = {
    "long": long_table,
    "hundred": lambda path: long_table(path, 100 * _MEGABYTE),
    "wide": wide_table,
}

if __name__ == "__main__":
    main()
