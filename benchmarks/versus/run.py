"""Runs the application on tables and splits that others were measured on, and keeps one line per run.

    python benchmarks/versus/run.py --tables FOLDER --index tables.json --seconds 60 [--seconds 10 ...]
                                    [--splits 0 1] [--names adult phoneme] [--variant NAME --train --metric auc]

The index is a JSON list of {"name", "target", "task"}, with "sep", "header", "encoding", "leaks" and "file" where
they are not the usual. A run that is kept already is not run again, so a benchmark that is broken off goes on where it
was. Each run has a fresh process and a workspace of its own, hence learns nothing from the others. What is compared is
printed by report.py.
"""

import argparse
import os
import platform
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # started as a file, it finds the project from its root

import psutil

from benchmarks.versus.application import Place, metric_of, run
from benchmarks.versus.records import FILE, Key, Record, append_record, left_to_do, read_records
from benchmarks.versus.splits import make_split, read_index
from benchmarks.versus.watch import end_noted

ROOT = Path(__file__).resolve().parents[2]
MEASURED = ROOT / "benchmarks" / "results" / "versus"  # apart from those that are published, which it would not repeat


def main() -> None:
    """Run the command line."""
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside; start it again to go on"))
    index = {entry["name"]: entry for entry in read_index(options.index)}
    if unknown := [name for name in options.names if name not in index]:
        sys.exit(f"{options.index} lists no table called {', '.join(unknown)}; it lists {', '.join(index)}.")
    wanted = plan(options.names or index, options.splits, options.seconds or [60.0], options.variant)
    kept = options.out / FILE
    options.cache.mkdir(parents=True, exist_ok=True)
    if n_ended := end_noted(options.cache / "processes.json"):
        print(f"{n_ended} processes that a benchmark had left behind were ended.")
    to_do = left_to_do(wanted, read_records(kept), again=options.again)
    print(f"{len(wanted) - len(to_do)} of {len(wanted)} runs are kept already; {len(to_do)} to do.", flush=True)
    for number, key in enumerate(to_do, start=1):
        record = measure(index[key[0]], key, options)
        append_record(kept, record)
        print(f"{number}/{len(to_do)}  {line(record)}", flush=True)


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, required=True, help="the folder of the tables")
    parser.add_argument("--index", type=Path, required=True, help="the JSON list of the tables")
    parser.add_argument("--seconds", type=float, action="append", help="a budget; repeatable (default: 60)")
    parser.add_argument("--splits", type=int, nargs="+", default=[0], metavar="K")
    parser.add_argument("--names", nargs="+", default=[], metavar="NAME", help="only these tables")
    parser.add_argument("--variant", default="", help="a name for runs with further arguments of `tablewright train`")
    parser.add_argument("--train", nargs=argparse.REMAINDER, default=[], help="these arguments; comes last")
    parser.add_argument("--again", action="store_true", help="run again what failed")
    parser.add_argument("--out", type=Path, default=MEASURED, help="where the results are kept")
    parser.add_argument("--cache", type=Path, default=_cache(), help="where runs happen; nothing in it is needed later")
    options = parser.parse_args()
    if bool(options.variant) != bool(options.train):
        parser.error("--variant and --train go together: results with other arguments need a name of their own")
    return options


def plan(names: Iterable[str], splits: Sequence[int], budgets: Sequence[float], variant: str = "") -> list[Key]:
    """Return all runs in order: each budget over all tables, so that early results say something.

    >>> plan(["a", "b"], [0], [60, 10])
    [('a', 0, 60.0, ''), ('b', 0, 60.0, ''), ('a', 0, 10.0, ''), ('b', 0, 10.0, '')]
    """
    names = list(names)
    return [(name, split, float(budget), variant) for budget in budgets for split in splits for name in names]


def measure(entry: Mapping[str, Any], key: Key, options: argparse.Namespace) -> Record:
    """Do one run in an empty folder and return its line."""
    name, split, seconds, variant = key
    folder = options.cache / f"{name}-{split}-{seconds:g}{variant and '-' + variant}"
    shutil.rmtree(folder, ignore_errors=True)
    divided = make_split(options.tables / entry.get("file", f"{name}.csv"), entry, split, folder)
    record: Record = {
        "table": name,
        "split": split,
        "seconds": seconds,
        **({"variant": variant, "train": options.train} if variant else {}),
        "metric": metric_of(entry),
        "n_train": divided.n_train,
        "n_columns": divided.n_columns,
        "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        "version": version(),
        **machine(),
    }
    place = Place(folder=folder, note=options.cache / "processes.json")
    record |= run(place, divided, entry, key=record, train=options.train)
    if "problem" not in record:
        shutil.rmtree(folder, ignore_errors=True)
    return record


def machine() -> Record:
    """Say how busy the computer is, so that a figure of a busy one can be told from a slow program."""
    return {
        "n_cores": os.cpu_count(),
        "system": f"{platform.system()}, Python {platform.python_version()}",
        "load_before": round(psutil.getloadavg()[0], 2),
    }


def version() -> str:
    """Return the commit that was measured; with `+` when files differ from it."""

    def git(*words: str) -> str:
        said = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
        return said.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "app", "engine", "storage", "exporters")
    return git("rev-parse", "--short=10", "HEAD") + ("+" if changed else "")


def line(record: Record) -> str:
    """Say in one line what came of a run."""
    head = f"{record['table']} split {record['split']}, {record['seconds']:g} s {record.get('variant', '')}".strip()
    if "problem" in record:
        return f"{head}: {record['problem']}"
    parts = (
        f"{head}: {record['metric']} {record['score']:.5g}",
        f"ready {record['model_ready_seconds']:.1f} s, exit {record['exit_seconds']:.1f} s",
        f"{record['n_candidates']} candidates, {len(record['blend'])} in the blend",
        f"{record['model_megabytes']:.2f} MB, row {record['row_p50_ms']:.3f} / {record['row_p99_ms']:.3f} ms",
        f"memory {record['private_megabytes']} MB",
    )
    return ", ".join(parts)


def _cache() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("tablewright-benchmark", appauthor=False))


if __name__ == "__main__":
    main()
