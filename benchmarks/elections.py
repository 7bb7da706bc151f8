"""Elects the blend of one search by several rules of who stands for election, and scores it on rows nobody has seen.

    python -m benchmarks.elections FOLDER INDEX.json [--tables NAME,NAME] [--seeds 1] [--seconds 300]

One line for each table: the loss on a quarter of the rows, over that of the 20 best. All rules choose among the
same candidates, so what else runs on the computer plays no part.
"""

from collections import Counter
from collections.abc import Callable, Mapping

from benchmarks.kept_search import arguments, searches
from engine.blend.election import standing_candidates
from engine.search.settings import SearchSettings

TABLES = "sms_spam,vehicle,wine_quality_white,phoneme,bengaluru_house,satimage,concrete,car"


def best_of_each(ranked: list[int], families: Mapping[int, str], most: int) -> list[int]:
    """Return at most so many candidates of each family, the best first."""
    so_far: Counter[str] = Counter()
    standing = []
    for number in ranked:
        so_far[families[number]] += 1
        if so_far[families[number]] <= most:
            standing.append(number)
    return standing


RULES: dict[str, Callable[[list[int], Mapping[int, str]], list[int]]] = {
    "20 best": lambda ranked, _: ranked[:20],
    "all": lambda ranked, _: ranked,
    "at most 4 of a family": lambda ranked, families: best_of_each(ranked, families, 4),
    "the rule in use": standing_candidates,
}


def main() -> None:
    """Measure table by table."""
    parser = arguments(__doc__, TABLES)
    parser.add_argument("--seconds", type=float, default=300.0)
    options = parser.parse_args()
    settings = SearchSettings(use_all_time=True)
    for name, kept in searches(options, seconds=options.seconds, search=settings):
        ranked, families = kept.ranked(), kept.families
        losses = {rule: kept.unseen_loss(kept.choose(standing(ranked, families))) for rule, standing in RULES.items()}
        told = ", ".join(f"{rule} {loss / losses['20 best']:.3f}" for rule, loss in losses.items())
        print(f"{name}, seed {kept.seed}, {len(ranked)} candidates: {told}", flush=True)


if __name__ == "__main__":
    main()
