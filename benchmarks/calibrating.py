"""Calibrates the blends of searches with few rows, and judges them by the rows set aside.

    python -m benchmarks.calibrating FOLDER INDEX.json --tables NAME,NAME [--seeds 1,2,3] [--seconds 40]
        [--rows 334 [--draw 1]]

`--rows`: draw so many of each table first, three quarters of them to learn from; `--draw`: another draw of them. One
line for each search: the log loss as the scores are, and over that with temperatures found out of fold, with so many
imagined rows whose answer is any. All are of the same blend on the same rows, so what else runs on the computer plays
no part.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.kept_search import KeptSearch, arguments, searches
from engine.blend.calibration import best_temperature
from engine.search.kept import load_out_of_fold, place_of
from engine.search.scoring import predicted
from engine.tasks.metric import metric_named

N_IMAGINED = (0.0, 0.5, 1.0, 2.0)


def main() -> None:
    """Measure search by search."""
    parser = arguments(__doc__, "vehicle")
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--draw", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if options.rows is not None:
            options.folder = _drawn(options, Path(name))
        for table, kept in searches(options, seconds=options.seconds):
            lost = losses_of(kept)
            told = ", ".join(f"{n:g}: {each / lost[0]:.3f}" for n, each in zip(N_IMAGINED, lost[1:], strict=True))
            print(f"{table}, seed {kept.seed}, {len(kept.data.train.y)} rows: {lost[0]:.4f}; {told}", flush=True)


def losses_of(kept: KeptSearch) -> list[float]:
    """Return the log loss on the rows set aside: as the scores are, then with each number of imagined rows."""
    choice, train, log_loss = kept.choose(kept.ranked()), kept.data.train, metric_named("log_loss")
    own = [share * load_out_of_fold(place_of(kept.folder, number)) for number, share in choice.members]
    raw, y = np.sum(own, axis=0), np.asarray(train.y).astype(np.int64)
    temperatures = [1.0, *(best_temperature(raw, y, train.weight, n_imagined=n) for n in N_IMAGINED)]
    said = [predicted(kept.unseen_scores(choice) / temperature, kept.data) for temperature in temperatures]
    return [log_loss.score(kept.data.holdout.y, each, kept.data.holdout.weight) for each in said]


def _drawn(options: argparse.Namespace, place: Path) -> Path:
    for name in options.tables.split(","):
        table = pd.read_csv(options.folder / f"{name}.csv")
        drawn = table.sample(min(options.rows, len(table)), random_state=options.draw)
        drawn.to_csv(place / f"{name}.csv", index=False)
    return place


if __name__ == "__main__":
    main()
