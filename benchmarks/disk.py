"""Measures how much disk trainings take: the most at any moment, and what stays, beside the size of the table.

Run `python -m benchmarks.disk FOLDER tables.json --tables adult satimage` on tables as `development_tables.py` takes
them; `--made-up ROWS` adds a table of that many rows and 31 columns. A line for each, and the bound that
`app/preflight.py` puts against it.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from app.preflight import CELL_BYTES, disk_needed
from benchmarks.large_table import made_up
from engine.config import ExperimentConfig
from engine.table.reading import read_table
from storage.workspace import Workspace, open_workspace

SAMPLE_SECONDS = 0.2
MEGABYTE = 1e6
PARTS = ("data", "features", "trials")


def taken_bytes(folder: Path) -> int:
    """Return what a folder takes of the disk: of files with empty places, only what is written."""
    total = 0
    for path in folder.rglob("*"):
        try:
            found = path.lstat()
        except OSError:  # gone meanwhile
            continue
        blocks = getattr(found, "st_blocks", None)  # in 512 bytes, where the system tells
        total += found.st_size if blocks is None else 512 * blocks
    return total


class DiskWatch:
    """Measures, beside a run, what its workspace and its temporary files take; in parts at the highest moment."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self._folder, self._scratch = folder, scratch
        self._before = taken_bytes(folder)
        self.peak_bytes, self.parts = 0, dict.fromkeys(PARTS, 0)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def grown_bytes(self) -> int:
        """How much more is taken now than before."""
        return taken_bytes(self._folder) - self._before

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            if (now := self.grown_bytes) > self.peak_bytes:
                self.peak_bytes = now
                self.parts = {part: taken_bytes(self._scratch / part) for part in PARTS}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one training took."""

    name: str
    n_rows: int
    n_columns: int
    peak_bytes: int
    kept_bytes: int
    parts: dict[str, int]
    n_candidates: int
    n_recipes: int

    def told(self, seconds: float) -> dict[str, Any]:
        """Return it with sizes in megabytes."""
        table = float(self.n_rows) * self.n_columns * CELL_BYTES
        sizes = {"table": table, "peak": self.peak_bytes, "kept": self.kept_bytes, **self.parts}
        sizes["bound"] = disk_needed(table, ExperimentConfig(seconds=seconds))
        counts = {"rows": self.n_rows, "columns": self.n_columns, "candidates": self.n_candidates}
        in_megabytes = {f"{what}_mb": round(size / MEGABYTE, 1) for what, size in sizes.items()}
        return {"name": self.name, **counts, "recipes": self.n_recipes, **in_megabytes}


def measured(name: str, table: Path, target: str, seconds: float) -> Measured:
    """Train on a table in a workspace of its own, the copy in MLflow included."""
    with tempfile.TemporaryDirectory() as made, open_workspace(Path(made) / "workspace") as place:
        dataset = read_table(table)
        dataset_id = place.datasets.save(dataset, source=table)
        config = ExperimentConfig(target=target, seconds=seconds)
        run_id = place.runs.create(owner="local", name=name, dataset_id=dataset_id, config=config)
        scratch, recipes = place.runs.folder(run_id) / "scratch", 0
        aside = Path(made) / "temporary"
        aside.mkdir()
        with DiskWatch(Path(made), scratch) as watch:
            worker = _started(place, run_id, aside)
            while worker.poll() is None:
                recipes = max(recipes, len(list((scratch / "features").glob("*"))))
                time.sleep(SAMPLE_SECONDS)
            _wait_for_the_mirror(place, run_id)
        return Measured(
            name=name,
            n_rows=dataset.n_rows,
            n_columns=len(dataset.schema.columns),
            peak_bytes=watch.peak_bytes,
            kept_bytes=watch.grown_bytes,
            parts=watch.parts,
            n_candidates=len(place.runs.progress(run_id).finished),
            n_recipes=recipes,
        )


def _started(place: Workspace, run_id: str, aside: Path) -> "subprocess.Popen[bytes]":
    place.runs.note_launch(run_id)
    command = [sys.executable, "-m", "app.worker", run_id, "--workspace", str(place.folder)]
    environment = {**os.environ, "TMPDIR": str(aside), "TEMP": str(aside)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _wait_for_the_mirror(place: Workspace, run_id: str, patience_seconds: float = 30.0) -> None:
    give_up = time.monotonic() + patience_seconds
    while place.runs.progress(run_id).mirrored is None and time.monotonic() < give_up:
        time.sleep(SAMPLE_SECONDS)


def main() -> None:
    """Measure each table and print a line for it."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="of the tables")
    parser.add_argument("index", type=Path)
    parser.add_argument("--tables", nargs="*", default=[])
    parser.add_argument("--made-up", type=int, nargs="*", default=[], metavar="ROWS")
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    index = {each["name"]: each for each in json.loads(options.index.read_text(encoding="utf-8"))}
    for name in options.tables:
        file = options.folder / index[name].get("file", f"{name}.csv")
        print(
            json.dumps(measured(name, file, index[name]["target"], options.seconds).told(options.seconds)), flush=True
        )
    for n_rows in options.made_up:
        with tempfile.TemporaryDirectory() as made:
            table = Path(made) / f"made_up_{n_rows}.parquet"
            made_up(n_rows, seed=0).to_parquet(table)
            found = measured(table.stem, table, "answer", options.seconds)
        print(json.dumps(found.told(options.seconds)), flush=True)


if __name__ == "__main__":
    main()
