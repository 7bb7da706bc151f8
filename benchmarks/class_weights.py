"""Shows what weights of classes bring where a class is rare: the same search with and without, on rows nobody has seen.

    python -m benchmarks.class_weights FOLDER INDEX.json [--tables NAME,NAME] [--seeds 1,2] [--candidates 24]

One line for each table and seed: how many candidates weighed classes, how many of those are in the blend, and the
blend's loss on a quarter of the rows over that of the search which could not weigh: below 1 is better. Time plays no
part in it, so other programs may run beside.
"""

from unittest.mock import patch

import numpy as np

from benchmarks.kept_search import KeptSearch, arguments, searches
from engine.search.point import TARGET
from engine.search.turning import AS_THEY_ARE, CLASS_WEIGHTS

TABLES = "mammography,car,sms_spam,satimage"


def main() -> None:
    """Search each table with each seed twice."""
    parser = arguments(__doc__, TABLES)
    parser.add_argument("--candidates", type=int, default=24)
    options = parser.parse_args()
    with patch("engine.search.turning.RARE_CLASS", 0.0):  # no class is as rare as that
        without = [loss_of(kept) for _, kept in searches(options, candidates=options.candidates)]
    ratios = []
    for (name, kept), loss in zip(searches(options, candidates=options.candidates), without, strict=True):
        weighed = {
            each.number
            for each in kept.whole
            if each.parameters.get(TARGET + CLASS_WEIGHTS, AS_THEY_ARE) != AS_THEY_ARE
        }
        members = {number for number, _ in kept.choose(kept.ranked()).members}
        ratios.append(loss_of(kept) / loss)
        print(
            f"{name:20} {kept.seed}  weighed {len(weighed)} of {len(kept.whole)},"
            f" in the blend {len(weighed & members)} of {len(members)}, loss {ratios[-1]:.3f}",
            flush=True,
        )
    print(f"mean {np.exp(np.mean(np.log(ratios))):.3f}")


def loss_of(kept: KeptSearch) -> float:
    """Return the loss of the blend of a search's candidates on the rows set aside."""
    return kept.unseen_loss(kept.choose(kept.ranked()))


if __name__ == "__main__":
    main()
