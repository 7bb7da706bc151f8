"""Shows what each further candidate brings to a blend: on rows that did not choose it, and on a hold-out.

    python -m benchmarks.enough FOLDER INDEX.json [--tables NAME,NAME] [--seeds 1,2] [--candidates 36]

One line for each number of candidates: the nested loss that a search can see, and the loss on a quarter of the rows
that nobody has seen, both over those with as many candidates as the table can tell apart. Time plays no part in it, so
other programs may run beside. The fold models stand for each member, as they do in files of few rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.kept_search import KeptSearch, arguments, searches
from engine.blend.election import standing_candidates
from engine.search.proposals import most_candidates

TABLES = "vehicle,titanic,credit_g,pima_diabetes,concrete,heart,insurance,phoneme"
FEWEST = 4


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The loss of the blend of the first `n_candidates`, as the search sees it and on the hold-out."""

    n_candidates: int
    nested: float
    unseen: float


def main() -> None:
    """Measure table by table."""
    parser = arguments(__doc__, TABLES)
    parser.add_argument("--candidates", type=int, default=36)
    options = parser.parse_args()
    for name, kept in searches(options, candidates=options.candidates):
        show(name, kept.seed, len(kept.data.train.y), list(stages(kept)))


def show(name: str, seed: int, n_rows: int, found: list[Stage]) -> None:
    """Print the losses over those at the usual number of candidates."""
    usual = max((each for each in found if each.n_candidates <= most_candidates(n_rows)), key=lambda e: e.n_candidates)
    print(f"{name}, seed {seed}, {n_rows} rows; {usual.n_candidates} candidates are usual")
    for each in found:
        nested, unseen = each.nested / usual.nested, each.unseen / usual.unseen
        print(f"{each.n_candidates:6}  nested {nested:.3f}  unseen {unseen:.3f}", flush=True)


def stages(kept: KeptSearch) -> Iterator[Stage]:
    """Yield the stages of one search."""
    for n_candidates in range(FEWEST, max(each.number for each in kept.whole) + 1):
        ranked = kept.ranked(n_candidates)
        if len(ranked) < 2:
            continue
        choice = kept.choose(standing_candidates(ranked, kept.families))
        nested = kept.metric.loss(choice.score)
        yield Stage(n_candidates=n_candidates, nested=nested, unseen=kept.unseen_loss(choice))


if __name__ == "__main__":
    main()
