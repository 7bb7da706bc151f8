"""Asks how many times the members of a blend should be fitted again on all rows, each time with another seed.

    python -m benchmarks.seeds FOLDER INDEX.json [--tables NAME,NAME] [--rows 2500] [--seeds 1,2] [--seconds 25]

So many rows of each table are drawn to learn from; up to 8,000 others judge. One line for each search: the loss with
1, 2, 3, 5 and 9 fits of each member over that with 3, and in brackets its spread over which seeds they are.
"""

from math import exp, log
from statistics import fmean

import numpy as np

from benchmarks.drawn_search import drawn_search, table_of
from benchmarks.kept_search import KeptSearch, arguments, index_of
from benchmarks.rare_answers import refitted_members

TABLES = "phoneme,electricity,satimage,bike_sharing_hour,adult,wine_quality_white,diamonds,mammography,seoul_bike"
MOST = 9
COUNTS, USUAL = (1, 2, 3, 5, MOST), 3
N_DRAWS = 12


def main() -> None:
    """Measure search by search, then say what they come to."""
    parser = arguments(__doc__, TABLES)
    parser.add_argument("--rows", type=int, default=2500)
    parser.add_argument("--seconds", type=float, default=25.0)
    options = parser.parse_args()
    logs: dict[int, list[float]] = {count: [] for count in COUNTS}
    for name in options.tables.split(","):
        entry = index_of(options)[name]
        dataset = table_of(options.folder, entry)
        for seed in map(int, options.seeds.split(",")):
            found = drawn_search(dataset, options.rows, target=entry["target"], seed=seed, seconds=options.seconds)
            for _, kept in found:
                losses = losses_of(kept)
                usual = fmean(losses[USUAL])
                told = (f"{n}: {fmean(each) / usual:.4f} ({np.std(each) / usual:.4f})" for n, each in losses.items())
                print(f"{name}, seed {seed}: {usual:.5f}; {', '.join(told)}", flush=True)
                for count, each in losses.items():
                    logs[count].append(log(fmean(each) / usual))
    print("all: " + ", ".join(f"{count}: {exp(fmean(each)):.4f}" for count, each in logs.items()))


def losses_of(kept: KeptSearch) -> dict[int, list[float]]:
    """Return the losses on the rows set aside for each number of fits, with several draws of seeds."""
    choice = kept.choose(kept.ranked())
    fits = refitted_members(kept, choice, MOST)
    draw = np.random.default_rng(0)

    def loss(count: int) -> float:
        parts = [
            share * np.mean([each[copy] for copy in draw.permutation(MOST)[:count]], axis=0)
            for (_, share), each in zip(choice.members, fits, strict=True)
        ]
        return kept.loss_of(choice.calibration.calibrated(np.sum(parts, axis=0)))

    return {count: [loss(count) for _ in range(N_DRAWS if count < MOST else 1)] for count in COUNTS}


if __name__ == "__main__":
    main()
