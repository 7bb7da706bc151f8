"""Trains on every table of a folder through the terminal's door and collects the figures.

    python benchmarks/development_tables.py                                the sample tables
    python benchmarks/development_tables.py FOLDER INDEX.json --seconds 30

INDEX.json lists tables: name, target, task, and file when it is not `<name>.csv`. Each table is one fresh process. The
figures are written after every table, so that a run that is broken off loses nothing; tables that are there already are
not run again.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from engine.tasks.metric import metric_named

TERMINAL = [sys.executable, "-m", "app.cli"]
MOST_DIFFERENCE = 1e-5
SHOWN = (
    "name",
    "exit_code",
    "model_ready_seconds",
    "exit_seconds",
    "metric",
    "score",
    "baseline",
    "better",
    "max_abs_diff",
    "row_microseconds",
    "target_right",
    "task_right",
)

Row = dict[str, Any]


def main() -> None:
    """Run the command line."""
    options = arguments()
    folder, tables = chosen_tables(options.folder, options.index)
    kept = options.out / f"tables_{options.seconds:g}s.json"
    options.out.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else []
    known = {row["name"] for row in rows}
    for entry in tables:
        if entry["name"] in known or (options.only and entry["name"] not in options.only):
            continue
        row = measure(folder / entry.get("file", f"{entry['name']}.csv"), entry, options)
        rows.append(row)
        kept.write_text(json.dumps(rows, indent=1), encoding="utf-8")
        print(line(row), flush=True)
    text = "\n".join([heading(), *(line(row) for row in rows), "", *summary(rows)])
    kept.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    print("\n" + text)


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="where the tables lie (default: the sample tables)")
    parser.add_argument("index", type=Path, nargs="?", help="a JSON list of tables")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME")
    parser.add_argument(
        "--train", nargs=argparse.REMAINDER, default=[], help="further arguments of `tablewright train`"
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    return parser.parse_args()


def chosen_tables(folder: Path | None, index: Path | None) -> tuple[Path, list[Mapping[str, Any]]]:
    """Return the folder and the list of tables; without a folder, the samples."""
    if folder is not None and index is not None:
        return folder, json.loads(index.read_text(encoding="utf-8"))
    from sample_data.catalogue import SAMPLES

    samples: list[Mapping[str, Any]] = [
        {"name": each.key, "file": each.file, "target": each.target, "task": None} for each in SAMPLES
    ]
    return SAMPLES[0].path.parent, samples


def measure(file: Path, entry: Mapping[str, Any], options: argparse.Namespace) -> Row:
    """Train on one table, and ask what would have been suggested."""
    started = time.monotonic()
    code, trained, said = terminal(
        "train", str(file), "--target", entry["target"], "--seconds", f"{options.seconds:g}", *options.train
    )
    exit_seconds = time.monotonic() - started
    _code, inspected, _said = terminal("inspect", str(file))
    row: Row = {
        "name": entry["name"],
        "exit_code": code,
        "exit_seconds": round(exit_seconds, 2),
        "target_right": inspected.get("target") == entry["target"],
        "task_right": inspected.get("task") == entry["task"] if entry["task"] else None,
    }
    return {**row, **figures(trained)} if code == 0 else {**row, "said": said[-2000:]}


def terminal(*words: str) -> tuple[int, dict[str, Any], str]:
    """Run one command with `--json` in a workspace of its own; return exit code, document and standard error."""
    with tempfile.TemporaryDirectory() as workspace:
        finished = subprocess.run(
            [*TERMINAL, *words, "--json"],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, "TABLEWRIGHT_WORKSPACE": workspace},
            check=False,
        )
    document = json.loads(finished.stdout) if finished.stdout.strip() else {}
    return finished.returncode, document, finished.stderr


def figures(trained: Mapping[str, Any]) -> Row:
    """Take from a run's document what is compared."""
    metric = metric_named(trained["metric"])
    score = (trained["holdout"] or trained["validation"])[metric.key]
    baseline = trained["baseline"][metric.key]
    better = score["value"] > baseline if metric.greater_is_better else score["value"] < baseline
    return {
        "metric": metric.key,
        "score": score["value"],
        "low": score["low"],
        "high": score["high"],
        "baseline": baseline,
        "better": better,
        "read_seconds": trained["seconds"]["read"],
        "model_ready_seconds": trained["seconds"]["model_ready"],
        "max_abs_diff": trained["onnx"]["max_abs_diff"],
        "row_microseconds": trained["onnx"]["row_microseconds"],
        "bytes": trained["onnx"]["bytes"],
        "candidates": len(trained["leaderboard"]),
        "blend": [f"{member['weight']:.2f} {member['family']}" for member in trained["blend"]],
    }


def heading() -> str:
    """Return the head of the Markdown table."""
    return "| " + " | ".join(SHOWN) + " |\n|" + "---|" * len(SHOWN)


def line(row: Row) -> str:
    """Return one row of the Markdown table."""
    return "| " + " | ".join(cell(row.get(name, "")) for name in SHOWN) + " |"


def cell(value: object) -> str:
    """Write a figure with five digits, a yes or a no, or a text."""
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def summary(rows: Iterable[Row]) -> list[str]:
    """Say in sentences what the figures add up to."""
    rows = list(rows)
    good = [row for row in rows if row["exit_code"] == 0]
    if not good:
        return ["No table finished."]
    n_better = sum(row["better"] for row in good)
    n_verified = sum(row["max_abs_diff"] <= MOST_DIFFERENCE for row in good)
    ready = [row["model_ready_seconds"] for row in good]
    slowest = max(row["exit_seconds"] for row in good)
    n_targets, n_tasks = (sum(bool(row[name]) for row in rows) for name in ("target_right", "task_right"))
    return [
        f"{len(good)} of {len(rows)} finished with exit code 0; {n_better} beat the baseline; {n_verified} verified.",
        f"Model ready after {median(ready):.1f} s in the median, {max(ready):.1f} s at worst; exit by {slowest:.1f} s.",
        f"Suggested without being told: target right on {n_targets} of {len(rows)}, task right on {n_tasks}.",
    ]


if __name__ == "__main__":
    main()
