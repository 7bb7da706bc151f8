"""Calibrates the blends of searches with few rows or rare answers, and judges them by thousands of rows set aside.

    python -m benchmarks.calibrating FOLDER INDEX.json [--tables NAME,NAME] [--rare NAME,NAME] [--rows 300,1000,3500]
        [--seeds 1,2] [--seconds 18]

So many rows of each table are drawn to learn from; up to 8,000 others judge. `--rare`: tables with a made-up answer
that one row in forty has, as in `rare_answers`, 1,200 and 5,000 rows. One line for each search: the log loss of the
scores as they come, of models fitted three times on all rows as in the file, and over that with what each `Likely`
makes of the out-of-fold scores; then the means. All are of the same blend on the same rows, so what else runs on the
computer plays no part.
"""

import argparse
from collections.abc import Iterator
from math import exp, log
from statistics import fmean

import numpy as np

from benchmarks.drawn_search import drawn_search, judged_search, table_of
from benchmarks.kept_search import KeptSearch, arguments, index_of
from benchmarks.rare_answers import ANSWER, divided, refitted_scores, told, with_answer
from engine.blend.calibration import Likely, calibration
from engine.search.kept import load_out_of_fold, place_of
from engine.search.scoring import predicted
from engine.tasks.metric import metric_named

TABLES = "adult,electricity,phoneme,telco_churn,sms_spam,satimage,segment,car,vehicle"
RARE = "adult,electricity,bike_sharing_hour,diamonds,satimage"
RARE_ROWS = (1_200, 5_000)
WAYS = {
    "temperature alone": Likely(surer=0.3, shift=0.01),
    "shifts alone": Likely(surer=0.01, less_sure=0.01),
    **{
        f"{surer:g}, {less_sure:g}, {shift:g}": Likely(surer=surer, less_sure=less_sure, shift=shift)
        for surer in (0.1, 0.3, 1.0)
        for less_sure in (0.1, 0.3)
        for shift in (0.2, 0.4, 0.8)
    },
}
LOG_LOSS = metric_named("log_loss")


def main() -> None:
    """Measure search by search, then say what they come to."""
    parser = arguments(__doc__, TABLES)
    parser.add_argument("--rare", default=RARE)
    parser.add_argument("--rows", default="300,1000,3500")
    parser.add_argument("--seconds", type=float, default=18.0)
    options = parser.parse_args()
    logs = dict[str, list[float]]()
    for name, kept in judged_searches(options):
        lost, ratios = compared(kept)
        print(f"{name}, seed {kept.seed}, {len(kept.data.train.y)} rows: {lost:.4f}; {told(ratios)}", flush=True)
        for way, ratio in ratios.items():
            logs.setdefault(way, []).append(log(ratio))
    print("all: " + told({way: exp(fmean(each)) for way, each in logs.items()}))
    print("worst: " + told({way: exp(max(each)) for way, each in logs.items()}))


def judged_searches(options: argparse.Namespace) -> Iterator[tuple[str, KeptSearch]]:
    """Search each table with each number of rows and seed; the rows set aside are all others."""
    index, seconds = index_of(options), options.seconds
    for seed in map(int, options.seeds.split(",")):
        for name in filter(None, options.tables.split(",")):
            dataset = table_of(options.folder, index[name])
            for n_rows in map(int, options.rows.split(",")):
                yield from drawn_search(dataset, n_rows, target=index[name]["target"], seed=seed, seconds=seconds)
        for name in filter(None, options.rare.split(",")):
            dataset = with_answer(options.folder / index[name].get("file", f"{name}.csv"), index[name])
            for n_rows in RARE_ROWS:
                asked, cells = divided(dataset, n_rows, seed)
                yield from judged_search(asked, dataset.with_frame(cells), target=ANSWER, seed=seed, seconds=seconds)


def compared(kept: KeptSearch) -> tuple[float, dict[str, float]]:
    """Return the log loss on the rows set aside of the scores as they come, and of each way over that."""
    choice, train, aside = kept.choose(kept.ranked()), kept.data.train, kept.data.holdout
    own = [share * load_out_of_fold(place_of(kept.folder, number)) for number, share in choice.members]
    raw, said = np.sum(own, axis=0), refitted_scores(kept, choice)
    rows = np.flatnonzero(np.isfinite(raw).all(axis=1))
    weight = None if train.weight is None else train.weight[rows]

    def loss(scores: np.ndarray) -> float:
        return LOG_LOSS.score(aside.y, predicted(scores, kept.data), aside.weight)

    plain = loss(said)
    ways = {
        way: calibration(raw[rows], train.y[rows], kept.data.task, weight, likely=each) for way, each in WAYS.items()
    }
    return plain, {way: loss(each.calibrated(said)) / plain for way, each in ways.items()}


if __name__ == "__main__":
    main()
