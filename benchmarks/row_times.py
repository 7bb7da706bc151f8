"""Shows how well the time of a row is reckoned before there is a file: of fold models one by one, and of some together.

    python -m benchmarks.row_times FOLDER INDEX.json [--tables NAME,NAME] [--seeds 1,2] [--seconds 45]

One line for each file: what a row was reckoned to take, and what it takes through the file. A search is chosen from by
what is reckoned, so that nothing is fitted again that rows would be too slow through.
"""

import random
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.kept_search import KeptSearch, arguments, searches
from engine.blend.final import FinalModel
from engine.graph.assemble import assemble
from engine.graph.row_times import row_times
from engine.outcomes import Member
from engine.run.finish import CHECKED_ROWS, MemberPlan, members_of
from engine.run.members import load_of

TABLES = "segment,satimage,seoul_bike,wine_quality_white,diamonds,phoneme,titanic"
TOGETHER, MOST_MEMBERS = 14, 5
MATTERS_MS = 0.2  # below, the columns of a table decide more than the trees


def main() -> None:
    """Measure search by search, then say what the files come to."""
    parser = arguments(__doc__, TABLES)
    parser.add_argument("--seconds", type=float, default=45.0)
    options = parser.parse_args()
    found = []
    for name, kept in searches(options, seconds=options.seconds):
        for numbers in groups(kept):
            reckoned_ms, measured_ms = times(kept, numbers)
            found.append((reckoned_ms, measured_ms / reckoned_ms))
            families = " ".join(kept.families[number] for number in numbers)
            print(f"{name}: {families}: reckoned {reckoned_ms:.3f} ms, measured {measured_ms:.3f} ms", flush=True)
    for least_ms in (0.0, MATTERS_MS):
        ratios = [ratio for reckoned_ms, ratio in found if reckoned_ms >= least_ms]
        low, middle, high = np.quantile(ratios, [0.05, 0.5, 0.95])
        print(
            f"{len(ratios)} files reckoned to take {least_ms} ms or more: measured over reckoned {middle:.2f} in the "
            f"median, nine in ten {low:.2f} to {high:.2f}"
        )


def groups(kept: KeptSearch) -> Iterator[Sequence[int]]:
    """Yield each candidate alone, then some drawn at random."""
    numbers, chance = kept.ranked(), random.Random(kept.seed)
    yield from ([number] for number in numbers)
    for _ in range(TOGETHER):
        yield chance.sample(numbers, min(len(numbers), chance.randint(2, MOST_MEMBERS)))


def times(kept: KeptSearch, numbers: Sequence[int]) -> tuple[float, float]:
    """Return what a row takes through one fold model of each of these candidates, reckoned and measured, in ms."""
    data, families = kept.data, kept.families
    members = [Member(number=number, family=families[number], weight=1 / len(numbers)) for number in numbers]
    plans = [MemberPlan(member=member, n_refits=0, n_folds=1) for member in members]
    model = FinalModel(
        task=data.task, columns=data.columns, members=members_of(kept.folder, plans), target_scale=data.target_scale
    )
    measured = row_times(assemble(model), model.columns, data.train.frame.head(CHECKED_ROWS))
    reckoned_ms = sum(load_of(kept.results[number], larger=1.0).row_ms for number in numbers)
    return reckoned_ms, measured.calm_microseconds / 1e3


if __name__ == "__main__":
    main()
