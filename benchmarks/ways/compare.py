"""Compares ways, samplers and pruners on recorded candidates: nothing is trained, so many seeds are cheap.

python -m benchmarks.ways.compare [--trials trials.jsonl] [--seeds 10]

For each table and family a Gaussian process learns loss and seconds from the recorded parameters and stands for the
real fits (a surrogate benchmark: Eggensperger et al., AAAI 2015). Pruners are replayed on the recorded folds.
Scores: 0 is the best that any search found on the table, 1 the best of where all begin, which is the first starting
point of each family: how much of what could be gained was left.
"""

import argparse
import json
import statistics
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.families.family import family_named
from engine.search.policy import LAG
from engine.search.proposals import Proposer
from engine.search.pruners.pruner import Race, pruners
from engine.search.samplers.sampler import samplers
from engine.search.settings import SearchSettings, WayKey
from engine.shape import Shape
from engine.tasks.task import TaskKind

HERE = Path(__file__).parent
BUDGETS = (20, 40)  # candidates, the starting points among them
SHUFFLES = 30
OFFSET = 1e-3  # added to losses before the logarithm
MARGIN = 0.15  # as in a run: of the way from the worst family's level to the best candidate
KINDS = {"log_loss": TaskKind.MULTICLASS, "auc": TaskKind.BINARY}
Line = Mapping[str, Any]


def main() -> None:
    """Print the tables of the comparison."""
    options = _options()
    lines = [json.loads(text) for text in options.trials.read_text(encoding="utf-8").splitlines()]
    tables: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line["losses"]:
            tables[line["table"]].append(line)
    worlds = [World.learnt(name, own) for name, own in tables.items()]
    print(f"{len(lines)} candidates on {len(worlds)} tables, {options.seeds} seeds\n")
    _report("way", {way: SearchSettings(way=way) for way in WayKey}, worlds, options.seeds)
    installed = [each.key for each in samplers() if each.available() is None]
    _report(
        "sampler", {key: SearchSettings(way="conditioning", sampler=key) for key in installed}, worlds, options.seeds
    )
    _report_pruners(tables)


@dataclass(frozen=True, kw_only=True)
class World:
    """A table as it was recorded. `models`: of a family, from its encoded parameters to loss and seconds."""

    name: str
    shape: Shape
    families: tuple[str, ...]
    models: Mapping[str, Callable[[Mapping[str, Any]], tuple[float, float]]]

    @staticmethod
    def learnt(name: str, lines: Sequence[Line]) -> "World":
        """Learn what stands for the real fits."""
        families = tuple(dict.fromkeys(line["family"] for line in lines))
        own = {family: [line for line in lines if line["family"] == family] for family in families}
        kind = KINDS.get(lines[0]["metric"], TaskKind.REGRESSION)
        # The size that was recorded; the kind matters to a space only through the number of classes.
        shape = Shape(n_rows=2_400, n_columns=12, n_classes=0, kind=kind, n_numbers=12)
        return World(name=name, shape=shape, families=families, models={key: _model(own[key]) for key in families})

    def searched(self, settings: SearchSettings, seed: int, n_candidates: int) -> list[tuple[float, float]]:
        """Return loss and seconds of the candidates of one search."""
        families = [family_named(key) for key in self.families]
        points = [(family, family.starting_points[0]) for family in families]
        proposer = Proposer(families, self.shape, seed=seed, points=points, settings=settings)
        found: list[tuple[float, float]] = []
        for number in range(n_candidates):
            if number > LAG:
                proposer.tell(number - LAG - 1, found[number - LAG - 1][0])
            proposal = proposer.propose()
            if proposal is None:
                break
            found.append(self.models[proposal.family](proposal.parameters))
        return found


def _model(lines: Sequence[Line]) -> Callable[[Mapping[str, Any]], tuple[float, float]]:
    """Return a Gaussian process: unlike a forest it can go below what was recorded, as a search is meant to."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    axes = [axis for axis in _axes(lines) if len({axis(line["parameters"]) for line in lines}) > 1]
    X = np.array([[axis(line["parameters"]) for axis in axes] for line in lines])
    y = np.array([[np.log(np.mean(line["losses"]) + OFFSET), np.log(line["seconds"] + 1e-2)] for line in lines])
    level, scale = y.mean(axis=0), y.std(axis=0) + 1e-12
    kernel = ConstantKernel() * Matern(np.ones(len(axes)), (0.1, 20.0), nu=2.5) + WhiteKernel(0.05, (1e-4, 0.5))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a length at the end of its range: the parameter does nothing
        processes = [
            GaussianProcessRegressor(kernel, random_state=0).fit(X, column) for column in ((y - level) / scale).T
        ]

    def told(parameters: Mapping[str, Any]) -> tuple[float, float]:
        row = np.array([[axis(parameters) for axis in axes]])
        loss, seconds = np.array([float(each.predict(row)[0]) for each in processes]) * scale + level
        return float(np.exp(loss) - OFFSET), float(np.exp(seconds))

    return told


def _axes(lines: Sequence[Line]) -> list[Callable[[Mapping[str, Any]], float]]:
    """Return what turns parameters into numbers from about 0 to 1; what a point does not name counts as the lowest."""
    points = [line["parameters"] for line in lines]
    axes: list[Callable[[Mapping[str, Any]], float]] = []
    for name in sorted({name for point in points for name in point}):
        values = [point[name] for point in points if name in point]
        if isinstance(values[0], str | bool):
            axes.extend(_is(name, level) for level in sorted(set(values), key=str)[1:])
        else:
            axes.append(_along(name, float(min(values)), float(max(values))))
    return axes


def _is(name: str, level: object) -> Callable[[Mapping[str, Any]], float]:
    return lambda point: float(point.get(name) == level)


def _along(name: str, low: float, high: float) -> Callable[[Mapping[str, Any]], float]:
    def place(point: Mapping[str, Any]) -> float:
        value = min(high, max(low, float(point.get(name, low))))
        if low > 0 and high / low > 10:
            return float(np.log(value / low) / np.log(high / low))
        return (value - low) / ((high - low) or 1.0)

    return place


def _report(sort: str, choices: Mapping[str, SearchSettings], worlds: Sequence[World], n_seeds: int) -> None:
    left: dict[str, dict[int, list[float]]] = {key: defaultdict(list) for key in choices}
    by_table: dict[str, dict[str, float]] = {key: {} for key in choices}
    milliseconds: dict[str, float] = {}
    for world in worlds:
        runs: dict[str, list[list[float]]] = {}
        for key, settings in choices.items():
            started = time.process_time()
            runs[key] = [[loss for loss, _ in world.searched(settings, seed, max(BUDGETS))] for seed in range(n_seeds)]
            spent = time.process_time() - started
            milliseconds[key] = milliseconds.get(key, 0.0) + 1000 * spent / (n_seeds * max(BUDGETS) * len(worlds))
        first = min(next(iter(runs.values()))[0][: len(world.families)])
        best = min(min(losses) for every in runs.values() for losses in every)
        for key, every in runs.items():
            for budget in BUDGETS:
                shares = [(min(losses[:budget]) - best) / max(first - best, 1e-12) for losses in every]
                left[key][budget].extend(shares)
            by_table[key][world.name] = statistics.fmean(shares)
    names = [world.name for world in worlds]
    columns = [f"left after {budget}" for budget in BUDGETS] + names + ["ms per candidate"]
    print(f"| {sort} | " + " | ".join(columns) + " |\n|" + "---|" * (len(columns) + 1))
    for key in choices:
        means = [f"{statistics.fmean(left[key][budget]):.2f} ± {_error(left[key][budget]):.2f}" for budget in BUDGETS]
        own = [f"{by_table[key][name]:.2f}" for name in names]
        print(f"| {key} | " + " | ".join([*means, *own, f"{milliseconds[key]:.0f}"]) + " |")
    print()


def _error(values: Sequence[float]) -> float:
    return statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0


def _report_pruners(tables: Mapping[str, Sequence[Line]]) -> None:
    """Replay each rule on recorded candidates in random orders: folds saved, and what the best found costs."""
    print("| pruner | folds fitted | best candidate given up | loss of the best found against the best there |")
    print("|---|---|---|---|")
    for pruner in pruners():
        fitted, missed, behind = [], [], []
        for lines in tables.values():
            for turn in range(SHUFFLES):
                order = np.random.default_rng(turn).permutation(len(lines))
                share, lost, ratio = _raced([lines[i]["losses"] for i in order], pruner.gives_up)
                fitted.append(share)
                missed.append(lost)
                behind.append(ratio)
        print(
            f"| {pruner.key} | {statistics.fmean(fitted):.0%} | {statistics.fmean(missed):.0%} | "
            f"{statistics.fmean(behind):.4f} |"
        )


def _raced(
    candidates: Sequence[Sequence[float]], gives_up: Callable[[Sequence[float], Race], bool]
) -> tuple[float, bool, float]:
    n_folds, n_fitted = len(candidates[0]), 0
    known: list[tuple[float, ...]] = []
    worst = max(statistics.fmean(losses) for losses in candidates)
    for number, losses in enumerate(candidates):
        best = min((statistics.fmean(each) for each in known), default=worst)
        rivals = sorted(known, key=lambda each: (len(each) < n_folds, statistics.fmean(each)))
        race = Race(number=number, rivals=tuple(rivals), margin=MARGIN * (worst - best))
        done = n_folds
        for position in range(1, n_folds):
            if gives_up(losses[:position], race):
                done = position
                break
        n_fitted += done
        known.append(tuple(losses[:done]))
    whole = min(statistics.fmean(each) for each in known if len(each) == n_folds)
    there = min(statistics.fmean(each) for each in candidates)
    scale = abs(there) or 1.0
    return n_fitted / (n_folds * len(candidates)), whole > there + 1e-12, 1 + (whole - there) / scale


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=Path, default=HERE / "trials.jsonl")
    parser.add_argument("--seeds", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
