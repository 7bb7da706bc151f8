"""Does a quarter of the rows tell which candidates are good? Successive halving over rows rests on that.

python -m benchmarks.ways.rows FOLDER INDEX

Random LightGBM candidates are fitted on all rows of larger tables and on a quarter, and judged on the same others.
"""

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from scipy.stats import spearmanr

from benchmarks.ways.record import DividedTable
from engine.families.family import family_named
from engine.search.data import shape_of
from engine.search.space import SearchSpace

TABLES = ("diamonds", "electricity")
N_ROWS, N_CANDIDATES = 16_000, 12
JUDGED, KEPT = 0.25, 0.25  # shares of the rows: those that judge, and of the others those of the small fit


def main() -> None:
    """Print, for each table, how well the ranks agree and what halving would have saved and lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("index", type=Path)
    options = parser.parse_args()
    entries = json.loads(options.index.read_text(encoding="utf-8"))
    print("| table | rank correlation | time of a small fit | time with halving | best given up | loss with halving |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        for entry in entries:
            if entry["name"] in TABLES:
                print(_compared(DividedTable(entry, options.folder, Path(place), N_ROWS)))


def _compared(table: DividedTable) -> str:
    n_rows = len(table.data.train.y)
    draw = np.random.default_rng(3).random((2, n_rows))
    judged = draw[0] < JUDGED
    folds = np.where(judged, 0, -1).astype(np.int16)  # one fold: its rows judge, all others are learnt from
    small = np.flatnonzero(judged | (draw[1] < KEPT))
    whole = replace(table.data, folds=folds[None, :])
    part = replace(table.data, train=table.data.train.take(small), folds=folds[small][None, :])
    space = SearchSpace(families=(family_named("lightgbm"),), shape=shape_of(whole))
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=9))
    points = [_plain(space.propose(study.ask(), "lightgbm")) for _ in range(N_CANDIDATES)]
    folder = table.folder
    table.keep(whole, folder.with_name(f"{table.name}_all"))
    large = [table.tried("lightgbm", point) for point in points]
    table.keep(part, folder.with_name(f"{table.name}_part"))
    return _line(table.name, large, [table.tried("lightgbm", point) for point in points])


def _plain(point: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in point.items() if "." not in name}


def _line(name: str, large: Sequence[Mapping[str, Any]], small: Sequence[Mapping[str, Any]]) -> str:
    losses, first = [[each["losses"][0] for each in tried] for tried in (large, small)]
    seconds, quick = [np.array([each["seconds"] for each in tried]) for tried in (large, small)]
    kept = np.argsort(first)[: len(first) // 2]
    time = (quick.sum() + seconds[kept].sum()) / seconds.sum()
    lost = min(losses[i] for i in kept) / min(losses)
    agree = spearmanr(losses, first).statistic
    given_up = "yes" if lost > 1 else "no"
    return f"| {name} | {agree:.2f} | {quick.sum() / seconds.sum():.0%} | {time:.0%} | {given_up} | {lost:.3f} |"


if __name__ == "__main__":
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    main()
