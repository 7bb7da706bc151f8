"""Measures how often reported 95 % intervals hold the score that an endless test would give.

python benchmarks/interval_coverage.py [--draws 1000] [--rows 500] [--metric auc ...] [--world NAME]

Draws test sets from made-up worlds, asks for the interval of every metric of the task as a run does
(engine/insight/intervals.py), and counts how often it holds the score on a large independent sample. With 1,000 draws a
true 95 % shows as 93.6 to 96.4 in 95 of 100 tries. The last lines measure the intervals around single predictions
(engine/blend/decision.py), fitted on one sample and tried on another.
"""

import argparse
from collections.abc import Callable

import numpy as np

from engine.blend.decision import decide
from engine.blend.decisions import DecisionSettings
from engine.insight.intervals import estimates
from engine.tasks.metric import metric_named, metrics_for
from engine.tasks.task import Task, TaskKind

World = Callable[[np.random.Generator, int], tuple[np.ndarray, ...]]
LARGE = 2_000_000
WANTED = 0.9


def two(share: float) -> World:
    """Return a world of two answers, the one looked for having this share."""

    def draw(random: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        y = (random.random(n) < share).astype(np.int64)
        odds = 1.3 * (random.normal(size=n) + 1.3 * y - 0.65) + np.log(share / (1 - share))
        chance = 1 / (1 + np.exp(-odds))
        return y, np.column_stack([1 - chance, chance])

    return draw


def three(random: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw from a world of three answers."""
    y = random.choice(3, n, p=[0.5, 0.3, 0.2])
    raw = np.exp(random.normal(size=(n, 3)) + 1.2 * np.eye(3)[y])
    return y, raw / raw.sum(axis=1, keepdims=True)


def numbers(random: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw from a world of numbers whose errors are now and then large."""
    predicted = random.normal(10, 3, n)
    return predicted + random.standard_t(6, n), predicted


def together(n_each: int) -> World:
    """Return a world of two answers whose rows come in groups of so many that are wrong together."""

    def draw(random: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
        groups = np.arange(n) // n_each
        own = random.normal(size=groups[-1] + 1)[groups]
        y = (random.random(n) < 1 / (1 + np.exp(-own))).astype(np.int64)
        other = random.normal(size=groups[-1] + 1)[groups]
        chance = 1 / (1 + np.exp(-(0.7 * own + 0.7 * other + 0.3 * random.normal(size=n))))
        return y, np.column_stack([1 - chance, chance]), groups

    return draw


WORLDS: dict[str, tuple[TaskKind, World]] = {
    "two answers, even": (TaskKind.BINARY, two(0.5)),
    "two answers, one rare (10 %)": (TaskKind.BINARY, two(0.1)),
    "three answers": (TaskKind.MULTICLASS, three),
    "numbers": (TaskKind.REGRESSION, numbers),
    "50 groups of 10 rows that belong together": (TaskKind.BINARY, together(10)),
    "20 groups of 25": (TaskKind.BINARY, together(25)),
    "10 groups of 50": (TaskKind.BINARY, together(50)),
    "5 groups of 100": (TaskKind.BINARY, together(100)),
}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=1_000)
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--metric", nargs="*", help="only these")
    parser.add_argument("--world", default="", help="only those whose name holds this")
    options = parser.parse_args()
    print("| world | metric | truth | covered of 100 | below | above |\n|---|---|---|---|---|---|")
    for name, (kind, world) in WORLDS.items():
        if options.world not in name:
            continue
        for key, (truth, low, high) in covered(kind, world, options.draws, options.rows, options.metric).items():
            held = 100 - low - high
            print(f"| {name} | {key} | {truth:.4f} | {held:.1f} | {low:.1f} | {high:.1f} |", flush=True)
    print(f"\nIntervals around single predictions, promised {100 * WANTED:.0f} of 100: {conformal(options.rows)}")


def covered(
    kind: TaskKind, world: World, n_draws: int, n_rows: int, only: list[str] | None
) -> dict[str, tuple[float, float, float]]:
    """Return by metric the true score, and of 100 intervals how many lie below it and above it."""
    metrics = [metric for metric in metrics_for(kind) if not only or metric.key in only]
    if not metrics:
        return {}
    y, predicted = world(np.random.default_rng((0, 2)), LARGE)[:2]
    truth = {metric.key: metric.score(y, predicted, None) for metric in metrics}
    missed = {metric.key: [0, 0] for metric in metrics}
    for seed in range(n_draws):
        # Rows and draws need chances of their own: from one seed they would be alike.
        y, predicted, *groups = world(np.random.default_rng((seed, 1)), n_rows)
        found = estimates(metrics, y, predicted, groups=groups[0] if groups else None, seed=seed)
        for key, each in found.items():
            missed[key][0] += each.high < truth[key]
            missed[key][1] += each.low > truth[key]
    return {key: (truth[key], 100 * a / n_draws, 100 * b / n_draws) for key, (a, b) in missed.items()}


def conformal(n_rows: int, n_draws: int = 200) -> str:
    """Return the share of truths within intervals that were fitted on other rows: the mean and the spread of draws."""
    task = Task(kind=TaskKind.REGRESSION, targets=("y",))
    shares = []
    for seed in range(n_draws):
        random = np.random.default_rng(seed)
        y, predicted = numbers(random, n_rows)[:2]
        settings = DecisionSettings(coverage=WANTED)
        decision, _judged = decide(task, y, predicted, None, metric_named("rmse"), settings, seed=seed)
        shares.append(float(decision.holds(*numbers(random, 20_000)).mean()))
    low, high = np.quantile(shares, [0.05, 0.95])
    return f"{100 * np.mean(shares):.1f} (90 of 100 draws: {100 * low:.1f} to {100 * high:.1f})"


if __name__ == "__main__":
    main()
