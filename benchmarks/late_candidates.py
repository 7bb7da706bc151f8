"""Shows what it costs and brings that late candidates must clearly help: how good a blend is, and how far it moves.

    python -m benchmarks.late_candidates FOLDER INDEX.json [--tables NAME,NAME] [--seeds 1,2,3] [--candidates 28]

One line for each search: the loss on a quarter of the rows that nobody has seen, of the blend of all candidates over
that of the rule, and how far both move with the last few candidates. Time plays no part in it, so other programs may
run beside. The fold models stand for each member, and no file is too large or too slow.
"""

import math
from statistics import fmean, pstdev

from benchmarks.kept_search import KeptSearch, arguments, searches
from engine.blend.choice import Choice
from engine.blend.election import standing_candidates
from engine.run.electing import stages_of

TABLES = "heart,pima_diabetes,concrete,credit_g,insurance,vehicle,titanic"
FEWER = 4  # candidates less than all, for how far a blend moves


def main() -> None:
    """Measure search by search, then say what they come to."""
    parser = arguments(__doc__, TABLES)
    parser.add_argument("--candidates", type=int, default=28)
    options = parser.parse_args()
    prices, moved_by_rule, moved_without = [], [], []
    for name, kept in searches(options, candidates=options.candidates):
        n_all = max(each.number for each in kept.whole)
        rule, before = (math.log(kept.unseen_loss(by_rule(kept, n))) for n in (n_all, n_all - FEWER))
        everyone, everyone_before = (math.log(kept.unseen_loss(of_all(kept, n))) for n in (n_all, n_all - FEWER))
        prices.append(rule - everyone)
        moved_by_rule.append(rule - before)
        moved_without.append(everyone - everyone_before)
        print(
            f"{name}, seed {kept.seed}: with the rule over without {math.exp(prices[-1]):.3f}; the last {FEWER} "
            f"candidates move it by {math.exp(moved_by_rule[-1]):.3f}, without the rule by "
            f"{math.exp(moved_without[-1]):.3f}",
            flush=True,
        )
    print(
        f"{len(prices)} searches: with the rule over without {math.exp(fmean(prices)):.4f}; spread of what the last "
        f"{FEWER} candidates change {pstdev(moved_by_rule):.4f}, without the rule {pstdev(moved_without):.4f}"
    )


def of_all(kept: KeptSearch, n_candidates: int) -> Choice:
    """Return the blend of the first so many candidates, chosen among all of them."""
    return kept.choose(standing_candidates(kept.ranked(n_candidates), kept.families))


def by_rule(kept: KeptSearch, n_candidates: int) -> Choice:
    """Return the blend of the first so many candidates, in which the late ones must clearly help."""
    stages = [n for n in stages_of(n_candidates, len(kept.data.train.y)) if n < n_candidates]
    known = [standing_candidates(kept.ranked(n), kept.families) for n in [*stages, n_candidates]]
    return kept.choose(known[-1], known[:-1])


if __name__ == "__main__":
    main()
