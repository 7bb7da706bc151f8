"""Calibrates the blends of searches with few rows, and judges them by the rows set aside.

    python -m benchmarks.calibrating FOLDER INDEX.json --tables NAME,NAME [--seeds 1,2,3] [--seconds 40] [--rows 334]

`--rows`: draw so many of each table first, three quarters of them to learn from. One line for each search: the log loss
as the scores are, and over that with temperatures found out of fold, with so many imagined rows whose answer is any.
All are of the same blend on the same rows, so what else runs on the computer plays no part.
"""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.kept_search import KeptSearch, arguments, searches
from engine.blend.calibration import best_temperature
from engine.blend.link import link_to_prediction
from engine.features.pipeline import transform
from engine.search.trial import load_folds
from engine.tasks.metric import metric_named

N_IMAGINED = (0.0, 0.5, 1.0, 2.0)


def main() -> None:
    """Measure search by search."""
    parser = arguments(__doc__, "vehicle")
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--rows", type=int)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if options.rows is not None:
            options.folder = _drawn(options.folder, options.tables.split(","), options.rows, Path(name))
        for table, kept in searches(options, seconds=options.seconds):
            lost = losses_of(kept)
            told = ", ".join(f"{n:g}: {each / lost[0]:.3f}" for n, each in zip(N_IMAGINED, lost[1:], strict=True))
            print(f"{table}, seed {kept.seed}, {len(kept.data.train.y)} rows: {lost[0]:.4f}; {told}", flush=True)


def losses_of(kept: KeptSearch) -> list[float]:
    """Return the log loss on the rows set aside: as the scores are, then with each number of imagined rows."""
    members = kept.choose(kept.ranked()).members
    folds = {number: load_folds(kept.folder / "trials" / str(number)) for number, _ in members}
    holdout, y = kept.data.holdout, np.asarray(kept.data.train.y).astype(np.int64)
    own = np.sum([w * np.load(kept.folder / "trials" / str(n) / "oof.npy") for n, w in members], axis=0)
    unseen = np.sum(
        [w * np.mean([m.raw(transform(m.pipeline, holdout.frame)) for m in folds[n]], axis=0) for n, w in members],
        axis=0,
    )
    heats = [1.0, *(best_temperature(own, y, kept.data.train.weight, n_imagined=n) for n in N_IMAGINED)]
    log_loss = metric_named("log_loss")
    return [log_loss.score(holdout.y, link_to_prediction(unseen / heat, kept.data.task), None) for heat in heats]


def _drawn(folder: Path, names: list[str], n_rows: int, place: Path) -> Path:
    for name in names:
        table = pd.read_csv(folder / f"{name}.csv")
        table.sample(min(n_rows, len(table)), random_state=0).to_csv(place / f"{name}.csv", index=False)
    return place


if __name__ == "__main__":
    main()
