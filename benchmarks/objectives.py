"""Chooses the blend of one search by other measures than the run's own, on half of the rows, and judges the other half.

    python -m benchmarks.objectives FOLDER INDEX.json [--tables NAME,NAME] [--seeds 1,2,3] [--seconds 60] [--halves 8]

For tables of two classes that are judged by AUC. One line for each search: the error (1 - AUC) of out-of-fold scores on
the halves that did not choose, over that of choosing by AUC, the mean of their logarithms. All choose among the same
candidates on the same halves, so what else runs on the computer plays no part.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from benchmarks.kept_search import KeptSearch, arguments, searches
from engine.blend.ensemble import choose_blend
from engine.blend.link import link_to_prediction
from engine.search.even_parts import even_parts
from engine.search.kept import load_out_of_fold, place_of
from engine.tasks.metric import Metric, metric_named

TABLES = "mammography"
MOST_CANDIDATES = 40
N_DRAWS, SHARE_OF_DRAW = 6, 0.6
LEAST = 1e-6

Choose = Callable[[Sequence[np.ndarray], np.ndarray, KeptSearch, int], np.ndarray]


def main() -> None:
    """Measure search by search."""
    parser = arguments(__doc__, TABLES)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--halves", type=int, default=8)
    options = parser.parse_args()
    for name, kept in searches(options, seconds=options.seconds):
        errors = np.array([errors_of(kept, seed) for seed in range(options.halves)])
        ratios = np.exp(np.log(errors / errors[:, :1]).mean(axis=0))
        told = ", ".join(f"{rule} {ratio:.3f}" for rule, ratio in zip(RULES, ratios, strict=True))
        print(f"{name}, seed {kept.seed}, {len(kept.whole)} candidates: {told}", flush=True)


def errors_of(kept: KeptSearch, seed: int) -> list[float]:
    """Return the error of each rule on both halves of the rows, each blended with what the other has chosen."""
    y, task = np.asarray(kept.data.train.y), kept.data.task
    standing = kept.ranked()[:MOST_CANDIDATES]
    raw = [load_out_of_fold(place_of(kept.folder, number)) for number in standing]
    half = even_parts(y, task, 2, np.random.default_rng(seed))
    errors = []
    for choose in RULES.values():
        lost = []
        for own in (0, 1):
            rows, others = np.flatnonzero(half == own), np.flatnonzero(half != own)
            weights = choose([scores[rows] for scores in raw], y[rows], kept, seed)
            blended = np.sum([share * scores[others] for share, scores in zip(weights, raw, strict=True)], axis=0)
            lost.append(1.0 - kept.metric.score(y[others], link_to_prediction(blended, task), None))
        errors.append(float(np.mean(lost)))
    return errors


def chosen_by(metric: Metric, raw: Sequence[np.ndarray], y: np.ndarray, kept: KeptSearch, seed: int) -> np.ndarray:
    """Return the weights that are best by this metric."""
    return np.array(choose_blend(raw, y, kept.data.task, metric, seed=seed).weights)


def chosen_on_draws(raw: Sequence[np.ndarray], y: np.ndarray, kept: KeptSearch, seed: int) -> np.ndarray:
    """Return the mean of the weights that are best on draws of the rows."""
    generator = np.random.default_rng(seed)
    total = np.zeros(len(raw))
    for _ in range(N_DRAWS):
        drawn = np.sort(generator.permutation(len(y))[: round(SHARE_OF_DRAW * len(y))])
        total += chosen_by(kept.metric, [scores[drawn] for scores in raw], y[drawn], kept, seed)
    return total / N_DRAWS


def _both() -> Metric:
    auc, log_loss = metric_named("auc"), metric_named("log_loss")

    def score(y: np.ndarray, predicted: np.ndarray, weight: np.ndarray | None) -> float:
        lost = max(LEAST, 1.0 - auc.score(y, predicted, weight))
        return -float(np.log(lost) + np.log(max(LEAST, log_loss.score(y, predicted, weight))))

    return replace(auc, key="auc and log loss", score=score)


RULES: dict[str, Choose] = {
    "AUC": partial(chosen_by, metric_named("auc")),
    "log loss": partial(chosen_by, metric_named("log_loss")),
    "both": partial(chosen_by, _both()),
    "AUC on draws of the rows": chosen_on_draws,
}

if __name__ == "__main__":
    main()
